"""Verdicts against made-up worlds whose truth is known, and against sums done another way."""

import itertools
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from rahulml import far_back, scores


def named(right):
    return dict(zip("abcdefgh", right, strict=False))


def made_up(seed=0, **world):
    return named(scores.world(np.random.default_rng(seed), **world))


# --- pairs ---


def test_pairs_name_each_pair_once_in_the_order_of_the_sheets():
    sheets = made_up(machines=3, reviews=200)
    long = "a machine with quite a long name, " * 20
    table = scores.pairs({"z": sheets["a"], long: sheets["b"], "a": sheets["c"]})
    assert list(table) == ["first", "second", "difference", "low", "high", "p", "verdict"]
    assert table[["first", "second"]].values.tolist() == [["z", long], ["z", "a"], [long, "a"]]


def test_difference_is_that_of_the_shares_right():
    sheets = made_up(machines=4, reviews=300)
    for row in scores.pairs(sheets).itertuples():
        gap = sheets[row.first].mean() - sheets[row.second].mean()
        assert row.difference == pytest.approx(gap, abs=1e-12)
        assert row.low < row.difference < row.high


def test_table_is_that_of_the_crossed_model():
    """Seeds' part from the table of machines and seeds, exam's part from loops, Holm by hand."""
    right = scores.world(
        np.random.default_rng(4),
        **{"machines": 4, "reviews": 120, "seeds": 4},
        **{"level": [0.9, 0.75, 0.6, 0.9], "spread": [0.05, 0.05, 0.05, 0.15]},
    )
    machines, seeds, reviews = right.shape
    share = right.mean(axis=2)
    own = share.var(axis=1, ddof=1)
    left = share - share.mean(axis=1, keepdims=True) - share.mean(axis=0) + share.mean()
    degrees = (machines - 1) * (seeds - 1)
    pooled = 2 * (left**2).sum() / degrees

    intervals, alone = [], []
    for a, b in itertools.combinations(range(machines), 2):
        d = right[a].astype(float) - right[b]
        mean, of_seed, of_review = d.mean(), d.mean(axis=1), d.mean(axis=0)
        rest = sum(
            (d[s, i] - of_seed[s] - of_review[i] + mean) ** 2
            for s, i in itertools.product(range(seeds), range(reviews))
        ) / ((seeds - 1) * (reviews - 1))
        starts = (pooled + max(own[a] + own[b] - 2 * own.mean(), 0)) / seeds
        of_both = of_review.var(ddof=1) / reviews
        variance = starts + max(of_both - rest / seeds / reviews, 0)
        twice = max(of_both, rest / seeds / reviews)
        freedom = variance**2 / (starts**2 / degrees + twice**2 / (reviews - 1))
        intervals.append(stats.t(freedom, mean, variance**0.5).interval(0.95))
        alone.append(2 * stats.t.sf(abs(mean) / variance**0.5, freedom))
    p = np.empty(len(alone))
    for step, pair in enumerate(np.argsort(alone)):
        p[pair] = max((len(alone) - step) * alone[pair], *p[np.argsort(alone)[:step]], 0)
    table = scores.pairs(named(right))
    np.testing.assert_allclose(table[["low", "high"]], np.clip(intervals, -1, 1), rtol=1e-9)
    np.testing.assert_allclose(table["p"], np.minimum(p, 1), rtol=1e-9)
    assert (table["p"] < 1).sum() > 1


@pytest.mark.parametrize(
    ("level", "seeds", "verdict"),
    [((0.84, 0.78), 5, "told apart"), ((0.84, 0.84), 40, "about the same"),
     ((0.84, 0.83), 3, "undecided")],
)  # fmt: skip
def test_verdict_says_which_of_three(level, seeds, verdict):
    sheets = made_up(machines=2, level=level, seeds=seeds, spread=0.002)
    assert scores.pairs(sheets)["verdict"].item() == verdict


