"""The ledger: every value that a build computed for a reader, and where it stands.

Each build writes it to ``book/_build/numbers.json``: the values in sentences, and of what the cells
show each line of text, each cell of a table and each picture. What the build itself cost is not in
it. Put a ledger aside, build again, and see what moved::

    python book/_extensions/ledger.py OLD.json NEW.json

prints each place whose value is not the same, old above new. It exits with 0 if nothing moved, 1 if
something did, and 2 if a file is no ledger. Seconds, which no two builds share, are left out.
"""

import argparse
import difflib
import hashlib
import json
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from docutils import nodes
from nbformat import NotebookNode

FILE = "numbers.json"

_SECONDS = re.compile(r"seconds", re.IGNORECASE)
_PERCENT = re.compile(r"(-?\d+(?:\.\d+)?)\s?%")
_SENTENCE_ENDS = re.compile(r"[.!?:][\"')]*\s+")
_RULE = re.compile(r"^\|[ :|-]+\|$")
_BAR = re.compile(r"(?<!\\)\|")
_PICTURES = ("image/svg+xml", "image/png")


class Entry(NamedTuple):
    """A value, as a line of the ledger has it.

    Attributes
    ----------
    page : str
        The page, as ``_toc.yml`` names it.
    line : int
        Where in its source the sentence or the cell begins.
    kind : str
        What it is: ``value``, asked for by a sentence; or ``text``, ``table`` or ``picture``, shown
        by a cell.
    expression : str
        What was asked for: in a cell its last line; for a table, also the names of row and column.
    printed : str
        What a reader sees; of a picture, a hash.
    sentence : str
        The sentence or the row that it stands in.
    seconds : bool
        Whether it tells how long something took.
    """

    page: str
    line: int
    kind: str
    expression: str
    printed: str
    sentence: str
    seconds: bool


# --- in the build ---


def note(document: nodes.document, line: int, expression: str, found: list[nodes.Node]) -> None:
    """Put down what an ``{eval}`` gave, before the sentence around it is complete."""
    _noted(document).append((line, expression, found))


def entries(page: str, document: nodes.document, notebook: NotebookNode) -> list[Entry]:
    """Return what a page has computed, from its top to its end.

    Parameters
    ----------
    page : str
        Its name.
    document : nodes.document
        The page, just parsed.
    notebook : NotebookNode
        The page as MyST-NB has run it.
    """
    found = [*_asked(document), *_shown(notebook)]
    document.attributes.pop("noted", None)
    return [
        Entry(page, *entry, seconds=bool(_SECONDS.search(entry[2])))
        for entry in sorted(found, key=lambda entry: entry[0])
    ]


def write(ledger: Iterable[Entry], path: Path) -> None:
    """Write a line for each entry."""
    lines = [json.dumps(entry._asdict(), ensure_ascii=False) for entry in ledger]
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n", "utf-8")


def _noted(document: nodes.document) -> list[tuple[int, str, list[nodes.Node]]]:
    return document.attributes.setdefault("noted", [])


def _asked(document: nodes.document) -> Iterator[tuple[int, str, str, str, str]]:
    """Yield line, kind, expression, printed text and sentence of what the sentences asked for."""
    for line, expression, found in _noted(document):
        picture = next((image for node in found for image in node.findall(nodes.image)), None)
        if picture is not None:
            yield line, "picture", expression, Path(picture["uri"]).stem[:16], ""
        else:
            printed = "".join(node.astext() for node in found)
            yield line, "value", expression, printed, _sentence(found[0]) or printed


def _sentence(node: nodes.Node) -> str:
    """Return the sentence that a value stands in, or the table's row; nothing, if it is alone."""
    block = node
    while not isinstance(block, nodes.TextElement) or isinstance(block, nodes.Inline):
        if (block := block.parent) is None:
            return ""
    if isinstance(block.parent, nodes.entry):
        return " | ".join(" ".join(cell.astext().split()) for cell in block.parent.parent)
    value = next(node.findall(nodes.Text))
    texts = list(block.findall(nodes.Text))
    at = next(place for place, text in enumerate(texts) if text is value)
    before, rest = "".join(texts[:at]), "".join(texts[at:])
    start = max((end.end() for end in _SENTENCE_ENDS.finditer(before)), default=0)
    end = _SENTENCE_ENDS.search(rest, len(value) - 1)  # which may end with the sentence
    return " ".join((before[start:] + rest[: end.end() if end else None]).split())


def _shown(notebook: NotebookNode) -> Iterator[tuple[int, str, str, str, str]]:
    """Yield the same of what the cells show."""
    lines = notebook.metadata.get("source_map", [])  # from 0, as MyST-NB has it
    for before, cell in zip(lines, notebook.cells, strict=False):
        if cell.cell_type != "code" or "remove-output" in cell.metadata.get("tags", []):
            continue
        asks = cell.source.strip().rpartition("\n")[2].strip()
        for output in cell.outputs:
            for entry in _of_output(output, asks):
                yield before + 1, *entry


def _of_output(output: NotebookNode, asks: str) -> Iterator[tuple[str, str, str, str]]:
    data = output.get("data", {})
    picture = next(filter(None, map(data.get, _PICTURES)), None)
    if picture:
        yield "picture", asks, hashlib.sha256(picture.encode()).hexdigest()[:16], ""
    elif "text/markdown" in data:
        yield from _lines(data["text/markdown"], asks)
    elif output.get("name") != "stderr":
        for line in (output.get("text") or data.get("text/plain", "")).splitlines():
            if line.strip():
                yield "text", asks, line, line


