// The page of whoever shows the code: the sender at pickup, the recipient at handover.

import { NoAnswer, pause, Refused } from "./api.js";
import { serverNow } from "./clock.js";
import { readLink, STEP_S, stepAt } from "./codes.js";
import { byId, showOnly } from "./elements.js";
import { accountSource, forgetCode, isScanned, linkSource, shownCode, textOf } from "./holdings.js";
import { begin, beginsAgain, choose, signedIn } from "./page.js";
import { draw } from "./picture.js";
import { provePresence } from "./presence.js";
import { offerRelease, withdrawRelease } from "./releasing.js";
import { offerHelp } from "./sos.js";
import { tasksFor } from "./tasks.js";
import { showVerdict } from "./verdict.js";
import { SHOWN, TASKS, wordsFor } from "./words.js";

const LOOK_AGAIN_MS = 2_000;
const SECOND_MS = 1_000;
const named = new URLSearchParams(location.search);
const wanted = { deliveryId: named.get("delivery"), purpose: named.get("purpose") };
/** Which showing is on the screen: loops of an earlier one end when they see another number. */
let showing = 0;
let shownTask;

async function start() {
  await begin();
  byId("other").addEventListener("click", () => openList({}));
  byId("again").addEventListener("click", () => location.reload());
  byId("next").addEventListener("click", () => openList({}));
  byId("prove").addEventListener("click", prove);
  addEventListener("hashchange", () => location.reload());
  document.addEventListener("visibilitychange", () => document.hidden || stayAwake());
  if (location.hash.length > 1) {
    await openLink(location.hash.slice(1));
    return;
  }
  await signedIn("show");
  await openList(wanted);
}

async function openList(sought) {
  showing += 1;
  try {
    const found = await tasksFor("show");
    offerHelp("show", found.tasks);
    const task = await choose(found, "show", sought);
    offerHelp("show", [task]);
    await open(accountSource(task));
  } catch (error) {
    failed(error);
  }
}

async function openLink(token) {
  byId("other").hidden = true;
  byId("next").hidden = true;
  const read = readLink(token);
  offerHelp("show", []);
  if (read) await open(linkSource({ ...read, what: "" }, token));
  else failed(new Refused(404, { code: "not_found" }));
}

async function open(source) {
  showing += 1;
  const mine = showing;
  withdrawRelease();
  try {
    const code = await shownCode(source);
    present(source.task, code);
    if (code.kind !== "plain") rotate(mine, source.task, code).catch(failed);
    await watch(mine, source);
  } catch (error) {
    if (mine !== showing) return;
    if (error.code === "code_already_used") await finished(source);
    else if (error.code === "code_needs_device" && location.hash) toAccount(source.task);
    else failed(error);
    if (error.code === "code_held_elsewhere" && !location.hash) {
      offerRelease(source.task, () => open(source));
    }
  }
}

function present(task, code) {
  const { pin } = code;
  shownTask = task;
  byId("presence").hidden = code.kind !== "signed";
  byId("presence-said").textContent = "Both of you prove that you are here, then the traveler scans.";
  byId("task").textContent = TASKS[task.purpose].show;
  byId("task-what").textContent = task.what;
  byId("countdown").hidden = code.kind === "plain";
  byId("pin-part").hidden = !pin;
  byId("pin").textContent = pin ? `${pin.slice(0, 3)} ${pin.slice(3)}` : "";
  byId("pin").setAttribute("aria-label", pin ? pin.split("").join(" ") : "");
  if (code.kind === "plain") paint(code.text);
  else byId("picture").replaceChildren();
  showOnly("showing");
  stayAwake();
}

/** Draws the code of each step as it comes, by the server's clock. */
async function rotate(mine, task, code) {
  let drawn;
  while (mine === showing) {
    const step = stepAt(serverNow());
    if (step !== drawn) paint(await textOf(code, task, step));
    drawn = step;
    const passedMs = serverNow() % (STEP_S * SECOND_MS);
    const leftS = Math.ceil(STEP_S - passedMs / SECOND_MS);
    byId("countdown").textContent = `New code in ${leftS} s`;
    await pause(SECOND_MS - (serverNow() % SECOND_MS));
  }
}

function paint(text) {
  draw(byId("picture"), text, "Code for the traveler to scan");
}

/** Looks again until the code was scanned, for as long as it is shown. */
async function watch(mine, source) {
  while (mine === showing) {
    await pause(LOOK_AGAIN_MS);
    if (mine === showing && !document.hidden && (await isScanned(source))) await finished(source);
  }
}

async function finished(source) {
  showing += 1;
  await forgetCode(source);
  showVerdict("done", ...SHOWN[source.task.purpose]);
}

/** A link does not get somebody around their account: there the phone holds the code. */
function toAccount({ deliveryId, purpose }) {
  location.replace(`/show?delivery=${deliveryId}&purpose=${purpose}`);
}

/** At the maximum level the traveler can only scan while both sides are proven to be there. */
async function prove() {
  const said = byId("presence-said");
  byId("prove").disabled = true;
  try {
    const until = await provePresence(shownTask);
    said.textContent = `You are proven to be here until ${until.toLocaleTimeString()}.`;
  } catch (error) {
    said.textContent = wordsFor(error).title;
  } finally {
    byId("prove").disabled = false;
  }
}

async function stayAwake() {
  await navigator.wakeLock?.request("screen").catch(() => undefined);
}

function failed(error) {
  showing += 1;
  if (beginsAgain(error)) return;
  if (error instanceof NoAnswer) {
    showVerdict("refused", "No network", "The code has to be opened once with network.");
    return;
  }
  const { title, next } = wordsFor(error);
  showVerdict("refused", title, next);
}

start();
