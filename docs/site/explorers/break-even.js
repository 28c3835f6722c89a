// The explorer of chapter 5: a kind of data, a compressor and a link, and whether compressing pays.
(() => {
    const { make, draw, slider, choice, select, machine, addressed, one_of, rate, seconds, digits, series, ticks, fitted } = globalThis.explorerParts;
    const model = globalThis.breakEvenModel;
    const amount = 100e6;
    const axes = { from: 1, to: 1e4, low: 0.1, high: 10 };
    const phases = ["compress", "wire", "inflate"], doing = { compress: "compress", wire: "send", inflate: "inflate" };
    const named = name => name === "plain" ? "plain" : name.replace(/-(\d)$/, ", level $1");

    // The time of each way, from a common start: plain, one after the other, at the same time.
    function schedule(parts, times, width) {
        const label = width < 480 ? 84 : 96, most = Math.max(times.plain, times.in_turn), room = width - label - 12;
        const x = at => label + at / most * room;
        const box = (phase, from, long, y, height) => draw("rect", { x: x(from), y, width: Math.max(1, long / most * room), height, rx: 2, class: `phase ${phase}` });
        let after = 0;
        const turn = phases.map(phase => { const from = after; after += parts[phase]; return box(phase, from, parts[phase], 67, 24); });
        const key = phases.map((phase, row) => draw("g", {}, draw("rect", { x: label + [0, 92, 158][row], y: 2, width: 12, height: 12, rx: 2, class: `phase ${phase}` }),
            draw("text", { x: label + [0, 92, 158][row] + 18, y: 12 }, doing[phase])));
        const fastest = ["plain", "in_turn", "overlapped"].reduce((a, b) => times[b] < times[a] * 0.999 ? b : a);
        const name = (words, key, y) => draw("text", { x: label - 10, y, "text-anchor": "end", class: key === fastest ? "fastest" : "" }, words);
        return draw("svg", { viewBox: `0 0 ${width} 190`, width, height: 190, "aria-hidden": "true", focusable: "false" }, ...key,
            ...ticks(most, width < 480 ? 3 : 6).map(value => draw("g", {}, draw("line", { x1: x(value), x2: x(value), y1: 26, y2: 168, class: "grid" }),
                draw("text", { x: x(value), y: 184, "text-anchor": "middle" }, value ? seconds(value) : "0"))),
            name("plain", "plain", 48), box("wire", 0, times.plain, 32, 24),
            name("in turn", "in_turn", 83), ...turn,
            name("overlapped", "overlapped", 137), ...phases.map((phase, row) => box(phase, 0, parts[phase], 102 + row * 21, 19)));
    }

    function chart(state, of, points, width) {
        const left = 44, right = width - 14, top = 26, bottom = 250;
        const x = mbit => left + (right - left) * Math.log(mbit / axes.from) / Math.log(axes.to / axes.from);
        const y = factor => bottom - (bottom - top) * Math.log(Math.min(axes.high, Math.max(axes.low, factor)) / axes.low) / Math.log(axes.high / axes.low);
        const faster = (link, how) => { const times = model.times(of, amount, link); return times.plain / times[how]; };
        const line = how => series(axes.from, axes.to, [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9]).concat(model.breakEven(of, how), model.bend(of)).filter(link => link >= axes.from && link <= axes.to)
            .sort((a, b) => a - b).filter(link => faster(link, how) >= axes.low).map(link => `${x(link)} ${y(faster(link, how))}`).join("L");
        const both = ["in_turn", "overlapped"];
        const marks = both.map(how => [how, model.breakEven(of, how)]).filter(([, at]) => at >= axes.from && at <= axes.to);
        const key = (at, how, words) => draw("g", { class: how }, draw("line", { x1: at, x2: at + 22, y1: 8, y2: 8, class: "curve" }), draw("text", { x: at + 28, y: 12 }, words));
        return draw("svg", { viewBox: `0 0 ${width} ${bottom + 44}`, width, height: bottom + 44, "aria-hidden": "true", focusable: "false" },
            key(left, "in_turn", "in turn"), key(left + 92, "overlapped", "overlapped"),
            ...[0.1, 0.2, 0.5, 1, 2, 5, 10].map(value => draw("g", {}, draw("line", { x1: left, x2: right, y1: y(value), y2: y(value), class: value === 1 ? "even" : "grid" }),
                draw("text", { x: left - 8, y: y(value) + 4, "text-anchor": "end" }, `${value}×`))),
            ...(width < 480 ? [1, 100, 1e4] : [1, 10, 100, 1e3, 1e4]).map((value, at, all) => draw("text", { x: x(value), y: bottom + 18, "text-anchor": at === all.length - 1 ? "end" : "middle" }, rate(value))),
            draw("text", { x: (left + right) / 2, y: bottom + 38, "text-anchor": "middle" }, "rate of the link"),
            draw("line", { x1: x(state.link), x2: x(state.link), y1: top, y2: bottom, class: "reading" }),
            ...both.map(how => draw("path", { d: `M${line(how)}`, class: `curve ${how}` })),
            ...points.map(point => draw("circle", { cx: x(point.link), cy: y(point.faster), r: 3.5, class: `dot ${point.how}` })),
            ...marks.map(([how, at], row) => draw("g", { class: `mark ${how}` }, draw("path", { d: `M${x(at)} ${y(1)}l-6 11h12Z` }),
                row && x(at) < right - 84 ? draw("text", { x: x(at) + 8, y: y(1) - 8 }, rate(at))
                    : draw("text", { x: x(at) - 10, y: y(1) + (row ? 36 : 18), "text-anchor": "end" }, rate(at)))),
            ...both.map(how => draw("circle", { cx: x(state.link), cy: y(faster(state.link, how)), r: 6, class: `ring ${how}` })));
    }

    globalThis.explorers["break-even"] = (place, data) => {
        const links = series(axes.from, axes.to, [1, 1.5, 2, 3, 5, 7]);
        const { state, keep } = addressed("break-even", { kind: "json-log", method: "zlib", zlib: 6, zstd: 3, link: 100 }, {
            kind: one_of(Object.keys(model.kinds)), method: one_of(["zlib", "zstd", "lz4"]), zlib: one_of(model.methods.zlib), zstd: one_of(model.methods.zstd), link: one_of(links) });
        let source = Object.keys(data)[0];
        const rows = () => data[source]?.rows ?? {};
        const set = key => value => { state[key] = value; show(); };
        const level = method => slider({ label: "Level", values: model.methods[method], value: state[method], text: String, change: set(method) });
        const levels = { zlib: level("zlib"), zstd: level("zstd") };
        const controls = [
            select({ label: "The data", options: model.kinds, value: state.kind, change: set("kind") }),
            slider({ label: "Rate of the link", values: links, value: state.link, text: rate, change: set("link") }),
            choice({ legend: "The compressor", options: { zlib: "zlib", zstd: "zstd", lz4: "lz4" }, value: state.method, change: set("method") }),
            ...Object.values(levels),
        ];
        const whose = machine(data, to => { source = to; show(); });
        const sentence = make("p", { class: "sentence long", "aria-live": "polite" }), summary = make("p", { class: "summary" });
        const picture = make("div", { class: "picture" }), facts = make("p", { class: "machine" });
        let of, name;

        function words() {
            const times = model.times(of, amount, state.link);
            const limits = { in_turn: model.breakEven(of, "in_turn"), overlapped: model.breakEven(of, "overlapped") };
            const faster = times.plain / Math.min(times.in_turn, times.overlapped);
            const verdict = faster > 1.005 ? `Compressing pays: ${digits(faster)} times as fast.` : "Compressing does not pay.";
            return [make("b", {}, `${verdict} `), `100 MB take ${seconds(times.plain)} plain, ${seconds(times.in_turn)} compressed in turn, ${seconds(times.overlapped)} overlapped. `,
                limits.overlapped ? `The break-even lies at ${rate(limits.in_turn)} in turn, at ${rate(limits.overlapped)} overlapped.`
                    : `The ratio is ${of.ratio.toFixed(4)}: nothing to leave out, and no link is slow enough.`];
        }

        const paint = width => picture.replaceChildren(...of ? [
            schedule(model.parts(of, amount, state.link), model.times(of, amount, state.link), width),
            chart(state, of, model.points(rows(), state.kind, name), width)] : []);
        function show() {
            keep();
            name = model.codec(state.method, state[state.method] ?? null);
            of = model.speed(rows(), state.kind, name);
            for (const [method, { element }] of Object.entries(levels)) element.hidden = method !== state.method;
            sentence.replaceChildren(...of ? words() : ["Not measured on this machine."]);
            const best = how => model.best(rows(), state.kind, state.link, how, amount);
            const [turn, over] = [best("in_turn"), best("overlapped")];
            summary.textContent = `Of all that was measured, the quickest over this link: in turn ${named(turn[0])} (${seconds(turn[1])}), overlapped ${named(over[0])} (${seconds(over[1])}).`;
            facts.textContent = `Ratio ${of ? of.ratio.toFixed(2) : "unknown"}, compressing ${of ? digits(of.compress / 125e3) : "?"} Mbit/s, inflating ${of ? digits(of.inflate / 125e3) : "?"} Mbit/s, measured on ${data[source]?.machine ?? "no machine yet"}. Lines: the formulas. Triangles: the break-even. Dots: transfers over netlab, of zlib alone.`;
            again();
        }
        const again = fitted(picture, paint);
        place.append(make("div", { class: "controls" }, make("div", { class: "columns" }, ...controls.map(({ element }) => element)), whose.element), sentence, picture, summary, facts);
        show();
    };
})();