def test_margin_says_what_counts_as_about_the_same():
    sheets = made_up(machines=2, seeds=40, spread=0.002)
    low, high = scores.pairs(sheets)[["low", "high"]].iloc[0]
    reach = max(-low, high)
    for margin, verdict in ((reach, "about the same"), (0.99 * reach, "undecided")):
        assert scores.pairs(sheets, margin=margin)["verdict"].item() == verdict


def test_other_machines_lend_a_pair_their_spread():
    """Two machines that happen to differ by the same at each seed: that was luck."""
    right = scores.world(np.random.default_rng(0), machines=5, reviews=1_000)
    lucky = right.copy()
    for seed in range(5):  # as many right as machine 0, plus three
        wrong = np.flatnonzero(~right[0, seed])
        lucky[1, seed] = right[0, seed]
        lucky[1, seed, wrong[:3]] = True
    widths = {k: np.ptp(scores.pairs(named(lucky[:k]))[["low", "high"]].iloc[0]) for k in (2, 5)}
    assert widths[5] > 0.005
    assert scores.pairs(named(lucky[:2]))["verdict"].item() == "undecided"


def test_machine_with_wide_starts_gets_wide_intervals():
    right = scores.world(
        np.random.default_rng(0), machines=5, spread=[0.003] * 4 + [0.03], seeds=10
    )
    table = scores.pairs(named(right))
    width = table["high"] - table["low"]
    assert width[table["second"] == "e"].min() > width[table["second"] != "e"].max()


def test_reader_without_start_is_judged_beside_machines_that_have_one():
    rng = np.random.default_rng(0)
    right = scores.world(
        rng, machines=4, level=[0.84, 0.84, 0.90, 0.84], spread=[0.004, 0.004, 0, 0]
    )
    right[2:] = right[2:, :1]
    table = scores.pairs(named(right)).set_index(["first", "second"])
    assert table.loc[("c", "d"), "verdict"] == "told apart"
    assert table.loc[("a", "c"), "verdict"] == "told apart"
    assert table.loc[("a", "d"), "verdict"] != "told apart"
    alone = scores.pairs({name: right["abcd".index(name)] for name in "cd"})
    assert alone["verdict"].item() == "undecided"


@pytest.mark.parametrize("seeds", [3, 5])
@pytest.mark.parametrize("luck", [None, lambda rng, shape: rng.standard_exponential(shape) - 1])
def test_equal_machines_are_seldom_told_apart(seeds, luck):
    """400 worlds: a true rate of 5.5 % gives more than 8 % once in a hundred times."""
    skewed = {} if luck is None else {"luck": luck}
    assert scores.false_alarms(worlds=400, seeds=seeds, reviews=600, **skewed) < 0.08


def test_interval_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(0)
    level = np.array([0.84, 0.83, 0.84])
    held = []
    for _ in range(300):
        table = scores.pairs(named(scores.world(rng, machines=3, level=level, reviews=1_000)))
        true = level[[0, 0, 1]] - level[[1, 2, 2]]
        held.append((table["low"] <= true) & (true <= table["high"]))
    assert 0.93 < np.mean(held) < 0.99


def test_exam_is_a_source_of_luck_that_more_seeds_do_not_mend():
    """Endless seeds on 500 reviews: what is left is the exam, and it is not small."""
    sheets = made_up(machines=2, seeds=60, reviews=500, spread=0.001)
    low, high = scores.pairs(sheets)[["low", "high"]].iloc[0]
    true = np.random.default_rng(1)
    means = [
        np.subtract(
            *scores.world(true, machines=2, seeds=60, reviews=500, spread=0.001).mean((1, 2))
        )
        for _ in range(200)
    ]
    assert (high - low) / 2 == pytest.approx(1.97 * np.std(means), rel=0.3)


# --- what gives no spread to judge by, and what is no sheet ---


def test_spread_from_start_to_start_alone_is_judged_with_the_freedom_of_one_start_more():
    """At one start all right, at the other none: student's t of one degree, at 1."""
    sheets = {"lucky at times": [[True, True], [False, False]], "never": [[False] * 2] * 2}
    assert scores.pairs(sheets)["p"].item() == pytest.approx(0.5)


