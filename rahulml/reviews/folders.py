"""Texts that are a file each, in folders that say what their writers thought: pos/ and neg/."""

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from rahulml.reviews.labels import Labels
from rahulml.reviews.opening import TABLES, clutter, decoded_whole, members
from rahulml.reviews.rows import LONGEST_ROW, Row, Rows, listed, refusal

_TEXTS = ("", ".txt", ".text", ".md", ".html", ".htm")
_DEEPEST = 3  # aclImdb: train/pos/0_9.txt
_MOST_BYTES = 4 * LONGEST_ROW

Reader = Callable[[str], bytes]


def folder_rows(folder: Path, name: str, labels: Labels, encoding: str | None) -> Rows:
    """Return the texts in a folder's folders, in the order of their names.

    Raises
    ------
    ValueError
        If there are no folders with labels for names, if there are tables beside them, or if such a
        folder holds something else than texts.
    """
    names = sorted(_names(folder, _DEEPEST))

    def read(name: str) -> bytes:
        with (folder / name).open("rb") as file:
            return file.read(_MOST_BYTES + 1)

    tables = [name for name in names if "/" not in name and _is_table(name)]
    texts = [] if tables else _texts(names, labels)
    if not texts:
        got = f"the tables {listed(tables)}" if tables else listed(_tops(names)) or "nothing"
        raise refusal(name, "a folder with pos/ and neg/ in it, or the path of one table", got)
    return _rows(texts, names, read, name, "folder of texts", labels, encoding)


def zip_rows(
    archive: zipfile.ZipFile, name: str, labels: Labels, encoding: str | None
) -> Rows | None:
    """Return the texts in a zip archive's folders, or None where it has a table or no such."""
    names = sorted(info.filename for info in members(archive))
    texts = [] if any(map(_is_table, names)) else _texts(names, labels)
    if not texts:
        return None

    def read(name: str) -> bytes:
        with archive.open(name) as file:
            return file.read(_MOST_BYTES + 1)

    return _rows(texts, names, read, name, "zip archive of texts", labels, encoding)


def _names(folder: Path, depth: int, before: str = "") -> Iterator[str]:
    for entry in folder.iterdir():
        if clutter(entry.name):
            continue
        if entry.is_dir():
            if depth > 1:
                yield from _names(entry, depth - 1, f"{before}{entry.name}/")
        else:
            yield before + entry.name


def _is_table(name: str) -> bool:
    return name.lower().removesuffix(".gz").endswith((*TABLES, ".zip", ".xlsx"))


def _tops(names: list[str]) -> list[str]:
    return list(dict.fromkeys(PurePosixPath(name).parts[0] for name in names))


def _texts(names: list[str], labels: Labels) -> list[str]:
    """Return the files whose folder has a label for a name."""
    folders = {name: PurePosixPath(name).parent.name for name in names}
    any_name = labels.others is not None
    return [name for name in names if (f := folders[name]) and (any_name or labels.knows(f))]


def _rows(
    texts: list[str],
    names: list[str],
    read: Reader,
    source: str,
    kind: str,
    labels: Labels,
    encoding: str | None,
) -> Rows:
    notes = []
    pairs = sorted({str(PurePosixPath(name).parent.parent) for name in texts})
    if len(pairs) > 1:
        notes.append(f"the texts in {listed(pairs)} are taken together")
    if others := sorted(set(names) - set(texts)):
        notes.append(f"{len(others):,} other files were not read, such as {listed(others, 2)}")

    def rows() -> Iterator[Row]:
        for name in texts:
            path = PurePosixPath(name)
            if path.suffix.lower() not in _TEXTS:
                raise refusal(
                    source, f"texts ({', '.join(_TEXTS[1:])}) alone in {path.parent}/", name
                )
            try:
                data = read(name)
            except (OSError, RuntimeError, zipfile.BadZipFile) as error:
                reason = getattr(error, "strerror", None) or error
                raise refusal(source, "texts that can be read", f"{name}: {reason}") from None
            if len(data) > _MOST_BYTES:
                raise refusal(source, f"at most {_MOST_BYTES:,} bytes a text", f"more in {name}")
            yield name, decoded_whole(data, encoding, source, name), path.parent.name

    return Rows(source, kind, rows(), encoding=encoding or "utf-8", notes=notes)
