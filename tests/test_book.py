"""The built book: what a reader gets, and what stops a build that could not compute a number."""

import ast
import copy
import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import jupytext
import pytest
import yaml
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
CHAPTERS = [entry["file"] for part in TOC["parts"] for entry in part["chapters"]]
PAGES = [TOC["root"], *CHAPTERS]
NOTEBOOKS = [
    page for page in CHAPTERS if "{code-cell}" in (ROOT / f"book/{page}.md").read_text("utf-8")
]

LESSONS = [page for page in NOTEBOOKS if not page.startswith("back/")]

CHAPTER_OF_SECTION = {
    "combine": "by-hand/combine",
    "fade": "by-hand/fade",
    "loudness": "by-hand/loudness",
    "lstm": "back/labels",
    "bilstm": "back/labels",
    "train-plain-worker": "trained/train-plain-worker",
}
with (ROOT / "tests/post_numbers.tsv").open(encoding="utf-8", newline="") as table:
    POST_NUMBERS = list(csv.DictReader(table, delimiter="\t"))

HEADER = """---
jupytext: {text_representation: {extension: .md, format_name: myst}}
kernelspec: {display_name: Python 3, language: python, name: python3}
file_format: mystnb
---
# A page

"""


def run(*command, cwd, **environment):
    """Run a program of this environment as from a shell, without what the tests put on the path."""
    ours = ("PYTHONPATH", "MPLBACKEND")
    clean = {name: value for name, value in os.environ.items() if name not in ours}
    return subprocess.run(
        [BIN / command[0], *command[1:]],
        cwd=cwd,
        env=clean | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


# --- the book itself ---


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    out = tmp_path_factory.mktemp("site")
    command = ("jupyter-book", "build", "book/", "--path-output", str(out))
    built = run(*command, cwd=ROOT, MPLBACKEND="agg")  # as on many a CI: figures must still show
    assert built.returncode == 0, built.stderr
    return out / "_build" / "html"


@pytest.fixture(scope="module")
def pages(site):
    return {
        page: BeautifulSoup((site / f"{page}.html").read_text("utf-8"), "lxml") for page in PAGES
    }


def code_cells(page):
    """Return the code cells of a chapter as a notebook has them."""
    notebook = jupytext.read(ROOT / f"book/{page}.md")
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def text_of(page):
    """Return what a page says, without the code it shows."""
    article = copy.copy(page.find("article"))
    for code in article.find_all("pre"):
        code.extract()
    return " ".join(article.get_text().split())


@pytest.mark.parametrize("page", PAGES)
def test_page_of_the_table_of_contents_is_built(pages, page):
    assert pages[page].find("h1")


@pytest.mark.parametrize("row", POST_NUMBERS, ids=lambda row: row["id"])
def test_number_of_the_post_stands_on_its_page(pages, row):
    printed = row["printed"].lstrip("~+")
    if not re.match(r"-?\d", printed):  # in words, or not at all
        printed = f"{int(row['value']):,}"
    text = text_of(pages[CHAPTER_OF_SECTION[row["section"]]])
    assert re.search(rf"(?<![\d.,]){re.escape(printed)}(?![\d]|[.,]\d)", text)


@pytest.mark.parametrize("page", PAGES)
def test_page_holds_no_trace_of_a_number_that_was_not_written_out(pages, page):
    text = text_of(pages[page])
    assert not re.search(r"\{eval\}|np\.\w+\(|\bnan\b|Traceback", text)


@pytest.mark.parametrize("page", PAGES)
def test_links_inside_the_book_lead_somewhere(site, pages, page):
    for link in pages[page].find_all("a", href=True):
        target = urlsplit(link["href"])
        if target.scheme or link["href"].startswith("#") or not target.path:
            continue
        assert (site / f"{page}.html").parent.joinpath(unquote(target.path)).exists(), link["href"]


@pytest.mark.parametrize("page", LESSONS)
def test_terms_lead_to_the_labels(pages, page):
    links = [link["href"] for link in pages[page].find("article").find_all("a", href=True)]
    assert any("back/labels.html" in href for href in links)


@pytest.mark.parametrize("page", LESSONS)
def test_slate_stays_shut_without_a_script(pages, page):
    slate = (
        pages[page].find(class_="sd-summary-text", string="Show the answer").find_parent("details")
    )
    assert not slate.has_attr("open")
    assert len(slate.get_text().split()) > 10


@pytest.mark.parametrize("page", LESSONS)
def test_figure_says_in_words_what_it_shows(pages, page):
    figures = [image for image in pages[page].find("article").find_all("img")]
    assert figures
    for image in figures:
        assert len(image["alt"].split()) >= 10


@pytest.mark.parametrize("page", NOTEBOOKS)
def test_name_has_one_meaning_in_a_chapter(page):
    """A notebook shows its sentences after all cells have run: a name bound again would mislead."""
    bound = {}
    for number, cell in enumerate(code_cells(page)):
        for statement in ast.parse(cell.source).body:
            targets = statement.targets if isinstance(statement, ast.Assign) else []
            names = {
                node.id
                for target in targets
                for node in ast.walk(target)
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
            }
            if isinstance(statement, ast.FunctionDef):
                names.add(statement.name)
            for name in names - {"_"}:
                assert bound.setdefault(name, number) == number, f"{name} is bound twice"


@pytest.mark.parametrize("page", NOTEBOOKS)
def test_visible_cells_are_short(page):
    """At most 12 lines, blank ones aside, of at most 66 characters: what a page has room for."""
    for cell in code_cells(page):
        if not {"remove-input", "hide-input"} & set(cell.metadata.get("tags", [])):
            lines = [line for line in cell.source.splitlines() if line]
            assert len(lines) <= 12, cell.source
            assert max(map(len, lines)) <= 66, cell.source


# --- a chapter as a notebook ---


@pytest.mark.parametrize("page", ["by-hand/combine", "trained/train-plain-worker"])
@pytest.mark.parametrize("start", ["", "book"])
def test_chapter_runs_as_a_notebook(tmp_path, page, start):
    """One of each kind, from both places; the build runs the cells of all the others."""
    chapter = Path("book", f"{page}.md").relative_to(start or ".")
    notebook = tmp_path / "chapter.ipynb"
    command = ("jupytext", "--to", "ipynb", "--execute", "--output", str(notebook), str(chapter))
    ran = run(*command, cwd=ROOT / start)
    assert ran.returncode == 0, ran.stderr
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell["outputs"]]
    assert any("image/png" in output.get("data", {}) for output in outputs)


