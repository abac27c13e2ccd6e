"""The plain worker: one memory, squashed at every word."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rahulml.checks import numbers
from rahulml.hand_cell._arrays import (
    Gradients,
    by_time,
    earlier,
    finite,
    first_memory,
    memory_of,
    read_all,
    refuse_overflow,
    summed_over_words,
)
from rahulml.hand_cell._frameworks import Layout
from rahulml.hand_cell._weights import Weights


class RNNWeights(Weights):
    """The dials of a plain worker, as ``keras.layers.SimpleRNN`` lays them out.

    Attributes
    ----------
    kernel : ndarray, shape (features, units)
        The paper that a word's note goes through.
    recurrent_kernel : ndarray, shape (units, units)
        The paper that the memory goes through.
    bias : ndarray, shape (units,)
        The nudge.
    """

    __slots__ = ()
    layout = Layout("SimpleRNN", "RNN", blocks=(0,))


class RNNTrace(NamedTuple):
    """Everything that happened while a plain worker read a batch of reviews.

    Attributes
    ----------
    inputs : ndarray, shape (batch, timesteps, features)
        The notes that were read.
    weights : RNNWeights
        The dials they were read with.
    initial_state : ndarray, shape (batch, units)
        The memory before the first word.
    hidden_states : ndarray, shape (batch, timesteps, units)
        The memory after each word, in -1..1.
    """

    inputs: NDArray
    weights: RNNWeights
    initial_state: NDArray
    hidden_states: NDArray


def step_rnn(inputs: ArrayLike, hidden_state: ArrayLike, weights: RNNWeights) -> NDArray:
    """Let a plain worker read one word of each review of a batch.

    ::

        new hidden_state = tanh(inputs @ kernel + hidden_state @ recurrent_kernel + bias)

    Parameters
    ----------
    inputs : array_like, shape (batch, features)
        This word's note, for each review.
    hidden_state : array_like, shape (batch, units)
        The memory after the word before; all zeros before the first word.
    weights : RNNWeights
        The dials.

    Returns
    -------
    ndarray, shape (batch, units)
        The new memory, in -1..1.

    Raises
    ------
    ValueError
        If a shape does not fit, or anything is not made of real, finite numbers, or products would
        leave the range of floats.

    Notes
    -----
    The simple recurrent network of Elman (1990), as in Keras 3 (``layers/rnn/simple_rnn.py``). The
    chapter "The simplest machine that reads" works it out by hand.

    Examples
    --------
    >>> dials = RNNWeights(np.array([[0.5]]), np.array([[1.0]]), np.array([0.0]))
    >>> step_rnn([[2.0]], [[-1.0]], dials)
    array([[0.]])
    """
    kernel, recurrent_kernel, bias = weights = RNNWeights.checked(weights)
    notes = numbers("inputs", inputs, shape=("batch", len(kernel)))
    memory = memory_of("hidden_state", hidden_state, (len(notes), len(bias)))
    refuse_overflow(notes, memory, weights)
    return np.tanh(notes @ kernel + memory @ recurrent_kernel + bias)


def run_rnn(
    inputs: ArrayLike, weights: RNNWeights, initial_state: ArrayLike | None = None
) -> RNNTrace:
    """Let a plain worker read all words of a batch of reviews, in order.

    Parameters
    ----------
    inputs : array_like, shape (batch, timesteps, features)
        The notes.
    weights : RNNWeights
        The dials.
    initial_state : array_like, shape (batch, units), optional
        The memory before the first word; without it, all zeros.

    Returns
    -------
    RNNTrace
        The memory after each word. float32 in, float32 through; float64 likewise.

    Raises
    ------
    ValueError
        If a shape does not fit, or anything is not made of real, finite numbers, or products would
        leave the range of floats.

    Notes
    -----
    Equal to ``keras.layers.SimpleRNN(units, return_sequences=True)`` with the same weights.

    Examples
    --------
    Nothing comes in, and a memory-dial of 1 keeps all it can: the tanh alone wears the memory down.

    >>> dials = RNNWeights(np.zeros((1, 1)), np.ones((1, 1)), np.zeros(1))
    >>> run_rnn(np.zeros((1, 3, 1)), dials, [[1.0]]).hidden_states.ravel().round(3).tolist()
    [0.762, 0.642, 0.566]
    """
    kernel, recurrent_kernel, bias = weights = RNNWeights.checked(weights)
    notes = numbers("inputs", inputs, shape=("batch", "timesteps", len(kernel)))
    initial_state = first_memory(initial_state, notes, len(bias))
    refuse_overflow(notes, initial_state, weights)

    hidden_states = read_all(notes, kernel, bias)
    dtype = np.result_type(hidden_states, recurrent_kernel, initial_state)
    hidden_states = hidden_states.astype(dtype, copy=False)
    memory = initial_state
    for hidden_state in hidden_states:
        hidden_state += memory @ recurrent_kernel
        memory = np.tanh(hidden_state, out=hidden_state)

    return RNNTrace(notes, weights, initial_state, by_time(hidden_states))


def backward_rnn(trace: RNNTrace, d_hidden_states: ArrayLike) -> Gradients:
    """Walk back from the last word to the first, and give the gradient of every number.

    Parameters
    ----------
    trace : RNNTrace
        What `run_rnn` gave.
    d_hidden_states : array_like, shape (batch, timesteps, units)
        How the loss changes with the memory after each word.

    Returns
    -------
    Gradients
        For the weights, the inputs and the initial state, in their shapes.

    Raises
    ------
    ValueError
        If `d_hidden_states` has another shape than the trace, or is not made of finite numbers, or
        a gradient outgrows its floats.

    Notes
    -----
    At each word back, the gradient is multiplied by the slope of the tanh, which is at most 1, and
    by the memory-dials. The chapter "Why the plain worker forgets" follows one mark through it.

    Examples
    --------
    >>> dials = RNNWeights(np.zeros((1, 1)), np.full((1, 1), 0.5), np.zeros(1))
    >>> trace = run_rnn(np.zeros((1, 3, 1)), dials)
    >>> backward_rnn(trace, [[[0.0], [0.0], [1.0]]]).initial_state
    array([[0.125]])
    """
    d_hidden_states = by_time(
        numbers("d_hidden_states", d_hidden_states, shape=trace.hidden_states.shape)
    )
    kernel, recurrent_kernel, _ = trace.weights
    hidden_states = by_time(trace.hidden_states)

    d_z = 1 - hidden_states**2  # the slope of the tanh, overwritten from the last word to the first
    d_hidden_state = np.zeros_like(hidden_states[0])
    for t in reversed(range(len(d_z))):
        d_hidden_state += d_hidden_states[t]
        d_z[t] *= d_hidden_state
        d_hidden_state = d_z[t] @ recurrent_kernel.T

    gradients = Gradients(
        kernel=summed_over_words(by_time(trace.inputs), d_z),
        recurrent_kernel=summed_over_words(earlier(trace.initial_state, hidden_states), d_z),
        bias=d_z.sum(axis=(0, 1)),
        inputs=by_time(d_z @ kernel.T),
        initial_state=d_hidden_state,
    )
    return finite(gradients)
