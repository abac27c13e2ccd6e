"""The simpler cousin: two voters and one memory that need not be squashed."""

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
    sigmoid,
    summed_over_words,
)
from rahulml.hand_cell._frameworks import Layout
from rahulml.hand_cell._weights import Weights


class GRUWeights(Weights):
    """The dials of a GRU, as ``keras.layers.GRU(reset_after=True)`` lays them out.

    The last axis holds three blocks of `units` columns: update, reset, candidate.

    Attributes
    ----------
    kernel : ndarray, shape (features, 3 * units)
        The papers that a word's note goes through.
    recurrent_kernel : ndarray, shape (units, 3 * units)
        The papers that the memory goes through.
    bias : ndarray, shape (2, 3 * units)
        The nudges: one row beside the notes, one beside the memory.
    """

    __slots__ = ()
    layout = Layout("GRU", "GRU", blocks=(1, 0, 2), bias_rows=(2,))  # PyTorch's reset comes first


class GRUTrace(NamedTuple):
    """Everything that happened while a GRU read a batch of reviews.

    Attributes
    ----------
    inputs : ndarray, shape (batch, timesteps, features)
        The notes that were read.
    weights : GRUWeights
        The dials they were read with.
    initial_state : ndarray, shape (batch, units)
        The memory before the first word.
    update_gates, reset_gates : ndarray, shape (batch, timesteps, units)
        The two votes, in 0..1: how much of the memory to keep, and how much of it to look at.
    recalls : ndarray, shape (batch, timesteps, units)
        What the memory says to the candidate, before the reset vote.
    candidates : ndarray, shape (batch, timesteps, units)
        The fresh values, in -1..1.
    hidden_states : ndarray, shape (batch, timesteps, units)
        The memory after each word.
    """

    inputs: NDArray
    weights: GRUWeights
    initial_state: NDArray
    update_gates: NDArray
    reset_gates: NDArray
    recalls: NDArray
    candidates: NDArray
    hidden_states: NDArray


def step_gru(inputs: ArrayLike, hidden_state: ArrayLike, weights: GRUWeights) -> NDArray:
    """Let a GRU read one word of each review of a batch.

    ::

        read, recall  = inputs @ kernel + bias[0], hidden_state @ recurrent_kernel + bias[1]
        update, reset = sigmoid(read + recall)
        candidate     = tanh(read + reset * recall)
        new hidden_state = update * hidden_state + (1 - update) * candidate

    each with its own columns of the dials.

    Parameters
    ----------
    inputs : array_like, shape (batch, features)
        This word's note, for each review.
    hidden_state : array_like, shape (batch, units)
        The memory after the word before; all zeros before the first word.
    weights : GRUWeights
        The dials.

    Returns
    -------
    ndarray, shape (batch, units)
        The new memory.

    Raises
    ------
    ValueError
        If a shape does not fit, or anything is not made of real, finite numbers, or products would
        leave the range of floats.

    Notes
    -----
    Cho et al. (2014), with the reset after the product, as in Keras 3 (``layers/rnn/gru.py``).

    Examples
    --------
    With all dials 0, the update vote is 0.5: half of the memory stays.

    >>> dials = GRUWeights(np.zeros((1, 3)), np.zeros((1, 3)), np.zeros((2, 3)))
    >>> step_gru([[1.0]], [[8.0]], dials)
    array([[4.]])
    """
    weights = GRUWeights.checked(weights)
    notes = numbers("inputs", inputs, shape=("batch", len(weights.kernel)))
    units = len(weights.recurrent_kernel)
    memory = memory_of("hidden_state", hidden_state, (len(notes), units))
    return run_gru(notes[:, np.newaxis], weights, memory).hidden_states[:, 0]


