"""Where a claim leads: to its experiment in the lesson, and to the function that decides it."""

import functools
import itertools
import json
import re

from parts import places

MENTION = r"\{\{(?:claim|verdict) %s\}\}"
ANCHOR = re.compile(r"^## .*\{#([\w-]+)\}", re.MULTILINE)


@functools.cache
def chosen():
    return json.loads((places.ROOT / "docs" / "lists" / "claims.json").read_text(encoding="utf-8"))


def page_of(folder):
    for name in ("lesson.md", "network-in-a-box.md"):
        if (folder / name).exists():
            return (folder / name).read_text(encoding="utf-8")
    return ""


def experiment(folder, identity):
    """page#anchor: as docs/lists/claims.json says, else the section that quotes the claim, else the ledger of the chapter."""
    name, text = places.name_of(folder), page_of(folder)
    anchor = chosen().get(name, {}).get(identity)
    if not anchor:
        mention = re.search(MENTION % re.escape(identity), text) or re.search(re.escape(f"{name}-ledger.html"), text)
        before = ANCHOR.findall(text[:mention.start()]) if mention else []
        anchor = before[-1] if before else None
    return f"{name}.html#{anchor}" if anchor else f"{name}.html"


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
