"""A sum worked by many hands at once: each hand makes one slip of its own, or none."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rahulml.hand_cell import sigmoid

SQUASHES = {"tanh": np.tanh, "sigmoid": sigmoid, "e^": np.exp}
"""What a number can be looked up for in a table."""


ALL = 12
"""So many decimals are as good as all of them."""

TABLE = 3
"""The decimals of a squash in a question's table."""


SHIFTS = {"to the right": 10, "to the left": 0.1}
"""What a number is multiplied by if its decimal point slips so."""


class Hand(NamedTuple):
    """How one hand does the sum.

    Attributes
    ----------
    slip : str
        The slip that it makes, one of `SLIPS`; none if empty.
    how : str
        Which kind of that slip, such as which two votes are swapped.
    place : int
        At which of the places where the slip can be made, counted from 1; 0 for all of them.
    line, table : int
        How many decimals it keeps of a line, and of a squash. A hand that does not keep all of a
        line takes the squash from a table, of the number rounded to two decimals.
    """

    slip: str = ""
    how: str = ""
    place: int = 0
    line: int = ALL
    table: int = ALL


class Hands:
    """Many hands, and which of them slip where.

    Parameters
    ----------
    hands : iterable of Hand
        The first one should make no slip: what it has decides which slips can be made.

    Attributes
    ----------
    each : tuple of Hand
        The hands.
    line, table, looked_up : ndarray or None
        10 to the decimals of a line, of a squash, and of what it is looked up for, for each hand;
        None where all hands keep all decimals.
    made : dict of ndarray
        For each slip and kind of it, a row for each place with a bool for each hand. The first row
        is for all places beyond the last one.
    shifts : ndarray
        By what each hand shifts a decimal point, a row for each place.
    """

    def __init__(self, hands: Iterable[Hand]):
        self.each = tuple(hands)
        slips, hows, places, lines, tables = zip(*self.each, strict=True)
        looked_up = [2 if line < ALL else ALL for line in lines]
        self.line, self.table, self.looked_up = map(_scales, (lines, tables, looked_up))
        self.made, self.shifts = {}, np.ones((1, len(self.each)))
        by_slip = {}
        for number, slip in enumerate(zip(slips, hows, strict=True)):
            by_slip.setdefault(slip, []).append(number)
        for (slip, how), numbers in by_slip.items():
            at = [places[number] for number in numbers]
            here = np.zeros((max(at) + 1, len(self.each)), bool)
            here[at, numbers] = True
            if slip == "decimal slipped":
                self.shifts = np.where(here, SHIFTS[how], self.shifts)
            elif slip:
                self.made[slip, how] = here | here[0]


