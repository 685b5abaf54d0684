// Being there: a passkey and the position of this phone, for one handover and for a few minutes.

import { ask } from "./api.js";
import { askSigned } from "./device.js";
import { answerPasskey } from "./passkeys.js";
import { placeNow } from "./place.js";

/** Proves that the person is at a handover, and returns until when that counts. */
export async function provePresence({ deliveryId, purpose }) {
  const path = `/v1/deliveries/${deliveryId}/presences/${purpose}`;
  const [options, position] = await Promise.all([ask("POST", `${path}/options`), placeNow()]);
  const credential = await answerPasskey(options.public_key);
  const shown = await askSigned("POST", path, { position, credential });
  return new Date(shown.counts_until);
}
