"""Terms in the text: [[segment]] and [[segment|segments]] become links to the glossary, and so does the first use of
a term on a page of its own accord."""

import html
import re

from parts import places, prose

ENTRY = re.compile(r"^### +(?P<names>.+?) *\{#(?P<anchor>term-[a-z0-9-]+)\} *\n+(?P<text>.+?)(?=\n\n|\n#|\Z)",
                   re.MULTILINE | re.DOTALL)


TERM = re.compile(r"\[\[([^\]|]+)(?:\|([^\]]+))?\]\]")
# Words of every day too: where the term is meant, the page marks it.
EVERYDAY = {"page", "copy", "level", "ratio", "stream", "repetition", "window", "reset", "abort", "drain", "inflate", "frame",
            "header", "ladder", "claim", "verdict", "ledger", "bomb", "cork", "corking", "flush", "span", "pipeline",
            "completion", "readiness", "pairing", "deadline", "cancellation", "exception", "overlapping", "interleaving",
            "blocking", "fin", "port", "redundancy"}
# Figures, tables, headings, what is set off already, and quotations, in which Doxygen takes a link for text: no place for a link.
SET_OFF = re.compile(r"\{\{.+?\}\}|\"[^\"\n]*\"|^\|[^\n]*$|\*\*[^*\n]+\*\*|(?<![\w*])\*[^*\s][^*]*\*(?![\w*])|" + prose.LINKED.pattern,
                     re.MULTILINE | re.DOTALL)


class UnknownTerm(Exception):
    """The text names a term that the glossary does not define."""


class Glossary:
    """The entries of docs/glossary.md: anchor under every one of their names, and first sentence under the anchor."""

    def __init__(self, text=None):
        if text is None:
            text = (places.ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
        self.entries, self.sentences = {}, {}
        for entry in ENTRY.finditer(text):
            self.sentences[entry["anchor"]] = first_sentence(entry["text"])
            for name in names_of(entry["names"]):
                self.entries[name] = entry["anchor"]

    def anchor(self, term):
        """The entry's anchor, or None."""
        key = " ".join(term.split()).lower()
        for candidate in (key, re.sub(r"s$", "", key), re.sub(r"es$", "", key)):
            if candidate in self.entries:
                return self.entries[candidate]
        return None

    def first_uses(self, text):
        """(start, end) of the first use of each term that comes before any mark of it."""
        names = sorted((name for name in self.entries if name not in EVERYDAY), key=len, reverse=True)
        use = re.compile(TERM.pattern + r"|(?<![\w/.-])(?P<name>" + "|".join(map(re.escape, names)) + r")(?:es|s)?(?![\w/-]|\.\w)",
                         re.IGNORECASE)
        met, found, at = set(), [], 0
        for off in [*SET_OFF.finditer(text), None]:
            for match in use.finditer(text, at, off.start() if off else len(text)):
                anchor = self.anchor(match[1] or match[0])
                if match["name"] and anchor and anchor not in met:
                    found.append(match.span())
                met.add(anchor)
            at = off.end() if off else at
        return found

    def with_first_uses(self, text):
        """The text with those marked."""
        for start, end in reversed(self.first_uses(text)):
            text = f"{text[:start]}[[{text[start:end]}]]{text[end:]}"
        return text

    def link(self, term, shown=None):
        """A link to the entry; its title is the first sentence of the definition."""
        anchor = self.anchor(term)
        if not anchor:
            raise UnknownTerm(f"the glossary has no entry {term!r}")
        return (f'<a class="term" href="glossary.html#{anchor}" '
                f'title="{html.escape(self.sentences[anchor])}">{shown or term}</a>')


def names_of(heading):
    """Reset (RST), abort -> reset, rst, abort, and the heading whole."""
    parts = re.split(r"[,()]", heading)
    return {name.strip().lower() for name in parts if name.strip()} | {heading.strip().lower()}


def first_sentence(text):
    text = re.sub(r"\[\[([^]|]*\|)?([^]]*)\]\]", r"\2", " ".join(text.split()))
    text = re.sub(r"[`*]", "", text)
    match = re.match(r"(.+?[.])(?= [A-Z]|$)", text)
    return match[1] if match else text
