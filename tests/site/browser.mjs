// The site in headless Chromium, opened from its files. COURSE_ROOT names another checkout, CHROMIUM another browser.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import * as node from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const root = process.env.COURSE_ROOT ?? fileURLToPath(new URL("../..", import.meta.url));
export const site = path.join(root, "build", "site");

// The chapters' pages; the folders are in reading order, and docs/lists/pages.txt names the further pages of a chapter.
export function lessonPages() {
    const chapters = path.join(root, "chapters"), listed = fs.readFileSync(path.join(root, "docs/lists/pages.txt"), "utf8");
    const further = chapter => listed.match(new RegExp(`^${chapter}: lesson (.*)$`, "m"))?.[1].split(" ") ?? [];
    return fs.readdirSync(chapters).sort().filter(name => fs.existsSync(path.join(chapters, name, "lesson.md")))
        .map(name => name.replace(/^\d+-/, ""))
        .flatMap(chapter => [chapter, ...further(chapter).map(page => `${chapter}-${page}`)]).map(name => `${name}.html`);
}

// The first chapter's, for what all have in common.
export const lessonPage = () => lessonPages()[0];

export const pages = ["index.html", ...lessonPages(), "netlab.html", "glossary.html", "ledger.html", "measuring.html", "cpp-you-will-meet.html", "techniques.html", "faults.html", "errors.html", "files.html"];
// A sample of the pages that are Doxygen's own: a file's, its listing, a namespace, a class.
export const generated = ["frame_8hpp.html", "frame_8cpp_source.html", "namespaceblocking__echo.html",
    "classblocking__echo_1_1frame__decoder.html"];
export const address = page => pathToFileURL(path.join(site, page)).href;

// What CHROMIUM names, or the first of these that starts: on Ubuntu chromium-browser may only say that it is a snap.
function installed() {
    if (process.env.CHROMIUM) return process.env.CHROMIUM;
    return ["chromium", "google-chrome", "google-chrome-stable", "chromium-browser"]
        .flatMap(name => process.env.PATH.split(path.delimiter).map(folder => path.join(folder, name)))
        .find(file => fs.existsSync(file) && spawnSync(file, ["--version"]).status === 0);
}

const executablePath = installed();

// A test that needs the browser, and skips where there is none.
export const test = (name, options, run) => node.test(name,
    { ...options, skip: executablePath ? false : "skipped: no Chromium or Chrome is installed, and CHROMIUM names none" }, run);

export async function launch() {
    if (!executablePath) return null;
    if (!fs.existsSync(path.join(site, "index.html")))
        throw new Error("build/site/index.html is missing: run docs/build first");
    return await chromium.launch({
        executablePath, timeout: 60000,
        args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
    });
}

// A page with bounded waits, and the lists of what it complained about and what it asked for. Its figures ask for no guess,
// unless `asks` is set. `from` is a server's address: on a busy machine Chromium now and then loses what a page that was
// opened from a file has just stored, so tests of what is kept take the site from a server.
export async function open(browser, page, { asks = false, from = "", ...options } = {}) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, offline: !from, ...options });
    context.setDefaultTimeout(20000);
    const tab = await context.newPage();
    if (!asks) await tab.addInitScript(() => localStorage.setItem("predict:never", "1"));
    const complaints = [], requested = [];
    tab.on("request", request => requested.push(request.url()));
    tab.on("console", message => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
    tab.on("pageerror", error => complaints.push(String(error)));
    tab.on("requestfailed", request => complaints.push(`not found: ${request.url()}`));
    const asksNetwork = url => /^https?:/.test(url) && !(from && url.startsWith(from));
    tab.on("request", request => asksNetwork(request.url()) && complaints.push(`asks the network: ${request.url()}`));
    await tab.goto(from ? from + page : address(page), { waitUntil: "load" });
    return { tab, complaints, requested, close: () => context.close() };
}

// Opens the explorers of a page, as a reader does who scrolls to them.
export async function openExplorers(tab) {
    for (const place of await tab.locator("section.explorer").all()) {
        await place.scrollIntoViewIfNeeded();
        await place.locator("input").first().waitFor();
    }
}

// Waits until a value of the page's storage has reached the browser: a page that is loaded later sees it. A page that is
// loaded sooner may find the storage as it was, and not hear of it.
export async function kept(tab, key) {
    const other = await tab.context().newPage(), end = Date.now() + 20000;
    const there = async () => {
        await other.goto(new URL("index.html", tab.url()).href);
        return other.evaluate(name => Object.keys(localStorage).some(one => one.startsWith(name)), key);
    };
    while (!await there()) if (Date.now() > end) throw new Error(`${key} is not kept`);
    await other.close();
}
