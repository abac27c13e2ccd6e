"""What the pages train: a folder to keep it in, a line for each, and what all of it cost.

What several pages show is trained once in a build, and kept in a folder that each build finds
empty, drafts aside (``drafts.py``). What each page and each training took, the directive
``{build-cost}`` tells.
"""

import json
import os
import platform
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

# --- the folder, and the log ---


def open_store(app: Sphinx) -> None:
    """Give the build a folder for finished trainings, and show each one in the build's log."""
    store = Path(app.outdir).resolve().parent / "trainings"
    if not app.config.rahulml_draft:
        shutil.rmtree(store, ignore_errors=True)
    store.mkdir(parents=True, exist_ok=True)
    log = store / "log"
    log.write_text("", "utf-8")
    app.programs = TemporaryDirectory()  # what JAX compiles is code, and goes with the build
    os.environ.update(
        RAHULML_STORE=str(store),
        RAHULML_LOG=str(log),
        JAX_COMPILATION_CACHE_DIR=app.programs.name,
    )
    app.teller = _Teller(log)
    app.teller.start()


def close_log(app: Sphinx, exception: Exception | None) -> None:
    app.teller.finish()  # or the program might end before the last lines are told


def logged() -> list[dict]:
    """Return what `rahulml.study` has logged in this build."""
    return [json.loads(line) for line in Path(os.environ["RAHULML_LOG"]).open(encoding="utf-8")]


class _Teller(threading.Thread):
    def __init__(self, log: Path):
        super().__init__(daemon=True)
        self._log, self._finished = log, threading.Event()

    def run(self) -> None:
        logger = logging.getLogger(__name__)
        with self._log.open(encoding="utf-8") as lines:
            last = False
            while not last:
                last = self._finished.wait(0.5)
                for training in map(json.loads, lines):
                    training["how"] = "kept" if training["kept"] else "trained"
                    logger.info(
                        "%(how)s: %(machine)s, seed %(seed)d, %(seconds).1f s, mock exam "
                        "%(mock_score).3f after loop %(chosen_loop)d of %(loops)d",
                        training,
                    )

    def finish(self) -> None:
        self._finished.set()
        self.join()


# --- what they cost ---


@contextmanager
def cost(env: BuildEnvironment) -> Iterator[None]:
    """Put down what is spent on the page that is computed meanwhile."""
    started, lines_before = time.perf_counter(), len(logged())
    yield
    env.metadata[env.docname]["cost"] = {
        "seconds": time.perf_counter() - started,
        "trainings": logged()[lines_before:],
    }


class BuildCost(SphinxDirective):
    """``{build-cost} all | pages | trainings``: filled in when all pages have been computed.

    A sentence for the whole book, or a table of its pages or its trainings.
    """

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        of = directives.choice(self.arguments[0], tuple(TELLERS))
        self.env.metadata[self.env.docname]["tells-cost"] = True
        return [Cost(of=of)]


class Cost(nodes.General, nodes.Element):
    """Where it will stand."""


def pages_that_tell_cost(app: Sphinx, env: BuildEnvironment) -> list[str]:
    return [name for name in env.found_docs if "tells-cost" in env.metadata[name]]


def tell_cost(app: Sphinx, document: nodes.document, docname: str) -> None:
    for place in list(document.findall(Cost)):
        costs = {
            name: app.env.metadata[name]["cost"] | {"title": app.env.titles[name].astext()}
            for name in sorted(app.env.found_docs)
            if "cost" in app.env.metadata[name]
        }
        place.replace_self(TELLERS[place["of"]](list(costs.values())))


def _cost_of_all(costs: list[dict]) -> nodes.paragraph:
    seconds = sum(cost["seconds"] for cost in costs)
    trained = sum(not training["kept"] for cost in costs for training in cost["trainings"])
    return nodes.paragraph(
        "",
        "",
        nodes.Text("All numbers of this book were computed in "),
        nodes.strong("", f"{seconds / 60:.0f} minutes"),
        nodes.Text(f", with {trained} trainings, on {_machine()}."),
    )


def _machine() -> str:
    """Name the processor, and how much of it may be used."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    told = Path("/proc/cpuinfo")
    lines = told.read_text("utf-8").splitlines() if told.exists() else []
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return f"{cores} cores of this processor: {next(iter(names), platform.machine())}"


def _cost_of_pages(costs: list[dict]) -> nodes.container:
    rows = []
    for cost in costs:
        kept = sum(training["kept"] for training in cost["trainings"])
        trained = len(cost["trainings"]) - kept
        seconds = cost["seconds"]
        rows.append([cost["title"], f"{seconds:.1f} s", str(trained), str(kept)])
    total = sum(cost["seconds"] for cost in costs)
    trained, kept = (sum(int(row[column]) for row in rows) for column in (2, 3))
    rows.append(["all pages", f"{total:.1f} s", str(trained), str(kept)])
    return _table(["page", "computed in", "trainings", "taken from an earlier page"], rows)


def _cost_of_trainings(costs: list[dict]) -> nodes.container:
    kinds: dict[tuple[str, str], list[float]] = {}
    for cost in costs:
        for training in cost["trainings"]:
            if not training["kept"]:
                kind = training["machine"], training["engine"]
                kinds.setdefault(kind, []).append(training["seconds"])
    rows = [
        [machine, engine, str(len(seconds)), f"{min(seconds):.1f} s", f"{max(seconds):.1f} s"]
        for (machine, engine), seconds in kinds.items()
    ]
    return _table(["machine", "engine", "trainings", "quickest", "slowest"], rows)


TELLERS = {"all": _cost_of_all, "pages": _cost_of_pages, "trainings": _cost_of_trainings}


def _table(header: list[str], rows: list[list[str]]) -> nodes.container:
    def row(cells: list[str]) -> nodes.row:
        return nodes.row("", *(nodes.entry("", nodes.paragraph("", cell)) for cell in cells))

    group = nodes.tgroup(
        "",
        *(nodes.colspec(colwidth=1) for _ in header),
        nodes.thead("", row(header)),
        nodes.tbody("", *map(row, rows)),
        cols=len(header),
    )
    # Furo puts each table into such a container, but has been by when these are filled in.
    return nodes.container("", nodes.table("", group), classes=["table-wrapper"])
