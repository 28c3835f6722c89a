// What the reader can press: search, light and dark, copy, explore.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { kept, launch, lessonPage, open, test } from "./browser.mjs";
import { serve } from "./served.mjs";

let browser, server, from;
before(async () => { browser = await launch(), server = await serve(), from = server.address; });
after(async () => { await browser?.close(), await server.close(); });

test("the search box finds a term and leads to it", { timeout: 60000 }, async () => {
    const { tab, complaints, close } = await open(browser, "index.html");
    await tab.keyboard.press("/");
    await tab.keyboard.type("half-close");
    const first = tab.locator("#found [role=option]").first();
    await first.waitFor();
    assert.match(await first.innerText(), /Half-close/);
    await tab.keyboard.press("ArrowDown");
    assert.equal(await first.getAttribute("aria-selected"), "true");
    await tab.keyboard.press("Enter");
    await tab.waitForURL(/glossary\.html#term-half-close$/);
    assert.deepEqual(complaints, []);
    await close();
});

test("the search box says, for everybody to see, when there is nothing", { timeout: 60000 }, async () => {
    const { tab, close } = await open(browser, "index.html");
    await tab.fill("#search", "zzzzzz");
    const none = tab.getByText("Nothing found");
    await none.waitFor();
    assert.ok((await none.boundingBox()).width > 40, "seen, and not for screen readers alone");
    await tab.fill("#search", "");
    await tab.waitForFunction(() => document.querySelector("form.search [role=status]").textContent === "");
    await close();
});

test("search forgives a typo and a spelling, knows initials, and shows lessons before sources", { timeout: 60000 }, async () => {
    const { tab, close } = await open(browser, "index.html");
    const hits = async (word, part = "a") => {
        await tab.fill("#search", word);
        await tab.waitForFunction(() => document.querySelector("form.search [role=status]").textContent !== "");
        const found = await tab.locator(`#found [role=option] ${part}`).allInnerTexts();
        await tab.fill("#search", "");
        await tab.waitForFunction(() => document.querySelector("form.search [role=status]").textContent === "");
        return found;
    };
    assert.match((await hits("bdp")).join("\n"), /Bandwidth-delay product/);
    await tab.fill("#search", "nagel");
    await tab.getByText('with "nagle" in place of "nagel"').waitFor();
    assert.match(await tab.locator("#found").innerText(), /Nagle's algorithm/);
    assert.deepEqual(await hits("TIME-WAIT"), await hits("time_wait"));
    assert.match((await hits("time wait")).join("\n"), /TIME_WAIT/);
    const epoll = (await hits("epoll", "i")).map(place => /^(Sources$|chapters\/)/.test(place));
    assert.ok(epoll.includes(true) && !epoll[0]);
    assert.deepEqual(epoll, [...epoll].sort(), "a source before a page");
    await close();
});

test("light and dark stay as chosen", { timeout: 60000 }, async () => {
    const { tab, close } = await open(browser, "index.html", { colorScheme: "light", from });
    const dark = () => tab.evaluate(() => document.documentElement.classList.contains("dark-mode"));
    await tab.click("button.theme");
    assert.equal(await dark(), true);
    await kept(tab, "theme");
    await tab.reload();
    assert.equal(await dark(), true);
    await close();
});

test("explore draws the chart, and follows a change of its specification", { timeout: 60000 }, async () => {
    const { tab, complaints, close } = await open(browser, lessonPage());
    const figure = tab.locator(`#${await tab.locator("figure").filter({ has: tab.locator("button.explore") }).first().getAttribute("id")}`);
    assert.equal(await tab.evaluate(() => typeof globalThis.vega), "undefined", "loaded before it was asked for");
    await figure.locator("button.explore").click();
    await figure.locator(".chart svg .mark-group").first().waitFor({ timeout: 15000 });
    assert.equal(await figure.locator(".drawing:visible").count(), 0);
    await figure.getByText("Edit the specification").click();
    const area = figure.locator("textarea");
    await area.fill((await area.inputValue()).replace(/^\{/, '{"title": "changed by a test",'));
    await figure.locator(".chart svg").getByText("changed by a test").waitFor();
    await area.fill("{");
    await tab.waitForFunction(() => document.querySelector(".explore-error")?.textContent.length > 0);
    assert.deepEqual(complaints, []);
    await close();
});

test("a listing can be copied", { timeout: 60000 }, async () => {
    const { tab, close } = await open(browser, lessonPage(), { permissions: ["clipboard-read", "clipboard-write"] });
    const listing = tab.locator(".listing").first();
    await listing.hover();
    await listing.locator(".copy").click();
    await listing.getByText("Copied").waitFor();
    const copied = await tab.evaluate(() => navigator.clipboard.readText());
    assert.ok(copied.split("\n").length > 2 && !copied.includes("\n\n\n"), copied);
    await close();
});
