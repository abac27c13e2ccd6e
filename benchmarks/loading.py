"""Time `rahulml.reviews.load()`: ``python benchmarks/loading.py [RUNS]``.

Or a table of your own making, and the memory that it takes: ``... loading.py --rows 1000000``. It
is the packaged reviews' words over and over, each time begun at another word, and every second row
has a rare one: 0.4 million words in all. A million rows take 1.3 GB of a temporary folder.
"""

import csv
import random
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

from rahulml import reviews
from rahulml.reviews import sources


def main(runs: int) -> None:
    seconds = []
    for _ in range(runs):
        started = time.perf_counter()
        reviews.load()
        seconds.append(time.perf_counter() - started)
    print(f"median of {runs}: {statistics.median(seconds):.1f} s, most: {max(seconds):.1f} s")


def made(path: Path, rows: int) -> None:
    packaged = [(text.split(), label) for _, text, label in sources.packaged().rows]
    draw = random.Random(0)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["text", "label"])
        for row in range(rows):
            words, label = packaged[row % len(packaged)]
            start = draw.randrange(len(words))
            rare = [f"w{draw.randrange(2_000_000):x}"] if row % 2 else []
            turn = str(row // len(packaged))
            out.writerow([" ".join([*words[start:], *rare, *words[:start], turn]), label])


def large(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.csv"
        made(path, rows)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started = time.process_time()
        piles = reviews.load(path, progress=True)
        seconds = time.process_time() - started
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(piles.report)
    print(f"{rows:,} rows: {seconds:.0f} s of one core, {after / 2**20:.2f} GiB at most, ", end="")
    print(f"{before / 2**20:.2f} before")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--rows"]:
        large(int(sys.argv[2]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
