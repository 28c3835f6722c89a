"""From page to page: what stands above a lesson's title and below its end."""

import html

from parts import places


def above(page):
    """The chapter's number; where the chapter has several pages, all of them."""
    number = f'<p class="chapter-number">Chapter {places.number_of(page.folder)}</p>'
    pages = places.pages_of(page.folder)
    if len(pages) == 1:
        return number
    items = "".join(f'<li><a href="{one.address}"{" aria-current=page" if one == page else ""}>{html.escape(one.title)}</a></li>'
                    for one in pages)
    return f'{number}<nav class="chapter-pages" aria-label="Pages of this chapter"><ol>{items}</ol></nav>'


def below(page):
    order = places.pages()
    at = order.index(page)
    before = [("prev", "Previous", order[at - 1])] if at else []
    after = [("next", "Next", order[at + 1])] if at + 1 < len(order) else []
    links = [(rel, word, other.address, f"{places.number_of(other.folder)}. {other.title}")
             for rel, word, other in before + after]
    if not before:
        links.insert(0, ("prev", "Previous", "index.html", "The front page"))
    if not after:
        links.append(("next", "Next", "ledger.html", "The ledger"))
    return '<nav class="turning" aria-label="Chapters">' + "".join(
        f'<a rel="{rel}" href="{page}"><span>{word}</span> {html.escape(title)}</a>'
        for rel, word, page, title in links) + "</nav>"
