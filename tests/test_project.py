"""What the project says of itself: README, what it needs, citation, where its settings lie."""

import ast
import functools
import importlib.metadata
import itertools
import re
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import rahulml
from rahulml import figures

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
NEEDS = {"": PROJECT["dependencies"], **PROJECT["optional-dependencies"]}
"""What each extra brings; that without a name, the package alone."""

INNER_PARTS = [
    *("docutils", "furo", "ipykernel", "jax", "joblib", "jupyter-book", "jupyter-client"),
    *("keras", "myst-nb", "nbclient", "sphinx"),
]

CELL = re.compile(
    r"^```\{code-cell\}[^\n]*\n(?:---\n.*?\n---\n|(?::\w+:[^\n]*\n)*)(.*?)^```$", re.S | re.M
)


def asked_by(extra):
    """Return what an extra asks for, by name, with what the extras in it and the package bring."""
    asked = {}
    for requirement in map(Requirement, [*NEEDS[""], *NEEDS[extra]]):
        if requirement.name == PROJECT["name"]:
            asked |= dict(
                itertools.chain(*(asked_by(inner).items() for inner in requirement.extras))
            )
        else:
            asked[canonicalize_name(requirement.name)] = requirement.specifier
    return asked


def pins(text):
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    return [Requirement(line) for line in lines if "==" in line]


TOP, REST = (ROOT / "requirements.txt").read_text("utf-8").split("brought along")
PINS = pins(TOP) + pins(REST)


def imported_by(code):
    """Return the modules, without what they are part of, that a file takes from elsewhere."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.partition(".")[0]


providers = functools.cache(importlib.metadata.packages_distributions)


@pytest.mark.parametrize(
    ("files", "extras"),
    [
        ("rahulml/**/*.py", "train sheets"),
        ("book/_extensions/*.py", "book"),
        ("book/*/*.md", "book"),
        ("tests/*.py", "test"),
    ],
)
def test_what_is_imported_is_asked_for(files, extras):
    beside = itertools.chain(ROOT.glob("book/_extensions/*.py"), ROOT.glob("tests/*.py"))
    ours = {"rahulml", *(path.stem for path in beside)}
    asked = set().union(*map(asked_by, extras.split()))
    for path in sorted(ROOT.glob(files)):
        text = path.read_text("utf-8")
        for code in CELL.findall(text) if path.suffix == ".md" else [text]:
            for module in set(imported_by(code)) - ours - sys.stdlib_module_names:
                found = {canonicalize_name(name) for name in providers().get(module, [])}
                assert found & asked, f"{path}: {module} is not among what {extras!r} asks for"


@pytest.mark.parametrize("name", INNER_PARTS)
def test_whose_inner_parts_we_use_has_an_upper_bound(name):
    bounds = asked_by("test")[name]
    assert any(bound.operator == "<" for bound in bounds), f"{name}{bounds}"


def test_package_alone_loads_nothing():
    code = "import sys; before = {*sys.modules}; import rahulml; print(*{*sys.modules} - before)"
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in ran.stdout.split()}
    assert loaded - sys.stdlib_module_names == {"rahulml"}


def test_requirements_lead_with_what_the_project_asks_for():
    assert {canonicalize_name(pin.name) for pin in pins(TOP)} == asked_by("test").keys()


def test_requirements_pin_what_the_project_allows():
    for pin in pins(TOP):
        (version,) = (exact.version for exact in pin.specifier)
        assert asked_by("test")[canonicalize_name(pin.name)].contains(version), pin


def test_requirements_pin_everything_that_is_needed_here():
    """Follow every installed distribution's own requirements, and find each pinned as installed."""
    pinned = {canonicalize_name(pin.name) for pin in PINS}
    for pin in PINS:
        if pin.marker and not pin.marker.evaluate():
            continue  # one for another system
        found = importlib.metadata.distribution(pin.name)
        assert pin.specifier.contains(found.version), f"{pin}: installed {found.version}"
        for requirement in map(Requirement, found.requires or []):
            if not requirement.marker or requirement.marker.evaluate({"extra": ""}):
                assert canonicalize_name(requirement.name) in pinned, f"{pin.name}: {requirement}"


def test_what_ci_installs_is_what_is_pinned_and_each_file_has_its_sum():
    listed = (ROOT / ".ci/hashes.txt").read_text("utf-8").replace("\\\n", "").splitlines()
    sums = dict(line.split(" --hash=", 1) for line in listed if not line.startswith("#"))
    assert {str(Requirement(pin)) for pin in sums} == {str(pin) for pin in PINS}
    assert all(
        re.fullmatch(r"(sha256:[0-9a-f]{64}( +--hash=|$))+", found) for found in sums.values()
    )


