"""Invariants I1 to I4: the ledger adds up, and it is about the same money as the provider."""

from __future__ import annotations

from domain.ledger import MEMO, RECOGNISING, UNASKED
from domain.status import CLOSED, ENDED
from infra.database.checks import TOLD, Check, of_delivery

_TRANSACTIONS_BALANCE = f"""
SELECT CAST(booked.delivery_id AS text) AS delivery_id,
    'ledger transaction ' || booked.key AS subject,
    CASE WHEN entry.currency IS NULL THEN 'it has no entries'
        ELSE 'debits and credits differ by ' || sum(entry.amount_minor) || ' ' || entry.currency
    END AS problem
FROM ledger_transaction AS booked
LEFT JOIN ledger_entry AS entry USING (transaction_id)
WHERE {of_delivery("booked.delivery_id")}
GROUP BY booked.delivery_id, booked.key, entry.currency
HAVING entry.currency IS NULL OR sum(entry.amount_minor) <> 0
"""  # noqa: S608 -- It is made of constants only.

_MEMO_APART = f"""
SELECT CAST(booked.delivery_id AS text) AS delivery_id,
    'ledger transaction ' || booked.key AS subject,
    'its memo accounts differ by ' || sum(entry.amount_minor) || ' ' || entry.currency AS problem
FROM ledger_transaction AS booked
JOIN ledger_entry AS entry USING (transaction_id)
JOIN ledger_account AS account USING (account_id)
WHERE account.kind = ANY(CAST(:memo AS text[])) AND {of_delivery("booked.delivery_id")}
GROUP BY booked.delivery_id, booked.key, entry.currency
HAVING sum(entry.amount_minor) <> 0
"""  # noqa: S608 -- It is made of constants only.

_BALANCES_ARE_SUMS = """
SELECT CAST(CAST(:only AS uuid) AS text) AS delivery_id, 'account ' || account.account_id AS subject,
    'its balance is ' || account.balance_minor || ' and its entries sum to '
        || coalesce(sum(account.normal_sign * entry.amount_minor), 0) AS problem
FROM ledger_account AS account
LEFT JOIN ledger_entry AS entry USING (account_id)
WHERE CAST(:only AS uuid) IS NULL OR account.owner = CAST(CAST(:only AS uuid) AS text)
GROUP BY account.account_id
HAVING account.balance_minor <> coalesce(sum(account.normal_sign * entry.amount_minor), 0)
"""
"""For one delivery only the account of its own: the others hold the money of all deliveries."""

_NOTHING_FROM_NOTHING = f"""
SELECT CAST(booked.delivery_id AS text) AS delivery_id, 'account ' || entry.account_id AS subject,
    sum(entry.amount_minor) || ' ' || entry.currency || ' left that never came in' AS problem
FROM ledger_transaction AS booked
JOIN ledger_entry AS entry USING (transaction_id)
JOIN ledger_account AS account USING (account_id)
WHERE account.kind IN ('escrow', 'transfer_reserve', 'tips', 'traveler_payable') AND {of_delivery("booked.delivery_id")}
GROUP BY booked.delivery_id, entry.account_id, entry.currency
HAVING sum(entry.amount_minor) > 0
"""  # noqa: S608 -- It is made of constants only.
"""Refunds, releases with their fees and payouts of one delivery, against what it captured."""

_CLOSED_HOLDS_NOTHING = f"""
SELECT CAST(delivery.delivery_id AS text) AS delivery_id, 'account ' || account.account_id
    AS subject, 'the delivery is ' || delivery.status || ' and still holds '
    || account.balance_minor || ' ' || account.currency AS problem
FROM delivery
JOIN ledger_account AS account
    ON account.owner = CAST(delivery.delivery_id AS text)
    AND account.kind IN ('escrow', 'transfer_reserve', 'tips', 'memo_authorised')
WHERE delivery.status = ANY(CAST(:closed AS text[]))
    AND account.balance_minor > (
        SELECT coalesce(sum(correction.amount_minor), 0) FROM correction
        WHERE correction.delivery_id = delivery.delivery_id AND correction.closed_at IS NULL
            AND correction.currency = account.currency
            AND (account.kind, correction.kind) IN (
                ('escrow', 'refund_again'), ('tips', 'tip'), ('tips', 'extra_cost')
            )
    )
    AND {of_delivery("delivery.delivery_id")}
    AND NOT EXISTS (
        SELECT FROM ledger_account AS disputed
        WHERE disputed.owner = account.owner AND disputed.kind = 'disputed_funds'
            AND disputed.balance_minor <> 0
    )
"""  # noqa: S608 -- It is made of constants only.
"""While a card network decides, a transfer that was called back waits in the held payment; so does a
refund that came undone, until it is given again, and a tip or extra costs on their way to the traveler."""

