"""A comparison of two machines in words, so that the words change when the numbers do."""

from collections.abc import Mapping


def in_words(pair: Mapping[str, object], *, starts: int, first: str) -> str:
    """Say what one line of `rahulml.study.pairs` says.

    Parameters
    ----------
    pair : mapping
        With ``difference, low, high, wins, verdict``, differences in shares, 0..1.
    starts : int
        From how many seeds the pair was trained.
    first : str
        What the sentence calls the first of the two, such as "the LSTM".

    Returns
    -------
    str
        Two sentences; differences in points, which are hundredths of all reviews.

    Raises
    ------
    ValueError
        For a verdict that `rahulml.study.pairs` does not give.

    Examples
    --------
    >>> pair = dict(difference=0.024, low=0.013, high=0.039, wins=5, verdict="better")
    >>> print(in_words(pair, starts=5, first="the LSTM"))
    The LSTM scored 2.4 points higher on average; it scored higher from each of the 5 starts. The whole interval, +1.3 to +3.9 points, lies above 0.
    """  # noqa: E501
    difference, low, high = (100 * pair[name] for name in ("difference", "low", "high"))
    reach = f"{low:+.1f} to {high:+.1f} points"
    endings = {
        "better": f"The whole interval, {reach}, lies above 0.",
        "worse": f"The whole interval, {reach}, lies below 0.",
        "no difference": f"The interval, {reach}, holds 0: these starts show no difference.",
    }
    if pair["verdict"] not in endings:
        known = ", ".join(map(repr, endings))
        raise ValueError(f"verdict: expected one of {known}, got {pair['verdict']!r}")
    gap = f"{abs(difference):.1f} points {'higher' if difference > 0 else 'lower'} on average"
    if abs(difference) < 0.05:  # it would be printed as 0.0
        gap = "the same on average, within 0.1 points"
    wins = int(pair["wins"])
    counted = {0: f"none of the {starts}", starts: f"each of the {starts}"}.get(
        wins, f"{wins} of the {starts}"
    )
    return (
        f"{first[0].upper()}{first[1:]} scored {gap}; it scored higher from {counted} starts. "
        f"{endings[pair['verdict']]}"
    )
