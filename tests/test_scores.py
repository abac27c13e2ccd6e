from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from rahulml import far_back, scores


def test_interval_holds_the_middle_of_means_drawn_again():
    values = np.random.default_rng(1).normal(size=40)
    means = np.random.default_rng(2).choice(values, (20_000, 40)).mean(axis=1)
    np.testing.assert_allclose(
        scores.interval(values), np.percentile(means, [2.5, 97.5]), atol=0.03
    )
    assert scores.interval(values) == scores.interval(values)


def test_interval_of_equal_values_is_that_value():
    assert scores.interval([0.5, 0.5, 0.5]) == (0.5, 0.5)


@pytest.mark.parametrize("values", [[], [0.8], [0.8, float("nan")]])
def test_interval_refuses_what_has_no_spread(values):
    with pytest.raises(ValueError, match=r"^values: expected at least two finite numbers, got"):
        scores.interval(values)


def test_pairs_judge_by_paired_differences():
    """Each seed moves all scores by far more than the machines differ."""
    seed = np.array([0.0, 0.1, 0.2, 0.3, 0.4])
    small = np.array([0.009, 0.011, 0.010, 0.012, 0.008])
    table = pd.DataFrame(
        {"a": seed, "b": seed + small, "c": seed + np.array([2, -2, 1, -1, 0]) / 100}
    )
    judged = scores.pairs(table).set_index(["first", "second"])
    assert judged.loc[("a", "b"), "verdict"] == "worse"
    assert judged.loc[("a", "b"), "difference"] == pytest.approx(-0.01)
    assert judged.loc[("a", "b"), "wins"] == 0
    assert judged.loc[("a", "c"), "verdict"] == "no difference"
    assert scores.pairs(table[["b", "a"]])["verdict"].item() == "better"


def test_exam_scores_pick_the_loop():
    table = pd.DataFrame(
        {
            "machine": ["b", "b", "a", "a"],
            "seed": [0, 0, 0, 0],
            "loop": [1, 2, 1, 2],
            "chosen": [True, False, False, True],
            "exam_score": [0.8, 0.7, np.nan, 0.9],
        }
    )
    chosen, last = (scores.exam_scores(table, graded=graded) for graded in ("chosen", "last"))
    assert chosen.to_dict("list") == {"b": [0.8], "a": [0.9]}
    assert last.to_dict("list") == {"b": [0.7], "a": [0.9]}
    with pytest.raises(ValueError, match=r"^graded: expected 'chosen' or 'last', got 'best'$"):
        scores.exam_scores(table, graded="best")


@pytest.fixture(scope="module")
def far_piles():
    return far_back.make(words=40, study=2_000, mock_exam=50, exam=30, distances=(1, 7, 39), seed=3)


def test_score_by_distance_marks_the_chosen_loop_for_each_distance(far_piles):
    liked = far_piles.exam.liked
    half_wrong = np.where(np.arange(90) % 2, 1 - liked, liked)
    sheets = {2: np.where(np.arange(90) < 60, liked, half_wrong) * 0.8 + 0.1, 5: 1 - liked}
    run = SimpleNamespace(machine="gru", seed=7, exam_guesses=sheets, chosen_loop=2)
    table = scores.score_by_distance([run], far_piles.exam)
    assert table.values.tolist() == [["gru", 7, 1, 1.0], ["gru", 7, 7, 1.0], ["gru", 7, 39, 0.5]]


def test_score_by_distance_refuses_sheets_of_another_exam(far_piles):
    run = SimpleNamespace(machine="gru", seed=7, exam_guesses={2: np.ones(3)}, chosen_loop=2)
    with pytest.raises(ValueError, match="expected guesses for 90 texts, got 3 of gru"):
        scores.score_by_distance([run], far_piles.exam)
