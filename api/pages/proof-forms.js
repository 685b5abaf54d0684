// Forms for what a step needs besides its code, one below the other in the order of the platform.

import { NoAnswer } from "./api.js";
import { byId, make } from "./elements.js";
import { idForm, labelForm, photoForm, signatureForm } from "./proof-kinds.js";
import { addProof, neededProofs } from "./proofs.js";
import { PROOFS, wordsFor } from "./words.js";

const FORMS = {
  photo: photoForm,
  signature: signatureForm,
  id_check: idForm,
  label_barcode: labelForm,
  safe_place_photo: photoForm,
};
const NOTHING = { missing: [] };
const ALL_THERE = "Everything that this step needs is there. Scan the code now.";
let shown;

/** Shows a form for each proof that a step lacks; `before` is called before a form opens a camera. */
export async function showProofs(task, before) {
  shown = task;
  byId("proofs").hidden = true;
  // Without network nobody knows; the platform asks for it with the scan.
  const needed = await neededProofs(task).catch(() => NOTHING);
  if (task !== shown) return;
  byId("proofs").hidden = !needed.missing.length;
  tell(needed.missing);
  const parts = needed.missing.map((kind) => partOf(task, kind, needed, before));
  byId("proof-steps").replaceChildren(...parts);
  openNext();
}

/** Returns a form that sends one kind of proof and calls `sent` with what is kept of it. */
export function proofForm(task, kind, { minimumAge, before, sent }) {
  const said = make("p", { role: "alert", class: "said" });
  const send = async (content) => {
    said.textContent = "Sending";
    const { kept, words } = await tried(task, kind, content);
    said.textContent = words;
    if (kept?.counts) await sent();
  };
  return make("div", {}, ...FORMS[kind]({ kind, send, said, minimumAge, before }), said);
}

function partOf(task, kind, { minimumAge }, before) {
  const part = make("details", {}, make("summary", {}, PROOFS[kind].title));
  const item = make("li", { "data-kind": kind }, part);
  const sent = async () => {
    item.replaceChildren(make("p", { class: "have" }, `✓ ${PROOFS[kind].title}: done`));
    delete item.dataset.kind;
    if (task === shown) tell(stillMissing());
    openNext({ isMoving: true });
  };
  part.append(proofForm(task, kind, { minimumAge, before, sent }));
  return item;
}

/** Sends a proof; what it throws is told in words, and one that is kept but does not count as well. */
async function tried(task, kind, content) {
  try {
    const kept = await addProof(task, kind, await content());
    return { kept, words: kept.counts ? "" : PROOFS[kind].insufficient ?? "This does not count." };
  } catch (error) {
    if (error instanceof NoAnswer) return { words: "No network. Nothing was sent: try again." };
    const { title, next } = wordsFor(error);
    return { words: `${title}. ${next}`.replace(/\.\. /, ". ") };
  }
}

function stillMissing() {
  return Array.from(document.querySelectorAll("#proof-steps [data-kind]"), (item) => item.dataset.kind);
}

function tell(missing) {
  const names = missing.map((kind) => PROOFS[kind].name).join(", ");
  byId("proofs-said").textContent = missing.length ? `Needed before the scan: ${names}.` : ALL_THERE;
}

/** Opens the first form that is left; whoever has just sent one goes on there. */
function openNext({ isMoving = false } = {}) {
  const next = document.querySelector("#proof-steps details");
  if (next) next.open = true;
  if (isMoving) (next?.querySelector("summary") ?? byId("open-camera")).focus();
}
