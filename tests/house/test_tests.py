"""Rules about the tests themselves: they assert, they never wait for luck, they are not skipped."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.house.source import (
    FunctionNode,
    calls,
    functions,
    require_none,
    sources,
    sources_of_tests,
)

RAISING = ("pytest.raises", "pytest.fail", "pytest.warns")
SKIPPING = ("pytest.skip", "pytest.mark.skip", "pytest.mark.skipif", "pytest.mark.xfail")


def asserting_names() -> set[str]:
    """Return the names of all functions in the tests that assert, directly or through others."""
    called = {
        function.name: {name.rpartition(".")[2] for _, name in calls(function)}
        for source in sources_of_tests()
        for function in functions(source.tree)
    }
    asserting = {
        function.name
        for source in sources_of_tests()
        for function in functions(source.tree)
        if asserts_itself(function)
    }
    while True:
        more = {name for name, names in called.items() if names & asserting} - asserting
        if not more:
            return asserting
        asserting |= more


def asserts_itself(function: FunctionNode) -> bool:
    return any(isinstance(node, ast.Assert) for node in ast.walk(function)) or any(
        name in RAISING for _, name in calls(function)
    )


def test_every_test_asserts_something() -> None:
    asserting = asserting_names()
    require_none(
        (
            source.at(function, function.name)
            for source in sources_of_tests()
            if source.path.rpartition("/")[2].startswith("test_")
            for function in functions(source.tree)
            if function.name.startswith("test_") and function.name not in asserting
        ),
        "Assert what each of these tests has shown.",
    )


def sleeping_calls(tree: ast.Module) -> Iterator[ast.Call]:
    """Return the calls of `time.sleep`, under whatever name it was imported."""
    names = {"time.sleep"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            names |= {alias.asname or alias.name for alias in node.names if alias.name == "sleep"}
        if isinstance(node, ast.Import):
            names |= {f"{alias.asname}.sleep" for alias in node.names if alias.name == "time"}
    return (call for call, name in calls(tree) if name in names)


def test_no_test_sleeps() -> None:
    require_none(
        (source.at(call) for source in sources_of_tests() for call in sleeping_calls(source.tree)),
        "Wait for the thing itself, with a deadline: an event, a condition, an answer.",
    )


def is_unexplained(decorator: ast.expr) -> bool:
    """Tell whether a mark or a call skips a test without saying why."""
    if isinstance(decorator, ast.Attribute):
        return ast.unparse(decorator) in SKIPPING
    if not isinstance(decorator, ast.Call) or ast.unparse(decorator.func) not in SKIPPING:
        return False
    may_be_positional = ast.unparse(decorator.func) in {"pytest.skip", "pytest.mark.skip"}
    named = [word.value for word in decorator.keywords if word.arg == "reason"]
    reasons = named or (decorator.args if may_be_positional else [])
    return not reasons or (isinstance(reasons[0], ast.Constant) and not reasons[0].value)


def test_no_test_is_skipped_without_a_reason() -> None:
    require_none(
        (
            source.at(node)
            for source in sources()
            for node in ast.walk(source.tree)
            if isinstance(node, ast.Call | ast.Attribute)
            and is_unexplained(node)
            and not _is_called(node, source.tree)
        ),
        "Say why each of these is skipped, or make it run.",
    )


def _is_called(node: ast.expr, tree: ast.Module) -> bool:
    return any(call.func is node for call, _ in calls(tree))
