// Where this device is, for the levels that ask for it.

import { asServerTime } from "./clock.js";
import { get, put } from "./kept.js";

const PATIENCE_MS = 20_000;
/** How long a position is waited for that helps but need not be: nobody asks for one at the standard level. */
const PATIENCE_IF_KNOWN_MS = { standard: 2_000, high: 10_000, maximum: 10_000 };

/** Whoever calls for help does not wait. */
const PATIENCE_LAST_MS = 3_000;

/** The device does not say where it is; `reason` is what the person can do about it. */
export class NoPlace extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

/** Returns where the device is now, as the API takes it. Throws `NoPlace`. */
export async function placeNow(patienceMs = PATIENCE_MS) {
  const place = await measured(patienceMs);
  await put("things", "place", place);
  return place;
}

/** Returns where the device is, or was when it last knew; null when it never did. */
export async function lastPlace() {
  return placeNow(PATIENCE_LAST_MS).catch(async () => (await get("things", "place")) ?? null);
}

function measured(patienceMs) {
  return new Promise((resolve, reject) => {
    if (!navigator.geolocation) {
      reject(new NoPlace("This browser cannot tell where you are."));
      return;
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords, timestamp }) => resolve({
        latitude: coords.latitude,
        longitude: coords.longitude,
        accuracy_m: coords.accuracy,
        taken_at: asServerTime(timestamp),
      }),
      (error) => reject(new NoPlace(
        error.code === error.PERMISSION_DENIED
          ? "Allow this page to know your position, in the settings of the browser."
          : "Your position is not known yet. Step outside or to a window and try again.",
      )),
      { enableHighAccuracy: true, maximumAge: 5_000, timeout: patienceMs },
    );
  });
}

/** Returns where the device is now, or null when it does not say so in time. */
export async function placeIfKnown(level) {
  return placeNow(PATIENCE_IF_KNOWN_MS[level]).catch(() => null);
}
