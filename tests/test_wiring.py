import hashlib
import itertools
import json
import math

import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text

from rahulml import figures
from rahulml.hand_cell import LSTMWeights, State

BEFORE = State(hidden_state=np.array([[0.5, -0.2]]), cell_state=np.array([[2.0, -1.0]]))
DIALS = LSTMWeights(
    np.linspace(-1, 1, 24).reshape(3, 8), np.linspace(0.8, -0.6, 16).reshape(2, 8), np.full(8, 0.1)
)
PICTURES = {
    "whole_worker": lambda: figures.whole_worker("ended", [-1.0, 0.5, -0.25], BEFORE, DIALS),
    **{
        f"whole_worker, {stage}": lambda stage=stage: figures.whole_worker(
            "ended", [-1.0, 0.5, -0.25], BEFORE, DIALS, stage
        )
        for stage in ("desk", "machines", "memory-A", "memory-B", "next word", "clerk")
    },
    "row_and_paper": lambda: figures.row_and_paper(
        [0.5, -0.2, 0.8],
        [[1.0, -0.6, 0.2], [-0.5, 0.5, -1.0], [0.5, -1.0, 0.6]],
        [2.0, -1.0, 1.5],
        [0.95, 0.18, 0.89],
    ),
    "two_pockets": lambda: figures.two_pockets(["brilliant", "bold", "moving"]),
    "four_machines": lambda: figures.four_machines(
        {
            "keep-voter": ("sigmoid", [0.91, 0.12, 0.83]),
            "admit-voter": ("sigmoid", [0.14, 0.85, 0.66]),
            "fresh value": ("tanh", [-0.77, 0.48, -0.29]),
            "show-voter": ("sigmoid", [0.73, 0.24, 0.95]),
        }
    ),
    "one_slot": lambda: figures.one_slot(-5.5, keep=0.9, admit=0.25, fresh=-0.6, show=0.7),
    "one_slot_gru": lambda: figures.one_slot_gru(-0.8, keep=0.75, hear=0.4, read=-0.3, recall=0.6),
    "two_directions": lambda: figures.two_directions(
        ["boring", "at", "first"], [-0.31, -0.22, 0.13], [-0.14, 0.25, 0.36]
    ),
    "two_roads": lambda: figures.two_roads(
        ["not", "good"],
        a=[0.3211, 0.5568],
        b=[-0.1234, 0.8027],
        keep=0.75,
        along=0.4189,
        detour=-0.0978,
    ),
    "want_have_give": lambda: figures.want_have_give(
        "boring",
        {"not": 0.7, "boring": 0.2, "film": 0.1},
        {"not": -1, "boring": 0.5, "film": 0},
        -0.6,
    ),
}


def texts(figure):
    return [text for text in figure.axes[0].texts if text.get_text()]


def said(figure):
    return [text.get_text() for text in texts(figure)]


@pytest.mark.parametrize("picture", PICTURES)
def test_letters_lie_apart_and_on_the_sheet(picture):
    figure = PICTURES[picture]()
    figure.canvas.draw()
    sheet = figure.bbox.padded(1)
    places = []
    for text in texts(figure):
        around = 0.35 * text.get_fontsize() * figure.dpi / 72 if text.get_bbox_patch() else 0
        place = text.get_window_extent().padded(around)
        assert sheet.x0 <= place.x0 < place.x1 <= sheet.x1, text
        assert sheet.y0 <= place.y0 < place.y1 <= sheet.y1, text
        places.append((text.get_text(), place))
    for (one, place), (other, elsewhere) in itertools.combinations(places, 2):
        assert not place.overlaps(elsewhere), (one, other)


def ink(artist):
    """Return what it draws, in the units of its sheet, to the eye's precision."""
    if isinstance(artist, Text):
        box, arrow = artist.get_bbox_patch(), getattr(artist, "arrow_patch", None)
        places = [artist.get_position(), getattr(artist, "xy", ()), artist.get_fontsize()]
        looks = [artist.get_text(), to_hex(artist.get_color()), artist.get_ha(), artist.get_va()]
        looks += [(to_hex(one.get_edgecolor()), one.get_linestyle()) for one in (box, arrow) if one]
    elif isinstance(artist, Line2D):
        places = [*artist.get_xydata(), artist.get_linewidth()]
        looks = [to_hex(artist.get_color()), artist.get_linestyle(), artist.get_marker()]
    elif isinstance(artist, Patch):
        places = artist.get_patch_transform().transform_path(artist.get_path()).vertices
        looks = [to_hex(artist.get_facecolor()), to_hex(artist.get_edgecolor())]
    else:
        places, looks = [], [type(artist).__name__]
    return [np.round(place, 3).tolist() for place in places], looks


