"""The code behind a textbook that teaches the LSTM with a pencil, one idea a room.

::

    With NumPy alone
      hand_cell/        one word, a whole run, the way back: LSTM, plain worker, GRU
      hand_training.py  the whole factory trained by hand
      fade.py           what is left of word 1, many words later
      scan.py           the walk undone: words that compose, read as a tree
      exercises/        questions without end, which slip a wrong answer shows, worksheets
      words.py          the one table of words: the book's, the field's, Keras's, PyTorch's
      sayings.py        how a number is said in a sentence or a table, once
      checks.py         arguments checked, in one wording
      __main__.py       the command line
    With the extra "train"
      reviews/          texts and labels: from where, in which piles, as word-numbers
      far_back.py       made texts in which an early word decides, or every word does
      builders.py       the machines, in plain Keras
      attention.py      floor 2 of the Transformer
      variants.py       the LSTM with a part taken away, tied or added, and its heirs
      training.py       one training
      runs.py           what a training leaves, and the sealed exam
      saved.py          a trained machine in one file, with the words it knows
      study.py          many trainings side by side, kept as they finish
      scores.py         what scores can carry: intervals and verdicts
      baselines.py      readers without order, which count words and pairs
      reading.py        a trained machine opened: what it says, keeps and hears
      figures/          the pictures
      _engines/         speed, not lesson: fast cells, workers, many seeds as one batch, the store

The cells use the field's terms, the pages the book's words (keep-voter, notepad, clerk); `words`
maps them.
"""
