"""What the three cells share: the order of time, the products, and the gradients."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rahulml.checks import numbers


class Gradients(NamedTuple):
    """How the loss changes with each number that went into a run, in the shape of that number.

    Attributes
    ----------
    kernel, recurrent_kernel, bias : ndarray
        For the dials, in the layout of the weights.
    inputs : ndarray, shape (batch, timesteps, features)
        For the notes.
    initial_state : State, or ndarray of shape (batch, units) for a cell with one memory
        For the memory before the first word.
    """

    kernel: NDArray
    recurrent_kernel: NDArray
    bias: NDArray
    inputs: NDArray
    initial_state: tuple[NDArray, NDArray] | NDArray


def weights_of(weights: NamedTuple, blocks: int, bias_rows: tuple[int, ...] = ()) -> list[NDArray]:
    """Return kernel, recurrent kernel and bias, each of `blocks` machines side by side, checked."""
    kernel = numbers("weights.kernel", weights.kernel)
    if kernel.ndim != 2 or 0 in kernel.shape or kernel.shape[1] % blocks:
        wanted = "(features, units)" if blocks == 1 else f"(features, {blocks} * units)"
        raise ValueError(f"weights.kernel: expected shape {wanted}, got {kernel.shape}")
    columns = kernel.shape[1]
    recurrent_kernel = numbers(
        "weights.recurrent_kernel", weights.recurrent_kernel, shape=(columns // blocks, columns)
    )
    bias = numbers("weights.bias", weights.bias, shape=(*bias_rows, columns))
    return [kernel, recurrent_kernel, bias]


def sigmoid(z: NDArray) -> NDArray:
    """Squash to 0..1. Written with tanh, which no size of `z` can overflow.

    Examples
    --------
    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    return 0.5 * (1 + np.tanh(0.5 * z))


def by_time(array: NDArray) -> NDArray:
    """Swap (batch, timesteps, ...) and (timesteps, batch, ...): a view, no copy."""
    return array.swapaxes(0, 1)


def read_all(inputs: NDArray, kernel: NDArray, bias: NDArray) -> NDArray:
    """Send every word of every review through `kernel` in one product: (timesteps, batch, columns).

    What a word adds does not depend on the memory, so that only the memory has to wait its turn.
    """
    batch, timesteps, features = inputs.shape
    words = np.ascontiguousarray(by_time(inputs)).reshape(-1, features)
    return (words @ kernel + bias).reshape(timesteps, batch, -1)


def summed_over_words(left: NDArray, right: NDArray) -> NDArray:
    """Multiply the transpose of `left` by `right`, over all words and reviews at once."""
    return left.reshape(-1, left.shape[-1]).T @ right.reshape(-1, right.shape[-1])


def first_memory(initial_state: ArrayLike | None, notes: NDArray, units: int) -> NDArray:
    """Return the one memory that a run starts from, checked; without one, all zeros."""
    memory = (len(notes), units)
    if initial_state is None:
        initial_state = np.zeros(memory, notes.dtype)
    return numbers("initial_state", initial_state, shape=memory)


def earlier(initial: NDArray, states: NDArray) -> NDArray:
    """Return the memory before each word, from those after it: (timesteps, batch, units)."""
    return np.concatenate([initial[np.newaxis], states[:-1]])
