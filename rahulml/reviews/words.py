"""What counts as a word."""

import re

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


def words_of(text: str) -> list[str]:
    """Return the words of a text: runs of letters and digits in lower case, apostrophes kept.

    Parameters
    ----------
    text : str
        Line breaks of the web, ``<br />``, are no words.

    Returns
    -------
    list of str
        In their order.

    Examples
    --------
    >>> words_of("It isn't boring.<br />Not at ALL!")
    ['it', "isn't", 'boring', 'not', 'at', 'all']
    """
    return _WORD.findall(text.replace("<br />", " ").lower())
