// The camera: its picture on the page, codes read from it, and its light.

import { pause } from "./api.js";
import { script } from "./trust.js";

/** Longest side of the picture that is searched: enough for a code at arm's length. */
const SIDE_PIXELS = 960;
const BETWEEN_LOOKS_MS = 60;
/** What a browser has to read itself, for a handover code and for the label of a parcel. */
const BROWSERS_FORMATS = {
  code: ["qr_code"],
  label: ["code_128", "code_39", "itf", "ean_13", "data_matrix", "pdf417", "qr_code"],
};
const WANTED = {
  audio: false,
  video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 960 } },
};

/** The camera cannot be used; `reason` is what the person can do about it. */
export class NoCamera extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

/** An open camera; its picture is in the video element. */
export class Camera {
  constructor(video, stream) {
    this.video = video;
    this.stream = stream;
    this.isOpen = true;
  }

  /** Returns an open camera. Throws `NoCamera`. */
  static async open(video) {
    if (!navigator.mediaDevices) throw new NoCamera("This browser has no camera. Type it instead.");
    try {
      const stream = await navigator.mediaDevices.getUserMedia(WANTED);
      video.srcObject = stream;
      await video.play();
      return new Camera(video, stream);
    } catch (error) {
      throw new NoCamera(
        error.name === "NotAllowedError"
          ? "Allow this page to use the camera, in the settings of the browser."
          : "The camera does not open. Close other apps that use it, or type it instead.",
      );
    }
  }

  get hasLight() {
    const [track] = this.stream.getVideoTracks();
    return Boolean(track?.getCapabilities?.().torch);
  }

  async light(isOn) {
    const [track] = this.stream.getVideoTracks();
    await track.applyConstraints({ advanced: [{ torch: isOn }] });
  }

  /** Returns the first text of a kind that is read and wanted, or nothing once the camera is closed. */
  async read(isWanted, kind = "code") {
    const reader = await readerOf(kind);
    while (this.isOpen) {
      const text = this.video.videoWidth ? await reader(this.video) : undefined;
      if (text && this.isOpen && isWanted(text)) return text;
      await pause(BETWEEN_LOOKS_MS);
    }
    return undefined;
  }

  close() {
    this.isOpen = false;
    for (const track of this.stream.getTracks()) track.stop();
    this.video.srcObject = null;
  }
}

const chosen = {};

/** Returns what reads a kind of code: the browser itself where it can, else the library, loaded once. */
function readerOf(kind) {
  chosen[kind] ??= browsersOwn(BROWSERS_FORMATS[kind]).then((own) => own ?? libraryReader(kind));
  return chosen[kind];
}

/** Loads the reader ahead, while the person still chooses the parcel. */
export function prepareReader() {
  readerOf("code");
}

async function browsersOwn(wanted) {
  const formats = await globalThis.BarcodeDetector?.getSupportedFormats().catch(() => []);
  if (!wanted.every((format) => formats?.includes(format))) return undefined;
  const detector = new BarcodeDetector({ formats: wanted });
  return async (video) => (await detector.detect(video).catch(() => []))[0]?.rawValue;
}

function libraryReader(kind) {
  const worker = new Worker(script("/pages/reader.js"), { type: "module" });
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  return (video) => new Promise((resolve, reject) => {
    const broken = () => reject(new NoCamera("The reader does not start. Type it instead."));
    worker.onmessage = ({ data }) => (data.failed ? broken() : resolve(data.text));
    worker.onerror = broken;
    const picture = pictureOf(video, canvas, context);
    worker.postMessage({ picture, kind }, [picture.data.buffer]);
  });
}

function pictureOf(video, canvas, context) {
  const scale = Math.min(1, SIDE_PIXELS / Math.max(video.videoWidth, video.videoHeight));
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  context.drawImage(video, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}
