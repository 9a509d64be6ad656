"""What `/openapi.json` says beside the shapes, and the page `/docs` that shows all of it.

Each route names its errors with an example of each; the examples of answers are made by the code
that makes the answers. The page takes nothing from outside: Swagger UI comes from a foreign host
and needs inline script and style.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, FastAPI
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse

from index.article import Article, Passage
from qa.answer import Answer, Citation, Question
from qa.present.wire import AnswerModel, ErrorModel, Json, WholeArticleModel
from qa.web.i18n import pages

Replies = dict[int | str, dict[str, Any]]

_WAIT = {
    "Retry-After": {
        "description": "seconds after which to ask again",
        "schema": {"type": "integer", "minimum": 1},
    }
}


def fault(status: int, description: str, examples: dict[str, str]) -> Replies:
    """One error reply; `examples` are its codes, each with a message."""
    reply: dict[str, Any] = {
        "model": ErrorModel,
        "description": f"{description}: " + ", ".join(f"`{code}`" for code in examples),
        "content": {
            "application/json": {
                "examples": {
                    code: {"value": ErrorModel.of(code, message).model_dump()}
                    for code, message in examples.items()
                }
            }
        },
    }
    if status in (429, 503):
        reply["headers"] = _WAIT
    return {status: reply}


# Any route may answer with these.
EVERYWHERE: Replies = (
    fault(
        403,
        "a page of a site that is not listed asks",
        {"origin_not_allowed": "pages of 'https://a.example' may not use this server: its owner …"},
    )
    | fault(
        421,
        "the Host is not this server's",
        {"wrong_host": "'a.example' is not a name of this server, which serves only its own …"},
    )
    | fault(
        429,
        "too much is asked from one address or site",
        {"too_many_requests": "too many requests from here: ask again in 12 seconds"},
    )
    | fault(
        500,
        "a fault of the server",
        {"internal": "something went wrong on the server and has been logged: try again"},
    )
)
NOT_READY = fault(
    503,
    "the server starts, or its index cannot be read",
    {
        "starting": "the server is starting: ask again in a moment",
        "not_ready": "questions cannot be answered: the log says why",
    },
)
_KEY = fault(
    401,
    "a key or a reader's token is sent that is not valid",
    {
        "wrong_key": "the key in the Authorization header is unknown here; you can ask without …",
        "wrong_token": "the token has expired: get a new one from the site, or leave it out",
    },
)
DAMAGE = {"damaged": "the index is damaged, which the server's log tells more of: ask again later"}
# A route that takes a body may answer with these.
SENDING: Replies = (
    fault(
        400,
        "the body is not JSON",
        {"invalid_json": "the body is not JSON: send one object, with Content-Type: …"},
    )
    | _KEY
    | fault(
        408,
        "the body takes too long to arrive",
        {"body_too_slow": "the body did not arrive within 10 seconds: send it at once"},
    )
    | fault(
        413,
        "the body is above 64 kB",
        {"body_too_large": "the body is longer than 65536 bytes: send less"},
    )
    | fault(
        415,
        "the body is compressed",
        {"compressed_body": "the body is compressed, with Content-Encoding 'gzip': send it as …"},
    )
)
ASKING: Replies = (
    SENDING
    | fault(
        422,
        "the question cannot be asked",
        {
            "empty_question": "the question is empty: ask something",
            "question_too_long": "the question has 2,500 characters: ask in at most 2,000",
            "bad_question": "the question is 5, not a text",
            "bad_character": "the question contains the character U+0000: remove it",
            "no_words": "the question '?!' has no words: ask in words or numbers",
            "only_stop_words": "the question 'what is' is too general: add a topic",
            "bad_history": "history is 'x', not a list: send [\"earlier question\", …]",
            "bad_k": "k is 0: send a whole number from 1 to 1,000",
            "bad_id": "the id is 1.5: send a text or a number",
            "bad_date": "after: 'the 40th' is no date: …",
            "bad_period": "after '2023' is later than before '2022': swap them",
            "bad_source": "source is 5, not a text",
            "bad_page_url": "page_url is 5, not a text",
            "bad_within": "within is 'all': send 'page' or nothing",
            "bad_ignore": "ignore is 'x': send a list of any of when, history, spelling",
            "bad_asked_at": "asked_at is 5, not a text",
            "bad_after": "after is 5, not a text",
            "bad_before": "before is 5, not a text",
            "invalid_request": "the body: input should be a valid dictionary or object …",
        },
    )
    | fault(
        503,
        "too many questions are waiting, or the archive cannot be reached or is damaged",
        {
            "busy": "too many questions are waiting: ask again in a moment",
            "away": "the archive cannot be reached right now: ask again in a moment",
        }
        | DAMAGE,
    )
)
JUDGING: Replies = (
    SENDING
    | fault(
        422,
        "a field is invalid",
        {"invalid_request": "verdict: input should be 'up' or 'down'"},
    )
    | fault(
        503,
        "it could not be stored",
        {"not_kept": "the feedback could not be kept: the server's log says why; send it later"},
    )
)
EXPORTING: Replies = (
    fault(
        404,
        "no such format, article or quote",
        {
            "unknown_format": "there is no format 'docx': ask for bibtex, ris, csl-json, markdown",
            "unknown_article": "no article has the id 'space/apollo-1'",
            "unknown_quote": "9000-9100 is not a quote of article 'space/apollo-11', whose …",
        },
    )
    | fault(
        422,
        "no citation, too many, or an invalid one",
        {
            "no_citations": "nothing to export: name quotes with c=ID:START-END",
            "too_many_citations": "21 citations are too many: ask for at most 20",
            "bad_citation": "'apollo' is not a quote: send ARTICLE:START-END",
            "invalid_request": "form: input should be a valid string",
        },
    )
    | fault(503, "the index is damaged", DAMAGE)
)
READING: Replies = (
    _KEY
    | fault(
        404, "no article has this id", {"unknown_article": "no article has the id 'space/apollo-1'"}
    )
    | fault(422, "the id cannot be read", {"invalid_request": "article_id: …"})
    | fault(503, "the index is damaged", DAMAGE)
)
EXAMPLE_QUESTION: Json = {
    "a question": {"value": {"question": "When did Apollo 11 land on the Moon?"}},
    "with a period and a source": {
        "value": {
            "question": "Who signed the treaties?",
            "k": 3,
            "after": "2022-09",
            "before": "2022-10-05",
            "source": "Newsroom 24",
        }
    },
    "a follow-up": {
        "value": {
            "question": "And who stayed in orbit?",
            "history": ["Who walked on the Moon first?"],
        }
    },
}
_QUOTE = "The Eagle touched down in the Sea of Tranquility at 20:17 UTC on 20 July 1969."
_ARTICLE = Article(
    id="space/apollo-11",
    text=_QUOTE,
    title="The first landing on the Moon",
    source="The Orbital Record",
    author="Mara Lindqvist",
    published="2019-07-20",
    url="https://example.org/apollo-11",
)
_WHOLE = (0, len(_QUOTE))
_CITATION = Citation(
    number=1,
    passage=Passage(_ARTICLE.id, *_WHOLE, _QUOTE, (_WHOLE,)),
    article=_ARTICLE,
    quote=_QUOTE,
    quote_start=0,
    quote_end=len(_QUOTE),
    score=7.2104,
    answer_start=_QUOTE.index("20:17"),
    answer_end=len(_QUOTE) - 1,
)
_ANSWER = Answer(
    question=Question("When did Apollo 11 land on the Moon?"),
    asked_at="2026-01-31T09:00:00Z",
    citations=(_CITATION,),
    nearest=(),
    took_ms=7.9,
    confidence=0.97,
)
EXAMPLE_ANSWER: Json = AnswerModel.of(_ANSWER).model_dump()
EXAMPLE_ARTICLE: Json = WholeArticleModel.of(_ARTICLE).model_dump()


def example(value: object) -> Replies:
    """A reply of 200 with an example."""
    return {200: {"content": {"application/json": {"example": value}}}}


Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One line of a table: a field of a body, or a parameter."""

    name: str
    type: str
    link: str | None
    is_required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Reply:
    """A status and what comes with it."""

    status: str
    description: str
    shape: str | None


