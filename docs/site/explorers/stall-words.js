// One sentence or two for each step of stall-model.js: what happens, and why it leaves or waits.
(() => {
    const number = count => count.toLocaleString("en");
    const bytes = count => `${number(count)} ${count === 1 ? "byte" : "bytes"}`;
    const segments = count => `${number(count)} ${count === 1 ? "segment" : "segments"}`;
    const verb = (count, one, more) => count === 1 ? one : more;
    const ms = value => value < 1 ? `${Math.round(value * 1e3)} µs` : `${value.toFixed(1)} ms`;
    const sum = list => list.reduce((a, b) => a + b, 0);
    // "12 bytes arrive", "9 segments of 1,448 bytes arrive"
    const arrive = ({ count, bytes: size }) => count > 1 ? `${segments(count)} of ${bytes(size)} arrive` : `${bytes(size)} ${verb(size, "arrives", "arrive")}`;

    const why = {
        nagle: "a small segment is unacknowledged, and this would be another. That is Nagle's rule.",
        cork: "the cork is in, and there is not enough to fill a segment.",
        window: "as many segments are under way as a new connection may have.",
    };

    // What becomes of a write.
    function fate(step, settings) {
        const full = step.sent.filter(size => size === settings.segment).length, small = step.sent.length - full;
        const over = step.held ? ` ${full ? `The ${bytes(step.unsent)} left over` : step.unsent > step.bytes * step.count ? `Now ${bytes(step.unsent)}` : verb(step.bytes * step.count, "It", "They")} ` +
            `${verb(step.unsent, "waits", "wait")}: ${why[step.held]}` : "";
        if (full && small) return `${segments(full)} ${verb(full, "is", "are")} full and ${verb(full, "leaves", "leave")}, and the ${bytes(step.sent.at(-1))} left over too: no small segment was unacknowledged.`;
        if (full) return `${step.held ? `${number(full * settings.segment)} of them` : "They"} fill ${full === 1 ? "a segment" : segments(full)}, and a full one never waits.${over}`;
        if (!small) return over.trim();
        if (step.count > 1) return settings.noDelay ? "TCP_NODELAY is on: each leaves at once, as a segment of its own." : "Each leaves at once.";
        return settings.noDelay ? "TCP_NODELAY is on: nothing is held back, and a segment leaves at once." : "No small segment is unacknowledged, so this one leaves at once.";
    }

    const freed = {
        nagle: "No small segment is unacknowledged any more",
        window: "More segments may be under way now",
        cork: "Enough has gathered",
    };

    const said = {
        write: (step, settings) => `The sender's program writes ${step.count > 1 ? `${number(step.count)} times ` : ""}${bytes(step.bytes)}. ${fate(step, settings)}`,

        uncork: ({ sent, unsent }) => sent.length ? `The program takes the cork out: the ${bytes(sum(sent))} that waited ${verb(sum(sent), "leaves", "leave")}, in ${segments(sent.length)}.`
            : unsent ? `The program takes the cork out. The ${bytes(unsent)} go on waiting: a small segment is unacknowledged, and Nagle's rule holds without a cork.`
                : "The program takes the cork out. Nothing waits behind it.",

        ceiling: ({ sent }) => `The cork has been in for 200 ms and a round trip. The kernel waits no longer: ${bytes(sum(sent))} ${verb(sum(sent), "leaves", "leave")}.`,

        arrived: step => `${arrive(step)}. ${step.timer ? "The timer for an earlier segment runs already, and this one's acknowledgement waits with it."
            : step.conversation ? "The receiver has sent replies before, so its kernel expects one that could carry the acknowledgement: it holds it back and starts a timer."
                : "The receiver's program is woken to read."}`,

        acknowledge: (step, settings) => ({
            two: `${arrive(step)}. More than the bytes of one full segment are unacknowledged: the receiver's kernel acknowledges at once.`,
            new: `${arrive(step)}. The receiver has sent nothing on this connection yet: its kernel is in quick ACK mode and acknowledges ${step.count > 1 ? "each " : ""}at once.`,
            timer: `No reply came for ${ms(step.waited ?? 0)}. The timer runs out${settings.tick ? ", at a tick of the kernel's clock," : ""} and the acknowledgement leaves by itself.`,
            "two small": step.count > 1 ? `The program reads while they come. Each time two small segments or more are unacknowledged, the kernel acknowledges at once: ${number(step.count)} times.`
                : "The program reads. Two small segments are unacknowledged, and then the kernel does not wait for the reply: it acknowledges at once.",
            quick: "The program asked for TCP_QUICKACK before it read: the acknowledgement leaves at once.",
            read: "The program reads. Since the timer ran out, the kernel no longer takes this for a conversation, and acknowledges at once.",
        })[step.why],

        acknowledged: ({ count, sent, held, before, unsent }) => `${count > 1 ? `${number(count)} acknowledgements arrive` : "The acknowledgement arrives"} at the sender. ` +
            (sent.length ? `${freed[before] ?? "The way is free"}: the ${bytes(sum(sent))} that waited ${verb(sum(sent), "leaves", "leave")}, in ${segments(sent.length)}.${held ? ` ${bytes(unsent)} ${verb(unsent, "goes", "go")} on waiting.` : ""}`
                : unsent ? `The ${bytes(unsent)} ${verb(unsent, "goes", "go")} on waiting: ${why[held]}` : "Nothing waits for it."),

        answer: ({ bytes: size, carries }) => `The receiver's program has the whole request and replies with ${bytes(size)}.${carries ? " The reply carries the acknowledgement that was held back." : ""}`,

        done: ({ whole }) => `The reply arrives. The request took ${ms(whole)}.`,
    };

    globalThis.stallWords = (step, settings) => said[step.kind](step, settings);
})();
