"""The words follow the numbers: a table of differences goes in, and a sentence comes out."""

import pandas as pd
import pytest

from rahulml import study, verdicts


@pytest.mark.parametrize(
    ("first", "said"),
    [
        ([0.9, 0.92, 0.88], ["10.0 points higher", "from each of the 3 starts", "lies above 0"]),
        ([0.7, 0.72, 0.68], ["10.0 points lower", "from none of the 3 starts", "lies below 0"]),
        ([0.85, 0.8, 0.78], ["1.0 points higher", "from 1 of the 3 starts", "show no difference"]),
        (
            [0.8001, 0.82, 0.78],
            ["the same on average, within 0.1 points", "from 1 of the 3", "no difference"],
        ),
    ],
    ids=["better", "worse", "no difference", "next to none"],
)
def test_in_words_says_what_the_pair_says(first, said):
    scores = pd.DataFrame({"a": first, "b": [0.8, 0.82, 0.78]})
    (_, pair), *_ = study.pairs(scores).iterrows()
    sentence = verdicts.in_words(pair, starts=3, first="the LSTM")
    assert sentence.startswith("The LSTM scored ")
    for words in said:
        assert words in sentence


def test_in_words_refuses_a_verdict_of_its_own():
    pair = dict(difference=0.1, low=0.0, high=0.2, wins=1, verdict="great")
    with pytest.raises(ValueError, match="'better', 'worse', 'no difference', got 'great'"):
        verdicts.in_words(pair, starts=1, first="x")
