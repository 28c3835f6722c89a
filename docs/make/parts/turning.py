"""From chapter to chapter: what stands above a lesson's title and below its end."""

import html

from parts import places


def above(folder):
    return f'<p class="chapter-number">Chapter {places.number_of(folder)}</p>'


def below(folder):
    order = places.lessons()
    at = order.index(folder)
    before = [("prev", "Previous", order[at - 1])] if at else []
    after = [("next", "Next", order[at + 1])] if at + 1 < len(order) else []
    links = [(rel, word, f"{places.name_of(other)}.html", f"{places.number_of(other)}. {places.title_of(other)}")
             for rel, word, other in before + after]
    if not before:
        links.insert(0, ("prev", "Previous", "index.html", "The front page"))
    if not after:
        links.append(("next", "Next", "ledger.html", "The ledger"))
    return '<nav class="turning" aria-label="Chapters">' + "".join(
        f'<a rel="{rel}" href="{page}"><span>{word}</span> {html.escape(title)}</a>'
        for rel, word, page, title in links) + "</nav>"
