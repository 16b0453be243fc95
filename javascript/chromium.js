// A headless Chromium for tests, driven over pipes by the DevTools protocol: nothing has to be installed besides it.
"use strict";

const { spawn, spawnSync } = require("node:child_process");
const { mkdtempSync, rmSync } = require("node:fs");
const { tmpdir } = require("node:os");
const path = require("node:path");

const FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars", "--remote-debugging-pipe",
];

/** The name of the program, or null. */
function find() {
    const names = [process.env.CHROMIUM, "chromium", "chromium-browser", "google-chrome"].filter(Boolean);
    return names.find((name) => spawnSync(name, ["--version"]).status === 0) ?? null;
}

class Chromium {
    /** Starts the program, with a new profile. */
    constructor(program = find()) {
        if (program === null) throw new Error("there is no chromium");
        this.profile = mkdtempSync(path.join(tmpdir(), "relucert-chromium-"));
        const stdio = ["ignore", "ignore", "ignore", "pipe", "pipe"];
        this.process = spawn(program, [...FLAGS, `--user-data-dir=${this.profile}`, "about:blank"], { stdio });
        this.last = 0;
        this.waiting = new Map();
        this.pages = new Map();
        let rest = Buffer.alloc(0);
        this.process.stdio[4].on("data", (data) => {
            rest = Buffer.concat([rest, data]);
            for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
                this.receive(JSON.parse(rest.subarray(0, end).toString()));
                rest = rest.subarray(end + 1);
            }
        });
        this.process.on("exit", () => {
            for (const { reject } of this.waiting.values()) reject(new Error("chromium has ended"));
            this.waiting.clear();
        });
    }

    receive({ id, result, error, method, params, sessionId }) {
        const waiting = this.waiting.get(id);
        if (waiting === undefined) {
            this.pages.get(sessionId)?.event(method, params);
            return;
        }
        this.waiting.delete(id);
        if (error) waiting.reject(new Error(`${waiting.method}: ${error.message}`));
        else waiting.resolve(result);
    }

    send(method, params = {}, sessionId = undefined) {
        const id = ++this.last;
        this.process.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
        return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject, method }));
    }

    /** A new page, which collects everything that is wrong with it. */
    async page() {
        const { targetId } = await this.send("Target.createTarget", { url: "about:blank" });
        const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
        const page = new Page(this, sessionId);
        this.pages.set(sessionId, page);
        for (const domain of ["Page", "Runtime", "Log", "Network"]) await page.send(`${domain}.enable`);
        return page;
    }

    async close() {
        const ended = new Promise((resolve) => this.process.on("exit", resolve));
        await this.send("Browser.close").catch(() => this.process.kill());
        await ended;
        rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
    }
}

class Page {
    constructor(chromium, session) {
        this.chromium = chromium;
        this.session = session;
        /** Console errors and warnings, exceptions, refused content, and addresses outside of the page. */
        this.troubles = [];
        this.loaded = null;
    }

    send(method, params) {
        return this.chromium.send(method, params, this.session);
    }

    event(method, params) {
        if (method === "Page.loadEventFired") this.loaded?.();
        else if (method === "Runtime.exceptionThrown") {
            const { exceptionDetails: details } = params;
            this.troubles.push(`exception: ${details.exception?.description ?? details.text}`);
        } else if (method === "Runtime.consoleAPICalled" && ["error", "warning", "assert"].includes(params.type)) {
            this.troubles.push(`console: ${params.args.map((arg) => arg.value ?? arg.description).join(" ")}`);
        } else if (method === "Log.entryAdded" && ["error", "warning"].includes(params.entry.level)) {
            this.troubles.push(`log: ${params.entry.text} ${params.entry.url ?? ""}`);
        } else if (method === "Network.requestWillBeSent") {
            const { url } = params.request;
            if (!/^(file|data|blob|about):/.test(url)) this.troubles.push(`request: ${url}`);
        } else if (method === "Inspector.targetCrashed") this.troubles.push("the page has crashed");
    }

    async open(url) {
        const loaded = new Promise((resolve) => (this.loaded = resolve));
        await this.send("Page.navigate", { url });
        await loaded;
    }

    /** The value of an expression, or what its promise gives. */
    async evaluate(expression) {
        const options = { expression, awaitPromise: true, returnByValue: true };
        const { result, exceptionDetails } = await this.send("Runtime.evaluate", options);
        if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
        return result.value;
    }

    /** Waits until an expression is true. */
    async until(expression, seconds = 60) {
        for (const end = Date.now() + 1000 * seconds; Date.now() < end; ) {
            if (await this.evaluate(expression)) return;
            await new Promise((resolve) => setTimeout(resolve, 20));
        }
        throw new Error(`not within ${seconds} s: ${expression}`);
    }

    async press(key) {
        const codes = { Tab: 9, Enter: 13, " ": 32 };
        const event = { key, code: key === " " ? "Space" : key, windowsVirtualKeyCode: codes[key] };
        if (key === "Enter") event.text = "\r";
        if (key === " ") event.text = " ";
        await this.send("Input.dispatchKeyEvent", { type: "keyDown", ...event });
        await this.send("Input.dispatchKeyEvent", { type: "keyUp", ...event });
    }

    async media(features, media = "") {
        const list = Object.entries(features).map(([name, value]) => ({ name, value }));
        await this.send("Emulation.setEmulatedMedia", { media, features: list });
    }

    async size(width, height, mobile = false) {
        await this.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile });
    }

    async screenshot(whole = true) {
        const { data } = await this.send("Page.captureScreenshot", { format: "png", captureBeyondViewport: whole });
        return Buffer.from(data, "base64");
    }
}

module.exports = { Chromium, find };
