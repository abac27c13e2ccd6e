"""Names of students from a table, in whatever letters; what is not sure is asked for."""

import codecs
import csv
import io
import os
from collections.abc import Iterable
from pathlib import Path

from rahulml.checks import shown

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_LONGEST = 60
"""Characters of a name: what a sheet's head has room for."""


def names_of(names: str | os.PathLike | Iterable[str], encoding: str | None = None) -> list[str]:
    """Return the names of students.

    Parameters
    ----------
    names : path or iterable of str
        The names, or a table of them as CSV, with commas, semicolons or tabs: a column called
        "name", or one column without a head.
    encoding : str, optional
        How the table's letters are written. UTF-8, with or without a mark, and UTF-16 with one are
        known; all else has to be told, such as ``"cp1252"``.

    Raises
    ------
    ValueError
        If there is no such table, it has no names, one is too long or no text, there are several
        columns and none is called "name", or bytes are no letters. The message names the line.

    Examples
    --------
    >>> names_of(["Ada", " Grace "])
    ['Ada', 'Grace']
    """
    if isinstance(names, str | os.PathLike):
        rows, where = _column(Path(names), encoding), f"{Path(names).name}: "
    elif isinstance(names, Iterable):
        rows, where = list(enumerate(names, start=1)), ""
    else:
        raise ValueError(f"names: expected names or a table of them, got {shown(names)}")
    found = []
    for line, name in rows:
        if not isinstance(name, str) or len(name) > _LONGEST:
            got = f"{shown(name)} in line {line}"
            raise ValueError(f"{where}names: expected at most {_LONGEST} letters, got {got}")
        found += [" ".join(name.split())] * bool(name.strip())
    if not found:
        raise ValueError(f"{where}names: expected at least one, got none")
    return found


def _column(path: Path, encoding: str | None) -> list[tuple[int, str]]:
    """Return the column of names, each with its line."""
    text = _decoded(path, encoding)
    if "\0" in text:
        raise ValueError(f"{path.name}: expected a table of names, got bytes that are no text")
    head = text.lstrip().partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows = [(reader.line_num, row) for row in reader if any(map(str.strip, row))]
    except csv.Error as error:
        raise ValueError(f"{path.name}: expected a table of names, got {error}") from None
    if not rows:
        return []
    columns = [cell.strip().casefold() for cell in rows[0][1]]
    if "name" in columns:
        at = columns.index("name")
        return [(line, row[at]) for line, row in rows[1:] if at < len(row)]
    for line, row in rows:
        if len(row) > 1:
            got = f"{shown(delimiter.join(row))} in line {line}"
            raise ValueError(f"{path.name}: expected one column, or one called 'name', got {got}")
    return [(line, row[0]) for line, row in rows]


def _decoded(path: Path, encoding: str | None) -> str:
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:  # the latter for a path that no system has
        why = "a folder" if path.is_dir() else getattr(error, "strerror", None) or error
        why = "no such file" if isinstance(error, FileNotFoundError) else why
        got = f"{shown(str(path))}: {why}"
        raise ValueError(f"names: expected a table of names, got {got}") from None
    mark = next((known for mark, known in _MARKS.items() if data.startswith(mark)), None)
    told = mark or encoding or "utf-8"
    try:
        return data.decode(told)
    except LookupError:
        wanted = "expected one that Python knows, such as 'cp1252'"
        raise ValueError(f"encoding: {wanted}, got {shown(encoding)}") from None
    except UnicodeError as error:
        line, byte = data[: error.start].count(b"\n") + 1, data[error.start]
        meant = shown(data.splitlines()[line - 1].decode("cp1252", "replace"))
        raise ValueError(
            f"{path.name}: expected letters in {told}, got the byte 0x{byte:02x} in line {line}; "
            f"if {meant} is what is meant, say encoding='cp1252'"
        ) from None
