// What people read: tasks, verdicts, and every refusal with what to do next.

export const TASKS = {
  pickup: { scan: "Collect", show: "Hand over to the traveler" },
  handover: { scan: "Deliver", show: "Receive from the traveler" },
  return: { scan: "Bring back", show: "Take back from the traveler" },
  relay: { scan: "Take over", show: "Hand on to the next traveler" },
};

/** What stands on the form by which somebody signs in: what the page is for, and whom it is not for. */
export const SIGNING_IN = {
  scan: {
    about: [
      "This page is for the traveler who carries a parcel. When it changes hands, the other person shows a code, "
        + "and you scan it here.",
      "Use the account with which you took the delivery on. You need the camera of this phone; for parcels of "
        + "high value also its position, and a passkey for the highest.",
    ],
    without: [
      "Only travelers with an account scan. If you have registered in another app of ours, it is the same account.",
      "If you send or receive the parcel, you scan nothing: you show a code.",
    ],
    other: { href: "/show", text: "Open the page that shows codes" },
  },
  show: {
    about: [
      "This page shows the code that the traveler scans when the parcel changes hands. It is for the person who "
        + "hands the parcel over, and for the person who gets it.",
      "Use the account with which you ordered the delivery, or to which the parcel is addressed.",
    ],
    without: [
      "If a parcel is on its way to you, you need none: open the link in our e-mail or text message. It shows "
        + "your code at once.",
      "If you do not find the message, tell the person who sends you the parcel: we correct your address and "
        + "write again.",
      "If you carry the parcel as its traveler, you show no code here: you scan.",
    ],
    other: { href: "/scan", text: "Open the page that scans codes" },
  },
};

export const DONE = {
  pickup: ["Collected", "The parcel is in your care now. Keep your phone with you on the way."],
  handover: ["Delivered", "Your part is done. You are paid once the time for disputes is over."],
  return: ["Brought back", "The parcel is with its sender again."],
  relay: ["Taken over", "The parcel is in your care now."],
};

export const LEFT = ["Left", "Everybody is told. You are paid once the time for disputes is over."];
export const GOES_BACK = ["Noted", "The parcel is not left here. Open the list: it says where to bring it."];

/** What stands on the forms by which a parcel is left. */
export const LEAVING = {
  neighbour: {
    allowed: "You may leave the parcel with a neighbour then. Say first that nobody is there: your position is "
      + "sent along.",
    reported: "It is noted that nobody is there. Give the parcel to the neighbour now.",
    where: "With which neighbour? For instance: second floor, left door",
    button: "It is with the neighbour",
  },
  safe_place: {
    allowed: "You may leave the parcel in a safe place then. Say first that nobody is there: your position is "
      + "sent along.",
    reported: "It is noted that nobody is there. Put the parcel where it is safe now.",
    where: "Where exactly? For instance: in the shed behind the house",
    button: "It is in the safe place",
  },
};

export const SHOWN = {
  pickup: ["Handed over", "The traveler has the parcel now."],
  handover: ["Received", "The parcel is yours. Tell us soon if something is wrong with it."],
  return: ["Taken back", "The parcel is with you again."],
  relay: ["Handed on", "The next traveler has the parcel now."],
};

export const CLAIMED = ["Kept on this phone", "The parcel is claimed. It is sent as soon as there is network."];

/** Whether a step can be done without network. */
export const READY = {
  taken: "Ready: you can scan this parcel without network too.",
  missing: "You need network to scan this parcel.",
};

/** What becomes of a scan that was made without network. */
export const CLAIMS = {
  waiting: "Waiting for network",
  pending: "Sent, not decided yet",
  accepted: "Accepted",
  in_review: "We look at it",
  refused: "Refused",
  superseded: "Done already",
};

/** What may be needed besides the code: its title on a form, and its name within a sentence. */
export const PROOFS = {
  photo: { title: "Photo of the parcel", name: "a photo of the parcel" },
  signature: { title: "Signature", name: "a signature" },
  id_check: {
    title: "Look at a document",
    name: "a look at a document",
    insufficient: "Noted. Do not hand the parcel over: somebody who is old enough has to get it.",
  },
  label_barcode: {
    title: "Label of the parcel",
    name: "the label of the parcel",
    insufficient: "Noted, but nobody has said yet what the label of this parcel says.",
  },
  safe_place_photo: { title: "Photo of the parcel where you leave it", name: "a photo of where it lies" },
};

export const DOCUMENTS = {
  passport: "Passport",
  id_card: "Identity card",
  driving_licence: "Driving licence",
  residence_permit: "Residence permit",
};

const CHECK_BOTH = "Check that both of you have opened the same parcel, then scan again.";
const KEEP = "Do not hand the parcel over.";

