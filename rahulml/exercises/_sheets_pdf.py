"""Worksheets and their key as PDF, without a browser: fpdf2's pages, Matplotlib's letters."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from rahulml.exercises._make import Exercise
from rahulml.exercises._sheets import blocks, called

try:
    import matplotlib
    from fpdf import FPDF
    from fpdf.fonts import FontFace
except ImportError as error:
    message = f"a PDF needs the extra 'sheets' ({error}): pip install 'rahulml[sheets]'"
    raise ImportError(f"{message}, or write .html") from error

_MARGIN = 15  # millimetres, as are all lengths here
_SQUARE = 5
_LEAST = 60  # of squared paper
_BOX = 25, 8  # for an answer
_LINE = 5.5
_FONT = "DejaVu"  # free to embed: Matplotlib's LICENSE_DEJAVU
_FACES = {"": "DejaVuSans", "B": "DejaVuSans-Bold", "I": "DejaVuSans-Oblique"}


def sheets_pdf(work: Iterable[tuple[str, Exercise]], size: tuple[int, int]) -> bytes:
    """Return a page for each student: the question, squared paper, a box for each answer."""
    pdf = _empty("Worksheets", size)
    for name, exercise in work:
        pdf.add_page()
        _head(pdf, name or f"Name: {'_' * 32}", called(exercise))
        for block in blocks(exercise.question):
            _block(pdf, block)
        boxes = _boxes(pdf, exercise)
        top = pdf.get_y() + 1
        bottom = pdf.h - _MARGIN - (boxes[-1][1] + _BOX[1]) - 4
        if bottom - top < _LEAST:  # a question that fills its page
            pdf.add_page()
            top = _MARGIN
        _squares(pdf, top, bottom)
        for x, y, answer, width in boxes:
            pdf.set_xy(x, bottom + 4 + y)
            pdf.cell(width, _BOX[1], answer)
            pdf.cell(*_BOX, border=1)
    return bytes(pdf.output())


def key_pdf(work: Iterable[tuple[str, Exercise]], size: tuple[int, int]) -> bytes:
    """Return the steps of each student's exercise, with the answers in bold."""
    pdf = _empty("The key", size)
    pdf.add_page()
    for name, exercise in work:
        with pdf.unbreakable() as whole:
            _head(whole, name, called(exercise))
            whole.set_font(size=8.5)
            for step in exercise.steps:
                _text(whole, step, 4.6)
            whole.ln(4)
    return bytes(pdf.output())


def _empty(title: str, size: tuple[int, int]) -> FPDF:
    pdf = FPDF(format=size)
    fonts = Path(matplotlib.get_data_path()) / "fonts/ttf"
    for style, face in _FACES.items():
        pdf.add_font(_FONT, style, fonts / f"{face}.ttf")
    pdf.set_margin(_MARGIN)
    pdf.set_auto_page_break(True, _MARGIN)
    pdf.set_title(title)
    pdf.set_lang("en")
    pdf.set_creation_date(datetime(1980, 1, 1, tzinfo=UTC))  # the same bytes every time
    return pdf


def _head(pdf: FPDF, name: str, exercise: str) -> None:
    """Write who it is for on the left, and what it is on the right, over a line."""
    letters = pdf.fonts[_FONT.lower()].cmap
    for letter in name:
        if ord(letter) not in letters:
            raise ValueError(
                f"names: expected letters that {_FONT} has, got {letter!r} in {name!r}; "
                "an .html has them"
            )
    pdf.set_font(_FONT, "B", 10)
    pdf.cell(pdf.epw * 0.7, 6, name, border="B")
    pdf.set_font(style="")
    pdf.cell(0, 6, exercise, border="B", align="R", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(2)
    pdf.set_font(size=10)


def _block(pdf: FPDF, block: str | list[list[str]]) -> None:
    if isinstance(block, str):
        _text(pdf, block, _LINE)
        pdf.ln(1.5)
        return
    pdf.set_font(style="B", size=9)
    widths = [max(map(pdf.get_string_width, column)) + 5 for column in zip(*block, strict=True)]
    pdf.set_font(style="")
    scale = min(1, pdf.epw / sum(widths))
    with pdf.table(
        width=sum(widths) * scale,
        col_widths=tuple(widths),
        text_align=("LEFT", *["RIGHT"] * (len(widths) - 1)),
        line_height=_LINE,
        markdown=True,
        headings_style=FontFace(emphasis="BOLD"),
    ) as table:
        for cells in block:
            table.row(map(_marked, cells))
    pdf.set_font(size=10)
    pdf.ln(2.5)


def _text(pdf: FPDF, text: str, line: float) -> None:
    pdf.multi_cell(0, line, _marked(text), markdown=True, align="L", new_x="LMARGIN", new_y="NEXT")


def _marked(text: str) -> str:
    """Return Markdown with fpdf2's own marks: ``__`` for slanted letters."""
    return re.sub(r"(?<!\*)\*([^*]+)\*(?!\*)", r"__\1__", text)


def _boxes(pdf: FPDF, exercise: Exercise) -> list[tuple[float, float, str, float]]:
    """Return for each answer where it stands below the squares, its name, and how wide that is."""
    placed, x, y = [], _MARGIN, 0.0
    for answer in exercise.answer:
        width = pdf.get_string_width(answer) + 3
        if x + width + _BOX[0] > pdf.w - _MARGIN:
            x, y = _MARGIN, y + _BOX[1] + 2
        placed.append((x, y, answer, width))
        x += width + _BOX[0] + 6
    return placed


def _squares(pdf: FPDF, top: float, bottom: float) -> None:
    """Draw squared paper between two heights, in whole squares."""
    across, down = int(pdf.epw // _SQUARE), int((bottom - top) // _SQUARE)
    left, top = _MARGIN + (pdf.epw - across * _SQUARE) / 2, bottom - down * _SQUARE
    pdf.set_draw_color(190)
    pdf.set_line_width(0.1)
    for column in range(across + 1):
        x = left + column * _SQUARE
        pdf.line(x, top, x, bottom)
    for row in range(down + 1):
        y = top + row * _SQUARE
        pdf.line(left, y, left + across * _SQUARE, y)
    pdf.set_draw_color(0)
    pdf.set_line_width(0.2)
