"""Pictures of part By hand."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rahulml.figures._picture import COLOURS, ON_WHITE, blank, write_beside
from rahulml.hand_cell import sigmoid

PLAIN = "0.3"
"""The plain worker's memory; blue and vermilion are memory-A and memory-B, green is the note."""

LINES = ("solid", "dashed", "dotted")


def slots_by_stage(stages: Mapping[str, Sequence[float]], squashed: int = 2) -> Figure:
    """Show where each slot ends: one line a slot, through the stages of the combine.

    Parameters
    ----------
    stages : mapping of str to sequence of float
        For each stage, from left to right, the number in each slot: at most three slots.
    squashed : int
        At which stage, from 0, the numbers have come through the tanh. Before, they are memory-A's
        and blue; from there on they are on their way to memory-B, and vermilion.
    """
    figure, axes = blank(5.4, 3.6)
    names = list(stages)
    _band_of_tanh(axes, left=-0.65)
    slots = list(zip(*stages.values(), strict=True))
    for number, (slot, line) in enumerate(zip(slots, LINES, strict=False), start=1):
        above = slot[-1] == max(end for *_, end in slots)
        axes.plot(names, slot, color=PLAIN, linestyle=line, linewidth=1)
        write_beside(axes, (0, slot[0]), f"slot {number}", (-10, 0), PLAIN)
        up = 7 if above else -7
        for x, value in enumerate(slot):
            colour = COLOURS[int(x >= squashed)]
            axes.scatter(x, value, color=colour, zorder=3)
            last = x == len(slot) - 1  # before that, a line may come down steeply
            aside = (8, up / 2) if last else (3, up)
            write_beside(axes, (x, value), f"{value:.2f}", aside, colour, fontsize=9)
    axes.set_xlim(-0.7, len(names) - 0.5)
    axes.margins(y=0.1)
    axes.set_ylabel("number in the slot")
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
    figure, axes = blank(5.4, 3.8)
    reach = 1.15 * max(3, *np.abs([*fresh, *np.concatenate(list(votes.values()))]))
    line = np.linspace(-reach, reach, 200)
    axes.axhline(0, color="0.6", linewidth=0.8)
    for name, squash, style, at in (
        ("tanh", np.tanh, "solid", -0.85),
        ("sigmoid", sigmoid, "dashed", 0.1),
    ):
        axes.plot(line, squash(line), color=PLAIN, linestyle=style, linewidth=1)
        axes.annotate(name, (-reach, at), color=PLAIN, ha="left")
    axes.plot(fresh, np.tanh(fresh), "D", color=PLAIN, label="fresh value")
    hollow = {"color": PLAIN, "markerfacecolor": "none", "markersize": 8}  # one may lie on another
    for (voter, sums), marker in zip(votes.items(), "os^", strict=False):
        axes.plot(sums, sigmoid(np.asarray(sums)), marker, label=f"{voter}-voter", **hollow)
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
    figure, axes = blank(5.4, 0.6 * len(answers) + 0.8)
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
        One for each kind of memory, in its colour: memory-A, memory-B, the plain worker's. One
        column a line, named as it is to be labelled, and one row a distance; empty for no line.
    floor : float
        Where the picture ends below. A line that falls under it is labelled where it leaves.
    """
    figure, axes = blank(5.4, 4.6)
    axes.set_yscale("log")
    ends, exits = [], []
    for left, colour in zip(kinds, (*COLOURS[:2], PLAIN), strict=False):
        for name, line in left.items():
            axes.plot(line.index, line, color=colour)
            if line.iloc[-1] >= floor:
                ends.append((line.iloc[-1], name, line.index[-1], colour))
            else:
                exits.append((line.index[line < floor][0], name, colour))
    for distance, name, colour in exits:
        right = 6 if distance == max(exits)[0] else -18
        style = {"va": "baseline", "fontsize": 9}
        write_beside(axes, (distance, floor), name, (right, 6), colour, **style)
    lowest = np.inf
    for value, name, distance, colour in sorted(ends, reverse=True):
        lowest = min(value, lowest / 2.6)  # one line of text below the label before
        write_beside(axes, (distance, lowest), name, (6, 0), colour, fontsize=9)
    last = max(left.index[-1] for left in kinds if len(left))
    axes.set_xlim(0, 1.45 * last)
    axes.set_xticks(range(0, last + 1, 10))
    axes.set_ylim(floor, 2)
    named = {1: "all", 1e-3: "1 in a\nthousand", 1e-6: "1 in a\nmillion", 1e-9: "1 in a\nbillion"}
    named = {share: name for share, name in named.items() if share >= floor}
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
    memory_colour, note_colour = PLAIN, COLOURS[2]
    figure, axes = blank(5.4, 3.0)
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
    box(len(words) + 1, 0, f"{guess:.2f}", PLAIN)
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
    figure, axes = blank(5.4, 3.4)
    _band_of_tanh(axes, left=-0.2)
    for (name, slot), colour in zip(memories.items(), (*COLOURS[:2], PLAIN), strict=False):
        axes.plot(range(len(slot)), slot, marker="o", color=colour)
        write_beside(axes, (len(words), slot[-1]), name, (9, 0), colour)
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
    figure, axes = blank(5.4, 3.8)
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
    for name, (fresh, admit) in slots.items():
        axes.plot(fresh, admit, marker="o", markersize=4, color=PLAIN)
        label = f"{name}: {fresh * admit:+.2f}"
        if admit > 0.9:  # above the map, where no line runs
            write_beside(axes, (fresh, 1), label, (0, 4), PLAIN)
        else:
            write_beside(axes, (fresh, admit), label, (-7, -9), PLAIN, va="center", bbox=ON_WHITE)
    axes.set_xticks([-1, -0.5, 0, 0.5, 1])
    axes.set_xlabel("fresh value")
    axes.set_ylabel("admit-vote")
    axes.set_ylim(0, 1)
    return figure


def _band_of_tanh(axes: Axes, left: float) -> None:
    axes.axhspan(-1, 1, color="0.93", zorder=0)
    axes.annotate("the band of tanh", (left, -0.94), color="0.4", fontsize=9)
