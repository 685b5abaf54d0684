"""Refusals: stable codes and a sentence for the person who sent the command."""

from __future__ import annotations

import re

import pytest

from domain.errors import Refusal, RefusalCode


def test_refusal_carries_its_code_and_its_sentence() -> None:
    refusal = Refusal(RefusalCode.WRONG_STATE, "The delivery is delivered.")
    assert refusal.code is RefusalCode.WRONG_STATE
    assert refusal.message == str(refusal) == "The delivery is delivered."


@pytest.mark.parametrize("code", RefusalCode)
def test_code_is_its_own_name_in_lower_case(code: RefusalCode) -> None:
    assert code == code.name.lower()
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", code)
