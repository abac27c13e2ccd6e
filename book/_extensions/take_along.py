"""The book to take along: each chapter as an executed notebook, all of it as a PDF and an EPUB.

A notebook is made of the page as it was built, so that its sentences hold their numbers. The other
two are made of the page that holds the whole book, and only when asked for, with
``RAHULML_TAKE_ALONG=1``: the PDF takes a Chromium, and a draft needs neither.
"""

import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import nbformat
import pypandoc
from bs4 import BeautifulSoup
from docutils import nodes
from nbformat import v4
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

NAME = "the-two-memory-worker"

# Stand where pandoc shall leave alone what is not Markdown.
_CELL, _OPEN, _TITLE_ENDS, _SHUT = "[[cell]]", "[[details]]", "[[/summary]]", "[[/details]]"

_PDF_DATE = re.compile(rb"(/(?:CreationDate|ModDate) \(D:)\d{14}")
_PDF_NODE = re.compile(rb"\(node\d{8}\)")
_NO_DATE = "315532800"  # 1980: an EPUB is a ZIP file, and knows no earlier year

_QUIET = [  # nothing of the browser's own goes out
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-sync", "--disable-background-networking", "--disable-component-update"),
]


# --- a chapter as a notebook ---


def _write_notebook(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    executed = Path(app.outdir).parent / "jupyter_execute" / f"{page}.ipynb"  # MyST-NB's place
    if not doctree or page == app.config.root_doc or not executed.is_file():
        return
    cells = [cell for cell in nbformat.read(executed, 4).cells if cell.cell_type == "code"]
    if not cells:
        return
    texts = _texts(context["body"], app.config.html_baseurl, page)
    shown = sum(not _hidden(cell) for cell in cells)
    if len(texts) != shown + 1:
        raise ExtensionError(f"{page}: expected {shown} cells on the page, got {len(texts) - 1}")
    made = [v4.new_markdown_cell(_says_what_it_is(app))]
    made += [v4.new_code_cell(command) for command in _installs(app)]
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


def _installs(app: Sphinx) -> list[str]:
    if not app.config.book_repository:
        return []
    return [f'%pip install --quiet "rahulml[train] @ git+{app.config.book_repository}"']


def _hidden(cell: nbformat.NotebookNode) -> bool:
    return {"remove-input", "remove-output"} <= set(cell.metadata.get("tags", []))


def _code(cell: nbformat.NotebookNode) -> nbformat.NotebookNode:
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
        cell.replace_with(_paragraph(part, _CELL))
    for details in part.find_all("details"):
        title = details.summary.get_text().strip()
        details.summary.replace_with(_paragraph(part, f"{_OPEN}{title}{_TITLE_ENDS}"))
        details.append(_paragraph(part, _SHUT))
        details.name = "div"
    _set_titles_bold(part)
    text = pypandoc.convert_text(
        str(part), "gfm-raw_html", format="html", extra_args=["--wrap=none"]
    )
    text = re.sub(r"\\([\[\]])", r"\1", text)
    text = text.replace(_OPEN, "<details><summary>").replace(_TITLE_ENDS, "</summary>")
    text = text.replace(_SHUT, "</details>")
    return [cut.strip() for cut in text.split(_CELL)]


def _set_titles_bold(page: BeautifulSoup) -> None:
    for title in page.select(".admonition-title"):
        title.string = title.get_text()
        title.string.wrap(page.new_tag("strong"))


def _paragraph(page: BeautifulSoup, text: str) -> nodes.Node:
    paragraph = page.new_tag("p")
    paragraph.string = text
    return paragraph


# --- the whole book as two files ---


def _write_files(app: Sphinx, exception: Exception | None) -> None:
    if exception is None and app.builder.name == "html" and app.config.rahulml_take_along:
        site = Path(app.outdir)
        book = BeautifulSoup((site / "whole-book.html").read_text("utf-8"), "html.parser")
        # Both files bear the date of the sources, not that of the build; pandoc reads it here.
        date = os.environ.setdefault("SOURCE_DATE_EPOCH", _date_of_sources(app))
        _write_pdf(app, site, book, int(date))
        _write_epub(app, site, book)


def _date_of_sources(app: Sphinx) -> str:
    """Return when the book was last committed, in seconds since 1970; without git, a fixed day."""
    question = ["git", "log", "-1", "--format=%ct", "--", "."]
    try:
        asked = subprocess.run(question, cwd=app.srcdir, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return _NO_DATE
    return asked.stdout.strip() or _NO_DATE


def _write_pdf(app: Sphinx, site: Path, book: BeautifulSoup, date: int) -> None:
    names = ["chromium", "chromium-browser", "google-chrome"]
    found = [os.environ.get("CHROMIUM"), *map(shutil.which, names)]
    program = next(filter(None, found), None)
    if program is None:
        raise ExtensionError("the PDF needs Chromium: install it, or name one in CHROMIUM")
    book.title.string, book.h1.string = app.config.project, "Contents"
    printed = site / f"{NAME}.html"
    printed.write_text(str(book), "utf-8")
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                *(program, *_QUIET, f"--user-data-dir={profile}", "--no-pdf-header-footer"),
                *("--generate-pdf-document-outline", f"--print-to-pdf={site / NAME}.pdf"),
                printed.as_uri(),
            ],
            check=True,
            capture_output=True,
        )
    printed.unlink()
    pdf = site / f"{NAME}.pdf"
    pdf.write_bytes(_same_each_time(pdf.read_bytes(), date))


