"""Each kind of thing that was asked and missed: the case as it was reported, and two of its kind.

`cases.jsonl` has a question a line, with its `kind` and, where they count, the questions `before`
it and the `source` asked for. What the answer must be stands beside it: whole sentences of its
first `quote`, answered or not; words that no quote may have, `unsaid`; the `title` of the article
quoted first; the `spelling` that was read; what was `understood`; the time `when` it was asked
about, and the `other` that the same digits may mean, or what was `unread`; the `parts` of a
question with words of the quote for each, none where it is not covered; whether reports `differ`;
the `articles` that are listed; the `reply` instead of an answer; or the source that is `nearest`.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from index.build import build
from qa.answer import Answer, Citation, Question, Turn
from qa.question import BadQuestionError
from tests.archives import Opened, open_index
from tests.fakes import HashEncoder, no_progress

HERE = Path(__file__).parent
CASES = [
    json.loads(line) for line in (HERE / "cases.jsonl").read_text(encoding="utf-8").splitlines()
]
ASKED_AT = datetime(2022, 12, 31, 12, 0, tzinfo=UTC)
ARTICLES = {
    "moon.md": """\
---
title: Apollo 11
date: 1969-07-21
source: Sky Notes
---
Neil Armstrong commanded Apollo 11. Michael Collins stayed in orbit aboard Columbia.
""",
    "leaks.md": """\
+++
title = "Leaks in the Nord Stream pipelines"
date = 2022-09-28
source = "cnn.com"
+++
Explosions caused the leaks in the Nord Stream pipelines. Jens Stoltenberg said that attacks on
infrastructure would meet a united response. Denmark measured 2.3 on the Richter scale.
""",
    "tram.md": """\
{"title": "The tram of Vessel Bay", "date": "2022-10-03", "source": "Coast Weekly"}

The tram of Vessel Bay was stopped for an hour. <!-- TODO: is the conductor under investigation
for theft? --> Its brakes had failed.

<style>.ferry { color: teal }</style>

{{< comment >}}The depot was sold to a bank.{{< /comment >}}

It has run for 10<sup>6</sup> miles. The driver said <q>no brake held</q> and rang the bell.
The tram is the 4<sup>th</sup> of its make.
""",
    "council.txt": """\
title: The council of Narva
date: 2022-09-13
source: Coast Weekly

The bridge will cost approx. 3.5 million crowns. The est. price of the tower is 2 million. The
max. load of the crane is 12 tonnes.

The council meets at 5 p.m. Friday in the hall. On Tues. Oct. 4 the pilots voted. The quay opens
at 9 a.m. Sunday to all.

Its duties are told in ch. 4 of the charter. The fine is set in para. 7 of the act. The oath
stands in Vol. 2 of the log.

The anchor weighs 20 t. The crew is nine. He saw the dog… The mate whistled. The rope cost $5 m.
The state paid.

[1] The lantern is lost. [2] Another was bought in May. [3] See the letters.

1. Oil the hinge. 2. Ring the gong.

‘The ladder holds. We can climb,’ said the cook.
""",
    "treaty.txt": """\
title: The deal on the coast
date: 2022-09-12

The U.N. praised the deal. It was signed at noon. The UN sent an observer to the coast. The US
will send 18 more advanced rocket systems. The E.U. stayed away.

The World Health Organization (WHO) warned of mumps. Zoë Kramér of the WHO flew to İzmir. The
Interna\u00adtional Energy Agency (IEA) met in the har\u200bbour.

Passengers have Wi-Fi on the ferry. The A 46 was closed by snow. The museum lost 1.25 million
visitors and four hundred coins. Poland paid $12bn for tanks. They asked for more informa-
tion on the reactor.
""",
    "women.txt": """\
title: The first in space

Valentina Tereshkova was the first woman in space. She was 26 years old when she flew. She
taught engineers later on. Her call sign was Seagull.
""",
    "men.txt": """\
title: Yuri Gagarin

Yuri Gagarin was the first man in space. He was 27 years old when he flew. He died on 27 March
1968. His call sign was Cedar.
""",
    "flood.txt": """\
title: A flood
date: 2022-08-01

The flood in Narva killed 12 people. It sank nine boats.
""",
    "flood again.txt": """\
title: Narva
date: 2022-08-03

The flood in Narva killed 31 people. It sank nine boats.
""",
}


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    home = tmp_path_factory.mktemp("cases")
    (home / "articles").mkdir()
    for name, text in ARTICLES.items():
        (home / "articles" / name).write_text(text, encoding="utf-8")
    build([home / "articles"], home / "data", HashEncoder(), no_progress)
    opened = open_index(home / "data", lambda: ASKED_AT)
    with closing(opened.snapshot):
        yield opened


def ask(opened: Opened, row: Mapping[str, Any]) -> Answer:
    """The answer to the question of a row, asked as a page asks it after those before it."""
    history: tuple[Turn, ...] = ()
    for text in row.get("before", ()):
        answer = opened.asker.ask(Question(text, history=history))
        cited = tuple(citation.passage.id for citation in answer.citations)
        history = (*history, Turn(text, cited))
    return opened.asker.ask(Question(row["question"], history=history, source=row.get("source")))


def _quoted(answer: Answer) -> list[Citation]:
    """What it quotes, the best first, answered or not."""
    return [*answer.citations, *answer.nearest]


def _other(answer: Answer) -> str | None:
    when = answer.understood_when
    return when.other.text if when is not None and when.other is not None else None


# How what a row tells is read from an answer where it must be the same.
TOLD: Mapping[str, Callable[[Answer], object]] = {
    "title": lambda answer: _quoted(answer)[0].article.title,
    "spelling": lambda answer: answer.understood_spelling and answer.understood_spelling.text,
    "understood": lambda answer: answer.understood_as,
    "when": lambda answer: answer.understood_when and answer.understood_when.text,
    "other": _other,
    "unread": lambda answer: answer.unread_when,
    "differ": lambda answer: answer.reports_differ,
    "articles": lambda answer: [citation.article.title for citation in answer.citations],
    "reply": lambda answer: answer.reply,
}


@pytest.mark.parametrize("row", CASES, ids=[row["question"] for row in CASES])
def test_what_was_meant_is_what_is_answered(opened: Opened, row: Mapping[str, Any]) -> None:
    if "nearest" in row:
        with pytest.raises(BadQuestionError, match=f"ask for {row['nearest']!r}"):
            ask(opened, row)
        return
    answer = ask(opened, row)
    told = {name: row[name] for name in TOLD if name in row}
    assert {name: TOLD[name](answer) for name in told} == told
    quotes = [citation.quote for citation in _quoted(answer)]
    assert row.get("quote", "") in "".join(quotes[:1])
    assert "unsaid" not in row or row["unsaid"] not in " ".join(quotes)
    if "parts" in row:
        assert_parts(answer, row["parts"])


def assert_parts(answer: Answer, words: Mapping[str, str]) -> None:
    """Each part is quoted with these words of its own, or not covered."""
    assert [part.text for part in answer.parts] == list(words)
    quoted = {citation.number: citation.quote for citation in answer.citations}
    for part in answer.parts:
        first = "".join(quoted[number] for number in part.numbers[:1])
        assert words[part.text] in first
        assert bool(first) == bool(words[part.text])


def test_each_kind_has_its_case_and_two_of_its_kind() -> None:
    kinds = Counter(row["kind"] for row in CASES)
    assert {kind for kind, count in kinds.items() if count < 3} == set()
