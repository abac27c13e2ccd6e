"""Worksheets and their key, as a teacher prints them; names from a table of students."""

import re

import pytest
from bs4 import BeautifulSoup
from pypdfium2 import PdfDocument

from rahulml.exercises import TOPICS, check, make, worksheets

STUDENTS = ["Ada", "Łukasz Żółć", "Émilie du Châtelet"]


def text_of(path):
    """Return what each page of a PDF says, without line ends."""
    return [" ".join(page.get_textpage().get_text_range().split()) for page in PdfDocument(path)]


def numbers(text):
    return re.findall(r"-?\d+\.\d+", text)


@pytest.mark.parametrize("topic", ["combine-three", "two-words", "dial-count", "attention"])
def test_pdf_has_each_student_a_page_with_all_numbers_and_no_answer(tmp_path, topic):
    sheets, key = worksheets(topic, tmp_path / "sheets.pdf", seed=7, names=STUDENTS)
    pages, keys = text_of(sheets), " ".join(text_of(key))
    assert len(pages) == 3
    for number, (page, name) in enumerate(zip(pages, STUDENTS, strict=True)):
        exercise = make(topic, 7 + number)
        assert page.startswith(f"{name} {topic} {7 + number}")
        assert set(numbers(exercise.question)) <= set(numbers(page))
        assert all(page.count(answer) >= 2 for answer in exercise.answer)  # to find; beside a box
        assert name in keys
        for step in exercise.steps:
            assert " ".join(step.replace("**", "").split()) in keys
            assert step.split(": ")[1].replace("**", "") not in page


def test_html_says_what_the_pdf_says(tmp_path):
    sheets, key = worksheets("combine", tmp_path / "s.html", seed=7, copies=25)
    page = BeautifulSoup(sheets.read_text("utf-8"), "lxml")
    heads = [head.get_text() for head in page("header")]
    assert heads == [f"Name: {'_' * 32}combine {seed}" for seed in range(7, 32)]
    for seed, section in zip(range(7, 32), page("section"), strict=True):
        exercise = make("combine", seed)
        assert set(numbers(exercise.question)) == set(numbers(section.get_text(" ")))
        assert [answer.get_text() for answer in section("li")] == list(exercise.answer)
        assert len(section(class_="squares")) == 1
    key = BeautifulSoup(key.read_text("utf-8"), "lxml")
    bold = [[float(b.get_text()) for b in article("b")] for article in key("article")]
    assert [check("combine", seed, said) for seed, said in enumerate(bold, 7)] == ["Right."] * 25
    assert not page(["script", "link", "img"])


@pytest.mark.parametrize(("paper", "size"), [("A4", (210, 297)), ("Letter", (216, 279))])
def test_paper_has_its_size(tmp_path, paper, size):
    for path in worksheets("paper", tmp_path / "s.pdf", paper=paper):
        points = [mm * 72 / 25.4 for mm in size]
        assert PdfDocument(path)[0].get_size() == pytest.approx(points, abs=0.1)
    (html, _) = worksheets("paper", tmp_path / "s.html", paper=paper)
    assert f"size: {paper};" in html.read_text("utf-8")


def test_every_topic_fits_one_page_with_squares_enough(tmp_path):
    longest = max(TOPICS, key=lambda topic: len(make(topic, 3).question))
    (sheets, _) = worksheets(longest, tmp_path / "s.pdf", seed=3, copies=4, paper="Letter")
    assert len(text_of(sheets)) == 4


def test_same_sheets_have_the_same_bytes(tmp_path):
    for end in ("pdf", "html"):
        one = [path.read_bytes() for path in worksheets("push", tmp_path / f"a.{end}", seed=1)]
        two = [path.read_bytes() for path in worksheets("push", tmp_path / f"b.{end}", seed=1)]
        assert one == two


def test_html_of_a_name_is_letters_and_no_marks(tmp_path):
    sheets, key = worksheets("paper", tmp_path / "s.html", names=["<b>R & D</b>"])
    for path in (sheets, key):
        assert "&lt;b&gt;R &amp; D&lt;/b&gt;" in path.read_text("utf-8")


# --- names from a table ---