_FEES_ARE_EARNED = f"""
SELECT CAST(booked.delivery_id AS text) AS delivery_id,
    'ledger transaction ' || booked.key AS subject,
    'a ' || booked.kind || ' earned a fee and released nothing' AS problem
FROM ledger_transaction AS booked
JOIN ledger_entry AS entry USING (transaction_id)
JOIN ledger_account AS account USING (account_id)
WHERE account.kind = 'fee_revenue' AND booked.kind <> ALL(CAST(:recognising AS text[]))
    AND {of_delivery("booked.delivery_id")}
"""  # noqa: S608 -- It is made of constants only.

_ONE_OUTCOME = f"""
WITH {TOLD},
ended AS (
    SELECT delivery_id, CASE kind WHEN 'reopened' THEN body #>> '{{facts,outcome}}'
            ELSE body #>> '{{standing,escrow}}' END AS outcome,
        count(*) FILTER (WHERE kind = 'reopened') OVER (
            PARTITION BY delivery_id ORDER BY sequence
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS payment
    FROM told
)
SELECT CAST(delivery_id AS text) AS delivery_id, 'held payment'
        || CASE WHEN payment > 0 THEN ' ' || payment + 1 ELSE '' END AS subject,
    'it ended ' || string_agg(DISTINCT outcome, ' and ') AS problem
FROM ended
WHERE outcome = ANY(CAST(:ended AS text[]))
GROUP BY delivery_id, payment
HAVING count(DISTINCT outcome) > 1
"""  # noqa: S608 -- It is made of constants only.
"""A delivery that was opened again holds another payment from then on, with an outcome of its own."""

_ONE_WAY_OUT = f"""
SELECT CAST(delivery_id AS text) AS delivery_id, 'held payment' AS subject,
    'it was both refunded and transferred, and never split' AS problem
FROM payment_operation AS operation JOIN delivery USING (delivery_id)
CROSS JOIN LATERAL (
    SELECT CASE WHEN count(*) > 0 THEN operation.source_operation_id ELSE '' END AS payment
    FROM event WHERE event.delivery_id = operation.delivery_id AND event.kind = 'reopened'
) AS held
WHERE operation.kind IN ('refund', 'transfer') AND state = 'succeeded'
    AND escrow NOT IN ('splitting', 'split') AND NOT operation.beyond_held
    AND {of_delivery("delivery_id")}
    AND NOT EXISTS (
        SELECT FROM ledger_transaction AS booked
        WHERE booked.delivery_id = operation.delivery_id AND (
            booked.kind IN ('compensation', 'reversal')
            OR booked.key = operation.operation_id AND booked.kind = 'refund' AND NOT EXISTS (
                SELECT FROM ledger_entry AS entry
                WHERE entry.transaction_id = booked.transaction_id
                    AND starts_with(entry.account_id, 'escrow:')
            )
        )
    )
GROUP BY delivery_id, held.payment
HAVING count(DISTINCT operation.kind) > 1
"""  # noqa: S608 -- It is made of constants only.
"""For each payment by itself: a delivery that was opened again has had more than one. Not meant: a
cancellation that compensates the traveler, a transfer that was called back, and a refund that takes
nothing from the held payment because somebody else bears it."""

_DONE_IS_BOOKED = f"""
SELECT CAST(operation.delivery_id AS text) AS delivery_id,
    'payment operation ' || operation.operation_id AS subject,
    CASE WHEN booked.key IS NULL THEN 'it succeeded and is not booked'
        ELSE 'it moved ' || operation.amount_minor + operation.fee_minor || ' and '
            || booked.moved_minor || ' is booked' END AS problem
FROM payment_operation AS operation
LEFT JOIN (
    SELECT key, sum(amount_minor) FILTER (WHERE amount_minor > 0) AS moved_minor
    FROM ledger_transaction JOIN ledger_entry USING (transaction_id)
    WHERE {of_delivery("delivery_id")}
    GROUP BY key
) AS booked ON booked.key = operation.operation_id
WHERE {of_delivery("operation.delivery_id")} AND (
    booked.key IS NULL AND operation.state = 'succeeded'
        AND operation.kind NOT IN ('void', 'authorise', 'save')
        AND operation.operation_id NOT LIKE '%:reversal:netting%'
    OR booked.moved_minor <> operation.amount_minor + operation.fee_minor
)
"""  # noqa: S608 -- It is made of constants only.
"""A void of a charge that was not in force moves nothing and books nothing; what a card has only
set aside is a memo, and a saved method is no money."""

