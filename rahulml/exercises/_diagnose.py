"""Which slip a wrong number shows: do the sum with every slip, and see which ones give it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np

from rahulml.checks import numbers, shown
from rahulml.exercises._make import DECIMALS, Exercise, draw, work
from rahulml.exercises._pencil import SHIFTS, TABLE, Hand, Hands
from rahulml.exercises._slips import ADVICE, SLIPS

_HALF = 0.5 + 1e-6
"""How far from a number, in parts of the last digit asked for, what is rounded may be."""


@dataclass(frozen=True)
class Diagnosis:
    """What a reader's numbers show.

    Attributes
    ----------
    right : bool
        Whether all are right, to the decimals asked for or nearly so.
    slip : str or None
        The slip that gives them, one of `SLIPS`; if there are several, the first in that order.
    slips : tuple of str
        All slips that give them.
    rounded_early : bool
        Whether they come out if one rounds on the way. Right then means: but for a last digit.
    off : tuple of str
        The names of the numbers that are not right to the last digit asked for.
    message : str
        All of that in plain English. Where no slip fits, it shows a step, and so perhaps an answer.
    """

    right: bool
    slip: str | None
    slips: tuple[str, ...]
    rounded_early: bool
    off: tuple[str, ...]
    message: str


def diagnose(exercise: Exercise, given: Mapping[str, float] | Iterable[float]) -> Diagnosis:
    """Say whether a reader's numbers are right, or which slip they show.

    The sum is done again with every slip, at each place where it can be made and at all of them at
    once, both with all digits and with the question's table. A slip is named if it gives all the
    numbers that were given, to the decimals asked for.

    Parameters
    ----------
    exercise : Exercise
        What `make` gave.
    given : mapping of str to float, or iterable of float
        A number for each name in `exercise.answer`, or the numbers alone, in that order. A number
        that was written as text is refused.

    Returns
    -------
    Diagnosis
        Numbers that are right to the last digit are right, whatever else would give them. Others
        are right, but rounded early, if rounding on the way gives them or they are off by one in
        the last digit, and no slip gives them.

    Raises
    ------
    ValueError
        For what is no exercise; if a name is missing or unknown, there are too few or too many numbers, or one of them is
        not a finite number. The message says what was expected and what came.

    Examples
    --------
    >>> from rahulml.exercises import make
    >>> exercise = make("keeping", 2)
    >>> diagnose(exercise, [0.24, 1.705]).message
    'Right.'
    >>> diagnose(exercise, {"share left": 0.343, "amount left": 2.435}).slip
    'one word too few'
    >>> print(diagnose(exercise, [0.24, 0.1705]).message)
    Not right: amount left. One slip gives these numbers: decimal slipped. A decimal point slipped by one place.
    """  # noqa: E501
    if not isinstance(exercise, Exercise):
        raise ValueError(f"exercise: expected one that make gave, got {shown(exercise)}")
    given = _checked(list(exercise.answer), given)
    with np.errstate(over="ignore"):  # what is too large is wrong in any case
        found = np.array(list(given.values())) * 10.0**exercise.decimals
    exact = np.array(list(exercise.answer.values())) * 10.0**exercise.decimals
    apart = abs(found - exact)
    off = tuple(name for name, by in zip(given, apart, strict=True) if by > _HALF)
    if not off:
        return Diagnosis(True, None, (), False, (), "Right.")

    slate, drawn = draw(exercise.topic, exercise.seed)
    # More places than there are do no harm, and in steps of four most exercises share their hands.
    places = tuple((slip, count + -count % 4) for slip, count in drawn.places.items())
    hands = _all_hands(places, slate.decimals)
    with np.errstate(invalid="ignore"):  # a slip may end at infinity
        pencil = work(slate, hands)
        wrong = pencil.rows(pencil.answers.values()) * 10.0**slate.decimals
        from_found = abs(wrong - found).max(axis=1)
        shows = abs(wrong - exact).max(axis=1) > _HALF
    made = {hands.each[i].slip for i in np.flatnonzero(from_found <= _HALF)}
    if not made and exercise.decimals and apart.max() <= 1 + _HALF:  # off by one in the last digit
        made = {"", *(hands.each[i].slip for i in np.flatnonzero(shows & (from_found <= 1)))}
    slips = tuple(slip for slip in SLIPS if slip in made)
    early = "" in made
    right = early and not slips
    message = _message(exercise, off, slips, early)
    return Diagnosis(right, slips[0] if slips else None, slips, early, off, message)


def _checked(names: list[str], given: Mapping | Iterable) -> dict[str, float]:
    """Return the numbers given by name, in order."""
    wanted = f"a number for each of {', '.join(map(repr, names))}"
    if not isinstance(given, Mapping):
        try:
            values = list(given)
        except TypeError:
            values = given
        if isinstance(given, str | bytes) or not isinstance(values, list):
            raise ValueError(f"given: expected {wanted}, got {shown(given)}")
        if len(values) != len(names):
            raise ValueError(f"given: expected {wanted}, got {len(values)} numbers")
        given = dict(zip(names, values, strict=True))
    for name in names:
        if name not in given:
            raise ValueError(f"given: expected {wanted}, got none for {name!r}")
    for name in given:
        if name not in names:
            raise ValueError(f"given: expected {wanted}, got one for {shown(name)}")
    return {name: float(numbers(f"given[{name!r}]", given[name], shape=())) for name in names}


@lru_cache
def _all_hands(places: Iterable[tuple[tuple[str, str], int]], decimals: int) -> Hands:
    """Return a hand for each slip at each place and at all of them, and hands that round early.

    Each slip is made with all digits, and with the question's table. The decimal point slips at one
    place, not at all of them. Who rounds early rounds every line, or the squashes alone.
    """
    slips = []
    for (slip, kind), count in places:
        first, kinds = (1, SHIFTS) if slip == "decimal slipped" else (0, [kind])
        slips += product([slip], kinds, range(first, count + 1))
    early = range(1, decimals + 1)
    return Hands(
        [
            Hand(),
            *(Hand(*slip) for slip in slips),
            *(Hand(*slip, line=decimals + 2, table=TABLE) for slip in slips),
            *(Hand(line=digits, table=digits) for digits in early),
            *(Hand(table=digits) for digits in early),
        ]
    )


def _message(exercise: Exercise, off: Sequence[str], slips: Sequence[str], early: bool) -> str:
    if early and not slips:
        exact = [f"{name} is {exercise.answer[name]:z.{exercise.decimals}f}" for name in off]
        return (
            f"Right, but rounded on the way: {DECIMALS[exercise.decimals]}, {' and '.join(exact)}. "
            "Keep the digits, and round the last number only."
        )
    head = f"Not right: {', '.join(off)}."
    if not slips:
        return (
            f"{head} None of the usual slips gives these numbers. Check this step first: "
            f"{_first_to_check(exercise, off)}"
        )
    count = "One slip gives" if len(slips) == 1 else f"{len(slips)} slips give"
    named = " Or: ".join(f"{slip}. {ADVICE[slip]}" for slip in slips)
    ending = " Or you rounded on the way." if early else ""
    return f"{head} {count} these numbers: {named}{ending}"


def _first_to_check(exercise: Exercise, off: Sequence[str]) -> str:
    """Return the first step on the way to a number that is off, after those that are right."""
    labels = [step.split(":")[0] for step in exercise.steps]
    ends = min(map(labels.index, off))
    right = [labels.index(name) for name in exercise.answer if name not in off]
    return exercise.steps[max([at for at in right if at < ends], default=-1) + 1]
