"""What goes wrong with a study for real, and how it ends then: killed, cut off, full, interrupted.

Run as a script it is such a study; its trainings are made up unless it is told to make real ones.
"""

import contextlib
import io
import itertools
import json
import os
import pickle
import random
import shutil
import signal
import subprocess
import sys
import time
import warnings
import zipfile
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import psutil
import pytest

from rahulml._engines import archives, workers

MACHINES, SEEDS, EPOCHS = ["rnn", "mean"], 2, 2
JOBS = sorted(itertools.product(MACHINES, range(SEEDS)))
MOMENTS = 20
LARGE = 30_000  # dials, so that writing them takes a while


def made_up(machine, piles, *, seed, progress, **recipe):
    """Return at once what a training may come to: as large as one, and the same each time."""
    from rahulml.runs import Loop, Run

    rng = np.random.default_rng([len(machine), seed])
    names = ("study_loss", "study_score", "mock_loss", "mock_score")

    def guesses(pile):
        return rng.random(len(pile), np.float32)

    loops = [
        Loop(dict(zip(names, rng.random(4), strict=True)), [rng.random(LARGE)], guesses(pile))
        for pile in [piles.mock_exam] * recipe["epochs"]
    ]
    first = [rng.random(LARGE)]
    run = Run.of(machine, seed, "none", 9, rng.random(), first, loops, {"units": 3}, recipe, piles)
    run.exam_guesses.update({one: guesses(piles.exam) for one in {run.chosen_loop, run.last_loop}})
    return run


def small_piles():
    from rahulml.reviews import Pile, Piles

    rng = np.random.default_rng(0)
    words = rng.integers(2, 30, (3, 48, 6), dtype=np.int32)
    piles = [Pile(one, (one[:, -1] < 16).astype(np.int32)) for one in words]
    return Piles(*piles, tuple(map(str, range(30))), duplicates=0)


def compare(store, engine, **how):
    from rahulml import study

    how = {"seeds": SEEDS, "epochs": EPOCHS, "batch_size": 16, "progress": False} | how
    return study.compare(MACHINES, small_piles(), store=store, engine=engine, **how)


def training_of_a_study():
    """Return the module whose `fit` a study calls; the study has read the recipe off that one."""
    from rahulml import study

    return study.training


@pytest.fixture(scope="module")
def study_here():
    """Return a study in this process, with trainings that are made up; it lists what it trains."""
    import keras

    training = training_of_a_study()
    trained = []

    def fit(machine, piles, *, seed, **how):
        trained.append((machine, seed))
        return made_up(machine, piles, seed=seed, **how)

    def study(store, **how):
        trained.clear()
        with joblib.parallel_config("threading"):
            table = compare(store, keras.backend.backend(), **how)
        return table, sorted(trained)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "fit", fit)
        yield study


def logged(path):
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return [json.loads(line) for line in lines]


# --- killed ---


def test_study_killed_at_random_moments_comes_to_the_same(tmp_path):
    """No training is made again once it was kept, and each stands in the table once."""
    said = subprocess.check_output([sys.executable, __file__, "killed", tmp_path], text=True)
    killed = json.loads(said)
    assert killed["deaths"] == MOMENTS
    assert killed["interrupted"] == killed["whole"]
    trained = [(line["machine"], line["seed"]) for line in logged(tmp_path / "log")]
    fresh = [
        job for job, line in zip(trained, logged(tmp_path / "log"), strict=True) if not line["kept"]
    ]
    assert len(set(fresh)) == len(fresh)


def kill_at_random(folder):
    """Fork studies that are killed, then one that is not, and one in another store."""
    training_of_a_study().fit = made_up

    def study(store):
        with joblib.parallel_config("threading"):
            return compare(store, "jax", seeds=4).to_json(double_precision=15)

    started = time.perf_counter()
    whole = study(folder / "whole")
    took = time.perf_counter() - started
    os.environ["RAHULML_LOG"] = str(folder / "log")
    deaths, moments = 0, random.Random(0)
    while deaths < MOMENTS:
        child = os.fork()
        if not child:
            study(folder / "store")
            os._exit(0)
        time.sleep(moments.uniform(0, took / 4))
        os.kill(child, signal.SIGKILL)
        deaths += os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    print(json.dumps({"deaths": deaths, "whole": whole, "interrupted": study(folder / "store")}))


