"""Real film reviews, or texts of your own, cut into piles and turned into word-numbers.

``sources`` finds the rows, in files of many kinds; ``words`` says what a word is; ``loading`` cuts
the ``piles``, with a ``report`` of what was read and what was dropped.
"""

from rahulml.reviews.loading import EXAM_SHARE, MOCK_EXAM_SHARE, load
from rahulml.reviews.piles import PADDING, UNKNOWN, Numbering, Pile, Piles, repad
from rahulml.reviews.report import Report
from rahulml.reviews.sources import PACKAGED_SHA256
from rahulml.reviews.tally import SAME_ENDING
from rahulml.reviews.words import words_of

__all__ = [
    "EXAM_SHARE",
    "MOCK_EXAM_SHARE",
    "PACKAGED_SHA256",
    "PADDING",
    "SAME_ENDING",
    "UNKNOWN",
    "Numbering",
    "Pile",
    "Piles",
    "Report",
    "load",
    "repad",
    "words_of",
]