def test_p_is_a_chance():
    right = scores.world(np.random.default_rng(0), machines=4, seeds=3, reviews=200)
    assert scores.pairs(named(right))["p"].max() == 1


@pytest.mark.parametrize(
    "sheets",
    [
        {"a": np.ones((5, 9), bool), "b": np.zeros((5, 9), bool)},
        {"a": np.ones((5, 9), bool), "b": np.ones((5, 9), bool)},
        {"a": np.tile(np.arange(12) < 10, (3, 1)), "b": np.tile(np.arange(12) < 9, (3, 1))},
        {"a": np.eye(3, 12) == 0, "b": np.eye(3, 12, 4) == 0},
        {"a": np.tri(4, 9) > 0, "b": np.tri(4, 9) > 0},
    ],
    ids=["all and none", "all and all", "10-10-10 and 9-9-9", "11-11-11 twice", "identical"],
)
def test_no_spread_is_no_certainty(sheets):
    (row,) = scores.pairs(sheets).itertuples()
    assert (row.low, row.high, row.p, row.verdict) == (-1, 1, 1, "undecided")
    assert np.isinf(scores.needed(sheets).iloc[0, -1])


def test_identical_sheets_stay_undecided_beside_others():
    right = scores.world(np.random.default_rng(0), machines=3)
    table = scores.pairs({"a": right[0], "again": right[0], "b": right[1], "c": right[2]})
    verdict = table.set_index(["first", "second"])["verdict"]
    assert verdict[("a", "again")] == "undecided"


GOOD = np.tri(3, 8) > 0


@pytest.mark.parametrize("judge", [scores.pairs, scores.needed, scores.stuck])
@pytest.mark.parametrize(
    ("sheets", "message"),
    [
        ({}, r"^sheets: expected those of at least two machines, got {}$"),
        ({"a": GOOD}, r"^sheets: expected those of at least two machines, got"),
        ([GOOD, GOOD], r"^sheets: expected those of at least two machines, got"),
        ({"a": GOOD, "b": GOOD[:2]}, r"^sheets\['b'\]: expected shape \(3, 8\), got \(2, 8\)$"),
        ({"a": GOOD, "b": GOOD[:, :7]}, r"^sheets\['b'\]: expected shape \(3, 8\), got \(3, 7\)$"),
        ({"a": GOOD, "b": GOOD * 1}, r"^sheets\['b'\]: expected bools .* got int64 of"),
        ({"a": GOOD, "b": GOOD * np.nan}, r"^sheets\['b'\]: expected bools .* got float64 of"),
        ({"a": GOOD[:1], "b": GOOD[:1]}, r"^sheets\['a'\]: .*at least two of each, got bool of sh"),
        ({"a": GOOD[:, :1], "b": GOOD[:, :1]}, r"^sheets\['a'\]: .*of shape \(3, 1\)$"),
        ({"a": GOOD[:, :0], "b": GOOD[:, :0]}, r"^sheets\['a'\]: .*of shape \(3, 0\)$"),
        ({"a": GOOD[0], "b": GOOD[0]}, r"^sheets\['a'\]: .*of shape \(8,\)$"),
        ({"a": [[True], [True, False]], "b": GOOD}, r"^sheets\['a'\]: expected bools"),
        ({"a": None, "b": GOOD}, r"^sheets\['a'\]: expected bools"),
    ],
)
def test_what_is_no_sheet_is_refused(judge, sheets, message):
    with pytest.raises(ValueError, match=message):
        judge(sheets)


@pytest.mark.parametrize("margin", [-0.1, 1.5, float("nan"), "wide"])
def test_pairs_refuses_what_is_no_margin(margin):
    with pytest.raises(ValueError, match=r"^margin: expected a number in 0..1, got"):
        scores.pairs({"a": GOOD, "b": ~GOOD}, margin=margin)


# --- how much it takes ---


