"""Time `rahulml.reviews.load()`: ``python benchmarks/loading.py [RUNS]``."""

import statistics
import sys
import time

from rahulml import reviews


def main(runs: int) -> None:
    seconds = []
    for _ in range(runs):
        started = time.perf_counter()
        reviews.load()
        seconds.append(time.perf_counter() - started)
    print(f"median of {runs}: {statistics.median(seconds):.1f} s, most: {max(seconds):.1f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
