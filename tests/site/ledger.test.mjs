// The ledger: sorted by each column, cut to a chapter or a verdict, and each claim with its experiment and its code.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { launch, open, test } from "./browser.mjs";

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

const column = (tab, name) => tab.evaluate(label =>
    [...document.querySelectorAll(`table.whole td[data-label="${label}"]`)].map(cell => cell.dataset.key), name);
const heading = (tab, name) => tab.locator("table.whole th", { hasText: name });
const compare = (a, b) => a.localeCompare(b, "en", { numeric: true });

test("each heading sorts its column, up and down, by the keyboard", { timeout: 60000 }, async () => {
    const { tab, complaints, close } = await open(browser, "ledger.html");
    const names = await tab.locator("table.whole th").allInnerTexts();
    assert.deepEqual(names, ["Chapter", "Claim", "Article", "Reference", "Here", "Verdict"]);
    for (const name of names) {
        const before = await column(tab, name);
        await heading(tab, name).getByRole("button").focus();
        await tab.keyboard.press("Enter");
        assert.equal(await heading(tab, name).getAttribute("aria-sort"), "ascending");
        assert.deepEqual(await column(tab, name), [...before].sort(compare), name);
        await tab.keyboard.press("Space");
        assert.equal(await heading(tab, name).getAttribute("aria-sort"), "descending");
        assert.deepEqual(await column(tab, name), [...before].sort((a, b) => compare(b, a)), `${name}, down`);
        assert.equal(await tab.locator("table.whole th[aria-sort=ascending], table.whole th[aria-sort=descending]").count(), 1);
    }
    assert.deepEqual(complaints, []);
    await close();
});

test("a phone can sort too", { timeout: 60000 }, async () => {
    const { tab, close } = await open(browser, "ledger.html", { viewport: { width: 390, height: 800 } });
    await heading(tab, "Verdict").getByRole("button").click();
    assert.equal(await tab.locator("table.whole tbody tr").first().locator(".verdict").innerText(), "holds");
    await close();
});

test("a verdict and a chapter are picked out", { timeout: 60000 }, async () => {
    const { tab, close } = await open(browser, "ledger.html");
    const shown = tab.locator("table.whole tbody tr:visible"), all = await shown.count();
    await tab.getByLabel("Verdict").selectOption("does not hold");
    const some = await shown.count();
    assert.ok(some > 0 && some < all);
    assert.deepEqual([...new Set(await shown.locator(".verdict").allInnerTexts())], ["does not hold"]);
    await tab.getByLabel("Chapter").selectOption({ index: 1 });
    assert.ok(await shown.count() < some);
    assert.equal(await tab.locator(".ledger-bar [role=status]").innerText(), `${await shown.count()} of ${all} claims`);
    await close();
});

test("each claim leads to its experiment and to the code that decides it", { timeout: 60000 }, async () => {
    const { tab, close } = await open(browser, "ledger.html", { javaScriptEnabled: false });
    for (const row of await tab.locator("table.whole tbody tr").all()) {
        const claim = row.locator("a.claim"), name = await claim.innerText();
        assert.match(await claim.getAttribute("href"), /^[\w-]+\.html#/, name);
        assert.match(await row.locator(".decider a").getAttribute("href"), /_source\.html#l\d+$/, name);
    }
    assert.equal(await tab.locator("table.whole button, .ledger-bar").count(), 0, "controls that do nothing");
    await close();
});

test("a headline unfolds to all figures, by the keyboard, without scripts, on the narrowest phone", { timeout: 60000 }, async () => {
    const { tab, close } = await open(browser, "ledger.html", { javaScriptEnabled: false, viewport: { width: 360, height: 800 } });
    const first = tab.locator("table.whole td[data-label=Reference] details").first();
    const folded = await first.innerText();
    assert.ok(folded.length <= 40, folded);
    await first.locator("summary").focus();
    await tab.keyboard.press("Enter");
    assert.ok((await first.innerText()).length > folded.length);
    const box = await first.boundingBox();
    assert.ok(box.x >= 0 && box.x + box.width <= 360, "it stands in the page");
    await close();
});
