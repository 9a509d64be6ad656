"""Whether a question is in a language that neither the archive nor its model knows."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence

from index.analysis import words

# Words of most sentences of a language.
_COMMON: Mapping[str, frozenset[str]] = {
    code: frozenset(said.split())
    for code, said in {
        "fr": "le la les un une des du de et est sont qui que quoi quel quelle quels quelles quand "
        "comment pourquoi où combien dans sur pour avec par pas ne ce cette ces il elle ils elles "
        "au aux ont été était d l qu c s n y a t",
        "de": "der die das den dem des ein eine einen einem einer und ist sind war waren wer wie "
        "wann warum wo welche welcher welches wieviel viele viel in im am auf für mit von vom zu "
        "zum zur nicht sich hat haben wurde wurden es er sie was bei nach aus über",
        "es": "el la los las un una unos unas de del y es son fue fueron quién quien quiénes qué "
        "que cuándo cuando cómo como por dónde donde cuántos cuántas cuánto cuál cuáles en con "
        "para se su sus al lo no hay a está",
        "it": "il lo la gli le un una di del della dei delle e è sono fu chi che cosa quando come "
        "perché dove quanti quante quanto quale quali in con per si su al nel nella non ha i",
        "pt": "o a os as um uma de do da dos das e é são foi foram quem que quando como por onde "
        "quantos quantas quanto qual quais em no na nos nas com para se ao não há",
        "nl": "de het een en is zijn was waren wie wat wanneer hoe waarom waar welke hoeveel in op "
        "voor met van naar niet zich heeft hebben werd werden er dat die te aan bij",
        "sv": "en ett och är var vem vad när hur varför vilken vilket många i på för med av till "
        "inte sig har hade det den de som att från om",
        "pl": "i w z na do nie jest są był była było kto co kiedy jak dlaczego gdzie ile który "
        "która które się o po za od dla przez czy",
        "tr": "ve bir bu ne kim nasıl neden nerede kaç hangi mi mı mu mü zaman için ile çok da de",
    }.items()
}
_ENGLISH = frozenset(
    """
    the of and is are was were who what when where why how which did do does to in on for with by
    not it that this these from at as an has have had be been many much there their its can
    """.split()
)
# A line with fewer foreign words than this may be a name or a title, unless it opens like a
# question. Openings leave out words that are also English or names, such as "was" and "Como".
_FEWEST = 2
_OPENINGS = frozenset(
    """
    quand qui pourquoi combien quel quelle quels quelles où comment wann wer wen wem wieso warum
    welche welcher welches wieviel wie cuándo cuando quién quien quiénes dónde donde cómo cuánto
    cuántos cuántas cuál cuáles quando perché quanto quanti quante quale quali quem onde quantos
    quantas qual quais wanneer hoeveel waarom waar welke hoe wie när varför vilken vilket hur vem
    kiedy dlaczego gdzie kto który która nerede neden kaç hangi nasıl
    """.split()
)
# Only Spanish opens questions like this.
_SPANISH = re.compile(r"[¿¡]")
# The names of multilingual models.
_MULTILINGUAL = re.compile(r"multilingual|labse|bge-m3|xlm|mbert", re.IGNORECASE)
# The least share of an archive's passages that contain a common word of its own language.
_NATIVE_SHARE = 0.05


def reads_many_languages(model: str) -> bool:
    """Whether a model's name says that it is multilingual.

    >>> reads_many_languages("paraphrase-multilingual-MiniLM-L12-v2")
    True
    """
    return _MULTILINGUAL.search(model) is not None


def is_foreign(text: str, share: Callable[[str], float]) -> bool:
    """Whether the archive has neither the script nor the common words of this line.

    `share` gives the share of the archive's passages that contain a word.

    >>> is_foreign("Quand le volcan a-t-il explosé ?", lambda word: 0.3 if word == "the" else 0.0)
    True
    """
    said = words(text)
    written = [word for word in said if not word.isdigit() and not _is_latin(word)]
    if 2 * len(written) > len(said):
        return not any(share(word) for word in written)
    language = _language(
        said, opens=_SPANISH.search(text) is not None or ("?" in text and _opens(said))
    )
    return language is not None and not _is_native(language & set(said), share)


def _opens(said: Sequence[str]) -> bool:
    return bool(said) and said[0] in _OPENINGS


def _language(said: Iterable[str], *, opens: bool) -> frozenset[str] | None:
    """The common words of the language with most of them in the line; None for English.

    In a line that `opens` like a foreign question, one is enough.
    """
    found = set(said)
    english = len(found & _ENGLISH)
    best = max(_COMMON.values(), key=lambda common: len(found & common))
    foreign = found & best
    distinctive = len(foreign - _ENGLISH - {"a", "i", "no", "on", "s", "t", "d"})
    return best if distinctive >= (1 if opens else _FEWEST) and len(foreign) > english else None


def _is_native(common: frozenset[str], share: Callable[[str], float]) -> bool:
    distinctive = [word for word in common if word not in _ENGLISH and len(word) > 1]
    known = [word for word in distinctive if share(word) >= _NATIVE_SHARE]
    return 2 * len(known) >= len(distinctive)


def _is_latin(word: str) -> bool:
    return all(
        unicodedata.name(letter, "").startswith("LATIN") for letter in word if letter.isalpha()
    )
