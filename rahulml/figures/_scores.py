"""Pictures of how right machines are: by loop, by seed, by distance, by padding."""

from collections.abc import Mapping, Sequence

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


def loss_by_turn(losses: Mapping[str, Sequence[float]]) -> Figure:
    """Show who follows whom: the wrongness at each dial-turn, one line a training.

    Parameters
    ----------
    losses : mapping of str to sequence of float
        For each training, the average wrongness of each grab: at most three trainings.
    """
    figure, axes = blank(5.4, 3.4)
    for (name, loss), colour in zip(losses.items(), COLOURS, strict=False):
        axes.plot(range(1, len(loss) + 1), loss, color=colour, linewidth=1.2, label=name)
    axes.legend(frameon=False, loc="lower left")
    axes.set_xlabel("dial-turn")
    axes.set_ylabel("average wrongness of the grab")
    return figure


def scores_from_all_starts(histories: Mapping[str, Sequence[pd.DataFrame]]) -> Figure:
    """Show whether another loop helps, from every start: thin lines, and their mean thick.

    Parameters
    ----------
    histories : mapping of str to sequence of DataFrame
        For each machine, at most three, one `rahulml.runs.Run.history` for each start.
    """
    figure, both = blank(5.4, 3.7, columns=2, sharey=True)
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
    drawn = zip(names.items(), COLOURS, "o^s", (-0.16, 0, 0.16), strict=False)
    for (machine, name), colour, marker, aside in drawn:
        own = scores[scores["machine"] == machine]
        style = {"color": colour, "alpha": 0.75, "markersize": 5}
        axes.plot(own["distance"].map(places) + aside, own["score"], marker, label=name, **style)
        means = own.groupby("distance")["score"].mean()
        axes.plot(means.index.map(places) + aside, means, color=colour, linewidth=1)
    axes.set_xticks(range(len(distances)), distances)
    axes.set_xlim(-0.4, len(distances) + 0.25)
    axes.set_ylim(0.38, 1.03)
    axes.set_xlabel("words from the clue to the end")
    axes.set_ylabel("share right")
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
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
    drawn = zip(names.items(), COLOURS, "o^s", (-0.16, 0, 0.16), strict=False)
    for (machine, name), colour, marker, aside in drawn:
        own = scores[scores["machine"] == machine]
        style = {"color": colour, "alpha": 0.75, "markersize": 5}
        axes.plot(own["length"].map(places) + aside, own["score"], marker, label=name, **style)
    axes.set_xticks(range(len(lengths)), lengths)
    axes.set_xlim(-0.4, len(lengths) + 0.25)
    axes.set_ylim(0.38, 1.03)
    axes.set_xlabel("words in the text")
    axes.set_ylabel("share right")
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.legend(frameon=False, loc="center left", fontsize=9, bbox_to_anchor=(0, 0.62))
    return figure


def against_the_full(tasks: Mapping[str, pd.DataFrame], names: Mapping[str, str]) -> Figure:
    """Show what each change costs: each seed's difference to the full machine, and the interval.

    Parameters
    ----------
    tasks : mapping of str to DataFrame
        For each task, at most two, its heading and one row for each variant, named by the index:
        ``differences``, one for each seed, variant minus full machine, as shares; and ``low,
        high``, the interval of their mean.
    names : mapping of str to str
        For each variant, from top to bottom, its label.
    """
    height = 0.42 * len(names) + 1.2
    figure, panels = blank(5.4, height, columns=len(tasks), sharey=True, squeeze=False)
    for axes, (task, table), colour in zip(panels[0], tasks.items(), COLOURS, strict=False):
        axes.grid(visible=False)
        axes.axvline(0, color="0.4", linewidth=1)
        for row, variant in enumerate(names):
            found = table.loc[variant]
            axes.plot([100 * found["low"], 100 * found["high"]], [row, row], color=colour)
            dots = [100 * difference for difference in found["differences"]]
            axes.plot(dots, [row] * len(dots), "o", color=colour, markersize=4, alpha=0.7)
        axes.set_title(task, fontsize=10)
        axes.set_xlabel("points above the LSTM", fontsize=9)
        axes.tick_params(labelsize=9)
        axes.margins(x=0.1)
    panels[0, 0].set_yticks(range(len(names)), names.values())
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


def score_by_padding(scores: pd.DataFrame) -> Figure:
    """Show where padding after the words begins to hurt: one line a machine, one dot a seed.

    Parameters
    ----------
    scores : DataFrame
        Shares right. One column for each machine, named as it is to be labelled, at most three;
        one row for each seed and each number of padded places, which is the index.
    """
    figure, axes = blank(5.4, 3.4)
    places = sorted(set(scores.index))
    ends = {name: column.loc[places[-1]].mean() for name, column in scores.items()}
    axes.axhline(0.5, color="0.4", linestyle="dotted")
    write_beside(axes, (0, 0.5), "guessing", (0, -5), "black", ha="left", fontsize=9)
    for (name, column), colour in zip(scores.items(), COLOURS, strict=False):
        axes.plot(column.index, column, "o", color=colour, alpha=0.5, markersize=5)
        means = column.groupby(level=0).mean()
        axes.plot(means.index, means, color=colour)
        up = 3 if ends[name] == max(ends.values()) else -3
        write_beside(axes, (places[-1], ends[name]), name, (9, up), colour, bbox=ON_WHITE)
    axes.set_xticks(places)
    axes.set_xlim(-0.04 * places[-1], 1.3 * places[-1])
    axes.set_ylim(bottom=0.46)
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_xlabel("padded places after the last word")
    axes.set_ylabel("share right")
    return figure
