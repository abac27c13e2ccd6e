import itertools
import math

import pytest

from rahulml import figures

PICTURES = {
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
    "two_directions": lambda: figures.two_directions(
        ["boring", "at", "first"], [-0.31, -0.22, 0.13], [-0.14, 0.25, 0.36]
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


def wires(figure):
    """Return where each wire ends: (start of its last stretch, end)."""
    return [
        (note.xyann, note.xy)
        for note in figure.axes[0].texts
        if not note.get_text() and note.arrow_patch is not None
    ]


def test_two_pockets_has_no_squash_on_the_upper_wire():
    figure = figures.two_pockets(["one", "two"])
    (start, end), *branches = wires(figure)
    assert start[1] == end[1]
    squashes = [text for text in texts(figure) if text.get_text() == "tanh"]
    assert len(squashes) == 2
    assert all(text.get_position()[1] < end[1] for text in squashes)
    assert len(branches) == 2 * 3


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


def test_one_slot_writes_what_the_pencil_finds():
    new_a = 0.9 * -5.5 + 0.25 * -0.6
    new_b = 0.7 * math.tanh(new_a)
    found = said(PICTURES["one_slot"]())
    for number in (-5.5, 0.9 * -5.5, 0.25 * -0.6, new_a, new_b):
        assert found.count(f"{number:.2f}") == 1
    with pytest.raises(ValueError, match="candidate: expected numbers in -1"):
        figures.one_slot(1.0, keep=0.5, admit=0.5, fresh=2.0, show=0.5)


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
