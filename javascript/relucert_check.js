// Checks relucert proofs, versions 1 and 2. Written from FORMAT.md and from nothing else; the signs § refer to it.
//
//     node relucert_check.js PROOF...
//
// Exit status (§6): 0 all are accepted, 1 one is rejected, 2 one cannot be read, 3 a limit is exceeded.
//
// The same file runs in a browser, where it defines `relucertCheck`. It uses BigInt, and numbers only for what is counted
// and for single bits and bytes. It needs nothing: it has its own SHA-256 and its own gzip.
"use strict";

const relucertCheck = (() => {
    const ACCEPTED = "accepted";
    const REJECTED = "rejected";
    const LIMIT = "limit exceeded";

    /** The limits of §1, §5a and §9. What is inside them is decided. */
    const LIMITS = Object.freeze({
        digits: 20_000,
        lineBytes: 4_000_000,
        statementBytes: 50_000_000,
        rows: 10_000_000,
        columns: 1_000,
        entries: 10_000_000,
        neurons: 1_000_000,
        basisVectors: 24,
        depth: 10_000,
        generatorBits: 70_000,
        pathWords: 2 ** 21,
        nodes: 1e12,
        rowTreeColumns: 256,
        matrixWork: 2 ** 33,
        tokens: 2e11,
        bytes: 1e12,
        seconds: 1e6,
        parts: 100_000,
        blockPieces: 1e9,
        coverageWork: 1e10,
    });

    /** Why a proof is not accepted. */
    class Refusal extends Error {
        constructor(status, message) {
            super(message);
            this.status = status;
        }
    }

    function reject(message) {
        throw new Refusal(REJECTED, message);
    }

    function require_(holds, message) {
        if (!holds) reject(message);
    }

    function within(holds, message) {
        if (!holds) throw new Refusal(LIMIT, message);
    }

    // ---- Integers and fractions -------------------------------------------------------------------------------------

    const abs = (x) => (x < 0n ? -x : x);

    function gcd(a, b) {
        a = abs(a);
        b = abs(b);
        while (b !== 0n) [a, b] = [b, a % b];
        return a;
    }

    /** ⌊a/b⌋ for b > 0. */
    function floorDivide(a, b) {
        const quotient = a / b;
        return a % b < 0n ? quotient - 1n : quotient;
    }

    /** ⌈a/b⌉ for b > 0. */
    const ceilDivide = (a, b) => -floorDivide(-a, b);

    /** The number of bits of |x|. */
    function bits(x) {
        const size = abs(x);
        if (size === 0n) return 0;
        const hex = size.toString(16);
        return 4 * (hex.length - 1) + (32 - Math.clz32(parseInt(hex[0], 16)));
    }

    /** The least integer h ≥ 0 with h² ≥ x, for x ≥ 0. */
    function ceilRoot(x) {
        if (x === 0n) return 0n;
        let root = 1n << BigInt(Math.ceil(bits(x) / 2)); // not below the root; Newton's steps go down to it
        for (;;) {
            const next = (root + x / root) >> 1n;
            if (next >= root) break;
            root = next;
        }
        return root * root >= x ? root : root + 1n;
    }

    function dot(a, b) {
        let sum = 0n;
        for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
        return sum;
    }

    /** Fractions are [numerator, denominator] with a denominator > 0, not always in lowest terms. */
    const plus = ([a, b], [c, d]) => [a * d + c * b, b * d];
    const minus = ([a, b], [c, d]) => [a * d - c * b, b * d];
    const times = ([a, b], [c, d]) => [a * c, b * d];
    const isAtMost = ([a, b], [c, d]) => a * d <= c * b;

    function lowest([a, b]) {
        const common = gcd(a, b);
        return [a / common, b / common];
    }

    // ---- SHA-256 (FIPS 180-4) ---------------------------------------------------------------------------------------

    /** The first 32 bits of the fractional parts of the roots (of degree 2 or 3) of the first primes. */
    function rootConstants(count, degree) {
        const primes = [];
        for (let n = 2; primes.length < count; n++) if (primes.every((p) => n % p !== 0)) primes.push(n);
        return Uint32Array.from(primes, (prime) => {
            const power = BigInt(prime) << BigInt(32 * degree);
            let [low, high] = [0n, 1n << 40n];
            while (high - low > 1n) {
                const middle = (low + high) >> 1n;
                if (middle ** BigInt(degree) <= power) low = middle;
                else high = middle;
            }
            return Number(low & 0xffffffffn);
        });
    }

    const ROUND = rootConstants(64, 3);
    const START = rootConstants(8, 2);

    class Sha256 {
        constructor() {
            this.state = START.slice();
            this.block = new Uint8Array(64);
            this.length = 0;
            this.schedule = new Uint32Array(64);
        }

        update(bytes) {
            for (let i = 0; i < bytes.length; i++) {
                this.block[this.length++ % 64] = bytes[i];
                if (this.length % 64 === 0) this.compress();
            }
        }

        compress() {
            const { state, block, schedule: w } = this;
            const rotate = (x, n) => (x >>> n) | (x << (32 - n));
            for (let t = 0; t < 16; t++) {
                w[t] = (block[4 * t] << 24) | (block[4 * t + 1] << 16) | (block[4 * t + 2] << 8) | block[4 * t + 3];
            }
            for (let t = 16; t < 64; t++) {
                const s0 = rotate(w[t - 15], 7) ^ rotate(w[t - 15], 18) ^ (w[t - 15] >>> 3);
                const s1 = rotate(w[t - 2], 17) ^ rotate(w[t - 2], 19) ^ (w[t - 2] >>> 10);
                w[t] = w[t - 16] + s0 + w[t - 7] + s1;
            }
            let [a, b, c, d, e, f, g, h] = state;
            for (let t = 0; t < 64; t++) {
                const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
                const t1 = (h + s1 + ((e & f) ^ (~e & g)) + ROUND[t] + w[t]) | 0;
                const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
                const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
                [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
            }
            [a, b, c, d, e, f, g, h].forEach((word, i) => (state[i] += word));
        }

        hex() {
            const total = this.length;
            this.update([0x80]);
            while (this.length % 64 !== 56) this.update([0]);
            const bitCount = BigInt(total) * 8n;
            for (let shift = 56n; shift >= 0n; shift -= 8n) this.update([Number((bitCount >> shift) & 255n)]);
            return Array.from(this.state, (word) => word.toString(16).padStart(8, "0")).join("");
        }
    }

    // ---- gzip (RFC 1952) and deflate (RFC 1951) ---------------------------------------------------------------------

    const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
        for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
        return n;
    });

    function crc32(crc, bytes) {
        crc = ~crc;
        for (let i = 0; i < bytes.length; i++) crc = CRC[(crc ^ bytes[i]) & 255] ^ (crc >>> 8);
        return ~crc >>> 0;
    }

    const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
    const DISTANCE_BITS = Array.from({ length: 30 }, (_, code) => Math.max(0, (code >> 1) - 1));
    const CODE_LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

    /** The least value of each code, where code i is followed by extra[i] bits. */
    function bases(first, extra) {
        let value = first;
        return extra.map((count) => {
            const base = value;
            value += 2 ** count;
            return base;
        });
    }

    const LENGTH_BASE = bases(3, LENGTH_BITS);
    LENGTH_BASE[28] = 258;
    const DISTANCE_BASE = bases(1, DISTANCE_BITS);

    /** The table of a prefix code: at every sequence of `width` bits, symbol·16 + length of the code it begins with, or 0. */
    function prefixCode(lengths, mayBeIncomplete) {
        const width = Math.max(...lengths);
        const table = new Uint16Array(2 ** width);
        if (width === 0) return { width, table };
        let free = 2 ** width;
        for (const length of lengths) if (length > 0) free -= 2 ** (width - length);
        require_(free >= 0, "gzip: a prefix code has too many codes");
        require_(free === 0 || (mayBeIncomplete && width === 1), "gzip: a prefix code is incomplete");
        let code = 0;
        for (let length = 1; length <= width; length++) {
            for (let symbol = 0; symbol < lengths.length; symbol++) {
                if (lengths[symbol] !== length) continue;
                let reversed = 0;
                for (let bit = 0; bit < length; bit++) if (code & (1 << bit)) reversed |= 1 << (length - 1 - bit);
                for (let i = reversed; i < table.length; i += 1 << length) table[i] = symbol * 16 + length;
                code++;
            }
            code <<= 1;
        }
        return { width, table };
    }

    const FIXED_LITERALS = prefixCode(
        Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8)),
        false,
    );
    const FIXED_DISTANCES = prefixCode(new Array(32).fill(5), false);

    const WINDOW = 32_768;

    /** Yields the content of a gzip file, given whole, in pieces of some 64 kB. */
    class Gunzip {
        constructor(bytes) {
            this.bytes = bytes;
            this.at = 0;
            this.buffer = 0;
            this.count = 0;
        }

        byte() {
            require_(this.at < this.bytes.length, "gzip: the file ends early");
            return this.bytes[this.at++];
        }

        little(count) {
            let value = 0;
            for (let i = 0; i < count; i++) value += this.byte() * 2 ** (8 * i);
            return value;
        }

        *chunks() {
            do {
                this.header();
                let crc = 0;
                let size = 0;
                for (const chunk of this.inflate()) {
                    crc = crc32(crc, chunk);
                    size = (size + chunk.length) % 2 ** 32;
                    yield chunk;
                }
                require_(this.little(4) === crc, "gzip: wrong checksum");
                require_(this.little(4) === size, "gzip: wrong size");
            } while (this.at < this.bytes.length);
        }

        header() {
            const start = this.at;
            require_(this.byte() === 0x1f && this.byte() === 0x8b, "gzip: wrong magic number");
            require_(this.byte() === 8, "gzip: unknown compression");
            const flags = this.byte();
            require_((flags & 0xe0) === 0, "gzip: unknown flags");
            this.little(6); // time, extra flags, system
            if (flags & 4) for (let left = this.little(2); left > 0; left--) this.byte();
            for (const flag of [8, 16]) {
                if (flags & flag) while (this.byte() !== 0); // name, comment
            }
            if (flags & 2) {
                const crc = crc32(0, this.bytes.subarray(start, this.at)) & 0xffff;
                require_(this.little(2) === crc, "gzip: wrong checksum of the header");
            }
        }

        /** The next `count` ≤ 16 bits. */
        take(count) {
            while (this.count < count) {
                this.buffer |= this.byte() << this.count;
                this.count += 8;
            }
            const value = this.buffer & ((1 << count) - 1);
            this.buffer >>>= count;
            this.count -= count;
            return value;
        }

        symbol({ width, table }) {
            while (this.count < width && this.at < this.bytes.length) {
                this.buffer |= this.bytes[this.at++] << this.count;
                this.count += 8;
            }
            const entry = table[this.buffer & ((1 << width) - 1)];
            const length = entry & 15;
            require_(length > 0, "gzip: not a code");
            require_(length <= this.count, "gzip: the file ends early");
            this.buffer >>>= length;
            this.count -= length;
            return entry >> 4;
        }

        *inflate() {
            let out = new Uint8Array(4 * WINDOW);
            let end = 0; // of what is in `out`
            let given = 0; // what was yielded already
            const room = function* () {
                if (end + 258 < out.length) return;
                yield out.slice(given, end);
                out.copyWithin(0, end - WINDOW, end);
                given = end = WINDOW;
            };
            let isLast = false;
            while (!isLast) {
                isLast = this.take(1) === 1;
                const kind = this.take(2);
                require_(kind !== 3, "gzip: unknown kind of block");
                if (kind === 0) {
                    this.at -= this.count >> 3; // bytes that were read ahead
                    this.buffer = this.count = 0;
                    const length = this.little(2);
                    require_(this.little(2) === (length ^ 0xffff), "gzip: wrong length of a stored block");
                    for (let i = 0; i < length; i++) {
                        yield* room();
                        out[end++] = this.byte();
                    }
                    continue;
                }
                const [literals, distances] = kind === 1 ? [FIXED_LITERALS, FIXED_DISTANCES] : this.codes();
                for (;;) {
                    if (end + 258 >= out.length) yield* room();
                    const symbol = this.symbol(literals);
                    if (symbol < 256) {
                        out[end++] = symbol;
                        continue;
                    }
                    if (symbol === 256) break;
                    require_(symbol < 286, "gzip: unknown length");
                    const length = LENGTH_BASE[symbol - 257] + this.take(LENGTH_BITS[symbol - 257]);
                    const code = this.symbol(distances);
                    require_(code < 30, "gzip: unknown distance");
                    const distance = DISTANCE_BASE[code] + this.take(DISTANCE_BITS[code]);
                    require_(distance <= end && distance <= WINDOW, "gzip: a distance goes back too far");
                    for (let i = 0; i < length; i++, end++) out[end] = out[end - distance];
                }
            }
            this.at -= this.count >> 3;
            this.buffer = this.count = 0;
            if (end > given) yield out.slice(given, end);
        }

        /** The two codes of a dynamic block. */
        codes() {
            const literals = this.take(5) + 257;
            const distances = this.take(5) + 1;
            require_(literals <= 286 && distances <= 30, "gzip: too many codes");
            const first = new Array(19).fill(0);
            const count = this.take(4) + 4;
            for (let i = 0; i < count; i++) first[CODE_LENGTH_ORDER[i]] = this.take(3);
            const code = prefixCode(first, false);
            const lengths = [];
            while (lengths.length < literals + distances) {
                const symbol = this.symbol(code);
                if (symbol < 16) {
                    lengths.push(symbol);
                    continue;
                }
                require_(symbol !== 16 || lengths.length > 0, "gzip: no length to repeat");
                const value = symbol === 16 ? lengths[lengths.length - 1] : 0;
                let times = symbol === 16 ? 3 + this.take(2) : symbol === 17 ? 3 + this.take(3) : 11 + this.take(7);
                while (times-- > 0) lengths.push(value);
            }
            require_(lengths.length === literals + distances, "gzip: too many lengths");
            require_(lengths[256] > 0, "gzip: no end of the block");
            return [prefixCode(lengths.slice(0, literals), true), prefixCode(lengths.slice(literals), true)];
        }
    }

    // ---- Text (§1) --------------------------------------------------------------------------------------------------

    const INT = /^(?:0|-?[1-9][0-9]*)$/;

    /** Lines and tokens. */
    class Reader {
        constructor(chunks, limits, progress) {
            this.chunks = chunks[Symbol.iterator]();
            this.limits = limits;
            this.chunk = new Uint8Array(0);
            this.at = 0;
            this.line = 0;
            this.bytes = 0;
            this.tokens = 0;
            this.digest = null; // takes the lines of the statement
            this.decoder = new TextDecoder("latin1");
            this.start = Date.now();
            this.progress = progress;
            this.nextReport = this.start + 100;
        }

        pull() {
            const next = this.chunks.next();
            if (next.done) return false;
            this.chunk = next.value;
            this.at = 0;
            this.bytes += this.chunk.length;
            within(this.bytes <= this.limits.bytes, `more than ${this.limits.bytes} bytes`);
            return true;
        }

        /** The bytes of the next line, without its line feed. */
        rawLine(expected) {
            const pieces = [];
            let length = 0;
            for (;;) {
                while (this.at >= this.chunk.length) {
                    if (this.pull()) continue;
                    reject(length === 0 ? `the file ends before ${expected}` : "the last line has no line feed");
                }
                const feed = this.chunk.indexOf(10, this.at);
                const end = feed < 0 ? this.chunk.length : feed;
                length += end - this.at;
                within(length <= this.limits.lineBytes, `a line of more than ${this.limits.lineBytes} bytes`);
                pieces.push(this.chunk.subarray(this.at, end));
                this.at = end + 1;
                if (feed >= 0) break;
                this.at = this.chunk.length;
            }
            if (pieces.length === 1) return pieces[0];
            const whole = new Uint8Array(length);
            let position = 0;
            for (const piece of pieces) {
                whole.set(piece, position);
                position += piece.length;
            }
            return whole;
        }

        /** The tokens of the next line. */
        next(expected) {
            this.line++;
            if ((this.line & 63) === 0) this.look();
            const bytes = this.rawLine(expected);
            if (this.digest !== null) {
                this.digest.update(bytes);
                this.digest.update([10]);
                const most = this.limits.statementBytes;
                within(this.digest.length <= most, `a statement of more than ${most} bytes`);
            }
            const text = this.decoder.decode(bytes);
            if (/[^ -~]/.test(text)) reject("a byte that is neither a printing ASCII character nor a space");
            const tokens = text.split(" ");
            if (tokens.includes("")) reject("an empty line, or a space too many");
            this.tokens += tokens.length;
            within(this.tokens <= this.limits.tokens, `more than ${this.limits.tokens} tokens`);
            return tokens;
        }

        /** Looks at the clock. */
        look() {
            const now = Date.now();
            within(now - this.start <= 1000 * this.limits.seconds, `more than ${this.limits.seconds} seconds`);
            if (this.progress && now >= this.nextReport) {
                this.nextReport = now + 100;
                this.progress(this);
            }
        }

        /** The tokens of the next line, which has to have the word first and `count` tokens. */
        fixed(word, count) {
            const tokens = this.next(`a line \`${word}\``);
            require_(tokens[0] === word, `a line \`${word}\` is expected`);
            require_(tokens.length === count, `\`${word}\` has ${tokens.length} tokens, not ${count}`);
            return tokens;
        }

        end() {
            if (this.at < this.chunk.length) reject("more bytes after `end`");
            while (this.pull()) if (this.chunk.length > 0) reject("more bytes after `end`");
        }

        int(token) {
            const digits = token.length - (token[0] === "-" ? 1 : 0);
            within(digits <= this.limits.digits, `an integer of more than ${this.limits.digits} digits`);
            if (!INT.test(token)) reject(`\`${shortened(token)}\` is not an integer`);
            return BigInt(token);
        }

        ints(tokens, from, to) {
            const values = new Array(to - from);
            for (let i = from; i < to; i++) values[i - from] = this.int(tokens[i]);
            return values;
        }

        nat(token) {
            const value = this.int(token);
            if (value < 0n) reject(`${shortened(token)} is negative`);
            return value;
        }

        pos(token) {
            const value = this.int(token);
            if (value <= 0n) reject(`${shortened(token)} is not positive`);
            return value;
        }

        /** INT, POS. */
        fraction(numerator, denominator) {
            return [this.int(numerator), this.pos(denominator)];
        }

        /** A count that has to be below `count`. */
        index(token, count, what) {
            const value = this.nat(token);
            if (value >= BigInt(count)) reject(`there is no ${what} ${shortened(token)}`);
            return Number(value);
        }
    }

    const shortened = (text) => (text.length > 40 ? `${text.slice(0, 37)}...` : text);

    function oneOf(token, words) {
        require_(words.includes(token), `\`${shortened(token)}\` is none of ${words.join(", ")}`);
        return token;
    }

    // ---- The statement (§2) -----------------------------------------------------------------------------------------

    const LOSSES = ["half-sum", "sum", "mean", "half-mean"];

    function readStatement(reader) {
        const { limits } = reader;
        const version = Number(oneOf(reader.fixed("relucert-proof", 2)[1], ["1", "2"]));
        reader.digest = new Sha256();

        const activation = reader.fixed("activation", 4);
        const [k1, k2] = reader.ints(activation, 1, 3);
        const kd = reader.pos(activation[3]);
        require_(k1 <= k2, "the slopes of the activation are in the wrong order");
        require_(gcd(gcd(k1, k2), kd) === 1n, "the slopes of the activation have a common divisor");

        const loss = oneOf(reader.fixed("loss", 2)[1], LOSSES);
        const decay = reader.fixed("decay", 4);
        const penalty = oneOf(decay[1], ["weight-decay", "ridge"]);
        const lambda = [reader.pos(decay[2]), reader.pos(decay[3])];
        require_(gcd(...lambda) === 1n, "the decay is not in lowest terms");
        const hiddenBias = oneOf(reader.fixed("hidden-bias", 2)[1], ["none", "decayed", "undecayed"]);
        const outputBias = oneOf(reader.fixed("output-bias", 2)[1], ["none", "decayed", "free"]);

        const sizes = reader.fixed("data", 6);
        const [n, N, d, DX, DY] = sizes.slice(1).map((token) => reader.pos(token));
        require_(N >= n, "fewer rows than samples");
        within(N <= BigInt(limits.rows), `more than ${limits.rows} rows`);
        within(d <= BigInt(limits.columns), `more than ${limits.columns} columns`);
        within(N * d <= BigInt(limits.entries), `more than ${limits.entries} entries`);

        const problem = {
            version, k1, k2, kd, loss, penalty, lambda, hiddenBias, outputBias, DX, DY,
            n: Number(n), d: Number(d), r: Number(d) + (hiddenBias === "none" ? 0 : 1),
            rows: [], sampleOf: [], targets: [],
        };
        readData(reader, problem, Number(N));
        problem.sha256 = reader.digest.hex();
        reader.digest = null;

        const c = { "half-sum": [1n, 2n], sum: [1n, 1n], mean: [1n, n], "half-mean": [1n, 2n * n] }[loss];
        const mu = penalty === "ridge" ? lambda : [lambda[0], 2n * lambda[1]];
        problem.c = c;
        problem.mu = mu;
        problem.beta = lowest([mu[0] * c[1], mu[1] * c[0]]);
        return problem;
    }

    function readData(reader, problem, count) {
        const { d, DX, DY, rows, sampleOf, targets, hiddenBias, n } = problem;
        let common = [DX, DY];
        for (let row = 0; row < count; row++) {
            const tokens = reader.next("a line of data");
            const begins = oneOf(tokens[0], ["s", "+"]) === "s";
            const from = begins ? 2 : 1;
            require_(tokens.length === from + d, `a line of data with ${tokens.length} tokens, not ${from + d}`);
            if (begins) {
                const target = reader.int(tokens[1]);
                targets.push(target);
                common[1] = gcd(common[1], target);
            }
            require_(targets.length > 0, "the first line of data is no `s` line");
            const entries = reader.ints(tokens, from, from + d);
            for (const entry of entries) if (common[0] !== 1n) common[0] = gcd(common[0], entry);
            if (hiddenBias !== "none") entries.push(DX);
            rows.push(entries);
            sampleOf.push(targets.length - 1);
        }
        require_(targets.length === n, `${targets.length} samples, not ${n}`);
        require_(common[0] === 1n, "DX is not least");
        require_(common[1] === 1n, "DY is not least");
    }

    // ---- Networks and the verdict (§3, §9) --------------------------------------------------------------------------

    function readNetwork(reader, problem, tokens) {
        const { d, r, n, k1, k2, kd, DX, DY, rows, sampleOf, targets, hiddenBias, outputBias } = problem;
        require_(tokens.length === 6, `\`network\` has ${tokens.length} tokens, not 6`);
        const m = reader.nat(tokens[2]);
        within(m <= BigInt(reader.limits.neurons), `more than ${reader.limits.neurons} neurons`);
        const [DW, DA, DC] = tokens.slice(3).map((token) => reader.pos(token));
        const sums = new Array(n).fill(0n); // of A·max(k1·t, k2·t), where t = ξ·(W, B)
        let [hidden, outer] = [0n, 0n]; // sums of squares of what is decayed
        for (let neuron = 0; neuron < Number(m); neuron++) {
            const line = reader.fixed("n", 2 + r);
            const A = reader.int(line[1]);
            const weights = reader.ints(line, 2, 2 + r);
            outer += A * A;
            const decayed = hiddenBias === "undecayed" ? weights.slice(0, d) : weights;
            hidden += dot(decayed, decayed);
            for (let i = 0; i < rows.length; i++) {
                const t = dot(rows[i], weights);
                sums[sampleOf[i]] += A * t * (t > 0n ? k2 : k1);
            }
            reader.look();
        }
        let C = 0n;
        if (outputBias === "none") require_(DC === 1n, "DC is not 1, though there is no output bias");
        else C = reader.int(reader.fixed("c", 2)[1]);

        // f_s − y_s over the denominator M·DC·DY.
        const M = DA * kd * DX * DW;
        let squares = 0n;
        for (let s = 0; s < n; s++) {
            const residual = sums[s] * DC * DY + C * M * DY - targets[s] * M * DC;
            squares += residual * residual;
        }
        let norm = plus([hidden, DW * DW], [outer, DA * DA]);
        if (outputBias === "decayed") norm = plus(norm, [C * C, DC * DC]);
        const exact = plus(times(problem.c, [squares, (M * DC * DY) ** 2n]), times(problem.mu, norm));

        const line = reader.fixed("objective", 3);
        const objective = reader.fraction(line[1], line[2]);
        require_(objective[0] * exact[1] === exact[0] * objective[1], "this is not the objective of the network");
        return { width: Number(m), objective: lowest(objective) };
    }

    /** The networks, the bound and the verdict, which has to follow from them. */
    function readClaim(reader, problem) {
        const networks = {};
        let tokens = reader.next("a line `network` or `bound`");
        for (const role of ["given", "best"]) {
            if (tokens[0] !== "network" || tokens[1] !== role) continue;
            networks[role] = readNetwork(reader, problem, tokens);
            tokens = reader.next("a line `network` or `bound`");
        }
        require_(tokens[0] === "bound", "a line `bound` is expected");
        const hasWidth = tokens.length === 5 && tokens[3] === "width" && problem.version === 2;
        require_(tokens.length === 3 || hasWidth, "`bound` has wrong tokens");
        const bound = lowest(reader.fraction(tokens[1], tokens[2]));
        const width = hasWidth ? reader.pos(tokens[4]) : null;
        if (width !== null) {
            const fit = Object.values(networks).every((network) => BigInt(network.width) <= width);
            require_(fit, "a network is wider than the bound's width");
        }

        const line = reader.fixed("verdict", 4);
        const verdict = oneOf(line[1], ["optimal", "not_optimal", "undecided"]);
        const tolerance = [reader.nat(line[2]), reader.pos(line[3])];
        const { given, best } = networks;
        const subject = given ?? best;
        if (verdict === "optimal") {
            require_(subject !== undefined, "`optimal`, but there is no network");
            const allowed = times(tolerance, subject.objective);
            require_(isAtMost(minus(subject.objective, bound), allowed), "`optimal`, but the gap is larger");
        } else if (verdict === "not_optimal") {
            require_(given !== undefined && best !== undefined, "`not_optimal`, but there are no two networks");
            require_(best.width <= given.width, "`not_optimal`, but the best network is wider than the given one");
            const better = minus(given.objective, best.objective);
            const allowed = times(tolerance, given.objective);
            require_(!isAtMost(better, allowed), "`not_optimal`, but the best network is not that much better");
        }
        return { networks, bound, width, verdict, tolerance: lowest(tolerance) };
    }

    // ---- The dual vector (§4) ---------------------------------------------------------------------------------------

    /** A dual vector that proves the bound if (★) holds, or null if it is zero. */
    function readDual(reader, problem, bound) {
        const { n, targets, DY, beta, c, outputBias } = problem;
        const line = reader.fixed("dual", 3);
        const [A, B] = [reader.nat(line[1]), reader.pos(line[2])];
        const V = new Array(n);
        for (let s = 0; s < n; s++) V[s] = reader.int(reader.fixed("v", 2)[1]);
        const sum = V.reduce((total, value) => total + value, 0n);
        if (outputBias === "free") require_(sum === 0n, "the dual vector does not sum to zero");
        let value = minus([A * dot(V, targets), B * DY], [A * A * dot(V, V), 2n * B * B]);
        if (outputBias === "decayed") {
            value = minus(value, [A * A * sum * sum * beta[1], 2n * B * B * beta[0]]);
        }
        require_(isAtMost(bound, times([2n * c[0], c[1]], value)), "the dual vector does not reach the bound");
        return A === 0n || V.every((entry) => entry === 0n) ? null : { A, B, V };
    }

    // ---- Classes of rows and the form H (§5) ------------------------------------------------------------------------

    function makeClasses(problem) {
        const numbers = new Map();
        const classes = []; // the primitive vectors p_c
        const members = []; // of every row: [class, |m_i|], or null for a zero row
        for (const row of problem.rows) {
            let m = 0n;
            for (const entry of row) if (m !== 1n) m = gcd(m, entry);
            if (m === 0n) {
                members.push(null);
                continue;
            }
            const divisor = row.find((entry) => entry !== 0n) < 0n ? -m : m;
            const p = row.map((entry) => entry / divisor);
            const key = p.join(" ");
            if (!numbers.has(key)) {
                numbers.set(key, classes.length);
                classes.push(p);
            }
            members.push([numbers.get(key), m]);
        }
        return { classes, members };
    }

    /** H for one dual vector and one sign. */
    class Form {
        constructor(problem, { classes, members }, { V }, sign) {
            const L = new Array(problem.r).fill(0n);
            this.classes = classes;
            this.weights = new Array(classes.length).fill(0n);
            problem.rows.forEach((row, i) => {
                const v = sign * V[problem.sampleOf[i]];
                if (v === 0n || members[i] === null) return;
                for (let j = 0; j < L.length; j++) L[j] += v * row[j];
                this.weights[members[i][0]] += v * members[i][1];
            });
            this.kappa = problem.k2 - problem.k1;
            this.linear = L.map((entry) => (problem.k1 + problem.k2) * entry);
            this.concave = [];
            this.weights.forEach((weight, c) => weight < 0n && this.concave.push(c));
            this.values = new WeakMap();
        }

        /** H at a generator. */
        at(generator) {
            let value = this.values.get(generator);
            if (value === undefined) {
                let sum = 0n;
                const { products, signs } = generator;
                for (let c = 0; c < products.length; c++) {
                    if (signs[c] > 0) sum += this.weights[c] * products[c];
                    else if (signs[c] < 0) sum -= this.weights[c] * products[c];
                }
                value = dot(this.linear, generator.vector) + this.kappa * sum;
                this.values.set(generator, value);
            }
            return value;
        }
    }

    /** A generator with its products p_c·g and their signs. */
    function makeGenerator(vector, products) {
        const signs = new Int8Array(products.length);
        for (let c = 0; c < products.length; c++) signs[c] = products[c] > 0n ? 1 : products[c] < 0n ? -1 : 0;
        return { vector, products, signs };
    }

    const generatorOf = (vector, classes) => makeGenerator(vector, classes.map((p) => dot(p, vector)));

    function combine(a, first, b, second) {
        const mix = (x, y) => {
            const out = new Array(x.length);
            for (let i = 0; i < x.length; i++) out[i] = a * x[i] + b * y[i];
            return out;
        };
        return makeGenerator(mix(first.vector, second.vector), mix(first.products, second.products));
    }

    /** The words of 64 bits that a generator is counted with. */
    function wordsOf(generator, limits) {
        let words = Math.ceil((2 * generator.signs.length) / 64);
        for (const entry of generator.vector) {
            if (BigInt.asIntN(63, entry) === entry) {
                words += 4;
                continue;
            }
            const size = bits(entry);
            within(size <= limits.generatorBits, `an entry of a generator has more than ${limits.generatorBits} bits`);
            words += 4 + Math.floor(size / 64);
        }
        return words;
    }

    // ---- Fans (§5) --------------------------------------------------------------------------------------------------

    /** Whether the determinant of a square matrix is not zero: elimination without fractions. */
    function isRegular(rows) {
        const matrix = rows.map((row) => row.slice());
        const size = matrix.length;
        let last = 1n;
        for (let k = 0; k < size; k++) {
            const pivotRow = matrix.findIndex((row, i) => i >= k && row[k] !== 0n);
            if (pivotRow < 0) return false;
            [matrix[k], matrix[pivotRow]] = [matrix[pivotRow], matrix[k]];
            const pivot = matrix[k][k];
            for (let i = k + 1; i < size; i++) {
                const factor = matrix[i][k];
                for (let j = k + 1; j < size; j++) {
                    matrix[i][j] = (pivot * matrix[i][j] - factor * matrix[k][j]) / last;
                }
            }
            last = pivot;
        }
        return true;
    }

    /** The basis and the lines: `orthants|half|simplex K Z`, then the vectors. */
    function readBasis(reader, problem, classes, [kindToken, kToken, zToken], mayBeHalf) {
        const { r } = problem;
        const kind = oneOf(kindToken, ["orthants", "half", "simplex"]);
        const [K, Z] = [reader.pos(kToken), reader.nat(zToken)];
        within(K <= BigInt(reader.limits.basisVectors), `more than ${reader.limits.basisVectors} basis vectors`);
        require_(K + Z === BigInt(r), `K + Z is not ${r}`);
        require_(kind !== "half" || mayBeHalf, "`half`, but the linear part is not zero");
        const vectors = (word, count) =>
            Array.from({ length: Number(count) }, () => reader.ints(reader.fixed(word, 1 + r), 1, 1 + r));
        const basis = vectors("b", K);
        const lines = vectors("z", Z);
        require_(isRegular([...basis, ...lines]), "the basis vectors and lines are dependent");
        for (const z of lines) {
            require_(classes.every((p) => dot(p, z) === 0n), "a line that a row is not orthogonal to");
        }
        return { kind, basis, lines };
    }

    /** The cones of the roots, in order. */
    function* rootsOf({ kind, basis }, classes) {
        const K = basis.length;
        const positive = basis.map((vector) => generatorOf(vector, classes));
        if (kind === "simplex") {
            const last = basis[0].map((_, i) => -basis.reduce((sum, vector) => sum + vector[i], 0n));
            const all = [...positive, generatorOf(last, classes)];
            for (let t = 0; t <= K; t++) yield all.filter((_, j) => j !== t);
            return;
        }
        const negative = basis.map((vector) => generatorOf(vector.map((entry) => -entry), classes));
        const count = 2 ** (kind === "half" ? K - 1 : K);
        for (let t = 0; t < count; t++) yield positive.map((generator, j) => ((t >> j) & 1 ? negative[j] : generator));
    }

    /** Walks the trees of all roots; `leaf` is given the tokens of a leaf and its cone. */
    function walkTrees(reader, roots, stats, leaf, onSplit) {
        const { limits } = reader;
        for (const root of roots) {
            // The cones that are still to come, the next one last.
            const stack = [{ cone: root, depth: 0, words: 0 }];
            while (stack.length > 0) {
                const { cone, depth, words } = stack.pop();
                const tokens = reader.next("a split or a leaf");
                stats.nodes++;
                within(stats.nodes <= limits.nodes, `more than ${limits.nodes} splits and leaves`);
                if (tokens[0] !== "/") {
                    leaf(tokens, cone);
                    stats.leaves++;
                    continue;
                }
                require_(tokens.length === 5, `a split has ${tokens.length} tokens, not 5`);
                const j = reader.index(tokens[1], cone.length, "generator");
                const k = reader.index(tokens[2], cone.length, "generator");
                require_(j !== k, "a split of a generator with itself");
                const [a, b] = [reader.pos(tokens[3]), reader.pos(tokens[4])];
                within(depth < limits.depth, `more than ${limits.depth} splits between a root and a leaf`);
                const p = combine(a, cone[j], b, cone[k]);
                const need = wordsOf(p, limits);
                within(words + need <= limits.pathWords, `the generators of a path need more than ${limits.pathWords} words`);
                if (onSplit) onSplit(need);
                stats.splits++;
                for (const place of [k, j]) {
                    const child = cone.slice();
                    child[place] = p;
                    stack.push({ cone: child, depth: depth + 1, words: words + need });
                }
            }
        }
    }

    /** What the length of q is compared with: |Q°|²·scale² ≤ most², without E. */
    function lengths(problem, { A, B }) {
        return {
            scale: A * problem.beta[1],
            most: problem.beta[0] * B * 2n * problem.kd * problem.DX,
        };
    }

    /** Rule `q`: the tokens from number `from` on are `Q_1 … Q_r [G c_1 n_1 …]`; it has to hold on every one of the cones. */
    function checkSupport(reader, problem, form, length, E, lines, tokens, from, cones) {
        const { r, hiddenBias } = problem;
        const rest = tokens.length - from - r;
        require_(rest === 0 || (rest >= 3 && rest % 2 === 1), "a leaf with a wrong number of tokens");
        const all = reader.ints(tokens, from, from + r);
        let G = 1n;
        const listed = new Map();
        if (rest > 0) {
            G = reader.pos(tokens[from + r]);
            let last = -1;
            for (let i = from + r + 1; i < tokens.length; i += 2) {
                const c = reader.index(tokens[i], form.classes.length, "class");
                require_(c > last, "the classes of a leaf do not ascend");
                last = c;
                require_(form.weights[c] < 0n, `class ${c} is not concave`);
                const slope = reader.int(tokens[i + 1]);
                require_(abs(slope) <= G, `the slope of class ${c} is not between −1 and 1`);
                listed.set(c, slope);
            }
        }
        const Q = all.slice();
        if (hiddenBias === "undecayed") Q[r - 1] = 0n;
        const most = length.most;
        const scale = E * length.scale;
        require_(dot(Q, Q) * scale * scale <= most * most, "the vector of a leaf is too long");
        for (const z of lines) require_(dot(Q, z) === 0n, "the vector of a leaf is not orthogonal to a line");
        for (const cone of cones) checkCone(form, cone, all, Q, E, G, listed);
    }

    /** Condition 1 of rule `q`. */
    function checkCone(form, cone, all, Q, E, G, listed) {
        const { classes, weights, concave, kappa } = form;
        const K = cone.length;
        const extra = new Array(K).fill(0n); // Σ W_c·(G·γ_c·p_c·g_j − G·|p_c·g_j|)
        for (let i = 0; i < concave.length; i++) {
            const c = concave[i];
            const slope = listed.size > 0 ? listed.get(c) : undefined;
            if (slope !== undefined) {
                for (let j = 0; j < K; j++) {
                    const t = cone[j].products[c];
                    extra[j] += weights[c] * (slope * t - G * abs(t));
                }
                continue;
            }
            let [hasPositive, hasNegative] = [false, false];
            for (let j = 0; j < K; j++) {
                const sign = cone[j].signs[c];
                if (sign > 0) hasPositive = true;
                else if (sign < 0) hasNegative = true;
            }
            if (!hasPositive || !hasNegative) continue; // γ_c·p_c·g_j = |p_c·g_j|
            const gamma = dot(classes[c], all) >= 0n ? 1n : -1n;
            for (let j = 0; j < K; j++) {
                const t = gamma * cone[j].products[c];
                if (t < 0n) extra[j] += 2n * G * weights[c] * t;
            }
        }
        for (let j = 0; j < K; j++) {
            const left = G * E * dot(Q, cone[j].vector);
            const right = G * form.at(cone[j]) + kappa * extra[j];
            require_(left >= right, `a leaf does not hold at generator ${j} of its cone`);
        }
    }

    function checkFan(reader, problem, shared, dual, sign, tokens, stats) {
        require_(tokens.length === 6, `\`fan\` has ${tokens.length} tokens, not 6`);
        const form = new Form(problem, shared, dual, sign);
        const isEven = form.linear.every((entry) => entry === 0n);
        const basis = readBasis(reader, problem, shared.classes, tokens.slice(2, 5), isEven);
        const E = reader.pos(tokens[5]);
        const length = lengths(problem, dual);
        walkTrees(reader, rootsOf(basis, shared.classes), stats, (line, cone) => {
            require_(line[0] === "q", `\`${shortened(line[0])}\` is no rule of a fan`);
            checkSupport(reader, problem, form, length, E, basis.lines, line, 1, [cone]);
        });
    }

    // ---- Trees of rows (§5a) ----------------------------------------------------------------------------------------

    function checkRowTree(reader, problem, shared, dual, sign, tokens, stats) {
        const { limits } = reader;
        require_(problem.version === 2, "a tree of rows in a file of version 1");
        require_(problem.hiddenBias !== "undecayed", "a tree of rows, but the hidden bias is not decayed");
        require_(tokens.length === 5, `\`rows\` has ${tokens.length} tokens, not 5`);
        within(problem.r <= limits.rowTreeColumns, `a tree of rows for more than ${limits.rowTreeColumns} columns`);
        const [Q, T, G] = tokens.slice(2).map((token) => reader.pos(token));
        const form = new Form(problem, shared, dual, sign);
        const heights = shared.classes.map((p) => ceilRoot(T * T * dot(p, p)));
        // ε_c, the least with 2^ε_c·T ≥ h_c, and the greatest of them.
        const exponents = heights.map((h) => {
            let e = 0n;
            while (T << e < h) e++;
            return e;
        });
        const exponent = exponents.reduce((most, e) => (e > most ? e : most), 0n);
        const tree = { Q, T, G, form, heights, exponents, exponent, length: lengths(problem, dual), r: problem.r };

        const stack = [{ above: null, depth: 0 }]; // `above`: the split that a tree is below of, with its side
        while (stack.length > 0) {
            const { above, depth } = stack.pop();
            const line = reader.next("a split or a leaf");
            stats.nodes++;
            within(stats.nodes <= limits.nodes, `more than ${limits.nodes} splits and leaves`);
            const region = { sides: new Int8Array(shared.classes.length), halfSpaces: [] };
            for (let at = above; at !== null; at = at.above) {
                if (at.normal === undefined) region.sides[at.c] = at.side;
                else region.halfSpaces.push(at);
            }
            region.halfSpaces.reverse(); // the first one first
            if (line[0] === "?" || line[0] === "h") {
                const split = (line[0] === "?" ? readRowSplit : readHalfSpace)(reader, tree, region, line);
                within(depth < limits.depth, `more than ${limits.depth} splits between a root and a leaf`);
                stats.splits++;
                for (const side of [-1, 1]) stack.push({ above: { ...split, side, above }, depth: depth + 1 });
            } else {
                const rule = { e: checkQuadratic, f: checkQuartic }[oneOf(line[0], ["?", "h", "e", "f"])];
                rule(reader, tree, region, line);
                stats.leaves++;
            }
        }
    }

    function readRowSplit(reader, { form }, { sides }, line) {
        require_(line.length === 2, `a split has ${line.length} tokens, not 2`);
        const c = reader.index(line[1], form.classes.length, "class");
        require_(sides[c] === 0, `class ${c} is fixed already`);
        return { c };
    }

    /** With y = (|u|, u_0, …), the half-space is Σ normal_a·y_a ≥ 0. */
    function readHalfSpace(reader, { r }, { halfSpaces }, line) {
        require_(line.length === r + 2, `a split by a half-space has ${line.length} tokens, not ${r + 2}`);
        const [C, ...a] = reader.ints(line, 1, r + 2);
        const normal = [-C, ...a];
        const words = normal.reduce((sum, entry) => sum + 4 + Math.floor(bits(entry) / 64), halfSpaces.at(-1)?.words ?? 0);
        within(words <= reader.limits.pathWords, `the half-spaces of a path need more than ${reader.limits.pathWords} words`);
        return { normal, words };
    }

    /** Rule `e`. */
    function checkQuadratic(reader, tree, { sides }, line) {
        const { Q, T, G, form, heights, r } = tree;
        const { classes, weights, kappa, linear } = form;
        let at = 1;
        const take = () => {
            require_(at < line.length, "a leaf with too few tokens");
            return reader.int(line[at++]);
        };
        const M = take();
        const S = Array.from({ length: r }, () => new Array(r).fill(0n)); // its upper half
        const add = (factor, p, o) => {
            if (factor === 0n) return;
            for (let i = 0; i < r; i++) {
                const scaled = factor * p[i];
                if (scaled !== 0n) for (let j = i; j < r; j++) S[i][j] += scaled * o[j];
            }
        };
        const b = linear.map((entry) => G * entry);
        const push = (factor, p) => {
            if (factor !== 0n) for (let i = 0; i < r; i++) b[i] += factor * p[i];
        };
        let convex = 0n; // Σ W_c·⌈Q·T/x_c⌉
        for (let c = 0; c < classes.length; c++) {
            const [p, W, h] = [classes[c], weights[c], heights[c]];
            if (sides[c] !== 0) {
                const [x, y] = [take(), take()];
                require_(x >= 0n && y >= 0n, `a negative multiplier of class ${c}`);
                require_(x * Q * T >= y * G * h, `the multipliers of class ${c} do not fit`);
                push(BigInt(sides[c]) * (G * kappa * W + x), p);
                add(-2n * y, p, p);
            } else if (W < 0n) {
                const [x, y] = [take(), take()];
                require_(y >= 0n, `a negative multiplier of class ${c}`);
                require_(abs(x) * Q * T + y * G * h <= Q * G * T, `the multipliers of class ${c} are too large`);
                push(kappa * W * x, p);
                add(2n * kappa * W * y, p, p);
            } else if (W > 0n) {
                const x = take();
                require_(x > 0n, `the multiplier of class ${c} is not positive`);
                convex += W * ceilDivide(Q * T, x);
                add(kappa * W * x, p, p);
            }
        }
        for (const [N, c, d] of readProducts(reader, classes, sides, line, at)) {
            const factor = N * BigInt(sides[c] * sides[d]);
            add(factor, classes[c], classes[d]);
            add(factor, classes[d], classes[c]);
        }
        const { scale, most } = tree.length; // Λ = most/scale
        const G2 = G * G;
        const h = floorDivide(
            2n * Q * G2 * most * T - Q * G2 * kappa * convex * scale - G2 * M * scale * T,
            scale * T,
        );
        const matrix = S.map((row, i) => [
            ...row.map((entry, j) => (j < i ? -S[j][i] : (i === j ? M : 0n) - entry)),
            -Q * b[i],
        ]);
        matrix.push([...b.map((entry) => -Q * entry), h]);
        checkSemidefinite(reader, matrix, "the matrix of a leaf is not positive semidefinite");
    }

    /** The triples at the end of a leaf's line, from number `at` on: [N, c, d]. */
    function readProducts(reader, classes, sides, line, at) {
        const products = [];
        if (at === line.length) return products;
        const count = reader.pos(line[at++]);
        require_(BigInt(line.length - at) === 3n * count, "a leaf with a wrong number of tokens");
        let last = [-1, -1];
        for (; at < line.length; at += 3) {
            const N = reader.pos(line[at]);
            const c = reader.index(line[at + 1], classes.length, "class");
            const d = reader.index(line[at + 2], classes.length, "class");
            require_(c < d, "the classes of a product do not ascend");
            require_(c > last[0] || (c === last[0] && d > last[1]), "the products of a leaf do not ascend");
            require_(sides[c] !== 0 && sides[d] !== 0, "a product with a class that is not fixed");
            last = [c, d];
            products.push([N, c, d]);
        }
        return products;
    }

    /** Rule `f`. */
    function checkQuartic(reader, tree, { sides, halfSpaces }, line) {
        const { T, form, heights, exponents, exponent, r } = tree;
        const { classes, weights, kappa, linear } = form;
        const K = r + (r * (r + 1)) / 2;
        const tooLarge = "a matrix of a leaf is too large";
        within(K ** 3 <= reader.limits.matrixWork, tooLarge);
        let at = 1;
        const take = () => {
            require_(at < line.length, "a leaf with too few tokens");
            return reader.int(line[at++]);
        };
        const U = take();
        require_(U > 0n, "U is not positive");

        // The polynomial, as the coefficients of its monomials: a key is the sorted indices of its factors.
        const { scale, most } = tree.length; // Λ = most/scale
        const polynomial = new Map();
        const add = (factor, indices) => {
            const key = indices.sort((a, b) => a - b).join();
            polynomial.set(key, (polynomial.get(key) ?? 0n) + factor);
        };
        // factor·(a monomial)·|u|^(2·times)
        const addTimesSquares = (factor, indices, times) => {
            if (factor === 0n) return;
            if (times === 0) return add(factor, indices);
            for (let i = 0; i < r; i++) addTimesSquares(factor, [...indices, i, i], times - 1);
        };
        // factor·(p·u)^power·|u|^(2·times), monomial by monomial: `left` factors to choose, none with an index below `from`.
        const addPower = (factor, p, power, times) => {
            const walk = (value, indices, from, left) => {
                if (left === 0) return addTimesSquares(value, indices, times);
                for (let i = from; i < r; i++) {
                    let part = value;
                    for (let count = 1; count <= left && p[i] !== 0n; count++) {
                        // The places of these `count` factors among the `left` ones.
                        part = (part * p[i] * BigInt(left - count + 1)) / BigInt(count);
                        const more = [...indices, ...new Array(count).fill(i)];
                        if (count === left) addTimesSquares(part, more, times);
                        else walk(part, more, i + 1, left - count);
                    }
                }
            };
            if (factor !== 0n) walk(factor, [], 0, power);
        };
        const top = 1n << (4n * exponent);
        addTimesSquares(floorDivide(top * most, scale), [], 2);
        linear.forEach((entry, i) => addTimesSquares(-top * entry, [i], 1));

        for (let c = 0; c < classes.length; c++) {
            if (sides[c] === 0 && weights[c] === 0n) continue;
            const coefficients = [take(), take(), take(), take(), take()];
            for (const side of sides[c] === 0 ? [1n, -1n] : [BigInt(sides[c])]) {
                const q = coefficients.map((a, k) => (U * side ** BigInt(k) * a) << (BigInt(4 - k) * exponents[c]));
                q[1] -= (kappa * weights[c]) << (4n * exponents[c]);
                const s = q.map((value, k) => value * heights[c] ** BigInt(k) * T ** BigInt(4 - k));
                const bernstein = [
                    12n * s[0],
                    12n * s[0] + 3n * s[1],
                    12n * s[0] + 6n * s[1] + 2n * s[2],
                    12n * s[0] + 9n * s[1] + 6n * s[2] + 3n * s[3],
                    12n * (s[0] + s[1] + s[2] + s[3] + s[4]),
                ];
                require_(isNonnegative(bernstein, 40), `the polynomial of class ${c} is too small`);
            }
            coefficients.forEach((a, k) => {
                const factor = -U * a * 2n ** (4n * exponent - BigInt(k) * exponents[c]);
                addPower(factor, classes[c], k, [2, 1, 1, 0, 0][k]);
            });
        }

        // The entries of N that are given.
        const pairs = [];
        for (let i = 0; i < r; i++) for (let j = i; j < r; j++) pairs.push([i, j]);
        const monomials = [...Array.from({ length: r }, (_, i) => [i]), ...pairs];
        const rowOf = new Map(monomials.map((indices, row) => [indices.join(), row]));
        const completed = new Map(); // from the entry to its monomial of degree 3 or 4
        for (const [j, k] of pairs) {
            for (let i = 0; i <= j; i++) completed.set(i * K + rowOf.get([j, k].join()), [i, j, k]);
            for (let l = k; l < r; l++) {
                for (let i = 0; i <= j; i++) {
                    completed.set(rowOf.get([i, k].join()) * K + rowOf.get([j, l].join()), [i, j, k, l]);
                }
            }
        }
        const N = Array.from({ length: K }, () => new Array(K).fill(0n));
        const unit = U << (4n * exponent + 1n);
        for (let a = 0; a < K; a++) {
            for (let b = a; b < K; b++) {
                if (completed.has(a * K + b)) continue;
                N[a][b] = N[b][a] = unit * take();
                within(K ** 3 * bits(N[a][b]) <= reader.limits.matrixWork, tooLarge);
                // What the entry is in ½·zᵀNz is no longer to be made by the completed ones.
                const part = a === b ? N[a][b] / 2n : N[a][b];
                if (part === 0n) continue;
                const indices = [...monomials[a], ...monomials[b]];
                addTimesSquares(-part, indices, b < r ? 1 : 0);
            }
        }
        for (const { normal, side } of halfSpaces) {
            const Y = Array.from({ length: r + 1 }, () => new Array(r + 1));
            for (let a = 0; a <= r; a++) for (let b = a; b <= r; b++) Y[a][b] = Y[b][a] = take();
            checkSemidefinite(reader, Y.map((row) => row.slice()), "the multipliers of a half-space are not positive semidefinite");
            // −2^(4ε)·U·τ·(a·u − C·|u|)·yᵀYy: |u| has the index −1 among the factors, and |u| or |u|³ becomes |u|² or |u|⁴.
            const products = new Map();
            for (let a = 0; a <= r; a++) {
                for (let b = a; b <= r; b++) {
                    const entry = Y[a][b] * (a === b ? 1n : 2n);
                    for (let c = 0; c <= r && entry !== 0n; c++) {
                        const key = [a - 1, b - 1, c - 1].sort((i, j) => i - j).join();
                        products.set(key, (products.get(key) ?? 0n) + entry * normal[c]);
                    }
                }
            }
            for (const [key, product] of products) {
                const indices = key.split(",").map(Number).filter((i) => i >= 0);
                addTimesSquares(-top * U * BigInt(side) * product, indices, (4 - indices.length) >> 1);
            }
        }
        for (const [product, c, d] of readProducts(reader, classes, sides, line, at)) {
            const power = 2n ** (4n * exponent - exponents[c] - exponents[d]);
            const factor = -U * product * power * BigInt(sides[c] * sides[d]);
            for (let i = 0; i < r; i++) {
                for (let j = 0; j < r; j++) addTimesSquares(factor * classes[c][i] * classes[d][j], [i, j], 1);
            }
        }
        for (const [entry, indices] of completed) {
            const [a, b] = [Math.floor(entry / K), entry % K];
            const rest = polynomial.get(indices.join()) ?? 0n;
            N[a][b] = N[b][a] = a === b ? 2n * rest : rest;
        }
        checkSemidefinite(reader, N, "the matrix of a leaf is not positive semidefinite");
    }

    /** Whether five Bernstein coefficients are those of a polynomial that halving shows to be nonnegative. */
    function isNonnegative(B, depth) {
        if (B.every((value) => value >= 0n)) return true;
        if (B[0] < 0n || B[4] < 0n || depth === 0) return false;
        const middle = B[0] + 4n * B[1] + 6n * B[2] + 4n * B[3] + B[4];
        const first = [16n * B[0], 8n * (B[0] + B[1]), 4n * (B[0] + 2n * B[1] + B[2]), 2n * (B[0] + 3n * B[1] + 3n * B[2] + B[3]), middle];
        const second = [middle, 2n * (B[1] + 3n * B[2] + 3n * B[3] + B[4]), 4n * (B[2] + 2n * B[3] + B[4]), 8n * (B[3] + B[4]), 16n * B[4]];
        return isNonnegative(first, depth - 1) && isNonnegative(second, depth - 1);
    }

    function checkSemidefinite(reader, matrix, message) {
        let largest = 1;
        for (const row of matrix) for (const entry of row) largest = Math.max(largest, bits(entry));
        within(matrix.length ** 3 * largest <= reader.limits.matrixWork, "a matrix of a leaf is too large");
        require_(isSemidefinite(matrix), message);
    }

    /** Whether a symmetric matrix, which is changed, is positive semidefinite: pivots on the diagonal, in order. */
    function isSemidefinite(matrix) {
        const size = matrix.length;
        let last = 1n;
        for (let k = 0; k < size; k++) {
            const pivot = matrix[k][k];
            if (pivot < 0n) return false;
            if (pivot === 0n) {
                for (let j = k + 1; j < size; j++) if (matrix[k][j] !== 0n) return false;
                continue;
            }
            for (let i = k + 1; i < size; i++) {
                const factor = matrix[k][i];
                for (let j = i; j < size; j++) {
                    matrix[i][j] = (pivot * matrix[i][j] - factor * matrix[k][j]) / last;
                }
            }
            last = pivot;
        }
        return true;
    }

    // ---- Bounds at a fixed width (§9) -------------------------------------------------------------------------------

    function checkFixedWidth(reader, problem, claim, stats) {
        const { limits } = reader;
        const shared = makeClasses(problem);
        const head = reader.fixed("parts", 5);
        const T = reader.pos(head[4]);
        within(T <= BigInt(limits.parts), `more than ${limits.parts} parts`);
        const isEven = problem.k1 + problem.k2 === 0n;
        const basis = readBasis(reader, problem, shared.classes, head.slice(1, 4), isEven);
        const parts = Array.from({ length: Number(T) }, () => []);
        let words = 0;
        const count = (more) => {
            words += more;
            within(words <= limits.pathWords, `the parts need more than ${limits.pathWords} words`);
        };
        const keep = (line, cone) => {
            require_(line[0] === ".", `\`${shortened(line[0])}\` is no leaf of a part`);
            require_(line.length === 2, `a leaf of a part has ${line.length} tokens, not 2`);
            count(cone.length);
            parts[reader.index(line[1], parts.length, "part")].push(cone);
        };
        walkTrees(reader, rootsOf(basis, shared.classes), stats, keep, count);
        require_(parts.every((cones) => cones.length > 0), "a part without a cone");

        const pieces = 2 * parts.length;
        const R = reader.pos(reader.fixed("blocks", 2)[1]);
        within(R * BigInt(pieces) <= BigInt(limits.blockPieces), "too many blocks");
        const width = claim.width > BigInt(pieces) ? pieces : Number(claim.width);
        const blockWords = Math.ceil(Number(R) / 64);
        let [sets, binomial] = [0, 1];
        for (let size = 1; size <= width; size++) {
            binomial = (binomial * (pieces - size + 1)) / size;
            sets += binomial;
            within(sets * blockWords <= limits.coverageWork, "too many sets of pieces");
        }
        const blocks = [];
        for (let number = 0; number < Number(R); number++) {
            blocks.push(readBlock(reader, problem, claim, shared, basis.lines, parts));
        }
        require_(isCovered(blocks, pieces, width, reader), "a set of pieces is in no block");
        stats.blocks = blocks.length;
        stats.pieces = pieces;
    }

    /** The set of a block: for each piece 1 if it is in it. */
    function readBlock(reader, problem, claim, shared, lines, parts) {
        const set = new Uint8Array(2 * parts.length);
        const dual = readDual(reader, problem, claim.bound);
        if (dual === null) return set.fill(1);
        const head = reader.fixed("pieces", 3);
        const [count, E] = [reader.pos(head[1]), reader.pos(head[2])];
        const forms = [1n, -1n].map((sign) => new Form(problem, shared, dual, sign));
        const length = lengths(problem, dual);
        let last = -1;
        for (let left = count; left > 0n; left--) {
            const line = reader.next("a line `p`");
            require_(line[0] === "p" && line.length > 1, "a line `p` is expected");
            const piece = reader.index(line[1], set.length, "piece");
            require_(piece > last, "the pieces of a block do not ascend");
            last = piece;
            checkSupport(reader, problem, forms[piece % 2], length, E, lines, line, 2, parts[piece >> 1]);
            set[piece] = 1;
        }
        return set;
    }

    /** Whether every set of at most `width` pieces is in the set of a block. */
    function isCovered(blocks, pieces, width, reader) {
        // From which piece on a block has all of them.
        const full = blocks.map((set) => {
            let from = pieces;
            while (from > 0 && set[from - 1] === 1) from--;
            return from;
        });
        // The sets that begin with those chosen so far, whose pieces are less than `from` and are in the sets of `left`.
        const isBelow = (left, from, more) => {
            if (left.length === 0) return false;
            if (more === 0 || left.some((block) => full[block] <= from)) return true;
            for (let piece = from; piece < pieces; piece++) {
                const with_ = left.filter((block) => blocks[block][piece] === 1);
                if (!isBelow(with_, piece + 1, more - 1)) return false;
            }
            reader.look();
            return true;
        };
        return isBelow(blocks.map((_, i) => i), 0, width);
    }

    // ---- The whole --------------------------------------------------------------------------------------------------

    function checkBoundAtEveryWidth(reader, problem, claim, stats) {
        const dual = readDual(reader, problem, claim.bound);
        if (dual === null) return;
        const shared = makeClasses(problem);
        for (const [name, sign] of [["+", 1n], ["-", -1n]]) {
            const tokens = reader.next(`the fan of sign ${name}`);
            require_(tokens[0] === "fan" || tokens[0] === "rows", "a line `fan` is expected");
            require_(tokens[1] === name, `the fan of sign ${name} is expected`);
            const checkTree = tokens[0] === "fan" ? checkFan : checkRowTree;
            checkTree(reader, problem, shared, dual, sign, tokens, stats);
        }
    }

    /**
     * Checks a proof.
     *
     * `chunks` is an iterable of Uint8Array: the text of the proof. `options.limits` has limits that replace those of
     * LIMITS; `options.progress` is called a few times a second. The result has a `status`: with "accepted" also
     * `theorem`, otherwise `line` and `message`.
     */
    function checkChunks(chunks, options = {}) {
        const reader = new Reader(chunks, { ...LIMITS, ...options.limits }, options.progress);
        try {
            const problem = readStatement(reader);
            const claim = readClaim(reader, problem);
            const stats = { nodes: 0, leaves: 0, splits: 0, blocks: 0, pieces: 0 };
            if (claim.width === null) checkBoundAtEveryWidth(reader, problem, claim, stats);
            else checkFixedWidth(reader, problem, claim, stats);
            reader.fixed("end", 1);
            reader.end();
            return { status: ACCEPTED, theorem: { ...claim, ...described(problem), stats } };
        } catch (error) {
            if (error instanceof Refusal) return { status: error.status, line: reader.line, message: error.message };
            // What the machine has no room for.
            if (error instanceof RangeError) return { status: LIMIT, line: reader.line, message: error.message };
            throw error;
        }
    }

    /** Checks a proof that is given as bytes, `isGzip` if they are compressed. */
    function check(bytes, isGzip, options) {
        return checkChunks(isGzip ? new Gunzip(bytes).chunks() : [bytes], options);
    }

    // ---- The theorem in words ---------------------------------------------------------------------------------------

    function described(problem) {
        const { sha256, version, k1, k2, kd, loss, penalty, lambda, hiddenBias, outputBias, n, d, rows } = problem;
        return { sha256, version, activation: [k1, k2, kd], loss, penalty, lambda, hiddenBias, outputBias, n, d, rows: rows.length };
    }

    const fractionText = ([a, b]) => (b === 1n ? `${a}` : `${a}/${b}`);

    /** A fraction with so many significant digits, rounded down or up. */
    function decimal([a, b], digits, roundUp) {
        if (a === 0n) return "0";
        const sign = a < 0n ? "-" : "";
        const up = roundUp !== a < 0n;
        const size = abs(a);
        const divide = (x, y) => (up ? ceilDivide(x, y) : x / y);
        let exponent = size.toString().length - b.toString().length; // 10^exponent is near a/b
        if (exponent >= 0 ? size < b * 10n ** BigInt(exponent) : size * 10n ** BigInt(-exponent) < b) exponent--;
        const shift = digits - 1 - exponent;
        let scaled = shift >= 0 ? divide(size * 10n ** BigInt(shift), b) : divide(size, b * 10n ** BigInt(-shift));
        let text = scaled.toString();
        if (text.length > digits) {
            text = text.slice(0, digits);
            exponent++;
        }
        if (exponent < -5 || exponent >= 21) {
            const tail = text.slice(1).replace(/0+$/, "");
            return `${sign}${text[0]}${tail ? `.${tail}` : ""}e${exponent}`;
        }
        if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${text}`.replace(/0+$/, "");
        text = text.padEnd(exponent + 1, "0");
        const fraction = text.slice(exponent + 1).replace(/0+$/, "");
        return `${sign}${text.slice(0, exponent + 1)}${fraction ? `.${fraction}` : ""}`;
    }

    /** A fraction in full if it is short, and as a decimal, rounded down. */
    function valueText(fraction) {
        const [text, down, up] = [fractionText(fraction), decimal(fraction, 20, false), decimal(fraction, 20, true)];
        if (text === down) return text;
        const value = `${down === up ? "=" : "≈"} ${down}`;
        return text.length > 40 ? value : `${text} ${value}`;
    }

    const count = (number, noun) => `${number} ${noun}${String(number) === "1" ? "" : "s"}`;

    /** The theorem as sentences. */
    function sentences(theorem) {
        const { activation: [k1, k2, kd], loss, penalty, lambda, networks, bound, width, verdict, tolerance } = theorem;
        const name =
            k1 === 0n && k2 === 1n && kd === 1n ? "ReLU"
            : k1 === -1n && k2 === 1n && kd === 1n ? "absolute value"
            : `max(${fractionText(lowest([k1, kd]))}·t, ${fractionText(lowest([k2, kd]))}·t)`;
        const bias = (kind, which) => (kind === "none" ? `no ${which} bias` : `${which} bias ${kind === "decayed" ? "decayed" : "not decayed"}`);
        const sum = { "half-sum": "½Σ(f−y)²", sum: "Σ(f−y)²", mean: "(1/n)Σ(f−y)²", "half-mean": "(1/2n)Σ(f−y)²" }[loss];
        const rows = theorem.rows === theorem.n ? "" : `, ${count(theorem.rows, "row")}`;
        const who = width === null ? "Every such network, of every width," : `Every such network of width at most ${width}`;
        const isLong = fractionText(bound).length > 40;
        const lines = [
            `Two-layer networks with the activation ${name} (${bias(theorem.hiddenBias, "hidden")}, ${bias(theorem.outputBias, "output")}) on ` +
                `${count(theorem.n, "sample")}${rows}, ${count(theorem.d, "feature")}; objective ${sum} + ` +
                `${penalty === "ridge" ? "λ" : "(λ/2)"}·‖θ‖², λ = ${fractionText(lambda)}.`,
            `${who} has objective at least ${isLong ? `${decimal(bound, 20, false)} (rounded down)` : valueText(bound)}.`,
        ];
        const called = { given: "The given network", best: "The best network" };
        for (const [role, network] of Object.entries(networks)) {
            lines.push(`${called[role]} (${count(network.width, "neuron")}) has objective ${valueText(network.objective)}.`);
        }
        const subject = networks.given ? "The given network" : "The best network";
        const within_ = decimal(tolerance, 6, true);
        if (verdict === "optimal") {
            const among = width === null ? "" : ` among the networks of width at most ${width}`;
            lines.push(`${subject} is optimal${among}: its gap is at most ${within_} of its objective.`);
        } else if (verdict === "not_optimal") {
            lines.push(
                `The given network is not optimal, not even among networks of its width: the best network is lower by more than ${within_} of its objective.`,
            );
        } else {
            lines.push("Nothing is claimed about whether a network is optimal.");
        }
        return lines;
    }

    return Object.freeze({ ACCEPTED, REJECTED, LIMIT, LIMITS, check, checkChunks, Gunzip, Sha256, decimal, fractionText, sentences });
})();

if (typeof module !== "undefined") {
    module.exports = relucertCheck;
    if (require.main === module) {
        const { readFileSync } = require("node:fs");
        const paths = process.argv.slice(2);
        if (paths.length === 0) {
            console.error("usage: node relucert_check.js PROOF...");
            process.exit(2);
        }
        let worst = 0;
        for (const path of paths) {
            let bytes;
            try {
                bytes = readFileSync(path);
            } catch (error) {
                console.log(`unreadable: ${path}: ${error.message}`);
                worst ||= 2;
                continue;
            }
            const result = relucertCheck.check(bytes, path.endsWith(".gz"));
            if (result.status === relucertCheck.ACCEPTED) {
                console.log(`accepted: ${path}\n\n${relucertCheck.sentences(result.theorem).join("\n")}`);
                console.log(`Statement SHA-256: ${result.theorem.sha256}\n`);
            } else {
                console.log(`${result.status}: ${path}: line ${result.line}: ${result.message}`);
                worst ||= result.status === relucertCheck.REJECTED ? 1 : 3;
            }
        }
        process.exit(worst);
    }
}
