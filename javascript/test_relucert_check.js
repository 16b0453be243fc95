// Tests of relucert_check.js in Node: `node --test javascript/test_relucert_check.js`.
"use strict";

const assert = require("node:assert/strict");
const { execFileSync, spawnSync } = require("node:child_process");
const { createHash } = require("node:crypto");
const { readFileSync } = require("node:fs");
const path = require("node:path");
const test = require("node:test");
const zlib = require("node:zlib");

const { ROOT, golden, corpus } = require("./cases.js");
const checker = require("./relucert_check.js");

const PROOFS = path.join(ROOT, "fixtures/proofs");
const text = (name) => readFileSync(path.join(PROOFS, name), "ascii");
const check = (proof, options) => checker.check(Buffer.from(proof, "latin1"), false, options);

/** Bytes that are the same on every run. */
function noise(length, seed, values = 256) {
    return Uint8Array.from({ length }, () => {
        seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
        return (seed >>> 16) % values;
    });
}

function inflated(bytes) {
    return Buffer.concat([...new checker.Gunzip(bytes).chunks()]);
}

test("golden proofs are accepted with their verdicts", () => {
    for (const { file, bytes, isGzip, verdict } of golden()) {
        const result = checker.check(bytes, isGzip);
        assert.equal(result.status, checker.ACCEPTED, `${file}: ${result.message}`);
        if (verdict !== undefined) assert.equal(result.theorem.verdict, verdict, file);
        assert.ok(checker.sentences(result.theorem).length >= 3);
    }
});

test("the files of tests/fail, tests/run and tests/bugs get their results", () => {
    const cases = corpus();
    for (const { file, bytes, isGzip, status } of cases) {
        const result = checker.check(bytes, isGzip);
        assert.equal(result.status, status, `${file}: line ${result.line}: ${result.message}`);
    }
    assert.ok(cases.length >= 400, `${cases.length}`);
});

test("every prefix of a proof, and every proof with a line less, is rejected", () => {
    for (const name of ["xor_by_hand.proof", "rows_products.proof", "width_by_hand.proof", "undecayed_free.proof"]) {
        const proof = text(name);
        for (let end = 0; end < proof.length; end++) {
            assert.equal(check(proof.slice(0, end)).status, checker.REJECTED, `${name} up to ${end}`);
        }
        const lines = proof.split("\n");
        for (let i = 0; i + 1 < lines.length; i++) {
            const shorter = lines.filter((_, j) => j !== i).join("\n");
            assert.equal(check(shorter).status, checker.REJECTED, `${name} without line ${i + 1}`);
        }
    }
});

test("the example of FORMAT.md is the theorem that it says", () => {
    const { theorem } = check(text("xor_by_hand.proof"));
    assert.deepEqual(theorem.bound, [27n, 100n]);
    assert.equal(theorem.verdict, "undecided");
    assert.deepEqual(theorem.networks.given, { width: 0, objective: [2n, 1n] });
    assert.equal(theorem.stats.leaves, 5);
    const statement = text("xor_by_hand.proof").split("\n").slice(1, 11).join("\n") + "\n";
    assert.equal(theorem.sha256, createHash("sha256").update(statement).digest("hex"));
    // D(v) = 0.2702 proves it, and nothing above.
    const claim = (bound) => check(text("xor_by_hand.proof").replace("bound 27 100", `bound ${bound}`)).status;
    assert.equal(claim("2702 10000"), checker.ACCEPTED);
    assert.equal(claim("2702000001 10000000000"), checker.REJECTED);
});

test("a reason names the line", () => {
    const result = check(text("xor_by_hand.proof").replace("q 2 2 1 1 0", "q 2 3 1 1 0"));
    assert.deepEqual(result, { status: checker.REJECTED, line: 31, message: "the vector of a leaf is too long" });
});

