"""What everybody needs of a page: names, order, contrast, size, and room on a small screen."""

from __future__ import annotations

from playwright.async_api import Page, ViewportSize

from tests.api.pages.conftest import PHONE
from tests.house.source import require_none

SMALLEST = ViewportSize(width=320, height=568)
"""The narrowest phone that is still in use, in points."""
SMALLEST_ZOOMED = ViewportSize(width=160, height=284)
"""The same at 200 %: browsers then lay pages out for half the width."""
FITS = "document.documentElement.scrollWidth <= window.innerWidth"
FAULTS = r"""() => {
  const faults = [];
  const dialog = document.querySelector("dialog[open]");
  const inside = dialog ?? document.body;
  const isSeen = (each) => each.checkVisibility({ visibilityProperty: true });
  const seen = (selector) => Array.from(inside.querySelectorAll(selector)).filter(isSeen);
  const name = (each) => each.outerHTML.slice(0, 120);
  const textOf = (ids) => ids.split(" ").map((id) => document.getElementById(id)?.textContent ?? "").join("");
  const nameOf = (each) => (each.getAttribute("aria-label") ?? "")
    + textOf(each.getAttribute("aria-labelledby") ?? "")
    + Array.from(each.labels ?? [], (label) => label.textContent).join("") + each.textContent;
  const controls = seen("button, input, select, a[href], summary, canvas, [tabindex='0']");
  for (const each of controls) {
    if (!nameOf(each).trim()) faults.push(`has no name: ${name(each)}`);
    const box = (each.closest("label") ?? each).getBoundingClientRect();
    const isInText = each.matches("p > a");
    if (!isInText && (box.height < 44 || box.width < 44)) faults.push(`is small: ${name(each)}`);
    if (each.tabIndex > 0) faults.push(`has an order of its own: ${name(each)}`);
  }
  for (const each of seen("svg, video, canvas, dialog, [role=img]")) {
    if (!nameOf(each).trim()) faults.push(`has no name: ${name(each)}`);
  }
  const ids = Array.from(document.querySelectorAll("[id]"), (each) => each.id);
  for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) faults.push(`twice: #${id}`);
  const headings = seen("h1, h2, h3").map((each) => Number(each.tagName[1]));
  if (!dialog && headings[0] !== 1) faults.push("has no heading at first");
  headings.forEach((level, at) => {
    if (at && level > headings[at - 1] + 1) faults.push(`skips a level of headings: h${level}`);
  });
  if (!document.documentElement.lang || !document.title) faults.push("has no language or title");
  const channel = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * channel(r / 255) + 0.7152 * channel(g / 255)
    + 0.0722 * channel(b / 255);
  const colour = (text) => text.match(/[\d.]+/g).map(Number);
  const back = (each) => {
    for (let at = each; at; at = at.parentElement) {
      const found = colour(getComputedStyle(at).backgroundColor);
      if (found.length < 4 || found[3] > 0) return found;
    }
    return [255, 255, 255];
  };
  for (const each of seen("*")) {
    const says = Array.from(each.childNodes).some((node) => node.nodeType === 3 && node.data.trim());
    if (!says || each.disabled || each.closest("svg, noscript")) continue;
    const style = getComputedStyle(each);
    const pixels = parseFloat(style.fontSize);
    if (pixels < 16) faults.push(`is written small: ${name(each)}`);
    const [one, other] = [light(colour(style.color)), light(back(each))].sort((a, b) => b - a);
    const isLarge = pixels >= 24 || (pixels >= 18.66 && Number(style.fontWeight) >= 700);
    const contrast = (one + 0.05) / (other + 0.05);
    if (contrast < (isLarge ? 3 : 4.5)) faults.push(`is hard to read, ${contrast.toFixed(1)}: ${name(each)}`);
  }
  return faults;
}"""
"""What a checker of accessibility looks for: WCAG 2.2, AA, with 44 pixels for every target.

Source: https://www.w3.org/TR/WCAG22/, 1.3.1, 1.4.3, 2.4.3, 2.5.5, 4.1.2.
"""
ORDER = """() => {
  const at = document.activeElement;
  const box = at.getBoundingClientRect();
  return { isBody: at === document.body, top: box.top + scrollY, name: at.outerHTML.slice(0, 120),
    hasRing: getComputedStyle(at).outlineStyle !== "none" || at.matches("input[type=file]") };
}"""


async def require_accessible(page: Page) -> None:
    """Look at what a page shows now: everybody can read, name and reach it, also on small screens."""
    require_none(await page.evaluate(FAULTS), "Mend these on the page that the test has open.")
    for size in (SMALLEST, SMALLEST_ZOOMED):
        await page.set_viewport_size(size)
        assert await page.evaluate(FITS), f"something is beside the screen at {size}"
    await page.set_viewport_size(PHONE)


async def require_order_of_keys(page: Page, count: int) -> None:
    """Go through a page with the tab key: downwards, and each stop is seen."""
    await page.evaluate("document.activeElement.blur()")
    last = -1.0
    for _ in range(count):
        await page.keyboard.press("Tab")
        stop = await page.evaluate(ORDER)
        assert not stop["isBody"], "fewer stops than expected"
        assert stop["hasRing"], f"nobody sees that the keys are at {stop['name']}"
        assert stop["top"] >= last - 60, f"the keys jump up to {stop['name']}"
        last = stop["top"]
