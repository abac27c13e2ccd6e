"""The command line, as a shell meets it: what is printed, where, and with which exit code."""

import csv
import importlib
import itertools
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from rahulml import exercises, reviews
from rahulml.__main__ import main
from rahulml.reviews import sources

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")
EXAMPLE = re.search(r"```console\n(.*?)```", README, re.DOTALL)[1]
COMMANDS = ("reviews", "train", "compare", "read", "slate", "check")


def called(*command, cwd=None):
    """Run a command in this process."""
    with pytest.MonkeyPatch.context() as patch:
        if cwd:
            patch.chdir(cwd)
        return CliRunner().invoke(main, [str(part) for part in command])


def small(path, rows=60):
    """Write a table whose texts are told by their last word."""
    rng = np.random.default_rng(1)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["review", "stars"])
        for row in range(rows):
            some = " ".join(f"w{number}" for number in rng.integers(0, 30, 6))
            out.writerow([f"{some} {'good' if row % 2 else 'bad'}", 5 if row % 2 else 1])
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("texts")
    small(folder / "small.csv")
    with (folder / "mine.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["text", "label"])
        for _, text, label in itertools.islice(sources.packaged().rows, 0, None, 12):
            out.writerow([text, label])
    return folder


# --- with an engine: all in one process, which loads JAX once ---

STARS = ("small.csv", "--liked", 5, "--words", 8)
TINY = ("--units", 3, "--notes", 2, "--epochs", 2, "--batch-size", 8)
MANY = """
import json, sys
from click.testing import CliRunner
from rahulml.__main__ import main
from rahulml._engines import workers
# In this very process: that others do the same, the study's own tests see.
workers.run_all = lambda calls, *_, **__: (fit(*given, **named) for fit, given, named in calls)
for command in json.loads(sys.argv[1]):
    ran = CliRunner().invoke(main, command)
    print(json.dumps([ran.exit_code, ran.stdout, ran.stderr]))
"""

WITH_AN_ENGINE = {
    "train": ("train", *STARS, *TINY, "--machine", "gru", "--to", "gru.keras", "--json"),
    "read": ("read", "gru.keras", "w1 w2 WHAT good", "--json"),
    "compare": ("compare", *STARS, *TINY, "--machine", "mean", "--seeds", 2, "--jobs", 1, "--json"),
    "unknown machine": ("train", *STARS, "--machine", "abacus"),
    "over a table": ("train", *STARS, *TINY, "--to", "small.csv"),
    "into no folder": ("train", *STARS, *TINY, "--to", "none/mine.keras"),
    "no such machine": ("read", "none.keras", "good"),
    "a table as machine": ("read", "small.csv", "good"),
    "no word": ("read", "gru.keras", "?!"),
    "a step too long": ("train", *STARS, *TINY, "--learning-rate", "inf"),
}


def typed(line):
    """Return the words of a command line of the README, and how many lines of it are shown."""
    command, _, head = line.removeprefix("$ rahulml ").partition(" | head -")
    return shlex.split(command), int(head or 99)


SHOWN = [
    (*typed(first), rest)
    for first, *rest in (part.splitlines() for part in re.split(r"(?m)^(?=\$)", EXAMPLE) if part)
]
"""The README's commands: their words, how many lines of output are asked for, and these lines."""


@pytest.fixture(scope="module")
def ran(folder):
    """What each command came to, by name: exit code, output, errors."""
    names = [*WITH_AN_ENGINE, *(" ".join(command) for command, _, _ in SHOWN)]
    commands = [*WITH_AN_ENGINE.values(), *(command for command, _, _ in SHOWN)]
    asked = json.dumps([[str(part) for part in command] for command in commands])
    done = subprocess.run(
        [sys.executable, "-c", MANY, asked],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "KERAS_BACKEND": "tensorflow"},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(zip(names, map(json.loads, done.stdout.splitlines()), strict=True))


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: shown[0][0])
def test_readme_shows_what_is_printed(ran, shown):
    """The same words; of what training came to, numbers that another processor may move a bit."""
    command, most, expected = shown
    code, out, _ = ran[" ".join(command)]
    assert code == 0
    found = out.splitlines()[:most]
    if command[0] == "reviews":
        assert found == expected
        return
    number = r"-?\d[\d,.]*"
    wordy = [re.sub(rf"{number}|[#|]|  +", " ", line).split() for line in [*expected, *found]]
    assert wordy[: len(expected)] == wordy[len(expected) :]
    for line, wanted in zip(found, expected, strict=True):
        for one, other in itertools.zip_longest(*(re.findall(number, x) for x in (line, wanted))):
            one, other = (float(x.strip(".,").replace(",", "")) for x in (one, other))
            assert one == pytest.approx(other, abs=0.1 if other < 1 else 4)


