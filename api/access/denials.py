"""The one place through which every refusal goes that is about who asks."""

from __future__ import annotations

from http import HTTPStatus

from api.access.asking import Asking, asking
from api.edge.problems import EdgeCode, Problem
from domain.auditing.denials import Denial
from domain.identity.staff import Withheld
from domain.ids import PersonId
from infra.audit.denials import DenialTrail

_STATUSES = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
ABOUT_STAFF = (EdgeCode.STAFF_POWERS_WITHHELD, EdgeCode.SECOND_FACTOR_ENROLMENT_REQUIRED)
"""What staff are told whose powers do not count, whatever they ask for."""
_WHY = {
    Withheld.ADDRESS: "You work for the platform, and this is not an address that staff work from.",
    Withheld.FACTOR: "You work for the platform and have no second factor yet. Set one up, at "
    "/v1/me/second-factors or /v1/me/passkeys: until then you are nobody special.",
    Withheld.CREDENTIAL: "You work for the platform: sign in for this, and do not use a token or key.",
}


def denied(problem: Problem, trail: DenialTrail) -> Problem:
    """Note a refusal that is about who asks for the audit, and return what is answered.

    Staff whose powers do not count in this request are told so: they would look for another reason.
    What they are told says nothing about what is there, for it is the same wherever they look.
    """
    under_way = asking()
    is_noted = problem.code in ABOUT_STAFF
    if under_way is None or is_noted or not _is_about_who(problem):
        return problem
    if under_way.is_withheld and under_way.withheld is not None:
        lacks_factor = under_way.withheld is Withheld.FACTOR
        code = ABOUT_STAFF[1] if lacks_factor else ABOUT_STAFF[0]
        problem = Problem(code, _WHY[under_way.withheld])
    trail.note(_denial(under_way, problem))
    return problem


def _is_about_who(problem: Problem) -> bool:
    return problem.status_code in _STATUSES or problem.code is EdgeCode.NOT_FOUND


def _denial(under_way: Asking, problem: Problem) -> Denial:
    known = under_way.asker_id is not None
    return Denial(
        action=str(under_way.action),
        code=str(problem.code),
        subject="route" if under_way.delivery_id is None else "delivery",
        subject_id=under_way.delivery_id or "",
        actor_id=PersonId(under_way.asker_id) if under_way.asker_id else None,
        actor_role=(" ".join(under_way.asker_roles) or "nobody") if known else "nobody",
    )
