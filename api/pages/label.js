// Reads the label of a parcel with the camera, in a window of its own.

import { Camera } from "./camera.js";
import { make } from "./elements.js";

/** Returns what a label says, or nothing when the person stops looking. Throws `NoCamera`. */
export async function scanLabel() {
  const video = make("video", { playsinline: true, "aria-label": "Picture of the camera" });
  video.muted = true;
  const dialog = make(
    "dialog", { "aria-labelledby": "label-title" },
    make("h2", { id: "label-title" }, "Hold the barcode of the label into the frame"),
    make("div", { class: "finder" }, video),
    make("button", { type: "button", click: () => dialog.close() }, "Stop"),
  );
  document.body.append(dialog);
  dialog.showModal();
  let camera;
  const close = () => camera?.close();
  dialog.addEventListener("close", close);
  document.addEventListener("visibilitychange", close);
  try {
    camera = await Camera.open(video);
    if (!dialog.open) return undefined;
    return await camera.read((text) => text.length >= 4, "label");
  } finally {
    camera?.close();
    document.removeEventListener("visibilitychange", close);
    dialog.remove();
  }
}
