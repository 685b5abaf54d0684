// Sends a scan: with the position and the signature of this phone where the level asks for them.

import { ask, Refused } from "./api.js";
import { askSigned } from "./device.js";
import { placeNow } from "./place.js";
import { addressOf } from "./tasks.js";

/** What is missing by which refusals: the same scan is sent once more with it. */
const MENDED_BY = {
  place_missing: "place",
  position_not_near: "place",
  device_missing: "device",
  code_needs_device: "device",
};

/** Sends a scan and returns the delivery as it is now. Throws `Refused`, `NoAnswer` or `NoPlace`. */
export async function sendScan(task, code) {
  const needs = new Set(task.level === "standard" ? [] : ["place", "device"]);
  if (task.purpose === "relay") needs.add("place");
  for (;;) {
    try {
      return await sendWith(task, code, needs);
    } catch (error) {
      const missing = error instanceof Refused && MENDED_BY[error.code];
      if (!missing || needs.has(missing)) throw error;
      needs.add(missing);
    }
  }
}

async function sendWith(task, code, needs) {
  const body = { code };
  if (needs.has("place")) body.position = await placeNow();
  const send = needs.has("device") ? askSigned : ask;
  return send("POST", addressOf(task), body);
}
