"""The notebooks to write in: not pages of the book, but files beside it, not yet run."""

from pathlib import Path

import jupytext
import nbformat
from sphinx.application import Sphinx

from .notebooks import installs

FOLDER = "practice"


def write(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None or app.builder.name != "html":
        return
    for source in sorted(Path(app.srcdir, FOLDER).glob("*.md")):
        notebook = jupytext.read(source)
        commands = installs(app, "")
        notebook.cells[:0] = [nbformat.v4.new_code_cell(command) for command in commands]
        for number, cell in enumerate(notebook.cells):
            cell.id = f"cell-{number}"
        path = Path(app.outdir) / FOLDER / f"{source.stem}.ipynb"
        path.parent.mkdir(exist_ok=True)
        nbformat.write(notebook, path)
