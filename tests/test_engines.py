"""The same machine on another of Keras's engines: the same numbers.

Run as a script it trains on the engine that ``KERAS_BACKEND`` names, and saves the losses.
"""

import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from rahulml.builders import build

MACHINES = ("rnn", "lstm", "bilstm", "gru", "transformer", "peepholes", "minlstm")
GRABS, WORDS, VOCABULARY = 50, 20, 200


def first_dials():
    """Draw dials that no engine draws for itself: random, none 0, of the size of fresh ones."""
    for machine in MACHINES:
        rng = np.random.default_rng(0)
        shapes = [dials.shape for dials in make(machine).get_weights()]
        yield machine, [rng.normal(scale=0.2, size=shape).astype(np.float32) for shape in shapes]


def make(machine):
    return build(machine, vocabulary=VOCABULARY, max_words=WORDS)


def losses():
    rng = np.random.default_rng(1)
    # Words that stand often in a grab tell whether an engine adds up their gradients otherwise.
    words = np.minimum(rng.geometric(0.05, (GRABS, 64, WORDS)), VOCABULARY - 1).astype(np.int32)
    liked = (words[..., -1] < 14).astype(np.int32)
    found = {}
    for machine, dials in first_dials():
        model = make(machine)
        model.set_weights(dials)
        found[machine] = []
        for grab in range(GRABS):
            found[machine].append(float(model.train_on_batch(words[grab], liked[grab])[0]))
            model.reset_metrics()
    return found


@pytest.fixture(scope="module")
def here():
    return losses()


@pytest.fixture(scope="module")
def on_jax(tmp_path_factory):
    saved = tmp_path_factory.mktemp("jax") / "losses.npz"
    environment = os.environ | {"KERAS_BACKEND": "jax"}
    subprocess.run([sys.executable, __file__, saved], env=environment, check=True)
    return np.load(saved)


@pytest.mark.parametrize("machine", MACHINES)
def test_jax_turns_the_dials_as_tensorflow_does(here, on_jax, machine):
    assert keras.backend.backend() == "tensorflow"
    assert here[machine][-1] < here[machine][0]
    np.testing.assert_allclose(on_jax[machine], here[machine], atol=1e-4)


if __name__ == "__main__":
    assert keras.backend.backend() == os.environ["KERAS_BACKEND"]
    np.savez(Path(sys.argv[1]), **losses())
