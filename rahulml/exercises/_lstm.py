"""The topics of the worker with two memories."""

import numpy as np

from rahulml.exercises._draws import (
    ACCOUNTS,
    FRESH,
    MEMORY,
    NOTES,
    VOTES,
    Draws,
    Slate,
    row,
    table,
    tenths,
)
from rahulml.exercises._pencil import Pencil, pick, shown
from rahulml.exercises._worker import (
    MACHINES,
    VOTERS,
    Dials,
    alone,
    answer,
    ask,
    by_slot,
    draw_dials,
    grid,
    scale_and_add,
    side_by_side,
    speak,
    take,
)
from rahulml.hand_cell import State, combine, run, step

SHARES = {
    0.1: "a tenth",
    0.2: "a fifth",
    0.25: "a quarter",
    0.5: "half",
    0.75: "three quarters",
    0.9: "nine tenths",
}
"""How a story says a share."""

PRAISE = "brilliant", "bold", "moving"
COMPLAINTS = "awful", "cold", "seats"
"""The words of the page on the two memories: of the film, and of the cinema."""


def two_memories(draws: Draws) -> Slate:
    """Set three words through both memories, with the votes given."""
    fresh = [draws.one((-1, 1)) * size for size in draws.some(3, tenths(4, 9))]
    keep, admit, show = (draws.some(3, VOTES) for _ in range(3))

    def work(p: Pencil) -> None:
        new = [0.0]
        for i in range(3):
            votes = take(p, {"keep": [keep[i]], "admit": [admit[i]], "show": [show[i]]})
            name = f"memory-A after word {i + 1}"
            old, new = new, scale_and_add(p, new, votes, [fresh[i]], name)
            p.answer(name, new[0])
        name = "memory-B after word 3"
        p.answer(name, speak(p, old, new, votes["show"], name)[0])

    def by_cell() -> dict:
        memory, answers = 0.0, {}
        for i in range(3):
            votes = {"forget_gate": keep[i], "input_gate": admit[i], "output_gate": show[i]}
            new = combine(memory, candidate=fresh[i], **votes)
            memory = answers[f"memory-A after word {i + 1}"] = new.cell_state
        return answers | {"memory-B after word 3": new.hidden_state}

    lines = zip("123", fresh, keep, admit, show, strict=True)
    return Slate(
        "One slot, and both memories start at 0. Three words are read:\n\n"
        f"{table(['word', 'fresh value', 'keep', 'admit', 'show'], *lines)}\n\n"
        "What does memory-A hold after each word, and memory-B after the last?",
        work,
        by_cell,
        decimals=2,
    )


def one_machine(draws: Draws) -> Slate:
    """Set one machine of the four, with two slots."""
    what = draws.one(MACHINES)
    note, memory_b = draws.some(2, NOTES), draws.some(2, MEMORY)
    memory_a, dials = draws.some(2, ACCOUNTS), draw_dials(draws, 2, 2)

    def work(p: Pencil) -> None:
        made = p.makes("A handed on for B")
        reads = [pick(made, a, b) for a, b in zip(memory_a, memory_b, strict=True)]
        answer(p, what, ask(p, what, p.copy(note), p.copy(reads), dials))

    def by_cell() -> dict:
        weights = side_by_side(dict.fromkeys(MACHINES, dials))
        desk = State(hidden_state=np.array([memory_b]), cell_state=np.array([memory_a]))
        gates = step([note], desk, weights).gates
        return by_slot(what, (gates.input_gate if what in VOTERS else gates.candidate)[0])

    return Slate(
        f"A worker with two slots reads a word. Its note is {row(note)}. Memory-A holds "
        f"{row(memory_a)}, and memory-B holds {row(memory_b)}. These are the papers and the nudges "
        f"of the machine that makes the **{what}**:\n\n{grid(*dials, of='memory-B')}\n\n"
        "What does it answer for each slot?",
        work,
        by_cell,
        decimals=3,
    )


def push(draws: Draws) -> Slate:
    """Set a push of the old memory-A, and its slope along the carry."""
    old, fresh, by = draws.one(ACCOUNTS), draws.one(FRESH), draws.one(tenths(1, 8))
    keep, admit = draws.some(2, VOTES)

    def work(p: Pencil) -> None:
        old_a, value, by_how_much, keeps, admits = p.copy([old, fresh, by, keep, admit])
        votes = take(p, {"keep": [keeps], "admit": [admits]})
        (before,) = scale_and_add(p, [old_a], votes, [value], "new memory-A")
        (after,) = scale_and_add(p, [old_a + by_how_much], votes, [value], "pushed memory-A")
        p.answer("new memory-A", before)
        p.answer("pushed memory-A", after)
        move = p.difference("how far it moves", after, before)
        p.answer("slope", p.quotient("slope", move, by_how_much))

    def by_cell() -> dict:
        votes = {"forget_gate": keep, "input_gate": admit, "output_gate": 0}
        before, after = (combine(a, candidate=fresh, **votes).cell_state for a in (old, old + by))
        return {
            "new memory-A": before,
            "pushed memory-A": after,
            "slope": (after - before) / by,
        }

    return Slate(
        f"One slot. The old memory-A is {shown(old)}, the keep-vote {shown(keep)}, the admit-vote "
        f"{shown(admit)}, the fresh value {shown(fresh)}. Work out the new memory-A. Then push the "
        f"old one up by {shown(by)}, leave all else as it is, and work the new one out again. What "
        "is the slope: how far does the new memory-A move for each unit of the push?",
        work,
        by_cell,
        decimals=2,
    )


