"""Tasks that cannot be solved without memory: an early word decides, or every word does.

The texts are made, not found, so that it is known which words matter, and where they stand.
"""

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from rahulml.checks import number, whole_number
from rahulml.reviews import Pile, Piles

CLUES = NOT, SO = 2, 3
ENDINGS = GOOD, BAD = 4, 5
"""The word-numbers that matter; those above are filler, 0 and 1 stay padding and unknown."""

FILLER = (
    *("the", "a", "and", "of", "to", "it", "is", "in", "this", "that", "was", "as", "with", "for"),
    *("film", "on", "by", "an", "at", "from", "one", "all", "has", "who", "they", "her", "his"),
    *("there", "about"),
)

NOTEPAD_WORDS = ("<padding>", "<unknown>", "not", "so", "good", "bad", *FILLER)
"""The word of each word-number: 35 in all."""

DISTANCES = (1, 5, 10, 20, 40, 60, 90)
"""How far before the last word the clue stands in the exam."""


def make(
    *,
    words: int = 100,
    study: int = 8_000,
    mock_exam: int = 1_000,
    exam: int = 500,
    distances: Sequence[int] = DISTANCES,
    nearest: int = 1,
    decoys: float = 0.2,
    seed: int = 0,
) -> Piles:
    """Make three piles of texts in which the first NOT or SO decides.

    A text is filler, then a clue (NOT or SO), then filler again in which each word may be a decoy:
    another NOT or SO that decides nothing. The last word is GOOD or BAD. The text is liked if it
    ends in GOOD and the *first* clue is SO, or in BAD and the first clue is NOT. Everything is
    drawn evenly. In study and mock exam the distance from the clue to the last word is drawn so
    that its logarithm is even, from `nearest` to ``words - 1``.

    Parameters
    ----------
    words : int
        How many words a text has; at least 2.
    study, mock_exam : int
        How many texts in these piles; at least 1.
    exam : int
        How many texts in the exam at each distance; at least 1.
    distances : sequence of int
        How far before the last word the clue stands in the exam, each in ``1..words - 1``.
    nearest : int
        How far before the last word it stands at least in study and mock exam, in ``1..words - 1``.
    decoys : float
        The chance of each word between clue and last word to be a decoy, in 0..1.
    seed : int
        Decides every draw, which NumPy makes; at least 0.

    Returns
    -------
    Piles
        Like those of `rahulml.reviews.load`: word-numbers of shape (n, words), a label for each
        text, and the `NOTEPAD_WORDS`. The exam holds its distances one after the other.

    Raises
    ------
    ValueError
        For a number out of its range. The message says what was expected and what came.

    Notes
    -----
    In the spirit of the tasks of Hochreiter and Schmidhuber (1997), section 5. The chapter "How far
    back can each one hear?" trains on it.

    Examples
    --------
    >>> piles = make(words=6, study=1, mock_exam=1, exam=3, distances=[4])
    >>> for text, liked in zip(piles.exam.words, piles.exam.liked):
    ...     print(*[piles.notepad_words[number] for number in text], liked)
    as so there at they bad 0
    one not her of by bad 1
    they so was this so good 1
    """
    whole_number("words", words, 2)
    for name, size in (("study", study), ("mock_exam", mock_exam), ("exam", exam)):
        whole_number(name, size, 1)
    whole_number("seed", seed, 0)
    whole_number("nearest", nearest, 1, words - 1)
    number("decoys", decoys, 0, 1)
    if not len(distances):
        raise ValueError("distances: expected at least one, got none")
    for value in distances:
        whole_number("distances", value, 1, words - 1)
    rng = np.random.default_rng(seed)
    drawn = [
        np.floor(nearest * (words / nearest) ** rng.random(size)).astype(int).clip(1, words - 1)
        for size in (study, mock_exam)
    ]
    asked = np.repeat(distances, exam)
    return Piles(
        *(_pile(rng, where, words, decoys) for where in (*drawn, asked)),
        notepad_words=NOTEPAD_WORDS,
        duplicates=0,
    )


def _pile(rng: Generator, distances: NDArray, words: int, decoys: float) -> Pile:
    """Draw one text for each distance."""
    shape = len(distances), words
    texts = rng.integers(len(NOTEPAD_WORDS) - len(FILLER), len(NOTEPAD_WORDS), shape)
    before_last = words - 1 - np.arange(words)
    is_decoy = (before_last < distances[:, np.newaxis]) & (rng.random(shape) < decoys)
    texts = np.where(is_decoy, rng.choice(CLUES, shape), texts)
    clues, endings = rng.choice(CLUES, len(texts)), rng.choice(ENDINGS, len(texts))
    texts[before_last == distances[:, np.newaxis]] = clues
    texts[:, -1] = endings
    liked = (clues == SO) == (endings == GOOD)
    return Pile(texts.astype(np.int32), liked.astype(np.int32))


