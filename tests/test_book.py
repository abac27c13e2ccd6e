"""The book's sources as notebooks, and what stops a build that could not compute a number."""

import ast
import json
import os
import re
import sys
from pathlib import Path

import jupytext
import psutil
import pytest
from bs4 import BeautifulSoup
from pages import CHAPTERS, ROOT
from small_book import CELL, HEADER, run

NOTEBOOKS = [
    page for page in CHAPTERS if "{code-cell}" in (ROOT / f"book/{page}.md").read_text("utf-8")
]

HIDING = ["index", *NOTEBOOKS]

# --- the extension ---

EXTENSION = sorted((ROOT / "book/_extensions").glob("*.py"))


@pytest.mark.parametrize("path", EXTENSION, ids=lambda path: path.stem)
def test_extension_reads_the_package_and_never_runs_it(path):
    """Or a build whose package can't be imported could not say why."""
    source = path.read_text("utf-8")
    for node in ast.walk(ast.parse(source)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert not any(name.split(".")[0] == "rahulml" for name in names), ast.unparse(node)
    assert "run_path" not in source


@pytest.mark.parametrize("path", EXTENSION, ids=lambda path: path.stem)
def test_hooks_are_ordered_in_one_place(path):
    source = path.read_text("utf-8")
    found = [word for word in ("def setup(", ".connect(", "HOOKS") if word in source]
    assert len(found) == (3 if path.stem == "__init__" else 0), found


# --- a chapter's cells ---


def code_cells(page):
    """Return the code cells of a chapter as a notebook has them."""
    notebook = jupytext.read(ROOT / f"book/{page}.md")
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


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


def hidden_cells(page):
    """Return the code cells of a chapter that its page does not show, not even when asked."""
    return [cell for cell in code_cells(page) if "remove-input" in cell.metadata.get("tags", [])]


@pytest.mark.parametrize("page", [page for page in HIDING if not page.startswith("trained/")])
def test_hidden_cells_are_short(page):
    """At most 25 lines, blank ones aside: what is longer has two ideas, or one for the package."""
    for cell in hidden_cells(page):
        lines = [line for line in cell.source.splitlines() if line]
        assert len(lines) <= 25, cell.source


def test_hidden_helper_stands_on_one_page():
    """One of the same name and first parameter that two pages need belongs in the package."""
    found = {}
    for page in HIDING:
        for cell in hidden_cells(page):
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.FunctionDef):
                    helper = node.name, *(argument.arg for argument in node.args.args[:1])
                    assert found.setdefault(helper, page) == page, helper


def figures_of(page):
    """Return name, caption and alt text of each figure of a page, None for what it lacks."""
    shown = [cell.metadata.get("mystnb", {}) for cell in code_cells(page)]
    return [
        (*map(one.get("figure", {}).get, ("name", "caption")), one.get("image", {}).get("alt"))
        for one in shown
        if one
    ]


@pytest.mark.parametrize("page", HIDING)
def test_figure_has_a_name_a_caption_and_an_alt_text(page):
    """The site's tests see that no figure comes from a cell without these."""
    complete = [all(figure) for figure in figures_of(page)]
    assert all(complete)
    for name, caption, _ in filter(all, figures_of(page)):
        assert re.fullmatch(r"[a-z0-9-]+", name)
        assert re.fullmatch(r"[A-Z].*[.?!]", caption.strip(), re.DOTALL), caption


def dials_of(page):
    """Return what a chapter writes on each paper and into each nudge, as it is typed."""
    return {
        ast.unparse(node.targets[0]): ast.unparse(node.value)
        for cell in code_cells(page)
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Subscript)
        and ast.unparse(node.targets[0].value) in ("word_paper", "memory_paper", "nudge")
    }


def test_whole_step_has_the_dials_of_four_machines():
    dials = dials_of("by-hand/four-machines")
    assert len(dials) == 12
    assert dials_of("by-hand/whole-step") == dials


# --- a chapter as a notebook ---


@pytest.mark.parametrize(
    ("page", "start"),
    [("by-hand/combine", ""), ("by-hand/combine", "book"), ("trained/train-plain-worker", "book")],
)
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


