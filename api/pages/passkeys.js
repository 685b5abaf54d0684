// Asks this device for a passkey, in the JSON form that the API speaks.

import { base64url, unbase64url } from "./codes.js";

export function hasPasskeys() {
  return typeof PublicKeyCredential === "function";
}

/** Returns the answer to a challenge. Throws when the person declines, or has no passkey here. */
export async function answerPasskey(options) {
  const publicKey = {
    ...options,
    challenge: unbase64url(options.challenge),
    allowCredentials: (options.allowCredentials ?? []).map(
      (each) => ({ ...each, id: unbase64url(each.id) }),
    ),
  };
  const made = await navigator.credentials.get({ publicKey });
  // Browsers of before 2025 leave the writing to the page.
  if (made.toJSON) return made.toJSON();
  const { clientDataJSON, authenticatorData, signature, userHandle } = made.response;
  return {
    id: made.id,
    rawId: base64url(made.rawId),
    type: made.type,
    authenticatorAttachment: made.authenticatorAttachment,
    clientExtensionResults: made.getClientExtensionResults(),
    response: {
      clientDataJSON: base64url(clientDataJSON),
      authenticatorData: base64url(authenticatorData),
      signature: base64url(signature),
      userHandle: userHandle ? base64url(userHandle) : null,
    },
  };
}
