// Sends a scan: with the position and the signature of this phone where the level asks for them.

import { ask, newKey, Refused } from "./api.js";
import { addressOf } from "./tasks.js";
import { placeNow } from "./place.js";

/** Answers after which the same scan is sent once more, with what was missing. */
const MENDED_BY = { place_missing: "place", position_not_near: "place" };

/** Returns what a scan needs, by the level of its delivery. */
function needsOf(task) {
  const isUpper = task.level !== "standard";
  return new Set(isUpper || task.purpose === "relay" ? ["place"] : []);
}

/** Sends a scan and returns the delivery as it is now. Throws `Refused`, `NoAnswer` or `NoPlace`. */
export async function sendScan(task, code) {
  const needs = needsOf(task);
  try {
    return await sendWith(task, code, needs);
  } catch (error) {
    const missing = error instanceof Refused && MENDED_BY[error.code];
    if (!missing || needs.has(missing)) throw error;
    return sendWith(task, code, needs.add(missing));
  }
}

async function sendWith(task, code, needs) {
  const body = { code };
  if (needs.has("place")) body.position = await placeNow();
  return ask("POST", addressOf(task), body, { key: newKey() });
}
