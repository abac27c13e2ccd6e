"""The cells of the book with nothing but NumPy: the arithmetic that it works out by hand.

The two-memory worker (LSTM), the plain worker (RNN) and the cousin (GRU) each have a step of one
word, a run over all words of a batch, and a way back that gives the gradient of every dial. Weights
come in Keras's layouts, so that those of a Keras layer drop in.
"""

from rahulml.hand_cell._arrays import Gradients, sigmoid
from rahulml.hand_cell._gru import GRUTrace, GRUWeights, backward_gru, run_gru, step_gru
from rahulml.hand_cell._lstm import (
    Gates,
    LSTMWeights,
    State,
    Step,
    Trace,
    backward,
    combine,
    run,
    step,
)
from rahulml.hand_cell._rnn import RNNTrace, RNNWeights, backward_rnn, run_rnn, step_rnn

__all__ = [
    "GRUTrace",
    "GRUWeights",
    "Gates",
    "Gradients",
    "LSTMWeights",
    "RNNTrace",
    "RNNWeights",
    "State",
    "Step",
    "Trace",
    "backward",
    "backward_gru",
    "backward_rnn",
    "combine",
    "run",
    "run_gru",
    "run_rnn",
    "sigmoid",
    "step",
    "step_gru",
    "step_rnn",
]
