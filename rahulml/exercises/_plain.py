"""The topics of the plain worker: a paper, a step, the clerk, the fade, padding, a dial-turn."""

import math
from itertools import pairwise

import numpy as np

from rahulml.exercises._draws import MEMORY, NOTES, NUDGES, Draws, Slate, row, tenths
from rahulml.exercises._pencil import Pencil, pick, shown
from rahulml.exercises._worker import (
    answer,
    ask,
    by_slot,
    draw_dials,
    grid,
    machine,
    read_paper,
)
from rahulml.hand_cell import RNNWeights, backward_rnn, combine, run_rnn, sigmoid, step_rnn


def paper(draws: Draws) -> Slate:
    """Set a row through a paper."""
    note, dials = draws.some(2, NOTES), draws.paper(2, 2)
    names = "what it brings to slot 1", "what it brings to slot 2"

    def work(p: Pencil) -> None:
        copied = p.copy(note)
        for name, column in zip(names, read_paper(p, dials), strict=True):
            p.answer(name, p.total(name, zip(copied, column, strict=True)))

    return Slate(
        f"The note of a word is {row(note)}. It goes through this word-paper:\n\n{grid(dials)}\n\n"
        "What does the word bring to each slot?",
        work,
        lambda: dict(zip(names, np.array(note) @ np.array(dials), strict=True)),
        decimals=2,
    )


def plain_step(draws: Draws) -> Slate:
    """Set one step of the plain worker."""
    note, memory, dials = draws.some(2, NOTES), draws.some(2, MEMORY), draw_dials(draws, 2, 2)

    def work(p: Pencil) -> None:
        answer(p, "new memory", ask(p, "new memory", p.copy(note), p.copy(memory), dials))

    return Slate(
        "A plain worker with two slots is in the middle of a review. Its memory holds "
        f"{row(memory)}, and the note of the next word is {row(note)}. These are its two papers "
        f"and its nudges:\n\n{grid(*dials)}\n\nWhat does the memory hold after this word?",
        work,
        lambda: by_slot("new memory", step_rnn([note], [memory], RNNWeights(*dials))[0]),
        decimals=3,
    )


def clerk(draws: Draws) -> Slate:
    """Set the clerk's guess."""
    memory, dials = draws.some(2, MEMORY), draws.some(2, tenths(-20, 20))
    nudge = draws.one(NUDGES)

    def work(p: Pencil) -> None:
        products = zip(p.copy(memory), dials, strict=True)
        total, guess = machine(p, "guess", "sigmoid", products, nudge)
        p.answer("sum for the guess", total)
        p.answer("guess", guess)

    def by_cell() -> dict:
        total = np.dot(memory, dials) + nudge
        return {"sum for the guess": total, "guess": sigmoid(total)}

    return Slate(
        f"The last word is read, and the memory holds {row(memory)}. The clerk's dials are "
        f"{shown(dials[0])} for slot 1 and {shown(dials[1])} for slot 2; the clerk's nudge is "
        f"{shown(nudge)}. What is the sum before the squash, and what does the clerk guess?",
        work,
        by_cell,
        decimals=3,
    )


def mark(draws: Draws) -> Slate:
    """Set the slopes and the mark over three words."""
    memories = draws.some(3, MEMORY)
    dial, start = draws.one(tenths(5, 15)), draws.one(tenths(2, 9))

    def work(p: Pencil) -> None:
        late, few = p.makes("old memory for new"), p.makes("one word too few")
        at_first, by, *held = p.copy([start, dial, *memories])
        marks = [at_first]
        for word, (old, new) in enumerate(pairwise(held), start=2):
            slope = p.slope(f"slope at word {word}", pick(late, old, new))
            link = p.total(f"dial × slope at word {word}", [(by, slope)])
            marks.append(p.total(f"mark after word {word}", [(marks[-1], link)]))
            p.answer(f"slope at word {word}", slope)
        p.answer("mark after word 2", marks[1])
        p.answer("mark after word 3", pick(few, marks[1], marks[2]))
        twice = p.total("dial × dial", [(by, by)])
        p.answer("bound", p.total("bound", [(at_first, pick(few, by, twice))]))

    def by_cell() -> dict:
        brings = [math.atanh(new) - dial * old for old, new in pairwise(memories)]
        slopes, marks = [], [start]
        for memory, bring in zip(memories, brings, strict=False):
            trace = run_rnn([[[bring]]], RNNWeights([[1.0]], [[dial]], [0.0]), [[memory]])
            gradients = backward_rnn(trace, [[[1.0]]])
            slopes.append(gradients.inputs.item())
            marks.append(marks[-1] * gradients.initial_state.item())
        return {
            "slope at word 2": slopes[0],
            "slope at word 3": slopes[1],
            "mark after word 2": marks[1],
            "mark after word 3": marks[2],
            "bound": start * dial * dial,
        }

    held = [shown(memory) for memory in memories]
    return Slate(
        f"One slot of a plain worker, whose memory-dial is {shown(dial)}. After words 1, 2 and 3 "
        f"of a review the memory holds {held[0]}, {held[1]} and {held[2]}. What word 1 brings is "
        f"pushed a little. Right after word 1 the mark is {shown(start)} for each unit of the "
        "push. Follow it through words 2 and 3. And by the bound, how large can it be at most "
        "after word 3?",
        work,
        by_cell,
        decimals=3,
    )


