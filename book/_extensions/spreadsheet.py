"""The cell as a spreadsheet, beside the pages: the package makes it, in a process of its own."""

import subprocess
import sys
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

NAME = "the-lstm-cell.xlsx"

_MAKE = "import sys; from rahulml.exercises import spreadsheet; spreadsheet(sys.argv[1])"


def write(app: Sphinx, exception: Exception | None) -> None:
    if exception is None and app.builder.name == "html":
        made = subprocess.run(
            [sys.executable, "-c", _MAKE, Path(app.outdir) / NAME],
            cwd=Path(app.srcdir).parent,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        if made.returncode:
            raise ExtensionError(f"{NAME} could not be made:\n{made.stderr}")
