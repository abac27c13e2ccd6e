"""What scores can carry: marked sheets, verdicts that hold, and how much it takes to reach one."""

import itertools
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

from rahulml import checks, far_back
from rahulml.checks import one_of
from rahulml.reviews import Pile
from rahulml.runs import Run

VERDICTS = ("told apart", "about the same", "undecided")
"""The words for a pair of machines: one vocabulary for the whole book."""

RISK = 0.05
"""How often an interval may miss the truth, and a whole table tell equal machines apart."""

MOST_SEEDS = 1_000
"""Beyond so many, `needed` calls it endless."""


def sheets(
    guesses: Mapping[Hashable, ArrayLike], liked: ArrayLike
) -> dict[Hashable, NDArray[np.bool_]]:
    """Mark what machines wrote on an exam, and lay their sheets side by side.

    Parameters
    ----------
    guesses : mapping of a machine's name to an array, shape (seeds, reviews) or (reviews,)
        How likely each review was liked, in 0..1. A reader that has no start, such as one that
        counts, has one row: it is laid beside every seed of the others.
    liked : array, shape (reviews,)
        The key: 0 or 1.

    Returns
    -------
    dict of a machine's name to an ndarray of bool, shape (seeds, reviews)
        Right or wrong, as `pairs` wants it, in the same order.

    Raises
    ------
    ValueError
        For a guess outside 0..1, a key other than 0 and 1, or another number of reviews or of seeds
        than the rest has.

    Examples
    --------
    >>> marked = sheets({"lstm": [[0.9, 0.2], [0.6, 0.7]], "words": [0.1, 0.4]}, [1, 0])
    >>> marked["lstm"].tolist(), marked["words"].tolist()
    ([[True, True], [True, False]], [[False, True], [False, True]])
    """
    liked = _key(checks.numbers("liked", liked, 0, 1, shape=("reviews",)))
    written = {
        name: np.atleast_2d(checks.numbers(f"guesses[{name!r}]", rows, 0, 1))
        for name, rows in guesses.items()
    }
    seeds = max(map(len, written.values()), default=0)
    marked = {}
    for name, rows in written.items():
        if rows.shape not in ((seeds, len(liked)), (1, len(liked))):
            raise ValueError(
                f"guesses[{name!r}]: expected shape ({seeds}, {len(liked)}), got {rows.shape}"
            )
        marked[name] = np.broadcast_to((rows > 0.5) == liked, (seeds, len(liked)))
    return marked


def mock_sheets(
    runs: Sequence[Run], mock_exam: Pile, *, graded: str = "chosen"
) -> dict[str, NDArray[np.bool_]]:
    """Mark what trained machines wrote on the mock exam, and lay their sheets side by side.

    Parameters
    ----------
    runs : sequence of Run
        Trainings whose piles held this mock exam, the same seeds for each machine.
    mock_exam : Pile
        The key.
    graded : {"chosen", "last"}
        After the loop that the mock exam itself chose, or after the last loop.

    Returns
    -------
    dict of a machine's name to an ndarray of bool, shape (seeds, reviews)
        As `pairs` wants it, machines and seeds in the order of `runs`.

    Raises
    ------
    ValueError
        For another word than these two.
    """
    one_of("graded", graded, ("chosen", "last"))
    guesses: dict[str, list[NDArray]] = {}
    for run in runs:
        loop = run.chosen_loop if graded == "chosen" else run.last_loop
        guesses.setdefault(run.machine, []).append(run.mock_guesses[loop - 1])
    return sheets(guesses, mock_exam.liked)