def distance(words: NDArray) -> NDArray:
    """Find how far before the last word the first clue stands.

    Parameters
    ----------
    words : ndarray of int, shape (n, words)
        Texts from `make`.

    Returns
    -------
    ndarray of int, shape (n,)

    Raises
    ------
    ValueError
        If a text has no clue.

    Examples
    --------
    >>> distance(np.array([[9, NOT, 8, SO, GOOD], [SO, 7, 7, 7, BAD]])).tolist()
    [3, 4]
    """
    is_clue = np.isin(words, CLUES)
    if not is_clue.any(axis=1).all():
        raise ValueError("words: expected a clue in each text, got one without")
    return words.shape[1] - 1 - is_clue.argmax(axis=1)


def last_clue(words: NDArray) -> NDArray:
    """Guess as a reader would who remembers the last clue only, decoy or not.

    Parameters
    ----------
    words : ndarray of int, shape (n, words)
        Texts from `make`.

    Returns
    -------
    ndarray of int, shape (n,)
        1 for liked, 0 for not.

    Examples
    --------
    >>> last_clue(np.array([[9, NOT, 8, SO, GOOD], [SO, 7, 7, 7, BAD]])).tolist()
    [1, 0]
    """
    from_the_end = words[:, ::-1]
    places = np.isin(from_the_end, CLUES).argmax(axis=1)
    clues = from_the_end[np.arange(len(words)), places]
    return ((clues == SO) == (words[:, -1] == GOOD)).astype(int)


# --- who holds the ball: every word decides ---

PASS, WAIT = 2, 3
"""The ball changes hands, or it does not."""

BALL_WORDS = ("<padding>", "<unknown>", "pass", "wait")
"""The word of each word-number in the texts of `make_ball`."""


def make_ball(*, words: int = 12, study: int = 2_000, mock_exam: int = 500, seed: int = 0) -> Piles:
    """Make two piles of texts about a ball that changes hands; the label says who holds it.

    You begin with the ball. At each PASS it changes hands, at each WAIT it stays. A text is
    labelled 1 if it ends with the other player: if the number of passes is odd, which the field
    calls *parity*. In each text the game starts somewhere, drawn evenly; all words before are WAIT.
    So games of one word stand beside games of `words` words.

    Parameters
    ----------
    words : int
        How many words a text has, at least 1.
    study, mock_exam : int
        How many texts in these piles; at least 1.
    seed : int
        Decides every draw, which NumPy makes; at least 0.

    Returns
    -------
    Piles
        Like those of `make`, but without an exam: `ball_exam` makes longer ones.

    Raises
    ------
    ValueError
        For a number out of its range. The message says what was expected and what came.

    Examples
    --------
    >>> piles = make_ball(words=6, study=3, mock_exam=1)
    >>> for text, other in zip(piles.study.words, piles.study.liked):
    ...     print(*[piles.notepad_words[number] for number in text], other)
    pass pass pass pass pass pass 0
    wait wait wait wait wait wait 0
    wait wait wait wait wait pass 1
    """
    whole_number("words", words, 1)
    for name, size in (("study", study), ("mock_exam", mock_exam)):
        whole_number(name, size, 1)
    rng = np.random.default_rng(whole_number("seed", seed, 0))
    piles = (_games(rng, rng.integers(1, words + 1, size), words) for size in (study, mock_exam))
    return Piles(*piles, exam=None, notepad_words=BALL_WORDS, duplicates=0)


def ball_exam(words: int, *, texts: int = 400, seed: int = 1) -> Pile:
    """Make an exam of long games: every word of a text is drawn evenly from PASS and WAIT.

    Parameters
    ----------
    words : int
        How many words each text has, at least 1.
    texts : int
        How many texts, at least 1.
    seed : int
        Decides every draw; at least 0.

    Returns
    -------
    Pile
        Labelled as in `make_ball`.

    Raises
    ------
    ValueError
        For a number out of its range.

    Examples
    --------
    >>> exam = ball_exam(5, texts=2)
    >>> [(int((text == PASS).sum()), int(other)) for text, other in zip(exam.words, exam.liked)]
    [(2, 0), (3, 1)]
    """
    whole_number("words", words, 1)
    whole_number("texts", texts, 1)
    rng = np.random.default_rng(whole_number("seed", seed, 0))
    return _games(rng, np.full(texts, words), words)


def _games(rng: Generator, played: NDArray, words: int) -> Pile:
    """Draw one text for each number of words played."""
    texts = rng.choice((PASS, WAIT), (len(played), words))
    texts[words - np.arange(words) > played[:, np.newaxis]] = WAIT
    odd = (texts == PASS).sum(axis=1) % 2
    return Pile(texts.astype(np.int32), odd.astype(np.int32))
