// Explore: loads the chart libraries when first asked, draws the figure with them, and lets the reader
// change its specification.
{
    const scripts = ["charts/vega.min.js", "charts/vega-lite.min.js", "charts/vega-embed.min.js"];
    let loading = null;

    const loadOne = src => new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = src;
        script.onload = resolve;
        script.onerror = () => reject(new Error(`${src} cannot be loaded`));
        document.head.append(script);
    });
    const load = () => loading ??= scripts.reduce((before, src) => before.then(() => loadOne(src)), Promise.resolve());

    function editor(figure, spec, draw) {
        const box = document.createElement("details"), summary = document.createElement("summary");
        const label = document.createElement("label"), area = document.createElement("textarea");
        const error = document.createElement("p");
        summary.textContent = "Edit the specification";
        label.textContent = "Vega-Lite; the chart follows as you type";
        area.id = `${figure.id}-specification`;
        label.htmlFor = area.id;
        area.spellcheck = false;
        area.rows = 16;
        area.value = JSON.stringify(spec, null, 2);
        error.className = "explore-error";
        error.setAttribute("role", "status");
        let timer;
        area.addEventListener("input", () => {
            clearTimeout(timer);
            timer = setTimeout(async () => {
                try {
                    await draw(JSON.parse(area.value));
                    error.textContent = "";
                } catch (reason) {
                    error.textContent = reason.message;
                }
            }, 400);
        });
        box.className = "specification";
        box.append(summary, label, area, error);
        return box;
    }

    async function explore(figure, button) {
        const name = figure.id.replace(/^figure-/, "");
        await Promise.all([load(), loadOne(`charts/${name}.data.js`)]);
        const { spec, rows } = globalThis.figureData[name];
        const { usermeta, $schema, ...own } = spec;
        const chart = document.createElement("div");
        chart.className = "chart";
        const narrow = figure.clientWidth < 560;
        const embed = (changed, width, legend) => globalThis.vegaEmbed(chart, globalThis.composeFigure(changed, rows, width, narrow, legend), {
            renderer: "svg", actions: { export: true, source: false, compiled: false, editor: false },
            tooltip: { theme: document.documentElement.classList.contains("dark-mode") ? "dark" : "light" },
        });
        const draw = changed => globalThis.fitFigure(figure.clientWidth, narrow ? 1 : globalThis.figureColumns(changed, rows), narrow, async (plot, legend) => {
            await embed(changed, plot, legend);
            return Number(chart.querySelector("svg").getAttribute("width"));
        });
        await draw(own);
        for (const drawing of figure.querySelectorAll(".drawing")) drawing.hidden = true;
        figure.prepend(chart);
        figure.append(editor(figure, own, draw));
        button.remove();
    }

    for (const figure of document.querySelectorAll("figure")) {
        const button = figure.querySelector("button.explore");
        if (!button) continue;
        button.hidden = false;
        button.addEventListener("click", async () => {
            button.disabled = true;
            button.textContent = "Loading …";
            try {
                await explore(figure, button);
            } catch (reason) {
                button.textContent = `Explore failed: ${reason.message}`;
                button.disabled = false;
            }
        });
    }
}
