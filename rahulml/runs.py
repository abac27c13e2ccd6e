"""What a training leaves: numbers alone; and the exam that is opened once."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rahulml.checks import whole_number
from rahulml.reviews import Numbering, Pile, Piles, Report
from rahulml.saved import Machine, load_machine, write

if TYPE_CHECKING:
    import keras

__all__ = [
    "Grades",
    "Loop",
    "Machine",
    "Run",
    "SealedExam",
    "load_machine",
    "share_right",
]


class Loop(NamedTuple):
    """What one loop through the study pile leaves.

    Attributes
    ----------
    row : dict of str to float
        A row of `Run.history`.
    weights : list of ndarray
        The dials as they stand, as ``model.get_weights()`` gives them.
    mock_guesses : ndarray, shape (n,)
        What the machine writes on the mock exam, in 0..1.
    """

    row: Mapping[str, float]
    weights: list[NDArray]
    mock_guesses: NDArray


@dataclass(frozen=True, eq=False)
class Run:
    """A finished training: numbers alone, whatever engine made them.

    Attributes
    ----------
    machine, seed
        What was trained, and from which seed.
    engine : str
        What computed it, as `rahulml.training.engine` reports.
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
    mock_guesses : tuple of ndarray, shape (n,)
        What it wrote on the mock exam after each loop, in 0..1.
    exam_guesses : dict of int to ndarray, shape (n,)
        What the machine wrote on the exam's sheets after the chosen and after the last loop: for
        each review how likely it was liked, in 0..1. Nobody has marked them.
    settings : dict
        What `rahulml.builders.build` needs to make the machine again.
    recipe : dict
        What `rahulml.training.fit` was told beside machine, piles and seed, defaults included.
    numbering : Numbering
        How texts became the word-numbers that it was trained on.
    report : Report or None
        What was read into the piles, if they were loaded.
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
    mock_guesses: tuple[NDArray, ...] = field(repr=False)
    exam_guesses: Mapping[int, NDArray] = field(repr=False)
    settings: Mapping[str, int] = field(repr=False)
    recipe: Mapping[str, float | None] = field(repr=False)
    numbering: Numbering = field(repr=False)
    report: Report | None = field(repr=False)

    @classmethod
    def of(
        cls,
        machine: str,
        seed: int,
        engine: str,
        turns: int,
        seconds: float,
        first_weights: list[NDArray],
        loops: Sequence[Loop],
        settings: Mapping[str, int],
        recipe: Mapping[str, float | None],
        piles: Piles,
    ) -> "Run":
        """Return the record of a training that has not sat the exam yet."""
        rows = [loop.row for loop in loops]
        return cls(
            machine=machine,
            seed=seed,
            engine=engine,
            dials=sum(paper.size for paper in first_weights),
            turns=turns,
            seconds=seconds,
            history=pd.DataFrame(rows, index=pd.RangeIndex(1, len(rows) + 1, name="loop")),
            first_weights=first_weights,
            loop_weights=tuple(loop.weights for loop in loops),
            mock_guesses=tuple(loop.mock_guesses for loop in loops),
            exam_guesses={},
            settings=settings,
            recipe=recipe,
            numbering=piles.numbering,
            report=piles.report,
        )

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
        whole_number("loop", loop, 0, self.last_loop)
        return self.loop_weights[loop - 1] if loop else self.first_weights

    def at(self, loop: int | None = None) -> "keras.Model":
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
        from rahulml.builders import build  # loads an engine, which a record does without

        weights = self.weights(loop)
        model = build(self.machine, **self.settings)
        model.set_weights(weights)
        return model

    @property
    def model(self) -> "keras.Model":
        """The machine as it stood after the last loop."""
        return self.at()

    def save(self, path: str | Path, *, loop: int | None = None) -> None:
        """Write the machine into one file, from which `load_machine` gets it back.

        Parameters
        ----------
        path : str or Path
            Such as "mine.keras": the file is one that Keras opens, too. It is written whole or not
            at all. A machine that was there is replaced.
        loop : int, optional
            As in `weights`; ``run.chosen_loop`` for the one that the mock exam chose.

        Raises
        ------
        ValueError
            If there was no such loop, or the file would take the place of something else than a
            machine.

        Notes
        -----
        In it are the dials, the notepad's words, the recipe, the history, the report of what was
        read, and the versions of what wrote it. The chapter "Code, if you want it" keeps one.
        """
        self.weights(loop)
        write(self, path, self.last_loop if loop is None else int(loop))

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
        from rahulml.training import predict

        return share_right(predict(self.at(loop), pile.words), pile)


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
        self._right: dict[str, list[NDArray[np.bool_]]] = {}

    @property
    def openings(self) -> int:
        """How often the envelope was opened: once for each machine graded."""
        return len(self._graded)

    @property
    def sheets(self) -> dict[str, NDArray[np.bool_]]:
        """What was graded so far, as `rahulml.scores.pairs` wants it.

        For each machine which reviews it got right after the loop that the mock exam chose, shape
        (seeds, reviews), a row for each training in the order of grading. A reader that has no
        start, and so one row, is laid beside every seed of the others.
        """
        most = max(map(len, self._right.values()), default=0)
        return {
            machine: np.stack(rows * (most if len(rows) == 1 else 1))
            for machine, rows in self._right.items()
        }

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
        right = (run.exam_guesses[run.chosen_loop] > 0.5) == self._pile.liked
        self._right.setdefault(run.machine, []).append(right)
        return Grades(
            chosen=share_right(run.exam_guesses[run.chosen_loop], self._pile),
            last=share_right(run.exam_guesses[run.last_loop], self._pile),
        )


def share_right(guesses: NDArray, pile: Pile) -> float:
    """Return the share of a pile that guesses got right, in 0..1.

    Parameters
    ----------
    guesses : ndarray, shape (n,)
        How likely each review was liked; above one half counts as liked.
    pile : Pile
        The reviews, in the same order.

    Examples
    --------
    >>> share_right(np.array([0.9, 0.2]), Pile(np.ones((2, 3), np.int32), np.array([1, 1])))
    0.5
    """
    return float(((guesses > 0.5) == pile.liked).mean())
