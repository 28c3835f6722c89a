// Draws the figures. Reads [{name, spec, rows}] from standard input and writes, for each, NAME.wide.svg
// and NAME.narrow.svg (for a phone) to the folder that is the first argument.
import fs from "node:fs";
import path from "node:path";
import * as vega from "vega";
import * as vegaLite from "vega-lite";
import { textMetrics } from "vega-scenegraph";
import "../site/script/compose.js";

const widths = { wide: 680, narrow: 340 };

// Without a canvas Vega takes every character for a wide one, and leaves too much room for labels.
textMetrics.width = (item, text) => {
    const size = item.fontSize ?? 11;
    return [...String(text ?? "")].reduce((sum, c) => sum + size * (/[mwMW@%]/.test(c) ? 0.92 : /[iljtfr.,:;'| ]/.test(c) ? 0.36 : /[A-Z]/.test(c) ? 0.7 : 0.6), 0);
};

async function render(spec, rows, plot, narrow, legend) {
    const whole = globalThis.composeFigure(spec, rows, plot, narrow, legend);
    const view = new vega.View(vega.parse(vegaLite.compile(whole).spec), { renderer: "none" });
    return await view.toSVG();
}

const widthOf = svg => Number(/^<svg[^>]* width="([\d.]+)"/.exec(svg)[1]);

async function fit({ name, spec, rows }, form) {
    const narrow = form === "narrow";
    let svg;
    await globalThis.fitFigure(widths[form], narrow ? 1 : globalThis.figureColumns(spec, rows), narrow, async (plot, legend) => {
        svg = await render(spec, rows, plot, narrow, legend);
        return widthOf(svg);
    });
    // The style sets the size; the label stands on the element around it.
    return svg.replace(/^<svg([^>]*?) width="[^"]*" height="[^"]*"/, '<svg$1 aria-hidden="true" focusable="false"')
        .replace(/clip(\d+)/g, `${name}-${form}-clip$1`)
        .replace(/gradient_(\d+)/g, `${name}-${form}-gradient-$1`)
        .replace(/ aria-(label|roledescription)="[^"]*"/g, "").replace(/ role="[^"]*"/g, "");
}

const [folder] = process.argv.slice(2);
for (const job of JSON.parse(fs.readFileSync(0, "utf8")))
    for (const form of Object.keys(widths)) {
        try {
            fs.writeFileSync(path.join(folder, `${job.name}.${form}.svg`), await fit(job, form));
        } catch (error) {
            console.error(`docs: figure ${job.name}: ${error.message}`);
            process.exit(1);
        }
    }
