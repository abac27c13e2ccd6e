"""No sentence of a chapter holds a result that somebody typed.

A numeral in a sentence, a list or a table has to be computed (an ``{eval}`` role that has a name in
it), given (a literal of a cell, but not of its assertions), a name (slot 2, word 1), or one of the
few listed here.
"""

import ast
import re

import pytest
import yaml
from pages import PAGES, ROOT

BOOK = ROOT / "book"

BOUNDS = {"0", "1", "-1"}
NAMES = re.compile(r"(slots?|[Ww]ords?|[Ff]loor|Part|[Ss]ection|loop)( \d+,?( and)?)* $")
YEAR = re.compile(r"\((19|20)\d\d\)")
PRINTED_BY_THE_POST = {
    "back/corrections": {"2.0", "5.0", "90", "40,000", "50,000", "0.2", "-0.76", "-0.15"},
}

FENCE = re.compile(
    r"^( *)(`{3,})(\{code-cell\}|\{literalinclude\}|text)[^\n]*\n(.*?)^\1\2$", re.S | re.M
)
OPTIONS = re.compile(r"\A(---\n.*?\n---\n|(:\w+:[^\n]*\n)+)", re.S)
ROLE = re.compile(r"\{([\w:]+)\}`([^`]*)`")
NUMERAL = re.compile(r"(?<![\w.])-?\d[\d,]*(\.\d+)?(?![\w])")


def literals(code):
    """Return every number that stands in the code as it is typed, assertions left out."""
    tree = ast.parse(code)
    for node in ast.walk(tree):
        for field, value in ast.iter_fields(node):
            if isinstance(value, list):
                kept = [child for child in value if not isinstance(child, ast.Assert)]
                setattr(node, field, kept or [ast.Pass()] if field == "body" else kept)
    return {
        float(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, (int, float))
    }


def caption(cell):
    """Return the caption of a cell's figure, on one line, if it has one."""
    found = re.match(r"---\n(.*?\n)---\n", cell, re.S)
    options = yaml.safe_load(found[1]) if found else {}
    return " ".join(options.get("mystnb", {}).get("figure", {}).get("caption", "").split())


def typed_results(text, allowed=frozenset()):
    """Return (line, numeral) for every numeral in a sentence that nothing accounts for."""
    text = re.sub(r"\A---\n.*?\n---\n", lambda front: "\n" * front[0].count("\n"), text, flags=re.S)
    cells = [OPTIONS.sub("", fence[4]) for fence in FENCE.finditer(text) if "code" in fence[3]]
    given = set().union(*map(literals, cells))
    text = FENCE.sub(lambda fence: caption(fence[4]) + "\n" * fence[0].count("\n"), text)
    text = ROLE.sub(lambda role: role[0].replace("\n", " "), text)
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        found += [
            (number, role[2])
            for role in ROLE.finditer(line)
            if role[1] == "eval"
            and not any(isinstance(node, ast.Name) for node in ast.walk(ast.parse(role[2])))
        ]
        here = set().union(
            *(literals(role[2]) for role in ROLE.finditer(line) if role[1] == "eval")
        )
        line = re.sub(r"\]\([^)]*\)|`[^`]*`", "]", ROLE.sub("", YEAR.sub("", line)))
        line = re.sub(r"^\s*(#+ )?\d+\. ", "", line)
        for numeral in NUMERAL.finditer(line):
            value = abs(float(numeral[0].replace(",", "")))
            if not (
                numeral[0] in BOUNDS | allowed
                or value in given | here
                or NAMES.search(line[: numeral.start()])
            ):
                found.append((number, numeral[0]))
    return found


@pytest.mark.parametrize("page", PAGES)
def test_sentences_hold_no_typed_result(page):
    text = (BOOK / f"{page}.md").read_text("utf-8")
    assert typed_results(text, PRINTED_BY_THE_POST.get(page, set())) == []


@pytest.mark.parametrize(
    ("sentence", "typed"),
    [
        ("The new memory is 4.62.", ["4.62"]),
        ("That makes 8,320 dials, or -0.76.", ["8,320", "-0.76"]),
        ("| 2 | 4.26 |", ["2", "4.26"]),
        ("The keep-vote is 0.9.", []),
        ("It lies between -1 and 1.", []),
        ("In slot 2, slots 2 and 3, at word 7.", []),
        ("| 0.99 | {eval}`left(0.99)` |", []),
        ("It is {eval}`f'{keep:.2f}'`, see [](page-7.md) and `x[7]`.", []),
        ("## 3. A heading (2026)", []),
        ("It is {eval}`f'{4.62:.2f}'`.", ["f'{4.62:.2f}'"]),
    ],
)
def test_check_tells_typed_results_from_given_numbers(sentence, typed):
    cells = (
        "```{code-cell} ipython3\n:tags: [x]\n\nkeep = 0.9\n\nassert 0.9 * 5 == 4.62 or 8320\n```\n"
    )
    found = typed_results(f"---\na: 4.62\n---\n{cells}\n{sentence}\n")
    assert [numeral for _, numeral in found] == typed


def test_check_reads_captions():
    figure = "---\nmystnb:\n  figure:\n    caption: It is 4.62.\n---\nnew_a = 0.9\n"
    assert typed_results(f"\n```{{code-cell}} ipython3\n{figure}```\n") == [(2, "4.62")]
