"""The code behind a textbook that teaches the LSTM with a pencil.

One idea per module. ``hand_cell`` is the arithmetic of the pages in NumPy, ``hand_training`` a
whole training with it, ``fade`` what it leaves of an early word. ``reviews`` brings real IMDb
reviews, ``far_back`` makes texts in which an early word decides; ``builders`` and ``training`` make
and train the Keras machines, ``hearing`` asks which words move them. ``figures`` draws. The code
uses the field's terms, the pages use the book's words (keep-voter, notepad, clerk); ``words``
maps them.
"""
