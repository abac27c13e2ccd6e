"""Readers without order: they count words, or pairs of neighbours, and weigh what they counted.

The third of them, the mean of the notes, is a machine like the others: `rahulml.builders.build`
knows it as "mean".
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import sklearn
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression

from rahulml import checks
from rahulml.reviews import PADDING, Pile, Piles

READERS = {"words": 1, "words and pairs": 2}
"""How many neighbours each reader takes together at most."""

STRENGTHS = (1.0, 2.0, 4.0, 8.0, 16.0)
"""How far its weights may go, scikit-learn's `C`: the mock exam chooses."""

LEAST = 2
"""What stands in fewer places of the study pile is not counted."""


@dataclass(frozen=True, eq=False)
class Reader:
    """A reader that has studied. It has no start: what it learns does not hang on a seed.

    Attributes
    ----------
    machine : str
        One of `READERS`.
    engine : str
        What computed it.
    dials : int
        How many numbers were fitted: one for each word or pair, and a nudge.
    seconds : float
        How long it took, counting and choosing included.
    history : DataFrame
        One row for each strength tried, indexed by ``strength``: ``study_score``, ``mock_score``,
        shares right in 0..1.
    exam_guesses : dict of int to ndarray, shape (n,)
        What it wrote on the exam's sheets, for each review how likely it was liked, in 0..1; under
        1, for it studies in one loop. Empty if there was no exam.
    """

    machine: str
    engine: str
    dials: int
    seconds: float
    history: pd.DataFrame
    exam_guesses: Mapping[int, NDArray] = field(repr=False)
    _counted: "_Counts" = field(repr=False)
    _clerk: LogisticRegression = field(repr=False)

    seed = None
    chosen_loop = last_loop = 1

    @property
    def strength(self) -> float:
        """The strength with the best score on the mock exam; the least of equals."""
        return float(self.history["mock_score"].idxmax())

    @property
    def loop_weights(self) -> tuple[list[NDArray]]:
        """What it fitted, laid out as `rahulml.training.Run` has it: weights, and the nudge."""
        return ([self._clerk.coef_[0], self._clerk.intercept_],)

    def guesses(self, words: NDArray[np.int32]) -> NDArray[np.float64]:
        """Return for each review how likely it was liked.

        Parameters
        ----------
        words : ndarray of int, shape (n, max_words)
            Word-numbers, numbered as the study pile's; as many in a review as there may be.

        Returns
        -------
        ndarray, shape (n,)
            In 0..1.
        """
        return self._clerk.predict_proba(self._counted(words))[:, 1]

    def score(self, pile: Pile) -> float:
        """Return the share of `pile` that it got right, in 0..1."""
        return float(((self.guesses(pile.words) > 0.5) == pile.liked).mean())


class _Counts:
    """How often each word, or pair of neighbours, stands in a review, weighed by TF-IDF."""

    def __init__(self, longest: int, words: NDArray[np.int32], notes: int):
        self.longest, self.notes = longest, notes
        _, found = self._found(words)
        self.known, places = np.unique(found, return_counts=True)
        self.known = self.known[places >= LEAST]
        self.weigh = TfidfTransformer().fit(self._table(words))

    def __call__(self, words: NDArray[np.int32]) -> sparse.csr_matrix:
        return self.weigh.transform(self._table(words))

    def _found(self, words: NDArray[np.int32]) -> tuple[NDArray, NDArray]:
        """Return the review and the number of each word, and of each pair, that stands there."""
        review, place = np.nonzero(words != PADDING)
        found = [(review, words[review, place].astype(np.int64))]
        if self.longest == 2:
            before, after = words[:, :-1], words[:, 1:]
            review, place = np.nonzero((before != PADDING) & (after != PADDING))
            pair = self.notes * before[review, place].astype(np.int64) + after[review, place]
            found.append((review, pair))  # from `notes` on, where no word's own number is
        reviews, numbers = zip(*found, strict=True)
        return np.concatenate(reviews), np.concatenate(numbers)

    def _table(self, words: NDArray[np.int32]) -> sparse.csr_matrix:
        review, number = self._found(words)
        column = np.searchsorted(self.known, number)
        known = self.known.take(column, mode="clip") == number
        ones = np.ones(known.sum())
        shape = len(words), len(self.known)
        return sparse.csr_matrix((ones, (review[known], column[known])), shape=shape)


def fit(machine: str, piles: Piles) -> Reader:
    """Let a reader without order study: TF-IDF, and logistic regression.

    How far its weights may go is chosen on the mock exam. The exam's labels are not looked at.

    Parameters
    ----------
    machine : {"words", "words and pairs"}
        Whether it counts words alone, or pairs of neighbouring words besides: two word-numbers with
        nothing between them. Padding counts for nothing; the unknown word is a word.
    piles : Piles
        From `rahulml.reviews.load`, or made like them. Without an exam (None) nothing is written.
        For whole reviews load them with as many `max_words` as the longest has.

    Returns
    -------
    Reader
        Its guesses go into `rahulml.scores.sheets` as one row, beside the seeds of the machines.

    Raises
    ------
    ValueError
        For another reader, and for a study pile without words, or with one label alone.

    Notes
    -----
    A count weighs the more, the fewer reviews it stands in (TF-IDF: Salton and Buckley, 1988), as
    scikit-learn has it: smoothed, and each review's counts brought to length 1. How far words and
    pairs go on reviews: Wang and Manning (2012).

    Examples
    --------
    >>> words = np.array([[0, 2, 3], [0, 3, 2], [4, 2, 3], [4, 3, 2]] * 2, np.int32)
    >>> pile = Pile(words, np.array([1, 0, 1, 0] * 2, np.int32))
    >>> piles = Piles(pile, pile, pile, ("<padding>", "<unknown>", "not", "good", "a"), 0)
    >>> [fit(reader, piles).score(pile) for reader in READERS]
    [0.5, 1.0]
    """
    checks.one_of("machine", machine, READERS)
    study, mock_exam = piles.study, piles.mock_exam
    if len(np.unique(study.liked)) < 2 or not study.words.any():
        raise ValueError("study: expected words, liked and not liked, got one of them alone")
    started = time.perf_counter()
    counted = _Counts(READERS[machine], study.words, len(piles.notepad_words))
    to_study, to_choose = counted(study.words), counted(mock_exam.words)
    clerks, scores = {}, {}
    for strength in STRENGTHS:
        clerk = LogisticRegression(C=strength, solver="newton-cg").fit(to_study, study.liked)
        clerks[strength] = clerk
        scores[strength] = {
            "study_score": clerk.score(to_study, study.liked),
            "mock_score": clerk.score(to_choose, mock_exam.liked),
        }
    history = pd.DataFrame.from_dict(scores, orient="index").rename_axis("strength")
    clerk = clerks[history["mock_score"].idxmax()]
    reader = Reader(
        machine=machine,
        engine=f"scikit-learn {sklearn.__version__}",
        dials=clerk.coef_.size + 1,
        seconds=time.perf_counter() - started,
        history=history,
        exam_guesses={},
        _counted=counted,
        _clerk=clerk,
    )
    if piles.exam is not None:
        reader.exam_guesses[1] = reader.guesses(piles.exam.words)
    return reader
