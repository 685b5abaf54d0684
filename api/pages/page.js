// What both pages begin with: the service worker, the clock, who is signed in, and the network.

import { ask, session, signOut } from "./api.js";
import { restoreClock } from "./clock.js";
import { byId, make, showOnly } from "./elements.js";
import { signIn } from "./signing-in.js";
import { script } from "./trust.js";
import { TASKS } from "./words.js";

/** Makes the page ready; calls `sendKept` whenever there may be network again. */
export async function begin(sendKept = () => undefined) {
  await restoreClock();
  watchNetwork(sendKept);
  navigator.serviceWorker?.register(script("/service-worker.js"))
    .then(() => document.documentElement.setAttribute("data-installed", ""))
    .catch(() => undefined);
  navigator.serviceWorker?.addEventListener("message", sendKept);
  byId("sign-out").addEventListener("click", async () => {
    await signOut();
    location.reload();
  });
}

/** Returns once somebody is signed in. */
export async function signedIn() {
  if (!(await session())) {
    showOnly("signing-in");
    await signIn(byId("signing-in"));
  }
  byId("sign-out").hidden = false;
  const kept = await session();
  // A token that was not made by signing in does not say whose it is.
  return kept.person_id ?? (await ask("GET", "/v1/me")).person_id;
}

/** Lets the person choose one of several tasks; one alone is chosen at once. */
export function choose({ tasks, isKept }, role, wanted) {
  const named = tasks.find((task) => isWanted(task, wanted));
  if (named) return Promise.resolve(named);
  return new Promise((resolve) => {
    byId("choosing-said").textContent = saidOf(tasks, isKept);
    byId("tasks").replaceChildren(...tasks.map((task) => choiceOf(task, role, () => resolve(task))));
    showOnly("choosing");
  });
}

function isWanted(task, { deliveryId, purpose } = {}) {
  return task.deliveryId === deliveryId && (!purpose || task.purpose === purpose);
}

function saidOf(tasks, isKept) {
  if (!tasks.length) return "There is nothing for you to do at the moment.";
  return isKept ? "No network: this is the list as you saw it last." : "";
}

function choiceOf(task, role, chosen) {
  const button = make(
    "button", { type: "button", class: "choice", click: chosen },
    make("strong", {}, TASKS[task.purpose][role]),
    make("span", {}, task.what),
    make("span", { class: "quiet" }, task.place),
  );
  return make("li", {}, button);
}

function watchNetwork(sendKept) {
  const tell = () => {
    byId("network").textContent = navigator.onLine ? "" : "No network";
    if (navigator.onLine) sendKept();
  };
  addEventListener("online", tell);
  addEventListener("offline", tell);
  tell();
}
