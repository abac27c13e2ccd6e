"""The scan against the walk, and the walk against plain Python."""

import itertools

import numpy as np
import pytest

from rahulml import scan


def drawn(rng, batch, words, units):
    keeps = rng.uniform(-1, 1, (batch, words, units))
    deposits = rng.normal(size=keeps.shape)
    return keeps, deposits, rng.normal(scale=3, size=(batch, units))


def by_python(keeps, deposits, cell_state):
    """Walk each slot of each review by itself, number by number."""
    found = np.empty(keeps.shape)
    for review, slot in np.ndindex(keeps.shape[0], keeps.shape[2]):
        held = cell_state[review, slot]
        for t in range(keeps.shape[1]):
            held = keeps[review, t, slot] * held + deposits[review, t, slot]
            found[review, t, slot] = held
    return found


SHAPES = [(1, 1, 1), (2, 2, 3), (1, 3, 2), (3, 4, 1), (2, 5, 5), (1, 7, 2), (2, 31, 3), (1, 64, 4)]


@pytest.mark.parametrize("shape", [*SHAPES, (1, 97, 1), (3, 100, 8), (1, 1000, 2)])
@pytest.mark.parametrize("seed", range(3))
def test_scan_and_walk_give_what_plain_python_gives(shape, seed):
    keeps, deposits, first = drawn(np.random.default_rng([seed, *shape]), *shape)
    for start in (first, None):
        expected = by_python(keeps, deposits, np.zeros_like(first) if start is None else start)
        for read in (scan.walk, scan.scan):
            found = read(keeps, deposits, start)
            np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def test_memory_that_is_kept_whole_is_the_sum_of_what_came_in():
    deposits = np.random.default_rng(0).normal(size=(2, 50, 3))
    found = scan.scan(np.ones_like(deposits), deposits, np.full((2, 3), 7.0))
    np.testing.assert_allclose(found, 7 + np.cumsum(deposits, axis=1), rtol=0, atol=1e-12)


def test_composed_maps_do_what_both_do_one_after_the_other():
    first, then = scan.Map(0.5, 1.0), scan.Map(0.25, -2.0)
    both = scan.compose(first, then)
    for held in (0.0, 4.0, -1.5):
        after_first = first.keep * held + first.deposit
        assert both.keep * held + both.deposit == then.keep * after_first + then.deposit


def test_maps_compose_in_any_brackets_and_not_in_any_order():
    a, b, c = scan.Map(0.5, 1.0), scan.Map(0.25, -2.0), scan.Map(-1.0, 4.0)
    assert scan.compose(scan.compose(a, b), c) == scan.compose(a, scan.compose(b, c))
    assert scan.compose(a, b) != scan.compose(b, a)


@pytest.mark.parametrize("words", [1, 2, 3, 4, 5, 8, 13, 64, 100])
def test_rounds_count_what_the_scan_composes(words, monkeypatch):
    composed = []

    def counting(first, then, compose=scan.compose):
        composed.append(first.keep.shape[1])
        return compose(first, then)

    monkeypatch.setattr(scan, "compose", counting)
    scan.scan(*drawn(np.random.default_rng(0), 1, words, 1))
    counted = [count for count in composed if count]
    assert sum(counted) == sum(scan.rounds(words))
    assert sorted(counted) == sorted(scan.rounds(words))
    assert sum(scan.rounds(words)) < 2 * words
    assert len(scan.rounds(words)) <= 2 * np.log2(words)


def test_float32_stays_and_mixes_to_float64():
    keeps, deposits, first = (
        x.astype(np.float32) for x in drawn(np.random.default_rng(0), 2, 5, 3)
    )
    for read in (scan.walk, scan.scan):
        assert read(keeps, deposits, first).dtype == np.float32
        assert read(keeps, deposits).dtype == np.float32
        assert read(keeps, deposits, first.astype(float)).dtype == np.float64
        assert read(keeps, deposits.astype(float), first).dtype == np.float64
        finer = drawn(np.random.default_rng(0), 2, 5, 3)[0]
        np.testing.assert_array_equal(read(finer, deposits), read(finer, deposits.astype(float)))


def test_what_came_in_is_left_as_it_was():
    given = drawn(np.random.default_rng(0), 2, 6, 3)
    before = [part.copy() for part in given]
    for read in (scan.walk, scan.scan):
        read(*given)[:] = 0
    one_word = [part[:, :1] for part in given[:2]]
    scan.scan(*one_word)[:] = 0
    assert all(map(np.array_equal, given, before))


@pytest.mark.parametrize("read", [scan.walk, scan.scan])
@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"keeps": np.zeros((2, 0, 3))},
            r"keeps: expected shape \(batch, timesteps, units\), .*got \(2, 0, 3\)",
        ),
        ({"keeps": np.zeros((4, 3))}, r"keeps: expected shape .*, got \(4, 3\)"),
        ({"keeps": np.full((2, 4, 3), 1.5)}, r"keeps: expected numbers in -1..1, got 1.5"),
        ({"deposits": np.zeros((2, 4, 1))}, r"deposits: expected shape \(2, 4, 3\), got"),
        ({"deposits": np.full((2, 4, 3), np.nan)}, "deposits: expected finite numbers, got nan"),
        ({"cell_state": np.zeros(3)}, r"cell_state: expected shape \(2, 3\), got \(3,\)"),
        ({"cell_state": "nothing"}, "cell_state: expected real numbers, got 'nothing'"),
    ],
)
def test_what_cannot_be_read_is_refused(read, changed, message):
    fitting = {"keeps": np.zeros((2, 4, 3)), "deposits": np.zeros((2, 4, 3)), "cell_state": None}
    with pytest.raises(ValueError, match=message):
        read(**fitting | changed)


@pytest.mark.parametrize("words", [0, -1, True, 2.0, "four"])
def test_rounds_want_a_whole_number_of_words(words):
    with pytest.raises(ValueError, match="words: expected a whole number of at least 1, got"):
        scan.rounds(words)


def test_any_tree_over_the_words_gives_the_same_map():
    """All five ways to put brackets around four words."""
    maps = [
        scan.Map(k, d) for k, d in zip((0.5, 0.9, -0.4, 0.8), (1.0, -2.0, 0.3, 0.7), strict=True)
    ]

    def trees(row):
        if len(row) == 1:
            yield row[0]
        for cut in range(1, len(row)):
            for left, right in itertools.product(trees(row[:cut]), trees(row[cut:])):
                yield scan.compose(left, right)

    found = list(trees(maps))
    assert len(found) == 5
    for whole in found:
        np.testing.assert_allclose(whole, found[0], rtol=0, atol=1e-15)
