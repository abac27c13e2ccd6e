"""Tables of text, read row by row, and checked: no row, field or letter is lost unsaid."""

import csv
import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from rahulml.reviews.columns import columns_of
from rahulml.reviews.rows import LONGEST_ROW, Row, Rows, brief, refusal, said

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
"""What may stand between the fields of a line. The header tells which does."""

MOST_JSON = 200_000_000
"""Characters. JSON has to be in memory as a whole; JSON lines have not, and may be any number."""


def table_of(
    lines: Iterator[str], name: str, known: Callable[[str], bool], text: object, label: object
) -> Rows:
    """Return the rows of a text file: JSON, JSON lines, or fields between separators.

    Parameters
    ----------
    lines : iterator of str
        With their ends.
    name : str
        For messages. Where it says JSON, JSON has to be in it.
    known : callable
        Tells of a field whether it is a label: so rows inside a quoted text give themselves away.
    text, label : optional
        The names of the columns.

    Raises
    ------
    ValueError
        Here for what the header lacks; while the rows are read for the first row that does not fit.
    """
    numbered = enumerate(lines, 1)
    number, first = next(((n, line) for n, line in numbered if line.strip()), (0, ""))
    if not number:
        raise refusal(name, "a header and rows", "an empty file")
    sign = first.lstrip()[0]
    says_json = name.lower().rsplit("/")[-1].split(".")[1:]
    if sign in "[{":
        return _json(number, first, numbered, name, text, label)
    if {"json", "jsonl", "ndjson"} & set(says_json):
        raise refusal(name, "JSON", brief(first))
    return _delimited(number, first, (line for _, line in numbered), name, known, text, label)


# --- fields between separators ---


def _delimited(
    number: int,
    first: str,
    lines: Iterator[str],
    name: str,
    known: Callable[[str], bool],
    text: object,
    label: object,
) -> Rows:
    separators = list(SEPARATORS)
    told = first.strip("\r\n").strip('"').lower()
    if told.startswith("sep=") and len(told) == 5:  # Excel's own first line
        separators, number, first = [told[4]], number + 1, next(lines, "")
    errors = {}
    for separator in separators:
        try:
            headers = next(csv.reader([first], delimiter=separator, strict=True), [])
            places = columns_of(name, headers, text, label)
        except csv.Error:
            errors[1] = refusal(name, "a header of names in one line", brief(first))
        except ValueError as error:
            errors[len(headers)] = error
        else:
            rows = _fields(number, lines, name, separator, headers, places, known)
            columns = tuple(headers[place].strip() for place in places)
            kind = SEPARATORS.get(separator, separator)
            return Rows(name, "table", rows, columns, separator=kind)
    raise errors[max(errors)]


def _doubled(lines: Iterator[str], separator: str) -> Iterator[list[str]]:
    r"""Read quotes as most programs write them: "a ""quote"" in a text"."""
    return csv.reader(lines, delimiter=separator, strict=True)


def _spaced(lines: Iterator[str], separator: str) -> Iterator[list[str]]:
    """Read quotes with a blank before them, as in lists typed by hand: 1, "a text, quoted"."""
    return csv.reader(lines, delimiter=separator, strict=True, skipinitialspace=True)


def _escaped(lines: Iterator[str], separator: str) -> Iterator[list[str]]:
    r"""Read quotes as some write them: "a \"quote\" in a text"."""
    halves = (line.replace("\\\\", "\0\0").replace('\\"', '""') for line in lines)
    return csv.reader(
        (line.replace("\0\0", "\\\\") for line in halves), delimiter=separator, strict=True
    )


def _literal(lines: Iterator[str], separator: str) -> Iterator[list[str]]:
    """Read quotes as letters like others, as in many files with tabs."""
    rows = csv.reader(lines, delimiter=separator, quoting=csv.QUOTE_NONE)
    return ([field.strip('"') for field in row] for row in rows)


def _fields(
    number: int,
    lines: Iterator[str],
    name: str,
    separator: str,
    headers: list[str],
    places: tuple[int, int],
    known: Callable[[str], bool],
) -> Iterator[Row]:
    """Yield the rows below the header, which is line `number`.

    The library's reader takes as many lines as a record has, and complains of quotes that don't
    fit. Where that, or the number of fields, is wrong, the same lines are read in another way that
    the file may mean; if that does not help, the first complaint is raised.
    """
    width, (text, label) = len(headers), places
    ahead: deque[str] = deque()
    held: list[str] = []

    def feed() -> Iterator[str]:
        size = 0
        while (line := ahead.popleft() if ahead else next(lines, None)) is not None:
            held.append(line)
            size += len(line)
            if size > LONGEST_ROW:
                raise csv.Error("too long")
            yield line

    def wrong(fields: list[str]) -> tuple[str, str] | None:
        if any(field.strip() for field in fields[width:]):
            return f"{width} fields a row (a text with a separator in quotes)", f"{len(fields)}"
        if len(fields) <= max(places) and any(field.strip() for field in fields):
            return f"{width} fields a row", f"{len(fields)}"
        if len(held) > 1:  # a quote that is never closed takes the next rows for its text
            inner = held[:-1] if text < label else held[1:]
            cut = [line.strip("\r\n").split(separator) for line in inner]
            alike = [len(parts) == width and known(parts[label].strip(' "')) for parts in cut]
            if sum(alike) > len(alike) / 2:
                return "each quote closed in its row", f"{sum(alike) + 1} rows in one text"
        return None

    def record(place: str) -> list[str] | None:
        first = None
        ways = [_doubled]
        for way in ways:
            held.clear()
            try:
                fields = next(way(feed(), separator), None)
                complaint = fields and wrong(fields)
            except csv.Error as error:
                got = _QUOTES.get(str(error), f"one with an error: {error}")
                complaint = "quotes in pairs, those inside a quoted text doubled", got
            if not complaint:
                return fields
            if way is _doubled:
                first = complaint
                ways += [_spaced] if any(f'{separator} "' in line for line in held) else []
                ways += [_escaped] if any('\\"' in line for line in held) else []
                ways += [_literal] if separator == "\t" else []
            ahead.extendleft(reversed(held))
        expected, got = first
        raise refusal(name, expected, f"{got} in {place}")

    limit = csv.field_size_limit(2 * LONGEST_ROW)
    try:
        row = line = number
        while True:
            row, line = row + 1, line + 1
            place = f"row {row}" if row == line else f"row {row} (line {line})"
            if (fields := record(place)) is None:
                return
            line += len(held) - 1
            if any(field.strip() for field in fields):
                yield place, fields[text], fields[label]
            else:
                yield place, None, None
    finally:
        csv.field_size_limit(limit)