test("limits are refused, and can be narrowed", () => {
    const proof = text("rows_and_fan.proof");
    for (const [limits, part] of [
        [{ lineBytes: 5 }, "line of more"],
        [{ digits: 1 }, "digits"],
        [{ statementBytes: 30 }, "statement"],
        [{ rows: 3 }, "rows"],
        [{ columns: 1 }, "columns"],
        [{ entries: 7 }, "entries"],
        [{ basisVectors: 1 }, "basis"],
        [{ depth: 0 }, "splits between"],
        [{ nodes: 2 }, "splits and leaves"],
        [{ rowTreeColumns: 1 }, "columns"],
        [{ matrixWork: 10 }, "matrix"],
        [{ tokens: 9 }, "tokens"],
        [{ bytes: 99 }, "bytes"],
        [{ pathWords: 3 }, "words"],
    ]) {
        const result = check(proof, { limits });
        assert.equal(result.status, checker.LIMIT, part);
        assert.ok(result.message.includes(part), `${result.message}: ${part}`);
    }
    const narrow = { limits: { parts: 1 } };
    assert.equal(check(text("width_by_hand.proof"), narrow).status, checker.LIMIT);
    assert.equal(check(text("width_by_hand.proof"), { limits: { coverageWork: 3 } }).status, checker.LIMIT);
});

test("a bound at a fixed width holds up to that width", () => {
    const proof = text("width_by_hand.proof");
    assert.equal(check(proof).theorem.width, 1n);
    assert.equal(check(proof.replace("width 1", "width 2")).status, checker.REJECTED);
});

test("a quartic leaf by hand", () => {
    // XOR with v = y·6/100: Λ = 10/3, and H(u) = ±2·(|u₁ − u₂| − |u₁ + u₂|) ≤ 1 + (u₁ − u₂)² ≤ 3 on the unit circle. T = 5 makes h = 8 and ε = 1.
    const leaves = ["f 1 0 0 0 0 0 1 0 4 0 0 0 0 0 0 0 0", "f 1 1 0 4 0 0 0 0 0 0 0 0 0 0 0 0 0"];
    const make = ([plus, minus]) =>
        text("xor_by_hand.proof")
            .replace("relucert-proof 1", "relucert-proof 2")
            .replace("bound 27 100", "bound 23 100")
            .replace("dual 7 100", "dual 6 100")
            .replace(/fan \+[^]*/, `rows + 7 5 1\n${plus}\nrows - 7 5 1\n${minus}\nend\n`);
    const status = (plus, minus = leaves[1]) => check(make([plus, minus]));
    assert.equal(status(leaves[0]).status, checker.ACCEPTED, status(leaves[0]).message);
    for (const [leaf, reason] of [
        ["f 1 0 0 0 0 0 1 0 3 0 0 0 0 0 0 0 0", "the polynomial of class 1 is too small"],
        ["f 1 0 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0", "the polynomial of class 1 is too small"],
        ["f 1 0 5 0 0 0 1 0 4 0 0 0 0 0 0 0 0", "the polynomial of class 0 is too small"],
        ["f 1 0 0 0 0 0 3 0 4 0 0 0 0 0 0 0 0", "the matrix of a leaf is not positive semidefinite"],
        ["f 1 0 0 0 0 0 1 0 4 0 0 -1 0 0 0 0 0", "the matrix of a leaf is not positive semidefinite"],
        ["f 1 0 0 0 0 0 1 0 4 0 0 0 0 0 0 0 1", "the matrix of a leaf is not positive semidefinite"],
        ["f 1 0 0 0 0 0 1 0 4 0 0 0 1 0 0 0 0", "the matrix of a leaf is not positive semidefinite"],
        ["f 0 0 0 0 0 0 1 0 4 0 0 0 0 0 0 0 0", "U is not positive"],
        ["f 1 0 0 0 0 0 1 0 4 0 0 0 0 0 0 0", "a leaf with too few tokens"],
        ["f 1 0 0 0 0 0 1 0 4 0 0 0 0 0 0 0 0 0", "0 is not positive"],
        ["g 1 0 0 0 0 0 1 0 4 0 0 0 0 0 0 0 0", "`g` is none of ?, h, e, f"],
    ]) {
        const result = status(leaf);
        assert.equal(result.status, checker.REJECTED, leaf);
        assert.equal(result.message, reason, leaf);
    }
});

/** The proofs with splits by half-spaces of tests/run, whose leaves have nothing to spare. */
const halfSpaces = (name) => readFileSync(path.join(ROOT, `tests/run/half-spaces-${name}.proof`), "ascii");