def test_needed_seeds_give_the_chance_they_promise():
    """The power of so many seeds, measured; two-sided, to within three standard errors."""
    level, spread = [0.845, 0.833], 0.005
    rng = np.random.default_rng(0)
    found = [
        scores.needed(named(scores.world(rng, machines=2, level=level, spread=spread))).iloc[0, -1]
        for _ in range(60)
    ]
    seeds = round(np.median(found))
    assert 4 < seeds < 40
    told = [
        scores.pairs(named(scores.world(rng, machines=2, level=level, spread=spread, seeds=seeds)))[
            "verdict"
        ].item()
        == "told apart"
        for _ in range(100)
    ]
    assert 0.65 < np.mean(told) < 0.97


def test_needed_seeds_grow_as_the_gap_shrinks_and_a_small_exam_ends_it():
    sheets = made_up(5, machines=3, level=[0.86, 0.84, 0.835], seeds=10, reviews=3_000)
    table = scores.needed(sheets, reviews=[300, 3_000, 300_000]).set_index(["first", "second"])
    assert list(table) == ["difference", 300, 3_000, 300_000]
    assert (table[3_000] <= table[300]).all()
    assert (table[300_000] <= table[3_000]).all()
    assert table.loc[("a", "b"), 3_000] < table.loc[("b", "c"), 3_000]
    assert np.isinf(table.loc[("b", "c"), 300])


def test_needed_seeds_of_these_sheets_never_move(monkeypatch):
    two = named(scores.world(np.random.default_rng(3), machines=2, level=[0.845, 0.835]))
    three = made_up(2, machines=3, level=[0.86, 0.84, 0.835], seeds=10, reviews=3_000)
    table = scores.needed(three, reviews=[3_000, 30_000])
    assert table[[3_000, 30_000]].values.tolist() == [[4, 4], [3, 3], [np.inf, 13]]
    for most, seeds in ((1_000, [21, 12]), (21, [21, 12]), (20, [np.inf, 12])):
        monkeypatch.setattr(scores, "MOST_SEEDS", most)
        assert scores.needed(two, reviews=[5_000, 50_000]).iloc[0, 3:].tolist() == seeds
    far = named(scores.world(np.random.default_rng(0), machines=2, level=[0.9, 0.6]))
    assert [scores.needed(far, chance=chance).iloc[0, 3] for chance in (0.8, 1)] == [2, 3]


def test_reader_without_seeds_leaves_what_two_machines_vary_by_alone():
    rng = np.random.default_rng(6)
    two = named(scores.world(rng, machines=2, spread=0.01))
    [counter] = scores.world(rng, machines=1, seeds=2)
    three = two | {"counter": np.repeat(counter[:1], len(next(iter(two.values()))), axis=0)}
    alone, among = (scores.pairs(sheets).iloc[0] for sheets in (two, three))
    ends = ["low", "high"]
    np.testing.assert_allclose(alone[ends].astype(float), among[ends].astype(float), rtol=1e-9)


def test_reader_without_seeds_is_judged_beside_a_single_machine():
    one, counter = scores.world(np.random.default_rng(6), machines=2, spread=0.01)
    (row,) = scores.pairs({"one": one, "counter": np.tile(counter[0], (len(one), 1))}).itertuples()
    assert -0.1 < row.low < row.difference < row.high < 0.1


def test_one_review_more_at_one_seed_is_a_spread():
    one, counter = np.arange(30) < [[20], [21]], np.arange(30) < [[22], [22]]
    (row,) = scores.pairs({"one": one, "counter": counter}).itertuples()
    assert -1 < row.low < row.high < 1


def test_no_guesses_are_no_sheets():
    assert scores.sheets({}, [0, 1]) == {}


def test_needed_refuses_an_exam_of_one_review_and_a_chance_above_one():
    with pytest.raises(ValueError, match=r"^reviews: expected a whole number of at least 2, got 1"):
        scores.needed({"a": GOOD, "b": ~GOOD}, reviews=[1])
    with pytest.raises(ValueError, match=r"^chance: expected a number in 0..1, got 80"):
        scores.needed({"a": GOOD, "b": ~GOOD}, chance=80)


