"""Time `rahulml.reviews.load()`: ``python benchmarks/loading.py [RUNS]``.

Or a table, and the memory that it takes: ``python benchmarks/loading.py --rows 1000000``. It is the
packaged reviews over and over, each time begun at another word, and every second row has a rare
word: half a million words in all. A million rows take 1.3 GB of a temporary folder.
"""

import csv
import random
import resource
import sys
import tempfile
import time
from pathlib import Path

import history

from rahulml import reviews
from rahulml.reviews import sources


def main(runs: int) -> None:
    seconds = []
    for _ in range(runs):
        started = time.perf_counter()
        reviews.load()
        seconds.append(time.perf_counter() - started)
    history.keep("reviews.load()", seconds, "s")


def make(path: Path, rows: int) -> None:
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
        make(path, rows)
        started = time.perf_counter()
        piles = reviews.load(path, progress=True)
        seconds = time.perf_counter() - started
    print(piles.report)
    history.keep(f"reviews.load(), {rows:,} rows", [seconds], "s")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    history.keep(f"reviews.load(), {rows:,} rows, memory", [most], "MB")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--rows"]:
        large(int(sys.argv[2]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
