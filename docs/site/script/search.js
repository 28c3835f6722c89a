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

    // TIME_WAIT, TIME-WAIT and "time wait" are one.
    const plain = text => text.toLowerCase().replace(/[-_]/g, " ");
    const initials = title => title.split(",")[0].split(/[ -]/).map(word => word[0]).join("").toLowerCase();

    // Every word must occur; a title counts for more than text, its beginning for most.
    function score(entry, words) {
        const title = plain(entry.title), text = plain(entry.text);
        let sum = 0;
        for (const word of words) {
            const at = title.search(new RegExp(`(^|[^a-z0-9])${word.replace(/[^a-z0-9]/g, "\\$&")}`));
            if (at === 0) sum += 12 - Math.min(6, title.length / 10);
            else if (at > 0) sum += 6;
            else if (word.length > 2 && word === initials(entry.title)) sum += 6; // bdp
            else if (text.includes(word)) sum += 1;
            else return 0;
        }
        return sum;
    }

    // Letters to change, to leave out, to put in or to swap until one word is the other; more than 2 count as 3.
    function apart(a, b) {
        if (Math.abs(a.length - b.length) > 2) return 3;
        let last = [], row = Array.from({ length: b.length + 1 }, (_, at) => at);
        for (let i = 1; i <= a.length; ++i) {
            const next = [i];
            for (let j = 1; j <= b.length; ++j) {
                next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] !== b[j - 1]));
                if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) next[j] = Math.min(next[j], last[j - 2] + 1);
            }
            [last, row] = [row, next];
        }
        return Math.min(3, row[b.length]);
    }

    // The word of a title that is nearest to a word that is found nowhere.
    function nearest(word, index) {
        const known = new Set(index.flatMap(entry => entry.text ? plain(entry.title).match(/[a-z]{4,}/g) ?? [] : []));
        const [distance, found] = [...known].map(one => [apart(word, one), one]).sort(([a], [b]) => a - b)[0] ?? [3];
        return distance <= (word.length > 6 ? 2 : 1) ? found : word;
    }

    // The pages' sections first, then names in the sources.
    function found(index, words) {
        const best = index.map(entry => [score(entry, words), entry]).filter(([points]) => points > 0)
            .sort(([a], [b]) => b - a).map(([, entry]) => entry);
        const sources = best.filter(entry => !entry.text), pages = best.filter(entry => entry.text);
        return [...pages.slice(0, 12 - Math.min(4, sources.length)), ...sources].slice(0, 12);
    }

    function excerpt(entry, words) {
        const at = entry.text.lastIndexOf(" ", Math.max(0, plain(entry.text).indexOf(words[0]) - 30)) + 1;
        return entry.text && (at > 0 ? "… " : "") + entry.text.slice(at, at + 110);
    }

    function close() {
        list.hidden = true;
        status.textContent = "";
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
        const index = input.value && await load(); // what was typed meanwhile counts
        let words = input.value.split(/\s+/).map(word => plain(word).trim()).filter(Boolean);
        if (!words.length) return close();
        let best = found(index, words), instead = "";
        if (!best.length) {
            words = words.map(word => found(index, [word]).length ? word : nearest(word, index));
            best = found(index, words);
            instead = best.length ? ` with "${words.join(" ")}" in place of "${input.value}"` : "";
        }
        list.replaceChildren(...best.map((entry, position) => line(entry, words, position)));
        list.hidden = !best.length;
        input.setAttribute("aria-expanded", String(best.length > 0));
        status.textContent = best.length ? `${best.length} results${instead}` : "Nothing found";
        status.classList.toggle("unseen", best.length > 0 && !instead);
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
