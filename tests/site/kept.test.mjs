// What the browser keeps of a reader, and how it forgets: guesses, answers, pages read, the ledger's filters.
import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before } from "node:test";
import { address, kept, launch, lessonPage, lessonPages, open, test } from "./browser.mjs";
import { serve } from "./served.mjs";

let browser, server, from;
before(async () => { browser = await launch(), server = await serve(), from = server.address; });
after(async () => { await browser?.close(), await server.close(); });

test("answers stay as they were chosen", { timeout: 60000 }, async () => {
    const { tab, complaints, close } = await open(browser, lessonPage(), { from });
    const answer = tab.locator("section.question").first().locator("details").nth(1);
    await answer.locator("summary").click();
    await kept(tab, "answer:");
    await tab.reload();
    assert.equal(await answer.getAttribute("open"), "");
    assert.equal(await tab.locator("section.question details[open]").count(), 1);
    assert.deepEqual(complaints, []);
    await close();
});

test("a page that was read to its end is marked on the front page, one that was opened at its end is not", { timeout: 60000 }, async () => {
    const [first, second] = lessonPages();
    const last = [...fs.readFileSync(new URL(address(second)), "utf8").matchAll(/<h[23] id="([^"]+)"/g)].pop()[1];
    const { tab, close } = await open(browser, "glossary.html", { from, viewport: { width: 1280, height: 4000 } });
    await tab.goto(`${from}${second}#${last}`);
    assert.ok(await tab.locator("nav.turning").evaluate(end => end.getBoundingClientRect().top < innerHeight), "its end is on the screen");
    const other = await tab.context().newPage();
    await other.goto(from + first);
    await other.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    await kept(other, "read:"); // a second later than the one above, had it been kept
    await other.goto(from + "index.html");
    assert.deepEqual((await other.locator(".read").allInnerTexts()).map(text => text.trim()), ["\u2713 read"]);
    assert.equal(await other.locator(`li:has(a[href="${first}"]) .read`).count(), 1);
    await other.goto(from + second);
    assert.deepEqual(await other.locator("nav.chapter-pages li:has(.read) a").evaluateAll(links => links.map(link => link.getAttribute("href"))), [first]);
    await close();
});

test("the ledger's filters and its order stay", { timeout: 60000 }, async () => {
    const { tab, complaints, close } = await open(browser, "ledger.html", { from });
    await tab.getByLabel("Verdict").selectOption("does not hold");
    await tab.locator("table.whole th", { hasText: "Claim" }).getByRole("button").click();
    const shown = tab.locator("table.whole tbody tr:visible"), before = await shown.allInnerTexts();
    await kept(tab, "ledger:sorted");
    await tab.reload();
    assert.deepEqual(await shown.allInnerTexts(), before);
    assert.equal(await tab.getByLabel("Verdict").inputValue(), "does not hold");
    assert.deepEqual(complaints, []);
    await close();
});

test("a guess can be made again", { timeout: 60000 }, async () => {
    const { tab, close } = await open(browser, lessonPage(), { asks: true, from });
    const figure = tab.locator(`#${await tab.locator("figure").filter({ has: tab.locator("form.predict input[type=number]") }).first().getAttribute("id")}`);
    for (const guess of ["50", "60"]) {
        await figure.locator("input").fill(guess);
        await tab.keyboard.press("Enter");
        await figure.locator(".drawing:visible").waitFor();
        assert.match(await figure.locator(".guess").innerText(), new RegExp(`You guessed: ${guess}`));
        await figure.getByRole("button", { name: "Guess again" }).click();
        assert.equal(await figure.locator(".drawing:visible").count(), 0);
    }
    await close();
});

test("never to be asked can be taken back, and all can be forgotten", { timeout: 60000 }, async () => {
    const { tab, close } = await open(browser, lessonPage(), { asks: true, from });
    const asked = await tab.locator("form.predict:visible").count();
    assert.ok(asked > 1);
    assert.equal(await tab.locator("footer .kept").isVisible(), false, "nothing is kept yet");
    await tab.locator("button.never").first().click();
    await kept(tab, "predict:never");
    await tab.getByRole("button", { name: "Ask for guesses again" }).click();
    await tab.locator("form.predict:visible").first().waitFor();
    assert.equal(await tab.locator("form.predict:visible").count(), asked);
    assert.equal(await tab.locator("footer .kept").isVisible(), false, "nothing is kept any more");
    await tab.evaluate(() => { localStorage.setItem("theme", "dark"); localStorage.setItem("answer:x.html:1", "0"); });
    await tab.keyboard.press("Escape");
    assert.equal(await tab.locator("form.predict:visible").count(), asked - 1);
    await tab.getByRole("button", { name: "Begin anew" }).click();
    await tab.waitForFunction(number => document.querySelectorAll("form.predict:not([hidden])").length === number, asked);
    assert.deepEqual(await tab.evaluate(() => Object.keys(localStorage)), ["theme"]);
    await close();
});
