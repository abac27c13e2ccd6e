"""The table of words: nothing twice, every chapter known, every name one that can be typed."""

import inspect
import math
import re

import keras
import numpy as np
import pytest
from pages import CHAPTERS, ROOT

from rahulml import (
    attention,
    baselines,
    builders,
    fade,
    hand_cell,
    reviews,
    scores,
    study,
    training,
)
from rahulml.words import MACHINES, TOPICS, WORDS, Word


def typed(text):
    return re.findall(r"`([^`]+)`", text)


def names(column):
    """Return (book word, name) for every name of a column that can be typed."""
    return [(word.book, name) for word in WORDS for name in typed(getattr(word, column))]


def find(name, *places):
    """Follow ``a.b(c, d)`` from the first place that has ``a``; c and d are its parameters."""
    path, _, parameters = name.rstrip(")").partition("(")
    first, *rest = path.split(".")
    found = next((getattr(place, first) for place in places if hasattr(place, first)), None)
    assert found is not None, f"no {first}"
    for attribute in rest:
        found = getattr(found, attribute)
    for parameter in filter(None, parameters.split(", ")):
        assert parameter in inspect.signature(found).parameters


def test_every_machine_has_a_name_of_its_own():
    assert set(MACHINES) == set(builders.LAYERS) | set(baselines.READERS)
    assert len(set(MACHINES.values())) == len(MACHINES)


# --- the table itself ---


def test_file_has_a_line_for_each_word():
    header, *lines = (ROOT / "rahulml/words.tsv").read_text("utf-8").splitlines()
    assert header.split("\t") == list(Word._fields)
    assert len(lines) == len(WORDS)
    for line, word in zip(lines, WORDS, strict=True):
        assert line == "\t".join(word).rstrip("\t")


def test_every_line_says_what_it_must():
    for word in WORDS:
        assert all((word.topic, word.book, word.standard, word.chapter)), word
        assert all(field == field.strip() and "|" not in field for field in word), word
        assert all(field.count("`") % 2 == 0 for field in word), word


def test_no_word_stands_twice():
    for column in ("book", "standard"):
        said = [getattr(word, column).lower() for word in WORDS]
        assert len(said) == len(set(said))


def test_no_symbol_stands_for_two_things():
    symbols = [word.symbol for word in WORDS if word.symbol]
    assert len(symbols) == len(set(symbols))


def test_topics_are_those_of_the_words_in_order():
    assert list(dict.fromkeys(word.topic for word in WORDS)) == list(TOPICS)


def test_chapter_is_one_of_the_book():
    assert {word.chapter for word in WORDS} <= set(CHAPTERS)


def spoken(text):
    """Return the words alone: lower case, no emphasis, no hyphens, one space between two."""
    return " ".join(re.sub(r"[-*_]", " ", text.lower()).split())


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.book)
def test_word_stands_on_the_page_it_points_to(word):
    page = (ROOT / f"book/{word.chapter}.md").read_text("utf-8")
    sentences = re.sub(r"^```\{code-cell\}.*?^```$", "", page, flags=re.S | re.M)
    first_spelling = spoken(word.book.split(",")[0])
    assert re.search(rf"\b{re.escape(first_spelling)}s?\b", spoken(sentences))


@pytest.mark.parametrize(
    "term",
    [
        *("SimpleRNN", "vanishing gradient over time steps", "cell state", "hidden state"),
        *("candidate", "cell input", "RNN cell", "forget gate", "input gate", "output gate"),
        *("sigmoid gate", "c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t", "h_t = o_t ⊙ tanh(c_t)"),
        *("element-wise (Hadamard) product", "long short-term memory (LSTM)"),
        *("query", "key", "value", "self-attention", "positional encoding", "random seed"),
        *("gated recurrent unit (GRU)", "Bidirectional", "concatenated hidden states"),
        *("validation accuracy", "(features, units)", "bias", "embedding", "classifier"),
        *("batch", "epoch", "kernel", "recurrent_kernel", "Dense", "carry state", "memory state"),
    ],
)
def test_term_of_the_post_and_the_readme_is_covered(term):
    assert any(term.lower() in field.lower() for word in WORDS for field in word)


# --- the names ---


