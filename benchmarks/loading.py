"""Time `rahulml.reviews.load()`: ``python benchmarks/loading.py [RUNS]``."""

import sys
import time

import history

from rahulml import reviews


def main(runs: int) -> None:
    seconds = []
    for _ in range(runs):
        started = time.perf_counter()
        reviews.load()
        seconds.append(time.perf_counter() - started)
    history.keep("reviews.load()", seconds, "s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
