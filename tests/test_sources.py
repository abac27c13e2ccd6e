"""Files as people have them: each gives the piles that the plain table gives, or says why not."""

import bz2
import gzip
import io
import json
import lzma
import os
import re
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rahulml import reviews

FILMS = ("lighthouse", "orchard", "harbour", "tunnel", "market")


def table(n=40):
    """Return texts that are all different, with commas, quotes and accents, liked in turn."""
    return pd.DataFrame(
        {
            "text": [
                f'The {FILMS[i % 5]}, scene {i}, was "{"warm" if i % 2 else "dull"}"; résumé | me'
                for i in range(n)
            ],
            "label": [i % 2 for i in range(n)],
        }
    )


def plain(n=40):
    """Return the same texts without a sign that separates or quotes."""
    found = table(n)
    found["text"] = found["text"].str.replace('[,;"|]', "", regex=True)
    return found


def csv(found=None, **options):
    return (table() if found is None else found).to_csv(index=False, **options)


def write(path, content, encoding="utf-8"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def zipped(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def labelled(*names):
    """Return the table with other labels, thumbs down and thumbs up."""
    return table().assign(label=[names[i % 2] for i in range(40)])


def digest(piles):
    parts = (piles.study, piles.mock_exam, piles.exam)
    return [(p.words.tolist(), p.liked.tolist()) for p in parts], piles.notepad_words


@pytest.fixture(scope="module")
def expected():
    return digest(reviews.load(table()))


def test_frame_gives_what_stands_in_it():
    """Check against the rule written out: 40 rows, cut by the seed, words counted by hand."""
    piles = reviews.load(table(), max_words=9)
    order = np.random.default_rng(0).permutation(40)
    for pile, rows in ((piles.exam, order[:8]), (piles.mock_exam, order[8:12])):
        assert pile.liked.tolist() == [row % 2 for row in rows]
    for row, liked, words in zip(order[12:], piles.study.liked, piles.study.words, strict=True):
        said = ["the", FILMS[row % 5], "scene", str(row), "was", "warm" if row % 2 else "dull"]
        assert [piles.notepad_words[n] for n in words] == ["<padding>", *said, "résumé", "me"]
        assert liked == row % 2


# --- how a table is written ---

MARKED = [
    ("utf-8", b""),
    ("utf-8-sig", b""),
    ("utf-16", b""),
    ("utf-32", b""),
    ("utf-16-be", b"\xfe\xff"),
    ("utf-16-le", b""),  # without a mark, known by its zeros
    ("utf-16-be", b""),
    ("utf-32-le", b""),
    ("utf-32-be", b""),
]


@pytest.mark.parametrize(("encoding", "mark"), MARKED)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_table_loads_in_each_encoding_with_each_line_end(tmp_path, expected, encoding, mark, end):
    path = write(tmp_path / "own.csv", mark + csv(lineterminator=end).encode(encoding))
    piles = reviews.load(path)
    assert digest(piles) == expected
    assert piles.report.encoding.startswith(encoding[:6])
    unmarked = encoding.endswith(("-le", "-be")) and not mark
    assert any("no mark" in warning for warning in piles.report.warnings) == unmarked


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "cp850", "mac-roman", "LATIN1"])
def test_other_encodings_are_told_never_guessed(tmp_path, expected, encoding):
    path = write(tmp_path / "own.csv", csv(), encoding)
    assert digest(reviews.load(path, encoding=encoding)) == expected
    with pytest.raises(
        ValueError, match=r"own.csv: expected letters in utf-8, got the byte 0x.. in"
    ):
        reviews.load(path)


def test_bad_byte_is_shown_as_windows_would_read_it(tmp_path):
    path = write(tmp_path / "own.csv", csv().encode("cp1252"))
    with pytest.raises(ValueError, match=r"0xe9 in line 2; if '.*résumé.*encoding='cp1252'$"):
        reviews.load(path)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("quoting", [0, 1])
def test_table_loads_with_each_separator(tmp_path, expected, separator, quoting):
    path = write(tmp_path / "own.csv", csv(sep=separator, quoting=quoting))
    piles = reviews.load(path)
    assert digest(piles) == expected
    assert (
        piles.report.separator
        == {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}[separator]
    )


