"""Time the book's study beside the post's listing, a step beside PyTorch, and each speed measure.

``python benchmarks/study.py listing|step|growth [ROUNDS]``, and
``python benchmarks/study.py steps|whole MEASURE [ROUNDS]`` for a measure of `WITHOUT`, with it and
without it in turns. ``step`` wants PyTorch, a requirement of its own:
``.venv/bin/pip install torch`` (measured with 2.13.0).
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest import mock

import joblib
import numpy as np
from history import keep
from joblib.externals.loky import get_reusable_executor

from rahulml._engines import workers

MACHINES = ("rnn", "lstm", "bilstm", "gru", "transformer")
SEEDS, EPOCHS, BATCH, WIDTH = 5, 5, 64, 32
ON_JAX = {"KERAS_BACKEND": "jax", **workers.ONE_THREAD}


def arithmetic(machine: str, words: int = 100) -> float:
    """Return the floating-point operations of one dial-turn: a product forward, two backward."""
    paper = WIDTH * WIDTH
    per_word = {"rnn": 2, "lstm": 8, "bilstm": 16, "gru": 6, "transformer": 8}[machine] * paper
    if machine == "transformer":
        per_word += 2 * words * WIDTH  # want by have, and weights by give
    return 3 * 2 * BATCH * words * per_word


def listing(rounds: int) -> None:
    """Time the post's listing, one training after another, beside the whole study from cold."""
    from rahulml import reviews, study

    piles = reviews.load()
    ratios = []
    for _ in range(rounds):
        alone = {machine: _in_a_process("_listing", machine) for machine in MACHINES}
        get_reusable_executor().shutdown()  # else the workers of the round before would be warm
        with tempfile.TemporaryDirectory() as store:
            started = time.perf_counter()
            runs = study.train(MACHINES, piles, seeds=SEEDS, engine="jax", store=store)
            whole = time.perf_counter() - started
        turns = runs[0].turns
        for machine in MACHINES:
            seconds = [run.seconds for run in runs if run.machine == machine]
            rate = arithmetic(machine) * turns / statistics.median(seconds) / 1e9
            print(
                f"{machine:<12} listing {alone[machine]:6.1f} s; in the study "
                f"{min(seconds):5.1f} to {max(seconds):5.1f} s on one thread, {rate:4.0f} GFLOP/s"
            )
        listed = SEEDS * sum(alone.values())
        tera = sum(map(arithmetic, MACHINES)) * turns * SEEDS / 1e12
        ratios.append(listed / whole)
        print(
            f"study {whole:.0f} s ({tera:.1f} TFLOP, {1000 * tera / whole:.0f} GFLOP/s); "
            f"{SEEDS} listings of each: {listed:.0f} s; ratio {ratios[-1]:.1f}",
            flush=True,
        )
    keep("five listings of each machine, of the study", ratios, "ratio")


def _listing(machine: str) -> None:
    """Train once with what Keras has, as the post's listing does, and print the seconds.

    Of the Transformer, the fourth machine that the post announces, it has no listing. It is put
    together here from Keras's layers.
    """
    import keras
    from keras import layers

    from rahulml import builders, reviews
    from rahulml.attention import positions

    def read_at_once(notes):
        notes = notes * WIDTH**0.5 + positions(100, WIDTH)
        notes = layers.LayerNormalization()(
            notes + layers.MultiHeadAttention(1, WIDTH)(notes, notes)
        )
        inner = layers.Dense(2 * WIDTH, activation="relu")(notes)
        notes = layers.LayerNormalization()(notes + layers.Dense(WIDTH)(inner))
        return layers.GlobalAveragePooling1D()(notes)

    piles = reviews.load()
    keras.utils.set_random_seed(0)
    floor_2 = read_at_once if machine == "transformer" else builders.LAYERS[machine](WIDTH)
    words = layers.Input((100,))
    guess = layers.Dense(1, activation="sigmoid")(floor_2(layers.Embedding(10_000, WIDTH)(words)))
    model = keras.Model(words, guess)
    assert model.count_params() == builders.build(machine).count_params()
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    started = time.perf_counter()
    model.fit(
        piles.study.words,
        piles.study.liked,
        epochs=EPOCHS,
        batch_size=BATCH,
        validation_data=(piles.exam.words, piles.exam.liked),
        verbose=0,
    )
    print(time.perf_counter() - started)