def pairs(sheets: Mapping[Hashable, ArrayLike], *, margin: float = 0.01) -> pd.DataFrame:
    """Compare every machine with every later one, and say what may be said of the two.

    Two sources of luck move a difference of scores: from which starts the machines were trained,
    and which reviews happen to be in the exam. The interval holds both, the verdicts hold for all
    pairs together.

    Parameters
    ----------
    sheets : mapping of a machine's name to an array of bool, shape (seeds, reviews)
        Right or wrong; the same seeds and the same reviews for all, at least two of each.
    margin : float
        Up to which difference, in 0..1, two machines are about the same.

    Returns
    -------
    DataFrame
        One row for each pair ``first, second``, in the order of `sheets`: ``difference``, the share
        right of the first less that of the second; ``low, high``, a 95 % interval of this one pair;
        ``p``, after Holm over all pairs; ``verdict``: ``"told apart"`` if p is below 0.05, else
        ``"about the same"`` if the interval lies within ± `margin`, else ``"undecided"``.

    Raises
    ------
    ValueError
        For fewer than two machines, seeds or reviews, sheets of different shapes, and anything but
        bools.

    Notes
    -----
    For a pair, ``d[s, i]`` is 1 if at seed s the first alone was right on review i, -1 if the
    second alone, else 0. Its mean varies by

    - the starts: the variance of the seeds' means, averaged over all pairs of machines that vary
      with the seed (in a table of machines and seeds: twice the mean square of what is left), with
      ``(machines - 1)(seeds - 1)`` degrees of freedom. A pair whose two machines spread wider than
      machines do on average gets as much more;
    - the exam: the variance of the reviews' means, less what is due to the starts.

    Both are added, as in a crossed random-effects model for balanced data (Baayen, Davidson and
    Bates, 2008), with Satterthwaite's (1946) degrees of freedom; Holm (1979) shares the risk out
    among the pairs. ``benchmarks/verdicts.py`` measures what that is worth. A pair with identical
    sheets, or sheets where no seed differs from another, gives no spread to judge by: its interval
    is -1..1.

    Outside all this: other piles, other recipes, films shared by study and exam, and starts that
    are stuck, of which no mean tells (see `stuck`).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> right = world(rng, machines=3, level=[0.84, 0.80, 0.84])
    >>> table = pairs(dict(zip(["lstm", "rnn", "gru"], right)))
    >>> table[["first", "second", "verdict"]].values.tolist()
    [['lstm', 'rnn', 'told apart'], ['lstm', 'gru', 'undecided'], ['rnn', 'gru', 'told apart']]
    """
    margin = checks.number("margin", margin, 0, 1)
    names, right = _checked(sheets)
    spreads = _spreads(right)
    low, high, p = _judged(spreads, *right.shape[1:])
    verdict = np.select([p < RISK, (low >= -margin) & (high <= margin)], VERDICTS[:2], VERDICTS[2])
    return _table(names, spreads, {"low": low, "high": high, "p": p, "verdict": verdict})


def needed(
    sheets: Mapping[Hashable, ArrayLike],
    *,
    reviews: Sequence[int] | None = None,
    chance: float = 0.8,
) -> pd.DataFrame:
    """Say how many seeds it would take to tell each pair apart, on exams of several sizes.

    The measured differences and spreads are taken as true, and the verdict by Holm's first and
    hardest step.

    Parameters
    ----------
    sheets
        As in `pairs`.
    reviews : sequence of int, optional
        How many reviews the exams have, each at least 2. Without it, as many as on the sheets.
    chance : float
        How likely the pair is to be told apart, in 0..1.

    Returns
    -------
    DataFrame
        One row for each pair ``first, second, difference``, and under each number of reviews the
        least number of seeds: `inf` where even `MOST_SEEDS` do not suffice.

    Raises
    ------
    ValueError
        As in `pairs`.

    Examples
    --------
    >>> rng = np.random.default_rng(3)
    >>> right = world(rng, machines=2, level=[0.845, 0.835])
    >>> needed(dict(zip(["lstm", "gru"], right)), reviews=[5_000, 50_000]).iloc[0, 3:].tolist()
    [21.0, 12.0]
    """
    chance = checks.number("chance", chance, 0, 1)
    names, right = _checked(sheets)
    spreads = _spreads(right)
    seeds = np.arange(2, MOST_SEEDS + 1)[:, np.newaxis]
    least = {}
    for size in [right.shape[2]] if reviews is None else reviews:
        error, degrees = _error(spreads, seeds, checks.whole_number("reviews", size, 2))
        hardest = stats.t.isf(RISK / 2 / len(spreads.first), degrees)
        told = stats.t.sf(hardest - abs(spreads.difference) / error, degrees) >= chance
        told &= spreads.known
        least[size] = np.where(told.any(axis=0), seeds[told.argmax(axis=0), 0], np.inf)
    return _table(names, spreads, least)


