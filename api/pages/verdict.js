// The answer to a scan in large type: what came of it, and what to do next.

import { byId, showOnly } from "./elements.js";

const MARKS = { done: "✓", refused: "✕", waiting: "…" };

/** Shows a verdict; `kind` is done, refused or waiting. */
export function showVerdict(kind, title, next) {
  const part = byId("verdict");
  part.dataset.kind = kind;
  byId("verdict-mark").textContent = MARKS[kind];
  byId("verdict-title").textContent = title;
  byId("verdict-next").textContent = next;
  byId("again").hidden = kind === "done";
  showOnly("verdict");
  navigator.vibrate?.(kind === "refused" ? [120, 80, 120] : 120);
}
