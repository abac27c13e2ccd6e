"""What a build puts down of every value it computed, and what the command tells of two builds."""

import hashlib
import json
import sys

import pytest
from pages import ROOT
from small_book import CELL, HEADER, SmallBook, run

ASKED = """
Nothing yet. One is {eval}`f"{one:.1f}"`, or "{eval}`one`"! It took
{eval}`took_seconds` s; nothing else.

| name | value | half |
| --- | --- | --- |
| *one* | {eval}`one` | {eval}`one / 2` |

```{note}
Here is {eval}`one`, too. {eval}`verdict` And so on.
```

```{eval} halves
```

```{eval:figure} picture
The half, {eval}`one / 2`.
```
"""
BOUND = """import sys
import time

from IPython.display import SVG, Markdown

one, halves = 7, [3.5]
took_seconds = time.time_ns()
picture = SVG("<svg/>")
verdict = "No: it is 7. Or so."
"""
TABLE = """head = "| run | share | seconds |\\n|:--|--:|--:|"
said = head + "\\n| a \\\\| b | 0.25 | 12 |\\n\\nThat is all."
Markdown(said)
"""
PRINTED = """print('a line', flush=True)
time.sleep(0.5)  # what was said comes in two parts
print()
print('7 more', file=sys.stderr)
print('another')
"""
TWO = "two = 2\n"
SECRET = ":tags: [remove-input, remove-output]\n\nprint('for nobody')\n"


def cells(*sources):
    return "\n".join(f"{CELL}{source}```\n" for source in sources)


def compare(*paths):
    """Run the documented command; return its exit code and what it says."""
    command = (sys.executable, "book/_extensions/ledger.py", *map(str, paths))
    ran = run(*command, cwd=ROOT)
    return ran.returncode, ran.stdout + ran.stderr


# --- what a build puts down ---


def entries(path, *, seconds):
    """Return page, kind, expression, printed text and sentence of each entry."""
    ledger = json.loads(path.read_text("utf-8"))
    names = ("page", "kind", "expression", "printed", "sentence")
    return [tuple(map(entry.get, names)) for entry in ledger if entry["seconds"] == seconds]


def test_builds_in_two_folders_with_other_settings_compute_the_same(tmp_path):
    """Another seed of hashes, another locale, another time zone."""
    pages, ledgers = ("combine", "whole-step"), []
    for place, settings in (
        ("here", {"PYTHONHASHSEED": "1", "LC_ALL": "C.UTF-8", "TZ": "UTC"}),
        ("far", {"PYTHONHASHSEED": "2", "LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Kathmandu"}),
    ):
        book = SmallBook(tmp_path / place / "book of mine")
        for page in pages:
            book.write(f"book/{page}.md", (ROOT / f"book/by-hand/{page}.md").read_text("utf-8"))
        built = book.build(*pages, **settings)
        assert built.returncode == 0, built.stderr
        ledgers.append(book.folder / "book/_build/numbers.json")
    exit_code, said = compare(*ledgers)
    assert exit_code == 0, said
    assert int(said.split()[0]) > 50


def test_ledger_holds_what_a_build_computed(book, tmp_path):
    """From clean, after an edit of one page's prose and a number of another's, and from a draft."""
    page = HEADER + cells(BOUND) + ASKED + cells(TABLE, PRINTED, SECRET, "picture\n")
    book.write("book/z.md", page)
    book.write("book/plain.md", "# Plain\n\n7 is typed.\n")
    book.write("book/a.md", f"{HEADER}{cells(TWO)}\nIt is {{eval}}`two`.\n")
    path = book.folder / "book/_build/numbers.json"
    kept = tmp_path / "kept.json"

    def build(**environment):
        built = book.build("z", "plain", "a", **environment)
        assert built.returncode == 0, built.stderr
        return entries(path, seconds=False)

    sentence, row, given = "One is 7.0, or “7”!", "one | 7 | 3.5", "a \\| b | 0.25 | 12"
    drawn = hashlib.sha256(b"<svg/>").hexdigest()[:16]
    expected = [
        ("z", "value", 'f"{one:.1f}"', "7.0", sentence),
        ("z", "value", "one", "7", sentence),
        ("z", "value", "one", "7", row),
        ("z", "value", "one / 2", "3.5", row),
        ("z", "value", "one", "7", "Here is 7, too."),
        ("z", "value", "verdict", "No: it is 7. Or so.", "No: it is 7. Or so."),
        ("z", "value", "halves", "[3.5]", "[3.5]"),
        ("z", "picture", "picture", drawn, ""),
        ("z", "value", "one / 2", "3.5", "The half, 3.5."),
        ("z", "table", "Markdown(said): a \\| b, share", "0.25", given),
        ("z", "text", "Markdown(said)", "That is all.", "That is all."),
        ("z", "text", "print('another')", "a line", "a line"),
        ("z", "text", "print('another')", "another", "another"),
        ("z", "picture", "picture", drawn, ""),
        ("a", "value", "two", "2", "It is 2."),
    ]
    assert build() == expected
    took, cell = entries(path, seconds=True)
    assert took[2:] == ("took_seconds", took[3], f"It took {took[3]} s; nothing else.")
    assert cell[2:] == ("Markdown(said): a \\| b, seconds", "12", given)
    lines = page.splitlines()
    at = {
        entry["expression"]: lines[entry["line"] - 1]
        for entry in json.loads(path.read_text("utf-8"))
        if entry["page"] == "z"
    }
    assert at["halves"] == "```{eval} halves"
    assert at["took_seconds"].startswith("Nothing yet.")
    assert at["Markdown(said)"].startswith("head =")
    assert at["print('another')"] == "print('a line', flush=True)"

    kept.write_text(path.read_text("utf-8"), "utf-8")
    book.write("book/z.md", page.replace("Nothing yet.", "An edit.\n\nNothing yet."))
    assert build() == expected
    assert compare(kept, path) == (0, "17 values before, 17 after: 0 moved, seconds aside\n")
    assert build(RAHULML_DRAFT="1") == expected
    book.write("book/a.md", f"{HEADER}{cells(TWO.replace('2', '3'))}\nIt is {{eval}}`two`.\n")
    build(RAHULML_DRAFT="1")
    code, said = compare(kept, path)
    assert (code, said.splitlines()[:-1]) == (
        1,
        ["a, line 12: two", "  - 2", "      in: It is 2.", "  + 3", "      in: It is 3."],
    )


