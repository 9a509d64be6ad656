"""The JSON of a question, as it is described to callers."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from qa.question import LARGEST_K, LONGEST_QUESTION


def without_surrogates(value: Any) -> Any:
    """JSON can spell half of a surrogate pair, which can be neither kept nor sent back."""
    if isinstance(value, str) and any("\ud800" <= sign <= "\udfff" for sign in value):
        raise ValueError("half of a surrogate pair stands in it; send whole characters")
    return value


QuestionText = WithJsonSchema({"type": "string", "minLength": 1, "maxLength": LONGEST_QUESTION})
OptionalText = WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "null"}]})
Id = WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]})
Number = WithJsonSchema(
    {"anyOf": [{"type": "integer", "minimum": 1, "maximum": LARGEST_K}, {"type": "null"}]}
)
Texts = WithJsonSchema(
    {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "null"}]}
)
History = WithJsonSchema(
    {
        "anyOf": [
            {
                "type": "array",
                "items": {
                    "anyOf": [
                        {"type": "string"},
                        {
                            "type": "object",
                            "properties": {
                                "question": {"type": "string"},
                                "cited": {
                                    "anyOf": [
                                        {"type": "array", "items": {"type": "string"}},
                                        {"type": "null"},
                                    ]
                                },
                            },
                            "required": ["question"],
                        },
                    ]
                },
            },
            {"type": "null"},
        ]
    }
)


class AskRequest(BaseModel):
    """A question. Only `question` is needed; null is the same as leaving a field out."""

    model_config = ConfigDict(json_schema_extra={"required": ["question"]})

    # The types are told, not enforced: `read_question` judges, with one message for every face.
    question: Annotated[
        Any, QuestionText, Field(examples=["When did Apollo 11 land on the Moon?"])
    ] = None
    history: Annotated[
        Any,
        History,
        Field(
            description="earlier questions of the conversation, oldest first: each as a text, or "
            "with the `passage.id` of what was cited for it"
        ),
    ] = None
    k: Annotated[Any, Number, Field(description="maximum citations, 5 if absent")] = None
    after: Annotated[Any, OptionalText, Field(description="only from this date, ISO 8601")] = None
    before: Annotated[
        Any, OptionalText, Field(description="only up to this date, ISO 8601, inclusive")
    ] = None
    source: Annotated[Any, OptionalText, Field(description="only articles of this source")] = None
    page_url: Annotated[str | None, Field(description="the page where the question is asked")] = (
        None
    )
    within: Annotated[
        Any, OptionalText, Field(description="`page` to search only the article at `page_url`")
    ] = None
    ignore: Annotated[
        Any,
        Texts,
        Field(
            description="what not to interpret: `when` for the time that the question names, "
            "`history` for the earlier questions, `spelling` for its typing errors"
        ),
    ] = None
    asked_at: Annotated[
        Any, OptionalText, Field(description="the time of asking, ISO 8601; now if absent")
    ] = None
    id: Annotated[
        Any,
        AfterValidator(without_surrogates),
        Id,
        Field(description="returned in the answer, as text"),
    ] = None