def backslashes(found):
    lines = [",".join(found.columns)]
    for text, label in zip(found["text"], found["label"], strict=True):
        escaped = text.replace('"', '\\"')
        lines.append(f'"{escaped}",{label}')
    return "\n".join(lines) + "\n"


def mixed_ends(found):
    lines = csv(found).splitlines()
    return "".join(line + ("\n", "\r\n")[i % 2] for i, line in enumerate(lines))


TYPED = list(table().itertuples(index=False))
WRITTEN = {
    "sep line": "sep=;\n" + csv(sep=";"),
    "sep line, tab": "sep=\t\r\n" + csv(sep="\t"),
    "index column": table().to_csv(),
    "backslash quotes": backslashes(table()),
    "backslash quotes, Kaggle's": backslashes(table()).replace('",', '"\t').replace(",", "\t", 1),
    "blanks before quotes": "label, text\n"
    + "".join('{}, "{}"\n'.format(label, text.replace('"', '""')) for text, label in TYPED),
    "literal quotes, tab": "text\tlabel\n" + "".join(f"{text}\t{label}\n" for text, label in TYPED),
    "one literal quote, tab": "text\tlabel\n"
    + "".join(f'"{text}\t{label}\n' for text, label in plain().itertuples(index=False)),
    "mixed line ends": mixed_ends(table()),
    "blank lines": csv().replace("\n", "\n\n"),
    "rows of commas at the end": csv() + ",\n,\n , \n",
    "no line end at the end": csv().rstrip("\n"),
    "blank lines before the header": "\n\n" + csv(),
    "comma after each row": "\n".join(
        line + ("," if i else "") for i, line in enumerate(csv().splitlines())
    ),
    "empty columns": "\n".join(line + ",,," for line in csv().splitlines()),
    "header with blanks": csv().replace("text,label", ' text , "label "', 1),
    "header in capitals": csv().replace("text,label", "TEXT,Label", 1),
    "other header": csv().replace("text,label", "Review_Text,Star-Rating", 1),
    "both pairs": csv(table().assign(review=table()["text"], sentiment=table()["label"])),
    "more columns": csv(table().assign(id=range(40), votes=3)),
    "label first": csv(table()[["label", "text"]]),
    "last column cut off": csv(table().assign(note="")).replace(",\n", "\n"),
    "JSON in a column": csv(table().assign(meta='{"a": 1, "b": "x"}')),
    "JSON lines": table().to_json(orient="records", lines=True),
    "JSON lines, blank ones": table().to_json(orient="records", lines=True).replace("\n", "\n\n"),
    "JSON records": table().to_json(orient="records"),
    "JSON records, indented": table().to_json(orient="records", indent=2),
    "JSON columns": table().to_json(orient="columns"),
    "JSON index": table().to_json(orient="index"),
    "JSON split": table().to_json(orient="split"),
    "JSON table": table().to_json(orient="table"),
    "JSON lists": json.dumps(table().to_dict("list")),
    "JSON data": json.dumps({"data": table().to_dict("records"), "version": 2}),
}
UNQUOTED = {"one literal quote, tab"}


@pytest.mark.parametrize("name", WRITTEN)
def test_table_loads_as_programs_write_it(tmp_path, name):
    path = write(tmp_path / "own.csv", WRITTEN[name])
    piles = reviews.load(path)
    found = plain() if name in UNQUOTED else table()
    assert digest(piles) == digest(reviews.load(found))
    assert piles.duplicates == 0
    again = reviews.load(io.StringIO(WRITTEN[name], newline=""))
    assert digest(again) == digest(piles)


def test_text_over_several_lines_stays_one(tmp_path, expected):
    lines = table().assign(text=table()["text"].str.replace(" ", "\n"))
    for found in (lines, lines[["label", "text"]], lines.assign(id=1)[["id", "text", "label"]]):
        assert digest(reviews.load(write(tmp_path / "own.csv", csv(found)))) == expected