@pytest.mark.parametrize("page", NOTEBOOKS)
def test_chapter_opens_as_a_notebook(page):
    path = ROOT / f"book/{page}.md"
    assert jupytext.read(path).metadata.kernelspec.name == "python3"
    assert len(code_cells(page)) == path.read_text("utf-8").count("```{code-cell}")


# --- a build that could not compute a number ---


class SmallBook:
    """A clone with pages of its own, and the book's own settings, extension and package."""

    def __init__(self, folder):
        self.folder = folder
        for name in ("rahulml", "book/_extensions"):
            shutil.copytree(
                ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        for name in ("_config.yml", "_toc.yml", "references.bib"):
            shutil.copy(ROOT / "book" / name, folder / "book")
        self.write("book/index.md", "# Front\n")

    def write(self, name, text):
        (self.folder / name).write_text(text, "utf-8")

    def build(self, *chapters):
        toc = {
            "format": "jb-book",
            "root": "index",
            "chapters": [{"file": name} for name in chapters],
        }
        self.write("book/_toc.yml", yaml.safe_dump(toc))
        return run("jupyter-book", "build", "book/", cwd=self.folder)

    def text(self, page):
        html = (self.folder / f"book/_build/html/{page}.html").read_text("utf-8")
        return text_of(BeautifulSoup(html, "lxml"))


@pytest.fixture
def book(tmp_path):
    return SmallBook(tmp_path)


CELL = "```{code-cell} ipython3\n"
BOUND = CELL + "import numpy as np\none = np.float64(1)\n```\n\n"
HIDDEN = CELL + ":tags: [remove-input, remove-output]\n\nassert one == 2\n```\n"


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (BOUND + CELL + "assert one == 2\n```\n", ["cell 2 of 2, line 14", "assert one == 2"]),
        (BOUND + HIDDEN, ["cell 2 of 2", "assert one == 2"]),
        (CELL + "import os\nos._exit(1)\n```\n", ["cell 1 of 1", "died"]),
        (BOUND + "It is {eval}`two`.\n", ["line 13, {eval} of two", "name 'two' is not defined"]),
        (BOUND + CELL + "one;\n```\n\nIt is {eval}`one`.\n", ["{eval} of one"]),
        (BOUND + "It is {eval}`''`.\n", ["line 13", "expected a number, got ''"]),
        (BOUND + "It is {eval}`float('nan')`.\n", ["line 13", "expected a number, got 'nan'"]),
        (BOUND + "It is {eval}`one`.\n", ["line 13", "expected a number, got 'np.float64(1.0)'"]),
        (BOUND + "```{eval} two\n```\n", ["{eval} of two", "name 'two' is not defined"]),
        (BOUND + "```{eval:figure} two\n```\n", ["{eval} of two", "name 'two' is not defined"]),
        (CELL + ":tags: [remove-cell]\n\nassert False\n```\n", ["line 9", "remove-cell"]),
    ],
    ids=[
        *("cell", "hidden cell", "dead kernel", "unbound name", "cell ending in ;", "empty", "nan"),
        *("bare NumPy number", "block", "figure", "cell that would not run"),
    ],
)
def test_build_stops_and_names_what_it_could_not_compute(book, body, named):
    book.write("book/chapter.md", HEADER + body)
    built = book.build("chapter")
    assert built.returncode != 0
    for words in ["chapter.md", *named]:
        assert words in built.stderr


