"""A machine in one file: the same in a new process, and refused if it is not what was written."""

import hashlib
import io
import json
import os
import pickle
import subprocess
import sys
import tempfile
import tracemalloc
import zipfile
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from rahulml import reading, runs, saved, training
from rahulml.builders import LAYERS, build
from rahulml.hand_training import Factory
from rahulml.reviews import Pile, Piles, repad
from rahulml.runs import Loop, Run

WORDS = ("<padding>", "<unknown>", "not", "good", "bad", "very", "a", "film")
TEXTS = ["A very good film!", "not", "Bad? So-so: a film with many more words than the window has."]
SIZES = {"mask_padding": False, "embedding": 3, "units": 4}
ROWS = [
    {"study_loss": 0.7, "study_score": 0.5, "mock_loss": 0.7, "mock_score": score}
    for score in (0.6, 0.5)
]


def some_piles(**changes):
    pile = Pile(np.arange(12, dtype=np.int32).reshape(2, 6) % 8, np.array([0, 1], np.int32))
    return Piles(pile, pile, pile, WORDS, duplicates=0, **changes)


def made(machine, piles=None, **changes):
    """Return a run of two loops, biases random and not zero, that nobody had to wait for."""
    piles = piles or some_piles()
    sizes = SIZES | changes
    settings = training.build_settings(piles, **sizes)
    rng = np.random.default_rng(5)
    shapes = [paper.shape for paper in build(machine, **settings).get_weights()]
    papers = [[rng.normal(0, 0.7, shape).astype(np.float32) for shape in shapes] for _ in range(3)]
    loops = [Loop(row, dials, np.zeros(2)) for row, dials in zip(ROWS, papers[1:], strict=True)]
    recipe = {"epochs": 2, "learning_rate": 0.001, "clipnorm": None, **sizes}
    return Run.of(machine, 7, "Keras", 2, 1.0, papers[0], loops, settings, recipe, piles)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("machines")


@pytest.fixture(scope="module")
def all_runs(folder):
    runs_ = {machine: made(machine) for machine in LAYERS}
    for machine, run in runs_.items():
        run.save(folder / f"{machine}.keras")
    return runs_


@pytest.fixture(scope="module")
def good(folder, all_runs):
    """The bytes of a saved LSTM."""
    return (folder / "lstm.keras").read_bytes()


def guesses_of(run, loop=None):
    numbers = np.stack([run.numbering(text) for text in TEXTS])
    return training.predict(run.at(loop), numbers)


NEW_PROCESS = """
import json, sys
from pathlib import Path
from rahulml.runs import load_machine
for path in sorted(Path(sys.argv[1]).glob("*.keras")):
    print(path.stem, load_machine(path).predict(json.loads(sys.argv[2])).tobytes().hex())
"""