def _same_each_time(pdf: bytes, date: int) -> bytes:
    """Take out what Chromium makes anew for each printing: the date, and where it counts from."""
    day = time.strftime("%Y%m%d%H%M%S", time.gmtime(date)).encode()
    pdf = _PDF_DATE.sub(rb"\g<1>" + day, pdf)
    in_order = sorted(set(_PDF_NODE.findall(pdf)))
    numbers = {name: b"(node%08d)" % number for number, name in enumerate(in_order)}
    return _PDF_NODE.sub(lambda found: numbers[found[0]], pdf)


def _write_epub(app: Sphinx, site: Path, book: BeautifulSoup) -> None:
    pages = BeautifulSoup("", "html.parser")
    for part in book.select(".whole-book-page"):
        pages.append(part)
        for only_there in part.select(".headerlink, .sd-summary-state-marker"):
            only_there.decompose()
        for link in part.find_all("a", href=re.compile(r"^(?!#|\w+:)")):
            link.unwrap()  # to what only the site has
        # Pandoc keeps the name of a span, not of what else may bear one, such as a section.
        for named in [part, *part.find_all(id=True)]:
            name = book.new_tag("span", id=named["id"])
            heading = named.name == "section" and named.find(["h1", "h2", "h3"])
            if heading and not heading.has_attr("id"):
                heading["id"] = named["id"]
            elif heading:
                heading.insert_after(name)
            elif named.name in ("table", "ul", "ol", "dl"):
                named.insert_before(name)
            elif named.name not in ("h1", "h2", "h3"):
                named.insert(0, name)
                del named["id"]
        for section in [part, *part.find_all("section")]:
            section.unwrap()  # or its chapter would not be one of the file's
    for paragraph in pages.select(":is(td, th) > p:only-child"):
        paragraph.unwrap()
    _set_titles_bold(pages)
    metadata = {
        "title": app.config.project,
        "author": app.config.author,
        "rights": f"{app.config.copyright}, CC BY 4.0",
        "lang": "en",
        "identifier": NAME,
    }
    pypandoc.convert_text(
        str(pages),
        "epub3",
        format="html-native_divs",
        outputfile=str(site / f"{NAME}.epub"),
        extra_args=[
            f"--resource-path={site}",
            "--toc-depth=2",
            *(f"--metadata={name}:{value}" for name, value in metadata.items()),
        ],
    )


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_config_value("book_repository", "", "env")
    app.add_config_value("rahulml_take_along", os.environ.get("RAHULML_TAKE_ALONG") == "1", "env")
    app.connect("html-page-context", _write_notebook, priority=800)
    app.connect("build-finished", _write_files, priority=950)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
