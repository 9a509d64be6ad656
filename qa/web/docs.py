"""The page `/docs`: the API described from its own OpenAPI schema, with nothing from outside.

Swagger UI comes from a foreign host by default and needs inline script and style; a reader of
this page needs the shapes, and `/openapi.json` serves the tools.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, FastAPI
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse

from qa.web.templating import pages

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
        for method, told in methods.items():
            yield Operation(
                method=method.upper(),
                path=path,
                summary=told.get("summary", ""),
                description=told.get("description", ""),
                parameters=tuple(map(_parameter, told.get("parameters", ()))),
                body=_shape_name(told.get("requestBody", {})),
                replies=tuple(_replies(told["responses"])),
            )


def shapes(schema: Schema) -> Iterator[Shape]:
    """Each named object of the schema."""
    for name, told in schema.get("components", {}).get("schemas", {}).items():
        required = told.get("required", ())
        fields = told.get("properties", {}).items()
        yield Shape(
            name=name,
            description=told.get("description", ""),
            fields=tuple(_field(key, value, key in required) for key, value in fields),
        )


def _parameter(told: Schema) -> Field:
    return _field(told["name"], told | told["schema"], told.get("required", False))


def _replies(told: Schema) -> Iterator[Reply]:
    for status, reply in sorted(told.items()):
        yield Reply(status, reply.get("description", ""), _shape_name(reply))


def _shape_name(told: Schema) -> str | None:
    """The object that a request or reply carries, if it carries JSON."""
    content = told.get("content", {}).get("application/json", {})
    return _target(content.get("schema", {}))


def _target(schema: Schema) -> str | None:
    reference: str | None = schema.get("$ref") or schema.get("items", {}).get("$ref")
    return reference.rsplit("/", 1)[1] if reference else None


def _field(name: str, told: Schema, is_required: bool) -> Field:
    return Field(name, _type(told), _target(told), is_required, told.get("description", ""))


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
