"""One training by the book's recipe."""

import time
from importlib import import_module

import keras
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from rahulml.builders import build
from rahulml.checks import whole_number
from rahulml.reviews import Pile, Piles
from rahulml.runs import Grades, Loop, Run, SealedExam, share_right

__all__ = [
    "PREDICT_BATCH",
    "Grades",
    "Run",
    "SealedExam",
    "build_settings",
    "check",
    "engine",
    "fit",
    "history_row",
    "loss_is_nan",
    "pad_to_batch",
    "predict",
]

PREDICT_BATCH = 256
"""Reviews in a grab where nothing is learned from it: its size changes no score."""


def fit(
    machine: str,
    piles: Piles,
    *,
    epochs: int = 5,
    batch_size: int = 64,
    seed: int = 0,
    learning_rate: float = 0.001,
    clipnorm: float | None = None,
    mask_padding: bool = False,
    embedding: int = 32,
    units: int = 32,
    dropout: float = 0.0,
    progress: bool = True,
) -> Run:
    """Train a machine on the study pile, with a mock exam after each loop.

    At the end the machine writes down its guesses for the exam. Their key, the exam's labels, is
    not looked at.

    Parameters
    ----------
    machine : str
        A machine that `rahulml.builders.build` knows.
    piles : Piles
        From `rahulml.reviews.load`, or made like them. Without an exam (None) nothing is written.
    epochs : int
        How many loops through the study pile; at least 1.
    batch_size : int
        How many reviews in a grab; at least 1.
    seed : int
        Decides the first dials and the order of the grabs; at least 0. The order is drawn by NumPy,
        so it is the same on every engine.
    learning_rate, clipnorm, mask_padding, embedding, units, dropout
        As in `rahulml.builders.build`.
    progress : bool
        Show a bar.

    Returns
    -------
    Run
        The history, and the machine after each loop.

    Raises
    ------
    ValueError
        For an unknown machine; `epochs` or `batch_size` below 1; piles whose reviews differ in
        width, have word-numbers that the notepad lacks, or labels other than 0 and 1; and if the
        wrongness is no longer a number, with the grab where that was so for the first time.

    Examples
    --------
    >>> from rahulml.reviews import Pile, Piles
    >>> words = np.arange(2, 10, dtype=np.int32)[:, np.newaxis]
    >>> pile = Pile(words, np.array([0, 0, 0, 0, 1, 1, 1, 1], np.int32))
    >>> piles = Piles(pile, pile, pile, tuple("_?abcdefgh"), duplicates=0)
    >>> fit("rnn", piles, epochs=2, batch_size=4, progress=False).turns
    4
    """
    check(piles, epochs=epochs, batch_size=batch_size, seed=seed)
    study, mock_exam, exam = piles.study, piles.mock_exam, piles.exam
    sizes = {"mask_padding": mask_padding, "embedding": embedding, "units": units}
    settings = build_settings(piles, **sizes)
    how = {"learning_rate": learning_rate, "clipnorm": clipnorm, "dropout": dropout}
    recipe = {"epochs": epochs, "batch_size": batch_size, **how, **sizes}
    model = build(machine, **settings, seed=seed, **how)
    first_weights = model.get_weights()
    shuffle = np.random.default_rng(seed)
    stop_at_nan = _StopAtNaN()
    loops = []
    started = time.perf_counter()
    for _ in tqdm(range(epochs), desc=machine, unit="loop", disable=not progress):
        order = shuffle.permutation(len(study))
        studied = model.fit(
            study.words[order],
            study.liked[order],
            batch_size=batch_size,
            shuffle=False,
            verbose=0,
            callbacks=[stop_at_nan],
        ).history
        guesses = predict(model, mock_exam.words)
        row = history_row(studied["loss"][0], studied["accuracy"][0], guesses, mock_exam)
        loops.append(Loop(row, model.get_weights(), guesses))
    seconds = time.perf_counter() - started
    turns = int(model.optimizer.iterations)
    run = Run.of(
        machine, seed, engine(), turns, seconds, first_weights, loops, settings, recipe, piles
    )
    if exam is not None:
        for loop in {run.chosen_loop, run.last_loop}:
            model.set_weights(run.weights(loop))
            run.exam_guesses[loop] = predict(model, exam.words)
    return run


