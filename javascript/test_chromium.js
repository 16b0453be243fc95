// Tests of relucert_check.js in headless Chromium: `node --test javascript/test_chromium.js`.
"use strict";

const assert = require("node:assert/strict");
const { readFileSync } = require("node:fs");
const path = require("node:path");
const test = require("node:test");

const { golden, corpus } = require("./cases.js");
const { Chromium } = require("./chromium.js");

const CHECKER = readFileSync(path.join(__dirname, "relucert_check.js"), "utf8");

let chromium;
test.before(() => (chromium = new Chromium()));
test.after(() => chromium.close());

/** A page with the checker and a function that checks a proof given in base64. */
async function pageWithChecker() {
    const page = await chromium.page();
    await page.evaluate(`${CHECKER}; globalThis.answer = (text, isGzip) => {
        const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
        const result = relucertCheck.check(bytes, isGzip);
        const { theorem } = result;
        return theorem ? { status: result.status, verdict: theorem.verdict, sentences: relucertCheck.sentences(theorem) } : result;
    }; undefined`);
    return page;
}

const call = (page, { bytes, isGzip }) => page.evaluate(`answer("${bytes.toString("base64")}", ${isGzip})`);

test("good and broken proofs get their results in the browser", async () => {
    const page = await pageWithChecker();
    for (const proof of [...golden(), ...corpus()]) {
        const result = await call(page, proof);
        assert.equal(result.status, proof.status, `${proof.file}: line ${result.line}: ${result.message}`);
        if (proof.verdict !== undefined) assert.equal(result.verdict, proof.verdict, proof.file);
    }
    assert.deepEqual(page.troubles, []);
});
