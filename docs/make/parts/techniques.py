"""The index from technique to file: docs/lists/techniques.txt, with each function's line and each section's title."""

import html
import re

from parts import claims, headings, places


class Missing(Exception):
    """The index names what is not there."""


def entries(root=places.ROOT):
    """(group, technique, file, function, page, anchor) in order."""
    group = None
    for line in (root / "docs" / "lists" / "techniques.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            group = line[3:]
        elif line and not line.startswith("#"):
            technique, file, function, section = (part.strip() for part in line.split("|"))
            yield group, technique, file, function, *section.split("#")


def line_of(file, function):
    """Where it is defined: the first line at the margin that has the name before a parenthesis, or its class."""
    text = (places.ROOT / file).read_text(encoding="utf-8")
    name = re.escape(function)
    found = re.search(rf"^(?![ /#]).*\b{name}\(|^(?:class|struct) {name}\b", text, re.MULTILINE)
    if not found:
        raise Missing(f"docs/lists/techniques.txt: {file} has no {function}")
    return text.count("\n", 0, found.start()) + 1


def titles():
    """page -> {anchor: title of the section}"""
    pages = {name: text for folder in places.measured() for name, text in claims.texts_of(folder).items()}
    pages["measuring"] = (places.ROOT / "docs" / "measuring.md").read_text(encoding="utf-8")
    return {page: {anchor: title for title, anchor in re.findall(r"^## (.*?) *\{#([\w-]+)\}", text, re.MULTILINE)}
            for page, text in pages.items()}


def row(technique, file, function, page, anchor, sections):
    if anchor not in sections.get(page, {}):
        raise Missing(f"docs/lists/techniques.txt: the page {page} has no section {anchor}")
    line = line_of(file, function)
    shown = html.escape(function).replace("::", "::<wbr>").replace("_", "_<wbr>")
    return (f'<tr><th scope="row">{html.escape(technique)}</th>'
            f'<td data-label="Taught in"><a href="{page}.html#{anchor}">{html.escape(sections[page][anchor])}</a></td>'
            f'<td data-label="Code"><code><a data-file="{file}" data-line="{line}">{shown}</a></code> '
            f'<span class="in-file">{file.replace("/", "/<wbr>")}</span></td></tr>\n')


def page():
    """All of it: a heading and a table for each group."""
    groups, sections = {}, titles()
    for group, technique, *rest in entries():
        groups.setdefault(group, []).append(row(technique, *rest, sections))
    head = '<thead><tr><th scope="col">Technique</th><th scope="col">Taught in</th><th scope="col">Code</th></tr></thead>'
    return "".join(
        f"{headings.section(f'techniques-{number}', html.escape(group))}\n"
        f'<table class="cards techniques">{head}<tbody>{"".join(rows)}</tbody></table>\n'
        for number, (group, rows) in enumerate(groups.items(), 1))
