// Draws a code: black on white whatever the page looks like, with the quiet zone that readers need.

import { correction, generate, mode } from "./vendor/lean-qr-2.7.4/index.mjs";
import { toSvgPath } from "./vendor/lean-qr-2.7.4/extras/svg.mjs";

const SVG = "http://www.w3.org/2000/svg";
/** Modules of white around the code. Source: ISO/IEC 18004. */
const QUIET_ZONE = 4;
const OPTIONS = {
  modes: [mode.alphaNumeric],
  // Level M restores 15 % of a scratched display; more would make the modules smaller.
  minCorrectionLevel: correction.M,
  maxCorrectionLevel: correction.M,
  maxVersion: 7,
};

/** Shows the code of a text inside an element, in place of what was there. */
export function draw(element, text, label) {
  const code = generate(text, OPTIONS);
  const side = code.size + 2 * QUIET_ZONE;
  const picture = make("svg", {
    viewBox: `0 0 ${side} ${side}`, role: "img", "aria-label": label, "shape-rendering": "crispEdges",
  });
  const place = `translate(${QUIET_ZONE} ${QUIET_ZONE})`;
  picture.append(
    make("rect", { width: side, height: side, fill: "#fff" }),
    make("path", { d: toSvgPath(code), fill: "#000", transform: place }),
  );
  element.replaceChildren(picture);
}

function make(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}
