"""Layers of Keras and modules of PyTorch taken apart, without importing either."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rahulml.checks import numbers, one_of, shown


class Layout(NamedTuple):
    """What the frameworks call a cell, and where its machines lie.

    Attributes
    ----------
    keras, torch : str
        The layer's name in ``keras.layers`` and in ``torch.nn``.
    blocks : tuple of int
        For each of Keras's blocks of columns, which of PyTorch's blocks of rows it is.
    bias_rows : tuple of int
        The axes of Keras's bias before its columns.
    """

    keras: str
    torch: str
    blocks: tuple[int, ...]
    bias_rows: tuple[int, ...] = ()


def arrays_of_keras(layer: object, layout: Layout) -> list[NDArray]:
    """Return copies of a layer's kernel, recurrent kernel and bias: see `Weights.from_keras`."""
    if not _is_keras(layer, layout):
        fitting = [path for path, part in _parts_of_keras(layer) if _is_keras(part, layout)]
        raise _refusal("layer", layer, f"a keras.layers.{layout.keras}", fitting)
    cell = getattr(layer, "cell", layer)
    for name, squash in [("activation", "tanh"), ("recurrent_activation", "sigmoid")]:
        if hasattr(cell, name):  # a plain worker has no votes
            found = getattr(cell, name)
            one_of(f"layer.{name}", getattr(found, "__name__", type(found).__name__), [squash])
    one_of("layer.reset_after", getattr(cell, "reset_after", True), [True])
    if not hasattr(cell, "kernel"):
        raise ValueError(
            f"layer: expected one that has been built, got {shown(layer)}; call it once on inputs, "
            "or layer.build((None, None, features))"
        )
    kernel = numbers("layer.kernel", cell.kernel)
    recurrent_kernel = numbers("layer.recurrent_kernel", cell.recurrent_kernel)
    bias = np.zeros((*layout.bias_rows, kernel.shape[1]), kernel.dtype)
    if cell.bias is not None:
        bias = numbers("layer.bias", cell.bias)
    return [array.copy() for array in (kernel, recurrent_kernel, bias)]


def arrays_of_torch(module: object, layout: Layout) -> list[NDArray]:
    """Return copies of a module's arrays in Keras's layout: see `Weights.from_torch`."""
    arrays = module if isinstance(module, list | tuple) else _arrays_of_module(module, layout)
    if len(arrays) not in (2, 4):
        raise ValueError(
            "module: expected the arrays weight_ih and weight_hh and, if there are biases, bias_ih "
            f"and bias_hh, got {len(arrays)}"
        )
    weight_ih, weight_hh, *biases = arrays
    blocks = len(layout.blocks)
    wanted = "units" if blocks == 1 else f"{blocks} * units"
    units = numbers("module.weight_hh", weight_hh, shape=(wanted, "units")).shape[1]
    rows = blocks * units

    def columns(name: str, array: ArrayLike, *axes: int | str) -> NDArray:
        """Put the blocks of rows in Keras's order, and turn rows to columns."""
        array = numbers(f"module.{name}", array, shape=(rows, *axes))
        return array.reshape(blocks, -1)[list(layout.blocks)].reshape(array.shape).T

    kernel = columns("weight_ih", weight_ih, "features")
    recurrent_kernel = columns("weight_hh", weight_hh, units)
    bias = np.zeros((2, rows), kernel.dtype)
    if biases:
        bias = np.stack([columns("bias_ih", biases[0]), columns("bias_hh", biases[1])])
    return [kernel, recurrent_kernel, bias if layout.bias_rows else bias.sum(axis=0)]


def _arrays_of_module(module: object, layout: Layout) -> list[ArrayLike]:
    """Return what a module of one layer multiplies by, and its two biases if it has any."""
    if not _is_torch(module, layout):
        fitting = [path for path, part in _parts_of_torch(module) if _is_torch(part, layout)]
        raise _refusal("module", module, f"a torch.nn.{layout.torch}", fitting)
    one_of("module.nonlinearity", getattr(module, "nonlinearity", "tanh"), ["tanh"])
    if getattr(module, "proj_size", 0):
        raise ValueError(
            f"module: expected proj_size=0, got {module.proj_size}; this cell says what it "
            "remembers, and projects nothing"
        )
    layers = getattr(module, "num_layers", 1) * (1 + getattr(module, "bidirectional", False))
    if layers > 1:
        paths = [f"module.all_weights[{k}]" for k in range(layers)]
        raise _refusal("module", module, "one layer in one direction", paths)
    names = ["weight_ih", "weight_hh", *(["bias_ih", "bias_hh"] if module.bias else [])]
    return [getattr(module, name + _suffix(module)) for name in names]


def _is_keras(layer: object, layout: Layout) -> bool:
    """Look at the cell: its class decides what one word does."""
    return type(getattr(layer, "cell", layer)).__name__ == f"{layout.keras}Cell"


def _is_torch(module: object, layout: Layout) -> bool:
    kind = str(getattr(module, "mode", type(module).__name__))  # GRU, RNN_TANH; GRUCell, RNNCell
    named = kind.split("_")[0] in (layout.torch, f"{layout.torch}Cell")
    return named and hasattr(module, f"weight_ih{_suffix(module)}")


def _suffix(module: object) -> str:
    """Tell a layer, whose arrays have its number in their names, from a cell."""
    return "_l0" if hasattr(module, "mode") else ""


def _parts_of_keras(whole: object, path: str = "layer") -> Iterator[tuple[str, object]]:
    """Yield how to reach each part of a model, of both ways or of stacked cells, and the part."""
    if isinstance(whole, type):  # a class has no parts yet
        return
    ways = [f"{way}_layer" for way in ("forward", "backward") if hasattr(whole, f"{way}_layer")]
    parts = [(f"{path}.{way}", getattr(whole, way)) for way in ways]
    for name, owner in [("layers", whole), ("cells", getattr(whole, "cell", None))]:
        at = f"{path}.layers" if name == "layers" else f"{path}.cell.cells"
        parts += [(f"{at}[{i}]", part) for i, part in enumerate(getattr(owner, name, ()))]
    for at, part in parts:
        yield at, part
        yield from _parts_of_keras(part, at)


def _parts_of_torch(whole: object) -> Iterator[tuple[str, object]]:
    if hasattr(whole, "named_modules") and not isinstance(whole, type):
        for name, part in whole.named_modules():
            yield f"module.get_submodule({name!r})", part


def _refusal(name: str, whole: object, wanted: str, fitting: list[str]) -> ValueError:
    """Say what was expected, and of a larger whole which parts would do."""
    hint = f"; take {', or '.join(fitting[:4])}" if fitting else ""
    return ValueError(f"{name}: expected {wanted}, got {shown(whole)}{hint}")
