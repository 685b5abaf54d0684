"""A scan that looks risky is approved on the page, and goes again as it was sent."""

from __future__ import annotations

from playwright.async_api import Request, expect
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.api.identity.factors import next_code, set_up
from tests.api.identity.sessions import signed_in
from tests.api.pages.conftest import Phones
from tests.api.story import Story, done
from tests.api.test_risk import share_phone
from tests.api.test_risky_scans import grow_old


async def test_a_scan_that_is_approved_goes_again_word_for_word(
    phones: Phones, story: Story, engine: AsyncEngine
) -> None:
    cast = await story.paid()
    await grow_old(engine, cast.customer, cast.traveler)
    await share_phone(engine, cast, f"phone-{cast.delivery_id}")
    cast.traveler = await signed_in(engine, cast.traveler)
    app, _ = await set_up(cast.traveler)
    code = done(await cast.customer.get(f"{cast.path}/codes/pickup"))
    sent: list[tuple[str, str | None]] = []

    def note(request: Request) -> None:
        if request.method == "POST" and request.url.endswith("/pickup"):
            sent.append((request.headers["idempotency-key"], request.post_data))

    async with phones.of(cast.traveler) as traveler:
        traveler.on("request", note)
        await traveler.goto(f"/scan?delivery={cast.delivery_id}")
        await traveler.get_by_label("PIN").fill(code["pin"])
        await traveler.get_by_role("button", name="Send PIN").click()
        await traveler.get_by_label("Code of your app").fill(next_code(app))
        await traveler.get_by_role("button", name="Go on").click()
        await expect(traveler.get_by_role("heading", name="Collected")).to_be_visible()
    first, again = sent
    assert first == again
