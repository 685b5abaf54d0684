// What a step needs besides its code: which proofs it lacks, and how one is sent.

import { ask } from "./api.js";
import { asServerTime } from "./clock.js";
import { placeIfKnown } from "./place.js";

/** Longest side of a photo: what the platform keeps. */
const SIDE_PIXELS = 1_600;
const QUALITY = 0.85;

/** Returns which proofs a step lacks by an outcome, in their order, and the age that it asks for. */
export async function neededProofs({ deliveryId, purpose }, outcome = "done") {
  const { needed } = await ask("GET", `/v1/deliveries/${deliveryId}/proofs`);
  const leg = needed.find((each) => each.leg === purpose && each.outcome === outcome);
  return { missing: leg?.missing ?? [], minimumAge: leg?.minimum_age ?? undefined };
}

/** Sends a proof of one kind, with what that kind consists of, and returns what is kept of it. */
export async function addProof(task, kind, content) {
  const takenMs = Date.now();
  const position = await placeIfKnown(task.level);
  return ask("POST", `/v1/deliveries/${task.deliveryId}/proofs`, {
    kind,
    leg: task.purpose,
    ...content,
    taken_at: asServerTime(takenMs),
    position,
  });
}

/** What was chosen is no picture that this browser can read. */
export class NoPicture extends Error {
  code = "file_refused";
}

/** Returns a photo as it is sent: small, and without what a camera notes in its file. Throws `NoPicture`. */
export async function pictureOf(file) {
  const picture = await createImageBitmap(file).catch(() => { throw new NoPicture(file.type); });
  const scale = Math.min(1, SIDE_PIXELS / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const content = canvas.toDataURL("image/jpeg", QUALITY).split(",")[1];
  return { picture: { media_type: "image/jpeg", content } };
}
