// The page of whoever shows the code: the sender at pickup, the recipient at handover.

import { ask, NoAnswer, pause, Refused } from "./api.js";
import { readLink } from "./codes.js";
import { byId, showOnly } from "./elements.js";
import { begin, choose, signedIn } from "./page.js";
import { draw } from "./picture.js";
import { tasksFor } from "./tasks.js";
import { showVerdict } from "./verdict.js";
import { SHOWN, TASKS, wordsFor } from "./words.js";

const LOOK_AGAIN_MS = 2_000;
const named = new URLSearchParams(location.search);
const wanted = { deliveryId: named.get("delivery"), purpose: named.get("purpose") };
let watching = 0;

async function start() {
  await begin();
  byId("other").addEventListener("click", () => openList({}));
  byId("again").addEventListener("click", () => location.reload());
  byId("next").addEventListener("click", () => openList({}));
  addEventListener("hashchange", () => location.reload());
  const token = location.hash.slice(1);
  if (token) {
    await openLink(token);
    return;
  }
  await signedIn();
  await openList(wanted);
}

async function openList(sought) {
  watching += 1;
  try {
    const task = await choose(await tasksFor("show"), "show", sought);
    await open(task, () => ask("GET", `/v1/deliveries/${task.deliveryId}/codes/${task.purpose}`));
  } catch (error) {
    failed(error);
  }
}

async function openLink(token) {
  const read = readLink(token);
  byId("other").hidden = true;
  byId("next").hidden = true;
  if (!read) {
    failed(new Refused(404, { code: "not_found" }));
    return;
  }
  const task = { ...read, what: "your parcel", level: "standard" };
  await open(task, () => ask("GET", `/v1/links/${token}`, undefined, { open: true }));
}

async function open(task, load) {
  try {
    present(task, await load());
    await watch(task, load);
  } catch (error) {
    if (error.code === "code_already_used") showVerdict("done", ...SHOWN[task.purpose]);
    else failed(error);
  }
}

function present(task, code) {
  byId("task").textContent = TASKS[task.purpose].show;
  byId("task-what").textContent = task.what;
  draw(byId("picture"), code.code, "Code for the traveler to scan");
  byId("pin-part").hidden = !code.pin;
  byId("pin").textContent = code.pin ? `${code.pin.slice(0, 3)} ${code.pin.slice(3)}` : "";
  byId("pin").setAttribute("aria-label", code.pin ? code.pin.split("").join(" ") : "");
  showOnly("showing");
  stayAwake();
}

/** Looks again until the code was scanned, for as long as it is shown. */
async function watch(task, load) {
  watching += 1;
  const mine = watching;
  while (mine === watching) {
    await pause(LOOK_AGAIN_MS);
    if (mine !== watching || document.hidden) continue;
    try {
      await load();
    } catch (error) {
      if (mine === watching && !(error instanceof NoAnswer)) throw error;
    }
  }
}

async function stayAwake() {
  await navigator.wakeLock?.request("screen").catch(() => undefined);
}

function failed(error) {
  watching += 1;
  if (error instanceof NoAnswer) {
    showVerdict("refused", "No network", "The code has to be opened once with network.");
    return;
  }
  const { title, next } = wordsFor(error);
  showVerdict("refused", title, next);
}

start();
