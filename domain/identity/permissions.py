"""Who may do what: one table, asked by every route; what is not in it is for nobody."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.identity.actions import Action
from domain.identity.roles import (
    INSIDERS,
    OUTSIDERS,
    PARTIES,
    STAFF,
    STAFF_ROLES,
    PersonRole,
    Relation,
)


class Nature(StrEnum):
    """What is at stake, which decides what credentials other than a person's own may do."""

    PUBLIC = "public"
    """Needs no credential."""
    READING = "reading"
    """Changes nothing."""
    CHANGING = "changing"
    """Changes something, but moves no money and commits nobody to pay."""
    MONEY = "money"
    """Moves money, commits somebody to pay, or decides who is paid."""
    STAFF = "staff"
    """Is done or read only by those who work for the platform."""
    PERSONAL = "personal"
    """Concerns how a person proves who they are: no program and nobody else does it for them."""


class Decision(StrEnum):
    """What the policy says."""

    ALLOWED = "allowed"
    HIDDEN = "hidden"
    """The person may not know that the thing exists: answered like an id that nothing has."""
    FOR_OTHERS = "for_others"
    """Others may do this, in another role."""
    PARTY_AS_STAFF = "party_as_staff"
    """A party of the delivery cannot act as staff in it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may do one thing."""

    nature: Nature
    by: tuple[Relation, ...] = ()
    """Who may do it to a delivery or what belongs to it, the capacity in which they do it first;
    none for what belongs to no delivery."""
    known_to: frozenset[Relation] = frozenset()
    """Who may know that the thing exists; everybody else meets it like one that is not there."""
    roles: frozenset[PersonRole] = frozenset()
    """What the person has to be on the platform, one of these; none for anybody."""
    barred: frozenset[Relation] = frozenset()
    """Who may not, whatever else they are."""


_R, _A, _N = Relation, Action, Nature

PUBLIC = Rule(_N.PUBLIC)
KNOWN = INSIDERS | OUTSIDERS
"""Everybody who may know that a delivery exists."""
_ANYBODY: frozenset[PersonRole] = frozenset()
_SUPPORT = (_R.AGENT, _R.OPERATOR)
_OPERATIONS = (_R.OPERATOR, _R.AGENT)
_SIDES = (_R.CUSTOMER, _R.TRAVELER)
_AT_PICKUP = (_R.TRAVELER, _R.CUSTOMER, _R.SENDER)
_HANDS_ON = STAFF_ROLES - {PersonRole.ADMIN}


def _in_order(relations: frozenset[Relation]) -> tuple[Relation, ...]:
    """Return relations in the order in which they are declared."""
    return tuple(relation for relation in Relation if relation in relations)


def _reading(readers: frozenset[Relation], known_to: frozenset[Relation] = KNOWN) -> Rule:
    return Rule(_N.READING, _in_order(readers), known_to)


def _changing(*by: Relation, known_to: frozenset[Relation] = KNOWN) -> Rule:
    return Rule(_N.CHANGING, by, known_to)


def _money(*by: Relation, known_to: frozenset[Relation] = KNOWN) -> Rule:
    return Rule(_N.MONEY, by, known_to)


def _staff(*by: Relation, known_to: frozenset[Relation] = KNOWN) -> Rule:
    return Rule(_N.STAFF, by, known_to)


def _for_roles(nature: Nature, roles: frozenset[PersonRole] = _ANYBODY) -> Rule:
    return Rule(nature, roles=roles)


