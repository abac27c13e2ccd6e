"""One training by the book's recipe, and the two ways to grade it."""

import time
from dataclasses import dataclass

import keras
import pandas as pd
from numpy.typing import NDArray

from rahulml.builders import build
from rahulml.reviews import Pile, Piles


@dataclass(frozen=True, eq=False)
class Run:
    """A finished training.

    Attributes
    ----------
    machine, seed
        What was trained, and from which seed.
    dials : int
        How many numbers the training turned.
    seconds : float
        How long the training took, the mock exam after each loop included.
    history : DataFrame
        One row for each loop, indexed by ``loop`` from 1: ``study_loss`` (average wrongness, 0 or
        more), ``study_score``, ``mock_loss``, ``mock_score`` (shares right, 0..1).
    model : keras.Model
        The machine as it stands after the last loop.
    loop_weights : tuple of list of ndarray
        Its dials as they stood after each loop, as ``model.get_weights()`` gives them.
    """

    machine: str
    seed: int
    dials: int
    seconds: float
    history: pd.DataFrame
    model: keras.Model
    loop_weights: tuple[list[NDArray], ...]

    @property
    def chosen_loop(self) -> int:
        """The loop with the best score on the mock exam; the earliest of equals."""
        return int(self.history["mock_score"].idxmax())

    def score(self, pile: Pile, *, loop: int | None = None) -> float:
        """Return the share of `pile` that the machine got right, in 0..1.

        Parameters
        ----------
        pile : Pile
            The reviews to grade it on. The sealed exam is opened by this very call.
        loop : int, optional
            Grade the machine as it stood after this loop, counted from 1. Without it, the last.

        Raises
        ------
        ValueError
            If there was no such loop.
        """
        loops = len(self.loop_weights)
        loop = loops if loop is None else loop
        if not 1 <= loop <= loops:
            raise ValueError(f"loop: expected a whole number in 1..{loops}, got {loop!r}")
        machine = keras.models.clone_model(self.model)
        machine.set_weights(self.loop_weights[loop - 1])
        guesses = machine.predict(pile.words, batch_size=256, verbose=0)[:, 0] > 0.5
        return float((guesses == pile.liked).mean())


def fit(machine: str, piles: Piles, *, epochs: int = 5, batch_size: int = 64, seed: int = 0) -> Run:
    """Train a machine on the study pile, with a mock exam after each loop.

    The sealed exam is not touched. Keras prints a line for each loop.

    Parameters
    ----------
    machine : str
        A machine that `rahulml.builders.build` knows.
    piles : Piles
        From `rahulml.reviews.load`.
    epochs : int
        How many loops through the study pile; at least 1.
    batch_size : int
        How many reviews in a grab; at least 1.
    seed : int
        Decides the first dials and the order of the grabs.

    Returns
    -------
    Run
        The history, and the machine.

    Raises
    ------
    ValueError
        For an unknown machine, or `epochs` or `batch_size` below 1.
    """
    for name, value in (("epochs", epochs), ("batch_size", batch_size)):
        if value < 1:
            raise ValueError(f"{name}: expected a whole number of at least 1, got {value!r}")
    model = build(
        machine,
        vocabulary=len(piles.notepad_words),
        max_words=piles.study.words.shape[1],
        seed=seed,
    )
    loop_weights: list[list[NDArray]] = []
    started = time.perf_counter()
    history = model.fit(
        piles.study.words,
        piles.study.liked,
        epochs=epochs,
        batch_size=batch_size,
        validation_data=(piles.mock_exam.words, piles.mock_exam.liked),
        verbose=2,
        callbacks=[
            keras.callbacks.LambdaCallback(
                on_epoch_end=lambda epoch, logs: loop_weights.append(model.get_weights())
            )
        ],
    ).history
    seconds = time.perf_counter() - started
    table = pd.DataFrame(
        {
            "study_loss": history["loss"],
            "study_score": history["accuracy"],
            "mock_loss": history["val_loss"],
            "mock_score": history["val_accuracy"],
        },
        index=pd.RangeIndex(1, epochs + 1, name="loop"),
    )
    return Run(machine, seed, model.count_params(), seconds, table, model, tuple(loop_weights))
