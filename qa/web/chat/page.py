"""The chat page: a question in, the quoted answer out. It renders; the Asker decides.

Gradio fixes a page when the server starts, so its words, in the language of whoever asks for it,
and what is searched, are filled in each time that it is sent.
"""

import asyncio
import json
import logging
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any
from urllib.parse import quote

import gradio as gr
from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from index.errors import StoreError
from qa.answer import Answer
from qa.present.dates import in_words
from qa.present.links import conversation_link
from qa.question import LONGEST_QUESTION, BadQuestionError, read_question
from qa.web.assets import THEME, stylesheet
from qa.web.chat.message import answer_message, problem_message, question_message, shortened
from qa.web.chat.request import (
    MAX_TURNS,
    ChatRequest,
    Conversations,
    OpenedTurn,
    read_request,
    whole,
)
from qa.web.i18n import Words, languages, words_in
from qa.web.protocols import About
from qa.web.queue import BusyError, QuestionQueue

Suggest = Callable[[Answer], tuple[str, ...]]


def offer_nothing(_: Answer) -> tuple[str, ...]:
    """Where nothing is offered after an answer."""
    return ()


def blank(name: str) -> str:
    """What stands in the page until it is sent."""
    return f"fn0{name}0fn"


# Words that Gradio's components take as plain text.
_PLAIN = ("description", "question", "placeholder", "ask", "new", "conversation", "no_script")


# So many buttons the page has for questions to begin with; those that are left over are hidden.
MOST_EXAMPLES = 3


def filled(page: bytes, about: About, words: Words, examples: Iterable[str] = ()) -> bytes:
    """The page, or its settings as JSON, with all blanks filled."""
    said = words.of("chat")
    texts = {name: said[name] for name in _PLAIN}
    texts |= {
        "language": words.code,
        "scripts": quote(json.dumps(_for_scripts(about, words), ensure_ascii=False), safe=" :,"),
    }
    shown = tuple(islice(examples, MOST_EXAMPLES))
    for place in range(MOST_EXAMPLES):
        is_there = place < len(shown)
        texts[f"example{place}"] = shown[place] if is_there else ""
        texts[f"kind{place}"] = "fn-example" if is_there else "fn-no-example"
    for name, text in texts.items():
        page = page.replace(blank(name).encode(), _within_json(str(text)).encode())
    return page


def _within_json(text: str) -> str:
    """As it stands in a JSON string, also where that stands in a script, or an HTML attribute."""
    dumped = json.dumps(text, ensure_ascii=False)[1:-1]
    return dumped.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def searched(about: About, words: Words) -> str:
    """What is searched."""
    said = words.of("chat")
    count = said["searching_one" if about.articles == 1 else "searching_many"].format(
        count=f"{about.articles:,}" if words.code == "en" else about.articles
    )
    newest = said["newest"].format(date=in_words(about.newest, words.code)) if about.newest else ""
    return f"{count}{newest}"


def _for_scripts(about: About, words: Words) -> dict[str, object]:
    return {
        "words": words.of("chat"),
        "language": words.code,
        "direction": words.direction,
        "languages": {code: words_in(code).language for code in languages()},
        "sources": about.sources,
        "searched": searched(about, words),
    }


log = logging.getLogger(__name__)

MAX_THREADS = 200
# Gradio keeps half a megabyte for each; past them, the one that asked longest ago begins anew.
MAX_SESSIONS = 200
# Questions wait in the one queue of ours. Gradio's costs a second request and a stream for each
# answer, and imports pandas to count them. Each value that it makes ready for a function, or for
# the page, takes a thread: here all are so already.
EVENT: dict[str, Any] = {
    "api_visibility": "private",
    "show_progress": "minimal",
    "queue": False,
    "preprocess": False,
    "postprocess": False,
}

