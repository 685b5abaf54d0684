"""Writes the description of the API to where it is kept: `make openapi`, and `make client`."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from base64 import b64encode
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from api.composition import create_app
from api.documentation import compacted
from infra.settings import load_settings
from tests.house.source import ROOT
from tests.keys import provide_keys

DOCUMENT = ROOT / "docs" / "openapi.json"
CLIENT = ROOT / "build" / "client"
EXAMPLE_URL = "https://api.sendalong.example"
"""Where the API of nobody in particular is."""
PICTURES = ("image/jpeg", "image/png", "image/webp")
LINES_DEPTH = 3
"""How deep members have lines of their own: `paths`, an address, a method."""
CLIENT_NAME = "sendalong_client"


def described() -> dict[str, Any]:
    """Return the description of the API as it is now."""
    provide_keys()
    app = create_app(
        load_settings(
            database_url="postgresql://nobody@127.0.0.1:1/nothing",
            handover_key=SecretStr(b64encode(b"h" * 32).decode()),
            public_url=EXAMPLE_URL,
        )
    )
    return compacted(app.openapi())


def text_of(document: dict[str, Any]) -> str:
    """Return a description as it is kept: a line for each operation and each component."""
    return _lines(document, 0) + "\n"


def _lines(value: Any, depth: int) -> str:
    if not isinstance(value, dict) or not value or depth == LINES_DEPTH:
        return json.dumps(value, sort_keys=True, ensure_ascii=False)
    indent = " " * (depth + 1)
    members = (
        f"{indent}{json.dumps(key)}: {_lines(value[key], depth + 1)}" for key in sorted(value)
    )
    return "{\n" + ",\n".join(members) + f"\n{' ' * depth}}}"


def generate_client(target: Path) -> None:
    """Generate the typed Python client from the kept description into a folder."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.json"
        config.write_text(
            json.dumps(
                {
                    "package_name_override": CLIENT_NAME,
                    "post_hooks": [],
                    "content_type_overrides": dict.fromkeys(PICTURES, "application/octet-stream"),
                }
            ),
            encoding="utf-8",
        )
        command = [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--path", str(DOCUMENT)),
            *("--config", str(config), "--meta", "none", "--output-path", str(target)),
            *("--overwrite",),
        ]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["client"]:
        generate_client(CLIENT / CLIENT_NAME)
    else:
        DOCUMENT.write_text(text_of(described()), encoding="utf-8")