@pytest.mark.parametrize(("book", "name"), names("code"))
def test_name_in_this_package_exists(book, name):
    places = [training, hand_cell, hand_cell.State, hand_cell.Gates, hand_cell.LSTMWeights]
    rooms = (attention, builders, fade, reviews, scores, study, training)
    modules = type("Modules", (), {room.__name__.rpartition(".")[2]: room for room in rooms})
    fields = {"Pile": reviews.Pile, "Piles": reviews.Piles, "Run": training.Run}
    first, _, attribute = name.partition(".")
    if name == "units":
        assert "units" in inspect.signature(builders.build).parameters
    elif first in fields and not hasattr(fields[first], attribute):
        assert attribute in fields[first].__dataclass_fields__
    else:
        find(name, modules, *places)


@pytest.fixture(scope="module")
def built():
    """Give one of each Keras object whose attributes the table names."""
    cell = keras.layers.LSTMCell(2)
    cell.build((None, 3))
    both = keras.layers.Bidirectional(keras.layers.LSTM(2))
    both.build((None, None, 3))
    return type("Built", (), {"LSTMCell": cell, "Bidirectional": both, "Layer": cell})


@pytest.mark.parametrize(
    ("book", "name"), [pair for pair in names("keras") if pair[1] != "val_accuracy"]
)
def test_name_in_keras_exists(built, book, name):
    find(name, built, keras, keras.Model)


def test_keras_says_val_accuracy_of_the_mock_exam():
    model = builders.build("rnn", vocabulary=3, max_words=2, embedding=1, units=1)
    words, liked = np.ones((2, 2), "int32"), np.array([0, 1])
    history = model.fit(words, liked, validation_data=(words, liked), verbose=0).history
    assert "val_accuracy" in history


def test_keras_shapes_hold_as_many_papers_as_the_table_says(built):
    features, units = 3, 2
    for attribute, shape in [
        ("kernel", (features, units)),
        ("recurrent_kernel", (units, units)),
        ("bias", (units,)),
    ]:
        (word,) = [word for word in WORDS if word.keras == f"`LSTMCell.{attribute}`"]
        said = tuple(
            {"features": features, "units": units}[axis] for axis in re.findall(r"\w+", word.shape)
        )
        assert said == shape
        assert getattr(built.LSTMCell, attribute).shape == (*shape[:-1], 4 * units)


def test_blocks_of_keras_are_in_the_order_that_the_table_says():
    """One slot that reads nothing: each vote comes from its nudge alone, found by its block."""
    nudges = [0.3, -0.7, 0.9, -0.2]
    block = {
        word.standard.split(",")[0]: nudges[int(re.search(r"block (\d)", word.keras)[1]) - 1]
        for word in WORDS
        if "block" in word.keras
    }

    def vote(gate):
        return 1 / (1 + math.exp(-block[gate]))

    old = 0.8
    new = vote("forget gate") * old + vote("input gate") * math.tanh(block["candidate"])
    said = vote("output gate") * math.tanh(new)

    cell = keras.layers.LSTMCell(1)
    cell.build((None, 1))
    cell.set_weights([np.zeros((1, 4)), np.zeros((1, 4)), np.array(nudges)])
    _, (memory_state, carry_state) = cell(
        np.zeros((1, 1)), [np.zeros((1, 1)), np.full((1, 1), old)]
    )
    assert float(carry_state[0, 0]) == pytest.approx(new, abs=1e-6)
    assert float(memory_state[0, 0]) == pytest.approx(said, abs=1e-6)


def test_keras_calls_memory_b_memory_state_and_memory_a_carry_state():
    """Its source says so where it takes the two apart; should it change, the table must too."""
    source = inspect.getsource(keras.layers.LSTMCell.call)
    assert re.search(r"h_tm1 = states\[0\]\s+# previous memory state", source)
    assert re.search(r"c_tm1 = states\[1\]\s+# previous carry state", source)
    keras_name = {word.standard: word.keras for word in WORDS}
    assert keras_name["hidden state"] == "memory state"
    assert keras_name["cell state"] == "carry state"


def test_blocks_of_pytorch_are_those_of_keras():
    """PyTorch is not among the requirements: that its order is i, f, g, o is from its docs."""
    for word in WORDS:
        if "block" in word.keras:
            assert word.pytorch.startswith(word.keras.replace("columns", "rows"))