def test_train_says_what_it_came_to_and_keeps_the_machine(ran, folder):
    code, out, err = ran["train"]
    found = json.loads(out)
    assert code == 0
    assert err == "WARNING   the exam has 12 reviews: each is worth 8.3% of the score\n"
    assert found["engine"].startswith("Keras ")
    assert "JAX" in found["engine"]
    best = [row["mock_score"] for row in found["history"]]
    assert (found["loop"], found["mock_score"]) == (best.index(max(best)) + 1, max(best))
    assert 0 <= found["exam_score"] <= 1
    notes = len(reviews.load(folder / "small.csv", liked=5).notepad_words)
    assert found["dials"] == 2 * notes + (3 * 3 * 2 + 3 * 3 * 3 + 3 * 3 * 2) + 3 + 1


def test_read_says_what_the_machine_thinks(ran):
    code, out, err = ran["read"]
    found = json.loads(out)
    assert (code, err) == (0, "")
    words = [row["word"] for row in found["words"]]
    assert words == ["<padding>", "w1", "w2", "what", "good"]
    assert [row["known"] for row in found["words"]] == [True, True, True, False, True]
    assert found["words"][-1]["leaning"] == pytest.approx(found["leaning"], abs=1e-6)


def test_compare_has_the_readers_that_count_and_a_verdict_for_each_pair(ran):
    code, out, _ = ran["compare"]
    found = json.loads(out)
    assert code == 0
    assert list(found["exam_scores"]) == ["mean", "words", "words and pairs"]
    assert {len(scores) for scores in found["exam_scores"].values()} == {2}
    assert found["exam_scores"]["words"] == [1, 1]  # the last word tells, and it is counted
    assert [(pair["first"], pair["second"]) for pair in found["pairs"]] == [
        *(("mean", "words"), ("mean", "words and pairs"), ("words", "words and pairs"))
    ]


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("unknown machine", 2, "'abacus' is none of rnn, lstm, "),
        ("over a table", 1, "rahulml: small.csv: expected a new file, or a machine to replace"),
        ("into no folder", 1, "rahulml: none/mine.keras: expected a file in a folder that is"),
        (
            "no such machine",
            1,
            "rahulml: none.keras: expected a machine that Run.save wrote, got n",
        ),
        ("a table as machine", 1, "rahulml: small.csv: expected a machine that Run.save wrote"),
        ("no word", 1, "rahulml: text: expected at least one word, got '?!'"),
        ("a step too long", 1, "rahulml: loss: expected a number, got NaN at grab 2"),
    ],
)
def test_mistake_is_one_line(ran, folder, name, code, said):
    found, out, err = ran[name]
    assert (found, out) == (code, "")
    errors = [line for line in err.splitlines() if not line.startswith("WARNING")]
    assert said in errors[-1]
    assert len(errors) == 1 or code == 2
    assert "Traceback" not in err
    assert (folder / "small.csv").read_text("utf-8").startswith("review,stars")


# --- an interrupt ---

