// What the explorers compute, held against what the chapters measured. No browser is needed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { reference, results } from "./measured.mjs";
import "../../docs/site/explorers/stall-model.js";
import "../../docs/site/explorers/stall-words.js";
import "../../docs/site/explorers/window-model.js";
import "../../docs/site/explorers/break-even-model.js";

const { stallModel, stallWords } = globalThis;
const requests = reference("04-tcp-nodelay");
const ladders = results("04-tcp-nodelay", "ladder.json");
const learnt = stallModel.coefficients(requests);
const simulate = settings => stallModel.simulate({ ...stallModel.defaults, ...learnt, ...settings });
const writes = (...sizes) => sizes.map(bytes => ({ times: 1, bytes, pause: 0 }));

// A round trip through netlab's loop costs some tenths of a millisecond that the model does not know.
function near(simulated, measured, name) {
    assert.ok(Math.abs(simulated - measured) <= Math.max(0.06 * measured, measured > 1 ? 0.3 : 0.025),
        `${name}: ${simulated.toFixed(3)} ms computed, ${measured.toFixed(3)} measured`);
}

test("the clock's tick is found in the measured stall", () => {
    const ticks = requests["loopback/separate"].median_us / 1e3 / learnt.tick;
    assert.ok(Math.abs(ticks - Math.round(ticks)) < 0.1, `${ticks} ticks of ${learnt.tick} ms`);
    assert.equal(stallModel.coefficients({ ...requests, "loopback/separate": { median_us: 41050 } }).tick, 1);
    assert.deepEqual(stallModel.coefficients({}), {}, "a run that was cut short");
});

for (const { name, settings } of stallModel.measured)
    test(`the computed request takes what ${name} took`, () => {
        const measured = stallModel.found(requests, settings);
        assert.ok(measured > 0, "the case is in the results");
        near(simulate(settings).whole, measured, name);
    });

for (const { name, settings } of stallModel.measured.filter(({ name }) => /^(distance|size)/.test(name) && !name.includes("quickack")))
    test(`the first request of a connection takes what that of ${name} took`, () => {
        const begins = { ...settings, receiver: "new" };
        const measured = stallModel.found(requests, begins);
        near(simulate(begins).whole, measured, name);
    });

test("the packets are those of the recorded ladders, in their order", () => {
    for (const [name, settings] of [["separate", {}], ["separate+nodelay", { noDelay: true }], ["gathered", { writes: writes(76) }], ["corked", { corked: true }]]) {
        const recorded = ladders.filter(({ ladder, kind }) => ladder === name && kind !== "silence");
        const { packets } = simulate(settings);
        assert.deepEqual(packets.map(({ from, bytes }) => [from === "sender" ? "client" : "server", bytes]),
            recorded.map(({ from, length }) => [from, length]), name);
        packets.forEach((packet, at) => near(packet.arrived, recorded[at].ended_ms, `${name}, packet ${at + 1}`));
    }
});

test("the silence is the recorded one", () => {
    const { sent_ms, ended_ms } = ladders.find(({ ladder, kind }) => ladder === "separate" && kind === "silence");
    const { silence } = simulate({});
    near(silence.to - silence.from, ended_ms - sent_ms, "silence");
});

test("one byte decides: 1447 waits, 1448 does not, and of 1449 one byte waits for a round trip", () => {
    const stall = bytes => simulate({ roundTrip: 10, writes: writes(12, bytes) });
    assert.ok(stall(1447).whole > 60);
    assert.ok(stall(1448).whole < 11);
    const over = stall(1449);
    assert.ok(over.whole > 20 && over.whole < 22);
    assert.deepEqual(over.waits.filter(({ side }) => side === "sender").map(({ bytes, why }) => [bytes, why]), [[1, "nagle"]]);
});

test("with TCP_NODELAY no pattern waits", () => {
    for (const pattern of [writes(12, 64), writes(1, 1, 1), writes(12, 1449, 7)])
        assert.deepEqual(simulate({ noDelay: true, writes: pattern }).waits.filter(({ side }) => side === "sender"), []);
});

test("bytes are neither lost nor made", () => {
    for (const pattern of [writes(12, 64), writes(12, 14500), [{ times: 76, bytes: 1, pause: 0 }], [{ times: 9, bytes: 700, pause: 7 }]])
        for (const settings of [{}, { noDelay: true }, { corked: true }, { receiver: "new" }, { receiver: "quick" }]) {
            const { packets } = simulate({ ...settings, writes: pattern });
            const sent = packets.filter(({ kind }) => kind === "data").reduce((sum, { bytes }) => sum + bytes, 0);
            assert.equal(sent, pattern.reduce((sum, { times, bytes }) => sum + times * bytes, 0), JSON.stringify(settings));
        }
});

test("a new connection has ten segments under way at most", () => {
    const { packets } = simulate({ receiver: "new", noDelay: true, writes: [{ times: 76, bytes: 1, pause: 0 }] });
    const first = packets.filter(({ kind, sent }) => kind === "data" && sent < 5);
    assert.equal(first.length, 10);
});

test("a forgotten cork holds for 200 ms and a round trip, and no longer", () => {
    const { waits } = simulate({ corked: true, roundTrip: 50, writes: [{ times: 1, bytes: 12, pause: 0 }, { times: 4, bytes: 1, pause: 100 }] });
    const [first] = waits.filter(({ side }) => side === "sender");
    assert.equal(Math.round(first.to - first.from), 250);
});

