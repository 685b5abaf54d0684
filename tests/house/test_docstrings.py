"""Docstrings: everything public promises something, every figure says its unit and reason."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.house.source import FunctionNode, Source, packages, require_none

FIELDS_EXPLAINED = ("domain/policies.py", "domain/contracts.py", "domain/transitions.py")


def public(tree: ast.Module | ast.ClassDef) -> Iterator[FunctionNode | ast.ClassDef]:
    """Return the public classes and functions of a module, with the classes' public methods."""
    for node in tree.body:
        if isinstance(node, FunctionNode | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node)


def unexplained_fields(source: Source) -> Iterator[str]:
    """Return the fields of classes that no docstring follows."""
    for scope in ast.walk(source.tree):
        if not isinstance(scope, ast.ClassDef):
            continue
        for node, following in zip(scope.body, [*scope.body[1:], None], strict=True):
            if isinstance(node, ast.AnnAssign) and not is_docstring(following):
                yield source.at(node, f"{scope.name}.{ast.unparse(node.target)}")


def is_docstring(node: ast.stmt | None) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        and node.value.value.strip() != ""
    )


def test_everything_public_has_a_docstring() -> None:
    modules = (source.path for source in packages() if not ast.get_docstring(source.tree))
    members = (
        source.at(node, node.name)
        for source in packages()
        for node in public(source.tree)
        if not ast.get_docstring(node)
    )
    require_none([*modules, *members], "Say in one sentence what each of these promises.")


def test_every_policy_and_contract_field_has_its_own_docstring() -> None:
    require_none(
        (
            field
            for source in packages()
            if source.path in FIELDS_EXPLAINED
            for field in unexplained_fields(source)
        ),
        "Write a docstring under each of these fields: what it is, its unit, and for a policy why.",
    )
