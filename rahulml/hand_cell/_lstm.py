"""The two-memory worker: one word, a whole run, and the way back."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rahulml.checks import numbers, shown
from rahulml.hand_cell._arrays import (
    Gradients,
    by_time,
    finite,
    memory_of,
    refuse_overflow,
    sigmoid,
)
from rahulml.hand_cell._frameworks import Layout
from rahulml.hand_cell._weights import Weights

CANDIDATE, INPUT, FORGET, OUTPUT = range(4)
"""Whose rows stand where on the one paper: the three voters side by side."""

COLUMNS = [INPUT, FORGET, CANDIDATE, OUTPUT]
"""Whose columns stand where in the weights."""


class State(NamedTuple):
    """The two memories of an LSTM, in the order in which Keras returns them.

    Attributes
    ----------
    hidden_state : ndarray, shape (batch, units), or any shape for `combine`
        Memory-B, what the worker says: each number lies in -1..1.
    cell_state : ndarray, the same shape
        Memory-A, the long keep: any finite number.
    """

    hidden_state: NDArray
    cell_state: NDArray


class Gates(NamedTuple):
    """What the four little machines say about one word, in Keras's order of columns.

    Attributes
    ----------
    input_gate, forget_gate, output_gate : ndarray, shape (batch, units)
        The votes (admit, keep, show), each in 0..1.
    candidate : ndarray, shape (batch, units)
        The fresh value, in -1..1.
    """

    input_gate: NDArray
    forget_gate: NDArray
    candidate: NDArray
    output_gate: NDArray


class Step(NamedTuple):
    """One word read: what the four machines said, and the memories that came of it."""

    gates: Gates
    state: State


class LSTMWeights(Weights):
    """The dials of an LSTM worker, laid out as Keras lays them out.

    The last axis holds four blocks of `units` columns: input, forget, candidate, output. So
    ``LSTMWeights(*layer.get_weights())`` takes the dials of a ``keras.layers.LSTM``; `from_keras`
    also looks whether the layer squashes as this cell does, and `from_torch` takes PyTorch's.

    Attributes
    ----------
    kernel : ndarray, shape (features, 4 * units)
        The four papers that a word's note goes through.
    recurrent_kernel : ndarray, shape (units, 4 * units)
        The four papers that memory-B goes through.
    bias : ndarray, shape (4 * units,)
        The four nudges.
    """

    __slots__ = ()
    layout = Layout("LSTM", "LSTM", blocks=(0, 1, 2, 3))


def combine(
    cell_state: ArrayLike,
    *,
    forget_gate: ArrayLike,
    input_gate: ArrayLike,
    candidate: ArrayLike,
    output_gate: ArrayLike,
) -> State:
    """Combine three votes and a fresh value with the old memory-A into both new memories.

    Slot by slot::

        new cell_state   = forget_gate * cell_state + input_gate * candidate
        new hidden_state = output_gate * tanh(new cell_state)

    Parameters
    ----------
    cell_state : array_like, any shape
        The old memory-A: any finite numbers.
    forget_gate, input_gate, output_gate : array_like, the shape of `cell_state`
        The keep-, admit- and show-votes, each in 0..1.
    candidate : array_like, the shape of `cell_state`
        The fresh value, in -1..1, as a tanh gives it.

    Returns
    -------
    State
        Both new memories, in the shape of `cell_state`; float32 if everything that came in was
        float32, else float64.

    Raises
    ------
    ValueError
        If an argument is not made of real, finite numbers, leaves its range, or has another
        shape than `cell_state`. The message names the argument, what was expected and what came.

    Notes
    -----
    The equations are those of Gers, Schmidhuber and Cummins (2000), as in the ``LSTMCell`` of
    Keras 3 (``layers/rnn/lstm.py``). The chapter "The combine, with real numbers" works them out
    by hand.

    Examples
    --------
    >>> new = combine(5.0, forget_gate=0.9, input_gate=0.2, candidate=0.6, output_gate=0.7)
    >>> print(f"{new.cell_state:.2f} {new.hidden_state:.2f}")
    4.62 0.70
    >>> combine(4.0, forget_gate=0.5, input_gate=1.0, candidate=2.0, output_gate=1.0)
    Traceback (most recent call last):
        ...
    ValueError: candidate: expected numbers in -1..1, got 2.0
    """
    old = numbers("cell_state", cell_state)
    forget = numbers("forget_gate", forget_gate, 0, 1, shape=old.shape)
    admit = numbers("input_gate", input_gate, 0, 1, shape=old.shape)
    fresh = numbers("candidate", candidate, -1, 1, shape=old.shape)
    output = numbers("output_gate", output_gate, 0, 1, shape=old.shape)

    new = forget * old + admit * fresh
    return State(hidden_state=output * np.tanh(new), cell_state=new)


def step(inputs: ArrayLike, state: State, weights: LSTMWeights) -> Step:
    """Let an LSTM worker read one word of each review of a batch.

    Each of the four machines reads the same two things, the word's note and the old memory-B::

        z = inputs @ kernel + hidden_state @ recurrent_kernel + bias
        input_gate, forget_gate, output_gate = sigmoid(their columns of z)
        candidate                            = tanh(its columns of z)

    and `combine` makes the new memories of what they say.

    Parameters
    ----------
    inputs : array_like, shape (batch, features)
        This word's note, for each review.
    state : State of arrays, shape (batch, units), or a pair in that order
        The memories after the word before; all zeros before the first word.
    weights : LSTMWeights
        The dials.

    Returns
    -------
    Step
        `gates`, the four machines' answers, and `state`, the new memories: arrays of shape
        (batch, units). float32 in, float32 out; float64 likewise.

    Raises
    ------
    ValueError
        If a shape does not fit, or anything is not made of real, finite numbers, or products would
        leave the range of floats. The message names the argument, what was expected and what came.

    Notes
    -----
    The layout of columns is that of ``keras.layers.LSTM`` (Keras 3, ``layers/rnn/lstm.py``).

    Examples
    --------
    One slot, one feature, all dials 0: every vote is 0.5, and the fresh value is 0.

    >>> dials = LSTMWeights(np.zeros((1, 4)), np.zeros((1, 4)), np.zeros(4))
    >>> before = State(hidden_state=np.zeros((1, 1)), cell_state=np.array([[3.0]]))
    >>> gates, after = step(np.ones((1, 1)), before, dials)
    >>> print(gates.forget_gate, after.cell_state)
    [[0.5]] [[1.5]]
    """
    kernel, recurrent_kernel, bias = weights = LSTMWeights.checked(weights)
    notes = numbers("inputs", inputs, shape=("batch", kernel.shape[0]))
    hidden_state, cell_state = _state_of("state", state, len(notes), len(recurrent_kernel))
    refuse_overflow(notes, hidden_state, weights)

    z = notes @ kernel + hidden_state @ recurrent_kernel + bias
    admit, forget, fresh, output = np.split(z, 4, axis=1)
    gates = Gates(
        input_gate=sigmoid(admit),
        forget_gate=sigmoid(forget),
        candidate=np.tanh(fresh),
        output_gate=sigmoid(output),
    )
    return Step(gates, combine(cell_state, **gates._asdict()))


class Trace(NamedTuple):
    """Everything that happened while a worker read a batch of reviews.

    Attributes
    ----------
    inputs : ndarray, shape (batch, timesteps, features)
        The notes that were read.
    weights : LSTMWeights
        The dials they were read with.
    initial_state : State of ndarray, shape (batch, units)
        The memories before the first word.
    read : ndarray, shape (timesteps + 1, features + units + 1, batch)
        What the machines read before each word and after the last, one column a review: the note,
        memory-B, and a 1 for the nudge.
    gates : ndarray, shape (timesteps, 4, units, batch)
        What the four machines said of each word: fresh value, then input, forget and output gate.
        With `read`, what `backward` needs, as it lies in memory; below are the same numbers, review
        by review.
    forget_gates, input_gates, candidates, output_gates : ndarray, shape (batch, timesteps, units)
        What the four machines said of each word.
    cell_states, hidden_states : ndarray, shape (batch, timesteps, units)
        Memory-A and memory-B after each word.
    """

    inputs: NDArray
    weights: LSTMWeights
    initial_state: State
    read: NDArray
    gates: NDArray
    forget_gates: NDArray
    input_gates: NDArray
    candidates: NDArray
    output_gates: NDArray
    cell_states: NDArray
    hidden_states: NDArray


def run(inputs: ArrayLike, weights: LSTMWeights, initial_state: State | None = None) -> Trace:
    """Let an LSTM worker read all words of a batch of reviews, in order: `step`, word by word.

    To read from the last word to the first, turn the time axis: ``run(inputs[:, ::-1], weights)``.

    Parameters
    ----------
    inputs : array_like, shape (batch, timesteps, features)
        The notes.
    weights : LSTMWeights
        The dials.
    initial_state : State of arrays, shape (batch, units), or a pair in that order, optional
        The memories before the first word; without it, all zeros. PyTorch's (1, batch, units) of
        one layer is taken, too.

    Returns
    -------
    Trace
        Every gate and both memories after each word. float32 in, float32 through; all other kinds
        of numbers, float16 and bfloat16 among them, are read as float64.

    Raises
    ------
    ValueError
        If a shape does not fit, or anything is not made of real, finite numbers, or products would
        leave the range of floats. The message names the argument, what was expected and what came.

    Notes
    -----
    Equal to ``keras.layers.LSTM(units, return_sequences=True)`` of Keras 3 with the same weights.
    Nothing is masked: of a review that is padded behind its first n words, read ``inputs[:, :n]``.
    The chapter "The four little machines" works one word out by hand.

    Examples
    --------
    One slot, all dials 0: every vote is 0.5, so that each word halves memory-A.

    >>> dials = LSTMWeights(np.zeros((1, 4)), np.zeros((1, 4)), np.zeros(4))
    >>> before = State(hidden_state=np.zeros((1, 1)), cell_state=np.array([[8.0]]))
    >>> run(np.ones((1, 3, 1)), dials, before).cell_states.ravel().tolist()
    [4.0, 2.0, 1.0]
    """
    weights = LSTMWeights.checked(weights)
    notes = numbers("inputs", inputs, shape=("batch", "timesteps", len(weights.kernel)))
    (batch, timesteps, features), units = notes.shape, len(weights.recurrent_kernel)
    if initial_state is None:
        initial_state = State(*np.zeros((2, batch, units), notes.dtype))
    initial_state = _state_of("initial_state", initial_state, batch, units)
    refuse_overflow(notes, initial_state.hidden_state, weights)

    # sigmoid(z) = (1 + tanh(z / 2)) / 2: with the voters' dials halved, one tanh squashes all four.
    papers = _one_paper(weights)
    papers[INPUT * units :] *= 0.5
    read = _what_is_read(notes, papers, *initial_state)
    gates = np.empty((timesteps, 4, units, batch), read.dtype)
    cell_states = np.empty((timesteps + 1, units, batch), read.dtype)
    cell_states[0] = initial_state.cell_state.T
    admitted = np.empty_like(cell_states[0])

    for t, gate in enumerate(gates):
        np.matmul(papers, read[t], out=gate.reshape(4 * units, batch))
        np.tanh(gate, out=gate)
        votes = gate[INPUT:]
        votes *= 0.5
        votes += 0.5
        fresh, admit, forget, output = gate

        cell_state = np.multiply(forget, cell_states[t], out=cell_states[t + 1])
        cell_state += np.multiply(admit, fresh, out=admitted)
        hidden_state = np.tanh(cell_state, out=read[t + 1, features:-1])
        hidden_state *= output

    freshes, admits, forgets, outputs = (_by_review(gates[:, block]) for block in range(4))
    return Trace(
        inputs=notes,
        weights=weights,
        initial_state=initial_state,
        read=read,
        gates=gates,
        forget_gates=forgets,
        input_gates=admits,
        candidates=freshes,
        output_gates=outputs,
        cell_states=_by_review(cell_states[1:]),
        hidden_states=_by_review(read[1:, features:-1]),
    )


def backward(trace: Trace, d_hidden_states: ArrayLike) -> Gradients:
    """Walk back from the last word to the first, and give the gradient of every number.

    For a loss that depends on memory-B alone, by the chain rule. With ``d_`` for "how the loss
    changes with"::

        d_cell_state  = d_hidden_state * output_gate * (1 - tanh(cell_state) ** 2)
                        + d_cell_state of the next word * its forget_gate
        d_z           = what each machine's answer matters, times the slope of its squash
        d_hidden_state of the word before = d_z @ recurrent_kernel.T

    Parameters
    ----------
    trace : Trace
        What `run` gave.
    d_hidden_states : array_like, shape (batch, timesteps, units)
        How the loss changes with memory-B after each word; zeros but for the last word if only that
        is used.

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
    Along the carry, the gradient is the keep-vote itself: three words that halve leave an eighth.

    >>> dials = LSTMWeights(np.zeros((1, 4)), np.zeros((1, 4)), np.zeros(4))
    >>> trace = run(np.ones((1, 3, 1)), dials)
    >>> d_said = np.zeros((1, 3, 1))
    >>> d_said[:, -1] = 2.0  # memory-B shows half of memory-A, so that memory-A gets 1.0
    >>> backward(trace, d_said).initial_state.cell_state
    array([[0.125]])
    """
    d_hidden_states = numbers("d_hidden_states", d_hidden_states, shape=trace.hidden_states.shape)
    d_hidden_states = _by_word(d_hidden_states)
    cell_states = _by_word(trace.cell_states)
    timesteps, units, batch = cell_states.shape
    features = trace.inputs.shape[2]
    papers = _one_paper(trace.weights)

    d_papers = np.zeros_like(papers)
    d_read = np.empty_like(trace.read[0])
    d_inputs = np.empty((timesteps, batch, features), d_read.dtype)
    d_z = np.empty_like(trace.gates[0])
    d_columns = d_z.reshape(4 * units, batch)
    d_fresh, d_admit, d_forget, d_output = d_z
    d_for_cell_state = d_z[:OUTPUT]
    d_hidden_state = np.zeros_like(cell_states[0])
    d_cell_state = np.zeros_like(cell_states[0])
    for t in reversed(range(timesteps)):
        fresh, admit, forget, output = gate = trace.gates[t]
        kept = cell_states[t - 1] if t else trace.initial_state.cell_state.T
        said = trace.read[t + 1, features:-1]

        # What memory-A matters by way of memory-B: output * (1 - tanh(cell_state) ** 2).
        d_hidden_state += d_hidden_states[t]
        through = said * np.tanh(cell_states[t])
        np.subtract(output, through, out=through)
        through *= d_hidden_state
        d_cell_state += through

        # The slope of a vote is vote * (1 - vote), that of a fresh value (1 - fresh) * (1 + fresh).
        deposit = admit * fresh
        np.subtract(1, gate, out=d_z)
        d_admit *= deposit
        d_forget *= forget * kept
        d_fresh *= admit + deposit
        d_output *= said
        d_for_cell_state *= d_cell_state
        d_output *= d_hidden_state
        d_cell_state *= forget

        d_papers += d_columns @ trace.read[t].T.copy()  # the copy makes the product quicker
        np.matmul(papers.T, d_columns, out=d_read)
        d_inputs[t] = d_read[:features].T
        d_hidden_state = d_read[features:-1]

    d_papers = d_papers.reshape(4, -1)[COLUMNS].reshape(4 * units, -1)
    gradients = Gradients(
        kernel=d_papers[:, :features].T,
        recurrent_kernel=d_papers[:, features:-1].T,
        bias=d_papers[:, -1],
        inputs=by_time(d_inputs),
        initial_state=State(hidden_state=d_hidden_state.T, cell_state=d_cell_state.T),
    )
    return finite(gradients)


def _one_paper(weights: LSTMWeights) -> NDArray:
    """Lay all dials on one paper: a row for each machine's slot, a column for what it reads."""
    kernel, recurrent_kernel, bias = weights
    rows = np.concatenate([kernel, recurrent_kernel, bias[np.newaxis]]).T
    papers = np.empty(rows.shape, rows.dtype)
    papers.reshape(4, -1)[COLUMNS] = rows.reshape(4, -1)
    return papers