_OF_DELIVERIES: Mapping[Action, Rule] = {
    _A.OPEN_DELIVERY: _for_roles(_N.CHANGING, frozenset({PersonRole.CUSTOMER})),
    _A.LIST_DELIVERIES: _for_roles(_N.READING),
    _A.LIST_OPEN_REQUESTS: _for_roles(_N.READING, STAFF_ROLES | {PersonRole.TRAVELER}),
    _A.LIST_PARKED_DELIVERIES: _for_roles(_N.STAFF, STAFF_ROLES),
    _A.READ_DELIVERY: _reading(KNOWN),
    _A.READ_DEADLINES: _reading(KNOWN),
    _A.READ_TIMELINE: _reading(INSIDERS),
    _A.READ_LEDGER: _reading(INSIDERS),
    _A.READ_TRACK: _reading(INSIDERS),
    _A.READ_DELIVERY_STATEMENT: _reading(INSIDERS),
    # Codes and scans move custody, and money follows it: nobody shows or scans one for another.
    _A.SHOW_CODE: _money(_R.SENDER, _R.RECIPIENT, _R.TRAVELER),
    _A.SHOW_RELAY_CODE: _money(_R.TRAVELER),
    _A.SHOW_PICKUP_CODE: _money(_R.SENDER),
    _A.SHOW_HANDOVER_CODE: _money(_R.RECIPIENT),
    _A.SHOW_RETURN_CODE: _money(_R.SENDER),
    _A.HOLD_CODE: _money(_R.SENDER, _R.RECIPIENT, _R.TRAVELER),
    _A.RELEASE_CODE: _money(_R.SENDER, _R.RECIPIENT, _R.TRAVELER, _R.CUSTOMER, *_SUPPORT),
    _A.SHOW_PRESENCE: _money(_R.SENDER, _R.RECIPIENT, _R.TRAVELER),
    _A.SEND_POSITIONS: _changing(_R.TRAVELER),
    **dict.fromkeys((_A.LIST_PROOFS, _A.SHOW_PROOF, _A.READ_PROOF_DOCUMENT), _reading(INSIDERS)),
    _A.ADD_PROOF: _changing(_R.TRAVELER, _R.SENDER, _R.RECIPIENT, _R.CUSTOMER),
    _A.TELL_LABEL: _changing(_R.SENDER, _R.CUSTOMER),
    _A.SCAN_PICKUP: _money(_R.TRAVELER),
    _A.SCAN_HANDOVER: _money(_R.TRAVELER),
    _A.SCAN_RETURN: _money(_R.TRAVELER),
    _A.TAKE_MANIFEST: _money(_R.TRAVELER),
    # Whoever handed the parcel on since still brings back what they scanned before.
    _A.SEND_CLAIMS: _for_roles(_N.MONEY),
    _A.LIST_CLAIMS: _for_roles(_N.READING),
    _A.READ_CLAIM: _for_roles(_N.READING),
    _A.DECIDE_CLAIM: _staff(*_SUPPORT, known_to=STAFF),
    _A.CHECK_IN: _changing(_R.TRAVELER, *_SUPPORT),
    _A.REPORT_FAILED_HANDOVER: _changing(_R.TRAVELER),
    _A.REPORT_LEFT_PARCEL: _changing(_R.TRAVELER),
    _A.REPORT_LOSS: _changing(_R.TRAVELER, _R.CUSTOMER),
    _A.CALL_FOR_HELP: _changing(_R.TRAVELER, _R.RECIPIENT, _R.SENDER, _R.CUSTOMER),
    _A.ASK_RELAY: _changing(_R.TRAVELER),
    _A.ANSWER_RELAY: _money(_R.CUSTOMER),
    **dict.fromkeys(
        (_A.TAKE_RELAY, _A.SCAN_RELAY),
        _for_roles(_N.MONEY, frozenset({PersonRole.TRAVELER})),
    ),
    _A.WITHDRAW_RELAY: _for_roles(_N.CHANGING, frozenset({PersonRole.TRAVELER})),
    _A.READ_RELAY: _for_roles(_N.READING),
    _A.LIST_RELAYS: _for_roles(_N.READING),
    _A.UNDO_STEP: _money(_R.TRAVELER, _R.SENDER, _R.CUSTOMER),
    _A.CONFIRM_DELIVERY: _money(_R.CUSTOMER),
    _A.GIVE_PAYMENT_METHOD: _money(_R.CUSTOMER),
    _A.READ_PAYMENT_ACTION: _money(_R.CUSTOMER),
    _A.ADVANCE_CLOCK: _changing(*_in_order(INSIDERS)),
}
_OF_OFFERS: Mapping[Action, Rule] = {
    _A.LIST_OFFERS: _reading(KNOWN),
    _A.SUBMIT_OFFER: Rule(
        _N.CHANGING, _in_order(KNOWN - STAFF), KNOWN, frozenset({PersonRole.TRAVELER}), barred=STAFF
    ),
    _A.COUNTER_OFFER: _changing(_R.CUSTOMER, _R.TRAVELER, _R.OFFERING),
    _A.WITHDRAW_OFFER: _changing(_R.TRAVELER, _R.OFFERING),
    _A.ACCEPT_OFFER: _money(_R.CUSTOMER),
}
_OF_LEAVING: Mapping[Action, Rule] = {
    _A.READ_CANCELLATION_QUOTE: _reading(frozenset({*_SIDES, _R.AGENT})),
    _A.CANCEL_DELIVERY: _money(*_SIDES, _R.AGENT),
    _A.GIVE_DELIVERY_BACK: _money(_R.TRAVELER),
    _A.REPORT_NO_SHOW: _changing(*_AT_PICKUP),
    _A.CONTEST_NO_SHOW: _changing(*_AT_PICKUP),
}
_OF_DISPUTES: Mapping[Action, Rule] = {
    _A.OPEN_DISPUTE: _changing(_R.CUSTOMER, _R.RECIPIENT, _R.TRAVELER),
    _A.LIST_DISPUTES: _for_roles(_N.READING),
    _A.READ_DISPUTE: _reading(INSIDERS, INSIDERS),
    _A.READ_LIABILITY: _reading(INSIDERS, INSIDERS),
    _A.SHOW_EVIDENCE_FILE: _reading(INSIDERS, INSIDERS),
    **dict.fromkeys(
        (_A.ADD_EVIDENCE, _A.SEND_EVIDENCE_FILE, _A.WRITE_IN_DISPUTE),
        _changing(*_in_order(PARTIES), *_SUPPORT, known_to=INSIDERS),
    ),
    **dict.fromkeys(
        (_A.CALL_AGENT, _A.REPLY_TO_AGENT, _A.APPEAL_VERDICT),
        _changing(*_SIDES, known_to=INSIDERS),
    ),
    **dict.fromkeys(
        (
            _A.WAIVE_APPEAL,
            _A.ANSWER_DISPUTE,
            _A.MAKE_PROPOSAL,
            _A.ACCEPT_PROPOSAL,
            _A.WITHDRAW_PROPOSAL,
        ),
        _money(*_SIDES, known_to=INSIDERS),
    ),
    **dict.fromkeys(
        (_A.TAKE_DISPUTE_OVER, _A.ASK_SIDE, _A.GIVE_VERDICT),
        _staff(_R.AGENT, known_to=INSIDERS),
    ),
}
_OF_MONEY: Mapping[Action, Rule] = {
    _A.LIST_CHARGEBACKS: _reading(INSIDERS),
    _A.SUBMIT_CHARGEBACK_EVIDENCE: _staff(*_SUPPORT, known_to=STAFF),
    _A.NAME_CHARGEBACK_BEARER: _staff(*_SUPPORT, known_to=STAFF),
    _A.RESOLVE_CHARGEBACK: _staff(*_SUPPORT, known_to=STAFF),
    _A.LIST_CORRECTIONS: _reading(INSIDERS),
    _A.READ_CORRECTION: _reading(STAFF | {*_SIDES}, STAFF | {*_SIDES}),
    _A.ORDER_CORRECTION: _money(_R.AGENT, _R.OPERATOR, _R.CUSTOMER),
    _A.RESOLVE_CORRECTION: _staff(*_SUPPORT, known_to=STAFF | {*_SIDES}),
    _A.ASK_FOR_EXTRA_COSTS: _changing(_R.TRAVELER),
    _A.AGREE_TO_EXTRA_COSTS: _money(_R.CUSTOMER, known_to=STAFF | {*_SIDES}),
    _A.REFUSE_EXTRA_COSTS: _changing(_R.CUSTOMER, known_to=STAFF | {*_SIDES}),
    _A.TAKE_EXTRA_COSTS_BACK: _changing(_R.TRAVELER, known_to=STAFF | {*_SIDES}),
    _A.SET_UP_PAYOUT_ACCOUNT: _for_roles(_N.MONEY, frozenset({PersonRole.TRAVELER})),
    _A.READ_PAYOUT_ACCOUNT: _for_roles(_N.READING, frozenset({PersonRole.TRAVELER})),
    _A.READ_OWN_STATEMENT: _for_roles(_N.READING),
    _A.READ_STATEMENT: _for_roles(_N.READING),
}
_OF_REVIEWS: Mapping[Action, Rule] = {
    _A.WRITE_REVIEW: _changing(_R.CUSTOMER, _R.RECIPIENT, _R.TRAVELER),
    _A.READ_REVIEWS: _reading(INSIDERS),
    _A.READ_REPUTATION: _for_roles(_N.READING),
    _A.REPORT_REVIEW: _changing(_R.CUSTOMER, _R.RECIPIENT, _R.TRAVELER, known_to=INSIDERS),
    _A.HIDE_REVIEW: _staff(*_SUPPORT, known_to=INSIDERS),
    _A.LIST_REPORTED_REVIEWS: _for_roles(_N.STAFF, STAFF_ROLES),
}
_OF_STAFF: Mapping[Action, Rule] = {
    **dict.fromkeys(
        (_A.RESOLVE_DELIVERY, _A.HOLD_DELIVERY, _A.RESUME_DELIVERY, _A.AMEND_DELIVERY),
        _staff(*_OPERATIONS),
    ),
    _A.ASK_OVERRIDE: _staff(*_OPERATIONS),
    **dict.fromkeys(
        (_A.READ_OVERRIDE, _A.APPROVE_OVERRIDE, _A.REFUSE_OVERRIDE, _A.WITHDRAW_OVERRIDE),
        _staff(*_OPERATIONS, known_to=STAFF),
    ),
    _A.LIST_OVERRIDES: _for_roles(_N.STAFF, _HANDS_ON),
    _A.READ_CALLS_FOR_HELP: _staff(*_OPERATIONS),
    **dict.fromkeys(
        (_A.READ_RISK_DECISIONS, _A.LIST_SCAN_ATTEMPTS, _A.LIST_AMENDMENTS), _staff(*_OPERATIONS)
    ),
    _A.ORDER_BULK_HOLD: _for_roles(_N.STAFF, frozenset({PersonRole.OPERATOR})),
    _A.READ_BULK_HOLD: _for_roles(_N.STAFF, frozenset({PersonRole.OPERATOR})),
    _A.LIST_ATTENTION: _for_roles(_N.STAFF, STAFF_ROLES),
    _A.SETTLE_ATTENTION: _for_roles(_N.STAFF, _HANDS_ON),
    _A.READ_RECORD: _for_roles(_N.STAFF, STAFF_ROLES),
}
_OF_ACCOUNTS: Mapping[Action, Rule] = dict.fromkeys(
    (
        _A.EXPORT_OWN_RECORDS,
        _A.REQUEST_OWN_ERASURE,
        _A.READ_OWN_ERASURE,
        _A.WITHDRAW_OWN_ERASURE,
        _A.READ_OWN_PROFILE,
        _A.CHANGE_OWN_PROFILE,
        _A.CHANGE_OWN_PASSWORD,
        _A.CHANGE_OWN_CONTACTS,
        _A.READ_OWN_SESSIONS,
        _A.END_OWN_SESSIONS,
        _A.READ_OWN_ADDRESSES,
        _A.CHANGE_OWN_ADDRESSES,
        _A.READ_OWN_DEVICES,
        _A.ACTIVATE_DEVICE,
        _A.REVOKE_OWN_DEVICE,
    ),
    _for_roles(_N.PERSONAL),
)

