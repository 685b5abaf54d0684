"""A call for help from the pages: never by accident, with the last position, and once there is network."""

from __future__ import annotations

from playwright.async_api import Locator, Page, expect

from tests.api.pages.accessible import require_accessible
from tests.api.pages.conftest import AT_PICKUP, Phones
from tests.api.story import Cast, Story, done


async def calls_of(cast: Cast) -> list[dict[str, object]]:
    """Return the calls that staff read."""
    return list(done(await cast.agent.get(f"{cast.path}/sos"))["calls"])


async def asked(phone: Page) -> Locator:
    """Open the window of the call, and return it."""
    await phone.get_by_role("button", name="SOS").click()
    dialog = phone.get_by_role("dialog", name="Are you in danger?")
    await expect(dialog.get_by_role("link", name="Call 112")).to_have_attribute("href", "tel:112")
    return dialog


async def test_a_traveler_calls_for_help_and_never_by_one_press(
    phones: Phones, story: Story
) -> None:
    cast = await story.picked_up()
    async with phones.of(cast.traveler) as phone:
        await phone.goto("/scan")
        dialog = await asked(phone)
        await require_accessible(phone)
        await dialog.get_by_role("button", name="Tell Sendalong now").click()
        assert await calls_of(cast) == []
        await dialog.get_by_label("What happens?").fill("A man follows me.")
        await dialog.get_by_label("Yes, I need help").check()
        await dialog.get_by_role("button", name="Tell Sendalong now").click()
        await expect(dialog.get_by_role("alert")).to_contain_text("We know, and try to reach you.")
        await dialog.get_by_role("button", name="Tell us where you are now").click()
        await expect(dialog.get_by_role("alert")).to_contain_text("We know")
    (call,) = await calls_of(cast)
    assert (call["role"], call["note"], call["is_open"]) == ("traveler", "A man follows me.", True)
    assert call["position"]["latitude"] == AT_PICKUP["latitude"]  # type: ignore[index]
    assert done(await cast.customer.get(cast.path))["on_hold"] is True


async def test_a_recipient_calls_without_network_and_from_where_the_phone_was_last(
    phones: Phones, story: Story
) -> None:
    cast = await story.picked_up()
    async with phones.of(cast.recipient, dark=True) as phone:
        await phone.goto(f"/show?delivery={cast.delivery_id}")
        await expect(phone.get_by_role("img")).to_be_visible()
        await phone.evaluate("async () => (await import('/pages/place.js')).placeNow()")
        await phone.context.set_geolocation(None)
        await phone.context.set_offline(True)
        dialog = await asked(phone)
        await require_accessible(phone)
        await dialog.get_by_label("Yes, I need help").check()
        await dialog.get_by_role("button", name="Tell Sendalong now").click()
        await expect(dialog.get_by_role("alert")).to_contain_text("we try again")
        assert await calls_of(cast) == []
        await phone.context.set_offline(False)
        await expect(dialog.get_by_role("alert")).to_contain_text("We know, and try to reach you.")
    (call,) = await calls_of(cast)
    assert (call["role"], call["calls"]) == ("recipient", 1)
    assert call["position"]["latitude"] == AT_PICKUP["latitude"]  # type: ignore[index]


async def test_whoever_has_only_a_link_is_told_whom_to_call(phones: Phones, story: Story) -> None:
    cast = await story.picked_up()
    link = done(await cast.recipient.get(f"{cast.path}/codes/handover"))["link"]
    async with phones.of() as phone:
        await phone.goto(f"/show#{link.rpartition('/')[2]}")
        dialog = await asked(phone)
        await expect(dialog.get_by_role("button", name="Tell Sendalong now")).to_have_count(0)
