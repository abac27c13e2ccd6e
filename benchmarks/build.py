"""Time a build of the whole book from clean, and rebuilds of one page after an edit of its prose.

Run it in an environment with requirements.txt installed: ``python benchmarks/build.py [RUNS]``.
It works on a copy, prints each run, then the medians, and keeps them in ``history.tsv``.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import history
import psutil

ROOT = Path(__file__).resolve().parents[1]
BUILD = [Path(sys.executable).parent / "jupyter-book", "build", "book/"]


def build(folder: Path, **environment: str) -> tuple[float, float]:
    """Build the book; return the seconds and the peak memory of all its processes, in GiB."""
    started, peak = time.perf_counter(), 0
    process = psutil.Popen(
        BUILD,
        cwd=folder,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None:
        resident = 0
        for member in [process, *process.children(recursive=True)]:
            try:
                resident += member.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        peak = max(peak, resident)
        time.sleep(0.25)
    if process.returncode:
        sys.exit(f"the build failed with exit status {process.returncode}")
    return time.perf_counter() - started, peak / 2**30


def main(runs: int) -> None:
    figures: dict[str, list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "clone"
        shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".git", ".venv", "_build"))

        def edited(chapter: str, **environment: str) -> tuple[float, float]:
            page = folder / f"book/{chapter}.md"
            page.write_text(page.read_text("utf-8") + "\nOne more sentence.\n", "utf-8")
            return build(folder, **environment)

        for _ in range(runs):
            shutil.rmtree(folder / "book/_build", ignore_errors=True)
            measured = {"whole book from clean": build(folder)}
            build(folder, RAHULML_DRAFT="1")  # a draft marks every page once
            for part, chapter in (("hand", "by-hand/combine"), ("trained", "trained/head-to-head")):
                measured[f"draft, after a prose edit in a {part} chapter"] = edited(
                    chapter, RAHULML_DRAFT="1"
                )
            for what, (seconds, memory) in measured.items():
                print(f"{what}: {seconds:.1f} s, {memory:.2f} GiB")
                figures.setdefault(what, []).append((seconds, memory))
    for what, rows in figures.items():
        seconds, memory = zip(*rows, strict=True)
        history.keep(what, seconds, "s")
        history.keep(f"{what}: memory", memory, "GiB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
