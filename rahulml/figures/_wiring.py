"""Pictures of the wiring: who hands what to whom. Each answers one question, with real numbers."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from rahulml.checks import one_of
from rahulml.figures._picture import COLOURS, LIT, ON_WHITE, empty
from rahulml.hand_cell import LSTMWeights, State, combine, step
from rahulml.sayings import factor

BLUE, RED, GREEN = COLOURS
GREY, FAINT = "0.3", "0.85"

STAGES = "desk", "machines", "memory-A", "memory-B", "next word", "clerk"


class _Sheet:
    """A sheet of paper, measured in inches from its lower left corner.

    What is drawn while it is `lit` has a marker's ground, what is drawn while `faint` no colour.
    """

    def __init__(self, width: float, height: float):
        self.lit = self.faint = False
        self.figure = empty(width, height)
        self.axes = self.figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(0, height))
        self.axes.axis("off")

    def box(
        self,
        x: float,
        y: float,
        text: str,
        colour: str = GREY,
        shape: str = "round",
        **style: object,
    ) -> None:
        frame = {"boxstyle": f"{shape},pad=0.35", "facecolor": LIT if self.lit else "white"}
        frame["edgecolor"] = FAINT if self.faint else colour
        self.say(x, y, text, colour, bbox=frame, zorder=3, **style)

    def say(self, x: float, y: float, text: str, colour: str = GREY, **style: object) -> None:
        style = {"ha": "center", "va": "center", "fontsize": 9.5} | style
        if self.lit:
            style = {"bbox": {"facecolor": LIT, "edgecolor": "none", "pad": 1}} | style
        self.axes.text(x, y, text, color=FAINT if self.faint else colour, **style)

    def wire(
        self,
        *corners: tuple[float, float],
        colour: str = GREY,
        width: float = 1.1,
        line: str = "solid",
    ) -> None:
        """Draw a wire around its corners; it ends in an arrow."""
        style = {"color": FAINT if self.faint else colour, "linewidth": width + self.lit}
        style |= {"linestyle": line, "zorder": 1 if self.faint else 2}
        self.axes.plot(*zip(*corners[:-1], strict=True), **style)
        style |= {"arrowstyle": "-|>", "mutation_scale": 10, "shrinkA": 0, "shrinkB": 0}
        self.axes.annotate("", corners[-1], corners[-2], arrowprops=style)


def _number(value: float) -> str:
    return f"{value:.2f}"


def _row(numbers: ArrayLike) -> str:
    return ",  ".join(map(_number, np.ravel(numbers)))


def two_pockets(words: Sequence[str]) -> Figure:
    """Show where the squash stands, and who hears what: memory-A carries, memory-B is read.

    Parameters
    ----------
    words : sequence of str
        Three or so words, in order.
    """
    step = 1.72
    sheet = _Sheet(step * len(words) + 0.95, 3.05)
    end = sheet.axes.get_xlim()[1]
    lane_a, lane_b = 2.55, 0.85
    sheet.say(0.05, lane_a + 0.3, "memory-A", BLUE, ha="left")
    sheet.say(0.05, lane_b + 0.42, "memory-B", RED, ha="left")
    sheet.wire((0.05, lane_a), (end - 0.05, lane_a), colour=BLUE, width=2)
    sheet.wire((0.05, lane_b), (0.4, lane_b), colour=RED, width=2)
    for place, word in enumerate(words):
        x = 0.8 + step * place
        down = x + 1.2
        sheet.say(x, 0.12, word, weight="bold")
        sheet.wire((x, 0.25), (x, lane_b - 0.24), colour=GREEN)
        sheet.box(x, lane_b, "four\nmachines")
        sheet.wire((x, lane_b + 0.26), (x, lane_a - 0.17))
        sheet.wire((x + 0.2, lane_b + 0.26), (x + 0.7, lane_a - 0.17))
        sheet.wire((x + 0.4, lane_b + 0.2), (down - 0.33, 1.25))
        sheet.box(x, lane_a, "× keep", BLUE)
        sheet.box(x + 0.72, lane_a, "+ deposit", BLUE)
        sheet.wire((down, lane_a), (down, 1.9), colour=RED)
        sheet.box(down, 1.74, "tanh", RED, "square")
        sheet.wire((down, 1.57), (down, 1.46), colour=RED)
        sheet.box(down, 1.29, "× show", RED)
        last = place == len(words) - 1
        stop = end - 0.1 if last else x + step - 0.4
        sheet.wire((down, 1.12), (down, lane_b), (stop, lane_b), colour=RED, width=2)
    sheet.say(end - 0.05, lane_b - 0.3, "to the clerk", RED, ha="right")
    return sheet.figure


def four_machines(answers: Mapping[str, tuple[str, Sequence[float]]]) -> Figure:
    """Show who reads what: all four machines read the same two rows, and none reads another one.

    Parameters
    ----------
    answers : mapping of str to tuple of (str, sequence of float)
        For each machine its squash, and what it answers for each slot.
    """
    gap = 0.62
    height = gap * len(answers) + 0.35
    sheet = _Sheet(5.4, height)
    middle = (height - 0.35) / 2
    note, memory = middle + 0.6, middle
    sheet.box(0.5, note, "note", GREEN)
    sheet.box(0.5, memory, "memory-B", RED)
    sheet.box(0.5, middle - 0.8, "memory-A", BLUE)
    sheet.say(0.5, middle - 1.1, "read by nobody", BLUE, fontsize=9)
    for title, x in (("on the desk", 0.5), ("machine and its squash", 2.55), ("answers", 4.6)):
        sheet.say(x, height - 0.12, title, weight="bold")
    for place, (machine, (squash, said)) in enumerate(answers.items()):
        y = height - 0.35 - gap * (place + 0.5)
        for start, ink in ((note, GREEN), (memory, RED)):
            sheet.wire((0.97, start), (1.72, y), colour=ink)
        sheet.box(2.55, y, f"{machine}: {squash}")
        sheet.wire((3.4, y), (3.78, y))
        sheet.say(4.6, y, _row(said))
    return sheet.figure


def one_slot(old_a: float, *, keep: float, admit: float, fresh: float, show: float) -> Figure:
    """Show the combine of one slot as wires, a number on each.

    Parameters
    ----------
    old_a : float
        The slot of memory-A before the word.
    keep, admit, show : float
        Its votes, in 0..1.
    fresh : float
        Its fresh value, in -1..1.

    Raises
    ------
    ValueError
        From `rahulml.hand_cell.combine`, for a vote or a fresh value outside its band.
    """
    new = combine(old_a, forget_gate=keep, input_gate=admit, candidate=fresh, output_gate=show)
    new_a, new_b = float(new.cell_state), float(new.hidden_state)
    sheet = _Sheet(5.4, 2.9)
    lane = 2.3
    sheet.say(0.05, lane + 0.42, "old memory-A", BLUE, ha="left")
    sheet.box(0.45, lane, _number(old_a), BLUE)
    sheet.wire((0.75, lane), (1.37, lane), colour=BLUE, width=2)
    sheet.box(1.55, lane, "×", BLUE, "circle")
    sheet.wire((1.73, lane), (2.82, lane), colour=BLUE, width=2)
    sheet.say(2.27, lane + 0.15, _number(keep * old_a), BLUE)
    sheet.box(3.0, lane, "+", BLUE, "circle")
    sheet.wire((3.18, lane), (4.6, lane), colour=BLUE, width=2)
    sheet.box(4.9, lane, _number(new_a), BLUE)
    sheet.say(4.9, lane + 0.42, "new memory-A", BLUE)

    sheet.box(1.55, 1.2, f"keep {_number(keep)}")
    sheet.wire((1.55, 1.38), (1.55, 2.12))
    sheet.box(3.0, 1.45, "×", GREY, "circle")
    sheet.wire((3.0, 1.63), (3.0, 2.12))
    sheet.say(3.08, 1.87, _number(admit * fresh), ha="left")
    sheet.box(2.55, 0.65, f"admit {_number(admit)}")
    sheet.wire((2.55, 0.83), (2.9, 1.3))
    sheet.box(3.55, 0.65, f"fresh {_number(fresh)}")
    sheet.wire((3.45, 0.83), (3.1, 1.3))

    sheet.wire((4.9, 2.12), (4.9, 1.78), colour=RED)
    sheet.box(4.9, 1.6, "tanh", RED, "square")
    sheet.wire((4.9, 1.42), (4.9, 1.18), colour=RED)
    sheet.box(4.9, 1.0, "×", RED, "circle")
    sheet.box(3.55, 0.15, f"show {_number(show)}")
    sheet.wire((3.98, 0.15), (4.3, 0.15), (4.3, 1.0), (4.72, 1.0))
    sheet.wire((4.9, 0.82), (4.9, 0.62), colour=RED)
    sheet.box(4.9, 0.44, _number(new_b), RED)
    sheet.say(4.9, 0.08, "new memory-B", RED)
    return sheet.figure


def one_slot_gru(memory: float, *, keep: float, hear: float, read: float, recall: float) -> Figure:
    """Show how a GRU rewrites one slot, a number on each wire.

    Parameters
    ----------
    memory : float
        The slot before the word.
    keep, hear : float
        Its votes, in 0..1.
    read, recall : float
        What the note and the memory bring to the fresh value, each with its nudge.
    """
    fresh = float(np.tanh(read + hear * recall))
    new = keep * memory + (1 - keep) * fresh
    sheet = _Sheet(5.4, 2.75)
    lane, low = 2.1, 0.75
    sheet.say(0.05, lane + 0.42, "old memory", BLUE, ha="left")
    sheet.box(0.45, lane, _number(memory), BLUE)
    sheet.wire((0.75, lane), (1.37, lane), colour=BLUE, width=2)
    sheet.box(1.55, lane, "×", BLUE, "circle")
    sheet.wire((1.73, lane), (3.42, lane), colour=BLUE, width=2)
    sheet.say(2.6, lane + 0.15, _number(keep * memory), BLUE)
    sheet.box(3.6, lane, "+", BLUE, "circle")
    sheet.wire((3.78, lane), (4.6, lane), colour=BLUE, width=2)
    sheet.box(4.9, lane, _number(new), BLUE)
    sheet.say(4.9, lane + 0.42, "new memory", BLUE)

    sheet.box(2.3, 1.5, f"keep {_number(keep)}")
    sheet.wire((1.85, 1.5), (1.55, 1.5), (1.55, lane - 0.18))
    sheet.wire((2.75, 1.5), (3.42, 1.5))
    sheet.say(3.08, 1.63, "1 - keep", fontsize=8.5)
    sheet.box(3.6, 1.5, "×", GREEN, "circle")
    sheet.wire((3.6, 1.68), (3.6, lane - 0.18), colour=GREEN)
    sheet.say(3.72, 1.8, _number((1 - keep) * fresh), GREEN, ha="left")

    sheet.wire((0.45, lane - 0.18), (0.45, low + 0.3), colour=BLUE)
    sheet.box(0.45, low, f"recalls\n{_number(recall)}", BLUE)
    sheet.wire((0.88, low), (1.37, low), colour=BLUE)
    sheet.box(1.55, low, "×", BLUE, "circle")
    sheet.box(1.55, 0.18, f"hear {_number(hear)}")
    sheet.wire((1.55, 0.36), (1.55, low - 0.18))
    sheet.wire((1.73, low), (2.52, low), colour=BLUE)
    sheet.say(2.12, low + 0.15, _number(hear * recall), BLUE)
    sheet.box(2.7, low, "+", GREEN, "circle")
    sheet.box(2.9, 0.18, f"reads {_number(read)}", GREEN)
    sheet.wire((2.7, 0.36), (2.7, low - 0.18), colour=GREEN)
    sheet.wire((2.88, low), (3.32, low), colour=GREEN)
    sheet.box(3.6, low, "tanh", GREEN, "square")
    sheet.wire((3.6, low + 0.17), (3.6, 1.32), colour=GREEN)
    sheet.say(3.72, 1.13, f"fresh value {_number(fresh)}", GREEN, ha="left")
    return sheet.figure


def whole_worker(
    word: str,
    note: ArrayLike,
    before: State,
    weights: LSTMWeights,
    until: str | None = None,
) -> Figure:
    """Show one whole step of an LSTM, and how both memories go round to the next word.

    Parameters
    ----------
    word : str
        The word that is read.
    note : array_like, shape (features,)
        Its note.
    before : State
        Both memories before the word, of one review: shape (1, units), with three slots or fewer.
    weights : LSTMWeights
        The dials.
    until : {"desk", "machines", "memory-A", "memory-B", "next word", "clerk"}, optional
        How far the step has come. What it is about then is lit; what is still to come is faint, and
        has no numbers. The whole step if not said.

    Raises
    ------
    ValueError
        From `rahulml.hand_cell.step`, for shapes that do not fit; or for another stage.
    """
    one_of("until", until, (None, *STAGES))
    gates, after = step([note], before, weights)
    sheet = _Sheet(5.4, 5.0)
    lane, machines, small = 4.15, 2.0, {"fontsize": 8.5}
    right, left = 5.27, 0.12

    def draw(part: str) -> None:
        sheet.lit = part == until
        to_come = STAGES.index(part) > STAGES.index(until or "clerk")
        sheet.faint = to_come or (part, until) == ("next word", "clerk")

    def told(name: str, numbers: ArrayLike) -> str:
        return f"{name}\n{'' if sheet.faint else _row(numbers)}"

    answers = {
        "keep-voter": gates.forget_gate,
        "admit-voter": gates.input_gate,
        "fresh value": gates.candidate,
        "show-voter": gates.output_gate,
    }
    x_of = dict(zip(answers, (0.72, 1.98, 3.24, 4.5), strict=True))
    draw("machines")
    for x in x_of.values():
        note_wire = (2.61, 0.75), (2.61, 1.45), (x - 0.12, 1.45), (x - 0.12, 1.74)
        sheet.wire(*note_wire, colour=GREEN)
        sheet.wire((left, 1.2), (x + 0.12, 1.2), (x + 0.12, 1.74), colour=RED)
    for name, x in x_of.items():
        sheet.box(x, machines, told(name, answers[name]), **small)

    draw("desk")
    sheet.box(2.61, 0.7, told(f"note of \u201c{word}\u201d", note), GREEN, **small)
    sheet.say(0.25, 0.85, told("memory-B", before.hidden_state), RED, ha="left", **small)
    sheet.say(0.8, lane + 0.38, told("memory-A", before.cell_state), BLUE, **small)
    sheet.wire((left, lane), (0.54, lane), colour=BLUE, width=2)

    draw("memory-A")
    for name, end in (
        ("keep-voter", (0.72, lane - 0.18)),
        ("admit-voter", (2.5, 3.06)),
        ("fresh value", (2.72, 3.06)),
    ):
        sheet.wire((x_of[name], machines + 0.25), end)
    sheet.wire((0.9, lane), (2.43, lane), colour=BLUE, width=2)
    sheet.wire((2.61, 3.38), (2.61, lane - 0.18))
    sheet.wire((2.79, lane), (right, lane), colour=BLUE, width=2)
    sheet.box(0.72, lane, "×", BLUE, "circle")
    sheet.box(2.61, 3.2, "×", GREY, "circle")
    sheet.box(2.61, lane, "+", BLUE, "circle")
    if not sheet.faint:
        kept, admitted = gates.forget_gate * before.cell_state, gates.input_gate * gates.candidate
        sheet.say(1.68, lane + 0.13, _row(kept), BLUE, **small)
        sheet.say(2.7, 3.72, _row(admitted), ha="left", **small)
    sheet.say(4.5, lane + 0.38, told("new memory-A", after.cell_state), BLUE, **small)

    draw("memory-B")
    sheet.wire((4.5, machines + 0.25), (4.5, 2.77))
    sheet.wire((4.5, lane), (4.5, 3.75), colour=RED)
    sheet.wire((4.5, 3.41), (4.5, 3.13), colour=RED)
    sheet.wire((4.68, 2.95), (right, 2.95), (right, 2.3), colour=RED, width=2)
    sheet.box(4.5, 3.58, "tanh", RED, "square")
    sheet.box(4.5, 2.95, "×", RED, "circle")
    if not sheet.faint:
        sheet.say(4.4, 3.27, _row(np.tanh(after.cell_state)), RED, ha="right", **small)
    sheet.say(4.28, 2.84, told("new memory-B", after.hidden_state), RED, ha="right", **small)

    draw("next word")
    sheet.wire(
        (right, lane), (right, 4.85), (left, 4.85), (left, lane + 0.1), colour=BLUE, line="dotted"
    )
    sheet.wire((right, 2.3), (right, 0.12), (left, 0.12), (left, 1.2), colour=RED, line="dotted")
    sheet.say(2.61, 0.26, "to the next word", RED, **small)

    draw("clerk")
    sheet.wire((right, 2.3), (right, 0.75), (5.05, 0.75), colour=RED, line="dotted")
    sheet.box(4.55, 0.75, "clerk, after\nthe last word", **small)
    return sheet.figure


def row_and_paper(read: ArrayLike, paper: ArrayLike, scaled: ArrayLike, votes: ArrayLike) -> Figure:
    """Show a row through a paper, all wires, beside a row times votes, parallel wires.

    The wires of the paper's first column are lit, each with its dial.

    Parameters
    ----------
    read : array_like, shape (n,)
        The row that goes through the paper.
    paper : array_like, shape (n, slots)
        The dials.
    scaled, votes : array_like, shape (slots,)
        The row that is scaled, and by what.
    """
    sheet = _Sheet(5.4, 0.62 * max(len(read), len(scaled)) + 0.3)
    top = sheet.axes.get_ylim()[1]
    heights = top - 0.6 - 0.62 * np.arange(max(len(read), len(scaled)))
    sheet.say(1.25, top - 0.14, "row through a paper", weight="bold")
    sheet.say(4.15, top - 0.14, "row × votes", weight="bold")
    sums = np.asarray(read) @ np.asarray(paper)
    for slot in reversed(range(len(sums))):
        lit = slot == 0
        for y, dial in zip(heights, np.asarray(paper)[:, slot], strict=False):
            ink = {"colour": RED, "width": 1.6} if lit else {"colour": "0.7", "width": 0.8}
            sheet.wire((0.5, y), (2.03, heights[slot]), **ink)
            if lit:
                middle = 0.62 * y + 0.38 * heights[0]
                sheet.say(
                    1.08, middle, f"× {factor(dial)}", RED, bbox=ON_WHITE, fontsize=8.5, zorder=4
                )
        sheet.box(2.33, heights[slot], _number(sums[slot]), RED if lit else GREY)
    for y, number in zip(heights, read, strict=False):
        sheet.box(0.3, y, _number(number), RED)
    for y, number, vote in zip(heights, scaled, votes, strict=False):
        sheet.wire((3.5, y), (4.8, y), colour=BLUE, width=1.6)
        sheet.box(3.3, y, _number(number), BLUE)
        sheet.say(4.15, y, f"× {_number(vote)}", bbox=ON_WHITE, fontsize=8.5)
        sheet.box(5.05, y, _number(number * vote), BLUE)
    return sheet.figure


def two_directions(words: Sequence[str], there: Sequence[float], back: Sequence[float]) -> Figure:
    """Show which words each memory-B has heard, and what goes to the clerk.

    Parameters
    ----------
    words : sequence of str
        The words, in order.
    there, back : sequence of float
        Memory-B at each word, in the order of the words, of the worker from the front and of the
        one from the end.
    """
    step = 1.15
    sheet = _Sheet(step * len(words) + 2.35, 2.5)
    upper, lower = 2.1, 0.4
    sheet.say(0.05, upper, "there", BLUE, ha="left")
    sheet.say(0.05, lower, "back", RED, ha="left")
    x_of = [1.15 + step * place for place in range(len(words))]
    for x, word, heard, heard_back in zip(x_of, words, there, back, strict=True):
        sheet.say(x, 1.25, word, weight="bold")
        sheet.wire((x, 1.42), (x, upper - 0.18))
        sheet.wire((x, 1.08), (x, lower + 0.18))
        sheet.box(x, upper, _number(heard), BLUE)
        sheet.box(x, lower, _number(heard_back), RED)
    for left, right in pairwise(x_of):
        sheet.wire((left + 0.32, upper), (right - 0.32, upper), colour=BLUE)
        sheet.wire((right - 0.32, lower), (left + 0.32, lower), colour=RED)
    end = x_of[-1] + 1.2
    sheet.wire((x_of[-1] + 0.32, upper), (end, upper), (end, 1.68), colour=BLUE)
    sheet.wire((x_of[0], lower - 0.18), (x_of[0], 0.05), (end, 0.05), (end, 0.82), colour=RED)
    sheet.box(end, 1.42, _number(there[-1]), BLUE)
    sheet.box(end, 1.08, _number(back[0]), RED)
    sheet.say(end + 0.36, 1.25, "to the\nclerk", ha="left")
    return sheet.figure


def want_have_give(
    asks: str, shares: Mapping[str, float], gives: Mapping[str, float], taken: float
) -> Figure:
    """Show how one word takes from all words: the better a have fits its want, the larger a share.

    Parameters
    ----------
    asks : str
        The word that wants.
    shares : mapping of str to float
        For each word, the share that is taken of its give. They make 1 together.
    gives : mapping of str to float
        For each word, its give.
    taken : float
        What comes together.
    """
    step = 1.35
    sheet = _Sheet(step * len(shares) + 1.35, 2.75)
    middle = step * len(shares) / 2
    sheet.box(middle, 2.55, f"the want of \u201c{asks}\u201d", BLUE)
    for place, (word, share) in enumerate(shares.items()):
        x = step * (place + 0.5)
        sheet.wire((middle, 2.37), (x, 1.98), colour=BLUE)
        sheet.box(x, 1.8, f"have of \u201c{word}\u201d", RED)
        sheet.box(x, 1.0, f"gives {_number(gives[word])}", GREEN)
        sheet.wire((x, 0.82), (middle, 0.4), colour=GREEN, width=0.4 + 5 * share)
        sheet.say(x, 1.4, f"share {_number(share)}")
    sheet.box(middle, 0.2, f"taken {_number(taken)}", GREEN)
    return sheet.figure


def two_roads(
    words: Sequence[str],
    *,
    a: Sequence[float],
    b: Sequence[float],
    keep: float,
    along: float,
    detour: float,
) -> Figure:
    """Show the two roads on which the slope of a wrongness goes from one word back to another.

    Parameters
    ----------
    words : sequence of str
        The two words, in the order of reading.
    a, b : sequence of float
        The slopes of memory-A and of memory-B after each of them.
    keep : float
        The keep-vote of the second word, in 0..1.
    along, detour : float
        What each road brings to the first memory-A; together they are ``a[0]``.
    """
    sheet = _Sheet(5.4, 3.1)
    upper, lower = 2.35, 1.05
    first, middle, last = 0.75, 2.35, 3.75
    for x, word in ((first, words[0]), (last, words[1])):
        sheet.say(x, 2.95, word, weight="bold")
    for x, of_a, of_b in ((first, a[0], b[0]), (last, a[1], b[1])):
        sheet.box(x, upper, f"memory-A\n{of_a:.4f}", BLUE)
        sheet.box(x, lower, f"memory-B\n{of_b:.4f}", RED)
        sheet.wire((x, lower + 0.28), (x, upper - 0.28), colour=RED)
    sheet.box(4.95, lower, "clerk")
    sheet.wire((4.67, lower), (last + 0.45, lower), colour=RED)
    sheet.wire((last - 0.45, upper), (first + 0.45, upper), colour=BLUE, width=2)
    sheet.say(2.25, upper + 0.17, f"× keep {_number(keep)}:  {along:.4f}", BLUE)
    sheet.box(middle, lower, "four squashes,\nfour dials")
    sheet.wire((last - 0.45, lower), (middle + 0.64, lower), colour=RED)
    sheet.wire((last - 0.4, upper - 0.28), (middle + 0.45, lower + 0.28), colour=RED)
    sheet.wire((middle - 0.64, lower), (first + 0.45, lower), colour=RED)
    sheet.say(first + 0.12, 1.7, f"{detour:.4f}", RED, ha="left")
    sheet.say(2.25, 0.32, "all wires lead back: from the clerk to the first word")
    return sheet.figure
