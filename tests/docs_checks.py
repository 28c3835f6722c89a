"""What holds for the pages: no code of their own, nothing shown twice under a wrong name, no dead link.

    python3 tests/docs_checks.py [-v]        reads build/site where it stands; COURSE_ROOT names another checkout
"""

import errno
import os
import re
import sys
import unittest
from collections import defaultdict
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(os.environ.get("COURSE_ROOT", Path(__file__).resolve().parents[1]))
SITE = ROOT / "build" / "site"
LESSONS = sorted(ROOT.glob("chapters/*/lesson.md"))
PAGES = LESSONS + sorted((ROOT / "docs").glob("*.md"))
SOURCES = [file for kind in ("*.cpp", "*.hpp", "*.py") for file in sorted((ROOT / "chapters").rglob(kind))]
BANNED = re.compile(r"\b(simply|just|obviously|of course|basically|we|important to note)\b", re.IGNORECASE)
LITERAL = re.compile(r"@verbatim.*?@endverbatim|@htmlonly.*?@endhtmlonly|`[^`\n]+`|<[^>]+>", re.DOTALL)
SNIPPET = re.compile(r"^[ ]*[@\\]snippet(?:\{[^}]*\})?[ ]+(\S+)[ ]+(\S+)[ ]*$", re.MULTILINE)
MARKER = re.compile(r"^[ ]*(?://!|##?!?)[ ]*\[(\w+)\][ ]*$", re.MULTILINE)
INCLUDED = re.compile(r"[@\\]htmlinclude\[block\][ ]+(\S+)")


def name(file):
    return str(file.relative_to(ROOT))


def lines(pattern, text):
    return [(text.count("\n", 0, match.start()) + 1, match[0]) for match in pattern.finditer(text)]


class Links(HTMLParser):
    """The links and the anchors of one page."""

    def __init__(self, file):
        super().__init__()
        self.links, self.anchors = [], set()
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.anchors |= {found[key] for key in ("id", "name") if found.get(key)}
        for key in ("href", "src"):
            if found.get(key):
                self.links.append(found[key])


class Text(unittest.TestCase):
    def test_the_pages_hold_no_code_of_their_own(self):
        for file in PAGES:
            found = lines(re.compile(r"^[ ]*(```|~~~)|[@\\]code\b", re.MULTILINE), file.read_text(encoding="utf-8"))
            self.assertEqual(found, [], f"{name(file)}: show code by @snippet")

    def test_the_pages_are_free_of_filler(self):
        for file in PAGES:
            text = LITERAL.sub(lambda match: "\n" * match[0].count("\n"), file.read_text(encoding="utf-8"))
            self.assertEqual(lines(BANNED, text), [], name(file))

    def test_the_pages_do_not_exclaim(self):
        for file in PAGES:
            text = LITERAL.sub(lambda match: "\n" * match[0].count("\n"), file.read_text(encoding="utf-8"))
            self.assertEqual(lines(re.compile(r"\w!(?=\s|$)"), text), [], name(file))


class Snippets(unittest.TestCase):
    def setUp(self):
        self.shown = {(path, marker): name(page) for page in PAGES
                      for path, marker in SNIPPET.findall(page.read_text(encoding="utf-8"))}
        self.marked = {(name(file), marker): MARKER.findall(file.read_text(encoding="utf-8")).count(marker)
                       for file in SOURCES for marker in MARKER.findall(file.read_text(encoding="utf-8"))}

    def test_every_piece_that_is_shown_exists(self):
        for piece, page in self.shown.items():
            self.assertIn(piece, self.marked, f"{page} shows a piece that is not there")

    def test_every_marker_is_a_pair(self):
        self.assertEqual({piece: count for piece, count in self.marked.items() if count != 2}, {})

    def test_every_piece_that_is_marked_is_shown(self):
        with_page = {name(lesson.parent) for lesson in LESSONS}
        left = [piece for piece in self.marked if piece not in self.shown
                and str(Path(*Path(piece[0]).parts[:2])) in with_page]
        self.assertEqual(left, [], "marked, and on no page")


