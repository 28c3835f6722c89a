// What the explorers share: elements, controls that the browser itself knows how to work, numbers, axes.
(() => {
    globalThis.explorers ??= {};

    function fill(element, attributes, children) {
        for (const [key, value] of Object.entries(attributes))
            if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
            else if (value === true) element.setAttribute(key, "");
            else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, value);
        element.append(...children.filter(child => child !== null && child !== undefined));
        return element;
    }
    const make = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);
    const draw = (tag, attributes = {}, ...children) =>
        fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

    let made = 0;
    const identity = () => `explorer-control-${++made}`;

    // A slider over a list of values: the arrow keys go from one to the next, whatever their distance.
    function slider({ label, values, value, text, change }) {
        const id = identity(), output = make("output", { for: id });
        const input = make("input", { id, type: "range", min: 0, max: values.length - 1, step: 1, oninput: () => { show(); change(values[input.value]); } });
        const show = () => {
            output.textContent = text(values[input.value]);
            input.setAttribute("aria-valuetext", output.textContent);
        };
        const set = to => {
            input.value = values.includes(to) ? values.indexOf(to)
                : values.reduce((best, one, at) => Math.abs(one - to) < Math.abs(values[best] - to) ? at : best, 0);
            show();
        };
        set(value);
        return { element: make("p", { class: "slider" }, make("label", { for: id }, label), output, input), set };
    }

    // One of a few: radio buttons that stand in a row.
    function choice({ legend, options, value, change }) {
        const name = identity(), inputs = new Map();
        const row = Object.entries(options).map(([key, words]) => {
            const input = make("input", { type: "radio", name, value: key, onchange: () => change(key) });
            inputs.set(key, input);
            return make("label", {}, input, make("span", {}, words));
        });
        const set = to => { for (const [key, input] of inputs) input.checked = key === to; };
        set(value);
        return { element: make("fieldset", { class: "choice" }, make("legend", {}, legend), make("div", {}, ...row)), set };
    }

    function select({ label, options, value, change }) {
        const id = identity();
        const input = make("select", { id, onchange: () => change(input.value) },
            ...Object.entries(options).map(([key, words]) => make("option", { value: key }, words)));
        const set = to => { input.value = to; };
        set(value);
        return { element: make("p", { class: "select" }, make("label", { for: id }, label), input), set };
    }

    function checkbox({ label, value, change }) {
        const input = make("input", { type: "checkbox", onchange: () => change(input.checked) });
        const set = to => { input.checked = to; };
        set(value);
        return { element: make("p", { class: "check" }, make("label", {}, input, " ", label)), set };
    }

    // The state of an explorer, kept in the page's address as what differs from its beginning: a link or a reload leads back to
    // it. What an address holds is a stranger's: a value counts only where `fits` says so. JSON has no Infinity, so it is a word.
    function addressed(name, beginning, fits) {
        const state = structuredClone(beginning), query = () => new URLSearchParams(location.search);
        const written = value => JSON.stringify(value, (_, one) => one === Infinity ? "Infinity" : one);
        const read = text => JSON.parse(text, (_, one) => one === "Infinity" ? Infinity : one);
        try {
            const given = read(query().get(name) ?? "{}");
            for (const key of Object.keys(fits)) if (given[key] !== undefined && fits[key](given[key])) state[key] = given[key];
        } catch { /* no state: it begins at the beginning */ }
        function keep() {
            const asked = query(), changed = Object.keys(fits).filter(key => written(state[key]) !== written(beginning[key]));
            if (changed.length) asked.set(name, written(Object.fromEntries(changed.map(key => [key, state[key]]))));
            else asked.delete(name);
            const search = String(asked) && `?${asked}`;
            if (search === location.search) return;
            try {
                history.replaceState(null, "", `${location.pathname}${search}#explorer-${name}`);
            } catch { /* a browser may limit how often: then the next change takes it along */ }
        }
        return { state, keep };
    }
    const one_of = values => value => values.includes(value);

    const titles = { reference: "the reference machine", yours: "your machine" };

    // Whose figures it computes with: asked only where there are two.
    function machine(data, change) {
        const sources = Object.keys(data);
        if (sources.length < 2) return { element: null, source: sources[0] ?? "reference" };
        return { ...choice({ legend: "Computed with the figures of", value: sources[0], change,
            options: Object.fromEntries(sources.map(source => [source, titles[source]])) }), source: sources[0] };
    }

    // Three digits at most, and a unit that keeps them readable.
    const digits = value => value === 0 ? "0" : Math.abs(value) >= 100 ? Math.round(value).toLocaleString("en")
        : String(Number(value.toPrecision(Math.abs(value) >= 10 ? 3 : Math.abs(value) >= 1 ? 2 : 2)));
    function scaled(value, units) {
        const [size, unit] = units.find(([least]) => Math.abs(value) >= least * 0.9995) ?? units[units.length - 1];
        return `${digits(value / size)}\u00a0${unit}`;
    }
    const seconds = value => scaled(value, [[1, "s"], [1e-3, "ms"], [1e-6, "µs"]]);
    const rate = mbit => scaled(mbit, [[1e3, "Gbit/s"], [1, "Mbit/s"], [1e-3, "kbit/s"]]);
    const size = bytes => scaled(bytes, [[2 ** 20, "MiB"], [2 ** 10, "KiB"], [1, "B"]]);

    // Values that divide each power of ten evenly to the eye.
    function series(from, to, steps = [1, 1.5, 2, 3, 4, 5, 6, 8]) {
        const result = [];
        for (let power = Math.floor(Math.log10(from)); power <= Math.log10(to); ++power)
            for (const step of steps) {
                const value = Number((step * 10 ** power).toPrecision(3));
                if (value >= from * 0.9999 && value <= to * 1.0001) result.push(value);
            }
        return result;
    }

    // Round numbers from zero to the last, about so many.
    function ticks(last, count) {
        const raw = last / count, power = 10 ** Math.floor(Math.log10(raw));
        const step = [1, 2, 5, 10].find(one => one * power >= raw * 0.999) * power;
        return Array.from({ length: Math.floor(last / step * 1.0001) + 1 }, (_, at) => Number((at * step).toPrecision(6)));
    }

    // Calls draw(width) now and whenever the width changes.
    function fitted(box, paint) {
        let width = 0;
        const again = () => paint(width = Math.max(280, Math.floor(box.clientWidth)));
        new ResizeObserver(() => { if (Math.floor(box.clientWidth) !== width) again(); }).observe(box);
        return again;
    }

    globalThis.explorerParts = { make, draw, slider, choice, select, checkbox, machine, addressed, one_of, titles, seconds, rate, size, digits, series, ticks, fitted };
})();
