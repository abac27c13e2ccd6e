"""The cell as a spreadsheet: three slots, two words, live formulas, inputs to change."""

import io
import os
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from rahulml.checks import numbers
from rahulml.hand_cell import LSTMWeights, State

SLOTS, FEATURES = 3, 2

WORDS = "nolan", "ended"
NOTES = [[1.0, -0.5], [-0.5, 1.0]]
STATE = State(hidden_state=[0.5, -0.2, 0.8], cell_state=[2.0, -1.0, 1.5])
DIALS = LSTMWeights(  # the blocks as in Keras: admit, keep, fresh, show
    kernel=np.array(
        [
            [-1.2, 0.8, 0.4, 0.8, -1.0, 0.4, 0.6, -0.4, 0.2, 0.9, -0.6, 0.4],
            [0.6, -0.4, -0.6, -0.4, 0.6, 0.2, -0.8, 0.2, 1.0, -0.2, 0.8, -1.0],
        ]
    ),
    recurrent_kernel=np.array(
        [
            [-0.4, 0.6, 0.2, 1.0, -0.6, 0.2, 0.4, 0.6, -0.2, 0.2, -0.4, 1.0],
            [0.5, -0.5, 1.0, -0.5, 0.5, -1.0, 0.5, -1.0, 0.5, -1.0, 0.5, -0.5],
            [-0.5, 0.9, -0.1, 0.5, -1.0, 0.6, 0.3, 0.1, -0.5, 0.4, -0.2, 0.5],
        ]
    ),
    bias=np.array([0.0, 0.2, -0.3, 1.0, 1.0, 1.0, 0.1, 0.0, -0.1, 0.1, 0.0, 0.0]),
)
"""What the page "One whole step, from word to word" starts with; a test compares them."""

_MACHINES = {  # in the order of the pages: its block in the weights, and its squash
    "keep-vote": (1, "1/(1+EXP(-{}))"),
    "fresh value": (2, "TANH({})"),
    "admit-vote": (0, "1/(1+EXP(-{}))"),
    "show-vote": (3, "1/(1+EXP(-{}))"),
}
_A, _B, _GREEN = "0072B2", "B34A00", "007A5A"
"""The figures' blue, vermilion and green, here for memory-A, memory-B and what is admitted."""

_INPUT = "FFF4C2"
_CREATED = "1980-01-01T00:00:00Z"  # the same bytes every time


def spreadsheet(
    to: str | os.PathLike,
    notes: ArrayLike = NOTES,
    state: State = STATE,
    weights: Sequence[ArrayLike] = DIALS,
    words: Sequence[str] = WORDS,
) -> Path:
    """Write the cell as a spreadsheet that works itself out when a number is changed.

    Nothing in it is protected. Each machine has its dials above its sums and its answers, for both
    words, one column a slot; the second word starts from what the first one left. It has formulas
    and no results: a program that opens it works them out.

    Parameters
    ----------
    to : path
        An ``.xlsx`` file, written whole or not at all.
    notes : array_like, shape (2, 2)
        The notes of both words. The numbers that are given first are those of the book's page "One
        whole step, from word to word".
    state : State of array_like, shape (3,) each
        Both memories at the start.
    weights : LSTMWeights, or as it takes them, 3 units and 2 features
        The dials.
    words : sequence of two str
        The words.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ValueError
        For another shape, a number that is not finite, or an ending that is not ``.xlsx``.
    ImportError
        Without the extra ``sheets``.

    Examples
    --------
    >>> import tempfile
    >>> spreadsheet(Path(tempfile.mkdtemp()) / "the-lstm-cell.xlsx").name
    'the-lstm-cell.xlsx'
    """
    to = Path(to)
    if to.suffix != ".xlsx":
        raise ValueError(f"to: expected a name that ends in '.xlsx', got {to.name!r}")
    notes = numbers("notes", notes, shape=(2, FEATURES))
    old_a = numbers("state.cell_state", state.cell_state, shape=(SLOTS,))
    old_b = numbers("state.hidden_state", state.hidden_state, -1, 1, shape=(SLOTS,))
    weights = LSTMWeights.checked(weights)
    numbers("weights.kernel", weights.kernel, shape=(FEATURES, 4 * SLOTS))
    book = _book(notes, old_a, old_b, weights, words)
    written = io.BytesIO()
    book.save(written)
    part = to.with_name(f"{to.name}.part")
    part.write_bytes(_same_each_time(written.getvalue()))
    part.replace(to)
    return to


