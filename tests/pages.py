"""Which pages the book has, and what a built one says."""

import copy
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
CHAPTERS = [entry["file"] for part in TOC["parts"] for entry in part["chapters"]]
PAGES = [TOC["root"], *CHAPTERS]


def text_of(page):
    """Return what a page says, without the code it shows."""
    article = copy.copy(page.find("article"))
    for code in article.find_all("pre"):
        code.extract()
    return " ".join(article.get_text().split())