test("every step says why", () => {
    const { steps } = simulate({});
    const said = steps.map(step => stallWords(step, { ...stallModel.defaults, ...learnt }));
    assert.match(said[1], /^The sender's program writes 64 bytes\. They wait: a small segment is unacknowledged/);
    assert.match(said[3], /^No reply came for 4\d\.\d ms\. The timer runs out/);
    const seen = [...said];
    for (const receiver of ["conversation", "new", "quick"])
        for (const corked of [false, true])
            for (const noDelay of [false, true])
                for (const pattern of [writes(12, 1449), writes(3000), [{ times: 30, bytes: 1, pause: 0 }], [{ times: 3, bytes: 14500, pause: 0 }], [{ times: 5, bytes: 64, pause: 90 }]]) {
                    const settings = { ...stallModel.defaults, ...learnt, receiver, corked, noDelay, writes: pattern };
                    seen.push(...stallModel.simulate(settings).steps.map(step => stallWords(step, settings)));
                }
    for (const one of seen) {
        assert.match(one, /^[A-Z0-9].*[.]$/);
        assert.doesNotMatch(one, /undefined|NaN|null|\b1 bytes|\b1 segments|(?<!of )(?<![,\d])1 byte (arrive|wait|leave|go)\b/);
    }
});

const links = reference("02-buffer-size"), window_learnt = globalThis.windowModel.learn(links);

for (const point of globalThis.windowModel.points(links)) {
    const { roundTrip, receive, send, mbit } = point;
    test(`the law gives the throughput over ${roundTrip} ms with buffers of ${receive} and ${send}`, () => {
        const computed = globalThis.windowModel.throughput({ ...point, rate: 100 }, window_learnt).mbit;
        // Over 1 ms a packet's own time on the wire and the programs' waking count; the law knows neither.
        assert.ok(mbit < computed * 1.01 && mbit > computed * (roundTrip > 1 ? 0.89 : 0.78), `${computed.toFixed(2)} computed, ${mbit.toFixed(2)} measured`);
    });
}

test("the end that decides is the one with the least under way", () => {
    const K = 1024, of = state => globalThis.windowModel.throughput({ rate: 100, roundTrip: 40, receive: Infinity, send: Infinity, ...state }, window_learnt);
    assert.equal(of({}).end, "link");
    assert.equal(of({ receive: 64 * K }).end, "receiver");
    assert.equal(of({ send: 64 * K }).end, "sender");
    assert.equal(of({ receive: 64 * K, roundTrip: 5 }).end, "link");
    assert.equal(of({}).product, 500000);
    assert.ok(of({ receive: 128 * K }).window > 2 * of({ receive: 64 * K }).window * 0.95, "between measured sizes");
    const { bend } = of({ receive: 64 * K });
    assert.equal(of({ receive: 64 * K, roundTrip: bend * 0.999 }).end, "link");
    assert.equal(of({ receive: 64 * K, roundTrip: bend * 1.001 }).end, "receiver");
});

test("without results the law stands on what was asked for", () => {
    const bare = globalThis.windowModel.learn({});
    assert.equal(globalThis.windowModel.throughput({ rate: 100, roundTrip: 40, receive: 65536, send: Infinity }, bare).end, "receiver");
});

const transfers = reference("05-compression"), breakEven = globalThis.breakEvenModel;

test("the break-even is the one that the chapter's own model predicts", () => {
    const { claims } = results("05-compression");
    const predicted = [...claims.filter(({ id }) => id.startsWith("break-even")).map(({ figure }) => figure).join(";")
        .matchAll(/(json-log|prose) level (\d) (in turn|overlapped): (\d+) predicted/g)];
    assert.ok(predicted.length > 5);
    for (const [, kind, level, how, mbit] of predicted)
        assert.equal(Math.round(breakEven.breakEven(breakEven.speed(transfers, kind, `zlib-${level}`), how.replace(" ", "_"))), Number(mbit), `${kind} ${level} ${how}`);
});

for (const [kind, level] of [["json-log", 1], ["json-log", 6], ["json-log", 9], ["prose", 1], ["prose", 6], ["random", 6]])
    test(`the formulas give the measured transfers of ${kind} at level ${level}`, () => {
        const of = breakEven.speed(transfers, kind, `zlib-${level}`), points = breakEven.points(transfers, kind, `zlib-${level}`);
        assert.ok(points.length >= 10);
        for (const { link, how, faster } of points.filter(({ link }) => link <= 300)) { // above, two cores are too few
            const times = breakEven.times(of, 1e8, link), computed = times.plain / times[how];
            assert.ok(faster > 0.78 * computed && faster < 1.1 * computed, `${link} Mbit/s, ${how}: ${computed.toFixed(2)} computed, ${faster.toFixed(2)} measured`);
        }
    });

test("at the break-even plain and compressed take the same time", () => {
    const of = breakEven.speed(transfers, "csv", "zlib-4");
    for (const how of ["in_turn", "overlapped"]) {
        const times = breakEven.times(of, 1e8, breakEven.breakEven(of, how));
        assert.ok(Math.abs(times[how] / times.plain - 1) < 1e-9, how);
    }
});

test("random bytes are quickest plain, and a slow link wants the best ratio", () => {
    assert.equal(breakEven.best(transfers, "random", 1, "overlapped", 1e8)[0], "plain");
    assert.equal(breakEven.breakEven(breakEven.speed(transfers, "random", "zlib-1"), "overlapped"), 0);
    assert.equal(breakEven.best(transfers, "json-log", 1, "in_turn", 1e8)[0], "zstd-9");
    assert.equal(breakEven.best(transfers, "json-log", 10000, "in_turn", 1e8)[0], "plain");
});
