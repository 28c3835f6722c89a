"""A figure on a page: the drawing, what to see in it, the machine, and its data as a table."""

import html
import json
import re

from parts import machine, places, predict, references, rows
from parts.prose import unbroken

escape = html.escape
MACHINES = {"reference": "reference", "yours": "your machine"}


def identity(folder_name, file):
    return f"{folder_name}-{file.name.removesuffix('.vl.json')}"


def table(meta, data):
    """The figure's data, for those who do not see the drawing or want the digits."""
    columns = meta.get("table", [])
    both = len({row["source"] for row in data}) > 1
    if "data" in meta:
        lines = data
    else:
        lines = list(rows.medians(data, [column["field"] for column in columns if column["field"] != "name"]))
    if "names" not in meta and "data" not in meta:  # they ran in random order
        lines.sort(key=lambda row: natural(row["name"]))
    lines = [row for row in lines if any(row.get(column["field"]) not in (None, "") for column in columns[1:])]
    head = "".join(f'<th scope="col"{" class=number" if column.get("format") else ""}>{unbroken(escape(column["title"]))}</th>'
                   for column in columns)
    body = "".join(
        "<tr>" + "".join(cell(row, column, first=position == 0) for position, column in enumerate(columns))
        + (f'<td>{MACHINES[row["source"]]}</td>' if both else "") + "</tr>\n" for row in lines)
    return (f'<div class="scroll" tabindex="0" role="group" aria-label="Data of the figure"><table>\n'
            f'<thead><tr>{head}{"<th scope=col>Machine</th>" if both else ""}</tr></thead>\n'
            f"<tbody>\n{body}</tbody></table></div>")


def natural(name):
    """What a name sorts by: its numbers by their size, 2K before 1M."""
    times = {"K": 2**10, "M": 2**20, "G": 2**30}
    parts = re.split(r"(\d+(?:\.\d+)?)([KMG]\b)?", name)
    return [float(part) * times.get(parts[at + 1], 1) if at % 3 == 1 else part or "" for at, part in enumerate(parts)]


def cell(row, column, first):
    value = row.get(column["field"], "")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f'<td class="number">{format(value * column.get("times", 1), column.get("format", ",g"))}</td>'
    tag = 'th scope="row"' if first else "td"
    return f"<{tag}>{escape(str(value))}</{tag.split()[0]}>"


def machines(folder):
    found = rows.results(folder)
    if "yours" not in found:
        return "".join(f"Measured on {escape(machine.line(data['context']))}{several(data)}." for data in found.values())
    return "<br>".join(f"{MACHINES[source].capitalize()}: {escape(machine.line(data['context']))}{several(data)}."
                       for source, data in found.items())


def several(data):
    """Words for rows that are not of one run; the chapter's ledger says which."""
    return f", in {len(machine.runs(data))} runs" if len(machine.runs(data) or []) > 1 else ""


def drawing(meta, name, drawings):
    """The two drawings, for wide and narrow pages; the style shows one of them."""
    shown = [(form, drawings / f"{name}.{form}.svg") for form in ("wide", "narrow")]
    if not all(file.exists() for _, file in shown):
        return '<p class="figure-missing">The drawing needs npm, which was not to be had; here is its data.</p>', True
    return "".join(f'<div class="drawing {form}" role="img" aria-label="{escape(meta.get("alt", ""))}">'
                   f'{file.read_text(encoding="utf-8")}</div>' for form, file in shown), False


def script(name, spec, data):
    """What the page needs to draw it anew, loaded when the reader asks: a script, since a page that was opened
    from a file may fetch nothing else."""
    return f"(globalThis.figureData ??= {{}})[{json.dumps(name)}] = {json.dumps({'spec': spec, 'rows': data}, separators=(',', ':'))};\n"


def page(folder, name, spec, data, drawings):
    """The whole <figure>."""
    meta = spec.get("usermeta", {})
    caption = (f'<figcaption><p><b>{escape(meta.get("title", name))}.</b> {references.link(escape(meta.get("caption", "")))}</p>'
               f'<p class="machine">{machines(folder)}</p></figcaption>')
    if not data:
        return (f'<figure id="figure-{name}"><p class="figure-missing">Not measured yet: '
                f"<code>{places.command_of(folder)}</code></p>{caption}</figure>\n")
    drawn, missing = drawing(meta, name, drawings)
    guess = predict.form(folder, name, meta["predict"]) if "predict" in meta else ""
    explore = "" if missing else '<button type="button" class="explore" hidden>Explore</button>'
    return (f'<figure id="figure-{name}">{guess}{drawn}{caption}\n{explore}<details{" open" if missing else ""}>'
            f"<summary>The data</summary>{table(meta, data)}</details></figure>\n")