LOOKED_AT = {
    "whole_worker": "4b8d53e53e38",
    "whole_worker, desk": "9f51b72be706",
    "whole_worker, machines": "4e35d004cb29",
    "whole_worker, memory-A": "9d8ede2a5fcd",
    "whole_worker, memory-B": "951c36dcb4c2",
    "whole_worker, next word": "24784e34009d",
    "whole_worker, clerk": "f7edf2b41e54",
    "row_and_paper": "3848fe502399",
    "two_pockets": "2b5e7affa267",
    "four_machines": "61d26a1ac3e0",
    "one_slot": "a02e67f505d0",
    "one_slot_gru": "22b09f8008f0",
    "two_directions": "dd7bc72389e9",
    "two_roads": "122f20758930",
    "want_have_give": "6640cd7865e7",
}
"""What was drawn when each picture was last looked at."""


@pytest.mark.parametrize("picture", PICTURES)
def test_picture_is_the_one_that_was_looked_at(picture):
    """If you have changed it: look at it, wire by wire, and write down what it is now."""
    figure = PICTURES[picture]()
    (sheet,) = figure.axes
    drawn = [ink(artist) for artist in sheet.get_children()]
    drawn += [sheet.get_xlim(), sheet.get_ylim(), figure.get_size_inches().tolist()]
    digest = hashlib.sha256(json.dumps(drawn).encode()).hexdigest()[:12]
    assert digest == LOOKED_AT[picture]


def wires(figure):
    """Return where each wire ends: (start of its last stretch, end)."""
    return [
        (note.xyann, note.xy)
        for note in figure.axes[0].texts
        if not note.get_text() and note.arrow_patch is not None
    ]


def test_two_pockets_has_no_squash_on_the_upper_wire():
    figure = figures.two_pockets(["one", "two"])
    (start, end), *_ = wires(figure)
    assert start[1] == end[1]
    squashes = [text for text in texts(figure) if text.get_text() == "tanh"]
    assert len(squashes) == 2
    assert all(text.get_position()[1] < end[1] for text in squashes)


def test_two_pockets_hands_memory_b_to_the_machines_of_the_next_word_and_to_the_clerk():
    figure = figures.two_pockets(["one", "two"])
    machines = [text.get_position() for text in texts(figure) if "machines" in text.get_text()]
    lane = machines[0][1]
    ends = sorted(end[0] for start, end in wires(figure) if start[1] == end[1] == lane)
    assert len(ends) == 3
    for (x, _), end in zip(machines, ends, strict=False):
        assert 0.3 < x - end < 0.5
    assert ends[-1] > machines[-1][0] + 1
    for x, y in machines:
        said_by = [end for start, end in wires(figure) if start[0] - x < 0.5 and start[1] > y]
        assert len([end for end in said_by if x <= end[0] < x + 1]) >= 3


def test_four_machines_each_read_the_note_and_memory_b_and_answer():
    figure = PICTURES["four_machines"]()
    place = {text.get_text(): text.get_position() for text in texts(figure)}
    for machine, answer in {
        "keep-voter: sigmoid": "0.91,  0.12,  0.83",
        "fresh value: tanh": "-0.77,  0.48,  -0.29",
    }.items():
        y = place[machine][1]
        assert place[answer][1] == y
        ends_here = [start for start, end in wires(figure) if end[1] == y and end[0] < 2]
        assert sorted(start[1] for start in ends_here) == sorted(
            [place["note"][1], place["memory-B"][1]]
        )
    assert place["memory-A"][1] not in [start[1] for start, _ in wires(figure)]


def test_one_slot_writes_what_the_pencil_finds():
    new_a = 0.9 * -5.5 + 0.25 * -0.6
    new_b = 0.7 * math.tanh(new_a)
    found = said(PICTURES["one_slot"]())
    for number in (-5.5, 0.9 * -5.5, 0.25 * -0.6, new_a, new_b):
        assert found.count(f"{number:.2f}") == 1
    with pytest.raises(ValueError, match="candidate: expected numbers in -1"):
        figures.one_slot(1.0, keep=0.5, admit=0.5, fresh=2.0, show=0.5)


def test_one_slot_gru_writes_what_the_pencil_finds():
    fresh = math.tanh(-0.3 + 0.4 * 0.6)
    found = " ".join(said(PICTURES["one_slot_gru"]()))
    new = 0.75 * -0.8 + 0.25 * fresh
    for number in (-0.8, 0.75 * -0.8, 0.25 * fresh, fresh, 0.4 * 0.6, new):
        assert f"{number:.2f}" in found


def sigmoid(number):
    return 1 / (1 + math.exp(-number))


def test_whole_worker_writes_what_the_pencil_finds():
    written = " ".join(said(PICTURES["whole_worker"]()))
    sums = 0.1 + np.array([-1.0, 0.5, -0.25]) @ DIALS.kernel
    sums += np.array([0.5, -0.2]) @ DIALS.recurrent_kernel
    admit, keep, show = ([sigmoid(z) for z in sums[start : start + 2]] for start in (0, 2, 6))
    fresh = [math.tanh(z) for z in sums[4:6]]
    new_a = [keep[i] * old + admit[i] * fresh[i] for i, old in enumerate((2.0, -1.0))]
    new_b = [show[i] * math.tanh(new_a[i]) for i in range(2)]
    for name, one in (
        ("keep-voter\n", keep),
        ("admit-voter\n", admit),
        ("fresh value\n", fresh),
        ("show-voter\n", show),
        ("new memory-A\n", new_a),
        ("new memory-B\n", new_b),
    ):
        assert f"{name}{one[0]:.2f},  {one[1]:.2f}" in written


