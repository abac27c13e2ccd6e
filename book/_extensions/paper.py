"""The whole book on paper: one PDF for A4, one for Letter.

Chromium lays it out twice, since its stylesheets know no ``target-counter``: first to learn on
which page each place is, then with these numbers in the contents and beside the answers.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pikepdf
from bs4 import BeautifulSoup, Tag
from sphinx.config import Config
from sphinx.errors import ExtensionError

PAPERS = {"A4": "", "Letter": "-letter"}
"""Each paper, and how the name of its file ends."""

STYLES = Path(__file__).with_name("paper.css").read_text("utf-8")

_DATE = re.compile(rb"(/(?:CreationDate|ModDate) \(D:)\d{14}")
_NODE = re.compile(rb"\(node\d{8}\)")

_QUIET = [  # nothing of the browser's own goes out
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-sync", "--disable-background-networking", "--disable-component-update"),
]


def title_page(config: Config, date: int) -> str:
    day = time.strftime("%d %B %Y", time.gmtime(date)).lstrip("0")
    return f"""<section class="title-page"><h1>{config.project}</h1>
        <p class="subtitle">The LSTM with a pencil, slot by slot</p>
        <img src="_static/one-slot.svg" alt="">
        <p>{config.author}</p>
        <p>{day}. Text and figures: CC BY 4.0. Code: MIT.</p></section>"""


def write(book: BeautifulSoup, title_page: str, to: Path, config: Config, date: int) -> None:
    """Print the book into ``to`` with each paper's ending; its links stay names of the book."""
    book.title.string, book.h1.string = config.project, "Contents"
    book.article.insert(0, BeautifulSoup(title_page, "html.parser"))
    style = book.new_tag("style")
    book.head.append(style)
    heads = "".join(_number(book))
    for link in book.select(".whole-book-contents a, a.to-page"):
        link.append(BeautifulSoup('<i></i><span class="on-page">000</span>', "html.parser"))
    for paper, ending in PAPERS.items():
        laid_out = f"{STYLES} @page {{ size: {paper} }} {heads}"
        pdf = to.with_name(f"{to.name}{ending}.pdf")
        style.string = f"{laid_out} img {{ visibility: hidden }}"
        _print(book, pdf, "--disable-pdf-tagging")
        pages = _pages(pdf)
        for link in book.select("a:has(> .on-page)"):
            link.select_one(".on-page").string = str(pages[link["href"].removeprefix("#")])
        style.string = laid_out
        _print(book, pdf, "--generate-pdf-document-outline")
        pdf.write_bytes(_same_each_time(pdf.read_bytes(), date))
        with pikepdf.open(pdf, allow_overwriting_input=True) as done:
            done.docinfo["/Author"] = config.author
            done.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
            packed = pikepdf.ObjectStreamMode.generate  # the tags are a third of the file
            done.save(pdf, object_stream_mode=packed, deterministic_id=True)


def _number(book: BeautifulSoup) -> Iterator[str]:
    """Set numbers before the chapters' titles; yield the rules for their running heads."""
    links = book.select(".whole-book-contents a")
    for number, (chapter, link) in enumerate(
        zip(book.select(".whole-book-page"), links, strict=True)
    ):
        title = chapter.h1
        if number:  # the front page has none
            for named in (title, link):
                named.insert(0, BeautifulSoup(f"<span>{number} </span>", "html.parser"))
        head = json.dumps(title.get_text(), ensure_ascii=False)
        yield f"#{chapter['id']} {{ page: {chapter['id']} }}"
        yield f"@page {chapter['id']} {{ @top-right {{ content: {head} }} }}"


def chromium(*asked: str) -> None:
    names = ["chromium", "chromium-browser", "google-chrome"]
    found = [os.environ.get("CHROMIUM"), *map(shutil.which, names)]
    program = next(filter(None, found), None)
    if program is None:
        raise ExtensionError("the PDF needs Chromium: install it, or name one in CHROMIUM")
    with tempfile.TemporaryDirectory() as profile:
        command = [program, *_QUIET, f"--user-data-dir={profile}", *asked]
        subprocess.run(command, check=True, capture_output=True)


def _print(book: Tag, pdf: Path, asked: str) -> None:
    page = pdf.with_suffix(".html")
    page.write_text(str(book), "utf-8")
    chromium("--no-pdf-header-footer", asked, f"--print-to-pdf={pdf}", page.as_uri())
    page.unlink()


def _pages(pdf: Path) -> dict[str, int]:
    """Return on which page each place is to which a link leads."""
    with pikepdf.open(pdf) as printed:
        numbers = {page.objgen: number for number, page in enumerate(printed.pages, 1)}
        places = printed.Root.Dests.items()
        return {name.lstrip("/"): numbers[place[0].objgen] for name, place in places}


def _same_each_time(pdf: bytes, date: int) -> bytes:
    """Take out what Chromium makes anew for each printing: the date, and where it counts from."""
    day = time.strftime("%Y%m%d%H%M%S", time.gmtime(date)).encode()
    pdf = _DATE.sub(rb"\g<1>" + day, pdf)
    in_order = sorted(set(_NODE.findall(pdf)))
    numbers = {name: b"(node%08d)" % number for number, name in enumerate(in_order)}
    return _NODE.sub(lambda found: numbers[found[0]], pdf)
