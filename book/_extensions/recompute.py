"""Every number is recomputed, or the build stops and says which one was not.

MyST-NB runs the cells and the ``{eval}`` roles. As it comes, it only warns of a number that it
cannot compute, does not say which cell failed, and does not notice that the package has changed.
"""

import os
import re
from pathlib import Path

from docutils import nodes
from myst_nb.core.execute.base import ExecutionError
from myst_nb.ext.eval import EvalDirectiveAny, EvalFigureDirective, EvalRoleAny
from myst_nb.sphinx_ import Parser
from nbclient.exceptions import DeadKernelError
from sphinx.application import Sphinx
from sphinx.errors import SphinxError
from sphinx.util.console import strip_colors

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
        return found, messages


class RecomputedBlock(EvalDirectiveAny):
    """The directive ``{eval}``: a value that stands alone."""

    def run(self) -> list[nodes.Node]:
        found = super().run()
        for message in found:
            if isinstance(message, nodes.system_message):
                raise NotComputed(_place(self, self.arguments[0]) + message[0].astext())
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
        try:
            super().parse(inputstring, document)
        except (ExecutionError, DeadKernelError) as error:
            reason = strip_colors(str(error.__cause__ or error))
            raise NotComputed(f"{document['source']}, {_last_cell(document)}: {reason}") from error
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


def setup(app: Sphinx) -> dict[str, bool]:
    app.setup_extension("myst_nb")
    app.add_role("eval", RecomputedNumber(), override=True)
    app.add_directive("eval", RecomputedBlock, override=True)
    app.add_directive_to_domain("eval", "figure", RecomputedFigure, override=True)
    app.add_source_parser(RecomputingParser, override=True)
    app.connect("builder-inited", _prepare_kernels)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