# --- sheets, stuck, worlds ---


def test_sheets_mark_what_was_written():
    guesses = {"b": [[0.9, 0.5, 0.51], [0.1, 0.2, 0.3]], "a": [0.6, 0.6, 0.6]}
    marked = scores.sheets(guesses, [1, 0, 0])
    assert list(marked) == ["b", "a"]
    assert marked["b"].tolist() == [[True, True, False], [False, True, True]]
    assert marked["a"].tolist() == [[True, False, False]] * 2


@pytest.mark.parametrize(
    ("guesses", "liked", "message"),
    [
        ({"a": [[0.5, 1.5]]}, [0, 1], r"^guesses\['a'\]: expected numbers in 0..1, got 1.5$"),
        ({"a": [[0.5, np.nan]]}, [0, 1], r"^guesses\['a'\]: expected numbers in 0..1, got nan$"),
        ({"a": [[0.5, 0.5]] * 3, "b": [[0.5, 0.5]] * 2}, [0, 1],
         r"^guesses\['b'\]: expected shape \(3, 2\), got \(2, 2\)$"),
        ({"a": [[0.5, 0.5]]}, [0, 1, 1], r"^guesses\['a'\]: expected shape \(1, 3\), got"),
        ({"a": [[0.5, 0.5]]}, [1, 0.5], r"^liked: expected 0 or 1, got 0.5$"),
        ({"a": [[0.5, 0.5]]}, [0, 2], r"^liked: expected numbers in 0..1, got 2"),
        ({"a": [[0.5, 0.5]]}, [[0, 1]], r"^liked: expected shape \(reviews,\), got \(1, 2\)$"),
    ],
)  # fmt: skip
def test_sheets_refuse(guesses, liked, message):
    with pytest.raises(ValueError, match=message):
        scores.sheets(guesses, liked)


def test_stuck_counts_the_seeds_at_guessing():
    """Of 100 reviews three standard errors are 15."""
    shares = {"a": [50, 65, 66, 90], "b": [40, 99, 99, 99]}
    sheets = {name: np.arange(100) < np.reshape(right, (-1, 1)) for name, right in shares.items()}
    table = scores.stuck(sheets)
    assert table.loc["a"].tolist() == [4, 2, 0.5, 0.9]
    assert table.loc["b"].tolist() == [4, 1, 0.4, 0.99]
    assert scores.stuck(sheets, guessing=0.7)["stuck"].tolist() == [3, 1]
    assert (*table, table.index.name) == ("seeds", "stuck", "lowest", "highest", "machine")
    with pytest.raises(ValueError, match=r"^guessing: expected a number in 0..1, got 1.5$"):
        scores.stuck(sheets, guessing=1.5)


def test_world_has_the_level_and_spread_it_is_asked_for():
    rng = np.random.default_rng(0)
    right = scores.world(rng, machines=2, seeds=400, reviews=2_000, level=[0.9, 0.7], spread=0.05)
    of_seed = right.mean(axis=2)
    np.testing.assert_allclose(of_seed.mean(axis=1), [0.9, 0.7], atol=0.02)
    np.testing.assert_allclose(of_seed.std(axis=1), 0.05, atol=0.006)
    np.testing.assert_allclose(np.corrcoef(of_seed)[0, 1], 1 / 3, atol=0.12)


def test_world_is_as_large_as_the_book_has_it_unless_told():
    assert scores.world(np.random.default_rng(0)).shape == (5, 5, 4_979)


def test_false_alarms_are_counted_in_the_worlds_that_are_asked_for():
    rng = np.random.default_rng(3)
    small = {"machines": 3, "seeds": 2, "reviews": 100, "spread": 0.1}
    told = [
        (scores.pairs(named(scores.world(rng, **small)))["verdict"] == "told apart").any()
        for _ in range(60)
    ]
    assert 0 < np.mean(told) == scores.false_alarms(worlds=60, seed=3, **small)


