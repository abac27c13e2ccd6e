"""What every source becomes: rows of a text and a label, and the words that refuse one."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from rahulml.checks import shown

Row = tuple[str, str | None, str | None]
"""A place that a person can find ("row 8"), a text, a label; None and None for an empty row."""

LONGEST_ROW = 10_000_000
"""Characters. A longer row is refused before all of it is in memory."""

_LONGEST_MESSAGE, _LONGEST_NAME = 300, 70


@dataclass
class Rows:
    """The rows of a source, read as they are asked for, and how they are read.

    Attributes
    ----------
    name : str
        What a message calls the source.
    kind : str
        Such as "CSV" or "Parquet".
    rows : iterator of Row
    columns : tuple of str, optional
        The headers of the text and of the label.
    encoding, separator : str, optional
        How characters and fields were told apart.
    notes : list of str
        What a person should know, and no count shows. It may grow while the rows are read.
    exam_from : int, optional
        How many rows stand before those that the collection itself sets aside for an exam.
    """

    name: str
    kind: str
    rows: Iterator[Row]
    columns: tuple[str, str] | None = None
    encoding: str | None = None
    separator: str | None = None
    notes: list[str] = field(default_factory=list)
    exam_from: int | None = None


def refusal(name: str, expected: str, got: str) -> ValueError:
    """Return the error for a source: which one, what was expected, and what came.

    A message has at most 300 characters; of a long path it keeps the end.

    Examples
    --------
    >>> refusal("my.csv", "a label", "none in row 8")
    ValueError('my.csv: expected a label, got none in row 8')
    """
    name = " ".join(name.split())
    name = name.encode("utf-8", "backslashreplace").decode()  # a name may hold what no text can
    if len(name) > _LONGEST_NAME:
        name = "..." + name[3 - _LONGEST_NAME :]
    message = f"{name}: expected {expected}, got {got}"
    if len(message) > _LONGEST_MESSAGE:
        message = message[: _LONGEST_MESSAGE - 3] + "..."
    return ValueError(message)


def brief(value: object, most: int = 40) -> str:
    """Return a value as a message about a row repeats it: on one line, cut at `most` characters.

    Examples
    --------
    >>> brief("one of many words " * 9, 20)
    "'one of many word..."
    """
    text = shown(value)
    return text if len(text) <= most else text[: most - 3] + "..."


def listed(names: list[str], most: int = 4) -> str:
    """Return a few names as a message lists them.

    Examples
    --------
    >>> listed(["id", "text", "stars"]), listed(list("abcdefg"))
    ("'id', 'text', 'stars'", "'a', 'b', 'c', 'd' and 3 more")
    """
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(brief(name, 24) for name in names[:most]) + more


def said(text: object, name: str, place: str) -> str:
    """Return a text as it stands in a table, "" where there is none, or refuse what is no text."""
    if isinstance(text, str):
        return text
    if text is None or text != text:  # NaN, a table's way to say none
        return ""
    raise refusal(name, "a text in each row", f"{brief(text)} in {place}")
