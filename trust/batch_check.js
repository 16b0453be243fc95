// Checks many proofs in one process, for the command `trust`.
//
// Reads from standard input, again and again: a byte (0: plain, 1: gzip), a length (4 bytes, most significant first) and
// so many bytes, the file. Writes one line for each: `accepted SHA256 SUMMARY`, `rejected`, `limit` or `crashed REASON`.
// The summary is that of the Rust side: bound, verdict, tolerance, and role, width and objective of each network.
"use strict";

const { readSync, writeSync } = require("node:fs");
const path = require("node:path");
const checker = require(path.join(__dirname, "..", "javascript", "relucert_check.js"));

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

function summary(theorem) {
    checker.sentences(theorem); // the theorem in words must not fail either
    const text = checker.fractionText;
    const parts = [text(theorem.bound), ...(theorem.width === null ? [] : ["width", theorem.width])];
    parts.push(theorem.verdict, text(theorem.tolerance));
    for (const [role, network] of Object.entries(theorem.networks)) {
        parts.push(role, network.width, text(network.objective));
    }
    return parts.join(" ");
}

function answer(isGzip, bytes) {
    try {
        const result = checker.check(bytes, isGzip);
        if (result.status === checker.ACCEPTED) return `accepted ${result.theorem.sha256} ${summary(result.theorem)}`;
        return { [checker.REJECTED]: "rejected", [checker.LIMIT]: "limit" }[result.status];
    } catch (error) {
        // Whatever it is, the checker must not end in it.
        return `crashed ${error.stack}`.replace(/\n/g, " ");
    }
}

for (let head = read(5); head !== null; head = read(5)) {
    writeSync(1, `${answer(head[0] === 1, read(head.readUInt32BE(1)))}\n`);
}
