// Tests of relucert_check.js, and of the reports that hold it, in headless Chromium: `node --test javascript/test_chromium.js`.
// The reports are made by target/release/relucert, else target/debug/relucert, or by what RELUCERT names.
"use strict";

const assert = require("node:assert/strict");
const { spawnSync } = require("node:child_process");
const { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } = require("node:fs");
const { tmpdir } = require("node:os");
const path = require("node:path");
const test = require("node:test");
const { pathToFileURL } = require("node:url");
const { gunzipSync, gzipSync } = require("node:zlib");

const { ROOT, golden, corpus } = require("./cases.js");
const { Chromium } = require("./chromium.js");

const relucertCheck = require("./relucert_check.js");
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

// ---- Reports --------------------------------------------------------------------------------------------------------

const NAMES = [process.env.RELUCERT, "target/release/relucert", "target/debug/relucert"].filter(Boolean);
const RELUCERT = NAMES.map((name) => path.resolve(ROOT, name)).find(existsSync);
const folder = mkdtempSync(path.join(tmpdir(), "relucert-reports-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));
/** What nobody should take for more than a name. */
const EVIL = "</script><img src=x onerror=console.error(1)>";

/** Runs a command for its report, which comes back as an address. */
function report(name, ...args) {
    assert.ok(RELUCERT, "build relucert first");
    const file = path.join(folder, `${name}.html`);
    const run = spawnSync(RELUCERT, [...args, "--report", file, "--quiet"], { cwd: ROOT, encoding: "utf8" });
    assert.ok(existsSync(file), run.stderr);
    return { file, url: pathToFileURL(file).href };
}

const data = (name) => ["--data", `fixtures/data/${name}.csv`];
const curve = () =>
    report("curve", "certify", ...data("curve"), "--weight-decay", "0.02", "--network", "fixtures/networks/curve_bump.json");

async function verified(page, url) {
    if (url) await page.open(url);
    await page.evaluate(`document.getElementById("verify").click()`);
    await page.until(`document.querySelector("#result b") !== null && document.getElementById("progress").hidden`);
    return page.evaluate(`({ tone: document.getElementById("result").className, text: document.getElementById("result").textContent })`);
}

test("a report verifies its own proof", async () => {
    const page = await chromium.page();
    const five = [...data("five_points"), "--loss", "sum", "--ridge", "1/2"];
    const reports = [
        curve(),
        report("grid", "solve", ...data("grid"), "--loss", "half-sum", "--weight-decay", "0.5"),
        report("fixed", "certify", ...five, "--network", "fixtures/networks/five/flat.json", "--fixed-width"),
        report("minima", "minima", ...five, "--width", "1", "--proof", path.join(folder, "minima.proof")),
    ];
    for (const { file, url } of reports) {
        const { tone, text } = await verified(page, url);
        assert.equal(tone, "good", `${file}: ${text}`);
        assert.match(text, /accepted: the proof is right, and it proves what this page says/);
        assert.match(text, /has objective at least/);
    }
    assert.deepEqual(page.troubles, []);
});

test("the report of a path verifies the proofs of all points, or of one", async () => {
    const page = await chromium.page();
    const { file, url } = report("many", "solve", ...data("curve"), "--path", "1:0.1:3");
    const all = await verified(page, url);
    assert.equal(all.tone, "good", `${file}: ${all.text}`);
    assert.match(all.text, /accepted: 3 proofs are right/);
    // The claim of the second point is changed: all of them end there, and the third alone is still right.
    const html = readFileSync(file, "utf8");
    const changed = html.replace(/(id="claim-2"[^>]*>\{[^<]*"bound":")/, "$11");
    assert.notEqual(changed, html);
    const broken = path.join(folder, "many-changed.html");
    writeFileSync(broken, changed);
    const wrong = await verified(page, pathToFileURL(broken).href);
    assert.equal(wrong.tone, "bad", wrong.text);
    assert.match(wrong.text, /proves something else/);
    await page.open(pathToFileURL(broken).href);
    await page.evaluate(`document.getElementById("which").value = "-3"`);
    const one = await verified(page);
    assert.equal(one.tone, "good", one.text);
    assert.match(one.text, /λ = 0.1/);
    assert.deepEqual(page.troubles, []);
});

test("the proof of a report can be saved for other checkers", async () => {
    const page = await chromium.page();
    const downloads = mkdtempSync(path.join(folder, "saved-"));
    await chromium.send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: downloads });
    const { file, url } = curve();
    await page.open(url);
    await page.evaluate(`document.getElementById("save").click()`);
    const saved = path.join(downloads, "relucert.proof.gz");
    for (const end = Date.now() + 20_000; !existsSync(saved) && Date.now() < end; ) await new Promise((resolve) => setTimeout(resolve, 50));
    const [, packed] = /id="proof"[^>]*>([^<]*)</.exec(readFileSync(file, "utf8"));
    assert.equal(readFileSync(saved).toString("base64"), packed);
    assert.equal(relucertCheck.check(readFileSync(saved), true).status, "accepted");
    assert.deepEqual(page.troubles, []);
});

test("a report says so when its proof is broken, or proves something else", async () => {
    const page = await chromium.page();
    const html = readFileSync(curve().file, "utf8");
    const [, packed] = /id="proof"[^>]*>([^<]*)</.exec(html);
    const proof = gunzipSync(Buffer.from(packed, "base64")).toString("latin1");
    let count = 0;
    const changed = (text, claim) => {
        let out = html.replace(packed, gzipSync(Buffer.from(text, "latin1")).toString("base64"));
        if (claim) out = out.replace(claim[0], claim[1]);
        const file = path.join(folder, `changed-${++count}.html`);
        writeFileSync(file, out);
        return pathToFileURL(file).href;
    };
    const other = readFileSync(path.join(ROOT, "fixtures/proofs/xor_textbook.proof"), "latin1");
    const [, bound] = /"bound":"([^"]*)"/.exec(html);
    for (const [url, words] of [
        [changed(proof.replace(/^q .*$/m, `q ${"9".repeat(60)} 0`)), /^rejected: .*Line \d+: the vector of a leaf is too long/],
        [changed(proof.slice(0, -4)), /^rejected: .*the file ends before/],
        [changed(proof.replace(/^bound .*$/m, "bound 1 7")), /something else than this page says.*Different: the bound\./],
        [changed(other), /something else than this page says.*the problem, the bound/],
        [changed(proof, [`"bound":"${bound}"`, `"bound":"1/3"`]), /something else than this page says.*Different: the bound\./],
        [changed(proof, [`"verdict":"not_optimal"`, `"verdict":"optimal"`]), /Different: the verdict\./],
    ]) {
        const { tone, text } = await verified(page, url);
        assert.equal(tone, "bad", text);
        assert.match(text.replaceAll("\n", " "), words);
    }
    assert.deepEqual(page.troubles, []);
});

test("a proof in a file is checked against the page", async () => {
    const page = await chromium.page();
    const { url } = report("path", "certify", ...data("curve"), "--weight-decay", "0.02", "--network", "fixtures/networks/curve_bump.json", "--report-proof", "0");
    await page.open(url);
    assert.equal(await page.evaluate(`document.getElementById("verify") === null`), true);
    const { root } = await page.send("DOM.getDocument");
    const { nodeId } = await page.send("DOM.querySelector", { nodeId: root.nodeId, selector: "#file" });
    for (const [name, tone] of [["xor.proof", "bad"], ["iris_best.proof.gz", "bad"], ["curve_bump.proof", "good"]]) {
        await page.evaluate(`document.getElementById("result").replaceChildren()`);
        await page.send("DOM.setFileInputFiles", { nodeId, files: [path.join(ROOT, "fixtures/proofs", name)] });
        await page.until(`document.querySelector("#result b") !== null`);
        const [className, text] = await page.evaluate(`[document.getElementById("result").className, document.getElementById("result").textContent]`);
        assert.match(text, /^accepted/, name);
        // The golden proof may have been made by another search: it claims the same verdict on the same problem, if not the same bound.
        if (tone === "good") assert.ok(className === "good" || /Different: (the bound|the best network)/.test(text), text);
        else assert.equal(className, "bad", name);
    }
    assert.deepEqual(page.troubles, []);
});

test("names of users are text and nothing else", async () => {
    const page = await chromium.page();
    const file = path.join(folder, "<img src=x onerror=console.error(2)>&.csv");
    const rows = ["-1,-1,1", "-1,1,-1", "1,-1,-1", "1,1,1"];
    writeFileSync(file, [`${EVIL},b'"&,${EVIL}y`, ...rows].join("\n") + "\n");
    for (const args of [
        ["solve", "--data", file, "--weight-decay", "0.1"],
        ["solve", "--data", file, "--path", "1:0.1:3"],
        ["minima", "--data", file, "--width", "1", "--weight-decay", "0.1"],
        ["cells", "--data", file],
    ]) {
        const { url } = report("evil", ...args);
        await page.open(url);
        assert.equal(await page.evaluate(`document.images.length`), 0);
        const text = await page.evaluate(`document.body.innerText`);
        assert.ok(text.includes(EVIL) && text.includes("<img src=x onerror=console.error(2)>&.csv"), args[0]);
    }
    assert.deepEqual(page.troubles, []);
});

test("a report is readable on a phone, on paper, and by keyboard, dark and light", async () => {
    const page = await chromium.page();
    const pages = [curve(), report("cells", "cells", ...data("iris"), "--features", "sepal_length,petal_length"),
        report("fit", "solve", ...data("xor"), "--weight-decay", "0.1"),
        report("path", "solve", ...data("curve"), "--path", "1:0.1:3")];
    for (const { file, url } of pages) {
        for (const width of [320, 390, 1100]) {
            await page.size(width, 800);
            await page.open(url);
            const [inner, wide] = await page.evaluate(`[innerWidth, document.documentElement.scrollWidth]`);
            assert.ok(wide <= inner, `${file}: ${wide} pixels on a screen of ${inner}`);
        }
        // Every drawing says what it is; every figure has a heading and a caption.
        const drawings = await page.evaluate(`[...document.querySelectorAll("svg")].map((svg) => svg.getAttribute("aria-label"))`);
        assert.ok(drawings.length > 0 && drawings.every((label) => label && label.length > 8), `${drawings}`);
        assert.ok(await page.evaluate(`[...document.querySelectorAll("figure")].every((f) => f.querySelector("h3") && f.querySelector("figcaption"))`));
    }
    await page.open(pages[0].url);
    // Contrast of at least 4.5 between all text and what is behind it (WCAG 2, AA).
    const contrast = `(() => {
        const rgb = (text) => text.match(/[\\d.]+/g).slice(0, 3).map((x) => x / 255);
        const light = (c) => { const [r, g, b] = rgb(c).map((x) => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4)); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
        const behind = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (!/, 0\\)$/.test(c)) return c; } return "rgb(255, 255, 255)"; };
        let [least, where] = [99, ""];
        for (const e of document.querySelectorAll("body *")) {
            if (![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()) || ["SCRIPT", "title"].includes(e.tagName) || e.matches(".skip")) continue;
            const style = getComputedStyle(e);
            const [a, b] = [light(e instanceof SVGElement ? style.fill : style.color), light(behind(e))];
            const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
            if (ratio < least) [least, where] = [ratio, e.tagName + " " + e.className + " " + e.textContent.slice(0, 40)];
        }
        return [least, where];
    })()`;
    for (const scheme of ["light", "dark"]) {
        await page.media({ "prefers-color-scheme": scheme });
        await page.open(pages[0].url);
        await verified(page);
        const [least, where] = await page.evaluate(contrast);
        assert.ok(least >= 4.5, `${scheme}: ${least} at ${where}`);
    }
    // The button turns the theme over, and the choice is kept.
    const paper = `getComputedStyle(document.body).backgroundColor`;
    const before = await page.evaluate(paper);
    await page.evaluate(`document.getElementById("theme").click()`);
    const after = await page.evaluate(paper);
    assert.notEqual(before, after);
    await page.open(pages[0].url);
    assert.equal(await page.evaluate(paper), after);
    // On paper it is light, without controls, and everything is open.
    await page.media({ "prefers-color-scheme": "dark" }, "print");
    assert.equal(await page.evaluate(paper), "rgb(255, 255, 255)");
    assert.equal(await page.evaluate(`getComputedStyle(document.querySelector(".actions")).display`), "none");
    await page.evaluate(`dispatchEvent(new Event("beforeprint"))`);
    assert.equal(await page.evaluate(`document.querySelectorAll("details:not([open])").length`), 0);
    await page.evaluate(`dispatchEvent(new Event("afterprint"))`);
    assert.equal(await page.evaluate(`document.querySelectorAll("details[open]").length`), 0);
    // By keyboard: the tab key comes to the button, the space bar presses it.
    await page.media({});
    await page.open(pages[0].url);
    for (let steps = 0; ; steps++) {
        assert.ok(steps < 20, "the button cannot be reached");
        if (await page.evaluate(`document.activeElement.id === "verify"`)) break;
        await page.press("Tab");
    }
    await page.press(" ");
    await page.until(`document.getElementById("result").className === "good"`);
    assert.deepEqual(page.troubles, []);
});
