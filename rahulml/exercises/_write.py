"""Write it yourself: a reader's own cell, function by function, compared with the hand cell."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
from numpy.typing import NDArray

from rahulml.checks import one_of, shown
from rahulml.hand_cell import LSTMWeights, backward, run, sigmoid
from rahulml.sayings import Markdown

FEATURES, UNITS, WORDS = 2, 3, 4

_EXACT, _CLOSE = 1e-12, 1e-6
"""How far a number may be from the hand cell's, in parts of it or of 1: sums come in any order."""


def judge(part: str, function: Callable) -> Markdown:
    """Call a reader's own function with numbers that are the same each time, and say how it did.

    Parameters
    ----------
    part : {"combine", "step", "run", "backward"}
        What was written. There is no batch: a memory has the shape (3,), a note (2,).

        - ``combine(cell_state, forget_gate, input_gate, candidate, output_gate)`` returns the new
          hidden state and the new cell state.
        - ``step(note, hidden_state, cell_state, weights)`` returns the same.
        - ``run(notes, weights)`` starts with zeros, and returns the hidden states and the cell
          states after each word.
        - ``backward(trace, d_hidden_states)`` returns the gradients of kernel, recurrent kernel and
          bias.
    function : callable
        It.

    Returns
    -------
    Markdown
        For each array: exact, close, or off by how much, and where; if one of the usual slips gives
        just these numbers, which. "Not yet" while something is `None` or `...`.

    Raises
    ------
    ValueError
        For another part, or something that can't be called. What the function raises comes through.

    Examples
    --------
    >>> print(judge("combine", lambda *numbers: ...))
    Not yet: `combine` returned Ellipsis, where hidden state and cell state are expected.
    >>> def combine(cell_state, forget_gate, input_gate, candidate, output_gate):
    ...     new = forget_gate * cell_state + input_gate * candidate
    ...     return output_gate * new, new
    >>> print(judge("combine", combine))
    - hidden state: off by 0.5352 in slot 1, yours is -1.1900, the hand cell's is -0.6548
    - cell state: exact
    <BLANKLINE>
    It looks as if the tanh was left out.
    """
    one_of("part", part, _PARTS)
    if not callable(function):
        raise ValueError(f"function: expected the function that you wrote, got {shown(function)}")
    names, given, expected, slips = _PARTS[part]()
    mine = function(*given)
    wanted = " and ".join(", ".join(names).rsplit(", ", 1))
    if not isinstance(mine, tuple | list) or len(mine) != len(names):
        return Markdown(f"Not yet: `{part}` returned {shown(mine)}, where {wanted} are expected.")
    told, right = zip(*map(_compared, names, mine, expected), strict=True)
    lines = [f"- {name}: {how}" for name, how in zip(names, told, strict=True)]
    if not all(right):
        lines += [f"\nIt looks as if {slip}." for slip, wrong in slips if _same(mine, wrong)]
    return Markdown("\n".join(lines))


# --- a comparison ---


def _compared(name: str, mine: object, exact: NDArray) -> tuple[str, bool]:
    """Say how near an array is, and whether that is near enough."""
    if mine is None or mine is ...:
        return "not yet", False
    try:
        mine = np.asarray(mine, float)
    except (TypeError, ValueError):
        return f"expected numbers, got {shown(mine)}", False
    if mine.shape != exact.shape:
        return f"expected shape {exact.shape}, got {mine.shape}", False
    if not np.isfinite(mine).all():
        place = _where(name, ~np.isfinite(mine))
        return f"expected finite numbers, got another {place}", False
    off = abs(mine - exact)
    worst = off / np.maximum(abs(exact), 1)
    if worst.max() <= _EXACT:
        return "exact", True
    if worst.max() <= _CLOSE:
        return f"close, off by {off.max():.0e} at most", True
    at = np.unravel_index(off.argmax(), off.shape)
    both = f"yours is {mine[at]:.4f}, the hand cell's is {exact[at]:.4f}"
    return f"off by {off[at]:.4f} {_where(name, off == off[at])}, {both}", False