def stuck(sheets: Mapping[Hashable, ArrayLike], *, guessing: float = 0.5) -> pd.DataFrame:
    """Count, for each machine, the seeds that may have learned nothing.

    Where some seeds are stuck and others are not, a mean lies where no training does, and no
    interval around it is honest. Then count, and show each seed.

    Parameters
    ----------
    sheets
        As in `pairs`.
    guessing : float
        The share right, in 0..1, of one who gives every review the same answer.

    Returns
    -------
    DataFrame
        Indexed by machine: ``seeds``; ``stuck``, how many of them are not above `guessing` by more
        than three standard errors of a guesser's score; ``lowest, highest``, shares right.

    Raises
    ------
    ValueError
        As in `pairs`.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> right = world(rng, machines=2, level=[0.84, 0.5])
    >>> stuck(dict(zip(["lstm", "rnn"], right)))["stuck"].tolist()
    [0, 5]
    """
    guessing = checks.number("guessing", guessing, 0, 1)
    names, right = _checked(sheets)
    scores = right.mean(axis=2)
    luck = 3 * (guessing * (1 - guessing) / right.shape[2]) ** 0.5
    return pd.DataFrame(
        {
            "seeds": right.shape[1],
            "stuck": (scores <= guessing + luck).sum(axis=1),
            "lowest": scores.min(axis=1),
            "highest": scores.max(axis=1),
        },
        index=pd.Index(names, name="machine"),
    )


def world(
    rng: np.random.Generator,
    *,
    machines: int = 5,
    seeds: int = 5,
    reviews: int = 4_979,
    level: ArrayLike = 0.84,
    spread: ArrayLike = 0.0045,
    luck: Callable[..., NDArray] = np.random.Generator.standard_normal,
) -> NDArray[np.bool_]:
    """Make up the sheets of machines whose true level is known.

    Reviews differ in difficulty, each machine and each seed finds other reviews difficult than the
    rest, and seeds move scores, a third of it all machines together. What is not said is about as
    it was measured on the book's five machines.

    Parameters
    ----------
    rng : Generator
        Draws everything: another call makes another world.
    machines, seeds, reviews : int
        How many.
    level : float or array, shape (machines,)
        The share right, in 0..1, of a machine over all starts and all reviews that there might be.
    spread : float or array, shape (machines,)
        The standard deviation of that share from start to start.
    luck : callable
        ``luck(rng, shape)`` draws how starts differ, in standard deviations from 0; without it,
        bell-shaped.

    Returns
    -------
    ndarray of bool, shape (machines, seeds, reviews)
        Right or wrong.

    Examples
    --------
    >>> right = world(np.random.default_rng(0), machines=2, level=[0.9, 0.6])
    >>> right.mean(axis=(1, 2)).round(2).tolist()
    [0.9, 0.6]
    """
    level, spread = (np.reshape(value, (-1, 1)) for value in (level, spread))
    start = (1 / 3) ** 0.5 * luck(rng, (1, seeds)) + (2 / 3) ** 0.5 * luck(rng, (machines, seeds))
    ease = 0
    for share, shape in (
        (0.84, (1, 1, reviews)),
        (0.05, (machines, 1, reviews)),
        (0.01, (1, seeds, reviews)),
        (0.10, (machines, seeds, reviews)),
    ):
        ease = ease + np.float32(share**0.5) * rng.standard_normal(shape, np.float32)
    bar = special.ndtri(np.clip(level + spread * start, 0, 1)).astype(np.float32)
    return ease < bar[..., np.newaxis]


def false_alarms(*, worlds: int = 1_000, seed: int = 0, **equal: object) -> float:
    """Measure how often `pairs` tells two machines apart where all are equal.

    Parameters
    ----------
    worlds : int
        How many to make up, at least 1. A thousand take a few seconds, and give the rate to within
        about 0.7 in a hundred (a standard error).
    seed : int
        Decides them, at least 0.
    **equal
        What differs from `world`'s own; one level for all.

    Returns
    -------
    float
        The share of worlds, in 0..1, in which at least one pair is told apart.

    Raises
    ------
    ValueError
        For a number below its least value.

    Examples
    --------
    >>> false_alarms(worlds=200, reviews=500) < 0.1
    True
    """
    worlds = checks.whole_number("worlds", worlds, 1)
    rng = np.random.default_rng(checks.whole_number("seed", seed, 0))
    alarms = []
    for _ in range(worlds):
        right = world(rng, **equal)
        _, _, p = _judged(_spreads(right), *right.shape[1:])
        alarms.append((p < RISK).any())
    return float(np.mean(alarms))


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


