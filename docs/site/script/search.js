// The search box. Its index comes as a script, at the first key, since a page opened from a file may not fetch.
{
    const form = document.querySelector("form.search"), input = form.querySelector("input");
    const list = form.querySelector("ul"), status = form.querySelector("[role=status]");
    let loading = null, chosen = -1;
    form.hidden = false;

    const load = () => loading ??= new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = "search-index.js";
        script.onload = () => resolve(globalThis.searchIndex);
        script.onerror = reject;
        document.head.append(script);
    });

    // Every word must occur; a title counts for more than text, its beginning for most.
    function score(entry, words) {
        const title = entry.title.toLowerCase(), text = entry.text.toLowerCase();
        let sum = 0;
        for (const word of words) {
            const at = title.search(new RegExp(`(^|[^a-z0-9])${word.replace(/[^a-z0-9]/g, "\\$&")}`));
            if (at === 0) sum += 12 - Math.min(6, title.length / 10);
            else if (at > 0) sum += 6;
            else if (text.includes(word)) sum += 1;
            else return 0;
        }
        return entry.text ? sum : sum / 3; // names in the sources come last
    }

    function excerpt(entry, words) {
        const at = Math.max(0, entry.text.toLowerCase().indexOf(words[0]) - 30);
        return entry.text && (at > 0 ? "… " : "") + entry.text.slice(at, at + 110);
    }

    function close() {
        list.hidden = true;
        input.setAttribute("aria-expanded", "false");
        input.removeAttribute("aria-activedescendant");
        chosen = -1;
    }

    function line(entry, words, position) {
        const item = document.createElement("li"), link = document.createElement("a");
        item.id = `found-${position}`;
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", "false");
        link.href = entry.href;
        link.tabIndex = -1;
        for (const [tag, text] of [["b", entry.title], ["i", entry.page === entry.title ? "" : entry.page], ["span", excerpt(entry, words)]]) {
            const part = document.createElement(tag);
            part.textContent = text;
            link.append(part, " ");
        }
        item.append(link);
        return item;
    }

    async function find() {
        const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
        if (!words.length) return close();
        const index = await load();
        const best = index.map(entry => [score(entry, words), entry]).filter(([points]) => points > 0)
            .sort(([a], [b]) => b - a).slice(0, 12);
        list.replaceChildren(...best.map(([, entry], position) => line(entry, words, position)));
        list.hidden = !best.length;
        input.setAttribute("aria-expanded", String(best.length > 0));
        status.textContent = best.length ? `${best.length} results` : "Nothing found";
        chosen = -1;
    }

    function choose(step) {
        const items = [...list.children];
        if (!items.length) return;
        chosen = (chosen + step + items.length) % items.length;
        items.forEach((item, position) => item.setAttribute("aria-selected", String(position === chosen)));
        items[chosen].scrollIntoView({ block: "nearest" });
        input.setAttribute("aria-activedescendant", items[chosen].id);
    }

    input.addEventListener("input", find);
    input.addEventListener("keydown", event => {
        if (event.key === "ArrowDown" || event.key === "ArrowUp") {
            event.preventDefault();
            choose(event.key === "ArrowDown" ? 1 : -1);
        } else if (event.key === "Escape") close();
    });
    form.addEventListener("submit", event => {
        event.preventDefault();
        const item = list.children[Math.max(0, chosen)];
        if (item && !list.hidden) { location.href = item.firstChild.href; close(); }
    });
    document.addEventListener("click", event => { if (!form.contains(event.target) || event.target.closest("a")) close(); });
    document.addEventListener("keydown", event => {
        if (event.key === "/" && !/INPUT|TEXTAREA/.test(document.activeElement.tagName)) { event.preventDefault(); input.focus(); }
    });
}
