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


def test_loss_by_turn_draws_each_training():
    axes = figures.loss_by_turn({"one": [0.7, 0.6], "other": [0.7, 0.5]}).axes[0]
    drawn = [line.get_xydata().tolist() for line in axes.get_lines()]
    assert drawn == [[[1, 0.7], [2, 0.6]], [[1, 0.7], [2, 0.5]]]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["one", "other"]
