// Talks to the API: with the session's token, again after a lost answer, and by the codes of refusals.

import { noteServerTime } from "./clock.js";
import { alone, forgetPerson, get, put, remove } from "./kept.js";

const PATIENCE_MS = 10_000;
const TRIES = 2;
const PAUSE_MS = 700;

let approving;

/** The API has refused a request; `code` is stable and never renamed. */
export class Refused extends Error {
  constructor(status, problem, retryAfterS) {
    super(problem.detail ?? "The request was refused.");
    Object.assign(this, { status, code: problem.code ?? "request_refused", problem, retryAfterS });
  }
}

/** No answer came: there is no network, or the platform is away. What was sent may have arrived. */
export class NoAnswer extends Error {}

export async function session() {
  return get("things", "session");
}

/** Keeps who has signed in; the lists and codes of somebody else before are forgotten. */
export async function keepSession(signedIn) {
  const before = await session();
  if (before && before.person_id !== signedIn.person_id) await forgetPerson();
  await put("things", "session", signedIn);
}

export async function signOut() {
  const kept = await session();
  await forgetPerson();
  if (kept?.refresh_token) {
    await send("POST", "/v1/auth/sign-out", { body: text({ refresh_token: kept.refresh_token }) })
      .catch(() => undefined);
  }
}

/** Lets `approve` ask the person for a second factor; it returns what goes with the request then. */
export function approveWith(approve) {
  approving = approve;
}

/**
 * Returns the answer's value. Throws `Refused` or `NoAnswer`.
 *
 * `open` requests need no session; `quiet` ones are made ahead, and ask the person for nothing.
 */
export async function ask(method, path, body, options = {}) {
  const { key, headers = {}, open = false, quiet = false } = options;
  const content = body === undefined ? undefined : text(body);
  const request = { body: content, headers: { ...headers } };
  if (method === "POST" && !open) request.headers["Idempotency-Key"] = key ?? newKey();
  try {
    return await repeated(method, path, request, open);
  } catch (error) {
    if (error.code !== "step_up_required" || quiet || !approving) throw error;
    const given = await approving(method, path, content ?? "");
    if (!given) throw error;
    request.headers["Step-Up"] = given;
  }
  return repeated(method, path, request, open);
}

async function repeated(method, path, request, open) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await (open ? send(method, path, request) : signed(method, path, request));
    } catch (error) {
      if (attempt >= TRIES || !isWorthRepeating(error)) throw error;
      await pause((error.retryAfterS ?? 0) * 1000 || PAUSE_MS * attempt);
    }
  }
}

/** Returns the bytes that stand for a value in every request: what a device signs is what is sent. */
export function text(value) {
  return JSON.stringify(value);
}

export function newKey() {
  return crypto.randomUUID();
}

export function pause(ms) {
  return new Promise((resolve) => { setTimeout(resolve, ms); });
}

function isWorthRepeating(error) {
  if (error instanceof NoAnswer) return navigator.onLine;
  const busy = error instanceof Refused && (error.status >= 500 || error.code === "request_in_flight");
  return busy && (error.retryAfterS ?? 0) <= 5;
}

async function signed(method, path, request) {
  const kept = await session();
  if (!kept) throw new Refused(401, { code: "unauthenticated", detail: "Sign in first." });
  try {
    return await send(method, path, withToken(request, kept));
  } catch (error) {
    if (error.code !== "token_expired") throw await signedOut(error);
  }
  return send(method, path, withToken(request, await renewed(kept)));
}

/** Forgets a session that counts for nothing any more; what else there is stays for the next one. */
async function signedOut(error) {
  if (error.status === 401) await remove("things", "session");
  return error;
}

function withToken(request, kept) {
  const headers = { ...request.headers, Authorization: `Bearer ${kept.access_token}` };
  return { ...request, headers };
}

/** Exchanges the refresh token, once for all tabs: one that comes twice ends the session. */
async function renewed(before) {
  return alone("session", async () => {
    const kept = await session();
    if (kept && kept.access_token !== before.access_token) return kept;
    try {
      const body = text({ refresh_token: before.refresh_token });
      const fresh = await send("POST", "/v1/auth/refresh", { body, headers: {} });
      await put("things", "session", fresh);
      return fresh;
    } catch (error) {
      if (error instanceof Refused && error.status < 500) await remove("things", "session");
      throw error;
    }
  });
}

async function send(method, path, { body, headers = {} }) {
  const described = body === undefined ? {} : { "Content-Type": "application/json" };
  const askedMs = Date.now();
  let answer;
  let said;
  try {
    answer = await fetch(path, {
      method,
      body,
      headers: { Accept: "application/json", ...described, ...headers },
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    said = await answer.text();
  } catch {
    throw new NoAnswer("No answer came.");
  }
  await noteServerTime(answer.headers.get("Date"), askedMs);
  const value = parsed(said);
  if (answer.ok) return value;
  const retryAfterS = Number(answer.headers.get("Retry-After")) || undefined;
  throw new Refused(answer.status, value ?? {}, retryAfterS);
}

function parsed(said) {
  try {
    return JSON.parse(said);
  } catch {
    return undefined;
  }
}
