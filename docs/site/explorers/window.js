// The explorer of chapter 2: round trip, rate and the two socket buffers, and which of them decides.
(() => {
    const { make, draw, slider, machine, addressed, one_of, rate, size, series, fitted, titles } = globalThis.explorerParts;
    const model = globalThis.windowModel;
    const K = 1024;
    const axes = { from: 1, to: 300, low: 0.1, high: 1e4 };

    function chart(state, result, points, learnt, width) {
        const left = 76, right = width - 14, top = 14, bottom = 300;
        const x = ms => left + (right - left) * Math.log(ms / axes.from) / Math.log(axes.to / axes.from);
        const y = mbit => bottom - (bottom - top) * Math.log(Math.max(axes.low, mbit) / axes.low) / Math.log(axes.high / axes.low);
        const same = point => point.receive === state.receive && point.send === state.send;
        const law = series(axes.from, axes.to, [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9]).concat(result.bend).filter(ms => ms >= axes.from && ms <= axes.to)
            .sort((a, b) => a - b).map(ms => `${x(ms)} ${y(model.throughput({ ...state, roundTrip: ms }, learnt).mbit)}`).join("L");
        const now = { x: x(state.roundTrip), y: y(result.mbit) }, leftwards = now.x > right - 110;
        return draw("svg", { viewBox: `0 0 ${width} ${bottom + 44}`, width, height: bottom + 44, "aria-hidden": "true", focusable: "false" },
            ...[0.1, 1, 10, 100, 1000, 1e4].map(value => draw("g", {}, draw("line", { x1: left, x2: right, y1: y(value), y2: y(value), class: "grid" }),
                draw("text", { x: left - 8, y: y(value) + 4, "text-anchor": "end" }, rate(value)))),
            ...(width < 480 ? [1, 10, 100] : [1, 3, 10, 30, 100, 300]).map(value => draw("text", { x: x(value), y: bottom + 18, "text-anchor": "middle" }, `${value}\u00a0ms`)),
            draw("text", { x: (left + right) / 2, y: bottom + 38, "text-anchor": "middle" }, "round trip"),
            draw("line", { x1: now.x, x2: now.x, y1: now.y, y2: bottom, class: "reading" }), draw("line", { x1: left, x2: now.x, y1: now.y, y2: now.y, class: "reading" }),
            draw("path", { d: `M${law}`, class: "law" }),
            ...points.map(point => draw("circle", { cx: x(point.roundTrip), cy: y(point.mbit), r: same(point) ? 5 : 3, class: same(point) ? "point same" : "point" })),
            draw("circle", { cx: now.x, cy: now.y, r: 7, class: "here" }),
            draw("text", { x: now.x + (leftwards ? -13 : 13), y: now.y + (leftwards ? 22 : -9), "text-anchor": leftwards ? "end" : "start", class: "here-words" }, rate(result.mbit)));
    }

    // What the link holds, and how much of it each end fills; on one scale, on which the full link is four fifths.
    function bars(state, result, width) {
        const label = width < 480 ? 96 : 150, most = result.product * 1.25;
        const rows = [["the link holds", result.product, "link"], ["receiver's window", result.window, "receiver"], ["sender's buffer", result.kept, "sender"]];
        return draw("svg", { viewBox: `0 0 ${width} 96`, width, height: 96, "aria-hidden": "true", focusable: "false" },
            ...rows.map(([words, bytes, end], row) => {
                const y = 8 + row * 29, room = width - label - 8, long = Math.max(2, Math.min(1, bytes / most) * room), inside = long > 110;
                const amount = bytes === Infinity ? "no limit: left alone" : size(bytes);
                return draw("g", { class: `bar ${end === result.end ? "decides" : ""}` },
                    draw("text", { x: label - 10, y: y + 15, "text-anchor": "end" }, width < 480 ? words.replace(/^.*'s /, "") : words),
                    draw("rect", { x: label, y, width: long, height: 22, rx: 2 }),
                    bytes > most ? draw("path", { d: `M${label + room} ${y}l8 11l-8 11Z` }) : "",
                    draw("text", { x: inside ? label + 8 : label + long + 8, y: y + 15, class: inside ? "inside" : "" }, amount));
            }),
            draw("line", { x1: label + (width - label - 8) * 0.8, x2: label + (width - label - 8) * 0.8, y1: 2, y2: 94, class: "full" }));
    }

    globalThis.explorers.window = (place, data) => {
        const values = { rate: series(1, 1e4, [1, 2, 3, 5]), roundTrip: series(1, 300),
            receive: [4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096].map(kib => kib * K).concat(Infinity), send: [16, 32, 64, 128, 256].map(kib => kib * K).concat(Infinity) };
        const { state, keep } = addressed("window", { rate: 100, roundTrip: 40, receive: 64 * K, send: Infinity },
            Object.fromEntries(Object.entries(values).map(([key, list]) => [key, one_of(list)])));
        let source = Object.keys(data)[0];
        const rows = () => data[source]?.rows ?? {};
        const set = key => value => { state[key] = value; show(); };
        const buffer = value => value === Infinity ? "left alone" : size(value);

        const controls = [
            slider({ label: "Round trip", values: values.roundTrip, value: state.roundTrip, text: ms => `${ms} ms`, change: set("roundTrip") }),
            slider({ label: "Rate of the link", values: values.rate, value: state.rate, text: rate, change: set("rate") }),
            slider({ label: "Receiver, SO_RCVBUF", values: values.receive, value: state.receive, text: buffer, change: set("receive") }),
            slider({ label: "Sender, SO_SNDBUF", values: values.send, value: state.send, text: buffer, change: set("send") }),
        ];
        const whose = machine(data, to => { source = to; show(); });
        const sentence = make("p", { class: "sentence", "aria-live": "polite" }), picture = make("div", { class: "picture" }), facts = make("p", { class: "machine" });

        function words(result, learnt) {
            const bytes = value => `${Math.round(value).toLocaleString("en")} bytes`;
            const why = {
                link: `The link decides: it holds ${bytes(result.product)}, and both ends let that much be under way. Up to ${result.bend < 10 ? result.bend.toFixed(1) : Math.round(result.bend).toLocaleString("en")} ms these buffers fill it.`,
                receiver: `The receiver decides: its window is ${bytes(result.window)} for each round trip, and the link would hold ${bytes(result.product)}. Up to ${result.bend.toFixed(1)} ms this buffer fills it.`,
                sender: `The sender decides: its buffer keeps ${bytes(result.kept)} under way, and the link would hold ${bytes(result.product)}.`,
            }[result.end];
            const measured = state.rate === model.rate && model.points(rows()).find(point => ["roundTrip", "receive", "send"].every(key => point[key] === state[key]));
            return [make("b", {}, `${rate(result.mbit)}, ${Math.round(result.mbit / result.carried * 100)}\u00a0% of what the link can carry. `), why,
                measured ? ` Measured on ${titles[source]}: ${rate(measured.mbit)}.` : "",
                result.under_way > learnt.seen * 1.05 ? ` No run had more than ${bytes(learnt.seen)} under way, so this is the law alone.` : ""];
        }

        let result, learnt;
        const paint = width => picture.replaceChildren(
            chart(state, result, model.points(rows()), learnt, width), bars(state, result, width));
        function show() {
            keep();
            learnt = model.learn(rows());
            result = model.throughput(state, learnt);
            sentence.replaceChildren(...words(result, learnt));
            facts.textContent = `Line: the law, at this rate and with these buffers. Dots: runs over 100 Mbit/s, the large ones with these buffers. What a buffer lets be under way was measured on ${data[source]?.machine ?? "no machine yet"}; that of a sender over 40 ms alone.`;
            again();
        }
        const again = fitted(picture, paint);
        place.append(make("div", { class: "controls" }, make("div", { class: "columns" }, ...controls.map(({ element }) => element)), whose.element), sentence, picture, facts);
        show();
    };
})();
