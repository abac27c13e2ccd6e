"""Argument checks for all rooms: one wording, that says what was expected and what came."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

_LONGEST = 80
"""How many characters of what came a message repeats at most."""


def shown(value: object) -> str:
    """Return a value as a message repeats it: on one line, and no more than 80 characters of it.

    Examples
    --------
    >>> shown("two words"), len(shown([0.0] * 100))
    ("'two words'", 80)
    """
    text = " ".join(repr(value).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def whole_number(name: str, value: object, least: int, most: int | None = None) -> int:
    """Return a whole number of at least `least`, or say which argument is not one.

    Raises
    ------
    ValueError
        For anything else; `True` and 2.0 are no whole numbers.

    Examples
    --------
    >>> whole_number("seeds", np.int64(5), 1)
    5
    >>> whole_number("seeds", True, 1)
    Traceback (most recent call last):
    ValueError: seeds: expected a whole number of at least 1, got True
    """
    is_whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not is_whole or value < least or (most is not None and value > most):
        wanted = f"of at least {least}" if most is None else f"in {least}..{most}"
        raise ValueError(f"{name}: expected a whole number {wanted}, got {shown(value)}")
    return int(value)


def number(name: str, value: object, low: float, high: float) -> float:
    """Return a number in ``low..high``, or say which argument is not one.

    Examples
    --------
    >>> number("decoys", 1.5, 0, 1)
    Traceback (most recent call last):
    ValueError: decoys: expected a number in 0..1, got 1.5
    """
    is_number = isinstance(value, int | float | np.integer | np.floating)
    if not is_number or isinstance(value, bool) or not low <= value <= high:
        raise ValueError(f"{name}: expected a number in {low}..{high}, got {shown(value)}")
    return float(value)


def one_of(name: str, value: object, known: Iterable[object]) -> None:
    """Refuse a value that is not among those known.

    Examples
    --------
    >>> one_of("engine", "abacus", ("jax", "torch"))
    Traceback (most recent call last):
    ValueError: engine: expected 'jax' or 'torch', got 'abacus'
    """
    known = list(known)
    if not any(value is one or value == one for one in known):
        *most, last = map(repr, known)
        wanted = f"{', '.join(most)} or {last}" if most else last
        raise ValueError(f"{name}: expected {wanted}, got {shown(value)}")


def reals(name: str, value: ArrayLike) -> NDArray:
    """Return `value` as a float array, whatever its shape and size, or say why it is none.

    Lists, tables, arrays and tensors are taken, PyTorch's also when they require gradients or lie
    on another chip. float32 and float64 stay; whole numbers, float16, bfloat16 and other kinds
    become float64.

    Raises
    ------
    ValueError
        If it is ragged, masked, symbolic, or of anything but real numbers; truth values are none.

    Examples
    --------
    >>> reals("z", [1, 2])
    array([1., 2.])
    >>> reals("z", [1, None])
    Traceback (most recent call last):
    ValueError: z: expected real numbers, got [1, None]
    """
    try:
        array = np.asarray(_off_the_tape(value))
    except (TypeError, ValueError, RuntimeError) as error:  # NumPy's, PyTorch's, TensorFlow's, ...
        raise ValueError(f"{name}: expected an array of numbers, got {shown(value)}") from error
    small = array.dtype.kind == "V" and np.can_cast(array.dtype, np.float64)  # bfloat16, as JAX has
    if array.dtype.kind not in "fiu" and not small:
        raise ValueError(f"{name}: expected real numbers, got {shown(value)}")
    if np.ma.is_masked(value):
        raise ValueError(f"{name}: expected numbers without a mask, got {shown(value)}")
    if array.dtype in (np.float32, np.float64):
        return array
    with np.errstate(over="ignore"):  # of a longdouble: an inf tells
        return array.astype(np.float64)


def _off_the_tape(value: object) -> object:
    """Bring PyTorch's tensors, alone or in lists, to where NumPy can read them."""
    if isinstance(value, list | tuple):
        return [_off_the_tape(one) for one in value]
    if not hasattr(value, "resolve_neg"):  # no tensor
        return value
    tensor = value.detach().cpu().resolve_neg()
    if tensor.is_floating_point() and tensor.element_size() < 4:  # NumPy has no bfloat16
        tensor = tensor.double()
    return tensor.numpy()


def numbers(
    name: str,
    value: ArrayLike,
    low: float = -np.inf,
    high: float = np.inf,
    *,
    shape: tuple[int | str, ...] | None = None,
) -> NDArray:
    """Return `value` as a float array, or say which argument is not what it has to be.

    It takes what `reals` takes. A word in `shape` names an axis of any length, at least 1.

    Examples
    --------
    >>> numbers("keep", [0.5, 1.5], 0, 1)
    Traceback (most recent call last):
    ValueError: keep: expected numbers in 0..1, got 1.5
    """
    array = reals(name, value)
    if shape is not None and not _fits(array.shape, shape):
        wanted = ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "")
        raise ValueError(f"{name}: expected shape ({wanted}), got {array.shape}")
    within = np.isfinite(array)
    if low > -np.inf:
        within &= (array >= low) & (array <= high)
    if not within.all():
        wanted = "finite numbers" if low == -np.inf else f"numbers in {low}..{high}"
        raise ValueError(f"{name}: expected {wanted}, got {array[~within].flat[0]}")
    return array


def _fits(found: tuple[int, ...], wanted: tuple[int | str, ...]) -> bool:
    return len(found) == len(wanted) and all(
        size > 0 if isinstance(axis, str) else size == axis
        for size, axis in zip(found, wanted, strict=True)
    )
