// The explorers, by keyboard: each loads when it comes near, computes a known result, and goes back to where it was.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, open } from "./browser.mjs";

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

const lessons = { stall: "tcp-nodelay.html" };

for (const [name, page] of Object.entries(lessons)) {
    test(`${page}: the explorer is loaded when it comes near`, { timeout: 15000 }, async () => {
        const { tab, complaints, close } = await open(browser, page);
        const scripts = () => tab.locator("head :is(script[src^='explorers/'], link[href^='explorers/'])").count();
        assert.equal(await scripts(), 0, "loaded before it was near");
        await tab.locator(`#explorer-${name}`).scrollIntoViewIfNeeded();
        await tab.locator(`#explorer-${name} input`).first().waitFor();
        assert.ok(await scripts() > 3);
        assert.deepEqual(complaints, []);
        await close();
    });

    test(`${page}: without JavaScript a sentence says what would stand there`, { timeout: 10000 }, async () => {
        const { tab, close } = await open(browser, page, { javaScriptEnabled: false });
        const place = tab.locator(`#explorer-${name}`);
        assert.match(await place.innerText(), /^With JavaScript, .+\.$/);
        assert.equal(await place.locator("button, input, select").count(), 0);
        await close();
    });
}

test("a stalled request is stepped through by keyboard, forth and back", { timeout: 20000 }, async () => {
    const { tab, place, complaints, close } = await explorer("tcp-nodelay.html", "stall");
    const sentence = place.locator(".sentence"), packets = place.locator("svg .packet");
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
    assert.match(await place.locator(".summary").innerText(), /^2 writes became 2 segments; 5 packets in all, 84\.0 ms\. Measured on the reference machine with these settings: 83\.9 ms\.$/);
    assert.equal(await packets.count(), 5);
    assert.equal(await sentence.getAttribute("aria-live"), "polite");
    assert.deepEqual(complaints, []);
    await close();
});

test("presets, options and the reader's own writes change the outcome", { timeout: 20000 }, async () => {
    const { tab, place, close } = await explorer("tcp-nodelay.html", "stall");
    const outcome = async () => {
        await place.getByRole("button", { name: "To the end" }).click();
        return await place.locator(".summary").innerText();
    };
    await place.locator("input[type=radio]").first().focus();
    await tab.keyboard.press("ArrowRight");
    assert.match(await outcome(), /^1 write became 1 segment; 2 packets in all, 20\.1 ms\./);
    await place.getByRole("radio", { name: "trickle" }).check();
    assert.match(await outcome(), /^76 writes became 2 segments; 5 packets in all, 84\.0 ms\./);
    await place.getByLabel("TCP_NODELAY").check();
    assert.match(await outcome(), /^76 writes became 76 segments;/);
    await place.getByRole("radio", { name: "separate" }).check();
    await place.getByLabel("TCP_NODELAY").uncheck();
    await place.getByLabel("Bytes, row 2").fill("1448");
    assert.match(await outcome(), /^2 writes became 2 segments; 4 packets in all, 20\.1 ms\./);
    await place.getByRole("button", { name: "Add a write" }).click();
    assert.equal(await tab.evaluate(() => document.activeElement.getAttribute("aria-label")), "How often, row 3");
    assert.match(await outcome(), /^3 writes became 3 segments;/);
    await place.getByLabel("The receiver").selectOption("new");
    await place.getByLabel("Round trip").focus();
    await tab.keyboard.press("ArrowLeft");
    assert.equal(await place.locator(".slider output").innerText(), "15 ms");
    assert.match(await place.locator(".count").innerText(), /^Step 0 of/, "a change begins anew");
    await close();
});

test("play goes on by itself until pause", { timeout: 15000 }, async () => {
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
