"""The LSTM with a part taken away, tied or added, and its heirs, as cells that Keras can train."""

from collections.abc import Collection
from functools import partial

import keras
from keras import layers, ops

from rahulml.checks import one_of

GATES = ("input", "forget", "output")


class VariantCell(layers.Layer):
    """One word of an LSTM whose voters are not the usual three.

    ::

        cell_state   = forget * cell_state + input * tanh(candidate)
        hidden_state = output * tanh(cell_state)

    Without anything missing, tied or added it is `keras.layers.LSTMCell`, the dials in the same
    layout.

    Parameters
    ----------
    units : int
        Slots in each memory.
    missing : collection of str
        Voters out of ``"input"``, ``"forget"`` and ``"output"`` that have no dials: they vote 1.
    tied : bool
        The forget gate is 1 minus the input gate, and has no dials.
    peepholes : bool
        Each voter also reads its own slot of the cell state, through one dial a slot: input and
        forget the old one, output the new one (Gers, Schraudolph and Schmidhuber, 2002).
    input_bias : float, optional
        Where the input gate's bias starts. Without it at 0, as in Keras; at -1 if tied, so that the
        fresh cell keeps as much as Keras's, whose forget bias starts at 1. Without a forget gate -3
        or less is a good start (Hochreiter and Schmidhuber, 1997): little comes in until training
        has found what is worth it, and what came in stays.

    Raises
    ------
    ValueError
        If a missing voter is none of the three.

    Notes
    -----
    The variants of Greff et al. (2017). The chapter "Engineered, not derived" trains them.
    """

    def __init__(
        self,
        units: int,
        *,
        missing: Collection[str] = (),
        tied: bool = False,
        peepholes: bool = False,
        input_bias: float | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        for name in missing:
            one_of("missing", name, GATES)
        self.units = units
        self.missing = tuple(missing)
        self.tied = tied
        self.peepholes = peepholes
        self.input_bias = (-1.0 if tied else 0.0) if input_bias is None else input_bias
        self.state_size = [units, units]
        self.output_size = units
        gone = {*missing, "forget"} if tied else set(missing)
        self.machines = [
            name for name in ("input", "forget", "candidate", "output") if name not in gone
        ]

    def build(self, input_shape):
        """Make the dials for notes of shape (batch, features): those of Keras's own cell."""
        width = len(self.machines) * self.units
        self.kernel = self.add_weight(
            shape=(input_shape[-1], width), initializer="glorot_uniform", name="kernel"
        )
        self.recurrent_kernel = self.add_weight(
            shape=(self.units, width), initializer="orthogonal", name="recurrent_kernel"
        )
        self.bias = self.add_weight(shape=(width,), initializer=self._first_bias, name="bias")
        self.peepers = {}
        if self.peepholes:
            for name in self.machines:
                if name in GATES:
                    self.peepers[name] = self.add_weight(
                        shape=(self.units,), initializer="zeros", name=f"{name}_peephole"
                    )

    def _first_bias(self, shape, dtype=None):
        starts = {"input": self.input_bias, "forget": 1.0}
        return ops.repeat(
            ops.array([starts.get(name, 0.0) for name in self.machines], dtype), self.units
        )

    def call(self, inputs, states):
        """Read one word.

        Parameters
        ----------
        inputs : tensor, shape (batch, features)
            Its notes.
        states : sequence of two tensors, shape (batch, units)
            Hidden state and cell state before.

        Returns
        -------
        hidden_state : tensor, shape (batch, units)
            In -1..1.
        states : list of two tensors
            Hidden state and cell state after.
        """
        hidden_state, cell_state = states
        sums = ops.matmul(inputs, self.kernel) + ops.matmul(hidden_state, self.recurrent_kernel)
        parts = ops.split(sums + self.bias, len(self.machines), axis=-1)
        sums = dict(zip(self.machines, parts, strict=True))

        def vote(name, cell_state):
            if name not in sums:
                return 1.0
            if name in self.peepers:
                return ops.sigmoid(sums[name] + self.peepers[name] * cell_state)
            return ops.sigmoid(sums[name])

        input_gate = vote("input", cell_state)
        forget_gate = 1 - input_gate if self.tied else vote("forget", cell_state)
        cell_state = forget_gate * cell_state + input_gate * ops.tanh(sums["candidate"])
        hidden_state = vote("output", cell_state) * ops.tanh(cell_state)
        return hidden_state, [hidden_state, cell_state]

    def get_config(self):
        """Return what it takes to make this cell again."""
        return {
            **super().get_config(),
            "units": self.units,
            "missing": self.missing,
            "tied": self.tied,
            "peepholes": self.peepholes,
            "input_bias": self.input_bias,
        }


PARTS = {
    "no-keep": {"missing": ("forget",)},
    "no-keep-shut": {"missing": ("forget",), "input_bias": -3.0},
    "no-admit": {"missing": ("input",)},
    "no-show": {"missing": ("output",)},
    "tied": {"tied": True},
    "tied-even": {"tied": True, "input_bias": 0.0},
    "peepholes": {"peepholes": True},
}
"""What is missing, tied or added, and how it starts, by the name of the machine."""


def _walk(units: int, *, name: str | None = None, **parts) -> keras.Layer:
    return layers.RNN(VariantCell(units, **parts), name=name)


VARIANTS = {name: partial(_walk, **parts) for name, parts in PARTS.items()}
"""What reads the notes, by the name of the machine, as `rahulml.builders.LAYERS` wants it."""


# --- workers whose votes hear no memory ---


def _shares(keep, admit, fresh):
    """Let keep and admit share one whole, as the minLSTM does."""
    keep, admit = ops.sigmoid(keep), ops.sigmoid(admit)
    return keep / (keep + admit), admit / (keep + admit) * fresh


def _rest(admit, fresh):
    """Keep what is not admitted, as the minGRU does."""
    admit = ops.sigmoid(admit)
    return 1 - admit, admit * fresh


def _turns(keep, fresh):
    """Let the keep-vote go below 0, so that a word can turn the memory round."""
    return ops.tanh(keep), fresh


MAPS = {
    "minlstm": (_shares, (1.0, 0.0, 0.0)),
    "mingru": (_rest, (-1.0, 0.0)),
    "signed": (_turns, (1.0, 0.0)),
}
"""How the sums of a kind's machines become keep and deposit, and where their biases start."""


class MapCell(layers.Layer):
    """One word of a worker whose machines read the note alone, and no memory.

    ::

        cell_state = keep * cell_state + deposit

    Words of this kind compose, so that `rahulml.scan` can read them all as a tree; here they are
    walked, which on one thread is quicker. There is no show-voter and no squash of the memory.

    Parameters
    ----------
    units : int
        Slots in the memory.
    kind : {"minlstm", "mingru", "signed"}
        How keep and deposit come of the note: a key of `MAPS`.

    Raises
    ------
    ValueError
        For another kind.

    Notes
    -----
    ``minlstm`` and ``mingru`` are those of Feng et al. (2024) in their plain form; their code
    computes in logarithms, which wants fresh values above 0. The keep-voter's bias starts at 1 as
    Keras's does, and the minGRU's admit-voter at -1, which comes to the same. ``signed`` has votes
    in -1..1, as Grazzi et al. (2025) propose. The chapter "What came after" tells what they keep.
    """

    def __init__(self, units: int, *, kind: str, **kwargs):
        super().__init__(**kwargs)
        one_of("kind", kind, MAPS)
        self.units = self.state_size = self.output_size = units
        self.kind = kind
        self.map_of, self.first_biases = MAPS[kind]

    def build(self, input_shape):
        """Make the dials for notes of shape (batch, features): no paper for the memory."""
        width = len(self.first_biases) * self.units
        self.kernel = self.add_weight(
            shape=(input_shape[-1], width), initializer="glorot_uniform", name="kernel"
        )
        self.bias = self.add_weight(shape=(width,), initializer=self._first_bias, name="bias")

    def _first_bias(self, shape, dtype=None):
        return ops.repeat(ops.array(self.first_biases, dtype), self.units)

    def call(self, inputs, states):
        """Read one word.

        Parameters
        ----------
        inputs : tensor, shape (batch, features)
            Its notes.
        states : sequence of one tensor, shape (batch, units)
            The cell state before.

        Returns
        -------
        cell_state : tensor, shape (batch, units)
            The cell state after: any number.
        states : list of one tensor
            The same.
        """
        (cell_state,) = states
        sums = ops.matmul(inputs, self.kernel) + self.bias
        keep, deposit = self.map_of(*ops.split(sums, len(self.first_biases), axis=-1))
        cell_state = keep * cell_state + deposit
        return cell_state, [cell_state]

    def get_config(self):
        """Return what it takes to make this cell again."""
        return {**super().get_config(), "units": self.units, "kind": self.kind}


def _walk_maps(units: int, *, name: str | None = None, kind: str) -> keras.Layer:
    return layers.RNN(MapCell(units, kind=kind), name=name)


UNHEARD = {kind: partial(_walk_maps, kind=kind) for kind in MAPS}
"""What reads the notes and hears no memory, as `rahulml.builders.LAYERS` wants it."""
