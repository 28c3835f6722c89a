// The explorers, by keyboard: each loads when it comes near, computes a known result, and goes back to where it was.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import "../../docs/site/explorers/parts.js";
import "../../docs/site/explorers/stall-model.js";
import "../../docs/site/explorers/window-model.js";
import "../../docs/site/explorers/break-even-model.js";
import { address, launch, open, test } from "./browser.mjs";
import { reference } from "./measured.mjs";

const { stallModel, windowModel, breakEvenModel } = globalThis, { rate, digits } = globalThis.explorerParts;
const requests = reference("04-tcp-nodelay"), links = reference("02-buffer-size"), codecs = reference("05-compression");

// What the page is to show, from the same model and results.
const request = settings => {
    const { whole } = stallModel.simulate({ ...stallModel.defaults, ...stallModel.coefficients(requests), ...settings });
    return whole < 1 ? `${Math.round(whole * 1e3)} µs` : `${whole.toFixed(1)} ms`;
};
const through = settings => windowModel.throughput({ rate: 100, roundTrip: 40, receive: 65536, send: Infinity, ...settings }, windowModel.learn(links));
const zlib = level => {
    const of = breakEvenModel.speed(codecs, "json-log", `zlib-${level}`), { plain, in_turn, overlapped } = breakEvenModel.times(of, 1e8, 100);
    return { faster: digits(plain / Math.min(in_turn, overlapped)), in_turn: rate(breakEvenModel.breakEven(of, "in_turn")), overlapped: rate(breakEvenModel.breakEven(of, "overlapped")) };
};
function says(text, ...parts) {
    for (const part of parts) assert.ok(text.includes(part), `"${part}" is not in: ${text}`);
}

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

async function explorer(page, name, options = {}) {
    const opened = await open(browser, page, { reducedMotion: "reduce", ...options });
    const place = opened.tab.locator(`#explorer-${name}`);
    await place.scrollIntoViewIfNeeded();
    await place.locator("input").first().waitFor();
    return { place, ...opened };
}

// Moves the focus on with the Tab key until it is on an element that matches.
async function tabTo(tab, selector) {
    for (let presses = 0; presses < 40; ++presses) {
        if (await tab.evaluate(found => document.activeElement.matches(found), selector)) return;
        await tab.keyboard.press("Tab");
    }
    assert.fail(`the Tab key does not reach ${selector}`);
}

const lessons = { stall: "tcp-nodelay.html", window: "buffer-size.html", "break-even": "compression.html" };

for (const [name, page] of Object.entries(lessons)) {
    test(`${page}: the explorer is loaded when it comes near`, { timeout: 60000 }, async () => {
        const { tab, complaints, close } = await open(browser, page);
        const scripts = () => tab.locator("head :is(script[src^='explorers/'], link[href^='explorers/'])").count();
        assert.equal(await scripts(), 0, "loaded before it was near");
        await tab.locator(`#explorer-${name}`).scrollIntoViewIfNeeded();
        await tab.locator(`#explorer-${name} input`).first().waitFor();
        assert.ok(await scripts() > 3);
        assert.deepEqual(complaints, []);
        await close();
    });

    test(`${page}: without JavaScript a sentence says what would stand there`, { timeout: 60000 }, async () => {
        const { tab, close } = await open(browser, page, { javaScriptEnabled: false });
        const place = tab.locator(`#explorer-${name}`);
        assert.match(await place.innerText(), /^With JavaScript, .+\.$/);
        assert.equal(await place.locator("button, input, select").count(), 0);
        await close();
    });
}

