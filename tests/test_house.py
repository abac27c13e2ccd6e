"""The rules of the house: which room may do what."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pages import PAGES, ROOT

from rahulml import study

PACKAGE = ROOT / "rahulml"
MODULES = sorted(PACKAGE.rglob("*.py"))
OURS = [*MODULES, *sorted(ROOT.glob("tests/*.py")), *sorted(ROOT.glob("benchmarks/*.py"))]
ENGINES = {"keras", "tensorflow", "jax", "torch"}
NO_ENGINE = (
    *("checks", "hand_cell", "hand_training", "fade", "reviews", "far_back", "runs", "scores"),
    *("words", "figures", "sayings", "exercises", "study", "scan"),
)
KNOWN = {"_replace", "_asdict", "_fields", "_repr_markdown_", "_exit"}  # of others: public ones


def named(path):
    return str(path.relative_to(ROOT))


def imports(tree):
    """Yield the module of every import statement, wherever it stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


def in_a_fresh_process(script, **environment):
    return subprocess.check_output(
        [sys.executable, "-c", script],
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        text=True,
        stderr=subprocess.DEVNULL,
    )


def test_rooms_that_need_no_engine_load_none():
    rooms = [room for room in NO_ENGINE if room != "study"]
    script = f"""import sys
for room in {rooms}:
    __import__("rahulml." + room)
print(sorted({ENGINES} & set(sys.modules)))"""
    assert in_a_fresh_process(script) == "[]\n"


def test_jax_is_imported_among_the_engines_alone():
    for path in MODULES:
        if "_engines" not in path.parts:
            tree = ast.parse(path.read_text("utf-8"))
            roots = {name.split(".")[0] for name in imports(tree)}
            assert "jax" not in roots, named(path)


@pytest.mark.parametrize("path", OURS, ids=named)
def test_no_private_name_crosses_a_file(path):
    """A file or a folder may be private; a name that others use is not."""
    tree = ast.parse(path.read_text("utf-8"))
    bound = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    bound |= {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    }
    bound |= {
        node.target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    for node in ast.walk(tree):
        found = []
        if isinstance(node, ast.Attribute):
            found = [node.attr] if node.attr not in bound else []
        elif isinstance(node, ast.ImportFrom):
            inside = (node.module or "").startswith("rahulml") or not node.module
            folder = ROOT.joinpath(*(node.module or "").split("."))
            names = [alias.name for alias in node.names] if inside else []
            is_file = [
                (folder / name).is_dir() or (folder / f"{name}.py").is_file() for name in names
            ]
            found = [name for name, file in zip(names, is_file, strict=True) if not file]
        private = [name for name in found if re.match("_[a-z]", name)]
        assert set(private) <= KNOWN, f"{named(path)}, line {node.lineno}"


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_engines_alone_touch_the_process(path):
    if "_engines" in path.parts:
        return
    text = path.read_text("utf-8")
    touched = re.findall(
        r"os\.(?:environ|getenv|putenv|sched_\w+)|sys\.modules|import threading", text
    )
    assert touched == []


def test_nothing_happens_at_import(tmp_path):
    """Every module is loaded, those for JAX too; no file is made, and no setting of ours."""
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in MODULES
        if path.name != "__main__.py"
    ]
    script = f"""import os
before = dict(os.environ)
for name in {names}:
    __import__(name, fromlist=["_"])
changed = {{name for name in os.environ if before.get(name) != os.environ[name]}}
print(sorted(name for name in changed if name.startswith(("RAHULML", "KERAS", "JAX", "MALLOC"))))"""
    assert in_a_fresh_process(script, KERAS_BACKEND="jax", TMPDIR=str(tmp_path)) == "[]\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("page", PAGES)
def test_code_that_a_page_shows_asks_for_no_engine(page):
    text = (ROOT / f"book/{page}.md").read_text("utf-8")
    cuts = r"literalinclude\} (\S+)\n(?:.*\n)*?:start-at: (.+)\n:end-at: (.+)\n"
    for source, start, end in re.findall(cuts, text):
        code = (ROOT / "book" / Path(page).parent / source).read_text("utf-8")
        first, last = (mark.strip("'\"") for mark in (start, end))
        shown = code[code.index(first) :]
        shown = shown[: shown.index(last) + len(last)]
        assert not re.search(r"\bif\b.*(backend|engine|jax)", shown), shown


# --- the name under which a training is kept ---


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """Let `study` look for the code that decides in a copy, and return where it lies."""
    for path in MODULES:
        place = tmp_path / path.relative_to(PACKAGE)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(path.read_text("utf-8"), "utf-8")
    monkeypatch.setattr(study, "__file__", str(tmp_path / "study.py"))
    return tmp_path


@pytest.mark.parametrize(
    ("name", "old", "new", "matters"),
    [
        ("training", "shuffle=False", "shuffle=True", True),
        ("builders", '"binary_crossentropy"', '"mse"', True),
        ("attention", "features**0.5", "features**0.6", True),
        ("variants", "-1.0 if tied", "-2.0 if tied", True),
        ("_engines/jax_cells", "1 - update", "2 - update", True),
        ("training", "One training by the book's recipe.", "One training.", False),
        ("builders", "# Keras seeds its layers", "# It seeds its layers", False),
        ("runs", "hashlib.sha256", "hashlib.sha512", False),
        ("_engines/workers", '"NPROC": "1"', '"NPROC": "2"', False),
        ("_engines/many_seeds", "count", "account", False),
    ],
)
def test_training_is_kept_under_the_code_that_decides_its_numbers(
    piles, copied, name, old, new, matters
):
    before = study.cache_key(piles, "jax")
    path = copied / f"{name}.py"
    code = path.read_text("utf-8")
    if name != "_engines/many_seeds":
        assert old in code
    path.write_text(code.replace(old, new), "utf-8")
    assert (study.cache_key(piles, "jax") != before) is matters
