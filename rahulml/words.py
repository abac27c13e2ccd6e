"""The one table of words: what this book says, and what the field, Keras and PyTorch say.

Its rows are the lines of ``words.tsv``, and a line may end early: what it leaves out is empty. A
page that shows the table decides how.
"""

import csv
from pathlib import Path
from typing import NamedTuple

from rahulml.checks import one_of
from rahulml.sayings import table


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
    symbol: str
    code: str
    keras: str
    pytorch: str
    shape: str


MACHINES = {
    "rnn": "plain worker",
    "lstm": "LSTM",
    "bilstm": "BiLSTM",
    "gru": "GRU",
    "transformer": "Transformer",
    "mean": "mean of the notes",
    "lstm-mean": "LSTM, its memory-Bs averaged",
    "transformer-last": "Transformer, its last word alone",
    "words": "words, counted",
    "words and pairs": "words and pairs, counted",
    "no-keep": "no keep",
    "no-keep-shut": "no keep, shut",
    "no-admit": "no admit",
    "no-show": "no show",
    "tied": "tied",
    "tied-even": "tied, even",
    "peepholes": "peepholes",
    "minlstm": "minLSTM",
    "mingru": "minGRU",
    "signed": "signed keep",
}
"""What the pages call each machine of `rahulml.builders`, and each reader of `baselines`."""

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

_TABLE = Path(__file__).with_name("words.tsv")


def _read() -> tuple[Word, ...]:
    with _TABLE.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE, restval="")
        return tuple(Word(**row) for row in rows)


WORDS = _read()
"""Every word of the book that has another name outside it, topic by topic."""


def strip(*names: str) -> str:
    """Return a few words as a small table: what the book says, what the field says, and Keras.

    Parameters
    ----------
    *names : str
        What stands before the first comma of a word's `Word.book`.

    Raises
    ------
    ValueError
        For a name that the table does not have.

    Examples
    --------
    >>> print(strip("nudge", "plain worker"))
    | in this book | in the field | in Keras |
    | --- | --- | --- |
    | nudge | bias, a vector | `LSTMCell.bias` |
    | plain worker | simple or vanilla recurrent layer (RNN) | `layers.SimpleRNN` |
    """
    found = {word.book.split(",")[0]: word for word in WORDS}
    for name in names:
        one_of("names", name, found)
    rows = [(name, found[name].standard, found[name].keras) for name in names]
    return table(["in this book", "in the field", "in Keras"], rows)