# --- what the command tells of two ledgers ---


def entry(expression, printed, sentence="", page="page", line=1, kind="value", seconds=False):
    return dict(locals())


def told(tmp_path, old, new):
    """Return the exit code, and all lines but the last."""
    for name, ledger in (("old", old), ("new", new)):
        (tmp_path / name).write_text(json.dumps(ledger), "utf-8")
    code, said = compare(tmp_path / "old", tmp_path / "new")
    lines = said.splitlines()
    assert lines[-1].startswith(f"{len(old)} values before, {len(new)} after: ")
    return code, lines[:-1]


A, B = entry("a", "1", "It is 1."), entry("b", "2", "It is 2.", line=2)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ([A, B], [A, B]),
        ([A, B], [B, A]),
        ([A], [A | {"line": 7, "sentence": "It was 1."}]),
        ([A, B], [A | {"expression": "mean(a)"}, B]),
        ([A, B | {"seconds": True}], [A, B | {"seconds": True, "printed": "3"}]),
        ([A, B | {"seconds": True}], [A]),
        ([A, B], [A, B | {"seconds": True, "printed": "3"}]),
        (
            [entry("x: a, share", "7", "a | 7 | 12 s", kind="table")],
            [entry("y: a, share", "7", "a | 7 | 13 s", kind="table")],
        ),
    ],
    ids=[
        *("same", "another order", "line and prose", "other words", "seconds", "no more seconds"),
        *("marked as seconds since", "row with seconds in other words"),
    ],
)
def test_nothing_moved(tmp_path, old, new):
    assert told(tmp_path, old, new) == (0, [])


def test_value_that_moved_stands_beside_the_old_one(tmp_path):
    new = [A | {"printed": "3", "sentence": "It is 3.", "line": 9}, B]
    assert told(tmp_path, [A, B], new) == (
        1,
        ["page, line 9: a", "  - 1", "      in: It is 1.", "  + 3", "      in: It is 3."],
    )


def test_value_that_came_or_went_stands_alone(tmp_path):
    came = ["page, line 2: b", "  + 2", "      in: It is 2."]
    assert told(tmp_path, [A], [A, B]) == (1, came)
    assert told(tmp_path, [A, B], [A]) == (1, [line.replace("+ 2", "- 2") for line in came])


def test_same_expression_pairs_in_its_order(tmp_path):
    def lines(*values):
        return [entry("print(x)", value, value, kind="text") for value in values]

    swapped = [
        "page, line 1: print(x)",
        "  - 1",
        "  + 2",
        "page, line 1: print(x)",
        "  - 2",
        "  + 1",
    ]
    assert told(tmp_path, lines("1", "2"), lines("2", "1")) == (1, swapped)
    assert told(tmp_path, lines("1", "2", "3"), lines("1", "3")) == (1, [swapped[0], "  - 2"])


def test_values_that_changed_places_moved_in_other_words_too(tmp_path):
    def lines(name, *values):
        return [entry(f"{name}{i}", value, value, kind="text") for i, value in enumerate(values)]

    code, said = told(tmp_path, lines("old", "1", "2"), lines("new", "2", "1"))
    assert code == 1
    assert len(said) == 4


def test_command_is_quick_with_all_values_of_the_book(tmp_path):
    """Of many entries of one name, one has gone."""
    old = [entry("x", str(value)) for value in range(3000)]
    assert told(tmp_path, old, old[1:]) == (1, ["page, line 1: x", "  - 0"])


@pytest.mark.parametrize(
    "text", ["", "[{", "[1]", '[{"page": "a"}]', "null", "\0"], ids=lambda text: repr(text)
)
def test_what_is_no_ledger_is_refused(tmp_path, text):
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text("[]\n", "utf-8")
    bad.write_text(text, "utf-8")
    for paths in ((good, bad), (bad, good), (tmp_path / "none.json", good)):
        code, said = compare(*paths)
        assert code == 2
        assert ".json: expected a ledger, got " in said
        assert "Traceback" not in said


def test_pages_are_counted(tmp_path):
    shares = entry("table", "90.0%, 50.0%", page="two")
    old = [A, B, shares, entry("seconds", "7 s", page="two", seconds=True)]
    new = [A, B | {"printed": "3"}, shares | {"printed": "89.5%, 52.0%"}]
    for name, entries in (("old", old), ("new", new)):
        (tmp_path / name).write_text(json.dumps(entries), "utf-8")
    assert compare(tmp_path / "old", tmp_path / "new", "--by-page") == (
        0,
        "page\tvalues\tmoved\tpoints at most\npage\t2\t1\t\ntwo\t1\t1\t2.0\n",
    )
