"""The JSON of the routes for programs, as it is described to callers: bodies, replies, errors."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from index.article import Visibility
from index.dates import EXAMPLES, read_date_or_part
from qa.present.request import without_surrogates
from qa.web.openapi import DAMAGE, SENDING, Replies, fault

LONGEST_ID = 500
# Of a body: an article of a million words has about as many.
MOST_BYTES = 5_000_000


def _identity(text: str) -> str:
    if text != " ".join(text.split()) or not text.isprintable() or text in (".", ".."):
        raise ValueError(
            f"{text[:80]!r} is no id; send one such as 2024/ferry-strike, in one line and without "
            "signs that cannot be seen"
        )
    return text


def _date(text: str) -> str:
    if read_date_or_part(text) is None:
        raise ValueError(f"{text[:80]!r} is not a date; write it as {EXAMPLES}")
    return text


Text = Annotated[str, AfterValidator(without_surrogates)]
Date = Annotated[Text, AfterValidator(_date)]


class PushRequest(BaseModel):
    """An article, as plain text or as HTML. Of dates, as much as is known will do."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "id": "2024/ferry-strike",
                    "title": "The ferries stay in port",
                    "text": "The crews of the Skarholm ferries went on strike on Monday.",
                    "source": "Newsroom 24",
                    "author": "Mara Lindqvist",
                    "published": "2024-03-05T09:30:00+01:00",
                    "url": "https://example.org/ferry-strike",
                }
            ]
        },
    )

    id: Annotated[
        str,
        Field(min_length=1, max_length=LONGEST_ID, description="the same id replaces the article"),
        AfterValidator(without_surrogates),
        AfterValidator(_identity),
    ]
    text: Annotated[Text | None, Field(description="the plain text")] = None
    html: Annotated[Text | None, Field(description="instead of `text`: its HTML")] = None
    title: Text | None = None
    source: Text | None = None
    author: Text | None = None
    published: Annotated[Date | None, Field(description="ISO 8601")] = None
    updated: Annotated[Date | None, Field(description="ISO 8601")] = None
    url: Annotated[Text | None, Field(description="the original")] = None
    section: Annotated[Text | None, Field(description="rules of the house may name it")] = None
    tags: Annotated[list[Text] | None, Field(description="rules may name each")] = None
    visibility: Annotated[Visibility, Field(description="who may read it")] = "public"
    embargo: Annotated[Date | None, Field(description="nobody may read it before, ISO 8601")] = None

    @model_validator(mode="after")
    def _has_text(self) -> Self:
        if not (self.text or self.html):
            raise ValueError("it has no text: send the article's as text, or its HTML as html")
        return self


class StoredModel(BaseModel):
    """The article is on disk, and searchable in a moment."""

    status: Annotated[
        Literal["stored", "unchanged"],
        Field(description="`unchanged`: it was there to the letter"),
    ]
    id: str
    digest: Annotated[str, Field(description="sha256 of the text")]
    remarks: Annotated[list[str], Field(description="what was odd about it")]


class RemovedModel(BaseModel):
    """The article is removed, and found no more in a moment."""

    status: Literal["removed"]
    id: str


_NO_PUSH_KEY = fault(
    401,
    "no key, or one that may not push",
    {
        "push_key_needed": "only a program with a key that the owner gave it may push: …",
        "wrong_key": "the key in the Authorization header is unknown here; you can ask without …",
        "wrong_token": "the token has expired: get a new one from the site, or leave it out",
    },
)
PUSHING: Replies = (
    SENDING
    | _NO_PUSH_KEY
    | fault(
        413,
        "the body is above 5 MB, or above 64 kB without a key",
        {"body_too_large": "the body is longer than 5000000 bytes: send less"},
    )
    | fault(
        422,
        "the article cannot be read",
        {
            "unreadable_article": "the article has no text: write …",
            "invalid_request": "published: 'soon' is not a date; write it as …",
        },
    )
    | fault(
        503,
        "it could not be stored, and nothing of it was kept",
        {"not_stored": "the article could not be stored: the server's log says why; send it later"}
        | DAMAGE,
    )
)
WITHDRAWING: Replies = (
    _NO_PUSH_KEY
    | fault(
        404, "no article has this id", {"unknown_article": "no article has the id 'space/apollo-1'"}
    )
    | fault(422, "the id cannot be read", {"invalid_request": "article_id: …"})
    | fault(
        503,
        "an article that was not pushed, while a build runs; or the index is damaged",
        {"build_runs": "a build is running, which may read this article: send it again later"}
        | DAMAGE,
    )
)
