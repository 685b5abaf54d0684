// This phone's own key: made here, never readable, known to the platform by its public half.

import { ask, newKey, Refused, text } from "./api.js";
import { base64url, P256, SIGNING } from "./codes.js";
import { alone, get, put, remove } from "./kept.js";

const DEVICES = "/v1/me/devices";

/** Returns a new key whose private half cannot leave this browser, with its public half in base64url. */
export async function newKeys() {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(P256, false, ["sign", "verify"]);
  return { privateKey, publicKey: base64url(await crypto.subtle.exportKey("raw", publicKey)) };
}

/** Returns a signature of 64 bytes over bytes or a text. */
export async function sign(privateKey, message) {
  const bytes = typeof message === "string" ? new TextEncoder().encode(message) : message;
  return new Uint8Array(await crypto.subtle.sign(SIGNING, privateKey, bytes));
}

/** Returns this phone as the platform knows it, and makes it known the first time. */
export async function ownDevice(options = {}) {
  return alone("device", async () => (await get("things", "device")) ?? introduced(options));
}

/** Sends a change that this phone signs; the options are those of `ask`. */
export async function askSigned(method, path, body, options = {}) {
  const given = { key: newKey(), ...options };
  try {
    return await askAs(await ownDevice(options), method, path, body, given);
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== "device_wrong") throw error;
    if (await isStillKnown()) throw error;
  }
  // The device was revoked; whoever is signed in may bring it back as another one.
  await remove("things", "device");
  return askAs(await ownDevice(options), method, path, body, given);
}

/** Returns what to send along so that a request counts as this key's. */
export async function signature(privateKey, method, path, key, body) {
  const content = body === undefined ? "" : text(body);
  const signed = await sign(privateKey, `${method} ${path}\n${key}\n${content}`);
  return { "Sendalong-Signature": base64url(signed) };
}

async function askAs(device, method, path, body, options) {
  const signed = await signature(device.privateKey, method, path, options.key, body);
  const headers = { ...options.headers, "Sendalong-Device": device.deviceId, ...signed };
  return ask(method, path, body, { ...options, headers });
}

async function introduced({ quiet }) {
  // What is sent is kept first: after a lost answer the same request finds the same device.
  const begun = (await get("things", "newDevice")) ?? { keys: await newKeys(), key: newKey() };
  await put("things", "newDevice", begun);
  const body = { name: "Phone page", algorithm: "p256", public_key: begun.keys.publicKey };
  const headers = await signature(begun.keys.privateKey, "POST", DEVICES, begun.key, body);
  const made = await ask("POST", DEVICES, body, { key: begun.key, headers, quiet });
  const device = { deviceId: made.device_id, privateKey: begun.keys.privateKey };
  await put("things", "device", device);
  await remove("things", "newDevice");
  return device;
}

async function isStillKnown() {
  const { deviceId } = await ownDevice();
  const { items } = await ask("GET", DEVICES);
  return items.some((each) => each.device_id === deviceId);
}
