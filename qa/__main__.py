"""The command line of reading: ask, chat, search, evaluate."""

import argparse
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stdout, suppress
from functools import partial
from importlib import import_module
from pathlib import Path

from tqdm import tqdm

from index.build.rules.kept import rules_of
from index.errors import finish
from index.settings import DATA_HELP, Settings
from index.store import open_store, refuse_other_model
from index.store.base import get_in_by
from qa.access import Snippets, without_embargoed
from qa.answer import Question
from qa.ask import Asker
from qa.evaluate import evaluate, evaluation_json, read_judged, show_evaluation
from qa.evaluate.correct import answers_json, check_answers, show_answers
from qa.live import LiveIndex, open_asker
from qa.present.terminal import HELP, Conversation, open_in_reader, show_answer, show_hits
from qa.present.wire import AnswerModel, ErrorModel, HitsModel, Json
from qa.question import BadLine, BadQuestionError, read_batch, read_question
from qa.rank.batching import SharedEncoder
from qa.rank.rerank import load_reranker
from qa.read.loading import load_reader


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    return finish(lambda: _run(arguments))


def _run(arguments: Sequence[str]) -> int:
    settings = Settings.from_environment(os.environ)
    get_in_by(settings.milvus_access)
    parser = _parser(settings)
    options = parser.parse_args(arguments)
    if options.command in ("ask", "search") and (options.question is None) == (
        options.batch is None
    ):
        parser.error(f"{options.command} takes either a QUESTION or --batch FILE")
    return _COMMANDS[options.command](options, settings)


def _parser(settings: Settings) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m qa", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--data",
        type=Path,
        default=settings.data,
        help=f"{DATA_HELP} (default: %(default)s)",
    )
    narrowing = argparse.ArgumentParser(add_help=False, parents=[common])
    narrowing.add_argument("--k", type=int, help="maximum results")
    narrowing.add_argument("--after", metavar="DATE", help="only from this date")
    narrowing.add_argument("--before", metavar="DATE", help="only up to this date, inclusive")
    narrowing.add_argument("--source", metavar="NAME", help="only articles of this source")
    asking = argparse.ArgumentParser(add_help=False, parents=[narrowing])
    asking.add_argument("question", nargs="?", metavar="QUESTION")
    asking.add_argument(
        "--batch", type=Path, metavar="FILE", help="questions, one JSON object a line"
    )
    asking.add_argument("--asked-at", metavar="TIME", help="time of asking (default: now)")
    asking.add_argument("--json", action="store_true", help="print JSON")
    commands.add_parser("ask", parents=[asking], help="quotes that answer, with their citations")
    chatting = commands.add_parser(
        "chat", parents=[narrowing], help="a conversation; a number opens that citation"
    )
    chatting.add_argument(
        "--server",
        metavar="URL",
        default=f"http://{settings.host}:{settings.port}",
        help="the running server that citations are opened on (default: %(default)s)",
    )
    commands.add_parser(
        "search", parents=[asking], help="ranked passages, whether or not they answer"
    )
    evaluating = commands.add_parser(
        "evaluate", parents=[common], help="score the index on questions of your own"
    )
    evaluating.add_argument(
        "judged",
        type=Path,
        metavar="DIR",
        help="folder in BEIR form, questions with answers as JSONL, or CSV of questions and ids",
    )
    evaluating.add_argument(
        "--per-question", action="store_true", help="also print a line for each question"
    )
    evaluating.add_argument("--json", action="store_true", help="print JSON")
    commands.add_parser(
        "mcp", parents=[common], help="answer an agent over standard input and output"
    )
    return parser


def _ask(options: argparse.Namespace, settings: Settings) -> int:
    if options.batch:
        asker = _open(options.data, settings)
        return _answer_batch(options, lambda question: AnswerModel.of(asker.ask(question)))
    # Read first: a question that cannot be asked need not wait for the model.
    question = _question(options)
    answer = _open(options.data, settings).ask(question)
    if options.json:
        print(_as_line(AnswerModel.of(answer).model_dump()))
    else:
        print(show_answer(answer, styled=_shows_styles()))
    return 0


def _chat(options: argparse.Namespace, settings: Settings) -> int:
    filters = _defaults(options)
    # Read first: a filter that cannot be read need not wait for the model.
    read_question({**filters, "question": "Who?", "history": ["Who was it?"]})
    asker = _open(options.data, settings)
    opening = open_in_reader(options.server)
    conversation = Conversation(asker.ask, opening, filters, styled=_shows_styles())
    print(HELP, flush=True)
    for line in _typed_lines():
        print(f"\n{conversation.say(line)}\n", flush=True)
    return 0


def _typed_lines() -> Iterator[str]:
    """Lines of standard input but blank ones; with readline they can be edited and come back."""
    with suppress(ImportError):
        import_module("readline")
    prompt = "> " if sys.stdin.isatty() else ""
    with suppress(EOFError):
        while True:
            if line := input(prompt).strip():
                yield line


