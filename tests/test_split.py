import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import Article, Entry, Passage
from index.readers.liveblog import find_entries
from index.sentences import LONGEST_SENTENCE, count_words, is_question, sentence_spans
from index.split import LONGEST_PASSAGE, TARGET_WORDS, left_out, split, subject_of

# What UTF-8 can hold: readers put U+FFFD in the place of lone surrogates.
any_text = st.text(st.characters(codec="utf-8"), max_size=400)
prose = st.lists(
    st.sampled_from(
        "The ship left. Dr. Field, the keeper said nothing “why?” 3.5 km … e.g. a\n\n \n \t "
        "мост 港口は閉鎖された。 \N{OLD KEY} \r \u2028 - * !".split(" ")
    ),
    max_size=400,
).map(" ".join)
long_prose = st.integers(0, 10_000).map(lambda seed: sentences_of(random.Random(seed)))
clock = st.tuples(st.integers(0, 23), st.integers(0, 59))
post = st.tuples(clock, st.sampled_from(["", "Ship leaves"]), st.text("ab. \n", max_size=300))


def sentences_of(chance: random.Random, most_words: int = 60) -> str:
    """Up to 90 sentences of up to `most_words` words."""
    counts = [chance.randint(1, most_words) for _ in range(chance.randint(1, 90))]
    return " ".join(f"{'Word ' * count}end." for count in counts)


def passages_of(text: str) -> list[Passage]:
    return split(Article("a", text))


def sentences_in(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text, 0, len(text))]


def blog_of(posts: list[tuple[tuple[int, int], str, str]]) -> Article:
    lines = [
        f"{hour}:{minute:02d}: {heading}\nIt said: {words}"
        for (hour, minute), heading, words in posts
    ]
    text = "\n".join(["The harbour is closed. All times are GMT.", *lines])
    return Article("blog", text, entries=find_entries(text, "2022-09-29", None))


@given(any_text | prose | long_prose)
def test_passages_lie_in_order_in_the_text_and_are_slices_of_it(text: str) -> None:
    passages = passages_of(text)
    assert all(text[p.start : p.end] == p.text for p in passages)
    assert all(before.end <= after.start for before, after in pairwise(passages))


@given(any_text | prose | long_prose)
def test_what_lies_between_passages_holds_no_words(text: str) -> None:
    passages = passages_of(text)
    ends = [0, *(passage.end for passage in passages)]
    starts = [*(passage.start for passage in passages), len(text)]
    assert not "".join(text[e:s] for e, s in zip(ends, starts, strict=True)).strip()


@given(any_text | prose | long_prose)
def test_every_word_stands_in_exactly_one_sentence(text: str) -> None:
    sentences = [span for passage in passages_of(text) for span in passage.sentences]
    assert all(before[1] <= after[0] for before, after in pairwise(sentences))
    words = "".join(text[start:end] for start, end in sentences)
    assert "".join(words.split()) == "".join(text.split())


@given(any_text | prose | long_prose)
def test_a_passage_begins_and_ends_with_a_sentence_without_blank_space_around_it(
    text: str,
) -> None:
    for passage in passages_of(text):
        assert (passage.start, passage.end) == (
            passage.sentences[0][0],
            passage.sentences[-1][1],
        )
        assert all(text[s:e] == text[s:e].strip() != "" for s, e in passage.sentences)


@given(any_text | prose | long_prose)
def test_the_same_text_is_always_split_the_same(text: str) -> None:
    assert passages_of(text) == passages_of(text)


@given(any_text | prose | long_prose)
def test_a_sentence_has_at_most_120_words(text: str) -> None:
    assert all(count_words(sentence) <= LONGEST_SENTENCE for sentence in sentences_in(text))


