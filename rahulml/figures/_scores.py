"""Pictures of how right machines are: by loop, by seed, by distance, by padding."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from rahulml.figures._picture import COLOURS, ON_WHITE, blank, write_beside


def score_by_loop(history: pd.DataFrame) -> Figure:
    """Show whether another loop helps: the share right on the study pile and the mock exam.

    Parameters
    ----------
    history : DataFrame
        As `rahulml.runs.Run.history`.
    """
    figure, axes = blank(5.4, 3.2)
    for (column, label), colour in zip(
        {"study_score": "study pile", "mock_score": "mock exam"}.items(), COLOURS, strict=False
    ):
        axes.plot(history.index, history[column], marker="o", color=colour)
        write_beside(axes, (history.index[-1], history[column].iloc[-1]), label, (9, 0), colour)
    axes.set_xlim(0.7, len(history) + 0.9)
    axes.set_xticks(history.index)
    axes.set_xlabel("loop")
    axes.set_ylabel("share right")
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    return figure


def apart_by_turn(apart: Mapping[str, Sequence[float]]) -> Figure:
    """Show who follows whom: how far two trainings lie apart at each dial-turn, on a log scale.

    Parameters
    ----------
    apart : mapping of str to sequence of float
        For each of at most three pairs of trainings, 0 or more: one number a dial-turn.
    """
    figure, axes = blank(5.4, 3.4)
    axes.set_yscale("log")
    for (name, gaps), colour in zip(apart.items(), COLOURS, strict=False):
        axes.plot(range(1, len(gaps) + 1), gaps, color=colour, linewidth=1.6)
        write_beside(axes, (len(gaps), gaps[-1]), name, (0, -8), colour, ha="right", bbox=ON_WHITE)
    named = {10.0**-power: f"{10.0**-power:.{power}f}" for power in (1, 3, 5, 7)}
    axes.set_yticks(list(named), list(named.values()))
    axes.set_yticks([], minor=True)
    axes.set_ylim(top=1)
    axes.set_xlabel("dial-turn")
    axes.set_ylabel("wrongness, most apart so far")
    return figure


def scores_from_all_starts(histories: Mapping[str, Sequence[pd.DataFrame]]) -> Figure:
    """Show whether another loop helps, from every start: thin lines, and their mean thick.

    Study pile and mock exam have a scale of their own.

    Parameters
    ----------
    histories : mapping of str to sequence of DataFrame
        For each machine, at most three, one `rahulml.runs.Run.history` for each start.
    """
    figure, both = blank(5.4, 3.7, columns=2)
    for axes, (column, title) in zip(
        both, {"study_score": "study pile", "mock_score": "mock exam"}.items(), strict=True
    ):
        for (name, starts), colour in zip(histories.items(), COLOURS, strict=False):
            for history in starts:
                axes.plot(history.index, history[column], color=colour, linewidth=0.7, alpha=0.6)
            mean = pd.concat([history[column] for history in starts], axis=1).mean(axis=1)
            axes.plot(mean.index, mean, color=colour, linewidth=2.5, marker="o", label=name)
        axes.set_title(title, fontsize=10)
        axes.set_xticks(mean.index)
        axes.set_xlabel("loop")
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    both[0].set_ylabel("share right")
    both[0].legend(frameon=False, loc="lower right", fontsize=9)
    return figure


def score_by_distance(
    scores: pd.DataFrame, names: Mapping[str, str], reader: Mapping[int, float]
) -> Figure:
    """Show how far back each machine hears: a dot for each training, a line for their mean.

    Parameters
    ----------
    scores : DataFrame
        As `rahulml.scores.score_by_distance` returns it: ``machine, seed, distance, score``.
    names : mapping of str to str
        For each machine to draw, at most three, its name in the legend.
    reader : mapping of int to float
        For each distance, the share right of a reader who remembers the last clue only.
    """
    figure, axes = blank(5.4, 3.8)
    distances = sorted(reader)
    places = dict(zip(distances, range(len(distances)), strict=True))
    axes.plot([-0.4, len(distances) - 0.7], [0.5, 0.5], color="0.4", linewidth=1)
    write_beside(axes, (len(distances) - 0.7, 0.5), "guessing", (3, 0), "0.4", fontsize=9)
    reads = [reader[distance] for distance in distances]
    axes.plot(range(len(distances)), reads, "--", color="0.4", label="last-clue reader")
    _every_training(axes, scores, names, "distance", places, with_mean=True)
    axes.set_xlabel("words from the clue to the end")
    axes.legend(frameon=False, loc="center right", fontsize=9, bbox_to_anchor=(1, 0.62))
    return figure


def score_by_length(scores: pd.DataFrame, names: Mapping[str, str]) -> Figure:
    """Show how long a text each machine can follow: a dot for each training at each length.

    Parameters
    ----------
    scores : DataFrame
        ``machine, seed, length, score``, one row for each training and length.
    names : mapping of str to str
        For each machine to draw, at most three, its name in the legend.
    """
    figure, axes = blank(5.4, 3.4)
    lengths = sorted(scores["length"].unique())
    places = dict(zip(lengths, range(len(lengths)), strict=True))
    axes.plot([-0.4, len(lengths) - 0.6], [0.5, 0.5], color="0.4", linewidth=1)
    write_beside(axes, (len(lengths) - 0.6, 0.5), "guessing", (3, 0), "0.4", fontsize=9)
    _every_training(axes, scores, names, "length", places)
    axes.set_xlabel("words in the text")
    axes.legend(frameon=False, loc="center left", fontsize=9, bbox_to_anchor=(0, 0.62))
    return figure


def _every_training(axes, scores, names, along, places, *, with_mean=False):
    """Draw a dot for each training at each place, machine by machine, and a line for their mean."""
    axes.set_xticks(range(len(places)), list(places))
    axes.set_xlim(-0.4, len(places) + 0.25)
    axes.set_ylim(0.38, 1.03)
    axes.set_ylabel("share right")
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    drawn = zip(names.items(), COLOURS, "o^s", (-0.16, 0, 0.16), strict=False)
    for (machine, name), colour, marker, aside in drawn:
        own = scores[scores["machine"] == machine]
        style = {"color": colour, "alpha": 0.75, "markersize": 5}
        axes.plot(own[along].map(places) + aside, own["score"], marker, label=name, **style)
        if with_mean:
            means = own.groupby(along)["score"].mean()
            axes.plot(means.index.map(places) + aside, means, color=colour, linewidth=1)


def every_start(tasks: Mapping[str, pd.DataFrame]) -> Figure:
    """Show every training by itself, where a mean would hide that some starts are stuck.

    Parameters
    ----------
    tasks : mapping of str to DataFrame
        For each task, at most two, its heading and its shares right: one row a seed, one column for
        each machine, named as it is to be labelled, the same for all tasks.
    """
    names = next(iter(tasks.values())).columns
    height = 0.42 * len(names) + 1.0
    figure, panels = blank(5.4, height, columns=len(tasks), sharey=True, squeeze=False)
    for axes, (task, scores), colour in zip(panels[0], tasks.items(), COLOURS, strict=False):
        axes.grid(visible=False)
        axes.axvline(0.5, color="0.4", linestyle="dotted", zorder=0)
        for row, name in enumerate(names):
            lanes = row + 0.22 * np.linspace(-1, 1, len(scores))  # equal scores, side by side
            axes.plot(scores[name], lanes, "o", color=colour, markersize=4, alpha=0.7)
        axes.set_title(task, fontsize=10)
        axes.set_xlabel("share right", fontsize=9)
        axes.set_xlim(0.4, 1.04)
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axes.tick_params(labelsize=9)
    panels[0, 0].set_yticks(range(len(names)), names)
    panels[0, 0].invert_yaxis()
    return figure


def dots_and_intervals(
    values: pd.DataFrame, intervals: Sequence[tuple[float, float]], *, label: str
) -> Figure:
    """Show what each seed found, and how far the mean can be trusted: one row for each column.

    Parameters
    ----------
    values : DataFrame
        One row a seed, one column for each row of the picture, named as it is to be labelled:
        shares; or differences of shares, which are drawn in points, hundredths, about a line at 0.
    intervals : sequence of (float, float)
        For each column, the interval of its mean.
    label : str
        What is measured.
    """
    figure, axes = blank(5.4, 0.42 * values.shape[1] + 0.8)
    axes.grid(visible=False, axis="y")
    axes.grid(axis="x", color="0.9")
    dot_colour, mean_colour, _ = COLOURS
    for row, (name, found) in enumerate(values.items()):
        low, high = intervals[row]
        axes.plot([low, high], [row, row], color=mean_colour, linewidth=2, zorder=1)
        axes.plot(found, [row] * len(found), "o", color=dot_colour, alpha=0.6, label=name)
        axes.plot(found.mean(), row, "|", color=mean_colour, markersize=18, markeredgewidth=2)
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(lambda share, _: f"{100 * share:.3g}%")
    if values.to_numpy().min() < 0:
        axes.axvline(0, color="0.4", linestyle="dotted", zorder=0)
        axes.xaxis.set_major_formatter(lambda share, _: f"{100 * share:+.3g}" if share else "0")
    axes.set_yticks(range(values.shape[1]), values.columns)
    axes.set_ylim(values.shape[1] - 0.4, -0.6)
    axes.set_xlabel(label)
    return figure


def score_by_padding(scores: pd.DataFrame, *, bar: float) -> Figure:
    """Show where padding traps a machine, and what frees it: one dot a seed, a column a window.

    Parameters
    ----------
    scores : DataFrame
        Shares right. One column for each machine, named as it is to be labelled, at most three;
        one row for each seed and each kind of window, whose name is the index.
    bar : float
        Whoever is not above it is stuck.
    """
    figure, axes = blank(5.4, 3.6)
    kinds = list(dict.fromkeys(scores.index))
    axes.axhspan(0, bar, color="0.93", zorder=0)
    axes.axhline(0.5, color="0.4", linestyle="dotted")
    write_beside(axes, (len(kinds) - 0.5, 0.5), "guessing", (4, 0), "0.3", fontsize=9)
    write_beside(axes, (len(kinds) - 0.5, bar), "stuck\nbelow", (4, 0), "0.3", fontsize=9)
    asides = (-0.15, 0.15, 0)
    for (name, column), colour, marker, aside in zip(
        scores.items(), COLOURS, "o^s", asides, strict=False
    ):
        seen = dict.fromkeys(kinds, 0)
        places = []
        for kind in scores.index:
            places.append(kinds.index(kind) + aside + 0.05 * seen[kind])
            seen[kind] += 1
        axes.plot(places, column, marker, color=colour, alpha=0.75, markersize=5, label=name)
    axes.set_xticks(range(len(kinds)), kinds, fontsize=9)
    axes.set_xlim(-0.5, len(kinds) - 0.5)
    axes.set_ylim(0.46, 1.1 * scores.to_numpy().max())
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.legend(frameon=False, loc="upper center", ncols=len(scores.columns), fontsize=9)
    axes.set_xlabel("padded places")
    axes.set_ylabel("share right")
    return figure


def reliability(curves: Mapping[str, pd.DataFrame]) -> Figure:
    """Show whether guesses are probabilities: how many were liked at each, one line a machine.

    Parameters
    ----------
    curves : mapping of str to DataFrame
        For each machine, at most three, what `rahulml.scores.reliability` returns. Parts without a
        guess are left out; bars are two standard errors long on each side.
    """
    figure, axes = blank(5.4, 4.2)
    axes.plot([0, 1], [0, 1], ":", color="0.4", linewidth=1)
    for (name, table), colour in zip(curves.items(), COLOURS, strict=False):
        found = table[table["reviews"] > 0]
        axes.errorbar(
            found["guess"],
            found["liked"],
            yerr=2 * found["error"],
            marker="o",
            markersize=4,
            linewidth=1.3,
            color=colour,
            label=name,
        )
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_xlabel("the clerk's guess")
    axes.set_ylabel("share that was liked")
    axes.legend(frameon=False, loc="upper left")
    return figure
