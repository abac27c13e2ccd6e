"""From a file, as people have them, to lines of text: unpacked, decoded, never all in memory."""

import bz2
import codecs
import gzip
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import BinaryIO, TextIO

from rahulml.checks import shown
from rahulml.reviews.rows import LONGEST_ROW, brief, listed, refusal

MOST_UNPACKED = 100
"""How many times its own size a packed file may hold, once that is more than 100 MB."""

TABLES = (".csv", ".tsv", ".tab", ".psv", ".json", ".jsonl", ".ndjson", ".parquet")
"""How the names of tables end."""

PARQUET = b"PAR1"
"""How a Parquet file begins."""

_ALWAYS_FINE = 100_000_000  # bytes
_MOST_MEMORY = 2**28  # what an .xz file may ask for; those of `xz -9` ask for a quarter of it
_CSV = "a table such as CSV"
_EXCEL = f"{_CSV} (in Excel: File, Save As, CSV UTF-8)"
_UNPACKED = f"{_CSV} or a folder of texts (unpack it first)"
_PACKED = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bz2",
    b"\xfd7zXZ\0": "xz",
    b"PK\3\4": "zip",
    b"PK\5\6": "zip",
}
_STRANGERS = {
    b"\xd0\xcf\x11\xe0": (_EXCEL, "an old Excel or Word file"),
    b"\x28\xb5\x2f\xfd": (_UNPACKED, "a file packed by zstd"),
    b"7z\xbc\xaf": (_UNPACKED, "a 7-Zip archive"),
    b"Rar!": (_UNPACKED, "a RAR archive"),
    b"%PDF": (_CSV, "a PDF"),
    b"{\\rtf": (_CSV, "a document in rich text"),
    b"SQLite format 3": (_CSV, "an SQLite database"),
    b"\x89HDF": (_CSV, "an HDF5 file"),
    b"ARROW1": (f"{_CSV} or Parquet", "a Feather file"),
    b"\x93NUMPY": (_CSV, "a NumPy file"),
    b"\x89PNG": (_CSV, "a picture"),
    b"\xff\xd8\xff": (_CSV, "a picture"),
    b"version https://git-lfs": ("the file itself (git lfs pull)", "a pointer to it"),
}
_PICKLE = re.compile(rb"\x80[\x02-\x05][\x95}\](cX]")
_PAGE = re.compile(rb"(?i)\s*<(?:!doctype|html|\?xml|table|body)")
_MARKS = {  # the longer ones first: UTF-32's begins as UTF-16's does
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_ZEROS = {  # where they are among the first eight bytes, when these are four or two plain letters
    (0, 1, 0, 1, 0, 1, 0, 1): "utf-16-le",
    (1, 0, 1, 0, 1, 0, 1, 0): "utf-16-be",
    (0, 1, 1, 1, 0, 1, 1, 1): "utf-32-le",
    (1, 1, 1, 0, 1, 1, 1, 0): "utf-32-be",
}
_BAD_BYTES = re.compile("[\udc80-\udcff]")


class _Counted(io.RawIOBase):
    """A stream that counts what is read of it, and stops at more than a file should hold."""

    def __init__(self, stream: BinaryIO, name: str, packed: Callable[[], int] | None = None):
        self.stream, self.name, self.packed = stream, name, packed
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:
        try:
            data = self.stream.read(len(buffer))
        except (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile) as error:
            raise refusal(self.name, "a whole file", f"a damaged one ({error})") from None
        if not isinstance(data, bytes):
            raise refusal(self.name, "a file that gives bytes or text", shown(data))
        self.count += len(data)
        if self.packed and self.count > max(_ALWAYS_FINE, MOST_UNPACKED * self.packed()):
            raise refusal(
                self.name,
                f"at most {MOST_UNPACKED} times what is packed, or {_ALWAYS_FINE:,} bytes",
                "more: is it a zip bomb?",
            )
        buffer[: len(data)] = data
        return len(data)


def unpacked(stream: BinaryIO, name: str, member: str | None = None) -> io.BufferedReader:
    """Return what is in a file, packed or not.

    How it is packed, its first bytes say; names are often wrong.

    Parameters
    ----------
    stream : binary file
        With ``seek``, if it may be a zip archive.
    name : str
        For messages.
    member : str, optional
        Which file of a zip archive.

    Raises
    ------
    ValueError
        For anything that is no text, table or packed table, and for what unpacks to more than
        `MOST_UNPACKED` times its size.
    """
    counted = _Counted(stream, name)
    file = io.BufferedReader(counted, 1 << 16)
    how = _kind(file.peek(600))
    if not how:
        return _known(file, name)
    try:
        if how == "zip":
            inner, packed = _member(zipfile.ZipFile(stream), name, member)
        else:
            inner, packed = _UNPACK[how](file), lambda: counted.count
    except (OSError, EOFError, RuntimeError, lzma.LZMAError, zipfile.BadZipFile) as error:
        raise refusal(name, f"a whole {how} file", f"a damaged one ({error})") from None
    found = io.BufferedReader(_Counted(inner, name, packed), 1 << 16)
    if twice := _kind(found.peek(600)):
        raise refusal(name, _UNPACKED, f"a {twice} file in a {how} file")
    return _known(found, name)


def members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Return the files in a zip archive, without what systems add."""
    return [info for info in archive.infolist() if not info.is_dir() and not clutter(info.filename)]


def clutter(name: str) -> bool:
    """Tell whether a file was put there by a system: hidden, or a folder's own notes."""
    parts = PurePosixPath(name).parts
    return any(
        part.startswith(".") or part.lower() in ("__macosx", "thumbs.db", "desktop.ini")
        for part in parts
    )


def encoding_of(head: bytes, told: str | None, name: str) -> str:
    """Return how a file's letters are written: as told, as its mark says, or else UTF-8.

    Parameters
    ----------
    head : bytes
        How it begins. UTF-16 and UTF-32 without a mark are known by their zeros.
    told : str, optional
        Any of Python's encodings.
    name : str
        For messages.

    Raises
    ------
    ValueError
        For an unknown encoding, or another than the file's mark says.
    """
    mark = next((known for mark, known in _MARKS.items() if head.startswith(mark)), None)
    if told is None:
        return mark or _ZEROS.get(tuple(int(byte == 0) for byte in head[:8]), "utf-8")
    try:
        "x".encode(told)
        found = codecs.lookup(told).name
    except (LookupError, TypeError, ValueError):
        message = f"encoding: expected one that Python knows, such as 'cp1252', got {shown(told)}"
        raise ValueError(message) from None
    if mark and not mark.startswith(found[:6]):
        raise refusal(name, f"encoding={mark!r}, as its first bytes say", brief(told))
    return mark or found


def decoded(file: BinaryIO, encoding: str) -> TextIO:
    """Return the file as text. A byte that is no letter stays, marked, for `lines_of` to name."""
    return io.TextIOWrapper(file, encoding, errors="surrogateescape", newline="")


def lines_of(text: TextIO, name: str, encoding: str = "utf-8") -> Iterator[str]:
    """Yield the lines of a text with their ends, none longer than `LONGEST_ROW`.

    Raises
    ------
    ValueError
        For a longer line, or bytes that are no letters in this encoding. The message shows what
        they would be in Windows' western one.
    """
    number = 0
    while True:
        number += 1
        try:
            line = text.readline(LONGEST_ROW + 1)
        except UnicodeError as error:
            got = f"other bytes in line {number} or soon after ({error.reason})"
            raise refusal(name, f"letters in {encoding}", got) from None
        if not line:
            return
        if len(line) > LONGEST_ROW:
            raise refusal(
                name, f"at most {LONGEST_ROW:,} characters a row", f"more in row {number}"
            )
        if not line.isascii() and (bad := _BAD_BYTES.search(line)):
            raise bad_byte(name, encoding, line, bad.start(), f"line {number}")
        yield line.removeprefix("\ufeff") if number == 1 else line


def decoded_whole(data: bytes, told: str | None, name: str, place: str) -> str:
    """Return a text that is a file of its own."""
    encoding = encoding_of(data, told, name)
    try:
        text = data.decode(encoding, "surrogateescape")
    except UnicodeError as error:
        raise refusal(
            name, f"letters in {encoding}", f"others in {place} ({error.reason})"
        ) from None
    if not text.isascii() and (bad := _BAD_BYTES.search(text)):
        raise bad_byte(name, encoding, text, bad.start(), place)
    return text


def bad_byte(name: str, encoding: str, text: str, at: int, place: str) -> ValueError:
    """Return the error for a byte that is no letter, with how its neighbours may be meant."""
    around = text[max(0, at - 12) : at + 12].encode("utf-8", "surrogateescape")
    meant = around.decode("cp1252", "replace").strip()
    return refusal(
        name,
        f"letters in {encoding}",
        f"the byte 0x{ord(text[at]) - 0xDC00:02x} in {place}; if {brief(meant)} is what is meant, "
        "say encoding='cp1252'",
    )


def _xz(file: io.BufferedReader) -> BinaryIO:
    lzma.LZMADecompressor(memlimit=_MOST_MEMORY).decompress(file.peek(1 << 12), max_length=1)
    return lzma.LZMAFile(file)


_UNPACK = {"gzip": lambda file: gzip.GzipFile(fileobj=file), "bz2": bz2.BZ2File, "xz": _xz}


def _kind(head: bytes) -> str | None:
    return next((how for magic, how in _PACKED.items() if head.startswith(magic)), None)


def _known(file: io.BufferedReader, name: str) -> io.BufferedReader:
    """Return a file that may be a table; refuse one that its first bytes say is none."""
    head = file.peek(600)
    for magic, (expected, got) in _STRANGERS.items():
        if head.startswith(magic):
            raise refusal(name, expected, got)
    if head[257:262] == b"ustar":
        raise refusal(name, _UNPACKED, "a tar archive")
    if _PICKLE.match(head):
        raise refusal(name, _CSV, "a pickle, which is never opened")
    if _PAGE.match(head):
        raise refusal(name, _CSV, "a web page or XML")
    return file


def _member(
    archive: zipfile.ZipFile, name: str, wanted: str | None
) -> tuple[BinaryIO, Callable[[], int]]:
    """Open the one table of a zip archive, or the one that is named."""
    names = archive.namelist()
    if "[Content_Types].xml" in names or "mimetype" in names:
        raise refusal(name, _EXCEL, "an Excel, Word or OpenDocument file")
    found = members(archive)
    if wanted is not None:
        found = [info for info in found if info.filename == wanted]
    elif len(found) > 1:
        found = [info for info in found if info.filename.lower().endswith(TABLES)] or found
    if len(found) != 1:
        inside = [info.filename for info in members(archive)]
        expected = "one table in it" if wanted is None else f"{brief(wanted)} in it"
        if len(found) > 1:
            example = f"{PurePosixPath(name).name}/{found[0].filename}"
            expected += f" (name it, such as {brief(example, 60)})"
        raise refusal(name, expected, listed(inside) or "nothing")
    if found[0].flag_bits & 1:
        raise refusal(name, "a zip file without a password", "one with")
    return archive.open(found[0]), lambda: found[0].compress_size
