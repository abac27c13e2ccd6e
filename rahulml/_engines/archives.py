"""What is kept for later: numbers and texts in a file, with their sums. It is data, never code."""

import hashlib
import io
import json
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

SUMS = "SHA256SUMS"
"""The member that holds the sums of all others."""

_TREE = "tree.json"
_REFUSED = (
    *(OSError, zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, MemoryError),
    *(AttributeError, KeyError, IndexError, TypeError, ValueError),
)
"""What reading and rebuilding may raise where a file is not what `put` wrote."""

Kept = TypeVar("Kept")


def sums(members: Mapping[str, bytes]) -> str:
    """Return the SHA-256 of all members, as ``sha256sum`` writes and checks them."""
    lines = [f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in members.items()]
    return "".join(sorted(lines))


def put(path: Path, data: object) -> None:
    """Keep data in a file, whole or not at all; where that can't be done, warn and go on.

    Parameters
    ----------
    path : Path
        The file, which is replaced if it is there.
    data : object
        Dicts with texts as names, lists, texts, numbers, None, and arrays of numbers.

    Notes
    -----
    The file is an archive that `numpy.load` opens, too: an ``.npy`` for each array, what is around
    them as JSON, and ``SHA256SUMS``. Nothing in it is packed, and the same data are the same bytes.
    """
    arrays: list[NDArray] = []

    def in_json(value: object) -> object:
        if not isinstance(value, np.ndarray):
            return value.item()  # a number of NumPy's
        arrays.append(value)
        return {"npy": f"{len(arrays) - 1}.npy"}

    members = {_TREE: json.dumps(data, default=in_json).encode()}
    members |= {f"{place}.npy": _npy(array) for place, array in enumerate(arrays)}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".") as folder:
            whole = Path(folder, path.name)
            with zipfile.ZipFile(whole, "w") as archive:
                for name, content in {**members, SUMS: sums(members).encode()}.items():
                    archive.writestr(zipfile.ZipInfo(name), content)
            whole.replace(path)
    except OSError as error:
        reason = f"can't be kept there, and will be computed again: {error.strerror or error}"
        warnings.warn(f"{path.parent}: what was computed {reason}", stacklevel=2)


def get(path: Path, rebuilt: Callable[[object], Kept]) -> Kept | None:
    """Return what was kept in a file, or None; of a file that is refused, warn.

    Parameters
    ----------
    path : Path
        The file.
    rebuilt : callable
        Makes of the data what is wanted. What it raises means that the file is refused.

    Notes
    -----
    Nothing in the file is run or unpickled, and its memory is bounded by its size. The sums tell
    what an accident did; who changes a file on purpose can write new ones.
    """
    try:
        return rebuilt(_read(path))
    except FileNotFoundError:
        return None
    except _REFUSED as error:
        reason = " ".join(f"{error}".split())[:120] or type(error).__name__
        warnings.warn(f"{path}: not as it was written, so computed again: {reason}", stacklevel=2)
        return None


def _npy(array: NDArray) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, array, allow_pickle=False)
    return file.getvalue()


def _read(path: Path) -> object:
    with zipfile.ZipFile(path) as archive:
        if any(info.compress_type != zipfile.ZIP_STORED for info in archive.infolist()):
            raise ValueError("packed members")
        members = {name: archive.read(name) for name in archive.namelist()}
    if members.pop(SUMS, None) != sums(members).encode():
        raise ValueError("the sums are others")
    arrays = {name: _array(data) for name, data in members.items() if name != _TREE}

    def from_json(node: dict) -> object:
        return arrays[node["npy"]] if node.keys() == {"npy"} else node

    return json.loads(members[_TREE], object_hook=from_json)


def _array(data: bytes) -> NDArray:
    return np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
