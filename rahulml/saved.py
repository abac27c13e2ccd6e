"""A trained machine in one file, with the words it knows: written, loaded, asked."""

from __future__ import annotations

import io
import json
import os
import platform
import tempfile
import warnings
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from numpy.typing import NDArray

from rahulml._engines.archives import SUMS, sums
from rahulml.checks import one_of, shown, whole_number
from rahulml.reviews import Numbering
from rahulml.reviews.rows import listed, refusal

if TYPE_CHECKING:
    import keras

    from rahulml.runs import Run

FORMAT = 1
"""The number of the form in which machines are written; `load_machine` reads no other."""

_RECORD, _WEIGHTS = "rahulml.json", "model.weights.h5"
_MEMBERS = {"metadata.json", "config.json", _WEIGHTS, _RECORD, SUMS}
_MOST_TEXT = 32_000_000
"""Bytes that a member may have which is no dials: room for more than a million words."""

_MOST_WORDS = 1_000_000
"""How wide a window may be that a file asks for."""

_A_MACHINE = "a machine that Run.save wrote"


@dataclass(frozen=True, eq=False)
class Machine:
    """A trained machine as `load_machine` gives it: it reads texts.

    Attributes
    ----------
    machine, seed, loop
        What was trained, from which seed, and after which of its loops it was saved.
    engine : str
        What computed the training.
    history : tuple of dict
        The rows of `rahulml.runs.Run.history`, loop by loop.
    settings, recipe : dict
        As `rahulml.runs.Run` has them.
    numbering : Numbering
        How texts become its word-numbers.
    report : str
        What was read into the piles that it was trained on; empty if nothing was.
    versions : dict
        Of what wrote the file: ``rahulml``, ``keras``, ``numpy``, ``python``.
    model : keras.Model
        The machine itself, which takes word-numbers.
    """

    machine: str
    seed: int
    loop: int
    engine: str
    history: tuple[Mapping[str, float], ...] = field(repr=False)
    settings: Mapping[str, int] = field(repr=False)
    recipe: Mapping[str, float | None] = field(repr=False)
    numbering: Numbering = field(repr=False)
    report: str = field(repr=False)
    versions: Mapping[str, str] = field(repr=False)
    model: keras.Model = field(repr=False)

    @property
    def words(self) -> tuple[str, ...]:
        """The notepad's words: the word of each word-number."""
        return self.numbering.notepad_words

    def predict(self, texts: Iterable[str]) -> NDArray[np.float32]:
        """Say of each text how likely its writer liked what it is about.

        Parameters
        ----------
        texts : iterable of str
            Each with at least one word.

        Returns
        -------
        ndarray, shape (n,)
            In 0..1; how far that is a probability, `rahulml.scores.reliability` measures.

        Raises
        ------
        ValueError
            For one text where several are expected, or one without a word.
        """
        from rahulml.training import predict  # loads an engine, which this room does without

        if isinstance(texts, str | bytes) or not isinstance(texts, Iterable):
            raise ValueError(f"texts: expected several, such as a list of str, got {shown(texts)}")
        rows = [self.numbering(text, f"texts[{place}]") for place, text in enumerate(texts)]
        if not rows:
            return np.zeros(0, np.float32)
        return predict(self.model, np.stack(rows))


def write(run: Run, path: str | Path, loop: int) -> None:
    """Write a machine into one file: what `rahulml.runs.Run.save` does.

    Parameters
    ----------
    run : Run
        The training.
    path : str or Path
        Where the file is to be. A machine that is there is replaced, when the new one is whole;
        anything else is left alone.
    loop : int
        After which loop, from 0.

    Raises
    ------
    ValueError
        For a place where no machine can be written.

    Notes
    -----
    The file is an archive of Keras (``.keras``) in Keras's own layers where there are such, so that
    `keras.models.load_model` opens it, too. Two members more are in it: ``rahulml.json`` holds all
    that is not dials, and ``SHA256SUMS`` the sum of each member.
    """
    path = writable(path)
    model = _stock(run.machine, run.settings)
    model.set_weights(run.weights(loop))
    record = {
        "format": FORMAT,
        "machine": run.machine,
        "seed": run.seed,
        "loop": loop,
        "engine": run.engine,
        "history": run.history.to_dict("records"),
        "settings": dict(run.settings),
        "recipe": dict(run.recipe),
        "keep": run.numbering.keep,
        "padding": run.numbering.padding,
        "report": str(run.report or ""),
        "versions": _versions(),
        "notepad_words": run.numbering.notepad_words,
    }
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".rahulml-") as folder:
        whole = Path(folder, "machine.keras")
        with warnings.catch_warnings():  # of NumPy's, about a variable of TensorFlow
            warnings.filterwarnings("ignore", "__array__ implementation", DeprecationWarning)
            model.save(whole)
        with zipfile.ZipFile(whole, "a") as archive:
            archive.writestr(_RECORD, json.dumps(record, indent=1, default=str))
            members = {name: archive.read(name) for name in archive.namelist()}
            archive.writestr(SUMS, sums(members))
        whole.replace(path)


