// What both pages begin with: the service worker, the clock, who is signed in, and the network.

import { approveWith, session, signOut } from "./api.js";
import { askApproval } from "./approvals.js";
import { restoreClock } from "./clock.js";
import { byId, make, showOnly } from "./elements.js";
import { all } from "./kept.js";
import { signIn } from "./signing-in.js";
import { script } from "./trust.js";
import { SIGNING_IN, TASKS } from "./words.js";

/** Makes the page ready; calls `sync` at first, and whenever the network comes or goes. */
export async function begin(sync = () => undefined) {
  await restoreClock();
  approveWith(askApproval);
  watchNetwork(sync);
  navigator.serviceWorker?.register(script("/service-worker.js"))
    .catch(() => undefined);
  navigator.serviceWorker?.addEventListener("message", sync);
  byId("sign-out").addEventListener("click", leave);
}

/** Signs out, unless scans wait that only this person can send. */
async function leave() {
  const me = (await session())?.person_id;
  const waiting = (scan) => scan.personId === me && scan.state === "waiting";
  if ((await all("scans")).some(waiting)) {
    byId("network").textContent = "Scans wait to be sent: stay signed in";
    return;
  }
  await signOut();
  location.reload();
}

/** Returns once somebody is signed in; says before what the page with this `role` is for. */
export async function signedIn(role) {
  if (!(await session())) {
    showOnly("signing-in");
    await signIn(byId("signing-in"), SIGNING_IN[role]);
  }
  byId("sign-out").hidden = false;
}

/** Begins again with signing in where that is what an error means, and tells whether it does. */
export function beginsAgain(error) {
  const isSignedOut = error.status === 401 && !location.hash;
  if (isSignedOut) location.reload();
  return isSignedOut;
}

/** Lets the person choose one of their tasks; one that the page's address names is chosen at once. */
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
