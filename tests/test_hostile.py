"""Careless and hostile input: refused in a sentence that a person can act on, in little memory.

A message names the file and what was expected, has at most 300 characters, and nothing is written.
"""

import bz2
import gzip
import io
import json
import lzma
import os
import pickle
import re
import tarfile
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rahulml import reviews
from rahulml.reviews import sources
from rahulml.reviews.labels import Labels


def table(n=40):
    return pd.DataFrame(
        {
            "text": [f"Scene {i} was {('dull', 'warm')[i % 2]} to the end" for i in range(n)],
            "label": [i % 2 for i in range(n)],
        }
    )


def csv(**changed):
    return table().assign(**changed).to_csv(index=False)


def lines(**changed):
    """Return the table's lines, some of them (by number in the file) changed."""
    found = csv().splitlines()
    for number, line in changed.items():
        found[int(number[1:]) - 1] = line
    return "\n".join(found) + "\n"


def jsonl(*more):
    return table().to_json(orient="records", lines=True) + "".join(f"{line}\n" for line in more)


def zipped(*members, **options):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", **options) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return file.getvalue()


def damaged(content, at=-20):
    found = bytearray(content)
    found[at] ^= 0xFF
    return bytes(found)


def encrypted():
    found = bytearray(zipped(("own.csv", csv())))
    found[6] |= 1  # in the file's own header
    found[found.index(b"PK\1\2") + 8] |= 1  # and in the archive's list
    return bytes(found)


def unknown_method():
    found = bytearray(zipped(("own.csv", csv())))
    found[8] = found[found.index(b"PK\1\2") + 10] = 97
    return bytes(found)


def tar():
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        info = tarfile.TarInfo("own.csv")
        info.size = len(csv())
        archive.addfile(info, io.BytesIO(csv().encode()))
    return file.getvalue()


def parquet(found):
    file = io.BytesIO()
    pq.write_table(pa.table(found), file)
    return file.getvalue()


class Opened:
    """What a pickle may do: run a command when it is opened."""

    def __reduce__(self):
        return os.mkdir, ("opened-by-a-pickle",)


NUMBERS = [i % 2 for i in range(40)]
XLSX = zipped(("[Content_Types].xml", "<Types/>"), ("xl/workbook.xml", "<workbook/>"))
BIG_XZ = lzma.compress(
    csv().encode(), filters=[{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 2**30}]
)

