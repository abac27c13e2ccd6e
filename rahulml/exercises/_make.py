"""A question for a topic and a seed: drawn until it is kind, then written out."""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from rahulml.checks import one_of, whole_number
from rahulml.exercises import _kin, _lstm, _plain
from rahulml.exercises._draws import Draws, Slate, table
from rahulml.exercises._pencil import SQUASHES, TABLE, Hand, Hands, Pencil, rounded, shown
from rahulml.exercises._slips import KINDS, SLIPS

_SETTERS = {
    "paper": _plain.paper,
    "plain-step": _plain.plain_step,
    "clerk": _plain.clerk,
    "mark": _plain.mark,
    "keeping": _plain.keeping,
    "two-memories": _lstm.two_memories,
    "machine": _lstm.one_machine,
    "push": _lstm.push,
    "lands": _lstm.lands,
    "choose-votes": _lstm.choose_votes,
    "combine": _lstm.combine_one,
    "combine-three": _lstm.combine_three,
    "whole-step": _lstm.whole_step,
    "two-words": _lstm.two_words,
    "dial-count": _kin.dial_count,
    "dial-turn": _plain.dial_turn,
    "gru-step": _kin.gru_step,
    "attention": _kin.attention,
    "pairs": _kin.pairs,
    "padding": _plain.padding,
}

TOPICS = tuple(_SETTERS)
"""The names of all topics, in the order of the pages."""

DECIMALS = "in whole numbers", "to one decimal", "to two decimals", "to three decimals"
"""How a question says to how many decimals a number is asked for."""

_COLUMNS = 9
"""How many columns a table of squashes has, if no more are needed."""

_TRIES = 1000
"""How often numbers are drawn at most. On average one to four are enough."""

_FAR = 3
"""From here on a squash hardly moves, so that a slip before it would not show."""


@dataclass(frozen=True)
class Exercise:
    """A question with its answer, and how one gets there.

    Attributes
    ----------
    question : str
        In Markdown. Its last sentence names the numbers to find, in order, and their decimals.
    answer : dict of str to float
        Those numbers by name, with all digits.
    steps : tuple of str
        What to do in order, a line of Markdown each, as a pencil does it: with the squashes of the
        question's table, and with two decimals more than asked for. The answers are bold.
    topic : str
        One of `TOPICS`.
    seed : int
        What it was made from.
    decimals : int
        To how many decimals each number is asked for.
    slips : tuple of str
        Which slips can be made here, and would show.
    """

    question: str
    answer: dict[str, float]
    steps: tuple[str, ...]
    topic: str
    seed: int
    decimals: int
    slips: tuple[str, ...]


def make(topic: str, seed: int) -> Exercise:
    """Make an exercise, the same for a topic and seed for ever.

    The numbers are kind to a pencil: at most two decimals, votes in 0..1, fresh values in -1..1.
    They are drawn again until no number to squash is far from 0, the question's table leads to the
    very digits of the hand cell, and each slip to others.

    Parameters
    ----------
    topic : str
        One of `TOPICS`.
    seed : int
        A whole number of at least 0.

    Returns
    -------
    Exercise
        Its `answer` is the hand cell's.

    Raises
    ------
    ValueError
        For an unknown topic, whose message names those known; or a seed that is no whole number.

    Examples
    --------
    >>> exercise = make("keeping", 2)
    >>> for step in exercise.steps:
    ...     print(step)
    share left after 2 words: 0.7 × 0.7 = 0.49
    share left after 3 words: 0.49 × 0.7 = 0.343
    share left: 0.343 × 0.7 = 0.2401 ≈ **0.240**
    amount left: 7.1 × 0.2401 = 1.70471 ≈ **1.705**
    >>> print(exercise.question.splitlines()[-1])
    Find, to three decimals: *share left*, *amount left*.
    >>> {name: round(number, 3) for name, number in exercise.answer.items()}
    {'share left': 0.24, 'amount left': 1.705}
    """
    one_of("topic", topic, TOPICS)
    slate, pencil = draw(topic, whole_number("seed", seed, 0))
    answer = {name: float(number) for name, number in slate.by_cell().items()}
    could = {slip for slip, _ in pencil.places}
    find = f"Find, {DECIMALS[slate.decimals]}: {', '.join(f'*{name}*' for name in answer)}."
    return Exercise(
        question="\n\n".join([slate.question, *_squashes(pencil), find]),
        answer=answer,
        steps=tuple(_step(*line, line[0] in answer, slate.decimals) for line in pencil.lines(1)),
        topic=topic,
        seed=int(seed),
        decimals=slate.decimals,
        slips=tuple(slip for slip in SLIPS if slip in could),
    )


