"""Every figure of accounts: lives of tokens and codes, limits on guessing, costs of a password."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SessionPolicy:
    """How long somebody stays signed in. Units: whole seconds."""

    access_s: int = 15 * 60
    """Life of an access token: short, because a copy of it works until it ends or is revoked."""
    idle_s: int = 30 * 86_400
    """A session that is not used this long ends: between two trips lie weeks."""
    absolute_s: int = 180 * 86_400
    """A session ends after this however much it is used: twice a year one shows one's password."""
    spent_kept: int = 200
    """Spent refresh tokens of a session that are known as spent: two days of steady use. An older
    one is refused like one that never was."""
    grace_s: int = 10
    """How long the token before the current one may come once more: a phone that lost the answer in
    a tunnel asks again within seconds; a thief's copy shows up later."""
    pre_auth_s: int = 5 * 60
    """Time to show the second factor after the password: long enough to find the phone."""
    sessions_max: int = 20
    """Sessions of one person at once; the one that was used least lately ends for a new one."""


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """What a password may be and what checking one costs."""

    characters_min: int = 12
    """Least length after Unicode normalisation: with bounded tries, twelve of one's own choice are
    beyond guessing. Source: NIST SP 800-63B."""
    characters_max: int = 128
    """Greatest length: room for a sentence, and a bound on the work of hashing it."""
    memory_kib: int = 19 * 1_024
    """Memory of one hash: what makes guessing on graphics cards dear. Source: OWASP's first choice
    for Argon2id; the library's 64 MiB take 111 ms of both cores."""
    passes: int = 2
    """Passes over that memory. Source: the same."""
    lanes: int = 1
    """Threads of one hash: one, so that a sign-in never takes a second core."""
    hashes_at_once: int = 2
    """Hashes that run at the same time; the others wait in line, so memory stays flat."""
    waiting_max: int = 100
    """Hashes that may wait: at 25 ms each the last one waits about a second. More are turned away."""


@dataclass(frozen=True, slots=True)
class CodePolicy:
    """Codes that prove an address."""

    life_s: int = 10 * 60
    """Life of a code of six digits: a mail takes a minute or two, a guess has no longer."""
    reset_life_s: int = 30 * 60
    """Life of a code that sets a new password: it has sixty bits, and mail may be slow."""
    failures_max: int = 5
    """Wrong tries until a code is dead: one chance in 200,000 to guess six digits."""
    resend_s: int = 60
    """Least time between two sendings of the same code: people press the button twice."""
    sendings_max: int = 3
    """How often one code is sent; then a new one is asked for."""
    free_sendings: int = 5
    """Codes to one address before asking for more has to wait."""
    first_wait_s: int = 15 * 60
    """First wait for another code; it doubles with each: nobody floods a mailbox or a phone."""
    longest_wait_s: int = 86_400
    """Longest such wait."""


@dataclass(frozen=True, slots=True)
class GuessingPolicy:
    """How wrong passwords are slowed down, for each address, whether it has an account or not."""

    free_failures: int = 5
    """Wrong passwords that cost nothing: people try the ones they know."""
    first_wait_s: int = 30
    """Wait after one more; it doubles with each."""
    longest_wait_s: int = 3_600
    """Longest wait: twenty-four guesses a day, and whoever is locked out gets in the same day."""
    forgotten_s: int = 86_400
    """Failures are forgotten after a day without another one."""


@dataclass(frozen=True, slots=True)
class AddressBookPolicy:
    """What one person may keep."""

    addresses_max: int = 20
    """Saved addresses of a person: more is a business with a system of its own."""


@dataclass(frozen=True, slots=True)
class IdentityPolicy:
    """Everything about accounts that is a figure."""

    sessions: SessionPolicy = field(default_factory=SessionPolicy)
    passwords: PasswordPolicy = field(default_factory=PasswordPolicy)
    codes: CodePolicy = field(default_factory=CodePolicy)
    guessing: GuessingPolicy = field(default_factory=GuessingPolicy)
    address_book: AddressBookPolicy = field(default_factory=AddressBookPolicy)


def growing_wait_s(count: int, free: int, first_wait_s: int, longest_wait_s: int) -> int:
    """Return how long to wait after so many tries: none while they are free, then doubling.

    Units: whole seconds.
    """
    if count < free:
        return 0
    return min(first_wait_s << min(count - free, 30), longest_wait_s)
