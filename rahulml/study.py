"""Many trainings, machines times seeds: side by side, resumable, as a tidy table."""

import contextlib
import gc
import itertools
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from inspect import getsource, signature
from pathlib import Path

import joblib
import keras
import numpy as np
import pandas as pd
from joblib.externals.loky import get_reusable_executor
from scipy import stats
from tqdm import tqdm

from rahulml import builders, training, variants
from rahulml.reviews import Piles
from rahulml.training import Run, SealedExam

ENGINES = ("tensorflow", "jax", "torch")
"""The backends of Keras that can be asked for, as Keras names them."""

RECIPE = {
    name: parameter.default
    for name, parameter in signature(training.fit).parameters.items()
    if name not in ("machine", "piles", "seed", "progress")
}
"""The recipe of a training: what `rahulml.training.fit` can be told of it, and the defaults."""


def train(
    machines: Sequence[str],
    piles: Piles,
    *,
    seeds: int | Iterable[int] = 5,
    n_jobs: int | None = None,
    engine: str = "tensorflow",
    together: bool = False,
    store: str | Path | None = None,
    **recipe: float | None,
) -> list[Run]:
    """Train every machine from every seed, each training on one thread of a process of its own.

    Parameters
    ----------
    machines : sequence of str
        Machines that `rahulml.builders.build` knows, each once.
    piles : Piles
        The same for all, so that differences between machines are paired by seed.
    seeds : int or iterable of int
        How many, counted from 0; or which.
    n_jobs : int, optional
        How many trainings at once, at least 1; without it, one for each core that may be used. It
        changes no number. Inside ``joblib.parallel_config`` that choice of processes holds, such as
        a Dask cluster, whose workers must have been started with ``KERAS_BACKEND`` set.
    engine : {"tensorflow", "jax", "torch"}
        Which backend of Keras computes.
    together : bool
        Train all seeds of a machine as one batch, by `rahulml.together`, and several machines at
        once: for a GPU, which one training cannot fill. Needs ``engine="jax"``.
    store : str or Path, optional
        A folder where each training is kept when it is finished, and taken from if it was made from
        the same data, recipe, seed, code and versions. Without it, the folder that the environment
        variable ``RAHULML_STORE`` names, if any. Open only a store that you wrote yourself.
    **recipe
        What is to differ from `RECIPE`, as in `rahulml.training.fit`.

    Returns
    -------
    list of Run
        Machine by machine in the given order, and seed by seed.

    Raises
    ------
    ValueError
        For an unknown machine or engine, a machine or seed given twice, `seeds` or `n_jobs` below
        1, `together` on another engine than JAX, and for what `rahulml.training.fit` refuses.
    RuntimeError
        If a worker of the caller's own runs another engine.

    Notes
    -----
    A bar shows how many trainings are finished. Where ``RAHULML_LOG`` names a file, each finished
    training appends a line of JSON to that file instead: ``machine``, ``seed``, ``engine``,
    ``seconds``, ``loops``, ``chosen_loop``, ``mock_score``, and ``kept``, whether it was taken from
    the store.
    """
    seeds = _seeds(seeds)
    _check(machines, engine, n_jobs, together)
    recipe = RECIPE | recipe
    training.check(piles, epochs=recipe["epochs"], batch_size=recipe["batch_size"])
    store = store or os.environ.get("RAHULML_STORE")
    groups = [tuple(seeds)] if together else [(seed,) for seed in seeds]
    made_of = _made_of(piles, engine, together)
    fit = joblib.Memory(store, verbose=0).cache(_fit, ignore=["piles"])
    # Each machine's first seed first, so that two workers compile two machines and not the same one
    # twice. Then machine by machine from the last, in the book's lists a long one, so that short
    # trainings are left for the end, when a core may have to wait for the other.
    order = [(machine, groups[0]) for machine in reversed(machines)]
    order += itertools.product(reversed(machines), groups[1:])
    calls = {job: (*job, engine, recipe, made_of, piles) for job in order}
    kept = [job for job, call in calls.items() if fit.check_call_in_cache(*call)]
    fresh = _in_workers(
        [joblib.delayed(fit)(*call) for job, call in calls.items() if job not in kept],
        engine,
        n_jobs,
        store,
    )
    log = os.environ.get("RAHULML_LOG")
    finished: dict[tuple[str, int], Run] = {}
    with tqdm(total=len(machines) * len(seeds), unit="training", disable=bool(log)) as bar:
        for runs in itertools.chain((fit(*calls[job]) for job in kept), fresh):
            group = tuple(run.seed for run in runs)
            for run in runs:
                finished[run.machine, run.seed] = run
                bar.update()
                if log:
                    with Path(log).open("a", encoding="utf-8") as lines:
                        print(_line(run, kept=(run.machine, group) in kept), file=lines)
    return [finished[job] for job in itertools.product(machines, seeds)]


