"""The pictures of the book: each answers one question and returns its figure."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

COLOURS = ("#0072B2", "#D55E00", "#009E73")
"""Three colours of Okabe and Ito (2008) that colour-blind readers tell apart."""


def slots_by_stage(stages: Mapping[str, Sequence[float]]) -> Figure:
    """Show where each slot ends: one line a slot, through the stages of the combine.

    Parameters
    ----------
    stages : mapping of str to sequence of float
        For each stage, from left to right, the number in each slot: at most three slots.
    """
    figure, axes = _blank(5.4, 3.6)
    names = list(stages)
    axes.axhspan(-1, 1, color="0.93", zorder=0)
    axes.annotate("the band of tanh", (-0.65, -0.94), color="0.4", fontsize=9)
    slots = list(zip(*stages.values(), strict=True))
    for number, (slot, colour) in enumerate(zip(slots, COLOURS, strict=False), start=1):
        above = slot[-1] == max(end for *_, end in slots)
        axes.plot(names, slot, marker="o", color=colour)
        axes.annotate(
            f"slot {number}",
            (0, slot[0]),
            xytext=(-10, 0),
            textcoords="offset points",
            ha="right",
            va="center",
            color=colour,
        )
        for x, value in enumerate(slot):
            axes.annotate(
                f"{value:.2f}",
                (x, value),
                xytext=(0, 7 if above else -7),
                textcoords="offset points",
                ha="center",
                va="bottom" if above else "top",
                color=colour,
                fontsize=9,
            )
    axes.set_xlim(-0.7, len(names) - 0.7)
    axes.margins(y=0.1)
    axes.set_ylabel("number in the slot")
    return figure


def score_by_loop(history: pd.DataFrame) -> Figure:
    """Show whether another loop helps: the share right on the study pile and the mock exam.

    Parameters
    ----------
    history : DataFrame
        As `rahulml.training.Run.history`.
    """
    figure, axes = _blank(5.4, 3.2)
    for (column, label), colour in zip(
        {"study_score": "study pile", "mock_score": "mock exam"}.items(), COLOURS, strict=False
    ):
        axes.plot(history.index, history[column], marker="o", color=colour)
        axes.annotate(
            label,
            (history.index[-1], history[column].iloc[-1]),
            xytext=(9, 0),
            textcoords="offset points",
            va="center",
            color=colour,
        )
    axes.set_xlim(0.7, len(history) + 0.9)
    axes.set_xticks(history.index)
    axes.set_xlabel("loop")
    axes.set_ylabel("share right")
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    return figure


def left_by_distance(*kinds: pd.DataFrame, floor: float = 1e-9) -> Figure:
    """Show how fast a mark fades: the share left against the words read since, on a log scale.

    Parameters
    ----------
    *kinds : DataFrame
        One for each kind of memory, at most three, each in its own colour: one column a line, named
        as it is to be labelled, and one row a distance.
    floor : float
        Where the picture ends below. A line that falls under it is labelled where it leaves.
    """
    figure, axes = _blank(5.4, 4.6)
    axes.set_yscale("log")
    ends, exits = [], []
    for left, colour in zip(kinds, COLOURS, strict=False):
        for name, line in left.items():
            axes.plot(line.index, line, color=colour)
            if line.iloc[-1] >= floor:
                ends.append((line.iloc[-1], name, line.index[-1], colour))
            else:
                exits.append((line.index[line < floor][0], name, colour))
    for distance, name, colour in exits:
        rightmost = distance == max(exits)[0]
        axes.annotate(
            name,
            (distance, floor),
            xytext=(6 if rightmost else -18, 6),
            textcoords="offset points",
            ha="left" if rightmost else "right",
            color=colour,
            fontsize=9,
        )
    lowest = np.inf
    for value, name, distance, colour in sorted(ends, reverse=True):
        lowest = min(value, lowest / 2.6)  # one line of text below the label before
        axes.annotate(
            name,
            (distance, lowest),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            fontsize=9,
        )
    last = max(left.index[-1] for left in kinds)
    axes.set_xlim(0, 1.45 * last)
    axes.set_xticks(range(0, last + 1, 10))
    axes.set_ylim(floor, 2)
    named = {1: "all", 1e-3: "1 in a\nthousand", 1e-6: "1 in a\nmillion", 1e-9: "1 in a\nbillion"}
    axes.set_yticks(list(named), list(named.values()))
    axes.set_yticks([], minor=True)
    axes.set_xlabel("words read since word 1")
    axes.set_ylabel("left of the mark of word 1")
    return figure


def _blank(width: float, height: float) -> tuple[Figure, Axes]:
    """Return a figure that shows once: when it is a cell's value, not when the cell ends."""
    figure, axes = plt.subplots(figsize=(width, height), dpi=160, layout="constrained")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="0.9")
    axes.set_axisbelow(True)
    plt.close(figure)
    return figure, axes
