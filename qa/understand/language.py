"""Whether a question is in a language that neither the archive nor its model knows."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from mmap import ACCESS_READ, mmap
from tempfile import TemporaryFile
from unicodedata import name

import numpy as np
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from index.analysis import WORD
from index.store import Store
from qa.understand.lexicon import english, fold

# The names of multilingual models.
_MULTILINGUAL = re.compile(r"multilingual|labse|bge-m3|xlm|mbert", re.IGNORECASE)
# A language is told from the beginning of a text, in characters.
_BEGINNING = 600
# So many articles tell which languages the archive has.
_READ_IN = 40
# An archive has each language that one text in so many is of.
_ONE_IN = 10
# A line with fewer words that are no names is of no language: "Quando, Quando, Quando".
_FEWEST = 2
# So much likelier, in log-odds, another language must be than all of the archive's: no more than
# that a stray word makes of an English question.
_SURELY = 6.0
# Shorter words are of several languages: "die", "a", "on".
_LONG = 4
_KNOWN = 0.5
# Scripts without spaces, as Unicode names their letters.
_WITHOUT_SPACES = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")


def reads_many_languages(model: str) -> bool:
    """Whether a model's name says that it is multilingual.

    >>> reads_many_languages("paraphrase-multilingual-MiniLM-L12-v2")
    True
    """
    return _MULTILINGUAL.search(model) is not None


class Languages:
    """The languages of an archive, told from the texts of some of its articles.

    `knows` tells whether a word stands in the archive.
    """

    def __init__(self, texts: Iterable[str], knows: Callable[[str], bool]) -> None:
        found = Counter(_identifier().classify(text[:_BEGINNING])[0] for text in texts)
        self._native = {code for code, count in found.items() if count * _ONE_IN >= found.total()}
        self._knows = knows

    def lack(self, line: str, respelt: str | None = None) -> bool:
        """Whether a line is in none of them, nor as it is `respelt`.

        >>> texts = ["The crew landed on the Moon in July."]
        >>> Languages(texts, knows=str.isdigit).lack("Wann landete die Crew?")
        True
        """
        said = _without_names(line)
        # Key words that the archive or its language has are a search, whatever they look like: with
        # no short word among them, as a sentence has, half of them are enough.
        known = self._share_known(said)
        if known > _KNOWN or (known == _KNOWN and all(len(word) >= _LONG for word in said)):
            return False
        read = _without_names(respelt) if respelt else said
        if self._share_known(read) > _KNOWN:
            return False
        return self._is_foreign(said) and self._is_foreign(read)

    def _share_known(self, said: Sequence[str]) -> float:
        telling = [word for word in said if len(word) >= _LONG]
        return sum(map(self._has, telling)) / max(len(telling), 1)

    def _has(self, word: str) -> bool:
        return self._knows(word) or ("en" in self._native and fold(word) in english())

    def _is_foreign(self, said: Sequence[str]) -> bool:
        if not self._native or (len(said) < _FEWEST and not any(map(_is_sentence, said))):
            return False
        scores: dict[str, float] = dict(_identifier().rank(" ".join(said)))
        return max(scores.values()) - max(scores[code] for code in self._native) >= _SURELY


def _is_sentence(word: str) -> bool:
    """Whether a "word" may be several, of a script that has no spaces.

    >>> _is_sentence("谁设计了这座桥"), _is_sentence("Quando"), _is_sentence("東京")
    (True, False, False)
    """
    return len(word) >= _LONG and all(name(sign, "").startswith(_WITHOUT_SPACES) for sign in word)


def load_languages() -> None:
    """Load what tells languages now instead of with the first text."""
    _identifier()


@cache
def _identifier() -> LanguageIdentifier:
    """What tells languages. The system can drop its 68 MB from memory: few questions need them."""
    loaded = LanguageIdentifier.from_model_file(MODEL_FILE)
    weights = loaded.nb_ptc
    return LanguageIdentifier(
        np.frombuffer(_put_aside(weights.data), weights.dtype).reshape(weights.shape),
        loaded.nb_pc,
        loaded.nb_classes,
        _put_aside(memoryview(loaded.tk_nextmove)).cast(loaded.tk_nextmove.typecode),
        loaded.tk_output,
        tk_row=loaded.tk_row,
    )


def _put_aside(numbers: memoryview) -> memoryview:
    """The same, mapped from a file without a name; where none can be written, as it is."""
    try:
        with TemporaryFile() as file:
            file.write(numbers)
            file.flush()
            return memoryview(mmap(file.fileno(), 0, access=ACCESS_READ))
    except OSError:
        return numbers.cast("B")


def languages_of(store: Store, knows: Callable[[str], bool]) -> Languages:
    """Those of an archive; none where its model reads any."""
    return Languages(_to_read_in(store), knows)


def _to_read_in(store: Store) -> Iterator[str]:
    """Texts that questions must be in the language of; none where the model reads any."""
    if reads_many_languages(store.info.model.name):
        return
    for listed in islice(store.listed(), _READ_IN):
        article = store.article_numbered(listed.number)
        if article is not None:
            yield article.text


def _without_names(line: str) -> list[str]:
    """The words of a line that are no names or numbers, as far as capitals tell."""
    first, *others = WORD.findall(line) or [""]
    said = [word for word in others if word[0].isalpha() and not word[0].isupper()]
    return [first, *said] if first.isalpha() else said
