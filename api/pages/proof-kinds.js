// The form of each kind of proof. Each calls `send` with what makes the content of that kind.

import { make } from "./elements.js";
import { scanLabel } from "./label.js";
import { pictureOf } from "./proofs.js";
import { SignaturePad } from "./signature-pad.js";
import { DOCUMENTS, PROOFS } from "./words.js";

/** A photo is sent as soon as it is taken: there is nothing else to say about it. */
export function photoForm({ kind, send }) {
  const input = make("input", {
    type: "file",
    accept: "image/*",
    capture: "environment",
    change: async () => {
      const [file] = input.files;
      if (!file) return;
      await send(() => pictureOf(file));
      input.value = "";
    },
  });
  return [make("label", {}, make("span", {}, PROOFS[kind].title), input)];
}

/** The pad for whoever gets the parcel, on the phone of whoever gives it. */
export function signatureForm({ send, said }) {
  const pad = new SignaturePad();
  const clear = make("button", { type: "button", click: () => pad.clear() }, "Clear");
  const submit = async () => {
    if (pad.isEmpty) said.textContent = "There is no signature yet.";
    else await send(() => ({ strokes: pad.strokes }));
  };
  return [
    make("p", {}, "Hold your phone out to the person who gets the parcel. They sign here."),
    form(submit, "Send signature", pad.element, clear),
  ];
}

/** What the traveler has seen on a document: no number and no name of it. */
export function idForm({ send, minimumAge }) {
  const options = Object.entries(DOCUMENTS).map(([value, name]) => make("option", { value }, name));
  const choice = make("option", { value: "" }, "Choose");
  const documents = make("select", { required: true }, choice, ...options);
  const age = ageField(minimumAge);
  const yes = radio("yes", "Yes, they are old enough");
  const no = radio("no", "No, they are younger");
  const submit = () => send(() => ({
    id_check: {
      document: documents.value,
      minimum_age: Number(age.value),
      is_old_enough: yes.firstChild.checked,
    },
  }));
  const question = `Is whoever gets the parcel at least ${minimumAge ?? "as many"} years old?`;
  return [
    make("p", {}, "Look at a document with a photo and a date of birth. Do not note its number or name."),
    form(
      submit, "Send what you have seen",
      make("label", {}, make("span", {}, "Document that you have seen"), documents),
      ...(minimumAge ? [] : [make("label", {}, make("span", {}, "Age that is asked for"), age)]),
      make("fieldset", {}, make("legend", {}, question), yes, no),
    ),
  ];
}

/** The parcel's own label: read by the camera or typed. Whoever scans looks at it before it is sent. */
export function labelForm({ send, said, before }) {
  const input = make("input", {
    required: true, minlength: "4", maxlength: "200", autocomplete: "off", autocapitalize: "characters",
    spellcheck: "false",
  });
  const scan = async () => {
    before();
    said.textContent = "";
    try {
      const read = await scanLabel();
      if (read) input.value = read;
    } catch (error) {
      said.textContent = error.reason ?? "The camera does not open. Type what the label says.";
    }
    input.focus();
  };
  return [
    make("p", {}, "The label is on the parcel itself: a barcode with letters or numbers below it."),
    make("button", { type: "button", click: scan }, "Scan the label"),
    form(
      () => send(() => ({ label: input.value })), "Send label",
      make("label", {}, make("span", {}, "Or type what is below the barcode"), input),
    ),
  ];
}

function ageField(minimumAge) {
  return make("input", {
    type: "number", min: "12", max: "25", required: true, value: String(minimumAge ?? ""),
  });
}

function radio(value, text) {
  const input = make("input", { type: "radio", name: "is-old-enough", value, required: true });
  return make("label", { class: "choice-line" }, input, make("span", {}, text));
}

/** Returns a form whose button rests for as long as it sends. */
function form(submit, text, ...fields) {
  const button = make("button", { type: "submit" }, text);
  const submitted = async (event) => {
    event.preventDefault();
    button.disabled = true;
    await submit();
    button.disabled = false;
  };
  return make("form", { submit: submitted }, ...fields, button);
}