# name of the file: its content, what else is said, and what the message has to say
FILES = {
    # nothing to read
    "empty.csv": (b"", {}, "a header and rows, got an empty file"),
    "blank.csv": (b" \n\r\n\n", {}, "a header and rows, got an empty file"),
    "sep-alone.csv": (b"sep=;\n", {}, "one column of texts .* got columns without names"),
    "header.csv": (b"text,label\n", {}, "rows with a text and a label, got none among 0"),
    "commas.csv": (b"text,label\n,\n,\n", {}, "rows with a text and a label, got none among 2"),
    "five.csv": (table(4).to_csv(), {}, "enough reviews for three piles, got 4: 4 rows less"),
    "same.csv": (csv(text="The same"), {}, "enough reviews for three piles, got 0: 40 rows less"),
    # which column is which
    "no-header.csv": (csv().partition("\n")[2], {}, "one column of texts .* got columns 'Scene 0"),
    "no-label.csv": (csv().replace("label", "votes"), {}, "one column of labels .*'text', 'votes'"),
    "twice.csv": (
        csv().replace("text,label", "text,text"),
        {},
        "one column of texts .*'text', 'te",
    ),
    "both.csv": (
        table().rename(columns={"text": "review"}).assign(tweet="x").to_csv(),
        {},
        "one column of texts .* got columns 'review', 'tweet'",
    ),
    "no-such-text.csv": (csv(), {"text": "Text2"}, "one column 'Text2', as text= says, got colu"),
    "no-such-label.csv": (csv(), {"label": 3}, "one column '3', as label= says, got columns"),
    "one-for-both.csv": (csv(), {"text": "label"}, "two columns, a text and a label, got 'label'"),
    "wide.csv": (",".join(f"column {i}" for i in range(99_999)), {}, "got columns .* 99994 more"),
    "long-header.csv": (f"{'x' * 9_999},label\nText,1\n", {}, "one column of texts"),
    "quoted-header.csv": ('"text","la\nbel"\n', {}, "one column of labels|a header of names"),
    # fields and quotes
    "comma-each.csv": (csv().replace(" was", ", was"), {}, "2 fields a row .* got 3 in row 2$"),
    "comma-once.csv": (lines(l9="A, b,1"), {}, "2 fields a row .* got 3 in row 9$"),
    "comma-once.tsv": (
        csv().replace(",", "\t").replace("Scene 7", "Scene\t7"),
        {},
        "2 fields a row .* got 3 in row 9$",
    ),
    "short.csv": (lines(l9="A text without"), {}, "2 fields a row, got 1 in row 9$"),
    "open-quote.csv": (lines(l9='"A text,1'), {}, "quotes in pairs.* never closed in row 9$"),
    "swallowed.csv": (
        lines(l9='"A text,1', l20='Its end",0'),
        {},
        "each quote closed in its row, got 12 rows in one text in row 9$",
    ),
    "two-swallowed.csv": (lines(l9='"A text,1', l10='Its end",0'), {}, "got 2 rows in one text"),
    "label-first.csv": (
        table()[["label", "text"]].to_csv(index=False).replace("1,Scene 7", '1,"Scene 7')[:-1]
        + '"\n',
        {},
        "each quote closed in its row, got 33 rows in one text in row 9$",
    ),
    "quotes.csv": (lines(l9='"A "good" text",1'), {}, "quotes in pairs, .* in row 9$"),
    "many-lines.csv": (
        'text,label\n"A\ntext",1\n"B\ntext",0\n"C\ntext"\n',
        {},
        r"2 fields a row, got 1 in row 4 \(line 6\)$",
    ),
    # texts
    "no-text.csv": (lines(l9=",1"), {}, "a text in each row .*missing='drop'.* none in row 9$"),
    "no-word.csv": (lines(l9="!!!,1"), {}, "a word in each row .*missing='drop'.* none in row 9$"),
    "emoji.csv": (csv(text="👍🏽"), {}, "a word in each row .* none in row 2$"),
    "dropped.csv": (csv(text="..."), {"missing": "drop"}, "rows with a text .* none among 40$"),
    # labels
    "no-label-once.csv": (lines(l9="A text,"), {}, "a label in each row .* none in row 9$"),
    "nan.csv": (lines(l9="A text,NaN"), {}, "a label in each row .* none in row 9$"),
    "three.csv": (lines(l9="A text,maybe"), {}, "labels of one pair .* liked= .*'maybe' in row 9$"),
    "mixed.csv": (lines(l9="A text,yes"), {}, "labels of one pair .* 'yes' in row 9$"),
    "stars.csv": (
        csv(label=[1 + i % 5 for i in range(40)]),
        {},
        "labels of one pair .* got '1', '2', '3', '4', '5'; '2' in row 3$",
    ),
    "minus.csv": (csv().replace(",0", ",-1"), {}, "labels of one pair .*'-1' in row 2$"),
    "four.csv": (csv().replace(",1\n", ",4\n"), {}, "labels of one pair .*'4' in row 3$"),
    "one-two.csv": (csv().replace(",0\n", ",2\n"), {}, "labels of one pair .*'2' in row 2$"),
    "alone.csv": (csv(label=1), {}, "labels of two kinds, .* got '1' alone$"),
    "swapped.csv": (
        csv().replace("text,label", "label,text"),
        {},
        "a few kinds of label, .* more than 12 by row 14",
    ),
    "long-labels.csv": (
        csv(label=["x" * 9_999 + str(i % 3) for i in range(40)]),
        {},
        "labels of one pair",
    ),
    "not-liked.csv": (csv(), {"liked": "6"}, "the label '6', as liked= says, got '0', '1'$"),
    "half-liked.csv": (
        csv(),
        {"liked": {1: True}},
        "each label in the mapping .* '0' in row 2, too",
    ),
    "all-liked.csv": (csv(), {"liked": [0, 1]}, "labels of two kinds"),
    # letters
    "latin.csv": (csv(text="Déjà vu").encode("latin-1"), {}, "letters in utf-8, .* 0xe9 in line 2"),
    "one-byte.csv": (
        lines(l9="A \x97 text,1").encode("latin-1"),
        {},
        "utf-8, .* 0x97 in line 9; if",
    ),
    "ascii.csv": (lines(l9="Déjà,1"), {"encoding": "ascii"}, "letters in ascii, .* in line 9; if"),
    "cp1252.csv": (
        b"text,label\nA\x81,1\n",
        {"encoding": "cp1252"},
        "in cp1252, .* 0x81 in line 2",
    ),
    "cut.csv": (csv().encode("utf-16")[:-1], {}, "letters in utf-16, got other bytes in line 4"),
    "surrogate.csv": (lines().encode("utf-16-le") + b"\0\xd8\n\0", {}, "letters in utf-16-le, got"),
    "mark.csv": (csv().encode("utf-16"), {"encoding": "cp1252"}, "encoding='utf-16', as its first"),
    "random.csv": (np.random.default_rng(0).bytes(9_999), {}, "letters in utf-8, got the byte"),
    # files that are no tables
    "own.xlsx": (XLSX, {}, "In Excel: File, Save As, CSV UTF-8.* got an Excel".replace("In", "in")),
    "really-excel.csv": (XLSX, {}, "got an Excel, Word or OpenDocument file"),
    "own.xls": (b"\xd0\xcf\x11\xe0" + bytes(600), {}, "a table such as CSV .* an old Excel"),
    "own.ods": (zipped(("mimetype", "application/vnd.oasis")), {}, "OpenDocument"),
    "own.pdf": (b"%PDF-1.7\n", {}, "a table such as CSV, got a PDF"),
    "own.rtf.csv": (b"{\\rtf1 text,label", {}, "a document in rich text"),
    "own.db": (b"SQLite format 3\0" + bytes(99), {}, "got an SQLite database"),
    "own.npy": (b"\x93NUMPY\1\0", {}, "got a NumPy file"),
    "own.png": (b"\x89PNG\r\n\x1a\n", {}, "got a picture"),
    "page.csv": (b"<!DOCTYPE html><html>Not found", {}, "got a web page or XML"),
    "own.xml": (b"<?xml version='1.0'?><rows/>", {}, "got a web page or XML"),
    "pointer.csv": (b"version https://git-lfs.github.com/spec/v1\n", {}, "git lfs pull"),
    "own.pkl": (pickle.dumps(Opened()), {}, "a pickle, which is never opened"),
    "frame.csv": (pickle.dumps(table()), {}, "a pickle, which is never opened"),
    "pickle.csv.gz": (gzip.compress(pickle.dumps(Opened())), {}, "a pickle, which is never opened"),
    # packed, and damaged or not to be unpacked
    "own.tar": (tar(), {}, r"unpack it first\), got a tar archive"),
    "own.tar.gz": (gzip.compress(tar()), {}, r"unpack it first\), got a tar archive"),
    "own.csv.zst": (b"\x28\xb5\x2f\xfd" + bytes(99), {}, "unpack it first.* zstd"),
    "own.7z": (b"7z\xbc\xaf\x27\x1c", {}, "unpack it first.* 7-Zip"),
    "twice.csv.gz": (gzip.compress(gzip.compress(b"x")), {}, "got a gzip file in a gzip file"),
    "cut.csv.gz": (gzip.compress(csv().encode())[:99], {}, "a whole file, got a damaged one"),
    "flipped.csv.gz": (damaged(gzip.compress(csv().encode()), -5), {}, "a damaged one .CRC"),
    "head.csv.gz": (b"\x1f\x8b\x07" + bytes(99), {}, "a damaged one"),
    "flipped.csv.bz2": (damaged(bz2.compress(csv().encode())), {}, "a damaged one"),
    "flipped.csv.xz": (damaged(lzma.compress(csv().encode()), 40), {}, "a damaged one"),
    "memory.csv.xz": (BIG_XZ, {}, "a damaged one .Memory usage limit"),
    "empty.zip": (zipped(), {}, "one table in it, got nothing"),
    "folders.zip": (zipped(("a/", ""), ("__MACOSX/._a", "x")), {}, "one table in it, got nothing"),
    "two.zip": (
        zipped(("train.csv", csv()), ("test.csv", csv())),
        {},
        r"one table in it \(name it, such as 'two.zip/train.csv'\), got 'train.csv', 'test.csv'$",
    ),
    "many.zip": (zipped(*((f"{i}.csv", "") for i in range(99))), {}, "'3.csv' and 95 more$"),
    "nested.zip": (zipped(("in.zip", zipped(("own.csv", csv())))), {}, "a zip file in a zip file"),
    "locked.zip": (encrypted(), {}, "a zip file without a password"),
    "flipped.zip": (damaged(zipped(("own.csv", csv())), 99), {}, "a damaged one"),
    "cut.zip": (zipped(("own.csv", csv()))[:-30], {}, "a damaged one"),
    "method.zip": (unknown_method(), {}, "a whole zip file, got a damaged one"),
    # JSON
    "broken.json": (table().to_json(orient="records")[:-9], {}, "JSON, got .* in line 1, column"),
    "python.json": (str(table().to_dict("records")), {}, "JSON, got .* in line 1, column 3"),
    "really-csv.json": (csv(), {}, "JSON, got 'text,label"),
    "broken.jsonl": (jsonl('{"text": "cut'), {}, "JSON, got .* in line 41, column"),
    "twice.jsonl": (jsonl('{"text": "a", "text": "b"}'), {}, "the name 'text' twice .* in line 41"),
    "lists.jsonl": (jsonl('["a", 1]'), {}, "a record with names .* got .'a', 1. in line 41"),
    "deep.json": ("[" * 99_999, {}, "JSON, got"),
    "number.json": (
        jsonl('{"text": "a", "label": ' + "9" * 9_999 + "}"),
        {},
        "JSON, got .*line 41",
    ),
    "rows.json": (json.dumps(table().to_numpy().tolist()), {}, "records with names"),
    "nothing.json": ("[]", {}, "records with names, .* got none"),
    "object.json": ("{}", {}, "one column of texts|records with names"),
    "ragged.json": (
        json.dumps({"columns": ["text", "label"], "data": [["a", 1], ["b"]]}),
        {},
        "2 fields, got .'b'. in item 2",
    ),
    "unequal.json": (json.dumps({"text": ["a", "b"], "label": [1]}), {}, "as many labels as texts"),
    "others.json": (
        json.dumps({"text": {"0": "a"}, "label": {"1": 1}}),
        {},
        "the same rows in 'text' and 'label'",
    ),
    "numbers.jsonl": (jsonl('{"text": 5, "label": 1}'), {}, "a text in each row, got 5 in line 41"),
    "null.jsonl": (jsonl('{"text": null, "label": 1}'), {}, "a text in each row .* in line 41"),
    "other-names.jsonl": (
        jsonl('{"review": "x", "label": 1}'),
        {},
        "a text in each row .* line 41",
    ),
    # Parquet
    "cut.parquet": (parquet({"text": ["a"], "label": [1]})[:-9], {}, "a whole Parquet file, got"),
    "foot.parquet": (b"PAR1" + bytes(range(256)) + b"PAR1", {}, "a whole Parquet file, got a dama"),
    "packed.parquet.gz": (gzip.compress(parquet({"text": ["a"], "label": [1]})), {}, "as it is"),
    "numbers.parquet": (
        parquet({"text": list(range(40)), "label": NUMBERS}),
        {},
        "a text in each row, got 0 in row 1",
    ),
    "lists.parquet": (parquet({"text": [["a"]] * 40, "label": NUMBERS}), {}, "a text in each row"),
    "other.parquet": (parquet({"a": ["x"], "label": [1]}), {}, "one column of texts"),
}


