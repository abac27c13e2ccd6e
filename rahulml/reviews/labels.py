"""Labels as people write them, and which of them mean thumbs up."""

import re
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from rahulml.checks import shown
from rahulml.reviews.rows import brief, listed, refusal

PAIRS = (("0", "1"), ("false", "true"), ("neg", "pos"), ("negative", "positive"), ("no", "yes"))
"""Thumbs down and thumbs up, where nobody needs to say which is which."""

LEFT_OUT = -1
"""In place of 0 or 1, where `liked` maps a label to None."""

_KNOWN = {kind for pair in PAIRS for kind in pair}
_MOST_KINDS = 12
_MISSING = {"", "nan", "none", "null", "na", "n/a", "<na>"}
_WHOLE = re.compile(r"([+-]?)0*(\d+)(?:[.,]0*)?")


def kind_of(label: object) -> str:
    """Return what a label says: without blanks around it, in small letters, 1.0 as 1.

    A label that is not there, as files and tables have it, becomes the empty one.

    Examples
    --------
    >>> [kind_of(label) for label in (" Positive ", "1.0", True, -1, "NaN", None)]
    ['positive', '1', 'true', '-1', '', '']
    """
    kind = str(label).strip().casefold()
    if whole := _WHOLE.fullmatch(kind):
        sign, digits = whole.groups()
        return "-" + digits if sign == "-" and digits != "0" else digits
    return "" if kind in _MISSING else kind


class Labels:
    """The labels of one source: numbered while its rows are read, judged when all are known.

    Parameters
    ----------
    liked : optional
        Which labels mean thumbs up: one label, or several (all others mean thumbs down), or a
        mapping from each label to True, False or None (left out). Without it the labels have to be
        one of `PAIRS`.

    Attributes
    ----------
    name : str
        What messages call the source.
    kinds : dict
        The number of each kind met so far.
    """

    def __init__(self, liked: object = None):
        self.name = "source"
        self.told, self.others = ({}, None) if liked is None else _told(liked)
        self.kinds: dict[str, int] = {}
        self._as_written: dict[str, int] = {}
        self._first: list[str] = []

    def number(self, label: str, place: str) -> int | None:
        """Return the number of a label's kind, or None where there is no label."""
        if (known := self._as_written.get(label)) is not None:
            return known
        kind = kind_of(label)
        if not kind:
            return None
        if kind not in self.kinds:
            if len(self.kinds) == _MOST_KINDS:
                raise refusal(
                    self.name,
                    "a few kinds of label, thumbs down and thumbs up (another column: label=)",
                    f"more than {_MOST_KINDS} by {place}, such as {brief(kind)}",
                )
            self.kinds[kind] = len(self.kinds)
            self._first.append(place)
        if len(self._as_written) < 1_000:  # as many ways to write them as are worth remembering
            self._as_written[label] = self.kinds[kind]
        return self.kinds[kind]

    def knows(self, label: str) -> bool:
        """Tell whether a field holds a label: one of those met so far, if any, or a known one."""
        return kind_of(label) in (self.kinds or self.told or _KNOWN)

    def judged(self) -> NDArray[np.int8]:
        """Return for each number what the kind means: 1, 0, or `LEFT_OUT`.

        Raises
        ------
        ValueError
            For labels of no known pair while `liked` is not said, labels that it does not name, or
            one kind alone.
        """
        meaning = self._by_told() if self.told else self._by_pair()
        if len(set(meaning) - {LEFT_OUT}) < 2:
            raise refusal(
                self.name,
                "labels of two kinds, thumbs down and thumbs up",
                f"{listed(list(self.kinds))} alone",
            )
        return np.array(meaning, np.int8)

    def _by_pair(self) -> list[int]:
        found = set(self.kinds)
        for pair in PAIRS:
            if found <= set(pair):
                return [pair.index(kind) for kind in self.kinds]
        home = max(PAIRS, key=lambda pair: len(found & set(pair)))
        stranger = next(kind for kind in self.kinds if kind not in home)
        raise refusal(
            self.name,
            f"labels of one pair ({', '.join('/'.join(pair) for pair in PAIRS)}) "
            "or liked= to say which mean thumbs up",
            f"{listed(list(self.kinds), 5)}; {brief(stranger, 24)} "
            f"in {self._first[self.kinds[stranger]]}",
        )

    def _by_told(self) -> list[int]:
        for kind in self.told:
            if kind not in self.kinds:
                raise refusal(
                    self.name,
                    f"the label {brief(kind, 24)}, as liked= says",
                    listed(list(self.kinds), 6),
                )
        for kind, number in self.kinds.items():
            if kind not in self.told and self.others is None:
                raise refusal(
                    self.name,
                    "each label in the mapping liked=",
                    f"{brief(kind, 24)} in {self._first[number]}, too",
                )
        return [self.told.get(kind, self.others) for kind in self.kinds]


def _told(liked: object) -> tuple[dict[str, int], int | None]:
    """Return what `liked` says of each kind, and what of all others; None where it has to say."""
    if isinstance(liked, Mapping):
        meanings = {True: 1, False: 0, None: LEFT_OUT}
        wrong = [value for value in liked.values() if not isinstance(value, bool | int | None)]
        wrong += [value for value in liked.values() if not wrong and value not in meanings]
        told = {kind_of(label): meanings.get(value) for label, value in liked.items() if not wrong}
        others = None
    else:
        one = isinstance(liked, str | bytes) or not isinstance(liked, Iterable)
        wrong, told, others = [], {kind_of(label): 1 for label in ([liked] if one else liked)}, 0
    if wrong or not told or "" in told:
        raise ValueError(
            "liked: expected a label, several, or a mapping from each to True, False or None, "
            f"got {shown(liked)}"
        )
    return told, others
