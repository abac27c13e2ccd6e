"""Worksheets: a question for each student on squared paper, and the key apart, as HTML or PDF."""

import html
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from rahulml.checks import one_of, shown, whole_number
from rahulml.exercises._make import TOPICS, Exercise, make
from rahulml.exercises._names import names_of

PAPERS = {"A4": (210, 297), "Letter": (216, 279)}
"""Sizes of paper, in millimetres."""

MOST = 1000
"""So many sheets are made at once at most."""


def worksheets(
    topic: str,
    to: str | os.PathLike,
    *,
    seed: int = 0,
    copies: int | None = None,
    names: str | os.PathLike | Iterable[str] | None = None,
    encoding: str | None = None,
    paper: str = "A4",
) -> tuple[Path, Path]:
    """Write a sheet for each student, each with numbers of its own, and the key for the teacher.

    Both files are written whole or not at all. A sheet has the question, squared paper to work on,
    and a place for each answer; it names topic and seed, with which `check` judges the answers.

    Parameters
    ----------
    topic : str
        One of `TOPICS`.
    to : path
        Where the sheets go: ``sheets.pdf`` or ``sheets.html``. The key goes beside them, into
        ``sheets-key.pdf`` or ``sheets-key.html``.
    seed : int
        The first student's; each next student has the next one.
    copies : int, optional
        How many sheets, at most `MOST`. If not said, one for each name, or a single one.
    names : path or iterable of str, optional
        Names of students, or a table of them: see `names_of`.
    encoding : str, optional
        How that table's letters are written, if not in UTF-8 or UTF-16.
    paper : {"A4", "Letter"}
        The size of the paper.

    Returns
    -------
    tuple of Path
        The sheets and the key.

    Raises
    ------
    ValueError
        For an unknown topic, seed, number of copies, paper, or ending; for names that can't be
        read, or that the PDF's letters don't have; or if there are both names and another number
        of copies.
    ImportError
        For a PDF without the extra ``sheets``.

    Examples
    --------
    >>> folder = Path(tempfile.mkdtemp())
    >>> sheets, key = worksheets("combine", folder / "sheets.html", seed=7, names=["Ada", "Grace"])
    >>> sheets.name, key.name
    ('sheets.html', 'sheets-key.html')
    >>> "Grace" in sheets.read_text("utf-8"), "0.48" in key.read_text("utf-8")
    (True, True)
    """
    if not isinstance(to, str | os.PathLike):
        raise ValueError(f"to: expected the path of a file, got {shown(to)}")
    to = Path(to)
    one_of("topic", topic, TOPICS)
    seed = whole_number("seed", seed, 0)
    one_of("paper", paper, PAPERS)
    one_of("to: how it ends", to.suffix, (".pdf", ".html"))
    if not to.parent.is_dir():
        raise ValueError(f"to: expected a folder that exists, got {str(to.parent)!r}")
    students = [] if names is None else names_of(names, encoding)
    count = whole_number("copies", len(students) or 1 if copies is None else copies, 1, MOST)
    if students and len(students) != count:
        raise ValueError(f"copies: expected one for each of {len(students)} names, got {count}")
    students = students or [""] * count
    work = [(name, make(topic, seed + number)) for number, name in enumerate(students)]
    if to.suffix == ".pdf":
        from rahulml.exercises._sheets_pdf import key_pdf, sheets_pdf  # which needs fpdf2

        made = sheets_pdf(work, PAPERS[paper]), key_pdf(work, PAPERS[paper])
    else:
        made = _page("Worksheets", paper, _sheets(work)), _page("The key", paper, _key(work))
    paths = to, to.with_stem(f"{to.stem}-key")
    _write_both(paths, made)
    return paths


def _write_both(paths: tuple[Path, Path], made: tuple[bytes, bytes]) -> None:
    """Write two files whole, or neither."""
    with tempfile.TemporaryDirectory(dir=paths[0].parent) as folder:
        for path, content in zip(paths, made, strict=True):
            (Path(folder) / path.name).write_bytes(content)
        for path in paths:
            (Path(folder) / path.name).replace(path)