def lands(draws: Draws) -> Slate:
    """Set what lands on memory-A, and the vote with which a slot would land as much as another."""
    while True:
        fresh, admit = draws.some(3, FRESH), draws.some(3, VOTES)
        if abs(fresh[1] * admit[1]) < abs(fresh[0]):
            break

    def work(p: Pencil) -> None:
        values = p.copy(fresh)
        pairs = enumerate(zip(values, admit, strict=True), start=1)
        landed = alone(p, [p.total(f"what lands in slot {slot}", [pair]) for slot, pair in pairs])
        answer(p, "what lands", landed)
        vote = p.quotient("vote for slot 1", abs(landed[1]), abs(values[0]))
        p.answer("vote for slot 1", p.either("sign lost", vote, -vote, "too many"))

    def by_cell() -> dict:
        ones = np.ones(3)
        votes = {"forget_gate": ones, "input_gate": admit, "output_gate": ones}
        landed = combine(np.zeros(3), candidate=fresh, **votes).cell_state
        return by_slot("what lands", landed) | {"vote for slot 1": abs(landed[1] / fresh[0])}

    lines = zip("123", fresh, admit, strict=True)
    return Slate(
        "Three slots, each with its loudness and its worth:\n\n"
        f"{table(['slot', 'fresh value', 'admit-vote'], *lines)}\n\n"
        "How much lands on memory-A in each slot? And which admit-vote would slot 1 need to move "
        "memory-A as far as slot 2 does, up or down?",
        work,
        by_cell,
        decimals=2,
    )


def choose_votes(draws: Draws) -> Slate:
    """Set a story for which the votes are to be chosen."""
    old, keep = draws.one((2.0, 3.0, 4.0, 5.0)), draws.one(tenths(6, 9))
    show = draws.one(list(SHARES))
    if draws.one((True, False)):
        word, about = draws.one(PRAISE), "the film"
        fresh, admit = draws.one(tenths(2, 9)), draws.one(tenths(7, 9))
    else:
        word, about = draws.one(COMPLAINTS), "the cinema, not the film"
        fresh, admit = draws.one(tenths(-9, -2)), draws.one(tenths(1, 3))
    stays, enters = round(keep * old, 2), round(admit * fresh, 2)

    def work(p: Pencil) -> None:
        chosen = {
            "keep": [p.quotient("keep-vote", stays, old)],
            "admit": [p.quotient("admit-vote", enters, fresh)],
            "show": [show],
        }
        p.write("show-vote", show, SHARES[show])
        for name, (vote,) in take(p, chosen).items():
            p.answer(f"{name}-vote", vote)

    return Slate(
        f"A slot of memory-A holds what a review has said of the film so far: {shown(old)}. The "
        f"next word, *{word}*, is about {about}; its fresh value is {shown(fresh)}. Choose the "
        f"votes so that the old {shown(old)} is scaled down to {shown(stays)}, {shown(enters)} "
        f"lands on it, and {SHARES[show]} of the squash is said.",
        work,
        lambda: dict(zip(VOTERS, (stays / old, enters / fresh, show), strict=True)),
        decimals=2,
    )


def combine_one(draws: Draws) -> Slate:
    """Set the combine, one slot."""
    old, fresh = draws.one(ACCOUNTS), draws.one(FRESH)
    keep, admit, show = draws.some(3, VOTES)
    return Slate(
        f"One slot. Memory-A holds {shown(old)}. The keep-vote is {shown(keep)}, the admit-vote "
        f"{shown(admit)}, the show-vote {shown(show)}, and the fresh value {shown(fresh)}. What is "
        "the new memory-A, and what is the new memory-B?",
        *_combined([old], [keep], [admit], [fresh], [show]),
        decimals=2,
    )


def combine_three(draws: Draws) -> Slate:
    """Set the combine, three slots."""
    old, fresh = draws.some(3, ACCOUNTS), draws.some(3, FRESH)
    keep, admit, show = (draws.some(3, VOTES) for _ in range(3))
    lines = zip("123", old, keep, admit, fresh, show, strict=True)
    head = ["slot", "memory-A", "keep", "admit", "fresh value", "show"]
    return Slate(
        f"Three slots:\n\n{table(head, *lines)}\n\n"
        "What is the new memory-A, and what is the new memory-B?",
        *_combined(old, keep, admit, fresh, show),
        decimals=2,
    )


