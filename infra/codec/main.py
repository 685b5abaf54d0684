"""The codec server as a server runs it: `uvicorn infra.codec.main:app`."""

from __future__ import annotations

from infra.codec.composition import create_codec_app
from infra.settings import load_settings

app = create_codec_app(load_settings())
