// The call for help: to operators, about one parcel, with where this phone is or was last.

import { ask, newKey, NoAnswer, pause } from "./api.js";
import { byId, make } from "./elements.js";
import { lastPlace } from "./place.js";
import { TASKS, wordsFor } from "./words.js";

/** Reaches the emergency services in Europe, and from mobile phones nearly everywhere. */
const EMERGENCY = "112";
const AGAIN_MS = 5_000;
const CALLED = "We know, and try to reach you. The parcel is on hold.";
const CALLED_ONLY = "We know, and try to reach you.";
const NO_NETWORK = `No network yet. Keep this window open: we try again. Call ${EMERGENCY} if you can.`;
let tasks = [];

/** Shows the button; `ready` says for which parcels somebody can call, none without an account. */
export function offerHelp(role, ready) {
  tasks = ready;
  const button = byId("sos");
  button.hidden = false;
  button.onclick = () => open(role);
}

function open(role) {
  const dialog = make("dialog", { "aria-labelledby": "sos-title", class: "sos" });
  const close = make("button", { type: "button", class: "plain", click: () => dialog.close() }, "Close");
  dialog.append(
    make("h2", { id: "sos-title", tabindex: "-1" }, "Are you in danger?"),
    make("p", {}, "Get away from there first. Then call the emergency services:"),
    make("a", { class: "button danger", href: `tel:${EMERGENCY}` }, `Call ${EMERGENCY}`),
    ...(tasks.length ? callForm(dialog, role) : []),
    close,
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  dialog.querySelector("h2").focus();
}

function callForm(dialog, role) {
  const said = make("p", { role: "alert", class: "said" });
  const which = make("select", {}, ...tasks.map((task, at) => (
    make("option", { value: String(at) }, `${TASKS[task.purpose][role]}: ${task.what}`)
  )));
  const note = make("input", { maxlength: "500", autocomplete: "off" });
  const isSure = make("input", { type: "checkbox", required: true });
  const button = make("button", { type: "submit", class: "main" }, "Tell Sendalong now");
  const submit = async (event) => {
    event.preventDefault();
    button.disabled = true;
    const task = tasks[Number(which.value)];
    const isHeard = await call({ dialog, said, task, note: note.value });
    button.disabled = false;
    if (isHeard) button.textContent = "Tell us where you are now";
  };
  const choice = make("label", { hidden: tasks.length === 1 }, make("span", {}, "Parcel"), which);
  return [make(
    "form", { submit },
    make("p", {}, "We can be told as well: our people see where you are, and nobody else is told."),
    choice,
    make("label", {}, make("span", {}, "What happens? You may leave this empty"), note),
    // Nobody ticks and presses by accident: two places of the screen, in this order.
    make("label", { class: "choice-line" }, isSure, make("span", {}, "Yes, I need help")),
    said, button,
  )];
}

/** Tells operators; without network again and again, for as long as the window is open; tells whether they know. */
async function call({ dialog, said, task, note }) {
  const path = `/v1/deliveries/${task.deliveryId}/sos`;
  const key = newKey();
  said.textContent = "Calling";
  const position = await lastPlace();
  const body = { position, note };
  while (dialog.open) {
    try {
      const { on_hold: isOnHold } = await ask("POST", path, body, { key });
      said.textContent = isOnHold ? CALLED : CALLED_ONLY;
      return true;
    } catch (error) {
      said.textContent = error instanceof NoAnswer
        ? NO_NETWORK
        : `${wordsFor(error).title}. Call ${EMERGENCY}.`;
      if (!(error instanceof NoAnswer)) return false;
      await Promise.race([pause(AGAIN_MS), networkComes()]);
    }
  }
  return false;
}

function networkComes() {
  return new Promise((resolve) => { addEventListener("online", resolve, { once: true }); });
}
