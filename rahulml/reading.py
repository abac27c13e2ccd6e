"""A trained LSTM factory while it reads: the clerk's guess, votes and memories after every word."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rahulml.hand_cell import LSTMWeights, Trace, run, sigmoid
from rahulml.hand_training import Factory
from rahulml.reviews import PADDING


class Reading(NamedTuple):
    """What happened while a factory read reviews.

    Attributes
    ----------
    trace : Trace
        Every vote and both memories, as `rahulml.hand_cell.run` gives them.
    guesses : ndarray, shape (n, max_words)
        After each word, in 0..1, what the clerk would say if the review ended there. The last
        column is the verdict.
    """

    trace: Trace
    guesses: NDArray


def read(factory: Factory, words: NDArray) -> Reading:
    """Let the worker walk reviews by hand, and ask the clerk after every word.

    Parameters
    ----------
    factory : Factory
        The dials: ``Factory(*run.weights(loop))`` of a trained "lstm".
    words : ndarray of int, shape (n, max_words)
        The word-numbers of each review.

    Returns
    -------
    Reading
        The walk and the guesses.

    Notes
    -----
    The chapter "What a trained worker says, word by word" uses it. The last guesses are those of
    Keras with the same dials.

    Examples
    --------
    >>> zeros = map(np.zeros, [(5, 2), (2, 12), (3, 12), (12,), (3, 1), (1,)])
    >>> read(Factory(*zeros), np.array([[1, 2, 3]])).guesses
    array([[0.5, 0.5, 0.5]])
    """
    trace = run(factory.notepad[words], LSTMWeights(*factory[1:4]))
    return Reading(trace, sigmoid((trace.hidden_states @ factory.clerk + factory.nudge)[..., 0]))


def say_in_verdict(factory: Factory, trace: Trace) -> NDArray:
    """Return what each slot adds to the clerk's sum after the last word: memory-B times its dial.

    Parameters
    ----------
    factory : Factory
        The dials.
    trace : Trace
        The walk, with the same dials.

    Returns
    -------
    ndarray, shape (n, units)
        With the clerk's nudge, each row adds up to what the clerk squashes into the verdict.

    Examples
    --------
    >>> dials = [np.zeros(shape) for shape in [(5, 2), (2, 4), (1, 4), (4,), (1, 1), (1,)]]
    >>> dials[3][:] = 0, 0, np.arctanh(0.5), 0
    >>> dials[4][:] = 2
    >>> factory = Factory(*dials)
    >>> say = say_in_verdict(factory, read(factory, np.array([[1]])).trace)
    >>> print(f"{say[0, 0]:.3f} is {2 * 0.5 * np.tanh(0.5 * 0.5):.3f}")
    0.245 is 0.245
    """
    return trace.hidden_states[:, -1] * factory.clerk[:, 0]


class ByWord(NamedTuple):
    """Averages over all places where a word stands.

    Attributes
    ----------
    numbers : ndarray of int, shape (k,)
        Word-numbers, rising.
    places : ndarray of int, shape (k,)
        In how many places each of them stands.
    means : ndarray, shape (k, units)
        The average of each slot over these places.
    """

    numbers: NDArray
    places: NDArray
    means: NDArray


def by_word(values: NDArray, words: NDArray, *, least: int = 50) -> ByWord:
    """Average votes (or anything else that there is for each slot) word by word.

    Parameters
    ----------
    values : ndarray, shape (n, max_words, units)
        Such as the keep-votes of a trace.
    words : ndarray of int, shape (n, max_words)
        The word-numbers that were read. Padding is left out.
    least : int
        Words that stand in fewer places are left out, too.

    Returns
    -------
    ByWord
        The words, their places and their averages.

    Examples
    --------
    >>> votes = np.array([[[0.9], [0.2], [0.4], [0.8]]])
    >>> by_word(votes, np.array([[0, 7, 7, 3]]), least=2)
    ByWord(numbers=array([7]), places=array([2]), means=array([[0.3]]))
    """
    real = words != PADDING
    order = np.argsort(words[real], kind="stable")
    numbers, starts, places = np.unique(words[real][order], return_index=True, return_counts=True)
    sums = np.add.reduceat(values[real][order].astype(float), starts)
    often = places >= least
    return ByWord(numbers[often], places[often], sums[often] / places[often, np.newaxis])


def left_of_first_word(factory: Factory, words: NDArray, one: int, other: int) -> pd.DataFrame:
    """Tell how far apart the memories of two readings stay that differ in the first word only.

    Parameters
    ----------
    factory : Factory
        The dials.
    words : ndarray of int, shape (n, max_words)
        The reviews. Their first word is replaced.
    one, other : int
        The two word-numbers that stand there instead.

    Returns
    -------
    DataFrame
        Indexed by ``since``, the words read since the first one, from 0. The middle review of all
        (the median), as a share of what the first word left: ``whole``, how far apart memory-A
        still is, added up over the slots; ``kept``, how far apart the keep-votes alone (of the
        reading with `one`) would have left it, if nothing came back through memory-B.

    Notes
    -----
    Memory-A has two ways to the next word: its keep-vote scales it, and memory-B, which speaks of
    it, is read by the four machines. ``kept`` is the first way, ``whole`` both.

    Examples
    --------
    No dials but two notes: every keep-vote is 0.5, and nobody reads memory-B.

    >>> dials = [np.zeros(shape) for shape in [(5, 1), (1, 4), (1, 4), (4,), (1, 1), (1,)]]
    >>> dials[0][1:3], dials[1][0, 2] = [[1], [-1]], 1
    >>> left_of_first_word(Factory(*dials), np.array([[0, 0, 0]]), 1, 2)["whole"].tolist()
    [1.0, 0.5, 0.25]
    """
    exact = Factory(*(dials.astype(float) for dials in factory))  # what is left may be very small
    traces = []
    for first in (one, other):
        swapped = words.copy()
        swapped[:, 0] = first
        traces.append(read(exact, swapped).trace)
    apart = np.abs(traces[0].cell_states - traces[1].cell_states)
    kept = apart[:, :1] * np.cumprod(
        np.concatenate([np.ones_like(apart[:, :1]), traces[0].forget_gates[:, 1:]], axis=1), axis=1
    )
    left = apart[:, 0].sum(axis=-1)
    table = {
        name: np.median(shown.sum(axis=-1) / left[:, np.newaxis], axis=0)
        for name, shown in {"whole": apart, "kept": kept}.items()
    }
    return pd.DataFrame(table, index=pd.RangeIndex(words.shape[1], name="since"))
