"""Where a build keeps what it computes: names from the environment."""

import os
from pathlib import Path


def store() -> Path | None:
    """Return the folder that the environment variable ``RAHULML_STORE`` names, if any."""
    return _path("RAHULML_STORE")


def log() -> Path | None:
    """Return the file that the environment variable ``RAHULML_LOG`` names, if any."""
    return _path("RAHULML_LOG")


def programs() -> str | None:
    """Return the folder in which JAX was told to keep what it compiles, if it was."""
    return os.environ.get("JAX_COMPILATION_CACHE_DIR")


def _path(name: str) -> Path | None:
    return Path(os.environ[name]) if os.environ.get(name) else None
