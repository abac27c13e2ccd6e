import math

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from rahulml import figures


def test_slots_by_stage_draws_one_line_for_each_slot():
    stages = {"old": [5.0, -2.0, 0.3], "new": [4.26, -1.0, 0.48]}
    axes = figures.slots_by_stage(stages).axes[0]
    drawn = [list(line.get_ydata()) for line in axes.get_lines()]
    assert drawn == [[5.0, 4.26], [-2.0, -1.0], [0.3, 0.48]]
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


def test_loss_by_turn_draws_each_training():
    axes = figures.loss_by_turn({"one": [0.7, 0.6], "other": [0.7, 0.5]}).axes[0]
    drawn = [line.get_xydata().tolist() for line in axes.get_lines()]
    assert drawn == [[[1, 0.7], [2, 0.6]], [[1, 0.7], [2, 0.5]]]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["one", "other"]


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
    assert {"loud: +0.09", "quiet:\n+0.19", "+0.25", "-0.75"} <= {
        text.get_text() for text in axes.texts
    } | {text.get_text() for text in contours.labelTexts}
