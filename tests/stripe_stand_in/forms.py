"""Stripe's form encoding: `a[b][0]=c`, decoded strictly."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

from tests.stripe_stand_in.refusals import invalid

Tree = dict[str, "Branch"]
"""Decoded parameters: nested objects, arrays and texts."""
Branch = str | list["Branch"] | Tree
"""One value of a tree."""

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_PART = re.compile(r"\[([^\[\]]*)\]")


def decode_form(text: str) -> Tree:
    """Decode a query or a body.

    Raises:
        StripeRefusal: text that is no form, a name given twice, or an array with holes.
    """
    tree: Tree = {}
    for name, value in _pairs(text):
        _put(tree, _path(name), value, name)
    return {key: _arrays(branch, key) for key, branch in tree.items()}


def _pairs(text: str) -> list[tuple[str, str]]:
    if not text:
        return []
    try:
        return parse_qsl(text, keep_blank_values=True, strict_parsing=True, errors="strict")
    except ValueError as error:
        raise invalid(f"Invalid request: the form cannot be parsed ({error}).") from error


def _path(name: str) -> list[str]:
    match = _NAME.fullmatch(name)
    if match is None:
        raise invalid(f"Invalid parameter name: {name}", code="parameter_unknown", param=name)
    return [match[1], *_PART.findall(match[2])]


def _put(tree: Tree, path: list[str], value: str, name: str) -> None:
    branch = tree
    for part in path[:-1]:
        below = branch.setdefault(part, {})
        if not isinstance(below, dict):
            raise invalid(f"{name} is both a value and an object.", param=name)
        branch = below
    last = path[-1] or str(len(branch))
    if last in branch:
        raise invalid(f"{name} is given more than once.", param=name)
    branch[last] = value


def _arrays(branch: Branch, name: str) -> Branch:
    """Turn objects with the keys 0, 1, 2… into arrays, from the outside in."""
    if not isinstance(branch, dict):
        return branch
    below = {key: _arrays(value, f"{name}[{key}]") for key, value in branch.items()}
    if not all(key.isdecimal() for key in below):
        return below
    if sorted(below, key=int) != [str(index) for index in range(len(below))]:
        raise invalid(f"Invalid array: {name} has holes.", param=name)
    return [below[str(index)] for index in range(len(below))]
