"""What people are told about their account: codes, and everything that changes how they sign in."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from domain.identity.codes import CodeUse
from domain.words.form import Words


class AccountNotice(StrEnum):
    """One message about an account."""

    REGISTRATION_CODE = "account_registration_code"
    ALREADY_REGISTERED = "account_already_registered"
    RESET_CODE = "account_reset_code"
    EMAIL_CODE = "account_email_code"
    EMAIL_TAKEN = "account_email_taken"
    EMAIL_CHANGE_BEGUN = "account_email_change_begun"
    EMAIL_CHANGED = "account_email_changed"
    PHONE_CODE = "account_phone_code"
    PHONE_CHANGED = "account_phone_changed"
    PASSWORD_CHANGED = "account_password_changed"  # noqa: S105 -- It names a message.
    SESSION_STOLEN = "account_session_stolen"


CODE_IN: Mapping[str, CodeUse] = {
    AccountNotice.REGISTRATION_CODE: CodeUse.REGISTRATION,
    AccountNotice.RESET_CODE: CodeUse.PASSWORD_RESET,
    AccountNotice.EMAIL_CODE: CodeUse.EMAIL_CHANGE,
    AccountNotice.PHONE_CODE: CodeUse.PHONE_CHANGE,
}
"""Messages that hold a code; it is derived when they are sent, and never stored with them."""

_NOT_YOU = "If this was not you, set a new password now and look at your sessions."

ACCOUNT_WORDS: Mapping[AccountNotice, Words] = {
    AccountNotice.REGISTRATION_CODE: Words(
        "your code is {code}",
        "Your code is {code}. It opens your account and is good for 10 minutes. If you did not "
        "register, ignore this message: without the code nothing happens.",
    ),
    AccountNotice.ALREADY_REGISTERED: Words(
        "you have an account already",
        "Somebody wanted to register with this address, which has an account already. If this was "
        "you, sign in, or ask for a new password. If not, there is nothing to do.",
    ),
    AccountNotice.RESET_CODE: Words(
        "your code for a new password",
        "Your code for a new password is {code}. It is good for 30 minutes. If you did not ask for "
        "it, ignore this message: your password stays as it is.",
    ),
    AccountNotice.EMAIL_CODE: Words(
        "your code is {code}",
        "Your code is {code}. It moves your account to this address and is good for 10 minutes.",
    ),
    AccountNotice.EMAIL_TAKEN: Words(
        "this address has an account already",
        "Somebody wanted to move another account to this address, which has an account of its own. "
        "Nothing has changed.",
    ),
    AccountNotice.EMAIL_CHANGE_BEGUN: Words(
        "your account is to move to another address",
        "Somebody who is signed in as you wants to move your account to another e-mail address. "
        + _NOT_YOU,
    ),
    AccountNotice.EMAIL_CHANGED: Words(
        "your account has moved to another address",
        "Your account has moved to another e-mail address, and this one no longer opens it. If this "
        "was not you, write to our support.",
    ),
    AccountNotice.PHONE_CODE: Words(
        "your code is {code}", "{code} is your code. It is good for 10 minutes."
    ),
    AccountNotice.PHONE_CHANGED: Words(
        "your phone number was changed", "Your account has another phone number now. " + _NOT_YOU
    ),
    AccountNotice.PASSWORD_CHANGED: Words(
        "your password was changed",
        "Your account has a new password, and every other device was signed out. " + _NOT_YOU,
    ),
    AccountNotice.SESSION_STOLEN: Words(
        "we signed a device out",
        "A key of one of your sessions was used twice, as it happens when somebody copies it. We "
        "ended that session. " + _NOT_YOU,
    ),
}


def account_text(notice: AccountNotice, code: str = "") -> Words:
    """Return the words of one message, with its code if it has one."""
    words = ACCOUNT_WORDS[notice]
    subject, body = (f"Sendalong: {text.format(code=code)}" for text in words)
    return Words(subject, body)
