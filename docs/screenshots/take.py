# ruff: noqa: INP001 -- It is a command, and no part of a package.
"""Takes the pictures of `docs/operating.md` and `docs/encryption.md` from the real Web UI: run it with `make screenshots`.

It starts a stack of its own, makes a delivery stuck on purpose, and resolves it from the Web UI alone,
as the runbook says. It needs Chromium and Playwright, which nothing else in this project needs.
"""

from __future__ import annotations

import asyncio
import secrets
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from domain.ids import delivery_workflow_id
from infra.database.engine import create_engine
from infra.demo.people import WALLETS, People, make_people
from infra.demo.scenes import agree, carry, request
from infra.encryption.parts import encryption_of
from infra.local_stack.options import StackOptions
from infra.local_stack.ports import free_ports
from infra.local_stack.stack import LocalStack

FOLDER = Path(__file__).parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
VIEW = {"width": 1440, "height": 900}
"""Size of the window in pixels: each picture stays under 200 kB."""
PATIENCE_MS = 20_000
SETTLE_MS = 700
LOOKS = 10
"""Looks at a page that is being loaded: a busy machine takes seconds for it."""
STUCK_METHOD = "pm_sandbox_ok_refund_refused"
"""The sandbox provider holds this payment and refuses every refund of it for good."""
BY_HAND = (
    '{"action": "done_by_hand", "reference": "bank transfer 17",'
    ' "reason": "The card is closed; sent as a bank transfer."}'
)
QUERY = 'NeedsAttention = true AND ExecutionStatus = "Running"'


def main() -> int:
    """Take every picture, or say in one line what is missing."""
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    try:
        playwright = import_module("playwright.async_api")
    except ImportError:
        playwright = None
    if browser is None or playwright is None:
        sys.stderr.write(
            "Screenshots need Chromium and Playwright: apt-get install chromium;"
            " .venv/bin/pip install playwright\n"
        )
        return 1
    asyncio.run(_take(playwright, browser))
    return 0


async def _take(playwright: Any, browser: str) -> None:
    async with _platform() as (stack, people):
        stuck, frozen, disputed = await _scenes(people)
        async with playwright.async_playwright() as engine:
            chromium = await engine.chromium.launch(executable_path=browser, args=["--no-sandbox"])
            page = await chromium.new_page(viewport=VIEW)
            page.set_default_timeout(PATIENCE_MS)
            ui = WebUi(page, stack.ui_url or "")
            await _take_stuck(ui, stuck)
            await _take_others(ui, frozen, disputed)
            await _take_payloads(ui, frozen)
            await chromium.close()


async def _take_stuck(ui: WebUi, delivery_id: str) -> None:
    """Find the stuck delivery, read what is wrong, and resolve it by the runbook."""
    await ui.find(QUERY, delivery_id)
    await ui.keep("list")
    await ui.open(delivery_id, "user-metadata")
    await ui.read("Needs attention")
    await ui.keep("parked")
    await ui.keep("parked-details", ui.details)
    await ui.open_form()
    await ui.choose_update("resolve_attention", "update-names")
    await ui.page.keyboard.type(BY_HAND)
    # Leaving the field puts the JSON into its format, which moves the button.
    await ui.form.get_by_text("Single JSON payload").click()
    await ui.keep("update-form", ui.form)
    await ui.form.get_by_role("button", name="Submit").click()
    await ui.form.wait_for(state="hidden")
    await ui.open(delivery_id, "timeline")
    await ui.page.get_by_text("COMPLETED").locator("visible=true").first.wait_for()
    await ui.keep("resolved")


async def _take_others(ui: WebUi, frozen: str, disputed: str) -> None:
    await ui.open(frozen, "user-metadata")
    await ui.read("On hold")
    await ui.keep("on-hold", ui.details)
    await ui.open(disputed, "user-metadata")
    await ui.read("dispute:")
    await ui.keep("disputed", ui.details)
    await ui.open(disputed, "relationships")
    await ui.page.get_by_text("dispute:").first.wait_for()
    await ui.keep("relationships")
    await ui.open(frozen, "search-attributes")
    await ui.page.get_by_text("OnHold").first.wait_for()
    await ui.keep("search-attributes")


async def _take_payloads(ui: WebUi, delivery_id: str) -> None:
    """Show what the codec server makes of an update: for the origin that it knows, and for another."""
    await ui.open(delivery_id, "history")
    await ui.open_event("accept_offer")
    await ui.page.get_by_text("pm_***").locator("visible=true").first.wait_for()
    await ui.keep("decoded")
    await ui.page.goto(ui.page.url.replace("//127.0.0.1:", "//localhost:"))
    await ui.page.get_by_text("accept_offer").locator("visible=true").first.wait_for()
    await ui.keep("encrypted")


