"""The rules of a style sheet that a set of pages can use: the base style is made for much that these pages lack."""

import re

NAME = re.compile(r"[.#](-?[A-Za-z_][\w-]*)")
INSIDE = re.compile(r"\([^()]*\)")


def words_of(pages, scripts):
    """Every class and id of the pages, and every word of the scripts, which may set one."""
    found = set()
    for page in pages:
        for value in re.findall(r'\s(?:class|id)="([^"]*)"', page):
            found.update(value.split())
    for script in scripts:
        found.update(re.findall(r"[A-Za-z_][\w-]*", script))
    return found


def rules(css):
    """(what stands before the brace, what stands inside) at the outermost level."""
    at, depth, start, head = 0, 0, 0, ""
    for brace in re.finditer(r"[{}]", css):
        if brace[0] == "{":
            if depth == 0:
                head, start = css[at:brace.start()].strip(), brace.end()
            depth += 1
        else:
            depth -= 1
            if depth == 0:
                yield head, css[start:brace.start()].strip()
                at = brace.end()


def plain(selector):
    while INSIDE.search(selector):
        selector = INSIDE.sub("", selector)
    return selector


def may_match(selector, words):
    return all(name in words for name in NAME.findall(plain(selector)))


def used(css, words):
    """The sheet without what can match nothing; the order stays. No comment and no brace in a string may be in it."""
    kept = []
    for head, body in rules(css):
        if head.startswith(("@media", "@supports")):
            body = used(body, words)
        elif not head.startswith("@"):
            head = ",".join(one.strip() for one in re.split(r",(?![^(]*\))", head) if may_match(one, words))
        if head and body:
            kept.append(f"{head}{{{body}}}")
    return "\n".join(kept)
