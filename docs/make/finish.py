#!/usr/bin/env python3
"""Adds to Doxygen's HTML what it lacks: headings in order, a table of contents, keyboard access, links, search."""

import re
import sys

from parts import bundle, headings, places, search, sources, turning


def pages():
    """The pages that are text, in reading order: file name -> the chapter's page or None."""
    written = {page.address: page for page in places.pages()}
    return {"index.html": None, **written,
            **{f"{name}.html": None for name in ("netlab", "measuring", "cpp-you-will-meet", "ledger", "techniques", "faults", "errors", "glossary")}}


def boxes(text):
    """What is wider than a phone scrolls in its own box, and the keyboard reaches the box."""
    text = re.sub(r'<(div|pre) class="fragment">', r'<\1 class="fragment" tabindex="0" role="group" aria-label="Listing">', text)
    return re.sub(r'(<table class="(?:markdownTable|doxtable)">.*?</table>)',
                  r'<div class="scroll" tabindex="0" role="group" aria-label="Table">\1</div>', text, flags=re.DOTALL)


def listings(text):
    """Links inside the listings of a lesson guess by name, and guess wrong for local names."""
    return re.sub(r'<a class="code[^"]*"[^>]*>(.*?)</a>', r"\1", text)


def options(text):
    """A line does not break within an option: without this it does, behind its first hyphens."""
    return re.sub(r"<code>[^<]*-[^<]*</code>", lambda code: re.sub(r"(?<![\w-])--?\w[\w-]*", r'<span class="option">\g<0></span>', code[0]), text)


def trimmed(text):
    """The row of jumps above a class: it names sections that are not always there."""
    return re.sub(r'<div class="summary">.*?</div>', "", text, flags=re.DOTALL)


def current(text, name):
    return text.replace(f'<a href="{name}">', f'<a href="{name}" aria-current="page">', 1)


def lesson(text, page):
    """A chapter's page: its number, its contents, the way to the next."""
    text = text.replace('<h1 class="title">', turning.above(page) + '<h1 class="title">', 1)
    return text.replace("</div><!-- contents -->", turning.below(page) + "</div><!-- contents -->", 1)


def main():
    listed, text_pages = sources.listings(), pages()
    together, done = bundle.Bundle((places.SITE / "index.html").read_text(encoding="utf-8")), {}
    for file in sorted(places.SITE.glob("*.html")):
        text = boxes(trimmed(headings.title(file.read_text(encoding="utf-8"))))
        if file.name == "files.html":
            text = sources.overview(text, listed)
        if file.name in text_pages:
            page = text_pages[file.name]
            text = options(sources.link(listings(headings.linked(text)), listed))
            if page:
                text = lesson(text, page)
            text = text.replace('<div class="contents">', headings.contents(text) + '<div class="contents">', 1)
            text = text.replace("<body>", f'<body class="text {"lesson" if page else file.stem}">', 1)
            done[file.name] = text
        else:
            file.write_text(together.used_by(current(text, file.name)), encoding="utf-8")
    style = together.style_for(done.values())
    for name, text in done.items():
        (places.SITE / name).write_text(together.used_by(current(text, name), style), encoding="utf-8")
    together.remove_parts()
    (places.SITE / "search-index.js").write_text(
        search.index({name: done[name] for name in text_pages if name in done}), encoding="utf-8")
    missing = set(text_pages) - set(done)
    if missing:
        sys.exit(f"docs: no page {', '.join(sorted(missing))}: does the title carry its anchor, '# Title {{#name}}'?")


if __name__ == "__main__":
    main()
