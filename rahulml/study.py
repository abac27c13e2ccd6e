"""Many trainings, machines times seeds: side by side, resumable, as a tidy table."""

import ast
import functools
import itertools
import json
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from inspect import signature
from pathlib import Path

import joblib
import keras
import numpy as np
import pandas as pd
from tqdm import tqdm

from rahulml import builders, training
from rahulml._engines import archives, places, workers
from rahulml.checks import one_of, shown, whole_number
from rahulml.reviews import Piles
from rahulml.runs import Loop, Run, SealedExam
from rahulml.scores import exam_scores, interval
from rahulml.scores import paired_by_seed as pairs

__all__ = [
    "ENGINES",
    "KEPT",
    "RECIPE",
    "cache_key",
    "compare",
    "exam_scores",
    "interval",
    "pairs",
    "train",
]

ENGINES = ("tensorflow", "jax", "torch")
"""The backends of Keras that can be asked for, as Keras names them."""

KEPT = "runs"
"""The folder of a store that trainings are in."""

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
    progress: bool = True,
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
        Train all seeds of a machine as one batch, and several machines at once: for a GPU, which
        one training cannot fill. Needs ``engine="jax"``.
    store : str or Path, optional
        A folder where each training is kept when it is finished, and taken from if it was made from
        the same data, recipe, seed, code and versions. Without it, the folder that the environment
        variable ``RAHULML_STORE`` names, if any. It holds data and no code: a file that was cut
        off or changed is refused, and its training made again. Who changes one on purpose can make
        it say any numbers, so take a store from people whom you trust.
    progress : bool
        Show a bar.
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
        1, `together` on another engine than JAX, a store that can be no folder, and for what
        `rahulml.training.fit` refuses.
    RuntimeError
        If a worker dies, or one of the caller's own runs another engine.

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
    store = _folder(store) if store else places.store()
    groups = [tuple(seeds)] if together else [(seed,) for seed in seeds]
    key = cache_key(piles, engine, together=together)
    # Each machine's first seed first, so that two workers compile two machines and not the same one
    # twice. Then machine by machine from the last, in the book's lists a long one, so that short
    # trainings are left for the end, when a core may have to wait for the other.
    order = [(machine, groups[0]) for machine in reversed(machines)]
    order += itertools.product(reversed(machines), groups[1:])
    files: dict[tuple[str, tuple[int, ...]], Path] = {}
    kept: dict[tuple[str, tuple[int, ...]], list[Run]] = {}
    for job in order if store else ():
        files[job] = store / KEPT / f"{job[0]}-{joblib.hash((*job, engine, recipe, key))}.npz"
        found = archives.get(files[job], functools.partial(_runs, job, recipe, piles))
        if found:
            kept[job] = found
    fresh = workers.run_all(
        [joblib.delayed(_fit)(*job, engine, recipe, piles) for job in order if job not in kept],
        engine,
        n_jobs=n_jobs,
        one_thread=not together,
    )
    log = places.log()
    hide = bool(log) or not progress
    finished: dict[tuple[str, int], Run] = {}
    with tqdm(total=len(machines) * len(seeds), unit="training", disable=hide) as bar:
        for runs in itertools.chain(kept.values(), fresh):
            job = runs[0].machine, tuple(run.seed for run in runs)
            if store and job not in kept:
                archives.put(files[job], [_data(run) for run in runs])
            for run in runs:
                finished[run.machine, run.seed] = run
                bar.update()
                if log:
                    with log.open("a", encoding="utf-8") as lines:
                        print(_log_line(run, kept=job in kept), file=lines)
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
        ``seeds``, ``n_jobs``, ``engine``, ``together``, ``store``, ``progress`` and the recipe, as
        in `train`.

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


def _seeds(seeds: int | Iterable[int]) -> list[int]:
    if isinstance(seeds, int | np.integer):
        return list(range(whole_number("seeds", seeds, 1)))
    seeds = list(seeds)
    if not seeds or len(set(seeds)) < len(seeds) or min(seeds) < 0:
        raise ValueError(
            f"seeds: expected whole numbers of at least 0, each once, got {shown(seeds)}"
        )
    return seeds