class Pencil:
    """Work out a sum, one method a line, in all hands at once.

    A number is a float as long as all hands agree on it, then an array with an entry for each.

    Attributes
    ----------
    hands : Hands
        Who works it out.
    places : dict
        In how many places each slip, and kind of it, can be made.
    answers : dict
        What was asked for.
    looked_up : list of (squash, number)
        What was squashed.
    """

    def __init__(self, hands: Hands):
        self.hands = hands
        self.places = {}
        self.answers = {}
        self.looked_up = []
        self._lines = []

    def makes(self, slip: str, how: str = ""):
        """Say which hands make this slip here: an array of bool."""
        place, made = self._place(slip, how), self.hands.made[slip, how]
        return made[place if place < len(made) else 0]

    def either(self, slip: str, right, wrong, how: str = ""):
        """Give the wrong number to the hands that make this slip here, to others the right one."""
        return pick(self.makes(slip, how), wrong, right)

    def copy(self, row: Iterable) -> list:
        """Copy numbers down."""
        return [self._shifted(self._signed(number)) for number in row]

    def total(self, label: str, products: Iterable[tuple], *terms):
        """Multiply pair by pair, and add up the products and further terms."""
        products = list(products)
        parts = [self._product(a, b) for a, b in products]
        parts += self.copy(terms)
        value = _to(self.hands.line, sum(parts))
        if len(parts) > 1:
            value = self._signed(value)
        self.write(label, value, _total, products, terms, parts)
        return value

    def difference(self, label: str, a, b):
        """Subtract b from a."""
        value = self._signed(self.either("the wrong way round", a - b, b - a))
        self.write(label, value, "{} - {}", a, b)
        return value

    def quotient(self, label: str, a, b):
        """Divide a by b."""
        value = self.either(
            "the wrong way round", self._product(a, np.divide(1, b)), np.divide(b, a)
        )
        value = _to(self.hands.line, self.either("division left out", value, a))
        self.write(label, value, "{} / {}", a, b)
        return value

    def squash(self, label: str, squash: str, number):
        """Squash, with a table or without."""
        number = self._signed(number)
        at = _to(self.hands.looked_up, number)
        self.looked_up.append((squash, number))
        value = SQUASHES[squash](at)
        if squash == "sigmoid":
            value = self.either("tanh for sigmoid", value, np.tanh(at))
        if squash == "tanh":
            value = self.either("sigmoid for tanh", value, sigmoid(at))
        value = _to(self.hands.table, value)
        if squash != "e^":
            value = self.either("squash left out", value, number)
        value = _to(self.hands.line, value)
        self.write(label, value, _squashed, squash, number, at)
        return value

    def slope(self, label: str, memory):
        """Take the slope of the tanh that gave this memory."""
        square = memory**2
        if _first(memory) < 0:
            square = self.either("sign lost", square, -square)
        value = _to(self.hands.line, self.either("squash left out", 1 - square, 1.0))
        self.write(label, value, "1 - {}²", memory)
        return value

    def answer(self, name: str, value) -> None:
        """Write down what was asked for; its line has the same label."""
        self.answers[name] = self._shifted(self._signed(value))

    def write(self, label: str, value, left: str | Callable[..., str], *numbers) -> None:
        """Write down a line: what was worked out, with which numbers, and what came of it."""
        self._lines.append((label, value, left, numbers))

    def rows(self, numbers: Iterable) -> NDArray:
        """Return numbers in rows: one a hand."""
        numbers = list(numbers)
        columns = np.empty((len(numbers), len(self.hands.each)))
        for column, number in zip(columns, numbers, strict=True):
            column[:] = number
        return columns.T

    def lines(self, hand: int) -> list[tuple[str, str, float]]:
        """Return what one hand has written: each line's label, sum, and what came of it."""
        lines = []
        for label, value, left, numbers in self._lines:
            numbers = _of(hand, numbers)
            text = left.format(*map(factor, numbers)) if isinstance(left, str) else left(*numbers)
            lines.append((label, text, _of(hand, value)))
        return lines

    def _signed(self, value):
        """Let the minus sign of a number go astray."""
        return value if _first(value) >= 0 else self.either("sign lost", value, abs(value))

    def _shifted(self, value):
        """Let the decimal point of a number slip: a place for two kinds of this slip."""
        if _first(value) == 0:
            return value
        place, shifts = self._place("decimal slipped", ""), self.hands.shifts
        return value * shifts[place] if place < len(shifts) else value

    def _place(self, slip: str, how: str) -> int:
        """Count one more place for a slip."""
        place = self.places[slip, how] = self.places.get((slip, how), 0) + 1
        return place

    def _product(self, a, b):
        """Multiply two numbers; their minus signs may go astray, and the decimal point may slip."""
        value, below = a * b, (_first(a) < 0, _first(b) < 0)
        if all(below):
            overlooks_all = self.hands.made.get(("sign lost", ""), [False])[0]
            value = pick(overlooks_all, abs(value), value)
            value = self.either("sign lost", value, -value, "of two")
        elif any(below):
            value = self.either("sign lost", value, abs(value))
        return self._shifted(value)


def pick(made, wrong, right):
    """Return `wrong` where a slip is made, and `right` elsewhere; `made` may be a lone False."""
    return right if made is False else np.where(made, wrong, right)


def rounded(value, scale):
    """Round to parts of 1 / scale, halves away from 0, as on paper."""
    return np.rint(value * scale * (1 + 1e-12)) / scale


def shown(number) -> str:
    """Return a number as the book prints it: at least one decimal, and at most five.

    Examples
    --------
    >>> shown(2.0), shown(0.375), shown(-1e-9), shown(8320)
    ('2.0', '0.375', '0.0', '8,320')
    """
    if isinstance(number, int):
        return f"{number:,}"
    text = f"{number:.5f}".rstrip("0")
    text = f"{text}0" if text.endswith(".") else text
    return "0.0" if text == "-0.0" else text


def factor(number) -> str:
    """Return a number as it is written in a product: in brackets if it is below 0."""
    return f"({shown(number)})" if number < 0 else shown(number)


def _total(products: list, terms: list, parts: list) -> str:
    """Return the text of a sum: the products and terms, and if there are several, each alone."""
    left = [*(f"{factor(a)} × {factor(b)}" for a, b in products), *map(shown, terms)]
    sums = [left, map(shown, parts)] if products and len(parts) > 1 else [left]
    return " = ".join(" + ".join(one).replace("+ -", "- ") for one in sums)


def _squashed(squash: str, number, at) -> str:
    """Return the text of a squash, with both numbers if it was looked up for a rounded one."""
    numbers = map(factor if squash == "e^" else shown, (number, at))
    texts = [f"e^{one}" if squash == "e^" else f"{squash}({one})" for one in numbers]
    return " ≈ ".join(dict.fromkeys(texts))


def _is_whole(value) -> bool:
    return isinstance(_first(value), int | np.integer)


def _first(value):
    """Return what the first hand has."""
    return value[0] if isinstance(value, np.ndarray) else value


def _of(hand: int, value):
    """Return what one hand has, also of a list of numbers."""
    if isinstance(value, list | tuple):
        return [_of(hand, one) for one in value]
    return value[hand].item() if isinstance(value, np.ndarray) else value


def _scales(decimals: Sequence[int]) -> NDArray | None:
    """Return 10 to the decimals of each hand, or None if all hands keep all of them."""
    return None if min(decimals) == ALL else 10.0 ** np.array(decimals)


def _to(scale: NDArray | None, value):
    """Round for each hand to its scale; whole numbers stay as they are."""
    return value if scale is None or _is_whole(value) else rounded(value, scale)
