"""What GitHub is asked to do: the files are read, and the step that publishes runs for real."""

import re
import shutil
import subprocess

import pytest
import yaml
from pages import ROOT

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflow_names_what_is_there(path):
    """Each script and each file of the tests that a step runs is in the repository."""
    jobs = yaml.safe_load(path.read_text("utf-8"))["jobs"]
    lines = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    named = re.findall(r"(?:\.ci/|\.github/|tests/|book/_extensions/)[\w.*/-]+", "\n".join(lines))
    for name in named:
        assert list(ROOT.glob(name)), name
    assert all(job["timeout-minutes"] <= 90 for job in jobs.values())


def test_publish_puts_the_site_on_its_branch_and_leaves_the_rest(tmp_path):
    def git(*command, cwd="clone"):
        done = subprocess.run(
            ["git", *command], cwd=tmp_path / cwd, check=True, capture_output=True, text=True
        )
        return done.stdout.split()

    (tmp_path / "clone").mkdir()
    (tmp_path / "origin").mkdir()
    git("init", "--quiet", "--initial-branch=main")
    git("init", "--quiet", "--bare", cwd="origin")
    git("remote", "add", "origin", str(tmp_path / "origin"))
    shutil.copytree(ROOT / ".github", tmp_path / "clone/.github")
    site = tmp_path / "clone/book/_build/html"
    (site / "_static").mkdir(parents=True)
    (site / "index.html").write_text("a page")
    (site / "_static/pencil.css").write_text("a style")
    (site.parent / "numbers.json").write_text("[]")
    git("add", ".github")
    git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--message", "sources")
    before = git("status", "--porcelain")
    subprocess.run(
        ["bash", ".github/publish"], cwd=tmp_path / "clone", check=True, capture_output=True
    )
    published = git("ls-tree", "-r", "--name-only", "gh-pages", cwd="origin")
    assert published == [".nojekyll", "_static/pencil.css", "index.html", "numbers.json"]
    assert git("status", "--porcelain") == before
    assert git("branch", "--format=%(refname:short)") == ["main"]
