"""One machine from many seeds as one batch, for a chip that a single training cannot fill."""

import time
from collections.abc import Callable, Iterator, Sequence

import jax
import keras
import numpy as np
from jax import numpy as jnp
from numpy.typing import NDArray
from tqdm import tqdm

from rahulml import training
from rahulml.builders import build
from rahulml.reviews import Piles
from rahulml.runs import Loop, Run

Stack = list[jax.Array]
"""Papers of dials, each with one axis more in front: the seeds."""


def fit(
    machine: str,
    piles: Piles,
    *,
    seeds: Sequence[int],
    epochs: int = 5,
    batch_size: int = 64,
    learning_rate: float = 0.001,
    clipnorm: float | None = None,
    mask_padding: bool = False,
    embedding: int = 32,
    units: int = 32,
    dropout: float = 0.0,
    progress: bool = True,
) -> list[Run]:
    """Train a machine from every seed at the same time, as `rahulml.training.fit` trains one.

    The dials of all seeds lie side by side in one array. Each seed takes its own grabs in its own
    order; what is computed for one is computed for all in the same call of the chip.

    Parameters
    ----------
    machine, piles, epochs, batch_size, learning_rate, clipnorm, mask_padding, embedding, units,\
    progress
        As in `rahulml.training.fit`.
    dropout : float
        Only 0: what each seed wipes out is not drawn here.
    seeds : sequence of int
        At least one, none negative: a training for each.

    Returns
    -------
    list of Run
        In the order of the seeds. The ``seconds`` of each are its share of the whole.

    Raises
    ------
    ValueError
        As in `rahulml.training.fit`, for another `dropout` than 0, and without a seed. Where the
        wrongness is no longer a number the message names the seed, too.
    RuntimeError
        If Keras runs on another engine than JAX, whose ``vmap`` makes one program of many.

    Notes
    -----
    On a CPU it earns nothing: one training fills its core. What it earns on a GPU is measured in
    ``benchmarks/README.md``.

    Examples
    --------
    >>> from rahulml import study
    >>> from rahulml.reviews import Pile
    >>> words = np.arange(2, 10, dtype=np.int32)[:, np.newaxis]
    >>> pile = Pile(words, np.array([0, 0, 0, 0, 1, 1, 1, 1], np.int32))
    >>> piles = Piles(pile, pile, pile, tuple("_?abcdefgh"), duplicates=0)
    >>> runs = study.train(["rnn"], piles, seeds=3, engine="jax", together=True, batch_size=4)
    >>> [(run.seed, run.turns) for run in runs]
    [(0, 10), (1, 10), (2, 10)]
    """
    if keras.backend.backend() != "jax":
        raise RuntimeError(
            f"engine: expected Keras on jax, got {keras.backend.backend()}; set KERAS_BACKEND=jax"
        )
    if dropout:
        raise ValueError(f"dropout: expected 0 where seeds are trained together, got {dropout}")
    seeds = list(seeds)
    if not seeds:
        raise ValueError("seeds: expected at least one, got none")
    for seed in seeds:
        training.check(piles, epochs=epochs, batch_size=batch_size, seed=seed)
    study, mock_exam, exam = piles.study, piles.mock_exam, piles.exam
    sizes = {"mask_padding": mask_padding, "embedding": embedding, "units": units}
    settings = training.build_settings(piles, **sizes)
    how = {"learning_rate": learning_rate, "clipnorm": clipnorm, "dropout": dropout}
    recipe = {"epochs": epochs, "batch_size": batch_size, **how, **sizes}
    model = build(machine, **settings, **how)
    turn, guess = _programs(model)
    first_weights = [build(machine, **settings, seed=seed).get_weights() for seed in seeds]
    dials = _side_by_side(first_weights)
    optimizer = _side_by_side([model.optimizer.variables] * len(seeds))
    words, liked = jnp.asarray(study.words), jnp.asarray(study.liked)
    shuffles = [np.random.default_rng(seed) for seed in seeds]
    loops = [[] for _ in seeds]
    turns = 0
    started = time.perf_counter()
    for _ in tqdm(range(epochs), desc=f"{len(seeds)} {machine}", unit="loop", disable=not progress):
        orders = np.stack([shuffle.permutation(len(study)) for shuffle in shuffles])
        study_loss, hits = np.zeros(len(seeds)), np.zeros(len(seeds))
        for grabs in _grabs(orders, batch_size):
            dials, optimizer, losses, right = turn(dials, optimizer, grabs, words, liked)
            _refuse_nan(np.asarray(losses), seeds, turns)
            study_loss += np.asarray(losses, float).sum(axis=0) * grabs.shape[-1]
            hits += np.asarray(right).sum(axis=0)
            turns += len(grabs)
        papers = [np.asarray(stack) for stack in dials]
        for place, (loss, score, guesses) in enumerate(
            zip(
                study_loss / len(study),
                hits / len(study),
                guess(dials, mock_exam.words),
                strict=True,
            )
        ):
            row = training.history_row(loss, score, guesses, mock_exam)
            loops[place].append(Loop(row, [paper[place].copy() for paper in papers], guesses))
    seconds = (time.perf_counter() - started) / len(seeds)
    by = training.engine()
    runs = [
        Run.of(machine, seed, by, turns, seconds, first, of_seed, settings, recipe, piles)
        for seed, first, of_seed in zip(seeds, first_weights, loops, strict=True)
    ]
    if exam is not None:
        for loops in ([run.chosen_loop for run in runs], [epochs] * len(runs)):
            then = _side_by_side([run.weights(n) for run, n in zip(runs, loops, strict=True)])
            for run, n, guesses in zip(runs, loops, guess(then, exam.words), strict=True):
                run.exam_guesses[n] = guesses
    return runs