def refused(source, tmp_path, **said):
    """Return the message with which a source is refused; see that nothing else happened."""
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ValueError, match="expected") as caught:
        reviews.load(source, **said)
    message = str(caught.value)
    assert type(caught.value) is ValueError
    assert len(message) <= 300
    assert message.isprintable()
    assert sorted(tmp_path.rglob("*")) == before
    return message


@pytest.mark.parametrize("name", FILES)
def test_bad_file_is_refused_by_name(tmp_path, name, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where a pickle that is opened would make its folder
    content, said, expected = FILES[name]
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    message = refused(path, tmp_path, **said)
    assert name in message.partition(": expected")[0]
    assert re.search(expected, message), message


def test_there_are_sixty_bad_files():
    assert len(FILES) >= 60


SOURCES = {
    "": "got ''",
    "no-such.csv": "no such file",
    "IMDB": "did you mean 'imdb'",
    " packaged ": "did you mean 'packaged'",
    "https://example.org/reviews.csv": "a file on this machine",
    "text,label\nGood,1\n": "the text itself: io.StringIO",
    "nul\0.csv": "got 'nul",
    "x" * 5_000: "File name too long",
    "~nobody-of-that-name/own.csv": "home",
    "/dev/null": "a device or a pipe",
}


@pytest.mark.parametrize("source", SOURCES)
def test_bad_path_is_refused(tmp_path, source):
    message = refused(source, tmp_path)
    assert message.startswith("source: expected")
    assert SOURCES[source] in message


@pytest.mark.parametrize(
    "source", [None, 7, ["own.csv"], {"text": ["a"]}, table()["text"], np.eye(2)]
)
def test_what_is_no_source_is_refused(tmp_path, source):
    assert refused(source, tmp_path).startswith("source: expected 'packaged', 'imdb', a DataFrame")


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (table().assign(text=range(40)), r"a text in each row, got 0 in row 1 \(index 0\)$"),
        (table().assign(text=[None, *["a"] * 39]), r"a text in each row .* in row 1 \(index 0\)$"),
        (table().assign(label=[pd.NA, *[1] * 39]), r"a label in each row .* in row 1 \(index 0\)$"),
        (table().set_index("text"), "one column of texts .* got columns 'label'$"),
        (table().set_axis([["a", "b"], ["text", "label"]], axis=1), "one column of texts"),
        (pd.concat([table(), table()["text"]], axis=1), "one column of texts .*'text', 'text'$"),
        (table().iloc[:0], "rows with a text and a label, got none among 0$"),
        (pd.DataFrame(), "one column of texts .* got columns without names$"),
        (table().assign(text=[b"\xff"] * 40), r"a text in each row"),
    ],
)
def test_bad_frame_is_refused(tmp_path, frame, expected):
    message = refused(frame, tmp_path)
    assert message.startswith("DataFrame: ")
    assert re.search(expected, message), message


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"encoding": "klingon"}, "encoding: expected one that Python knows"),
        ({"encoding": "base64"}, "encoding: expected one that Python knows"),
        ({"encoding": 8}, "encoding: expected one that Python knows"),
        ({"liked": []}, "liked: expected a label, several, or a mapping"),
        ({"liked": ""}, "liked: expected a label, several, or a mapping"),
        ({"liked": {1: "yes", 0: "no"}}, "liked: expected a label, several, or a mapping"),
        ({"liked": {1: 2, 0: 0}}, "liked: expected a label, several, or a mapping"),
        ({"missing": "ignore"}, "missing: expected 'refuse' or 'drop', got 'ignore'"),
        ({"keep": "middle"}, "keep: expected 'last' or 'first', got 'middle'"),
        ({"max_words": True}, "max_words: expected a whole number of at least 1, got True"),
    ],
)
def test_bad_argument_is_refused(tmp_path, said, expected):
    path = tmp_path / "own.csv"
    path.write_text(csv())
    assert refused(path, tmp_path, **said).startswith(expected)