def reliability(guesses: ArrayLike, liked: ArrayLike, bins: int = 10) -> pd.DataFrame:
    """Measure whether a guess is a probability: of those near 0.63, how many were liked.

    Parameters
    ----------
    guesses : array, shape (reviews,)
        How likely each review was liked, in 0..1.
    liked : array, shape (reviews,)
        The key: 0 or 1.
    bins : int
        How many equal parts of 0..1 to sort the guesses into, at least 1.

    Returns
    -------
    DataFrame
        One row for each part ``low..high``, which holds its lower end (the last one both):
        ``reviews``, how many guesses lie there; ``guess``, their mean; ``liked``, the share that
        was liked; ``error``, the standard error of that share if the guesses were the
        probabilities. The last three are NaN where no guess lies.

    Raises
    ------
    ValueError
        For a guess outside 0..1, a key other than 0 and 1, two lengths, or no review at all.

    Notes
    -----
    The reliability curve, as in DeGroot and Fienberg (1983); Guo et al. (2017) found that trained
    networks are too sure. The chapter "Code, if you want it" draws one.

    Examples
    --------
    >>> reliability([0.1, 0.3, 0.9, 0.7], [0, 1, 1, 1], bins=2)[["reviews", "guess", "liked"]]
       reviews  guess  liked
    0        2    0.2    0.5
    1        2    0.8    1.0
    """
    guesses = checks.numbers("guesses", guesses, 0, 1, shape=("reviews",))
    liked = _key(checks.numbers("liked", liked, 0, 1, shape=guesses.shape))
    ends = np.linspace(0, 1, checks.whole_number("bins", bins, 1) + 1)
    place = np.minimum(np.searchsorted(ends, guesses, side="right"), bins) - 1
    reviews = np.bincount(place, minlength=bins)
    some = np.where(reviews, reviews, np.nan)
    luck = np.bincount(place, guesses * (1 - guesses), bins)
    return pd.DataFrame(
        {
            "low": ends[:-1],
            "high": ends[1:],
            "reviews": reviews,
            "guess": np.bincount(place, guesses, bins) / some,
            "liked": np.bincount(place, liked, bins) / some,
            "error": luck**0.5 / some,
        }
    )


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


def paired_by_seed(scores: pd.DataFrame) -> pd.DataFrame:
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
    >>> paired_by_seed(scores)[["first", "second", "wins", "verdict"]].values.tolist()
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


def _key(liked: NDArray) -> NDArray:
    if not np.isin(liked, (0, 1)).all():
        raise ValueError(f"liked: expected 0 or 1, got {liked[~np.isin(liked, (0, 1))][0]}")
    return liked


def _checked(sheets: Mapping[Hashable, ArrayLike]) -> tuple[list[Hashable], NDArray[np.bool_]]:
    """Return the machines' names, and their sheets as one array (machines, seeds, reviews)."""
    if not isinstance(sheets, Mapping) or len(sheets) < 2:
        raise ValueError(
            f"sheets: expected those of at least two machines, got {checks.shown(sheets)}"
        )
    wanted = None
    right = []
    for name, rows in sheets.items():
        try:
            rows = np.asarray(rows)
        except ValueError:  # a ragged nest of lists
            rows = np.asarray(None)
        if rows.dtype != bool or rows.ndim != 2 or min(rows.shape) < 2:
            raise ValueError(
                f"sheets[{name!r}]: expected bools of shape (seeds, reviews), at least two of "
                f"each, got {rows.dtype} of shape {rows.shape}"
            )
        wanted = wanted or rows.shape
        if rows.shape != wanted:
            raise ValueError(f"sheets[{name!r}]: expected shape {wanted}, got {rows.shape}")
        right.append(rows)
    return list(sheets), np.stack(right)


