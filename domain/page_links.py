"""Links from one workflow's page in the Web UI to another's."""

from __future__ import annotations

import re
from urllib.parse import quote

from domain.ids import (
    CHARGEBACK_PREFIX,
    CORRECTION_PREFIX,
    DELIVERY_PREFIX,
    DISPUTE_PREFIX,
    OVERRIDE_PREFIX,
    UNDONE_PREFIX,
)

_PREFIXES = (
    DELIVERY_PREFIX,
    DISPUTE_PREFIX,
    CHARGEBACK_PREFIX,
    CORRECTION_PREFIX,
    OVERRIDE_PREFIX,
    UNDONE_PREFIX,
)
_WORKFLOW = re.compile(rf"`((?:{'|'.join(_PREFIXES)})[^`\s|]+)`")


def linked(markdown: str, namespace: str) -> str:
    """Return a text in which every workflow id in code style leads to the workflow's page."""

    def link(found: re.Match[str]) -> str:
        path = f"/namespaces/{quote(namespace, safe='')}/workflows/{quote(found[1], safe='')}"
        return f"[{found[1]}]({path})"

    return _WORKFLOW.sub(link, markdown)