@pytest.mark.parametrize("python", ["3.11.0", "3.12.0", "3.13.0"])
def test_requirements_install_on_each_python_that_is_promised(python):
    here = {"python_full_version": python, "python_version": python.rpartition(".")[0]}
    assert SpecifierSet(PROJECT["requires-python"]).contains(python)
    for pin in PINS:
        if not pin.marker or (pin.marker.evaluate() and pin.marker.evaluate(here)):
            allowed = importlib.metadata.metadata(pin.name).get("Requires-Python")
            assert SpecifierSet(allowed or "").contains(python), f"{pin}: {allowed}"


def test_settings_at_the_top_are_those_that_the_book_is_built_with():
    for name in ("_config.yml", "_toc.yml"):
        assert (ROOT / name).resolve() == ROOT / "book" / name


def test_newer_jupyter_book_is_told_which_one_the_book_needs():
    """Version 2 prints what it finds as the version of this file, unless it is 1, and stops."""
    told = yaml.safe_load((ROOT / "myst.yml").read_text("utf-8"))
    (pin,) = (pin for pin in pins(TOP) if pin.name == "jupyter-book")
    (exact,) = pin.specifier
    needed, newer = exact.version.partition(".")[0], asked_by("test")["jupyter-book"]
    assert not newer.contains("2.0.0")
    assert f"needs jupyter-book {needed}, which requirements.txt brings" in told["version"]


def test_citation_credits_the_post_and_its_author():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert citation["version"] == PROJECT["version"]
    (post,) = citation["references"]
    assert post["authors"] == [{"family-names": "Rai", "given-names": "Rahul"}]
    assert post["title"].startswith("The Two-Memory Worker")


README = (ROOT / "README.md").read_text("utf-8")


def test_readme_and_package_share_one_map_of_the_rooms_that_there_are():
    shown = re.search(r"```text\n(.*?)```", README, re.DOTALL)[1].splitlines()
    indented = [line for line in rahulml.__doc__.splitlines() if line.startswith("    ")]
    assert shown == textwrap.dedent("\n".join(indented)).splitlines()
    named = [line.split()[0] for line in shown if line.startswith(" ")]
    package = ROOT / "rahulml"
    files = {path.name for path in package.glob("*.py")} - {"__init__.py"}
    folders = {f"{path.parent.name}/" for path in package.glob("*/__init__.py")}
    assert sorted(named) == sorted(files | folders)


def test_readme_has_both_commands_on_one_line_each():
    for program in ("bin/jupyter-book build", "bin/pytest"):
        first = next(line for line in README.splitlines() if program in line)
        assert first.startswith("python3 -m venv .venv && .venv/bin/pip install -r "), first


@pytest.mark.parametrize(("path", "most"), [("README.md", 120), ("benchmarks/README.md", 100)])
def test_readme_is_short(path, most):
    assert len((ROOT / path).read_text("utf-8").splitlines()) <= most


def test_picture_of_the_readme_is_what_its_function_draws_today():
    """Words and colours in order, and where letters stand; not a digit more than the eye sees."""
    (path,) = re.findall(r"\]\((.+\.svg)\)", README)
    drawn = figures.one_slot(5.0, keep=0.9, admit=0.2, fresh=0.6, show=0.7).svg()
    (words, places), (words_today, places_today) = map(
        words_and_places, ((ROOT / path).read_text("utf-8"), drawn)
    )
    save_again = f"save what .svg() of that figure returns as {path}"
    assert words == words_today, save_again
    assert "new memory-B" in words
    assert places == pytest.approx(places_today, abs=2), save_again


def words_and_places(svg):
    words = re.findall(r"(?<=<!-- ).+(?= -->)|(?<=: )#[0-9a-f]{6}", svg)
    places = re.findall(r"translate\((\S+) (\S+)\) scale", svg)
    return words, [float(number) for place in places for number in place]


def test_history_of_the_benchmarks_has_a_median_or_a_range_in_every_row():
    head, *rows = (ROOT / "benchmarks/history.tsv").read_text("utf-8").splitlines()
    names = head.split("\t")
    for row in rows:
        found = dict(zip(names, row.split("\t"), strict=True))
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", found["date"])
        assert found["machine"]
        assert found["command"]
        assert found["figure"]
        measured = [found[name] for name in ("low", "median", "high") if found[name]]
        assert [float(number) for number in measured] == sorted(map(float, measured)) != []