def _step(label: str, left: str, value: float, is_answer: bool, decimals: int) -> str:
    """Return a line of the steps; the number of an answer is bold, as it was asked for."""
    whole = shown(value)
    if not is_answer:
        return f"{label}: {left} = {whole}"
    asked = whole if isinstance(value, int) else f"{rounded(value, 10**decimals):z.{decimals}f}"
    equals = "=" if abs(float(asked.replace(",", "")) - value) < 1e-9 else f"= {whole} ≈"
    return f"{label}: {left} {equals} **{asked}**"


def _squashes(pencil: Pencil) -> list[str]:
    """Return a table of the squashes that are needed, among some that a slip would ask for."""
    if not pencil.looked_up:
        return []
    squashes, numbers = zip(*pencil.looked_up, strict=True)
    by_hand = rounded(pencil.rows(numbers), 100) + 0.0  # without a sign of 0
    needed = set(by_hand[1].tolist())
    others = by_hand[2:].ravel().tolist()
    others = dict.fromkeys(one for one in others if abs(one) < 5 and one not in needed)
    columns = sorted({*needed, *list(others)[: max(_COLUMNS - len(needed), 2)]})
    rows = ["e^"] if "e^" in squashes else ["tanh", "sigmoid"]
    lines = [[row, *(f"{SQUASHES[row](one):.{TABLE}f}" for one in columns)] for row in rows]
    what = "Powers of e" if "e^" in squashes else "Squashes"
    return [
        f"{what}, to three decimals (take the nearest number):",
        table(["number", *columns], *lines),
    ]


class Drawn(NamedTuple):
    """A slate that is kind, and what the hands `everywhere` made of it."""

    slate: Slate
    pencil: Pencil


@lru_cache(maxsize=100)
def draw(topic: str, seed: int) -> Drawn:
    """Draw slates until one is kind; a topic in which a slip can never show is refused."""
    draws = Draws(topic, seed)
    for _ in range(_TRIES):
        slate = _SETTERS[topic](draws)
        pencil = work(slate, _everywhere(slate.decimals))
        if _is_kind(pencil, slate.decimals):
            return Drawn(slate, pencil)
    raise RuntimeError(f"{topic}: none of {_TRIES} draws leads to kind numbers")


@lru_cache
def _everywhere(decimals: int) -> Hands:
    """Return a hand with all digits, one with the question's table, and for each slip one.

    The latter make it wherever it can be made. The table's hand keeps two decimals more than asked.
    """
    slips = [slip for slip in SLIPS if slip != "decimal slipped"]
    each = [Hand(slip, how) for slip in slips for how in KINDS.get(slip, ("",))]
    return Hands([Hand(), Hand(line=decimals + 2, table=TABLE), *each])


def work(slate: Slate, hands: Hands) -> Pencil:
    """Let many hands work out a slate."""
    pencil = Pencil(hands)
    with np.errstate(all="ignore"):  # a slip may divide by 0
        slate.work(pencil)
    return pencil


def _is_kind(pencil: Pencil, decimals: int) -> bool:
    """Say whether the table leads to the exact digits, and each slip to others.

    That, and which number in the table is the nearest, is so by a margin that no last bit decides.
    """
    looked_up = pencil.rows(number for _, number in pencil.looked_up)
    if (abs(looked_up[0]) > _FAR).any():
        return False
    answers = pencil.rows(pencil.answers.values()) * 10.0**decimals
    exact, by_table = answers[:2]
    clear = np.concatenate([exact, by_table, looked_up[1] * 100])
    slips = [i for i, hand in enumerate(pencil.hands.each) if hand[:2] in pencil.places]
    return (
        (exact.round() == by_table.round()).all()
        and (abs(clear % 1 - 0.5) > 0.0123).all()
        and (abs(answers[slips] - exact).max(axis=1) > 0.7654).all()
    )
