"""One training by the book's recipe, and the exam that is opened once."""

import contextlib
import hashlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import NamedTuple

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from rahulml.builders import build
from rahulml.reviews import Pile, Piles


@dataclass(frozen=True, eq=False)
class Run:
    """A finished training: numbers alone, whatever engine made them.

    Attributes
    ----------
    machine, seed
        What was trained, and from which seed.
    engine : str
        What computed it, as `engine` reports.
    dials : int
        How many numbers the training turned.
    turns : int
        How many times it turned them: grabs in a loop, times loops.
    seconds : float
        How long the training took, the mock exam after each loop included.
    history : DataFrame
        One row for each loop, indexed by ``loop`` from 1: ``study_loss`` (average wrongness, 0 or
        more), ``study_score``, ``mock_loss``, ``mock_score`` (shares right, 0..1).
    first_weights : list of ndarray
        Its dials before the first grab, as ``model.get_weights()`` gives them.
    loop_weights : tuple of list of ndarray
        Its dials as they stood after each loop.
    exam_guesses : dict of int to ndarray, shape (n,)
        What the machine wrote on the exam's sheets after the chosen and after the last loop: for
        each review how likely it was liked, in 0..1. Nobody has marked them.
    settings : dict
        What `rahulml.builders.build` needs to make the machine again.
    """

    machine: str
    seed: int
    engine: str
    dials: int
    turns: int
    seconds: float
    history: pd.DataFrame
    first_weights: list[NDArray] = field(repr=False)
    loop_weights: tuple[list[NDArray], ...] = field(repr=False)
    exam_guesses: Mapping[int, NDArray] = field(repr=False)
    settings: Mapping[str, int] = field(repr=False)

    @property
    def chosen_loop(self) -> int:
        """The loop with the best score on the mock exam; the earliest of equals."""
        return int(self.history["mock_score"].idxmax())

    @property
    def last_loop(self) -> int:
        """The number of loops."""
        return len(self.loop_weights)

    def weights(self, loop: int | None = None) -> list[NDArray]:
        """Return the dials as they stood after a loop, as ``model.get_weights()`` gives them.

        Parameters
        ----------
        loop : int, optional
            Counted from 1; 0 for the fresh machine. Without it, the last.

        Raises
        ------
        ValueError
            If there was no such loop.
        """
        loop = self.last_loop if loop is None else loop
        if not 0 <= loop <= self.last_loop:
            raise ValueError(f"loop: expected a whole number in 0..{self.last_loop}, got {loop!r}")
        return self.loop_weights[loop - 1] if loop else self.first_weights

    def at(self, loop: int | None = None) -> keras.Model:
        """Return the machine as it stood after a loop: a new one for each call.

        Parameters
        ----------
        loop : int, optional
            As in `weights`.

        Raises
        ------
        ValueError
            If there was no such loop.
        """
        weights = self.weights(loop)
        model = build(self.machine, **self.settings)
        model.set_weights(weights)
        return model

    @property
    def model(self) -> keras.Model:
        """The machine as it stood after the last loop."""
        return self.at()

    def score(self, pile: Pile, *, loop: int | None = None) -> float:
        """Return the share of `pile` that the machine got right, in 0..1.

        For the sealed exam there is `SealedExam`, which counts its openings.

        Parameters
        ----------
        pile : Pile
            The reviews to grade it on.
        loop : int, optional
            As in `weights`.

        Raises
        ------
        ValueError
            If there was no such loop.
        """
        return _share_right(_guesses(self.at(loop), pile.words), pile)


class Grades(NamedTuple):
    """The two grades of one machine on the sealed exam: shares right, in 0..1.

    Attributes
    ----------
    chosen : float
        As it stood after the loop that the mock exam chose.
    last : float
        As it stood after the last loop.
    """

    chosen: float
    last: float


class SealedExam:
    """The exam in its envelope: it grades each trained machine once, and counts.

    Parameters
    ----------
    pile : Pile
        The exam.

    Attributes
    ----------
    openings : int
        How often it was opened so far.
    """

    def __init__(self, pile: Pile):
        self._pile = pile
        self._graded: dict[str, str] = {}

    @property
    def openings(self) -> int:
        """How often the envelope was opened: once for each machine graded."""
        return len(self._graded)

    def grade(self, run: Run) -> Grades:
        """Open the exam for one machine and mark what it wrote.

        Parameters
        ----------
        run : Run
            A finished training whose piles held this exam.

        Returns
        -------
        Grades
            After the chosen loop, and after the last one.

        Raises
        ------
        ValueError
            If this very machine was graded before, or sat another exam.
        """
        dials = hashlib.sha256(b"".join(map(np.ascontiguousarray, run.loop_weights[-1])))
        name = f"{run.machine}, seed {run.seed}"
        machine = dials.hexdigest()
        if machine in self._graded:
            raise ValueError(
                f"run: expected a machine that was not graded yet, got {name}, "
                f"for which the sealed exam was opened before as {self._graded[machine]}"
            )
        sheets = len(run.exam_guesses[run.last_loop]) if run.exam_guesses else 0
        if sheets != len(self._pile):
            raise ValueError(
                f"run: expected guesses for {len(self._pile)} reviews, got {sheets} of {name}"
            )
        self._graded[machine] = name
        return Grades(
            chosen=_share_right(run.exam_guesses[run.chosen_loop], self._pile),
            last=_share_right(run.exam_guesses[run.last_loop], self._pile),
        )


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
    learning_rate, clipnorm, mask_padding
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
        wrongness is no longer a number, with the grab, or on JAX the 16 grabs, where that was so
        for the first time.

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
    settings = _settings(piles, mask_padding)
    model = build(machine, **settings, seed=seed, learning_rate=learning_rate, clipnorm=clipnorm)
    return _train(model, piles, settings, epochs, batch_size, seed, progress)


