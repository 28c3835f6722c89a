"""One style sheet and one script in place of many: on a long line each request costs a round trip. A page of text
carries the rules that it can use itself, and waits for nothing else before it is painted."""

import re

from parts import places, purge

STYLES = re.compile(r'(?:<link href="[\w-]+\.css" rel="stylesheet"[^>]*>\s*)+')
SCRIPTS = re.compile(r'(?:<script defer src="[\w-]+\.js"></script>\s*)+')
FIRST = re.compile(r'<script src="(theme\.js)"></script>')


def names(block, kind):
    return re.findall(rf'"([\w-]+\.{kind})"', block)


def lean(css):
    """Without comments and indentation."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    return "\n".join(line for line in (line.strip() for line in css.splitlines()) if line)


def read(name):
    return (places.SITE / name).read_text(encoding="utf-8")


class Bundle:
    """Made from the first page, for all: every page names the same files."""

    def __init__(self, page):
        self.styles = names(STYLES.search(page)[0], "css")
        self.scripts = names(SCRIPTS.search(page)[0], "js")
        self.first = FIRST.search(page)[1]
        self.inline = f"<script>\n{read(self.first)}</script>"
        (places.SITE / "site.css").write_text("\n".join(lean(read(name)) for name in self.styles) + "\n", encoding="utf-8")
        (places.SITE / "site.js").write_text("".join(read(name) for name in self.scripts), encoding="utf-8")

    def style_for(self, pages):
        """What these pages have in common, to stand in each."""
        return f"<style>\n{purge.used(read('site.css'), purge.words_of(pages, [read('site.js'), self.inline]))}\n</style>\n"

    def used_by(self, page, style='<link href="site.css" rel="stylesheet">\n'):
        page = STYLES.sub(lambda _: style, page, count=1)
        page = SCRIPTS.sub('<script defer src="site.js"></script>\n', page, count=1)
        return FIRST.sub(lambda _: self.inline, page, count=1)

    def remove_parts(self):
        for name in [*self.styles, *self.scripts, self.first]:
            (places.SITE / name).unlink()
