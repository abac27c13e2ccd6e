"""The one table of words: what this book says, and what the field, Keras and PyTorch say.

It is data alone. A page that shows it decides how.
"""

from typing import NamedTuple


class Word(NamedTuple):
    """One line of the table. A field is empty where there is no such name.

    What can be typed into a program stands between backticks. Keras: `layers.LSTM` lies in
    ``keras``, `LSTMCell.kernel` is an attribute, `fit(epochs)` a parameter. PyTorch: ``nn`` and
    ``optim`` lie in ``torch``, and `weight_ih_l0` is an attribute.

    Attributes
    ----------
    topic : str
        Which part of the table the line belongs to: a key of `TOPICS`.
    book : str
        The book's own word; what stands before the first comma stands on the page, too.
    standard : str
        The field's term.
    chapter : str
        A page that explains the word, as ``_toc.yml`` names it, such as ``by-hand/combine``.
    symbol : str
        How the field writes it in an equation, for the word at time t; ``_`` sets an index lower.
    code : str
        Its name in `rahulml`.
    keras, pytorch : str
        Its name in Keras 3 and in PyTorch 2.
    shape : str
        The shape for one review, or for the dials of one machine.
    """

    topic: str
    book: str
    standard: str
    chapter: str
    symbol: str = ""
    code: str = ""
    keras: str = ""
    pytorch: str = ""
    shape: str = ""


TOPICS = {
    "factory": "The factory",
    "memories": "The memories",
    "machines": "The four little machines",
    "dials": "The dials",
    "combine": "The combine",
    "kin": "The kin",
    "training": "Training and grading",
}
"""The parts of the table, in order, with their headings."""