def step(rounds: int) -> None:
    """Time one LSTM step as the study takes it beside a loop of torch.nn.LSTM, one thread each."""
    figures = {"Keras on JAX": [], "torch.nn.LSTM": []}
    for _ in range(rounds):
        figures["Keras on JAX"].append(_in_a_process("_step_jax", **ON_JAX))
        figures["torch.nn.LSTM"].append(_in_a_process("_step_torch", OMP_NUM_THREADS="1"))
    for name, seconds in figures.items():
        keep(f"an LSTM's step, {name}", [1000 * value for value in seconds], "ms")
    pairs = zip(*figures.values(), strict=True)
    keep("an LSTM's step, of PyTorch's", [ours / theirs for ours, theirs in pairs], "ratio")


GRABS = 200


def _grabs():
    from rahulml import reviews

    pile = reviews.load().study
    return pile.words[: BATCH * GRABS], pile.liked[: BATCH * GRABS]


def _step_jax() -> None:
    from rahulml.builders import build

    words, liked = _grabs()
    model = build("lstm")

    def fit(n):
        model.fit(words[:n], liked[:n], batch_size=BATCH, shuffle=False, verbose=0)

    fit(2 * BATCH)
    started = time.perf_counter()
    fit(len(words))
    print((time.perf_counter() - started) / GRABS)


def _step_torch() -> None:
    import torch
    from torch_loops import make_loop

    torch.set_num_threads(1)
    words, liked = _grabs()
    sizes = {"vocabulary": 10_000, "width": WIDTH, "batch_size": BATCH}
    make_loop(words[: 2 * BATCH], liked[: 2 * BATCH], **sizes)()  # PyTorch warms up, too
    loop = make_loop(words, liked, **sizes)
    started = time.perf_counter()
    loop()
    print((time.perf_counter() - started) / GRABS)


def _without_fast_layers() -> None:
    from rahulml import builders

    builders.fast_layers = dict


def _without(owner: str, method: str) -> None:
    from rahulml._engines import jax_cells

    delattr(getattr(jax_cells, owner), method)


WITHOUT: dict[str, Callable[[], None]] = {
    "fast-layers": _without_fast_layers,
    "remade-sums": lambda: _without("Remade", "call"),
    "split-gru": lambda: _without("SplitGRUCell", "call"),
}
"""What takes a measure out of a process in which nothing was built yet."""

SETTINGS = {
    "one-thread": list(workers.ONE_THREAD),
    "kept-programs": ["JAX_COMPILATION_CACHE_DIR"],
}
"""Measures that are settings of a process, by the names of these."""

WALKERS = MACHINES[:4]
TOUCHED = {"split-gru": ["gru"]}
"""The machines that a measure touches, where that is not all that walk."""


def steps(measure: str, rounds: int = 7) -> None:
    """Time a step of each machine it touches, in a process of the study, with and without."""
    for machine in TOUCHED.get(measure, WALKERS):
        call = joblib.delayed(_pairs_of_steps)(measure, machine, rounds)
        [(ratios, apart)] = workers.run_all([call], "jax", n_jobs=1)
        get_reusable_executor().shutdown()  # what took the measure out must not meet the next
        keep(f"a step of the {machine} with {measure}, of one without", ratios, "ratio")
        print(f"    dials apart by {apart:.0e}", flush=True)


def _pairs_of_steps(measure: str, machine: str, rounds: int) -> tuple[list[float], float]:
    """Return the ratios of pairs, and how far apart the dials are at their end."""
    from rahulml.builders import build

    words, liked = _grabs()
    with_it = build(machine)
    without = None
    ratios = []
    for _ in range(1 + rounds):  # the first pair compiles
        seconds = [_seconds_of_fit(with_it, words, liked)]
        if without is None:
            WITHOUT[measure]()
            without = build(machine)
        seconds.append(_seconds_of_fit(without, words, liked))
        ratios.append(seconds[0] / seconds[1])
    dials = zip(with_it.get_weights(), without.get_weights(), strict=True)
    apart = max(float(np.abs(one - other).max()) for one, other in dials)
    return ratios[1:], apart


