"""The whole LSTM factory trained with nothing but NumPy: forward, backward, Adam."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rahulml.checks import numbers
from rahulml.hand_cell import LSTMWeights, Trace, backward, run, sigmoid


class Factory(NamedTuple):
    """The dials of notepad, worker and clerk, in the order of Keras's ``model.get_weights()``.

    ``Factory(*model.get_weights())`` takes those of ``rahulml.builders.build("lstm")``.

    Attributes
    ----------
    notepad : ndarray, shape (vocabulary, features)
        The note of each word-number.
    kernel, recurrent_kernel, bias : ndarray
        The worker's dials, as in `rahulml.hand_cell.LSTMWeights`.
    clerk : ndarray, shape (units, 1)
        The clerk's dial for each slot of memory-B.
    nudge : ndarray, shape (1,)
        The clerk's nudge.
    """

    notepad: NDArray
    kernel: NDArray
    recurrent_kernel: NDArray
    bias: NDArray
    clerk: NDArray
    nudge: NDArray


def guess(factory: Factory, words: NDArray) -> NDArray:
    """Read reviews, and say of each how likely it was liked.

    Parameters
    ----------
    factory : Factory
        The dials.
    words : ndarray of int, shape (n, max_words)
        The word-numbers of each review.

    Returns
    -------
    ndarray, shape (n,)
        The clerk's guess, in 0..1.

    Raises
    ------
    ValueError
        If a dial is not a finite number.

    Examples
    --------
    >>> zeros = map(np.zeros, [(5, 2), (2, 12), (3, 12), (12,), (3, 1), (1,)])
    >>> guess(Factory(*zeros), np.array([[1, 2, 3, 4]]))
    array([0.5])
    """
    _, leaning = _walk(factory, words)
    return sigmoid(leaning)


def _walk(factory: Factory, words: NDArray) -> tuple[Trace, NDArray]:
    """Let the worker walk the notes; return the walk, and the clerk's sum before the squash."""
    notes = factory.notepad[words.T].swapaxes(0, 1)  # word by word, as the worker reads
    trace = run(notes, LSTMWeights(*factory[1:4]))
    leaning = trace.hidden_states[:, -1] @ factory.clerk + factory.nudge
    return trace, numbers("the clerk's sum", leaning[:, 0])


class Wrongness(NamedTuple):
    """How wrong a factory was about a grab, and what each dial had to do with it.

    Attributes
    ----------
    loss : float
        The average wrongness, 0 or more.
    gradients : Factory
        How it changes with each dial, in the shapes of the dials.
    """

    loss: float
    gradients: Factory


def wrongness(factory: Factory, words: NDArray, liked: NDArray) -> Wrongness:
    """Return the average wrongness of a grab, and how it changes with every dial.

    The wrongness of a guess p is -log(p) for a liked review and -log(1 - p) for another one:
    binary cross-entropy.

    Parameters
    ----------
    factory : Factory
        The dials.
    words : ndarray of int, shape (n, max_words)
        The word-numbers of each review.
    liked : ndarray, shape (n,)
        1 for thumbs up, 0 for thumbs down.

    Returns
    -------
    Wrongness
        The loss and its gradients.

    Raises
    ------
    ValueError
        If a label is not 0 or 1, a word-number is below 0, or a dial is not a finite number.

    Examples
    --------
    A clerk who always says one half is wrong by log(2), whatever the review.

    >>> zeros = map(np.zeros, [(5, 2), (2, 12), (3, 12), (12,), (3, 1), (1,)])
    >>> grab = wrongness(Factory(*zeros), np.array([[1, 2]]), np.array([1]))
    >>> print(f"{grab.loss:.3f}", grab.gradients.nudge)
    0.693 [-0.5]
    """
    other = ~np.isin(liked, (0, 1))
    if other.any():
        raise ValueError(f"liked: expected 0 or 1, got {liked[other][0]}")
    if words.min() < 0:
        raise ValueError(f"words: expected word-numbers of 0 or more, got {words.min()}")
    trace, leaning = _walk(factory, words)
    last = trace.hidden_states[:, -1]
    loss = np.maximum(leaning, 0) - leaning * liked + np.log1p(np.exp(-np.abs(leaning)))

    d_leaning = (sigmoid(leaning) - liked).astype(last.dtype) / len(liked)
    d_hidden_states = np.zeros_like(trace.hidden_states)
    d_hidden_states[:, -1] = d_leaning[:, np.newaxis] * factory.clerk[:, 0]
    worker = backward(trace, d_hidden_states)
    gradients = Factory(
        notepad=_added_by_word(words, worker.inputs, factory.notepad),
        kernel=worker.kernel,
        recurrent_kernel=worker.recurrent_kernel,
        bias=worker.bias,
        clerk=last.T @ d_leaning[:, np.newaxis],
        nudge=d_leaning.sum(keepdims=True),
    )
    return Wrongness(float(loss.mean()), gradients)


