"""Keep what a benchmark measured: a line on the screen, and a row of ``history.tsv``."""

import datetime
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

HISTORY = Path(__file__).with_name("history.tsv")


def keep(figure: str, values: Sequence[float], unit: str) -> None:
    """Print the median and the range of what was measured, and add them to the history.

    The unit of a ratio is ``ratio``, and its values are those of the pairs.
    """
    measured = (statistics.median(values), min(values), max(values))
    median, low, high = (f"{value:.4g}" for value in measured)
    print(f"{figure}: {median} {unit} ({low} to {high}, n = {len(values)})", flush=True)
    today = datetime.datetime.now(datetime.UTC).date()
    command = " ".join([f"benchmarks/{Path(sys.argv[0]).name}", *sys.argv[1:]])
    row = (today, _commit(), _machine(), command, figure, unit, median, low, high, len(values))
    with HISTORY.open("a", encoding="utf-8", newline="\n") as file:
        print(*row, sep="\t", file=file)


def _commit() -> str:
    """Return the commit that is checked out, with a plus if files other than the history differ."""
    edited = _git("status", "--short", "--untracked-files=no", "--", ":/", f":!{HISTORY.name}")
    return _git("rev-parse", "--short", "HEAD") + "+" * bool(edited)


def _git(*question: str) -> str:
    if not shutil.which("git"):
        return ""
    asked = subprocess.run(
        ["git", *question], cwd=HISTORY.parent, capture_output=True, check=False, text=True
    )
    return asked.stdout.strip()


def _machine() -> str:
    """Return the number of cores, their name and their widest vectors, where Linux tells them."""
    path = Path("/proc/cpuinfo")
    about = path.read_text("utf-8") if path.is_file() else ""
    name = re.search(r"^model name\s*: (.+)", about, re.MULTILINE)
    words = [f"{os.cpu_count()} cores", name[1] if name else platform.processor()]
    words += [vectors for vectors in ("avx512f", "avx2") if vectors in about][:1]
    return ", ".join(words)
