"""The whole book for a reader in the hand: an EPUB, made by pandoc."""

import html
import json
import re
import tempfile
import zipfile
from pathlib import Path

import pypandoc
from bs4 import BeautifulSoup
from sphinx.config import Config

from .pages import set_titles_bold
from .paper import STYLES, chromium

COVER = (640, 1024)  # and each point of it two and a half pixels wide, as shops ask for

# What is true of this book; pandoc says it in the package file.
ACCESSIBILITY = {
    "accessModes": ["textual", "visual"],
    "accessModeSufficient": ["textual"],
    "accessibilityFeatures": [
        "alternativeText",
        "readingOrder",
        "structuralNavigation",
        "tableOfContents",
    ],
    "accessibilityHazards": ["none"],
    "accessibilitySummary": (
        "Every figure has an alternative text in sentences and a caption that states its answer. "
        "Formulas and tables are text. Nothing moves."
    ),
}


def write(book: BeautifulSoup, title_page: str, to: Path, config: Config) -> None:
    pages = BeautifulSoup("", "html.parser")
    for part in book.select(".whole-book-page"):
        pages.append(part)
        for link in part.find_all("a", href=re.compile(r"^(?!#|\w+:)")):
            link.unwrap()  # to what only the site has
        for only_there in part.select(".on-page, .to-page > i"):
            only_there.decompose()
        for code in part.select("pre[tabindex]"):
            del code["tabindex"]
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
        "title": config.project,
        "author": config.author,
        "rights": f"{config.copyright}, CC BY 4.0",
        "lang": "en",
        "identifier": to.name,
        **ACCESSIBILITY,
    }
    with tempfile.TemporaryDirectory() as folder:
        pypandoc.convert_text(
            str(pages),
            "epub3",
            format="html-native_divs",
            outputfile=f"{to}.epub",
            extra_args=[
                f"--resource-path={to.parent}",
                "--toc-depth=2",
                f"--css={Path(__file__).with_name('epub.css')}",
                f"--epub-cover-image={_draw_cover(title_page, to, Path(folder))}",
                f"--metadata-file={_kept(metadata, Path(folder))}",
            ],
        )
    _mend(Path(f"{to}.epub"), config.project)


def _kept(metadata: dict, folder: Path) -> Path:
    (path := folder / "metadata.json").write_text(json.dumps(metadata), "utf-8")
    return path


def _mend(path: Path, title: str) -> None:
    """Name the cover, and make no head of an empty cell: both are beyond pandoc."""
    with zipfile.ZipFile(path) as made:
        files = [(file, made.read(file)) for file in made.infolist()]
    with zipfile.ZipFile(path, "w") as mended:
        for file, content in files:
            if file.filename.endswith(".xhtml"):
                named = f'<svg role="img" aria-label="Cover: {html.escape(title)}" '
                content = content.replace(b"<svg ", named.encode())
                content = re.sub(rb"<th( [^>]*)?></th>", b"<td></td>", content)
            mended.writestr(file, content)


def _draw_cover(title_page: str, to: Path, folder: Path) -> Path:
    """Return the title page as a picture: no device draws a page of its own as a cover."""
    width, height = COVER
    page, cover = to.with_suffix(".html"), folder / "cover.png"
    page.write_text(
        f"<!doctype html><style>{STYLES}</style><article>{title_page}</article>", "utf-8"
    )
    size = ("--force-device-scale-factor=2.5", f"--window-size={width},{height}")
    chromium(f"--screenshot={cover}", *size, page.as_uri())
    page.unlink()
    return cover