def run_gru(
    inputs: ArrayLike, weights: GRUWeights, initial_state: ArrayLike | None = None
) -> GRUTrace:
    """Let a GRU read all words of a batch of reviews, in order: `step_gru`, word by word.

    Parameters
    ----------
    inputs : array_like, shape (batch, timesteps, features)
        The notes.
    weights : GRUWeights
        The dials.
    initial_state : array_like, shape (batch, units), optional
        The memory before the first word; without it, all zeros.

    Returns
    -------
    GRUTrace
        Votes, candidates and memory after each word. float32 in, float32 through; float64 likewise.

    Raises
    ------
    ValueError
        If a shape does not fit, or anything is not made of real, finite numbers, or products would
        leave the range of floats.

    Notes
    -----
    Equal to ``keras.layers.GRU(units, return_sequences=True)`` with the same weights.

    Examples
    --------
    >>> dials = GRUWeights(np.zeros((1, 3)), np.zeros((1, 3)), np.zeros((2, 3)))
    >>> run_gru(np.ones((1, 3, 1)), dials, [[8.0]]).hidden_states.ravel().tolist()
    [4.0, 2.0, 1.0]
    """
    kernel, recurrent_kernel, bias = weights = GRUWeights.checked(weights)
    notes = numbers("inputs", inputs, shape=("batch", "timesteps", len(kernel)))
    batch, timesteps, _ = notes.shape
    units = len(recurrent_kernel)
    initial_state = first_memory(initial_state, notes, units)
    refuse_overflow(notes, initial_state, weights)

    read = read_all(notes, kernel, bias[0])
    dtype = np.result_type(read, recurrent_kernel, initial_state)
    votes = np.empty((timesteps, batch, 2 * units), dtype)
    recalls, candidates, hidden_states = np.empty((3, timesteps, batch, units), dtype)

    memory = initial_state
    for t in range(timesteps):
        remembered = memory @ recurrent_kernel + bias[1]
        votes[t] = sigmoid(read[t, :, : 2 * units] + remembered[:, : 2 * units])
        update, reset = votes[t, :, :units], votes[t, :, units:]
        recalls[t] = remembered[:, 2 * units :]
        candidates[t] = np.tanh(read[t, :, 2 * units :] + reset * recalls[t])
        hidden_states[t] = update * memory + (1 - update) * candidates[t]
        memory = hidden_states[t]

    return GRUTrace(
        inputs=notes,
        weights=weights,
        initial_state=initial_state,
        update_gates=by_time(votes[..., :units]),
        reset_gates=by_time(votes[..., units:]),
        recalls=by_time(recalls),
        candidates=by_time(candidates),
        hidden_states=by_time(hidden_states),
    )


def backward_gru(trace: GRUTrace, d_hidden_states: ArrayLike) -> Gradients:
    """Walk back from the last word to the first, and give the gradient of every number.

    Parameters
    ----------
    trace : GRUTrace
        What `run_gru` gave.
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
    Backpropagation through time, in full. Checked against finite differences and Keras's gradients.

    Examples
    --------
    >>> dials = GRUWeights(np.zeros((1, 3)), np.zeros((1, 3)), np.zeros((2, 3)))
    >>> trace = run_gru(np.ones((1, 3, 1)), dials)
    >>> backward_gru(trace, [[[0.0], [0.0], [1.0]]]).initial_state
    array([[0.125]])
    """
    d_hidden_states = by_time(
        numbers("d_hidden_states", d_hidden_states, shape=trace.hidden_states.shape)
    )
    kernel, recurrent_kernel, _ = trace.weights
    updates, resets, recalls, candidates, hidden_states = map(
        by_time,
        (
            trace.update_gates,
            trace.reset_gates,
            trace.recalls,
            trace.candidates,
            trace.hidden_states,
        ),
    )
    memories = earlier(trace.initial_state, hidden_states)
    timesteps, batch, units = hidden_states.shape

    d_read = np.empty((timesteps, batch, 3 * units), hidden_states.dtype)
    d_remembered = np.empty_like(d_read)
    d_hidden_state = np.zeros_like(hidden_states[0])
    for t in reversed(range(timesteps)):
        update, reset, candidate = updates[t], resets[t], candidates[t]
        d_hidden_state += d_hidden_states[t]
        d_update = d_hidden_state * (memories[t] - candidate) * update * (1 - update)
        d_candidate = d_hidden_state * (1 - update) * (1 - candidate**2)
        d_reset = d_candidate * recalls[t] * reset * (1 - reset)
        np.concatenate([d_update, d_reset, d_candidate], axis=1, out=d_read[t])
        np.concatenate([d_update, d_reset, d_candidate * reset], axis=1, out=d_remembered[t])
        d_hidden_state = d_hidden_state * update + d_remembered[t] @ recurrent_kernel.T

    gradients = Gradients(
        kernel=summed_over_words(by_time(trace.inputs), d_read),
        recurrent_kernel=summed_over_words(memories, d_remembered),
        bias=np.stack([d_read.sum(axis=(0, 1)), d_remembered.sum(axis=(0, 1))]),
        inputs=by_time(d_read @ kernel.T),
        initial_state=d_hidden_state,
    )
    return finite(gradients)
