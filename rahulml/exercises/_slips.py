"""The slips that a wrong number can show, and what to look at again."""

ADVICE = {
    "votes swapped": "Two votes changed places. Look again at what each of them multiplies.",
    "forget for keep": (
        "A keep-vote was taken for the share that goes. It is the share that stays."
    ),
    "keep as 1 - admit": (
        "The keep-vote was taken as 1 - admit. Keep and admit are two machines of their own, and "
        "need not share out one whole."
    ),
    "A handed on for B": (
        "Memory-A stands where memory-B belongs. What is said, and what the machines read, is "
        "memory-B."
    ),
    "old memory for new": "An old memory was used where the new one belongs.",
    "memory left out": "What comes from the memory was left out. A machine reads that, too.",
    "nudge left out": "A nudge was left out of the sum.",
    "nudge after the squash": (
        "A nudge was added after the squash. First add up everything, then squash once."
    ),
    "tanh for sigmoid": (
        "A tanh was taken where a sigmoid belongs. Votes and guesses come out of a sigmoid."
    ),
    "sigmoid for tanh": (
        "A sigmoid was taken where a tanh belongs. Memories and fresh values come out of a tanh."
    ),
    "squash left out": "A squash, or the slope of a squash, was left out.",
    "summed, not slot by slot": (
        "Slots were added up that have nothing to do with each other. A vote meets the number of "
        "its own slot, and three slots in are three slots out."
    ),
    "rows for columns": (
        "A paper was read the wrong way. It has a row for each number that comes in, and a column "
        "for each slot that goes out."
    ),
    "one word too few": "One word too few was read.",
    "padding read": "The padding was read. Masked, it is passed over, and the memory stays.",
    "have for give": "The haves were taken. They only make the shares; what is taken is the gives.",
    "division left out": "A division was left out.",
    "the wrong way round": "A subtraction or a division was done the wrong way round.",
    "sign lost": "A minus sign went astray.",
    "decimal slipped": "A decimal point slipped by one place.",
}
"""Each slip with a sentence for whoever made it, the more telling ones first."""

SLIPS = tuple(ADVICE)
"""The names of all slips, in the order in which `diagnose` names them."""

KINDS = {
    "votes swapped": ("keep and admit", "keep and show", "admit and show", "keep and hear"),
    "sign lost": ("", "of two", "too many"),
    "decimal slipped": ("to the right", "to the left"),
}
"""How a slip can be made; those that are not here are of one kind, which has no name."""
