"""The whole book: on one page, for the browser's search; of that page, a PDF and an EPUB.

The two files are made only when asked for, with ``RAHULML_TAKE_ALONG=1``: the PDF takes a Chromium,
and a draft needs neither.
"""

import hashlib
import json
import os
import posixpath
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import pypandoc
from bs4 import BeautifulSoup, Tag
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError

from .pages import WHOLE_BOOK, in_order, set_titles_bold

NAME = "the-two-memory-worker"

ALONE = {"back/reference"}
"""The pages that are left out of it: who looks a name up wants the one page."""

_PARTS = "[[parts]]"  # stand where the pages come

_PDF_DATE = re.compile(rb"(/(?:CreationDate|ModDate) \(D:)\d{14}")
_PDF_NODE = re.compile(rb"\(node\d{8}\)")
_NO_DATE = "315532800"  # 1980: an EPUB is a ZIP file, and knows no earlier year

_QUIET = [  # nothing of the browser's own goes out
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-sync", "--disable-background-networking", "--disable-component-update"),
]


# --- on one page ---


def write_page(app: Sphinx, exception: Exception | None) -> None:
    if exception is None and app.builder.name == "html":
        site = Path(app.outdir)
        (site / f"{WHOLE_BOOK}.html").write_text(_whole_book(app.env, site), "utf-8")


def _whole_book(env: BuildEnvironment, site: Path) -> str:
    order = [page for page in in_order(env) if page not in ALONE]
    frame = BeautifulSoup(_html(site, order[0]), "html.parser")
    article = frame.find("article")
    article.clear()
    title = frame.new_tag("h1")
    title.string = "The whole book on one page"
    contents = frame.new_tag("ul", attrs={"class": "whole-book-contents"})
    article.extend([title, contents, _PARTS])
    made, made_by = Path(env.doctreedir, "whole-book.json"), Path(__file__).read_text("utf-8")
    before, parts = _parts_made(made), {}  # most pages are as they were the last time
    for page in order:
        entry = BeautifulSoup('<li><a class="reference internal"></a></li>', "html.parser")
        entry.a["href"], entry.a.string = f"#{_anchor(page)}", env.titles[page].astext()
        contents.append(entry)
        html = _html(site, page)
        name = hashlib.sha256("\0".join([html, page, *order, made_by]).encode()).hexdigest()
        parts[name] = before.get(name) or _part(html, page, order)
    made.write_text(json.dumps(parts), "utf-8")
    for only_there in frame.select(".toc-drawer > *, .related-pages, link[rel=next]"):
        only_there.decompose()
    for here in frame.select(".current-page"):
        here["class"] = [name for name in here["class"] if not name.startswith("current")]
    frame.title.string = f"{title.string} - {env.config.project}"
    return str(frame).replace(_PARTS, "".join(parts.values()))


def _parts_made(path: Path) -> dict[str, str]:
    """Return the parts of an earlier build; none, if the file is not whole."""
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}


def _part(html: str, page: str, order: list[str]) -> str:
    """Return a page's article as a part of the whole book."""
    part = BeautifulSoup(html, "html.parser").find("article")
    for only_there in part.find_all(class_="page-contents"):
        only_there.decompose()
    _rename(part, page, set(order))
    part.name, part.attrs = "section", {"id": _anchor(page), "class": "whole-book-page"}
    return str(part)


def _html(site: Path, page: str) -> str:
    return (site / f"{page}.html").read_text("utf-8")


def _anchor(page: str, inside: str = "") -> str:
    return "-".join(filter(None, [page.replace("/", "-"), inside]))


def _rename(part: Tag, page: str, pages: set[str]) -> None:
    """Make names that were one page's own names of the whole book, and links lead there."""
    folder = posixpath.dirname(page)
    for element in part.find_all(id=True):
        element["id"] = _anchor(page, element["id"])
    for element in part.find_all(["a", "img"]):
        attribute = "src" if element.name == "img" else "href"
        target = urlsplit(element.get(attribute, "//"))
        if target.scheme or target.netloc:
            continue
        path = posixpath.normpath(posixpath.join(folder, target.path)) if target.path else page
        leads_to = path.removesuffix(".html")
        if leads_to in pages:
            element[attribute] = f"#{_anchor(leads_to, target.fragment)}"
        else:
            element[attribute] = path + (f"#{target.fragment}" if target.fragment else "")


# --- as two files ---


def write_files(app: Sphinx, exception: Exception | None) -> None:
    if exception is None and app.builder.name == "html" and app.config.rahulml_take_along:
        site = Path(app.outdir)
        book = BeautifulSoup((site / f"{WHOLE_BOOK}.html").read_text("utf-8"), "html.parser")
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
        for only_there in part.select(".headerlink, .sd-summary-state-marker, .walk-links"):
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
    set_titles_bold(pages)
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
