"""Pictures of opened machines: what they vote, keep, hear and lean to."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from rahulml.figures._picture import COLOURS, blank

SMALL = {1: "1", 1e-3: "thousandth", 1e-6: "millionth", 1e-9: "billionth"}
"""How a scale by powers of ten is labelled."""


def slots_by_word(
    words: Sequence[str],
    slots: Sequence[str],
    votes: Mapping[str, Sequence[Sequence[float]]],
    values: Mapping[str, Sequence[Sequence[float]]],
) -> Figure:
    """Show what a worker votes and remembers: one row a word, one column a slot, one panel a thing.

    Parameters
    ----------
    words : sequence of str
        The words, in order, from top to bottom.
    slots : sequence of str
        Names of the slots, from left to right.
    votes : mapping of str to array_like, shape (words, slots)
        Panels of the upper row, on a scale from 0 to 1.
    values : mapping of str to array_like, shape (words, slots)
        Panels of the lower row, as many, on one scale whose middle is 0.
    """
    height = 0.24 * len(words) + 0.75
    figure, rows = blank(5.4, 2 * height, 2, len(votes), dpi=160, sharex=True, sharey=True)
    reach = max(np.abs(panel).max() for panel in values.values())
    below_zero = LinearSegmentedColormap.from_list("", [COLOURS[1], "white", COLOURS[0]])
    above_zero = LinearSegmentedColormap.from_list("", ["white", COLOURS[2]])
    for axes_of_row, panels, low, high, colours in (
        (rows[0], votes, 0, 1, above_zero),
        (rows[1], values, -reach, reach, below_zero),
    ):
        for axes, (name, panel) in zip(axes_of_row, panels.items(), strict=True):
            drawn = axes.imshow(panel, vmin=low, vmax=high, cmap=colours, aspect="auto")
            axes.set_title(name, fontsize=10)
            axes.set_xticks(range(len(slots)), slots, fontsize=9)
            axes.set_yticks(range(len(words)), words, fontsize=9)
            axes.tick_params(length=0)
            axes.spines[:].set_visible(False)
            axes.grid(visible=False)
        bar = figure.colorbar(drawn, ax=axes_of_row, aspect=12)
        bar.ax.tick_params(labelsize=9)
        bar.outline.set_visible(False)
    figure.supxlabel("slot", fontsize=10)
    return figure


def votes_by_slot(votes: Mapping[str, NDArray]) -> Figure:
    """Show which slots keep near 1: where the votes of each slot lie, one colour a machine.

    Parameters
    ----------
    votes : mapping of str to ndarray, shape (places, units)
        For each of at most three machines, the votes of each slot at many places, in 0..1. Drawn
        are their average, and a line that holds all of them but one in a hundred at each end.
    """
    figure, axes = blank(5.4, 3.6)
    axes.axhline(1, color="0.4", linewidth=0.8)
    for number, ((name, of_slots), colour) in enumerate(zip(votes.items(), COLOURS, strict=False)):
        slots = np.arange(1, of_slots.shape[1] + 1) + 0.35 * (number - (len(votes) - 1) / 2)
        low, high = np.quantile(of_slots, [0.01, 0.99], axis=0)
        axes.vlines(slots, low, high, color=colour, linewidth=1.6)
        axes.plot(
            slots, of_slots.mean(axis=0, dtype=float), "o", color=colour, markersize=3.5, label=name
        )
    axes.set_ylim(0, 1.05)
    axes.set_xticks(range(4, of_slots.shape[1] + 1, 4))
    axes.set_xlabel("slot")
    axes.set_ylabel("keep-vote")
    axes.legend(frameon=False, loc="lower right", fontsize=9)
    return figure


def leaning_of_sentence(
    words: Sequence[str], guesses: Sequence[float], before: float, *, unknown: Collection[str] = ()
) -> Figure:
    """Show which word moves the clerk: the leaning after each word of a sentence, a row a word.

    Parameters
    ----------
    words : sequence of str
        The words, in order.
    guesses : sequence of float
        The clerk's guess after each word, in 0..1.
    before : float
        The guess before the first word.
    unknown : collection of str
        Words without a note of their own.
    """
    figure, axes = blank(5.4, 0.25 * len(words) + 1.1)
    axes.grid(visible=False, axis="y")
    axes.axvline(0.5, color="0.4", linewidth=0.8)
    rows = range(len(words))
    for row, start, end in zip(rows, [before, *guesses], guesses, strict=False):
        colour = COLOURS[0] if end >= start else COLOURS[1]
        axes.plot([start, end], [row, row], color=colour, linewidth=2.5)
        axes.plot(end, row, "o", color=colour, markersize=5)
    names = [f"{word} (unknown)" if word in unknown else word for word in words]
    axes.set_yticks(rows, names, fontsize=9)
    axes.set_ylim(len(words) - 0.4, -0.6)
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 0.5, 1], ["0\nthumbs down", "0.5", "1\nthumbs up"])
    axes.set_xlabel("the clerk's leaning after the word")
    return figure


def slopes_by_place(panels: Mapping[str, Mapping[str, Sequence[float]]]) -> Figure:
    """Show which words a guess hangs on: the slope at each place of a review, from old to new.

    Each panel has a scale of its own: by powers of ten where the slopes span more than two.

    Parameters
    ----------
    panels : mapping of str to mapping of str to sequence of float
        For each of two panels, by its title, and for each worker, at most three and the same in
        both: one slope for each place, from word 1 to the last.
    """
    figure, both = blank(5.4, 3.7, columns=2)
    for axes, (title, workers) in zip(both, panels.items(), strict=True):
        ends = [end(slopes) for slopes in workers.values() for end in (min, max)]
        if max(ends) > 100 * min(ends):
            axes.set_yscale("log")
            axes.set_yticks(list(SMALL), list(SMALL.values()), fontsize=9)
            axes.set_yticks([], minor=True)
        else:
            axes.set_ylim(0, 1.05 * max(ends))
        for (name, slopes), colour, dashes in zip(
            workers.items(), COLOURS, ("-", "--", "-."), strict=False
        ):
            axes.plot(range(1, len(slopes) + 1), slopes, dashes, color=colour, label=name)
        last = len(slopes)
        axes.set_xticks([1, last // 2, last])
        axes.set_title(title, fontsize=10)
        axes.set_xlabel("word")
    both[0].set_ylabel("slope of the clerk's sum")
    style = {"loc": "outside lower center", "frameon": False, "fontsize": 9}
    figure.legend(*both[0].get_legend_handles_labels(), **style, ncols=len(workers))
    return figure


def heard_by_distance(
    before: pd.DataFrame, after: pd.DataFrame, names: Mapping[str, str], *, floor: float = 1e-9
) -> Figure:
    """Show which words move the clerk: the gradient by distance from the end, a panel a machine.

    Parameters
    ----------
    before, after : DataFrame
        One row for each distance from the end, one column for each machine: the size of the
        gradient before and after training.
    names : mapping of str to str
        For each machine to draw, at most five, the heading of its panel.
    floor : float
        Where the picture ends below.
    """
    figure, grid = blank(5.4, 6.2, 3, 2, sharex=True, sharey=True)
    *panels, last = grid.flat
    for axes, (machine, name) in zip(panels, names.items(), strict=False):
        axes.plot(before.index, before[machine], "--", color=COLOURS[1], label="before training")
        axes.plot(after.index, after[machine], color=COLOURS[0], label="after training")
        axes.set_title(name, fontsize=10)
        axes.set_yscale("log")
        axes.set_ylim(floor, 30)
        axes.set_yticks(list(SMALL), list(SMALL.values()))
        axes.set_yticks([], minor=True)
        axes.tick_params(labelsize=9, labelbottom=True)
    last.axis("off")
    last.legend(*panels[0].get_legend_handles_labels(), frameon=False, loc="center")
    figure.supxlabel("words before the last one", fontsize=10)
    figure.supylabel("how far the clerk's sum moves", fontsize=10)
    return figure
