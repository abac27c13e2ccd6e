"""What scores can carry: grades side by side, intervals, and verdicts on pairs of machines."""

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from rahulml import far_back
from rahulml.checks import one_of
from rahulml.reviews import Pile
from rahulml.runs import Run


def exam_scores(table: pd.DataFrame, *, graded: str = "chosen") -> pd.DataFrame:
    """Lay the exam's grades side by side: one row for each seed, one column for each machine.

    Parameters
    ----------
    table : DataFrame
        From `rahulml.study.compare`.
    graded : {"chosen", "last"}
        After the loop that the mock exam chose, or after the last loop, as the post grades.

    Returns
    -------
    DataFrame
        Shares right in 0..1; the machines in the table's order.

    Raises
    ------
    ValueError
        For another word than these two.
    """
    one_of("graded", graded, ("chosen", "last"))
    last = table["loop"] == table["loop"].max()
    rows = table[table["chosen"] if graded == "chosen" else last]
    scores = rows.pivot(index="seed", columns="machine", values="exam_score")
    return scores[list(table["machine"].unique())]


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Return a 95 % interval for the mean of a few values.

    Parameters
    ----------
    values : sequence of float
        At least two, such as one score a seed.

    Returns
    -------
    low, high : float
        The ends of SciPy's bootstrap interval (BCa, 10,000 draws from a fixed start): how far the
        mean would spread if as many values were drawn again out of these. Of five values it is
        rather too narrow than too wide.

    Raises
    ------
    ValueError
        For fewer than two values, or one that is not finite.

    Examples
    --------
    >>> low, high = interval([0.80, 0.82, 0.84, 0.81, 0.83])
    >>> bool(0.80 < low < 0.82 < high < 0.84)
    True
    """
    values = np.asarray(values, float)
    if values.ndim != 1 or len(values) < 2 or not np.isfinite(values).all():
        raise ValueError(f"values: expected at least two finite numbers, got {values.tolist()}")
    if np.ptp(values) == 0:
        return float(values[0]), float(values[0])
    found = stats.bootstrap(
        (values,), np.mean, n_resamples=10_000, rng=np.random.default_rng(0)
    ).confidence_interval
    return float(found.low), float(found.high)


def pairs(scores: pd.DataFrame) -> pd.DataFrame:
    """Compare every machine with every later one, seed by seed.

    Parameters
    ----------
    scores : DataFrame
        From `exam_scores`: one row a seed, one column a machine.

    Returns
    -------
    DataFrame
        One row for each pair ``first, second``: ``difference``, the mean of first minus second;
        ``low, high``, its `interval`; ``wins``, in how many seeds the first scored higher; and
        ``verdict``: ``"better"`` if the whole interval lies above 0, ``"worse"`` if below, else
        ``"no difference"``, which means: none that these seeds can show.

    Examples
    --------
    >>> scores = pd.DataFrame({"a": [0.8, 0.9, 0.8], "b": [0.7, 0.7, 0.6], "c": [0.7, 0.8, 0.5]})
    >>> pairs(scores)[["first", "second", "wins", "verdict"]].values.tolist()
    [['a', 'b', 3, 'better'], ['a', 'c', 3, 'better'], ['b', 'c', 1, 'no difference']]
    """
    rows = []
    for first, second in itertools.combinations(scores.columns, 2):
        differences = scores[first] - scores[second]
        low, high = interval(differences)
        verdict = "better" if low > 0 else "worse" if high < 0 else "no difference"
        rows.append(
            {
                "first": first,
                "second": second,
                "difference": differences.mean(),
                "low": low,
                "high": high,
                "wins": int((differences > 0).sum()),
                "verdict": verdict,
            }
        )
    return pd.DataFrame(rows)


def score_by_distance(runs: Sequence[Run], exam: Pile) -> pd.DataFrame:
    """Mark what each machine wrote on the exam, for each distance apart.

    Parameters
    ----------
    runs : sequence of Run
        Trainings whose piles held this exam.
    exam : Pile
        The exam of `rahulml.far_back.make`.

    Returns
    -------
    DataFrame
        One row for each machine, seed and distance: ``machine, seed, distance, score``. A score is
        the share right, in 0..1, after the loop that the mock exam chose.

    Raises
    ------
    ValueError
        If a training has not as many guesses as the exam has texts.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> exam = far_back.make(study=1, mock_exam=1, exam=2, distances=[5, 9]).exam
    >>> sheets = {1: abs(exam.liked - [0.1, 0.9, 0.1, 0.1])}
    >>> run = SimpleNamespace(machine="rnn", seed=0, exam_guesses=sheets, chosen_loop=1)
    >>> score_by_distance([run], exam)["score"].tolist()
    [0.5, 1.0]
    """
    asked = far_back.distance(exam.words)
    rows = []
    for run in runs:
        guesses = run.exam_guesses.get(run.chosen_loop, ())
        if len(guesses) != len(exam):
            raise ValueError(
                f"runs: expected guesses for {len(exam)} texts, got {len(guesses)} of {run.machine}"
            )
        right = (guesses > 0.5) == exam.liked
        for here in np.unique(asked):
            score = float(right[asked == here].mean())
            rows.append(
                {"machine": run.machine, "seed": run.seed, "distance": int(here), "score": score}
            )
    return pd.DataFrame(rows)
