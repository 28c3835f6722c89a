#!/usr/bin/env python3
"""Lists the words on the pages that stand for a number, each beside the figures of its paragraph, to be read against the results.

    docs/make/words.py [PAGE...]    PAGE is a file in Markdown; without one: all pages

No program can tell whether "half" is right. It is run by hand when results have been measured anew. After the words it names the
paragraphs that mix ratios of medians with medians of ratios, and say the word "pair" of neither.
"""

import re
import sys
from pathlib import Path

from filter import FIGURE
from parts import measured, places

WORDS = re.compile(r"""\b(?:(?:a|one|two|three)[ -])?(?:half|halves|halved|third|thirds|quarter|fifth|tenth|hundredth|thousandth|tenths|hundredths)\b
    |\b(?:twice|double[sd]?|thrice|threefold|tenfold|(?:two|three|four|five|six|seven|ten|a\ hundred|a\ thousand)\ times)\b
    |\b(?:less|more|fewer|no\ more|no\ less|longer|shorter)\ than\b|\bat\ (?:most|least)\b|\b(?:almost|nearly|about|barely|hardly)\b
    |\b(?:no|without)\ (?:effect|difference|cost)\b|\bcosts?\ nothing\b|\bas\ (?:fast|much|many|long|soon)\ as\b
    |\b(?:level|equal)\ with\b""", re.VERBOSE | re.IGNORECASE)
RATIO = re.compile(r"\{\{[^{}]* / [^{}]*\}\}")
PAIRED = re.compile(r"\{\{(?:[\w-]+:)?paired [^{}]*\}\}")


def pages():
    found = [page.file for folder in places.lessons() for page in places.pages_of(folder)]
    return found + sorted((places.ROOT / "docs").glob("*.md")) + sorted((places.ROOT / "common").glob("*/*.md"))


def paragraphs(text):
    """(number of its first line, text), listings left out."""
    line = 1
    for part in re.split(r"(\n\s*\n)", text):
        if part.strip() and not part.lstrip().startswith(("@", "|", "<", "```")):
            yield line, part
        line += part.count("\n")


def chapter_of(file):
    folder = next((folder for folder in places.measured() if folder in file.parents), None)
    return places.name_of(folder) if folder else None


def filled(text, chapter, figures):
    """With its figures between ‹ and ›."""
    def figure(match):
        try:
            return f"‹{figures.text(match[1], chapter)}›"
        except measured.UnknownFigure as error:
            return f"‹{error}›"
    return FIGURE.sub(figure, text)


def sentences(text):
    return re.split(r"(?<=[.:?]) +", " ".join(text.split()))


def main(arguments):
    figures, mixed = measured.Measured(), []
    for file in [Path(name).resolve() for name in arguments] or pages():
        name, chapter = file.relative_to(places.ROOT), chapter_of(file)
        for line, text in paragraphs(file.read_text(encoding="utf-8")):
            if RATIO.search(text) and PAIRED.search(text) and not re.search(r"\bpairs?\b", PAIRED.sub("", text)):
                mixed.append(f"{name}:{line}")
            if not FIGURE.search(text):
                continue
            for sentence in sentences(filled(text, chapter, figures)):
                words = [match[0] for match in WORDS.finditer(sentence)]
                if words:
                    print(f"{name}:{line}: {', '.join(words)}\n    {sentence}")
    for place in mixed:
        print(f"{place}: ratios of medians beside medians of ratios, and no word about pairs")


if __name__ == "__main__":
    main(sys.argv[1:])