WORDS = (
    Word(
        "factory",
        "factory",
        "model, network",
        "by-hand/part-1",
        code="`builders.build`",
        keras="`Sequential`",
        pytorch="`nn.Module`",
    ),
    Word(
        "factory",
        "word-number",
        "token id",
        "by-hand/part-1",
        code="`Pile.words`",
        shape="one whole number",
    ),
    Word(
        "factory",
        "padding",
        "padding",
        "by-hand/part-1",
        code="`reviews.PADDING`",
        keras="`utils.pad_sequences`",
        pytorch="`nn.utils.rnn.pad_sequence`",
    ),
    Word(
        "factory",
        "notepad",
        "embedding table",
        "by-hand/part-1",
        symbol="E",
        keras="`layers.Embedding`",
        pytorch="`nn.Embedding`",
        shape="(vocabulary, features)",
    ),
    Word(
        "factory",
        "note, or word-note",
        "embedding of a word, input vector",
        "by-hand/part-1",
        symbol="x_t",
        code="`step(inputs)`",
        keras="`LSTMCell.call(inputs)`",
        pytorch="`LSTM.forward(input)`",
        shape="(features,)",
    ),
    Word(
        "factory",
        "plain worker",
        "simple or vanilla recurrent layer (RNN)",
        "by-hand/part-1",
        code="`run_rnn`",
        keras="`layers.SimpleRNN`",
        pytorch="`nn.RNN`",
    ),
    Word(
        "factory",
        "clerk",
        "classifier, output layer",
        "by-hand/part-1",
        keras="`layers.Dense`",
        pytorch="`nn.Linear`, then `sigmoid`",
        shape="(1,)",
    ),
    Word(
        "memories",
        "LSTM worker, or two-memory worker",
        "long short-term memory (LSTM)",
        "by-hand/two-memories",
        code="`run`",
        keras="`layers.LSTM`",
        pytorch="`nn.LSTM`",
    ),
    Word(
        "memories",
        "memory-A, the long keep",
        "cell state",
        "by-hand/two-memories",
        symbol="c_t",
        code="`cell_state`",
        keras="carry state",
        pytorch="cell state, `c_n`",
        shape="(units,)",
    ),
    Word(
        "memories",
        "memory-B, what is said",
        "hidden state",
        "by-hand/two-memories",
        symbol="h_t",
        code="`hidden_state`",
        keras="memory state",
        pytorch="hidden state, `h_n`",
        shape="(units,)",
    ),
    Word(
        "memories",
        "slot",
        "unit",
        "by-hand/part-1",
        code="one of `units`",
        keras="one of `LSTMCell.units`",
        pytorch="one of `LSTM.hidden_size`",
        shape="one number",
    ),
    Word(
        "memories",
        "carry",
        "cell state path, constant error carousel",
        "by-hand/two-memories",
        symbol="c_{t-1} → c_t",
    ),
    Word(
        "memories",
        "the fade, a worn-down memory",
        "vanishing gradient over time steps",
        "by-hand/fade",
    ),
    Word(
        "memories",
        "push",
        "perturbation",
        "by-hand/fade",
        code="`fade.mark_forward(push)`",
        shape="as what is pushed",
    ),
    Word(
        "memories",
        "slope",
        "derivative; all of them together: gradient",
        "by-hand/fade",
        code="`Gradients`",
        pytorch="`Tensor.grad`",
        shape="as what is pushed",
    ),
    Word(
        "memories",
        "mark",
        "gradient with respect to an early input",
        "by-hand/fade",
        symbol="∂h_t / ∂x_1",
        code="`fade.mark_backward`",
        shape="(units, features)",
    ),
    Word(
        "machines",
        "fresh value",
        "candidate, cell input; the RNN cell",
        "by-hand/four-machines",
        symbol="g_t",
        code="`candidate`",
        keras="block 3 of the columns",
        pytorch="block 3 of the rows, “cell gate”",
        shape="(units,)",
    ),
    Word(
        "machines",
        "keep-voter",
        "forget gate",
        "by-hand/four-machines",
        symbol="f_t",
        code="`forget_gate`",
        keras="block 2 of the columns",
        pytorch="block 2 of the rows",
        shape="(units,)",
    ),
    Word(
        "machines",
        "admit-voter",
        "input gate",
        "by-hand/four-machines",
        symbol="i_t",
        code="`input_gate`",
        keras="block 1 of the columns",
        pytorch="block 1 of the rows",
        shape="(units,)",
    ),
    Word(
        "machines",
        "show-voter",
        "output gate",
        "by-hand/four-machines",
        symbol="o_t",
        code="`output_gate`",
        keras="block 4 of the columns",
        pytorch="block 4 of the rows",
        shape="(units,)",
    ),
    Word(
        "machines",
        "dimmer, from 0 to 1",
        "sigmoid gate",
        "by-hand/four-machines",
        symbol="σ",
        keras="`LSTMCell.recurrent_activation`",
        pytorch="`sigmoid`, fixed",
        shape="as what goes in",
    ),
    Word(
        "machines",
        "squash, from -1 to 1",
        "hyperbolic tangent",
        "by-hand/part-1",
        symbol="tanh",
        keras="`LSTMCell.activation`",
        pytorch="`tanh`, fixed",
        shape="as what goes in",
    ),
    Word(
        "dials",
        "dial",
        "parameter, weight",
        "by-hand/part-1",
        keras="`Layer.weights`",
        pytorch="`nn.Parameter`",
        shape="one number",
    ),
    Word(
        "dials",
        "word-paper, or word-dials",
        "input weights, a matrix",
        "by-hand/part-1",
        symbol="W",
        code="`kernel`",
        keras="`LSTMCell.kernel`",
        pytorch="`weight_ih_l0`",
        shape="(features, units)",
    ),
    Word(
        "dials",
        "memory-paper, or memory-dials",
        "recurrent weights, a matrix",
        "by-hand/part-1",
        symbol="U",
        code="`recurrent_kernel`",
        keras="`LSTMCell.recurrent_kernel`",
        pytorch="`weight_hh_l0`",
        shape="(units, units)",
    ),
    Word(
        "dials",
        "nudge",
        "bias, a vector",
        "by-hand/part-1",
        symbol="b",
        code="`bias`",
        keras="`LSTMCell.bias`",
        pytorch="`bias_ih_l0` + `bias_hh_l0`",
        shape="(units,)",
    ),
    Word(
        "combine",
        "scaling and adding, to memory-A",
        "cell state update",
        "by-hand/combine",
        symbol="c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t",
        code="`combine`",
        shape="(units,)",
    ),
    Word(
        "combine",
        "speaking, of memory-A",
        "hidden state update",
        "by-hand/combine",
        symbol="h_t = o_t ⊙ tanh(c_t)",
        code="`combine`",
        shape="(units,)",
    ),
    Word(
        "combine",
        "slot 1 meets slot 1, pair by pair",
        "element-wise (Hadamard) product",
        "by-hand/combine",
        symbol="⊙",
        keras="`ops.multiply`",
        pytorch="`mul`",
        shape="as both",
    ),
    Word(
        "combine",
        "row times a paper",
        "matrix product",
        "by-hand/four-machines",
        symbol="x_t W",
        keras="`ops.matmul`",
        pytorch="`matmul`",
        shape="(units,)",
    ),
    Word(
        "combine",
        "loudness, and worth",
        "size of the candidate, and the input gate",
        "by-hand/loudness",
        symbol="g_t, i_t",
    ),
    Word(
        "kin",
        "cousin, with two voters",
        "gated recurrent unit (GRU)",
        "back/tripwires",
        code="`run_gru`",
        keras="`layers.GRU`",
        pytorch="`nn.GRU`",
    ),
    Word(
        "kin",
        "read both directions, glue",
        "bidirectional LSTM (BiLSTM)",
        "back/labels",
        keras="`layers.Bidirectional`",
        pytorch="`LSTM.bidirectional`",
    ),
    Word(
        "kin",
        "glued memory, there and back",
        "concatenated hidden states",
        "back/labels",
        keras="`Bidirectional.merge_mode`",
        pytorch="both rows of `h_n`, side by side",
        shape="(2 × units,)",
    ),
    Word(
        "training",
        "study pile",
        "training set",
        "trained/train-plain-worker",
        code="`Piles.study`",
        keras="`fit(x, y)`",
    ),
    Word(
        "training",
        "mock exam",
        "validation set",
        "trained/train-plain-worker",
        code="`Piles.mock_exam`",
        keras="`fit(validation_data)`",
    ),
    Word(
        "training",
        "sealed exam",
        "test set",
        "trained/train-plain-worker",
        code="`Piles.exam`",
        keras="`evaluate(x, y)`",
    ),
    Word(
        "training",
        "grab",
        "batch, mini-batch",
        "trained/train-plain-worker",
        code="`training.fit(batch_size)`",
        keras="`fit(batch_size)`",
        pytorch="`utils.data.DataLoader(batch_size)`",
    ),
    Word(
        "training",
        "loop",
        "epoch",
        "trained/train-plain-worker",
        code="`training.fit(epochs)`",
        keras="`fit(epochs)`",
        pytorch="a `for` of your own",
    ),
    Word(
        "training",
        "dial-turn",
        "update, training step",
        "trained/train-plain-worker",
        keras="`optimizers.Adam`",
        pytorch="`optim.Adam.step`",
    ),
    Word(
        "training",
        "wrongness",
        "loss: binary cross-entropy",
        "trained/train-plain-worker",
        symbol="L",
        keras="`losses.BinaryCrossentropy`",
        pytorch="`nn.BCELoss`",
        shape="one number",
    ),
    Word(
        "training",
        "share right, on the mock exam",
        "validation accuracy",
        "trained/train-plain-worker",
        code="`Run.history`",
        keras="`val_accuracy`",
        shape="one number",
    ),
    Word(
        "training",
        "score, the share right on the sealed exam",
        "test accuracy",
        "trained/train-plain-worker",
        code="`Run.score`",
        keras="`evaluate(x, y)`",
        shape="one number",
    ),
)
"""Every word of the book that has another name outside it."""