@given(prose | long_prose)
def test_a_passage_is_at_most_half_a_longest_sentence_over_the_target(text: str) -> None:
    for passage in passages_of(text):
        words = sum(count_words(text[start:end]) for start, end in passage.sentences)
        assert words <= max(LONGEST_PASSAGE, TARGET_WORDS + LONGEST_SENTENCE // 2)


@given(st.integers(0, 10_000))
def test_ordinary_sentences_make_passages_that_the_model_reads_whole(seed: int) -> None:
    """Of up to 30 words: 190 words fit into the 256 tokens that MiniLM reads."""
    passages = passages_of(sentences_of(random.Random(seed), most_words=29))
    assert max(len(passage.text.split()) for passage in passages) <= LONGEST_PASSAGE


@given(st.lists(post, min_size=3, max_size=8))
def test_no_passage_of_a_live_blog_crosses_an_entry(
    posts: list[tuple[tuple[int, int], str, str]],
) -> None:
    blog = blog_of(posts)
    assert len(blog.entries) >= len(posts)
    for passage in split(blog):
        inside = [e for e in blog.entries if e.start < passage.end and passage.start < e.end]
        assert inside == ([passage.entry] if passage.entry else [])
        assert passage.entry is None or passage.entry.body <= passage.start


@given(st.lists(post, min_size=3, max_size=8))
def test_every_word_of_a_live_blog_but_the_time_lines_stands_in_a_passage(
    posts: list[tuple[tuple[int, int], str, str]],
) -> None:
    blog = blog_of(posts)
    expected, reached = "", 0
    for entry in blog.entries:
        expected += blog.text[reached : entry.start] + blog.text[entry.body : entry.end]
        reached = entry.end
    found = "".join(passage.text for passage in split(blog))
    assert "".join(found.split()) == "".join((expected + blog.text[reached:]).split())


def test_hard_wrapped_lines_are_one_paragraph() -> None:
    wrapped = (
        "The lighthouse of Cape Orrin was lit for the first\n"
        "time on 3 November 1874. It stands forty metres\n"
        "above the sea. Its lamp burned whale oil until the\n"
        "year 1891."
    )
    assert [" ".join(sentence.split()) for sentence in sentences_in(wrapped)] == [
        "The lighthouse of Cape Orrin was lit for the first time on 3 November 1874.",
        "It stands forty metres above the sea.",
        "Its lamp burned whale oil until the year 1891.",
    ]


def test_lines_that_end_their_sentences_are_paragraphs_of_their_own() -> None:
    lines = [
        "The ferry from the islands was turned away at ten",
        "Its captain waited for an hour outside the harbour.",
        "Nobody wants empty quays, the mayor said at noon.",
        "The strike goes on, and no talks have been set up.",
    ]
    assert sentences_in("\n".join(lines)) == lines


def test_a_list_of_short_lines_is_a_sentence_a_line() -> None:
    assert sentences_in("Needed:\n\n- rope\n- a lamp\n- two keepers") == [
        *("Needed:", "- rope", "- a lamp", "- two keepers"),
    ]


def test_a_paragraph_never_ends_inside_a_sentence_of_the_next() -> None:
    assert sentences_in("no full stop here\n\nThe next one") == [
        "no full stop here",
        "The next one",
    ]


def test_a_sentence_of_a_thousand_words_is_cut_between_words() -> None:
    text = " ".join(f"word{number}" for number in range(1000))
    pieces = sentences_in(text)
    assert " ".join(pieces) == text
    assert [len(piece.split()) for piece in pieces] == [120] * 8 + [40]


def test_a_word_of_ten_thousand_letters_is_cut_too() -> None:
    pieces = sentences_in("a" * 10_000)
    assert "".join(pieces) == "a" * 10_000
    assert max(map(count_words, pieces)) <= LONGEST_SENTENCE


def test_an_article_of_up_to_190_words_is_one_passage() -> None:
    assert len(passages_of("Ten words are in this sentence, as one can see. " * 19)) == 1


def test_a_longer_article_is_cut_into_passages_of_like_length() -> None:
    passages = passages_of("Ten words are in this sentence, as one can see. " * 40)
    assert [len(passage.text.split()) for passage in passages] == [130, 130, 140]


@pytest.mark.parametrize(
    ("text", "words"),
    [("", 0), ("nine lives", 2), ("港口は閉鎖された。" * 12, 9 * 12 // 12), ("a" * 24, 2)],
)
def test_words_are_counted_by_blank_space_or_by_length(text: str, words: int) -> None:
    assert count_words(text) == words


@pytest.mark.parametrize("text", ["", " \n\t ", "\N{NO-BREAK SPACE}"])
def test_a_text_without_words_has_no_passages(text: str) -> None:
    assert passages_of(text) == []


@pytest.mark.parametrize("mark", ['"', "“", "„", "("])
def test_a_mark_that_opens_a_quotation_never_closed_stands_before_its_words(mark: str) -> None:
    text = f"Rain fell. Jonas came home. {mark}He switched the computer off at dusk."
    found = [text[start:end] for start, end in sentence_spans(text, 0, len(text))]
    assert found[-1] == f"{mark}He switched the computer off at dusk."


def test_a_passage_rather_ends_with_a_paragraph_than_inside_one() -> None:
    sentence = "Ten words are in this sentence, as one can see. "
    first, second = (sentence * 13).strip(), (sentence * 17).strip()
    passages = passages_of(f"{first}\n\n{second}")
    assert passages[0].text == first


@pytest.mark.parametrize(
    "sentence",
    [
        *("Who rang the bell?", '"Who rang the bell?"', "(Who rang it?)", "“Who rang it?”)"),
        *("Was it he? \n", "«Qui a sonné ?»", "誰が来たのか？", "من قرع الجرس؟", "?"),
        *(
            "„Wer war es?“",
            "「誰が来たのか？」",
            "Really?!",
            "But why?…",
            "Why?...",
            "Why? [1][12]",
        ),
    ],
)
def test_what_ends_with_a_question_mark_asks_whatever_closes_behind_it(sentence: str) -> None:
    assert is_question(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        *("", "He rang.", "Who rang", '"Who rang?" she asked.', "Was it he? It was.", "? or !"),
        *("Why not!", "Mind the ?s", "鐘が鳴った。"),
    ],
)
def test_what_ends_otherwise_does_not_ask(sentence: str) -> None:
    assert not is_question(sentence)


@pytest.mark.parametrize("gap", [" ", "\n", "\N{NO-BREAK SPACE}"])
def test_no_passage_is_longer_than_sixteen_bits_can_count(gap: str) -> None:
    text = f"Line.{gap * 256}" * 999 + f"End.{gap * 300}The end."
    passages = passages_of(text)
    assert max(passage.end - passage.start for passage in passages) < 2**16
    assert " ".join(passage.text for passage in passages).split() == text.split()
    assert passages[-1].text == "The end."


LONG = " The water rose by a metre in the night." * 40
OPENING = "The dam on the Tessel broke before dawn on Monday."


def test_the_title_is_the_subject() -> None:
    assert subject_of(Article("a", OPENING + LONG, title="A dam breaks")) == "A dam breaks"


def test_without_a_title_it_is_the_opening_sentence() -> None:
    assert subject_of(Article("a", OPENING + LONG)) == OPENING


@pytest.mark.parametrize(
    "before", ["TESSEL VALLEY, 3 May —", "Share this.", "Have you ever seen a dam break?"]
)
def test_a_dateline_a_label_and_a_question_are_no_opening(before: str) -> None:
    assert subject_of(Article("a", f"{before}\n\n{OPENING}{LONG}")) == OPENING


@pytest.mark.parametrize(
    ("first", "opens"),
    [("A dam broke near Tessel today.", True), ("A dam broke today, Monday.", False)],
)
def test_six_words_are_enough_for_an_opening(first: str, opens: bool) -> None:
    assert (subject_of(Article("a", f"{first}\n\n{OPENING}{LONG}")) == first) == opens


def test_of_a_long_opening_thirty_words_are_enough() -> None:
    words = [f"word{number}" for number in range(80)]
    subject = subject_of(Article("a", " ".join(words) + "." + LONG))
    assert subject == " ".join(words[:30])


def test_one_passage_alone_needs_no_subject() -> None:
    assert subject_of(Article("a", OPENING)) is None


def test_a_live_blog_has_none_for_it_opens_with_its_latest_entry() -> None:
    text = OPENING + LONG
    assert subject_of(Article("a", text, entries=(Entry(0, len(text), None, ""),))) is None


def test_an_article_without_a_single_statement_has_none() -> None:
    assert subject_of(Article("a", "one two three four\n\n" * 80)) is None


def test_a_quotation_that_states_something_is_an_opening() -> None:
    opening = "“Nobody saw the water come that night.”"
    assert subject_of(Article("a", f"{opening}\n\n{LONG}")) == opening


def test_an_opening_is_one_line_however_an_editor_wrapped_it() -> None:
    wrapped = "The dam on the river Tessel broke before dawn\non Monday, as the keeper had said."
    assert subject_of(Article("a", f"{wrapped}\n\n{LONG}")) == wrapped.replace("\n", " ")


@pytest.mark.parametrize(("words", "has_one"), [(LONGEST_PASSAGE, False), (191, True)])
def test_an_article_of_more_than_a_passage_has_an_opening(words: int, has_one: bool) -> None:
    text = " ".join(["word"] * (words - 6) + ["It was a stormy night indeed."])
    assert (subject_of(Article("a", text)) is not None) == has_one


@given(st.lists(st.sampled_from(["word", "Rain fell.", "Why?", "\n\n", "It rose.", "“Oh", "!”"])))
def test_whatever_the_text_an_opening_is_the_beginning_of_a_sentence_of_it(
    pieces: list[str],
) -> None:
    text = " ".join([*pieces, LONG])
    subject = subject_of(Article("a", text))
    assert subject is not None
    assert 6 <= len(subject.split()) <= 30
    sentences = (text[start:end].split() for start, end in sentence_spans(text, 0, len(text)))
    assert subject.split() in [sentence[:30] for sentence in sentences]


def test_what_is_left_out_lies_in_no_passage_unless_there_is_nothing_else() -> None:
    note = "Correction: The mill burned in 1931, not in 1913."
    story = Article("mill", f"{note}\n\nThe mill burned down.")
    assert [story.text[start:end] for start, end in left_out(story)] == [note]
    assert [each.text for each in split(story)] == ["The mill burned down."]
    alone = Article("mill", note)
    assert left_out(alone) == ()
    assert [each.text for each in split(alone)] == [note]
