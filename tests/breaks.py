"""Break what the book stands on in twelve ways, and see each of them noticed: ``breaks.py``.

Each break is made in a copy. Either the build of a page then fails and names the page and its cell,
or the named test does. ``python tests/breaks.py`` prints a table and ends with 1 if one passed
unnoticed; with ``--keep`` it writes the table that the page "How this book is kept true" shows.
"""

import argparse
import csv
import datetime
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import yaml
from pages import ROOT
from small_book import run

KEPT = ROOT / "book/back/breaks.tsv"


class Break(NamedTuple):
    """One thing put wrong, and who must say so: a page's build, or a test."""

    what: str
    file: str
    right: str
    wrong: str
    noticed_by: str


LSTM = "rahulml/hand_cell/_lstm.py"
STEP, COMBINE, TWO = "by-hand/whole-step", "by-hand/combine", "by-hand/two-memories"

BREAKS = [
    Break("tanh halved", LSTM, "output * np.tanh(new)", "output * np.tanh(new) / 2", COMBINE),
    Break(
        "keep and admit swapped",
        LSTM,
        "new = forget * old + admit * fresh",
        "new = admit * old + forget * fresh",
        COMBINE,
    ),
    Break(
        "biases swapped",
        LSTM,
        "z = notes @ kernel + hidden_state @ recurrent_kernel + bias",
        "z = notes @ kernel + hidden_state @ recurrent_kernel + np.roll(bias, len(bias) // 4)",
        STEP,
    ),
    Break(
        "the nudge added after the squash",
        "rahulml/hand_cell/_rnn.py",
        "np.tanh(notes @ kernel + memory @ recurrent_kernel + bias)",
        "np.tanh(notes @ kernel + memory @ recurrent_kernel) + bias",
        "by-hand/part-1",
    ),
    Break(
        "a sum in place of slot by slot",
        LSTM,
        "new = forget * old + admit * fresh",
        "new = np.sum(forget * old + admit * fresh, axis=-1, keepdims=True) + 0 * old",
        STEP,
    ),
    Break(
        "the order of the gates",
        LSTM,
        "admit, forget, fresh, output = np.split(z, 4, axis=1)",
        "admit, fresh, forget, output = np.split(z, 4, axis=1)",
        STEP,
    ),
    Break(
        "a wrong dial count",
        "rahulml/builders.py",
        'activation="sigmoid", name="clerk"',
        'activation="sigmoid", use_bias=False, name="clerk"',
        "trained/train-plain-worker",
    ),
    Break(
        "the exam is studied",
        "rahulml/reviews/loading.py",
        "piles = Piles(study, mock_exam, sealed, ",
        "piles = Piles(sealed, mock_exam, sealed, ",
        "trained/train-plain-worker",
    ),
    Break(
        "a verdict without the exam's share",
        "rahulml/scores.py",
        "by_views = spreads.views / reviews",
        "by_views = 0 * spreads.views / reviews",
        "trained/comparing",
    ),
    Break(
        "a shuffled ledger",
        "book/_extensions/ledger.py",
        "for entry in sorted(found, key=lambda entry: entry[0])",
        "for entry in sorted(found, key=lambda entry: -entry[0])",
        "tests/test_ledger.py::test_ledger_holds_what_a_build_computed",
    ),
    Break(
        "a typed number",
        "book/by-hand/combine.md",
        '- let in of the new: {eval}`f"{admit} × {fresh} = {admitted:g}"`',
        "- let in of the new: 0.2 × 0.6 = 0.13",
        "tests/test_sentences.py::test_sentences_hold_no_typed_result[by-hand/combine]",
    ),
    Break(
        "a missing alt text",
        "book/by-hand/combine.md",
        "    alt: >-\n      The combine of one slot as wires.",
        "    title: >-\n      The combine of one slot as wires.",
        "tests/test_book.py::test_figure_has_a_name_a_caption_and_an_alt_text[by-hand/combine]",
    ),
]


def made_in_a_copy(broken: Break, folder: Path) -> None:
    """Copy all files that git knows, and put one thing wrong."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    for name in filter(None, listed.split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    path = folder / broken.file
    text = path.read_text("utf-8")
    if text.count(broken.right) != 1:
        raise SystemExit(f"{broken.what}: {broken.right!r} is not once in {broken.file}")
    path.write_text(text.replace(broken.right, broken.wrong), "utf-8")


def told(broken: Break) -> str:
    """Return where the break was told: a page and its cell, a test, or nothing."""
    with tempfile.TemporaryDirectory() as elsewhere:
        folder = Path(elsewhere)
        made_in_a_copy(broken, folder)
        if "::" in broken.noticed_by:
            done = run("pytest", "-q", broken.noticed_by, cwd=folder, PYTHONPATH=elsewhere)
            found = re.search(rf"FAILED ({re.escape(broken.noticed_by)})", done.stdout)
        else:
            toc = {"format": "jb-book", "root": "index", "chapters": [{"file": broken.noticed_by}]}
            for name in ("_toc.yml", "book/_toc.yml"):
                (folder / name).write_text(yaml.safe_dump(toc), "utf-8")
            (folder / "book/index.md").write_text("# Front\n", "utf-8")
            done = run("jupyter-book", "build", "book/", cwd=folder)
            found = re.search(rf"({broken.noticed_by})\.md, (cell \d+)", done.stderr + done.stdout)
        return " ".join(found.groups()) if done.returncode and found else ""


def main() -> int:
    """Make each break, print who told it, and count those that nobody told."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keep", action="store_true", help=f"write {KEPT.relative_to(ROOT)}")
    parser.add_argument("only", nargs="*", help="words of the breaks to make; without, all")
    asked = parser.parse_args()
    today = datetime.datetime.now(datetime.UTC).date()
    rows = []
    for broken in BREAKS:
        if not asked.only or any(word in broken.what for word in asked.only):
            where = told(broken)
            print(f"{broken.what}: {where or 'NOT TOLD'}", flush=True)
            rows.append((broken.what, broken.file, where, today))
    if asked.keep:
        with KEPT.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter="\t", lineterminator="\n")
            writer.writerows([("break", "file", "told by", "date"), *rows])
    return any(not where for _, _, where, _ in rows)


if __name__ == "__main__":
    sys.exit(main())