test("a stalled request is stepped through by keyboard, forth and back", { timeout: 60000 }, async () => {
    const { tab, place, complaints, close } = await explorer("tcp-nodelay.html", "stall");
    const sentence = place.locator(".sentence"), packets = place.locator("svg g.packet");
    await place.locator("input").first().focus();
    await tabTo(tab, ".transport button:nth-of-type(4)");
    assert.equal(await tab.evaluate(() => document.activeElement.textContent), "Step");
    const before = [];
    for (let step = 1; step <= 4; ++step) {
        await tab.keyboard.press("Enter");
        assert.match(await place.locator(".count").innerText(), new RegExp(`^Step ${step} of 10$`));
        before.push([await sentence.innerText(), await packets.count(), await place.locator("svg").innerHTML()]);
    }
    assert.match(before[1][0], /64 bytes\. They wait: a small segment is unacknowledged/);
    assert.match(before[3][0], /The timer runs out/);
    assert.equal(before[3][1], 2, "the header and its acknowledgement");
    await tab.keyboard.press("Shift+Tab");
    await tab.keyboard.press("Shift+Tab");
    assert.equal(await tab.evaluate(() => document.activeElement.textContent), "Back");
    for (let step = 3; step >= 1; --step) {
        await tab.keyboard.press("Enter");
        assert.deepEqual([await sentence.innerText(), await packets.count(), await place.locator("svg").innerHTML()], before[step - 1], `back at step ${step}`);
    }
    await tabTo(tab, ".transport button:nth-of-type(5)");
    await tab.keyboard.press("Enter");
    says(await place.locator(".summary").innerText(), "2 writes became 2 segments; 5 packets in all,", request({}),
        `Measured on the reference machine with these settings: ${requests["ladder/separate"].whole_ms.toFixed(1)} ms.`);
    assert.equal(await packets.count(), 5);
    assert.equal(await sentence.getAttribute("aria-live"), "polite");
    assert.deepEqual(complaints, []);
    await close();
});

test("presets, options and the reader's own writes change the outcome", { timeout: 60000 }, async () => {
    const { tab, place, close } = await explorer("tcp-nodelay.html", "stall");
    const outcome = async () => {
        await place.getByRole("button", { name: "To the end" }).click();
        return await place.locator(".summary").innerText();
    };
    await place.locator("input[type=radio]").first().focus();
    await tab.keyboard.press("ArrowRight");
    says(await outcome(), "1 write became 1 segment; 2 packets in all,", request({ writes: [{ times: 1, bytes: 76, pause: 0 }] }));
    await place.getByRole("radio", { name: "trickle" }).check();
    says(await outcome(), "76 writes became 2 segments; 5 packets in all,", request({}));
    await place.getByLabel("TCP_NODELAY").check();
    says(await outcome(), "76 writes became 76 segments;");
    await place.getByRole("radio", { name: "separate" }).check();
    await place.getByLabel("TCP_NODELAY").uncheck();
    await place.getByLabel("Bytes, row 2").fill("1448");
    says(await outcome(), "2 writes became 2 segments; 4 packets in all, 20.");
    await place.getByRole("button", { name: "Add a write" }).click();
    assert.equal(await tab.evaluate(() => document.activeElement.getAttribute("aria-label")), "How often, row 3");
    says(await outcome(), "3 writes became 3 segments;");
    await place.getByLabel("The receiver").selectOption("new");
    await place.getByLabel("Round trip").focus();
    await tab.keyboard.press("ArrowLeft");
    assert.equal(await place.locator(".slider output").innerText(), "15 ms");
    assert.match(await place.locator(".count").innerText(), /^Step 0 of/, "a change begins anew");
    await close();
});

test("a number that cannot be is refused in words, and what counts stays", { timeout: 60000 }, async () => {
    const { tab, place, complaints, close } = await explorer("tcp-nodelay.html", "stall");
    const bytes = place.getByLabel("Bytes, row 2"), steps = await place.locator(".count").innerText();
    for (const [typed, named] of [["99999", "99999 is not taken. "], ["1.5", "1.5 is not taken. "], ["", ""]]) {
        await bytes.fill(typed);
        assert.equal(await place.locator(".refused").innerText(), `Bytes: a whole number, 1 to 15,000. ${named}It stays 64.`);
        assert.equal(await bytes.getAttribute("aria-invalid"), "true");
        await tab.keyboard.press("Tab");
        assert.equal(await bytes.inputValue(), "64");
    }
    assert.equal(await place.locator(".count").innerText(), steps);
    await bytes.fill("65");
    assert.equal(await place.locator(".refused").innerText(), "");
    assert.deepEqual(complaints, []);
    await close();
});

