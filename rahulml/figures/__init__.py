"""The pictures of the book: each answers one question and returns its figure."""

from rahulml.figures._hand import (
    factory_walk,
    left_by_distance,
    loudness_times_worth,
    memories_by_word,
    slots_by_stage,
    sums_on_squashes,
    who_moves,
)
from rahulml.figures._papers import (
    column_of_paper,
    push_on_tanh,
    sums_on_tanh,
    turn_and_stretch,
)
from rahulml.figures._picture import COLOURS, Picture
from rahulml.figures._readings import (
    heard_by_distance,
    leaning_by_word,
    leaning_of_sentence,
    slopes_by_place,
    slots_by_word,
    votes_by_slot,
)
from rahulml.figures._scores import (
    against_the_full,
    dots_and_intervals,
    loss_by_turn,
    score_by_distance,
    score_by_length,
    score_by_loop,
    score_by_padding,
    scores_from_all_starts,
)
from rahulml.figures._wiring import (
    four_machines,
    one_slot,
    row_and_paper,
    two_directions,
    two_pockets,
    two_roads,
    want_have_give,
    whole_worker,
)

__all__ = [
    "COLOURS",
    "Picture",
    "against_the_full",
    "column_of_paper",
    "dots_and_intervals",
    "factory_walk",
    "four_machines",
    "heard_by_distance",
    "leaning_by_word",
    "leaning_of_sentence",
    "left_by_distance",
    "loss_by_turn",
    "loudness_times_worth",
    "memories_by_word",
    "one_slot",
    "push_on_tanh",
    "row_and_paper",
    "score_by_distance",
    "score_by_length",
    "score_by_loop",
    "score_by_padding",
    "scores_from_all_starts",
    "slopes_by_place",
    "slots_by_stage",
    "slots_by_word",
    "sums_on_squashes",
    "sums_on_tanh",
    "turn_and_stretch",
    "two_directions",
    "two_pockets",
    "two_roads",
    "votes_by_slot",
    "want_have_give",
    "who_moves",
    "whole_worker",
]
