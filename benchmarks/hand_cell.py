"""Time the hand cell beside Keras and PyTorch, on the same threads, and keep the ratios.

``python benchmarks/hand_cell.py [ROUNDS] [THREADS]``. PyTorch is this benchmark's own requirement:
``.venv/bin/pip install torch`` (measured with 2.13.0).
"""

import os
import sys

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 15
THREADS = int(sys.argv[2]) if len(sys.argv) > 2 else 1
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{library}_NUM_THREADS"] = str(THREADS)

import time  # noqa: E402

import history  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
import torch  # noqa: E402
from keras import layers  # noqa: E402
from torch_loops import make_loop  # noqa: E402

from rahulml.builders import Notepad  # noqa: E402
from rahulml.hand_cell import LSTMWeights, run  # noqa: E402
from rahulml.hand_training import Factory, train  # noqa: E402

tf.config.threading.set_intra_op_parallelism_threads(THREADS)
tf.config.threading.set_inter_op_parallelism_threads(THREADS)
torch.set_num_threads(THREADS)

BATCH, WORDS, WIDTH, VOCABULARY = 64, 100, 32, 10_000
GRABS = 20  # dial-turns in one timing of a training


def seconds(action) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def compare(title: str, actions: dict, per: int = 1) -> None:
    """Time all actions in turn, round by round; keep the times, and the ratios pair by pair."""
    for action in actions.values():
        action()
    rounds = [{name: seconds(action) for name, action in actions.items()} for _ in range(ROUNDS)]
    for name in actions:
        history.keep(f"{title}, {name}", [1000 * row[name] / per for row in rounds], "ms")
        if name != "by hand":
            ratios = [row["by hand"] / row[name] for row in rounds]
            history.keep(f"{title}, by hand / {name}", ratios, "ratio")


def forward() -> None:
    rng = np.random.default_rng(0)
    layer = layers.LSTM(WIDTH, return_sequences=True)
    layer.build((BATCH, WORDS, WIDTH))
    inputs = rng.normal(size=(BATCH, WORDS, WIDTH)).astype(np.float32)
    weights = LSTMWeights(*layer.get_weights())
    compiled = tf.function(layer)
    tensor = tf.constant(inputs)
    actions = {
        "by hand": lambda: run(inputs, weights),
        "Keras in tf.function": lambda: compiled(tensor).numpy(),
    }
    compare("forward", actions)


def training() -> None:
    rng = np.random.default_rng(0)
    words = np.minimum(rng.zipf(1.3, (BATCH * GRABS, WORDS)), VOCABULARY - 1).astype(np.int32)
    liked = rng.integers(0, 2, BATCH * GRABS).astype(np.int32)
    grabs = np.arange(BATCH * GRABS).reshape(GRABS, BATCH)

    def keras_model(notepad):
        model = keras.Sequential(
            [
                layers.Input((WORDS,), dtype="int32"),
                notepad(VOCABULARY, WIDTH),
                layers.LSTM(WIDTH),
                layers.Dense(1, activation="sigmoid"),
            ]
        )
        model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
        return model

    def fit(model):
        model.fit(words, liked, batch_size=BATCH, shuffle=False, verbose=0)

    stock, book = keras_model(layers.Embedding), keras_model(Notepad)
    factory = Factory(*stock.get_weights())

    torch_loop = make_loop(words, liked, vocabulary=VOCABULARY, width=WIDTH, batch_size=BATCH)
    actions = {
        "by hand": lambda: train(factory, words, liked, grabs),
        "torch.nn.LSTM loop": torch_loop,
        "Keras fit": lambda: fit(stock),
        "Keras fit with the book's Notepad": lambda: fit(book),
    }
    compare("one dial-turn", actions, per=GRABS)


if __name__ == "__main__":
    forward()
    training()
