"""The cell as a spreadsheet, worked out by LibreOffice and compared with the hand cell."""

import itertools
import re
import shutil
import subprocess

import numpy as np
import pytest
from openpyxl import load_workbook
from pages import ROOT

from rahulml.exercises import spreadsheet
from rahulml.hand_cell import LSTMWeights, State, run

SETS = 10


def labelled(sheet, label):
    """Return the numbers of each line whose label begins so, without the empty places."""
    lines = [[cell.value for cell in line] for line in sheet.iter_rows()]
    return [
        [x for x in line[1:] if x is not None] for line in lines if str(line[0]).startswith(label)
    ]


@pytest.fixture(scope="module")
def drawn():
    rng = np.random.default_rng(7)
    return [
        (
            rng.normal(size=(2, 2)).round(2),
            State(rng.uniform(-1, 1, 3).round(2), rng.normal(0, 2, 3).round(2)),
            LSTMWeights(rng.normal(size=(2, 12)), rng.normal(size=(3, 12)), rng.normal(size=12)),
        )
        for _ in range(SETS)
    ]


def test_spreadsheet_works_out_what_the_hand_cell_does(tmp_path, drawn):
    """Each file is the book's, in which every yellow cell was changed, as a reader does it."""
    if not shutil.which("soffice"):
        pytest.skip("needs LibreOffice: apt-get install libreoffice-calc-nogui")
    yellow = [
        [cell.coordinate for cell in line if cell.fill.fgColor.rgb == "00FFF4C2"]
        for line in load_workbook(spreadsheet(tmp_path / "book.xlsx")).active.iter_rows()
    ]
    names = []
    for number, (notes, state, weights) in enumerate(drawn):
        told = load_workbook(spreadsheet(tmp_path / "told.xlsx", notes, state, weights)).active
        changed = load_workbook(tmp_path / "book.xlsx")
        for place in itertools.chain(*yellow):
            changed.active[place] = told[place].value
        names.append(f"{number}.xlsx")
        changed.save(tmp_path / names[-1])
    subprocess.run(
        [
            *("soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless"),
            *("--convert-to", "xlsx", "--outdir", "out", *names),
        ],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        timeout=300,
    )
    for name, (notes, state, weights) in zip(names, drawn, strict=True):
        sheet = load_workbook(tmp_path / "out" / name, data_only=True).active
        start = State(*(memory[None] for memory in state))
        trace = run(notes[None], weights, start)
        for label, expected in (
            ("new memory-A", trace.cell_states[0]),
            ("new memory-B", trace.hidden_states[0]),
        ):
            np.testing.assert_allclose(labelled(sheet, label), expected, rtol=1e-9, atol=1e-12)


def test_spreadsheet_starts_with_the_numbers_of_its_page(tmp_path):
    text = (ROOT / "book/by-hand/whole-step.md").read_text("utf-8")
    cells = re.findall(r"```\{code-cell\} ipython3\n(?:(?::.*)?\n)*([^`]*)```", text)
    page = {}
    for what in ("memory_a = ", "word_paper["):
        exec(next(cell for cell in cells if what in cell), page)
    sheet = load_workbook(spreadsheet(tmp_path / "cell.xlsx")).active
    order = "keep", "fresh", "admit", "show"
    papers = [
        np.hstack([np.atleast_2d(page[paper][machine]) for machine in order])
        for paper in ("word_paper", "memory_paper", "nudge")
    ]
    dials = [
        labelled(sheet, label)[:count]
        for label, count in (("note, ", 2), ("memory-B, slot", 3), ("nudge", 1))
    ]
    assert np.vstack(dials).tolist() == np.vstack(papers).tolist()
    assert labelled(sheet, "note")[-2:] == [note.tolist() for note in page["note"].values()]
    assert labelled(sheet, "memory-A") == [page["memory_a"].tolist()]
    assert labelled(sheet, "memory-B")[-1] == page["memory_b"].tolist()
    heads = [line[0].value for line in sheet.iter_rows() if "Word" in str(line[0].value)]
    assert heads == [f"Word {n}: {word}" for n, word in enumerate(page["note"], start=1)]


def test_all_but_inputs_and_words_are_formulas_and_nothing_is_protected(tmp_path):
    book = load_workbook(spreadsheet(tmp_path / "cell.xlsx"))
    cells = [cell for line in book.active.iter_rows() for cell in line if cell.value is not None]
    given = [cell for cell in cells if isinstance(cell.value, float | int)]
    assert len(given) == 6 * 12 + 2 * 3 + 2 * 2
    assert all(cell.fill.fgColor.rgb == "00FFF4C2" for cell in given)
    formulas = [cell for cell in cells if str(cell.value).startswith("=")]
    assert len(formulas) == 2 * (12 + 12 + 5 * 3)
    assert not book.active.protection.sheet


def test_spreadsheet_has_the_same_bytes_every_time(tmp_path):
    one, two = (spreadsheet(tmp_path / f"{name}.xlsx").read_bytes() for name in "ab")
    assert one == two


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"to": "cell.xls"}, "to: expected a name that ends in '.xlsx', got 'cell.xls'"),
        ({"notes": [[1, 2]]}, r"notes: expected shape \(2, 2\), got \(1, 2\)"),
        ({"notes": [[1, 2], [3, float("nan")]]}, "notes: expected finite numbers, got nan"),
        ({"state": State([0, 0, 2], [0, 0, 0])}, r"state.hidden_state: expected .*-1..1, got 2.0"),
        ({"weights": [np.ones((2, 8)), np.ones((2, 8)), np.ones(8)]}, "weights.kernel: expected"),
    ],
)
def test_what_makes_no_spreadsheet_is_refused(tmp_path, told, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        spreadsheet(**{"to": tmp_path / "cell.xlsx"} | told)
    assert list(tmp_path.iterdir()) == []
