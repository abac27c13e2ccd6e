"""The pictures of the book: each answers one question and returns its figure."""

import io
from collections.abc import Collection, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import NDArray

from rahulml.hand_cell import sigmoid

COLOURS = ("#0072B2", "#B34A00", "#007A5A")
"""Blue, vermilion and green after Okabe and Ito (2008), which colour-blind readers tell apart.

The last two are darker than theirs, so that small letters can be read in them.
"""


class Picture(Figure):
    """A figure that a notebook shows as SVG: sharp at every size, the same bytes every time."""

    def _repr_svg_(self) -> str:
        written = io.StringIO()
        with plt.rc_context({"svg.hashsalt": "rahulml", "svg.fonttype": "path"}):
            self.savefig(
                written,
                format="svg",
                bbox_inches="tight",
                metadata={"Creator": None, "Date": None, "Format": None, "Type": None},
            )
        return written.getvalue()


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


def loss_by_turn(losses: Mapping[str, Sequence[float]]) -> Figure:
    """Show who follows whom: the wrongness at each dial-turn, one line a training.

    Parameters
    ----------
    losses : mapping of str to sequence of float
        For each training, the average wrongness of each grab: at most three trainings.
    """
    figure, axes = _blank(5.4, 3.4)
    for (name, loss), colour in zip(losses.items(), COLOURS, strict=False):
        axes.plot(range(1, len(loss) + 1), loss, color=colour, linewidth=1.2, label=name)
    axes.legend(frameon=False, loc="lower left")
    axes.set_xlabel("dial-turn")
    axes.set_ylabel("average wrongness of the grab")
    return figure


def sums_on_squashes(fresh: Sequence[float], votes: Mapping[str, Sequence[float]]) -> Figure:
    """Show where each machine's sums land: fresh values on the tanh, votes on the sigmoid.

    Parameters
    ----------
    fresh : sequence of float
        The sums of the fresh value before its squash, one for each slot.
    votes : mapping of str to sequence of float
        For each voter, its sums before the squash: at most three voters.
    """
    figure, axes = _blank(5.4, 3.8)
    reach = 1.15 * max(3, *np.abs([*fresh, *np.concatenate(list(votes.values()))]))
    line = np.linspace(-reach, reach, 200)
    axes.axhline(0, color="0.6", linewidth=0.8)
    for name, squash, colour, at in (
        ("tanh", np.tanh, COLOURS[0], -0.85),
        ("sigmoid", sigmoid, COLOURS[1], 0.1),
    ):
        axes.plot(line, squash(line), color=colour, linewidth=1)
        axes.annotate(name, (-reach, at), color=colour, ha="left")
    axes.plot(fresh, np.tanh(fresh), "D", color=COLOURS[0], label="fresh value")
    for (voter, sums), marker in zip(votes.items(), "os^", strict=False):
        axes.plot(sums, sigmoid(np.asarray(sums)), marker, color=COLOURS[1], label=f"{voter}-voter")
    axes.legend(frameon=False, loc="lower right", fontsize=9)
    axes.set_xlabel("sum before the squash")
    axes.set_ylabel("answer")
    return figure


def who_moves(moves: Mapping[str, Mapping[str, float]]) -> Figure:
    """Show who notices a change: how far each answer moves when one memory is changed.

    Parameters
    ----------
    moves : mapping of str to mapping of str to float
        For each thing that was changed, how far each answer moved: at most three things, and the
        same answers for all.
    """
    answers = list(next(iter(moves.values())))
    figure, axes = _blank(5.4, 0.6 * len(answers) + 0.8)
    axes.grid(visible=False, axis="y")
    axes.grid(axis="x", color="0.9")
    height = 0.8 / len(moves)
    for number, ((changed, moved), colour) in enumerate(zip(moves.items(), COLOURS, strict=False)):
        rows = np.arange(len(answers)) + (number - (len(moves) - 1) / 2) * height
        lengths = [moved[answer] for answer in answers]
        bars = axes.barh(rows, lengths, 0.9 * height, color=colour, label=f"{changed} changed")
        labels = ["0" if length == 0 else f"{length:.2f}" for length in lengths]
        axes.bar_label(bars, labels, padding=3, color=colour, fontsize=9)
    axes.set_yticks(range(len(answers)), answers)
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.set_xlabel("how far it moved")
    axes.legend(frameon=False, loc="upper right", fontsize=9)
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


