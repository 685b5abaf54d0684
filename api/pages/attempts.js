// Sends a scan: with the position and the signature of this phone where the level asks for them.

import { ask, newKey, Refused } from "./api.js";
import { askApproval } from "./approvals.js";
import { askSigned } from "./device.js";
import { manifestFor } from "./manifests.js";
import { placeNow } from "./place.js";
import { provePresence } from "./presence.js";
import { addressOf } from "./tasks.js";

/** What is done about a refusal before the same code is sent once more. */
const MENDING = {
  place_missing: (attempt) => attempt.needs.add("place"),
  position_not_near: (attempt) => attempt.needs.add("place"),
  device_missing: (attempt) => attempt.needs.add("device"),
  code_needs_device: (attempt) => attempt.needs.add("device"),
  person_unproven: (attempt) => provePresence(attempt.task),
  risk_step_up: approve,
};

/** Sends a scan and returns what it has changed. Throws `Refused`, `NoAnswer` or `NoPlace`. */
export async function sendScan(task, code) {
  const level = (await manifestFor(task))?.manifest.level ?? task.level;
  const needs = new Set(level === "standard" ? [] : ["place", "device"]);
  if (task.purpose === "relay") needs.add("place");
  const attempt = { task, code, needs, headers: {} };
  const mended = new Set();
  for (;;) {
    try {
      return await sendOnce(attempt);
    } catch (error) {
      const mend = error instanceof Refused && !mended.has(error.code) && MENDING[error.code];
      if (!mend) throw error;
      mended.add(error.code);
      if ((await mend(attempt)) === false) throw error;
      // What was approved goes again as it was sent: its code counts from then. All else is new.
      if (error.code !== "risk_step_up") attempt.sent = undefined;
    }
  }
}

async function sendOnce(attempt) {
  const { task, needs, headers } = attempt;
  attempt.sent ??= { key: newKey(), body: await bodyOf(attempt) };
  const { key, body } = attempt.sent;
  const send = needs.has("device") ? askSigned : ask;
  return send("POST", addressOf(task), body, { key, headers });
}

async function bodyOf({ code, needs }) {
  return needs.has("place") ? { code, position: await placeNow() } : { code };
}

/** Has the person approve a scan at this address, whichever code it will bring. */
async function approve(attempt) {
  const grant = await askApproval("POST", addressOf(attempt.task), "");
  if (!grant) return false;
  attempt.headers["Step-Up"] = grant;
  return true;
}
