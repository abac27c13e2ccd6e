"""The kernels that compute the pages: what they import, and how they start with it loaded.

Each page is computed by a kernel of its own, and most pages begin by loading the same libraries,
which takes seconds, TensorFlow most of them. Where many pages are read, one process, the origin,
loads them once; each kernel is a fork of it, in which no name is bound and nothing computed. A page
that is read alone has its kernel started as always, and so has a chapter as a notebook.

The origin runs this file by itself, so that it imports none of the others.
"""

import functools
import gc
import hashlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from importlib import import_module
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import psutil
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

PACKAGE = Path(__file__).resolve().parents[2] / "rahulml"
"""The package, which lies beside the book."""

# They must only load here, and compute nothing: the threads, or the GPU, that a library starts to
# compute with are lost in a fork.
_LIBRARIES = (
    *("ipykernel.kernelapp", "matplotlib.pyplot", "pandas", "tqdm"),
    *("joblib", "keras", "scipy.stats"),
)

# The origin takes as long to load as a few pages that load what they need themselves.
_MANY_PAGES = 5


# --- in the build ---


def package() -> list[Path]:
    """Return the files that a page depends on when it uses the package."""
    files = (path for path in PACKAGE.rglob("*.*") if path.is_file())
    return sorted(path for path in files if path.parent.name != "__pycache__")


@functools.cache
def package_sum() -> bytes:
    """Return what stands for these files as they were when it was first asked for."""
    each = (hashlib.sha256(file.read_bytes()).digest() for file in package())
    return b"".join(each)


def prepare(app: Sphinx) -> None:
    """Let the kernels import the package, and show figures, wherever they run."""
    others = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(PACKAGE.parent), others]))
    os.environ.pop("MPLBACKEND", None)


class Origin:
    """The process that the kernels are forks of, as the build sees it."""

    def __init__(self):
        self._asks, asked = socket.socketpair()
        with asked:  # a session of its own: what interrupts the build ends it by closing `_asks`
            command = [sys.executable, __file__]
            self._process = subprocess.Popen(command, stdin=asked, start_new_session=True)

    def fork(self, **kernel: Any) -> int:
        """Return the number of the process that is the kernel asked for."""
        number = b""
        with suppress(ConnectionError):
            self._asks.sendall(json.dumps(kernel).encode() + b"\n")
            number = self._asks.recv(20)
        if not number:
            raise ChildProcessError(
                "kernel: expected the number of a process that has loaded "
                f"{', '.join(_LIBRARIES)}, got none; what was in its way stands above"
            )
        return int(number)

    def end(self) -> None:
        self._asks.close()
        self._process.wait()


class WarmProvisioner(LocalProvisioner):
    """What Jupyter starts a kernel with: here the kernel is a fork of the origin."""

    origin: Origin | None = None

    async def launch_kernel(self, cmd: list[str], **how: Any) -> dict[str, Any]:
        if not WarmProvisioner.origin:
            WarmProvisioner.origin = Origin()
        self.cwd = how["cwd"]
        argv = cmd[cmd.index("-m") + 1 :]
        self.process = _Fork(self.origin.fork(argv=argv, cwd=str(self.cwd), env=how["env"]))
        self.pid = self.pgid = self.process.pid
        return self.connection_info


class _Fork(psutil.Process):
    """A process that is no child of this one, with what Jupyter expects of a `subprocess.Popen`."""

    stdin = stdout = stderr = None

    def poll(self) -> int | None:
        return None if self.is_running() else 0

    def send_signal(self, sig: int) -> None:
        with suppress(psutil.NoSuchProcess):
            super().send_signal(sig)


def warm_if_many(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    if len(docnames) >= _MANY_PAGES and sys.platform == "linux":
        factory = KernelProvisionerFactory.instance()
        name, value = "warm-provisioner", f"{__name__}:{WarmProvisioner.__name__}"
        factory.provisioners[name] = EntryPoint(name, value, factory.GROUP_NAME)
        factory.default_provisioner_name = name


def end_origin(app: Sphinx, exception: Exception | None) -> None:
    if WarmProvisioner.origin:
        WarmProvisioner.origin.end()


# --- in the origin ---


def _serve(asked: socket.socket) -> None:
    """Load the libraries; then, for each line that comes, be the kernel it asks for, in a fork."""
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"  # as a kernel sets it
    os.environ["JPY_PARENT_PID"] = str(os.getpid())  # a kernel ends when this process does
    del sys.path[0]  # the folder of this file
    for name in _LIBRARIES:
        import_module(name)
    gc.freeze()  # or each kernel would walk all this when it ends, for a second
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # a kernel that has ended is gone at once
    for line in asked.makefile():
        if number := os.fork():
            asked.sendall(str(number).encode())
        else:
            _be_kernel(**json.loads(line))
            return


def _be_kernel(argv: list[str], cwd: str, env: dict[str, str]) -> None:
    os.setsid()  # a signal to a kernel is meant for the processes it has started, too
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), sys.stdin.fileno())
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    sys.argv = argv
    runpy.run_module(argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _serve(socket.socket(fileno=sys.stdin.fileno()))
