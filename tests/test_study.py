import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time

import distributed
import joblib
import numpy as np
import pandas as pd
import pytest

from rahulml import study, training
from rahulml.reviews import Pile, Piles
from rahulml.runs import SealedExam

RECIPE = {"epochs": 3, "batch_size": 16}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    return tmp_path_factory.mktemp("log") / "log"


@pytest.fixture(scope="module")
def exam(piles):
    return SealedExam(piles.exam)


@pytest.fixture(scope="module")
def table(piles, store, log, exam):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAHULML_LOG", str(log))
        return study.compare(
            ["rnn", "lstm"], piles, seeds=2, n_jobs=2, store=store, exam=exam, **RECIPE
        )


def test_compare_has_a_row_for_each_machine_seed_and_loop(table):
    rows = list(table[["machine", "seed", "loop"]].itertuples(index=False, name=None))
    assert rows == list(itertools.product(["rnn", "lstm"], [0, 1], [1, 2, 3]))


def test_compare_trains_as_fit_does(table, piles):
    """One thread there, all of them here: sums in another order."""
    for machine, seed in (("rnn", 1), ("lstm", 0)):
        run = training.fit(machine, piles, seed=seed, progress=False, **RECIPE)
        rows = table[(table["machine"] == machine) & (table["seed"] == seed)].set_index("loop")
        for column in run.history:
            np.testing.assert_allclose(rows[column], run.history[column], atol=1e-5)
        assert set(rows["dials"]) == {run.dials}
        assert set(rows["engine"]) == {run.engine}
        assert rows["chosen"].idxmax() == run.chosen_loop
        assert rows["chosen"].sum() == 1
        for loop in (run.chosen_loop, 3):
            assert rows.loc[loop, "exam_score"] == run.score(piles.exam, loop=loop)
        others = rows.drop(index=[run.chosen_loop, 3], errors="ignore")
        assert others["exam_score"].isna().all()


def test_compare_opens_the_exam_once_for_each_machine(table, exam, piles, store):
    assert exam.openings == 4
    with pytest.raises(ValueError, match=r"^run: expected a machine that was not graded yet"):
        study.compare(["rnn"], piles, seeds=1, store=store, exam=exam, **RECIPE)


def test_result_does_not_depend_on_how_many_train_at_once(table, piles):
    alone = study.compare(["rnn", "lstm"], piles, seeds=2, n_jobs=1, **RECIPE)
    pd.testing.assert_frame_equal(
        alone.drop(columns="seconds"), table.drop(columns="seconds"), check_exact=True
    )
    assert not alone["seconds"].equals(table["seconds"])


def test_finished_trainings_are_kept_and_the_rest_is_trained(
    table, piles, store, tmp_path, monkeypatch
):
    """A training that was taken from the store comes with the seconds that it took then."""
    monkeypatch.setenv("RAHULML_LOG", str(tmp_path / "log"))
    more = study.compare(["lstm", "rnn"], piles, seeds=3, n_jobs=2, store=store, **RECIPE)
    lines = map(json.loads, (tmp_path / "log").read_text("utf-8").splitlines())
    kept = {(line["machine"], line["seed"]): line["kept"] for line in lines}
    assert kept == {job: job[1] < 2 for job in itertools.product(["lstm", "rnn"], [0, 1, 2])}
    before = table.set_index(["machine", "seed", "loop"])["seconds"]
    after = more.set_index(["machine", "seed", "loop"])["seconds"]
    pd.testing.assert_series_equal(after[before.index], before)
    assert set(more["seed"]) == {0, 1, 2}
    assert list(more["machine"].unique()) == ["lstm", "rnn"]


def test_defaults_written_out_ask_for_the_same_training(table, piles, store, tmp_path, monkeypatch):
    monkeypatch.setenv("RAHULML_LOG", str(tmp_path / "log"))
    written_out = RECIPE | {"learning_rate": 0.001, "clipnorm": None, "mask_padding": False}
    study.train(["rnn"], piles, seeds=1, store=str(store), **written_out)
    assert json.loads((tmp_path / "log").read_text("utf-8"))["kept"] is True


@pytest.mark.parametrize("change", ["recipe", "data"])
def test_training_from_other_data_or_by_another_recipe_is_another(table, piles, store, change):
    recipe, other = RECIPE, piles
    if change == "recipe":
        recipe = RECIPE | {"learning_rate": 0.002}
    else:
        fewer = Pile(piles.study.words[:-1], piles.study.liked[:-1])
        other = Piles(fewer, piles.mock_exam, piles.exam, piles.notepad_words, 0)
    again = study.compare(["rnn"], other, seeds=1, n_jobs=1, store=store, **recipe)
    assert again["study_loss"].iloc[0] != table["study_loss"].iloc[0]


def test_study_on_another_engine_says_so_and_learns_as_much(table, piles):
    other = study.compare(["rnn", "lstm"], piles, seeds=2, n_jobs=2, engine="jax", **RECIPE)
    assert other["engine"].str.contains(" on JAX ").all()
    assert table["engine"].str.contains(" on TensorFlow ").all()
    for last in (other, table):
        assert (last.loc[last["loop"] == 3, "mock_score"] > 0.6).all()


