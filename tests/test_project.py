"""What the project says of itself: versions, citation, where its settings lie."""

import importlib.metadata
import itertools
import re
import tomllib
from pathlib import Path

import yaml

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
