#!/usr/bin/env python3
"""Makes what the pages include: each figure, ledger and index, as a piece of HTML in build/figures.

The drawings are made by docs/make/figures.mjs. Without its packages the figures are their tables alone.
"""

import json
import shutil
import subprocess
import sys

from parts import codes, faults, figure, ledger, links, places, rows, techniques


def specifications():
    """(folder of its results, name, specification) of every figure: those of the chapters, and those in docs/figures,
    which name the chapter whose results they draw."""
    of = {places.name_of(folder): folder for folder in places.measured()}
    for folder in [*of.values(), places.ROOT / "docs"]:
        for file in sorted((places.experiment(folder) / "figures").glob("*.vl.json")):
            try:
                spec = json.loads(file.read_text(encoding="utf-8"))
            except json.JSONDecodeError as error:
                sys.exit(f"{file.relative_to(places.ROOT)}:{error.lineno}: {error.msg}")
            yield of.get(spec["usermeta"].get("chapter"), folder), figure.identity(places.name_of(folder), file), spec


def draw(jobs):
    """Has node draw all figures at once."""
    if not (places.ROOT / "node_modules" / "vega-lite").is_dir() or not shutil.which("node"):
        print("docs: no npm packages: the figures are tables without drawings", flush=True)
        return
    jobs = [{"name": name, "spec": spec, "rows": data} for _, name, spec, data in jobs if data]
    subprocess.run(["node", places.ROOT / "docs" / "make" / "figures.mjs", places.FIGURES],
                   input=json.dumps(jobs).encode(), check=True)


def main():
    shutil.rmtree(places.FIGURES, ignore_errors=True)
    places.FIGURES.mkdir(parents=True)
    jobs = [(folder, name, spec, rows.rows(folder, spec.get("usermeta", {})))
            for folder, name, spec in specifications()]
    draw(jobs)
    for folder, name, spec, data in jobs:
        text = figure.page(folder, name, spec, data, places.FIGURES)
        (places.FIGURES / f"{name}.html").write_text(text, encoding="utf-8")
        (places.FIGURES / f"{name}.data.js").write_text(figure.script(name, spec, data), encoding="utf-8")
    for folder in places.measured():
        (places.FIGURES / f"{places.name_of(folder)}-ledger.html").write_text(ledger.table(folder), encoding="utf-8")
    for name, part in {"ledger": ledger.whole, "techniques": techniques.page, "faults": faults.page,
                       "error-codes": codes.page, "links": links.page}.items():
        (places.FIGURES / f"{name}.html").write_text(part(), encoding="utf-8")
    print(f"docs: {len(jobs)} figures in {places.FIGURES.relative_to(places.ROOT)}", flush=True)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
    except (techniques.Missing, codes.Missing) as error:
        sys.exit(f"docs: {error}")
