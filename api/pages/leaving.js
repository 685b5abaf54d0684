// Leaving a parcel where its customer allowed it: first that nobody is there, then where it lies.

import { ask, NoAnswer } from "./api.js";
import { byId, make } from "./elements.js";
import { placeNow } from "./place.js";
import { proofForm } from "./proof-forms.js";
import { neededProofs } from "./proofs.js";
import { LEAVING, wordsFor } from "./words.js";

/** What the delivery waits for once the traveler has reported that nobody is there. */
const REPORTED = "leaving";

/**
 * Offers to leave the parcel of a task, where that is allowed.
 *
 * `left` is called once it was, `returned` when it has to go back instead, and `before` before a camera.
 */
export function offerLeaving(task, calls) {
  const part = byId("leaving");
  part.open = false;
  part.hidden = !task.leaving;
  part.querySelector("div")?.remove();
  if (!task.leaving) return;
  const inside = make("div");
  part.append(inside);
  if (task.waitsFor === REPORTED) askWhere(inside, task, calls);
  else askWhether(inside, task, calls);
}

/** The first step. Each report counts as one failed try, so that nobody makes it twice. */
function askWhether(inside, task, calls) {
  const isSure = make("input", { type: "checkbox", required: true });
  const report = async () => {
    const body = { reason: "recipient_absent", position: await placeOfDoor() };
    const { deadline } = await ask("POST", `/v1/deliveries/${task.deliveryId}/handover-failed`, body);
    if (deadline?.kind !== REPORTED) calls.returned();
    else await askWhere(inside, task, calls);
  };
  inside.replaceChildren(
    make("p", {}, LEAVING[task.leaving].allowed),
    formOf(
      report, "Nobody is there",
      make("label", { class: "choice-line" }, isSure, make("span", {}, "I have rung, and nobody opens")),
    ),
  );
}

/** The second step: where, with a photo where one is needed. */
async function askWhere(inside, task, calls) {
  const words = LEAVING[task.leaving];
  const where = make("input", { required: true, maxlength: "500", autocomplete: "off" });
  const leave = async () => {
    const body = { where: task.leaving, position: await placeOfDoor(), note: where.value };
    await ask("POST", `/v1/deliveries/${task.deliveryId}/left`, body);
    calls.left();
  };
  const photo = make("div");
  inside.replaceChildren(
    make("p", { role: "status" }, words.reported), photo,
    formOf(leave, words.button, make("label", {}, make("span", {}, words.where), where)),
  );
  const { missing } = await neededProofs(task, "left").catch(() => ({ missing: [] }));
  if (!missing.includes("safe_place_photo")) return;
  const sent = async () => photo.replaceChildren(make("p", { class: "have" }, "✓ Photo: done"));
  photo.append(proofForm(task, "safe_place_photo", { before: calls.before, sent }));
}

function formOf(action, text, ...fields) {
  const said = make("p", { role: "alert", class: "said" });
  const button = make("button", { type: "submit" }, text);
  const submit = async (event) => {
    event.preventDefault();
    button.disabled = true;
    said.textContent = "";
    try {
      await action();
    } catch (error) {
      said.textContent = wordsOf(error);
    } finally {
      button.disabled = false;
    }
  };
  return make("form", { submit }, ...fields, said, button);
}

async function placeOfDoor() {
  const { latitude, longitude, accuracy_m: accuracy } = await placeNow();
  return { latitude, longitude, accuracy_m: accuracy };
}

function wordsOf(error) {
  if (error instanceof NoAnswer) return "No network. Try again before you leave the parcel.";
  const { title, next } = wordsFor(error);
  return `${title}. ${next}`;
}
