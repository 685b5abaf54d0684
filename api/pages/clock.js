// The server's clock, as far as this device can know it: its own clock may be wrong by hours.

import { get, put } from "./kept.js";

/** The header `Date` tells whole seconds: on average half of one has passed since. */
const HALF_SECOND_MS = 500;
const NEW_FROM_MS = 1_000;

let offsetMs = 0;

/** Returns the moment by the server's clock, in milliseconds since 1970. */
export function serverNow() {
  return Date.now() + offsetMs;
}

/** Returns how far the server's clock is ahead of this device's, in milliseconds. */
export function clockOffset() {
  return offsetMs;
}

/** Returns a moment of this device's clock as the server's clock has it. */
export function asServerTime(deviceMs) {
  return new Date(deviceMs + offsetMs).toISOString();
}

/** Takes over what was measured in an earlier visit, for a device without network. */
export async function restoreClock() {
  offsetMs = (await get("things", "clock")) ?? 0;
}

/** Notes what the server said its clock showed, to the millisecond. */
export async function noteServerMoment(told, askedMs) {
  offsetMs = Date.parse(told) - (askedMs + Date.now()) / 2;
  await put("things", "clock", offsetMs);
}

/** Notes what the server's clock showed between asking and an answer. */
export async function noteServerTime(header, askedMs) {
  const told = Date.parse(header ?? "");
  if (Number.isNaN(told)) return;
  const measured = told + HALF_SECOND_MS - (askedMs + Date.now()) / 2;
  if (Math.abs(measured - offsetMs) < NEW_FROM_MS) return;
  offsetMs = measured;
  await put("things", "clock", measured);
}
