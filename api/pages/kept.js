// What this device keeps: the session, its keys, codes that it holds and scans that are not sent yet.

import { openDB } from "./vendor/idb-8.0.4/index.js";

const STORES = ["things", "codes", "manifests", "scans"];
const OVER = new Set(["accepted", "refused", "superseded"]);

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

/** Tells whether nothing follows any more for a scan that was made without network. */
export function isOver(scan) {
  return OVER.has(scan.state);
}

/** Forgets everything that belongs to the person; scans stay until it is known what became of them. */
export async function forgetPerson() {
  const database = await opened;
  await Promise.all(["things", "codes", "manifests"].map((name) => database.clear(name)));
  const over = (await database.getAll("scans")).filter(isOver);
  await Promise.all(over.map((scan) => database.delete("scans", scan.id)));
}

/** Runs something while no other tab of this device does the same. */
export async function alone(name, action) {
  return navigator.locks ? navigator.locks.request(`sendalong ${name}`, action) : action();
}
