"""What a step needs besides its code is given on the page: photos, signature, document and label."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from io import BytesIO

from PIL import Image
from playwright.async_api import Geolocation, Page, expect
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.api.pages.accessible import require_accessible, require_order_of_keys
from tests.api.pages.camera import film_of_label
from tests.api.pages.conftest import Phones
from tests.api.story import Cast, Story, done
from tests.leveled import at_level

LABEL = "1Z999AA10123456784"
AT_DESTINATION = Geolocation(latitude=48.1353, longitude=11.569, accuracy=10)
"""Where the parcels of the stories are handed over."""


async def add_photo(phone: Page, label: str) -> None:
    """Take a photo, as far as a browser can be made to."""
    await phone.get_by_label(label).set_input_files(
        {"name": "parcel.png", "mimeType": "image/png", "buffer": await phone.screenshot()}
    )


async def on_its_way(story: Story) -> Cast:
    """Return a delivery whose recipient signs, is looked at, and gets a parcel with a label."""
    wanted = {"minimum_age": 18, "signature": True, "label": LABEL}
    cast = await story.paid(proofs=wanted)
    scan = {"kind": "label_barcode", "leg": "pickup", "label": LABEL}
    done(await cast.traveler.post(f"{cast.path}/proofs", scan))
    code = done(await cast.customer.get(f"{cast.path}/codes/pickup"))
    done(await cast.traveler.post(f"{cast.path}/pickup", {"code": code["code"]}))
    return cast


async def sign(phone: Page) -> None:
    """Sign with a finger on the right, and by keyboard on the left."""
    pad = phone.get_by_role("application", name="Field for the signature")
    await phone.get_by_role("button", name="Send signature").click()
    await expect(phone.get_by_text("There is no signature yet.")).to_be_visible()
    await pad.scroll_into_view_if_needed()
    box = await pad.bounding_box()
    assert box is not None
    await phone.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.3)
    await phone.mouse.down()
    await phone.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + box["height"] * 0.7, steps=5)
    await phone.mouse.up()
    await pad.press("Space")
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        await pad.press(key)
    await pad.press("Space")
    await expect(phone.get_by_text("The pen is lifted.")).to_be_visible()
    await phone.get_by_role("button", name="Send signature").click()
    await expect(phone.get_by_text("✓ Signature: done")).to_be_visible()


async def look_at_document(phone: Page) -> None:
    """Look at a document twice: the first holder is too young."""
    await phone.get_by_label("Document that you have seen").select_option("Identity card")
    await expect(phone.locator("legend")).to_contain_text("at least 18 years old")
    await phone.get_by_label("No, they are younger").check()
    await phone.get_by_role("button", name="Send what you have seen").click()
    await expect(phone.get_by_text("Do not hand the parcel over: somebody")).to_be_visible()
    await phone.get_by_label("Yes, they are old enough").check()
    await phone.get_by_role("button", name="Send what you have seen").click()
    await expect(phone.get_by_text("✓ Look at a document: done")).to_be_visible()


async def read_label(phones: Phones, phone: Page) -> None:
    """Type a wrong label, then scan the right one."""
    typed = phone.get_by_label("Or type what is below the barcode")
    await typed.fill("1Z999AA10123456785")
    await phone.get_by_role("button", name="Send label").click()
    await expect(phone.get_by_text("This is the label of another parcel")).to_be_visible()
    film_of_label(phones.film, LABEL)
    await phone.get_by_role("button", name="Scan the label").click()
    await expect(typed).to_have_value(LABEL)
    await phone.get_by_role("button", name="Send label").click()


async def test_everything_that_a_handover_needs_is_given_in_its_order(
    phones: Phones, story: Story
) -> None:
    cast = await on_its_way(story)
    async with phones.of(cast.traveler) as phone:
        await phone.goto(f"/scan?delivery={cast.delivery_id}")
        names = "a signature, a look at a document, the label of the parcel"
        await expect(phone.locator("#proofs-said")).to_have_text(
            f"Needed before the scan: {names}."
        )
        await require_order_of_keys(phone, 8)
        steps: tuple[Callable[[], Awaitable[None]], ...] = (
            lambda: sign(phone),
            lambda: look_at_document(phone),
            lambda: read_label(phones, phone),
        )
        for step in steps:
            await require_accessible(phone)
            await step()
        await expect(phone.locator("#proofs-said")).to_contain_text("Scan the code now")
        await expect(phone.get_by_role("button", name="Open camera")).to_be_focused()
    given = done(await cast.traveler.get(f"{cast.path}/proofs"))
    (needed,) = (each for each in given["needed"] if each["leg"] == "handover")
    assert (needed["missing"], needed["minimum_age"]) == ([], 18)
    (signed,) = (item for item in given["items"] if item["kind"] == "signature")
    shown = await cast.customer.get(f"{cast.path}/proofs/{signed['proof_id']}/picture")
    with Image.open(BytesIO(shown.content)) as image:
        halves = [image.crop((0, 0, 500, 500)), image.crop((500, 0, 1000, 500))]
    assert all(min(half.convert("L").tobytes()) < 80 for half in halves), "both lines are there"


async def test_a_photo_that_the_step_needs_is_taken_on_the_page(
    phones: Phones, story: Story, engine: AsyncEngine
) -> None:
    cast = await at_level(engine, await story.paid(), "maximum")
    async with phones.of(cast.traveler, dark=True) as phone:
        await phone.goto(f"/scan?delivery={cast.delivery_id}")
        await expect(phone.get_by_text("Needed before the scan: a photo")).to_be_visible()
        await require_accessible(phone)
        await phone.get_by_label("Photo of the parcel").set_input_files(
            {"name": "parcel.png", "mimeType": "image/png", "buffer": b"no picture"}
        )
        await expect(phone.get_by_role("alert").first).to_contain_text("This photo cannot be read")
        await add_photo(phone, "Photo of the parcel")
        await expect(phone.get_by_text("✓ Photo of the parcel: done")).to_be_visible()
    (kept,) = done(await cast.traveler.get(f"{cast.path}/proofs"))["items"]
    assert (kept["kind"], kept["leg"], kept["by_role"]) == ("photo", "pickup", "traveler")
    assert kept["distance_m"] == 0, "the position goes along"


async def test_a_parcel_is_left_with_a_photo_where_its_customer_allowed(
    phones: Phones, story: Story
) -> None:
    wanted = {"safe_place_photo": True}
    cast = await story.picked_up(undeliverable_action="safe_place", proofs=wanted)
    async with phones.of(cast.traveler) as phone:
        await phone.context.set_geolocation(AT_DESTINATION)
        await phone.goto(f"/scan?delivery={cast.delivery_id}")
        await phone.get_by_text("Nobody is there?").click()
        await phone.get_by_label("I have rung, and nobody opens").check()
        await phone.get_by_role("button", name="Nobody is there").click()
        await phone.get_by_label("Where exactly?").fill("In the shed behind the house")
        await phone.get_by_role("button", name="It is in the safe place").click()
        await expect(phone.get_by_text("Something has to be proven first")).to_be_visible()
        await require_accessible(phone)
        await phone.reload()
        await phone.get_by_text("Nobody is there?").click()
        await add_photo(phone, "Photo of the parcel where you leave it")
        await expect(phone.get_by_text("✓ Photo: done")).to_be_visible()
        await phone.get_by_label("Where exactly?").fill("In the shed behind the house")
        await phone.get_by_role("button", name="It is in the safe place").click()
        await expect(phone.get_by_role("heading", name="Left")).to_be_visible()
    assert (await cast.until("delivered"))["delivery_id"] == cast.delivery_id
