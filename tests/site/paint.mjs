// The first contentful paint on a slow line and a slow processor: within a second for each written page.
// Run by hand (npm run paint) on a machine that does nothing else: a speed, so none of the tests. The best of three counts.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { launch, pages, test } from "./browser.mjs";
import { serve } from "./served.mjs";

const limit = 1000, tries = 3;
const line = { offline: false, latency: 150, downloadThroughput: 1.6e6 / 8, uploadThroughput: 1.6e6 / 8 };
let browser, server;
before(async () => { [browser, server] = await Promise.all([launch(), serve()]); });
after(async () => { await browser?.close(); await server?.close(); });

// A context of its own: nothing is in its cache.
async function firstPaint(page) {
    const context = await browser.newContext({ viewport: { width: 390, height: 800 } });
    try {
        const tab = await context.newPage(), devtools = await context.newCDPSession(tab);
        await devtools.send("Network.enable");
        await devtools.send("Network.emulateNetworkConditions", line);
        await devtools.send("Emulation.setCPUThrottlingRate", { rate: 4 });
        await tab.goto(server.address + page, { waitUntil: "commit" });
        return await tab.evaluate(() => new Promise(resolve => {
            new PerformanceObserver(list => {
                const paint = list.getEntriesByName("first-contentful-paint")[0];
                if (paint) resolve(paint.startTime);
            }).observe({ type: "paint", buffered: true });
        }));
    } finally {
        await context.close();
    }
}

for (const page of pages)
    test(`${page} is seen within a second`, { timeout: 40000 }, async t => {
        let best = Infinity;
        for (let at = 0; at < tries && best > limit; ++at)
            best = Math.min(best, await firstPaint(page));
        t.diagnostic(`${page}: ${best.toFixed(0)} ms`);
        assert.ok(best <= limit, `the first contentful paint came after ${best.toFixed(0)} ms`);
    });
