// Reads diagrams with Mermaid's own parser; prints the kind of each, or why it is none.
import { readFileSync } from "node:fs";
import { JSDOM } from "jsdom";

const dom = new JSDOM("<!doctype html><body></body>");
globalThis.window = dom.window;
globalThis.document = dom.window.document;
const mermaid = (await import("mermaid")).default;
mermaid.initialize({ startOnLoad: false, securityLevel: "strict" });
for (const path of process.argv.slice(2)) {
  try {
    console.log((await mermaid.parse(readFileSync(path, "utf8"))).diagramType);
  } catch (error) {
    console.log("refused:", String(error).replaceAll("\n", " "));
  }
}