def factory_walk(
    words: Sequence[str],
    notes: Sequence[Sequence[float]],
    memories: Sequence[Sequence[float]],
    guess: float,
) -> Figure:
    """Show what is handed from whom to whom while a plain worker reads a review.

    Parameters
    ----------
    words : sequence of str
        The words, in order.
    notes : sequence of sequence of float
        For each word, its note.
    memories : sequence of sequence of float
        The memory before the first word, then the memory after each word.
    guess : float
        What the clerk makes of the last memory, in 0..1.
    """
    memory_colour, note_colour, clerk_colour = COLOURS
    figure, axes = _blank(5.4, 3.0)
    axes.axis("off")
    axes.set_xlim(-0.5, len(words) + 1.5)
    axes.set_ylim(-0.75, 2.5)

    def box(x: float, y: float, numbers: str, colour: str) -> None:
        style = {"boxstyle": "round,pad=0.4", "facecolor": "white", "edgecolor": colour}
        axes.text(x, y, numbers, ha="center", va="center", fontsize=10, color=colour, bbox=style)

    def arrow(start: tuple[float, float], end: tuple[float, float]) -> None:
        style = {"arrowstyle": "-|>", "color": "0.4", "shrinkA": 0, "shrinkB": 0}
        axes.annotate("", end, start, arrowprops=style)

    def caption(x: float, y: float, text: str, **style: object) -> None:
        axes.text(x, y, text, ha="center", va="center", fontsize=9, **style)

    for x, memory in enumerate(memories):
        box(x, 0, "\n".join(f"{slot:.2f}" for slot in memory), memory_colour)
        caption(x, -0.6, f"after \u201c{words[x - 1]}\u201d" if x else "before", color="0.3")
        arrow((x + 0.3, 0), (x + 0.68, 0))
    for x, (word, note) in enumerate(zip(words, notes, strict=True), start=1):
        caption(x, 2.35, f"\u201c{word}\u201d", weight="bold")
        arrow((x, 2.2), (x, 1.85))
        box(x, 1.45, "\n".join(f"{number:.1f}" for number in note), note_colour)
        arrow((x, 1.05), (x, 0.42))
    box(len(words) + 1, 0, f"{guess:.2f}", clerk_colour)
    caption(len(words) + 1, -0.6, "clerk", color="0.3")
    caption(0, 1.45, "notes", color=note_colour)
    caption(0, 0.62, "memory", color=memory_colour)
    return figure


def memories_by_word(words: Sequence[str], memories: Mapping[str, Sequence[float]]) -> Figure:
    """Show which memory climbs out of the band of tanh, and which keeps its mark.

    Parameters
    ----------
    words : sequence of str
        The words, in order.
    memories : mapping of str to sequence of float
        For each of at most three memories, the number in its slot before the first word and after
        each word.
    """
    figure, axes = _blank(5.4, 3.4)
    axes.axhspan(-1, 1, color="0.93", zorder=0)
    axes.annotate("the band of tanh", (-0.2, -0.94), color="0.4", fontsize=9)
    for (name, slot), colour in zip(memories.items(), COLOURS, strict=False):
        axes.plot(range(len(slot)), slot, marker="o", color=colour)
        axes.annotate(
            name,
            (len(words), slot[-1]),
            xytext=(9, 0),
            textcoords="offset points",
            va="center",
            color=colour,
        )
    axes.set_xlim(-0.3, len(words) + 1.5)
    axes.set_xticks(range(len(words) + 1), ["start", *words], fontsize=9)
    axes.set_ylabel("number in the slot")
    return figure


