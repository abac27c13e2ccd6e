"""Every number is recomputed, or the build stops and says which one was not.

MyST-NB runs the cells and the ``{eval}`` roles. As it comes, it only warns of a number that it
cannot compute, does not say which cell failed, and does not notice that the package has changed.

What several chapters show is trained once in a build, and kept in a folder that each build finds
empty, drafts aside (``drafting.py``). What each page and each training took, the directive
``{build-cost}`` tells.
"""

import json
import os
import re
import shutil
import threading
import time
from pathlib import Path

import drafting
import ledger
from docutils import nodes
from drafting import trainings
from myst_nb.core.execute.base import ExecutionError
from myst_nb.ext.eval import EvalDirectiveAny, EvalFigureDirective, EvalRoleAny
from myst_nb.sphinx_ import Parser
from nbclient.exceptions import DeadKernelError
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import SphinxError
from sphinx.util import logging
from sphinx.util.console import strip_colors
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).resolve().parents[2]

# What stands on the page when a number was not computed, or not written for a reader.
_NO_NUMBER = re.compile(r"^\s*$|\b(nan|inf)\b|\bnp\.\w+\(")

# MyST-NB runs a cell with this tag only on the way to a later one: the last of a page never runs.
_SKIPPED = re.compile(r"^[^`\n]*tags:.*\bremove[-_]cell\b", re.MULTILINE)


class NotComputed(SphinxError):
    """A cell failed, or a number in a sentence could not be computed."""

    category = "Not computed"


class RecomputedNumber(EvalRoleAny):
    """The role ``{eval}``: a value in a sentence."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        found, messages = super().run()
        text = "".join(node.astext() for node in found)
        if messages:
            raise NotComputed(_place(self, self.text) + messages[0][0].astext())
        if _NO_NUMBER.search(text):
            raise NotComputed(_place(self, self.text) + f"expected a number, got {text!r}")
        ledger.note(self.document, self.line, self.text, found)
        return found, messages


class RecomputedBlock(EvalDirectiveAny):
    """The directive ``{eval}``: a value that stands alone."""

    def run(self) -> list[nodes.Node]:
        found = super().run()
        for message in found:
            if isinstance(message, nodes.system_message):
                raise NotComputed(_place(self, self.arguments[0]) + message[0].astext())
        ledger.note(self.document, self.line, self.arguments[0], found)
        return found


class RecomputedFigure(RecomputedBlock, EvalFigureDirective):
    """The directive ``{eval:figure}``: a figure that stands apart from its cell."""

    option_spec = EvalFigureDirective.option_spec
    has_content = EvalFigureDirective.has_content


class RecomputingParser(Parser):
    """MyST-NB's parser, which here names a cell that fails, and watches the package."""

    def parse(self, inputstring: str, document: nodes.document) -> None:
        if skipped := _SKIPPED.search(inputstring):
            line = inputstring.count("\n", 0, skipped.start()) + 1
            raise NotComputed(
                f"{document['source']}, line {line}: a cell with the tag remove-cell may never "
                "run; the tags remove-input and remove-output hide it and run it"
            )
        started, lines_before = time.perf_counter(), len(trainings())
        try:
            super().parse(inputstring, document)
        except (ExecutionError, DeadKernelError) as error:
            reason = strip_colors(str(error.__cause__ or error))
            raise NotComputed(f"{document['source']}, {_last_cell(document)}: {reason}") from error
        executed = Path(self.env.app.outdir).parent / "jupyter_execute"  # MyST-NB's place
        self.env.metadata[self.env.docname]["ledger"] = ledger.entries(
            document, executed / f"{self.env.docname}.ipynb"
        )
        if "{code-cell}" in inputstring:
            self.env.metadata[self.env.docname]["cost"] = {
                "seconds": time.perf_counter() - started,
                "trainings": trainings()[lines_before:],
            }
            if self.env.config.rahulml_draft:
                drafting.mark(document)
        if "rahulml" in inputstring:
            for module in sorted((ROOT / "rahulml").rglob("*.py")):
                self.env.note_dependency(str(module))


def _place(role: EvalRoleAny | EvalDirectiveAny, expression: str) -> str:
    return f"{role.source}, line {role.line}, {{eval}} of {expression}: "


def _last_cell(document: nodes.document) -> str:
    """Name the cell that the kernel was given last."""
    client = document["nb_renderer"].renderer.nb_client
    last = client._last_cell_executed  # MyST-NB offers no public way to ask
    code = [i for i, cell in enumerate(client.notebook.cells) if cell.cell_type == "code"]
    return f"cell {code.index(last) + 1} of {len(code)}, line {client.cell_line(last)}"


def _prepare_kernels(app: Sphinx) -> None:
    """Let the kernels import the package beside this book, and show figures, wherever they run."""
    others = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), others]))
    os.environ.pop("MPLBACKEND", None)


