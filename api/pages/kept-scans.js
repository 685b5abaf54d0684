// The list of scans that were made without network, with what has become of each.

import { dismiss, keptScans, sendKept } from "./claims.js";
import { byId, make } from "./elements.js";
import { isOver } from "./kept.js";
import { CLAIMS, TASKS, wordsFor } from "./words.js";

const RETRY_MS = 15_000;
/** What people look at takes them minutes at least. */
const REVIEWED_MS = 120_000;
let timer;

/** Sends what is kept and shows what is known of it; tries again for as long as something waits. */
export async function syncScans() {
  clearTimeout(timer);
  await showScans();
  if (navigator.onLine) await sendKept();
  const scans = await showScans();
  const open = scans.filter((scan) => !isOver(scan));
  const isReviewed = open.every((scan) => scan.state === "in_review");
  if (open.length) timer = setTimeout(syncScans, isReviewed ? REVIEWED_MS : RETRY_MS);
}

/** Shows the scans that are kept, and returns them. */
export async function showScans() {
  const scans = await keptScans();
  byId("kept").hidden = !scans.length;
  byId("kept-scans").replaceChildren(...scans.map(lineOf));
  return scans;
}

/** Asks the browser to wake this page up when there is network; not every browser does. */
export async function askForWaking() {
  const worker = await navigator.serviceWorker?.ready;
  await worker?.sync?.register("scans").catch(() => undefined);
}

function lineOf(scan) {
  const line = make(
    "li", { class: "kept", "data-state": scan.state },
    make("strong", {}, `${TASKS[scan.task.purpose].scan}: ${scan.task.what}`),
    make("span", {}, CLAIMS[scan.state]),
    make("span", { class: "quiet" }, new Date(scan.claimedAtMs).toLocaleString()),
  );
  if (scan.reasons.length) line.append(make("span", {}, wordsFor({ code: scan.reasons[0] }).title));
  if (isOver(scan)) {
    const away = async () => {
      await dismiss(scan);
      await showScans();
    };
    line.append(make("button", { type: "button", click: away }, "Take off the list"));
  }
  return line;
}
