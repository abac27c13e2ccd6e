"""Numbers as the sentences and tables of the chapters say them: text alone, no engine."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rahulml.checks import one_of

if TYPE_CHECKING:
    import pandas as pd

_RULERS = {"l": "---", "r": "--:"}
_SQUASHES = {"tanh": np.tanh, "sigmoid": lambda z: 1 / (1 + np.exp(-z))}
_SIZES = {"million": 1e6, "billion": 1e9, "trillion": 1e12}


# --- tables and lists ---


class Markdown(str):
    """Text that a notebook or a page shows as Markdown."""

    def _repr_markdown_(self) -> str:
        return str(self)


def table(head: Sequence[str], rows: Iterable[Sequence[object]], align: str = "") -> str:
    """Return a Markdown table, which a notebook shows as one.

    Parameters
    ----------
    head : sequence of str
        The name of each column.
    rows : iterable of sequence
        A cell for each column; `str` says what is in it.
    align : str
        A letter for each column, "l" for left and "r" for right; all left if not said.

    Returns
    -------
    str
        A line for the head, one below it, and one for each row.

    Raises
    ------
    ValueError
        For a letter that is neither, or if `align` or a row has not one for each column.

    Examples
    --------
    >>> print(table(["word", "vote"], [["nolan", 0.9], ["ended", 0.5]], "lr"))
    | word | vote |
    | --- | --: |
    | nolan | 0.9 |
    | ended | 0.5 |
    """
    for letter in align:
        one_of("align", letter, _RULERS)
    ruler = [_RULERS[letter] for letter in align or "l" * len(head)]
    lines = [("head", head), ("align", ruler), *(("rows", row) for row in rows)]
    for name, line in lines:
        if len(line) != len(head):
            raise ValueError(f"{name}: expected {len(head)}, one for each column, got {len(line)}")
    return Markdown("\n".join(f"| {' | '.join(map(str, line))} |" for _, line in lines))


def of_frame(
    frame: "pd.DataFrame", say: str | Mapping[str, str] = "", *, corner: str = "", align: str = ""
) -> str:
    """Return a frame as a Markdown table, its index in the first column.

    Parameters
    ----------
    frame : DataFrame
        What is in the table.
    say : str or mapping of a column's name to str
        How `format` writes a cell, in all columns or in each of these.
    corner : str
        The name of the first column.
    align : str
        As in `table`, the first column included.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"share": [0.84, 0.9], "dials": [2080, 8320]}, index=["rnn", "lstm"])
    >>> print(of_frame(frame, {"share": ".1%", "dials": ","}, corner="machine", align="lrr"))
    | machine | share | dials |
    | --- | --: | --: |
    | rnn | 84.0% | 2,080 |
    | lstm | 90.0% | 8,320 |
    """
    says = say if isinstance(say, Mapping) else dict.fromkeys(frame, say)
    columns = [[format(cell, says.get(name, "")) for cell in frame[name]] for name in frame]
    return table([corner, *frame], list(zip(frame.index, *columns, strict=True)), align)


def listed(words: Iterable[object]) -> str:
    """Return words as a sentence lists them.

    Raises
    ------
    ValueError
        If there are none.

    Examples
    --------
    >>> listed(["keep", "admit", "show"]), listed(["keep"])
    ('keep, admit and show', 'keep')
    """
    words = list(map(str, words))
    if not words:
        raise ValueError("words: expected at least one, got none")
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def row(numbers: ArrayLike, digits: int = 2, between: str = ", ") -> str:
    """Return the numbers of a row, one after the other.

    Examples
    --------
    >>> row([[0.5, -1.25]]), row([0.5, -1.25], 3, " / ")
    ('0.50, -1.25', '0.500 / -1.250')
    """
    return between.join(f"{number:.{digits}f}" for number in np.ravel(numbers))


# --- sums by pencil ---


def factor(number: float, digits: int = 1) -> str:
    """Return a number as it stands in a product: one below 0 in brackets.

    Examples
    --------
    >>> factor(0.5), factor(-0.25, 2)
    ('0.5', '(-0.25)')
    """
    text = f"{number:.{digits}f}"
    return f"({text})" if number < 0 else text


def products(numbers: Sequence[float], paper: NDArray, slot: int) -> str:
    """Return the sum that takes a row through one column of a paper.

    Parameters
    ----------
    numbers : sequence of float, length n
        What comes in.
    paper : ndarray, shape (n, slots)
        The dials.
    slot : int
        Which column, from 0.

    Examples
    --------
    >>> products([1.0, -0.5], np.array([[0.6, -0.4], [-0.8, 0.2]]), 0)
    '1.0 × 0.6 + (-0.5) × (-0.8)'
    """
    pairs = zip(numbers, paper[:, slot], strict=True)
    return " + ".join(f"{factor(number)} × {factor(dial)}" for number, dial in pairs)


def worksheet(
    note: Sequence[float],
    memory_b: Sequence[float],
    word_paper: NDArray,
    memory_paper: NDArray,
    nudge: Sequence[float],
    squash: str,
) -> str:
    """Return one machine's whole sum as a table: a line for each number, a column for each slot.

    Parameters
    ----------
    note : sequence of float, length n
        The note.
    memory_b : sequence of float, length slots
        Memory-B.
    word_paper, memory_paper : ndarray, shape (n, slots) and (slots, slots)
        The dials of both papers.
    nudge : sequence of float, length slots
        The dials that are added whatever comes in.
    squash : {"tanh", "sigmoid"}
        What the last line does to the sum.

    Returns
    -------
    str
        A Markdown table, which a notebook shows as one.

    Raises
    ------
    ValueError
        For another squash.

    Examples
    --------
    >>> print(worksheet([2.0], [-0.5], np.array([[0.5]]), np.array([[-1.0]]), [0.5], "tanh"))
    | comes in | slot 1 |
    | --- | --- |
    | note 2.0 | × 0.5 = 1.00 |
    | **word part** | **1.00** |
    | memory-B -0.5 | × (-1.0) = 0.50 |
    | **memory part** | **0.50** |
    | nudge | 0.50 |
    | **sum** | **2.00** |
    | **tanh** | **0.964** |
    """
    one_of("squash", squash, _SQUASHES)
    digits = 1 if np.allclose(memory_b, np.round(memory_b, 1)) else 3
    lines, total = [], np.asarray(nudge)
    for source, numbers, shown, paper, part in (
        ("note", note, 1, word_paper, "word part"),
        ("memory-B", memory_b, digits, memory_paper, "memory part"),
    ):
        for number, dials in zip(numbers, paper, strict=True):
            cells = [f"× {factor(dial)} = {number * dial:.{max(2, shown)}f}" for dial in dials]
            lines.append([f"{source} {number:.{shown}f}", *cells])
        sums = np.asarray(numbers) @ paper
        lines.append([f"**{part}**", *(f"**{number:.{max(2, shown)}f}**" for number in sums)])
        total = total + sums
    lines.append(["nudge", *(f"{number:.2f}" for number in nudge)])
    lines.append(["**sum**", *(f"**{number:.{max(2, digits)}f}**" for number in total)])
    lines.append([f"**{squash}**", *(f"**{_SQUASHES[squash](z):.3f}**" for z in total)])
    return table(["comes in", *(f"slot {slot + 1}" for slot in range(len(total)))], lines)


# --- shares and counts ---


def points(share: float, digits: int = 1) -> str:
    """Return a difference of two shares in points, which are hundredths, with its sign.

    Examples
    --------
    >>> points(0.024), points(-0.0104, 2), points(-0.0001)
    ('+2.4', '-1.04', '+0.0')
    """
    return f"{100 * share:+z.{digits}f}"


def span(low: float, high: float, digits: int = 1) -> str:
    """Return an interval of differences in points.

    Examples
    --------
    >>> span(-0.003, 0.024)
    '-0.3 to +2.4'
    """
    return f"{points(low, digits)} to {points(high, digits)}"


def shares(numbers: Iterable[float], digits: int = 0) -> str:
    """Return some shares in hundredths, one after the other.

    Examples
    --------
    >>> shares([0.5, 0.841]), shares([0.5, 0.841], 1)
    ('50%, 84%', '50.0%, 84.1%')
    """
    return ", ".join(f"{number:.{digits}%}" for number in numbers)


def of_all(some: int, starts: int, every: str = "all") -> str:
    """Return how many of some starts, seeds or trainings, with words for none and all of them.

    Examples
    --------
    >>> of_all(0, 5), of_all(3, 5), of_all(5, 5), of_all(5, 5, every="each of the")
    ('none of the 5', '3 of the 5', 'all 5', 'each of the 5')
    """
    few = {0: f"none of the {starts}", starts: f"{every} {starts}"}
    return few.get(some, f"{some} of the {starts}")


def large(number: float, digits: int = 1) -> str:
    """Return a large number so that nobody has to count noughts.

    Parameters
    ----------
    number : float
        At least 1.
    digits : int
        How many digits after the point, from a million on.

    Examples
    --------
    >>> large(13_127), large(3.44e6), large(2.6e9, 0)
    ('13,127', '3.4 million', '3 billion')
    """
    for word, size in reversed(_SIZES.items()):
        if number >= size:
            return f"{number / size:,.{digits}f} {word}"
    return f"{number:,.0f}"


def one_in(share: float, digits: int = 1, least: str = "trillion") -> str:
    """Return a very small share as one part of many.

    Parameters
    ----------
    share : float
        Above 0, at most 1.
    digits : int
        As `large` takes them.
    least : {"trillion", "billion", "million"}
        A share below one part of so many is told no further.

    Raises
    ------
    ValueError
        For another size.

    Examples
    --------
    >>> one_in(1 / 13_127), one_in(2.9e-7), one_in(3e-12, least="billion")
    ('1 in 13,127', '1 in 3.4 million', 'less than 1 in a billion')
    """
    one_of("least", least, _SIZES)
    if share * _SIZES[least] < 1:
        return f"less than 1 in a {least}"
    return f"1 in {large(1 / share, digits)}"


def part(share: float) -> str:
    """Return which part of a thing is left, or that it has grown.

    Examples
    --------
    >>> part(0.4047), part(1 / 13_127), part(0.9999), part(5.94), part(1e15)
    ('40.5%', '1 in 13,127', 'all', '5.9 times as much', 'more than a trillion times as much')
    """
    if share > _SIZES["trillion"]:
        return "more than a trillion times as much"
    if share > 1.0005:
        return f"{share:.1f} times as much"
    if share > 0.9995:
        return "all"
    return f"{share:.1%}" if share >= 0.001 else one_in(share)


# --- verdicts ---


def verdict(pair: Mapping[str, object], digits: int = 1) -> tuple[str, str, str]:
    """Return a row of `rahulml.scores.pairs` as three cells of a table.

    Parameters
    ----------
    pair : mapping
        With ``difference, low, high``, in shares, and ``verdict``.
    digits : int
        How many digits after the point.

    Returns
    -------
    tuple of three str
        The difference in points, its 95 % interval, and the verdict, bold where there is one.

    Examples
    --------
    >>> verdict({"difference": 0.024, "low": 0.006, "high": 0.042, "verdict": "told apart"})
    ('+2.4', '+0.6 to +4.2', '**told apart**')
    """
    word = str(pair["verdict"])
    return (
        points(pair["difference"], digits),
        span(pair["low"], pair["high"], digits),
        word if word == "undecided" else f"**{word}**",
    )


def beside(verdicts: "pd.DataFrame", machine: str, other: str) -> str:
    """Return the verdict on two machines, whichever of them comes first.

    Parameters
    ----------
    verdicts : DataFrame
        As `rahulml.scores.pairs` gives it.
    machine, other : str
        The two.

    Returns
    -------
    str
        The verdict's words; nothing for a machine beside itself.

    Examples
    --------
    >>> import pandas as pd
    >>> verdicts = pd.DataFrame({"first": ["gru"], "second": ["rnn"], "verdict": ["told apart"]})
    >>> beside(verdicts, "rnn", "gru"), beside(verdicts, "rnn", "rnn")
    ('told apart', '')
    """
    if machine == other:
        return ""
    of_both = verdicts[["first", "second"]].isin([machine, other]).all(axis=1)
    return verdicts.loc[of_both, "verdict"].item()
