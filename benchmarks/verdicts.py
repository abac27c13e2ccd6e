"""Measure what the verdicts of `rahulml.scores.pairs` are worth, on machines whose truth is known.

``python benchmarks/verdicts.py [WORLDS]``: so many made-up worlds for each line, 1,000 if not said.
"""

import itertools
import sys

import numpy as np
from history import keep

from rahulml import scores

WORLDS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
MARGIN = 0.01


def skewed(rng, shape):
    return rng.standard_exponential(shape) - 1


def heavy(rng, shape):
    return rng.standard_t(3, shape) / 3**0.5


def without_start(right):
    """Let the last three be readers that have no start: one sheet at every seed."""
    right[-3:] = right[-3:, :1]
    return right


def measure(change=lambda right: right, level=0.84, machines=5, **world):
    """Judge WORLDS worlds; return an array (worlds, pairs) for each thing that may happen."""
    rng = np.random.default_rng(0)
    level = np.broadcast_to(level, machines)
    true = np.array([a - b for a, b in itertools.combinations(level, 2)])
    found = []
    for _ in range(WORLDS):
        right = change(scores.world(rng, machines=machines, level=level, **world))
        table = scores.pairs(dict(enumerate(right)), margin=MARGIN)
        low, high, verdict = (table[name].to_numpy() for name in ("low", "high", "verdict"))
        covered = (low <= true) & (true <= high)
        found.append((covered, verdict == "told apart", verdict == "about the same", high - low))
    return true, *map(np.array, zip(*found, strict=True))


def line(*cells):
    print("|", " | ".join(map(str, cells)), "|", flush=True)


def percent(share):
    return f"{100 * np.mean(share):.1f} %"


def table(title, *head):
    print(f"\n{title}\n")
    line(*head)
    line(*["---"] * len(head))


def equal_machines():
    table(
        f"All machines equal, {WORLDS:,} worlds a line.",
        *("starts", "machines", "seeds", "exam", "interval holds the truth", "worst pair"),
        *("any false verdict", "half an interval, points"),
    )
    alike = [
        (kind, {"seeds": seeds, "luck": luck})
        for kind, luck in (("bell-shaped", np.random.Generator.standard_normal), ("skewed", skewed))
        for seeds in (3, 5, 10)
    ]
    wide, none = [0.0035] * 4, [0.0045] * 5 + [0] * 3
    rest = [
        ("heavy tails", {"luck": heavy}),
        ("bell-shaped", {"reviews": 25_000}),
        ("bell-shaped", {"machines": 2}),
        ("bell-shaped", {"machines": 10}),
        ("one machine's 3 times as wide", {"spread": [*wide, 0.0105]}),
        ("the same, skewed", {"spread": [*wide, 0.0105], "luck": skewed}),
        ("the same", {"spread": [*wide, 0.0105], "seeds": 3}),
        ("one machine's 10 times as wide", {"spread": [*wide, 0.035]}),
        ("the same", {"spread": [*wide, 0.035], "seeds": 3}),
        ("3 machines have none", {"machines": 8, "spread": none, "change": without_start}),
    ]
    rates = []
    for kind, how in alike + rest:
        _, covered, told, _, width = measure(**how)
        rates.append((np.mean(covered), told.any(axis=1).mean()))
        line(
            *(kind, how.get("machines", 5), how.get("seeds", 5), f"{how.get('reviews', 4979):,}"),
            *(percent(covered), percent(covered.mean(axis=0).min()), percent(told.any(axis=1))),
            f"{50 * np.median(width):.2f}",
        )
    print()
    for figure, shares in zip(
        ("interval holds the truth", "any false verdict"), zip(*rates, strict=True), strict=True
    ):
        keep(f"{figure}, equal machines, {len(rates)} kinds of worlds", shares, "share")


def about_the_same():
    table(
        f"Some pairs differ by {MARGIN}, just too much to be about the same.",
        *("of 10 pairs", "seeds", "each called so", "any called so"),
    )
    for ahead, seeds in itertools.product((1, 2), (3, 5, 10)):
        level = [0.84 + MARGIN] * ahead + [0.84] * (5 - ahead)
        true, _, _, same, _ = measure(level=level, seeds=seeds)
        same = same[:, true > 0]
        line(same.shape[1], seeds, percent(same), percent(same.any(axis=1)))


def power():
    names = ("Transformer", "BiLSTM", "LSTM", "GRU", "plain worker")
    true = [0.848, 0.845, 0.843, 0.839, 0.826]
    runs = {
        f"{seeds} seeds, {reviews:,} reviews": measure(level=true, seeds=seeds, reviews=reviews)
        for seeds, reviews in ((3, 4_979), (5, 4_979), (10, 4_979), (20, 4_979), (10, 25_000))
    }
    table("How often it tells apart gaps as on the page.", "pair", "points", *runs)
    for i, (first, second) in enumerate(itertools.combinations(range(5), 2)):
        line(
            *(f"{names[first]}, {names[second]}", f"{100 * (true[first] - true[second]):+.1f}"),
            *(percent(told[:, i]) for _, _, told, _, _ in runs.values()),
        )
    line("about the same", "", *(percent(same) for *_, same, _ in runs.values()))


if __name__ == "__main__":
    equal_machines()
    about_the_same()
    power()
