"""Terms in the text: [[segment]] and [[segment|segments]] become links to the glossary."""

import html
import re

from parts import places

ENTRY = re.compile(r"^### +(?P<names>.+?) *\{#(?P<anchor>term-[a-z0-9-]+)\} *\n+(?P<text>.+?)(?=\n\n|\n#|\Z)",
                   re.MULTILINE | re.DOTALL)


class UnknownTerm(Exception):
    """The text names a term that the glossary does not define."""


class Glossary:
    """The entries of docs/glossary.md, each under every one of its names."""

    def __init__(self, text=None):
        if text is None:
            text = (places.ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
        self.entries = {}
        for entry in ENTRY.finditer(text):
            for name in names_of(entry["names"]):
                self.entries[name] = (entry["anchor"], first_sentence(entry["text"]))

    def link(self, term, shown=None):
        """A link to the entry; its title is the first sentence of the definition."""
        key = " ".join(term.split()).lower()
        for candidate in (key, re.sub(r"s$", "", key), re.sub(r"es$", "", key)):
            if candidate in self.entries:
                anchor, sentence = self.entries[candidate]
                return (f'<a class="term" href="glossary.html#{anchor}" '
                        f'title="{html.escape(sentence)}">{shown or term}</a>')
        raise UnknownTerm(f"the glossary has no entry {term!r}")


def names_of(heading):
    """Reset (RST), abort -> reset, rst, abort, and the heading whole."""
    parts = re.split(r"[,()]", heading)
    return {name.strip().lower() for name in parts if name.strip()} | {heading.strip().lower()}


def first_sentence(text):
    text = re.sub(r"\[\[([^]|]*\|)?([^]]*)\]\]", r"\2", " ".join(text.split()))
    text = re.sub(r"[`*]", "", text)
    match = re.match(r"(.+?[.])(?= [A-Z]|$)", text)
    return match[1] if match else text