HEAD = (
    f'<meta name="description" content="{blank("description")}">'
    '<meta name="color-scheme" content="light dark">'
    f'<meta name="footnote" content="{blank("scripts")}">'
    '<script type="module" src="footnote/chat.js"></script>'
)


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and the message that answered it, or said why there is no answer.

    `cited` are the ids of the passages that its answer cites, `id` that of the turn where it is
    kept. A turn that says only what became of a link has no question. `left` is what stays in the
    box to be mended.
    """

    question: str
    reply: str
    is_answered: bool
    cited: tuple[str, ...] = ()
    id: str | None = None
    left: str = ""


Conversation = tuple[Turn, ...]
Bubble = dict[str, Any]
Bubbles = list[Bubble]
# Messages, what stands in the text box, and the turns.
Scene = tuple[Bubbles, str, Conversation]


class Chat:
    """What the page's events call."""

    def __init__(
        self,
        answering: QuestionQueue,
        conversations: Conversations,
        suggest: Suggest = offer_nothing,
    ) -> None:
        self.answering, self.conversations, self.suggest = answering, conversations, suggest

    async def turn(self, text: str, how: str, turns: Conversation) -> Scene:
        """Ask `text`; gives what `scene` gives, the conversation one turn longer."""
        # A program may post anything here.
        asked = read_request(how)
        turn = await self.reply(whole(str(text or "")), turns, asked)
        return scene((*turns, turn)[-MAX_TURNS:])

    async def again(self, how: str, turns: Conversation) -> Scene:
        """Ask or open what `how` holds; while it is still to arrive, all stays as it is."""
        asked = read_request(how)
        if asked.conversation is not None:
            return scene(await self.opened(asked.conversation, asked.words))
        if asked.text is None:
            return scene(turns)
        return await self.turn(asked.text, how, turns)

    async def opened(self, turn_id: str, words: Words) -> Conversation:
        """The conversation that is kept up to that turn, or why there is none."""
        try:
            kept = await self.answering.run(partial(self.conversations.open, turn_id))
        except BusyError as error:
            return (problem("", fault(error, words)),)
        if not kept:
            return (problem("", words.of("chat")["not_kept"]),)
        return tuple(shown_again(each, words) for each in kept)

    async def reply(self, text: str, turns: Conversation, asked: ChatRequest | None = None) -> Turn:
        """The question with its answer, or with the reason in words why there is none."""
        asked = asked or ChatRequest()
        try:
            question = read_question(asked.record(text, history(text, turns)))
            answer = await self.answering.ask(question)
            before = next((turn.id for turn in reversed(turns) if turn.id), None)
            kept = self.conversations.keep(answer, before)
            await self.conversations.settle()
            if not answer.citations:
                # Under what is cited the page fetches them, and the days with them.
                answer = replace(answer, suggestions=self.suggest(answer))
            return answered(text, answer, kept, asked.words)
        except (BadQuestionError, BusyError) as error:
            return problem(text, fault(error, asked.words))
        except StoreError as error:
            log.warning("%s", error)
            return problem(text, asked.words.of("chat")["fault_away"])
        except Exception:
            log.exception("the chat could not answer")
            return problem(text, asked.words.of("chat")["failed"])


def answered(text: str, answer: Answer, turn_id: str | None, words: Words) -> Turn:
    """The turn of an answer, which may be kept under an id."""
    cited = tuple(citation.passage.id for citation in answer.citations)
    message = answer_message(answer, words, conversation_link(turn_id) if turn_id else None)
    # A greeting, or what reads as no question, is nothing that a question follows on.
    return Turn(text, message, answer.reply is None, cited, turn_id)


def problem(text: str, why: str) -> Turn:
    """The turn of a question that has no answer, and stays in the box to be mended."""
    return Turn(shortened(text), problem_message(why), is_answered=False, left=text.strip())


def shown_again(turn: OpenedTurn, words: Words) -> Turn:
    """A turn that was kept, as it is shown now."""
    answer = turn.reopened.answer
    if turn.reopened.is_lost:
        lost = problem(answer.question.text, words.of("reader")["gone"])
        return replace(lost, id=turn.id)
    return answered(answer.question.text, answer, turn.id, words)


def history(text: str, turns: Conversation) -> list[object]:
    """The earlier questions as `read_question` takes them.

    What was refused once would as history be refused again, whatever is asked; and what is asked
    again does not follow on itself.
    """
    return [
        {"question": turn.question, "cited": list(turn.cited)}
        for turn in turns
        if turn.is_answered and turn.question != text
    ]


def fault(error: BadQuestionError | BusyError, words: Words) -> str:
    """What is wrong with a question, in the words of a language where it has them."""
    said = words.of("chat").get(f"fault_{error.code}")
    return said.format(limit=LONGEST_QUESTION) if said else str(error)


async def afresh() -> Scene:
    """The page as before the first question."""
    return scene(())


def scene(turns: Conversation) -> Scene:
    """The page after these turns."""
    return bubbles(turns), turns[-1].left if turns else "", turns


