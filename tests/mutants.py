"""Put small wrongs into what everything stands on, and see a test notice each: ``mutants.py``.

``python tests/mutants.py 200`` tries two hundred of all that mutmut makes of the files named in
pyproject.toml, and as good as the same ones after an edit; without a number, all. It prints each
that no test notices and that survivors.tsv does not name with a reason, and ends with 1 if there is
one. Whatever runs too long is tried again alone; if it does so again, no test has noticed it. The
tests of the exercises take few seeds; what survives those is tried once more, with many.
mutmut comes into a folder of its own, for what it asks for does not go together with what the book
asks for. No engine is there: a process that has loaded one hangs when it is forked.

``python tests/mutants.py 40 --rest`` tries forty of the rest of the package, each in a process of
its own, by the tests of its room; that takes minutes for each. It prints those that no test
notices, and ends with 1 if they are more than one in ten.
"""

import argparse
import csv
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MUTMUT = ["mutmut==3.8.1", "libcst==1.9.0", "setproctitle==1.3.8", "coverage==7.17.5"]
ENGINES = "jax", "keras", "tensorflow", "torch"
OF_ENGINES = re.compile("from_keras|from_torch")  # tested where engines are
NOTICED = "killed", "check was interrupted by user", "segfault"  # by a test, or by what it imports
ALONE = {"SEEDS": "10", "OPENBLAS_NUM_THREADS": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}

ROOMS = {  # whose tests have other names, or are more than those of its own name
    "__main__": "cli",
    "_engines": "engines many_seeds faults",
    "attention": "builders",
    "exercises": "exercises slates worksheets spreadsheet write_it_yourself",
    "figures": "figures wiring",
    "hand_cell": "frameworks",
    "reading": "reading saved",
    "reviews": "reviews sources hostile words_of",
    "runs": "training saved study",
    "study": "study faults",
    "training": "training study",
    "words": "words words_of",
}
AIM = 0.9
PATIENCE = 600
"""So many seconds the tests of a room may take."""

SAME = [
    (r", (strict=\w+)?\)", ")"),  # what is zipped has one length, checked or not
    (r"(reshape\(.*)-2\b", r"\1-1"),  # to NumPy any number below 0 means: what is left
]
WORDS = (r'"(?:XX)?([^"]*[a-z][^"]*?)(?:XX)?"', lambda said: said[0].lower().replace("xx", ""))


def pytest_sessionstart():
    """Begin anew for each mutant: mutmut forks after a run of all tests, which kept what is right.

    mutmut takes this file for a plugin.
    """
    forget()
    for name in [name for name in sys.modules if name.startswith("test_")]:
        del sys.modules[name]


def pytest_runtest_setup():
    """Let each test meet all that it rests on, where mutmut notes which test meets what."""
    if os.environ.get("MUTANT_UNDER_TEST") == "stats":
        forget()


def forget():
    for name, module in list(sys.modules.items()):
        if name.startswith(("rahulml", "test_")):
            for kept in vars(module).values():
                getattr(kept, "cache_clear", int)()


class Mutmut:
    """mutmut beside a copy of the package."""

    def __init__(self, folder: Path):
        pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps"]
        tools, self.copy = folder / "tools", folder / "copy"
        subprocess.run([*pip, "--target", tools, *MUTMUT], check=True)
        for engine in ENGINES:
            (tools / f"{engine}.py").write_text("raise ModuleNotFoundError(__name__)")
        shutil.copytree(ROOT, self.copy, ignore=shutil.ignore_patterns(".[gv]*", "_build"))
        path = os.pathsep.join(map(str, [tools, self.copy, self.copy / "tests"]))
        self.env = os.environ | ALONE | {"PYTHONPATH": path}

    def __call__(self, *arguments: str, ends_with: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "mutmut", *arguments],
            cwd=self.copy,
            env=self.env,
            capture_output=True,
            text=True,
        )
        if done.returncode != ends_with:
            sys.exit(done.stdout + done.stderr)
        return done.stdout

    def results(self) -> dict[str, str]:
        told = self("results", "--all", "true")
        return dict(re.findall(r"^ *(\S+__mutmut_\d+): (.+)$", told, re.MULTILINE))

    def survives_many_seeds(self, mutant: str) -> bool:
        if room_of(mutant) != "exercises":
            return True
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", "tests/test_exercises.py"],
            cwd=self.copy / "mutants",
            env=self.env | {"MUTANT_UNDER_TEST": mutant, "SEEDS": "200"},
            capture_output=True,
            text=True,
        )
        if done.returncode not in (0, 1):
            sys.exit(done.stdout + done.stderr)
        return not done.returncode

    def tests_fail(self, room: str) -> bool:
        """Run the tests of a room, and its own examples; that they never end is no failure."""
        tests = [f"tests/test_{name}.py" for name in ROOMS.get(room, room).split()]
        examples = next(self.copy.glob(f"rahulml/{room}*")).relative_to(self.copy)
        try:
            done = subprocess.run(
                [sys.executable, "-m", "pytest", "-q", "-x", *tests, examples],
                cwd=self.copy,
                env=os.environ | {"PYTHONPATH": str(self.copy)},
                capture_output=True,
                timeout=PATIENCE,
            )
        except subprocess.TimeoutExpired:
            return False
        return bool(done.returncode)

    def notices(self, mutant: str) -> bool:
        """Write a mutant into the copy, and ask the tests of its room."""
        self("apply", mutant)
        failed = self.tests_fail(room_of(mutant))
        shutil.copytree(ROOT / "rahulml", self.copy / "rahulml", dirs_exist_ok=True)
        return failed

    def change(self, mutant: str) -> tuple[str, str]:
        """Return the function, and what the mutant makes of a line of it."""
        changed = re.findall(r"^([-+]) +(.*)$", self("show", mutant), re.MULTILINE)
        function = re.sub(r"\.x[_ǁ]", ".", mutant.rsplit("__mutmut_", 1)[0]).replace("ǁ", ".")
        return function, " → ".join(line for _, line in changed)


