// What this device keeps: the session, its keys, codes that it holds and scans that are not sent yet.

import { openDB } from "./vendor/idb-8.0.4/index.js";

const STORES = ["things", "codes", "manifests", "scans"];

const opened = openDB("sendalong", 1, {
  upgrade(database) {
    for (const name of STORES) database.createObjectStore(name);
  },
});

export async function get(store, key) {
  return (await opened).get(store, key);
}

export async function put(store, key, value) {
  await (await opened).put(store, value, key);
}

export async function remove(store, key) {
  await (await opened).delete(store, key);
}

export async function all(store) {
  return (await opened).getAll(store);
}

/** Forgets everything that belongs to the person; unsent scans stay until they are sent. */
export async function forgetPerson() {
  const database = await opened;
  await Promise.all(["things", "codes", "manifests"].map((name) => database.clear(name)));
}

/** Runs something while no other tab of this device does the same. */
export async function alone(name, action) {
  return navigator.locks ? navigator.locks.request(`sendalong ${name}`, action) : action();
}
