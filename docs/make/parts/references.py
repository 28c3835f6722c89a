"""References in the text: accept(2) becomes a link to its man page, RFC 9293 to the RFC."""

import re

MAN = re.compile(r"(?<![\w./:#>-])(?P<page>[a-z_][\w.+-]*)\((?P<section>[1-8])\)")
RFC = re.compile(r"\bRFC(?:\s|&nbsp;)+(?P<number>\d{1,5})\b"
                 r"(?:,?\s+(?:section|§)\s*(?P<section>\d+(?:\.\d+)*))?")


def man_link(match):
    page, section = match["page"], match["section"]
    return (f'<a href="https://man7.org/linux/man-pages/man{section}/{page}.{section}.html">'
            f"{match[0]}</a>")


def rfc_link(match):
    fragment = f"#section-{match['section']}" if match["section"] else ""
    return f'<a href="https://www.rfc-editor.org/rfc/rfc{match["number"]}.html{fragment}">{match[0]}</a>'


def link(text):
    return MAN.sub(man_link, RFC.sub(rfc_link, text))
