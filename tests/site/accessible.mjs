// axe finds nothing serious or critical, and the keyboard reaches the text first. In the dark the colours alone differ.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before } from "node:test";
import { generated, launch, open, openExplorers, pages, test } from "./browser.mjs";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

for (const page of [...pages, ...generated])
    for (const colorScheme of ["light", "dark"])
        test(`${page} is accessible, ${colorScheme}`, { timeout: 60000 }, async () => {
            const { tab, close } = await open(browser, page, { colorScheme });
            assert.equal(await tab.evaluate(() => document.documentElement.classList.contains("dark-mode")), colorScheme === "dark");
            await openExplorers(tab);
            for (const summary of await tab.locator(":is(figure, .explorer) summary").all()) await summary.click();
            await tab.addScriptTag({ path: axe });
            const { violations } = await tab.evaluate(only => globalThis.axe.run(document, { resultTypes: ["violations"], ...only }),
                colorScheme === "dark" ? { runOnly: ["color-contrast", "link-in-text-block"] } : {});
            const found = violations.filter(({ impact }) => ["serious", "critical"].includes(impact))
                .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(node => `${node.html.slice(0, 140)} ${node.any[0]?.message ?? ""}`).join(" | ")}`);
            assert.deepEqual(found, []);
            await close();
        });

test("the first stop of the keyboard leads past the menu", { timeout: 60000 }, async () => {
    const { tab, close } = await open(browser, "index.html");
    await tab.keyboard.press("Tab");
    assert.equal(await tab.evaluate(() => document.activeElement.hash), "#main");
    await tab.keyboard.press("Enter");
    assert.equal(await tab.evaluate(() => document.activeElement.id), "main");
    await close();
});
