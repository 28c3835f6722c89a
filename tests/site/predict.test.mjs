// Predict, then look: the question comes before the figure and the text that reads it.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { kept, launch, lessonPage, open, test } from "./browser.mjs";
import { serve } from "./served.mjs";

let browser, server, from;
before(async () => { browser = await launch(), server = await serve(), from = server.address; });
after(async () => { await browser?.close(), await server.close(); });

const asked = tab => tab.locator("figure").filter({ has: tab.locator("form.predict") });

test("a guess uncovers the figure and its reading, and stays", { timeout: 60000 }, async () => {
    const { tab, complaints, close } = await open(browser, lessonPage(), { asks: true, from });
    const figure = tab.locator(`#${await asked(tab).first().getAttribute("id")}`);
    const reading = tab.locator("p", { hasText: "Look at the top bar first" });
    assert.equal(await figure.locator(".drawing:visible").count(), 0);
    assert.equal(await reading.isVisible(), false);
    assert.match(await figure.locator(".waits").innerText(), /^The figure and the rest of this section come after your guess\.$/);
    await figure.locator("input").fill("50");
    await tab.keyboard.press("Enter");
    await figure.locator(".drawing:visible").waitFor();
    assert.equal(await reading.isVisible(), true);
    assert.match(await figure.locator(".guess").innerText(), /You guessed: 50.%\. On the reference machine: \d+.%/);
    assert.equal(await tab.evaluate(() => document.activeElement.className), "guess");
    await kept(tab, "predict:blocking-echo");
    await tab.reload();
    assert.match(await figure.locator(".guess").innerText(), /You guessed: 50/);
    assert.deepEqual(complaints, []);
    await close();
});

test("one key shows a figure without a guess, one button all", { timeout: 60000 }, async () => {
    const { tab, close } = await open(browser, lessonPage(), { asks: true, from });
    const before = await asked(tab).count();
    assert.ok(before > 1);
    await tab.keyboard.press("Escape");
    assert.equal(await asked(tab).count(), before - 1);
    await tab.locator("button.never").first().click();
    assert.equal(await asked(tab).count(), 0);
    await kept(tab, "predict:never");
    await tab.reload();
    assert.equal(await tab.locator("form.predict:visible, .veil").count(), 0);
    await close();
});

test("paper has every figure, and nothing of it is kept", { timeout: 60000 }, async () => {
    const { tab, close } = await open(browser, lessonPage(), { asks: true });
    assert.ok(await asked(tab).count() > 1);
    await tab.evaluate(() => dispatchEvent(new Event("beforeprint")));
    assert.equal(await asked(tab).count(), 0);
    assert.deepEqual(await tab.evaluate(() => Object.keys(localStorage)), [], "a figure that is not asked for again");
    await close();
});

test("the browser's own search reaches what is covered", { timeout: 60000 }, async () => {
    const { tab, close } = await open(browser, lessonPage(), { asks: true });
    const before = await asked(tab).count();
    await tab.evaluate(() => document.querySelector(".veil").dispatchEvent(new Event("beforematch")));
    assert.equal(await asked(tab).count(), before - 1);
    await close();
});