function changed(proof, old, now) {
    assert.equal(proof.split(old).length, 2, old);
    return proof.replace(old, now);
}

test("splits by half-spaces and their multipliers", () => {
    const [line, plane, mixed, products, space] = ["line", "plane", "mixed", "products", "space"].map(halfSpaces);
    for (const proof of [line, plane, mixed, products, space]) assert.equal(check(proof).status, checker.ACCEPTED);
    const multipliers = "the multipliers of a half-space are not positive semidefinite";
    const matrix = "the matrix of a leaf is not positive semidefinite";
    const few = "a leaf with too few tokens";
    const [first, second] = ["f 1 9 -6 3 0 0 1 2 -2 2", "f 1 5 2 3 0 0 2 1 1 1"];
    const upper = "5 0 3 0 -3 0 2 -2 0 2 0 0";
    for (const [proof, old, now, reason] of [
        [line, "relucert-proof 2", "relucert-proof 1", "a tree of rows in a file of version 1"],
        [plane, "h 1 2 0", "h 1 2", "a split by a half-space has 3 tokens, not 4"],
        [plane, "h 1 2 0", "h 1 2 0 0", "a split by a half-space has 5 tokens, not 4"],
        [plane, "h 1 2 0", "h", "a split by a half-space has 1 tokens, not 4"],
        [plane, "h 1 2 0", "h 1 2 +0", "`+0` is not an integer"],
        [plane, "h 1 2 0", "H 1 2 0", "`H` is none of ?, h, e, f"],
        // The polynomial is negative somewhere, but for the multipliers of the right side.
        [line, first, "f 1 9 -6 3 0 0 1 0 0 0", matrix],
        [line, second, "f 1 5 2 3 0 0 2 0 0 0", matrix],
        [line, first, "f 1 9 -6 3 0 0 1 1 1 1", matrix],
        [line, second, "f 1 5 2 3 0 0 2 2 -2 2", matrix],
        [line, `${first}\n${second}`, `${second}\n${first}`, matrix],
        [line, "h 0 1", "h 0 -1", matrix],
        [line, "h 0 1", "h 0 2", matrix],
        [line, "h 0 1", "h 1 1", matrix],
        [plane, "h 1 2 0", "h -1 -2 0", matrix],
        [plane, "h 1 2 0", "h -1 2 0", matrix],
        [plane, "h 1 2 0", "h 1 -2 0", matrix],
        [plane, "h 1 2 0", "h 0 2 0", matrix],
        [plane, "h 1 2 0", "h 1 0 2", matrix],
        [plane, "h 1 2 0", "h 0 0 0", matrix],
        [plane, upper, "5 0 3 0 -3 0 4 -2 0 1 0 0", matrix],
        [plane, upper, "5 0 3 0 -3 0 2 0 -2 0 0 2", matrix],
        [mixed, "h -1 0 0", "h 1 0 0", matrix],
        [mixed, "2000 0", "990 0", matrix],
        [mixed, "0 0 0 0 0 0 2 -2 0 2 0 0\n? 0", "2 -2 0 2 0 0 0 0 0 0 0 0\n? 0", matrix],
        [products, "h -2 -2 2", "h -2 -2 1", matrix],
        [products, "h -2 -1 2", "h 2 -1 2", matrix],
        [space, "h 2 -2 2 -1", "h 2 -2 -1 2", matrix],
        [line, first, "f 1 9 -6 3 0 0 1 2 -3 2", multipliers],
        [line, first, "f 1 9 -6 3 0 0 1 -2 2 -2", multipliers],
        [line, first, "f 1 9 -6 3 0 0 1 0 -2 2", multipliers],
        [plane, upper, "5 0 3 0 -3 0 2 -2 2 0 0 0", multipliers],
        [plane, upper, "5 0 3 0 -3 0 2 -2 0 2 0 -1", multipliers],
        [line, first, "f 1 9 -6 3 0 0 1 2 -2", few],
        [line, first, "f 1 9 -6 3 0 0 1", few],
        [line, "h 0 1", "h 0 1\nh 0 1", few],
        [plane, upper, "5 0 3 0 -3 0", few],
        [line, first, `${first} 0`, "0 is not positive"],
        [line, first, `${first} 2 -2 2`, "a leaf with a wrong number of tokens"],
        [line, "h 0 1\n", "", "a leaf with a wrong number of tokens"],
        [mixed, "e 10 0 0 0 0\n? 0", "e 10 0 0 0 0 0 0 0 0 0 0\n? 0", "0 is not positive"],
        [plane, upper, `${upper} 1 1 0 1`, "a product with a class that is not fixed"],
        [line, `\n${second}`, "", "`rows` is none of ?, h, e, f"],
        [text("rows_and_fan.proof"), "/ 0 1 1 1", "h 0 1 1", "`h` is no rule of a fan"],
        [text("width_by_hand.proof"), ". 0\n", "h 0 1\n. 0\n", "`h` is no leaf of a part"],
    ]) {
        const result = check(changed(proof, old, now));
        assert.equal(result.status, checker.REJECTED, `${old} -> ${now}`);
        assert.equal(result.message, reason, `${old} -> ${now}`);
    }
});

