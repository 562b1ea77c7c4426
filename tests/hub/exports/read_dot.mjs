// Lays graphs out with Graphviz itself; prints nodes, edges and whether anything live came out.
import { readFileSync } from "node:fs";
import { Graphviz } from "@hpcc-js/wasm-graphviz";

const graphviz = await Graphviz.load();
for (const path of process.argv.slice(2)) {
  try {
    const svg = graphviz.dot(readFileSync(path, "utf8"));
    const count = (of) => svg.split(`class="${of}"`).length - 1;
    const marks = svg.replaceAll(/xlink:title="[^"]*"/g, "").replaceAll(/>[^<]*</g, "><");
    const live = /<(script|img)\b|href=|\son\w+=/i.test(marks);
    console.log(count("node"), count("edge"), live ? "live" : "still");
  } catch (error) {
    console.log("refused:", String(error).replaceAll("\n", " "));
  }
}
