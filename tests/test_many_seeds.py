"""Many seeds as one batch: what each would have come to alone.

It needs Keras on JAX, and so a process of its own: run as a script, it trains and saves.
"""

import dataclasses
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from unittest import mock

import joblib
import numpy as np
import pytest

from rahulml import builders, study, training
from rahulml.builders import build
from rahulml.reviews import Pile

RECIPE = {"epochs": 2, "batch_size": 48, "learning_rate": 0.01, "clipnorm": 1.0}
MACHINES = ("lstm", "bilstm", "transformer")
WALKERS = (
    ("lstm", False),
    ("lstm", True),
    ("bilstm", False),
    ("gru", False),
    ("gru", True),
    ("no-keep", False),
)
SEEDS = (3, 0)


@pytest.fixture(scope="module")
def both(piles, tmp_path_factory):
    """Each machine's trainings, alone and together; 400 reviews are not whole grabs of 48."""
    folder = tmp_path_factory.mktemp("together")
    joblib.dump(piles, folder / "piles")
    environment = os.environ | {
        "KERAS_BACKEND": "jax",
        "JAX_COMPILATION_CACHE_DIR": str(folder),  # the seeds alone are one program, too
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    }
    subprocess.run([sys.executable, __file__, folder], env=environment, check=True)
    return joblib.load(folder / "runs")


@pytest.mark.parametrize("machine", MACHINES)
def test_seeds_together_come_to_what_each_comes_to_alone(both, machine):
    for alone, ours in zip(*both[machine], strict=True):
        assert (ours.machine, ours.seed) == (alone.machine, alone.seed)
        assert (ours.turns, ours.dials) == (alone.turns, alone.dials)
        assert ours.engine == alone.engine
        np.testing.assert_allclose(ours.history, alone.history, atol=1e-4)
        for loop in range(3):
            for paper, expected in zip(ours.weights(loop), alone.weights(loop), strict=True):
                np.testing.assert_allclose(paper, expected, atol=1e-3)
        assert ours.exam_guesses.keys() == alone.exam_guesses.keys()
        for loop, guesses in alone.exam_guesses.items():
            np.testing.assert_allclose(ours.exam_guesses[loop], guesses, atol=1e-4)


def test_padding_is_passed_over_together_too(both):
    (alone,), (ours,) = both["masked"]
    np.testing.assert_allclose(ours.history, alone.history, atol=1e-4)


@pytest.mark.parametrize(("machine", "mask_padding"), WALKERS)
def test_walking_on_jax_puts_less_aside_and_computes_the_same(both, machine, mask_padding):
    ours, keras_alone = both["gradient", machine, mask_padding]
    assert ours["bytes"] < 0.75 * keras_alone["bytes"]
    for gradient, expected in zip(ours["gradients"], keras_alone["gradients"], strict=True):
        np.testing.assert_allclose(gradient, expected, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"seeds": []}, r"^seeds: expected at least one, got none$"),
        ({"seeds": [-1]}, r"^seed: expected a whole number of at least 0, got -1$"),
        (
            {"seeds": SEEDS, "dropout": 0.5},
            r"^dropout: expected 0 where seeds are trained together, got 0.5$",
        ),
        (
            {"seeds": SEEDS, "learning_rate": np.nan},
            r"^loss: expected a number, got NaN at grab 2 of seed 3, counted",
        ),
    ],
)
def test_together_refuses(both, wrong, message):
    assert re.search(message, both[str(wrong)])


def test_together_refuses_an_engine_that_cannot(piles):
    from rahulml._engines import many_seeds

    with pytest.raises(RuntimeError, match=r"^engine: expected Keras on jax, got tensorflow;"):
        many_seeds.fit("rnn", piles, seeds=[0])


def test_study_trains_together_and_keeps(piles, both, tmp_path, monkeypatch):
    call = {"seeds": SEEDS, "engine": "jax", "together": True, "store": tmp_path, **RECIPE}
    lines = []
    for turn in ("first", "second"):
        log = tmp_path / turn
        monkeypatch.setenv("RAHULML_LOG", str(log))
        runs = study.train(["lstm"], piles, **call)
        lines.append([json.loads(line) for line in log.read_text("utf-8").splitlines()])
        for run, (_, expected) in zip(runs, zip(*both["lstm"], strict=True), strict=True):
            np.testing.assert_allclose(run.history, expected.history, atol=1e-4)
    assert [[line["kept"] for line in part] for part in lines] == [[False] * 2, [True] * 2]
    assert [line["seed"] for line in lines[1]] == list(SEEDS)


def gradient(machine, mask_padding, *, as_keras_has_it):
    """Return the gradient of a grab's guesses from random dials, and the memory that it took."""
    import jax

    fast = {} if as_keras_has_it else builders.fast_layers()
    with mock.patch.object(builders, "fast_layers", return_value=fast):
        model = build(machine, vocabulary=50, max_words=100, mask_padding=mask_padding)
    rng = np.random.default_rng(0)
    dials = [rng.normal(scale=0.2, size=paper.shape) for paper in model.get_weights()]
    model.set_weights(dials)
    words = rng.integers(50, size=(64, 100), dtype=np.int32)
    words[:32, -5:] = 0

    def guesses(dials):
        return model.stateless_call(dials, others, words)[0].sum()

    dials, others = (
        [paper.value for paper in papers]
        for papers in (model.trainable_variables, model.non_trainable_variables)
    )
    compiled = jax.jit(jax.grad(guesses)).lower(dials).compile()
    gradients = [np.asarray(paper) for paper in compiled(dials)]
    return {"gradients": gradients, "bytes": compiled.memory_analysis().temp_size_in_bytes}


def main(folder):
    from rahulml._engines import many_seeds

    piles = joblib.load(folder / "piles")
    quiet = {"progress": False}
    found = {
        machine: (
            [training.fit(machine, piles, seed=seed, **RECIPE, **quiet) for seed in SEEDS],
            many_seeds.fit(machine, piles, seeds=SEEDS, **RECIPE, **quiet),
        )
        for machine in MACHINES
    }
    short = piles.study.words.copy()
    short[:, :3] = 0
    short = dataclasses.replace(piles, study=Pile(short, piles.study.liked))
    masked = {"mask_padding": True, "epochs": 1, **quiet}
    found["masked"] = (
        [training.fit("lstm", short, seed=3, **masked)],
        many_seeds.fit("lstm", short, seeds=[3], **masked),
    )
    for walker in WALKERS:
        found["gradient", *walker] = [gradient(*walker, as_keras_has_it=plain) for plain in (0, 1)]
    for wrong in (
        {"seeds": []},
        {"seeds": [-1]},
        {"seeds": SEEDS, "dropout": 0.5},
        {"seeds": SEEDS, "learning_rate": np.nan},
    ):
        with pytest.raises(ValueError, match="expected") as error:
            many_seeds.fit("rnn", piles, **wrong, **quiet)
        found[str(wrong)] = str(error.value)
    joblib.dump(found, folder / "runs")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