_QUOTES = {
    "unexpected end of data": "one that is never closed",
    "too long": f"no end of a text after {LONGEST_ROW:,} characters",
}


# --- JSON ---


def _json(
    number: int,
    first: str,
    numbered: Iterator[tuple[int, str]],
    name: str,
    text: object,
    label: object,
) -> Rows:
    second = next(((n, line) for n, line in numbered if line.strip()), None)
    try:
        in_lines = second is not None and isinstance(_loaded(first, name), dict)
    except ValueError:
        in_lines = False
    if in_lines:
        every = chain([(number, first), second], ((n, x) for n, x in numbered if x.strip()))
        records = ((f"line {n}", _loaded(line, name, n)) for n, line in every)
        return records_of(records, name, "JSON lines", text, label)
    parts, size = [first, second[1] if second else ""], 0
    for _, line in numbered:
        parts.append(line)
        size += len(line)
        if size > MOST_JSON:
            raise refusal(name, f"JSON of at most {MOST_JSON:,} characters, or JSON lines", "more")
    found = _listed(_loaded("".join(parts), name), name, text, label)
    return records_of(
        ((f"item {n}", item) for n, item in enumerate(found, 1)), name, "JSON", text, label
    )


def _loaded(text: str, name: str, number: int = 1) -> object:
    try:
        return json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        got = f"{error.msg} in line {number + error.lineno - 1}, column {error.colno}"
    except RecursionError:
        got = f"a nest of brackets in line {number}"
    except ValueError as error:
        got = f"{error} in line {number}"
    raise refusal(name, "JSON", got)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name {brief(twice)} twice in an object")
    return found


def _listed(value: object, name: str, text: object, label: object) -> list[object]:
    """Return JSON's records, in whichever of the usual ways they stand there."""
    if isinstance(value, list):
        return value
    data = value.get("data")
    if isinstance(data, list):  # as pandas writes it with orient="table" or "split"
        headers = value.get("columns")
        if not isinstance(headers, list):
            return data
        for number, row in enumerate(data, 1):
            if not isinstance(row, list) or len(row) != len(headers):
                raise refusal(name, f"{len(headers)} fields", f"{brief(row)} in item {number}")
        return [dict(zip(map(str, headers), row, strict=True)) for row in data]
    if not all(isinstance(part, dict | list) for part in value.values()):
        return [value]
    headers = list(value)
    try:
        columns = [headers[place] for place in columns_of(name, headers, text, label)]
    except ValueError:  # one record under each name, orient="index"
        return list(value.values())
    parts = [value[column] for column in columns]  # one column under each name
    if all(isinstance(part, dict) for part in parts):
        if parts[0].keys() != parts[1].keys():
            raise refusal(name, f"the same rows in {columns[0]!r} and {columns[1]!r}", "others")
        parts = [list(parts[0].values()), [parts[1][row] for row in parts[0]]]
    if len(parts[0]) != len(parts[1]):
        raise refusal(name, "as many labels as texts", f"{len(parts[1])} and {len(parts[0])}")
    return [dict(zip(columns, row, strict=True)) for row in zip(*parts, strict=True)]


def records_of(
    records: Iterable[tuple[str, object]], name: str, kind: str, text: object, label: object
) -> Rows:
    """Return the rows of records with names, such as JSON's objects; the first has the columns."""
    records = iter(records)
    first = next(records, None)
    if first is None or not isinstance(first[1], dict):
        got = "none" if first is None else brief(first[1])
        raise refusal(name, 'records with names, such as {"text": ..., "label": ...}', got)
    headers = list(first[1])
    columns = tuple(headers[place] for place in columns_of(name, headers, text, label))

    def rows() -> Iterator[Row]:
        for place, record in chain([first], records):
            if not isinstance(record, dict):
                raise refusal(
                    name, "a record with names in each row", f"{brief(record)} in {place}"
                )
            found, how = (record.get(column) for column in columns)
            yield place, said(found, name, place), "" if how is None else str(how)

    return Rows(name, kind, rows(), columns)
