"""The description that is kept is that of the API, and every example in it is possible."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from tests.description.write import DOCUMENT, described, text_of
from tests.house.source import require_none

Json = dict[str, Any]


@pytest.fixture(scope="module")
def document() -> Json:
    return described()


def test_the_kept_description_is_that_of_the_api(document: Json) -> None:
    kept, now = DOCUMENT.read_text("utf-8").splitlines(), text_of(document).splitlines()
    require_none(
        (line.strip()[:120] for line in set(kept) ^ set(now)),
        "Run `make openapi`, read with `git diff docs/openapi.json` what clients will see change, "
        "and commit it: within /v1 things are added and never taken away (docs/api.md). It differs in",
    )


def exampled(document: Json) -> Iterator[tuple[str, Json, Any]]:
    """Yield every example of a body, an answer or a parameter, with the schema it has to fit."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            name = f"{method.upper()} {path}"
            for parameter in operation.get("parameters", ()):
                if "example" in parameter:
                    yield f"{name} {parameter['name']}", parameter["schema"], parameter["example"]
            for status, answer in operation["responses"].items():
                for content in answer.get("content", {}).values():
                    for code, example in content.get("examples", {}).items():
                        value = document["components"]["examples"][code]["value"]
                        assert example == {"$ref": f"#/components/examples/{code}"}
                        yield f"{name} {status} {code}", content["schema"], value
    for name, schema in document["components"]["schemas"].items():
        for example in schema.get("examples", ()):
            yield name, {"$ref": f"#/components/schemas/{name}"}, example


def test_every_example_fits_its_schema(document: Json) -> None:
    whole = {"components": document["components"]}
    validators: dict[str, jsonschema_rs.Draft202012Validator] = {}

    def fits(schema: Json, example: Any) -> bool:
        key = json.dumps(schema, sort_keys=True)
        if key not in validators:
            validators[key] = jsonschema_rs.Draft202012Validator({**schema, **whole})
        return validators[key].is_valid(example)

    found = list(exampled(document))
    assert len(found) > len(document["paths"])
    require_none(
        (name for name, schema, example in found if not fits(schema, example)),
        "Correct these examples: they do not fit what they are examples of.",
    )
