"""The walk undone: where the votes hear no memory, words compose, and a tree reads them all.

Of such a worker each word does one thing to memory-A, whatever memory-A holds: a `Map`.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rahulml.checks import numbers, whole_number


class Map(NamedTuple):
    """What a word, or a row of words, does to memory-A: ``keep * cell_state + deposit``.

    Attributes
    ----------
    keep : ndarray
        What is left of each number of memory-A.
    deposit : ndarray, the same shape
        What comes in beside it.
    """

    keep: NDArray
    deposit: NDArray


def compose(first: Map, then: Map) -> Map:
    """Make one map of two: what `first` does, and then `then`.

    ``then.keep * (first.keep * A + first.deposit) + then.deposit``, sorted by A.

    Examples
    --------
    >>> compose(Map(0.5, 1.0), Map(0.2, 3.0))
    Map(keep=0.1, deposit=3.2)
    """
    return Map(then.keep * first.keep, then.keep * first.deposit + then.deposit)


def walk(keeps: ArrayLike, deposits: ArrayLike, cell_state: ArrayLike | None = None) -> NDArray:
    """Read word by word: each waits for the memory that the word before has left.

    Parameters
    ----------
    keeps : array_like, shape (batch, timesteps, units)
        Each word's keep-votes, in -1..1. The usual voters stay above 0.
    deposits : array_like, shape (batch, timesteps, units)
        What each word adds: any finite numbers.
    cell_state : array_like, shape (batch, units), optional
        Memory-A before the first word; without it, all zeros.

    Returns
    -------
    ndarray, shape (batch, timesteps, units)
        Memory-A after each word. float32 if all that came in was float32, else float64.

    Raises
    ------
    ValueError
        If there is no word, a shape does not fit, a vote leaves -1..1, or anything is not made of
        real, finite numbers. The message names the argument, what was expected and what came.

    Examples
    --------
    >>> walk([[[0.5], [0.5]]], [[[1.0], [0.0]]], [[8.0]]).ravel().tolist()
    [5.0, 2.5]
    """
    maps, memory = _checked(keeps, deposits, cell_state)
    memories = np.empty_like(maps.keep * memory[:, np.newaxis])
    for t in range(maps.keep.shape[1]):
        memory = maps.keep[:, t] * memory + maps.deposit[:, t]
        memories[:, t] = memory
    return memories


def scan(keeps: ArrayLike, deposits: ArrayLike, cell_state: ArrayLike | None = None) -> NDArray:
    """Read all words as a tree: what `walk` gives, with most of the work side by side.

    Parameters
    ----------
    keeps, deposits, cell_state
        As in `walk`: any number of words from one on, any first memory.

    Returns
    -------
    ndarray, shape (batch, timesteps, units)
        Memory-A after each word, as `walk` gives it, but for the last digits.

    Raises
    ------
    ValueError
        As in `walk`.

    Notes
    -----
    The parallel prefix sum of Blelloch (1990), section 1.4, over maps in place of numbers; for a
    recurrent worker as in Martin and Cundy (2018). `rounds` counts what it takes.

    Examples
    --------
    >>> scan([[[0.5], [0.5]]], [[[1.0], [0.0]]], [[8.0]]).ravel().tolist()
    [5.0, 2.5]
    """
    maps, memory = _checked(keeps, deposits, cell_state)
    so_far = prefixes(maps)
    return so_far.keep * memory[:, np.newaxis] + so_far.deposit


def prefixes(maps: Map) -> Map:
    """Compose each word's map with those of all words before it.

    Parameters
    ----------
    maps : Map of ndarray, shape (batch, timesteps, units)
        One map for each word, at least one.

    Returns
    -------
    Map of ndarray, the same shape
        At each word, what all words up to it do together.

    Examples
    --------
    Three words that each keep a half:

    >>> halves = Map(np.full((1, 3, 1), 0.5), np.ones((1, 3, 1)))
    >>> prefixes(halves).keep.ravel().tolist()
    [0.5, 0.25, 0.125]
    """
    words = maps.keep.shape[1]
    if words == 1:
        return maps
    odd, even = (Map(*(part[:, start::2] for part in maps)) for start in (0, 1))
    pairs = compose(Map(*(part[:, : words // 2] for part in odd)), even)
    to_even = prefixes(pairs)  # after words 2, 4, 6, ...: half as many
    before = Map(*(part[:, : (words - 1) // 2] for part in to_even))
    to_odd = compose(before, Map(*(part[:, 1:] for part in odd)))  # after words 3, 5, 7, ...

    so_far = Map(*map(np.empty_like, maps))
    for whole, first, evens, odds in zip(so_far, odd, to_even, to_odd, strict=True):
        whole[:, 0], whole[:, 1::2], whole[:, 2::2] = first[:, 0], evens, odds
    return so_far


def rounds(words: int) -> list[int]:
    """Count how many maps `scan` composes in each round; those of one round wait for none other.

    The length of the list is the depth, its sum the work. A walk has as many rounds as words.

    Parameters
    ----------
    words : int
        At least 1.

    Returns
    -------
    list of int
        In the order of the rounds; empty for one word, which has nothing to compose.

    Raises
    ------
    ValueError
        For less than one word.

    Examples
    --------
    >>> rounds(4), rounds(7)
    ([2, 1, 1], [3, 1, 1, 3])
    """
    words = whole_number("words", words, 1)
    if words == 1:
        return []
    inside = rounds(words // 2)
    return [count for count in (words // 2, *inside, (words - 1) // 2) if count]


def _checked(
    keeps: ArrayLike, deposits: ArrayLike, cell_state: ArrayLike | None
) -> tuple[Map, NDArray]:
    keeps = numbers("keeps", keeps, -1, 1, shape=("batch", "timesteps", "units"))
    deposits = numbers("deposits", deposits, shape=keeps.shape)
    batch, _, units = keeps.shape
    if cell_state is None:
        cell_state = np.zeros((batch, units), keeps.dtype)
    dtype = np.result_type(keeps, deposits)
    maps = Map(keeps.astype(dtype), deposits.astype(dtype))
    return maps, numbers("cell_state", cell_state, shape=(batch, units))
