// What a lesson's page weighs, compressed as a server would send it: before its first paint, and in all.
import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { launch, lessonPages, open, openExplorers, test } from "./browser.mjs";

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

// The limits are for the course as it comes; a reader's own results are drawn beside the reference's.
const chapters = new URL("../../chapters/", import.meta.url);
const own = fs.readdirSync(chapters).some(name => fs.existsSync(new URL(`${name}/experiment/results/yours.json`, chapters))) ? 2 : 1;

const weight = file => gzipSync(fs.readFileSync(file)).length;

for (const page of lessonPages())
    test(`${page} is light`, { timeout: 60000 }, async () => {
        const { tab, requested, close } = await open(browser, page);
        await openExplorers(tab);
        const blocking = await tab.evaluate(() => [location.href,
            ...[...document.querySelectorAll("link[rel=stylesheet]")].map(link => link.href),
            ...[...document.querySelectorAll("script[src]:not([defer])")].map(script => script.src)]);
        const kib = list => [...new Set(list)].map(url => weight(fileURLToPath(url.split("#")[0]))).reduce((a, b) => a + b, 0) / 1024;
        assert.notEqual(await tab.evaluate(() => document.styleSheets.length), 0, "a style was found");
        assert.ok(kib(blocking) <= 120 * own, `before the first paint: ${kib(blocking).toFixed(0)} KiB`);
        assert.ok(requested.length > blocking.length, "what is loaded later was seen");
        assert.ok(kib([...blocking, ...requested]) <= 400 * own, `in all, the explorers too: ${kib(requested).toFixed(0)} KiB`);
        await close();
    });