def _fit_again(machine, piles, *, epochs, batch_size, seed, mask_padding, **pace) -> Run:
    """Do what `fit` does, with a machine that an earlier call has compiled, if there is one."""
    settings = _settings(piles, mask_padding)
    fresh = build(machine, **settings, seed=seed, **pace)
    with _compiled(fresh, (machine, *settings.items(), *pace.items())) as model:
        return _train(model, piles, settings, epochs, batch_size, seed, progress=False)


_idle: dict[tuple, keras.Model] = {}
_MOST_IDLE = 8


@contextlib.contextmanager
def _compiled(fresh: keras.Model, built: tuple) -> Iterator[keras.Model]:
    """Lend a machine that was built as `fresh` was, and that stands as `fresh` stands.

    For each new machine Keras traces its program anew, 0.2 to 0.7 s, also where the engine has it
    compiled. Who has a machine has it alone; one in which something failed is not lent again.
    """
    model = _idle.pop(built, fresh)
    for one in (model, fresh):
        one.optimizer.build(one.trainable_variables)
    places, values = ([*one.weights, *one.optimizer.variables] for one in (model, fresh))
    for place, value in zip(places, values, strict=True):
        place.assign(value)
    yield model
    _idle[built] = model
    if len(_idle) > _MOST_IDLE:
        del _idle[next(iter(_idle))]


def _train(
    model: keras.Model,
    piles: Piles,
    settings: dict[str, int],
    epochs: int,
    batch_size: int,
    seed: int,
    progress: bool,
) -> Run:
    machine, study, mock_exam = model.name, piles.study, piles.mock_exam
    _take_many_at_once(model)
    weights = [model.get_weights()]
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
        guesses = _guesses(model, mock_exam.words)
        loops.append(_after_loop(studied["loss"][0], studied["accuracy"][0], guesses, mock_exam))
        weights.append(model.get_weights())
    seconds = time.perf_counter() - started
    turns = int(model.optimizer.iterations)
    run = _finished(machine, seed, settings, seconds, loops, weights, turns)
    if piles.exam is not None:
        for loop in {run.chosen_loop, run.last_loop}:
            model.set_weights(run.weights(loop))
            run.exam_guesses[loop] = _guesses(model, piles.exam.words)
    return run


def _take_many_at_once(model: keras.Model) -> None:
    # Between two grabs Keras does its accounts, a tenth of a plain worker's time on JAX. There it
    # does them after 16 (benchmarks/README.md). TensorFlow wins nothing by it, PyTorch forbids it.
    if keras.backend.backend() == "jax":
        model.steps_per_execution = 16


class _StopAtNaN(keras.callbacks.Callback):
    """Keras's own callback of that kind ends the training in silence; this one says where."""

    loops = 0

    def on_train_batch_end(self, batch, logs=None):
        if np.isnan(float(logs["loss"])):
            grabs, at_once = self.params["steps"], self.model.steps_per_execution
            before = self.loops * grabs
            first, last = before + batch + 2 - at_once, before + min(batch + 1, grabs)
            raise _no_number(f"grab {last}" if first == last else f"a grab of {first} to {last}")

    def on_epoch_end(self, epoch, logs=None):
        self.loops += 1


def _no_number(where: str) -> ValueError:
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
    for name, value, least in (
        ("epochs", epochs, 1),
        ("batch_size", batch_size, 1),
        ("seed", seed, 0),
    ):
        if not isinstance(value, int | np.integer) or value < least:
            raise ValueError(f"{name}: expected a whole number of at least {least}, got {value!r}")
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


_MANY = 256
"""Reviews in a grab where nothing is learned from it: its size changes no score."""


def _guesses(model: keras.Model, words: NDArray) -> NDArray:
    return model.predict(_filled(words), batch_size=_MANY, verbose=0)[: len(words), 0]


def _filled(words: NDArray) -> NDArray:
    """Fill up the last grab: one of another size would be another program to compile."""
    return np.pad(words, ((0, -len(words) % _MANY), (0, 0)), mode="edge")


def _settings(piles: Piles, mask_padding: bool) -> dict[str, int]:
    return {
        "vocabulary": len(piles.notepad_words),
        "max_words": piles.study.words.shape[1],
        "mask_padding": mask_padding,
    }


def _after_loop(
    study_loss: float, study_score: float, guesses: NDArray, mock_exam: Pile
) -> dict[str, float]:
    """Return a row of `Run.history`."""
    wrongness = keras.losses.BinaryCrossentropy()
    return {
        "study_loss": float(study_loss),
        "study_score": float(study_score),
        "mock_loss": float(wrongness(mock_exam.liked, guesses)),
        "mock_score": _share_right(guesses, mock_exam),
    }


def _finished(
    machine: str,
    seed: int,
    settings: dict[str, int],
    seconds: float,
    loops: list[dict[str, float]],
    weights: list[list[NDArray]],
    turns: int,
) -> Run:
    """Return a training that has not sat the exam; `weights` begin with the fresh ones."""
    first_weights, *loop_weights = weights
    return Run(
        machine=machine,
        seed=seed,
        engine=engine(),
        dials=sum(paper.size for paper in first_weights),
        turns=turns,
        seconds=seconds,
        history=pd.DataFrame(loops, index=pd.RangeIndex(1, len(loops) + 1, name="loop")),
        first_weights=first_weights,
        loop_weights=tuple(loop_weights),
        exam_guesses={},
        settings=settings,
    )


def _share_right(guesses: NDArray, pile: Pile) -> float:
    return float(((guesses > 0.5) == pile.liked).mean())
