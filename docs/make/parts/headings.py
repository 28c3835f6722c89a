"""The headings of a page: one first-level heading, links to the others, and the table of contents."""

import html
import re

TITLE = re.compile(r'<div class="title">(.*?)\s*</div>', re.DOTALL)
HEADING = re.compile(r'<h([1-5])[^>]*>\s*<a class="anchor" id="([^"]+)"></a>\s*(.*?)</h\1>', re.DOTALL)


def title(text):
    """Doxygen writes the title as a <div>."""
    return TITLE.sub(lambda match: f'<h1 class="title">{match[1].strip()}</h1>', text, count=1)


def section(anchor, words):
    """A section's heading as Doxygen writes it, for a piece of a page that the build makes."""
    return f'<h1><a class="anchor" id="{anchor}"></a>{words}</h1>'


def linked(text):
    """Sections come one level below the title, and carry a link to themselves."""
    def heading(match):
        level, anchor, words = int(match[1]) + 1, match[2], match[3].strip()
        plain = html.escape(html.unescape(re.sub(r"<[^>]+>", "", words)))
        return (f'<h{level} id="{anchor}">{words}<a class="permalink" href="#{anchor}" '
                f'aria-label="Link to: {plain}">#</a></h{level}>')
    return HEADING.sub(heading, text)


def contents(text):
    """The table of contents of a page, from its sections; empty with fewer than three."""
    found = re.findall(r'<h2 id="([^"]+)">(.*?)<a class="permalink"', text, re.DOTALL)
    if len(found) < 3:
        return ""
    items = "".join(f'<li><a href="#{anchor}">{re.sub(r"</?a[^>]*>", "", words)}</a></li>' for anchor, words in found)
    return (f'<nav class="contents-list" aria-label="On this page"><details open><summary>On this page</summary>'
            f"<ol>{items}</ol></details></nav>")
