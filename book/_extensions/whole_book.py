"""The whole book on one page, for the browser's search; that page as files to take along.

The files are made only when asked for, with ``RAHULML_TAKE_ALONG=1``: they take a Chromium, and a
draft needs none.
"""

import hashlib
import json
import os
import posixpath
import subprocess
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from . import epub, paper
from .pages import WHOLE_BOOK, in_order

NAME = "the-two-memory-worker"

ALONE = {"back/reference"}
"""The pages that are left out of it: who looks a name up wants the one page."""

_PARTS = "[[parts]]"  # stand where the pages come

_NO_DATE = "315532800"  # 1980: an EPUB is a ZIP file, and knows no earlier year


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
    article.extend([title, _PARTS])
    made, made_by = Path(env.doctreedir, "whole-book.json"), Path(__file__).read_text("utf-8")
    before, parts = _parts_made(made), {}  # most pages are as they were the last time
    for page in order:
        html = _html(site, page)
        name = hashlib.sha256("\0".join([html, page, *order, made_by]).encode()).hexdigest()
        parts[name] = before.get(name) or _part(html, page, order)
    made.write_text(json.dumps(parts), "utf-8")
    for only_there in frame.select(".toc-drawer > *, .related-pages, link[rel=next]"):
        only_there.decompose()
    for here in frame.select(".current-page"):
        here["class"] = [name for name in here["class"] if not name.startswith("current")]
    frame.title.string = f"{title.string} - {env.config.project}"
    return str(frame).replace(_PARTS, "".join([_contents(env, order), *parts.values()]))


def _parts_made(path: Path) -> dict[str, str]:
    """Return the parts of an earlier build; none, if the file is not whole."""
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}


def _contents(env: BuildEnvironment, order: list[str]) -> str:
    opens = {str(part.items[0]): part.caption for part in env.external_site_map.root.subtrees}
    new = '<ul class="whole-book-contents">'
    lines = [new]
    for page in order:
        if caption := opens.get(page):
            lines.append(f'</ul><p class="part-of-book">{escape(caption)}</p>{new}')
        title = escape(env.titles[page].astext())
        link = f'<a class="reference internal" href="#{_anchor(page)}">{title}</a>'
        lines.append(f"<li>{link}</li>")
    return "".join([*lines, "</ul>"])


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


# --- as files ---


def write_files(app: Sphinx, exception: Exception | None) -> None:
    if exception is None and app.builder.name == "html" and app.config.rahulml_take_along:
        site = Path(app.outdir)
        book = BeautifulSoup((site / f"{WHOLE_BOOK}.html").read_text("utf-8"), "html.parser")
        for part in book.select(".whole-book-page"):
            _open(part)
        # All files bear the date of the sources, not that of the build; pandoc reads it here.
        date = os.environ.setdefault("SOURCE_DATE_EPOCH", _date_of_sources(app))
        title_page = paper.title_page(app.config, int(date))
        paper.write(book, title_page, site / NAME, app.config, int(date))
        epub.write(book, title_page, site / NAME, app.config)


def _open(part: Tag) -> None:
    """Leave nothing shut or to be clicked; an answer is at the end alone."""
    only_there = ".headerlink, .sd-summary-state-marker, .walk-links, details.hide > summary"
    for element in part.select(f"{only_there}, .to-answer + details"):
        element.decompose()
    for word in part.select("span.pre"):
        word.unwrap()
    for details in part.find_all("details"):
        details.name = "div"
        if "hide" in details["class"]:  # a cell's code
            details.attrs = {}
            continue
        said = details.summary.get_text().strip()
        details.summary.replace_with(_made(f'<p class="said"><strong>{said}</strong></p>'))


def _made(html: str) -> Tag:
    return BeautifulSoup(html, "html.parser").contents[0]


def _date_of_sources(app: Sphinx) -> str:
    """Return when the book was last committed, in seconds since 1970; without git, a fixed day."""
    question = ["git", "log", "-1", "--format=%ct", "--", "."]
    try:
        asked = subprocess.run(question, cwd=app.srcdir, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return _NO_DATE
    return asked.stdout.strip() or _NO_DATE
