"""The worker's sums with the pencil: take votes, ask a machine, scale and add, speak."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from rahulml.exercises._draws import NUDGES, Draws, table
from rahulml.exercises._pencil import Pencil, pick
from rahulml.hand_cell import LSTMWeights

VOTERS = "keep-vote", "admit-vote", "show-vote"
MACHINES = "fresh value", *VOTERS
"""What the four machines answer, in the order of the pages."""


class Dials(NamedTuple):
    """The dials of one machine: a line for each number that comes in, a column for each slot."""

    word_paper: list[list[float]]
    memory_paper: list[list[float]]
    nudge: list[float]


def draw_dials(draws: Draws, features: int, units: int) -> Dials:
    """Draw the dials of one machine."""
    papers = draws.paper(features, units), draws.paper(units, units)
    return Dials(*papers, draws.some(units, NUDGES))


def side_by_side(machines: Mapping[str, Dials]) -> LSTMWeights:
    """Lay the dials of the four machines as the hand cell wants them."""
    order = "admit-vote", "keep-vote", "fresh value", "show-vote"
    return LSTMWeights(*map(np.hstack, zip(*(machines[name] for name in order), strict=True)))


def grid(note: Sequence, memory: Sequence = (), nudge: Sequence = (), of: str = "memory") -> str:
    """Print a machine's papers and nudges as one table, with a column for each slot."""
    ordinals = "1st", "2nd"
    lines = [[f"note, {nth} number", *dials] for nth, dials in zip(ordinals, note, strict=True)]
    lines += [[f"{of}, slot {i}", *dials] for i, dials in enumerate(memory, start=1)]
    lines += [["nudge", *nudge]] if nudge else []
    return table(["comes in", "slot 1", "slot 2"], *lines)


def in_slots(slots: int) -> list[str]:
    """Return what to add to a label for each slot; nothing if there is only one."""
    return [f" in slot {slot}" for slot in range(1, slots + 1)] if slots > 1 else [""]


def by_slot(name: str, numbers: ArrayLike) -> dict[str, float]:
    """Give the numbers of all slots by name."""
    places = in_slots(len(numbers))
    return {name + place: number for place, number in zip(places, numbers, strict=True)}


def read_paper(p: Pencil, paper: Sequence[Sequence]) -> list[Sequence]:
    """Return the columns of a paper; rows and columns can be mixed up if there are as many."""
    columns = list(zip(*paper, strict=True))
    if len(paper) == 1 or len(paper) != len(columns):
        return columns
    made = p.makes("rows for columns")
    return [
        [pick(made, wrong, right) for wrong, right in zip(*lines, strict=True)]
        for lines in zip(paper, columns, strict=True)
    ]


def machine(p: Pencil, name: str, squash: str, products, nudge, *terms) -> tuple:
    """Add up products, further terms and the nudge, and squash once: the sum, and the answer."""
    late = p.makes("nudge after the squash")
    before = pick(late, 0.0, p.either("nudge left out", nudge, 0.0))
    total = p.total(f"sum for the {name}", products, *terms, before)
    return total, p.squash(name, squash, total) + pick(late, nudge, 0.0)


def ask(p: Pencil, what: str, note: Sequence, memory: Sequence, dials: Dials, when="") -> list:
    """Ask one machine of the worker, slot by slot, by its two papers and its nudges."""
    papers = (read_paper(p, paper) for paper in dials[:2])
    slots = zip(in_slots(len(dials.nudge)), *papers, dials.nudge, strict=True)
    squash, answers = "sigmoid" if what in VOTERS else "tanh", []
    for place, word_column, memory_column, nudge in slots:
        deaf = any(map(np.any, memory)) and p.makes("memory left out")
        row = [*note, *(pick(deaf, 0.0, number) for number in memory)]
        products = zip(row, [*word_column, *memory_column], strict=True)
        answers.append(machine(p, f"{what}{place}{when}", squash, products, nudge)[1])
    return answers


def take(p: Pencil, votes: Mapping[str, Sequence]) -> dict[str, list]:
    """Take the votes, each for what it is: those of all slots, by name, "keep" first."""
    votes = {name: list(slots) for name, slots in votes.items()}
    for one, other in combinations(votes, 2):
        made = p.makes("votes swapped", f"{one} and {other}")
        pairs = list(zip(votes[one], votes[other], strict=True))
        votes[one] = [pick(made, b, a) for a, b in pairs]
        votes[other] = [pick(made, a, b) for a, b in pairs]
    made = p.makes("forget for keep")
    votes["keep"] = [pick(made, 1 - keep, keep) for keep in votes["keep"]]
    if "admit" in votes:
        made, pairs = p.makes("keep as 1 - admit"), zip(votes["keep"], votes["admit"], strict=True)
        votes["keep"] = [pick(made, 1 - admit, keep) for keep, admit in pairs]
    return votes


def scale_and_add(p: Pencil, old: Sequence, votes: Mapping, fresh: Sequence, name: str) -> list:
    """Make the new memory-A, slot by slot: keep × old + admit × fresh."""
    slots = zip(in_slots(len(old)), votes["keep"], old, votes["admit"], fresh, strict=True)
    return alone(p, [p.total(name + place, [(k, a), (v, f)]) for place, k, a, v, f in slots])


def speak(p: Pencil, old: Sequence, new: Sequence, show: Sequence, name: str) -> list:
    """Make the new memory-B, slot by slot: show × tanh(new memory-A)."""
    late, said = p.makes("old memory for new"), []
    for place, before, after, vote in zip(in_slots(len(new)), old, new, show, strict=True):
        squashed = p.squash(f"squash for the {name}{place}", "tanh", pick(late, before, after))
        said.append(p.total(name + place, [(vote, squashed)]))
    said, silent = alone(p, said), p.makes("A handed on for B")
    return [pick(silent, a, b) for a, b in zip(new, said, strict=True)]


def alone(p: Pencil, slots: list) -> list:
    """Leave each slot alone: nothing is added up across slots."""
    if len(slots) == 1:
        return slots
    made = p.makes("summed, not slot by slot")
    return [pick(made, sum(slots), number) for number in slots]


def answer(p: Pencil, name: str, slots: Sequence) -> None:
    """Write down the answer of each slot."""
    for label, number in by_slot(name, slots).items():
        p.answer(label, number)
