"""The forms in which a text writes words: one for matching, and those that it teaches."""