class WebUi:
    """The pages of Temporal's Web UI that the guide shows."""

    def __init__(self, page: Any, address: str) -> None:
        self.page = page
        self._workflows = f"{address}/namespaces/default/workflows"

    async def find(self, query: str, delivery_id: str) -> None:
        """Filter the list until it shows a delivery: search attributes arrive a moment later."""
        for _ in range(LOOKS):
            await self.page.goto(f"{self._workflows}?query={quote(query)}")
            for _ in range(LOOKS):
                await self.page.wait_for_timeout(SETTLE_MS)
                if await self.page.get_by_text(delivery_id).count():
                    return
        raise SystemExit(f"{delivery_id} is not in the list")

    async def open(self, delivery_id: str, tab: str) -> None:
        """Open one tab of a delivery's page."""
        name = quote(delivery_workflow_id(delivery_id), safe="")  # type: ignore[arg-type]
        await self.page.goto(f"{self._workflows}/{name}")
        await self.page.wait_for_url("**/timeline")
        if tab != "timeline":
            await self.page.goto(self.page.url.replace("/timeline", f"/{tab}"))
        await self.page.get_by_text(delivery_id).first.wait_for()

    async def open_event(self, update: str) -> None:
        """Open the page of the event by which an update was accepted."""
        accepted = self.page.get_by_role("row").filter(
            has_text="Workflow Execution Update Accepted"
        )
        row = accepted.filter(has_text=update).first
        await row.get_by_role("link").first.click()
        await self.page.wait_for_url("**/history/events/*")

    async def read(self, words: str) -> None:
        """Wait until the current details show some words."""
        details = self.page.frame_locator("iframe").last
        await details.get_by_text(words).first.wait_for()

    async def open_form(self) -> None:
        """Open the form by which an update is sent."""
        await self.page.get_by_role("button", name="More Actions").locator("visible=true").click()
        sending = self.page.get_by_role("menuitem", name="Send an Update").locator("visible=true")
        await sending.first.click()

    async def choose_update(self, name: str, picture: str) -> None:
        """Choose an update from the list, of which a picture is kept, and go to its data."""
        dialog = self.form
        await dialog.get_by_test_id("update-select-button").click()
        option = dialog.get_by_role("option", name=name).first
        await option.scroll_into_view_if_needed()
        await self.keep(picture, dialog)
        await option.click()
        await dialog.locator(".cm-content").click()

    @property
    def details(self) -> Any:
        """The current details, which the workflow writes."""
        return self.page.locator("iframe").last

    @property
    def form(self) -> Any:
        """The form that is open."""
        return self.page.locator("dialog[open]")

    async def keep(self, name: str, part: Any = None) -> None:
        """Keep a picture of what the window shows, or of a part of it."""
        # Pages that refresh themselves never come to rest: what moves in has this long to settle.
        await self.page.wait_for_timeout(SETTLE_MS)
        await (part or self.page).screenshot(path=FOLDER / f"{name}.png")
        _say(f"docs/screenshots/{name}.png")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


@asynccontextmanager
async def _platform() -> AsyncIterator[tuple[LocalStack, People]]:
    """Run the whole system for as long as the pictures take."""
    with tempfile.TemporaryDirectory() as folder:
        options = StackOptions(folder=Path(folder) / "data", ports=free_ports())
        async with LocalStack(options, report=_say) as stack:
            engine = create_engine(stack.settings.database_url, application_name="screenshots")
            async with httpx.AsyncClient(base_url=stack.api_url, timeout=30) as http:
                number = f"+49151{secrets.randbelow(10**8):08d}"
                yield (
                    stack,
                    await make_people(
                        http,
                        engine,
                        number,
                        encryption=encryption_of(stack.settings),
                        wallet=WALLETS["sandbox"],
                    ),
                )
            await engine.dispose()


async def _scenes(people: People) -> tuple[str, str, str]:
    """Return a delivery whose refund is stuck, one on hold and one in dispute."""
    stuck, frozen, disputed = [await request(people, "A guitar") for _ in range(3)]
    await agree(people, stuck, _say, STUCK_METHOD)
    await agree(people, frozen, _say)
    await agree(people, disputed, _say)
    await people.customer.post(f"/v1/deliveries/{stuck}/cancel")
    why = {"reason": "The customer reports a stolen card."}
    await people.agent.post(f"/v1/deliveries/{frozen}/hold", why)
    await carry(people, disputed, _say)
    await people.customer.post(f"/v1/deliveries/{disputed}/dispute", {"reason": "damaged"})
    return stuck, frozen, disputed


if __name__ == "__main__":
    raise SystemExit(main())