class _Spreads(NamedTuple):
    """What moves the difference of each pair; arrays of shape (pairs,)."""

    first: NDArray[np.intp]
    second: NDArray[np.intp]
    difference: NDArray[np.float64]
    starts: NDArray[np.float64]  # variance from start to start
    views: NDArray[np.float64]  # variance from review to review
    rest: NDArray[np.float64]  # variance of what neither explains
    degrees: int  # of freedom in `starts`, for each seed beyond the first
    known: NDArray[np.bool_]  # whether there was any spread to judge by


def _spreads(right: NDArray[np.bool_]) -> _Spreads:
    machines, seeds, reviews = right.shape
    first, second = np.triu_indices(machines, 1)
    d = right[first].astype(np.int8) - right[second]  # (pairs, seeds, reviews)
    points = d.sum(axis=2)
    of_review = d.sum(axis=1) / seeds
    difference = points.sum(axis=1) / (seeds * reviews)
    between_reviews = of_review.var(axis=1, ddof=1)
    between_seeds = points.var(axis=1, ddof=1) / reviews**2  # of integers: equal ones give 0
    squares = np.count_nonzero(d, axis=(1, 2)) - seeds * reviews * difference**2
    squares -= reviews * (seeds - 1) * between_seeds + seeds * (reviews - 1) * between_reviews
    rest = np.maximum(squares, 0) / ((seeds - 1) * (reviews - 1))

    totals = right.sum(axis=2)
    varies = np.ptp(totals, axis=1) > 0
    both, either = varies[first] & varies[second], varies[first] | varies[second]
    tell = both if both.any() else either
    pooled = between_seeds[tell].mean() if tell.any() else 0
    own = (totals / reviews).var(axis=1, ddof=1)
    excess = own[first] + own[second] - 2 * own[varies].mean() if varies.any() else 0
    starts = pooled + np.maximum(excess, 0) - rest / reviews
    return _Spreads(
        first,
        second,
        difference,
        starts=np.maximum(starts, 0),
        views=np.maximum(between_reviews - rest / seeds, 0),
        rest=rest,
        degrees=max(varies.sum() - 1, 1),
        known=d.any(axis=(1, 2)) & (pooled > 0),
    )


def _error(spreads: _Spreads, seeds: ArrayLike, reviews: int) -> tuple[NDArray, NDArray]:
    """Return the standard error of each pair's difference, and its degrees of freedom.

    For other numbers of seeds and reviews than those that gave the spreads, it is a forecast.
    """
    by_starts = (spreads.starts + spreads.rest / reviews) / seeds
    by_views = spreads.views / reviews
    variance = np.where(spreads.known, by_starts + by_views, 1)
    # What the third mean square, of `rest`, is off by is next to nothing: it has the most degrees.
    doubt = by_starts**2 / (spreads.degrees * (seeds - 1))
    doubt = doubt + (by_views + spreads.rest / (seeds * reviews)) ** 2 / (reviews - 1)
    return variance**0.5, variance**2 / np.where(spreads.known, doubt, 1)


def _judged(spreads: _Spreads, seeds: int, reviews: int) -> tuple[NDArray, NDArray, NDArray]:
    """Return both ends of each pair's interval, and p after Holm over all pairs."""
    error, degrees = _error(spreads, seeds, reviews)
    half = np.where(spreads.known, stats.t.isf(RISK / 2, degrees) * error, 2)
    low, high = np.clip((spreads.difference - half, spreads.difference + half), -1, 1)
    alone = np.where(spreads.known, 2 * stats.t.sf(abs(spreads.difference) / error, degrees), 1)
    order = np.argsort(alone)
    steps = np.maximum.accumulate(alone[order] * np.arange(len(alone), 0, -1))
    p = np.empty_like(alone)
    p[order] = np.minimum(steps, 1)
    return low, high, p


def _table(names: list[Hashable], spreads: _Spreads, columns: Mapping) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "first": [names[i] for i in spreads.first],
            "second": [names[i] for i in spreads.second],
            "difference": spreads.difference,
            **columns,
        }
    )
