"""A book of a few small pages, built with the settings, extension and package of the real one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml
from bs4 import BeautifulSoup
from pages import ROOT, text_of

BIN = Path(sys.executable).parent

HEADER = """---
jupytext: {text_representation: {extension: .md, format_name: myst}}
kernelspec: {display_name: Python 3, language: python, name: python3}
file_format: mystnb
---
# A page

"""
CELL = "```{code-cell} ipython3\n"


def run(*command, cwd, **environment):
    """Run a program of this environment as from a shell, without what the tests put on the path."""
    ours = ("PYTHONPATH", "MPLBACKEND")
    clean = {name: value for name, value in os.environ.items() if name not in ours}
    return subprocess.run(
        [BIN / command[0], *command[1:]],
        cwd=cwd,
        env=clean | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


class SmallBook:
    """A clone with pages of its own, and the book's own settings, extension and package."""

    def __init__(self, folder):
        self.folder = folder
        for name in ("rahulml", "book/_extensions", "book/_static", "book/_templates"):
            shutil.copytree(
                ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        for name in ("_config.yml", "_toc.yml", "references.bib"):
            shutil.copy(ROOT / "book" / name, folder / "book")
        self.write("book/index.md", "# Front\n")

    def write(self, name, text):
        (self.folder / name).write_text(text, "utf-8")

    def build(self, *chapters, **environment):
        toc = {
            "format": "jb-book",
            "root": "index",
            "chapters": [{"file": name} for name in chapters],
        }
        self.write("book/_toc.yml", yaml.safe_dump(toc))
        return run("jupyter-book", "build", "book/", cwd=self.folder, **environment)

    def text(self, page):
        html = (self.folder / f"book/_build/html/{page}.html").read_text("utf-8")
        return text_of(BeautifulSoup(html, "lxml"))