def test_every_machine_guesses_the_same_to_the_bit_in_a_new_process(folder, all_runs):
    ran = subprocess.run(
        [sys.executable, "-c", NEW_PROCESS, folder, json.dumps(TEXTS)],
        env=os.environ | {"PYTHONPATH": str(Path(saved.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=True,
    )
    found = dict(line.split() for line in ran.stdout.splitlines())
    assert found.keys() == LAYERS.keys()
    for machine, run in all_runs.items():
        expected = guesses_of(run)
        assert np.ptp(expected) > 1e-3, machine
        assert found[machine] == expected.tobytes().hex(), machine


def test_machine_has_what_was_known_of_it(folder, all_runs):
    machine = runs.load_machine(str(folder / "gru.keras"))
    run = all_runs["gru"]
    assert (machine.machine, machine.seed, machine.loop) == ("gru", 7, 2)
    assert machine.words == WORDS
    assert machine.recipe == run.recipe
    assert machine.settings == run.settings
    assert machine.history == tuple(ROWS)
    assert machine.report == ""
    assert machine.versions["keras"] == keras.__version__
    for paper, expected in zip(machine.model.get_weights(), run.weights(), strict=True):
        np.testing.assert_array_equal(paper, expected)


def test_file_is_one_of_keras_and_its_sums_are_those_of_sha256sum(folder, all_runs):
    """Stock layers alone, so that Keras opens it where there is no rahulml."""
    path = folder / "bilstm.keras"
    model = keras.models.load_model(path, compile=False, safe_mode=True)
    assert type(model.get_layer("notepad")) is keras.layers.Embedding
    numbers = np.stack([all_runs["bilstm"].numbering(text) for text in TEXTS])
    found = training.predict(model, numbers)
    np.testing.assert_array_equal(found, guesses_of(all_runs["bilstm"]))
    with zipfile.ZipFile(path) as archive:
        for line in archive.read("SHA256SUMS").decode().splitlines():
            digest, _, name = line.partition("  ")
            assert hashlib.sha256(archive.read(name)).hexdigest() == digest
        config = json.loads(archive.read("config.json"))
    assert "rahulml" not in json.dumps(config)


def test_loop_can_be_chosen(folder, all_runs):
    run = all_runs["rnn"]
    for loop in (0, run.chosen_loop):
        run.save(folder / "again", loop=loop)
        machine = saved.load_machine(folder / "again")
        assert machine.loop == loop
        np.testing.assert_array_equal(machine.model.get_weights()[0], run.weights(loop)[0])
    with pytest.raises(ValueError, match=r"^loop: expected a whole number in 0..2, got 3$"):
        run.save(folder / "again", loop=3)


def test_texts_are_numbered_as_those_of_the_piles_were(folder):
    """The first words, and padding after them."""
    piles = repad(some_piles(keep="first"), max_words=9, padding="after")
    made("rnn", piles).save(folder / "after")
    numbering = saved.load_machine(folder / "after").numbering
    assert numbering(TEXTS[0]).tolist() == [6, 5, 3, 7, 0, 0, 0, 0, 0]
    assert numbering(TEXTS[2]).tolist() == [4, 1, 1, 6, 7, 1, 1, 1, 1]
    np.testing.assert_array_equal(piles.number(TEXTS[2]), numbering(TEXTS[2]))


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ("good", r"^texts: expected several, such as a list of str, got 'good'$"),
        (5, r"^texts: expected several, such as a list of str, got 5$"),
        (["good", "?!"], r"^texts\[1\]: expected at least one word, got '\?!'$"),
        ([None], r"^texts\[0\]: expected at least one word, got None$"),
    ],
)
def test_predict_refuses_what_is_no_text(folder, all_runs, texts, message):
    machine = saved.load_machine(folder / "mean.keras")
    assert machine.predict([]).shape == (0,)
    with pytest.raises(ValueError, match=message):
        machine.predict(texts)


# --- word by word ---


def test_word_by_word_is_what_the_lstm_says_of_each_beginning(folder, all_runs):
    machine = saved.load_machine(folder / "lstm.keras")
    table = reading.word_by_word(machine, TEXTS[0])
    assert table["word"].tolist() == ["<padding>", "a", "very", "good", "film"]
    numbers = machine.numbering(TEXTS[0])
    factory = Factory(*all_runs["lstm"].weights())
    trace, guesses = reading.read(factory, numbers[np.newaxis])
    np.testing.assert_allclose(table["leaning"], guesses[0, 1:], rtol=1e-12)
    assert table["leaning"].iloc[-1] == pytest.approx(machine.predict([TEXTS[0]])[0], abs=1e-6)
    np.testing.assert_allclose(table["keep"][1:], trace.forget_gates[0, 2:].mean(axis=-1))
    wrote = abs(trace.input_gates * trace.candidates)[0, 3]
    kept = trace.forget_gates[0, 4] * trace.forget_gates[0, 5]
    assert table["left"][2] == pytest.approx((wrote * kept).sum() / wrote.sum())
    assert table["left"].iloc[-1] == 1


def test_word_by_word_asks_other_machines_for_each_beginning(folder, all_runs):
    machine = saved.load_machine(folder / "mean.keras")
    table = reading.word_by_word(machine, TEXTS[0])
    expected = machine.predict(["a", "a very", "a very good", "a very good film"])
    np.testing.assert_array_equal(table["leaning"][1:], expected)
    assert "keep" not in table
    assert reading.word_by_word(machine, "a strange film")["known"].tolist() == [1, 1, 0, 1]


def test_word_by_word_passes_over_padding_where_the_machine_does(folder):
    made("lstm", mask_padding=True).save(folder / "masked")
    machine = saved.load_machine(folder / "masked")
    table = reading.word_by_word(machine, TEXTS[0])
    assert table["word"].tolist() == ["a", "very", "good", "film"]
    assert table["leaning"].iloc[-1] == pytest.approx(machine.predict([TEXTS[0]])[0], abs=1e-6)


# --- files that are not what was written ---


def members_of(good):
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(members, compression=zipfile.ZIP_STORED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def changed(good, **parts):
    """Return the file with other members, and the old sums."""
    return zipped(members_of(good) | {name.replace("_", "."): data for name, data in parts.items()})


def forged(good, weights=None, **record):
    """Return the file with another record, and sums that fit."""
    members = members_of(good)
    del members["SHA256SUMS"]
    members["rahulml.json"] = json.dumps(json.loads(members["rahulml.json"]) | record).encode()
    members["model.weights.h5"] = weights or members["model.weights.h5"]
    sums = sorted(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in members.items())
    return zipped(members | {"SHA256SUMS": "".join(sums)})


def settings(good, **other):
    return {"settings": json.loads(members_of(good)["rahulml.json"])["settings"] | other}


def dials(good, change):
    """Return the file with its dials changed, and sums that fit."""
    file = io.BytesIO(members_of(good)["model.weights.h5"])
    with h5py.File(file, "a") as weights:
        change(weights["layers/embedding/vars"])
    return forged(good, weights=file.getvalue())


def link_elsewhere(group):
    del group["0"]
    group["0"] = h5py.ExternalLink("/etc/passwd", "/")


def claim_much(group):
    del group["0"]
    group.create_dataset("0", shape=(10**6, 10**6), dtype="f4", chunks=(1000, 1000))


def spoil(group):
    group["0"][2, 1] = np.nan


NESTED = b'{"format": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"

BAD = {
    "empty": lambda good: b"",
    "a table": lambda good: b"text,label\ngood,1\n",
    "noise": lambda good: bytes(range(256)) * 40,
    "a pickle": lambda good: pickle.dumps({"format": 1}),
    "weights alone": lambda good: members_of(good)["model.weights.h5"],
    "cut in half": lambda good: good[: len(good) // 2],
    "cut by a byte": lambda good: good[:-1],
    "a renamed zip": lambda good: zipped({"mine.csv": "text,label\n"}),
    "an empty zip": lambda good: zipped({}),
    "a model of Keras": lambda good: zipped(
        {k: v for k, v in members_of(good).items() if k not in ("rahulml.json", "SHA256SUMS")}
    ),
    "a byte turned": lambda good: good.replace(b'"seed": 7', b'"seed": 8'),
    "other dials": lambda good: changed(
        good, **{"model.weights_h5": members_of(good)["model.weights.h5"][:-1] + b"x"}
    ),
    "other words": lambda good: changed(
        good, rahulml_json=members_of(good)["rahulml.json"].replace(b'"good"', b'"evil"')
    ),
    "another config": lambda good: changed(good, config_json=b"{}"),
    "no sums": lambda good: zipped(
        {k: v for k, v in members_of(good).items() if k != "SHA256SUMS"}
    ),
    "a member more": lambda good: changed(good, virus_py=b"import os"),
    "packed": lambda good: zipped(members_of(good), zipfile.ZIP_DEFLATED),
    "a bomb": lambda good: zipped(
        members_of(good) | {"rahulml.json": bytes(300_000_000)}, zipfile.ZIP_DEFLATED
    ),
    "a long record": lambda good: changed(good, rahulml_json=bytes(33_000_000)),
    "no JSON": lambda good: changed(good, rahulml_json=b"format = 1"),
    "a list": lambda good: changed(good, rahulml_json=b"[1]"),
    "a deep record": lambda good: changed(good, rahulml_json=NESTED),
    "format 2": lambda good: forged(good, format=2),
    "format None": lambda good: forged(good, format=None, versions=5),
    "no settings": lambda good: forged(good, settings=None),
    "another machine": lambda good: forged(good, machine="gru"),
    "an abacus": lambda good: forged(good, machine="abacus"),
    "many units": lambda good: forged(good, **settings(good, units=10**9)),
    "true units": lambda good: forged(good, **settings(good, units=True)),
    "other units": lambda good: forged(good, **settings(good, units=5)),
    "a wide window": lambda good: forged(good, **settings(good, max_words=10**9)),
    "few words": lambda good: forged(good, notepad_words=["<padding>"]),
    "words of numbers": lambda good: forged(good, notepad_words=[*range(8)]),
    "another end": lambda good: forged(good, keep="middle"),
    "a history of words": lambda good: forged(good, history=["good"]),
    "a link": lambda good: dials(good, link_elsewhere),
    "much claimed": lambda good: dials(good, claim_much),
    "NaN": lambda good: dials(good, spoil),
    "no dials": lambda good: dials(good, lambda group: group.__delitem__("0")),
    "weights of noise": lambda good: forged(good, weights=bytes(range(256)) * 20),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_file_is_refused_by_name_in_little_memory(tmp_path, good, name):
    path = tmp_path / f"{name.replace(' ', '-')}.keras"
    path.write_bytes(BAD[name](good))
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=f"{path.name}: expected ") as caught:
            saved.load_machine(path)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(str(caught.value)) <= 300
    assert "\n" not in str(caught.value)
    assert most < 5e7


def spoilt(good):
    """Yield what may become of a file: cut, one byte turned, with strangers in it."""
    rng = np.random.default_rng(23)
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        heads = [info.header_offset for info in archive.infolist()]
        edges = [*heads, archive.start_dir, len(good) - 22]
    cuts = {edge + by for edge in edges for by in (-1, 0, 1, 4, 30)} - {len(good)}
    for cut in sorted(one for one in cuts if 0 <= one < len(good)):
        yield f"cut at {cut}", good[:cut]
    for cut in rng.integers(1, len(good), 30).tolist():
        yield f"without its first {cut} bytes", good[cut:]
        yield f"a hole of 9 bytes at {cut}", good[:cut] + good[cut + 9 :]
    directory = rng.integers(edges[-2], len(good), 40)  # where names, sizes and sums stand
    for place in [*directory.tolist(), *rng.integers(0, len(good), 40).tolist()]:
        turned = bytearray(good)
        turned[place] ^= 1 << int(rng.integers(8))
        yield f"a bit turned in byte {place}", bytes(turned)
    outside = ("../x", "/tmp/x", "..\\x", "C:/x", "./rahulml.json", "rahulml.json/", "x" * 5000)
    for name in (*outside, "a/../../x", "__main__.py", "model.weights.h5/x", " ", "é", "\r\n"):
        yield f"a stranger {name[:20]!r}", zipped(members_of(good) | {name: b"x"})
        known = {key: data for key, data in members_of(good).items() if key != "config.json"}
        yield f"{name[:20]!r} for a member", zipped(known | {name: b"{}"})
    for name, data in members_of(good).items():
        yield f"no {name}", zipped({k: d for k, d in members_of(good).items() if k != name})
        yield f"{name} empty", zipped(members_of(good) | {name: b""})
        yield f"{name} twice", good + zipped({name: data})


def test_spoilt_file_is_refused_or_the_same_machine_and_nothing_is_written(
    tmp_path, good, monkeypatch
):
    """Over 200 files. What still loads differs in what no reader of archives looks at."""
    (tmp_path / "good.keras").write_bytes(good)
    whole = saved.load_machine(tmp_path / "good.keras")
    desk = tmp_path / "desk"
    desk.mkdir()
    monkeypatch.chdir(desk)
    monkeypatch.setattr(tempfile, "tempdir", str(desk))
    path, refused, loaded = Path("spoilt.keras"), {}, {}
    for what, content in spoilt(good):
        path.write_bytes(content)
        try:
            loaded[what] = saved.load_machine(path)
        except ValueError as error:
            refused[what] = str(error)
        assert path.read_bytes() == content, what
        assert [one.name for one in desk.iterdir()] == ["spoilt.keras"], what
    assert sorted(one.name for one in tmp_path.iterdir()) == ["desk", "good.keras"]
    assert len(refused) > 180
    assert len(loaded) < 30
    assert all(what.startswith("a bit turned") for what in loaded)
    for what, message in refused.items():
        assert message.startswith(f"{path}: expected "), (what, message)
        assert len(message) <= 300, (what, message)
    dials = whole.model.get_weights()
    for what, machine in loaded.items():
        assert (machine.words, machine.seed) == (whole.words, whole.seed), what
        for paper, same in zip(machine.model.get_weights(), dials, strict=True):
            np.testing.assert_array_equal(paper, same, err_msg=what)


def test_what_is_no_file_is_refused(tmp_path):
    for path, got in (
        (tmp_path / "none.keras", "nothing there"),
        (tmp_path, "a folder"),
        ("nul\0.keras", "nothing there"),
    ):
        with pytest.raises(ValueError, match=rf"expected a machine that Run.save wrote, got {got}"):
            saved.load_machine(path)
    for path in (None, 7, b"x"):
        with pytest.raises(ValueError, match=r"^path: expected the path of a file, got "):
            saved.load_machine(path)


def test_message_says_of_which_format_the_file_is(tmp_path, good):
    (tmp_path / "next.keras").write_bytes(forged(good, format=2, versions={"rahulml": "9.0"}))
    with pytest.raises(ValueError, match=r"in format 1, got format 2 of rahulml '9.0'$"):
        saved.load_machine(tmp_path / "next.keras")


# --- written whole, or not at all ---


def test_interrupted_save_leaves_what_was_there(tmp_path, all_runs, monkeypatch):
    path = tmp_path / "mine.keras"
    all_runs["rnn"].save(path)
    before = path.read_bytes()

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(saved, "sums", interrupted)
    with pytest.raises(KeyboardInterrupt):
        all_runs["mean"].save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_save_replaces_a_machine_and_nothing_else(tmp_path, all_runs):
    run = all_runs["mean"]
    path = tmp_path / "mine.keras"
    run.save(path)
    run.save(path)
    assert saved.load_machine(path).machine == "mean"
    for name, content in (("mine.csv", b"text,label\n"), ("other.zip", zipped({"a": b""}))):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ValueError, match=rf"{name}: expected a new file, or a machine to"):
            run.save(tmp_path / name)
        assert (tmp_path / name).read_bytes() == content
    for bad in (tmp_path, tmp_path / "none" / "mine.keras"):
        with pytest.raises(ValueError, match=r"expected a (new file|file in a folder)"):
            run.save(bad)
