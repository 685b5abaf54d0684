// What both pages begin with: the service worker, the clock, who is signed in, and the network.

import { approveWith, ask, session, signOut } from "./api.js";
import { askApproval } from "./approvals.js";
import { restoreClock } from "./clock.js";
import { byId, make, showOnly } from "./elements.js";
import { all } from "./kept.js";
import { signIn } from "./signing-in.js";
import { script } from "./trust.js";
import { TASKS } from "./words.js";

/** Makes the page ready; calls `sync` at first, and whenever the network comes or goes. */
export async function begin(sync = () => undefined) {
  await restoreClock();
  approveWith(askApproval);
  watchNetwork(sync);
  navigator.serviceWorker?.register(script("/service-worker.js"))
    .then(() => document.documentElement.setAttribute("data-installed", ""))
    .catch(() => undefined);
  navigator.serviceWorker?.addEventListener("message", sync);
  byId("sign-out").addEventListener("click", leave);
}

/** Signs out, unless scans wait that only this person can send. */
async function leave() {
  const isWaiting = (await all("scans")).some((scan) => scan.state === "waiting");
  if (isWaiting) {
    byId("network").textContent = "Scans wait to be sent: stay signed in";
    return;
  }
  await signOut();
  location.reload();
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

function watchNetwork(sync) {
  const tell = () => {
    byId("network").textContent = navigator.onLine ? "" : "No network";
    sync();
  };
  addEventListener("online", tell);
  addEventListener("offline", tell);
  tell();
}