def test_row_is_named_as_a_person_counts(tmp_path):
    found = table().assign(text=table()["text"] + "\nIndeed.")
    found.loc[2, "label"] = np.nan
    path = write(tmp_path / "own.csv", csv(found))
    with pytest.raises(ValueError, match=r"expected a label in each row .* in row 4 \(line 6\)$"):
        reviews.load(path)
    with pytest.raises(ValueError, match=r"expected a label in each row .* in row 3 \(index 2\)$"):
        reviews.load(found)
    lines = write(tmp_path / "own.jsonl", found.to_json(orient="records", lines=True))
    with pytest.raises(ValueError, match=r"expected a label in each row .* in line 3$"):
        reviews.load(lines)


# --- what a file is packed in, and how it is named ---


def packings(path):
    content = csv().encode()
    yield write(path / "own.csv.gz", gzip.compress(content))
    yield write(path / "OWN.CSV.GZ", gzip.compress(content[:99]) + gzip.compress(content[99:]))
    yield write(path / "not-said.csv", gzip.compress(content))
    yield write(path / "said-but-not.csv.gz", content)
    yield write(path / "own.csv.bz2", bz2.compress(content))
    yield write(path / "own.csv.xz", lzma.compress(content))
    yield zipped(path / "own.zip", {"own.csv": content})
    yield zipped(path / "folder.zip", {"a/b/": b"", "a/b/own.csv": content})
    yield zipped(path / "mac.zip", {"own.csv": content, "__MACOSX/._own.csv": b"\0\5\26"})
    yield zipped(path / "read-me.zip", {"README.md": b"About", "own.tsv": csv(sep="\t")})
    two = zipped(path / "two.zip", {"in/train.csv": content, "in/test.csv": b"text,label\n"})
    yield two / "in" / "train.csv"
    yield f"{two}/in/train.csv"
    yield write(path / "own.jsonl.gz", gzip.compress(WRITTEN["JSON lines"].encode()))
    yield zipped(path / "json.zip", {"own.json": WRITTEN["JSON records"]})


def test_table_loads_from_each_packing(tmp_path, expected):
    for path in packings(tmp_path):
        assert digest(reviews.load(path)) == expected, path


def test_path_is_taken_in_each_form(tmp_path, expected, monkeypatch):
    path = write(tmp_path / "mein Ordner" / "größe & co.csv", csv())
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    link = tmp_path / "link.csv"
    link.symlink_to(path)
    sources = [path, str(path), os.fsencode(path), "mein Ordner/größe & co.csv", link]
    sources += ["~/mein Ordner/größe & co.csv", Path("~") / "link.csv"]
    for source in sources:
        assert digest(reviews.load(source)) == expected, source


def test_open_file_is_read_from_where_it_is(tmp_path, expected):
    path = write(tmp_path / "own.csv", "# a line of its own\n" + csv())
    with path.open(encoding="utf-8") as text:
        text.readline()
        assert digest(reviews.load(text)) == expected
        assert not text.closed
    with path.open("rb") as file:
        file.readline()
        assert digest(reviews.load(file)) == expected
    assert digest(reviews.load(io.BytesIO(csv().encode("utf-16")))) == expected
    assert digest(reviews.load(io.BytesIO(gzip.compress(csv().encode())))) == expected
    with path.open("rb", buffering=0) as raw:
        raw.seek(20)
        assert digest(reviews.load(raw)) == expected


def test_pipe_is_read_once(expected):
    reader, writer = os.pipe()
    with os.fdopen(writer, "wb") as file:
        file.write(csv().encode())
    with os.fdopen(reader, "rb") as file:
        assert digest(reviews.load(file)) == expected


# --- tables with types ---


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t,
        lambda t: t.set_index(pd.Index(range(100, 140))[::-1]),
        lambda t: t.assign(label=t["label"].astype(float)),
        lambda t: t.assign(label=t["label"].astype(bool)),
        lambda t: t.assign(label=t["label"].astype("Int8")),
        lambda t: t.assign(label=t["label"].map({0: "neg", 1: "pos"}).astype("category")),
        lambda t: t.assign(text=t["text"].astype("category")),
        lambda t: t.assign(text=t["text"].astype(object), label=t["label"].astype(object)),
        lambda t: t.rename(columns={"text": "Tweet", "label": "Polarity"}),
    ],
)
def test_frame_and_parquet_load_with_each_type(tmp_path, expected, change):
    found = change(table())
    before = found.copy()
    assert digest(reviews.load(found)) == expected
    pd.testing.assert_frame_equal(found, before)
    path = tmp_path / "own.parquet"
    found.to_parquet(path)
    piles = reviews.load(path)
    assert digest(piles) == expected
    assert piles.report.kind == "Parquet"
    assert digest(reviews.load(io.BytesIO(path.read_bytes()))) == expected


