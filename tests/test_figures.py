import itertools
import math

import matplotlib.colors
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from rahulml import figures

# What a reader sees who lacks one kind of cone: Machado, Oliveira and Fernandes (2009), severity 1.
LINEAR_RGB_SEEN_BY = {
    "all": np.eye(3),
    "protanope": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "deuteranope": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "tritanope": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}


def linear_rgb(colour):
    """Return a colour as it adds up: sRGB's definition, IEC 61966-2-1."""
    rgb = np.array(matplotlib.colors.to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(linear):
    """Return CIE L*a*b* (D65), in which equal distances look about equally far."""
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    x, y, z = np.cbrt(to_xyz @ np.clip(linear, 0, 1) / [0.9505, 1, 1.089])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("reader", LINEAR_RGB_SEEN_BY)
def test_colours_can_be_told_apart(reader):
    """Ten is far more than the 2.3 that are just noticed side by side."""
    seen = [lab(LINEAR_RGB_SEEN_BY[reader] @ linear_rgb(colour)) for colour in figures.COLOURS]
    for one, other in itertools.combinations(seen, 2):
        assert np.linalg.norm(one - other) > 10


def test_colours_can_be_read_on_white():
    """The contrast that WCAG 2.2 asks for in text, 4.5 to 1."""
    for colour in figures.COLOURS:
        luminance = linear_rgb(colour) @ [0.2126, 0.7152, 0.0722]
        assert 1.05 / (luminance + 0.05) >= 4.5


def test_picture_is_svg_with_the_same_bytes_each_time():
    stages = {"old": [5.0, -2.0, 0.3], "new": [4.26, -1.0, 0.48]}
    first, second = (figures.slots_by_stage(stages).svg() for _ in range(2))
    assert first == second
    assert "<svg" in first
    assert "<text" not in first  # letters of a font that a reader may lack


def test_slots_by_stage_draws_one_line_for_each_slot():
    stages = {"old": [5.0, -2.0, 0.3], "new": [4.26, -1.0, 0.48]}
    axes = figures.slots_by_stage(stages).axes[0]
    drawn = [list(line.get_ydata()) for line in axes.get_lines()]
    assert drawn == [[5.0, 4.26], [-2.0, -1.0], [0.3, 0.48]]
    blue, vermilion = (matplotlib.colors.to_rgba(colour) for colour in figures.COLOURS[:2])
    dots = figures.slots_by_stage(stages, squashed=1).axes[0].collections
    assert [tuple(dot.get_facecolor()[0]) for dot in dots] == 3 * [blue, vermilion]
    texts = {text.get_text() for text in axes.texts}
    assert {"slot 1", "slot 2", "slot 3", "5.00", "-1.00", "0.48"} <= texts


def test_score_by_loop_draws_both_scores():
    history = pd.DataFrame(
        {"study_score": [0.6, 0.8], "mock_score": [0.7, 0.75]}, index=pd.RangeIndex(1, 3)
    )
    axes = figures.score_by_loop(history).axes[0]
    study, mock = axes.get_lines()
    np.testing.assert_array_equal(study.get_xydata(), [[1, 0.6], [2, 0.8]])
    np.testing.assert_array_equal(mock.get_xydata(), [[1, 0.7], [2, 0.75]])
    assert [text.get_text() for text in axes.texts] == ["study pile", "mock exam"]


def test_sums_on_squashes_puts_fresh_values_on_the_tanh_and_votes_on_the_sigmoid():
    votes = {"keep": [2.0, 0.0], "show": [-1.0, 3.0]}
    axes = figures.sums_on_squashes([1.0, -0.5], votes).axes[0]
    drawn = {line.get_label(): line.get_xydata() for line in axes.get_lines()}
    np.testing.assert_allclose(
        drawn["fresh value"], [[1.0, math.tanh(1.0)], [-0.5, math.tanh(-0.5)]]
    )
    for voter, sums in votes.items():
        squashed = [[number, 1 / (1 + math.exp(-number))] for number in sums]
        np.testing.assert_allclose(drawn[f"{voter}-voter"], squashed)
    assert [text.get_text() for text in axes.texts] == ["tanh", "sigmoid"]
    assert axes.get_xlim()[0] < -1
    assert axes.get_xlim()[1] > 3


def test_who_moves_draws_a_bar_for_each_answer_and_marks_what_stands_still():
    moves = {"memory-A": {"vote": 0.0, "new": 0.9}, "memory-B": {"vote": 0.25, "new": 0.5}}
    axes = figures.who_moves(moves).axes[0]
    drawn = {
        bars.get_label(): [bar.get_width() for bar in bars.patches] for bars in axes.containers
    }
    assert drawn == {"memory-A changed": [0.0, 0.9], "memory-B changed": [0.25, 0.5]}
    assert [text.get_text() for text in axes.texts] == ["0", "0.90", "0.25", "0.50"]
    names = [label.get_text() for label in axes.get_yticklabels()]
    rows = dict(zip(names, axes.get_yticks(), strict=True))
    middles = [bar.get_y() + bar.get_height() / 2 for bars in axes.containers for bar in bars]
    np.testing.assert_allclose(np.round(middles), [rows["vote"], rows["new"]] * 2)


def test_figures_show_once():
    """A figure left open would be shown by its cell a second time."""
    figures.slots_by_stage({"old": [1.0], "new": [0.5]})
    assert plt.get_fignums() == []


def test_apart_by_turn_draws_each_pair_on_a_log_scale():
    axes = figures.apart_by_turn({"one": [1e-7, 1e-2], "other": [1e-7, 1e-6]}).axes[0]
    drawn = [line.get_xydata().tolist() for line in axes.get_lines()]
    assert drawn == [[[1, 1e-7], [2, 1e-2]], [[1, 1e-7], [2, 1e-6]]]
    assert {text.get_text(): text.xy for text in axes.texts} == {
        "one": (2, 1e-2),
        "other": (2, 1e-6),
    }
    assert axes.get_yscale() == "log"
    ticks = [tick.get_text() for tick in axes.get_yticklabels()]
    assert ticks == ["0.1", "0.001", "0.00001", "0.0000001"]


def test_left_by_distance_draws_and_labels_one_line_for_each_setting():
    plain = pd.DataFrame({"slow": [1.0, 0.5, 0.25], "fast": [1.0, 1e-6, 1e-12]}, index=[0, 40, 80])
    keep = pd.DataFrame({"keep": [1.0, 0.9]}, index=[0, 80])
    axes = figures.left_by_distance(plain, keep).axes[0]
    drawn = [line.get_xydata().tolist() for line in axes.get_lines()]
    assert drawn == [
        [[0, 1], [40, 0.5], [80, 0.25]],
        [[0, 1], [40, 1e-6], [80, 1e-12]],
        [[0, 1], [80, 0.9]],
    ]
    colours = [line.get_color() for line in axes.get_lines()]
    assert colours == [figures.COLOURS[0], figures.COLOURS[0], figures.COLOURS[1]]
    labels = {text.get_text(): text for text in axes.texts}
    assert {name: text.get_color() for name, text in labels.items()} == dict(
        zip(["slow", "fast", "keep"], colours, strict=True)
    )
    assert labels["fast"].xy == (80, 1e-9), "labelled where it leaves"
    assert axes.get_yscale() == "log"


def test_column_of_paper_lights_one_column_and_writes_its_products_and_their_sum():
    paper = [[0.6, -0.4, 0.1], [-0.8, 0.5, 0.2]]
    axes = figures.column_of_paper([-0.5, 1.0], paper, ["first", "second"]).axes[0]
    said = [text.get_text() for text in axes.texts]
    assert {"-0.5 × 0.6 = -0.30", "1.0 × -0.8 = -0.80", "-1.10", "slot 3", "0.2"} <= set(said)
    (lit,) = axes.patches
    inside = [
        text.get_text() for text in axes.texts if lit.get_bbox().contains(*text.get_position())
    ]
    assert inside == ["0.6", "-0.8"]


def test_sums_on_tanh_puts_a_dot_where_each_sum_comes_out():
    axes = figures.sums_on_tanh({"slot 1": -1.18, "slot 2": 1.1}).axes[0]
    dots = [line.get_xydata()[0] for line in axes.get_lines() if line.get_marker() == "o"]
    np.testing.assert_allclose(dots, [[-1.18, math.tanh(-1.18)], [1.1, math.tanh(1.1)]])
    said = " ".join(text.get_text() for text in axes.texts)
    assert "-1.18 goes in,\n-0.83 comes out" in said


def test_push_on_tanh_draws_what_goes_in_and_what_comes_out():
    axes = figures.push_on_tanh([0, 2], 0.4).axes[0]
    bars = [line.get_xydata() for line in axes.get_lines() if line.get_linewidth() >= 5]
    sides = [np.abs(np.diff(bar, axis=0)).max() for bar in bars]
    outs = [math.tanh(place + 0.4) - math.tanh(place) for place in (0, 2)]
    np.testing.assert_allclose(sides, [0.4, outs[0], 0.4, outs[1]])
    said = [text.get_text() for text in axes.texts]
    assert said == ["in: 0.40", "out: 0.38", "in: 0.40", "out: 0.02"]


def test_turn_and_stretch_draws_the_arrow_and_the_circle_after_each_paper():
    papers = {"turning": [[0.6, 0.8], [-0.8, 0.6]], "stretching": [[1.2, 0], [0, 0.5]]}
    figure = figures.turn_and_stretch([0.3, 0.4], papers)
    ends = [[-0.14, 0.48], [0.36, 0.2]]
    for axes, end, longest in zip(figure.axes, ends, (0.5, 0.6), strict=True):
        arrows = [note.xy for note in axes.texts if note.arrow_patch is not None]
        np.testing.assert_allclose(arrows, [[0.3, 0.4], end])
        drawn = axes.get_lines()[-1].get_xydata()
        assert np.linalg.norm(drawn, axis=1).max() == pytest.approx(longest)
    said = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert [one for one in said if "after" in one] == ["after: 0.50", "after: 0.41"]


def test_left_by_distance_keeps_labels_apart():
    near = pd.DataFrame({"one": [1.0, 0.5], "two": [1.0, 0.49]}, index=[0, 90])
    axes = figures.left_by_distance(near).axes[0]
    figure = axes.figure
    figure.draw_without_rendering()
    upper, lower = (text.get_window_extent() for text in axes.texts)
    assert not upper.overlaps(lower)


def test_factory_walk_writes_every_number_that_is_handed_on():
    axes = figures.factory_walk(
        ["nolan", "ended"],
        notes=[[1.0, -0.5], [-0.5, 1.0]],
        memories=[[0, 0], [0.801, -0.691], [-0.668, 0.904]],
        guess=0.6949,
    ).axes[0]
    texts = [text for text in axes.texts if text.get_text()]
    boxes = [text.get_text() for text in texts if text.get_bbox_patch()]
    assert boxes == [
        *("0.00\n0.00", "0.80\n-0.69", "-0.67\n0.90"),
        *("1.0\n-0.5", "-0.5\n1.0"),
        "0.69",
    ]
    arrows = [(text.xyann, text.xy) for text in axes.texts if not text.get_text()]
    across = [(start[0] // 1, round(end[0])) for start, end in arrows if start[1] == end[1]]
    assert across == [(0, 1), (1, 2), (2, 3)]
    assert min(text.get_fontsize() for text in texts) >= 9


def test_memories_by_word_draws_each_memory_from_its_start():
    memories = {"memory-A": [0.0, 0.9, 1.7], "memory-B": [0.0, 0.4, 0.5], "plain": [0.0, 0.9, -0.6]}
    axes = figures.memories_by_word(["good", "bad"], memories).axes[0]
    for line, slot in zip(axes.get_lines(), memories.values(), strict=True):
        np.testing.assert_array_equal(line.get_xydata(), [*enumerate(slot)])
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["start", "good", "bad"]
    ends = {text.get_text(): text.xy for text in axes.texts}
    assert ends["memory-A"] == (2, 1.7)
    assert ends["plain"] == (2, -0.6)


def test_loudness_times_worth_draws_lines_of_equal_product_and_marks_the_slots():
    slots = {"loud": (0.9, 0.10), "quiet": (0.2, 0.95)}
    axes = figures.loudness_times_worth(slots).axes[0]
    (contours,) = (drawn for drawn in axes.collections if hasattr(drawn, "levels"))
    for level, path in zip(contours.levels, contours.get_paths(), strict=True):
        loudness, worth = path.vertices.T
        assert len(loudness) > 10
        np.testing.assert_allclose(loudness * worth, level, atol=1e-3)
    marks = [tuple(line.get_xydata()[0]) for line in axes.get_lines() if line.get_marker() == "o"]
    assert marks == [(0.9, 0.10), (0.2, 0.95)]
    assert {"loud: +0.09", "quiet: +0.19", "+0.25", "-0.75"} <= {
        text.get_text() for text in axes.texts
    } | {text.get_text() for text in contours.labelTexts}


def test_slots_by_word_draws_votes_from_0_to_1_and_values_around_0():
    draw = np.random.default_rng(0)
    votes = {name: draw.random((3, 2)) for name in ("keep", "admit")}
    values = {"fresh": np.full((3, 2), 0.5), "memory-A": np.array([[1, -2], [0, 1], [1, 1.0]])}
    figure = figures.slots_by_word(["not", "bad", "film"], ["4", "31"], votes, values)
    panels = {axes.get_title(): axes for axes in figure.axes if axes.get_title()}
    assert list(panels) == ["keep", "admit", "fresh", "memory-A"]
    for name, axes in panels.items():
        (image,) = axes.get_images()
        np.testing.assert_array_equal(image.get_array(), (votes | values)[name])
        assert image.get_clim() == ((0, 1) if name in votes else (-2, 2))
    assert [tick.get_text() for tick in panels["keep"].get_yticklabels()] == ["not", "bad", "film"]
    assert [tick.get_text() for tick in panels["fresh"].get_xticklabels()] == ["4", "31"]


def test_votes_by_slot_draws_the_average_and_nearly_all_votes_of_each_slot():
    votes = np.column_stack([np.linspace(0.5, 0.7, 101), np.linspace(0.2, 0.4, 101)])
    axes = figures.votes_by_slot({"trained": votes, "fresh": votes / 2}).axes[0]
    means = {
        line.get_label(): line.get_ydata() for line in axes.get_lines() if len(line.get_ydata()) > 1
    }
    np.testing.assert_allclose(means["trained"], [0.6, 0.3])
    np.testing.assert_allclose(means["fresh"], [0.3, 0.15])
    ends = axes.collections[0].get_segments()
    np.testing.assert_allclose([line[:, 1] for line in ends], [[0.502, 0.698], [0.202, 0.398]])


def test_leaning_of_sentence_draws_each_move_and_marks_unknown_words():
    words = ["a", "zing", "film"]
    axes = figures.leaning_of_sentence(words, [0.6, 0.5, 0.9], 0.7, unknown={"zing"}).axes[0]
    moves = [line.get_xydata().tolist() for line in axes.get_lines()[1::2]]
    assert moves == [[[0.7, 0], [0.6, 0]], [[0.6, 1], [0.5, 1]], [[0.5, 2], [0.9, 2]]]
    colours = [line.get_color() for line in axes.get_lines()[1::2]]
    assert colours == [figures.COLOURS[1], figures.COLOURS[1], figures.COLOURS[0]]
    names = [tick.get_text() for tick in axes.get_yticklabels()]
    assert names == ["a", "zing (unknown)", "film"]
    assert axes.get_ylim()[0] > axes.get_ylim()[1], "read from top to bottom"


def test_scores_from_all_starts_draws_each_start_thin_and_the_mean_thick():
    def history(study, mock):
        return pd.DataFrame({"study_score": study, "mock_score": mock}, index=pd.RangeIndex(1, 3))

    histories = {
        "one": [history([0.6, 0.8], [0.7, 0.75]), history([0.7, 1.0], [0.8, 0.65])],
        "other": [history([0.5, 0.6], [0.5, 0.55])],
    }
    study, mock = figures.scores_from_all_starts(histories).axes
    assert [axes.get_title() for axes in (study, mock)] == ["study pile", "mock exam"]
    drawn = [line.get_xydata() for line in mock.get_lines()]
    np.testing.assert_allclose(drawn[0], [[1, 0.7], [2, 0.75]])
    np.testing.assert_allclose(drawn[1], [[1, 0.8], [2, 0.65]])
    np.testing.assert_allclose(drawn[2], [[1, 0.75], [2, 0.7]], err_msg="the mean of the two")
    np.testing.assert_allclose(study.get_lines()[2].get_ydata(), [0.65, 0.9])
    widths = [line.get_linewidth() for line in mock.get_lines()]
    assert widths[2] > 2 * widths[0] == 2 * widths[1]
    assert [text.get_text() for text in study.get_legend().get_texts()] == ["one", "other"]
    assert mock.get_ylim()[1] < 0.9 < study.get_ylim()[1], "a scale of its own"


def test_slopes_by_place_draws_each_worker_in_both_panels_counted_from_word_1():
    fresh = {"there": [1e-4, 1e-2, 1.0], "back": [1.0, 1e-2, 1e-4]}
    trained = {"there": [0.5, 0.7, 1.0], "back": [0.4, 0.2, 0.1]}
    figure = figures.slopes_by_place({"fresh": fresh, "trained": trained})
    for axes, workers in zip(figure.axes, (fresh, trained), strict=True):
        for line, slopes in zip(axes.get_lines(), workers.values(), strict=True):
            np.testing.assert_array_equal(line.get_xydata(), [*enumerate(slopes, start=1)])
    assert [axes.get_yscale() for axes in figure.axes] == ["log", "linear"]
    assert [axes.get_title() for axes in figure.axes] == ["fresh", "trained"]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["there", "back"]


def test_score_by_distance_draws_a_dot_for_each_training_and_a_line_for_their_mean():
    scores = pd.DataFrame(
        [
            *(("rnn", 0, 1, 0.9), ("rnn", 1, 1, 0.7), ("rnn", 0, 40, 0.5), ("rnn", 1, 40, 0.4)),
            *(("gru", 0, 1, 1.0), ("gru", 0, 40, 0.98)),
        ],
        columns=["machine", "seed", "distance", "score"],
    )
    names = {"rnn": "plain worker", "gru": "GRU"}
    axes = figures.score_by_distance(scores, names, {1: 1.0, 40: 0.52}).axes[0]
    drawn = {line.get_label(): line for line in axes.get_lines()}
    np.testing.assert_array_equal(drawn["plain worker"].get_ydata(), [0.9, 0.7, 0.5, 0.4])
    np.testing.assert_array_equal(np.round(drawn["plain worker"].get_xdata()), [0, 0, 1, 1])
    np.testing.assert_array_equal(drawn["last-clue reader"].get_xydata(), [[0, 1.0], [1, 0.52]])
    looks = {(drawn[name].get_color(), drawn[name].get_marker()) for name in names.values()}
    assert len({colour for colour, _ in looks}) == len({marker for _, marker in looks}) == 2
    means = [line.get_ydata() for line in axes.get_lines() if line.get_linewidth() == 1]
    assert any(np.allclose(mean, [0.8, 0.45]) for mean in means)
    assert any(np.allclose(line, 0.5) for line in means), "the line for guessing"
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["1", "40"]


def test_heard_by_distance_draws_before_and_after_for_each_machine():
    before = pd.DataFrame({"rnn": [1.0, 0.5], "lstm": [1.0, 1e-6]}, index=[0, 90])
    after = pd.DataFrame({"rnn": [4.0, 0.1], "lstm": [2.0, 1.5]}, index=[0, 90])
    names = {"rnn": "plain worker", "lstm": "LSTM"}
    *panels, legend = figures.heard_by_distance(before, after, names).axes
    for axes, (machine, name) in zip(panels, names.items(), strict=False):
        dashed, solid = axes.get_lines()
        np.testing.assert_array_equal(dashed.get_xydata(), [*before[machine].items()])
        np.testing.assert_array_equal(solid.get_xydata(), [*after[machine].items()])
        assert (dashed.get_linestyle(), solid.get_linestyle()) == ("--", "-")
        assert axes.get_title() == name
        assert axes.get_yscale() == "log"
    said = [text.get_text() for text in legend.get_legend().get_texts()]
    assert said == ["before training", "after training"]


def test_every_start_draws_each_training_in_the_row_of_its_machine():
    scores = pd.DataFrame({"no keep": [0.5, 1.0], "tied": [1.0, 1.0]})
    figure = figures.every_start({"short": scores, "long": scores - 0.1})
    for axes, (task, less) in zip(figure.axes, [("short", 0), ("long", 0.1)], strict=True):
        _, *rows = axes.get_lines()
        for place, (row, shares) in enumerate(zip(rows, scores.to_numpy().T, strict=True)):
            np.testing.assert_allclose(row.get_xdata(), shares - less)
            lanes = row.get_ydata()
            assert lanes[0] < place < lanes[1], "equal scores lie side by side"
            assert np.all(abs(lanes - place) < 0.5)
        assert axes.get_title() == task
    assert [tick.get_text() for tick in figure.axes[0].get_yticklabels()] == ["no keep", "tied"]
    assert figure.axes[0].yaxis_inverted()


def test_dots_and_intervals_draws_every_seed_the_mean_and_the_interval():
    values = pd.DataFrame({"a - b": [0.01, -0.02, 0.04], "a - c": [0.02, 0.03, 0.01]})
    axes = figures.dots_and_intervals(values, [(-0.01, 0.03), (0.01, 0.02)], label="more").axes[0]
    lines = axes.get_lines()
    dots = {
        line.get_label(): line.get_xydata().tolist() for line in lines if len(line.get_xdata()) == 3
    }
    assert dots == {
        "a - b": [[0.01, 0], [-0.02, 0], [0.04, 0]],
        "a - c": [[0.02, 1], [0.03, 1], [0.01, 1]],
    }
    drawn = [line.get_xydata().tolist() for line in lines if line.get_linewidth() == 2]
    assert drawn == [[[-0.01, 0], [0.03, 0]], [[0.01, 1], [0.02, 1]]]
    means = [line.get_xydata()[0] for line in lines if line.get_marker() == "|"]
    np.testing.assert_allclose(means, [[0.01, 0], [0.02, 1]])
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["a - b", "a - c"]
    assert axes.yaxis_inverted(), "the first row stands on top"
    assert [line.get_xdata() for line in lines if line.get_linestyle() == ":"] == [[0, 0]]
    in_points = axes.xaxis.get_major_formatter()
    assert [in_points(share, 0) for share in (-0.01, 0, 0.025)] == ["-1", "0", "+2.5"]


def test_dots_and_intervals_draws_no_zero_where_no_score_comes_near_it():
    values = pd.DataFrame({"a": [0.8, 0.9]})
    axes = figures.dots_and_intervals(values, [(0.8, 0.9)], label="score").axes[0]
    assert not [line for line in axes.get_lines() if line.get_linestyle() == ":"]
    assert axes.get_xlim()[0] > 0.7
    assert axes.xaxis.get_major_formatter()(0.85, 0) == "85%"


def test_score_by_padding_draws_a_dot_for_each_seed_and_no_mean():
    kinds = ["0", "0", "20", "20", "20\nmasked", "20\nmasked"]
    scores = pd.DataFrame(
        {"one": [0.7, 0.8, 0.5, 0.6, 0.8, 0.7], "two": [0.9, 0.7, 0.5, 0.5, 0.9, 0.8]}, kinds
    )
    axes = figures.score_by_padding(scores, bar=0.6).axes[0]
    drawn = {line.get_label(): line for line in axes.get_lines() if line.get_linestyle() == "None"}
    assert list(drawn) == ["one", "two"]
    for name, dots in drawn.items():
        np.testing.assert_array_equal(dots.get_ydata(), scores[name])
        np.testing.assert_array_equal(np.round(dots.get_xdata()), [0, 0, 1, 1, 2, 2])
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["0", "20", "20\nmasked"]
    axes.figure.draw_without_rendering()
    guessing, stuck = (text.get_window_extent() for text in axes.texts)
    assert not guessing.overlaps(stuck)
    edge = axes.get_window_extent().x1
    assert min(guessing.x0, stuck.x0) > edge, "beside the lines, not on them"


def test_reliability_draws_a_point_for_each_part_that_has_a_guess():
    table = pd.DataFrame(
        {
            "reviews": [3, 0, 5],
            "guess": [0.1, np.nan, 0.8],
            "liked": [0.3, np.nan, 0.7],
            "error": [0.05, np.nan, 0.1],
        }
    )
    axes = figures.reliability({"last": table}).axes[0]
    diagonal, points = (line.get_xydata() for line in axes.get_lines()[:2])
    np.testing.assert_array_equal(diagonal, [[0, 0], [1, 1]])
    np.testing.assert_array_equal(points, [[0.1, 0.3], [0.8, 0.7]])
    (bars,) = axes.containers
    ends = [segment[:, 1].tolist() for segment in bars.lines[2][0].get_segments()]
    np.testing.assert_allclose(ends, [[0.2, 0.4], [0.5, 0.9]])


def test_length_has_a_dot_for_each_training():
    rows = [("lstm", 0, 12, 1.0), ("lstm", 1, 12, 0.9), ("lstm", 0, 48, 0.8), ("min", 0, 12, 0.55)]
    scores = pd.DataFrame(rows, columns=["machine", "seed", "length", "score"])
    axes = figures.score_by_length(scores, {"lstm": "LSTM", "min": "minLSTM"}).axes[0]
    _, lstm, other = axes.lines
    assert (lstm.get_label(), lstm.get_ydata().tolist()) == ("LSTM", [1.0, 0.9, 0.8])
    assert np.ptp(lstm.get_xdata()[:2]) == 0 < np.ptp(lstm.get_xdata())
    assert (other.get_label(), other.get_ydata().tolist()) == ("minLSTM", [0.55])
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["12", "48"]
