"""Exercises without end: a question for a topic and a seed, its answer, and which slip it was."""

from rahulml.exercises._diagnose import Diagnosis, diagnose
from rahulml.exercises._make import TOPICS, Exercise, make
from rahulml.exercises._sheets import worksheets
from rahulml.exercises._show import check, slate, slates
from rahulml.exercises._slips import ADVICE, SLIPS
from rahulml.exercises._spreadsheet import spreadsheet
from rahulml.exercises._write import judge

__all__ = [
    "ADVICE",
    "SLIPS",
    "TOPICS",
    "Diagnosis",
    "Exercise",
    "check",
    "diagnose",
    "judge",
    "make",
    "slate",
    "slates",
    "spreadsheet",
    "worksheets",
]