def test_parquet_comes_in_batches_and_any_packing(tmp_path):
    found = table(2_500)
    for compression in ("snappy", "gzip", "zstd", None):
        found.to_parquet(tmp_path / "own.parquet", compression=compression, row_group_size=700)
        assert digest(reviews.load(tmp_path / "own.parquet")) == digest(reviews.load(found))


# --- folders of texts ---


def folder_of(path, names=("neg", "pos"), suffix=".txt"):
    for i, (text, label) in enumerate(table().itertuples(index=False)):
        write(path / names[label] / f"{i:02}_{label}{suffix}", text)
    return path


@pytest.mark.parametrize("suffix", [".txt", ".TXT", ".md", ""])
@pytest.mark.parametrize("names", [("neg", "pos"), ("Negative", "Positive"), ("0", "1")])
def test_folder_of_texts_loads(tmp_path, suffix, names):
    piles = reviews.load(folder_of(tmp_path, names, suffix))
    sorted_texts = table().sort_values("label", kind="stable")
    assert digest(piles) == digest(reviews.load(sorted_texts))
    assert piles.report.kind == "folder of texts"
    assert piles.report.warnings[1:] == ()


def test_folder_as_the_collection_has_it_loads_and_tells_what_it_left(tmp_path):
    folder_of(tmp_path / "train")
    write(tmp_path / "train" / "unsup" / "0_0.txt", "No label.")
    write(tmp_path / "README", "About")
    write(tmp_path / "train" / "pos" / ".DS_Store", b"\0\1")
    piles = reviews.load(tmp_path)
    assert piles.report.rows == 40
    assert "2 other files were not read, such as 'README', 'train/unsup/0_0.txt'" in (
        piles.report.warnings
    )
    folder_of(tmp_path / "test")
    twice = reviews.load(tmp_path)
    assert (twice.report.rows, twice.duplicates) == (80, 40)
    assert "the texts in 'test', 'train' are taken together" in twice.report.warnings


def test_zip_of_a_folder_of_texts_loads(tmp_path):
    folder = folder_of(tmp_path / "own")
    members = {
        str(path.relative_to(tmp_path)): path.read_bytes() for path in sorted(folder.rglob("*.txt"))
    }
    archive = zipped(tmp_path / "own.zip", members)
    assert digest(reviews.load(archive)) == digest(reviews.load(folder))


# --- columns and labels ---


@pytest.mark.parametrize(
    "names",
    [
        ("0", "1"),
        ("0.0", "1.0"),
        ("0,0", "1,0"),
        ("false", "TRUE"),
        ("neg", "pos"),
        (" NEGATIVE", "Positive "),
        ("no", "Yes"),
    ],
)
def test_labels_of_a_known_pair_are_read(tmp_path, expected, names):
    path = write(tmp_path / "own.csv", csv(labelled(*names)))
    assert digest(reviews.load(path)) == expected


@pytest.mark.parametrize(
    ("names", "liked"),
    [
        (("-1", "1"), 1),
        ((0, 4), "4"),
        ((0, 4), 4.0),
        ((1, 2), [2]),
        (("1.0", "5.0"), (4, 5)[1]),
        (("__label__1", "__label__2"), "__label__2"),
        (("bad", "good"), {"GOOD": True, "bad": False}),
        (("0", "1"), {"1": True, "0": False}),
        (("weak", "nice"), {"nice": 1, "weak": 0}),
    ],
)
def test_labels_are_read_as_the_caller_says(tmp_path, expected, names, liked):
    path = write(tmp_path / "own.csv", csv(labelled(*names)))
    assert digest(reviews.load(path, liked=liked)) == expected
    assert digest(reviews.load(labelled(*names), liked=liked)) == expected