def loudness_times_worth(slots: Mapping[str, tuple[float, float]]) -> Figure:
    """Show how much lands: a map of loudness and worth, with lines of equal product.

    Parameters
    ----------
    slots : mapping of str to (float, float)
        For each slot to mark, its name, its fresh value in -1..1 and its admit-vote in 0..1.
    """
    figure, axes = _blank(5.4, 3.8)
    axes.grid(visible=False)
    loudness, worth = np.linspace(-1, 1, 201), np.linspace(0, 1, 101)
    levels = [-0.75, -0.5, -0.25, -0.1, 0.1, 0.25, 0.5, 0.75]
    lines = axes.contour(
        loudness, worth, np.outer(worth, loudness), levels, colors="0.55", linestyles="solid"
    )
    heights = [max(0.62, abs(level) + 0.1) for level in levels]
    places = [(level / height, height) for level, height in zip(levels, heights, strict=True)]
    axes.clabel(lines, fmt="%+.2f", fontsize=9, colors="0.25", manual=places)
    axes.axvline(0, color="0.55", linestyle="dotted")
    for (name, (fresh, admit)), colour in zip(slots.items(), COLOURS, strict=False):
        axes.plot(fresh, admit, marker="o", color=colour)
        right = fresh < 0.5
        gap = "\n" if right else " "
        axes.annotate(
            f"{name}:{gap}{fresh * admit:+.2f}",
            (fresh, admit),
            xytext=(8, 0) if right else (-7, -9),
            textcoords="offset points",
            ha="left" if right else "right",
            va="center",
            color=colour,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
        )
    axes.set_xticks([-1, -0.5, 0, 0.5, 1])
    axes.set_xlabel("loudness: the fresh value")
    axes.set_ylabel("worth: the admit-vote")
    axes.set_ylim(0, 1)
    return figure


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
    figure, rows = plt.subplots(
        2,
        len(votes),
        FigureClass=Picture,
        figsize=(5.4, 2 * height),
        dpi=160,
        layout="constrained",
        sharex=True,
        sharey=True,
    )
    plt.close(figure)
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
        bar = figure.colorbar(drawn, ax=axes_of_row, aspect=12)
        bar.ax.tick_params(labelsize=9)
        bar.outline.set_visible(False)
    figure.supxlabel("slot", fontsize=10)
    return figure


def leaning_by_word(readings: Mapping[str, Sequence[float]], marks: Mapping[str, str]) -> Figure:
    """Show when a clerk makes up its mind: the leaning after each word, one line a review.

    Parameters
    ----------
    readings : mapping of str to sequence of float
        For each of at most three reviews, the clerk's guess after each word, in 0..1.
    marks : mapping of str to str
        For each review, the word at its widest move, written where the line moves.
    """
    figure, axes = _blank(5.4, 3.8)
    axes.axhline(0.5, color="0.4", linewidth=0.8)
    last = max(map(len, readings.values()))
    lowest = np.inf
    by_end = sorted(readings.items(), key=lambda reading: -reading[1][-1])
    colours = dict(zip(readings, COLOURS, strict=False))
    for name, guesses in by_end:
        axes.plot(range(1, len(guesses) + 1), guesses, color=colours[name], linewidth=1.3)
        lowest = min(guesses[-1], lowest - 0.11)  # two lines of text below the label before
        axes.annotate(
            name,
            (len(guesses), lowest),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            color=colours[name],
            fontsize=9,
        )
        steps = np.diff(guesses)
        widest = int(np.argmax(np.abs(steps))) + 1
        up = steps[widest - 1] > 0
        axes.plot(widest + 1, guesses[widest], "o", color=colours[name], markersize=5)
        axes.annotate(
            marks[name],
            (widest + 1, guesses[widest]),
            xytext=(0, 8 if up else -8),
            textcoords="offset points",
            ha="center",
            va="bottom" if up else "top",
            color=colours[name],
            fontsize=9,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5, "alpha": 0.8},
        )
    axes.set_ylim(-0.12, 1.12)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1])
    axes.set_xlim(1, 1.28 * last)
    axes.set_xticks(range(0, last + 1, 20))
    axes.set_xlabel("words read")
    axes.set_ylabel("the clerk's leaning")
    return figure


