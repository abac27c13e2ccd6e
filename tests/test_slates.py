"""Slates as a page and a notebook show them, and a reader's numbers checked at once."""

import re

import pytest
from bs4 import BeautifulSoup
from markdown_it import MarkdownIt

from rahulml.exercises import TOPICS, check, diagnose, make, slate, slates


def shown(text):
    """Return what a page or a notebook makes of a text."""
    return BeautifulSoup(MarkdownIt("gfm-like", {"linkify": False}).render(text), "html.parser")


@pytest.mark.parametrize("topic", TOPICS)
def test_slate_shows_the_question_and_shuts_the_answer_away(topic):
    exercise, page = make(topic, 3), shown(slate(topic, 3, "stretch", 5))
    details = page.details.extract()
    assert details.summary.get_text() == "Show the answer to slate 5"
    assert not details.has_attr("open")
    steps = [step.replace("**", "") for step in exercise.steps]
    assert [step.get_text() for step in details("li")] == steps
    assert [name.get_text() for name in page("p")[-1]("em")] == list(exercise.answer)
    assert page.p.get_text() == f"Slate 5, stretch ({topic} 3)"
    tables = exercise.question.count("| --- |\n")
    assert len(page("table")) == tables
    open_text = page.get_text()
    assert not any(step in open_text for step in steps)
    assert "|" not in open_text
    assert "**" not in open_text


def test_slates_are_numbered_from_warm_up_to_stretch():
    pairs = {"stretch": [("push", 2)], "warm_up": [("lands", 1), ("keeping", 4)]}
    page = shown(slates(**pairs, first=3))
    heads = [head.get_text() for head in page(class_="slate-head")]
    assert heads == [
        "Slate 3, warm-up (lands 1)",
        "Slate 4, warm-up (keeping 4)",
        "Slate 5, stretch (push 2)",
    ]
    assert len(page("details")) == 3


def test_slate_is_markdown_in_a_notebook_and_says_the_same_each_time():
    assert slate("pairs", 1)._repr_markdown_() == slate("pairs", 1)
    assert "Show the answer to this slate" in slate("pairs", 1)


@pytest.mark.parametrize("topic", TOPICS)
def test_slate_prints_no_sign_of_nothing(topic):
    """A sum that comes out a hair below 0 is 0, not -0."""
    for seed in range(100):
        assert not re.search(r"-0\.0+(?!\d)", slate(topic, seed)), (topic, seed)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([0.48, 0.31], "Right."),
        ([..., 0.31], "Not yet. Still to be found: new memory-A."),
        ({"new memory-A": ..., "new memory-B": ...}, "new memory-A, new memory-B."),
        ({"new memory-A": 0.48, "new memory-B": 0.48}, "A handed on for B"),
    ],
)
def test_check_says_it_at_once(given, message):
    assert message in check("combine", 7, given)


def test_check_says_what_diagnose_says():
    for given in ([0.48, 0.32], [0.1, 0.2], iter([0.48, 0.31])):
        given = list(given)
        assert check("combine", 7, iter(given)) == diagnose(make("combine", 7), given).message


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: slate("lstm", 1), "topic: expected 'paper', .* got 'lstm'"),
        (lambda: slate("paper", "1"), "seed: expected a whole number of at least 0, got '1'"),
        (lambda: slate("paper", 1, "hard"), "label: expected 'warm-up', .* got 'hard'"),
        (lambda: slate("paper", 1, number=0), "number: expected a whole number of at least 1"),
        (lambda: slates(practice=["paper"]), "practice: expected pairs of .*, got 'paper'"),
        (lambda: slates(warm_up="paper"), "warm_up: expected pairs of .*, got 'p'"),
        (lambda: slates(warm_up=7), "warm_up: expected pairs of .*, got 7"),
        (lambda: slates(), "slates: expected at least one, got none"),
        (lambda: check("combine", 7, [..., 1, 2]), "got 3 numbers"),
        (lambda: check("combine", 7, [...]), "got 1 numbers"),
        (lambda: check("combine", 7, {"new memory-C": ...}), "got none for 'new memory-A'"),
        (lambda: check("combine", 7, "0.48 0.31"), "got '0.48 0.31'"),
        (lambda: check("combine", 7, [float("nan"), 1]), "expected finite numbers, got nan"),
        (lambda: check("combine", 7, 0.48), "got 0.48"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
