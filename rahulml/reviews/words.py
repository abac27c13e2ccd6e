"""What counts as a word: the letters that a reader sees, whatever signs a program wrote them in."""

import html
import re
import unicodedata

# A tag of HTML, up to its first ">" outside of quotes; "<3" and "a < b" are none.
_TAG = re.compile(
    r"""<(?:!--|[!?][^<>]*>|/?([a-zA-Z][^\s/<>]*)(?:[^<>=]++|=\s*(?:"[^"<]*"|'[^'<]*')|=)*+>)"""
)
_BREAKS = re.compile(
    "address|article|aside|blockquote|body|br|button|caption|center|d[dlt]|details|dir|div|fieldset"
    "|figcaption|figure|footer|form|h[1-6r]|header|html|iframe|img|input|legend|li|main|menu|nav|ol"
    "|option|p|pre|section|select|summary|t[dhr]|table|tbody|textarea|tfoot|thead|ul|video"
)
_UNSEEN = {"!--": re.compile("-->")} | {
    name: re.compile(f"</{name}[^<>]*>", re.IGNORECASE) for name in ("script", "style", "title")
}
_NO_CHARACTER = re.compile("&#(?:[0-9]{8,}|[xX][0-9a-fA-F]{7,});?")

_APOSTROPHES = "'’‘ʼ＇`´"
_JOINERS = "\u200c\u200d"  # without width: they shape the letters on both sides of them
_WHOLE = re.compile(  # Chinese characters and hiragana
    "[\u3005-\u3007\u3041-\u3096\u309d-\u309f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_WORD = re.compile(rf"[^\W_](?:[^ ']*[^ '{_JOINERS}])?(?:'[^\W_](?:[^ ']*[^ '{_JOINERS}])?)*")
_LAST_SIGMA = re.compile(r"(?<=\w)σ(?!\w)")
_HEAP = re.compile(r"([^\w\s\x00-\x7f]{30})[^\w\s\x00-\x7f]+")


def words_of(text: str) -> list[str]:
    """Return the words of a text: runs of letters, their marks, and digits, in small letters.

    An apostrophe inside a word belongs to it, however it was typed: straight, curly, or one of the
    accents that stand for it. Chinese characters and hiragana, which have no blanks between words,
    are a word each.

    Parameters
    ----------
    text : str
        Perhaps with HTML in it, which is read as a browser reads it: no tag, comment or script is a
        word, a break parts words and a change of type does not, and ``&amp;`` is one character.

    Returns
    -------
    list of str
        In their order, in Unicode's form NFC. Letters are folded by `str.casefold`, so that ``ﬁ``
        is "fi", but for two: ß stays, since "Maße" and "Masse" are two words, and a last sigma
        keeps its form. İ is "i"; I is "i" even in Turkish, for no text says its language.

    Notes
    -----
    Unicode's rules are in its annexes 15 (forms) and 29 (words), those of HTML in the standard's
    chapter 13.2, "Parsing HTML documents". Where a tag or comment is never closed, a browser shows
    nothing more; here the rest stays.

    Examples
    --------
    >>> words_of("It isn't boring.<br />Not at ALL!")
    ['it', "isn't", 'boring', 'not', 'at', 'all']
    >>> words_of("Don’t un<i>believ</i>able&hellip; <b>İYİ</b> 好看")
    ["don't", 'unbelievable', 'iyi', '好', '看']
    """
    if "<" in text:
        text = _without_tags(text)
    if "&" in text:
        text = html.unescape(_NO_CHARACTER.sub("\ufffd", text))
    return _WORD.findall(_folded(text).translate(_READ_AS))


def _without_tags(text: str) -> str:
    """Return what a browser shows, entities still as they are; in time that grows as the text."""
    pieces, at, ends = [], 0, dict(_UNSEEN)
    for tag in _TAG.finditer(text):
        if tag.start() < at:
            continue  # in a comment or a script
        name = "!--" if tag[0] == "<!--" else (tag[1] or "").lower()
        pieces += text[at : tag.start()], " " if _BREAKS.fullmatch(name) else ""
        at = tag.end()
        if name in ends and tag[0][1] != "/":
            if end := ends[name].search(text, at):
                at = end.end()
            else:
                del ends[name]  # there is none further on either
    return "".join(pieces) + text[at:]


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    text = _HEAP.sub(r"\1", text)  # no word has so many marks, and sorting them would take forever
    text = unicodedata.normalize("NFC", text).replace("ẞ", "ß").replace("İ", "i")
    text = "ß".join(part.casefold() for part in text.split("ß"))
    return _LAST_SIGMA.sub("ς", unicodedata.normalize("NFC", text))


class _ReadAs(dict):
    """What each character is read as, by its number; filled as they come."""

    def __missing__(self, number: int) -> str:
        sign = chr(number)
        kind = unicodedata.category(sign)
        if sign in _APOSTROPHES:
            found = "'"
        elif _WHOLE.match(sign):
            found = f" {sign} "
        elif sign.isalnum() or sign in _JOINERS:
            found = sign
        elif unicodedata.name(sign, "").startswith("VARIATION SELECTOR"):
            found = ""
        elif kind in ("Mn", "Mc"):  # accents, vowel marks
            found = sign
        elif kind in ("Me", "Cf") and sign != "\u200b":  # unseen, but for the blank without width
            found = ""
        else:
            found = " "
        self[number] = found
        return found


_READ_AS = _ReadAs()