TABLE = "Name;Class\r\nZoë Müller;7a\r\n\r\n  José   Peña ;7b\r\n"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TABLE.encode(), None),
        (TABLE.encode("utf-8-sig"), None),
        (TABLE.encode("utf-16"), None),
        (TABLE.encode("cp1252"), "cp1252"),
        (TABLE.replace(";", ",").encode(), None),
        (TABLE.replace(";", "\t").replace("Name\tClass", "Class\tName").encode(), None),
        ("Zoë Müller\nJosé Peña".encode(), None),
        ('name\n"Zoë Müller"\nJosé Peña\n'.encode(), "utf-8"),
    ],
)
def test_names_are_read_as_people_have_them(tmp_path, data, encoding):
    if b"Class\tName" in data:
        data = "Class\tName\r\n7a\tZoë Müller\r\n7b\tJosé Peña\r\n".encode()
    table = tmp_path / "students.csv"
    table.write_bytes(data)
    (sheets, _) = worksheets("paper", tmp_path / "s.html", names=table, encoding=encoding)
    heads = BeautifulSoup(sheets.read_text("utf-8"), "lxml")("h2")
    assert [head.get_text() for head in heads] == ["Zoë Müller", "José Peña"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            TABLE.encode("cp1252"),
            "got the byte 0xeb in line 2; if 'Zoë Müller;7a' is what",
        ),
        (b"Doe, Jane\nRoe, Jo", "expected one column, or one called 'name', got 'Doe, Jane' in "),
        (b"\n \n", "names: expected at least one, got none"),
        (b"name\n", "names: expected at least one, got none"),
        (b"x" * 61, "expected at most 60 letters, got '" + "x" * 61 + "' in line 1"),
        (b"PK\3\4\0\0", "expected a table of names, got bytes that are no text"),
        (b'Ada\n"Grace\nJoan', "expected a table of names, got unexpected end of data"),
    ],
)
def test_table_that_is_not_sure_is_refused(tmp_path, data, message):
    table = tmp_path / "students.csv"
    table.write_bytes(data)
    with pytest.raises(ValueError, match=f"^students.csv: .*{re.escape(message)}"):
        worksheets("paper", tmp_path / "s.html", names=table)
    assert list(tmp_path.iterdir()) == [table]


# --- bad input, and files written whole or not at all ---


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"topic": "lstm"}, "topic: expected 'paper', "),
        ({"seed": 1.5}, "seed: expected a whole number of at least 0, got 1.5"),
        ({"copies": 0}, "copies: expected a whole number in 1..1000, got 0"),
        ({"copies": True}, "copies: expected a whole number in 1..1000, got True"),
        ({"copies": 2, "names": ["Ada"]}, "copies: expected one for each of 1 names, got 2"),
        ({"names": ["Ada", 7]}, "names: expected at most 60 letters, got 7 in line 2"),
        ({"names": []}, "names: expected at least one, got none"),
        ({"names": 7}, "names: expected names or a table of them, got 7"),
        ({"paper": "A5"}, "paper: expected 'A4' or 'Letter', got 'A5'"),
        ({"to": "sheets.docx"}, "to: how it ends: expected '.pdf' or '.html', got '.docx'"),
        ({"to": None}, "to: expected the path of a file, got None"),
        ({"names": "no.csv"}, "names: expected a table of names, got 'no.csv': no such file"),
        ({"to": "no/sheets.pdf"}, "to: expected a folder that exists, got 'no'"),
        ({"to": "s.pdf", "names": ["李"]}, "names: expected letters that DejaVu has, got '李'"),
    ],
)
def test_what_makes_no_sheet_is_refused(tmp_path, monkeypatch, told, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        worksheets(**{"topic": "paper", "to": "s.html"} | told)
    assert list(tmp_path.iterdir()) == []


def test_encoding_that_nobody_knows_is_refused(tmp_path):
    table = tmp_path / "students.csv"
    table.write_text("Ada", "utf-8")
    with pytest.raises(ValueError, match=r"^encoding: expected one that .* 'klingon'"):
        worksheets("paper", tmp_path / "s.html", names=table, encoding="klingon")


def test_old_sheets_stay_if_new_ones_can_not_be_written(tmp_path, monkeypatch):
    paths = worksheets("paper", tmp_path / "s.html", seed=1)
    old = {path: path.read_bytes() for path in paths}

    def full(path, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        worksheets("paper", tmp_path / "s.html", seed=2)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == old