def _prepare_store(app: Sphinx) -> None:
    """Give the build a folder for finished trainings, and show each one in the build's log."""
    store = Path(app.outdir).resolve().parent / "trainings"
    if not app.config.rahulml_draft:
        shutil.rmtree(store, ignore_errors=True)
    store.mkdir(parents=True, exist_ok=True)
    log = store / "log"
    log.write_text("", "utf-8")
    os.environ.update(RAHULML_STORE=str(store), RAHULML_LOG=str(log))

    finished = threading.Event()
    teller = threading.Thread(target=_show_lines, args=(log, finished), daemon=True)
    teller.start()

    def let_it_finish(*_: object) -> None:
        finished.set()
        teller.join()  # or the program might end before the last lines are told

    app.connect("build-finished", let_it_finish)


def _show_lines(log: Path, finished: threading.Event) -> None:
    logger = logging.getLogger(__name__)
    with log.open(encoding="utf-8") as lines:
        while True:
            last = finished.wait(0.5)
            for training in map(json.loads, lines):
                training["how"] = "kept" if training["kept"] else "trained"
                logger.info(
                    "%(how)s: %(machine)s, seed %(seed)d, %(seconds).1f s, mock exam "
                    "%(mock_score).3f after loop %(chosen_loop)d of %(loops)d",
                    training,
                )
            if last:
                return


def _write_ledger(app: Sphinx, env: BuildEnvironment) -> None:
    below = env.toctree_includes
    order = [env.config.root_doc]
    for page in order:
        order += below.get(page, [])
    pages = {page: env.metadata[page].get("ledger", []) for page in order}
    ledger.write(pages, Path(app.outdir).parent / ledger.NAME)


class BuildCost(SphinxDirective):
    """The directive ``{build-cost}``: two tables, filled in when all pages have been computed."""

    def run(self) -> list[nodes.Node]:
        self.env.metadata[self.env.docname]["tells-cost"] = True
        return [_Cost()]


class _Cost(nodes.General, nodes.Element):
    """Where the tables will stand."""


def _pages_that_tell_cost(app: Sphinx, env: BuildEnvironment) -> list[str]:
    return [name for name in env.found_docs if "tells-cost" in env.metadata[name]]


def _tell_cost(app: Sphinx, document: nodes.document, docname: str) -> None:
    for place in list(document.findall(_Cost)):
        costs = {
            name: app.env.metadata[name]["cost"]
            for name in sorted(app.env.found_docs)
            if "cost" in app.env.metadata[name]
        }
        place.replace_self([_cost_of_pages(app, costs), _cost_of_trainings(costs)])


def _cost_of_pages(app: Sphinx, costs: dict[str, dict]) -> nodes.container:
    rows = []
    for name, cost in costs.items():
        kept = sum(training["kept"] for training in cost["trainings"])
        trained = len(cost["trainings"]) - kept
        seconds = cost["seconds"]
        rows.append([app.env.titles[name].astext(), f"{seconds:.1f} s", str(trained), str(kept)])
    total = sum(cost["seconds"] for cost in costs.values())
    trained, kept = (sum(int(row[column]) for row in rows) for column in (2, 3))
    rows.append(["all pages", f"{total:.1f} s", str(trained), str(kept)])
    return _table(["page", "computed in", "trainings", "taken from an earlier page"], rows)


def _cost_of_trainings(costs: dict[str, dict]) -> nodes.container:
    kinds: dict[tuple[str, str], list[float]] = {}
    for cost in costs.values():
        for training in cost["trainings"]:
            if not training["kept"]:
                kind = training["machine"], training["engine"]
                kinds.setdefault(kind, []).append(training["seconds"])
    rows = [
        [machine, engine, str(len(seconds)), f"{min(seconds):.1f} s", f"{max(seconds):.1f} s"]
        for (machine, engine), seconds in kinds.items()
    ]
    return _table(["machine", "engine", "trainings", "quickest", "slowest"], rows)


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


def setup(app: Sphinx) -> dict[str, bool]:
    app.setup_extension("drafting")
    app.add_role("eval", RecomputedNumber(), override=True)
    app.add_directive("eval", RecomputedBlock, override=True)
    app.add_directive_to_domain("eval", "figure", RecomputedFigure, override=True)
    app.add_source_parser(RecomputingParser, override=True)
    app.connect("builder-inited", _prepare_kernels)
    app.connect("builder-inited", _prepare_store)
    app.add_node(_Cost)
    app.add_directive("build-cost", BuildCost)
    app.connect("env-updated", _pages_that_tell_cost)
    app.connect("env-check-consistency", _write_ledger)
    app.connect("doctree-resolved", _tell_cost)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
