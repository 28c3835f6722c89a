// What compressing does to the time of a transfer, from a ratio and two speeds: the formulas of the chapter's
// model.cpp. Bytes, seconds, Mbit/s of the link.
(() => {
    const payload = mbit => mbit * 1e6 / 8 * 1448 / 1500; // bytes of data a second
    const methods = { zlib: [1, 2, 3, 4, 5, 6, 7, 8, 9], zstd: [1, 3, 9], lz4: [null] };
    const kinds = { "json-log": "a JSON log", prose: "prose", code: "source code", csv: "CSV", floats: "a sensor's readings", random: "random bytes", packed: "compressed already" };
    const codec = (method, level) => level === null ? method : `${method}-${level}`;

    function speed(rows, kind, name) {
        const row = rows[`codec/${kind}/${name}`];
        return row && { ratio: row.ratio, compress: row.compress_mb_per_s * 1e6, inflate: row.inflate_mb_per_s * 1e6 };
    }

    function parts({ ratio, compress, inflate }, bytes, link) {
        return { compress: bytes / compress, wire: bytes / ratio / payload(link), inflate: bytes / inflate };
    }

    function times(of, bytes, link) {
        const { compress, wire, inflate } = parts(of, bytes, link);
        return { plain: bytes / payload(link), in_turn: compress + wire + inflate, overlapped: Math.max(compress, wire, inflate) };
    }

    // The rate of the link on which compressing stops paying; 0 when it never pays.
    function breakEven({ ratio, compress, inflate }, how) {
        if (ratio <= 1) return 0;
        const bytes = how === "overlapped" ? Math.min(compress, inflate) : (1 - 1 / ratio) / (1 / compress + 1 / inflate);
        return bytes / payload(1);
    }

    // The rate of the link on which, overlapped, the wire is no longer the slowest part.
    const bend = ({ ratio, compress, inflate }) => Math.min(compress, inflate) / ratio / payload(1);

    // The quickest of all that were measured for this kind: [name, seconds], or ["plain", seconds].
    function best(rows, kind, link, how, bytes) {
        const all = Object.entries(methods).flatMap(([method, levels]) => levels.map(level => codec(method, level)))
            .map(name => [name, speed(rows, kind, name)]).filter(([, of]) => of)
            .map(([name, of]) => [name, times(of, bytes, link)[how]]);
        return [...all, ["plain", bytes / payload(link)]].reduce((a, b) => b[1] < a[1] ? b : a);
    }

    // The transfers that were measured with this codec: { link, how, faster }, against plain over the same link.
    function points(rows, kind, name) {
        return Object.entries(rows).flatMap(([key, row]) => {
            const [, link, of, with_codec, how] = /^link\/(\d+)mbit\/([^/]+)\/([^/]+)\/(in_turn|overlapped)$/.exec(key) ?? [];
            const plain = rows[`link/${link}mbit/plain`];
            return of === kind && with_codec === name && plain ? [{ link: Number(link), how, faster: row.goodput_mbit / plain.goodput_mbit }] : [];
        });
    }

    globalThis.breakEvenModel = { methods, kinds, codec, speed, parts, times, breakEven, bend, best, points };
})();
