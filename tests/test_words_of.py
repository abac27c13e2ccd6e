"""What counts as a word. The outside oracles are Unicode's own data and a parser of HTML."""

import time
import unicodedata

import pytest
from bs4 import BeautifulSoup

from rahulml.reviews import words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("It isn't BORING, not at all!", "it isn't boring not at all"),
        ("rock 'n' roll, the critics' darling", "rock n roll the critics darling"),
        ("10/10, 3.5 stars_", "10 10 3 5 stars"),
        # apostrophes, as phones, Word and hurried people type them
        ("It’s, don‘t, wasnʼt, can＇t, don`t, don´t", "it's don't wasn't can't don't don't"),
        ("a ‘quoted’ word, a `quoted' word, ’tis", "a quoted word a quoted word tis"),
        # marks stay in their word, and are one with their letter where Unicode has one
        ("re\u0301cit trop de\u0301c\u0327u", "récit trop décçu".replace("cç", "ç")),
        ("फ़िल्म बहुत अच्छी थी", "फ़िल्म बहुत अच्छी थी"),
        ("فِيلْم رَائِع", "فِيلْم رَائِع"),
        ("שָׁלוֹם", unicodedata.normalize("NFC", "שָׁלוֹם")),
        ("x\u0331\u0304y", "x\u0331\u0304y"),
        ("\u0301 alone", "alone"),
        # letters without capitals
        ("İYİ FİLM, I\u0307yi", "iyi film iyi"),
        ("MASSE Maße MAẞE", "masse maße maße"),
        ("ΟΔΟΣ οδος ΣΟΦΌΣ", "οδος οδος σοφός"),
        ("ﬁlm ﬂop ＦＩＬＭ", "film flop ｆｉｌｍ"),
        ("ǅungla ПРИВЕТ Éclair", "ǆungla привет éclair"),
        # scripts without blanks
        ("这部电影好看", "这 部 电 影 好 看"),
        ("この映画はスターです 10点", "こ の 映 画 は スター で す 10 点"),
        ("영화가 재미있다", "영화가 재미있다"),
        ("ดีมาก", "ดีมาก"),
        # signs that are not seen
        ("co\u00adoperate \ufeffwell, a\u200bb, می\u200cخواهم", "cooperate well a b می\u200cخواهم"),
        ("good\u200d \u2066text\u2069", "good text"),
        ("great❤️👍🏽👩‍👩‍👧 film 1️⃣", "great film 1"),
        ("a\0b \ud83d c", "a b c"),
        # HTML
        ("one<br>two<BR/>three<br />four<p class='x'>five</p>six", "one two three four five six"),
        ("un<b>believ</b>able <i>so</i>", "unbelievable so"),
        ("It&#39;s &amp; &quot;x&quot; caf&eacute;&nbsp;noir &#x2019;", "it's x café noir"),
        ("don&rsquo;t &lt;br&gt; AT&T", "don't br at t"),
        ("5 &lt; 6 &unknown; &#0; &#99999999999999999999;", "5 6 unknown"),
        ("I <3 it, 2 < 3 > 1, ><", "i 3 it 2 3 1"),
        ('<a title="1 > 0" href=x>link</a> <img src=x alt="no">', "link"),
        ("a<!-- not <br> this -->b <!doctype html><?xml?>c", "ab c"),
        ("<script>var no = '<b>';</script>yes<STYLE>p {}</style >", "yes"),
        ("never closed <!-- but kept <b", "never closed but kept b"),
        ("<title>no</title><script>is kept", "is kept"),
        ("", ""),
        ("... <br /> &nbsp; 👍", ""),
    ],
)
def test_words_are_those_that_a_reader_sees(text, words):
    assert words_of(text) == words.split()


@pytest.mark.parametrize(
    "page",
    [
        "<div><p>One <em>very</em> long<br>night</p><ul><li>dull</li><li>dim</li></ul></div>",
        "<table><tr><td>a1</td><td>b2</td></tr></table><h1>End</h1>&copy; 2020 &mdash; M&uuml;ller",
        "<P ALIGN=center>Loud<FONT color='red'>er</FONT> &frac12; <a href='?a=1&amp;b=2'>here</a>",
        "No<wbr>break, no<span>thing</span> else<hr>done<!-- not -- seen -->.",
    ],
)
def test_page_reads_as_a_parser_of_html_reads_it(page):
    tree = BeautifulSoup(page, "lxml")
    for tag in tree.find_all(["br", "hr", "p", "li", "td", "h1", "div"]):
        tag.insert_before(" ")
        tag.insert_after(" ")
    shown = tree.get_text()
    assert words_of(page) == words_of(shown)
    assert (
        words_of(shown)
        == shown.replace("—", " ")
        .replace("©", " ")
        .lower()
        .replace(",", "")
        .replace(".", "")
        .split()
    )


def test_every_letter_of_unicode_is_in_a_word_and_no_sign_is():
    """Unicode's categories are the oracle: letters, digits and other numbers, and no sign."""
    for number in range(0x30000):
        sign = chr(number)
        if sign in "`´ʼ’‘＇'\u0345\u037a":  # the last two, iotas below a letter, fold to a letter
            continue
        kind = unicodedata.category(sign)
        is_word = kind in ("Lu", "Ll", "Lt", "Lm", "Lo", "Nd", "Nl", "No")
        assert bool(words_of(f" {sign} ")) == is_word, hex(number)
        if kind in ("Mn", "Mc") and not unicodedata.name(sign, "").startswith("VARIATION"):
            assert len(words_of(f"x{sign}y")) == 1, hex(number)


def test_word_is_the_same_in_each_form_of_unicode():
    for text in ("Récit déçu, Ångström", "ΰΐ Ώ", "각하 영화", "fīlm ạ̊"):
        forms = [words_of(unicodedata.normalize(form, text)) for form in ("NFC", "NFD")]
        assert forms[0] == forms[1]
        assert all(unicodedata.is_normalized("NFC", word) for word in forms[0])


@pytest.mark.parametrize(
    "part",
    [
        *("<", "<a", "<a ", "<a b='", '<a ="', "<a =", "<!", "<!--", "<script>", "</", "</script"),
        *("<?", "<a <b>", "<!-- -->", "&", "&#", "&a", "&#9", "'", "a'", "a\u200c", "\u0315\u0300"),
        *("İ", "ß", "σ", "ǰ", "a\u0301", "<br />", "<style></style>", "\u0345"),
    ],
)
def test_no_text_takes_forever(part):
    """Each would take minutes if its time grew with the square of its length."""
    started = time.process_time()
    words_of("a" + part * (400_000 // len(part)))
    assert time.process_time() - started < 20
