"""The topics beside the worker itself: a count of dials, the kin, and pairs of scores."""

import math

import numpy as np

from rahulml.exercises._draws import FRESH, MEMORY, NUDGES, VOTES, Draws, Slate, table, tenths
from rahulml.exercises._pencil import Pencil, pick, shown
from rahulml.exercises._worker import machine, take
from rahulml.hand_cell import GRUWeights, LSTMWeights, run_gru

WORDS = "not", "boring", "film"
"""The words of the page on attention."""


def dial_count(draws: Draws) -> Slate:
    """Set a count of dials, for notes and memories of unequal sizes."""
    note, slots = draws.some(2, (8, 12, 16, 20, 24, 32, 40, 48))
    lines = 500 * draws.one(range(2, 21))

    def work(p: Pencil) -> None:
        across, down = p.copy([note, slots])
        rows = p.either("memory left out", p.either("rows for columns", down, across), 0)
        nudge = p.either("nudge left out", down, 0)
        one = p.total("one machine", [(across, down), (rows, down)], nudge)
        worker = p.total("worker", [(4, one)])
        clerk = p.total("clerk", [], down, p.either("nudge left out", 1, 0))
        p.answer("one machine", one)
        p.answer("worker", worker)
        p.answer("clerk", clerk)
        p.answer("factory", p.total("factory", [(lines, across)], worker, clerk))

    def by_cell() -> dict:
        weights = LSTMWeights(
            np.zeros((note, 4 * slots)), np.zeros((slots, 4 * slots)), np.zeros(4 * slots)
        )
        worker = sum(dials.size for dials in weights)
        return {
            "one machine": worker // 4,
            "worker": worker,
            "clerk": slots + 1,
            "factory": lines * note + worker + slots + 1,
        }

    return Slate(
        f"An LSTM factory has a notepad of {lines:,} lines, and its notes have {note} numbers. Its "
        f"worker has {slots} slots. Behind the worker stands the clerk. How many dials do one "
        "machine of the worker, the worker, the clerk and the whole factory have?",
        work,
        by_cell,
        decimals=0,
    )


def gru_step(draws: Draws) -> Slate:
    """Set one step of the GRU, one slot, with the votes given."""
    memory, dial, brings = draws.one(MEMORY), draws.one(tenths(-10, 10)), draws.one(FRESH)
    (hear, keep), nudge = draws.some(2, VOTES), draws.one(NUDGES)

    def work(p: Pencil) -> None:
        old, keeps, hears = p.copy([memory, keep, hear])
        votes = take(p, {"keep": [keeps], "hear": [hears]})
        heard = p.either("memory left out", old, 0.0)
        recall = p.total("what the memory brings", [(heard, dial)])
        products = [(votes["hear"][0], recall)]
        _, fresh = machine(p, "fresh value", "tanh", products, nudge, brings)
        (kept,) = votes["keep"]
        p.answer("fresh value", fresh)
        p.answer("new memory", p.total("new memory", [(kept, old), (1 - kept, fresh)]))

    def by_cell() -> dict:
        keep_nudge, hear_nudge = (math.log(vote / (1 - vote)) for vote in (keep, hear))
        bias = [[keep_nudge, hear_nudge, nudge], [0.0, 0.0, 0.0]]
        weights = GRUWeights([[0.0, 0.0, brings]], [[0.0, 0.0, dial]], bias)
        trace = run_gru([[[1.0]]], weights, [[memory]])
        return {
            "fresh value": trace.candidates.item(),
            "new memory": trace.hidden_states.item(),
        }

    return Slate(
        f"One slot of a GRU. Its memory holds {shown(memory)}, and the memory-dial of its fresh "
        f"value is {shown(dial)}. The next word brings {shown(brings)}, the nudge beside it is "
        f"{shown(nudge)}, and the other nudge is 0. The hear-vote is {shown(hear)}, the keep-vote "
        f"{shown(keep)}. What is the fresh value, and what is the new memory?",
        work,
        by_cell,
        decimals=2,
    )


def attention(draws: Draws) -> Slate:
    """Set attention for three words, with tags of one number each."""
    want, have = (draws.some(3, tenths(-15, 15, 5)) for _ in range(2))
    give, asks = draws.some(3, FRESH), draws.one(range(3))

    def work(p: Pencil) -> None:
        made, powers = p.makes("rows for columns"), []
        (wanted,) = p.copy([want[asks]])
        for word, its_want, its_have in zip(WORDS, want, have, strict=True):
            pair = pick(made, its_want, wanted), pick(made, have[asks], its_have)
            fit = p.total(f"fit with {word}", [pair])
            powers.append(p.squash(f"e to the fit with {word}", "e^", fit))
        whole = p.total("all together", [], *powers)
        shares = {
            word: p.quotient(f"share of {word}", power, whole)
            for word, power in zip(WORDS, powers, strict=True)
        }
        for word, share in shares.items():
            p.answer(f"share of {word}", share)
        made = p.makes("have for give")
        taken = [pick(made, *tags) for tags in zip(have, give, strict=True)]
        p.answer("taken", p.total("taken", zip(shares.values(), taken, strict=True)))

    def by_cell() -> dict:
        powers = np.exp(want[asks] * np.array(have))
        shares = powers / powers.sum()
        named = {f"share of {word}": share for word, share in zip(WORDS, shares, strict=True)}
        return named | {"taken": shares @ give}

    lines = zip((f"*{word}*" for word in WORDS), want, have, give, strict=True)
    return Slate(
        "Three words, each with its three tags of one number:\n\n"
        f"{table(['word', 'want', 'have', 'give'], *lines)}\n\n"
        f"The word *{WORDS[asks]}* holds its want against the have of every word, itself included. "
        "Which share does it take of each word's give, and what has it taken all in all?",
        work,
        by_cell,
        decimals=2,
    )


def pairs(draws: Draws) -> Slate:
    """Set paired differences, and what so few can tell."""
    seeds = draws.one((5, 6))
    old = [draws.one(range(76, 86)) for _ in range(seeds)]
    by = [draws.one((-3, -2, -1, 1, 2, 3, 4, 5)) for _ in range(seeds - 1)]
    by.append(draws.one([last for last in (-1, 2, 3) if sum(by) + last]))  # a mean that is not 0
    new = [score + more for score, more in zip(old, by, strict=True)]

    def work(p: Pencil) -> None:
        scores = enumerate(zip(new, old, strict=True))
        apart = [p.difference(f"difference at seed {seed}", a, b) for seed, (a, b) in scores]
        mean = p.quotient("mean difference", p.total("sum", [], *apart), seeds)
        ahead = sum((one > 0) * 1 for one in apart)
        p.write("seeds ahead", ahead, "differences above 0")
        p.answer("mean difference", mean)
        p.answer("seeds ahead", ahead)
        p.answer("chance", p.quotient("chance", 2, 2**seeds))

    def by_cell() -> dict:
        apart = np.subtract(new, old)
        return {
            "mean difference": apart.mean(),
            "seeds ahead": (apart > 0).sum(),
            "chance": 2 * 0.5**seeds,
        }

    head = ["seed", *map(str, range(seeds))]
    return Slate(
        f"Two machines, *old* and *new*, were trained from {seeds} seeds each, and scored out of a "
        f"hundred:\n\n{table(head, ['old', *old], ['new', *new])}\n\n"
        "What is the mean of the paired differences, new minus old? In how many seeds is the new "
        f"machine ahead? And if the two were equally good, so that each seed were a coin: what is "
        f"the chance that all {seeds} coins fall on the same side?",
        work,
        by_cell,
        decimals=2,
    )
