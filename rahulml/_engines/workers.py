"""Processes that each train on one thread, told which engine to use before they load it."""

import functools
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator

import joblib
from joblib.externals.loky import get_reusable_executor
from joblib.externals.loky.process_executor import TerminatedWorkerError
from joblib.parallel import get_active_backend
from tqdm import tqdm

from rahulml._engines import places

ONE_THREAD = {
    "NPROC": "1",  # JAX
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "OMP_NUM_THREADS": "1",  # PyTorch
}
"""Environment variables that keep an engine, when it starts, to one thread."""


def run_all(
    calls: list,
    engine: str,
    *,
    n_jobs: int | None = None,
    one_thread: bool = True,
) -> Iterator:
    """Yield what calls return, as they finish, from processes that run an engine.

    Parameters
    ----------
    calls : list
        Made with `joblib.delayed`.
    engine : {"tensorflow", "jax", "torch"}
        What Keras runs on there. Processes stay, idle, for the next calls, until joblib ends them
        or other settings are asked for.
    n_jobs : int, optional
        How many at once; without it, one for each core that may be used.
    one_thread : bool
        Whether each process computes on one thread.

    Raises
    ------
    RuntimeError
        If a process dies.
    """
    if not calls:
        return
    n_jobs = n_jobs or joblib.effective_n_jobs(-1)
    ours = {}
    if get_active_backend()[0].supports_inner_max_num_threads:  # joblib's own processes
        settings = {
            "KERAS_BACKEND": engine,
            "TF_CPP_MIN_LOG_LEVEL": "3",
            # Processes share a GPU: none of them may take most of its memory for itself.
            "TF_FORCE_GPU_ALLOW_GROWTH": "true",
            "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
            # Five seeds of a machine are one program: JAX compiles it for the first. Programs are
            # code, so they are in no store; without a place of their own, they end with us.
            "JAX_COMPILATION_CACHE_DIR": places.programs() or _for_now().name,
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        }
        ours = {
            "initializer": _begin,
            "initargs": (settings | (ONE_THREAD if one_thread else {}), os.getpid()),
        }
    # joblib trains in this very process when told 1; so 2, of which one has work.
    parallel = joblib.Parallel(
        n_jobs=max(n_jobs, 2),
        pre_dispatch=n_jobs,
        batch_size=1,
        return_as="generator_unordered",
        **ours,
    )
    try:
        yield from parallel(calls)
    except TerminatedWorkerError as error:
        raise RuntimeError(
            "worker: expected one that trains to the end, got one that died, as it may where "
            "memory is short: try a smaller n_jobs. What is in the store is not trained again"
        ) from error
    except KeyboardInterrupt:
        if ours:
            get_reusable_executor().shutdown(kill_workers=True)
        raise


def prepare(settings: dict[str, str]) -> None:
    """Set a process up to run an engine, before it has loaded one."""
    os.environ.update(settings)
    # A bar's own lock is a semaphore of the system, which a process that is ended leaves behind.
    tqdm.set_lock(threading.RLock())
    if settings["KERAS_BACKEND"] != "tensorflow":
        leave_tensorflow_out()


def _begin(settings: dict[str, str], parent: int) -> None:
    prepare(settings)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    """End this process when the one that started it has gone, however that ended."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def choose(engine: str) -> None:
    """Let Keras run on an engine in this process, if it has not been loaded."""
    if "keras" not in sys.modules:
        prepare({"KERAS_BACKEND": engine, "TF_CPP_MIN_LOG_LEVEL": "3"})


def leave_tensorflow_out() -> None:
    """Let Keras look once for TensorFlow where there is none, and remember that.

    It would load it, 3 s and 400 MB, for a glance at the settings of a `Bidirectional` layer, and
    joblib would take that growth for a leak and start a new process.
    """
    if "tensorflow" not in sys.modules:
        sys.modules["tensorflow"] = None
        import keras

        keras.saving.serialize_keras_object(keras.layers.Dense(1))
        del sys.modules["tensorflow"]


@functools.cache
def _for_now() -> tempfile.TemporaryDirectory:
    return tempfile.TemporaryDirectory()