def test_edit_recomputes_the_chapters_it_concerns_whatever_its_date(book):
    """A clock may be set back; a file from an archive comes with the date that it has there."""

    def edit(path, old, new):
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")
        os.utime(path, (1e9, 1e9))

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

    package = book.folder / "rahulml/hand_cell/_lstm.py"
    edit(package, "forget * old + admit * fresh", "forget + old + admit * fresh")
    assert book.build("uses", "alone").returncode == 0
    assert "It is 6.02." in book.text("uses")
    assert book.text("alone") == alone

    edit(book.folder / "book/uses.md", "combine(5.0", "combine(6.0")
    assert book.build("uses", "alone").returncode == 0
    assert "It is 7.02." in book.text("uses")
    assert book.text("alone") == alone


def test_wrong_combine_stops_the_build_of_its_chapter(book):
    cell = book.folder / "rahulml/hand_cell/_lstm.py"
    cell.write_text(cell.read_text("utf-8").replace("forget * old", "forget + old"), "utf-8")
    book.write("book/chapter.md", (ROOT / "book/by-hand/combine.md").read_text("utf-8"))
    built = book.build("chapter")
    assert built.returncode != 0
    assert "chapter.md" in built.stderr
    assert "AssertionError" in built.stderr


TRAINED = """import json
import os
from pathlib import Path

kept = Path(os.environ["RAHULML_STORE"], "training")
found = kept.exists()
kept.touch()
line = {"machine": "abacus", "seed": 3, "engine": "beads", "seconds": 2.0, "kept": found}
line |= {"loops": 5, "chosen_loop": 2, "mock_score": 0.875}
with Path(os.environ["RAHULML_LOG"]).open("a") as log:
    print(json.dumps(line), file=log)
"""


def test_build_starts_without_trainings_unless_it_is_a_draft(book):
    """Two pages share a training; the next build finds nothing, a draft all, and says so."""
    for page in ("first", "second"):
        text = f"{HEADER}{CELL}{TRAINED}```\n\nFound: {{eval}}`found`.\n"
        book.write(f"book/{page}.md", text.replace("A page", f"The {page} page"))
    costs = (f"```{{build-cost}} {of}\n```\n" for of in ("all", "pages", "trainings"))
    book.write("book/cost.md", "# Cost\n\n" + "\n".join(costs))

    def build(**environment):
        """Return what each page found, which pages say draft, and what log and cost page say."""
        built = book.build("first", "second", "cost", **environment)
        assert built.returncode == 0, built.stderr
        texts = [book.text(page) for page in ("first", "second")]
        found = [text.split("Found: ")[1].split(".")[0] for text in texts]
        drafts = ["A draft: what an earlier build computed" in text for text in texts]
        logged = re.findall(
            r"(trained|kept): abacus, seed 3, 2.0 s, mock exam 0.875 after loop 2 of 5$",
            built.stdout,
            re.MULTILINE,
        )
        told = re.findall(
            r"(first page|second page|all pages) \d+.\d s (\d) (\d)", book.text("cost")
        )
        assert ("abacus beads" in book.text("cost")) == ("trained" in logged)
        whole = r"computed in 0 minutes, with (\d) trainings, on \d+ cores of this processor: \w"
        assert re.search(whole, book.text("cost"))[1] == told[-1][1]
        return found, drafts, logged, told

    def told(*columns):
        names = ("first page", "second page", "all pages")
        return [(name, *map(str, counts)) for name, counts in zip(names, columns, strict=True)]

    elsewhere = {"RAHULML_STORE": str(book.folder), "RAHULML_LOG": os.devnull}
    anew = ["False", "True"], [False, False], ["trained", "kept"], told((1, 0), (0, 1), (1, 1))
    kept = [True, True], ["kept", "kept"], told((0, 1), (0, 1), (0, 2))
    assert build(**elsewhere) == anew
    assert build(RAHULML_DRAFT="1") == (["False", "True"], *kept)  # the pages as they were
    for page in ("first", "second"):
        chapter = book.folder / f"book/{page}.md"
        book.write(f"book/{page}.md", chapter.read_text("utf-8").replace("2.0,", "1 + 1.0,"))
    assert build(RAHULML_DRAFT="1") == (["True", "True"], *kept)  # the trainings as they were
    assert build() == anew


