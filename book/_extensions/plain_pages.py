"""Pages that need no script: what Sphinx and the theme leave open without one is done here.

Each change has its reason in one line. The rest is settings (``_config.yml``), two templates
(``_templates``) and a stylesheet (``_static``).
"""

import posixpath
import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import joblib
from bs4 import BeautifulSoup, Tag
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform

WHOLE_BOOK = "whole-book"
_PARTS = "[[parts]]"
LOOK_UP = [("genindex", "Index of terms"), (WHOLE_BOOK, "The whole book on one page")]
_ARTICLE_OR_CODE = re.compile(r"^(a|an|the) |`")
FITS_A_PHONE = 38  # characters of code

ROOT = Path(__file__).resolve().parents[2]
WORDS = runpy.run_path(str(ROOT / "rahulml/words.py"))["WORDS"]


class IndexOfTerms(SphinxTransform):
    """Put the words of `rahulml.words` into the index, which Sphinx would leave empty."""

    default_priority = 500

    def apply(self, **kwargs: Any) -> None:
        page = self.document.next_node(nodes.section)
        for word in WORDS:
            if page is None or word.chapter != self.env.docname:
                continue
            names = [word.book.split(",")[0], word.standard]
            place = self._first_bold(names[0]) or page
            if not place["ids"]:
                target = nodes.make_id(f"term-{names[0]}")
                place["ids"].append(target)
            target = place["ids"][0]
            plain = [_ARTICLE_OR_CODE.sub("", name).replace(";", ",") for name in names if name]
            entries = [("single", name, target, "", None) for name in dict.fromkeys(plain)]
            page.insert(1, addnodes.index(entries=entries))  # 0 is the title

    def _first_bold(self, name: str) -> nodes.strong | None:
        for strong in self.document.findall(nodes.strong):
            if strong.astext().lower() == name.lower():
                return strong
        return None


def _no_search(app: Sphinx) -> None:
    """Make no search page and no search index: both are for a script."""
    app.builder.search = False


def _mend(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document) -> None:
    """Change the page's HTML where no setting does."""
    context |= {"look_up": LOOK_UP, "author": app.config.author}
    # Sphinx calls the captions of the contents headings, and leaves open of which level.
    caption = '<p class="caption" role="heading"'
    heading = f'{caption} aria-level="2"'
    context["furo_navigation_tree"] = context["furo_navigation_tree"].replace(caption, heading)
    if not (body := context.get("body")):
        return
    body = body.replace(caption, heading)
    # Sphinx gives references a role that is no longer one, in a list that then has no entries.
    body = re.sub(r' role="(doc-biblioentry|list)"', "", body)
    # MyST-NB gives every summary the same name for a screen reader; its own words are better.
    body = body.replace('<summary aria-label="Toggle hidden content">', "<summary>")
    # What may have to be scrolled sideways on a phone can be reached with the keyboard.
    body = re.sub(r"<pre>((?:(?!</pre>).)*)", _reachable, body, flags=re.DOTALL)
    body = re.sub(r'<div class="(table-wrapper[^"]*)"', r'<div tabindex="0" class="\1"', body)
    # No line ends inside a name such as memory-A: no stylesheet can say that of a hyphen.
    body = re.sub(r"(?<=>)[^<]+", _unbroken, body)
    # The contents of this page, for screens with no room beside the text.
    if not context["furo_hide_toc"]:
        contents = (
            '<details class="page-contents"><summary>On this page</summary>'
            f'<nav class="toc-tree" aria-label="On this page">{context["toc"]}</nav></details>'
        )
        body = body.replace("</h1>", f"</h1>\n{contents}", 1)
    context["body"] = body


def _reachable(found: re.Match) -> str:
    lines = re.sub(r"<[^>]*>", "", found[1]).splitlines()
    wide = max(map(len, lines), default=0) > FITS_A_PHONE
    return f'<pre tabindex="0">{found[1]}' if wide else found[0]


def _unbroken(found: re.Match) -> str:
    return re.sub(r"\b[Mm]emory-[AB]\b", r'<span class="unbroken">\g<0></span>', found[0])


def _finish(app: Sphinx, exception: Exception | None) -> None:
    """Leave no script in the site, and put the whole book on one page for the browser's search."""
    if exception is None and app.builder.name == "html":
        site = Path(app.outdir)
        for pattern in ("*.js", "*.map", "*.js.LICENSE.txt", "search.html"):
            for left in sorted(site.rglob(pattern)):
                left.unlink()
        (site / f"{WHOLE_BOOK}.html").write_text(_whole_book(app.env, site), "utf-8")


def _pages(env: BuildEnvironment, page: str) -> Iterator[str]:
    yield page
    for below in env.toctree_includes.get(page, []):
        yield from _pages(env, below)


def _whole_book(env: BuildEnvironment, site: Path) -> str:
    order = list(_pages(env, env.config.root_doc))
    frame = BeautifulSoup(_html(site, order[0]), "html.parser")
    article = frame.find("article")
    article.clear()
    title = frame.new_tag("h1")
    title.string = "The whole book on one page"
    contents = frame.new_tag("ul", attrs={"class": "whole-book-contents"})
    article.extend([title, contents, _PARTS])
    made, made_by = joblib.Memory(env.doctreedir, verbose=0), Path(__file__).read_text("utf-8")
    part_of, parts = made.cache(_part), []  # most pages are as they were the last time
    for page in order:
        entry = BeautifulSoup('<li><a class="reference internal"></a></li>', "html.parser")
        entry.a["href"], entry.a.string = f"#{_anchor(page)}", env.titles[page].astext()
        contents.append(entry)
        parts.append(part_of(_html(site, page), page, order, made_by))
    made.reduce_size(items_limit=2 * len(order))
    for only_there in frame.select(".toc-drawer > *, .related-pages, link[rel=next]"):
        only_there.decompose()
    for here in frame.select(".current-page"):
        here["class"] = [name for name in here["class"] if not name.startswith("current")]
    frame.title.string = f"{title.string} - {env.config.project}"
    return str(frame).replace(_PARTS, "".join(parts))


def _part(html: str, page: str, order: list[str], made_by: str) -> str:
    """Return a page's article as a part of the whole book, as this file says."""
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


def _where_it_is_published(app: Sphinx, config: Any) -> None:
    """Tell other machines about the pages only where they have an address: html.baseurl."""
    if config.html_baseurl:
        app.setup_extension("sphinx_sitemap")
        app.setup_extension("sphinxext.opengraph")
        config.ogp_site_url = config.html_baseurl
        config.sitemap_url_scheme = "{link}"


def setup(app: Sphinx) -> dict[str, bool]:
    # Jupyter Book sets it for an extension that brings scripts, and that is left out here.
    app.add_config_value("comments_config", {}, "")
    app.add_transform(IndexOfTerms)
    app.connect("config-inited", _where_it_is_published)
    app.connect("builder-inited", _no_search)
    app.connect("html-page-context", _mend, priority=900)
    app.connect("build-finished", _finish, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
