"""What an article is about, in the words that stand in front of each of its passages."""

import re
from functools import lru_cache

from index.article import Article
from index.split import LONGEST_PASSAGE, count_words, sentence_spans

# The opening sentence is looked for in so many characters; of a long one the beginning does.
_OPENING = 3000
_LONGEST = 30
# A dateline or a label is no sentence.
_SHORTEST = 6
_STATEMENT = re.compile(r"""[.!…][»”’"')\]]*$""")


def subject_of(article: Article) -> str | None:
    """The title; without one the opening sentence, which passages further down need to be found.

    None where one passage is all there is, and for a live blog, which opens with its latest entry.
    """
    if article.title or article.entries:
        return article.title
    return _opening_sentence(article.text)


# Asked for once a passage.
@lru_cache(maxsize=16)
def _opening_sentence(text: str) -> str | None:
    if count_words(text) <= LONGEST_PASSAGE:
        return None
    for start, end in sentence_spans(text, 0, min(len(text), _OPENING)):
        words = text[start:end].split()
        if len(words) >= _SHORTEST and _STATEMENT.search(text, start, end):
            return " ".join(words[:_LONGEST])
    return None
