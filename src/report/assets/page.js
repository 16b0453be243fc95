// The theme, printing, and the check of the proof.
"use strict";
(() => {
    const byId = (id) => document.getElementById(id);

    // Where a page may not store anything, the choice holds until it is closed.
    const stored = (value) => {
        try {
            if (value !== undefined) localStorage.setItem("relucert-theme", value);
            return localStorage.getItem("relucert-theme");
        } catch {
            return null;
        }
    };
    const root = document.documentElement;
    const asked = stored();
    if (asked === "dark" || asked === "light") root.dataset.theme = asked;
    byId("theme").addEventListener("click", () => {
        const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
        const now = root.dataset.theme ?? system;
        root.dataset.theme = now === "dark" ? "light" : "dark";
        stored(root.dataset.theme);
    });

    // On paper everything is open.
    let opened = [];
    addEventListener("beforeprint", () => {
        opened = [...document.querySelectorAll("details:not([open])")];
        for (const details of opened) details.open = true;
    });
    addEventListener("afterprint", () => {
        for (const details of opened) details.open = false;
    });

    const result = byId("result");
    if (result === null) return;

    // One proof, or one for every point of a path, of which one or all are chosen.
    const claims = [...document.querySelectorAll("script.claim")].map((element) => ({
        claim: JSON.parse(element.textContent), label: element.dataset.label, proof: byId(element.id.replace("claim", "proof")),
    }));
    const which = byId("which");
    const chosen = () => claims.filter(({ proof }) => proof !== null && (which === null || which.value === "all" || proof.id === `proof${which.value}`));
    const button = byId("verify");
    const file = byId("file");
    const progress = byId("progress");
    const WORK = `onmessage = ({ data: { bytes, isGzip } }) => {
        const gunzip = isGzip ? new relucertCheck.Gunzip(bytes) : null;
        const options = { progress: (reader) => postMessage({ part: (isGzip ? gunzip.at : reader.bytes) / bytes.length }) };
        const answer = relucertCheck.checkChunks(isGzip ? gunzip.chunks() : [bytes], options);
        const { theorem } = answer;
        if (theorem) {
            answer.sentences = relucertCheck.sentences(theorem);
            const text = relucertCheck.fractionText;
            const network = ({ width, objective }) => ({ width, objective: text(objective) });
            const networks = Object.fromEntries(Object.entries(theorem.networks).map(([role, n]) => [role, network(n)]));
            const width = theorem.width === null ? null : String(theorem.width);
            answer.claim = { sha256: theorem.sha256, bound: text(theorem.bound), width, verdict: theorem.verdict, tolerance: text(theorem.tolerance), networks };
        }
        postMessage({ answer });
    };`;

    /** Lets the checker of this page work on a proof, away from the page itself. */
    function check(bytes, isGzip) {
        return new Promise((resolve, reject) => {
            const source = new Blob([byId("checker").textContent, WORK], { type: "text/javascript" });
            const address = URL.createObjectURL(source);
            const worker = new Worker(address);
            const end = (then, value) => {
                worker.terminate();
                URL.revokeObjectURL(address);
                then(value);
            };
            worker.onerror = (event) => end(reject, new Error(event.message || "the checker did not start"));
            worker.onmessage = ({ data }) => {
                if (data.answer) end(resolve, data.answer);
                else progress.value = data.part;
            };
            worker.postMessage({ bytes, isGzip });
        });
    }

    function say(tone, head, lines) {
        const element = (name, text) => Object.assign(document.createElement(name), { textContent: text });
        const first = document.createElement("p");
        first.append(element("b", head));
        result.className = tone;
        result.replaceChildren(first, ...lines.map((line) => element("p", line)));
    }

    /** What of the page's claim is not what the checker derived. */
    function differences(derived, claim) {
        const parts = [
            ["the problem", "sha256"], ["the bound", "bound"], ["the width of the bound", "width"],
            ["the verdict", "verdict"], ["the tolerance", "tolerance"],
        ];
        const names = parts.filter(([, key]) => derived[key] !== claim[key]).map(([name]) => name);
        for (const role of ["given", "best"]) {
            const [a, b] = [derived.networks[role], claim.networks[role]];
            if (a?.width !== b?.width || a?.objective !== b?.objective) names.push(`the ${role} network`);
        }
        return names;
    }

    /** Checks one proof: how it went in a few words, with lines about it. */
    async function verify(bytes, isGzip, name, claim) {
        const start = performance.now();
        const answer = await check(bytes, isGzip);
        const seconds = ((performance.now() - start) / 1000).toFixed(2);
        if (answer.status !== "accepted") {
            return { good: false, head: `${answer.status}: ${name}`, lines: [`Line ${answer.line}: ${answer.message}.`] };
        }
        // A file that was chosen may belong to any of the claims.
        const own = claim ?? (claims.find((c) => c.claim.sha256 === answer.claim.sha256) ?? claims[0]).claim;
        const wrong = differences(answer.claim, own);
        const { leaves, splits } = answer.theorem.stats;
        const good = wrong.length === 0;
        const head = good ? "accepted: the proof is right, and it proves what this page says" : "accepted, but it proves something else than this page says";
        const lines = [...answer.sentences, `Statement SHA-256: ${answer.claim.sha256}`, `Verified with integers in this browser: ${leaves} leaves, ${splits} splits, ${seconds} s.`];
        if (!good) lines.unshift(`Different: ${wrong.join(", ")}.`);
        return { good, head, lines };
    }

    async function run(work) {
        const controls = [button, file, which].filter(Boolean);
        for (const control of controls) control.disabled = true;
        progress.hidden = false;
        progress.value = 0;
        result.replaceChildren();
        try {
            const { good, head, lines } = await work();
            say(good ? "good" : "bad", head, lines);
        } catch (error) {
            say("bad", "the check did not end", [error.message]);
        }
        progress.hidden = true;
        for (const control of controls) control.disabled = false;
    }

    /** The proofs one after another; the first that fails ends it. */
    async function verifyAll(list) {
        const done = [];
        for (const { claim, label, proof } of list) {
            const found = await verify(bytesOf(proof.textContent), true, label || "the proof in this page", claim);
            if (list.length === 1 || !found.good) return label ? { ...found, lines: [`${label}:`, ...found.lines] } : found;
            done.push(`${label}: accepted; ${found.lines.find((line) => line.includes("objective at least")) ?? ""}`);
        }
        const head = `accepted: ${done.length} proofs are right, and they prove what this page says`;
        return { good: true, head, lines: done };
    }

    const bytesOf = (text) => Uint8Array.from(atob(text.trim()), (c) => c.charCodeAt(0));
    button?.addEventListener("click", () => run(() => verifyAll(chosen())));
    byId("save")?.addEventListener("click", () => {
        for (const { proof } of chosen()) {
            const address = URL.createObjectURL(new Blob([bytesOf(proof.textContent)], { type: "application/gzip" }));
            Object.assign(document.createElement("a"), { href: address, download: proof.dataset.name }).click();
            setTimeout(() => URL.revokeObjectURL(address), 10_000);
        }
    });
    file.addEventListener("change", async () => {
        const [given] = file.files;
        const only = claims.length === 1 ? claims[0].claim : null;
        if (given) run(async () => verify(new Uint8Array(await given.arrayBuffer()), given.name.endsWith(".gz"), given.name, only));
        file.value = "";
    });
})();