def writable(path: str | Path) -> Path:
    """Return the path of a file that a machine may be written to.

    Raises
    ------
    ValueError
        For what is no path, a folder that is not there, and a file that holds no machine.
    """
    path = _path(path)
    if not path.parent.is_dir():
        raise refusal(str(path), "a file in a folder that is there", "one in no folder")
    if path.exists():
        try:
            with path.open("rb") as file, zipfile.ZipFile(file) as archive:
                ours = _RECORD in archive.namelist()
        except (OSError, zipfile.BadZipFile):
            ours = False
        if not ours:
            got = "a folder" if path.is_dir() else "another file there"
            raise refusal(str(path), "a new file, or a machine to replace", got)
    return path


def load_machine(path: str | Path) -> Machine:
    """Load a machine that `rahulml.runs.Run.save` wrote.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    Machine
        With the same dials and words: in every process of one engine and one kind of processor its
        guesses are the same to the last bit.

    Raises
    ------
    ValueError
        For a file that is not there, comes from elsewhere, is of another format, cut off, changed,
        or packed. The message names the file and says what was expected and what came, in at most
        300 characters.

    Notes
    -----
    Nothing in the file is run or unpickled: the machine is built by this package from a few checked
    numbers, and Keras copies the dials into it. The sums tell what an accident did; who changes a
    file on purpose can write new ones, so take machines from people whom you trust. Its memory is
    bounded by the size of the file.
    """
    path = _path(path)
    name = str(path)
    if not path.is_file():
        got = "a folder" if path.is_dir() else "nothing there"
        raise refusal(name, _A_MACHINE, got)
    try:
        with path.open("rb") as file:
            record, weights = _read(file, name)
    except OSError as error:
        raise refusal(name, _A_MACHINE, error.strerror or str(error)) from None
    try:
        settings = _settings(record["settings"], record["machine"], len(weights))
        words = tuple(record["notepad_words"])
        if len(words) != settings["vocabulary"] or not all(isinstance(one, str) for one in words):
            raise ValueError(f"{settings['vocabulary']} words wanted, {len(words)} there")
        one_of("keep", record["keep"], ("last", "first"))
        one_of("padding", record["padding"], ("before", "after"))
        how = {name: record[name] for name in ("machine", "seed", "loop", "engine", "report")}
        how |= {name: dict(record[name]) for name in ("recipe", "versions")}
        how["history"] = tuple(map(dict, record["history"]))
        numbering = Numbering(words, settings["max_words"], record["keep"], record["padding"])
    except (KeyError, TypeError, ValueError) as error:
        raise refusal(name, "the record of a machine", f"another ({error})") from None
    model = _stock(record["machine"], settings)
    _load(model, weights, name)
    return Machine(**how, settings=settings, numbering=numbering, model=model)


