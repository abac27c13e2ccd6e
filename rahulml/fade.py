"""How much of word 1 is left in the memory, many words later: walked forward, and backward.

Dials and notes are drawn as Keras draws them before any training, but in NumPy alone.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray

from rahulml.checks import numbers, shown, whole_number
from rahulml.hand_cell import (
    LSTMWeights,
    RNNWeights,
    State,
    backward,
    backward_rnn,
    run,
    run_rnn,
)

_CELLS = {RNNWeights: (run_rnn, backward_rnn), LSTMWeights: (run, backward)}


def fresh_rnn(
    rng: Generator, *, features: int = 32, units: int = 32, memory_scale: float = 1.0
) -> RNNWeights:
    """Draw the dials of a plain worker as Keras first sets them.

    Parameters
    ----------
    rng : numpy.random.Generator
        Where the draws come from.
    features, units : int
        Numbers in a note, and slots in the memory.
    memory_scale : float
        What every memory-dial is multiplied by after the draw; 1 is Keras's own start.

    Returns
    -------
    RNNWeights
        Kernel Glorot uniform (Glorot and Bengio, 2010), recurrent kernel orthogonal times
        `memory_scale`, bias zero; float64.

    Notes
    -----
    The distributions of ``keras.layers.SimpleRNN`` in Keras 3 (``layers/rnn/simple_rnn.py`` and
    ``initializers/random_initializers.py``), not its very draws: the generators differ.

    Examples
    --------
    >>> dials = fresh_rnn(np.random.default_rng(0), memory_scale=0.5)
    >>> np.allclose(dials.recurrent_kernel.T @ dials.recurrent_kernel, 0.25 * np.eye(32))
    True
    """
    return RNNWeights(
        kernel=_glorot_uniform(rng, features, units),
        recurrent_kernel=memory_scale * _orthogonal(rng, units, units),
        bias=np.zeros(units),
    )


def fresh_lstm(
    rng: Generator, *, features: int = 32, units: int = 32, forget_bias: float = 1.0
) -> LSTMWeights:
    """Draw the dials of a two-memory worker as Keras first sets them.

    Parameters
    ----------
    rng : numpy.random.Generator
        Where the draws come from.
    features, units : int
        Numbers in a note, and slots in each memory.
    forget_bias : float
        The nudge of every keep-voter; 1 is Keras's own start (``unit_forget_bias=True``).

    Returns
    -------
    LSTMWeights
        Kernel Glorot uniform over all four machines at once, recurrent kernel with orthogonal rows,
        bias zero but for the keep-voter's; float64.

    Notes
    -----
    The distributions of ``keras.layers.LSTM`` in Keras 3 (``layers/rnn/lstm.py``).

    Examples
    --------
    >>> fresh_lstm(np.random.default_rng(0), features=1, units=2).bias
    array([0., 0., 1., 1., 0., 0., 0., 0.])
    """
    bias = np.zeros(4 * units)
    bias[units : 2 * units] = forget_bias
    return LSTMWeights(
        kernel=_glorot_uniform(rng, features, 4 * units),
        recurrent_kernel=_orthogonal(rng, units, 4 * units),
        bias=bias,
    )


def quiet_notes(rng: Generator, *, words: int = 91, features: int = 32) -> NDArray:
    """Draw the notes of one review as Keras's ``Embedding`` first sets them: -0.05..0.05, uniform.

    Parameters
    ----------
    rng : numpy.random.Generator
        Where the draws come from.
    words, features : int
        Words in the review, and numbers in a note.

    Returns
    -------
    ndarray, shape (1, words, features)
        Their standard deviation is 0.05 / sqrt(3), about 0.029.

    Examples
    --------
    >>> notes = quiet_notes(np.random.default_rng(0))
    >>> bool(np.all(np.abs(notes) <= 0.05))
    True
    """
    return rng.uniform(-0.05, 0.05, (1, words, features))


def loud_notes(rng: Generator, *, words: int = 91, features: int = 32) -> NDArray:
    """Draw the notes of one review from the bell curve of standard deviation 1.

    Parameters
    ----------
    rng : numpy.random.Generator
        Where the draws come from.
    words, features : int
        Words in the review, and numbers in a note.

    Returns
    -------
    ndarray, shape (1, words, features)

    Examples
    --------
    >>> loud_notes(np.random.default_rng(0), words=2, features=3).shape
    (1, 2, 3)
    """
    return rng.normal(size=(1, words, features))


def mark_forward(
    notes: ArrayLike, weights: RNNWeights | LSTMWeights, *, push: float = 1e-3
) -> NDArray:
    """Push word 1 a little, read again, and measure the difference after every word.

    Each number of word 1's note is pushed up and down in turn. With ``J[n]`` for the difference per
    push, one row a pushed number and one column a slot, the mark of word 1 after `n` more words is
    the root of the sum of the squares in ``J[n]``.

    Parameters
    ----------
    notes : array_like, shape (1, timesteps, features)
        One review.
    weights : RNNWeights or LSTMWeights
        The dials, whose type says which worker reads.
    push : float
        How far a number is pushed each way. The error is of the order of its square; and no mark
        can be seen that is smaller than the last digit of a memory, divided by `push`.

    Returns
    -------
    ndarray, shape (timesteps,)
        The size of the mark in the memory (memory-B of a two-memory worker) after 0, 1, 2, ... more
        words.

    Raises
    ------
    ValueError
        If `notes` is not one review of finite numbers, or does not fit the weights; if those are
        of no worker.

    Notes
    -----
    Central differences. The chapter "Why the plain worker forgets" walks one slot by hand.

    Examples
    --------
    Nothing else comes in, and the memory-dial of 0.5 halves the mark at each word.

    >>> dials = RNNWeights(np.ones((1, 1)), np.full((1, 1), 0.5), np.zeros(1))
    >>> mark_forward(np.zeros((1, 4, 1)), dials).round(4).tolist()
    [1.0, 0.5, 0.25, 0.125]
    """
    run_cell, _ = _cell_of(weights)
    notes = numbers("notes", notes, shape=(1, "timesteps", len(weights.kernel)))
    pushes = push * np.eye(notes.shape[-1])
    walks = []
    for pushed in (pushes, -pushes):
        readings = np.repeat(notes, len(pushes), axis=0)
        readings[:, 0] += pushed
        walks.append(run_cell(readings, weights).hidden_states)
    up, down = walks
    return np.sqrt((((up - down) / (2 * push)) ** 2).sum(axis=(0, 2)))


def mark_backward(
    notes: ArrayLike, weights: RNNWeights | LSTMWeights, distances: Sequence[int]
) -> NDArray:
    """Start at a later memory, walk back to word 1, and measure the gradient that arrives.

    Parameters
    ----------
    notes : array_like, shape (1, timesteps, features)
        One review.
    weights : RNNWeights or LSTMWeights
        The dials, whose type says which worker reads.
    distances : sequence of int
        How many words after word 1 the later memory stands, each less than `timesteps`.

    Returns
    -------
    ndarray, shape (len(distances),)
        The size of the same mark as in `mark_forward`, without pushing anything.

    Raises
    ------
    ValueError
        If `notes` is not one review of finite numbers, does not fit the weights, or is too short;
        if the weights are of no worker.

    Notes
    -----
    The gradient of each slot of the later memory (memory-B of a two-memory worker) with respect to
    word 1's note, by backpropagation through time; its Frobenius norm.

    Examples
    --------
    >>> dials = RNNWeights(np.ones((1, 1)), np.full((1, 1), 0.5), np.zeros(1))
    >>> mark_backward(np.zeros((1, 4, 1)), dials, [0, 1, 3]).tolist()
    [1.0, 0.5, 0.125]
    """
    run_cell, backward_cell = _cell_of(weights)
    notes = numbers("notes", notes, shape=(1, "timesteps", len(weights.kernel)))
    units = len(weights.recurrent_kernel)
    sizes = []
    for distance in distances:
        distance = whole_number("distances", distance, 0, notes.shape[1] - 1)
        readings = np.repeat(notes[:, : distance + 1], units, axis=0)
        trace = run_cell(readings, weights)
        d_hidden_states = np.zeros_like(trace.hidden_states)
        d_hidden_states[:, -1] = np.eye(units)  # one slot of the last memory a reading
        sizes.append(np.linalg.norm(backward_cell(trace, d_hidden_states).inputs[:, 0]))
    return np.array(sizes)


def left_by_seed(
    draw_weights: Callable[[Generator], RNNWeights | LSTMWeights],
    draw_notes: Callable[[Generator], NDArray],
    distances: Sequence[int],
    *,
    seeds: int = 10,
) -> NDArray:
    """Measure with fresh dials, seed by seed, which share of word 1's mark is left.

    Parameters
    ----------
    draw_weights, draw_notes : callable
        Given a generator, the dials and then the notes of one review, such as `fresh_rnn` and
        `quiet_notes`.
    distances : sequence of int
        How many words after word 1 to look.
    seeds : int
        How many draws: seeds 0, 1, 2, ...

    Returns
    -------
    ndarray, shape (seeds, len(distances))
        `mark_backward` there, divided by `mark_backward` right after word 1.

    Examples
    --------
    >>> left_by_seed(fresh_rnn, quiet_notes, [0, 5], seeds=3)[:, 0].tolist()
    [1.0, 1.0, 1.0]
    """
    left = np.empty((whole_number("seeds", seeds, 1), len(distances)))
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        weights = draw_weights(rng)
        first, *marks = mark_backward(draw_notes(rng), weights, [0, *distances])
        left[seed] = np.divide(marks, first)
    return left


def carried(deposit: float, keep_vote: float, words: int) -> NDArray:
    """Let one slot of memory-A carry a deposit, with a keep-vote that stays and nothing let in.

    A two-memory worker reads, with one slot and all dials 0 but the keep-voter's nudge: that is set
    so that the vote is `keep_vote`.

    Parameters
    ----------
    deposit : float
        What memory-A holds at first.
    keep_vote : float
        Between 0 and 1, both left out: no finite nudge makes a voter say 0 or 1.
    words : int
        How many words to read, at least 1.

    Returns
    -------
    ndarray, shape (words + 1,)
        What memory-A holds after 0, 1, 2, ... words.

    Raises
    ------
    ValueError
        If `keep_vote` is not between 0 and 1, or `words` is no whole number of at least 1.

    Examples
    --------
    >>> carried(8.0, 0.5, 3).tolist()
    [8.0, 4.0, 2.0, 1.0]
    """
    if not 0 < keep_vote < 1:
        raise ValueError(f"keep_vote: expected a number between 0 and 1, got {keep_vote}")
    bias = np.zeros(4)
    bias[1] = np.log(keep_vote / (1 - keep_vote))
    weights = LSTMWeights(np.zeros((1, 4)), np.zeros((1, 4)), bias)
    before = State(hidden_state=np.zeros((1, 1)), cell_state=np.full((1, 1), float(deposit)))
    trace = run(np.zeros((1, whole_number("words", words, 1), 1)), weights, before)
    return np.concatenate([[deposit], trace.cell_states[0, :, 0]])


def _cell_of(weights: RNNWeights | LSTMWeights) -> tuple[Callable, Callable]:
    """Return the run and the way back of the worker that the dials are for."""
    if type(weights) not in _CELLS:
        raise ValueError(f"weights: expected RNNWeights or LSTMWeights, got {shown(weights)}")
    return _CELLS[type(weights)]


def _glorot_uniform(rng: Generator, rows: int, columns: int) -> NDArray:
    """Draw evenly from -limit..limit, narrower for a larger paper (Glorot and Bengio, 2010)."""
    limit = np.sqrt(6 / (rows + columns))
    return rng.uniform(-limit, limit, (rows, columns))


def _orthogonal(rng: Generator, rows: int, columns: int) -> NDArray:
    """Draw a paper that turns what goes through it and stretches nothing (rows <= columns)."""
    q, r = np.linalg.qr(rng.normal(size=(columns, rows)))
    return (q * np.sign(np.diag(r))).T
