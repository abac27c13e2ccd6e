"""A question as a page shows it, with its answer shut; and a reader's numbers checked at once."""

from collections.abc import Iterable, Mapping

from rahulml.checks import one_of, shown, whole_number
from rahulml.exercises._diagnose import diagnose
from rahulml.exercises._make import make
from rahulml.sayings import Markdown

LABELS = "warm-up", "practice", "stretch"
"""How hard a slate is on its page."""

_SLATE = """<p class="slate-head">{head}</p>

{question}

<details class="sd-dropdown slate">
<summary class="sd-summary-title">{title}</summary>
<div class="sd-summary-content">

{steps}

</div>
</details>"""
"""What is in `details` opens with a click, and in print anyway: it has the class of a dropdown."""


def slate(
    topic: str, seed: int, label: str | None = "practice", number: int | None = None
) -> Markdown:
    """Return a question as a page or a notebook shows it, with its answer and steps shut below it.

    It needs no script. Its head names topic and seed, for `check`.

    Parameters
    ----------
    topic, seed : str, int
        As `make` takes them.
    label : {"warm-up", "practice", "stretch", None}
        How hard it is on its page. Without a label it is called a question, not a slate.
    number : int, optional
        Its number there, at least 1.

    Returns
    -------
    Markdown
        A text that a notebook shows as Markdown.

    Raises
    ------
    ValueError
        For an unknown topic or label, or a seed or number that is no whole number.

    Examples
    --------
    >>> shown = slate("keeping", 2, "warm-up", number=1)
    >>> print(shown.splitlines()[0])
    <p class="slate-head"><strong>Slate 1, warm-up</strong> (keeping 2)</p>
    >>> print(shown[shown.index("Find"):])
    Find, to three decimals: *share left*, *amount left*.
    <BLANKLINE>
    <details class="sd-dropdown slate">
    <summary class="sd-summary-title">Show the answer to slate 1</summary>
    <div class="sd-summary-content">
    <BLANKLINE>
    - share left after 2 words: 0.7 × 0.7 = 0.49
    - share left after 3 words: 0.49 × 0.7 = 0.343
    - share left: 0.343 × 0.7 = 0.2401 ≈ **0.240**
    - amount left: 7.1 × 0.2401 = 1.70471 ≈ **1.705**
    <BLANKLINE>
    </div>
    </details>
    """
    exercise = make(topic, seed)
    one_of("label", label, (*LABELS, None))
    kind = "slate" if label else "question"
    name = kind if number is None else f"{kind} {whole_number('number', number, 1)}"
    title = ", ".join(filter(None, [name.capitalize(), label]))
    steps = "\n".join(f"- {step}" for step in exercise.steps)
    return Markdown(
        _SLATE.format(
            head=f"<strong>{title}</strong> ({topic} {seed})",
            question=exercise.question,
            title=f"Show the answer to {name if number else f'this {kind}'}",
            steps=steps,
        )
    )


def slates(
    *,
    warm_up: Iterable[tuple[str, int]] = (),
    practice: Iterable[tuple[str, int]] = (),
    stretch: Iterable[tuple[str, int]] = (),
    first: int = 1,
) -> Markdown:
    """Return several slates, one below the other and numbered, from warm-up to stretch.

    Parameters
    ----------
    warm_up, practice, stretch : iterable of (str, int)
        A topic and a seed each, as `make` takes them.
    first : int
        The number of the first one, at least 1.

    Returns
    -------
    Markdown
        A text that a notebook shows as Markdown.

    Raises
    ------
    ValueError
        As `slate` does; or if there is no slate, or something is no pair of topic and seed.

    Examples
    --------
    >>> shown = slates(warm_up=[("lands", 1)], stretch=[("push", 4), ("combine-three", 2)])
    >>> for line in shown.splitlines():
    ...     if "slate-head" in line:
    ...         print(line)
    <p class="slate-head"><strong>Slate 1, warm-up</strong> (lands 1)</p>
    <p class="slate-head"><strong>Slate 2, stretch</strong> (push 4)</p>
    <p class="slate-head"><strong>Slate 3, stretch</strong> (combine-three 2)</p>
    """
    number = whole_number("first", first, 1)
    given = {"warm_up": warm_up, "practice": practice, "stretch": stretch}
    made = []
    for (name, pairs), label in zip(given.items(), LABELS, strict=True):
        for pair in pairs if isinstance(pairs, Iterable) else [pairs]:
            if not isinstance(pair, list | tuple) or len(pair) != 2:
                raise ValueError(f"{name}: expected pairs of topic and seed, got {shown(pair)}")
            made.append(slate(*pair, label, number + len(made)))
    if not made:
        raise ValueError("slates: expected at least one, got none")
    return Markdown("\n\n".join(made))


def check(topic: str, seed: int, given: Mapping[str, float] | Iterable[float]) -> Markdown:
    """Say at once what `diagnose` finds in a reader's numbers, in plain English.

    Parameters
    ----------
    topic, seed : str, int
        As the head of a slate says them.
    given : mapping of str to float, or iterable of float
        As `diagnose` takes it. In a mapping, list or tuple, `...` stands for a number that is still
        to be found.

    Returns
    -------
    Markdown
        A text that a notebook shows as Markdown.

    Raises
    ------
    ValueError
        As `make` and `diagnose` do.

    Examples
    --------
    >>> print(check("keeping", 2, [0.24, 1.705]))
    Right.
    >>> print(check("keeping", 2, [0.24, ...]))
    Not yet. Still to be found: amount left.
    >>> print(check("keeping", 2, {"share left": 0.24, "amount left": 0.1705}))
    Not right: amount left. One slip gives these numbers: decimal slipped. A decimal point slipped by one place.
    """  # noqa: E501
    exercise, filled, left = make(topic, seed), given, ()
    if isinstance(given, Mapping):
        left = [name for name in exercise.answer if given.get(name) is ...]
        filled = {name: 0.0 if number is ... else number for name, number in given.items()}
    elif isinstance(given, list | tuple):
        left = [name for name, number in zip(exercise.answer, given) if number is ...]  # noqa: B905
        filled = [0.0 if number is ... else number for number in given]
    told = diagnose(exercise, filled)  # which refuses what is no answer
    return Markdown(f"Not yet. Still to be found: {', '.join(left)}." if left else told.message)
