"""A trained machine opened: what it says and holds after every word, and which words it hears."""

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rahulml.hand_cell import LSTMWeights, Trace, run, sigmoid
from rahulml.hand_training import Factory
from rahulml.reviews import PADDING

if TYPE_CHECKING:
    import keras

    from rahulml.saved import Machine


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


def contributions(factory: Factory, trace: Trace) -> NDArray:
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
    >>> say = contributions(factory, read(factory, np.array([[1]])).trace)
    >>> bool(np.isclose(say[0, 0], 2 * 0.5 * np.tanh(0.5 * 0.5)))
    True
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


def left_at_the_end(trace: Trace) -> NDArray:
    """Tell how much of what each word wrote into memory-A its keep-votes leave to the end.

    ::

        sum over slots of |wrote| * (product of all later keep-votes) / sum over slots of |wrote|

    Parameters
    ----------
    trace : Trace
        The walk.

    Returns
    -------
    ndarray, shape (n, timesteps)
        Shares in 0..1: 1 at the last word, and 0 where a word wrote nothing.

    Examples
    --------
    Without dials every keep-vote is 0.5.

    >>> dials = [np.zeros(shape) for shape in [(5, 1), (1, 4), (1, 4), (4,), (1, 1), (1,)]]
    >>> dials[3][2] = 1
    >>> left_at_the_end(read(Factory(*dials), np.array([[1, 2, 3]])).trace).tolist()
    [[0.25, 0.5, 1.0]]
    """
    wrote = np.abs(trace.input_gates * trace.candidates).astype(float)
    later = np.ones_like(wrote)
    later[:, :-1] = np.cumprod(trace.forget_gates[:, :0:-1], axis=1, dtype=float)[:, ::-1]
    all_of_it = wrote.sum(axis=-1)
    left = (wrote * later).sum(axis=-1)
    return np.divide(left, all_of_it, out=np.zeros_like(left), where=all_of_it > 0)


def word_by_word(machine: "Machine", text: str) -> pd.DataFrame:
    """Let a saved machine read a text, and tell what it thinks after each word.

    Parameters
    ----------
    machine : Machine
        From `rahulml.saved.load_machine`.
    text : str
        With at least one word.

    Returns
    -------
    DataFrame
        One row for each word that is kept: ``word``; ``known``, whether the notepad has it;
        ``leaning``, in 0..1, what the machine says of the text up to there. An "lstm" also tells
        ``keep, admit, show``, its votes on average over the slots, and ``left``, as
        `left_at_the_end` has it. If padding is read, a row for all of it, named "<padding>", stands
        where it stands; votes it has none.

    Raises
    ------
    ValueError
        If there is no word in the text.

    Notes
    -----
    An LSTM is walked by hand. Of any other machine each beginning of the text is asked for, filled
    up to the window's width.
    """
    numbering = machine.numbering
    words = numbering.kept(text)
    padded = numbering.max_words - len(words)
    after = numbering.padding == "after"
    if machine.settings["mask_padding"] or (after and machine.machine != "lstm"):
        padded = 0
    table = pd.DataFrame({"word": words, "known": [numbering.knows(word) for word in words]})
    if machine.machine == "lstm":
        numbers = numbering.row(words)
        numbers = numbers[numbers != PADDING] if not padded else numbers
        trace, guesses = read(Factory(*machine.model.get_weights()), numbers[np.newaxis])
        spoken = numbers != PADDING
        votes = {"keep": trace.forget_gates, "admit": trace.input_gates, "show": trace.output_gates}
        for name, of_slots in votes.items():
            table[name] = of_slots[0].mean(axis=-1)[spoken]
        table["left"] = left_at_the_end(trace)[0][spoken]
        leanings = guesses[0][spoken]
        of_padding = guesses[0][~spoken][-1:]
    else:
        from rahulml.training import predict  # loads an engine, which all else does without

        ends = range(0 if padded else 1, len(words) + 1)
        asked = predict(machine.model, np.stack([numbering.row(words[:end]) for end in ends]))
        leanings, of_padding = asked[-len(words) :], asked[: -len(words)]
    table["leaning"] = leanings
    if padded:
        row = pd.DataFrame({"word": ["<padding>"], "known": [True], "leaning": of_padding})
        table = pd.concat([table, row] if after else [row, table], ignore_index=True)
    return table


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


def mark_of_first_word(factory: Factory, words: NDArray, one: int, other: int) -> pd.DataFrame:
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
    >>> mark_of_first_word(Factory(*dials), np.array([[0, 0, 0]]), 1, 2)["whole"].tolist()
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


def input_gradients(model: "keras.Model", words: NDArray) -> NDArray:
    """Measure which words a machine hears: how far the clerk's sum moves if a note is pushed.

    ::

        size of d(memory @ clerk's dials + nudge) / d(note at that distance)

    The sum is the one before the sigmoid: a clerk that is very sure hardly moves its guess,
    whatever it hears.

    Parameters
    ----------
    model : keras.Model
        From `rahulml.builders.build`, with any dials; or `rahulml.training.Run.at`.
    words : ndarray of int, shape (n, timesteps)
        Word-numbers of reviews.

    Returns
    -------
    ndarray of float32, shape (n, timesteps)
        For each review the length of the gradient, 0 or more, by distance from the end: the last
        word at 0, the one before at 1.

    Raises
    ------
    RuntimeError
        If Keras runs on another engine than TensorFlow.

    Notes
    -----
    By `tf.GradientTape`. The chapter "How far back can each one hear?" draws it.

    Examples
    --------
    A clerk with all dials at 0 hears nothing.

    >>> from rahulml.builders import build
    >>> model = build("rnn", vocabulary=5, max_words=3, embedding=2, units=2)
    >>> model.get_layer("clerk").set_weights([np.zeros((2, 1)), np.zeros(1)])
    >>> input_gradients(model, np.array([[2, 3, 4]])).tolist()
    [[0.0, 0.0, 0.0]]
    """
    import keras

    if keras.backend.backend() != "tensorflow":
        raise RuntimeError(f"engine: expected tensorflow, got {keras.backend.backend()}")
    gradients = _way_back(model)(keras.ops.convert_to_tensor(words, "int32"))
    return np.linalg.norm(gradients.numpy(), axis=2)[:, ::-1]


@functools.lru_cache(maxsize=1)  # a model that is given other dials needs no other program
def _way_back(model: "keras.Model") -> Callable:
    import keras
    import tensorflow as tf

    notepad, worker, clerk = model.layers

    @tf.function
    def gradients(words):
        with tf.GradientTape() as tape:
            notes = notepad(words)
            tape.watch(notes)
            sums = keras.ops.matmul(worker(notes), clerk.kernel) + clerk.bias
        # No review has a say in another's sum, so the gradient of the total holds each one's own.
        return tape.gradient(sums, notes)

    return gradients
