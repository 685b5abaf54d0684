// A field to sign in: with a finger, a pen or a mouse, and with the keys of a keyboard.

import { make } from "./elements.js";

/** How finely the field is divided on either side, and how much of it the platform takes. */
const UNITS = 1_000;
const STROKES_MAX = 60;
const POINTS_MAX = 4_000;
/** Points that lie closer together add nothing to a line. */
const NEAR_UNITS = 4;
const LINE_PIXELS = 5;
const KEY_UNITS = 25;
const FINE_UNITS = 6;
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const HOW = "Sign with a finger, a pen or a mouse. By keyboard: arrow keys move the pen, the space bar "
  + "sets it down and lifts it, with Shift it moves finely.";

/** A field that notes lines; `element` goes onto the page. */
export class SignaturePad {
  constructor() {
    this.strokes = [];
    this.stroke = undefined;
    this.pen = { x: UNITS / 10, y: UNITS / 2, isDown: false, isByKeys: false };
    this.said = make("p", { role: "status", class: "quiet" });
    this.canvas = make("canvas", {
      width: "1000", height: "500", tabindex: "0", class: "pad", role: "application",
      "aria-label": "Field for the signature", "aria-describedby": "pad-how",
    });
    this.element = make(
      "div", {}, make("p", { id: "pad-how", class: "quiet" }, HOW), this.canvas, this.said,
    );
    this.listen();
    this.clear();
  }

  get isEmpty() {
    return !this.strokes.some((stroke) => stroke.length > 1);
  }

  clear() {
    this.strokes = [];
    this.stroke = undefined;
    this.pen.isDown = false;
    this.said.textContent = "";
    this.draw();
  }

  listen() {
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      canvas.focus({ preventScroll: true });
      canvas.setPointerCapture(event.pointerId);
      this.pen.isByKeys = false;
      this.begin(this.placeOf(event));
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!canvas.hasPointerCapture(event.pointerId)) return;
      const between = event.getCoalescedEvents?.() ?? [];
      for (const each of between.length ? between : [event]) this.add(this.placeOf(each));
    });
    canvas.addEventListener("keydown", (event) => this.press(event));
    canvas.addEventListener("blur", () => this.lift());
  }

  press(event) {
    if (event.key === " ") {
      if (this.pen.isDown) this.lift();
      else this.setDown();
    } else if (KEYS[event.key]) {
      this.move(KEYS[event.key], event.shiftKey ? FINE_UNITS : KEY_UNITS);
    } else {
      return;
    }
    event.preventDefault();
    this.pen.isByKeys = true;
    this.draw();
  }

  setDown() {
    this.pen.isDown = true;
    this.said.textContent = "The pen is down: arrow keys draw.";
    this.begin([this.pen.x, this.pen.y]);
  }

  lift() {
    if (!this.pen.isDown) return;
    this.pen.isDown = false;
    this.said.textContent = "The pen is lifted.";
  }

  move([across, down], by) {
    this.pen.x = within(this.pen.x + across * by);
    // The field is twice as wide as high: a step down is as long as one to the side.
    this.pen.y = within(this.pen.y + down * by * 2);
    if (this.pen.isDown) this.add([this.pen.x, this.pen.y]);
  }

  begin(place) {
    const isFull = this.strokes.length >= STROKES_MAX || this.count() >= POINTS_MAX;
    this.stroke = isFull ? undefined : [place];
    if (this.stroke) this.strokes.push(this.stroke);
    this.draw();
  }

  add(place) {
    if (!this.stroke || this.count() >= POINTS_MAX) return;
    const [x, y] = this.stroke.at(-1);
    if (Math.hypot(place[0] - x, place[1] - y) < NEAR_UNITS) return;
    this.stroke.push(place);
    this.draw();
  }

  count() {
    return this.strokes.reduce((sum, stroke) => sum + stroke.length, 0);
  }

  placeOf(event) {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    const across = (event.clientX - left) / width;
    const down = (event.clientY - top) / height;
    return [within(Math.round(across * UNITS)), within(Math.round(down * UNITS))];
  }

  draw() {
    const { canvas, pen } = this;
    const context = canvas.getContext("2d");
    const onto = ([x, y]) => [(x * canvas.width) / UNITS, (y * canvas.height) / UNITS];
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    Object.assign(context, { lineWidth: LINE_PIXELS, lineCap: "round", lineJoin: "round" });
    context.strokeStyle = "#101840";
    for (const stroke of this.strokes) {
      context.beginPath();
      context.moveTo(...onto(stroke[0]));
      for (const place of stroke) context.lineTo(...onto(place));
      context.stroke();
    }
    if (!pen.isByKeys) return;
    context.fillStyle = pen.isDown ? "#101840" : "#b3141e";
    context.beginPath();
    context.arc(...onto([pen.x, pen.y]), LINE_PIXELS * 2, 0, 2 * Math.PI);
    context.fill();
  }
}

function within(units) {
  return Math.min(UNITS, Math.max(0, units));
}