# --- a store that is not as it was written ---


def half(data):
    return data[: len(data) // 2]


def turned(data):
    """Return it with one bit turned, in the middle of the numbers."""
    at = len(data) // 2
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


class Opened:
    """What a pickle may do: run a command when it is opened."""

    def __reduce__(self):
        return os.mkdir, ("opened-by-a-pickle",)


def npy_of_a_pickle(data):
    file = io.BytesIO()
    np.save(file, np.array([Opened()], object), allow_pickle=True)
    return forged(data, **{"0.npy": file.getvalue()})


def members_of(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(members, packed=zipfile.ZIP_STORED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packed) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def forged(data, packed=zipfile.ZIP_STORED, **other):
    """Return the file with other members, and sums that fit."""
    members = {**members_of(data), **other}
    del members["SHA256SUMS"]
    return zipped(members | {"SHA256SUMS": archives.sums(members)}, packed)


def retold(change):
    """Return what changes the JSON of a file, and its sums."""

    def retell(data):
        tree = json.loads(members_of(data)["tree.json"])
        change(tree)
        return forged(data, **{"tree.json": json.dumps(tree).encode()})

    return retell


def large_npy(data):
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (10**15,)}"
    header = header.replace(b"10**15", b"1000000000000000").ljust(117) + b"\n"
    return forged(data, **{"0.npy": b"\x93NUMPY\x01\x00" + bytes([len(header), 0]) + header})


NOT_AS_WRITTEN = {
    "empty": lambda data: b"",
    "cut off": half,
    "cut by a byte": lambda data: data[:-1],
    "a bit turned": turned,
    "a pickle": lambda data: pickle.dumps(Opened()),
    "an array of a pickle": npy_of_a_pickle,
    "a large array claimed": large_npy,
    "no sums": lambda data: zipped(
        {name: one for name, one in members_of(data).items() if name != "SHA256SUMS"}
    ),
    "packed": lambda data: forged(data, zipfile.ZIP_DEFLATED),
    "no JSON": lambda data: forged(data, **{"tree.json": b"__import__('os')"}),
    "deep JSON": lambda data: forged(data, **{"tree.json": b"[" * 10**5}),
    "a list of nothing": lambda data: forged(data, **{"tree.json": b"[]"}),
    "another seed": retold(lambda tree: tree[0].update(seed=7)),
    "another recipe": retold(lambda tree: tree[0]["recipe"].update(units=7)),
    "a loop less": retold(lambda tree: tree[0]["loops"].pop()),
    "no guesses": retold(lambda tree: tree[0].update(exam_guesses=[])),
    "a name more": retold(lambda tree: tree[0].update(virus=1)),
    "an array that is none": retold(lambda tree: tree[0].update(first_weights=[{"npy": "9.npy"}])),
    "dials of text": retold(lambda tree: tree[0].update(first_weights=["a"])),
}


@pytest.fixture(scope="module")
def finished(tmp_path_factory, study_here):
    """Return a store with trainings, and their table."""
    store = tmp_path_factory.mktemp("finished")
    table, trained = study_here(store)
    assert trained == JOBS
    return store, table


@pytest.fixture
def kept(tmp_path, finished):
    """Return a copy of that store, the table, and the first training's file."""
    store, table = finished
    files = sorted(Path(shutil.copytree(store, tmp_path / "store"), "runs").iterdir())
    assert [file.name.partition("-")[0] for file in files] == sorted(MACHINES * SEEDS)
    return tmp_path / "store", table, files[0]


def test_kept_trainings_come_back_to_the_last_bit(kept, study_here):
    store, table, file = kept
    again, trained = study_here(store)
    assert trained == []
    pd.testing.assert_frame_equal(again, table, check_exact=True)
    with np.load(file, allow_pickle=False) as arrays:
        assert arrays["0"].shape == (LARGE,)


@pytest.mark.parametrize("name", NOT_AS_WRITTEN)
def test_training_that_is_not_as_it_was_written_is_made_again(
    kept, study_here, name, tmp_path, monkeypatch
):
    store, table, file = kept
    monkeypatch.chdir(tmp_path)  # where a pickle that is opened would make its folder
    written = file.read_bytes()
    file.write_bytes(NOT_AS_WRITTEN[name](written))
    assert file.read_bytes() != written
    with pytest.warns(UserWarning, match=rf"{file.name}: not as it was written, so computed again"):
        again, trained = study_here(store)
    assert len(trained) == 1
    pd.testing.assert_frame_equal(again, table, check_exact=True)
    assert file.read_bytes() == written
    assert not (tmp_path / "opened-by-a-pickle").exists()


def test_no_cut_and_no_turned_bit_goes_through(tmp_path):
    file = tmp_path / "kept.npz"
    data = {"numbers": np.arange(9.0), "text": "a", "of": [1, None, np.float32(0.5)]}
    archives.put(file, data)
    written = file.read_bytes()
    found = archives.get(file, dict)
    np.testing.assert_array_equal(found.pop("numbers"), data["numbers"])
    assert found == {"text": "a", "of": [1, None, 0.5]}
    draw = random.Random(0)
    places = [(draw.randrange(len(written)), 1 << draw.randrange(8)) for _ in range(300)]
    for at, bit in places:
        for other in (written[:at], written[:at] + bytes([written[at] ^ bit]) + written[at + 1 :]):
            file.write_bytes(other)
            with warnings.catch_warnings(action="ignore"):
                found = archives.get(file, dict)
            # Some bytes of an archive say nothing: then what is read is what was written.
            if found is not None:
                np.testing.assert_array_equal(found.pop("numbers"), data["numbers"])
                assert found == {"text": "a", "of": [1, None, 0.5]}


# --- a store that can't be written ---


@contextlib.contextmanager
def mounted(folder, *options):
    """Mount a disk of a megabyte there, where that is allowed."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]
    if sys.platform != "linux" or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("no disk may be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


def test_full_disk_ends_no_study(tmp_path, study_here):
    store = tmp_path / "store"
    with mounted(store):
        (store / "other").write_bytes(bytes(700_000))
        with pytest.warns(UserWarning, match=r"runs: what was computed can't be kept .*No space"):
            table, trained = study_here(store)
        assert trained == JOBS
        (store / "other").unlink()
        left = list(store.rglob("*"))
        assert left == [store / "runs"], "what was begun is cleared away"
    whole, _ = study_here(tmp_path / "other")
    pd.testing.assert_frame_equal(table, whole, check_exact=True)


def test_store_that_may_only_be_read_is_read(tmp_path, study_here):
    store = tmp_path / "store"
    with mounted(store):
        subprocess.run(["mount", "-o", "remount,size=64m", store], check=True)
        table, _ = study_here(store)
        subprocess.run(["mount", "-o", "remount,ro", store], check=True)
        again, trained = study_here(store)
        assert trained == []
        pd.testing.assert_frame_equal(again, table, check_exact=True)
        with pytest.warns(UserWarning, match="can't be kept there, .*Read-only file system"):
            more, trained = study_here(store, seeds=SEEDS + 1)
        assert trained == [(machine, SEEDS) for machine in sorted(MACHINES)]
        assert len(more) == len(MACHINES) * (SEEDS + 1) * EPOCHS


def test_store_that_is_a_file_is_refused_before_any_training(tmp_path, study_here):
    (tmp_path / "store").write_text("mine")
    for place in (tmp_path / "store", tmp_path / "store" / "below"):
        with pytest.raises(ValueError, match=r"^store: expected a folder, or a place for one, got"):
            study_here(place)
    assert (tmp_path / "store").read_text() == "mine"


# --- real trainings, in processes of their own ---


def start(store, log, *, epochs=EPOCHS, n_jobs=2, launcher=(), **environment):
    """Start a study in a session of its own, as from a terminal."""
    command = [*launcher, sys.executable, __file__, "real", store, str(epochs), str(n_jobs)]
    return subprocess.Popen(
        list(map(str, command)),
        env=os.environ | {"RAHULML_LOG": str(log)} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )


def of_session(number):
    """Return the processes of a session that have not ended."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
            if os.getsid(process.pid) == number and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def wait_for(what, seconds=300):
    until = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)
    return found