def votes_by_slot(votes: Mapping[str, NDArray]) -> Figure:
    """Show which slots keep near 1: where the votes of each slot lie, one colour a machine.

    Parameters
    ----------
    votes : mapping of str to ndarray, shape (places, units)
        For each of at most three machines, the votes of each slot at many places, in 0..1. Drawn
        are their average, and a line that holds all of them but one in a hundred at each end.
    """
    figure, axes = _blank(5.4, 3.6)
    axes.axhline(1, color="0.4", linewidth=0.8)
    for number, ((name, of_slots), colour) in enumerate(zip(votes.items(), COLOURS, strict=False)):
        slots = np.arange(1, of_slots.shape[1] + 1) + 0.35 * (number - (len(votes) - 1) / 2)
        low, high = np.quantile(of_slots, [0.01, 0.99], axis=0)
        axes.vlines(slots, low, high, color=colour, linewidth=1.6)
        axes.plot(
            slots, of_slots.mean(axis=0, dtype=float), "o", color=colour, markersize=3.5, label=name
        )
    axes.set_ylim(0, 1.05)
    axes.set_xticks([1, *range(4, of_slots.shape[1] + 1, 4)])
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
    figure, axes = _blank(5.4, 0.25 * len(words) + 1.1)
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


def scores_from_all_starts(histories: Mapping[str, Sequence[pd.DataFrame]]) -> Figure:
    """Show whether another loop helps, from every start: thin lines, and their mean thick.

    Parameters
    ----------
    histories : mapping of str to sequence of DataFrame
        For each machine, at most three, one `rahulml.training.Run.history` for each start.
    """
    figure, both = _two_blanks(5.4, 3.7)
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


