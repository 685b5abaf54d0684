"""The API's description: an OpenAPI document, and a page of it that needs nothing from elsewhere."""

from __future__ import annotations

import json
import re
from html import escape
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.access.claims import REPLAYED_HEADER
from api.access.permissions import declarations
from api.access.request import KEY_HEADER
from api.edge.documented import PROBLEM_SCHEMA
from api.edge.documented_headers import describe_headers
from api.edge.examples import complete_examples
from api.edge.problems import PROBLEM_MEDIA_TYPE
from domain.forgetting import ForgettingPolicy

Json = dict[str, Any]

_ABOUT = """Sendalong moves parcels with travelers who are going that way.

Send `Authorization: Bearer <token>` with every request that is not marked public. Send a new
`Idempotency-Key` with every change, and the same one when you repeat a request: it is carried out
once and answered the same. Refusals are `application/problem+json`; decide by their `code`.
Amounts are integers in minor units; times are RFC 3339 in UTC; lists go on at `next_cursor`.

Every route reads `traceparent` (W3C) and answers with `Trace-Id`; a trace that you begin goes on. A
body has the `Content-Type` application/json and no `Content-Encoding`. What can be given in several
forms is chosen by `Accept`. A browser sends `Origin` and, before a change, `Access-Control-Request-Method`; pages of
unknown origins are refused. Signing in keeps the family of the `User-Agent` for your list of devices.
Behind a proxy of ours the address of the client is read from `X-Forwarded-For` or `Forwarded`."""

_KEYS_KEPT_DAYS = ForgettingPolicy().keys_s // 86_400
_KEY_PARAMETER: Json = {
    "name": KEY_HEADER,
    "in": "header",
    "required": True,
    "description": "New and random for each change; the same when a request is repeated. The key and "
    f"its answer are kept for {_KEYS_KEPT_DAYS} days. With another request it is 422 "
    "`idempotency_key_reused`; while the same one is under way, 409 `request_in_flight`.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "example": "6f0c1c1e-7c0b-4a36-9a86-2f3f4f0f7d11",
}
_REPLAYED: Json = {
    "description": "`true` when this is the kept answer to an earlier request with the same key.",
    "schema": {"type": "string"},
}
_LOCATION: Json = {
    "description": "Address of what was made.",
    "schema": {"type": "string", "format": "uri-reference"},
}


_OF_ALL_APPS: Json = {}
"""The description but for its address: every app of a process has the same routes."""


def describe(app: FastAPI, public_url: str) -> None:
    """Make the app describe itself completely.

    The first app of a process works the description out, which takes most of the time of making one;
    the others share it.
    """

    def description() -> Json:
        if app.openapi_schema is None:
            if not _OF_ALL_APPS:
                _OF_ALL_APPS.update(_described(app))
            app.openapi_schema = {**_OF_ALL_APPS, "servers": [{"url": public_url}]}
        return app.openapi_schema

    app.openapi = description  # type: ignore[method-assign]
    app.state.methods_by_path = [
        (re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), method.upper())
        for path, methods in description()["paths"].items()
        for method in methods
    ]


def compacted(document: Json) -> Json:
    """Return the description with each example of a problem written once, and referred to."""
    examples: Json = {}

    def without(operation: Json) -> Json:
        responses = {
            status: _referring(each, examples) for status, each in operation["responses"].items()
        }
        return {**operation, "responses": responses}

    paths = {
        path: {method: without(operation) for method, operation in methods.items()}
        for path, methods in document["paths"].items()
    }
    components = {**document["components"], "examples": examples}
    return {**document, "paths": paths, "components": components}


def _referring(response: Json, examples: Json) -> Json:
    problem = response.get("content", {}).get(PROBLEM_MEDIA_TYPE)
    if problem is None:
        return response
    examples.update(problem["examples"])
    named = {code: {"$ref": f"#/components/examples/{code}"} for code in problem["examples"]}
    content = {**response["content"], PROBLEM_MEDIA_TYPE: {**problem, "examples": named}}
    return {**response, "content": content}