def _what_is_read(
    notes: NDArray, papers: NDArray, hidden_state: NDArray, cell_state: NDArray
) -> NDArray:
    """Write, for each word, one below the other: the note, memory-B, and a 1 for the nudge.

    Time comes first and reviews last, so that what one step works on lies together in memory. Only
    the first memory-B is known yet. Its precision is the highest of all that comes in.
    """
    (batch, timesteps, features), units = notes.shape, hidden_state.shape[1]
    dtype = np.result_type(notes, papers, hidden_state, cell_state)
    read = np.empty((timesteps + 1, features + units + 1, batch), dtype)
    read[:-1, :features] = _by_word(notes)
    read[0, features:-1] = hidden_state.T
    read[:, -1] = 1
    return read


def _by_word(array: NDArray) -> NDArray:
    """Turn (batch, timesteps, units) to (timesteps, units, batch): a view, no copy."""
    return array.transpose(1, 2, 0)


def _by_review(array: NDArray) -> NDArray:
    """Turn (timesteps, units, batch) to (batch, timesteps, units): a view, no copy."""
    return array.transpose(2, 0, 1)


def _state_of(name: str, state: Sequence[ArrayLike], batch: int, units: int) -> State:
    """Return both memories, checked, whether named or a plain pair."""
    try:
        hidden_state, cell_state = state
    except (TypeError, ValueError):
        raise ValueError(
            f"{name}: expected a pair, hidden_state and cell_state, got {shown(state)}"
        ) from None
    return State(
        memory_of(f"{name}.hidden_state", hidden_state, (batch, units)),
        memory_of(f"{name}.cell_state", cell_state, (batch, units)),
    )
