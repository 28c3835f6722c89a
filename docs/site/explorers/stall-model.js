// One request and its reply, by Linux's rules for a sender with small segments (RFC 896, in Minshall's variant)
// and for a receiver that delays its acknowledgements (RFC 1122 section 4.2.3.2). Times are milliseconds from the
// first write on. No page is needed: the tests compare it with what was measured.
(() => {
    const defaults = {
        writes: [{ times: 1, bytes: 12, pause: 0 }, { times: 1, bytes: 64, pause: 0 }],
        corked: false, noDelay: false,
        receiver: "conversation", // or "new": a connection that begins; or "quick": TCP_QUICKACK before each receive
        roundTrip: 20, reply: 16,
        segment: 1448,            // the data of a full segment: 1500 without 52 bytes of headers
        timer: 40, tick: 4,       // of the acknowledgement, and of the kernel's clock
        window: Infinity,         // segments that may be under way; a new connection begins with ten (RFC 6928)
        write: 0.005, wake: 0.025, // what a call takes, and a program that waits for bytes
    };

    // What a machine's own runs say of the three times above. On loopback the stalled requests follow one another at
    // whole ticks of the clock, so their time tells its frequency.
    function coefficients(rows) {
        const needed = ["loopback/separate", "loopback/gathered", "wire/trickle+nodelay", "wire/gathered"];
        if (needed.some(name => rows[name]?.median_us === undefined)) return {}; // a run that was cut short
        const stalled = rows["loopback/separate"].median_us / 1e3, at_once = rows["loopback/gathered"].median_us / 1e3;
        const byte_by_byte = rows["wire/trickle+nodelay"].median_us - rows["wire/gathered"].median_us;
        const tick = [100, 250, 300, 1000].map(frequency => 1e3 / frequency)
            .map(length => [Math.abs(Math.ceil((defaults.timer + at_once) / length) * length - stalled), length])
            .sort(([a], [b]) => a - b)[0][1];
        return { tick, wake: at_once / 2, write: Math.max(0.001, byte_by_byte / 75 / 1e3) };
    }

    // Events in the order of their times, and in the order of their making where these are equal.
    class Agenda {
        events = [];
        made = 0;
        at(time, act) { this.events.push({ time, order: this.made++, act }); }
        next() {
            this.events.sort((a, b) => a.time - b.time || a.order - b.order);
            return this.events.shift();
        }
    }

    class Exchange {
        constructor(settings) {
            Object.assign(this, defaults, settings);
            if (this.receiver === "new" && this.window === Infinity) this.window = 10;
            this.agenda = new Agenda();
            this.steps = [];
            this.packets = [];
            this.waits = []; // what somebody holds back: { side, from, to, bytes }
            this.total = this.writes.reduce((sum, row) => sum + row.times * row.bytes, 0);
            this.sender = { unsent: 0, next: 0, acknowledged: 0, small: 0, flight: [], corked: this.corked, wait: null };
            this.peer = { received: 0, told: 0, read: 0, small: 0, conversation: this.receiver === "conversation", wait: null, awake: -1 };
            // The request before this one stalled as well: its acknowledgement left at a tick.
            this.last_tick = -(1.5 * this.roundTrip + 2 * this.wake);
        }

        note(time, kind, more = {}) { this.steps.push({ time, kind, ...more }); }

        send(time, from, bytes, kind) {
            const packet = { from, bytes, kind, sent: time, arrived: time + this.roundTrip / 2 };
            this.packets.push(packet);
            return packet;
        }

        // The sender ------------------------------------------------------------------------------------------

        schedule() {
            let time = 0;
            this.writes.forEach((row, position) => {
                for (let count = 0; count < row.times; ++count) {
                    if (time > 0) time += row.pause;
                    const at = time;
                    this.agenda.at(at, () => this.wrote(at, position, row));
                    time += this.write;
                }
            });
            const end = time;
            if (this.corked) this.agenda.at(end, () => { this.sender.corked = false; this.push(end, { kind: "uncork" }); });
        }

        wrote(time, row, { bytes, pause }) {
            this.sender.unsent += bytes;
            this.push(time, { kind: "write", row, bytes, pause });
        }

        // Sends what may leave. A step says what came of it.
        push(time, step) {
            const sender = this.sender, sent = [], before = sender.wait?.why;
            let held = null;
            while (sender.unsent > 0 && !(held = this.holds())) {
                const bytes = Math.min(this.segment, sender.unsent);
                sender.unsent -= bytes;
                sender.next += bytes;
                if (bytes < this.segment) sender.small = sender.next;
                const packet = this.send(time, "sender", bytes, "data"), end = sender.next;
                sender.flight.push({ end, packet });
                sent.push(bytes);
                this.agenda.at(packet.arrived, () => this.arrived(packet.arrived, bytes));
            }
            this.wait(sender, "sender", time, held && sender.unsent, held);
            if (held === "cork") this.let_go(time);
            this.note(time, step.kind, { ...step, sent, held, before, unsent: sender.unsent });
        }

        // Why the next bytes may not leave, or null.
        holds() {
            const sender = this.sender;
            if (sender.flight.length >= this.window) return "window";
            if (sender.unsent >= this.segment) return null;
            if (sender.corked) return "cork";
            return !this.noDelay && sender.small > sender.acknowledged ? "nagle" : null;
        }

        // A cork that is not taken out holds for 200 ms and a round trip.
        let_go(time) {
            if (this.sender.ceiling) return;
            this.sender.ceiling = true;
            const end = time + 200 + this.roundTrip;
            this.agenda.at(end, () => {
                if (!this.sender.corked || !this.sender.unsent) return;
                this.sender.corked = false;
                this.push(end, { kind: "ceiling" });
                this.sender.corked = true;
                this.sender.ceiling = false;
            });
        }

        wait(whose, side, time, bytes, why) {
            if (whose.wait && (!bytes || whose.wait.why !== why)) {
                whose.wait.to = time;
                whose.wait = null;
            }
            if (!bytes) return;
            if (!whose.wait) this.waits.push(whose.wait = { side, from: time, to: null, bytes, why });
            whose.wait.bytes = bytes;
        }

        // The receiver ----------------------------------------------------------------------------------------

        arrived(time, bytes) {
            const peer = this.peer;
            peer.received += bytes;
            if (bytes < this.segment) ++peer.small;
            const waits_for_a_timer = peer.wait;
            if (peer.received - peer.told > this.segment) this.acknowledge(time, "two", bytes);
            else if (this.receiver === "new" && !peer.conversation) this.acknowledge(time, "new", bytes);
            else {
                this.note(time, "arrived", { bytes, conversation: peer.conversation, timer: Boolean(waits_for_a_timer) });
                if (!waits_for_a_timer) this.delay(time);
            }
            if (peer.waking) return; // it will find these bytes too
            peer.waking = true;
            const reads = time + (time <= peer.awake ? this.write : this.wake); // before it sleeps, the next call finds them
            this.agenda.at(reads, () => this.read(reads));
        }

        // The timer ends at a tick of the kernel's clock, and never early.
        delay(time) {
            const since = time + this.timer - this.last_tick;
            const end = this.tick ? this.last_tick + Math.ceil(since / this.tick - 1e-9) * this.tick : time + this.timer;
            this.wait(this.peer, "receiver", time, this.peer.received - this.peer.told, "delayed");
            const wait = this.peer.wait;
            this.agenda.at(end, () => {
                if (this.peer.wait !== wait) return;
                this.peer.conversation = false;
                this.acknowledge(end, "timer", 0, { waited: end - time });
            });
        }

        acknowledge(time, why, bytes, more = {}) {
            const peer = this.peer;
            peer.told = peer.received;
            peer.small = 0;
            this.wait(peer, "receiver", time, 0);
            this.note(time, "acknowledge", { why, bytes, ...more });
            const packet = this.send(time, "receiver", 0, "ACK"), end = peer.told;
            this.agenda.at(packet.arrived, () => this.acknowledged(packet.arrived, end));
        }

        read(time) {
            const peer = this.peer;
            peer.waking = false;
            peer.awake = time + this.write;
            peer.read = peer.received;
            if (this.receiver === "quick") peer.conversation = false;
            if (peer.told < peer.received) {
                if (peer.small > 1) this.acknowledge(time, "two small", 0);
                else if (peer.small === 1 && !peer.conversation) this.acknowledge(time, this.receiver === "quick" ? "quick" : "read", 0);
            }
            if (peer.read === this.total) this.agenda.at(time + this.write, () => this.answer(time + this.write));
        }

        answer(time) {
            const peer = this.peer, carries = peer.told < peer.received;
            peer.told = peer.received;
            peer.conversation = true;
            this.wait(peer, "receiver", time, 0);
            this.note(time, "answer", { bytes: this.reply, carries });
            const packet = this.send(time, "receiver", this.reply, "reply"), end = peer.told;
            this.agenda.at(packet.arrived, () => this.acknowledged(packet.arrived, end, true));
        }

        acknowledged(time, end, reply = false) {
            const sender = this.sender, before = sender.flight.length;
            sender.acknowledged = Math.max(sender.acknowledged, end);
            sender.flight = sender.flight.filter(({ end: last }) => last > sender.acknowledged);
            this.window += before - sender.flight.length;
            if (!reply) return this.push(time, { kind: "acknowledged" });
            this.whole = time + this.wake - this.write;
            this.note(time, "done", { whole: this.whole });
        }

        run() {
            this.schedule();
            while (this.whole === undefined) {
                const event = this.agenda.next();
                if (!event) throw new Error("the exchange does not end");
                event.act();
            }
            for (const wait of this.waits) wait.to ??= this.whole;
            return { whole: this.whole, packets: this.packets, waits: this.waits, steps: merged(this.steps), silence: silence(this.packets, this.whole) };
        }
    }

    // Neighbours that differ in their number alone become one step: 75 writes of a byte that all wait. So do segments
    // that arrive and are acknowledged by turns.
    function merged(steps) {
        const groups = ["write", "arrived", "acknowledge", "acknowledged"];
        const alike = (a, b) => groups.includes(a.kind) && a.kind === b.kind && a.row === b.row && a.held === b.held && a.why === b.why &&
            a.bytes === b.bytes && !a.pause && !a.sent?.length === !b.sent?.length && b.time - a.last < 1 &&
            (a.kind !== "acknowledged" || !b.sent.length);
        const join = (before, step) => Object.assign(before, {
            count: before.count + 1, last: step.time, unsent: step.unsent, sent: [...before.sent ?? [], ...step.sent ?? []] });
        const result = [];
        for (const step of steps) {
            const [turn, before] = result.slice(-2).length === 2 ? result.slice(-2) : [null, result[0]];
            if (before && alike(before, step)) join(before, step);
            else if (turn?.kind === "arrived" && before.why === "two small" && alike(turn, step)) join(turn, step);
            else result.push({ ...step, count: 1, last: step.time });
        }
        return result;
    }

    // The longest time in which nothing is under way.
    function silence(packets, whole) {
        let until = 0, longest = { from: 0, to: 0 };
        for (const { sent, arrived } of [...packets].sort((a, b) => a.sent - b.sent)) {
            if (sent - until > longest.to - longest.from) longest = { from: until, to: sent };
            until = Math.max(until, arrived);
        }
        return longest;
    }

    const once = { writes: [{ times: 1, bytes: 76, pause: 0 }] };
    const trickle = { writes: [{ times: 76, bytes: 1, pause: 0 }] };
    const two = body => ({ writes: [{ times: 1, bytes: 12, pause: 0 }, { times: 1, bytes: body, pause: 0 }] });

    // What the experiment measured, as settings of this model.
    const measured = [
        ...[1, 10, 50, 150].flatMap(roundTrip => [
            [`distance/separate/${roundTrip}ms`, { roundTrip }],
            [`distance/separate+nodelay/${roundTrip}ms`, { roundTrip, noDelay: true }],
            [`distance/separate+quickack/${roundTrip}ms`, { roundTrip, receiver: "quick" }],
            [`distance/gathered/${roundTrip}ms`, { roundTrip, ...once }]]),
        ...[512, 1024, 1400, 1447, 1448, 1449, 2000, 2896, 2897, 14480, 14500].map(body => [`size/${body}`, { roundTrip: 10, ...two(body) }]),
        ["loopback/separate", { roundTrip: 0 }], ["loopback/separate+nodelay", { roundTrip: 0, noDelay: true }],
        ["loopback/separate+quickack", { roundTrip: 0, receiver: "quick" }], ["loopback/separate+nodelay+quickack", { roundTrip: 0, noDelay: true, receiver: "quick" }],
        ["loopback/gathered", { roundTrip: 0, ...once }], ["loopback/gathered+nodelay", { roundTrip: 0, ...once, noDelay: true }],
        ["loopback/gathered+quickack", { roundTrip: 0, ...once, receiver: "quick" }],
        ["loopback/corked", { roundTrip: 0, corked: true }], ["loopback/corked+nodelay", { roundTrip: 0, corked: true, noDelay: true }],
        ["wire/trickle", { roundTrip: 1, ...trickle }], ["wire/trickle+nodelay", { roundTrip: 1, ...trickle, noDelay: true }],
        ["ladder/separate", {}], ["ladder/separate+nodelay", { noDelay: true }], ["ladder/gathered", { ...once }], ["ladder/corked", { corked: true }],
    ].map(([name, settings]) => ({ name, settings: { ...defaults, ...settings } }));

    // The time that was measured for these settings, in ms, or undefined.
    function found(rows, settings) {
        const key = one => JSON.stringify([one.writes, one.corked, one.noDelay, one.roundTrip]);
        const begins = settings.receiver === "new";
        const same = measured.find(one => key(one.settings) === key(settings) && one.settings.receiver === (begins ? "conversation" : settings.receiver) &&
            (!begins || rows[one.name]?.first_us !== undefined));
        const row = same && rows[same.name];
        return row && (begins ? row.first_us / 1e3 : row.whole_ms ?? row.median_us / 1e3);
    }

    globalThis.stallModel = { defaults, coefficients, measured, found, simulate: settings => new Exchange(settings).run() };
})();
