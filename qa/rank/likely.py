"""What may be quoted of a ranking, the likeliest first: by its features, or by what was read."""

from collections.abc import Iterable, Sequence

from qa.answerability import passage_probabilities, read_probability
from qa.cite import Chosen
from qa.read.reading import ReadSentence
from qa.search import Ranking

# So many of the best of a ranking may be quoted.
CONSIDERED = 20
# A further passage is cited only where it is not far less likely to answer than the first.
_AS_LIKELY = 0.6
_LIKELY = 0.5
# So unlikely, what was read first comes behind a passage that is so likely by the ranking.
_HARDLY, _SURELY = 0.15, 0.8


def answering(likely: Iterable[Chosen]) -> list[Chosen]:
    """The first, and further ones that answer about as likely."""
    first, *others = likely
    enough = max(_AS_LIKELY * first.score, min(first.score, _LIKELY))
    return [first, *(each for each in others if each.score >= enough)]


def by_rank(ranking: Ranking) -> list[Chosen]:
    """The best, each as likely as its features say."""
    considered = ranking.matches.features[ranking.order[:CONSIDERED]]
    likely = passage_probabilities(considered)
    return [*map(Chosen, ranking.best(CONSIDERED), likely)]


def by_reading(
    sentences: Sequence[ReadSentence], ranking: Ranking, is_answered: bool
) -> list[Chosen]:
    """The sentences that were read, the one to quote first in front; the ranking, if none was.

    Of passages of which no sentence is likely by reading, the ranking tells. They come behind what
    was read first, unless hardly anything speaks for that though the question is answered.
    """
    if not sentences:
        return by_rank(ranking)
    read = [
        Chosen(each.candidate, read_probability(each.score), each.place, each.answer)
        for each in sentences
    ]
    likely = {each.candidate.key for each in read if each.score >= _LIKELY}
    others = (each for each in by_rank(ranking) if each.candidate.key not in likely)
    first, every = read[0], [*read, *others]
    is_outdone = first.score < _HARDLY and any(each.score >= _SURELY for each in every)
    leads = not (is_answered and is_outdone)
    return sorted(every, key=lambda each: (not (leads and each is first), -each.score))