def test_edit_of_the_package_recomputes_the_chapters_that_use_it(book):
    cell = (
        "from rahulml.hand_cell import combine\n"
        "new = combine(5.0, forget_gate=0.9, input_gate=0.2, candidate=0.6, output_gate=0.7)\n"
    )
    sentence = "It is {eval}`f'{new.cell_state:.2f}'`.\n"
    book.write("book/uses.md", f"{HEADER}{CELL}{cell}```\n\n{sentence}")
    book.write(
        "book/alone.md",
        HEADER + CELL + "import time\nnow = time.time_ns()\n```\n\nNow {eval}`now`.\n",
    )
    assert book.build("uses", "alone").returncode == 0
    assert "It is 4.62." in book.text("uses")
    alone = book.text("alone")

    cell = book.folder / "rahulml/hand_cell/_lstm.py"
    right, wrong = "forget * old + admit * fresh", "forget + old + admit * fresh"
    assert right in cell.read_text("utf-8")
    cell.write_text(cell.read_text("utf-8").replace(right, wrong), "utf-8")

    assert book.build("uses", "alone").returncode == 0
    assert "It is 6.02." in book.text("uses")
    assert book.text("alone") == alone


def test_wrong_combine_stops_the_build_of_its_chapter(book):
    cell = book.folder / "rahulml/hand_cell/_lstm.py"
    cell.write_text(cell.read_text("utf-8").replace("forget * old", "forget + old"), "utf-8")
    book.write("book/chapter.md", (ROOT / "book/by-hand/combine.md").read_text("utf-8"))
    built = book.build("chapter")
    assert built.returncode != 0
    assert "chapter.md" in built.stderr
    assert "AssertionError" in built.stderr
