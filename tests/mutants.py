"""Put small wrongs into what everything stands on, and see a test notice each: ``mutants.py``.

``python tests/mutants.py 200`` tries two hundred, evenly drawn from all that mutmut makes of the
files named in pyproject.toml; without a number, all. It prints each that survives and that
survivors.tsv does not name with a reason, and ends with 1 if they are more than one in twenty.
mutmut comes into a folder of its own, for what it asks for does not go together with what the book
asks for.
"""

import csv
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from pages import ROOT

MUTMUT = ["mutmut==3.8.1", "libcst==1.9.0", "setproctitle==1.3.8", "coverage==7.17.5"]
MOST = 0.05  # of those tried may survive without a reason
OF_TORCH = re.compile("torch|_of_module|_suffix")  # tested where PyTorch is installed
NOTICED = ("killed", "timeout", "suspicious", "segfault")


class Mutmut:
    """mutmut beside a copy of the package."""

    def __init__(self, folder: Path):
        pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps"]
        subprocess.run([*pip, "--target", folder / "tools", *MUTMUT], check=True)
        self.copy = folder / "copy"
        self.copy.mkdir()
        for name in ("rahulml", "tests"):
            shutil.copytree(ROOT / name, self.copy / name)
        shutil.copy(ROOT / "pyproject.toml", self.copy)

    def __call__(self, *arguments: str) -> str:
        path = os.pathsep.join(map(str, [self.copy.parent / "tools", self.copy]))
        done = subprocess.run(
            [sys.executable, "-m", "mutmut", *arguments],
            cwd=self.copy,
            env=os.environ | {"PYTHONPATH": path},
            capture_output=True,
            text=True,
        )
        if arguments[0] != "run" and done.returncode:
            sys.exit(done.stdout + done.stderr)
        return done.stdout

    def results(self) -> dict[str, str]:
        told = self("results", "--all", "true")
        return dict(re.findall(r"^ *(\S+__mutmut_\d+): (.+)$", told, re.MULTILINE))

    def change(self, mutant: str) -> tuple[str, str]:
        """Return the function, and what the mutant makes of a line of it."""
        changed = re.findall(r"^([-+]) +(.*)$", self("show", mutant), re.MULTILINE)
        function = mutant.rsplit("__mutmut_", 1)[0].replace(".x_", ".")
        return function, " → ".join(line for _, line in changed)


def main(number: int | None) -> int:
    with (ROOT / "tests/survivors.tsv").open(encoding="utf-8", newline="") as file:
        known = {(row["function"], row["change"]) for row in csv.DictReader(file, delimiter="\t")}
    with tempfile.TemporaryDirectory() as folder:
        mutmut = Mutmut(Path(folder))
        mutmut("run", "none of them")  # writes all, and which test meets which
        every = sorted(name for name in mutmut.results() if not OF_TORCH.search(name))
        if not every:
            sys.exit("mutants: expected some, mutmut made none")
        tried = every[:: max(1, len(every) // number)][:number] if number else every
        jobs = str(os.cpu_count())
        print(mutmut("run", "--max-children", jobs, *tried)[-200:])
        results = mutmut.results()
        left = [name for name in tried if results[name] not in NOTICED]
        unknown = [change for change in map(mutmut.change, left) if change not in known]
    for function, change in unknown:
        print(f"{function}\t{change}")
    slow = sum(results[name] == "timeout" for name in tried)
    print(
        f"{len(tried)} tried, {slow} ran too long, which may hide a survivor; {len(left)} survived,"
    )
    print(f"{len(unknown)} of them without a reason")
    return len(unknown) > MOST * len(tried)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else None))
