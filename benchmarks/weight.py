"""Weigh what a page makes a browser load, and the same page in Jupyter Book's default theme.

Run it in an environment with requirements.txt installed and with Chromium, after a build:
``python benchmarks/weight.py [PAGE ...]``. The default is built of the same sources, in a scratch
folder. A page is loaded over HTTP with an empty cache, and bytes count as they are, not packed.
What the default asks of others is not answered: it is listed, not weighed.
"""

import functools
import http.server
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import history
import yaml
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = ["by-hand/combine", "by-hand/fade"]
OF_THE_DEFAULT = {"extensions", "templates_path", "nb_merge_streams"}


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A server of files that does not tell what it serves."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def build_default(folder: Path, pages: list[str]) -> Path:
    """Build the pages with none of the book's settings of looks; return the built site."""
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".git", ".venv", "_build"))
    path = folder / "book/_config.yml"
    config = yaml.safe_load(path.read_text("utf-8"))
    del config["sphinx"]["local_extensions"]
    settings = config["sphinx"]["config"]
    for name in list(settings):
        if name.startswith(("html_", "pygments_")) or name in OF_THE_DEFAULT:
            del settings[name]
    path.write_text(yaml.safe_dump(config), "utf-8")
    toc = {"format": "jb-book", "root": pages[0], "chapters": [{"file": p} for p in pages[1:]]}
    (folder / "book/_toc.yml").write_text(yaml.safe_dump(toc), "utf-8")
    command = [Path(sys.executable).parent / "jupyter-book", "build", "book/"]
    found = os.environ | {"PYTHONPATH": str(folder)}  # the extension would see to that
    subprocess.run(command, cwd=folder, env=found, check=True, capture_output=True)
    return folder / "book/_build/html"


def weigh(browser: Browser, site: Path, page: str) -> tuple[int, dict[str, int], list[str]]:
    """Return the bytes that a page loads, by kind of file, and what it asks of others."""
    handler = functools.partial(Quiet, directory=site)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    home = f"http://127.0.0.1:{server.server_port}/"
    kinds: dict[str, int] = {}
    foreign: list[str] = []

    def decide(route):
        if route.request.url.startswith((home, "data:")):
            return route.continue_()
        foreign.append(route.request.url)
        return route.abort()

    def add(request):
        if request.url.startswith(home):
            kind = request.resource_type
            kinds[kind] = kinds.get(kind, 0) + len(request.response().body())

    context = browser.new_context(viewport={"width": 1280, "height": 900})
    tab = context.new_page()
    tab.route("**/*", decide)
    loaded = []
    tab.on("requestfinished", lambda request: loaded.append(request))
    tab.goto(f"{home}{page}.html", wait_until="networkidle")
    for request in loaded:
        add(request)
    context.close()
    server.shutdown()
    return sum(kinds.values()), kinds, foreign


def main(pages: list[str]) -> None:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        default = build_default(Path(temporary) / "clone", pages)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for page in pages:
            ours, kinds, foreign = weigh(browser, ROOT / "book/_build/html", page)
            theirs, their_kinds, asked = weigh(browser, default, page)
            print(f"{page}: {kinds}, asks others {len(foreign)} times")
            print(f"  default theme: {their_kinds}, asks others: {asked}")
            history.keep(page, [ours / 1000], "kB")
            history.keep(f"{page}, default theme", [theirs / 1000], "kB")
            history.keep(f"{page} / default theme", [ours / theirs], "ratio")


if __name__ == "__main__":
    main(sys.argv[1:] or CHAPTERS)
