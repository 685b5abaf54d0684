// Leaving a parcel where its customer allowed it, when nobody opens the door.

import { ask, NoAnswer } from "./api.js";
import { byId, make } from "./elements.js";
import { placeNow } from "./place.js";
import { proofForm } from "./proof-forms.js";
import { neededProofs } from "./proofs.js";
import { LEAVING, wordsFor } from "./words.js";

const OPTIONS = { required: true, maxlength: "500", autocomplete: "off" };

/** Offers to leave the parcel, where that is allowed; calls `left` once it was, `before` before a photo. */
export async function offerLeaving(task, { before, left }) {
  const part = byId("leaving");
  part.open = false;
  part.hidden = !task.leaving;
  part.querySelector("div")?.remove();
  if (!task.leaving) return;
  const inside = make("div", {}, make("p", {}, LEAVING[task.leaving].allowed));
  part.append(inside);
  const known = await neededProofs(task, "left").catch(() => ({ missing: [] }));
  for (const kind of known.missing.filter((each) => each === "safe_place_photo")) {
    const photo = make("div");
    const sent = async () => photo.replaceChildren(make("p", { class: "have" }, "✓ Photo: done"));
    photo.append(proofForm(task, kind, { before, sent }));
    inside.append(photo);
  }
  inside.append(formOf(task, left));
}

function formOf(task, left) {
  const said = make("p", { role: "alert", class: "said" });
  const where = make("input", OPTIONS);
  const isSure = make("input", { type: "checkbox", required: true });
  const button = make("button", { type: "submit" }, LEAVING[task.leaving].button);
  const submit = async (event) => {
    event.preventDefault();
    button.disabled = true;
    said.textContent = "";
    try {
      await leave(task, where.value);
      left();
    } catch (error) {
      said.textContent = wordsOf(error);
    } finally {
      button.disabled = false;
    }
  };
  return make(
    "form", { submit },
    make("label", {}, make("span", {}, LEAVING[task.leaving].where), where),
    make("label", { class: "choice-line" }, isSure, make("span", {}, "I have rung, and nobody opens")),
    said, button,
  );
}

/** Leaves the parcel. That nobody is there is reported once: each report counts as one failed try. */
async function leave(task, note) {
  const { latitude, longitude, accuracy_m: accuracy } = await placeNow();
  const position = { latitude, longitude, accuracy_m: accuracy };
  const path = `/v1/deliveries/${task.deliveryId}`;
  const leaving = () => ask("POST", `${path}/left`, { where: task.leaving, position, note });
  try {
    await leaving();
  } catch (error) {
    if (error.code !== "leaving_not_allowed") throw error;
    await ask("POST", `${path}/handover-failed`, { reason: "recipient_absent", position });
    await leaving();
  }
}

function wordsOf(error) {
  if (error instanceof NoAnswer) return "No network. Try again before you leave the parcel.";
  const { title, next } = wordsFor(error);
  return `${title}. ${next}`;
}