def keeping(draws: Draws) -> Slate:
    """Set a keep-vote that stays the same over several words."""
    amount, words = draws.one(tenths(15, 95)), draws.one((2, 3, 4))
    keep = draws.one((0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95))

    def work(p: Pencil) -> None:
        (vote,) = p.copy([keep])
        share = vote = p.either("forget for keep", vote, 1 - vote)
        for word in range(2, words + 1):
            name = "share left" if word == words else f"share left after {word} words"
            before, share = share, p.total(name, [(share, vote)])
        share = p.either("one word too few", share, before)
        p.answer("share left", share)
        p.answer("amount left", p.total("amount left", [(amount, share)]))

    def by_cell() -> dict:
        left = amount
        for _ in range(words):
            new = combine(left, forget_gate=keep, input_gate=0, candidate=0, output_gate=0)
            left = new.cell_state
        return {"share left": left / amount, "amount left": left}

    return Slate(
        f"A memory that is only scaled and added to holds {shown(amount)}. At each "
        f"of the next {words} words the keep-vote is {shown(keep)}, and nothing new is let in. "
        "Which share of it is left then, and how much is that?",
        work,
        by_cell,
        decimals=3,
    )


def dial_turn(draws: Draws) -> Slate:
    """Set the walk back through one word, and one dial-turn."""
    note, word_dial, memory = draws.one(NOTES), draws.one(tenths(-15, 15)), draws.one(MEMORY)
    clerk_dial, guess = draws.one(tenths(-20, 20)), draws.one(tenths(1, 9))
    liked, pace = draws.one((0.0, 1.0)), draws.one((0.1, 0.2, 0.5))

    def work(p: Pencil) -> None:
        held, start, guessed = p.copy([memory, word_dial, guess])
        off = p.difference("what the guess is off by", guessed, liked)
        at_clerk = p.total("gradient of the clerk's dial", [(off, held)])
        at_memory = p.total("gradient of the memory", [(off, clerk_dial)])
        slope = p.slope("slope of the tanh", held)
        at_sum = p.total("gradient of the sum", [(at_memory, slope)])
        at_word = p.total("gradient of the word-dial", [(at_sum, note)])
        turn = p.total("how far it turns", [(pace, at_word)])
        downhill = p.either("the wrong way round", -turn, turn)
        turned = p.total("word-dial after the turn", [], start, downhill)
        p.answer("gradient of the clerk's dial", at_clerk)
        p.answer("gradient of the word-dial", at_word)
        p.answer("word-dial after the turn", turned)

    def by_cell() -> dict:
        nudge = math.atanh(memory) - word_dial * note
        trace = run_rnn([[[note]]], RNNWeights([[word_dial]], [[0.0]], [nudge]))
        gradients = backward_rnn(trace, [[[(guess - liked) * clerk_dial]]])
        gradient = gradients.kernel.item()
        return {
            "gradient of the clerk's dial": (guess - liked) * trace.hidden_states.item(),
            "gradient of the word-dial": gradient,
            "word-dial after the turn": word_dial - pace * gradient,
        }

    verdict = "liked the film, so 1 was right" if liked else "did not like the film, so 0 was right"
    return Slate(
        f"A plain worker has read a review of one word, whose note is one number, "
        f"{shown(note)}. In one slot the word-dial is {shown(word_dial)}, and the memory came out "
        f"at {shown(memory)}. The clerk's dial for this slot is {shown(clerk_dial)}. There are "
        f"other slots, too, and all together the guess is {shown(guess)}. But the writer "
        f"{verdict}. Walk back: what are the gradients of the clerk's dial and of the word-dial? "
        f"Then turn the word-dial against its gradient, by {shown(pace)} times the gradient. Where "
        "does it end?",
        work,
        by_cell,
        decimals=3,
    )


def padding(draws: Draws) -> Slate:
    """Set two places of padding after the last word, read and masked."""
    memory, dial, nudge = draws.one(MEMORY), draws.one(tenths(-20, 20)), draws.one(NUDGES)

    def work(p: Pencil) -> None:
        by, add, *walk = p.copy([dial, nudge, memory])
        for place in (1, 2):
            held = pick(place == 2 and p.makes("old memory for new"), walk[0], walk[-1])
            products = [(p.either("memory left out", held, 0.0), by)]
            walk.append(machine(p, f"memory after padding {place}", "tanh", products, add)[1])
        p.write("masked memory after padding 2", memory, "as it was before")
        p.answer("memory after padding 1", walk[1])
        p.answer("memory after padding 2", p.either("one word too few", walk[2], walk[1]))
        p.answer("masked memory after padding 2", p.either("padding read", walk[0], walk[2]))

    def by_cell() -> dict:
        trace = run_rnn(np.zeros((1, 2, 1)), RNNWeights([[1.0]], [[dial]], [nudge]), [[memory]])
        one, two = trace.hidden_states[0, :, 0]
        return {
            "memory after padding 1": one,
            "memory after padding 2": two,
            "masked memory after padding 2": memory,
        }

    return Slate(
        f"A plain worker with one slot has read its last word, and its memory holds "
        f"{shown(memory)}. Then come two places of padding, whose note is all zeros. The "
        f"memory-dial is {shown(dial)}, the nudge {shown(nudge)}. What does the memory hold after "
        "the first place of padding, and after the second? And what does it hold after the second "
        "if the padding is masked, so that the worker passes over it?",
        work,
        by_cell,
        decimals=2,
    )