def _lines(text: str, asks: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield the cells of a table by the names of row and column, and other lines as they are."""
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
            for column, value in zip(header[1:], values, strict=False):
                yield "table", f"{asks}: {name}, {column}", value, " | ".join([name, *values])


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in _BAR.split(line.strip("|"))]


# --- beside it ---


Pair = tuple[Entry | None, Entry | None]


def moved(old: list[Entry], new: list[Entry]) -> list[Pair]:
    """Return each entry whose value is not the same in two ledgers, old and new.

    Entries belong together by page, kind and expression, in their order, wherever they stand. What
    is asked for in other words, and reads the same in the same order, has not moved. An entry that
    has come or gone has None beside it. Seconds are left out.
    """
    pairs: list[Pair] = []
    for before, after in _groups(
        old, new, lambda entry: (entry.page, entry.kind, entry.expression)
    ):
        if len(before) == len(after):
            pairs += zip(before, after, strict=True)
        else:
            pairs += _aligned(before, after, lambda entry: entry.printed)
    pairs = [pair for pair in pairs if None not in pair]
    found = {id(entry) for pair in pairs for entry in pair}
    left = ([entry for entry in ledger if id(entry) not in found] for ledger in (old, new))
    for before, after in _groups(*left, lambda entry: entry.page):
        pairs += _aligned(before, after, _as_read)
    pages = list(dict.fromkeys(entry.page for entry in [*new, *old]))
    pairs.sort(key=lambda pair: (pages.index(_here(*pair).page), _here(*pair).line))
    return [pair for pair in pairs if not _same(*pair) and not any(e and e.seconds for e in pair)]


def _here(old: Entry | None, new: Entry | None) -> Entry:
    return new or old


def _same(old: Entry | None, new: Entry | None) -> bool:
    return None not in (old, new) and old.printed == new.printed


def _as_read(entry: Entry) -> tuple[str, str, str]:
    """Return what a reader sees of an entry; of its row the name alone, for seconds may follow."""
    around = entry.sentence.partition(" | ")[0] if entry.kind == "table" else entry.sentence
    return entry.kind, around, entry.printed


def _groups(
    old: Iterable[Entry], new: Iterable[Entry], name: Callable[[Entry], Hashable]
) -> Iterator[tuple[list[Entry], list[Entry]]]:
    groups = defaultdict(lambda: ([], []))
    for ledger, entries_ in enumerate((old, new)):
        for entry in entries_:
            groups[name(entry)][ledger].append(entry)
    return iter(groups.values())


def _aligned(
    old: list[Entry], new: list[Entry], key: Callable[[Entry], Hashable]
) -> Iterator[Pair]:
    keys = ([key(entry) for entry in ledger] for ledger in (old, new))
    for what, from_, to, start, end in difflib.SequenceMatcher(
        None, *keys, autojunk=False
    ).get_opcodes():
        if what == "equal":
            yield from zip(old[from_:to], new[start:end], strict=True)
        else:
            yield from ((entry, None) for entry in old[from_:to])
            yield from ((None, entry) for entry in new[start:end])


def read(path: Path) -> list[Entry]:
    """Return a ledger that a build wrote.

    Raises
    ------
    ValueError
        If there is none in the file, or no file.
    """
    try:
        return [Entry(**entry) for entry in json.loads(path.read_text("utf-8"))]
    except (OSError, TypeError, ValueError) as error:
        raise ValueError(f"{path}: expected a ledger, got {error}") from None


def by_page(old: Iterable[Entry], new: Iterable[Entry]) -> list[tuple[str, int, int, float]]:
    """Say of each page how many values it has, how many moved, and by how many points at most.

    Points are those of percentages; values with seconds are left out. The pages come in the order
    of the new ledger.
    """
    new = list(new)
    found = {entry.page: [0, 0, 0.0] for entry in new}
    for entry in new:
        found[entry.page][0] += not entry.seconds
    for pair in moved(old, new):
        page = found.setdefault(_here(*pair).page, [0, 0, 0.0])
        page[1] += 1
        if all(pair):
            shares = [list(map(float, _PERCENT.findall(entry.printed))) for entry in pair]
            if len(shares[0]) == len(shares[1]):
                apart = [abs(one - other) for one, other in zip(*shares, strict=True)]
                page[2] = max([page[2], *apart])
    return [(page, *counts) for page, counts in found.items()]


def main() -> int:
    """Print what moved between two ledgers; return 0 if nothing did."""
    parser = argparse.ArgumentParser(description="What moved between two builds of the book.")
    parser.add_argument("old", type=Path, help=f"{FILE} of an earlier build")
    parser.add_argument("new", type=Path, help="that of a later one")
    parser.add_argument("--by-page", action="store_true", help="count by page, divided by tabs")
    paths = parser.parse_args()
    try:
        old, new = read(paths.old), read(paths.new)
    except ValueError as error:
        parser.error(str(error))
    if paths.by_page:
        print("page", "values", "moved", "points at most", sep="\t")
        for page, values, moved_here, points in by_page(old, new):
            print(page, values, moved_here, f"{points:.1f}" if points else "", sep="\t")
        return 0
    pairs = moved(old, new)
    for pair in pairs:
        here = _here(*pair)
        print(f"{here.page}, line {here.line}: {here.expression}")
        for sign, entry in zip("-+", pair, strict=True):
            if entry:
                print(f"  {sign} {entry.printed}")
                if entry.sentence not in ("", entry.printed):
                    print(f"      in: {entry.sentence}")
    print(f"{len(old)} values before, {len(new)} after: {len(pairs)} moved, seconds aside")
    return 1 if pairs else 0


if __name__ == "__main__":
    sys.exit(main())