def test_draft_runs_cells_when_it_must(book):
    """How often its cells have run, a page writes to a file beside it."""
    ran = book.folder / "ran"
    cells = f"{CELL}with open({str(ran)!r}, 'a') as file:\n    print(file=file)\nlot = 41\n```\n"

    def page(sentence=""):
        text = f"Before.\n\n{cells}\nIt is {{eval}}`lot + 1`.{sentence}\n\n{CELL}lot += 1\n```\n"
        text += "\nThen {eval}`lot + 1`.\n"
        book.write("book/page.md", HEADER + text)
        built = book.build("page", RAHULML_DRAFT="1")
        assert built.returncode == 0, built.stderr
        assert ".md: WARNING" not in built.stderr
        return book.text("page"), len(ran.read_text().splitlines())

    text, times = page()
    assert ("It is 42." in text, times) == (True, 1)
    edited, times = page(" An edit.")
    assert ("It is 42. An edit. Then 43." in edited, times) == (True, 1)
    edited, times = page(" Asked {eval}`lot + 3`.")
    assert ("It is 42. Asked 44. Then 43." in edited, times) == (True, 2)
    edited, times = page(" Asked {eval}`lot + 3` again.")
    assert ("Asked 44 again. Then 43." in edited, times) == (True, 2)
    cells = cells.replace("41", "51")
    edited, times = page()
    assert ("It is 52. Then 53." in edited, times) == (True, 3)
    package = book.folder / "rahulml/fade.py"
    package.write_text(package.read_text("utf-8") + "\n\nMORE = 1\n", "utf-8")
    _, times = page(" Once more.")
    assert times == 4


# --- many pages, whose kernels are forks of one process ---

LOADED = """import os
import sys

import psutil

loaded = "keras" in sys.modules
origin = psutil.Process().ppid()
left = "lot" in globals() or hasattr(sys, "lot")
sys.lot = lot = 1
"""
forks = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere kernels start as always")
DRAWN = "import matplotlib.pyplot as plt\n_ = plt.plot([1, 2])\n"


def write_pages(book, *cells):
    """Write a page for each cell: four, with the front page, are many."""
    names = [f"page-{number}" for number in range(len(cells))]
    for name, cell in zip(names, cells, strict=True):
        book.write(f"book/{name}.md", f"{HEADER}{CELL}{cell}```\n")
    return names


@forks
def test_kernels_of_many_pages_are_forks_in_which_nothing_is_left_of_another(book):
    tell = "print('told', loaded, origin, left, os.getcwd(), *sys.path)\n"
    names = write_pages(book, *[LOADED + tell] * 3, DRAWN)
    built = book.build(*names)
    assert built.returncode == 0, built.stderr
    told = set()
    for name in names[:3]:
        html = (book.folder / f"book/_build/html/{name}.html").read_text("utf-8")
        told.add(re.search(r"told (.*)", html).group(1))
    ((loaded, origin, left, folder, *path),) = [line.split() for line in told]
    assert (loaded, left, folder) == ("True", "False", str(book.folder / "book"))
    assert str(book.folder) in path
    assert str(book.folder / "book/_extensions") not in path
    assert not psutil.pid_exists(int(origin))
    page = (book.folder / "book/_build/html/page-3.html").read_text("utf-8")
    assert BeautifulSoup(page, "lxml").select(".cell_output img")


def test_kernel_of_a_page_read_alone_starts_as_always(book):
    names = write_pages(book, LOADED + "assert not loaded\n")
    built = book.build(*names)
    assert built.returncode == 0, built.stderr


