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


def test_figures_show_once():
    """A figure left open would be shown by its cell a second time."""
    figures.slots_by_stage({"old": [1.0], "new": [0.5]})
    assert plt.get_fignums() == []