@pytest.mark.parametrize("said", [{"text": "x"}, {"label": "y"}, {"encoding": "cp1252"}])
def test_collections_are_what_they_are(tmp_path, said):
    for source in ("packaged", "imdb"):
        assert refused(source, tmp_path, **said).startswith(f"{source}: expected no text=, label=")


def test_path_into_what_is_no_archive_is_refused(tmp_path):
    (tmp_path / "own.csv").write_text(csv())
    assert "as the path goes on" in refused(tmp_path / "own.csv" / "train.csv", tmp_path)
    (tmp_path / "two.zip").write_bytes(zipped(("train.csv", csv())))
    message = refused(tmp_path / "two.zip" / "test.csv", tmp_path)
    assert "two.zip: expected 'test.csv' in it, got 'train.csv'" in message


def test_link_to_nothing_and_pipe_are_refused(tmp_path):
    (tmp_path / "broken.csv").symlink_to(tmp_path / "gone.csv")
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    os.mkfifo(tmp_path / "pipe.csv")
    for name in ("broken.csv", "loop.csv", "pipe.csv"):
        assert name in refused(tmp_path / name, tmp_path)


def test_file_that_may_not_be_read_is_refused(tmp_path, monkeypatch):
    """Root may read all, so the refusal of the system is played."""
    path = tmp_path / "secret.csv"
    path.write_text(csv())

    def closed(self, *_, **__):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", closed)
    message = refused(path, tmp_path)
    assert message.endswith("secret.csv: expected a file that can be read, got Permission denied")


