"""Links to the listings of the course's sources, and the page that lists them all."""

import html
import re
import xml.etree.ElementTree as xml

from parts import places

TAGS = places.FIGURES / "tags.xml"


def listings():
    """path in the repository -> page of its listing"""
    found = {}
    for compound in xml.parse(TAGS).getroot().iter("compound"):
        if compound.get("kind") == "file":
            path = (compound.findtext("path") or "") + (compound.findtext("name") or "")
            page = re.sub(r"\.html$", "_source.html", compound.findtext("filename") or "")
            if (places.SITE / page).exists():
                found[path.removeprefix(f"{places.ROOT}/")] = page
    return found


def functions():
    """(name, page#anchor, path) of every function and type that has a page."""
    for compound in xml.parse(TAGS).getroot().iter("compound"):
        if compound.get("kind") in ("class", "struct"):
            yield compound.findtext("name"), compound.findtext("filename")
        if compound.get("kind") == "namespace":
            for member in compound.iter("member"):
                if member.get("kind") == "function":
                    yield (f"{compound.findtext('name')}::{member.findtext('name')}",
                           f"{member.findtext('anchorfile')}#{member.findtext('anchor')}")


def link(text, pages):
    """Elements with data-file (and data-line) become links to the listing; a file that is not listed stays a name."""
    def paragraph(match):
        page = pages.get(match[1])
        shown = f'<a href="{page}">{match[2]}</a>' if page else match[2]
        return f'<p class="source-of">{shown}</p>'

    def anchor(match):
        page, line = pages.get(match[1]), f"#l{int(match[2]):05}" if match[2] else ""
        return f'<a href="{page}{line}">{match[3]}</a>' if page else match[3]

    text = re.sub(r'<p class="source-of" data-file="([^"]+)">(.*?)</p>', paragraph, text)
    return re.sub(r'<a data-file="([^"]+)"(?: data-line="(\d+)")?>(.*?)</a>', anchor, text)


def overview(text, pages):
    """The list of files: a heading for each folder, a line for each file."""
    briefs = {match[1]: match[2].strip() for match in re.finditer(
        r'href="([^"]+_source\.html)">.*?<td class="desc">(.*?)</td>', text)}
    folders = {}
    for path, page in sorted(pages.items()):
        folder, _, name = path.rpartition("/")
        folders.setdefault(folder, []).append(
            f'<li><a href="{page}">{html.escape(name)}</a> <span>{briefs.get(page, "")}</span></li>')
    listed = "".join(f'<h2 id="{folder.replace("/", "-")}">{folder}</h2><ul class="files">{"".join(lines)}</ul>\n'
                     for folder, lines in sorted(folders.items(), key=lambda item: (not item[0].startswith("chapters"), item[0])))
    text = text.replace(">File List<", ">Sources<").replace("<title>File List", "<title>Sources")
    return re.sub(r'<div class="contents">.*</div><!-- contents -->',
                  lambda _: f'<div class="contents"><div class="textblock">{listed}</div></div><!-- contents -->',
                  text, flags=re.DOTALL)
