"""The phone pages in a real browser, at a real address, with a camera that shows what a test wants."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Geolocation,
    Page,
    Request,
    ViewportSize,
    async_playwright,
    expect,
)

from api.composition import create_app
from infra.local_stack.ports import free_ports
from infra.settings import Settings
from tests.api.client import Person
from tests.api.pages.camera import blank_film, film_of
from tests.api.schema_calls import listening

AT_PICKUP = Geolocation(latitude=52.5401, longitude=13.4105, accuracy=10)
"""Where the parcels of the stories change hands at first."""
PHONE = ViewportSize(width=390, height=844)
"""A phone as most people have it, in points."""
PATIENCE_MS = 30_000
"""Longest wait for something on a page: other tests may run beside this one."""
expect.set_options(timeout=PATIENCE_MS)
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Phones:
    """Phones of people, as contexts of one browser; the camera of all shows one film."""

    browser: Browser
    origin: str
    film: Path

    @asynccontextmanager
    async def of(self, person: Person | None = None, *, dark: bool = False) -> AsyncIterator[Page]:
        """Return a phone, signed in as somebody.

        Whatever its page loads has to come from here, and no script may fail or be blocked.
        """
        context = await self.browser.new_context(
            viewport=PHONE,
            device_scale_factor=2,
            has_touch=True,
            is_mobile=True,
            base_url=self.origin,
            geolocation=AT_PICKUP,
            color_scheme="dark" if dark else "light",
        )
        context.set_default_timeout(PATIENCE_MS)
        faults: list[str] = []
        try:
            await context.grant_permissions(["geolocation", "camera"], origin=self.origin)
            page = await context.new_page()
            self._watch(context, page, faults)
            if person is not None:
                await self._sign_in(page, person)
            yield page
        finally:
            await context.close()
        assert not faults, "\n".join(faults)

    def _watch(self, context: BrowserContext, page: Page, faults: list[str]) -> None:
        def requested(request: Request) -> None:
            if not request.url.startswith((self.origin, "blob:", "data:")):
                faults.append(f"from elsewhere: {request.url}")

        def said(message: ConsoleMessage) -> None:
            if "Content Security Policy" in message.text or "TrustedScript" in message.text:
                faults.append(message.text)

        def failed(error: Error) -> None:
            faults.append(str(error))

        context.on("request", requested)
        context.on("console", said)
        page.on("pageerror", failed)

    async def scan(self, shown: Page, scanning: Page) -> None:
        """Hold the camera of one phone in front of the screen of another one."""
        film_of(self.film, await shown.screenshot())
        await scanning.get_by_role("button", name="Open camera").click()

    async def _sign_in(self, page: Page, person: Person) -> None:
        """Keep a token on the phone, as signing in does."""
        await page.goto("/show")
        session = {"person_id": person.person_id, "access_token": person.token}
        await page.evaluate(
            "async (it) => (await import('/pages/kept.js')).put('things', 'session', it)", session
        )


@pytest.fixture(scope="package")
def chromium() -> str:
    """The browser of this machine; nothing is downloaded."""
    named = os.environ.get("SENDALONG_CHROMIUM")
    found = named or next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found is None:
        pytest.skip("there is no Chromium on this machine: install it, or set SENDALONG_CHROMIUM")
    return found


@pytest.fixture(scope="package")
async def origin(settings: Settings, polling: None) -> AsyncIterator[str]:
    """Where the pages are served; the address is one that browsers trust with a camera."""
    port = free_ports().api
    url = f"http://localhost:{port}"
    app: FastAPI = create_app(settings.model_copy(update={"public_url": url}))
    async with app.router.lifespan_context(app), listening(app, port):
        yield url


@pytest.fixture(scope="package")
async def phones(
    chromium: str, origin: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Phones]:
    """Phones whose cameras show the film of the test."""
    film = tmp_path_factory.mktemp("camera") / "film.y4m"
    blank_film(film)
    async with AsyncExitStack() as stack:
        playwright = await stack.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(
            executable_path=chromium,
            args=[
                "--no-sandbox",
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
                f"--use-file-for-fake-video-capture={film}",
            ],
        )
        stack.push_async_callback(browser.close)
        yield Phones(browser, origin, film)
