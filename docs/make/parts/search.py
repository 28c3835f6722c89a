"""The index that the search box reads: sections of the pages, terms, and names in the sources."""

import html
import json
import re

from parts import sources

INLINE = re.compile(r"</?(?:a|b|code|em|i|span|strong|wbr)\b[^>]*>")
NOISE = re.compile(r"<(svg|script|style|nav|button)\b.*?</\1>", re.DOTALL)


def plain(text):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", INLINE.sub("", NOISE.sub(" ", text)))).split())


def sections(name, text):
    """(title, address, text) of a page's sections; the part before the first bears the page's title."""
    title = plain(re.search(r'<h1 class="title">(.*?)</h1>', text, re.DOTALL)[1])
    body = text.split("<!--header-->", 1)[-1].split("<!-- contents -->", 1)[0]
    pieces = re.split(r'<h[2-4] id="([^"]+)">(.*?)</h[2-4]>', body, flags=re.DOTALL)
    yield title, name, title, plain(pieces[0])
    for anchor, heading, piece in zip(pieces[1::3], pieces[2::3], pieces[3::3]):
        heading = plain(re.sub(r'<a class="permalink".*?</a>', "", heading))
        yield heading, f"{name}#{anchor}", title, plain(piece)


def index(pages):
    """A script, not JSON: a page that was opened from a file may load no other data."""
    entries = [{"title": title, "href": href, "page": page, "text": text[:4000]}
               for name, text in pages.items() for title, href, page, text in sections(name, text)]
    entries += [{"title": name, "href": href, "page": "Sources", "text": ""} for name, href in sources.functions()]
    entries += [{"title": path.rpartition("/")[2], "href": href, "page": path.rpartition("/")[0], "text": ""}
                for path, href in sources.listings().items()]
    return "globalThis.searchIndex = " + json.dumps(entries, ensure_ascii=False, separators=(",", ":")) + ";\n"