/** Title and next step for each code with which a scan, or what leads to one, can be refused. */
export const REFUSALS = {
  code_wrong: ["This code is wrong", "Scan the code on the other person's screen, or type its PIN again."],
  code_already_used: ["This code was used", "The step is done already. Open the list again."],
  code_expired: ["This code has expired", "Ask the other person to open their code again."],
  code_foreign: ["This is the code of something else", CHECK_BOTH],
  code_locked: ["Too many wrong tries", "Wait a few minutes, then scan the picture of the code."],
  code_not_ready: ["There is no code yet", "It appears once the step before is done."],
  code_outdated: ["This code is too old", "Scan the code that is on the screen now. A photo of it does not work."],
  code_version_wrong: ["This code is not enough here", "The other person has to open the code on the phone that holds it."],
  code_held_elsewhere: ["Another phone holds this code", "Open it on the phone that showed it first."],
  code_needs_device: ["This code needs a phone that holds it", "Open this page on the phone that you will show."],
  device_missing: ["This phone is not known yet", "Open this page again while you have network."],
  device_wrong: ["This is another phone", "Use the phone that you began with, or sign in on this one again."],
  place_missing: ["Your position is needed", "Allow this page to know where you are, then scan again."],
  place_inaccurate: ["Your position is too vague", "Step outside or to a window, wait a moment, then scan again."],
  place_outdated: ["Your position is too old", "Wait until your phone knows where you are, then scan again."],
  place_too_far: ["You are too far away", "Both of you have to be at the place of this handover."],
  place_mocked: ["This position is made up", "Turn off whatever changes your position, then scan again."],
  position_not_near: ["You are too far apart", "Both phones have to be at the place where you meet."],
  person_unproven: ["It must be clear that it is you", "Prove it with your passkey, then scan again."],
  proof_missing: ["Something has to be proven first", "Give what this page asks for besides the code, then try again."],
  risk_step_up: ["Please prove that it is you", "Use your passkey or the code of your app, then scan again."],
  risk_held: ["We have to look at this first", `${KEEP} We are on it and will write to both of you.`],
  risk_refused: ["This scan is refused", `${KEEP} Contact us if you think that this is wrong.`],
  claim_conflict: ["Two phones say different things", `We look at both. ${KEEP}`],
  claim_counter_gap: ["Something is missing between your scans", "We look at it and write to you."],
  claim_too_old: ["This scan was sent too late", "It was kept for longer than a day. Contact us."],
  claim_clock_off: ["Your phone's clock was off", "We look at it and write to you."],
  claim_unreadable: ["This scan cannot be read", "Scan again, with network."],
  claim_signature_wrong: ["This scan proves nothing", "Scan again, with network."],
  manifest_unknown: ["This scan proves nothing", "Open this page again, with network, and scan again."],
  manifest_changed: ["This scan proves nothing", "Open this page again, with network, and scan again."],
  manifest_of_other_device: ["This is another phone", "Scan again on this phone, with network."],
  manifest_outdated: ["This phone was without network for too long", "We look at it and write to you."],
  device_revoked: ["This phone was signed out of your account", "We look at it and write to you."],
  refused_by_staff: ["We could not accept this scan", "Contact us if you think that this is wrong."],
  pin_offline: ["There is no network for a PIN", "Scan the picture of the code instead: that works without."],
  nothing_taken_along: ["There is no network", "Nothing has happened yet. Find a place with network and scan again."],
  label_differs: ["This is the label of another parcel", "Look for the right parcel, or type the label again."],
  proofs_reached: ["This delivery takes no more proofs", "Contact us: we go on from there."],
  leaving_not_allowed: ["It may not be left here", "The person who sends the parcel has not allowed it."],
  fields_invalid: ["Something is not filled in right", "Look at what you have typed, and send it again."],
  file_refused: ["This photo cannot be read", "Take another one."],
  payment_capturing: ["The payment is being collected", "The parcel stays with its sender. Scan again in a minute."],
  payment_not_captured: ["The payment failed", "The parcel stays with its sender until it is paid."],
  wrong_state: ["This step is not due", "Open the list again: something has happened in between."],
  delivery_closed: ["This delivery is closed", "There is nothing more to scan."],
  delivery_changed: ["This delivery has changed", "Open the list again."],
  needs_attention: ["We have to look at this first", `${KEEP} We are on it.`],
  on_hold: ["This delivery is on hold", `${KEEP} We will write to both of you.`],
  not_your_role: ["This is for somebody else", "Only the traveler of this parcel scans; sender and recipient show."],
  own_delivery: ["This is your own delivery", "Only the traveler who carries it scans; you show the code."],
  not_found: ["There is nothing here for you", "Check that you are signed in as the right person."],
  relay_not_open: ["There is nothing to take over", "Open the list again: the other traveler may have stepped back."],
  too_many_commands: ["Too much has happened at once", "Wait a minute, then scan again."],
  too_many_requests: ["Too many tries", "Wait a minute, then try again."],
  too_many_tries: ["Too many tries", "Wait a few minutes, then try again."],
  sign_in_failed: ["E-mail or password is wrong", "Type both again."],
  second_factor_wrong: ["This code is wrong", "Type the code that your app shows now."],
  second_factor_blocked: ["Too many wrong codes", "Wait a few minutes, then try again."],
  pre_auth_token_refused: ["This sign-in took too long", "Begin again with your password."],
  passkey_refused: ["This passkey proves nothing here", "Use another one, or your password."],
  unauthenticated: ["Please sign in", "Your session has ended."],
  refresh_token_refused: ["Please sign in", "Your session has ended."],
  second_factor_enrolment_required: ["A second factor is needed", "Set up a passkey in your account first."],
  step_up_required: ["Please prove that it is you", "Use your passkey or the code of your app."],
  sign_in_again: ["Please sign in again", "This needs a fresh sign-in."],
  unavailable: ["We cannot answer right now", "Wait a minute, then try again."],
  internal_error: ["Something went wrong on our side", "Try again. Nothing happens twice."],
};

/** What browsers say when a person turns a passkey down, or has none here. */
const NO_PASSKEY = ["No passkey was used", "Try again, and choose a passkey of your account."];
const UNKNOWN = ["This did not work", "Try again in a minute."];

/** Returns title and next step for whatever went wrong. */
export function wordsFor(error) {
  const known = REFUSALS[error.code];
  if (known) return { title: known[0], next: known[1] };
  if (error.name === "NotAllowedError") return { title: NO_PASSKEY[0], next: NO_PASSKEY[1] };
  if (error.reason) return { title: error.reason, next: "" };
  if (error.problem?.title) return { title: error.problem.title, next: error.problem.detail ?? "" };
  return { title: UNKNOWN[0], next: UNKNOWN[1] };
}
