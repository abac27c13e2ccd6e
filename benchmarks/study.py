"""Time the book's study beside the post's listing, a step beside PyTorch, and how the cost grows.

``python benchmarks/study.py listing|step|changes|again|growth [ROUNDS]``. ``step`` wants PyTorch,
a requirement of its own: ``.venv/bin/pip install torch`` (measured with 2.13.0). ``changes`` times
a step with and without each thing that the book does to suit JAX; ``again``, a training with a
machine that is compiled beside one with a new machine.
"""

import dataclasses
import os
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from unittest import mock

import joblib
import numpy as np
from joblib.externals.loky import get_reusable_executor

MACHINES = ("rnn", "lstm", "bilstm", "gru", "transformer")
SEEDS, EPOCHS, BATCH, WIDTH = 5, 5, 64, 32


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
    print(f"median ratio of {rounds}: {statistics.median(ratios):.1f}")


def _listing(machine: str) -> None:
    """Train once with what Keras has, as the post's listing does, and print the seconds.

    Of the Transformer, the fourth machine that the post announces, it has no listing. It is put
    together here from Keras's layers.
    """
    import keras
    from keras import layers

    from rahulml import builders, reviews

    def read_at_once(notes):
        notes = notes * WIDTH**0.5 + builders.waves(100, WIDTH)
        notes = layers.LayerNormalization()(
            notes + layers.MultiHeadAttention(1, WIDTH)(notes, notes)
        )
        inner = layers.Dense(2 * WIDTH, activation="relu")(notes)
        notes = layers.LayerNormalization()(notes + layers.Dense(WIDTH)(inner))
        return layers.GlobalAveragePooling1D()(notes)

    piles = reviews.load()
    keras.utils.set_random_seed(0)
    floor_2 = read_at_once if machine == "transformer" else builders.FLOOR_2[machine](WIDTH)
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
        figures["Keras on JAX"].append(_in_a_process("_step_jax", KERAS_BACKEND="jax"))
        figures["torch.nn.LSTM"].append(_in_a_process("_step_torch", OMP_NUM_THREADS="1"))
    for name, seconds in figures.items():
        print(f"{name:<14} {1000 * statistics.median(seconds):5.2f} ms a step")
    pairs = zip(*figures.values(), strict=True)
    print(f"median ratio of {rounds} pairs: {statistics.median(a / b for a, b in pairs):.2f}")


GRABS = 200


def _grabs():
    from rahulml import reviews

    pile = reviews.load().study
    return pile.words[: BATCH * GRABS], pile.liked[: BATCH * GRABS]


def _step_jax() -> None:
    from rahulml import study, training
    from rahulml.builders import build

    words, liked = _grabs()
    study._take_one_thread()
    model = build("lstm")
    training._take_many_at_once(model)

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


CHANGES = {
    "16 grabs at once": ("training._take_many_at_once", lambda model: None, MACHINES),
    "less put aside": ("builders._put_less_aside", lambda cell: None, MACHINES[:4]),
    "ends with its state": (
        "builders._end_with_state",
        lambda inner_loop, *args, **how: inner_loop(*args, **how),
        MACHINES[:4],
    ),
    "splits": (
        "builders._step_gru",
        lambda cell, *args, **how: type(cell).call(cell, *args, **how),
        ("gru",),
    ),
}
"""What the book does to suit JAX: where, what stands for it without, and for which machines."""


def changes(rounds: int) -> None:
    """Time a step of each machine, in a worker of the study, with and without each change."""
    from rahulml import study

    calls = [
        joblib.delayed(_with_and_without)(change, machine, rounds)
        for change, (*_, machines) in CHANGES.items()
        for machine in machines
    ]
    for change, machine, ratio, apart in study._in_workers(calls, "jax", 1, None):
        print(f"{change:<20} {machine:<12} {ratio:.2f} of a step; dials apart by {apart:.0e}")