def test_whole_worker_gives_memory_b_to_all_machines_and_round_again_and_memory_a_to_none():
    figure = PICTURES["whole_worker"]()
    machines = [text.get_position() for text in texts(figure) if "voter" in text.get_text()]
    machines += [text.get_position() for text in texts(figure) if "fresh" in text.get_text()]
    notes = [note for note in figure.axes[0].texts if not note.get_text() and note.arrow_patch]
    colours = {}
    for x, y in machines:
        into = [note for note in notes if abs(note.xy[0] - x) < 0.3 and 0 < y - note.xy[1] < 0.4]
        colours[x] = {note.arrow_patch.get_edgecolor()[:3] for note in into}
        assert len(into) == 2
    ink = {
        name: tuple(int(c[i : i + 2], 16) / 255 for i in (1, 3, 5))
        for name, c in zip(("A", "B", "note"), figures.COLOURS, strict=True)
    }
    assert all(seen == {ink["B"], ink["note"]} for seen in colours.values())
    assert len(colours) == 4
    rounds = [
        note
        for note in notes
        if note.arrow_patch.get_linestyle() == ":" or note.arrow_patch.get_linestyle() == "dotted"
    ]
    assert len(rounds) == 3
    assert {note.arrow_patch.get_edgecolor()[:3] for note in rounds} == {ink["A"], ink["B"]}


NUMBERS_UNTIL = {"desk": 3, "machines": 7, "memory-A": 10, "memory-B": 12}


@pytest.mark.parametrize(
    "stage", ["desk", "machines", "memory-A", "memory-B", "next word", "clerk"]
)
def test_whole_worker_until_a_stage_has_no_number_of_what_is_to_come(stage):
    """What it is about is lit. A row of numbers stands for each thing that there is by then."""
    figure = PICTURES[f"whole_worker, {stage}"]()
    whole = said(PICTURES["whole_worker"]())
    rows = [text for text in said(figure) if ",  " in text]
    assert len(rows) == NUMBERS_UNTIL.get(stage, 12)
    assert set(rows) <= set(whole)
    faint = [text.get_text().strip() for text in texts(figure) if text.get_color() == "0.85"]
    assert not set(rows) & set(faint)
    assert ("to the next word" in faint) is (stage != "next word")
    assert ("clerk, after\nthe last word" in faint) is (stage != "clerk")
    lit = [text.get_text() for text in texts(figure) if is_lit(text)]
    name = {"machines": "keep-voter", "next word": "to the next word", "memory-A": "new memory-A"}
    first = {"desk": "memory-A", "memory-B": "new memory-B"} | name
    assert any(text.startswith(first.get(stage, stage)) for text in lit)
    assert not set(lit) & set(faint) - {"×"}


def is_lit(text):
    ground = text.get_bbox_patch()
    return ground is not None and ground.get_facecolor()[:3] == to_rgb("#f3e3a8")


def test_whole_worker_refuses_a_stage_that_there_is_not():
    match = "^until: expected None, 'desk', 'machines', .* or 'clerk', got 'lunch'$"
    with pytest.raises(ValueError, match=match):
        figures.whole_worker("ended", [-1.0, 0.5, -0.25], BEFORE, DIALS, "lunch")


def test_row_and_paper_reads_with_all_wires_and_votes_with_parallel_ones():
    figure = PICTURES["row_and_paper"]()
    found = said(figure)
    sums = (0.5 + 0.1 + 0.4, -0.3 - 0.1 - 0.8, 0.1 + 0.2 + 0.48)
    for number in (*sums, 2.0 * 0.95, -1.0 * 0.18, 1.5 * 0.89):
        assert f"{number:.2f}" in found
    read = [(start, end) for start, end in wires(figure) if end[0] < 2.7]
    voted = [(start, end) for start, end in wires(figure) if end[0] > 2.7]
    assert len({(start[1], end[1]) for start, end in read}) == len(read) == 9
    assert len(voted) == 3
    assert all(start[1] == end[1] for start, end in voted)
    assert [text for text in found if text in ("× 1.0", "× (-0.5)", "× 0.5")] == [
        "× 1.0",
        "× (-0.5)",
        "× 0.5",
    ]


def test_two_directions_hands_the_clerk_each_workers_last_memory():
    found = said(PICTURES["two_directions"]())
    assert [found.count(number) for number in ("0.13", "-0.14")] == [2, 2]
    assert [found.count(number) for number in ("-0.31", "-0.22", "0.25", "0.36")] == [1, 1, 1, 1]


def test_want_have_give_draws_a_larger_share_thicker():
    figure = PICTURES["want_have_give"]()
    widths = [
        note.arrow_patch.get_linewidth()
        for note in figure.axes[0].texts
        if not note.get_text() and note.arrow_patch is not None
    ]
    *_, large, middle, small = [width for width in widths[1::2]]
    assert large > middle > small
    assert {"share 0.70", "gives -1.00", "taken -0.60"} <= set(said(figure))