@dataclass(frozen=True, slots=True)
class Operation:
    """A method of a path."""

    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[Field, ...]
    body: str | None
    replies: tuple[Reply, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """A named JSON object."""

    name: str
    description: str
    fields: tuple[Field, ...]


def docs_routes(app: FastAPI) -> APIRouter:
    """`GET /docs`."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/docs")
    def docs() -> HTMLResponse:
        schema = app.openapi()
        html = pages.get_template("docs.html").render(
            info=schema["info"],
            with_code=with_code,
            operations=list(operations(schema)),
            shapes=list(shapes(schema)),
        )
        return HTMLResponse(html)

    return routes


def with_code(text: str) -> Markup:
    """The text escaped, what stands between backticks as code.

    >>> with_code("`a` < b")
    Markup('<code>a</code> &lt; b')
    """
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def operations(schema: Schema) -> Iterator[Operation]:
    """Each method of each path, in the schema's order."""
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield Operation(
                method=method.upper(),
                path=path,
                summary=operation.get("summary", ""),
                description=operation.get("description", ""),
                parameters=tuple(map(_parameter, operation.get("parameters", ()))),
                body=_shape_name(operation.get("requestBody", {})),
                replies=tuple(_replies(operation["responses"])),
            )


def shapes(schema: Schema) -> Iterator[Shape]:
    """Each named object of the schema."""
    for name, shape in schema.get("components", {}).get("schemas", {}).items():
        required = shape.get("required", ())
        fields = shape.get("properties", {}).items()
        yield Shape(
            name=name,
            description=shape.get("description", ""),
            fields=tuple(_field(key, value, key in required) for key, value in fields),
        )


def _parameter(parameter: Schema) -> Field:
    return _field(
        parameter["name"],
        parameter | parameter["schema"],
        parameter.get("required", False),
    )


def _replies(responses: Schema) -> Iterator[Reply]:
    for status, reply in sorted(responses.items()):
        yield Reply(status, reply.get("description", ""), _shape_name(reply))


def _shape_name(carrier: Schema) -> str | None:
    """The object that a request or reply carries, if it carries JSON."""
    content = carrier.get("content", {}).get("application/json", {})
    return _target(content.get("schema", {}))


def _target(schema: Schema) -> str | None:
    reference: str | None = schema.get("$ref") or schema.get("items", {}).get("$ref")
    return reference.rsplit("/", 1)[1] if reference else None


def _field(name: str, schema: Schema, is_required: bool) -> Field:
    return Field(name, _type(schema), _target(schema), is_required, schema.get("description", ""))


def _type(schema: Schema) -> str:
    """The type in words: `string or null`, `list of CitationModel`."""
    if "anyOf" in schema:
        return " or ".join(_type(part) for part in schema["anyOf"])
    if "const" in schema:
        return f'"{schema["const"]}"'
    if "enum" in schema:
        return " or ".join(f'"{value}"' for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    return _target(schema) or str(schema.get("type", "any"))
