// How fast one connection can go: the link's rate, or what each end lets be under way for each round trip, whichever
// is less. What a buffer of some size lets be under way is read off the chapter's runs. Bytes, milliseconds, Mbit/s.
(() => {
    const data_share = 1448 / 1500; // of a full packet
    const K = 1024, sizes = [4, 16, 64, 256, 1024, 4096].map(kib => kib * K);
    const round_trips = [1, 10, 40, 100, 200];
    const short = bytes => bytes >= K * K ? `${bytes / (K * K)}M` : `${bytes / K}K`;

    // Between measured sizes the logarithms lie on a line.
    function between(points, size) {
        const after = points.findIndex(([at]) => at >= size);
        if (after === 0) return points[0][1];
        if (after < 0) return points.at(-1)[1];
        const [[x1, y1], [x2, y2]] = [points[after - 1], points[after]];
        return y1 * (y2 / y1) ** (Math.log(size / x1) / Math.log(x2 / x1));
    }

    function learn(rows) {
        const most = (name, field) => Math.max(0, ...round_trips.map(ms => rows[`link/${ms}ms/${name}`]?.[field] ?? 0));
        const windows = sizes.map(size => [size, most(short(size), "window_bytes")]).filter(([, window]) => window);
        // A sender's buffer was set over 40 ms alone; what was under way is its throughput for one round trip.
        const sent = [16, 64, 256].map(kib => kib * K).map(size => [size, rows[`link_send/40ms/${short(size)}`]?.mbit_per_s * 1e6 / 8 * 0.04]).filter(([, bytes]) => bytes);
        return {
            receiver: asked => asked === Infinity ? most("auto", "window_bytes") || Infinity : windows.length ? between(windows, asked) : asked,
            sender: asked => asked === Infinity ? Infinity : sent.length ? between(sent, asked) : asked,
            // The most that any run had under way: beyond, the law stands alone.
            seen: Math.max(0, ...round_trips.map(ms => (rows[`link/${ms}ms/auto`]?.mbit_per_s ?? 0) * 1e3 / 8 * ms)),
        };
    }

    function throughput({ rate, roundTrip, receive, send }, learnt) {
        const window = learnt.receiver(receive), kept = learnt.sender(send);
        const carried = rate * data_share, product = rate * 1e3 / 8 * roundTrip;
        const limit = Math.min(window, kept), by_ends = limit * 8 / roundTrip / 1e3;
        const mbit = Math.min(carried, by_ends);
        return {
            mbit, carried, product, window, kept, under_way: mbit * 1e3 / 8 * roundTrip,
            end: by_ends >= carried ? "link" : window <= kept ? "receiver" : "sender",
            bend: limit * 8 / carried / 1e3, // the round trip up to which the link is full
        };
    }

    // Every run: { roundTrip, receive, send, mbit, window }, all over 100 Mbit/s.
    function points(rows) {
        const result = [];
        for (const [name, row] of Object.entries(rows)) {
            const [kind, distance, size] = name.split("/");
            if (row.mbit_per_s === undefined || (kind !== "link" && kind !== "link_send")) continue;
            const asked = size === "auto" ? Infinity : sizes.find(one => short(one) === size);
            result.push({ roundTrip: Number.parseInt(distance, 10), receive: kind === "link" ? asked : Infinity, send: kind === "link_send" ? asked : Infinity, mbit: row.mbit_per_s });
        }
        return result;
    }

    globalThis.windowModel = { rate: 100, learn, throughput, points };
})();