_OF_CREDENTIALS: Mapping[Action, Rule] = {
    **dict.fromkeys(
        (_A.CREATE_API_KEY, _A.LIST_API_KEYS, _A.REVOKE_API_KEY),
        _for_roles(_N.PERSONAL, frozenset({PersonRole.INTEGRATOR})),
    ),
    **dict.fromkeys(
        (_A.ACT_FOR,),
        _for_roles(_N.PERSONAL, STAFF_ROLES - {PersonRole.OPERATOR}),
    ),
    **dict.fromkeys(
        (_A.GRANT_ROLE, _A.REVOKE_ROLE, _A.END_SESSIONS_OF),
        _for_roles(_N.PERSONAL, frozenset({PersonRole.ADMIN})),
    ),
    **dict.fromkeys(
        (_A.CREATE_API_KEY_FOR, _A.LIST_API_KEYS_OF, _A.REVOKE_API_KEY_OF),
        _for_roles(_N.PERSONAL, frozenset({PersonRole.ADMIN})),
    ),
}

RULES: Mapping[Action, Rule] = {
    **{action: PUBLIC for action in Action if action.is_public},
    **_OF_DELIVERIES,
    **_OF_OFFERS,
    **_OF_LEAVING,
    **_OF_DISPUTES,
    **_OF_MONEY,
    **_OF_REVIEWS,
    **_OF_STAFF,
    **_OF_ACCOUNTS,
    _A.READ_CARD: _for_roles(_N.READING),
    **_OF_CREDENTIALS,
    _A.READ_OWN_FACTORS: _for_roles(_N.PERSONAL),
    _A.CHANGE_OWN_FACTORS: _for_roles(_N.PERSONAL),
    _A.APPROVE_REQUEST: _for_roles(_N.PERSONAL),
    _A.START_ROBOTS: _for_roles(_N.CHANGING),
    _A.WATCH_ROBOTS: _for_roles(_N.READING),
}
"""The whole policy: who may do each action."""


