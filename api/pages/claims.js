// Scans without network: claimed and kept here, sent when there is network again, and never dropped.

import { ask, newKey, NoAnswer, Refused, session, text } from "./api.js";
import { base64url, bytesOf, isSignedBy, readCode } from "./codes.js";
import { ownDevice, sign } from "./device.js";
import { sha256 } from "./hashes.js";
import { all, alone, isOver, put, remove } from "./kept.js";
import { manifestFor, numbered } from "./manifests.js";
import { placeIfKnown } from "./place.js";

const SIGNED_AS = "sendalong offline claim 1\n";
const AT_ONCE = 10;
const VERSIONS = { standard: 1, high: 2, maximum: 3 };
const QUIET = { quiet: true };

/** Nothing was claimed: without network this phone can only refuse the code. */
export class NotClaimed extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/** Keeps a scan as a claim that this phone signs. Throws `NotClaimed` when that would prove nothing. */
export async function claimScan(task, code) {
  const taken = await manifestFor(task);
  if (!taken) throw new NotClaimed("nothing_taken_along");
  await requireFitting(taken, task, readCode(code));
  const known = await placeIfKnown(taken.manifest.level);
  const position = known && { ...known, is_mock: false };
  const { person_id: personId } = await session();
  return numbered(async (counter, previousHash) => {
    const claimed = claimOf(taken, task, { code, position, counter, previousHash });
    const { deviceId, privateKey } = await ownDevice();
    const scan = {
      id: newKey(),
      task,
      personId,
      deviceId,
      text: claimed,
      signature: base64url(await sign(privateKey, SIGNED_AS + claimed)),
      offsetMs: taken.offsetMs,
      claimedAtMs: Date.now(),
      state: "waiting",
      reasons: [],
    };
    await put("scans", scan.id, scan);
    return scan;
  });
}

/** Returns the scans of whoever is signed in that this phone has kept, the oldest first. */
export async function keptScans() {
  const me = (await session())?.person_id;
  const mine = (await all("scans")).filter((scan) => scan.personId === me);
  return mine.sort((one, other) => one.claimedAtMs - other.claimedAtMs);
}

/** Takes a scan off the list once nothing follows. */
export async function dismiss(scan) {
  if (isOver(scan)) await remove("scans", scan.id);
}

/** Sends what is kept, in its order, and notes what became of it; what is not answered stays. */
export async function sendKept() {
  return alone("sending", async () => {
    const open = (await keptScans()).filter((scan) => !isOver(scan));
    for (const deliveryId of new Set(open.map((scan) => scan.task.deliveryId))) {
      const scans = open.filter((scan) => scan.task.deliveryId === deliveryId);
      for (let at = 0; at < scans.length; at += AT_ONCE) {
        await sendTogether(deliveryId, scans.slice(at, at + AT_ONCE));
      }
    }
  });
}

async function sendTogether(deliveryId, scans) {
  const body = {
    sent_at: new Date(Date.now() + scans[0].offsetMs).toISOString(),
    claims: scans.map((scan) => (
      { device_id: scan.deviceId, claim: scan.text, signature: scan.signature }
    )),
  };
  try {
    const answer = await ask("POST", `/v1/deliveries/${deliveryId}/offline-claims`, body, QUIET);
    for (const [at, { state, reasons }] of answer.claims.entries()) {
      await put("scans", scans[at].id, { ...scans[at], state, reasons });
    }
  } catch (error) {
    if (!(error instanceof NoAnswer) && !(error instanceof Refused)) throw error;
  }
}

/** Checks a code as far as this phone can: a wrong one is refused at once, not tomorrow. */
async function requireFitting({ leg, manifest }, task, read) {
  if (!read || read.isPin) throw new NotClaimed("pin_offline");
  if (read.deliveryId !== task.deliveryId || read.purpose !== task.purpose) {
    throw new NotClaimed("code_foreign");
  }
  if (read.version !== VERSIONS[manifest.level]) throw new NotClaimed("code_version_wrong");
  if (leg.check && (await digestOf(leg.check.salt, read.text)) !== leg.check.digest) {
    throw new NotClaimed("code_wrong");
  }
  const { holder } = leg;
  if (holder?.algorithm === "p256" && !(await isSignedBy(holder.public_key, read.text))) {
    throw new NotClaimed("code_wrong");
  }
  if (!leg.check && manifest.level === "standard") throw new NotClaimed("nothing_taken_along");
}

async function digestOf(salt, code) {
  return sha256(new Uint8Array([...bytesOf(salt), ...new TextEncoder().encode(code)]));
}

function claimOf({ manifest, hash, offsetMs }, task, { code, position, counter, previousHash }) {
  return text({
    version: "SC1",
    manifest_id: manifest.manifest_id,
    manifest_hash: hash,
    purpose: task.purpose,
    code,
    claimed_at: new Date(Date.now() + offsetMs).toISOString(),
    position,
    counter,
    previous_hash: previousHash,
  });
}