def bubbles(turns: Conversation) -> Bubbles:
    """The conversation in the form that the page takes."""
    shown_turns: Bubbles = []
    for turn in turns:
        if turn.question:
            shown_turns.append(_bubble("user", question_message(turn.question)))
        shown_turns.append(_bubble("assistant", turn.reply))
    return shown_turns


def _bubble(role: str, message: str) -> Bubble:
    content = [{"text": message, "type": "text"}]
    return {"role": role, "metadata": None, "content": content, "options": None}


@dataclass(frozen=True, slots=True)
class ChatApp:
    """The page as an app of its own, and what Gradio knows of its events and sessions."""

    app: FastAPI
    blocks: gr.Blocks

    def sessions(self) -> int:
        """How many conversations are kept."""
        return len(self.blocks.state_holder.session_data)


def chat_app(
    answering: QuestionQueue,
    conversations: Conversations,
    suggest: Suggest = offer_nothing,
    app_id: int | None = None,
) -> ChatApp:
    """The page, without the guard that it needs on the web.

    A page that finds another `app_id` than before loads itself again. `suggest` gives what to ask
    after what cites nothing.
    """
    # Where no event loop runs, Gradio makes one for each lock, and closes none. In a thread of
    # its own there is one, whether or not the caller is in another.
    with ThreadPoolExecutor(1) as thread:
        chat = Chat(answering, conversations, suggest)
        return thread.submit(asyncio.run, _mounted(chat, app_id)).result()


async def _mounted(chat: Chat, app_id: int | None) -> ChatApp:
    # With a CORS policy on the parent, Gradio does not reflect the Origin of each request.
    parent = FastAPI(middleware=[Middleware(CORSMiddleware, allow_origins=[])])
    blocks = page(chat)
    blocks.app_id = blocks.app_id if app_id is None else app_id
    app: FastAPI = gr.mount_gradio_app(
        parent,
        blocks,
        path="/",
        theme=THEME,
        css=stylesheet(),
        head=HEAD,
        footer_links=[],
        show_error=False,
        run_history=False,
        enable_monitoring=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
    )
    return ChatApp(app, blocks)


def page(chat: Chat) -> gr.Blocks:
    """The components and what happens at a question.

    Each kind of component brings files of its own: what needs no server, the script makes.
    """
    blocks = gr.Blocks(title="Footnote", analytics_enabled=False)
    with blocks:
        turns = gr.State(())
        conversation = conversation_view()
        with gr.Column(elem_id="fn-foot"):
            box = question_box()
            anew = gr.Button(blank("new"), elem_id="fn-new")
        with gr.Column(elem_id="fn-examples"):
            buttons = [
                gr.Button(blank(f"example{place}"), elem_classes=blank(f"kind{place}"))
                for place in range(MOST_EXAMPLES)
            ]
        # The page's script writes here how to ask, and what to ask when it presses the button.
        how = hidden_box(blank("language"), "how")
        other = hidden_box("", "other")
        go = gr.Button("go", elem_id="fn-go")
        outputs = [conversation, box, turns]
        for event, source in [(box.submit, box), *((button.click, button) for button in buttons)]:
            event(chat.turn, [source, how, turns], outputs, show_progress_on=[box], **EVENT)
        go.click(chat.again, [other, turns], outputs, show_progress_on=[box], **EVENT)
        anew.click(afresh, [], outputs, show_progress_on=[box], **EVENT)
    blocks.max_threads = MAX_THREADS
    blocks.state_session_capacity = MAX_SESSIONS
    return blocks


def conversation_view() -> gr.Chatbot:
    """The answers. No LaTeX and no line breaks of Markdown: messages are HTML of ours."""
    return gr.Chatbot(
        label=blank("conversation"),
        elem_id="fn-conversation",
        show_label=False,
        height="auto",
        layout="panel",
        buttons=[],
        feedback_options=None,
        sanitize_html=True,
        latex_delimiters=[],
        line_breaks=False,
        group_consecutive_messages=False,
        autoscroll=False,
    )


def hidden_box(value: str, name: str) -> gr.Textbox:
    """What the script fills in. In a container it would bring a form with it, two more files."""
    return gr.Textbox(value, elem_id=f"fn-{name}", label=name, max_lines=1, container=False)


def question_box() -> gr.Textbox:
    """Where questions are typed; not focused on load, which would scroll a page that embeds it."""
    return gr.Textbox(
        label=blank("question"),
        elem_id="fn-ask",
        placeholder=blank("placeholder"),
        lines=1,
        max_lines=6,
        container=False,
        submit_btn=blank("ask"),
        autofocus=False,
    )