def test_false_alarms_are_the_same_from_the_same_seed():
    rates = [scores.false_alarms(worlds=40, reviews=60, seed=seed) for seed in (0, 0)]
    assert rates[0] == rates[1]
    equal = {"machines": 2, "reviews": 20, "seeds": 2}
    assert scores.false_alarms(worlds=1_000, seed=0, **equal) == scores.false_alarms(**equal)
    with pytest.raises(ValueError, match=r"^seed: expected a whole number of at least 0, got -1$"):
        scores.false_alarms(seed=-1)
    with pytest.raises(ValueError, match=r"^worlds: expected a whole number of at least 1, got 0$"):
        scores.false_alarms(worlds=0)


# --- one number a seed ---


def test_interval_holds_the_middle_of_means_drawn_again():
    values = np.random.default_rng(1).normal(size=40)
    means = np.random.default_rng(2).choice(values, (20_000, 40)).mean(axis=1)
    np.testing.assert_allclose(
        scores.interval(values), np.percentile(means, [2.5, 97.5]), atol=0.03
    )
    assert scores.interval(values) == pytest.approx((-0.293986, 0.273936), abs=1e-6), "once for all"
    assert scores.interval([0.7, 0.5]) == (0.5, 0.7)


def test_interval_of_equal_values_is_that_value():
    assert scores.interval([0.5, 0.5, 0.5]) == scores.interval([0.5, 0.5]) == (0.5, 0.5)


@pytest.mark.parametrize("values", [[], [0.8], [0.8, float("nan")], [0.8, None]])
def test_interval_refuses_what_has_no_spread(values):
    with pytest.raises(ValueError, match=r"^values: expected at least two finite numbers, got"):
        scores.interval(values)


def test_paired_by_seed_judge_by_paired_differences():
    """Each seed moves all scores by far more than the machines differ."""
    seed = np.array([0.0, 0.1, 0.2, 0.3, 0.4])
    small = np.array([0.009, 0.011, 0.010, 0.012, 0.008])
    table = pd.DataFrame(
        {"a": seed, "b": seed + small, "c": seed + np.array([2, -2, 1, -1, 0]) / 100}
    )
    judged = scores.paired_by_seed(table).set_index(["first", "second"])
    assert judged.loc[("a", "b"), "verdict"] == "worse"
    assert judged.loc[("a", "b"), "difference"] == pytest.approx(-0.01)
    assert judged.loc[("a", "b"), "wins"] == 0
    assert list(judged) == ["difference", "low", "high", "wins", "verdict"]
    tied = pd.DataFrame({"a": seed, "b": seed})  # no win, and no reason to call one better
    assert scores.paired_by_seed(tied)[["wins", "verdict"]].values.tolist() == [
        [0, "no difference"]
    ]
    assert judged.loc[("a", "c"), "verdict"] == "no difference"
    turned = scores.paired_by_seed(table[["b", "a"]])
    assert turned[["wins", "verdict"]].values.tolist() == [[5, "better"]]


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
    assert scores.exam_scores(table).equals(chosen)
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
    assert list(table) == ["machine", "seed", "distance", "score"]
    undecided = SimpleNamespace(**vars(run) | {"exam_guesses": {2: np.full(90, 0.5)}})
    found = scores.score_by_distance([undecided], far_piles.exam)["score"]
    assert found.mean() == pytest.approx(1 - liked.mean()), "a guess of one half is thumbs down"


def test_score_by_distance_refuses_sheets_of_another_exam(far_piles):
    run = SimpleNamespace(machine="gru", seed=7, exam_guesses={2: np.ones(3)}, chosen_loop=2)
    with pytest.raises(ValueError, match="expected guesses for 90 texts, got 3 of gru"):
        scores.score_by_distance([run], far_piles.exam)
    run.chosen_loop = 1
    with pytest.raises(ValueError, match="expected guesses for 90 texts, got 0 of gru"):
        scores.score_by_distance([run], far_piles.exam)