def _shows_styles() -> bool:
    """Whether standard output is a terminal that shows styles; https://no-color.org."""
    is_plain = os.environ.get("TERM", "dumb") == "dumb" or bool(os.environ.get("NO_COLOR"))
    return sys.stdout.isatty() and not is_plain


def _search(options: argparse.Namespace, settings: Settings) -> int:
    if options.batch:
        asker = _open(options.data, settings)
        return _answer_batch(
            options, lambda question: HitsModel.of(question, asker.search(question))
        )
    question = _question(options)
    asker = _open(options.data, settings)
    hits = asker.search(question)
    if options.json:
        print(_as_line(HitsModel.of(question, hits).model_dump()))
    else:
        print(show_hits(hits, asker.article))
    return 0


def _evaluate(options: argparse.Namespace, settings: Settings) -> int:
    asker = _open(options.data, settings)
    judged = read_judged(options.judged)
    bar = {"unit": " questions", "leave": False}
    shown, told = list[str](), Json()
    if judged.questions:
        evaluation = evaluate(judged, asker.search, partial(tqdm, **bar))
        shown.append(show_evaluation(evaluation, per_question=options.per_question))
        told |= evaluation_json(evaluation, per_question=options.per_question)
    if judged.expected:
        scores = check_answers(list(judged.expected), asker.ask, partial(tqdm, **bar))
        shown.append(show_answers(scores, per_question=options.per_question))
        told["answers"] = answers_json(scores, per_question=options.per_question)
    print(_as_line(told) if options.json else "\n\n".join(shown))
    return 0


def _mcp(options: argparse.Namespace, settings: Settings) -> int:
    # Opened first: loading the model takes a while, a missing index none.
    open_store(options.data).close()
    # Only the protocol is for standard output; while it is served, its library sees to that.
    with redirect_stdout(sys.stderr):
        from index.encoders import ModelEncoder
        from qa.web.mcp import agent_tools
        from qa.web.queue import QuestionQueue

        logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
        encoder = ModelEncoder(options.data, settings.model)
        reranker = load_reranker(settings.reranker)
        live = LiveIndex(
            options.data,
            SharedEncoder(encoder),
            encoder.model,
            reranker,
            settings.strictness,
            load_reader(settings.reader, options.data),
            settings.date_order,
            Snippets(settings.snippet),
        )
        server = agent_tools(QuestionQueue(live), live, live)
    live.watch()
    server.run("stdio")
    return 0


_COMMANDS = {
    "ask": _ask,
    "chat": _chat,
    "search": _search,
    "evaluate": _evaluate,
    "mcp": _mcp,
}


def _open(data: Path, settings: Settings) -> Asker:
    # The index is opened first: loading the model takes a while, a missing index none.
    store = without_embargoed(open_store(data))
    from index.encoders import ModelEncoder

    encoder = ModelEncoder(data, settings.model)
    refuse_other_model(data, store.info.model, encoder.model)
    return open_asker(
        data,
        rules_of(data),
        store,
        SharedEncoder(encoder),
        load_reranker(settings.reranker),
        settings.strictness,
        load_reader(settings.reader, data),
        settings.date_order,
    )


def _question(options: argparse.Namespace) -> Question:
    return read_question(_defaults(options) | {"question": options.question})


def _defaults(options: argparse.Namespace) -> dict[str, object]:
    names = ("k", "after", "before", "source", "asked_at")
    given = {name: getattr(options, name, None) for name in names}
    return {name: value for name, value in given.items() if value is not None}


def _answer_batch(
    options: argparse.Namespace, answer: Callable[[Question], AnswerModel | HitsModel]
) -> int:
    """One answer a line, in the file's order; a line that asks nothing gets an error instead."""
    bad = 0
    for question in read_batch(options.batch, _defaults(options)):
        told = _answer_line(question, answer)
        bad += "error" in told
        print(_as_line(told))
    if bad:
        print(
            f"error: {bad} lines of {options.batch} are not valid questions: "
            "see the errors in the output",
            file=sys.stderr,
        )
    return 1 if bad else 0


def _answer_line(
    question: Question | BadLine, answer: Callable[[Question], AnswerModel | HitsModel]
) -> Json:
    if isinstance(question, BadLine):
        return _fault(question.id, question.error, f"line {question.number}: ")
    try:
        return answer(question).model_dump()
    except BadQuestionError as error:
        return _fault(question.id, error)


def _fault(of: str | None, error: BadQuestionError, where: str = "") -> Json:
    return {"id": of, **ErrorModel.of(error.code, f"{where}{error}").model_dump()}


def _as_line(value: Json) -> str:
    # A lone surrogate in the id of a bad line has no UTF-8: as `\ud800` it is JSON all the same.
    return json.dumps(value, ensure_ascii=False).encode(errors="backslashreplace").decode()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
