// Reads codes from pictures beside the page, so that the page stays quick on a slow phone.

import { prepareZXingModule, readBarcodes } from "./vendor/zxing-wasm-3.1.4/reader/index.js";

const LIBRARY = "/pages/vendor/zxing-wasm-3.1.4/reader/zxing_reader.wasm";
const OPTIONS = { maxNumberOfSymbols: 1, tryHarder: true, textMode: "Plain" };
const FORMATS = {
  code: ["QRCode"],
  label: ["Code128", "Code39", "ITF", "EAN13", "DataMatrix", "PDF417", "QRCode"],
};

prepareZXingModule({ overrides: { locateFile: () => LIBRARY } });

self.addEventListener("message", async ({ data }) => {
  try {
    const formats = FORMATS[data.kind];
    const found = await readBarcodes(data.picture, { ...OPTIONS, formats });
    self.postMessage({ text: found.find((each) => each.isValid)?.text });
  } catch (error) {
    self.postMessage({ failed: String(error) });
  }
});
