"""The ledger: every claim with its figures and its verdict."""

import html
import re

from parts import places, rows
from parts.prose import unbroken



def escape(text):
    return unbroken(html.escape(text))


COLUMNS = ["Claim", "Article", "Reference", "Here", "Verdict"]


def verdict(text):
    kind = re.sub(r"\s+", "-", text.strip().lower())
    return f'<span class="verdict {escape(kind)}">{escape(text)}</span>'


def lines(folder):
    """The claims of a chapter: those of the reference, then any that only the reader's run has."""
    found = rows.results(folder)
    by_source = {source: {claim["id"]: claim for claim in data.get("claims", [])}
                 for source, data in found.items()}
    here = by_source.get("yours", {})
    for identity, claim in {**by_source.get("reference", {}), **{
            key: value for key, value in here.items() if key not in by_source.get("reference", {})}}.items():
        yield {"Claim": escape(claim["claim"]),
               "Article": "–" if claim.get("section") == "-" else "section&#160;" + escape(str(claim.get("section", ""))),
               "Reference": escape(by_source.get("reference", {}).get(identity, {}).get("figure", "–")),
               "Here": escape(here[identity]["figure"]) if identity in here else '<span class="not-yet">not run yet</span>',
               "Verdict": verdict(here.get(identity, claim)["verdict"])}


def table(folder):
    head = "".join(f'<th role="columnheader" scope="col">{column}</th>' for column in COLUMNS)
    body = "".join("<tr role=\"row\">" + "".join(
        f'<td role="cell" data-label="{column}">{line[column]}</td>' for column in COLUMNS) + "</tr>\n"
        for line in lines(folder))
    if not body:
        return f'<p class="figure-missing">Not measured yet: <code>{places.command_of(folder)}</code></p>\n'
    source = folder.relative_to(places.ROOT) / "experiment.cpp"
    return (f'<div class="ledger-box"><table class="ledger" role="table"><thead role="rowgroup"><tr role="row">{head}</tr></thead>\n'
            f'<tbody role="rowgroup">{body}</tbody></table></div>\n'
            f'<p class="ledger-note">Decided by <a data-file="{source}">{source}</a>. Yours: '
            f"<code>{places.command_of(folder)}</code>.</p>\n")


def whole():
    """All chapters, and the network that they are measured on, for the ledger's own page."""
    titles = {folder: f"{places.number_of(folder)}. {places.title_of(folder)}" for folder in places.lessons()}
    titles |= {folder: "A network in a box" for folder in places.measured() if folder.name == "netlab"}
    return "".join(f'<h2 id="{places.name_of(folder)}-claims"><a href="{places.name_of(folder)}.html">'
                   f"{escape(title)}</a></h2>\n{table(folder)}" for folder, title in titles.items())