def _book(notes, old_a, old_b, weights: LSTMWeights, words: Sequence[str]):
    try:
        from openpyxl import Workbook
    except ImportError as error:
        needs = f"a spreadsheet needs the extra 'sheets' ({error}): pip install 'rahulml[sheets]'"
        raise ImportError(needs) from error

    book = Workbook()
    sheet = _Sheet(book.active)
    sheet.title("The two-memory worker: one whole step, and the next")
    sheet.say("Yellow cells are yours to change; all others work themselves out.")
    dials = np.vstack([weights.kernel, weights.recurrent_kernel, weights.bias])
    labels = ["note, 1st number", "note, 2nd number"]
    labels += [f"memory-B, slot {slot}" for slot in (1, 2, 3)] + ["nudge"]
    sheet.head("Dials", [f"{machine}, slots 1 to 3" for machine in _MACHINES])
    colours = [_GREEN] * FEATURES + [_B] * SLOTS + [None]
    papers = {  # by machine, the places of its dials: a column for each slot
        machine: [
            [sheet.place(sheet.row + r, m, s) for r in range(len(labels))] for s in range(SLOTS)
        ]
        for m, machine in enumerate(_MACHINES)
    }
    for label, line, colour in zip(labels, dials, colours, strict=True):
        blocks = line.reshape(4, SLOTS)
        sheet.line(label, [blocks[block] for block, _ in _MACHINES.values()], colour, given=True)

    sheet.head("At the start", ["slots 1 to 3"])
    a = sheet.line("memory-A", [old_a], _A, given=True)[0]
    b = sheet.line("memory-B", [old_b], _B, given=True)[0]
    for number, (word, note) in enumerate(zip(words, notes, strict=True), start=1):
        sheet.head(f"Word {number}: {word}", ["the note's two numbers"])
        said = sheet.line("note", [note], _GREEN, given=True)[0]
        reads = [*said, *b]
        sheet.head("", [f"{machine}, slots 1 to 3" for machine in _MACHINES])
        sums = [[_sum(reads, column) for column in columns] for columns in papers.values()]
        sums = sheet.line("sum", sums)
        squashes = [squash for _, squash in _MACHINES.values()]
        keep, fresh, admit, show = sheet.line(
            "answer: sigmoid of the sum; for the fresh value, tanh",
            [
                [squash.format(z) for z in slots]
                for squash, slots in zip(squashes, sums, strict=True)
            ],
        )
        sheet.head("The combine", ["slots 1 to 3"])
        kept = sheet.slots("kept: keep-vote × memory-A", "{}*{}", keep, a, colour=_A)
        let_in = sheet.slots(
            "admitted: admit-vote × fresh value", "{}*{}", admit, fresh, colour=_GREEN
        )
        a = sheet.slots(
            "new memory-A: kept + admitted", "{}+{}", kept, let_in, colour=_A, bold=True
        )
        pressed = sheet.slots("tanh of the new memory-A", "TANH({})", a)
        b = sheet.slots(
            "new memory-B: show-vote × that", "{}*{}", show, pressed, colour=_B, bold=True
        )
    sheet.finish()
    return book


def _sum(reads: Sequence[str], column: Sequence[str]) -> str:
    """Return the sum of one machine for one slot: each number times its dial, and the nudge."""
    products = [f"{number}*{dial}" for number, dial in zip(reads, column[:-1], strict=True)]
    return "+".join([*products, column[-1]])


class _Sheet:
    """A sheet that is filled from top to bottom: labels on the left, and four blocks of slots."""

    def __init__(self, sheet):
        from openpyxl.styles import Font, PatternFill

        self.sheet, self.row = sheet, 1
        self.font, self.yellow = Font, PatternFill("solid", fgColor=_INPUT)
        sheet.title = "The cell"

    @staticmethod
    def place(row: int, block: int, slot: int) -> str:
        """Return the name of a cell: blocks have three columns, and one between them."""
        return f"{'ABCDEFGHIJKLMNOP'[1 + 4 * block + slot]}{row}"

    def title(self, text: str) -> None:
        self._write(f"A{self.row}", text, bold=True, size=14)
        self.row += 1

    def say(self, text: str) -> None:
        self._write(f"A{self.row}", text, italic=True)
        self.row += 1

    def head(self, text: str, blocks: Sequence[str]) -> None:
        """Write a heading, and over each block what its columns are."""
        self.row += bool(text)
        self._write(f"A{self.row}", text, bold=True)
        for block, what in enumerate(blocks):
            self._write(self.place(self.row, block, 0), what, bold=True)
        self.row += 1

    def line(self, label, blocks, colour=None, given=False, bold=False) -> list[list[str]]:
        """Write a line of numbers or of formulas, and return their places, block by block."""
        self._write(f"A{self.row}", label, colour, bold=bold)
        places = []
        for block, slots in enumerate(blocks):
            names = [self.place(self.row, block, slot) for slot in range(len(slots))]
            for name, value in zip(names, slots, strict=True):
                cell = self._write(name, float(value) if given else f"={value}", colour, bold=bold)
                cell.number_format = "0.0##" if given else "0.000"
                if given:
                    cell.fill = self.yellow
            places.append(names)
        self.row += 1
        return places

    def slots(self, label, formula, *rows, colour=None, bold=False) -> list[str]:
        """Write a line of one formula for each slot, and return its places."""
        made = [formula.format(*places) for places in zip(*rows, strict=True)]
        return self.line(label, [made], colour, bold=bold)[0]

    def finish(self) -> None:
        self.sheet.column_dimensions["A"].width = 48
        for column in "EIM":
            self.sheet.column_dimensions[column].width = 3
        self.sheet.freeze_panes = "B1"
        self.sheet.page_setup.orientation = "landscape"
        self.sheet.page_setup.fitToHeight = 1
        self.sheet.sheet_properties.pageSetUpPr.fitToPage = True

    def _write(self, place, value, colour=None, **style):
        cell = self.sheet[place]
        cell.value, cell.font = value, self.font(color=colour and f"FF{colour}", **style)
        return cell


def _same_each_time(xlsx: bytes) -> bytes:
    """Take the dates out of a file, which is a zip archive with a date in one of its parts."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx)) as old, zipfile.ZipFile(written, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT[\d:.]+Z", _CREATED.encode(), content)
            new.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return written.getvalue()
