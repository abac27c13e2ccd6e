"""What the project says of itself: README, versions, citation, where its settings lie."""

import importlib.metadata
import itertools
import re
import textwrap
import tomllib
from pathlib import Path

import pytest
import yaml

import rahulml
from rahulml import figures

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def name_of(requirement):
    return re.match(r"[A-Za-z0-9._-]+", requirement)[0].lower().replace("_", "-")


def pins(text):
    lines = [line.split("#")[0].split(";")[0].strip() for line in text.splitlines()]
    return dict(line.lower().replace("_", "-").split("==") for line in lines if "==" in line)


def test_requirements_lead_with_what_the_project_asks_for():
    top, _ = (ROOT / "requirements.txt").read_text("utf-8").split("brought along")
    optional = itertools.chain(*PROJECT["optional-dependencies"].values())
    asked = [*PROJECT["dependencies"], *optional]
    assert set(pins(top)) == {name_of(requirement) for requirement in asked}


def test_requirements_pin_everything_that_is_needed_here():
    """Follow every installed distribution's own requirements, and find each pinned as installed."""
    pinned = pins((ROOT / "requirements.txt").read_text("utf-8"))
    for name, version in pinned.items():
        try:
            found = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # one for another system
        assert found.version == version, f"{name}: installed {found.version}, pinned {version}"
        for requirement in found.requires or []:
            if ";" not in requirement:
                assert name_of(requirement) in pinned, f"{name} needs {requirement}"


def test_settings_at_the_top_are_those_that_the_book_is_built_with():
    for name in ("_config.yml", "_toc.yml"):
        assert (ROOT / name).resolve() == ROOT / "book" / name


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