test("the address leads back to what was set, and not to what cannot be", { timeout: 60000 }, async () => {
    const { tab, place, complaints, close } = await explorer("tcp-nodelay.html", "stall");
    await place.getByRole("radio", { name: "trickle" }).check();
    await place.getByLabel("TCP_NODELAY").check();
    const there = tab.url();
    assert.equal(new URL(there).hash, "#explorer-stall", "and to the explorer");
    const again = async address => {
        await tab.goto(address);
        await place.scrollIntoViewIfNeeded();
        await place.locator("input").first().waitFor();
    };
    await again(there);
    assert.equal(await place.getByLabel("How often, row 1").inputValue(), "76");
    assert.equal(await place.getByRole("radio", { name: "trickle" }).isChecked(), true);
    assert.equal(await place.getByLabel("TCP_NODELAY").isChecked(), true);
    await place.getByLabel("TCP_NODELAY").uncheck();
    await place.getByRole("radio", { name: "separate" }).check();
    assert.equal(new URL(tab.url()).search, "", "the beginning needs no address");
    await again(`${address("tcp-nodelay.html")}?stall=${encodeURIComponent('{"writes":[{"times":1e9,"bytes":1,"pause":0}],"roundTrip":7,"noDelay":"yes"}')}`);
    assert.equal(await place.getByLabel("How often, row 1").inputValue(), "1");
    assert.equal(await place.locator(".slider output").innerText(), "20 ms");
    assert.deepEqual(complaints, []);
    await close();
});

test("the window's and the break-even's state stand in the address too", { timeout: 60000 }, async () => {
    for (const [page, name, label, value] of [["buffer-size.html", "window", "Receiver, SO_RCVBUF", "left alone"], ["compression.html", "break-even", "Level", "9"]]) {
        const { tab, place, close } = await explorer(page, name);
        await place.getByRole("slider", { name: label }).focus();
        await tab.keyboard.press("End");
        await tab.goto(tab.url());
        await place.scrollIntoViewIfNeeded();
        await place.locator("input").first().waitFor();
        assert.equal(await place.getByRole("slider", { name: label }).getAttribute("aria-valuetext"), value);
        await close();
    }
});

test("on paper an explorer stays as it was left, without its buttons", { timeout: 60000 }, async () => {
    const { tab, place, close } = await explorer("tcp-nodelay.html", "stall");
    await place.getByRole("button", { name: "To the end" }).click();
    await tab.emulateMedia({ media: "print" });
    assert.ok(await place.locator("svg").first().isVisible());
    assert.match(await place.locator(".summary").innerText(), /2 writes became 2 segments/);
    assert.equal(await place.locator("button:visible").count(), 0);
    const [above, below] = await Promise.all([1, 2].map(row => place.getByLabel(`Bytes, row ${row}`).boundingBox()));
    assert.equal(above.x, below.x, "the rows keep their columns");
    await close();
});

test("play goes on by itself until pause", { timeout: 60000 }, async () => {
    const { place, close } = await explorer("tcp-nodelay.html", "stall", { reducedMotion: "no-preference" });
    const play = place.locator(".transport button:nth-of-type(3)");
    await play.click();
    assert.equal(await play.innerText(), "Pause");
    await place.getByText("Step 2 of 10").waitFor({ timeout: 8000 });
    await play.click();
    assert.equal(await play.innerText(), "Play");
    await place.getByRole("button", { name: "Restart" }).click();
    assert.match(await place.locator(".sentence").innerText(), /Nothing is written yet/);
    await close();
});

// The two that have no steps: each control by its keys, a known result, and the same picture on the way back.
async function forthAndBack(tab, place, control, keys, results) {
    const state = async () => [await place.locator(".sentence").innerText(), await place.locator(".picture").innerHTML()];
    await control.focus();
    const seen = [await state()];
    for (const [at, key] of keys.entries()) {
        await tab.keyboard.press(key);
        seen.push(await state());
        says(seen.at(-1)[0], ...results[at]);
        assert.notDeepEqual(seen.at(-1), seen.at(-2));
    }
    for (const key of [...keys].reverse()) {
        seen.pop();
        await tab.keyboard.press(key === "ArrowLeft" ? "ArrowRight" : "ArrowLeft");
        assert.deepEqual(await state(), seen.at(-1));
    }
}

