"""What was read, how, and what was dropped: a report, not a guess."""

from dataclasses import asdict, dataclass

DROPPED = ("empty row", "no text", "no word", "no label", "left out", "both labels", "same ending")
"""Why a row is in no pile, in the order in which it is asked."""


@dataclass(frozen=True)
class Report:
    """What became of the rows of a source.

    ``str(report)`` is for reading; `as_dict` has the same as plain numbers and texts.

    Attributes
    ----------
    source, kind : str
        What was read, such as "my.csv" and "table".
    columns : tuple of str or None
        The headers of the texts and of the labels.
    encoding, separator : str or None
        How characters and fields were told apart.
    rows : int
        Read, those of a table without its header.
    dropped : dict
        Count of rows for each reason of `DROPPED` that occurred. Of texts that end in the same
        words, the first stays, if all have the same label; else none does.
    labels : dict
        For each label as it stands there: ``rows``, and what it was read as, ``liked``: 1, 0, or
        None if left out.
    piles : dict
        For each pile: ``reviews``, and as shares ``liked`` and ``unknown``, words that the notepad
        does not have.
    words : int
        In all reviews of the piles.
    read : float
        Share of these that are among the kept words.
    longest : tuple
        The three longest texts: place and number of words.
    warnings : tuple of str
        What a careful person would say.
    """

    source: str
    kind: str
    columns: tuple[str, str] | None
    encoding: str | None
    separator: str | None
    rows: int
    dropped: dict[str, int]
    labels: dict[str, dict[str, int | None]]
    piles: dict[str, dict[str, float]]
    words: int
    read: float
    longest: tuple[tuple[str, int], ...]
    warnings: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        """Return the report in dicts, lists, texts and numbers alone, as JSON has them."""
        found = asdict(self)
        for name in ("columns", "warnings"):
            found[name] = None if found[name] is None else list(found[name])
        found["longest"] = [list(one) for one in self.longest]
        return found

    @classmethod
    def from_dict(cls, found: dict[str, object]) -> "Report":
        """Return the report that `as_dict` made this of."""
        columns = found["columns"] and tuple(found["columns"])
        longest, warnings = tuple(map(tuple, found["longest"])), tuple(found["warnings"])
        return cls(**found | {"columns": columns, "longest": longest, "warnings": warnings})

    def __str__(self) -> str:
        def meaning(liked: int | None) -> str:
            return {1: "thumbs up", 0: "thumbs down", None: "left out"}[liked]

        how = [self.encoding, self.separator and f"separator {self.separator}"]
        how += [self.columns and f"columns {self.columns[0]!r} and {self.columns[1]!r}"]
        lines = [f"{self.source}: {', '.join([self.kind, *filter(None, how)])}"]
        lines += [f"rows      {self.rows:,}"]
        lines += [f"dropped   {count:,} ({why})" for why, count in self.dropped.items()]
        lines += [
            f"label     {label!r} is {meaning(found['liked'])}: {found['rows']:,} rows"
            for label, found in self.labels.items()
        ]
        lines += [
            f"{name:9} {pile['reviews']:,} reviews, {pile['liked']:.1%} thumbs up, "
            f"{pile['unknown']:.1%} of words unknown"
            for name, pile in ((name.replace("_", " "), pile) for name, pile in self.piles.items())
        ]
        lines += [f"words     {self.words:,}, of which {self.read:.1%} are kept to be read"]
        lines += [
            "longest   " + ", ".join(f"{words:,} words in {place}" for place, words in self.longest)
        ]
        lines += [f"WARNING   {warning}" for warning in self.warnings]
        return "\n".join(lines)


def warnings_of(
    *,
    piles: dict[str, dict[str, float]],
    dropped: dict[str, int],
    rows: int,
    words: int,
    letters: int,
    blanks: int,
    damaged: dict[str, int],
) -> list[str]:
    """Return what a careful person would say of these counts.

    Parameters
    ----------
    piles, dropped, rows, words
        As in `Report`.
    letters, blanks : int
        Characters of all texts, and how many of these are blanks.
    damaged : dict
        How many texts hold signs of damage, by name.
    """
    names = {name: name.replace("_", " ") for name in piles}
    found = []
    for name, pile in piles.items():
        if pile["liked"] in (0, 1):
            kind = "up" if pile["liked"] else "down"
            found.append(
                f"the {names[name]} pile holds thumbs {kind} alone: no score can be had of it"
            )
    if (share := max(piles["exam"]["liked"], 1 - piles["exam"]["liked"])) >= 0.8:
        found.append(f"the same answer for all would be right on {share:.0%} of the exam")
    if (size := piles["exam"]["reviews"]) < 100:
        found.append(f"the exam has {size:,} reviews: each is worth {1 / size:.1%} of the score")
    if (unknown := piles["exam"]["unknown"]) > 0.5:
        found.append(f"{unknown:.0%} of the exam's words are not in the notepad")
    if letters / (blanks + rows) > 15:
        found.append(
            "these texts have hardly any spaces: where words are not told apart by them, "
            "machines hear little"
        )
    if words < 3 * rows:
        found.append(f"a text has {words / rows:.1f} words: is this the column of texts?")
    if (same := dropped.get("same ending", 0)) > rows / 20:
        found.append(f"{same / rows:.0%} of the rows end in the same words as an earlier one")
    if both := dropped.get("both labels", 0):
        found.append(f"{both:,} rows hold texts that stand there with both labels; none is used")
    found += [f"{count:,} texts hold {what}" for what, count in damaged.items() if count]
    return found