def test_open_file_that_cannot_be_read_is_refused(tmp_path):
    path = tmp_path / "own.csv"
    path.write_bytes(csv(text="Déjà vu").encode("cp1252"))
    with path.open(encoding="utf-8") as wrong:
        assert "letters in utf-8, got other bytes" in refused(wrong, tmp_path)
    with path.open("rb") as file:
        pass
    assert "a file open for reading, got none" in refused(file, tmp_path)
    with (tmp_path / "new.csv").open("w") as file:
        assert "a file open for reading, got none" in refused(file, tmp_path)
    with path.open(encoding="cp1252") as text:
        assert "opened as bytes, where encoding=" in refused(text, tmp_path, encoding="cp1252")
        text.read()
        assert "a header and rows, got an empty file" in refused(text, tmp_path)


FOLDERS = {
    "empty": ({}, "a folder with pos/ and neg/ in it, or the path of one table, got nothing"),
    "tables": ({"a.csv": csv(), "b.tsv": "", "pos/1.txt": "x"}, "got the tables 'a.csv', 'b.tsv'"),
    "folder.csv": ({"part-0.csv": csv(), "_SUCCESS": ""}, "got the tables 'part-0.csv'"),
    "too-deep": ({"a/b/c/pos/1.txt": "x", "a/b/c/neg/1.txt": "y"}, "a folder with pos/ and neg/"),
    "others": ({"good/1.txt": "x", "bad/1.txt": "y"}, "got 'bad', 'good'"),
    "inside": ({"1.txt": "x", "2.txt": "y"}, "got '1.txt', '2.txt'"),
    "one": ({"pos/1.txt": "x", "pos/2.txt": "y"}, "labels of two kinds, .* got 'pos' alone"),
    "picture": ({"neg/1.txt": "x", "pos/1.jpg": "y"}, r"texts .* alone in pos/, got pos/1.jpg"),
    "bytes": (
        {"neg/1.txt": b"d\xe9j\xe0", "pos/1.txt": "y"},
        "the byte 0xe9 in neg/1.txt; if 'déjà'",
    ),
    "no-text": ({"neg/1.txt": "", "pos/1.txt": "y"}, "a text in each row .* none in neg/1.txt$"),
    "long": ({"neg/1.txt": b"x" * 40_000_001, "pos/1.txt": ""}, "40,000,000 bytes a text"),
}


