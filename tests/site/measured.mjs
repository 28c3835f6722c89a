// What a chapter's reference results hold: the medians, by benchmark and field.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = process.env.COURSE_ROOT ?? fileURLToPath(new URL("../..", import.meta.url));

export const results = (chapter, file = "reference.json") =>
    JSON.parse(fs.readFileSync(path.join(root, "chapters", chapter, "experiment", "results", file), "utf8"));

function median(values) {
    const sorted = [...values].sort((a, b) => a - b), half = sorted.length >> 1;
    return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

export function reference(chapter) {
    const rows = {};
    for (const row of results(chapter).benchmarks)
        for (const [field, value] of Object.entries(row))
            if (typeof value === "number") ((rows[row.name] ??= {})[field] ??= []).push(value);
    for (const row of Object.values(rows))
        for (const field of Object.keys(row)) row[field] = median(row[field]);
    return rows;
}
