"""Whose work this book is built on: each package that is installed for it, and its licence."""

import re
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective


class Licences(SphinxDirective):
    """``{licences}``: a table of what requirements.txt pins and this build's environment has."""

    def run(self) -> list[nodes.Node]:
        pins = Path(self.env.app.confdir).parent / "requirements.txt"
        self.env.note_dependency(str(pins))
        rows = ["| package | version | licence |", "| --- | --- | --- |"]
        for name in sorted(re.findall(r"^([\w.-]+)==", pins.read_text("utf-8"), re.MULTILINE)):
            try:
                about = metadata(name)
            except PackageNotFoundError:  # one for another system, or another Python
                continue
            rows.append(f"| {name} | {about['Version']} | {licence(about)} |")
        return self.parse_text_to_nodes("\n".join(dict.fromkeys(rows)))


def licence(about: PackageMetadata) -> str:
    """Return what a package says of its licence, in the newest of the three ways to say it."""
    classifiers = about.get_all("Classifier", [])
    classified = [line.split(" :: ")[-1] for line in classifiers if line.startswith("License ::")]
    written = [text.strip().partition("\n")[0] for text in about.get_all("License", [])]
    for said in (about.get_all("License-Expression", []), classified, written):
        if any(said):
            return ", ".join(said)
    return "not said"
