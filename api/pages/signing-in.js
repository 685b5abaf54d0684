// Signs somebody in: e-mail address and password, a second factor where there is one, or a passkey.

import { ask, keepSession, NoAnswer } from "./api.js";
import { make } from "./elements.js";
import { answerPasskey, hasPasskeys } from "./passkeys.js";
import { wordsFor } from "./words.js";

const OPEN = { open: true };

/**
 * Shows the form inside a section and returns once somebody is signed in.
 *
 * `words` say what the page is for, which account it takes, and what to do without one.
 */
export function signIn(section, words) {
  return new Promise((resolve) => {
    const said = make("p", { role: "alert", class: "said" });
    const steps = { section, said, words, done: resolve };
    section.replaceChildren(passwordForm(steps));
    section.querySelector("h1").focus();
  });
}

function passwordForm(steps) {
  const email = field("E-mail", { type: "email", autocomplete: "username", required: true });
  const password = field("Password", {
    type: "password", autocomplete: "current-password", required: true,
  });
  const form = make(
    "form", { submit: (event) => submitted(event, steps, () => byPassword(steps, email, password)) },
    heading("Sign in"), ...steps.words.about.map((each) => make("p", {}, each)),
    steps.said, email.label, password.label,
    make("button", { type: "submit", class: "main" }, "Sign in"),
  );
  if (hasPasskeys()) form.append(passkeyButton(steps));
  form.append(...withoutAccount(steps.words));
  return form;
}

function withoutAccount({ without, other }) {
  const link = make("a", { href: other.href }, other.text);
  return [make("h2", {}, "No account?"), ...without.map((each) => make("p", {}, each)), make("p", {}, link)];
}

function passkeyButton(steps) {
  const begin = (event) => submitted(event, steps, () => byPasskey(steps));
  return make("button", { type: "button", click: begin }, "Use a passkey");
}

async function byPassword(steps, email, password) {
  const body = { email: email.input.value, password: password.input.value, device_name: "Phone page" };
  const answer = await ask("POST", "/v1/auth/sign-in", body, OPEN);
  if (answer.status === "signed_in") return finish(steps, answer);
  steps.section.replaceChildren(secondForm(steps, answer));
  steps.section.querySelector("input").focus();
  return undefined;
}

async function byPasskey(steps) {
  const options = await ask("PUT", "/v1/auth/passkey/options", undefined, OPEN);
  const credential = await answerPasskey(options.public_key);
  const body = { credential, device_name: "Phone page" };
  return finish(steps, await ask("POST", "/v1/auth/passkey", body, OPEN));
}

function secondForm(steps, begun) {
  const code = field("Code of your app, or a recovery code", {
    autocomplete: "one-time-code", required: true,
  });
  const form = make(
    "form", { submit: (event) => submitted(event, steps, () => bySecond(steps, begun, code)) },
    heading("One more step"), steps.said, code.label,
    make("button", { type: "submit", class: "main" }, "Go on"),
  );
  if (begun.passkey && hasPasskeys()) {
    const use = async () => {
      const passkey = await answerPasskey(begun.passkey);
      const body = { pre_auth_token: begun.pre_auth_token, passkey };
      await finish(steps, await ask("POST", "/v1/auth/second-factor", body, OPEN));
    };
    const click = (event) => submitted(event, steps, use);
    form.append(make("button", { type: "button", click }, "Use a passkey"));
  }
  return form;
}

async function bySecond(steps, begun, code) {
  const typed = code.input.value.replace(/\s/g, "");
  const proof = /^\d{6}$/.test(typed) ? { totp: typed } : { recovery_code: typed };
  const body = { pre_auth_token: begun.pre_auth_token, ...proof };
  return finish(steps, await ask("POST", "/v1/auth/second-factor", body, OPEN));
}

async function finish(steps, signedIn) {
  await keepSession(signedIn);
  steps.section.replaceChildren();
  steps.done();
}

async function submitted(event, { said }, action) {
  event.preventDefault();
  said.textContent = "";
  const button = event.submitter ?? event.currentTarget;
  button.disabled = true;
  try {
    await action();
  } catch (error) {
    said.textContent = error instanceof NoAnswer ? "No network. Try again." : wordsFor(error).title;
  } finally {
    button.disabled = false;
  }
}

function heading(text) {
  return make("h1", { tabindex: "-1" }, text);
}

function field(text, attributes) {
  const input = make("input", attributes);
  return { input, label: make("label", {}, make("span", {}, text), input) };
}