# --- what both kinds of file share ---


def blocks(markdown: str) -> Iterator[str | list[list[str]]]:
    """Yield the paragraphs of a question, and its tables as rows of cells."""
    for block in markdown.split("\n\n"):
        if block.startswith("|"):
            lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in block.split("\n")]
            yield [lines[0], *lines[2:]]
        else:
            yield block


def called(exercise: Exercise) -> str:
    """Return the words by which `check` knows an exercise."""
    return f"{exercise.topic} {exercise.seed}"


# --- HTML ---

_STYLE = """
@page { size: PAPER; margin: 15mm }
body { font: 11pt/1.4 "DejaVu Sans", Arial, sans-serif; max-width: 180mm; margin: 0 auto }
section { display: flex; flex-direction: column; min-height: 262mm; break-after: page }
section:last-child { break-after: auto }
header { display: flex; justify-content: space-between; border-bottom: 1px solid; font-size: 10pt }
header h2 { font-size: inherit; margin: 0 0 1mm }
table { border-collapse: collapse; margin: 0 auto 3mm; font-size: 8.5pt }
td, th { border: 1px solid #666; padding: 0.5mm 1.2mm; text-align: right }
td:first-child, th:first-child { text-align: left }
p { margin: 3mm 0 }
.squares { flex: 1; min-height: 60mm; print-color-adjust: exact; border: 1px solid #bbb;
  background: linear-gradient(#ccc 1px, transparent 1px) 0 -1px / 5mm 5mm,
    linear-gradient(90deg, #ccc 1px, transparent 1px) -1px 0 / 5mm 5mm }
.answers { display: flex; flex-wrap: wrap; gap: 3mm 8mm; margin: 4mm 0 0; padding: 0 }
.answers li { list-style: none }
.answers span { display: inline-block; width: 25mm; height: 7mm; border: 1px solid;
  vertical-align: middle; margin-left: 2mm }
article { break-inside: avoid }
article h2 { font-size: 11pt; margin: 5mm 0 1mm }
article ol { margin: 0; font-size: 10pt }
"""
_LINE = "_" * 32


def _page(title: str, paper: str, body: Iterable[str]) -> bytes:
    """Return a page of HTML that needs nothing else."""
    return "\n".join(
        [
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}</title>\n<style>{_STYLE.replace('PAPER', paper)}</style>\n</head>",
            f"<body>\n<main>\n<h1 hidden>{title}</h1>",
            *body,
            "</main>\n</body>\n</html>\n",
        ]
    ).encode()


def _sheets(work: Iterable[tuple[str, Exercise]]) -> Iterator[str]:
    for name, exercise in work:
        name = html.escape(name) or f"Name: {_LINE}"
        yield f"<section>\n<header><h2>{name}</h2><div>{called(exercise)}</div></header>"
        yield from map(_block, blocks(exercise.question))
        yield '<div class="squares"></div>\n<ul class="answers">'
        yield from (f"<li>{answer}<span></span></li>" for answer in exercise.answer)
        yield "</ul>\n</section>"


def _key(work: Iterable[tuple[str, Exercise]]) -> Iterator[str]:
    for name, exercise in work:
        head = " · ".join(filter(None, [html.escape(name), called(exercise)]))
        yield f"<article>\n<h2>{head}</h2>\n<ol>"
        yield from (f"<li>{_inline(step)}</li>" for step in exercise.steps)
        yield "</ol>\n</article>"


def _block(block: str | list[list[str]]) -> str:
    if isinstance(block, str):
        return f"<p>{_inline(block)}</p>"
    lines = [
        "<tr>" + "".join(f"<{tag}>{_inline(cell)}</{tag}>" for cell in row) + "</tr>"
        for tag, row in zip(["th", *["td"] * (len(block) - 1)], block, strict=True)
    ]
    return "\n".join(["<table>", *lines, "</table>"])


def _inline(text: str) -> str:
    text = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", html.escape(text, quote=False))
    return re.sub(r"\*(.+?)\*", r"<i>\1</i>", text)
