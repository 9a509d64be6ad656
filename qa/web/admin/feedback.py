"""`POST /api/feedback`: what a reader thought of an answer."""

from typing import Annotated, Literal

from anyio import to_thread
from fastapi import APIRouter
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse

from qa.journal import Feedback, Journal
from qa.present.request import without_surrogates
from qa.question import LONGEST_QUESTION
from qa.web.errors import error_response
from qa.web.openapi import JUDGING

LONGEST_COMMENT = 1_000
_LONGEST_ID = 2_000

Reason = Literal["wrong_quote", "not_an_answer", "outdated", "missing", "other"]


def _said(text: str) -> str:
    if not text:
        raise ValueError("it is empty")
    return text


# Stripped behind the bounds of a field, which `/openapi.json` gives for the text as it is sent.
_AS_SENT = (AfterValidator(without_surrogates), AfterValidator(str.strip))


class FeedbackRequest(BaseModel):
    """Thumbs up or down for an answer, with reasons. Who sends it is not kept."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "question": "When did Apollo 11 land on the Moon?",
                    "verdict": "down",
                    "reasons": ["outdated"],
                    "comment": "A newer article gives the minute.",
                    "citations": ["space/apollo-11:135-402"],
                },
                {"question": "When did Apollo 11 land on the Moon?", "verdict": "up"},
            ]
        }
    )

    question: Annotated[
        str,
        Field(min_length=1, max_length=LONGEST_QUESTION, description="as it was asked"),
        *_AS_SENT,
        AfterValidator(_said),
    ]
    verdict: Annotated[Literal["up", "down"], Field(description="whether the answer was good")]
    reasons: Annotated[list[Reason], Field(max_length=5, description="what was wrong with it")] = []
    comment: Annotated[
        str,
        Field(max_length=LONGEST_COMMENT, description="in the reader's own words"),
        *_AS_SENT,
    ] = ""
    citations: Annotated[
        list[Annotated[str, Field(max_length=_LONGEST_ID), *_AS_SENT]],
        Field(max_length=20, description="ids of the passages that the answer cited"),
    ] = []


class TakenModel(BaseModel):
    """The feedback has been taken."""

    status: Literal["taken"]


def feedback_routes(journal: Journal) -> APIRouter:
    """The route; feedback is kept for the owner unless `FOOTNOTE_JOURNAL` is off."""
    routes = APIRouter(prefix="/api", tags=["questions"])

    @routes.post(
        "/feedback",
        status_code=202,
        response_model=TakenModel,
        response_description="taken",
        responses=JUDGING,
    )
    async def feedback(body: FeedbackRequest) -> JSONResponse:
        """Tell what a reader thought of an answer. It is kept without who or where they are."""
        reasons = tuple(dict.fromkeys(body.reasons))
        citations = tuple(body.citations)
        feedback = Feedback(body.question, body.verdict, reasons, body.comment, citations)
        if not await to_thread.run_sync(journal.judged, feedback):
            message = "the feedback could not be kept: the server's log says why; send it later"
            return error_response(503, "not_kept", message, {"Retry-After": "60"})
        return JSONResponse({"status": "taken"}, 202)

    return routes
