// The ledger's page: its columns sort, and it shows the claims of one chapter or verdict. What was chosen stays.
{
    const { kept } = globalThis;
    const table = document.querySelector("table.ledger.whole");
    const rows = table ? [...table.tBodies[0].rows] : [];

    function sortable(heading, column) {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = heading.textContent;
        heading.replaceChildren(button);
        heading.setAttribute("aria-sort", "none");
        button.addEventListener("click", () => {
            sort(heading, column, heading.getAttribute("aria-sort") === "ascending");
        });
        return down => sort(heading, column, down);
    }

    function sort(heading, column, down) {
        const key = row => row.cells[column].dataset.key;
        for (const other of table.tHead.rows[0].cells) other.setAttribute("aria-sort", "none");
        heading.setAttribute("aria-sort", down ? "descending" : "ascending");
        rows.sort((a, b) => (down ? -1 : 1) * key(a).localeCompare(key(b), "en", { numeric: true }));
        table.tBodies[0].append(...rows);
        kept.set("ledger:sorted", JSON.stringify([column, down]));
    }

    // Values in the order in which they are first met.
    function choice(label, column, order) {
        const box = document.createElement("label"), select = document.createElement("select");
        const values = [...new Set(rows.map(row => row.cells[column].innerText.trim()))];
        if (order) values.sort((a, b) => order.indexOf(a) - order.indexOf(b));
        select.append(new Option("all", ""), ...values.map(value => new Option(value, value)));
        select.value = values.includes(kept.get(`ledger:${label}`)) ? kept.get(`ledger:${label}`) : "";
        select.addEventListener("change", () => select.value ? kept.set(`ledger:${label}`, select.value) : kept.remove(`ledger:${label}`));
        box.append(`${label} `, select);
        return { box, select, fits: row => !select.value || row.cells[column].innerText.trim() === select.value };
    }

    if (table) {
        const headings = [...table.tHead.rows[0].cells];
        const column = name => headings.findIndex(heading => heading.textContent === name);
        const bar = document.createElement("form"), count = document.createElement("p");
        const choices = [choice("Chapter", column("Chapter")),
            choice("Verdict", column("Verdict"), ["holds", "holds in part", "does not hold", "inconclusive"])];
        bar.className = "ledger-bar";
        count.setAttribute("role", "status");
        bar.append(...choices.map(one => one.box), count);
        const show = () => {
            const shown = rows.filter(row => choices.every(one => one.fits(row)));
            for (const row of rows) row.hidden = !shown.includes(row);
            count.textContent = `${shown.length} of ${rows.length} claims`;
        };
        const sorts = headings.map(sortable), [by, down] = JSON.parse(kept.get("ledger:sorted") ?? "[]");
        sorts[by]?.(down);
        for (const { select } of choices) select.addEventListener("change", show);
        bar.addEventListener("submit", event => event.preventDefault());
        table.parentElement.before(bar);
        table.classList.add("sortable");
        show();
    }
}
