"""The chapters by hand run where no engine is: with the extra "hand", as their notebooks ask."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = [
    path
    for path in sorted((ROOT / "book/by-hand").glob("*.md"))
    if "import keras" not in path.read_text("utf-8")
]

RUN = """
import re
import sys

class NoEngine:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"jax", "joblib", "keras", "scipy", "sklearn", "tensorflow"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, NoEngine())
sys.path.insert(0, sys.argv[1])
with open(sys.argv[2], encoding="utf-8") as file:
    cells = re.findall(r"^```{code-cell}[^\\n]*\\n(.*?)^```$", file.read(), re.S | re.M)
names = {}
for cell in cells:
    code = re.sub(r"\\A(---\\n.*?^---\\n|(:[^\\n]*\\n)*)", "", cell, flags=re.S | re.M)
    exec(compile(code, sys.argv[2], "exec"), names)
print(len(cells))
"""


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_chapter_by_hand_needs_no_engine(chapter):
    pytest.importorskip("matplotlib")
    ran = subprocess.run(
        [sys.executable, "-c", RUN, ROOT, chapter],
        env=os.environ | {"PYTHONPATH": "", "MPLBACKEND": "agg"},
        cwd=chapter.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout.splitlines()[-1]) > 3
