// Each page at the widths of a phone to those of a wide screen: complete, quiet, and never wider than the window.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { generated, launch, lessonPage, lessonPages, open, openExplorers, pages, test } from "./browser.mjs";

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

for (const page of [...pages, ...generated])
    test(`${page} opens without complaint and fits every width`, { timeout: 60000 }, async () => {
        const { tab, complaints, close } = await open(browser, page);
        assert.match(await tab.title(), /Sockets, Measured/);
        assert.equal(await tab.locator("h1").count(), 1);
        assert.equal(await tab.getAttribute("html", "lang"), "en");
        await openExplorers(tab);
        for (const width of [360, 390, 768, 1280, 1920]) {
            await tab.setViewportSize({ width, height: 800 });
            const wide = await tab.evaluate(() => {
                const limit = document.documentElement.clientWidth;
                const scrolls = element => /auto|scroll|hidden|clip/.test(getComputedStyle(element).overflowX);
                const boxed = element => {
                    for (let at = element.parentElement; at && at !== document.body; at = at.parentElement)
                        if (scrolls(at) && at.getBoundingClientRect().right <= limit + 1) return true;
                    return false;
                };
                return [...document.querySelectorAll("body *:not(svg *)")]
                    .filter(element => element.getBoundingClientRect().right > limit + 1 && !boxed(element))
                    .map(element => `${element.tagName}.${element.className}`).slice(0, 5);
            });
            assert.deepEqual(wide, [], `${width} px`);
        }
        assert.deepEqual(complaints, []);
        await close();
    });

test("on a phone a figure's plot keeps its width, whatever its legend and titles", { timeout: 120000 }, async () => {
    for (const page of pages) {
        const { tab, close } = await open(browser, page, { viewport: { width: 360, height: 800 } });
        const slivers = await tab.evaluate(() => [...document.querySelectorAll("figure .drawing.narrow svg")].map(svg => {
            const shown = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
            const plots = [...svg.querySelectorAll("path.background")].map(path => path.getBoundingClientRect().width);
            return [svg.closest("figure").id, shown, Math.max(...plots)];
        }).filter(([, shown, plot]) => shown < 0.78 || plot < 100));
        assert.deepEqual(slivers, [], page);
        await close();
    }
});

test("on a phone no label of an axis stands on another", { timeout: 120000 }, async () => {
    for (const page of pages) {
        const { tab, close } = await open(browser, page, { viewport: { width: 390, height: 800 } });
        const crowded = await tab.evaluate(() => [...document.querySelectorAll("figure .drawing.narrow svg .role-axis-label")].flatMap(axis => {
            const labels = [...axis.querySelectorAll("text:not([transform*=rotate], [opacity='0'])")].filter(label => label.textContent)
                .map(label => [label.textContent, label.getBoundingClientRect()]);
            const on = ([, a], [, b]) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 0 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 0.3 * a.height;
            return labels.flatMap((one, at) => labels.slice(at + 1).filter(other => on(one, other)).map(other => `${axis.closest("figure").id}: ${one[0]}, ${other[0]}`));
        }));
        assert.deepEqual(crowded, [], page);
        await close();
    }
});

test("a line of 74 characters fits a listing", { timeout: 60000 }, async () => {
    for (const page of lessonPages()) {
        const { tab, close } = await open(browser, page);
        const cut = await tab.evaluate(() => [...document.querySelectorAll(".fragment")].filter(one => one.scrollWidth > one.clientWidth)
            .map(one => Math.max(...one.innerText.split("\n").map(line => line.length))).filter(length => length <= 74));
        assert.deepEqual(cut, [], page);
        await close();
    }
});

test("a lesson's lines are of a length to read", { timeout: 60000 }, async () => {
    const { tab, close } = await open(browser, lessonPage());
    const ems = await tab.evaluate(() => {
        const p = [...document.querySelectorAll(".textblock > p")].sort((a, b) => b.textContent.length - a.textContent.length)[0];
        const style = getComputedStyle(p), canvas = document.createElement("canvas").getContext("2d");
        canvas.font = `${style.fontSize} ${style.fontFamily}`;
        const sample = p.textContent.replace(/\s+/g, " ").slice(0, 200);
        return p.clientWidth / (canvas.measureText(sample).width / sample.length);
    });
    assert.ok(ems >= 55 && ems <= 85, `${ems.toFixed(0)} characters`);
    await close();
});

test("the pages read without JavaScript", { timeout: 60000 }, async () => {
    for (const page of pages.slice(0, 4)) {
        const { tab, close } = await open(browser, page, { javaScriptEnabled: false });
        assert.ok((await tab.innerText("main")).length > 300, page);
        assert.equal(await tab.locator("button.explore:visible, form.search:visible, button.theme:visible").count(), 0,
            `${page}: a control that does nothing`);
        for (const figure of await tab.locator("figure").all())
            assert.equal(await figure.locator("table").count(), 1, `${page}: a figure without its data`);
        await close();
    }
});
