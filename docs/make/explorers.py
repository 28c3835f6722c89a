#!/usr/bin/env python3
"""Makes what a lesson includes as CHAPTER-explorer.html, and what the explorer computes with: the medians that were
measured, as a script. docs/site/explorers/explorers.json says of each explorer which rows and fields these are.
"""

import html
import json
import re
import shutil

from parts import machine, places, rows

SOURCES = places.ROOT / "docs" / "site" / "explorers"
MADE = places.FIGURES / "explorers"


def measured(folder, explorer):
    """By source: the machine, and for each benchmark the medians of the fields that it has."""
    wanted = re.compile(explorer["rows"])
    result = {}
    for source, data in rows.results(folder).items():
        chosen = [{**row, "source": source} for row in data["benchmarks"] if wanted.search(row["name"])]
        names = {row["name"]: [] for row in chosen}
        for row in chosen:
            names[row["name"]].append(row)
        medians = {name: next(rows.medians(group, explorer["fields"])) for name, group in names.items()}
        result[source] = {"machine": machine.line(data["context"]),
                          "rows": {name: {field: float(f"{row[field]:.5g}") for field in explorer["fields"] if field in row}
                                   for name, row in medians.items()}}
    return result


def place(explorer):
    """Where it will stand; until then, and without JavaScript, one sentence."""
    return (f'<section class="explorer" id="explorer-{explorer["name"]}" aria-label="{html.escape(explorer["label"])}" '
            f'data-scripts="{" ".join(explorer["scripts"])}">'
            f'<p class="figure-missing">{html.escape(explorer["without"])}</p></section>\n')


def main():
    explorers = json.loads((SOURCES / "explorers.json").read_text(encoding="utf-8"))
    folders = {places.name_of(folder): folder for folder in places.chapters()}
    shutil.rmtree(MADE, ignore_errors=True)
    MADE.mkdir(parents=True)
    for file in [*SOURCES.glob("*.js"), *SOURCES.glob("*.css")]:
        shutil.copy(file, MADE)
    for explorer in explorers:
        data = json.dumps(measured(folders[explorer["chapter"]], explorer), separators=(",", ":"))
        (MADE / f'{explorer["name"]}.data.js').write_text(
            f'(globalThis.explorerData ??= {{}})["{explorer["name"]}"] = {data};\n', encoding="utf-8")
        (places.FIGURES / f'{explorer["chapter"]}-explorer.html').write_text(place(explorer), encoding="utf-8")


if __name__ == "__main__":
    main()
