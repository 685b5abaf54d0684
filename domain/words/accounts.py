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
    PASSWORD_RESET = "account_password_reset"  # noqa: S105 -- The same.
    SESSION_STOLEN = "account_session_stolen"
    SIGNED_OUT = "account_signed_out"
    SECOND_STEP_FAILED = "account_second_step_failed"
    PROVIDER_LINKED = "account_provider_linked"
    PROVIDER_UNLINKED = "account_provider_unlinked"
    APP_ADDED = "account_app_added"
    APP_REMOVED = "account_app_removed"
    PASSKEY_ADDED = "account_passkey_added"
    PASSKEY_REMOVED = "account_passkey_removed"
    PASSKEY_LOCKED = "account_passkey_locked"
    RECOVERY_CODES_MADE = "account_recovery_codes_made"
    RECOVERY_CODE_USED = "account_recovery_code_used"
    DEVICE_ADDED = "account_device_added"
    DEVICE_REVOKED = "account_device_revoked"
    CODE_RELEASED = "account_code_released"
    API_KEY_MADE = "account_api_key_made"
    API_KEY_REVOKED = "account_api_key_revoked"
    ACTED_FOR = "account_acted_for"


CODE_IN: Mapping[str, CodeUse] = {
    AccountNotice.REGISTRATION_CODE: CodeUse.REGISTRATION,
    AccountNotice.RESET_CODE: CodeUse.PASSWORD_RESET,
    AccountNotice.EMAIL_CODE: CodeUse.EMAIL_CHANGE,
    AccountNotice.PHONE_CODE: CodeUse.PHONE_CHANGE,
}
"""Messages that hold a code; it is derived when they are sent, and never stored with them."""

_NOT_YOU = "If this was not you, set a new password now and look at your sessions."
_NOT_YOURS = "If this was not you, remove it, set a new password and sign out every other device."

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
    AccountNotice.SECOND_STEP_FAILED: Words(
        "somebody got stuck at your second factor",
        "Somebody got in as far as your second factor and did not get it right. Nobody was signed in. If "
        "this was not you, they can do the first step: set a new password, and look at your providers.",
    ),
    AccountNotice.SIGNED_OUT: Words(
        "we signed every device out",
        "We ended all your sessions. The reason: '{reason}'. Sign in again; if you did not ask for it, "
        "set a new password first.",
    ),
    AccountNotice.PASSWORD_RESET: Words(
        "your password was set anew",
        "Your account has a new password, and every device was signed out. What else still opens it: "
        "providers: {providers}; passkeys: {passkeys}; keys of programs: {keys}. Sign in and remove "
        "there what is not yours.",
    ),
    AccountNotice.PROVIDER_LINKED: Words(
        "another provider signs you in",
        "Your account at {provider} now signs you in here. " + _NOT_YOURS,
    ),
    AccountNotice.PROVIDER_UNLINKED: Words(
        "a provider signs you in no more",
        "Your account at {provider} no longer signs you in here. " + _NOT_YOU,
    ),
    AccountNotice.APP_ADDED: Words(
        "an authenticator app was set up",
        "An authenticator app now proves who you are. " + _NOT_YOURS,
    ),
    AccountNotice.APP_REMOVED: Words(
        "an authenticator app was removed",
        "Your authenticator app no longer proves who you are. " + _NOT_YOU,
    ),
    AccountNotice.PASSKEY_ADDED: Words(
        "a passkey was added", "Another passkey now signs you in. " + _NOT_YOURS
    ),
    AccountNotice.PASSKEY_REMOVED: Words(
        "a passkey was deleted", "One of your passkeys signs you in no more. " + _NOT_YOU
    ),
    AccountNotice.PASSKEY_LOCKED: Words(
        "we locked a passkey",
        "One of your passkeys may have been copied: it counted backwards. We locked it. Delete it and "
        "set up another one. " + _NOT_YOU,
    ),
    AccountNotice.RECOVERY_CODES_MADE: Words(
        "you have new recovery codes",
        "New recovery codes were made, and the old ones work no more. " + _NOT_YOU,
    ),
    AccountNotice.RECOVERY_CODE_USED: Words(
        "a recovery code was used",
        "One of your recovery codes was used just now; it works no more. " + _NOT_YOU,
    ),
    AccountNotice.DEVICE_ADDED: Words(
        "a device was added",
        "Another device now shows and scans handover codes for you. If this was not you, revoke it, set "
        "a new password and sign out every other device.",
    ),
    AccountNotice.DEVICE_REVOKED: Words(
        "a device was revoked", "One of your devices counts no more. " + _NOT_YOU
    ),
    AccountNotice.CODE_RELEASED: Words(
        "a code was taken from your device",
        "The code of a handover is no longer held by your device, and what it shows is void. "
        + _NOT_YOU,
    ),
    AccountNotice.API_KEY_MADE: Words(
        "a key for a program was made",
        "A key that begins with {prefix} can now act for you. If you did not want it, revoke it now "
        "and set a new password.",
    ),
    AccountNotice.API_KEY_REVOKED: Words(
        "a key for a program was revoked", "The key that begins with {prefix} works no more."
    ),
    AccountNotice.ACTED_FOR: Words(
        "our support acts for you",
        "Our support does something in your place: {action}. The reason: '{reason}'. If you did not ask "
        "for it, write to our support.",
    ),
}


def account_text(
    notice: AccountNotice, code: str = "", facts: Mapping[str, str] | None = None
) -> Words:
    """Return the words of one message, with its code if it has one.

    Raises:
        KeyError: it names a fact that is not there.
    """
    words = ACCOUNT_WORDS[notice]
    filled = {**(facts or {}), "code": code}
    subject, body = (f"Sendalong: {text.format_map(filled)}" for text in words)
    return Words(subject, body)
