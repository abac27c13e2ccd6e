"""Where a build keeps what it computes: two folders' names, from the environment."""

import os
from pathlib import Path


def store() -> Path | None:
    """Return the folder that the environment variable ``RAHULML_STORE`` names, if any."""
    return _path("RAHULML_STORE")


def log() -> Path | None:
    """Return the file that the environment variable ``RAHULML_LOG`` names, if any."""
    return _path("RAHULML_LOG")


def _path(name: str) -> Path | None:
    return Path(os.environ[name]) if os.environ.get(name) else None
