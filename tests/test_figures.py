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


def test_figures_show_once():
    """A figure left open would be shown by its cell a second time."""
    figures.slots_by_stage({"old": [1.0], "new": [0.5]})
    assert plt.get_fignums() == []


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
