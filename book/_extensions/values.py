"""Every value is computed anew, or the build stops and says which one was not.

MyST-NB runs the cells and the ``{eval}`` roles. As it comes, it only warns of a value that it
cannot compute, does not say which cell failed, and does not notice that the package has changed.
"""

import hashlib
import re
from contextlib import nullcontext
from itertools import chain
from pathlib import Path

from docutils import nodes
from myst_nb.core.execute.base import ExecutionError
from myst_nb.ext.eval import EvalDirectiveAny, EvalFigureDirective, EvalRoleAny
from myst_nb.sphinx_ import Parser
from nbclient.exceptions import DeadKernelError
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import SphinxError
from sphinx.util.console import strip_colors

from . import drafts, kernels, ledger, notebooks, pages, trainings

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
        return _checked(self, super().run())


class RecomputedFigure(EvalFigureDirective):
    """The directive ``{eval:figure}``: a figure that stands apart from its cell."""

    def run(self) -> list[nodes.Node]:
        return _checked(self, super().run())


class RecomputingParser(Parser):
    """MyST-NB's parser, which here names a cell that fails, and watches the package."""

    def parse(self, inputstring: str, document: nodes.document) -> None:
        if skipped := _SKIPPED.search(inputstring):
            line = inputstring.count("\n", 0, skipped.start()) + 1
            raise NotComputed(
                f"{document['source']}, line {line}: a cell with the tag remove-cell may never "
                "run; the tags remove-input and remove-output hide it and run it"
            )
        page = self.env.docname
        self.env.metadata[page]["read"] = _contents(self.env, page)
        computes = "{code-cell}" in inputstring
        try:
            with trainings.cost(self.env) if computes else nullcontext():
                super().parse(inputstring, document)
        except (ExecutionError, DeadKernelError) as error:
            reason = strip_colors(str(error.__cause__ or error))
            raise NotComputed(f"{document['source']}, {_last_cell(document)}: {reason}") from error
        if computes:
            notebook = notebooks.executed(self.env.app, page)
            self.env.metadata[page]["ledger"] = ledger.entries(page, document, notebook)
            if self.env.config.rahulml_draft:
                drafts.mark(document)


def pages_that_changed(app: Sphinx, env: BuildEnvironment, *by_date: set[str]) -> list[str]:
    """Return the pages that are not what was read, or whose package is not.

    Sphinx goes by dates. A clock may be set back, and a file may come with the date it had.
    """
    known = env.found_docs & set(env.all_docs)
    return [page for page in known if env.metadata[page].get("read") != _contents(env, page)]


def _contents(env: BuildEnvironment, page: str) -> str:
    text = Path(env.doc2path(page)).read_bytes()
    return hashlib.sha256(text + kernels.package_sum() if b"rahulml" in text else text).hexdigest()


def write_ledger(app: Sphinx, env: BuildEnvironment) -> None:
    found = [env.metadata[page].get("ledger", []) for page in pages.in_order(env)]
    ledger.write(chain.from_iterable(found), Path(app.outdir).parent / ledger.FILE)


def _checked(directive: EvalDirectiveAny, found: list[nodes.Node]) -> list[nodes.Node]:
    (expression,) = directive.arguments
    for message in found:
        if isinstance(message, nodes.system_message):
            raise NotComputed(_place(directive, expression) + message[0].astext())
    ledger.note(directive.document, directive.line, expression, found)
    return found


def _place(role: EvalRoleAny | EvalDirectiveAny, expression: str) -> str:
    return f"{role.source}, line {role.line}, {{eval}} of {expression}: "


def _last_cell(document: nodes.document) -> str:
    """Name the cell that the kernel was given last."""
    client = document["nb_renderer"].renderer.nb_client
    last = client._last_cell_executed  # MyST-NB offers no public way to ask
    code = [i for i, cell in enumerate(client.notebook.cells) if cell.cell_type == "code"]
    return f"cell {code.index(last) + 1} of {len(code)}, line {client.cell_line(last)}"