def slopes_by_place(panels: Mapping[str, Mapping[str, Sequence[float]]]) -> Figure:
    """Show which words a guess hangs on: the slope at each place of a review, on a log scale.

    Parameters
    ----------
    panels : mapping of str to mapping of str to sequence of float
        For each of two panels, by its title, and for each worker, at most three and the same in
        both: one slope for each place, from word 1 to the last.
    """
    figure, both = _two_blanks(5.4, 3.7)
    for axes, (title, workers) in zip(both, panels.items(), strict=True):
        axes.set_yscale("log")
        for (name, slopes), colour, dashes in zip(
            workers.items(), COLOURS, ("-", "--", "-."), strict=False
        ):
            axes.plot(range(1, len(slopes) + 1), slopes, dashes, color=colour, label=name)
        last = len(slopes)
        axes.set_xticks([1, last // 2, last])
        axes.set_title(title, fontsize=10)
        axes.set_xlabel("word")
    both[0].set_ylabel("slope of the clerk's sum")
    figure.legend(*both[0].get_legend_handles_labels(), **_BELOW, ncols=len(workers))
    return figure


def score_by_distance(
    scores: pd.DataFrame, names: Mapping[str, str], reader: Mapping[int, float]
) -> Figure:
    """Show how far back each machine hears: a dot for each training, a line for their mean.

    Parameters
    ----------
    scores : DataFrame
        As `rahulml.far_back.score_by_distance` returns it: ``machine, seed, distance, score``.
    names : mapping of str to str
        For each machine to draw, at most three, its name in the legend.
    reader : mapping of int to float
        For each distance, the share right of a reader who remembers the last clue only.
    """
    figure, axes = _blank(5.4, 3.8)
    distances = sorted(reader)
    places = dict(zip(distances, range(len(distances)), strict=True))
    axes.plot([-0.4, len(distances) - 0.7], [0.5, 0.5], color="0.4", linewidth=1)
    axes.annotate(
        "guessing",
        (len(distances) - 0.7, 0.5),
        xytext=(3, 0),
        textcoords="offset points",
        va="center",
        color="0.4",
        fontsize=9,
    )
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
    figure, grid = plt.subplots(
        3,
        2,
        FigureClass=Picture,
        figsize=(5.4, 6.2),
        layout="constrained",
        sharex=True,
        sharey=True,
    )
    plt.close(figure)
    *panels, last = grid.flat
    for axes, (machine, name) in zip(panels, names.items(), strict=False):
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", color="0.9")
        axes.plot(before.index, before[machine], "--", color=COLOURS[1], label="before training")
        axes.plot(after.index, after[machine], color=COLOURS[0], label="after training")
        axes.set_title(name, fontsize=10)
        axes.set_yscale("log")
        axes.set_ylim(floor, 30)
        named = {1: "1", 1e-3: "thousandth", 1e-6: "millionth", 1e-9: "billionth"}
        axes.set_yticks(list(named), list(named.values()))
        axes.set_yticks([], minor=True)
        axes.tick_params(labelsize=9, labelbottom=True)
    last.axis("off")
    last.legend(*panels[0].get_legend_handles_labels(), frameon=False, loc="center")
    figure.supxlabel("words before the last one", fontsize=10)
    figure.supylabel("how far the clerk's sum moves", fontsize=10)
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
    figure, panels = plt.subplots(
        1,
        len(tasks),
        FigureClass=Picture,
        figsize=(5.4, 0.42 * len(names) + 1.2),
        layout="constrained",
        sharey=True,
        squeeze=False,
    )
    plt.close(figure)
    for axes, (task, table), colour in zip(panels[0], tasks.items(), COLOURS, strict=False):
        axes.spines[["top", "right"]].set_visible(False)
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
    figure, axes = _blank(5.4, 0.42 * values.shape[1] + 0.8)
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
    figure, axes = _blank(5.4, 3.4)
    places = sorted(set(scores.index))
    ends = {name: column.loc[places[-1]].mean() for name, column in scores.items()}
    axes.axhline(0.5, color="0.4", linestyle="dotted")
    axes.annotate(
        "guessing", (0, 0.5), xytext=(0, -5), textcoords="offset points", va="top", fontsize=9
    )
    for (name, column), colour in zip(scores.items(), COLOURS, strict=False):
        axes.plot(column.index, column, "o", color=colour, alpha=0.5, markersize=5)
        means = column.groupby(level=0).mean()
        axes.plot(means.index, means, color=colour)
        above = ends[name] == max(ends.values())
        axes.annotate(
            name,
            (places[-1], ends[name]),
            xytext=(9, 3 if above else -3),
            textcoords="offset points",
            va="bottom" if above else "top",
            color=colour,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
        )
    axes.set_xticks(places)
    axes.set_xlim(-0.04 * places[-1], 1.3 * places[-1])
    axes.set_ylim(bottom=0.46)
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_xlabel("padded places after the last word")
    axes.set_ylabel("share right")
    return figure


def _blank(width: float, height: float) -> tuple[Figure, Axes]:
    """Return a figure that shows once: when it is a cell's value, not when the cell ends."""
    figure, axes = plt.subplots(FigureClass=Picture, figsize=(width, height), layout="constrained")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="0.9")
    axes.set_axisbelow(True)
    plt.close(figure)
    return figure, axes


_BELOW = {"loc": "outside lower center", "frameon": False, "fontsize": 9}


def _two_blanks(width: float, height: float) -> tuple[Figure, Sequence[Axes]]:
    """Return a figure of two blank panels that share the upright axis."""
    figure, both = plt.subplots(
        1, 2, FigureClass=Picture, figsize=(width, height), layout="constrained", sharey=True
    )
    for axes in both:
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", color="0.9")
        axes.set_axisbelow(True)
    plt.close(figure)
    return figure, both
