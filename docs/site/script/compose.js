// Makes a whole Vega-Lite specification from a chapter's: adds the rows, the size and the page's ink,
// and, once there are two machines, sets them side by side (on a phone one below the other).
// The build of the site runs it to draw, and the browser to explore.
(() => {
    const ink = "currentColor", faint = "var(--figure-grid)";

    const config = {
        background: null,
        font: "system-ui, sans-serif",
        view: { stroke: null },
        axis: {
            labelColor: ink, titleColor: ink, domainColor: ink, tickColor: ink, gridColor: faint,
            labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal", titlePadding: 8,
            domainOpacity: 0.5, tickOpacity: 0.5, labelPadding: 4, labelSeparation: 6,
        },
        axisY: { domain: false, ticks: false },
        legend: { labelColor: ink, titleColor: ink, labelFontSize: 13, titleFontSize: 12, orient: "top", title: null,
                  symbolStrokeWidth: 2.5, symbolOpacity: 1, symbolBaseFillColor: ink, columnPadding: 16, offset: 12, labelLimit: 300 },
        title: { color: ink, fontSize: 13, fontWeight: 600, anchor: "start", offset: 10 },
        header: { labelColor: ink, titleColor: ink, labelFontSize: 12 },
        text: { color: ink, fontSize: 12 },
        rule: { color: ink },
        line: { strokeWidth: 2.25 },
        bar: { color: "var(--series-1)" },
        point: { filled: true, size: 50, color: "var(--series-1)" },
        range: { category: [1, 2, 3, 4, 5, 6].map(n => `var(--series-${n})`) },
        mark: { tooltip: true },
    };

    const sources = rows => [...new Set(rows.map(row => row.source))];
    const titles = { reference: "reference", yours: "your machine" };

    // The width of a plot belongs to each single view, wherever it stands.
    function sized(spec, width) {
        const { data, usermeta, $schema, config: own, ...rest } = spec;
        for (const key of ["hconcat", "vconcat", "concat"])
            if (rest[key])
                return { ...rest, [key]: rest[key].map(inner => sized(inner, width)) };
        if (rest.spec)
            return { ...rest, spec: sized(rest.spec, width) };
        return { width, height: 260, ...rest };
    }

    // What a specification has under "narrow", anywhere, takes the place of what stands beside it when there is little room.
    function fitting(narrow, spec) {
        if (Array.isArray(spec)) return spec.map(one => fitting(narrow, one));
        if (!spec || typeof spec !== "object") return spec;
        const { narrow: then, ...now } = spec;
        return Object.fromEntries(Object.entries({ ...now, ...(narrow && then) }).map(([key, value]) => [key, key === "data" ? value : fitting(narrow, value)]));
    }

    // The legends of a specification, in so many columns.
    function with_legends_in(columns, spec) {
        if (Array.isArray(spec)) return spec.map(one => with_legends_in(columns, one));
        if (!spec || typeof spec !== "object") return spec;
        return Object.fromEntries(Object.entries(spec).map(([key, value]) =>
            [key, key === "legend" && value ? { ...value, columns } : key === "data" ? value : with_legends_in(columns, value)]));
    }

    // How many plots of that width stand beside each other. A figure that fills the width by itself
    // has the machines one below the other.
    globalThis.figureColumns = (spec, rows) =>
        spec.hconcat ? spec.hconcat.length : Math.max(1, sources(rows).length);

    // Calls draw(width of a plot, columns of a legend), which says how wide the whole became, until it is as wide as wanted.
    // How much the axes add is known only after a drawing. A legend that is wider by itself gets fewer columns: the plot would
    // shrink in vain. It also would where a text stands over the edge of the plot. `undefined` leaves the legend as the
    // specification has it.
    globalThis.fitFigure = async (wanted, plots, narrow, draw) => {
        const least = 60, choices = narrow ? [2, 1] : [undefined, 2, 1];
        let columns = choices.pop();
        for (const more of choices)
            if (await draw(least, more) <= wanted) { columns = more; break; }
        let plot = Math.floor(wanted / plots) - 10, width = await draw(plot, columns);
        for (let round = 0; round < 4 && width > wanted && plot > least; ++round) {
            const smaller = Math.max(least, Math.floor(plot - (width - wanted) / plots));
            const now = await draw(smaller, columns);
            if (now > wanted && width - now < (plot - smaller) * plots / 2) return void await draw(plot, columns);
            [plot, width] = [smaller, now];
        }
    };

    globalThis.composeFigure = (spec, rows, width, narrow, columns) => {
        const stacked = narrow || Boolean(spec.hconcat);
        spec = fitting(narrow, spec);
        if (narrow && spec.hconcat)
            spec = (({ hconcat, ...rest }) => ({ ...rest, vconcat: hconcat }))(spec);
        const one = columns ? with_legends_in(columns, sized(spec, width)) : sized(spec, width);
        const found = sources(rows);
        const common = {
            $schema: "https://vega.github.io/schema/vega-lite/v5.json",
            config: { ...config, ...(narrow && { axisX: { titleAnchor: "end" } }), ...spec.config, // a title may be wider than its plot
                      legend: { ...config.legend, columns: columns ?? (narrow ? 2 : 0), ...spec.config?.legend } },
            datasets: { results: rows },
            data: { name: "results" },
            padding: 4,
        };
        if (found.length < 2)
            return { ...common, ...one };
        const side = source => ({
            ...one, title: titles[source],
            transform: [{ filter: `datum.source === '${source}'` }, ...(one.transform ?? [])],
        });
        return { ...common, ...(one.title && { title: one.title }), [stacked ? "vconcat" : "hconcat"]: found.map(side), resolve: { scale: { x: "shared", y: "shared" } } };
    };
})();
