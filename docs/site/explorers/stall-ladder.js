// Draws what stall-model.js computed, up to a moment: packets between two time lines, and beside these what is held
// back. Lines that would cover each other are drawn apart.
(() => {
    const { draw, digits } = globalThis.explorerParts;
    const top = 34, lane_height = 17, tight = 3, widest = 34;

    // Packets that leave so close together that the eye sees one line. Over no distance those of both sides do.
    function clusters(packets, pixels) {
        const result = [];
        for (const packet of packets) {
            const flat = (packet.arrived - packet.sent) * pixels < lane_height;
            const last = result.findLast(one => flat || one[0].from === packet.from);
            if (last && (packet.sent - last.at(-1).sent) * pixels < lane_height - 2) last.push(packet);
            else result.push([packet]);
        }
        return result;
    }

    const named = ({ kind, bytes }) => kind === "ACK" ? "ACK" : kind === "reply" ? `reply, ${bytes} B` : `${bytes.toLocaleString("en")} B`;

    // "12 B, 9 × 1,448 B"
    function summed(cluster) {
        const counts = new Map();
        for (const packet of cluster) counts.set(named(packet), (counts.get(named(packet)) ?? 0) + 1);
        return [...counts].map(([words, count]) => count > 1 ? `${count} × ${words}` : words).join(", ");
    }

    function geometry({ packets, whole }, width, height) {
        const left = 86, right = width - 42, pixels = height / whole;
        const lines = clusters(packets, pixels).flatMap(cluster => {
            const few = cluster.length <= 4, apart = few ? lane_height : Math.min(tight, widest / (cluster.length - 1));
            return cluster.map((packet, lane) => ({
                packet, shift: lane * apart - (packet.sent - cluster[0].sent) * pixels, below: !few || lane > 0,
                label: few ? named(packet) : lane === cluster.length - 1 ? summed(cluster) : "",
            }));
        });
        const lowest = Math.max(0, ...lines.map(({ packet, shift }) => packet.arrived * pixels + shift));
        return { left, right, pixels, lines, bottom: top + Math.max(height, lowest) + 20 };
    }

    function axis(whole, { left, right, pixels }) {
        const unit = whole < 1 ? 1e-3 : 1, name = whole < 1 ? "µs" : "ms";
        return globalThis.explorerParts.ticks(whole / unit, 5).map(value => {
            const y = top + value * unit * pixels;
            return draw("g", {}, draw("line", { x1: left - 28, x2: right + 28, y1: y, y2: y, class: "grid" }),
                draw("text", { x: left - 36, y: y + 4, "text-anchor": "end" }, `${digits(value)}\u00a0${name}`));
        });
    }

    // A bar beside a time line, for as long as something is held back there.
    function bar({ side, from, to, bytes }, now, { left, right, pixels }) {
        const until = Math.min(to, now), height = (until - from) * pixels, x = side === "sender" ? left - 24 : right + 6;
        if ((to - from) * pixels < 3 || height <= 0) return null;
        const words = side === "sender" ? `${bytes.toLocaleString("en")} B wait` : "ACK held back";
        const middle = top + (from + until) / 2 * pixels;
        return draw("g", {}, draw("rect", { x, y: top + from * pixels, width: 18, height, rx: 2, class: "held" }),
            height > words.length * 6.6 + 6 ? draw("text", { transform: `translate(${x + 13} ${middle}) rotate(-90)`, "text-anchor": "middle" }, words) : null);
    }

    function line({ packet, shift, label, below }, now, { left, right, pixels }) {
        if (packet.sent > now - 1e-9) return []; // one that leaves now belongs to the next step
        const forth = packet.from === "sender", from = forth ? left : right, to = forth ? right : left;
        const way = packet.arrived - packet.sent;
        const part = way === 0 ? 1 : Math.min(1, Math.max(0.14, (now - packet.sent) / way));
        const y1 = top + packet.sent * pixels + shift, dy = way * pixels;
        const x2 = from + (to - from) * part, y2 = y1 + dy * part, angle = Math.atan2(dy, to - from) * 180 / Math.PI;
        const slope = forth ? angle : angle - 180;
        const place = `translate(${(from + to) / 2} ${y1 + dy / 2}) rotate(${slope}) translate(0 ${below ? 13 : -6})`;
        const sort = `packet ${packet.kind}`;
        return [
            draw("g", { class: sort }, draw("line", { x1: from, y1, x2, y2 }),
                draw("path", { d: "M0 0L-9 -4.5L-9 4.5Z", transform: `translate(${x2} ${y2}) rotate(${angle})` })),
            label && part > 0.6 ? draw("text", { transform: place, "text-anchor": "middle", class: sort }, label) : ""];
    }

    function quiet({ silence: { from, to }, whole }, now, { left, right, pixels }) {
        if (to - from < Math.max(1, whole / 10) || now <= from) return [];
        const height = (Math.min(to, now) - from) * pixels;
        return [draw("rect", { x: left, y: top + from * pixels, width: right - left, height, class: "quiet" }),
            ...now < to - 1e-9 || height < 44 ? [] : ["nothing under way", `for ${digits(to - from)}\u00a0ms`].map((words, row) =>
                draw("text", { x: (left + right) / 2, y: top + (from + to) / 2 * pixels - 4 + 17 * row, "text-anchor": "middle", class: "quiet-words" }, words))];
    }

    globalThis.stallLadder = (result, now, width) => {
        const height = width < 480 ? 340 : 400, at = geometry(result, width, height);
        const y = top + Math.min(now, result.whole) * at.pixels;
        const drawn = at.lines.map(one => line(one, now, at)).filter(one => one.length);
        const head = (x, words) => draw("text", { x, y: 16, "text-anchor": "middle", class: "head" }, words);
        return draw("svg", { viewBox: `0 0 ${width} ${at.bottom}`, width, height: at.bottom, "aria-hidden": "true", focusable: "false" },
            ...axis(result.whole, at), ...quiet(result, now, at),
            head(at.left, "sender"), head(at.right, "receiver"),
            ...[at.left, at.right].map(x => draw("line", { x1: x, x2: x, y1: top - 8, y2: at.bottom - 8, class: "time" })),
            ...result.waits.map(wait => bar(wait, now, at)),
            ...drawn.map(([shape]) => shape), ...drawn.map(([, label]) => label), // no line crosses a label
            now < result.whole - 1e-9 ? draw("line", { x1: at.left - 28, x2: at.right + 28, y1: y, y2: y, class: "now" }) : "");
    };
})();
