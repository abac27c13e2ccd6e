"""Reviews as word-numbers, in three piles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rahulml.checks import one_of, shown, whole_number
from rahulml.reviews.report import Report
from rahulml.reviews.words import words_of

PADDING, UNKNOWN = 0, 1
"""The two word-numbers that stand for no word of their own."""


@dataclass(frozen=True, eq=False)
class Pile:
    """Reviews as word-numbers, and what their writers thought.

    Attributes
    ----------
    words : ndarray of int32, shape (n, max_words)
        As many words of each review; 0 fills up before the words of a shorter one, or after them.
    liked : ndarray of int32, shape (n,)
        1 for thumbs up, 0 for thumbs down.
    """

    words: NDArray[np.int32]
    liked: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.words)


@dataclass(frozen=True)
class Numbering:
    """How a text becomes word-numbers.

    Attributes
    ----------
    notepad_words : tuple of str
        The word of each word-number.
    max_words : int
        How many of a text's words are kept.
    keep : {"last", "first"}
        From which end they are counted.
    padding : {"before", "after"}
        On which side of them a shorter text is filled up.

    Examples
    --------
    >>> Numbering(("<padding>", "<unknown>", "good", "not"), 4, padding="after")("NOT so good!")
    array([3, 1, 2, 0], dtype=int32)
    """

    notepad_words: tuple[str, ...] = field(repr=False)
    max_words: int
    keep: str = "last"
    padding: str = "before"

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.notepad_words)}

    def knows(self, word: str) -> bool:
        """Tell whether a word has a number of its own."""
        return word in self._numbers

    def kept(self, text: str, name: str = "text") -> list[str]:
        """Return the words of a text that are kept; `name` is for the message if there is none."""
        words = words_of(text) if isinstance(text, str) else []
        if not words:
            raise ValueError(f"{name}: expected at least one word, got {shown(text)}")
        return words[-self.max_words :] if self.keep == "last" else words[: self.max_words]

    def row(self, words: Sequence[str]) -> NDArray[np.int32]:
        """Return the numbers of at most `max_words` words, filled up: shape (max_words,)."""
        row = np.full(self.max_words, PADDING, np.int32)
        begin = 0 if self.padding == "after" else self.max_words - len(words)
        row[begin : begin + len(words)] = [self._numbers.get(word, UNKNOWN) for word in words]
        return row

    def __call__(self, text: str, name: str = "text") -> NDArray[np.int32]:
        """Return the word-numbers of a text: `row` of the words that are `kept`."""
        return self.row(self.kept(text, name))


@dataclass(frozen=True, eq=False)
class Piles:
    """Three piles without a review in common, and the notepad's words.

    Attributes
    ----------
    study : Pile
        What a machine learns from.
    mock_exam : Pile
        Cut from the reviews meant for study, to choose by: which loop, which machine.
    exam : Pile
        Sealed: to be graded on when every choice has been made.
    notepad_words : tuple of str
        The word of each word-number; the most frequent word of the study pile is at 2.
    duplicates : int
        How many reviews were dropped because another one ends in the same words.
    report : Report, optional
        What was read, how, and what was dropped. Piles that are made by hand have none.
    keep, padding : str
        From which end of a text the words are, and where the padding stands, as in `Numbering`.
    """

    study: Pile
    mock_exam: Pile
    exam: Pile
    notepad_words: tuple[str, ...] = field(repr=False)
    duplicates: int
    report: Report | None = field(default=None, repr=False)
    keep: str = "last"
    padding: str = "before"

    @property
    def numbering(self) -> Numbering:
        """How the texts of these piles became word-numbers."""
        width = self.study.words.shape[1]
        return Numbering(self.notepad_words, width, self.keep, self.padding)

    def describe(self) -> pd.DataFrame:
        """Tell what is in the piles, one row for each.

        Returns
        -------
        DataFrame
            Indexed by pile, with ``reviews`` (count), and as shares in 0..1: ``liked``; ``full``,
            the reviews that need no padding; ``unknown``, the words that the notepad does not have.
        """
        rows = {}
        for name in ("study", "mock_exam", "exam"):
            pile = getattr(self, name)
            rows[name] = {
                "reviews": len(pile),
                "liked": pile.liked.mean(),
                "full": (pile.words[:, 0] != PADDING).mean(),
                "unknown": (pile.words == UNKNOWN).sum() / (pile.words != PADDING).sum(),
            }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("pile")

    def number(self, text: str) -> NDArray[np.int32]:
        """Turn a text into word-numbers, by the rule that made those of the piles.

        Parameters
        ----------
        text : str
            Such as a sentence that somebody has typed.

        Returns
        -------
        ndarray of int32, shape (max_words,)
            As wide as the reviews of the piles: with what `load` says by default, its last words,
            padded in front.

        Raises
        ------
        ValueError
            If there is no word in it.

        Notes
        -----
        The chapter "What a trained worker says, word by word" reads sentences with it.

        Examples
        --------
        >>> pile = Pile(np.zeros((1, 4), np.int32), np.zeros(1, np.int32))
        >>> piles = Piles(pile, pile, pile, ("<padding>", "<unknown>", "good", "not"), duplicates=0)
        >>> piles.number("NOT so good!")
        array([0, 3, 1, 2], dtype=int32)
        """
        return self.numbering(text)


def repad(piles: Piles, *, max_words: int | None = None, padding: str = "before") -> Piles:
    """Put the words of each review at one end of the window, and the padding at the other.

    Parameters
    ----------
    piles : Piles
        From `load`. An exam of None stays None.
    max_words : int, optional
        How many places the new window has, at least as many as the old one. Without it, as many.
    padding : {"before", "after"}
        On which side of the words the padding stands.

    Returns
    -------
    Piles
        The same reviews in the same order, no word of them lost.

    Raises
    ------
    ValueError
        For another side, or a window narrower than before.

    Examples
    --------
    >>> pile = Pile(np.array([[0, 7, 8]], np.int32), np.array([1], np.int32))
    >>> piles = Piles(pile, pile, pile, tuple("_?abcdefgh"), duplicates=0)
    >>> repad(piles, max_words=5, padding="after").study.words.tolist()
    [[7, 8, 0, 0, 0]]
    """
    width = piles.study.words.shape[1]
    max_words = width if max_words is None else max_words
    max_words = whole_number("max_words", max_words, width)
    one_of("padding", padding, ("before", "after"))

    def turned(pile: Pile | None) -> Pile | None:
        if pile is None:
            return None
        is_word = pile.words != PADDING
        count = is_word.sum(axis=1, keepdims=True)
        place = np.arange(max_words)
        window = np.full((len(pile), max_words), PADDING, np.int32)
        filled = place < count if padding == "after" else place >= max_words - count
        window[filled] = pile.words[is_word]  # row by row, and in order within each
        return replace(pile, words=window)

    return replace(
        piles,
        study=turned(piles.study),
        mock_exam=turned(piles.mock_exam),
        exam=turned(piles.exam),
        padding=padding,
    )
