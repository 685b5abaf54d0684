// Codes that this phone shows: kept as they are, or made here from what the platform handed out once.

import { ask, newKey, NoAnswer, Refused } from "./api.js";
import { noteServerMoment } from "./clock.js";
import { rotatingCode, signedCode, unbase64url } from "./codes.js";
import { askSigned, newKeys, ownDevice, signature } from "./device.js";
import { get, put, remove } from "./kept.js";

const HMAC = { name: "HMAC", hash: "SHA-256" };
/** Answers to who asks for a plain code where a phone has to hold it. */
const NEEDS_DEVICE = new Set(["code_needs_device", "code_version_wrong"]);

/** Where the code of a task comes from: an account, or a link without one. */
export function accountSource(task) {
  const path = `/v1/deliveries/${task.deliveryId}/codes/${task.purpose}`;
  return {
    task,
    load: () => ask("GET", path),
    hold: (kept) => askSigned("POST", `${path}/holding`, undefined, { key: kept.key }),
    keys: async () => undefined,
  };
}

export function linkSource(task, token) {
  const path = `/v1/links/${token}`;
  return {
    task,
    load: () => ask("GET", path, undefined, { open: true }),
    hold: (kept) => holdByLink(`${path}/holding`, kept),
    keys: newKeys,
  };
}

/** Returns the code to show, from the platform or, without network, as this phone knows it. */
export async function shownCode(source) {
  try {
    return await fresh(source);
  } catch (error) {
    const kept = error instanceof NoAnswer && (await get("codes", nameOf(source.task)));
    if (!kept?.kind) throw error;
    return kept;
  }
}

/** Tells whether the code was scanned. Throws whatever else stands against showing it. */
export async function isScanned(source) {
  try {
    await source.load();
  } catch (error) {
    if (error.code === "code_already_used") return true;
    if (!(error instanceof NoAnswer) && !NEEDS_DEVICE.has(error.code)) throw error;
  }
  return false;
}

/** Forgets a code that is of no use any more. */
export async function forgetCode({ task }) {
  await remove("codes", nameOf(task));
}

/** Returns the text of a code during a step. */
export async function textOf(code, { deliveryId, purpose }, step) {
  if (code.kind === "rotating") return rotatingCode(code.secret, deliveryId, purpose, step);
  if (code.kind === "signed") {
    return signedCode(code.privateKey, code.deviceId, deliveryId, purpose, step);
  }
  return code.text;
}

async function fresh(source) {
  try {
    const { code, pin } = await source.load();
    return await keepCode(source, { kind: "plain", text: code, pin });
  } catch (error) {
    if (!NEEDS_DEVICE.has(error.code)) throw error;
    return hold(source);
  }
}

/** Takes the code over; the same request again, after a lost answer or on a later visit, gets the same. */
async function hold(source) {
  const name = nameOf(source.task);
  const kept = (await get("codes", name)) ?? { key: newKey(), keys: await source.keys() };
  await put("codes", name, kept);
  const askedMs = Date.now();
  try {
    return await keepHolding(source, kept, await source.hold(kept), askedMs);
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== "code_held_elsewhere" || !kept.kind) throw error;
  }
  // It was released from this phone: what it has is void, and another request may hold the code again.
  const anew = { key: newKey(), keys: await source.keys() };
  await put("codes", name, anew);
  return keepHolding(source, anew, await source.hold(anew), askedMs);
}

async function keepHolding(source, kept, held, askedMs) {
  await noteServerMoment(held.server_time, askedMs);
  if (held.code_version === "SA3") {
    const { privateKey } = await ownDevice();
    return keepCode(source, { ...kept, kind: "signed", privateKey, deviceId: held.device_id });
  }
  const raw = unbase64url(held.secret);
  const secret = await crypto.subtle.importKey("raw", raw, HMAC, false, ["sign"]);
  raw.fill(0);
  return keepCode(source, { ...kept, kind: "rotating", secret });
}

async function keepCode({ task }, code) {
  await put("codes", nameOf(task), code);
  return code;
}

async function holdByLink(path, { key, keys }) {
  const body = { algorithm: "p256", public_key: keys.publicKey };
  const headers = await signature(keys.privateKey, "POST", path, key, body);
  return ask("POST", path, body, { open: true, headers: { ...headers, "Idempotency-Key": key } });
}

function nameOf({ deliveryId, purpose }) {
  return `${deliveryId}/${purpose}`;
}
