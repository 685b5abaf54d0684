// Asks the person to approve one request with a second factor: a passkey, or the code of their app.

import { ask } from "./api.js";
import { make } from "./elements.js";
import { sha256 } from "./hashes.js";
import { answerPasskey, hasPasskeys } from "./passkeys.js";
import { wordsFor } from "./words.js";

/** Returns what goes with the approved request, or nothing when the person declines. */
export async function askApproval(method, path, content) {
  const wanted = { method, path, body_sha256: await sha256(content) };
  const begun = await ask("POST", "/v1/me/step-ups", wanted, { quiet: true });
  const dialog = make("dialog", { "aria-labelledby": "approval-title" });
  document.body.append(dialog);
  try {
    return await new Promise((resolve) => {
      fill(dialog, begun, resolve);
      dialog.addEventListener("close", () => resolve(undefined));
      dialog.showModal();
    });
  } finally {
    dialog.remove();
  }
}

function fill(dialog, begun, resolve) {
  const said = make("p", { role: "alert", class: "said" });
  const prove = async (event, proof) => {
    event.preventDefault();
    said.textContent = "";
    try {
      const path = `/v1/me/step-ups/${begun.step_up_id}/answer`;
      resolve((await ask("POST", path, await proof(), { quiet: true })).step_up);
    } catch (error) {
      said.textContent = wordsFor(error).title;
    }
  };
  dialog.append(
    make("h2", { id: "approval-title" }, "Please prove that it is you"), said,
    ...waysToProve(begun, prove),
    make("button", { type: "button", class: "plain", click: () => dialog.close() }, "Not now"),
  );
}

function waysToProve({ methods, passkey }, prove) {
  const ways = [];
  if (passkey && hasPasskeys()) {
    const byPasskey = async () => ({ passkey: await answerPasskey(passkey) });
    const click = (event) => prove(event, byPasskey);
    ways.push(make("button", { type: "button", class: "main", click }, "Use a passkey"));
  }
  if (methods.includes("totp")) {
    const attributes = { inputmode: "numeric", autocomplete: "one-time-code", required: true };
    const input = make("input", attributes);
    const byCode = async () => ({ totp: input.value.replace(/\s/g, "") });
    ways.push(make(
      "form", { submit: (event) => prove(event, byCode) },
      make("label", {}, make("span", {}, "Code of your app"), input),
      make("button", { type: "submit" }, "Go on"),
    ));
  }
  return ways;
}
