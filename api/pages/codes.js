// Handover codes: how they are written, and how a device makes those of the upper levels itself.

const LETTERS = { pickup: "P", handover: "H", return: "R", relay: "T" };
const PURPOSES = Object.fromEntries(Object.entries(LETTERS).map(([name, letter]) => [letter, name]));
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const CODE = /^SA([123])([PHRT])([A-Z2-7]{40,})$/;
const PIN = /^\d{6}$/;
const ID_BYTES = 16;
const TAG_BYTES = 10;
/** Delivery, device and step of a signed code: what the signature is over, behind the prefix. */
const SIGNED_BYTES = 36;

export const P256 = { name: "ECDSA", namedCurve: "P-256" };
export const SIGNING = { name: "ECDSA", hash: "SHA-256" };

/** Seconds for which a rotating code is shown. */
export const STEP_S = 20;

/** Returns the number of the step at a moment of the server's clock, in milliseconds. */
export function stepAt(nowMs) {
  return Math.floor(nowMs / 1000 / STEP_S);
}

/** Returns what a scanned or typed text claims to be, or nothing when it is no code of ours. */
export function readCode(typed) {
  const text = typed.replace(/\s/g, "").toUpperCase();
  if (PIN.test(text)) return { text, isPin: true };
  const found = CODE.exec(text);
  const body = found && unbase32(found[3]);
  if (!body || body.length < ID_BYTES + TAG_BYTES) return undefined;
  return {
    text,
    isPin: false,
    version: Number(found[1]),
    purpose: PURPOSES[found[2]],
    deliveryId: uuid(body.subarray(0, ID_BYTES)),
  };
}

/** Returns the delivery and purpose that the token of a link names, or nothing. */
export function readLink(token) {
  if (!/^[PHRT][A-Z2-7]{52}$/.test(token)) return undefined;
  const body = unbase32(token.slice(1));
  return { deliveryId: uuid(body.subarray(0, ID_BYTES)), purpose: PURPOSES[token[0]] };
}

/** Returns the rotating code of one step, under the secret that this device holds. */
export async function rotatingCode(secret, deliveryId, purpose, step) {
  const letter = LETTERS[purpose];
  const label = new TextEncoder().encode(`rotating\0${letter}\0`);
  const place = join(bytesOf(deliveryId), bigEndian(step));
  const tag = await crypto.subtle.sign("HMAC", secret, join(label, place));
  return `SA2${letter}${base32(join(place, new Uint8Array(tag).subarray(0, TAG_BYTES)))}`;
}

/** Returns the code of one step that this device signs with the key that never leaves it. */
export async function signedCode(privateKey, deviceId, deliveryId, purpose, step) {
  const head = `SA3${LETTERS[purpose]}`;
  const body = join(bytesOf(deliveryId), bytesOf(deviceId), bigEndian(step));
  const message = join(new TextEncoder().encode(head), body);
  const signature = await crypto.subtle.sign(SIGNING, privateKey, message);
  return head + base32(join(body, new Uint8Array(signature)));
}

/** Tells whether the key in hexadecimal, of a P-256 pair, has signed a code. */
export async function isSignedBy(publicKeyHex, text) {
  const body = unbase32(text.slice(4));
  const message = join(new TextEncoder().encode(text.slice(0, 4)), body.subarray(0, SIGNED_BYTES));
  const point = bytesOf(publicKeyHex);
  const key = await crypto.subtle.importKey("raw", point, P256, false, ["verify"]);
  return crypto.subtle.verify(SIGNING, key, body.subarray(SIGNED_BYTES), message);
}

/** Returns bytes as base32 without padding. Source: RFC 4648, section 6. */
export function base32(bytes) {
  let bits = 0;
  let value = 0;
  let text = "";
  for (const byte of bytes) {
    value = (value << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += ALPHABET[(value >>> (bits - 5)) & 31];
    value &= (1 << bits) - 1;
  }
  return bits ? text + ALPHABET[(value << (5 - bits)) & 31] : text;
}

function unbase32(text) {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let bits = 0;
  let value = 0;
  let at = 0;
  for (const letter of text) {
    value = (value << 5) | ALPHABET.indexOf(letter);
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[at] = (value >>> bits) & 255;
      at += 1;
    }
    value &= (1 << bits) - 1;
  }
  return bytes;
}

export function base64url(bytes) {
  const plain = btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return plain.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

export function unbase64url(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

/** Returns the bytes of an id or of another text in hexadecimal. */
export function bytesOf(hex) {
  return Uint8Array.from(hex.replaceAll("-", "").match(/../g), (pair) => parseInt(pair, 16));
}

function uuid(bytes) {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function bigEndian(number) {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

function join(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
