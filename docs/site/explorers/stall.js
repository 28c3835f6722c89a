// The explorer of chapter 4: any pattern of writes, and what becomes of it, step by step.
(() => {
    const { make, slider, select, checkbox, choice, machine, addressed, one_of, titles, fitted } = globalThis.explorerParts;
    const model = globalThis.stallModel;
    const most_rows = 6;
    const round_trips = [0, 1, 2, 5, 10, 15, 20, 30, 40, 50, 75, 100, 150, 200];

    const presets = {
        separate: { words: "separate", writes: [[1, 12, 0], [1, 64, 0]], corked: false },
        gathered: { words: "gathered", writes: [[1, 76, 0]], corked: false },
        corked: { words: "corked", writes: [[1, 12, 0], [1, 64, 0]], corked: true },
        trickle: { words: "trickle", writes: [[76, 1, 0]], corked: false },
    };
    const rows_of = preset => preset.writes.map(([times, bytes, pause]) => ({ times, bytes, pause }));
    const preset_of = ({ writes, corked }) => Object.keys(presets).find(key =>
        presets[key].corked === corked && JSON.stringify(rows_of(presets[key])) === JSON.stringify(writes)) ?? null;

    const limits = { times: [1, 100], bytes: [1, 15000], pause: [0, 200] };
    const is_row = row => Object.entries(limits).every(([key, [min, max]]) => Number.isInteger(row?.[key]) && row[key] >= min && row[key] <= max);
    const fits = {
        writes: list => Array.isArray(list) && list.length > 0 && list.length <= most_rows && list.every(is_row),
        corked: one_of([true, false]), noDelay: one_of([true, false]), receiver: one_of(["conversation", "new", "quick"]), roundTrip: one_of(round_trips),
    };

    // The rows of the pattern: three numbers each, and a button that takes the row out. A number that cannot be is not taken,
    // and the field says so; left so, it shows again what counts.
    function writes_table(state, changed) {
        const body = make("div", { class: "rows" }), refused = make("p", { class: "refused", role: "status" });
        const number = (row, key, label, position) => make("input", {
            type: "number", inputmode: "numeric", min: limits[key][0], max: limits[key][1], step: 1, value: row[key], "aria-label": `${label}, row ${position + 1}`,
            oninput: ({ target }) => {
                const good = target.validity.valid && target.value !== "", range = limits[key].map(one => one.toLocaleString("en")).join(" to ");
                target.setAttribute("aria-invalid", !good);
                refused.textContent = good ? "" : `${label}: a whole number, ${range}. ${target.value && `${target.value} is not taken. `}It stays ${row[key]}.`;
                if (good) { row[key] = Number(target.value); changed(); }
            },
            onchange: ({ target }) => {
                target.value = row[key];
                target.removeAttribute("aria-invalid");
            },
        });
        const add = make("button", { type: "button", onclick: () => {
            state.writes.push({ times: 1, bytes: 64, pause: 0 });
            show();
            changed();
            body.querySelectorAll("input")[3 * (state.writes.length - 1)].focus();
        } }, "Add a write");
        function show() {
            body.replaceChildren(...state.writes.flatMap((row, position) => [
                number(row, "times", "How often", position), number(row, "bytes", "Bytes", position),
                number(row, "pause", "Pause before, in ms", position),
                make("button", { type: "button", class: "remove", "aria-label": `Take out row ${position + 1}`, disabled: state.writes.length === 1, onclick: () => {
                    state.writes.splice(position, 1);
                    show();
                    changed();
                    body.querySelector("input").focus();
                } }, "×")]));
            add.disabled = state.writes.length >= most_rows;
        }
        show();
        const heads = ["times", "bytes", "pause, ms"].map(words => make("span", {}, words));
        return { element: make("fieldset", { class: "writes" }, make("legend", {}, "The writes"),
            make("div", { class: "rows heads", "aria-hidden": "true" }, ...heads, make("span")), body, refused, add), show };
    }

    globalThis.explorers.stall = (place, data) => {
        const { state, keep } = addressed("stall", { ...model.defaults, writes: rows_of(presets.separate) }, fits);
        let source = Object.keys(data)[0], result = null, at = 0, now = 0, playing = null, frame = 0;
        const measured = () => data[source]?.rows ?? {};
        const settings = () => ({ ...state, ...model.coefficients(measured()) });
        const still = matchMedia("(prefers-reduced-motion: reduce)");

        // Controls ----------------------------------------------------------------------------------------------
        const table = writes_table(state, () => { pick.set(null); reset(); });
        const cork = checkbox({ label: "TCP_CORK around the writes", value: state.corked, change: on => { state.corked = on; pick.set(null); reset(); } });
        const option = checkbox({ label: "TCP_NODELAY", value: state.noDelay, change: on => { state.noDelay = on; reset(); } });
        const pick = choice({ legend: "Begin with", value: preset_of(state), options: Object.fromEntries(Object.entries(presets).map(([key, { words }]) => [key, words])), change: key => {
            state.writes.splice(0, Infinity, ...rows_of(presets[key]));
            state.corked = presets[key].corked;
            table.show();
            cork.set(state.corked);
            reset();
        } });
        const receiver = select({ label: "The receiver", value: state.receiver, change: to => { state.receiver = to; reset(); }, options: {
            conversation: "delays its acknowledgements", new: "is new: quick ACK mode", quick: "asks for TCP_QUICKACK each time" } });
        const distance = slider({ label: "Round trip", value: state.roundTrip, text: ms => `${ms} ms`, change: to => { state.roundTrip = to; reset(); },
            values: round_trips });
        const whose = machine(data, to => { source = to; reset(); });

        const button = (words, act) => make("button", { type: "button", onclick: act }, words);
        const buttons = {
            restart: button("Restart", () => { stop(); go(0); }), back: button("Back", () => { stop(); go(at - 1); }),
            play: button("Play", () => playing ? stop() : play()), step: button("Step", () => { stop(); go(at + 1); }),
            end: button("To the end", () => { stop(); go(result.steps.length); }),
        };
        const count = make("span", { class: "count" }), when = make("b"), words = make("span");
        const sentence = make("p", { class: "sentence", "aria-live": "polite", "aria-atomic": "true" }, when, words);
        const summary = make("p", { class: "summary", "aria-live": "polite" }), drawing = make("div", { class: "ladder" });
        const list = make("ol", {}), facts = make("p", { class: "machine" });

        // The step that is shown --------------------------------------------------------------------------------
        // A step is drawn together with the time that passes until the next.
        const end_of = step => step === 0 ? 0 : result.steps[step]?.time ?? result.whole;

        function paint(width = drawing.clientWidth) {
            drawing.replaceChildren(globalThis.stallLadder(result, now, width));
        }
        const again = fitted(drawing, paint);

        function move(to) {
            cancelAnimationFrame(frame);
            const from = now, begin = performance.now(), length = Math.min(900, 250 + 900 * Math.abs(to - from) / result.whole);
            if (still.matches || to <= from) { now = to; return paint(); }
            const tick = time => {
                const part = Math.min(1, Math.max(0, (time - begin) / length));
                now = from + (to - from) * part;
                paint();
                if (part < 1) frame = requestAnimationFrame(tick);
            };
            frame = requestAnimationFrame(tick);
        }

        function go(to) {
            at = Math.min(result.steps.length, Math.max(0, to));
            const step = result.steps[at - 1], last = at === result.steps.length;
            when.textContent = step ? `${step.time < 1 ? `${Math.round(step.time * 1e3)} µs` : `${step.time.toFixed(1)} ms`}. ` : "";
            words.textContent = step ? globalThis.stallWords(step, settings()) : "Nothing is written yet. Step, or play.";
            count.textContent = `Step ${at} of ${result.steps.length}`;
            summary.textContent = last ? summed() : "";
            for (const [key, off] of [["restart", at === 0], ["back", at === 0], ["step", last], ["end", last], ["play", last]])
                buttons[key].setAttribute("aria-disabled", off);
            [...list.children].forEach((item, position) => item.toggleAttribute("aria-current", position === at - 1));
            if (last) stop();
            move(end_of(at));
        }

        function summed() {
            const data_segments = result.packets.filter(({ kind }) => kind === "data").length;
            const written = state.writes.reduce((sum, { times }) => sum + times, 0);
            const plural = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;
            const time = value => value < 1 ? `${Math.round(value * 1e3)} µs` : `${value.toFixed(1)} ms`;
            const was = model.found(measured(), state);
            return `${plural(written, "write")} became ${plural(data_segments, "segment")}; ${plural(result.packets.length, "packet")} in all, ${time(result.whole)}.` +
                (was ? ` Measured on ${titles[source]} with these settings: ${time(was)}.` : "");
        }

        function stop() {
            clearTimeout(playing);
            playing = null;
            buttons.play.textContent = "Play";
        }
        function play() {
            if (at === result.steps.length) return;
            buttons.play.textContent = "Pause";
            const next = () => {
                playing = null;
                go(at + 1);
                if (at === result.steps.length) return;
                buttons.play.textContent = "Pause";
                playing = setTimeout(next, 900 + 28 * words.textContent.length);
            };
            next();
        }

        function reset() {
            stop();
            cancelAnimationFrame(frame);
            keep();
            result = model.simulate(settings());
            facts.textContent = `Times of a call and of a waking program, and the clock's tick: measured on ${data[source]?.machine ?? "no machine yet; the rules alone"}. ` +
                "Not modelled: losses, a rate of the link, and a delay that adapts beyond 40 ms.";
            list.replaceChildren(...result.steps.map(step => make("li", {}, make("b", {}, `${step.time.toFixed(2)} ms. `), globalThis.stallWords(step, settings()))));
            now = 0;
            go(0);
        }

        place.append(
            make("div", { class: "controls" }, pick.element,
                make("div", { class: "columns" }, table.element, make("div", { class: "options" }, option.element, cork.element, receiver.element, distance.element)), whose.element),
            make("div", { class: "transport", role: "group", "aria-label": "Steps" }, ...Object.values(buttons), count),
            sentence, drawing, summary,
            make("details", {}, make("summary", {}, "All steps as a list"), list),
            facts);
        result = model.simulate(settings());
        again();
        reset();
    };
})();
