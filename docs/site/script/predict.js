// Predict, then look: a figure that asks for a guess, and the text that reads it, wait behind the guess.
// The guess stays in this browser, and can be made again. Without this script everything is there at once.
{
    const forms = [...document.querySelectorAll("body:not(.index) form.predict")]; // the front page only shows
    const page = location.pathname.split("/").pop();
    const store = globalThis.kept;
    const never = "predict:never", key = form => `predict:${page}:${form.closest("figure").id}`;
    const machines = { reference: "the reference machine", yours: "your machine" };

    // From the figure to the next heading or the next question.
    function reading(figure) {
        const found = [];
        for (let at = figure.nextElementSibling; at; at = at.nextElementSibling) {
            if (/^H[1-6]$/.test(at.tagName) || at.querySelector("form.predict, h2, h3") ||
                at.firstElementChild?.tagName === "STRONG" && at.textContent.startsWith("Predict."))
                break;
            found.push(at);
        }
        return found;
    }

    // What waits, said in the box: a page that ends in the middle of a section looks broken.
    function waits(figure, nodes) {
        const line = document.createElement("p"), next = (nodes.at(-1) ?? figure).nextElementSibling;
        const text = !nodes.length ? "" : !next ? " and the rest of this page" : /^H/.test(next.tagName) ? " and the rest of this section"
            : " and the text up to the next question";
        line.className = "waits";
        line.textContent = `The figure${text} come${text ? "" : "s"} after your guess.`;
        return line;
    }

    function veiled(nodes, after) {
        const veil = document.createElement("div");
        veil.className = "veil";
        veil.hidden = true;
        veil.setAttribute("hidden", "until-found"); // the browser's own search still finds what is behind it
        after.after(veil);
        veil.append(...nodes);
        return veil;
    }

    function result(form, guess) {
        const line = document.createElement("p"), again = document.createElement("button");
        const unit = form.dataset.unit && !form.querySelector("fieldset") ? `\u00a0${form.dataset.unit}` : "";
        line.className = "guess";
        line.textContent = [`You guessed: ${guess}${unit}.`,
            ...Object.entries(JSON.parse(form.dataset.answers)).map(([source, text]) => `On ${machines[source]}: ${text}.`)].join(" ");
        again.type = "button";
        again.textContent = "Guess again";
        again.addEventListener("click", () => ask_again(form, line));
        line.append(" ", again);
        return line;
    }

    function ask_again(form, line) {
        line.replaceWith(form);
        store.remove(key(form));
        waiting.push(ask(form));
        form.querySelector("input").focus();
    }

    function ask(form) {
        const figure = form.closest("figure");
        const own = [...figure.childNodes].filter(node => node !== form);
        const read = reading(figure);
        form.querySelector(".waits")?.remove(); // it asks again
        form.querySelector("p").before(waits(figure, read));
        const veils = [veiled(read, figure), veiled(own, form)];
        form.hidden = false;
        let open = false;
        const show = guess => {
            if (open) return;
            open = true;
            const inside = form.contains(document.activeElement);
            for (const veil of veils) veil.replaceWith(...veil.childNodes);
            const line = guess ? result(form, guess) : null;
            form.replaceWith(...(line ? [line] : []));
            if (inside) { // the keyboard goes on where it was
                const target = line ?? figure;
                target.tabIndex = -1;
                target.focus({ preventScroll: true });
            }
        };
        const keep = guess => { store.set(key(form), guess); show(guess); };
        for (const veil of veils) veil.addEventListener("beforematch", () => keep(""));
        form.onsubmit = event => { // not added once more when it asks again
            event.preventDefault();
            keep(String([...new FormData(form).values()][0]));
        };
        form.querySelector(".show").onclick = () => keep("");
        form.querySelector(".never").onclick = () => { store.set(never, "1"); waiting.forEach(one => one()); };
        return show;
    }

    const waiting = [];
    for (const form of forms) {
        const guess = store.get(key(form));
        if (guess) form.replaceWith(result(form, guess));
        else if (guess === null && !store.get(never)) waiting.push(ask(form));
    }
    addEventListener("keydown", event => {
        if (event.key === "Escape" && event.target.id !== "search") {
            const first = document.querySelector("form.predict:not([hidden])");
            first?.querySelector(".show").click();
        }
    });
    addEventListener("beforeprint", () => waiting.forEach(show => show()));
}
