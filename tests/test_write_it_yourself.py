"""The notebooks to write in, as a reader finds them, and with the solutions pasted in."""

import ast

import jupytext
import numpy as np
import pytest
from nbclient import NotebookClient
from pages import ROOT

from rahulml.exercises import judge

FOLDER = ROOT / "book/practice"
PARTS = "combine", "step", "run", "backward"


def cells_of(name):
    return [cell for cell in jupytext.read(FOLDER / f"{name}.md").cells if cell.cell_type == "code"]


def worked(sources):
    """Run cells one after the other, and return what the last one shows."""
    names = {}
    for source in sources:
        *lines, last = ast.parse(source).body
        shows = isinstance(last, ast.Expr)
        exec(compile(ast.Module(lines if shows else [*lines, last], []), "cell", "exec"), names)
        shown = eval(compile(ast.Expression(last.value), "cell", "eval"), names) if shows else None
    return str(shown)


SOLUTIONS = {
    part: next(cell.source for cell in cells_of("solutions") if f"def {part}(" in cell.source)
    for part in PARTS
}


@pytest.mark.parametrize("part", PARTS)
def test_notebook_says_not_yet_until_something_is_written(part):
    shown = worked(cell.source for cell in cells_of(part))
    assert "not yet" in shown.lower()
    assert "off by" not in shown


@pytest.mark.parametrize("part", PARTS)
def test_notebook_passes_with_the_solution_in_its_place(part):
    cells = cells_of(part)
    assert sum("yours" in cell.metadata.get("tags", []) for cell in cells) == 1
    sources = [
        SOLUTIONS[part] if "yours" in cell.metadata.get("tags", []) else cell.source
        for cell in cells
    ]
    lines = worked(sources).splitlines()
    assert len(lines) == (3 if part == "backward" else 2)
    assert all(line.endswith(": exact") for line in lines)


def test_solutions_run_as_a_notebook_and_show_markdown():
    notebook = jupytext.read(FOLDER / "solutions.md")
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(ROOT)}}).execute()
    shown = [
        output.data["text/markdown"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
    ]
    assert len(shown) == 4
    assert all("exact" in text and "off" not in text for text in shown)


def solution(part):
    names = {"np": np}
    exec(SOLUTIONS["step"], names)
    exec(SOLUTIONS[part], names)
    return names[part]


WRONG = [
    ("combine", "np.tanh(new_cell_state)", "new_cell_state", "the tanh was left out"),
    (
        "combine",
        "forget_gate * cell_state + input_gate",
        "input_gate * cell_state + forget_gate",
        "changed places",
    ),
    (
        "combine",
        "np.tanh(new_cell_state)",
        "np.tanh(cell_state)",
        "the old cell state was squashed",
    ),
    (
        "combine",
        "np.tanh(new_cell_state), new_cell_state",
        "np.tanh(new_cell_state), new_cell_state)[::-1]",
        "the other order",
    ),
    ("step", " + bias", "", "the bias, which holds the nudges, was left out"),
    ("step", "hidden_state @", "cell_state @", "the machines read the cell state"),
    ("step", "admit, keep, fresh", "keep, admit, fresh", "the input gate's columns"),
    ("step", "np.tanh(fresh)", "sigmoid(fresh)", "through a sigmoid, not a tanh"),
    (
        "run",
        "step(note, hidden_state, cell_state,",
        "step(note, hidden_state * 0, cell_state,",
        "hidden state is not handed on",
    ),
    (
        "run",
        "step(note, hidden_state, cell_state,",
        "step(note, hidden_state, cell_state * 0,",
        "cell state is not handed on",
    ),
    ("run", "in notes:", "in notes[::-1]:", "from the last to the first"),
    (
        "backward",
        "d_cell_back = d_cell * keep",
        "d_cell_back = nothing",
        "nothing comes back along the cell",
    ),
    (
        "backward",
        "d_hidden_back = trace.weights.recurrent_kernel @ d_z",
        "pass",
        "through the recurrent kernel",
    ),
    ("backward", " * (1 - squashed**2)", "", "the slope of the tanh"),
]


@pytest.mark.parametrize(("part", "right", "wrong", "slip"), WRONG)
def test_judge_names_the_slip_and_the_place(part, right, wrong, slip):
    assert right in SOLUTIONS[part]
    source = SOLUTIONS[part].replace(right, wrong)
    if wrong.endswith("[::-1]"):
        source = source.replace("return ", "return (")
    names = {"np": np}
    exec(SOLUTIONS["step"], names)
    exec(source, names)
    told = judge(part, names[part])
    assert "off by" in told
    assert told.count("It looks as if") == 1
    assert slip in told
    assert "slot" in told


def test_judge_says_where_a_gradient_is_off_and_by_how_much():
    right = solution("backward")

    def nearly(trace, d_hidden_states):
        kernel, recurrent, bias = right(trace, d_hidden_states)
        recurrent[1, 7] += 0.25
        return kernel, recurrent, bias

    lines = judge("backward", nearly).splitlines()
    assert lines[0] == "- kernel: exact"
    assert lines[1].startswith(
        "- recurrent kernel: off by 0.2500 in row 2, column 8 (candidate, slot 2), yours is "
    )
    assert lines[2] == "- bias: exact"


def test_judge_tells_close_from_exact():
    right = solution("run")
    shown = judge("run", lambda *given: [np.float32(states) for states in right(*given)])
    assert shown.count("close, off by ") == 2


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (None, "Not yet: `combine` returned None, where hidden state and cell state are expected."),
        ((1, 2, 3), "Not yet: `combine` returned (1, 2, 3), where"),
        ((..., None), "- hidden state: not yet\n- cell state: not yet"),
        (
            ("a", [1, 2]),
            "state: expected numbers, got 'a'\n- cell state: expected shape (3,), got (2,)",
        ),
        (
            ([np.nan, 1, 1], [[0.5]]),
            "got another in slot 1\n- cell state: expected shape (3,), got (1, 1)",
        ),
    ],
)
def test_judge_says_what_is_no_answer_yet(returned, message):
    assert message in judge("combine", lambda *given: returned)


def test_judge_refuses_what_it_can_not_call():
    with pytest.raises(ValueError, match=r"^part: expected 'combine', .* got 'lstm'$"):
        judge("lstm", print)
    with pytest.raises(
        ValueError, match=r"^function: expected the function that you wrote, got 3$"
    ):
        judge("combine", 3)


def test_what_the_function_raises_comes_through():
    with pytest.raises(ZeroDivisionError):
        judge("combine", lambda *given: 1 / 0)