class _StopAtNaN(keras.callbacks.Callback):
    """Keras's own callback of that kind ends the training in silence; this one says where."""

    grabs = 0

    def on_train_batch_end(self, batch, logs=None):
        self.grabs += 1
        if np.isnan(float(logs["loss"])):
            raise loss_is_nan(f"grab {self.grabs}")


def loss_is_nan(where: str) -> ValueError:
    """Return the error that says where a loss was no longer a number."""
    return ValueError(
        f"loss: expected a number, got NaN at {where}, counted from 1. "
        "A smaller learning_rate, or clipnorm, may help"
    )


def check(piles: Piles, *, epochs: int = 1, batch_size: int = 1, seed: int = 0) -> None:
    """Refuse what no machine can be trained with.

    Parameters
    ----------
    piles, epochs, batch_size, seed
        As in `fit`.

    Raises
    ------
    ValueError
        As in `fit`. The message names the pile or the number, what was expected and what came.
    """
    whole_number("epochs", epochs, 1)
    whole_number("batch_size", batch_size, 1)
    whole_number("seed", seed, 0)
    width, notes = piles.study.words.shape[1], len(piles.notepad_words)
    for name in ("study", "mock_exam", "exam"):
        pile = getattr(piles, name)
        if pile is None:
            continue
        if not len(pile):
            raise ValueError(f"{name}: expected at least one review, got none")
        if pile.words.shape[1] != width:
            raise ValueError(
                f"{name}: expected reviews of {width} words as in study, got {pile.words.shape[1]}"
            )
        lowest, highest = pile.words.min(), pile.words.max()
        if lowest < 0 or highest >= notes:
            wrong = lowest if lowest < 0 else highest
            raise ValueError(f"{name}: expected word-numbers in 0..{notes - 1}, got {wrong}")
        other = ~np.isin(pile.liked, (0, 1))
        if other.any():
            raise ValueError(f"{name}: expected labels 0 and 1, got {pile.liked[other][0]}")


def engine() -> str:
    """Report in one line what computes a training in this process.

    Returns
    -------
    str
        Keras's version, its backend with version, and the device.

    Examples
    --------
    >>> engine().startswith(f"Keras {keras.__version__} on ")
    True
    """
    name = keras.backend.backend()
    library = import_module(name)
    where = str(keras.ops.ones(()).device).upper()  # such as CUDA:0 or .../DEVICE:CPU:0
    device = next((kind for kind in ("CPU", "TPU", "MPS") if kind in where), "GPU")
    return (
        f"Keras {keras.__version__} on {_ENGINES.get(name, name)} {library.__version__}, {device}"
    )


_ENGINES = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}


def build_settings(piles: Piles, **sizes: int) -> dict[str, int]:
    """Return what `rahulml.builders.build` needs to know of the piles, and of the sizes."""
    return {
        "vocabulary": len(piles.notepad_words),
        "max_words": piles.study.words.shape[1],
        **sizes,
    }


def history_row(
    study_loss: float, study_score: float, guesses: NDArray, mock_exam: Pile
) -> dict[str, float]:
    """Return a row of `rahulml.runs.Run.history`: what a loop came to, and its mock exam."""
    wrongness = keras.losses.BinaryCrossentropy()
    return {
        "study_loss": float(study_loss),
        "study_score": float(study_score),
        "mock_loss": float(wrongness(mock_exam.liked, guesses)),
        "mock_score": share_right(guesses, mock_exam),
    }


def predict(model: keras.Model, words: NDArray) -> NDArray:
    """Return a machine's guesses, in 0..1, for the word-numbers of reviews: shape (n,)."""
    padded = pad_to_batch(words)
    return model.predict(padded, batch_size=PREDICT_BATCH, verbose=0)[: len(words), 0]


def pad_to_batch(words: NDArray) -> NDArray:
    """Fill up the last grab: one of another size would be another program to compile."""
    return np.pad(words, ((0, -len(words) % PREDICT_BATCH), (0, 0)), mode="edge")
