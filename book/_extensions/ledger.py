"""The ledger: every value that a build computed, where it stands, and what stands around it.

Each build writes it to ``book/_build/numbers.json``. To see what moved between two builds::

    python book/_extensions/ledger.py OLD.json NEW.json

prints each place of which the value is another, old beside new, and exits with 1; seconds, which no
two builds share, are left out.
"""

import argparse
import difflib
import hashlib
import json
import re
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
from docutils import nodes

Entry = dict[str, Any]

NAME = "numbers.json"

_SECONDS = re.compile(r"seconds", re.IGNORECASE)
_SENTENCE_ENDS = re.compile(r"[.!?:][\"')]*\s+")
_RULE = re.compile(r"^\|[ :|-]+\|$")
_PICTURES = ("image/svg+xml", "image/png")


# --- in the build ---


def note(document: nodes.document, line: int, expression: str, found: list[nodes.Node]) -> None:
    """Put down a value that a sentence asked for, before the sentence around it is complete."""
    _asked(document).append((line, expression, found))


def entries(document: nodes.document, executed: Path) -> list[Entry]:
    """Return what a page has computed, from its top to its end.

    Parameters
    ----------
    document : nodes.document
        The page, just parsed.
    executed : Path
        The page as MyST-NB has run it, a notebook with what each cell gave.
    """
    values = [
        {
            "line": line,
            "kind": "value",
            "expression": expression,
            "printed": "".join(node.astext() for node in found),
            "sentence": _sentence(found[0]),
        }
        for line, expression, found in _asked(document)
    ]
    document.attributes.pop("ledger", None)
    found = [*values, *_given(executed)]
    for entry in found:
        entry["seconds"] = bool(_SECONDS.search(entry["expression"]))
    return found


def write(pages: dict[str, list[Entry]], path: Path) -> None:
    """Write the ledger: a line for each entry, page by page in the book's order."""
    lines = [
        json.dumps({"page": page, **entry}, ensure_ascii=False)
        for page, found in pages.items()
        for entry in found
    ]
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n", "utf-8")


def _asked(document: nodes.document) -> list[tuple]:
    return document.attributes.setdefault("ledger", [])


def _sentence(node: nodes.Node) -> str:
    """Return the sentence that a value stands in, or its line of a table."""
    block = node
    while block.parent is not None and not _is_block(block):
        block = block.parent
    if isinstance(block.parent, nodes.entry):
        return " | ".join(entry.astext() for entry in block.parent.parent)
    before, value = "", next(node.findall(nodes.Text), node)
    for text in block.findall(nodes.Text):
        if text is value:
            break
        before += text.astext()
    start = max((end.end() for end in _SENTENCE_ENDS.finditer(before)), default=0)
    rest = block.astext()[start:]
    end = _SENTENCE_ENDS.search(rest, len(before) - start)
    return " ".join(rest[: end.end() if end else None].split())


def _is_block(node: nodes.Node) -> bool:
    return isinstance(node, nodes.TextElement) and not isinstance(node, nodes.Inline)


def _given(executed: Path) -> Iterator[Entry]:
    """Yield what the cells of a page show: each line of text, cell of a table, and picture."""
    if not executed.is_file():
        return
    cells = [cell for cell in nbformat.read(executed, 4).cells if cell.cell_type == "code"]
    for number, cell in enumerate(cells, start=1):
        if "remove-output" in cell.metadata.get("tags", []):
            continue
        asks = cell.source.strip().rpartition("\n")[2].strip()
        for output in cell.outputs:
            data = output.get("data", {})
            picture = next(filter(None, map(data.get, _PICTURES)), None)
            if picture:
                shown = [("picture", asks, hashlib.sha256(picture.encode()).hexdigest()[:16], "")]
            elif "text/markdown" in data:
                shown = list(_lines(data["text/markdown"], asks))
            elif output.get("name") == "stderr":
                shown = []
            else:
                text = output.get("text") or data.get("text/plain", "")
                shown = [("text", asks, line, line) for line in text.splitlines() if line.strip()]
            for kind, expression, printed, sentence in shown:
                yield {
                    "line": number,
                    "kind": kind,
                    "expression": expression,
                    "printed": printed,
                    "sentence": sentence,
                }


def _lines(text: str, asks: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield the cells of a table by the names of line and column, and other lines as they are."""
    header: list[str] = []
    for line, below in pairwise([*map(str.strip, text.splitlines()), ""]):
        if not line.startswith("|"):
            header = []
            if line:
                yield "text", asks, line, line
        elif _RULE.match(below):
            header = _cells(line)
        elif header and not _RULE.match(line):
            name, *values = _cells(line)
            for column, value in zip(header[1:], values, strict=True):
                yield "table", f"{asks}: {name}, {column}", value, " | ".join([name, *values])


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


# --- beside it ---


def moved(old: list[Entry], new: list[Entry]) -> Iterator[tuple[Entry | None, Entry | None]]:
    """Yield each entry that is not in both ledgers with the same value, old and new.

    Entries belong together by page and expression, in their order; lines may have moved. One that
    has come or gone has None beside it. Seconds are left out.
    """
    old, new = ([entry for entry in ledger if not entry["seconds"]] for ledger in (old, new))
    names = [[(e["page"], e["kind"], e["expression"]) for e in ledger] for ledger in (old, new)]
    matcher = difflib.SequenceMatcher(None, *names, autojunk=False)
    for what, from_, to, start, end in matcher.get_opcodes():
        if what != "equal":
            yield from ((entry, None) for entry in old[from_:to])
            yield from ((None, entry) for entry in new[start:end])
            continue
        for before, after in zip(old[from_:to], new[start:end], strict=True):
            if before["printed"] != after["printed"]:
                yield before, after


def main() -> int:
    """Print what moved between two ledgers; return 0 if nothing did."""
    parser = argparse.ArgumentParser(description="What moved between two builds of the book.")
    parser.add_argument("old", type=Path, help=f"an earlier build's {NAME}")
    parser.add_argument("new", type=Path, help="a later one's")
    paths = parser.parse_args()
    old, new = (json.loads(path.read_text("utf-8")) for path in (paths.old, paths.new))
    pairs = list(moved(old, new))
    for before, after in pairs:
        here = after or before
        print(f"{here['page']}, line {here['line']}: {here['expression']}")
        for sign, entry in (("-", before), ("+", after)):
            if entry:
                print(f"  {sign} {entry['printed']}")
                if entry["sentence"] != entry["printed"]:
                    print(f"      in: {entry['sentence']}")
    print(f"{len(old)} values before, {len(new)} after: {len(pairs)} moved, seconds aside")
    return 1 if pairs else 0


if __name__ == "__main__":
    sys.exit(main())
