"""The links that have a name, as a table for every page that names one: what `netlab --links` prints, which a test compares."""

import html
import re

from parts import places

LISTED = places.ROOT / "common" / "netlab" / "tests" / "output" / "links.txt"


def cells(line):
    return re.split(r"\s{2,}", line.strip())


def page():
    names, units, *rows = LISTED.read_text(encoding="utf-8").splitlines()
    titles = [cells(names)[0], *(f"{name}, {unit}".replace("queue, down / up, KiB", "queue (down / up), KiB")
                                 for name, unit in zip(cells(names)[1:], cells(units)))]
    head = "".join(f'<th scope="col"{" class=number" if at else ""}>{html.escape(title)}</th>' for at, title in enumerate(titles))
    body = "".join(
        f'<tr><th scope="row">{html.escape(cells(row)[0])}</th>'
        + "".join(f'<td class="number">{html.escape(value)}</td>' for value in cells(row)[1:]) + "</tr>\n" for row in rows)
    return (f'<div class="scroll" tabindex="0" role="group" aria-label="The links"><table><thead><tr>{head}</tr></thead>\n'
            f"<tbody>\n{body}</tbody></table></div>\n")
