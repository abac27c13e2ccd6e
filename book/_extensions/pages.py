"""Pages that need no script: what Sphinx and the theme leave open without one is done here.

Each change has its reason in one line. The rest is settings (``_config.yml``), two templates
(``_templates``) and a stylesheet (``_static``).
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

WHOLE_BOOK = "whole-book"
LOOK_UP = [("genindex", "Index of terms"), (WHOLE_BOOK, "The whole book on one page")]
FITS_A_PHONE = 38  # characters of code

_ANSWER = re.compile(
    r'<details class="[^"]*\bsd-dropdown\b[^>]*>\s*<summary[^>]*>(?:\s|<[^>]*>)*'
    r"Show the (?:answer|key).*?</summary>(.*?)</details>",
    re.DOTALL,
)


def publish(app: Sphinx, config: Any) -> None:
    """Tell other machines about the pages only where they have an address: html.baseurl."""
    if config.html_baseurl:
        app.setup_extension("sphinx_sitemap")
        app.setup_extension("sphinxext.opengraph")
        config.ogp_site_url = config.html_baseurl
        config.sitemap_url_scheme = "{link}"


def leave_out_search(app: Sphinx) -> None:
    """Make no search page and no search index: both are for a script."""
    app.builder.search = False


def mend(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document) -> None:
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
    # A cell of a table's head that says nothing is the head of nothing.
    body = re.sub(r'<th class="head[^"]*"><p></p></th>', "<td></td>", body)
    # No line ends inside a name such as memory-A: no stylesheet can say that of a hyphen.
    body = re.sub(r"(?<=>)[^<]+", _unbroken, body)
    # The contents of this page, for screens with no room beside the text.
    if not context["furo_hide_toc"]:
        contents = (
            '<details class="page-contents"><summary>On this page</summary>'
            f'<nav class="toc-tree" aria-label="On this page">{context["toc"]}</nav></details>'
        )
        body = body.replace("</h1>", f"</h1>\n{contents}", 1)
    context["body"] = _answers_last(body)


def _reachable(found: re.Match) -> str:
    lines = re.sub(r"<[^>]*>", "", found[1]).splitlines()
    wide = max(map(len, lines), default=0) > FITS_A_PHONE
    return f'<pre tabindex="0">{found[1]}' if wide else found[0]


def _unbroken(found: re.Match) -> str:
    return re.sub(r"\b[Mm]emory-[AB]\b", r'<span class="unbroken">\g<0></span>', found[0])


def _answers_last(body: str) -> str:
    """Write each answer once more, at the end: paper has it only there, a screen never."""
    last = []

    def ask(shut: re.Match) -> str:
        number = len(last) + 1
        said, nameless = f"Answer {number}", re.sub(r' id="[^"]*"', "", shut[1])
        last.append(
            f'<div class="answer" id="answer-{number}"><p class="said"><strong>'
            f'<a href="#asked-{number}">{said}</a></strong></p>{nameless}</div>'
        )
        there = f'<a class="to-page" href="#answer-{number}">{said}</a>'
        return f'<p class="to-answer" id="asked-{number}">{there}</p>{shut[0]}'

    page, end, rest = _ANSWER.sub(ask, body).rpartition("</section>")
    if last:
        page += f'<section class="answers"><h2>Answers</h2>{"".join(last)}</section>'
    return page + end + rest


def remove_scripts(app: Sphinx, exception: Exception | None) -> None:
    """Leave no script in the site, and no page that is for one."""
    if exception is None and app.builder.name == "html":
        for pattern in ("*.js", "*.map", "*.js.LICENSE.txt", "search.html"):
            for left in sorted(Path(app.outdir).rglob(pattern)):
                left.unlink()


# --- what other files ask about pages ---


def in_order(env: BuildEnvironment, page: str | None = None) -> Iterator[str]:
    """Yield the names of all pages, or of one and those below it, in the book's order."""
    page = page or env.config.root_doc
    yield page
    for below in env.toctree_includes.get(page, []):
        yield from in_order(env, below)


def set_titles_bold(page: BeautifulSoup) -> None:
    for title in page.select(".admonition-title"):
        title.string = title.get_text()
        title.string.wrap(page.new_tag("strong"))