def _programs(model: keras.Model) -> tuple[Callable, Callable]:
    """Return what takes the grabs of a loop, and what guesses, for all seeds in one call."""
    model.optimizer.build(model.trainable_variables)
    others = [variable.value for variable in model.non_trainable_variables]
    wrongness = keras.losses.BinaryCrossentropy()

    def guess_one(dials, words, training=False):
        return model.stateless_call(dials, others, words, training=training)[0][:, 0]

    def wrong_by(dials, words, liked):
        guesses = guess_one(dials, words, training=True)
        return wrongness(liked, guesses), guesses

    def turn_one(dials, optimizer, words, liked):
        (loss, guesses), nudges = jax.value_and_grad(wrong_by, has_aux=True)(dials, words, liked)
        dials, optimizer = model.optimizer.stateless_apply(optimizer, nudges, dials)
        return dials, optimizer, loss, ((guesses > 0.5) == liked).sum()

    @jax.jit
    def turn(dials, optimizer, grabs, words, liked):
        def one_grab(state, grab):
            *state, loss, right = jax.vmap(turn_one)(*state, words[grab], liked[grab])
            return tuple(state), (loss, right)

        (dials, optimizer), (losses, right) = jax.lax.scan(one_grab, (dials, optimizer), grabs)
        return dials, optimizer, losses, right

    @jax.jit
    def guess_in_grabs(dials, grabs):
        return jax.lax.map(lambda words: jax.vmap(guess_one, (0, None))(dials, words), grabs)

    def guess(dials, words):
        grabs = training.pad_to_batch(words).reshape(-1, training.PREDICT_BATCH, words.shape[1])
        guesses = np.asarray(guess_in_grabs(dials, grabs))  # (grabs, seeds, reviews)
        return np.concatenate(guesses, axis=-1)[:, : len(words)]

    return turn, guess


def _side_by_side(weights: Sequence[Sequence[NDArray]]) -> Stack:
    return [
        jnp.stack([jnp.asarray(paper) for paper in papers]) for papers in zip(*weights, strict=True)
    ]


def _grabs(orders: NDArray, batch_size: int) -> Iterator[NDArray]:
    """Yield the whole grabs of a loop, then what is left, each of shape (grabs, seeds, reviews)."""
    whole = orders.shape[1] // batch_size * batch_size
    for part, size in ((orders[:, :whole], batch_size), (orders[:, whole:], -1)):
        if part.size:
            yield part.reshape(len(orders), -1, size if size > 0 else part.shape[1]).swapaxes(0, 1)


def _refuse_nan(losses: NDArray, seeds: list[int], turns: int) -> None:
    grabs, places = np.nonzero(np.isnan(losses))
    if grabs.size:
        raise training.loss_is_nan(f"grab {turns + grabs[0] + 1} of seed {seeds[places[0]]}")