def _added_by_word(words: NDArray, d_notes: NDArray, notepad: NDArray) -> NDArray:
    """Add up, for each word, what all the places where it stands give.

    Number by number, on a notepad that lies in one line: NumPy adds whole rows ten times slower.
    """
    features = notepad.shape[1]
    line = np.zeros(notepad.size, d_notes.dtype)
    rows = features * words.T.ravel().astype(np.intp)  # by word, as the worker walks
    places = rows[:, np.newaxis] + np.arange(features)
    np.add.at(line, places.ravel(), d_notes.swapaxes(0, 1).ravel())
    return line.reshape(notepad.shape)


class Adam:
    """Turn dials by their gradients, each at its own pace (Kingma and Ba, 2015).

    ::

        mean   = 0.9 mean + 0.1 gradient
        square = 0.999 square + 0.001 gradient ** 2
        dial  -= pace * mean / (sqrt(square) + 1e-7)

    where pace is the learning rate, corrected for means that start at zero. 0.9, 0.999 and 1e-7 are
    what Keras uses, and so is the pace in float32.

    Parameters
    ----------
    dials : sequence of ndarray
        What will be turned, in place.
    learning_rate : float
        How far a dial is turned at most, roughly.

    Examples
    --------
    Adam's first turn goes as far as the learning rate, however large the gradient.

    >>> dial = np.array([1.0, 1.0])
    >>> Adam([dial]).turn([np.array([0.5, -200.0])])
    >>> dial.round(6)
    array([0.999, 1.001])
    """

    def __init__(self, dials: Sequence[NDArray], learning_rate: float = 0.001):
        self.dials = dials
        self.learning_rate = learning_rate
        self.means = [np.zeros_like(dial) for dial in dials]
        self.squares = [np.zeros_like(dial) for dial in dials]
        self.turns = 0

    def turn(self, gradients: Sequence[NDArray]) -> None:
        """Turn every dial once, by gradients in the shapes of the dials, which are used up."""
        self.turns += 1
        late = 1 - np.array([0.9, 0.999], np.float32) ** self.turns
        pace = self.learning_rate * np.sqrt(late[1]) / late[0]
        for dial, gradient, mean, square in zip(
            self.dials, gradients, self.means, self.squares, strict=True
        ):
            new_square = np.square(gradient)
            new_square *= 0.001
            square *= 0.999
            square += new_square
            gradient *= 0.1
            mean *= 0.9
            mean += gradient

            step = np.sqrt(square, out=gradient)
            step += 1e-7
            np.divide(mean, step, out=step)
            step *= pace
            dial -= step


def train(
    factory: Factory,
    words: NDArray,
    liked: NDArray,
    grabs: Iterable[NDArray],
) -> tuple[Factory, list[float]]:
    """Train a factory by hand, one dial-turn for each grab.

    Parameters
    ----------
    factory : Factory
        The first dials; they stay as they are.
    words : ndarray of int, shape (n, max_words)
        The study pile.
    liked : ndarray, shape (n,)
        1 for thumbs up, 0 for thumbs down.
    grabs : iterable of ndarray of int
        Which reviews make up each grab.

    Returns
    -------
    factory : Factory
        The trained dials.
    losses : list of float
        The average wrongness of each grab, before its dial-turn.

    Raises
    ------
    ValueError
        If a label is not 0 or 1, a word-number is below 0, or a dial is no longer a finite number;
        a note names the grab.

    Notes
    -----
    The chapter "Train it with nothing but the pencil" follows Keras with it, step by step.

    Examples
    --------
    One word, always liked: the wrongness falls.

    >>> rng = np.random.default_rng(0)
    >>> shapes = [(5, 2), (2, 12), (3, 12), (12,), (3, 1), (1,)]
    >>> first = Factory(*(rng.normal(size=shape) for shape in shapes))
    >>> _, losses = train(first, np.array([[1]]), np.array([1]), [np.array([0])] * 50)
    >>> losses[-1] < losses[0]
    True
    """
    factory = Factory(*(dials.copy() for dials in factory))
    adam = Adam(factory)
    losses = []
    for number, grab in enumerate(grabs, start=1):
        try:
            found = wrongness(factory, words[grab], liked[grab])
        except ValueError as error:
            error.add_note(f"This happened at grab {number}, counted from 1.")
            raise
        adam.turn(found.gradients)
        losses.append(found.loss)
    return factory, losses