def _seconds_of_fit(model, words, liked) -> float:
    started = time.perf_counter()
    model.fit(words, liked, batch_size=BATCH, shuffle=False, verbose=0)
    return time.perf_counter() - started


def whole(measure: str, rounds: int = 3) -> None:
    """Time a study from cold, two seeds of each machine and two loops, with a measure and without.

    It is a small one, so that what a process costs once weighs more than in the book's.
    """
    from rahulml import reviews

    piles = reviews.load()
    ratios = []
    for _ in range(rounds):
        with_it = _study(piles)
        with _in_no_worker(measure):
            without = _study(piles)
        ratios.append(with_it / without)
        print(f"with {measure} {with_it:.0f} s, without {without:.0f} s", flush=True)
    keep(f"a small study with {measure}, of one without", ratios, "ratio")


def _study(piles) -> float:
    from rahulml import study

    get_reusable_executor().shutdown()  # else the processes of the study before would be warm
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as store:
        study.train(MACHINES, piles, seeds=2, epochs=2, engine="jax", store=store)
    return time.perf_counter() - started


@contextmanager
def _in_no_worker(measure: str) -> Iterator[None]:
    def begin_without(settings, parent):
        gone = SETTINGS.get(measure, [])
        settings = {name: value for name, value in settings.items() if name not in gone}
        if measure == "tensorflow-left-out":
            os.environ.update(settings)
        else:
            workers.prepare(settings)
        WITHOUT.get(measure, lambda: None)()

    with mock.patch.object(workers, "_begin", begin_without):
        yield


def growth(rounds: int) -> None:
    """Time one loop of the LSTM by reviews and by words."""
    for reviews_to_study, words in ((5_000, 100), (10_000, 100), (20_000, 100)):
        _print_growth(rounds, reviews_to_study, words)
    for words in (50, 200):
        _print_growth(rounds, 10_000, words)


def _print_growth(rounds: int, reviews_to_study: int, words: int) -> None:
    seconds = [
        _in_a_process("_train", str(reviews_to_study), str(words), **ON_JAX) for _ in range(rounds)
    ]
    keep(f"a loop of the LSTM, {reviews_to_study:,} reviews of {words} words", seconds, "s")


def _train(reviews_to_study: str, words: str) -> None:
    """Train one LSTM for two loops; the second one is timed, for the first also compiles."""
    from rahulml import reviews
    from rahulml.builders import build

    piles = reviews.load(max_words=int(words))
    every = [(pile.words, pile.liked) for pile in (piles.study, piles.mock_exam, piles.exam)]
    inputs, liked = (
        np.concatenate(parts)[: int(reviews_to_study)] for parts in zip(*every, strict=True)
    )
    model = build("lstm", max_words=int(words))
    model.fit(inputs, liked, batch_size=BATCH, verbose=0)
    started = time.perf_counter()
    model.fit(inputs, liked, batch_size=BATCH, verbose=0)
    print(time.perf_counter() - started)


def _in_a_process(action: str, *arguments: str, **environment: str) -> float:
    """Run one function of this file in a fresh process and return the seconds that it prints."""
    command = [sys.executable, __file__, action, *arguments]
    with tempfile.TemporaryDirectory() as elsewhere:
        done = subprocess.run(
            command,
            env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"} | environment,
            cwd=elsewhere,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            check=True,
        )
    return float(done.stdout.split()[-1])


if __name__ == "__main__":
    what, *rest = sys.argv[1:] or ["listing"]
    if what.startswith("_"):
        globals()[what](*rest)
    elif what in ("steps", "whole"):
        measure, *rounds = rest
        {"steps": steps, "whole": whole}[what](measure, *map(int, rounds))
    else:
        ways = (listing, step, growth)
        {way.__name__: way for way in ways}[what](int(rest[0]) if rest else 1)
