// The one place that turns a text into the address of a script: only our own two are known.

const SCRIPTS = new Set(["/service-worker.js", "/pages/reader.js"]);

const policy = globalThis.trustedTypes?.createPolicy("sendalong", {
  createScriptURL(address) {
    if (!SCRIPTS.has(address)) throw new TypeError("This is no script of ours.");
    return address;
  },
});

/** Returns the address of a script of ours in the form that the browser demands. */
export function script(address) {
  return policy ? policy.createScriptURL(address) : address;
}
