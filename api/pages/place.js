// Where this device is, for the levels that ask for it.

import { asServerTime } from "./clock.js";

const PATIENCE_MS = 20_000;

/** The device does not say where it is; `reason` is what the person can do about it. */
export class NoPlace extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

/** Returns where the device is now, as the API takes it. Throws `NoPlace`. */
export function placeNow(patienceMs = PATIENCE_MS) {
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