@pytest.mark.parametrize(
    ("cell", "named"),
    [("assert 1 == 2\n", "assert 1 == 2"), ("import os\nos._exit(1)\n", "died")],
    ids=["cell", "dead kernel"],
)
def test_build_of_many_pages_stops_too(book, cell, named):
    built = book.build(*write_pages(book, "1\n", "2\n", cell, "3\n"))
    assert built.returncode != 0
    for words in ("page-2.md, cell 1 of 1", named):
        assert words in built.stderr


@forks
def test_build_without_a_library_says_so(book):
    book.write("keras.py", "raise ImportError('no Keras here')\n")
    built = book.build(*write_pages(book, *["1\n"] * 4))
    assert built.returncode != 0
    assert "ImportError: no Keras here" in built.stderr
    assert "expected the number of a process that has loaded" in built.stderr


# --- figures ---

FIGURE = """```{code-cell} ipython3
---
mystnb:
  figure:
    name: NAME
    caption: >-
      It is {eval}`one` at *its* end.
  image:
    alt: >-
      A line.
tags: [hide-input]
---
from IPython.display import SVG

SVG(f"<svg xmlns='http://www.w3.org/2000/svg' width='{one}' height='9'/>")
```
"""


def test_figures_are_counted_through_the_book_and_keep_their_captions_in_the_notebook(book):
    names = ["first", "second"]
    for number, name in enumerate(names, start=7):
        seen = f"{HEADER}{CELL}one = {number}\n```\n\nSee {{numref}}`{names[0]}-line`.\n\n"
        book.write(f"book/{name}.md", seen + FIGURE.replace("NAME", f"{name}-line"))
    built = book.build(*names)
    assert built.returncode == 0, built.stderr
    assert "WARNING: " not in built.stderr
    folder = book.folder / "book/_build/html"
    whole = BeautifulSoup((folder / "whole-book.html").read_text("utf-8"), "lxml")
    captions = [" ".join(one.get_text().split()).rstrip("#") for one in whole("figcaption")]
    assert captions == ["Figure 1 It is 7 at its end.", "Figure 2 It is 8 at its end."]
    assert "See Figure 1." in book.text("second")
    cells = jupytext.read(folder / "second.ipynb").cells
    assert "**Figure 2** It is 8 at *its* end." in [cell.source for cell in cells]


# --- to take along ---


def test_published_notebook_installs_the_package_and_opens_online(book):
    config = (book.folder / "book/_config.yml").read_text("utf-8")
    config = config.replace('book_repository: ""', "book_repository: https://github.com/ann/book")
    book.write(
        "book/_config.yml", config.replace("html:\n", "html:\n  baseurl: https://ann.org/b\n")
    )
    book.write(
        "book/page.md",
        f"{HEADER}Back to [](index.md).\n\n{CELL}1 + 1\n```\n\nIt is {{eval}}`f'{{3 * 4}}'`.\n",
    )
    built = book.build("page")
    assert built.returncode == 0, built.stderr
    page = BeautifulSoup((book.folder / "book/_build/html/page.html").read_text("utf-8"), "lxml")
    links = {link.get_text(): link["href"] for link in page.select(".bottom-of-page a")}
    assert links == {
        "take it along": "page.ipynb",
        "open it in Colab": "https://colab.research.google.com/github/ann/book/blob/gh-pages/page.ipynb",
        "open it in Binder": "https://mybinder.org/v2/gh/ann/book/HEAD?urlpath=lab/tree/book/page.md",
    }
    notebook = jupytext.read(book.folder / "book/_build/html/page.ipynb")
    first, install, text, _, last = (cell.source for cell in notebook.cells)
    assert "(https://ann.org/b)" in first
    assert install == '%pip install --quiet "rahulml[train] @ git+https://github.com/ann/book"'
    assert "[Front](https://ann.org/b/index.html)" in text
    assert last == "It is 12."


def test_pdf_without_a_chromium_says_what_is_missing(book):
    nothing = {"PATH": os.devnull, "CHROMIUM": ""}
    book.write("book/page.md", "# A page\n")
    built = book.build("page", RAHULML_TAKE_ALONG="1", **nothing)
    assert built.returncode != 0
    assert (
        "the PDF needs Chromium: install it, or name one in CHROMIUM" in built.stdout + built.stderr
    )
