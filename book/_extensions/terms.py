"""The index of terms: where each word of ``words.tsv`` is told, which Sphinx would leave empty."""

import csv
import re
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

from .kernels import PACKAGE

_ARTICLE_OR_CODE = re.compile(r"^(a|an|the) |`")


class IndexOfTerms(SphinxTransform):
    """Put the words that a page explains into the index, by the book's name and by the field's."""

    default_priority = 500

    def apply(self, **kwargs: Any) -> None:
        for of_docstrings in self.document.findall(addnodes.index):
            of_docstrings["entries"] = []  # the index is one of words
        page = self.document.next_node(nodes.section)
        for word in _words():
            if page is None or word["chapter"] != self.env.docname:
                continue
            names = [word["book"].split(",")[0], word["standard"]]
            place = self._first_bold(names[0]) or page
            if not place["ids"]:
                target = nodes.make_id(f"term-{names[0]}")
                place["ids"].append(target)
            target = place["ids"][0]
            plain = [_ARTICLE_OR_CODE.sub("", name).replace(";", ",") for name in names if name]
            entries = [("single", name, target, "", None) for name in dict.fromkeys(plain)]
            page.insert(1, addnodes.index(entries=entries))  # 0 is the title

    def _first_bold(self, name: str) -> nodes.strong | None:
        for strong in self.document.findall(nodes.strong):
            if strong.astext().lower() == name.lower():
                return strong
        return None


def _words() -> list[dict[str, str]]:
    with (PACKAGE / "words.tsv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE, restval=""))


def skip_fields(app: Sphinx, kind: str, name: str, thing: object, *_: Any) -> bool | None:
    """Leave a named tuple's fields to its docstring: on their own they say a number."""
    return True if type(thing).__name__ == "_tuplegetter" else None