class Figures(unittest.TestCase):
    def test_every_figure_is_shown(self):
        shown = {file for page in PAGES for file in INCLUDED.findall(page.read_text(encoding="utf-8"))}
        for spec in sorted(ROOT.glob("chapters/*/figures/*.vl.json")):
            chapter = re.sub(r"^\d+-", "", spec.parents[1].name)
            if not (spec.parents[1] / "lesson.md").exists():
                continue
            self.assertIn(f"{chapter}-{spec.name.removesuffix('.vl.json')}.html", shown, "drawn, and on no page")

    def test_every_lesson_shows_its_claims(self):
        for lesson in LESSONS:
            chapter = re.sub(r"^\d+-", "", lesson.parent.name)
            self.assertIn(f"{chapter}-ledger.html", INCLUDED.findall(lesson.read_text(encoding="utf-8")))


class Exercises(unittest.TestCase):
    def test_every_lesson_shows_its_exercises(self):
        for lesson in LESSONS:
            if list((lesson.parent / "exercises").glob("*.md")):
                chapter = re.sub(r"^\d+-", "", lesson.parent.name)
                self.assertIn(f"{chapter}-exercises.html", INCLUDED.findall(lesson.read_text(encoding="utf-8")))


class Errors(unittest.TestCase):
    """The error atlas: each error has one entry, and each entry one form and a test that brings the error about."""

    def setUp(self):
        self.text = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
        self.entries = re.findall(r"^### (.+?) \{#error-(\w+)\}\n(.*?)(?=^##|\Z)", self.text, re.MULTILINE | re.DOTALL)

    def test_every_entry_has_its_meaning_its_remedy_and_its_test(self):
        for title, _, text in self.entries:
            self.assertRegex(text, r"\n\*Means\*: (?s:.+)\n\*Do\*: (?s:.+)\n@snippet chapters/\S+/tests/\S+ \w+\n", title)

    def test_the_table_lists_every_entry_in_order_as_the_system_words_it(self):
        rows = re.findall(r'^\| @ref error-(\w+) "(.+?)" \|.*?\|(?: (E\w+), (\d+))?', self.text, re.MULTILINE)
        self.assertEqual(sorted(anchor for anchor, *_ in rows), sorted(anchor for _, anchor, _ in self.entries if anchor != "frame"))
        self.assertEqual([words for _, words, *_ in rows], sorted((words for _, words, *_ in rows), key=str.lower))
        titles = {anchor: title for title, anchor, _ in self.entries}
        for anchor, words, name, number in rows:
            self.assertEqual(words, titles[anchor])
            if name:
                self.assertEqual((getattr(errno, name), os.strerror(getattr(errno, name))), (int(number), words))


class Site(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not SITE.is_dir():
            if os.environ.get("CI"):
                raise AssertionError("build/site is missing: run docs/build first")
            raise unittest.SkipTest("build/site is missing: docs/build makes it")
        cls.pages = {file.name: Links(file) for file in sorted(SITE.glob("*.html"))}

    def test_every_link_leads_somewhere(self):
        dead = defaultdict(list)
        for page, links in self.pages.items():
            for link in links.links:
                target = urlsplit(link)
                if target.scheme or link.startswith(("//", "#top")) or link == "#":
                    continue
                file, anchor = unquote(target.path) or page, unquote(target.fragment)
                if not (SITE / file).exists():
                    dead[link].append(page)
                elif anchor and file in self.pages and anchor not in self.pages[file].anchors:
                    dead[link].append(page)
        self.assertEqual({link: pages[:3] for link, pages in dead.items()}, {})

    def test_nothing_is_fetched_from_elsewhere(self):
        for page in sorted(SITE.glob("*.html")):
            found = re.findall(r'<(?:script|img|iframe)[^>]+src="(?:https?:)?//[^"]*"|<link[^>]+href="(?:https?:)?//[^"]*"',
                               page.read_text(encoding="utf-8"))
            self.assertEqual(found, [], page.name)

    def test_every_anchor_is_the_only_one_of_its_name(self):
        for page in ["index.html", "glossary.html", "ledger.html", "measuring.html"]:
            found = re.findall(r'\sid="([^"]+)"', (SITE / page).read_text(encoding="utf-8"))
            self.assertEqual(sorted({anchor for anchor in found if found.count(anchor) > 1}), [], page)


if __name__ == "__main__":
    sys.exit(unittest.main())
