// Checks many proofs in one process, for the command `trust`; with `--chromium` in a page of headless Chromium.
//
// Reads from standard input, again and again: a byte (0: plain, 1: gzip), a length (4 bytes, most significant first) and
// so many bytes, the file. Writes one line for each: `accepted SHA256 SUMMARY`, `rejected`, `limit` or `crashed REASON`.
// The summary is that of the Rust side: bound, verdict, tolerance, and role, width and objective of each network.
"use strict";

const { readFileSync, readSync, writeSync } = require("node:fs");
const path = require("node:path");

const JAVASCRIPT = path.join(__dirname, "..", "javascript");
const CHECKER = path.join(JAVASCRIPT, "relucert_check.js");

/** So many bytes of standard input, or null at its end. */
function read(count) {
    const buffer = Buffer.alloc(count);
    let done = 0;
    while (done < count) {
        const more = readSync(0, buffer, done, count - done, null);
        if (more === 0) return null;
        done += more;
    }
    return buffer;
}

/** The answer to a proof. It also runs in a page, so that it uses nothing from outside. */
function answer(checker, isGzip, bytes) {
    try {
        const result = checker.check(bytes, isGzip);
        if (result.status !== checker.ACCEPTED) {
            return { [checker.REJECTED]: "rejected", [checker.LIMIT]: "limit" }[result.status];
        }
        const { theorem } = result;
        checker.sentences(theorem); // the theorem in words must not fail either
        const text = checker.fractionText;
        const parts = ["accepted", theorem.sha256, text(theorem.bound)];
        if (theorem.width !== null) parts.push("width", theorem.width);
        parts.push(theorem.verdict, text(theorem.tolerance));
        for (const [role, network] of Object.entries(theorem.networks)) {
            parts.push(role, network.width, text(network.objective));
        }
        return parts.join(" ");
    } catch (error) {
        // Whatever it is, the checker must not end in it.
        return `crashed ${error.stack}`.replace(/\n/g, " ");
    }
}

/** What answers a proof: a function, and what ends it. */
async function start() {
    if (!process.argv.includes("--chromium")) {
        const checker = require(CHECKER);
        return { ask: (isGzip, bytes) => answer(checker, isGzip, bytes), end: () => {} };
    }
    const { Chromium } = require(path.join(JAVASCRIPT, "chromium.js"));
    const chromium = new Chromium();
    const page = await chromium.page();
    await page.evaluate(`${readFileSync(CHECKER, "utf8")}; ${answer};
        const bytesOf = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)); undefined`);
    const ask = async (isGzip, bytes) => {
        const said = await page.evaluate(`answer(relucertCheck, ${isGzip}, bytesOf("${bytes.toString("base64")}"))`);
        return page.troubles.length === 0 ? said : `crashed ${page.troubles}`.replace(/\n/g, " ");
    };
    return { ask, end: () => chromium.close() };
}

async function main() {
    const { ask, end } = await start();
    for (let head = read(5); head !== null; head = read(5)) {
        writeSync(1, `${await ask(head[0] === 1, read(head.readUInt32BE(1)))}\n`);
    }
    await end();
}

main();