def test_stars_between_can_be_left_out(tmp_path):
    found = table(60).assign(stars=[(1, 5, 3)[i % 3] for i in range(60)]).drop(columns="label")
    piles = reviews.load(found, liked={1: False, 3: None, 5: True})
    kept = found[found["stars"] != 3].assign(stars=lambda t: t["stars"] // 5)
    assert digest(piles) == digest(reviews.load(kept))
    assert piles.report.dropped == {"left out": 20}
    assert piles.report.labels["3"] == {"rows": 20, "liked": None}
    others = reviews.load(found, liked=[5])
    assert others.report.labels["3"] == {"rows": 20, "liked": 0}


def test_columns_are_taken_by_name(tmp_path, expected):
    found = table().rename(columns={"text": "Meine Meinung", "label": "Gefällt"})
    path = write(tmp_path / "own.csv", csv(found, sep=";"))
    for text in ("Meine Meinung", " meine meinung "):
        assert digest(reviews.load(path, text=text, label="Gefällt")) == expected
    several = table().assign(comment="x", rating=5)[["comment", "rating", "text", "label"]]
    assert digest(reviews.load(several, text="text", label="label")) == expected
    numbered = table().set_axis([0, 1], axis=1)
    assert digest(reviews.load(numbered, text=0, label=1)) == expected


# --- the report ---


def test_report_counts_every_row(tmp_path):
    found = pd.concat([table(), table(3), table(5).iloc[3:].assign(label=lambda t: 1 - t["label"])])
    path = write(tmp_path / "own.csv", csv(found) + ",\n...,1\n,0\nNo label,\n")
    piles = reviews.load(path, missing="drop")
    report = piles.report
    assert report.rows == 49
    assert report.dropped == {
        "empty row": 1,
        "no text": 1,
        "no word": 1,
        "no label": 1,
        "both labels": 4,
        "same ending": 3,
    }
    kept = len(piles.study) + len(piles.mock_exam) + len(piles.exam)
    assert kept + sum(report.dropped.values()) == report.rows
    assert piles.duplicates == 7
    assert report.labels == {"0": {"rows": 23, "liked": 0}, "1": {"rows": 22, "liked": 1}}
    assert report.columns == ("text", "label")
    assert report.longest[0][1] == 8
    for name, pile in report.piles.items():
        assert pile == pytest.approx(piles.describe().drop(columns="full").loc[name].to_dict())


def test_report_can_be_read_and_written_as_json(tmp_path):
    path = write(tmp_path / "own.csv", csv())
    report = reviews.load(path, max_words=4).report
    told = str(report)
    assert told.startswith(f"{path}: table, utf-8, separator comma, columns 'text' and 'label'\n")
    assert "label     '1' is thumbs up: 20 rows" in told
    assert f"words     {40 * 8}, of which 50.0% are kept to be read" in told
    found = json.loads(json.dumps(report.as_dict()))
    assert found == report.as_dict()
    assert found["rows"] == 40


@pytest.mark.parametrize(
    ("found", "warning"),
    [
        (table(6), "the mock exam pile holds thumbs (up|down) alone"),
        (table(), "the exam has 8 reviews: each is worth 12.5% of the score"),
        (labelled(0, 1).assign(label=[1] + [0] * 39), "the same answer for all would be right on"),
        (table().assign(text=[f"a{i} b{i} c{i}" for i in range(40)]), "100% of the exam's words"),
        (table().assign(text=[f"{'ก' * 30}{i}" for i in range(40)]), "hardly any spaces"),
        (table().assign(text=[f"{i}" for i in range(40)]), "is this the column of texts"),
        (pd.concat([table(), table()]), "50% of the rows end in the same words"),
        (
            pd.concat([table(), table(1).assign(label=1)]),
            "2 rows hold texts that stand there with both labels",
        ),
        (table().assign(text=table()["text"] + "\ufffd"), "40 texts hold \ufffd in place of"),
        (table().assign(text=table()["text"] + "\0"), "40 texts hold NUL"),
        (
            table().assign(text=table()["text"].str.encode("utf-8").str.decode("cp1252")),
            "40 texts hold signs like â€™",
        ),
    ],
)
def test_report_warns_as_a_careful_person_would(found, warning):
    report = reviews.load(found).report
    assert any(re.search(warning, said) for said in report.warnings), report.warnings


def test_bar_is_shown_on_demand(capsys):
    reviews.load(table())
    assert capsys.readouterr().err == ""
    reviews.load(table(), progress=True)
    assert "40 rows" in capsys.readouterr().err