def test_mock_sheets_mark_the_loop_that_is_asked_for():
    liked = np.array([1, 0, 1], np.int32)
    right, wrong = np.array([0.9, 0.1, 0.7]), np.array([0.2, 0.8, 0.9])
    runs = [
        SimpleNamespace(machine="gru", chosen_loop=1, last_loop=2, mock_guesses=(right, wrong)),
        SimpleNamespace(machine="gru", chosen_loop=2, last_loop=2, mock_guesses=(wrong, right)),
    ]
    pile = SimpleNamespace(liked=liked)
    assert scores.mock_sheets(runs, pile)["gru"].tolist() == [[True] * 3] * 2
    last = scores.mock_sheets(runs, pile, graded="last")["gru"].tolist()
    assert last == [[False, False, True], [True] * 3]
    with pytest.raises(ValueError, match=r"^graded: expected 'chosen' or 'last', got 'best'$"):
        scores.mock_sheets(runs, pile, graded="best")


# --- is a guess a probability? ---


def test_reliability_counts_what_lies_in_each_part():
    rng = np.random.default_rng(4)
    guesses = np.concatenate([rng.random(300), [0, 0.25, 0.5, 1]])
    liked = rng.integers(0, 2, len(guesses))
    table = scores.reliability(guesses, liked, bins=4)
    for row in table.itertuples():
        inside = [
            (guess, label)
            for guess, label in zip(guesses.tolist(), liked.tolist(), strict=True)
            if row.low <= guess < row.high or guess == row.high == 1
        ]
        assert row.reviews == len(inside)
        assert row.guess == pytest.approx(sum(guess for guess, _ in inside) / len(inside))
        assert row.liked == pytest.approx(sum(label for _, label in inside) / len(inside))
        luck = sum(guess * (1 - guess) for guess, _ in inside) ** 0.5 / len(inside)
        assert row.error == pytest.approx(luck)


def test_reliability_has_a_row_also_for_parts_above_all_guesses():
    table = scores.reliability([0.1, 0.3], [0, 1], bins=4)
    assert table["reviews"].tolist() == [1, 1, 0, 0]
    assert table[["guess", "liked", "error"]].isna().sum().tolist() == [2, 2, 2]


def test_reliability_of_probabilities_is_within_its_error_and_of_boasts_is_not():
    rng = np.random.default_rng(0)
    chance = rng.random(20_000)
    liked = (rng.random(20_000) < chance).astype(int)
    true = scores.reliability(chance, liked)
    assert (abs(true["liked"] - true["guess"]) < 3.5 * true["error"]).all()
    boast = scores.reliability(np.where(chance > 0.5, 0.99, 0.01), liked)
    some = (chance > 0.5).sum()
    assert boast["reviews"].tolist() == [20_000 - some, *[0] * 8, some]
    assert boast["liked"].iloc[-1] == pytest.approx(0.75, abs=0.02)
    assert boast.loc[4, ["guess", "liked", "error"]].isna().all()


@pytest.mark.parametrize(
    ("guesses", "liked", "bins", "message"),
    [
        ([0.5, 1.5], [0, 1], 10, r"^guesses: expected numbers in 0..1, got 1.5$"),
        ([0.5, np.nan], [0, 1], 10, r"^guesses: expected numbers in 0..1, got nan$"),
        ([0.5, 0.5], [0, 0.5], 10, r"^liked: expected 0 or 1, got 0.5$"),
        ([0.5, 0.5], [0, 2], 10, r"^liked: expected numbers in 0..1, got 2"),
        ([0.5, 0.5], [0], 10, r"^liked: expected shape \(2,\), got \(1,\)$"),
        ([], [], 10, r"^guesses: expected shape \(reviews,\), got \(0,\)$"),
        ([[0.5]], [0], 10, r"^guesses: expected shape \(reviews,\), got \(1, 1\)$"),
        ([0.5], [1], 0, r"^bins: expected a whole number of at least 1, got 0$"),
    ],
)
def test_reliability_refuses_what_is_no_guess_or_key(guesses, liked, bins, message):
    with pytest.raises(ValueError, match=message):
        scores.reliability(guesses, liked, bins)
