// The files that the tests of relucert_check.js go through, each with the result it has to have.
"use strict";

const { existsSync, readFileSync, readdirSync } = require("node:fs");
const path = require("node:path");

const ROOT = path.join(__dirname, "..");

function proofsOf(folder) {
    const names = readdirSync(path.join(ROOT, folder)).sort();
    return names.flatMap((name) => {
        const [, stem, end] = /^(.*)\.proof(\.gz)?$/.exec(name) ?? [];
        if (stem === undefined) return [];
        const file = path.join(folder, name);
        return [{ file, stem: path.join(ROOT, folder, stem), isGzip: end === ".gz", bytes: readFileSync(path.join(ROOT, file)) }];
    });
}

/** The golden proofs, with their verdicts from golden.list where it has one. */
function golden() {
    const list = readFileSync(path.join(ROOT, "fixtures/proofs/golden.list"), "utf8").split("\n");
    const verdicts = new Map(list.filter((line) => line && line[0] !== "#").map((line) => line.split(/ +/).slice(0, 2)));
    const proofs = proofsOf("fixtures/proofs");
    return proofs.map((proof) => ({ ...proof, status: "accepted", verdict: verdicts.get(path.basename(proof.file)) }));
}

/** The files of tests/fail, tests/run and tests/bugs: the first line of `NAME.expected` is the result. */
function corpus() {
    return ["tests/fail", "tests/run", "tests/bugs"].flatMap(proofsOf).map((proof) => {
        // Compared with the user's files by the checker in Rust alone: the proof by itself is right.
        const isCompared = existsSync(`${proof.stem}.args`);
        const status = isCompared ? "accepted" : readFileSync(`${proof.stem}.expected`, "utf8").split("\n")[0];
        return { ...proof, status };
    });
}

module.exports = { ROOT, golden, corpus };
