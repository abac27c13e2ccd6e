"""A draft, asked for with ``RAHULML_DRAFT=1``, takes over what earlier builds computed.

Every build puts aside what the cells of a page gave and what its sentences asked for. A draft looks
there first: after an edit of prose no cell runs. All cells of a page run again when one of them,
the package, or what is installed beside it has changed, or when a sentence asks for what none asked
for before. Each page that is part of a draft says so.
"""

import hashlib
import json
import os
import sysconfig
from bisect import bisect_right
from pathlib import Path
from typing import Any

import myst_nb.sphinx_
from docutils import nodes
from myst_nb.core.execute import NotebookClientInline
from myst_nb.core.utils import coalesce_streams
from nbformat import NotebookNode, from_dict
from sphinx.application import Sphinx
from sphinx.util import logging

from .kernels import package_sum
from .trainings import logged

logger = logging.getLogger(__name__)


class Recorder(NotebookClientInline):
    """MyST-NB's client, which here puts aside what it hears, and in a draft may find it there."""

    def __init__(self, *args: Any, record: Path, draft: bool):
        super().__init__(*args)
        cells = self.notebook.cells
        self._code = [i for i, cell in enumerate(cells) if cell.cell_type == "code"]
        self._record = record
        self._found = _read(record) if draft else None
        self._values: dict[str, list[NotebookNode]] = {}

    def start_client(self) -> None:
        """Start a kernel, unless the page was found."""
        self._trainings_before = len(logged())
        if self._found:
            self._last_cell_executed = -1
            self.notebook.metadata["language_info"] = from_dict(self._found["language_info"])
        else:
            super().start_client()

    def code_cell_outputs(self, cell_index: int) -> tuple[int | None, list[NotebookNode]]:
        """Return what a cell gives, or gave.

        What it prints may come in parts. They are put together here, for MyST-NB does so in a list
        of its own and leaves the later parts in the notebook, where they would count twice.
        """
        cell = self.notebook.cells[cell_index]
        if self._found:
            cell.update(from_dict(self._found["cells"][self._code.index(cell_index)]))
            self._last_cell_executed = cell_index
        else:
            super().code_cell_outputs(cell_index)
        cell.outputs = coalesce_streams(cell.outputs)
        return cell.execution_count, cell.outputs

    def eval_variable(self, name: str) -> list[NotebookNode]:
        """Return what an expression gives at this place of the page, or gave."""
        place = f"{bisect_right(self._code, self._last_cell_executed)}: {name}"
        if self._found and place not in self._found["values"]:
            self._run_after_all()
        if self._found:
            self._values[place] = from_dict(self._found["values"][place])
        else:
            self._values[place] = super().eval_variable(name)
        return self._values[place]

    def _run_after_all(self) -> None:
        reached, self._found = self._last_cell_executed, None
        self.start_client()
        if reached >= 0:
            super().code_cell_outputs(reached)

    def finalise_client(self) -> None:
        """Ask the kernel for widgets, if there is one."""
        if not self._found:
            super().finalise_client()

    def close_client(self, exc_type: type | None, *error: Any) -> None:
        """End the kernel, if there is one, and put aside what it gave."""
        if self._found:
            with Path(os.environ["RAHULML_LOG"]).open("a", encoding="utf-8") as log:
                for training in self._found["trainings"]:
                    print(json.dumps(training | {"kept": True}), file=log)
            return
        super().close_client(exc_type, *error)
        if exc_type is None:
            cells = [self.notebook.cells[i] for i in self._code]
            record = {
                "language_info": self.notebook.metadata["language_info"],
                "cells": [
                    {key: cell[key] for key in ("execution_count", "outputs")} for cell in cells
                ],
                "values": self._values,
                "trainings": logged()[self._trainings_before :],
            }
            _write(record, self._record)


def _write(record: dict, path: Path) -> None:
    """Write a record under a line with its sum, whole or not at all."""
    text = json.dumps(record).encode()
    part = path.with_suffix(f".{os.getpid()}")
    part.write_bytes(hashlib.sha256(text).hexdigest().encode() + b"\n" + text)
    part.replace(path)


def _read(path: Path) -> dict | None:
    """Return a record that was put aside, if there is one and it is as it was written."""
    if not path.is_file():
        return None
    told, _, text = path.read_bytes().partition(b"\n")
    if told.decode("latin1") == hashlib.sha256(text).hexdigest():
        return json.loads(text)
    logger.warning("%s is not as it was written: its page is computed again", path)
    return None


def bring_recorder(app: Sphinx) -> None:
    """Put it in the place of MyST-NB's own client: there is no public way."""
    records = Path(os.environ["RAHULML_STORE"]) / "pages"
    records.mkdir(exist_ok=True)
    installed = sorted(Path(sysconfig.get_path("purelib")).glob("*.dist-info"))
    around = [package_sum(), *(os.fsencode(folder.name) for folder in installed)]

    def create_client(notebook, source, nb_config, logger, read_fmt=None):
        code = [cell.source.encode() for cell in notebook.cells if cell.cell_type == "code"]
        name = hashlib.sha256(b"\0".join([*around, source.encode(), *code])).hexdigest()
        return Recorder(
            *(notebook, Path(source), nb_config, logger),
            record=records / f"{name}.json",
            draft=app.config.rahulml_draft,
        )

    myst_nb.sphinx_.create_client = create_client


def mark(document: nodes.document) -> None:
    """Say on a page that it is a draft."""
    says = "A draft: what an earlier build computed may have been taken over."
    title = next(document.findall(nodes.title))
    title.parent.insert(title.parent.index(title) + 1, nodes.warning("", nodes.paragraph("", says)))