def compare(
    machines: Sequence[str],
    piles: Piles,
    *,
    exam: SealedExam | None = None,
    **how: object,
) -> pd.DataFrame:
    """Train every machine from every seed, and grade each one once on the sealed exam.

    Parameters
    ----------
    machines, piles
        As in `train`.
    exam : SealedExam, optional
        The envelope to grade from, which counts its openings. Without it, a new one around
        ``piles.exam``.
    **how
        ``seeds``, ``n_jobs``, ``engine``, ``together``, ``store`` and the recipe, as in `train`.

    Returns
    -------
    DataFrame
        One row for each machine, seed and loop. ``machine, seed, loop`` say which; ``study_loss``,
        ``study_score``, ``mock_loss``, ``mock_score`` as in `rahulml.training.Run.history`;
        ``chosen`` whether the mock exam chose this loop; ``exam_score`` the share right on the
        exam, in 0..1, for the chosen and for the last loop and NaN for all others; ``dials``,
        ``seconds`` (the whole training's) and ``engine``.

    Raises
    ------
    ValueError, RuntimeError
        As in `train`, and when a machine was graded before by the same `exam`.
    """
    runs = train(machines, piles, **how)
    exam = SealedExam(piles.exam) if exam is None else exam
    tables = []
    for run in runs:
        grades = exam.grade(run)
        table = run.history.reset_index()
        table.insert(0, "machine", run.machine)
        table.insert(1, "seed", run.seed)
        table["chosen"] = table["loop"] == run.chosen_loop
        table["exam_score"] = np.nan
        table.loc[table["loop"] == run.last_loop, "exam_score"] = grades.last
        table.loc[table["chosen"], "exam_score"] = grades.chosen
        tables.append(table.assign(dials=run.dials, seconds=run.seconds, engine=run.engine))
    return pd.concat(tables, ignore_index=True)