test("the limits hold for half-spaces and their multipliers", () => {
    const line = halfSpaces("line");
    const large = changed(line, "2 -2 2", `${2n ** 40n} 0 0`); // 41 bits in a matrix of 2 rows
    assert.equal(check(large).status, checker.REJECTED);
    assert.equal(check(large, { limits: { matrixWork: 8 * 41 } }).status, checker.REJECTED);
    assert.equal(check(large, { limits: { matrixWork: 8 * 40 } }).status, checker.LIMIT);
    assert.equal(check(line, { limits: { depth: 1 } }).status, checker.ACCEPTED);
    assert.equal(check(line, { limits: { depth: 0 } }).status, checker.LIMIT);
    assert.equal(check(halfSpaces("mixed"), { limits: { depth: 4 } }).status, checker.ACCEPTED);
    assert.equal(check(halfSpaces("mixed"), { limits: { depth: 3 } }).status, checker.LIMIT);
    // Two on a path, of 3 numbers of 4 words.
    assert.equal(check(halfSpaces("mixed"), { limits: { pathWords: 24 } }).status, checker.ACCEPTED);
    assert.equal(check(halfSpaces("mixed"), { limits: { pathWords: 23 } }).status, checker.LIMIT);
});

test("a half-space may be any: what is split by it twice, or by nothing, is as true as before", () => {
    const line = halfSpaces("line");
    const twice = (split, leaf, other) => changed(line, "h 0 1\nf 1 9 -6 3 0 0 1 2 -2 2", `h 0 1\n${split}\n${leaf}\n${other}`);
    const first = "f 1 9 -6 3 0 0 1";
    for (const [split, leaf, other] of [
        ["h 0 1", `${first} 2 -2 2 0 0 0`, `${first} 2 -2 2 0 0 0`],
        ["h 0 1", `${first} 1 -1 1 1 -1 1`, `${first} 2 -2 2 0 0 0`],
        ["h 0 2", `${first} 0 0 0 1 -1 1`, `${first} 4 -4 4 1 -1 1`],
        ["h 0 0", `${first} 2 -2 2 7 3 5`, `${first} 2 -2 2 0 0 9`],
        // No u has 0 ≥ 1: the first of these leaves is about nothing.
        ["h 1 0", "f 1 1000 0 0 0 0 500 0 0 0 1990 0 0", `${first} 2 -2 2 0 0 0`],
    ]) {
        const result = check(twice(split, leaf, other));
        assert.equal(result.status, checker.ACCEPTED, `${split}: line ${result.line}: ${result.message}`);
    }
});

test("pieces of any length make the same text", () => {
    const bytes = readFileSync(path.join(PROOFS, "rows_products.proof"));
    const whole = checker.check(bytes, false);
    for (const size of [1, 2, 7, 64]) {
        const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
        assert.deepEqual(checker.checkChunks(pieces), whole);
    }
});