def decide(
    action: Action,
    relations: Collection[Relation],
    roles: Collection[str],
    among: Collection[Relation] = KNOWN,
) -> Decision:
    """Say whether somebody may do something to a delivery, or to what belongs to it.

    `relations` are those of the person to the delivery as it stands now, and `among` those that may
    do it in this case, where not all of the rule may. What no rule is about is for nobody.
    """
    rule = RULES.get(action)
    if rule is None or not rule.known_to.intersection(relations):
        return Decision.HIDDEN
    capacity = capacity_for(action, relations, among)
    if capacity is None or not may_ask(action, roles) or rule.barred.intersection(relations):
        return Decision.FOR_OTHERS
    acts_as_staff = capacity in STAFF and rule.nature is not Nature.READING
    if acts_as_staff and PARTIES.intersection(relations):
        return Decision.PARTY_AS_STAFF
    return Decision.ALLOWED


def capacity_for(
    action: Action, relations: Collection[Relation], among: Collection[Relation] = KNOWN
) -> Relation | None:
    """Return in which capacity somebody does something, or none in which they may."""
    held = (each for each in RULES[action].by if each in relations and each in among)
    return next(held, None)


def may_ask(action: Action, roles: Collection[str]) -> bool:
    """Tell whether somebody may do something, as far as it depends on what they are here at all."""
    rule = RULES.get(action)
    return rule is not None and (not rule.roles or bool(rule.roles.intersection(roles)))