def _with_and_without(change: str, machine: str, rounds: int) -> tuple[str, str, float, float]:
    """Return the median ratio of `rounds` pairs, and how far apart the dials are at their end."""
    from rahulml import builders, study, training

    study._leave_tensorflow_out("jax")
    study._take_one_thread()
    words, liked = _grabs()
    where, nothing, _ = CHANGES[change]

    def build():
        model = builders.build(machine)
        training._take_many_at_once(model)
        return model

    models = [build()]
    with mock.patch(f"rahulml.{where}", nothing):
        models.append(build())
    pairs = []
    for _ in range(1 + rounds):  # the first pair compiles
        pair = []
        for model in models:
            started = time.perf_counter()
            model.fit(words, liked, batch_size=BATCH, shuffle=False, verbose=0)
            pair.append(time.perf_counter() - started)
        pairs.append(pair)
    ratio = statistics.median(with_it / without for with_it, without in pairs[1:])
    dials = zip(*(model.get_weights() for model in models), strict=True)
    apart = max(float(np.abs(one - other).max()) for one, other in dials)
    return change, machine, ratio, apart


def again(rounds: int) -> None:
    """Time 33 grabs and their exams, in a worker of the study, with a machine that is compiled."""
    from rahulml import study

    calls = [joblib.delayed(_new_and_again)(machine, rounds) for machine in MACHINES]
    for machine, new, compiled in study._in_workers(calls, "jax", 1, None):
        print(f"{machine:<12} new {new:.2f} s, compiled before {compiled:.2f} s")


def _new_and_again(machine: str, rounds: int) -> tuple[str, float, float]:
    """Return the median seconds of each, seed by seed in turns; the first of both also compile."""
    from rahulml import reviews, study, training

    study._leave_tensorflow_out("jax")
    study._take_one_thread()
    every = reviews.load()
    few = {
        name: reviews.Pile(pile.words[:size], pile.liked[:size])
        for name, pile, size in (
            ("study", every.study, 32 * BATCH + 19),  # a last grab of another size, as in the study
            ("mock_exam", every.mock_exam, 256),
            ("exam", every.exam, 256),
        )
    }
    piles = dataclasses.replace(every, **few)
    recipe = study.RECIPE | {"epochs": 1}
    seconds = []
    for seed in range(1 + rounds):
        pair = []
        for fit in (partial(training.fit, progress=False), training._fit_again):
            started = time.perf_counter()
            with study._memory_given_back():
                fit(machine, piles, seed=seed, **recipe)
            pair.append(time.perf_counter() - started)
        seconds.append(pair)
    new, compiled = (statistics.median(one) for one in zip(*seconds[1:], strict=True))
    return machine, new, compiled


def growth(rounds: int) -> None:
    """Time one loop of the LSTM by reviews and by words."""
    for reviews_to_study, words in ((5_000, 100), (10_000, 100), (20_000, 100)):
        _print_growth(rounds, reviews_to_study, words)
    for words in (50, 200):
        _print_growth(rounds, 10_000, words)


def _print_growth(rounds: int, reviews_to_study: int, words: int) -> None:
    seconds = [
        _in_a_process("_train", str(reviews_to_study), str(words), KERAS_BACKEND="jax")
        for _ in range(rounds)
    ]
    print(f"{reviews_to_study:6,} reviews of {words:3} words: {statistics.median(seconds):5.1f} s")


def _train(reviews_to_study: str, words: str) -> None:
    """Train one LSTM for two loops; the second one is timed, for the first also compiles."""
    from rahulml import reviews, study
    from rahulml.builders import build

    piles = reviews.load(max_words=int(words))
    every = [(pile.words, pile.liked) for pile in (piles.study, piles.mock_exam, piles.exam)]
    inputs, liked = (
        np.concatenate(parts)[: int(reviews_to_study)] for parts in zip(*every, strict=True)
    )
    study._take_one_thread()
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
    else:
        ways = (listing, step, changes, again, growth)
        {way.__name__: way for way in ways}[what](int(rest[0]) if rest else 1)
