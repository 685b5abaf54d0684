"""Words about a person in the answers that are kept for repeated requests of others."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, literal_column, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.erasing.rules import ERASED_TEXT
from infra.database.schema import idempotent_request
from infra.encryption.answers import ANSWER_KEY, opened_answer, sealed_answer
from infra.encryption.keys import KeyDestroyed, NotAuthentic
from infra.encryption.owned import KeyOwner, OwnedKeys, read_key_text
from infra.encryption.people import person_key_sql

_WORDS = frozenset({"note", "text"})
"""Members of an answer that somebody wrote."""
_ROUTES = "/(corrections|extra-costs|messages|reviews)"
"""Routes whose answers have such members; of people who ask for much, these are few."""
_WRITERS = text("""
SELECT unnest(ARRAY[customer_id, sender_id, recipient_id, traveler_id])
FROM delivery WHERE delivery_id = ANY (CAST(:deliveries AS uuid[]))
UNION SELECT giver_id FROM relay WHERE delivery_id = ANY (CAST(:deliveries AS uuid[]))
UNION SELECT ordered_by FROM correction WHERE delivery_id = ANY (CAST(:deliveries AS uuid[]))
UNION SELECT author_id FROM dispute_message JOIN dispute USING (dispute_id)
WHERE delivery_id = ANY (CAST(:deliveries AS uuid[]))
""")
_ERASED_MESSAGES = text("""
SELECT CAST(message_id AS text) FROM dispute_message JOIN dispute USING (dispute_id)
WHERE delivery_id = ANY (CAST(:deliveries AS uuid[])) AND text = :erased
""")
_row = idempotent_request.c
_KEPT = select(
    _row.person_id,
    _row.key,
    _row.response.label("claim_response"),
    literal_column(person_key_sql("idempotent_request.person_id")).label(ANSWER_KEY),
).where(_row.response.is_not(None), _row.route.regexp_match(_ROUTES))


async def erase_in_answers(
    connection: AsyncConnection, keys: OwnedKeys, deliveries: list[str]
) -> None:
    """Overwrite what staff and others wrote about these deliveries in the answers they would get again.

    Call it once the words themselves are erased: the words of others that stay, stay here too.
    """
    values = {"deliveries": deliveries, "erased": ERASED_TEXT}
    writers = (await connection.execute(_WRITERS, {"deliveries": deliveries})).scalars()
    messages = frozenset((await connection.execute(_ERASED_MESSAGES, values)).scalars())
    mine = _row.person_id.in_({str(each) for each in writers if each is not None})
    for kept in (await connection.execute(_KEPT.where(mine))).all():
        await _erase_in(connection, keys, kept, frozenset(deliveries), messages)


async def _erase_in(
    connection: AsyncConnection,
    keys: OwnedKeys,
    kept: Row[Any],
    deliveries: frozenset[str],
    messages: frozenset[str],
) -> None:
    owner = KeyOwner.person(kept.person_id)
    row = kept._asdict()
    try:
        answer = await opened_answer(keys, kept.person_id, kept.key, row)
        key = await keys.opened(read_key_text(row[ANSWER_KEY], owner))
    except (KeyDestroyed, NotAuthentic):
        # Nobody can read it any more.
        return
    body: Any = answer.get("body")
    if not isinstance(body, dict):
        return
    words = _WORDS & body.keys()
    is_about = body.get("delivery_id") in deliveries or body.get("message_id") in messages
    if words and is_about:
        body.update(dict.fromkeys(words, ERASED_TEXT))
        at = (_row.person_id == kept.person_id, _row.key == kept.key)
        changed = update(idempotent_request).where(*at)
        await connection.execute(changed.values(response=sealed_answer(key, kept.key, answer)))
