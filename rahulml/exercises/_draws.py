"""What sets a question: numbers that are the same for ever, tables, and a slate."""

import random
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from rahulml import sayings
from rahulml.exercises._pencil import Pencil, shown

T = TypeVar("T")


class Draws:
    """Draw from lists, the same for a topic and seed on every machine and in every Python.

    Python promises that for two things: `random.Random.random`, and how it is seeded by a text with
    ``version=2`` ("Notes on Reproducibility" in the documentation of `random`). So these two are
    all that is used. Neither the other methods of `random` promise it, nor NumPy's `Generator`; and
    nothing hangs on ``PYTHONHASHSEED``.

    Examples
    --------
    >>> Draws("combine", 7).some(3, "abcdef")
    ['d', 'f', 'a']
    """

    def __init__(self, topic: str, seed: int):
        generator = random.Random()
        generator.seed(f"{topic} {seed}", version=2)
        self._random = generator.random

    def one(self, options: Sequence[T]) -> T:
        """Draw one."""
        return options[int(self._random() * len(options))]

    def some(self, count: int, options: Sequence[T]) -> list[T]:
        """Draw several, no two the same."""
        left = list(options)
        return [left.pop(int(self._random() * len(left))) for _ in range(count)]

    def paper(self, rows: int, columns: int) -> list[list[float]]:
        """Draw a paper: no dial is there twice."""
        dials = self.some(rows * columns, DIALS)
        return [dials[row * columns : (row + 1) * columns] for row in range(rows)]


class Slate(NamedTuple):
    """A question that has been set, and how it is worked out.

    Attributes
    ----------
    question : str
        In Markdown, without what to find.
    work : callable
        Works it out with a `Pencil`.
    by_cell : callable
        Gives the answers, name by name, by the hand cell.
    decimals : int
        To how many decimals each answer is asked for.
    """

    question: str
    work: Callable[[Pencil], None]
    by_cell: Callable[[], dict[str, float]]
    decimals: int


def tenths(low: int, high: int, step: int = 1) -> list[float]:
    """Return low / 10, ..., high / 10, without 0."""
    return [number / 10 for number in range(low, high + 1, step) if number]


VOTES = tenths(1, 9)
FRESH = tenths(-9, 9)
MEMORY = tenths(-9, 9)
ACCOUNTS = tenths(-30, 30, 5)
NOTES = tenths(-20, 20, 5)
DIALS = tenths(-15, 15)
NUDGES = tenths(-10, 10)


def row(numbers: Sequence[float]) -> str:
    """Return a row of numbers in brackets."""
    return f"({', '.join(map(shown, numbers))})"


def table(*lines: Sequence[object]) -> str:
    """Return a Markdown table of words and numbers; the first line is its head."""
    head, *rest = ([x if isinstance(x, str) else shown(x) for x in line] for line in lines)
    return sayings.table(head, rest)
