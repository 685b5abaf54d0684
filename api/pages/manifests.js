// What the phone takes along to scan without network, and the chain in which its claims are numbered.

import { clockOffset } from "./clock.js";
import { askSigned } from "./device.js";
import { sha256 } from "./hashes.js";
import { all, alone, get, put } from "./kept.js";

const FRESH_MS = 6 * 3_600_000;

/**
 * Fetches what it takes to scan these tasks without network.
 *
 * A `quiet` fetch is for later: it asks the person for nothing, and passes over what it cannot have.
 */
export async function takeAlong(tasks, { quiet = false } = {}) {
  for (const task of tasks.filter(isTakenAlong)) {
    const kept = await manifestFor(task);
    if (kept && Date.now() - kept.takenMs < FRESH_MS) continue;
    const taken = alone("chain", () => take(task.deliveryId, { quiet }));
    await (quiet ? taken.catch(() => undefined) : taken);
  }
}

/** Tells whether a task can be scanned without network at all. */
export function isTakenAlong({ purpose }) {
  // Two travelers who meet are both asked by the platform where they are.
  return purpose !== "relay";
}

/** Returns what was taken along for a task, or nothing when it is missing or outdated. */
export async function manifestFor({ deliveryId, purpose }) {
  const kept = await get("manifests", deliveryId);
  const device = await get("things", "device");
  if (!kept || kept.manifest.device_id !== device?.deviceId) return undefined;
  const leg = kept.manifest.legs.find((each) => each.purpose === purpose);
  const isOver = Date.parse(kept.manifest.valid_until) < Date.now() + kept.offsetMs;
  return leg && !isOver ? { ...kept, leg } : undefined;
}

/**
 * Calls `make` with number and predecessor of the next claim, and notes the claim that it returns.
 *
 * One at a time, so that no number is given twice.
 */
export async function numbered(make) {
  return alone("chain", async () => {
    const { counter, hash } = await get("things", "chain");
    const made = await make(counter + 1, hash);
    await put("things", "chain", { counter: counter + 1, hash: await sha256(made.text) });
    return made;
  });
}

async function take(deliveryId, options) {
  const path = `/v1/deliveries/${deliveryId}/offline-manifest`;
  const taken = await askSigned("POST", path, undefined, options);
  const manifest = JSON.parse(taken.manifest);
  await put("manifests", deliveryId, {
    manifest,
    hash: await sha256(taken.manifest),
    signature: taken.signature,
    takenMs: Date.now(),
    // By how much this phone's clock is off now: what it claims later is told by the same correction,
    // so that the platform sees whether the clock was changed in between.
    offsetMs: clockOffset(),
  });
  const isSettled = !(await all("scans")).some((scan) => scan.state === "waiting");
  if (isSettled || !(await get("things", "chain"))) {
    const chain = { counter: manifest.first_counter - 1, hash: manifest.previous_hash };
    await put("things", "chain", chain);
  }
}
