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
            domainOpacity: 0.5, tickOpacity: 0.5, labelPadding: 4,
        },
        axisY: { domain: false, ticks: false },
        legend: { labelColor: ink, titleColor: ink, labelFontSize: 13, titleFontSize: 12, orient: "top", title: null,
                  symbolStrokeWidth: 2.5, symbolOpacity: 1, columnPadding: 16, offset: 12, labelLimit: 300 },
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

    // How many plots of that width stand beside each other. A figure that fills the width by itself
    // has the machines one below the other.
    globalThis.figureColumns = (spec, rows) =>
        spec.hconcat ? spec.hconcat.length : Math.max(1, sources(rows).length);

    globalThis.composeFigure = (spec, rows, width, narrow) => {
        const stacked = narrow || Boolean(spec.hconcat);
        if (narrow && spec.hconcat)
            spec = (({ hconcat, ...rest }) => ({ ...rest, vconcat: hconcat }))(spec);
        const one = sized(spec, width);
        const found = sources(rows);
        const common = {
            $schema: "https://vega.github.io/schema/vega-lite/v5.json",
            config: { ...config, ...spec.config, legend: { ...config.legend, columns: narrow ? 2 : 0, ...spec.config?.legend } },
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
