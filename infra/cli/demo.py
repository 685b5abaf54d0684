"""`sendalong demo`: four deliveries from the first request to the last cent."""

from __future__ import annotations

import argparse
import os

from infra.demo.main import main


def run(options: argparse.Namespace) -> int:
    """Play the demo."""
    if options.data is not None:
        os.environ["SENDALONG_DATA"] = str(options.data)
    return main()