LISTENING = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
from rahulml.__main__ import main
main()
"""


def test_interrupt_leaves_nothing_and_says_so(folder, tmp_path):
    small(tmp_path / "small.csv")
    command = ("train", *STARS, *TINY, "--epochs", 10**6, "--to", "mine.keras")
    with subprocess.Popen(
        [sys.executable, "-c", LISTENING, *map(str, command)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr.readline().startswith("WARNING")  # the texts are read
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=300)
    assert process.returncode == 130
    assert out == ""
    assert err == "\nrahulml: stopped; nothing was written\n"
    assert [path.name for path in tmp_path.iterdir()] == ["small.csv"]


def test_interrupted_comparison_says_what_was_kept(folder, tmp_path, monkeypatch):
    from rahulml import study

    def interrupted(*_, store, **__):
        for one in ("a", "b"):
            place = Path(store, study.KEPT, f"{one}.npz")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.touch()
        raise KeyboardInterrupt

    monkeypatch.setattr(study, "train", interrupted)
    store = tmp_path / "kept"
    found = called("compare", folder / "small.csv", *STARS[1:], "--store", store)
    assert found.exit_code == 130
    assert f"stopped; trainings kept in {store}: 2 more; the same command goes on" in found.stderr


# --- texts ---


def test_reviews_prints_the_report(folder):
    told = reviews.load(folder / "small.csv", liked=["5"], max_words=4, seed=3).report
    call = ("reviews", folder / "small.csv", "--liked", 5, "--words", 4, "--seed", 3)
    assert called(*call).stdout == f"{told}\n"
    assert json.loads(called(*call, "--json").stdout) == told.as_dict()


def test_labels_may_be_left_out(folder):
    stars = folder / "stars.csv"
    rows = [f"a text of {row} words,{row % 3}" for row in range(90)]
    stars.write_text("\n".join(["text,label", *rows]), "utf-8")
    call = ("reviews", stars, "--liked", 2, "--disliked", 0, "--left-out", 1, "--json")
    found = json.loads(called(*call).stdout)
    assert found["labels"]["1"] == {"rows": 30, "liked": None}
    assert found["labels"]["2"]["liked"] == 1
    assert called("reviews", stars, "--left-out", 1).exit_code == 2


@pytest.mark.parametrize(
    ("content", "command", "said"),
    [
        (None, (), "bad.csv': no such file"),
        (b"", (), "expected"),
        (bytes(range(256)), (), "expected"),
        (b"words,label\na b,1\n", (), r"expected one column of texts"),
        (
            b"text,label\na b,1\n",
            ("--text", "review"),
            r"expected one column 'review', as text= says",
        ),
        (b"text,label\na b,1\nc d,2\n", (), "liked="),
        (
            b"text,label\na b,1\nc d,0\n",
            ("--liked", "5"),
            r"expected the label '5', as liked= says",
        ),
        (b"text,label\na b,1\n,0\n", (), "row 3"),
        (b"text,label\ncaf\xe9,1\n", (), "say encoding='cp1252'"),
        (b"text,label\na b,1\n", ("--encoding", "klingon"), "expected one that Python knows"),
        (b"text,label\na b,1\nc d,0\n", (), "enough reviews for three piles"),
    ],
)
def test_bad_texts_are_refused_in_one_line(tmp_path, content, command, said):
    path = tmp_path / "bad.csv"
    if content is not None:
        path.write_bytes(content)
    found = called("reviews", path, *command)
    assert (found.exit_code, found.stdout) == (1, "")
    assert found.stderr.startswith("rahulml: ")
    assert found.stderr.count("\n") == 1
    assert re.search(said, found.stderr)
    assert isinstance(found.exception, SystemExit)


@pytest.mark.parametrize(
    "command",
    [
        ("abacus",),
        ("reviews",),
        ("reviews", "x.csv", "--words", 0),
        ("reviews", "x.csv", "--words", "many"),
        ("reviews", "x.csv", "--seed", -1),
        ("reviews", "x.csv", "--keep", "middle"),
        ("reviews", "x.csv", "--vocabulary", 2),
        ("train", "x.csv", "--units", 0),
        ("train", "x.csv", "--learning-rate", 0),
        ("train", "x.csv", "--learning-rate", "nan"),
        ("train", "x.csv", "--engine", "abacus"),
        ("compare", "x.csv", "--seeds", 1),
        ("read", "x.keras"),
        ("slate",),
        ("slate", "abacus"),
        ("slate", "keeping", "--seed", 1.5),
        ("slate", "keeping", "--encoding", "cp1252"),
        ("slate", "keeping", "--to", "x.html", "--answer"),
        ("slate", "keeping", "--to", "x.html", "--json"),
        ("reviews", "x.csv", "--disliked", 0),
        ("reviews", "x.csv", "--liked", 1, "--disliked", 1),
        ("compare", "x.csv", "--store", __file__),
        ("check", "abacus", 1),
    ],
)
def test_command_that_is_not_understood_is_2(command):
    found = called(*command)
    assert found.exit_code == 2
    assert found.stderr.startswith("Usage: ")


# --- slates ---


def test_slate_writes_worksheets(tmp_path):
    (tmp_path / "class.csv").write_bytes("Zoë".encode("utf-16"))
    ran = called("slate", "combine", "--names", "class.csv", "--to", "s.html", cwd=tmp_path)
    assert (ran.exit_code, ran.stdout) == (0, "s.html\ns-key.html\n")
    assert "Zoë" in (tmp_path / "s.html").read_text("utf-8")
    assert called("slate", "combine", "--copies", 2).exit_code == 2
    assert called("slate", "combine", "--to", "s.doc", cwd=tmp_path).exit_code != 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--names", "none.csv"), "names: expected a table of names, got 'none.csv': no such file"),
        (("--names", "."), "names: expected a table of names, got '.': a folder"),
        (
            ("--names", "a\0b"),
            "names: expected a table of names, got 'a\\x00b': embedded null byte",
        ),
        (("--to", f"{'x' * 300}.html"), f"{'x' * 300}.html: File name too long"),
    ],
)
def test_slate_says_in_words_which_file_it_can_not_use(tmp_path, options, said):
    found = called("slate", "combine", "--to", "s.html", *options, cwd=tmp_path)
    assert (found.exit_code, found.stdout) == (1, "")
    assert found.stderr.startswith("rahulml: ")
    assert "Errno" not in found.stderr
    assert found.stderr.endswith(f"{said}\n")
    assert list(tmp_path.iterdir()) == []


def test_slate_asks_and_answers():
    exercise = exercises.make("keeping", 2)
    assert called("slate", "keeping", "--seed", 2).stdout == f"{exercise.question}\n"
    shown = called("slate", "keeping", "--seed", 2, "--answer").stdout
    assert shown.splitlines()[-len(exercise.steps) :] == list(exercise.steps)
    found = json.loads(called("slate", "keeping", "--seed", 2, "--answer", "--json").stdout)
    assert found["answer"] == exercise.answer
    assert "answer" not in json.loads(called("slate", "keeping", "--json").stdout)


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        (("share left=0.24", "amount left=1.705"), 0, "Right."),
        (("amount left = 1.705", " share left =.24"), 0, "Right."),
        (("0.240", "1.705"), 0, "Right."),
        (("0.343", "2.435"), 1, "one word too few"),
        (("-0.24", "1.705"), 1, "Not right: share left."),
        (("share left=0.24", "amount left=17"), 1, "Not right: amount left."),
        (("share left=abc", "amount left=1"), 2, "share left: expected a number, got 'abc'"),
        (("0,24", "1"), 2, "got '0,24' (a comma, where 0.31 has a point)"),
        (("nan", "1"), 2, "expected finite numbers, got nan"),
        (("inf", "1"), 2, "expected finite numbers, got inf"),
        (("0.24",), 2, "got 1 numbers"),
        ((), 2, "got 0 numbers"),
        (("share left=0.24", "1.705"), 2, "expected a name for each number or for none"),
        (("share left=1", "share left=2"), 2, "expected each name once"),
        (("share=0.24", "amount left=1"), 2, "got none for 'share left'"),
        (("0.24", "1.705", "--sed"), 2, "expected a number, got '--sed'"),
        (("__import__('os')", "1"), 2, "expected a number"),
    ],
)
def test_check_says_right_or_which_slip(given, code, said):
    found = called("check", "keeping", "--seed", 2, *given)
    assert found.exit_code == code, found.output
    assert said in (found.stderr if code == 2 else found.stdout)


def test_check_in_json():
    found = json.loads(called("check", "keeping", "--seed", 2, 0.343, 2.435, "--json").stdout)
    assert (found["right"], found["slips"]) == (False, ["one word too few"])


# --- how it is installed ---

LIGHT = """
import sys
class NothingBut:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in {"click", "numpy", "rahulml", *sys.stdlib_module_names}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, NothingBut())
from rahulml.__main__ import main
loaded = {name.partition(".")[0] for name in sys.modules} - sys.stdlib_module_names
print(sorted(loaded - {"__main__"}))
from click.testing import CliRunner
for command in (
    ["slate", "combine", "--seed", "7"],
    ["check", "keeping", "--seed", "2", "0.24", "1.705"],
    ["reviews", "mine.csv"],
    ["read", "mine.keras", "good"],
):
    ran = CliRunner().invoke(main, command)
    print(ran.exit_code, ran.stderr.strip())
"""


def test_light_install_has_slates_and_says_what_the_rest_needs():
    ran = subprocess.run(
        [sys.executable, "-S", "-c", LIGHT],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), *site_packages()])},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded, slate, check, reviews_, read = ran.stdout.splitlines()
    assert loaded == "['click', 'rahulml']"
    assert (slate.split(), check.split()) == (["0"], ["0"])
    for line, command in ((reviews_, "reviews"), (read, "read")):
        pattern = rf"1 rahulml: {command} needs \w+: pip install 'rahulml\[train\]'"
        assert re.fullmatch(pattern, line), line


def site_packages():
    return [path for path in sys.path if path.endswith("site-packages")]


def test_script_is_the_command_line():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    module, _, name = project["scripts"]["rahulml"].partition(":")
    assert getattr(importlib.import_module(module), name) is main


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_an_example(name):
    shown = called(name, "--help").stdout
    assert re.search(rf"(?m)^  rahulml {name} ", shown)
    assert list(main.commands) == list(COMMANDS)
