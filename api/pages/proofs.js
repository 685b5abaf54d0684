// What a step needs besides its code: shown before the scan, and photos taken here.

import { ask } from "./api.js";

/** Longest side of a photo: what the platform keeps. */
const SIDE_PIXELS = 1_600;
const QUALITY = 0.85;

/** Returns the kinds of proof that a step lacks. */
export async function missingProofs({ deliveryId, purpose }) {
  const { needed } = await ask("GET", `/v1/deliveries/${deliveryId}/proofs`);
  const leg = needed.find((each) => each.leg === purpose && each.outcome === "done");
  return leg?.missing ?? [];
}

/** Sends a photo of the parcel at a step; place and camera are not in it any more. */
export async function addPhoto({ deliveryId, purpose }, file) {
  const content = await asJpeg(file);
  return ask("POST", `/v1/deliveries/${deliveryId}/proofs`, {
    kind: "photo",
    leg: purpose,
    picture: { media_type: "image/jpeg", content },
  });
}

async function asJpeg(file) {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, SIDE_PIXELS / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return canvas.toDataURL("image/jpeg", QUALITY).split(",")[1];
}
