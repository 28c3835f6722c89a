"""The ledger: every claim with its figures and its verdict, its experiment and the code that decides."""

import html
import re

from parts import claims, machine, places, rows
from parts.prose import unbroken

COLUMNS = ["Claim", "Article", "Reference", "Here", "Verdict"]
VERDICTS = ["holds", "holds in part", "does not hold", "inconclusive"]


def escape(text):
    return unbroken(html.escape(text))


def verdict(text):
    kind = re.sub(r"\s+", "-", text.strip().lower())
    return f'<span class="verdict {escape(kind)}">{escape(text)}</span>'


def claim_cell(folder, claim):
    """The claim leads to its experiment; under it the function that decides, with a link to its line."""
    cell = f'<a class="claim" href="{claims.experiment(folder, claim["id"])}">{escape(claim["claim"])}</a>'
    found = claims.decider(folder, claim["id"])
    if found:
        path, line, name = found[0], found[1], escape(found[2]).replace("_", "_<wbr>")
        cell += (f'<span class="decider">decided by <code><a data-file="{path}" data-line="{line}">'
                 f"{name}</a></code></span>")
    return cell


def headline(claim):
    return claim.get("headline") or claim["figure"]


def figures_cell(claim):
    """The headline, which unfolds to all figures of the claim. Results of old have no headline."""
    if headline(claim) == claim["figure"]:
        return escape(claim["figure"])
    return f'<details><summary>{escape(headline(claim))}</summary>{escape(claim["figure"])}</details>'


def lines(folder):
    """The claims of a chapter: those of the reference, then any that only the reader's run has. Each column has
    what it shows and what it is sorted by."""
    found = rows.results(folder)
    reference, here = ({claim["id"]: claim for claim in found.get(source, {}).get("claims", [])}
                       for source in ("reference", "yours"))
    for identity, claim in {**here, **reference}.items():
        section = "" if claim.get("section") == "-" else str(claim.get("section", ""))
        decided = here.get(identity, claim)["verdict"]
        yield {"Claim": (claim_cell(folder, claim), claim["claim"]),
               "Article": (f"section&#160;{escape(section)}" if section else "–", section or "9"),
               "Reference": (figures_cell(reference[identity]), headline(reference[identity])) if identity in reference else ("–", "–"),
               "Here": (figures_cell(here[identity]), headline(here[identity])) if identity in here
               else ('<span class="not-yet">not run yet</span>', "\uffff"),
               "Verdict": (verdict(decided), str(VERDICTS.index(decided) if decided in VERDICTS else 9))}


def row(line, columns):
    """One claim; a cell's data-key is what its column sorts by, where that is not its text."""
    cells = "".join(
        f'<td role="cell" data-label="{column}" data-key="{html.escape(line[column][1])}">{line[column][0]}</td>'
        for column in columns)
    return f'<tr role="row">{cells}</tr>\n'


def box(columns, body, kind=""):
    head = "".join(f'<th role="columnheader" scope="col">{column}</th>' for column in columns)
    return (f'<div class="ledger-box"><table class="ledger{kind}" role="table"><thead role="rowgroup"><tr role="row">{head}</tr></thead>\n'
            f'<tbody role="rowgroup">{body}</tbody></table></div>\n')


def sources(folder):
    """Where the rows come from: the reference's, and the reader's once there are any."""
    found = rows.results(folder)
    told = [escape(machine.provenance(found["reference"]))] if "reference" in found else []
    return " ".join(told + (["Here: " + escape(machine.provenance(found["yours"]))] if "yours" in found else []))


def table(folder):
    """A chapter's own, for its lesson; the reader's column stands there once there is something in it."""
    columns = [column for column in COLUMNS if column != "Here" or "yours" in rows.results(folder)]
    body = "".join(row(line, columns) for line in lines(folder))
    if not body:
        return f'<p class="figure-missing">Not measured yet: <code>{places.command_of(folder)}</code></p>\n'
    before = ('<p class="ledger-note">Each figure unfolds to all that its claim was decided by. '
              '<a href="measuring.html#verdicts">How to measure</a> says what pairs are, what a case against itself is for, '
              "and how a verdict comes about.</p>\n")
    return before + box(columns, body) + f'<p class="ledger-note">{sources(folder)} Your own: <code>{places.command_of(folder)}</code>.</p>\n'


def whole():
    """All chapters, and the network that they are measured on, for the ledger's own page."""
    body, told, columns = "", "", ["Chapter", *COLUMNS]
    for order, folder in enumerate(places.measured()):
        if folder.name != "netlab" and folder not in places.lessons():
            continue
        name = places.name_of(folder)
        shown = f"{places.number_of(folder)}&#160;{name}" if folder.name != "netlab" else name
        chapter = (f'<a href="{name}.html">{shown}</a>', str(order))
        body += "".join(row({"Chapter": chapter, **line}, columns) for line in lines(folder))
        told += f'<p class="ledger-note">{shown}: {sources(folder)}</p>\n' if rows.results(folder) else ""
    return box(columns, body, " whole") + told