test("the window and the round trip, by keyboard", { timeout: 60000 }, async () => {
    const { tab, place, complaints, close } = await explorer("buffer-size.html", "window");
    const sentence = place.locator(".sentence");
    says(await sentence.innerText(), `${rate(through({}).mbit)}, `, "The receiver decides: its window is ", "the link would hold 500,000 bytes",
        `Up to ${through({}).bend.toFixed(1)} ms`, `Measured on the reference machine: ${rate(links["link/40ms/64K"].mbit_per_s)}.`);
    await forthAndBack(tab, place, place.getByLabel("Round trip"), ["ArrowLeft", "ArrowLeft"], [[rate(through({ roundTrip: 30 }).mbit)], [rate(through({ roundTrip: 20 }).mbit)]]);
    await forthAndBack(tab, place, place.getByLabel("Rate of the link"), ["ArrowRight"], [[rate(through({}).mbit), "The receiver decides", "1,000,000 bytes"]]);
    await place.getByLabel("Receiver, SO_RCVBUF").focus();
    await tab.keyboard.press("End");
    says(await sentence.innerText(), `${rate(through({ receive: Infinity }).mbit)}, 100`, "The link decides");
    assert.equal(await place.getByLabel("Receiver, SO_RCVBUF").getAttribute("aria-valuetext"), "left alone");
    await tab.keyboard.press("Tab");
    await tab.keyboard.press("Home");
    says(await sentence.innerText(), "The sender decides", `Measured on the reference machine: ${rate(links["link_send/40ms/16K"].mbit_per_s)}.`);
    assert.deepEqual(complaints, []);
    await close();
});

test("the break-even, by keyboard", { timeout: 60000 }, async () => {
    const { tab, place, complaints, close } = await explorer("compression.html", "break-even");
    const sentence = place.locator(".sentence");
    says(await sentence.innerText(), `Compressing pays: ${zlib(6).faster} times as fast.`, `The break-even lies at ${zlib(6).in_turn} in turn, at ${zlib(6).overlapped} overlapped.`);
    await forthAndBack(tab, place, place.getByRole("slider", { name: "Level" }), ["ArrowRight", "ArrowRight", "ArrowRight"], [7, 8, 9].map(level => [`pays: ${zlib(level).faster} times`, `at ${zlib(level).overlapped} overlapped`]));
    await place.getByRole("radio", { name: "zlib" }).focus();
    await tab.keyboard.press("ArrowRight");
    assert.equal(await place.getByRole("slider", { name: "Level" }).getAttribute("aria-valuetext"), "3");
    await tab.keyboard.press("ArrowRight");
    assert.equal(await place.getByRole("slider", { name: "Level" }).count(), 0, "lz4 has no levels");
    await place.getByLabel("The data").selectOption("random");
    assert.match(await sentence.innerText(), /^Compressing does not pay\. .* no link is slow enough\.$/);
    assert.match(await place.locator(".summary").innerText(), /in turn plain .* overlapped plain/);
    assert.deepEqual(complaints, []);
    await close();
});

test("with figures of their own the reader chooses whose are computed with", { timeout: 60000 }, async () => {
    const { tab, close } = await open(browser, "compression.html");
    await tab.evaluate(() => { // what the script of the data says, and more
        let kept;
        globalThis.explorerData = Object.defineProperty({}, "break-even", { get: () => kept, set: data => {
            kept = { ...data, yours: JSON.parse(JSON.stringify({ ...data.reference, machine: "a machine of this test" })) };
            kept.yours.rows["codec/json-log/zlib-6"].compress_mb_per_s /= 10;
        } });
    });
    const place = tab.locator("#explorer-break-even");
    await place.scrollIntoViewIfNeeded();
    await place.getByRole("radio", { name: "your machine" }).check();
    assert.ok(!(await place.locator(".sentence").innerText()).includes(zlib(6).overlapped), "computed with a tenth of the speed");
    assert.match(await place.locator(".machine").innerText(), /a machine of this test/);
    await place.getByRole("radio", { name: "the reference machine" }).check();
    says(await place.locator(".sentence").innerText(), `at ${zlib(6).overlapped} overlapped`);
    await close();
});
