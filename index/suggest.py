"""Questions made from the archive itself, to begin with and to go on with.

A sentence that states a fact in a plain form is turned into the question that it answers: "The
dam was built in 1936." gives "When was the dam built?". They stand beside the index in a file of
their own. A build makes those of new and changed articles, and keeps the others; an index can lack
the file.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from index.article import Article
from index.durable import replace_text
from index.naming import Names
from index.phrasing import Made
from index.questions import made_of
from index.split import sentence_spans
from index.store.local import open_local

SUGGESTIONS = "suggestions.json"
# So many articles, spread over all, are read; each gives a few.
MOST_ARTICLES = 2_000
_MOST_OF_ARTICLE = 3
_READ = 12_000
# Raised where other questions are made of the same words.
_RULES = 2


@dataclass(frozen=True, slots=True)
class Suggested:
    """A question, and the id of the article whose words it was made from.

    `kind` is the word that it asks with; `digest` tells the words and the rules it was made by.
    """

    question: str
    article_id: str
    kind: str = ""
    digest: str = ""


def questions_of(article: Article) -> list[str]:
    """Up to three questions that sentences of the article answer, of several kinds first.

    >>> questions_of(Article("dam", "The Alder Dam was built in 1936. It leaks."))
    ['When was the Alder Dam built?']
    """
    return [each.question for each in _made(article) if each.question]


def suggest(
    articles: Iterable[Article], kept: Mapping[str, Sequence[Suggested]] | None = None
) -> list[Suggested]:
    """Questions of all the articles, so that any few are of different articles and kinds.

    An article that none could be made of has one without words.

    `kept` are those made before, by the id of the article: of words that are the same they stay.
    """
    before = kept or {}
    made = [_kept(article, before.get(article.id, ())) or _made(article) for article in articles]
    asked: Counter[str] = Counter()
    ordered: list[Suggested] = []
    left = [list(each) for each in made]
    for _ in range(_MOST_OF_ARTICLE):
        seen = {each.question for each in ordered if each.question}
        for questions in left:
            fresh = [each for each in questions if each.question not in seen]
            if fresh:
                chosen = min(fresh, key=lambda each: asked[each.kind])
                questions.remove(chosen)
                asked[chosen.kind] += 1
                seen |= {chosen.question} - {""}
                ordered.append(chosen)
    return ordered


def suggest_anew(data: Path) -> None:
    """Make the questions of the published index, and put them beside it."""
    kept: dict[str, list[Suggested]] = {}
    for each in _read(data):
        kept.setdefault(each.article_id, []).append(each)
    snapshot = open_local(data)
    write_suggestions(data, suggest(snapshot.sample(MOST_ARTICLES), kept))
    snapshot.close()


def write_suggestions(data: Path, suggested: Sequence[Suggested]) -> None:
    """Put them beside the index, in one step."""
    lines = [[each.question, each.article_id, each.kind, each.digest] for each in suggested]
    replace_text(data / SUGGESTIONS, json.dumps(lines, ensure_ascii=False))


def read_suggestions(data: Path) -> tuple[Suggested, ...]:
    """Those of the last build; none where there is no such file or it cannot be read."""
    return tuple(each for each in _read(data) if each.question)


def _read(data: Path) -> tuple[Suggested, ...]:
    try:
        told = json.loads((data / SUGGESTIONS).read_text(encoding="utf-8"))
        return tuple(_suggested(*map(str, line)) for line in told)
    except (OSError, ValueError, TypeError):
        return ()


def _suggested(question: str, article_id: str, kind: str = "", digest: str = "") -> Suggested:
    return Suggested(question, article_id, kind, digest)


def _kept(article: Article, before: Sequence[Suggested]) -> list[Suggested]:
    return list(before) if before and before[0].digest == _digest(article) else []


def _made(article: Article) -> list[Suggested]:
    text = article.text[:_READ]
    names = Names(text)
    found: dict[str, Made] = {}
    for start, end in sentence_spans(text, 0, len(text)):
        sentence = " ".join(text[start:end].split())
        for made in made_of(sentence, names):
            found.setdefault(made.text, made)
    chosen = _of_several_kinds(list(found.values()))
    digest = _digest(article)
    if not chosen:
        # Kept too, so that the next build need not read it again.
        return [Suggested("", article.id, digest=digest)]
    return [Suggested(made.text, article.id, made.kind, digest) for made in chosen]


def _of_several_kinds(made: Sequence[Made]) -> list[Made]:
    """The first of each kind, then the others."""
    kinds = [each.kind for each in made]
    again = [each for place, each in enumerate(made) if each.kind in kinds[:place]]
    firsts = [each for each in made if each not in again]
    return [*firsts, *again][:_MOST_OF_ARTICLE]


def _digest(article: Article) -> str:
    return sha256(f"{_RULES} {article.digest}".encode()).hexdigest()[:16]