def _where(name: str, here: NDArray) -> str:
    """Return in words the first place that is True."""
    *before, last = (int(axis[0]) for axis in np.nonzero(here))
    if "state" in name:
        word = f"after word {before[0] + 1}, " if before else "in "
        return f"{word}slot {last + 1}"
    machine = ("input gate", "forget gate", "candidate", "output gate")[last // UNITS]
    row = f"row {before[0] + 1}, " if before else ""
    return f"in {row}column {last + 1} ({machine}, slot {last % UNITS + 1})"


def _same(mine: list, wrong: list[NDArray]) -> bool:
    try:
        return all(np.allclose(a, b, 1e-9, 1e-9) for a, b in zip(mine, wrong, strict=True))
    except (TypeError, ValueError):  # of other shapes, or no numbers
        return False


# --- what each part is given, what has to come out, and what comes of a slip ---


def _numbers() -> SimpleNamespace:
    rng = np.random.default_rng(1997)
    dials = LSTMWeights(
        rng.normal(size=(FEATURES, 4 * UNITS)).round(1),
        rng.normal(size=(UNITS, 4 * UNITS)).round(1),
        rng.normal(size=4 * UNITS).round(1),
    )
    return SimpleNamespace(
        notes=rng.normal(size=(WORDS, FEATURES)).round(1),
        weights=dials,
        hidden=np.array([-0.5, 0.2, 0.8]),
        cell=np.array([-2.0, 1.0, 1.5]),
        keep=np.array([0.9, 0.5, 0.2]),
        admit=np.array([0.2, 0.7, 0.4]),
        fresh=np.array([0.5, -0.6, 0.9]),
        show=np.array([0.7, 0.3, 0.6]),
        d_hidden=rng.normal(size=(WORDS, UNITS)).round(1),
    )


def _combine() -> tuple:
    n = _numbers()

    def said(old=n.cell, keep=n.keep, admit=n.admit, squash=np.tanh, spoken=None):
        new = keep * old + admit * n.fresh
        return [n.show * squash(new if spoken is None else spoken), new]

    hidden, new = said()
    slips = [
        ("the tanh was left out", said(squash=np.array)),
        ("a sigmoid was taken for the tanh", said(squash=sigmoid)),
        ("the forget gate and the input gate changed places", said(keep=n.admit, admit=n.keep)),
        ("the old cell state was squashed, not the new one", said(spoken=n.cell)),
        ("the two memories came back in the other order", [new, hidden]),
    ]
    given = n.cell, n.keep, n.admit, n.fresh, n.show
    return ("hidden state", "cell state"), given, [hidden, new], slips


def _read(n, hidden, cell, note, *, nudge=1, reads=None, order=(0, 1, 2, 3), squash=np.tanh):
    """Read one word, perhaps with a slip."""
    kernel, recurrent, bias = n.weights
    z = note @ kernel + (hidden if reads is None else reads) @ recurrent + nudge * bias
    admit, keep, fresh, show = (np.split(z, 4)[block] for block in order)
    new = sigmoid(keep) * cell + sigmoid(admit) * squash(fresh)
    return [sigmoid(show) * np.tanh(new), new]


def _step() -> tuple:
    n = _numbers()

    def read(**slip):
        return _read(n, n.hidden, n.cell, n.notes[0], **slip)

    slips = [
        ("the bias, which holds the nudges, was left out", read(nudge=0)),
        ("the machines read the cell state; they read the hidden state", read(reads=n.cell)),
        ("the input gate's columns were taken for the forget gate's", read(order=(1, 0, 2, 3))),
        ("the candidate went through a sigmoid, not a tanh", read(squash=sigmoid)),
        ("the candidate was not squashed", read(squash=np.array)),
        ("the two memories came back in the other order", read()[::-1]),
    ]
    given = n.notes[0], n.hidden, n.cell, n.weights
    return ("hidden state", "cell state"), given, read(), slips


def _run() -> tuple:
    n = _numbers()
    trace = run(n.notes[None], n.weights)

    def walk(notes=n.notes, keeps_hidden=True, keeps_cell=True):
        hidden, cell, said = np.zeros(UNITS), np.zeros(UNITS), []
        for note in notes:
            said.append(_read(n, hidden, cell, note))
            hidden, cell = said[-1][0] * keeps_hidden, said[-1][1] * keeps_cell
        return [np.array(memory) for memory in zip(*said, strict=True)]

    slips = [
        ("each word starts from zeros again", walk(keeps_hidden=False, keeps_cell=False)),
        ("the hidden state is not handed on to the next word", walk(keeps_hidden=False)),
        ("the cell state is not handed on to the next word", walk(keeps_cell=False)),
        ("the words were read from the last to the first", walk(n.notes[::-1])),
        ("the two memories came back in the other order", walk()[::-1]),
    ]
    expected = [trace.hidden_states[0], trace.cell_states[0]]
    return ("hidden states", "cell states"), (n.notes, n.weights), expected, slips


def _backward() -> tuple:
    n = _numbers()
    whole = run(n.notes[None], n.weights)
    kinds = "input_gates", "forget_gates", "candidates", "output_gates"
    trace = SimpleNamespace(
        inputs=n.notes,
        weights=n.weights,
        **{name: getattr(whole, name)[0] for name in (*kinds, "cell_states", "hidden_states")},
    )

    def walk(carry=1.0, recurrent=1.0, slope=True):
        """Walk back in plain arithmetic, perhaps with a slip."""
        d_hidden, d_cell = np.zeros(UNITS), np.zeros(UNITS)
        d_weights = [np.zeros_like(dials) for dials in n.weights]
        for t in reversed(range(WORDS)):
            admit, keep, fresh, show = (getattr(trace, name)[t] for name in kinds)
            squashed = np.tanh(trace.cell_states[t])
            d_hidden = d_hidden * recurrent + n.d_hidden[t]
            d_cell = d_cell * carry + d_hidden * show * (1 - squashed**2 if slope else 1)
            before = trace.cell_states[t - 1] if t else np.zeros(UNITS)
            d_z = np.hstack(
                [
                    d_cell * fresh * admit * (1 - admit),
                    d_cell * before * keep * (1 - keep),
                    d_cell * admit * (1 - fresh**2),
                    d_hidden * squashed * show * (1 - show),
                ]
            )
            said = trace.hidden_states[t - 1] if t else np.zeros(UNITS)
            for total, read in zip(d_weights, (n.notes[t], said, 1.0), strict=True):
                total += np.multiply.outer(read, d_z)
            d_hidden, d_cell = n.weights.recurrent_kernel @ d_z, d_cell * keep
        return d_weights

    slips = [
        ("nothing comes back along the cell state from the next word", walk(carry=0.0)),
        ("nothing comes back through the recurrent kernel from the next word", walk(recurrent=0.0)),
        ("the slope of the tanh of the cell state was left out", walk(slope=False)),
    ]
    exact = backward(whole, n.d_hidden[None])
    expected = [exact.kernel, exact.recurrent_kernel, exact.bias]
    return ("kernel", "recurrent kernel", "bias"), (trace, n.d_hidden), expected, slips


_PARTS = {"combine": _combine, "step": _step, "run": _run, "backward": _backward}
