"""The rooms of the pencil work where nothing but NumPy is installed: their own examples say so."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ["rahulml.checks", "rahulml.hand_cell", "rahulml.hand_training", "rahulml.fade"]

EXAMPLES = """
import doctest
import importlib
import pkgutil
import sys

class NothingButNumPy:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in {"numpy", "rahulml", *sys.stdlib_module_names}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, NothingButNumPy())
sys.path.insert(0, sys.argv[1])
finder, runner = doctest.DocTestFinder(), doctest.DocTestRunner()
for room in map(importlib.import_module, sys.argv[2:]):
    files = pkgutil.iter_modules(getattr(room, "__path__", []), f"{room.__name__}.")
    for module in [room, *(importlib.import_module(file.name) for file in files)]:
        for test in finder.find(module):
            if not any("import keras" in example.source for example in test.examples):
                runner.run(test)
print(runner.failures, runner.tries)
"""


def test_rooms_of_the_pencil_need_nothing_but_numpy():
    ran = subprocess.run(
        [sys.executable, "-c", EXAMPLES, ROOT, *ROOMS],
        env=os.environ | {"PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    failures, tries = map(int, ran.stdout.splitlines()[-1].split())
    assert failures == 0, ran.stdout
    assert tries > 50