def in_hash_order(mutants: Iterable[str]) -> list[str]:
    return sorted(mutants, key=lambda name: sha256(name.encode()).digest())


def room_of(mutant: str) -> str:
    return mutant.split(".")[1]


def stands_alone(mutant: str) -> bool:
    """Say whether its file has one function of that name: mutmut writes into the first one."""
    module, name = re.fullmatch(r"(.+)\.x(?:ǁ[^ǁ]+ǁ|_)(.+)__mutmut_\d+", mutant).groups()
    file = ROOT / f"{module.replace('.', '/')}.py"
    return file.exists() and len(re.findall(rf"\bdef {name}\(", file.read_text("utf-8"))) == 1


def makes_no_difference(function: str, change: str) -> bool:
    """Say whether no number hangs on it; an exercise may also be worded otherwise."""
    lines = change.split(" → ")
    for pattern, same in [*SAME, *[WORDS] * ("exercises" in function)]:
        lines = [re.sub(pattern, same, line, flags=re.IGNORECASE) for line in lines]
    return len(set(lines)) == 1


def main(number: int | None) -> int:
    with (ROOT / "tests/survivors.tsv").open(encoding="utf-8", newline="") as file:
        known = {
            (row["function"], row["change"])
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        }
    with tempfile.TemporaryDirectory() as folder:
        mutmut = Mutmut(Path(folder))
        mutmut("run", "none of them", ends_with=1)  # writes all, and which test meets which
        every = [name for name in mutmut.results() if not OF_ENGINES.search(name)]
        if not every:
            sys.exit("mutants: expected some, mutmut made none")
        tried = in_hash_order(every)[:number]
        mutmut("run", "--max-children", str(os.cpu_count()), *tried)
        results = mutmut.results()
        for name in tried:
            if results[name] not in (*NOTICED, "survived", "no tests"):
                mutmut("run", "--max-children", "1", name)
        results = mutmut.results()
        changes = {name: mutmut.change(name) for name in tried if results[name] not in NOTICED}
        unknown = {
            name: change
            for name, change in changes.items()
            if change not in known
            and not makes_no_difference(*change)
            and mutmut.survives_many_seeds(name)
        }
    for name, change in unknown.items():
        print(*change, results[name], sep="\t")
    for room, count in Counter(map(room_of, tried)).items():
        lost, named = (sum(room_of(name) == room for name in names) for names in (unknown, changes))
        print(f"{room}: {count} tried, {named - lost} survive for a reason, {lost} without")
    return bool(unknown)


def rest(number: int | None) -> int:
    with tempfile.TemporaryDirectory() as folder:
        mutmut = Mutmut(Path(folder))
        settings = mutmut.copy / "pyproject.toml"
        told = re.sub(r"^do_not_mutate = .*\n", "", settings.read_text("utf-8"), flags=re.MULTILINE)
        settings.write_text(told.replace("only_mutate", "do_not_mutate"), "utf-8")
        mutmut("run", "none of them", ends_with=1)
        tried = in_hash_order(filter(stands_alone, mutmut.results()))[:number]
        if failing := [room for room in set(map(room_of, tried)) if mutmut.tests_fail(room)]:
            sys.exit(f"mutants: expected tests that pass without one, those of {failing} fail")
        lost = [name for name in tried if not mutmut.notices(name)]
        for name in lost:
            print(*mutmut.change(name), sep="\t")
    print(f"the rest: {len(tried)} tried, {len(tried) - len(lost)} noticed")
    return len(lost) > (1 - AIM) * len(tried)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("number", type=int, nargs="?", help="how many; all if it is not said")
    parser.add_argument("--rest", action="store_true", help="of the rest of the package")
    asked = parser.parse_args()
    sys.exit((rest if asked.rest else main)(asked.number))
