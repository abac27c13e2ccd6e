"""Which column holds the texts, and which the labels."""

from collections.abc import Sequence

from rahulml.reviews.rows import listed, refusal

TEXTS = {
    *("text", "review", "sentence", "tweet", "comment", "content", "body", "message", "phrase"),
    *("reviews", "reviewtext", "reviewbody", "reviewcontent", "document"),
}
LABELS = {
    *("label", "sentiment", "rating", "target", "class", "polarity", "overall", "score", "stars"),
    *("labels", "ratings", "star", "starrating", "liked"),
}
"""Headers that are known, without capitals, blanks and signs, so that ``Review_Text`` is one."""


def columns_of(
    name: str, headers: Sequence[object], text: object = None, label: object = None
) -> tuple[int, int]:
    """Return the places of the two columns.

    Parameters
    ----------
    name : str
        For messages.
    headers : sequence
        As they stand in the source.
    text, label : optional
        Their names, where the caller says them.

    Returns
    -------
    tuple of int
        Where several could be meant, those that are called text and label, if both are there.

    Raises
    ------
    ValueError
        If a column is not there, or is there more than once.

    Examples
    --------
    >>> columns_of("my.csv", ["id", " Review_Text", "Stars"])
    (1, 2)
    """
    headers = [" ".join(str(header).split()) for header in headers]
    plain = ["".join(filter(str.isalnum, header.casefold())) for header in headers]
    if text is None and label is None and plain.count("text") == plain.count("label") == 1:
        return plain.index("text"), plain.index("label")

    def place(which: str, told: object, known: set[str], examples: str) -> int:
        if told is None:
            found = [place for place, header in enumerate(plain) if header in known]
            expected = f"one column of {which}s ({examples}, ... or {which}=)"
        else:
            wanted = " ".join(str(told).split())
            folded = wanted.casefold()
            found = [place for place, header in enumerate(headers) if header == wanted]
            found = found or [i for i, header in enumerate(headers) if header.casefold() == folded]
            expected = f"one column {wanted[:40]!r}, as {which}= says"
        if len(found) == 1:
            return found[0]
        several = [headers[place] for place in found]
        raise refusal(name, expected, f"columns {listed(several or headers, 5) or 'without names'}")

    found = (
        place("text", text, TEXTS, "text, review, sentence"),
        place("label", label, LABELS, "label, sentiment, rating"),
    )
    if found[0] == found[1]:
        raise refusal(name, "two columns, a text and a label", f"{headers[found[0]]!r} for both")
    return found
