"""What counts as numbers, and what is said of anything else."""

import re

import jax.numpy as jnp
import keras
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import tensorflow as tf

from rahulml.checks import numbers, reals

VALUES = [[0.5, -1.25, 3.0], [8.0, 0.0, -2.5]]  # each has few enough bits for bfloat16


@pytest.mark.parametrize(
    ("make", "dtype"),
    [
        (list, np.float64),
        (np.float32, np.float32),
        (np.float64, np.float64),
        (np.float16, np.float64),
        (np.longdouble, np.float64),
        (pd.DataFrame, np.float64),
        (tf.constant, np.float32),
        (lambda values: tf.constant(values, tf.bfloat16), np.float64),
        (lambda values: [tf.constant(row) for row in values], np.float32),
        (tf.Variable, np.float32),
        (keras.Variable, np.float32),
        (lambda values: keras.Variable(values, dtype="bfloat16"), np.float64),
        (jnp.asarray, np.float32),
        (lambda values: jnp.asarray(values, jnp.bfloat16), np.float64),
        (lambda values: jnp.asarray(values, jnp.float16), np.float64),
    ],
    ids=[
        *("lists", "float32", "float64", "float16", "longdouble", "table"),
        *("TensorFlow", "its bfloat16", "a list of its", "its variable"),
        *("Keras's variable", "Keras's of bfloat16", "JAX", "its bfloat16", "its float16"),
    ],
)
def test_reals_takes_numbers_of_every_maker(make, dtype):
    given = make(np.array(VALUES, np.float32)) if make is keras.Variable else make(VALUES)
    found = reals("z", given)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, VALUES)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([[1.0, 2.0], [3.0]], "z: expected an array of numbers, got [[1.0, 2.0], [3.0]]"),
        ("0.5", "z: expected real numbers, got '0.5'"),
        (None, "z: expected real numbers, got None"),
        (True, "z: expected real numbers, got True"),
        ([1, None], "z: expected real numbers, got [1, None]"),
        (1j, "z: expected real numbers, got 1j"),
        (np.array([10**400]), "z: expected real numbers, got array([1000"),
        (np.zeros(2, [("a", float)]), "z: expected real numbers, got array([(0.,), (0.,)]"),
        (np.zeros(2, "V8"), "z: expected real numbers, got array([b'"),
        (np.array(["2024-01-01"], "M8[D]"), "z: expected real numbers, got array(['2024"),
        (scipy.sparse.eye_array(2), "z: expected real numbers, got <"),
        (np.ma.masked_array([1.0, 2.0], [0, 1]), "z: expected numbers without a mask, got masked"),
        (pd.Series(["a"]), "z: expected real numbers, got 0 a dtype: "),
        (tf.ragged.constant([[1.0], []]), "z: expected real numbers, got <tf.RaggedTensor"),
    ],
    ids=repr,
)
def test_reals_says_what_came_instead(value, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}") as refused:
        reals("z", value)
    assert len(str(refused.value)) < 150


def test_reals_says_that_a_placeholder_holds_no_numbers():
    with pytest.raises(ValueError, match=r"^z: expected an array of numbers, got <KerasTensor"):
        reals("z", keras.Input((3,)))

    @tf.function
    def traced(tensor):
        with pytest.raises(ValueError, match=r"^z: expected an array of numbers, got "):
            reals("z", tensor)
        return tensor

    traced(tf.ones(2))


def test_numbers_refuses_what_is_too_large_for_a_float():
    huge = np.array([np.longdouble(10) ** 400])
    with pytest.raises(ValueError, match=r"^z: expected finite numbers, got inf$"):
        numbers("z", huge)


def test_numbers_of_bfloat16_are_checked_after_they_are_read():
    for bad, said in [(np.nan, "nan"), (np.inf, "inf")]:
        with pytest.raises(ValueError, match=rf"^z: expected finite numbers, got {said}$"):
            numbers("z", jnp.asarray([1.0, bad], jnp.bfloat16))
