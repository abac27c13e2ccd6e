"""Pictures of papers and of the tanh: what one of them does to a row, to a number, to a mark."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from rahulml.figures._picture import COLOURS, LIT, ON_WHITE, blank, empty, write_beside

GREEN = COLOURS[2]
DARK = "0.2"


def column_of_paper(numbers: Sequence[float], paper: ArrayLike, names: Sequence[str]) -> Figure:
    """Show a row laid against a paper: its first column is lit, with its products and their sum.

    Parameters
    ----------
    numbers : sequence of float, length n
        The row that goes through the paper.
    paper : array_like, shape (n, slots)
        The dials.
    names : sequence of str, length n
        What each number of the row is called.
    """
    paper = np.asarray(paper)
    rows, slots = paper.shape
    height = 0.5 * rows + 1.15
    figure = empty(5.4, height)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, 5.4), ylim=(0, height))
    axes.axis("off")
    left, right = 1.95, 1.95 + 0.72 * slots
    heights = height - 0.75 - 0.5 * np.arange(rows)
    below = heights[-1] - 0.62
    axes.add_patch(Rectangle((left, below + 0.37), 0.72, 0.5 * rows, color=LIT, linewidth=0))
    for x in left + 0.72 * np.arange(slots + 1):
        axes.plot([x, x], [below + 0.37, heights[0] + 0.25], color="0.6", linewidth=0.8)
    for y in [*(heights + 0.25), below + 0.37]:
        axes.plot([left, right], [y, y], color="0.6", linewidth=0.8)

    def say(x: float, y: float, text: str, colour: str = DARK, **style: object) -> None:
        style = {"ha": "center", "va": "center", "fontsize": 10} | style
        axes.text(x, y, text, color=colour, **style)

    for slot in range(slots):
        say(left + 0.72 * (slot + 0.5), heights[0] + 0.42, f"slot {slot + 1}", fontsize=9)
    for y, name, number, dials in zip(heights, names, numbers, paper, strict=True):
        say(0.05, y, name, GREEN, ha="left", fontsize=9)
        say(1.62, y, f"{number:.1f}", GREEN, weight="bold")
        for slot, dial in enumerate(dials):
            say(left + 0.72 * (slot + 0.5), y, f"{dial:.1f}", weight="normal" if slot else "bold")
        product = f"{number:.1f} × {dials[0]:.1f} = {number * dials[0]:.2f}"
        say(right + 0.2, y, product, ha="left")
    say(left + 0.36, below + 0.08, f"{np.dot(numbers, paper[:, 0]):.2f}", weight="bold")
    say(right + 0.2, below + 0.08, "add the products", ha="left", fontsize=9)
    return figure


def sums_on_tanh(sums: Mapping[str, float]) -> Figure:
    """Show what the tanh makes of some sums.

    Parameters
    ----------
    sums : mapping of str to float
        For each sum, its name.
    """
    figure, axes = _tanh()
    for name, total in sums.items():
        squashed = np.tanh(total)
        axes.plot([total, total, 0], [0, squashed, squashed], color=DARK, ls="dotted", linewidth=1)
        axes.plot(total, squashed, "o", color=DARK)
        side = 1 if total > 0 else -1
        label = f"{name}: {total:.2f} goes in,\n{squashed:.2f} comes out"
        write_beside(axes, (total, squashed), label, (8 * side, -14 * side), DARK, fontsize=9)
    return figure


def push_on_tanh(places: Sequence[float], push: float) -> Figure:
    """Show how much of one and the same push comes out of a tanh, here and there.

    Parameters
    ----------
    places : sequence of float
        Where the tanh is pushed.
    push : float
        How far to the right.
    """
    figure, axes = _tanh()
    reach, small = axes.get_xlim()[0], {"fontsize": 9, "bbox": ON_WHITE}
    for place in places:
        ins, outs = np.array([place, place + push]), np.tanh([place, place + push])
        for x, y in zip(ins, outs, strict=True):
            axes.plot([x, x, reach], [-1.25, y, y], color="0.6", ls="dotted", linewidth=1)
        axes.plot(ins, [-1.25, -1.25], color=GREEN, linewidth=5, solid_capstyle="butt")
        axes.plot([reach, reach], outs, color=DARK, linewidth=7, solid_capstyle="butt")
        axes.plot(ins, outs, color=DARK, linewidth=3)
        write_beside(axes, (ins.mean(), -1.25), f"in: {push:.2f}", (0, 6), GREEN, **small)
        out = f"out: {outs[1] - outs[0]:.2f}"
        up = -11 if place else 0
        write_beside(axes, (reach, outs.mean()), out, (8, up), DARK, weight="bold", **small)
    axes.set_ylim(-1.25, 1.15)
    return figure


def turn_and_stretch(mark: Sequence[float], papers: Mapping[str, ArrayLike]) -> Figure:
    """Show what papers do to a mark of two slots, and to all marks of its size: to a circle.

    Parameters
    ----------
    mark : sequence of float, length 2
        The mark, an arrow so far to the right and so far up.
    papers : mapping of str to array_like, shape (2, 2)
        For each paper, its name.
    """
    figure, panels = blank(5.4, 2.95, 1, len(papers), squeeze=False)
    circle = np.linalg.norm(mark) * np.exp(1j * np.linspace(0, 2 * np.pi, 181))
    circle = np.column_stack([circle.real, circle.imag])
    most = np.abs([circle, *(circle @ np.asarray(paper) for paper in papers.values())]).max()
    for axes, (name, paper) in zip(panels.flat, papers.items(), strict=True):
        axes.axhline(0, color="0.85", linewidth=0.8)
        axes.axvline(0, color="0.85", linewidth=0.8)
        axes.grid(visible=False)
        axes.plot(*circle.T, color="0.55", linestyle="dotted")
        axes.plot(*(circle @ np.asarray(paper)).T, color=DARK, linewidth=1)
        after = np.asarray(mark) @ np.asarray(paper)
        for arrow, colour, word in ((mark, "0.5", "before"), (after, DARK, "after")):
            style = {"arrowstyle": "-|>", "color": colour, "shrinkA": 0, "shrinkB": 0, "lw": 1.6}
            axes.annotate("", arrow, (0, 0), arrowprops=style)
            label = f"{word}: {np.linalg.norm(arrow):.2f}"
            right = arrow[0] > 0  # beyond the tip, off the solid curve
            style = {"ha": "left" if right else "right", "fontsize": 9, "bbox": ON_WHITE}
            aside = (2 if right else 8, 7)
            write_beside(axes, arrow, label, aside, colour, **style)
        axes.set_title(name, fontsize=10)
        axes.set_aspect("equal")
        axes.set_xlim(-1.25 * most, 1.25 * most)
        axes.set_ylim(-1.25 * most, 1.25 * most)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.set_xlabel("slot 1", fontsize=9)
    panels.flat[0].set_ylabel("slot 2", fontsize=9)
    return figure


def _tanh() -> tuple[Figure, Axes]:
    figure, axes = blank(5.4, 3.2)
    line = np.linspace(-3, 3, 241)
    axes.axhline(0, color="0.6", linewidth=0.8)
    axes.axvline(0, color="0.6", linewidth=0.8)
    axes.plot(line, np.tanh(line), color="0.5", linewidth=1.5)
    axes.set_xlim(-3, 3)
    axes.set_yticks([-1, -0.5, 0, 0.5, 1])
    axes.set_xlabel("goes in")
    axes.set_ylabel("comes out of the tanh")
    return figure, axes