def test_worker_on_another_engine_leaves_tensorflow_out():
    """Its 400 MB would be taken for a leak, and the worker for one to be replaced."""
    script = """if True:
        import importlib.util, sys
        from rahulml._engines import workers
        workers.leave_tensorflow_out()
        from rahulml import builders
        builders.build("bilstm")
        print("tensorflow" in sys.modules, importlib.util.find_spec("tensorflow") is not None)
    """
    said = subprocess.check_output(
        [sys.executable, "-c", script], env=os.environ | {"KERAS_BACKEND": "jax"}, text=True
    )
    assert said == "False True\n"


def test_each_finished_training_leaves_a_line_in_the_log(table, log):
    lines = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    assert len(lines) == 4
    for line in lines:
        rows = table[(table["machine"] == line["machine"]) & (table["seed"] == line["seed"])]
        assert {line["seconds"]} == set(rows["seconds"])
        assert line["mock_score"] == rows["mock_score"].max()
        assert line["chosen_loop"] == rows.loc[rows["chosen"], "loop"].item()
        assert line["kept"] is False
    assert {(line["machine"], line["seed"]) for line in lines} == set(
        itertools.product(["rnn", "lstm"], [0, 1])
    )


def test_worker_that_runs_another_engine_is_refused(piles):
    with (
        joblib.parallel_config("threading"),  # workers of the caller's own: they run TensorFlow
        pytest.raises(RuntimeError, match=r"^engine: expected a worker .*start it with KERAS_BACK"),
    ):
        study.train(["rnn"], piles, seeds=1, engine="jax")


def test_study_on_a_cluster_survives_the_loss_of_a_worker(table, piles, tmp_path, monkeypatch):
    """A scheduler and two workers of Dask on loopback; one is killed after the first training."""
    log = tmp_path / "log"
    log.touch()
    monkeypatch.setenv("RAHULML_LOG", str(log))
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")

    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        victim, _ = client.run(os.getpid).values()

        def kill_in_the_middle():
            while not log.read_text("utf-8"):
                time.sleep(0.05)
            os.kill(victim, signal.SIGKILL)

        killer = threading.Thread(target=kill_in_the_middle)
        killer.start()
        with joblib.parallel_config("dask"):
            there = study.compare(["rnn", "lstm"], piles, seeds=2, **RECIPE)
        killer.join()
        assert victim not in client.run(os.getpid).values()

    pd.testing.assert_frame_equal(
        there.drop(columns="seconds"), table.drop(columns="seconds"), check_exact=True
    )


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"machines": ["rnn", "abacus"]}, r"^machines: expected some of 'rnn', .*got 'abacus'$"),
        ({"machines": ["rnn", "rnn"]}, r"^machines: expected some of .*, each once, got"),
        ({"machines": []}, r"^machines: expected some of .*, each once, got \[\]$"),
        ({"machines": "rnn"}, r"^machines: expected some of "),
        ({"seeds": 0}, r"^seeds: expected a whole number of at least 1, got 0$"),
        ({"seeds": [1, 1]}, r"^seeds: expected whole numbers of at least 0, each once"),
        ({"seeds": [-1]}, r"^seeds: expected whole numbers of at least 0, each once"),
        ({"n_jobs": 0}, r"^n_jobs: expected a whole number of at least 1, got 0$"),
        ({"engine": "abacus"}, r"^engine: expected 'tensorflow', 'jax' or 'torch', got 'abacus'$"),
        ({"epochs": 0}, r"^epochs: expected a whole number of at least 1, got 0$"),
    ],
)
def test_compare_refuses(piles, wrong, message):
    with pytest.raises(ValueError, match=message):
        study.compare(**({"machines": ["rnn"], "piles": piles} | wrong))


def test_training_that_fails_ends_the_study_with_its_error(piles):
    with pytest.raises(ValueError, match=r"^loss: expected a number, got NaN at grab 2"):
        study.train(["rnn"], piles, seeds=1, n_jobs=1, learning_rate=float("nan"))


@pytest.mark.parametrize("engine", ["tensorflow", "jax"])
def test_long_texts_and_wide_machines_train(engine):
    """256 units on 400 words; the sizes are part of what a training is kept under."""
    rng = np.random.default_rng(0)
    words = rng.integers(1, 50, (4, 400), dtype=np.int32)
    pile = Pile(words, np.array([0, 1, 0, 1], np.int32))
    piles = Piles(pile, pile, None, tuple(map(str, range(50))), duplicates=0)
    sizes = {"units": 256, "embedding": 64}
    [run] = study.train(["lstm"], piles, seeds=1, n_jobs=1, engine=engine, epochs=1, **sizes)
    assert run.turns == 1
    assert run.dials == 50 * 64 + 4 * 256 * (64 + 256 + 1) + 256 + 1
    assert run.recipe["units"] == run.settings["units"] == 256
    assert not np.array_equal(run.weights()[1], run.weights(0)[1])
