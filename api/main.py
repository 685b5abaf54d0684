"""The API as a server runs it: `uvicorn api.main:app`."""

from __future__ import annotations

from api.composition import create_lasting_app
from infra.settings import load_settings

app = create_lasting_app(load_settings())