def _check(machines: Sequence[str], engine: str, n_jobs: int | None, together: bool) -> None:
    known = ", ".join(map(repr, builders.LAYERS))
    for machine in machines:
        if machine not in builders.LAYERS:
            raise ValueError(f"machines: expected some of {known}, got {shown(machine)}")
    if isinstance(machines, str) or not machines or len(set(machines)) < len(machines):
        raise ValueError(f"machines: expected some of {known}, each once, got {shown(machines)}")
    one_of("engine", engine, ENGINES)
    if n_jobs is not None:
        whole_number("n_jobs", n_jobs, 1)
    if together and engine != "jax":
        raise ValueError(f"together: expected engine 'jax', got {engine!r}")


def _fit(machine, seeds, engine, recipe, piles) -> list[Run]:
    """Train one machine in a worker."""
    runs_on = keras.backend.backend()
    if runs_on != engine:
        raise RuntimeError(
            f"engine: expected a worker that runs Keras on {engine}, got one on {runs_on}; "
            f"start it with KERAS_BACKEND={engine}"
        )
    try:
        if len(seeds) == 1:
            return [training.fit(machine, piles, seed=seeds[0], progress=False, **recipe)]
        from rahulml._engines import many_seeds  # wants JAX, which not everyone has

        return many_seeds.fit(machine, piles, seeds=seeds, progress=False, **recipe)
    finally:
        keras.utils.clear_session()


def _folder(path: str | Path) -> Path:
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        got = f"{shown(str(path))}: {error.strerror}"
        raise ValueError(f"store: expected a folder, or a place for one, got {got}") from None
    return Path(path)


def _data(run: Run) -> dict[str, object]:
    """Return of a training what its piles don't tell, as `archives.put` wants it."""
    names = ("machine", "seed", "engine", "turns", "seconds", "first_weights", "settings", "recipe")
    loops = zip(run.history.to_dict("records"), run.loop_weights, run.mock_guesses, strict=True)
    return {name: getattr(run, name) for name in names} | {
        "loops": list(loops),
        "exam_guesses": list(run.exam_guesses.items()),
    }


def _runs(job, recipe, piles, kept) -> list[Run]:
    """Return the trainings that `_data` was made of, if these are the ones asked for."""
    runs = []
    for data in kept:
        exam, loops = dict(data.pop("exam_guesses")), [Loop(*one) for one in data.pop("loops")]
        run = Run.of(**data, loops=loops, piles=piles)
        run.exam_guesses.update(exam)
        sat = {run.chosen_loop, run.last_loop} if piles.exam else set()
        if (run.recipe, run.last_loop, exam.keys()) != (recipe, recipe["epochs"], sat):
            raise ValueError("another training")
        runs.append(run)
    if [(run.machine, run.seed) for run in runs] != [(job[0], seed) for seed in job[1]]:
        raise ValueError("other trainings")
    return runs


_DECIDES = ("attention", "builders", "training", "variants", "_engines/fast")
"""The files whose code decides the numbers of a training, beside the fast ones of its engine."""


def cache_key(piles: Piles, engine: str, *, together: bool = False) -> str:
    """Return a name for what a training depends on, beside machine, seed and recipe.

    Parameters
    ----------
    piles, engine, together
        As in `train`.

    Returns
    -------
    str
        Another one for other words or labels, other versions of Keras, NumPy and the engine, or
        other code that decides numbers; comments and docstrings decide none.
    """
    decides = [*_DECIDES]
    if engine == "jax":
        decides += ["_engines/jax_cells"] + ["_engines/many_seeds"] * together
    return joblib.hash(
        [
            [version(package) for package in ("keras", "numpy", engine)],
            [_code(Path(__file__).parent / f"{name}.py") for name in decides],
            [(pile.words, pile.liked) for pile in (piles.study, piles.mock_exam)],
            piles.exam and piles.exam.words,
            len(piles.notepad_words),
        ],
        coerce_mmap=True,
    )


def _code(path: Path) -> str:
    """Return a file's code without comments and docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(getattr(node, "body", None), list):
            node.body = [line for line in node.body if not _only_says(line)]
    return ast.dump(tree)


def _only_says(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)


def _log_line(run: Run, *, kept: bool) -> str:
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
