"""What the three cells share: the order of time, the products, and the gradients."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rahulml.checks import numbers, reals


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


def sigmoid(z: ArrayLike) -> NDArray:
    """Squash to 0..1. Written with tanh, which no size of `z` can overflow.

    Examples
    --------
    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    return 0.5 * (1 + np.tanh(0.5 * reals("z", z)))


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


def memory_of(name: str, memory: ArrayLike, shape: tuple[int, int]) -> NDArray:
    """Return a memory, checked; also one in a list, as for Keras, or of PyTorch's one layer."""
    memory = reals(name, memory)
    return numbers(name, memory[0] if memory.shape == (1, *shape) else memory, shape=shape)


def first_memory(initial_state: ArrayLike | None, notes: NDArray, units: int) -> NDArray:
    """Return the one memory that a run starts from, checked; without one, all zeros."""
    memory = (len(notes), units)
    if initial_state is None:
        return np.zeros(memory, notes.dtype)
    return memory_of("initial_state", initial_state, memory)


def refuse_overflow(notes: NDArray, memory: NDArray, weights: tuple[NDArray, ...]) -> None:
    """Refuse numbers so large that their products, added up, may leave the range of floats.

    No product is larger than the largest number times the largest dial. After the first word, no
    memory that is said is larger than 1 or than it was at first.
    """
    kernel, recurrent_kernel, _ = weights
    note, said, dial, memory_dial, nudge = (
        float(np.abs(array).max()) for array in (notes, memory, *weights)
    )
    words, memories = len(kernel) * note * dial, len(recurrent_kernel) * max(said, 1) * memory_dial
    dtype = np.result_type(notes, *weights)  # a wider memory widens no product of the notes
    if words + memories + 2 * nudge > float(np.finfo(dtype).max):  # a GRU adds two nudges
        raise ValueError(
            f"inputs: expected numbers whose products with the weights add up within {dtype}, "
            f"got up to {max(note, said):.3g} beside weights of up to {max(dial, memory_dial):.3g}"
        )


def finite(gradients: Gradients) -> Gradients:
    """Return gradients, unless they have outgrown their floats on the way back."""
    for name, gradient in gradients._asdict().items():
        if not np.isfinite(gradient).all():
            raise ValueError(
                f"d_hidden_states: expected gradients that {gradients.kernel.dtype} can hold, "
                f"got an overflow in that of {name}"
            )
    return gradients


def earlier(initial: NDArray, states: NDArray) -> NDArray:
    """Return the memory before each word, from those after it: (timesteps, batch, units)."""
    return np.concatenate([initial[np.newaxis], states[:-1]])
