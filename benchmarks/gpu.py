"""Time the study on a GPU beside loops written by hand in PyTorch: a step, the whole, many seeds.

``python benchmarks/gpu.py [step] [seeds] [whole]``; without a word, all three. It
wants PyTorch and JAX with CUDA, requirements of its own.
"""

import os
import statistics
import sys
import tempfile
import time
from unittest import mock

from study import BATCH, EPOCHS, MACHINES, SEEDS, WIDTH


def step(rounds: int = 7) -> None:
    """Time an LSTM's dial-turn: Keras on JAX as it trains one, and the same loop in PyTorch."""
    import torch
    from torch_loops import make_loop

    from rahulml import builders, reviews

    study = reviews.load().study
    turns = len(study) // BATCH
    words, liked = study.words[: turns * BATCH], study.liked[: turns * BATCH]
    models = {"Keras on JAX": builders.build("lstm")}
    with mock.patch.object(builders, "fast_layers", return_value={}):
        models["Keras on JAX, cuDNN"] = builders.build("lstm")
    actions = {
        name: lambda model=model: model.fit(words, liked, batch_size=BATCH, verbose=0)
        for name, model in models.items()
    }
    loop = make_loop(words, liked, vocabulary=10_000, width=WIDTH, batch_size=BATCH, device="cuda")
    actions["torch.nn.LSTM, cuDNN"] = lambda: (loop(), torch.cuda.synchronize())
    times = {name: [] for name in actions}
    for turn in range(rounds + 1):
        for name, action in actions.items():
            started = time.perf_counter()
            action()
            if turn:  # the first one compiles
                times[name].append((time.perf_counter() - started) / turns)
    *_, torchs = times.values()
    for name, seconds in times.items():
        ratio = statistics.median(a / b for a, b in zip(seconds, torchs, strict=True))
        say(f"step, {name:<20} {1000 * statistics.median(seconds):5.2f} ms; ratio {ratio:.2f}")


def seeds(rounds: int = 3) -> None:
    """Time whole trainings of the LSTM alone, and many seeds of it as one batch."""
    import jax
    import numpy as np

    from rahulml import reviews, training
    from rahulml._engines import many_seeds

    piles = reviews.load()
    quiet = {"epochs": EPOCHS, "progress": False}
    alone = []
    for turn in range(rounds + 1):
        run = training.fit("lstm", piles, **quiet)
        alone += [run.seconds] * bool(turn)
    say(f"seeds, one alone: {statistics.median(alone):.1f} s")
    for many in (1, 8, 32, 128):
        each = []
        for _ in range(2):  # the first one compiles
            runs = many_seeds.fit("lstm", piles, seeds=range(many), **quiet)
            each += [runs[0].seconds]
        apart = np.abs(runs[0].history - run.history).to_numpy().max()
        peak = jax.local_devices()[0].memory_stats()["peak_bytes_in_use"] / 2**30
        say(
            f"seeds, {many} together: {many * each[0]:.1f} s with compiling, then "
            f"{many * each[1]:.1f} s, {each[1]:.2f} s each, ratio "
            f"{statistics.median(alone) / each[1]:.1f}; seed 0 apart from alone by {apart:.4f}; "
            f"mock exam {np.mean([r.history['mock_score'].max() for r in runs]):.4f}; "
            f"{peak:.1f} GiB"
        )


def whole() -> None:
    """Time the whole study, five machines from five seeds, from a cold start."""
    from rahulml import reviews, study

    piles = reviews.load()
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as store:
        runs = study.train(MACHINES, piles, seeds=SEEDS, engine="jax", together=True, store=store)
    seconds = time.perf_counter() - started
    say(f"whole, the seeds of a machine together: {seconds:.1f} s, {runs[0].engine}")
    for machine in MACHINES:
        scores = [run.history["mock_score"].max() for run in runs if run.machine == machine]
        each = [run.seconds for run in runs if run.machine == machine]
        say(
            f"  {machine}: mock exam {statistics.mean(scores):.4f}, {statistics.mean(each):.2f} s "
            f"each"
        )
    _torch()


def _torch(seeds: int = SEEDS) -> None:
    import torch
    from torch_loops import make_loop, share_right

    from rahulml import reviews

    piles = reviews.load()
    sizes = {"vocabulary": 10_000, "width": WIDTH, "batch_size": BATCH, "device": "cuda"}
    total = time.perf_counter()
    for machine in MACHINES:
        started, best = time.perf_counter(), []
        for seed in range(seeds):
            torch.manual_seed(seed)
            loop = make_loop(piles.study.words, piles.study.liked, machine=machine, **sizes)
            pile = piles.mock_exam
            best += [max(share_right(loop(), pile.words, pile.liked) for _ in range(EPOCHS))]
        each = (time.perf_counter() - started) / seeds
        say(f"  torch {machine}: mock exam {statistics.mean(best):.4f}, {each:.2f} s each")
    say(f"whole, in PyTorch one after another: {time.perf_counter() - total:.1f} s")


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as compiled:
        os.environ |= {
            "KERAS_BACKEND": "jax",
            "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
            "JAX_COMPILATION_CACHE_DIR": compiled,
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        }
        for what in sys.argv[1:] or ["step", "seeds", "whole"]:
            globals()[what]()
