"""What is kept of the rows of a source while they are read: each word as a number, and no text."""

from __future__ import annotations

import hashlib
import heapq
import re
import tempfile
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from rahulml.reviews.labels import Labels
from rahulml.reviews.rows import Rows, refusal
from rahulml.reviews.words import words_of

SAME_ENDING = 100
"""Two reviews that end in the same so many words count as one review, posted twice."""

_IN_MEMORY = 2**26  # bytes of word-numbers; more of them wait in a file without a name
_AT_ONCE = 10_000  # reviews
_DIGEST = 16  # bytes
_MISREAD = re.compile("â€|Ã[\x80-\xbf¡-¿]")  # how UTF-8 looks to who takes it for Windows' letters


class Tally:
    """Counts, words, labels and endings of reviews, in the order of their rows.

    It is a context: at its end the temporary file is gone.

    Attributes
    ----------
    rows : int
        Read so far.
    dropped, damaged : Counter
        How many rows are left out, and how many texts show signs of damage, by reason.
    letters, blanks : int
        Characters of all texts, and how many of these are blanks.
    longest : list of tuple
        Words and place of three texts.
    vocabulary : dict
        Each word's number, in the order in which they were met.
    lengths : array of int
        Each review's number of words.
    kinds : bytearray
        Each review's kind of label, by its number.
    """

    def __init__(self):
        self.rows = self.letters = self.blanks = 0
        self.dropped: Counter[str] = Counter()
        self.damaged: Counter[str] = Counter()
        self.longest: list[tuple[int, str]] = []
        self.vocabulary: defaultdict[str, int] = defaultdict()
        self.vocabulary.default_factory = self.vocabulary.__len__
        self.lengths = array("i")
        self.kinds = bytearray()
        self._endings = bytearray()
        self._words = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115

    def __enter__(self) -> Tally:
        return self

    def __exit__(self, *_: object) -> None:
        self._words.close()

    def read(self, rows: Rows, labels: Labels, missing: str, progress: bool) -> None:
        """Read all rows. Those without a text, a word or a label are refused, or dropped."""
        number_of = self.vocabulary.__getitem__
        for place, text, label in tqdm(rows.rows, unit=" rows", disable=not progress):
            self.rows += 1
            if text is None:
                self.dropped["empty row"] += 1
                continue
            words = words_of(text)
            kind = labels.number(label, place)
            if not words or kind is None:
                why = "label" if words else "word" if text.strip() else "text"
                if missing == "refuse":
                    expected = f"a {why} in each row (or missing='drop', to leave such rows out)"
                    raise refusal(rows.name, expected, f"none in {place}")
                self.dropped[f"no {why}"] += 1
                continue
            self._words.write(array("i", map(number_of, words)))
            self.lengths.append(len(words))
            self.kinds.append(kind)
            ending = " ".join(words[-SAME_ENDING:]).encode()
            self._endings += hashlib.blake2b(ending, digest_size=_DIGEST).digest()
            self._look_at(text, len(words), place)

    def _look_at(self, text: str, words: int, place: str) -> None:
        self.letters += len(text)
        self.blanks += text.count(" ")
        if len(self.longest) < 3:
            heapq.heappush(self.longest, (words, place))
        elif words > self.longest[0][0]:
            heapq.heapreplace(self.longest, (words, place))
        if "\0" in text:
            self.damaged["NUL characters, which are read as blanks"] += 1
        if text.isascii():
            return
        if "\ufffd" in text:
            self.damaged["\ufffd in place of a character that was lost before"] += 1
        if _MISREAD.search(text):
            self.damaged["signs like â€™ or Ã©: written as UTF-8, then taken for cp1252"] += 1

    def kept(self, used: NDArray[np.int64], up: NDArray[np.int8]) -> NDArray[np.int64]:
        """Return which reviews to keep, one of those that end in the same words.

        Of an ending that stands there with both labels nobody knows which is right: none is kept.

        Parameters
        ----------
        used : ndarray of int, shape (n,)
            The reviews to choose from.
        up : ndarray of int, shape (n,)
            Their labels, 1 or 0.
        """
        endings = np.frombuffer(self._endings, f"S{_DIGEST}")[used]
        _, first, group = np.unique(endings, return_index=True, return_inverse=True)
        same, liked = np.bincount(group), np.bincount(group, up)
        both = (liked > 0) & (liked < same)
        self.dropped["both labels"] = int(same[both].sum())
        self.dropped["same ending"] = int((same[~both] - 1).sum())
        return np.sort(used[first[~both]])

    def chunks(self) -> Iterator[tuple[slice, NDArray[np.int32], NDArray[np.int32]]]:
        """Yield some reviews after the other: which, how many words each has, all these words."""
        self._words.seek(0)
        for start in range(0, len(self.lengths), _AT_ONCE):
            some = slice(start, start + _AT_ONCE)
            lengths = np.array(self.lengths[some], np.int32)
            size = int(lengths.sum(dtype=np.int64)) * self.lengths.itemsize
            yield some, lengths, np.frombuffer(self._words.read(size), np.int32)