def trainers(study):
    return [one for one in of_session(study.pid) if "popen_loky_posix" in " ".join(one.cmdline())]


def without_network():
    """Return a command that runs another one without network, or as it is where none may."""
    command = ["unshare", "--net"]
    may = shutil.which("unshare") and not subprocess.run([*command, "true"], check=False).returncode
    return command if may else []


posix = pytest.mark.skipif(os.name != "posix", reason="asks for the processes of a session")


@posix
def test_killed_study_leaves_no_process_and_goes_on_to_the_same_numbers(tmp_path):
    """The other one has one core, no network, and other settings."""
    store, log = tmp_path / "here", tmp_path / "log"
    with start(store, log, PYTHONHASHSEED="1", LC_ALL="C.UTF-8", TZ="UTC") as study:
        wait_for(lambda: logged(log))
        study.kill()
    wait_for(lambda: not of_session(study.pid), 20)
    done = len(logged(log))
    assert 1 <= done < len(JOBS)
    with start(store, log, PYTHONHASHSEED="1", LC_ALL="C.UTF-8", TZ="UTC") as study:
        out, err = study.communicate()
        assert study.returncode == 0, err
    fresh = [(line["machine"], line["seed"]) for line in logged(log) if not line["kept"]]
    assert sorted(fresh) == JOBS

    alone = (
        ["unshare", "--net"] if subprocess.run(["unshare", "--net", "true"]).returncode == 0 else []
    )
    other = {"PYTHONHASHSEED": "2", "LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Kathmandu"}
    with start(
        tmp_path / "there", tmp_path / "other-log", n_jobs=1, launcher=alone, **other
    ) as study:
        os.sched_setaffinity(study.pid, {min(os.sched_getaffinity(0))})
        elsewhere, err = study.communicate()
        assert study.returncode == 0, err
    assert elsewhere == out
    assert len(json.loads(out)["machine"]) == len(JOBS) * EPOCHS


@posix
def test_worker_that_dies_and_an_interrupt_end_a_study_with_a_word(tmp_path):
    with start(tmp_path / "store", tmp_path / "log", epochs=10**6, n_jobs=1) as study:
        wait_for(lambda: trainers(study))[0].kill()
        _, err = study.communicate()
    assert study.returncode == 1
    assert "RuntimeError: worker: expected one that trains to the end, got one that died" in err
    wait_for(lambda: not of_session(study.pid), 20)

    with start(tmp_path / "store", tmp_path / "log", epochs=10**6, n_jobs=1) as study:
        wait_for(lambda: trainers(study))
        os.killpg(study.pid, signal.SIGINT)  # as Ctrl-C does: to all of them
        _, err = study.communicate()
    assert err.rstrip().endswith("KeyboardInterrupt")
    wait_for(lambda: not of_session(study.pid), 20)


def real(store, epochs, n_jobs):
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
    table = compare(store, "jax", epochs=int(epochs), n_jobs=int(n_jobs))
    print(table.drop(columns="seconds").to_json(double_precision=15))


if __name__ == "__main__":
    workers.choose("jax")
    what, folder, *more = sys.argv[1:]
    {"killed": kill_at_random, "real": real}[what](Path(folder), *more)
