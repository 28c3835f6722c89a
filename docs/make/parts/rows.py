"""The rows that a figure draws: the reference's and, once there are any, the reader's own."""

import json
import re
import statistics
import sys

from parts import places

SOURCES = {"reference": "reference.json", "yours": "yours.json"}


def is_results(data):
    """Whether it has the form that common/measure/results.cpp writes."""
    def are(rows, *keys):
        return isinstance(rows, list) and all(isinstance(row, dict) and all(isinstance(row.get(key), str) for key in keys) for row in rows)
    return isinstance(data, dict) and isinstance(data.get("context"), dict) and are(data.get("benchmarks"), "name") \
        and are(data.get("claims"), "id", "claim", "figure", "verdict")


def is_rows(data):
    return isinstance(data, list) and all(isinstance(row, dict) for row in data)


def read(file, has_its_form):
    """What a file holds; the reader's own, which nobody else keeps, is set aside when it holds anything else."""
    if not file.exists():
        return None
    own = file.name.startswith("yours")
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        if has_its_form(data) or not own:
            return data
    except ValueError:
        if not own:
            raise
    aside = file.with_name(file.name + ".bad")
    file.replace(aside)
    print(f"docs: {file} is not a results file: set aside as {aside.name}", file=sys.stderr)
    return None


def results(folder):
    """The results of a chapter by source; a run that was cut short counts as what it has."""
    found = {source: read(places.experiment(folder) / "results" / file, is_results) for source, file in SOURCES.items()}
    return {source: data for source, data in found.items() if data}


def rows(folder, meta):
    """The rows for a specification's usermeta, each with its source and the label of its name."""
    if "data" in meta:
        files = {"reference": meta["data"], "yours": meta.get("yours")}
        return [{**row, "source": source} for source, file in files.items() if file
                for row in read(places.experiment(folder) / file, is_rows) or []]
    names = meta.get("names", {})
    wanted = re.compile(meta.get("rows") or "|".join(f"^{re.escape(name)}$" for name in names) or ".")
    chosen = [{**row, "source": source, "label": names.get(row["name"], row["name"])}
              for source, data in results(folder).items()
              for row in data["benchmarks"] if wanted.search(row["name"])]
    order = list(names)
    return sorted(chosen, key=lambda row: order.index(row["name"]) if row["name"] in order else len(order))


def medians(rows, fields):
    """One row for each benchmark and source: the median of each field over the repetitions; of `runs`, how many these are."""
    groups = {}
    for row in rows:
        groups.setdefault((row["name"], row.get("label", ""), row["source"]), []).append(row)
    for (_, label, source), group in groups.items():
        merged = {"name": label, "label": label, "source": source}
        for field in fields:
            values = [row[field] for row in group if row.get(field) is not None]
            if values and all(isinstance(value, (int, float)) for value in values):
                merged[field] = statistics.median(values)
            elif values:
                merged.setdefault(field, values[0])
        if "runs" in fields:
            merged["runs"] = len(group)
        yield merged