def _described(app: FastAPI) -> Json:
    document = get_openapi(
        title=app.title, version=app.version, description=_ABOUT, routes=app.routes
    )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas["Problem"] = PROBLEM_SCHEMA
    complete_examples(schemas)
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    document["security"] = [{"token": []}]
    actions = declarations(app)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            _complete(method, operation)
            route = f"{method.upper()} {path}"
            describe_headers(route, actions.get(route), operation)
    return document


def _complete(method: str, operation: Json) -> None:
    """Add what the framework does not know, and take away what it wrongly assumes."""
    responses = operation["responses"]
    if "application/json" in responses.get("422", {}).get("content", {}):
        del responses["422"]
    if method != "post" or operation.get("security") == []:
        return
    operation.setdefault("parameters", []).append(_KEY_PARAMETER)
    for status, response in responses.items():
        if status.startswith("2"):
            response.setdefault("headers", {})[REPLAYED_HEADER] = _REPLAYED
            if status == "201":
                response["headers"]["Location"] = _LOCATION


def documentation_page(document: Json) -> str:
    """Return the documentation as a page without scripts."""
    operations = "\n".join(
        _operation(method, path, operation, document)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    )
    about = "".join(
        f"<p>{escape(part)}</p>" for part in document["info"]["description"].split("\n\n")
    )
    return _PAGE.format(title=escape(document["info"]["title"]), about=about, operations=operations)


def _operation(method: str, path: str, operation: Json, document: Json) -> str:
    public = "" if operation.get("security", True) else " <em>public</em>"
    parts = [f"<p>{escape(operation.get('description', ''))}</p>", _parameters(operation)]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    parts.append(_example("Body", body.get("schema", {}), document))
    for status, response in operation["responses"].items():
        content = response.get("content", {})
        if "application/problem+json" in content:
            codes = ", ".join(content["application/problem+json"]["examples"])
            parts.append(f"<p><b>{status}</b> {escape(codes)}</p>")
        else:
            schema = content.get("application/json", {}).get("schema", {})
            kinds = f"{status} {', '.join(content)}"
            parts.append(_example(kinds, schema, document))
    summary = (
        f"<summary><b>{method.upper()}</b> <code>{escape(path)}</code> "
        f"{escape(operation['summary'])}{public}</summary>"
    )
    return f"<details>{summary}{''.join(parts)}</details>"


def _parameters(operation: Json) -> str:
    rows = (
        f"<li><code>{escape(parameter['name'])}</code> ({parameter['in']}) "
        f"{escape(parameter.get('description', ''))}</li>"
        for parameter in operation.get("parameters", ())
    )
    return f"<ul>{''.join(rows)}</ul>"


def _example(label: str, schema: Json, document: Json) -> str:
    example = example_of(schema, document)
    if example is None:
        return f"<p><b>{escape(label)}</b></p>" if label != "Body" else ""
    text = json.dumps(example, indent=2, ensure_ascii=False)
    return f"<p><b>{escape(label)}</b></p><pre>{escape(text)}</pre>"


def example_of(schema: Json, document: Json) -> Any:
    """Return the example of a schema, looked up where the schema refers to; none without one."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return example_of(document["components"]["schemas"][name], document)
    if schema.get("examples"):
        return schema["examples"][0]
    for choice in schema.get("anyOf", ()):
        found = example_of(choice, document)
        if found is not None:
            return found
    items = schema.get("properties", {}).get("items", {}).get("items")
    if items is not None:
        return {"items": [example_of(items, document)], "next_cursor": None}
    return None


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} API</title>
<style>
body {{ font-family: system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem; }}
details {{ border-top: 1px solid #ccc; padding: .5rem 0; }}
summary {{ cursor: pointer; }}
pre {{ background: #f4f4f4; overflow-x: auto; padding: .5rem; }}
</style>
</head>
<body>
<h1>{title} API</h1>
{about}
<p>The same for machines: <a href="/openapi.json">openapi.json</a></p>
{operations}
</body>
</html>
"""
