// The traveler's page: choose the parcel, scan the other person's code, read what came of it.

import { NoAnswer } from "./api.js";
import { sendScan } from "./attempts.js";
import { Camera, prepareReader } from "./camera.js";
import { claimScan } from "./claims.js";
import { readCode } from "./codes.js";
import { byId, showOnly } from "./elements.js";
import { askForWaking, syncScans } from "./kept-scans.js";
import { offerLeaving } from "./leaving.js";
import { isTakenAlong, manifestFor, takeAlong } from "./manifests.js";
import { begin, beginsAgain, choose, signedIn } from "./page.js";
import { showProofs } from "./proof-forms.js";
import { offerHelp } from "./sos.js";
import { tasksFor } from "./tasks.js";
import { showVerdict } from "./verdict.js";
import { CLAIMED, DONE, GOES_BACK, LEFT, READY, TASKS, wordsFor } from "./words.js";

const named = new URLSearchParams(location.search);
const wanted = { deliveryId: named.get("delivery"), purpose: named.get("purpose") };
const state = { task: undefined, taking: undefined, camera: undefined, isSending: false };

async function start() {
  await begin(syncScans);
  byId("open-camera").addEventListener("click", openCamera);
  byId("light").addEventListener("click", switchLight);
  byId("pin-form").addEventListener("submit", sendPin);
  byId("prepare").addEventListener("click", prepare);
  byId("other").addEventListener("click", () => openList({}));
  byId("again").addEventListener("click", () => openTask(state.task));
  byId("next").addEventListener("click", () => openList({}));
  document.addEventListener("visibilitychange", () => document.hidden && closeCamera());
  await signedIn("scan");
  prepareReader();
  await openList(wanted);
}

async function openList(sought) {
  closeCamera();
  try {
    const found = await tasksFor("scan");
    offerHelp("scan", found.tasks);
    state.taking = found.isKept ? undefined : takeAlong(found.tasks, { quiet: true });
    openTask(await choose(found, "scan", sought));
  } catch (error) {
    failed(error);
  }
}

function openTask(task) {
  if (!task) {
    openList({});
    return;
  }
  state.task = task;
  offerHelp("scan", [task]);
  byId("task").textContent = `${TASKS[task.purpose].scan}: ${task.what}`;
  byId("task-place").textContent = task.place;
  byId("scan-said").textContent = "";
  byId("pin-form").hidden = task.level !== "standard";
  byId("pin").value = "";
  showOnly("scanning");
  offerToPrepare();
  showProofs(task, closeCamera);
  offerLeaving(task, {
    before: closeCamera,
    left: () => showVerdict("done", ...LEFT),
    returned: () => showVerdict("done", ...GOES_BACK),
  });
}

/** Says whether the step can be done without network, and offers to take along what is missing for it. */
async function offerToPrepare() {
  const { task, taking } = state;
  byId("prepare").hidden = true;
  byId("ready").textContent = "";
  await taking;
  const taken = await manifestFor(task);
  if (task !== state.task) return;
  byId("ready").textContent = taken ? READY.taken : READY.missing;
  byId("prepare").hidden = Boolean(taken) || !isTakenAlong(task) || !navigator.onLine;
  byId("pin-form").hidden = (taken?.manifest.level ?? task.level) !== "standard";
}

async function prepare() {
  try {
    await takeAlong([state.task]);
    await offerToPrepare();
  } catch (error) {
    byId("scan-said").textContent = wordsFor(error).title;
  }
}

async function openCamera() {
  closeCamera();
  byId("scan-said").textContent = "";
  try {
    state.camera = await Camera.open(byId("video"));
    byId("finder").hidden = false;
    byId("open-camera").hidden = true;
    byId("light").hidden = !state.camera.hasLight;
    const text = await state.camera.read(isCode);
    if (text) await send(readCode(text).text);
  } catch (error) {
    closeCamera();
    byId("scan-said").textContent = wordsFor(error).title;
  }
}

function isCode(text) {
  const isOurs = readCode(text)?.isPin === false;
  if (!isOurs) byId("scan-said").textContent = "This is no code of Sendalong.";
  return isOurs;
}

function closeCamera() {
  state.camera?.close();
  state.camera = undefined;
  byId("finder").hidden = true;
  byId("light").hidden = true;
  byId("light").setAttribute("aria-pressed", "false");
  byId("open-camera").hidden = false;
}

async function switchLight() {
  const isOn = byId("light").getAttribute("aria-pressed") !== "true";
  await state.camera.light(isOn);
  byId("light").setAttribute("aria-pressed", String(isOn));
}

async function sendPin(event) {
  event.preventDefault();
  const read = readCode(byId("pin").value);
  if (read?.isPin) await send(read.text);
  else byId("scan-said").textContent = "The PIN has six digits.";
}

async function send(code) {
  if (state.isSending) return;
  state.isSending = true;
  closeCamera();
  showVerdict("waiting", "Checking", "Keep the parcel where it is for a moment.");
  byId("again").hidden = true;
  try {
    await sendScan(state.task, code);
    showVerdict("done", ...DONE[state.task.purpose]);
  } catch (error) {
    await (error instanceof NoAnswer ? claim(code) : failed(error));
  } finally {
    state.isSending = false;
  }
}

/** Keeps a scan that could not be sent: custody is claimed, and decided once it was sent. */
async function claim(code) {
  try {
    await claimScan(state.task, code);
    showVerdict("waiting", ...CLAIMED);
    byId("again").hidden = true;
    askForWaking();
    await syncScans();
  } catch (error) {
    failed(error);
  }
}

function failed(error) {
  if (beginsAgain(error)) return;
  if (error instanceof NoAnswer) {
    showVerdict("refused", "No network", "Nothing has happened yet. Try again.");
    return;
  }
  const { title, next } = wordsFor(error);
  showVerdict("refused", title, next);
}

start();