@pytest.mark.parametrize("name", FOLDERS)
def test_bad_folder_is_refused_by_name(tmp_path, name):
    members, expected = FOLDERS[name]
    (tmp_path / name).mkdir()
    for member, content in members.items():
        path = tmp_path / name / member
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    message = refused(tmp_path / name, tmp_path)
    assert name in message.partition(": expected")[0]
    assert re.search(expected, message), message


@pytest.mark.parametrize("name", ["x" * 250, "new\nline", "tab\tstop", "byte-\udcff", "{name}%s"])
def test_name_that_is_hard_to_print_is_still_named(tmp_path, name):
    path = tmp_path / name
    path.write_text(csv(label=7))
    if "\n" in name:
        assert "expected" in refused(path, tmp_path)
    else:
        assert name[-4:].encode("utf-8", "backslashreplace").decode().split()[-1] in refused(
            path, tmp_path
        )


# --- little memory ---


class Endless(io.RawIOBase):
    """A file that repeats a few bytes after its head until 2 GB are read."""

    def __init__(self, head, repeated):
        self.head, self.repeated = head, repeated
        self.count = 0

    def readable(self):
        return True

    def readinto(self, buffer):
        start = self.head[self.count : self.count + len(buffer)]
        more = self.repeated * (len(buffer) // len(self.repeated) + 1)
        buffer[:] = (start + more)[: len(buffer)]
        self.count += len(buffer)
        assert self.count < 2_000_000_000, "all of it is read"
        return len(buffer)


def peak(call):
    """Return the most memory, in MB, that a call took."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("head", "repeated", "expected"),
    [
        (b"", b"x", "at most 10,000,000 characters a row, got more in row 1"),
        (b"text,label\n", b"x", "at most 10,000,000 characters a row, got more in row 2"),
        (b"text,label\n", b"x,", "at most 10,000,000 characters a row, got more in row 2"),
        (
            b'text,label\n"',
            b"open " * 199 + b"\n",
            "no end of a text after 10,000,000 characters in row 2",
        ),
        (b'text\tlabel\n"', b"open ", "at most 10,000,000 characters a row, got more in row 2"),
        (b'[{"text": "', b"x", "at most 10,000,000 characters a row, got more in row 1"),
        (b"\xef\xbb\xbf\n", b"\0", "at most 10,000,000 characters a row, got more in row 2"),
        (b"text,label\n", "é".encode("utf-16-le"), "letters in utf-8|10,000,000 characters a row"),
    ],
)
def test_line_of_a_gigabyte_is_refused_in_little_memory(tmp_path, head, repeated, expected):
    file = Endless(head, repeated)
    message = []
    most = peak(lambda: message.append(refused(file, tmp_path)))
    assert re.search(expected, message[0]), message
    assert file.count < 30_000_000
    assert most < 200


def test_bomb_is_refused_in_little_memory(tmp_path):
    """A third of a megabyte that unpacks to 300, and an archive of the same."""
    rows = b"text,label\n" + b"\n" * 300_000_000
    zeros = bytes(300_000_000)
    for name, content in (("rows.csv.gz", rows), ("zeros.csv.gz", zeros)):
        (tmp_path / name).write_bytes(gzip.compress(content, 1))
    with zipfile.ZipFile(tmp_path / "zeros.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("own.csv", b"text,label\n" + zeros)
    del rows, zeros
    for name, expected in (
        ("zeros.csv.gz", "10,000,000 characters a row"),
        ("zeros.zip", "10,000,000 characters a row"),
    ):
        message = []
        assert peak(lambda n=name, m=message: m.append(refused(tmp_path / n, tmp_path))) < 200
        assert expected in message[0]


def test_many_small_rows_of_a_bomb_are_refused(tmp_path):
    """Rows that are short enough each, so that only the sum tells."""
    row = b" " * 99_999 + b"\n"
    (tmp_path / "rows.csv.gz").write_bytes(gzip.compress(b"text,label\n" + row * 2_000))
    message = []
    assert peak(lambda: message.append(refused(tmp_path / "rows.csv.gz", tmp_path))) < 200
    assert "at most 100 times what is packed, or 100,000,000 bytes, got more" in message[0]


def test_parquet_of_one_long_text_many_times_needs_it_once(tmp_path):
    """A category of 5 MB in 2,000 rows: 10 GB, were each row a text of its own."""
    texts = pa.DictionaryArray.from_arrays(pa.array([0, 1] * 1_000), ["dull " * 1_000_000, "warm"])
    path = tmp_path / "own.parquet"
    pq.write_table(pa.table({"text": texts, "label": ["0", "1"] * 1_000}), path)
    before = pa.total_allocated_bytes()
    with sources.rows_of(path, Labels()) as found:
        for _, (_, text, _) in zip(range(1_500), found.rows, strict=False):
            assert len(text) in (4, 5_000_000)
        assert pa.total_allocated_bytes() - before < 100_000_000


def test_formula_and_code_in_a_text_are_words(tmp_path):
    found = table().assign(text=[f"=cmd|' /C calc'!A{i} __import__('os')" for i in range(40)])
    path = tmp_path / "own.csv"
    found.to_csv(path, index=False)
    words = reviews.load(path).notepad_words
    assert {"cmd", "c", "calc", "import", "os"} <= set(words)
