// Reads codes from pictures beside the page, so that the page stays quick on a slow phone.

import { prepareZXingModule, readBarcodes } from "./vendor/zxing-wasm-3.1.4/reader/index.js";

const LIBRARY = "/pages/vendor/zxing-wasm-3.1.4/reader/zxing_reader.wasm";
const OPTIONS = { formats: ["QRCode"], maxNumberOfSymbols: 1, tryHarder: true, textMode: "Plain" };

prepareZXingModule({ overrides: { locateFile: () => LIBRARY } });

self.addEventListener("message", async ({ data }) => {
  try {
    const found = await readBarcodes(data, OPTIONS);
    self.postMessage({ text: found.find((each) => each.isValid)?.text });
  } catch (error) {
    self.postMessage({ failed: String(error) });
  }
});