def _combined(old: list, keep: list, admit: list, fresh: list, show: list) -> tuple:
    """Return how the combine is worked out, and what it gives by the hand cell."""

    def work(p: Pencil) -> None:
        votes = take(p, {"keep": keep, "admit": admit, "show": show})
        new = scale_and_add(p, old, votes, fresh, "new memory-A")
        answer(p, "new memory-A", new)
        answer(p, "new memory-B", speak(p, old, new, votes["show"], "new memory-B"))

    def by_cell() -> dict:
        new = combine(old, forget_gate=keep, input_gate=admit, candidate=fresh, output_gate=show)
        return by_slot("new memory-A", new.cell_state) | by_slot("new memory-B", new.hidden_state)

    return work, by_cell


def whole_step(draws: Draws) -> Slate:
    """Set the whole step, one slot: four machines, then the combine."""
    note, memory_b, memory_a = draws.some(2, NOTES), draws.one(MEMORY), draws.one(ACCOUNTS)
    dials = {what: draw_dials(draws, 2, 1) for what in MACHINES}

    def work(p: Pencil) -> None:
        read = p.copy(note), p.copy([p.either("A handed on for B", memory_b, memory_a)])
        said = {what: ask(p, what, *read, dials[what]) for what in MACHINES}
        for what in MACHINES:
            answer(p, what, said[what])
        _combine(p, memory_a, said, "new memory-{}")

    def by_cell() -> dict:
        desk = State(hidden_state=np.array([[memory_b]]), cell_state=np.array([[memory_a]]))
        gates, state = step([note], desk, side_by_side(dials))
        numbers = gates.candidate, gates.forget_gate, gates.input_gate, gates.output_gate
        names = *MACHINES, "new memory-A", "new memory-B"
        numbers = (*numbers, state.cell_state, state.hidden_state)
        return {name: number.item() for name, number in zip(names, numbers, strict=True)}

    head = ["machine", "note, 1st number", "note, 2nd number", "memory-B", "nudge"]
    return Slate(
        f"A worker with one slot. Memory-A holds {shown(memory_a)}, memory-B {shown(memory_b)}, "
        f"and the note of the next word is {row(note)}. The dials of its four machines:\n\n"
        f"{table(head, *_lines(dials))}\n\n"
        "What do the four machines answer, and what are the new memories?",
        work,
        by_cell,
        decimals=2,
    )


def two_words(draws: Draws) -> Slate:
    """Set two whole steps, one slot, from memories at 0."""
    notes, dials = draws.some(2, NOTES), {what: draw_dials(draws, 1, 1) for what in MACHINES}

    def work(p: Pencil) -> None:
        a, b = 0.0, 0.0
        copied = {what: _copied(p, dials[what]) for what in MACHINES}
        for word, note in enumerate(notes, start=1):
            when, reads = f" at word {word}", b
            if word == 2:
                reads = p.either("A handed on for B", reads, a)
                reads = p.either("old memory for new", reads, 0.0)
                a = p.either("old memory for new", a, 0.0)
            read = p.copy([note]), p.copy([reads])
            said = {what: ask(p, what, *read, copied[what], when) for what in MACHINES}
            a, b = _combine(p, a, said, f"memory-{{}} after word {word}")

    def by_cell() -> dict:
        trace = run([[[note] for note in notes]], side_by_side(dials))
        walk = trace.cell_states[0, :, 0], trace.hidden_states[0, :, 0]
        return {
            f"memory-{name} after word {word}": number
            for word, states in enumerate(zip(*walk, strict=True), start=1)
            for name, number in zip("AB", states, strict=True)
        }

    head = ["machine", "note", "memory-B", "nudge"]
    return Slate(
        "A worker with one slot starts a review; both memories are at 0. Two words come, and each "
        f"note is one number: {shown(notes[0])}, then {shown(notes[1])}. The dials of the four "
        f"machines:\n\n{table(head, *_lines(dials))}\n\n"
        "What do the two memories hold after each word?",
        work,
        by_cell,
        decimals=2,
    )


def _combine(p: Pencil, old, said: dict[str, list], name: str) -> tuple:
    """Combine what the machines of one slot have said, and write down both memories."""
    votes = take(p, {voter.removesuffix("-vote"): said[voter] for voter in VOTERS})
    (new,) = scale_and_add(p, [old], votes, said["fresh value"], name.format("A"))
    (spoken,) = speak(p, [old], [new], votes["show"], name.format("B"))
    p.answer(name.format("A"), new)
    p.answer(name.format("B"), spoken)
    return new, spoken


def _lines(dials: dict[str, Dials]) -> list[list]:
    """Print the dials of machines with one slot: a line each, the table that two topics have."""
    return [
        [what, *(line[0] for line in (*word_paper, *memory_paper)), *nudge]
        for what, (word_paper, memory_paper, nudge) in dials.items()
    ]


def _copied(p: Pencil, dials: Dials) -> Dials:
    """Copy the three dials of a machine with one slot, and a note of one number."""
    by_note, by_memory, nudge = p.copy([dials[0][0][0], dials[1][0][0], dials[2][0]])
    return Dials([[by_note]], [[by_memory]], [nudge])
