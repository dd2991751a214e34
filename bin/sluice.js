#!/usr/bin/env node
// Plain JavaScript that any Node can read, so that one which is too old is told so instead of failing on the first modern word.
"use strict";

const WANTED = [24, 6];
const found = process.versions.node.split(".").map(Number);
const enough = found[0] > WANTED[0] || (found[0] === WANTED[0] && found[1] >= WANTED[1]);
if (!enough) {
  process.stderr.write(
    `sluice needs Node ${WANTED.join(".")} or later; found ${process.versions.node} at ${process.execPath}\n` +
      "in a checkout, npm brings the right one: npm ci, then npx sluice …, or npm start\n",
  );
  process.exitCode = 2;
} else {
  // The sources of a checkout run as they are; what is published carries them built.
  const fs = require("node:fs");
  const path = require("node:path");
  const url = require("node:url");
  const source = path.join(__dirname, "../src/cli/main.ts");
  const main = fs.existsSync(source) ? source : path.join(__dirname, "../dist/cli/main.js");
  import(url.pathToFileURL(main).href).then(({ main }) => main(process.argv.slice(2)));
}
