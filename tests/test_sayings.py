"""Numbers go in, text comes out: each saying at its ordinary numbers and at its edges."""

import markdown_it
import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from rahulml import sayings

# --- tables and lists ---


def test_table_is_read_as_one_by_a_markdown_parser():
    rows = [["nolan", 0.9, "*loud*"], ["ended", 12, ""]]
    text = sayings.table(["word", "vote", ""], (row for row in rows), "lrl")
    page = BeautifulSoup(markdown_it.MarkdownIt().enable("table").render(text), "lxml")
    lines = [[cell.get_text() for cell in line(["th", "td"])] for line in page("tr")]
    assert lines == [["word", "vote", ""], ["nolan", "0.9", "loud"], ["ended", "12", ""]]
    assert [cell.get_text() for cell in page("td", style="text-align:right")] == ["0.9", "12"]
    assert text._repr_markdown_() == text


@pytest.mark.parametrize(
    ("rows", "align", "message"),
    [
        ([["a"]], "", "rows: expected 2, one for each column, got 1"),
        ([["a", "b"], ["a", "b", "c"]], "", "rows: expected 2, one for each column, got 3"),
        ([], "lrl", "align: expected 2, one for each column, got 3"),
        ([], "lx", "align: expected 'l' or 'r', got 'x'"),
    ],
)
def test_table_refuses_what_does_not_fit_its_columns(rows, align, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        sayings.table(["one", "two"], rows, align)


def test_of_frame_says_every_column_its_own_way_or_all_alike():
    frame = pd.DataFrame([[0.25, 1], [0.5, 20]], index=[3, 4], columns=["share", 90])
    head, ruler, *lines = sayings.of_frame(
        frame, {"share": ".1%"}, corner="seed", align="rlr"
    ).split("\n")
    assert (head, ruler) == ("| seed | share | 90 |", "| --: | --- | --: |")
    assert lines == ["| 3 | 25.0% | 1 |", "| 4 | 50.0% | 20 |"]
    assert sayings.of_frame(frame, ".2f").endswith("| 4 | 0.50 | 20.00 |")


@pytest.mark.parametrize(
    ("words", "said"),
    [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", 3], "a, b and 3")],
)
def test_listed_puts_an_and_before_the_last(words, said):
    assert sayings.listed(iter(words)) == said


def test_listed_refuses_nothing():
    with pytest.raises(ValueError, match=r"^words: expected at least one, got none$"):
        sayings.listed([])


def test_row_takes_the_numbers_of_any_array_in_order():
    assert sayings.row(np.array([[1, -0.126], [0, 2]])) == "1.00, -0.13, 0.00, 2.00"


# --- sums by pencil ---


def test_products_say_what_a_row_through_a_column_adds_up():
    numbers, paper = np.array([0.5, -0.2, 0.0]), np.array([[0.1, 0.4], [0.2, -0.5], [0.3, 0.0]])
    said = sayings.products(numbers, paper, 1)
    assert said == "0.5 × 0.4 + (-0.2) × (-0.5) + 0.0 × 0.0"
    assert eval(said.replace("×", "*")) == pytest.approx((numbers @ paper)[1])


def test_worksheet_holds_every_product_and_what_they_come_to():
    papers = np.array([[1.0, -2.0]]), np.array([[-1.0, 0.5], [0.5, 1.5]])
    text = sayings.worksheet([2.0], [0.25, -0.125], *papers, [0.5, 0.0], "sigmoid")
    head, _, *lines = [line.strip("| ").split(" | ") for line in text.splitlines()]
    assert head == ["comes in", "slot 1", "slot 2"]
    assert lines == [
        ["note 2.0", "× 1.0 = 2.00", "× (-2.0) = -4.00"],
        ["**word part**", "**2.00**", "**-4.00**"],
        ["memory-B 0.250", "× (-1.0) = -0.250", "× 0.5 = 0.125"],
        ["memory-B -0.125", "× 0.5 = -0.062", "× 1.5 = -0.188"],
        ["**memory part**", "**-0.312**", "**-0.062**"],
        ["nudge", "0.50", "0.00"],
        ["**sum**", "**2.188**", "**-4.062**"],
        ["**sigmoid**", "**0.899**", "**0.017**"],
    ]
    with pytest.raises(ValueError, match="squash: expected"):
        sayings.worksheet([2.0], [0.25, -0.125], *papers, [0.5, 0.0], "relu")


# --- shares and counts ---


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.0104, "+1.04"), (np.float32(-0.5), "-50.00"), (0.0, "+0.00"), (-0.00001, "+0.00")],
)
def test_points_are_hundredths_with_a_sign_and_no_negative_nought(share, said):
    assert sayings.points(share, 2) == said


def test_shares_are_hundredths_in_the_order_given():
    assert sayings.shares(np.array([0.999, 0.5, 0]), 1) == "99.9%, 50.0%, 0.0%"
    assert sayings.shares(iter([0.046])) == "5%"


def test_of_all_has_words_for_none_and_all():
    said = [sayings.of_all(np.int64(some), 3) for some in range(4)]
    assert said == ["none of the 3", "1 of the 3", "2 of the 3", "all 3"]


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, "1"),
        (999_999, "999,999"),
        (1e6, "1.0 million"),
        (12_340_000, "12.3 million"),
        (2e9, "2.0 billion"),
        (3.21e12, "3.2 trillion"),
        (4e15, "4,000.0 trillion"),
    ],
)
def test_large_has_words_from_a_million_on(number, said):
    assert sayings.large(number) == said


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0.5, "1 in 2"),
        (1 / 18_607, "1 in 18,607"),
        (1 / 2.5e9, "1 in 2.5 billion"),
        (2e-12, "1 in 500.0 billion"),
        (0.9e-12, "less than 1 in a trillion"),
        (0.0, "less than 1 in a trillion"),
    ],
)
def test_one_in_says_small_shares(share, said):
    assert sayings.one_in(share) == said


def test_one_in_refuses_a_size_that_it_has_no_word_for():
    with pytest.raises(ValueError, match=r"^least: expected 'million', 'billion' or 'trillion', "):
        sayings.one_in(0.5, least="zillion")


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (1.1e12, "more than a trillion times as much"),
        (1.0006, "1.0 times as much"),
        (1.0004, "all"),
        (1, "all"),
        (0.9996, "all"),
        (0.9994, "99.9%"),
        (0.001, "0.1%"),
        (0.00099, "1 in 1,010"),
        (1e-13, "less than 1 in a trillion"),
    ],
)
def test_part_goes_from_next_to_nothing_to_more_than_all(share, said):
    assert sayings.part(share) == said


# --- verdicts ---


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("told apart", "**told apart**"),
        ("about the same", "**about the same**"),
        *[("undecided",) * 2],
    ],
)
def test_verdict_is_bold_where_there_is_one(word, said):
    pair = {"difference": -0.0104, "low": -0.02, "high": 0.00001, "verdict": word}
    assert sayings.verdict(pair, 2) == ("-1.04", "-2.00 to +0.00", said)


def test_beside_finds_a_pair_whichever_machine_comes_first():
    rows = [("a", "b", "undecided"), ("a", "c", "told apart"), ("b", "c", "about the same")]
    verdicts = pd.DataFrame(rows, columns=["first", "second", "verdict"])
    for first, second, word in rows:
        assert sayings.beside(verdicts, first, second) == word
        assert sayings.beside(verdicts, second, first) == word
    assert sayings.beside(verdicts, "a", "a") == ""
    with pytest.raises(ValueError, match="can only convert"):
        sayings.beside(verdicts, "a", "d")