def exam_scores(table: pd.DataFrame, *, graded: str = "chosen") -> pd.DataFrame:
    """Lay the exam's grades side by side: one row for each seed, one column for each machine.

    Parameters
    ----------
    table : DataFrame
        From `compare`.
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
    if graded not in ("chosen", "last"):
        raise ValueError(f"graded: expected 'chosen' or 'last', got {graded!r}")
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


def _seeds(seeds: int | Iterable[int]) -> list[int]:
    if isinstance(seeds, int | np.integer):
        if seeds < 1:
            raise ValueError(f"seeds: expected at least 1, got {seeds}")
        return list(range(seeds))
    seeds = list(seeds)
    if not seeds or len(set(seeds)) < len(seeds) or min(seeds) < 0:
        raise ValueError(f"seeds: expected whole numbers of at least 0, each once, got {seeds}")
    return seeds


def _check(machines: Sequence[str], engine: str, n_jobs: int | None, together: bool) -> None:
    known = ", ".join(map(repr, builders.FLOOR_2))
    for machine in machines:
        if machine not in builders.FLOOR_2:
            raise ValueError(f"machines: expected some of {known}, got {machine!r}")
    if isinstance(machines, str) or not machines or len(set(machines)) < len(machines):
        raise ValueError(f"machines: expected some of {known}, each once, got {machines!r}")
    if engine not in ENGINES:
        raise ValueError(f"engine: expected one of {', '.join(map(repr, ENGINES))}, got {engine!r}")
    if n_jobs is not None and n_jobs < 1:
        raise ValueError(f"n_jobs: expected a whole number of at least 1, got {n_jobs!r}")
    if together and engine != "jax":
        raise ValueError(f"together: expected engine 'jax', got {engine!r}")


def _fit(machine, seeds, engine, recipe, made_of, piles) -> list[Run]:
    """Train one machine in a worker; all but `piles` is the name under which it is stored."""
    runs_on = keras.backend.backend()
    if runs_on != engine:
        raise RuntimeError(
            f"engine: expected a worker that runs Keras on {engine}, got one on {runs_on}; "
            f"start it with KERAS_BACKEND={engine}"
        )
    _leave_tensorflow_out(engine)
    with _memory_given_back():
        if len(seeds) == 1:
            _take_one_thread()
            return [training._fit_again(machine, piles, seed=seeds[0], **recipe)]
        from rahulml import together  # wants JAX, which not everyone has

        return together.fit(machine, piles, seeds=seeds, progress=False, **recipe)


@contextlib.contextmanager
def _memory_given_back() -> Iterator[None]:
    """Collect what a training made when it ends, and walk nothing else for it, such as Keras."""
    gc.freeze()
    try:
        yield
    finally:
        keras.utils.clear_session()
        gc.unfreeze()


def _take_one_thread() -> None:
    """Let the engine start while it may use one core only: it makes as many threads as cores."""
    if sys.platform == "linux":
        cores = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {min(cores)})
        keras.ops.convert_to_numpy(keras.ops.ones((2, 2)) @ keras.ops.ones((2, 2)))
        for thread in Path("/proc/self/task").iterdir():
            with contextlib.suppress(ProcessLookupError):  # it has ended since
                os.sched_setaffinity(int(thread.name), cores)


def _leave_tensorflow_out(engine: str) -> None:
    """Let Keras look once for TensorFlow where there is none, and remember that.

    It would load it, 3 s and 400 MB, for a glance at the settings of a `Bidirectional` layer, and
    joblib would take that growth for a leak and start a new process.
    """
    if engine != "tensorflow" and "tensorflow" not in sys.modules:
        sys.modules["tensorflow"] = None
        keras.saving.serialize_keras_object(keras.layers.Dense(1))
        del sys.modules["tensorflow"]


_compiled = tempfile.TemporaryDirectory()
_engine_of_workers = None


def _in_workers(calls: list, engine: str, n_jobs: int | None, store: str | Path | None) -> Iterator:
    """Yield what the calls return, as they finish, from processes that run `engine`.

    The processes stay, idle, for the next calls, until joblib ends them or another engine is asked
    for: what Keras runs on cannot be changed.
    """
    global _engine_of_workers
    if not calls:
        return
    if _engine_of_workers not in (None, engine):
        get_reusable_executor().shutdown(wait=True, kill_workers=True)
    _engine_of_workers = engine
    n_jobs = n_jobs or joblib.effective_n_jobs(-1)
    settings = {
        "KERAS_BACKEND": engine,
        "TF_CPP_MIN_LOG_LEVEL": "3",
        # Workers share a GPU: none of them may take most of its memory for itself.
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",
        "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
        # glibc would give back at each step what the next one asks for again, up to 5 s a training.
        "MALLOC_ARENA_MAX": "1",
        "MALLOC_MMAP_THRESHOLD_": str(4 << 30),
        "MALLOC_TRIM_THRESHOLD_": str(8 << 30),
        # Five seeds of a machine are one program: JAX compiles it for the first.
        "JAX_COMPILATION_CACHE_DIR": str(Path(store or _compiled.name) / "compiled"),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    }
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        # joblib trains in this very process when told 1; so 2, of which one has work.
        parallel = joblib.Parallel(
            n_jobs=max(n_jobs, 2),
            pre_dispatch=n_jobs,
            batch_size=1,
            return_as="generator_unordered",
        )
        yield from parallel(calls)
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _made_of(piles: Piles, engine: str, together: bool) -> str:
    """Return a name for what a training depends on, beside machine, seed and recipe."""
    packages = ["keras", "numpy", engine]
    return joblib.hash(
        [
            [version(package) for package in packages],
            [getsource(module) for module in (builders, training, variants)],
            together and Path(__file__).with_name("together.py").read_text("utf-8"),
            [(pile.words, pile.liked) for pile in (piles.study, piles.mock_exam)],
            piles.exam and piles.exam.words,
            len(piles.notepad_words),
        ],
        coerce_mmap=True,
    )


def _line(run: Run, *, kept: bool) -> str:
    return json.dumps(
        {
            "machine": run.machine,
            "seed": run.seed,
            "engine": run.engine,
            "seconds": run.seconds,
            "loops": run.last_loop,
            "chosen_loop": run.chosen_loop,
            "mock_score": float(run.history["mock_score"].max()),
            "kept": kept,
        }
    )
