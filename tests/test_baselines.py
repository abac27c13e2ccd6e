"""Readers without order, against scikit-learn's own road from texts to guesses."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from rahulml import baselines, scores
from rahulml.reviews import Pile
from rahulml.training import SealedExam


def padded(piles, places):
    """Put padding in front of some reviews, as short ones have it."""

    def shorter(pile):
        words = pile.words.copy()
        words[::3, :places] = 0
        return Pile(words, pile.liked)

    return replace(
        piles, **{name: shorter(getattr(piles, name)) for name in ("study", "mock_exam", "exam")}
    )


def texts(pile):
    return [" ".join(f"w{number}" for number in row if number) for row in pile.words]


@pytest.mark.parametrize(("machine", "longest"), [("words", 1), ("words and pairs", 2)])
def test_guesses_are_those_of_scikit_learn_from_texts(piles, machine, longest):
    piles = padded(piles, 3)
    reader = baselines.fit(machine, piles)
    shape = {"ngram_range": (1, longest), "token_pattern": r"w\d+"}
    split = CountVectorizer(**shape).build_analyzer()
    places = Counter(part for text in texts(piles.study) for part in split(text))
    known = sorted(part for part, count in places.items() if count >= baselines.LEAST)
    assert reader.dials == len(known) + 1
    oracle = make_pipeline(
        CountVectorizer(vocabulary=known, **shape),
        TfidfTransformer(),
        LogisticRegression(C=reader.strength, solver="newton-cg"),
    ).fit(texts(piles.study), piles.study.liked)
    expected = oracle.predict_proba(texts(piles.exam))[:, 1]
    np.testing.assert_allclose(reader.exam_guesses[1], expected, atol=1e-3)


def test_words_alone_know_no_order_and_pairs_do(piles):
    shuffled = np.random.default_rng(0).permuted(piles.exam.words, axis=1)
    words, pairs = (baselines.fit(machine, piles) for machine in baselines.READERS)
    np.testing.assert_allclose(words.guesses(shuffled), words.exam_guesses[1], atol=1e-12)
    assert abs(pairs.guesses(shuffled) - pairs.exam_guesses[1]).mean() > 0.01


def test_padding_parts_neighbours_and_counts_for_nothing(piles):
    reader = baselines.fit("words and pairs", piles)
    wide = np.zeros((len(piles.exam), 20), np.int32)
    wide[:, 5:13] = piles.exam.words
    np.testing.assert_allclose(reader.guesses(wide), reader.exam_guesses[1], atol=1e-12)
    apart = np.zeros((len(piles.exam), 15), np.int32)
    apart[:, ::2] = piles.exam.words
    words = baselines.fit("words", piles)
    np.testing.assert_allclose(words.guesses(apart), words.exam_guesses[1], atol=1e-12)
    assert abs(reader.guesses(apart) - reader.exam_guesses[1]).mean() > 0.01


def test_mock_exam_chooses_the_strength(piles):
    reader = baselines.fit("words", piles)
    scored = reader.history["mock_score"]
    assert list(reader.history.index) == list(baselines.STRENGTHS)
    assert reader.strength == scored.idxmax()
    assert reader.score(piles.mock_exam) == scored.max()
    assert reader.score(piles.study) == reader.history.loc[reader.strength, "study_score"]


def test_exams_labels_are_not_looked_at(piles):
    turned = replace(piles, exam=Pile(piles.exam.words, 1 - piles.exam.liked))
    guesses = [baselines.fit("words", one).exam_guesses[1] for one in (piles, turned)]
    np.testing.assert_array_equal(*guesses)
    assert baselines.fit("words", replace(piles, exam=None)).exam_guesses == {}


def test_sheet_lies_beside_the_machines(piles):
    reader = baselines.fit("words", piles)
    guesses = {"lstm": np.random.default_rng(0).random((3, 80)), "words": reader.exam_guesses[1]}
    sheets = scores.sheets(guesses, piles.exam.liked)
    assert sheets["words"].mean() == pytest.approx(reader.score(piles.exam))
    assert scores.pairs(sheets)["second"].tolist() == ["words"]


def test_sealed_exam_grades_it_once(piles):
    exam = SealedExam(piles.exam)
    reader = baselines.fit("words", piles)
    assert exam.grade(reader).chosen == pytest.approx(reader.score(piles.exam))
    with pytest.raises(ValueError, match=r"^run: expected a machine that was not graded yet"):
        exam.grade(reader)


def test_fit_refuses(piles):
    with pytest.raises(ValueError, match=r"^machine: expected 'words' or 'words and pairs', got"):
        baselines.fit("lstm", piles)
    for study in (
        Pile(piles.study.words, np.ones_like(piles.study.liked)),
        Pile(np.zeros_like(piles.study.words), piles.study.liked),
    ):
        with pytest.raises(ValueError, match=r"^study: expected words, liked and not liked, got"):
            baselines.fit("words", replace(piles, study=study))
