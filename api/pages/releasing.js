// Taking a code from the phone that holds it, so that this one can show it: the other one is lost or changed.

import { ask, NoAnswer } from "./api.js";
import { byId, make } from "./elements.js";
import { wordsFor } from "./words.js";

/** Offers below a verdict to release the code of a task; calls `released` once it was. */
export function offerRelease(task, released) {
  const said = make("p", { role: "alert", class: "said" });
  const isSure = make("input", { type: "checkbox", required: true });
  const button = make("button", { type: "submit" }, "Show the code on this phone");
  const submit = async (event) => {
    event.preventDefault();
    button.disabled = true;
    said.textContent = "";
    try {
      await ask("POST", `/v1/deliveries/${task.deliveryId}/codes/${task.purpose}/holding/release`);
      withdrawRelease();
      released();
    } catch (error) {
      said.textContent = wordsOf(error);
    } finally {
      button.disabled = false;
    }
  };
  byId("releasing").replaceChildren(make(
    "form", { submit },
    make("p", {}, "Did you change or lose that phone? What it shows counts no more once you go on here."),
    make("label", { class: "choice-line" }, isSure, make("span", {}, "The other phone shall not show it any more")),
    said, button,
  ));
}

/** Takes the offer away. */
export function withdrawRelease() {
  byId("releasing").replaceChildren();
}

function wordsOf(error) {
  if (error instanceof NoAnswer) return "No network. Try again.";
  if (error.code === "step_up_required") return "It was not released: this needs your approval.";
  if (error.code === "second_factor_enrolment_required") {
    return "This needs a passkey or an app for codes in your account. Without one, contact us: we release it.";
  }
  const { title, next } = wordsFor(error);
  return `${title}. ${next}`;
}