def _path(path: object) -> Path:
    if not isinstance(path, str | os.PathLike):
        raise ValueError(f"path: expected the path of a file, got {shown(path)}")
    return Path(path).expanduser()


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in ("rahulml", "keras", "numpy"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:  # a copy that was not installed
            found[package] = "unknown"
    return found


def _read(file: BinaryIO, name: str) -> tuple[dict, bytes]:
    """Return the record and the dials, as they were written."""
    head = file.read(4)
    try:
        archive = zipfile.ZipFile(file)
        found = archive.namelist()
        if _RECORD not in found:
            stranger = "a model of Keras without words" if "config.json" in found else "an archive"
            raise refusal(name, _A_MACHINE, f"{stranger}: {listed(found) or 'empty'}")
        for info in archive.infolist():
            if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1:
                raise refusal(name, f"{_A_MACHINE}, nothing in it packed", "packed members")
            if info.filename != _WEIGHTS and info.file_size > _MOST_TEXT:
                most = f"at most {_MOST_TEXT:,} bytes in {info.filename[:30]}"
                raise refusal(name, most, f"{info.file_size:,}")
        record = _json(archive.read(_RECORD), name)
        if record["format"] != FORMAT:
            got = f"format {shown(record['format'])[:20]} of rahulml {_writer(record)}"
            raise refusal(name, f"{_A_MACHINE}, in format {FORMAT}", got)
        if sorted(found) != sorted(_MEMBERS):
            raise refusal(name, f"the members {listed(sorted(_MEMBERS), 5)}", listed(found, 6))
        members = {member: archive.read(member) for member in _MEMBERS}
    except (zipfile.BadZipFile, EOFError, NotImplementedError, UnicodeError) as error:
        got = f"a damaged one, perhaps cut off ({error})" if head[:2] == b"PK" else "another kind"
        raise refusal(name, _A_MACHINE, got if head else "an empty file") from None
    if members.pop(SUMS) != sums(members).encode():
        raise refusal(name, "a machine as it was written", "one that was changed since")
    return record, members[_WEIGHTS]


def _json(data: bytes, name: str) -> dict:
    try:
        record = json.loads(data)
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict) or "format" not in record:
        raise refusal(name, f"{_A_MACHINE}, its record in JSON", "none")
    return record


def _writer(record: dict) -> str:
    versions = record.get("versions")
    return shown(versions.get("rahulml") if isinstance(versions, dict) else None)[:20]


def _settings(told: Mapping, machine: object, size: int) -> dict[str, int]:
    """Return what it takes to build the machine, if so many dials fit into `size` bytes."""
    from rahulml.builders import LAYERS
    from rahulml.variants import VARIANTS

    one_of("machine", machine, LAYERS)
    hears = ("rnn", "lstm", "bilstm", "gru", "lstm-mean", *VARIANTS)  # its own memory
    names = ("vocabulary", "max_words", "embedding", "units")
    settings = {name: whole_number(name, told[name], 1) for name in names}
    one_of("mask_padding", told["mask_padding"], (True, False))
    whole_number("max_words", settings["max_words"], 1, _MOST_WORDS)
    vocabulary, _, notes, units = settings.values()
    least = [vocabulary * notes, units * notes * (machine != "mean"), units**2 * (machine in hears)]
    if 4 * max(least) > size:
        raise ValueError(f"{max(least):,} dials wanted, {size:,} bytes there")
    return settings | {"mask_padding": told["mask_padding"]}


def _stock(machine: str, settings: Mapping[str, int]) -> keras.Model:
    """Return what `rahulml.builders.build` builds, in Keras's own layers where there are such."""
    import keras

    from rahulml.builders import LAYERS

    floor_1 = {"mask_zero": settings["mask_padding"], "name": "notepad"}
    return keras.Sequential(
        [
            keras.Input((settings["max_words"],), dtype="int32"),
            keras.layers.Embedding(settings["vocabulary"], settings["embedding"], **floor_1),
            LAYERS[machine](settings["units"], name="worker"),
            keras.layers.Dense(1, activation="sigmoid", name="clerk"),
        ],
        name=machine,
    )


def _load(model: keras.Model, weights: bytes, name: str) -> None:
    """Copy the dials into the machine, each paper of the same shape."""
    import h5py

    try:
        with h5py.File(io.BytesIO(weights)) as file:
            _refuse_what_lies_elsewhere(file, len(weights))
        with tempfile.TemporaryDirectory(prefix="rahulml-") as folder:
            place = Path(folder, _WEIGHTS)
            place.write_bytes(weights)
            model.load_weights(place)
    except (ValueError, KeyError, TypeError, OSError, RuntimeError, AttributeError) as error:
        reason = " ".join(str(error).split())
        raise refusal(name, f"the dials of {model.name!r}", f"others ({reason})") from None
    if not all(np.isfinite(paper).all() for paper in model.get_weights()):
        raise refusal(name, "dials that are numbers", "NaN or infinity among them")


def _refuse_what_lies_elsewhere(group: object, size: int) -> int:
    """Return how many bytes of a file of `size` are left, if all of its numbers lie within it."""
    import h5py

    for key in group:
        if not isinstance(group.get(key, getlink=True), h5py.HardLink):
            raise ValueError(f"a link, {key[:30]!r}")
        part = group[key]
        if isinstance(part, h5py.Group):
            size = _refuse_what_lies_elsewhere(part, size)
            continue
        size -= part.size * part.dtype.itemsize
        if part.external or part.is_virtual or part.chunks or size < 0:
            raise ValueError(f"numbers that are not in the file, {key[:30]!r}")
    return size