test("SHA-256 is that of Node", () => {
    for (const length of [0, 1, 3, 55, 56, 63, 64, 65, 119, 120, 1000, 100_000]) {
        const bytes = noise(length, length);
        const hash = new checker.Sha256();
        hash.update(bytes.subarray(0, length >> 1));
        hash.update(bytes.subarray(length >> 1));
        assert.equal(hash.hex(), createHash("sha256").update(bytes).digest("hex"), `${length} bytes`);
    }
});

test("what zlib compresses is decompressed", () => {
    for (const [length, values] of [[0, 1], [1, 256], [70_000, 1], [300_000, 3], [200_000, 256], [1_000_000, 12]]) {
        const bytes = noise(length, 5, values);
        for (const options of [{ level: 0 }, { level: 1 }, { level: 9 }, { strategy: zlib.constants.Z_FIXED }, { strategy: zlib.constants.Z_HUFFMAN_ONLY }]) {
            const packed = zlib.gzipSync(bytes, options);
            assert.ok(inflated(packed).equals(bytes), `${length} bytes, ${JSON.stringify(options)}`);
            assert.ok(inflated(Buffer.concat([packed, packed])).equals(Buffer.concat([bytes, bytes])));
        }
    }
});

test("damaged compression is rejected", () => {
    const packed = zlib.gzipSync(text("xor_by_hand.proof"));
    assert.equal(checker.check(packed, true).status, checker.ACCEPTED);
    for (let end = 0; end < packed.length; end++) {
        assert.equal(checker.check(packed.subarray(0, end), true).status, checker.REJECTED, `up to ${end}`);
    }
    let survivors = 0; // some bits mean nothing: the time, the system, what is left of the last byte
    for (let at = 0; at < packed.length; at++) {
        for (const bit of [1, 16, 128]) {
            const changed = Buffer.from(packed);
            changed[at] ^= bit;
            if (checker.check(changed, true).status === checker.REJECTED) continue;
            survivors++;
            assert.equal(zlib.gunzipSync(changed).toString(), text("xor_by_hand.proof"), `byte ${at}, bit ${bit}`);
        }
    }
    assert.ok(survivors > 0 && survivors < 30, `${survivors}`);
    assert.equal(checker.check(Buffer.concat([packed, Buffer.from([0])]), true).status, checker.REJECTED);
});

test("decimals are rounded as asked", () => {
    for (const [fraction, digits, down, up] of [
        [[1n, 3n], 4, "0.3333", "0.3334"],
        [[-1n, 3n], 4, "-0.3334", "-0.3333"],
        [[2n, 3n], 2, "0.66", "0.67"],
        [[999_999n, 1_000_000n], 3, "0.999", "1"],
        [[1n, 1n], 5, "1", "1"],
        [[100n, 1n], 1, "100", "100"],
        [[12_345n, 1n], 3, "12300", "12400"],
        [[1n, 1_000_000n], 3, "1e-6", "1e-6"],
        [[1n, 8n], 10, "0.125", "0.125"],
        [[10n ** 30n, 7n], 3, "1.42e29", "1.43e29"],
        [[0n, 7n], 3, "0", "0"],
    ]) {
        assert.equal(checker.decimal(fraction, digits, false), down, `${fraction}`);
        assert.equal(checker.decimal(fraction, digits, true), up, `${fraction}`);
    }
});

test("the program has the exit codes of FORMAT.md", () => {
    const program = path.join(__dirname, "relucert_check.js");
    const run = (...files) => spawnSync(process.execPath, [program, ...files], { cwd: ROOT, encoding: "utf8" });
    assert.equal(run("fixtures/proofs/xor.proof", "fixtures/proofs/iris.proof.gz").status, 0);
    assert.equal(run("tests/fail/bound-above-optimum.proof").status, 1);
    assert.equal(run("no such file.proof").status, 2);
    assert.equal(run("tests/fail").status, 2);
    assert.equal(run().status, 2);
    assert.equal(run("tests/run/a-line-of-sixteen-million-bytes.proof.gz").status, 3);
    const said = execFileSync(process.execPath, [program, "fixtures/proofs/xor_textbook.proof"], { cwd: ROOT, encoding: "utf8" });
    assert.match(said, /of every width, has objective at least 0\./);
    assert.match(said, /The given network is not optimal/);
});
