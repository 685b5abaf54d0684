// What somebody can scan or show now: read from the API, and from what was read last without network.

import { ask, NoAnswer } from "./api.js";
import { get, put } from "./kept.js";

const STEPS = {
  awaiting_pickup: { purpose: "pickup", shows: "sender", place: "pickup" },
  capturing: { purpose: "pickup", shows: "sender", place: "pickup" },
  in_transit: { purpose: "handover", shows: "recipient", place: "destination" },
  arrived: { purpose: "handover", shows: "recipient", place: "destination" },
  returning: { purpose: "return", shows: "sender", place: "pickup" },
};
/** What a traveler may do with the parcel of an absent recipient without bringing it back. */
const LEAVING = new Set(["neighbour", "safe_place"]);
const LISTED = "/v1/deliveries?scope=mine&limit=100";

/**
 * Returns the steps that the person takes part in, with `role` "scan" or "show".
 *
 * Without network they are as they were at the last look, and `isKept` is true.
 */
export async function tasksFor(role) {
  try {
    const [listed, relays] = await Promise.all([ask("GET", LISTED), ask("GET", "/v1/relays")]);
    const { person_id: me } = (await get("things", "session")) ?? {};
    const found = { deliveries: listed.items, relays: relays.items, me };
    await put("things", "tasks", found);
    return { tasks: tasksIn(found, role), isKept: false };
  } catch (error) {
    const found = error instanceof NoAnswer && (await get("things", "tasks"));
    if (!found) throw error;
    return { tasks: tasksIn(found, role), isKept: true };
  }
}

/** Returns where a scan of a task is sent. */
export function addressOf(task) {
  const base = `/v1/deliveries/${task.deliveryId}`;
  return task.purpose === "relay" ? `${base}/relays/${task.relayId}/scan` : `${base}/${task.purpose}`;
}

function tasksIn({ deliveries, relays, me }, role) {
  const steps = deliveries.flatMap((delivery) => {
    const step = STEPS[delivery.status];
    const part = role === "scan" ? "traveler" : step?.shows;
    if (!step || !delivery.your_roles.includes(part)) return [];
    const place = delivery[step.place].address ?? "";
    const action = delivery.undeliverable_action;
    const leaving = step.purpose === "handover" && LEAVING.has(action) ? action : undefined;
    const waitsFor = delivery.deadline?.kind;
    return [{ ...taskOf(delivery, step.purpose, place), leaving, waitsFor }];
  });
  return [...steps, ...relays.flatMap((relay) => meetingIn(relay, me, role))];
}

function meetingIn(relay, me, role) {
  const mine = role === "scan" ? relay.taker_id : relay.giver_id;
  if (relay.status !== "agreed" || mine !== me) return [];
  return [{ ...taskOf(relay, "relay", "where you meet"), relayId: relay.relay_id }];
}

function taskOf(about, purpose, place) {
  return {
    deliveryId: about.delivery_id,
    purpose,
    place,
    what: about.description,
    level: about.proof_level ?? "standard",
  };
}