_NETTED_IS_BOOKED = f"""
SELECT CAST(operation.delivery_id AS text) AS delivery_id,
    'payment operation ' || operation.operation_id AS subject,
    'it is ' || operation.state || ' and kept back ' || netted.kept_minor || ' of '
        || operation.amount_minor AS problem
FROM payment_operation AS operation
CROSS JOIN LATERAL (
    SELECT coalesce(sum(entry.amount_minor), 0) AS kept_minor
    FROM ledger_transaction AS booked
    JOIN ledger_entry AS entry USING (transaction_id)
    JOIN ledger_account AS account USING (account_id)
    WHERE booked.delivery_id = operation.delivery_id AND account.kind = 'traveler_payable'
        AND booked.kind = 'netting' AND starts_with(booked.key, operation.operation_id || ':')
        -- A second netting of the delivery has the first one's name with a number behind it.
        AND substr(booked.key, length(operation.operation_id) + 2) !~ '^[0-9]+:'
) AS netted
WHERE {of_delivery("operation.delivery_id")} AND operation.kind = 'reversal'
    AND operation.operation_id LIKE '%:reversal:netting%'
    AND netted.kept_minor <> CASE operation.state WHEN 'succeeded' THEN operation.amount_minor
        ELSE 0 END
"""  # noqa: S608 -- It is made of constants only.
"""A netting is one movement for several debts, and each of them is a booking of its own."""

_BOOKED_IS_ASKED = f"""
SELECT CAST(booked.delivery_id AS text) AS delivery_id,
    'ledger transaction ' || booked.key AS subject,
    'no payment operation of this delivery asked for it' AS problem
FROM ledger_transaction AS booked
LEFT JOIN payment_operation AS operation
    ON operation.operation_id = booked.key AND operation.delivery_id = booked.delivery_id
    AND operation.state <> 'intent'
WHERE operation.operation_id IS NULL AND booked.kind <> ALL(CAST(:unasked AS text[]))
    AND {of_delivery("booked.delivery_id")}
"""  # noqa: S608 -- It is made of constants only.

_ONE_OBJECT_EACH = f"""
SELECT CAST(min(CAST(delivery_id AS text)) AS text) AS delivery_id,
    'provider object ' || provider_id AS subject,
    'it settles ' || string_agg(operation_id, ' and ' ORDER BY operation_id) AS problem
FROM payment_operation
WHERE provider_id <> '' AND {of_delivery("delivery_id")}
GROUP BY provider_id
HAVING count(*) > 1
"""  # noqa: S608 -- It is made of constants only.

_SANDBOX_AGREES = """
SELECT coalesce(CAST(operation.delivery_id AS text), split_part(made.operation_id, ':', 1))
    AS delivery_id,
    'provider object ' || made.provider_id AS subject,
    CASE WHEN operation.operation_id IS NULL THEN 'no payment operation asked for it'
        WHEN operation.state = 'intent' THEN 'its operation was never sent'
        ELSE 'its operation is about another amount or another object' END AS problem
FROM sandbox_operation AS made
LEFT JOIN payment_operation AS operation ON operation.operation_id = coalesce(
    (SELECT operation_id FROM payment_operation WHERE operation_id = made.operation_id),
    (SELECT operation_id FROM payment_operation
        WHERE kind = made.kind AND provider_id = made.provider_id))
WHERE made.provider_id <> ''
    AND (CAST(:only AS uuid) IS NULL OR starts_with(made.operation_id, CAST(:only AS text)))
    AND (operation.operation_id IS NULL OR operation.state = 'intent'
        OR made.kind NOT IN ('void', 'save')
            AND (made.amount_minor, made.currency)
                <> (operation.amount_minor, operation.currency)
        OR operation.state = 'succeeded' AND operation.provider_id <> made.provider_id)
"""
"""What the sandbox provider made, as its own books say it; what was made by hand is known by its id."""

MONEY_CHECKS: tuple[Check, ...] = (
    Check("I1", _TRANSACTIONS_BALANCE),
    Check("I1", _MEMO_APART, {"memo": sorted(map(str, MEMO))}),
    Check("I1", _BALANCES_ARE_SUMS),
    Check("I2", _NOTHING_FROM_NOTHING),
    Check("I2", _CLOSED_HOLDS_NOTHING, {"closed": sorted(map(str, CLOSED))}),
    Check("I2", _FEES_ARE_EARNED, {"recognising": sorted(map(str, RECOGNISING))}),
    Check("I3", _ONE_OUTCOME, {"ended": sorted(map(str, ENDED))}),
    Check("I3", _ONE_WAY_OUT),
    Check("I4", _DONE_IS_BOOKED),
    Check("I4", _NETTED_IS_BOOKED),
    Check("I4", _BOOKED_IS_ASKED, {"unasked": sorted(map(str, UNASKED))}),
    Check("I4", _ONE_OBJECT_EACH),
    Check("I4", _SANDBOX_AGREES, needs_table="sandbox_operation"),
)
