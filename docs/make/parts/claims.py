"""Where a claim leads: to its experiment in the lesson, and to the function that decides it."""

import functools
import itertools
import json
import re

from parts import places

MENTION = r"\{\{(?:headline|claim|verdict) %s\}\}"
ANCHOR = re.compile(r"^## .*\{#([\w-]+)\}", re.MULTILINE)


@functools.cache
def chosen():
    return json.loads((places.ROOT / "docs" / "lists" / "claims.json").read_text(encoding="utf-8"))


def texts_of(folder):
    """name -> text of the pages of a chapter, or of the network that the chapters are measured on."""
    if folder in places.lessons():
        return {page.name: page.file.read_text(encoding="utf-8") for page in places.pages_of(folder)}
    return {places.name_of(folder): file.read_text(encoding="utf-8") for file in folder.glob("network-in-a-box.md")}


def experiment(folder, identity):
    """page#anchor: as docs/lists/claims.json says, else the section that quotes the claim, else the ledger of the chapter."""
    chapter, texts = places.name_of(folder), texts_of(folder)
    anchor = chosen().get(chapter, {}).get(identity)
    if anchor:
        shown = f"{anchor.removeprefix('figure-')}.html" if anchor.startswith("figure-") else f"{{#{anchor}}}"
        name = next((name for name, text in texts.items() if shown in text), chapter)
        return f"{name}.html#{anchor}"
    for pattern in (MENTION % re.escape(identity), re.escape(f"{chapter}-ledger.html")):
        for name, text in texts.items():
            mention = re.search(pattern, text)
            before = ANCHOR.findall(text[:mention.start()]) if mention else []
            if before:
                return f"{name}.html#{before[-1]}"
    return f"{chapter}.html"


def decider(folder, identity):
    """(path in the repository, line, name) of the function that decides, found by the claim's id in the sources."""
    sources = {file: file.read_text(encoding="utf-8") for file in sorted(places.experiment(folder).glob("*.cpp"))}
    for begin, (file, text) in itertools.product('{ ', sources.items()):  # in a claim, else in a table of claims
        at = text.find(f'{begin}"{identity}"')
        if at < 0:
            continue
        called = re.search(r"\bdecide\w*(?=[(}])", text[at:text.find("});", at) + 1])
        if called:
            for other in [file, *sources]:
                defined = re.search(rf"^(?:\w.*\b)?finding\s+{called[0]}\(", sources[other], re.MULTILINE)
                if defined:
                    return place(other, sources[other], defined.start()) + (called[0] if called[0] != "decide" else file.name,)
        return place(file, text, at) + (file.name,)
    return None


def place(file, text, at):
    return str(file.relative_to(places.ROOT)), text.count("\n", 0, at) + 1
