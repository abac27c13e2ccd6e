"""Each chapter as an executed notebook, made of its page, so that its sentences hold numbers."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import nbformat
import pypandoc
from bs4 import BeautifulSoup, Tag
from docutils import nodes
from nbformat import NotebookNode, v4
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from .pages import set_titles_bold

# Stand where pandoc shall leave alone what is not Markdown.
_CELL, _OPEN, _TITLE_ENDS, _SHUT = "[[cell]]", "[[details]]", "[[/summary]]", "[[/details]]"


def executed(app: Sphinx, page: str) -> NotebookNode:
    """Return a page as MyST-NB has run it, a notebook without cells where nothing ran."""
    path = Path(app.outdir).parent / "jupyter_execute" / f"{page}.ipynb"  # MyST-NB's place
    return nbformat.read(path, 4) if path.is_file() else v4.new_notebook()


def write(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    cells = [cell for cell in executed(app, page).cells if cell.cell_type == "code"]
    if not doctree or page == app.config.root_doc or not cells:
        return
    texts = _texts(context["body"], app.config.html_baseurl, page)
    shown = sum(not _hidden(cell) for cell in cells)
    if len(texts) != shown + 1:
        raise ExtensionError(f"{page}: expected {shown} cells on the page, got {len(texts) - 1}")
    made = [v4.new_markdown_cell(_says_what_it_is(app))]
    made += [v4.new_code_cell(command) for command in installs(app, _extra(page, cells))]
    made.append(v4.new_markdown_cell(texts.pop(0)))
    for cell in cells:
        made.append(_code(cell))
        if not _hidden(cell):
            made.append(v4.new_markdown_cell(texts.pop(0)))
    made = [cell for cell in made if cell.source]
    for number, cell in enumerate(made):
        cell.id = f"cell-{number}"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = v4.new_notebook(cells=made, metadata={"kernelspec": kernel})
    path = Path(app.outdir) / f"{page}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    context["notebook"] = f"{page}.ipynb"
    if repository := app.config.book_repository:
        place = repository.removeprefix("https://github.com/").strip("/")
        context["run_online"] = [
            (
                "Colab",
                f"https://colab.research.google.com/github/{place}/blob/gh-pages/{page}.ipynb",
            ),
            (
                "Binder",
                f"https://mybinder.org/v2/gh/{place}/HEAD?urlpath=lab/tree/book/{page}.md",
            ),
        ]


def _says_what_it_is(app: Sphinx) -> str:
    book = f"*{app.config.project}*"
    if address := app.config.html_baseurl:
        book = f"[{book}]({address})"
    return (
        f"A page of the book {book}, with every cell run. It needs the book's package, `rahulml`. "
        "Cells that a reader of the page need not see are folded up."
    )


def _extra(page: str, cells: list[NotebookNode]) -> str:
    """Return what a page's cells need: by hand they only draw, but where they also ask Keras."""
    asks_keras = any("import keras" in cell.source for cell in cells)
    return "[hand]" if page.startswith("by-hand/") and not asks_keras else "[train]"


def installs(app: Sphinx, extra: str) -> list[str]:
    """Return the commands that a notebook needs where the package is not installed yet."""
    if not app.config.book_repository:
        return []
    return [f'%pip install --quiet "rahulml{extra} @ git+{app.config.book_repository}"']


def _hidden(cell: NotebookNode) -> bool:
    return {"remove-input", "remove-output"} <= set(cell.metadata.get("tags", []))


def _code(cell: NotebookNode) -> NotebookNode:
    folded = {"remove-input", "hide-input"} & set(cell.metadata.get("tags", []))
    return v4.new_code_cell(
        cell.source,
        execution_count=cell.execution_count,
        outputs=[output for output in cell.outputs if output.get("name") != "stderr"],
        metadata={"jupyter": {"source_hidden": True}} if folded else {},
    )


def _texts(body: str, address: str, page: str) -> list[str]:
    """Return the page as Markdown, cut where its cells stand."""
    part = BeautifulSoup(body, "html.parser")
    for only_there in part.select(".headerlink, .sd-summary-state-marker"):
        only_there.decompose()
    for link in part.find_all("a", href=re.compile(r"^[^:]*\.html(#|$)")):
        if address:
            link["href"] = urljoin(f"{address.rstrip('/')}/{page}", link["href"])
        else:
            link.unwrap()
    for link in part.find_all("a", href=re.compile("^#")):
        link.unwrap()
    for cell in part.select("div.cell"):
        captions = cell.find_all("figcaption")
        cell.replace_with(_paragraph(part, _CELL), *captions)
        for caption in captions:
            caption.select_one(".caption-number").wrap(part.new_tag("strong"))
            caption.unwrap()
    for details in part.find_all("details"):
        title = details.summary.get_text().strip()
        details.summary.replace_with(_paragraph(part, f"{_OPEN}{title}{_TITLE_ENDS}"))
        details.append(_paragraph(part, _SHUT))
        details.name = "div"
    set_titles_bold(part)
    text = pypandoc.convert_text(
        str(part), "gfm-raw_html", format="html", extra_args=["--wrap=none"]
    )
    text = re.sub(r"\\([\[\]])", r"\1", text)
    text = text.replace(_OPEN, "<details><summary>").replace(_TITLE_ENDS, "</summary>")
    text = text.replace(_SHUT, "</details>")
    return [cut.strip() for cut in text.split(_CELL)]


def _paragraph(page: BeautifulSoup, text: str) -> Tag:
    paragraph = page.new_tag("p")
    paragraph.string = text
    return paragraph
