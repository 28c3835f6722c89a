"""What holds for the pages: no code of their own, nothing shown twice under a wrong name, no dead link.

    python3 tests/site/test_pages.py [-v]        reads build/site where it stands; COURSE_ROOT names another checkout
"""

import errno
import json
import os
import re
import shutil
import subprocess
import sys
import unittest
from collections import defaultdict
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(os.environ.get("COURSE_ROOT", Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(ROOT / "docs" / "make"))

from parts import codes, constructs, faults, places, prose, techniques, terms

SITE = ROOT / "build" / "site"
LESSONS = sorted(ROOT.glob("chapters/*/lesson.md"))
CHAPTERS = {lesson.parent: [page.file for page in places.pages_of(lesson.parent)] for lesson in LESSONS}
OF_CHAPTERS = [file for files in CHAPTERS.values() for file in files]
PAGES = OF_CHAPTERS + sorted((ROOT / "docs").glob("*.md"))
SOURCES = [file for kind in ("*.cpp", "*.hpp", "*.py") for file in sorted((ROOT / "chapters").rglob(kind))]
CODE = [file for file in SOURCES if file.suffix != ".py" and not {"tests", "practice"} & set(file.parts)]
WRITTEN = {".md", ".txt", ".in", ".cpp", ".hpp", ".py", ".mjs", ".js", ".css", ".html", ".cmake"}
TEXT_PAGES = [page.address for folder in CHAPTERS for page in places.pages_of(folder)] + [
    f"{page}.html" for page in ("index", "netlab", "measuring", "cpp-you-will-meet", "ledger", "techniques", "faults", "errors", "glossary")]
BANNED = re.compile(r"\b(simply|just|obviously|of course|basically|we|important to note)\b", re.IGNORECASE)
LITERAL = re.compile(r"@verbatim.*?@endverbatim|@htmlonly.*?@endhtmlonly|`[^`\n]+`|<[^>]+>", re.DOTALL)
SNIPPET = re.compile(r"^[ ]*[@\\]snippet(?:\{[^}]*\})?[ ]+(\S+)[ ]+(\S+)[ ]*$", re.MULTILINE)
MARKER = re.compile(r"^[ ]*(?://!|##?!?)[ ]*\[(\w+)\][ ]*$", re.MULTILINE)
INCLUDED = re.compile(r"[@\\]htmlinclude\[block\][ ]+(\S+)")


def name(file):
    return str(file.relative_to(ROOT))


def included(files):
    return [piece for file in files for piece in INCLUDED.findall(file.read_text(encoding="utf-8"))]


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


class Chapters(unittest.TestCase):
    def test_every_page_of_a_chapter_is_listed_and_named_after_it(self):
        for folder, files in CHAPTERS.items():
            self.assertEqual(sorted(files), sorted(folder.glob("*.md")), "docs/lists/pages.txt lists a chapter's further pages")
            chapter = places.name_of(folder)
            self.assertEqual([page.name for page in places.pages_of(folder)],
                             [chapter if file.stem == "lesson" else f"{chapter}-{file.stem}" for file in files])
            self.assertEqual(files[0].stem, "lesson")


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


    def test_every_drawing_fits_a_page(self):  # as CONTRIBUTING.md says; what is wider is cut off at its edge
        for file in PAGES:
            text = file.read_text(encoding="utf-8")
            for drawing in re.findall(r"@verbatim\n(.*?)@endverbatim", text, re.DOTALL):
                self.assertEqual([line for line in drawing.splitlines() if len(line) > 72], [], name(file))

    def test_the_spelling_is_right(self):
        """Of all text, code and its comments included; docs/lists/spelling.txt holds what only looks wrong."""
        if not shutil.which("codespell"):
            if os.environ.get("CI") or os.environ.get("COURSE_CI"):
                raise AssertionError("codespell is missing: ./course setup installs it")
            self.skipTest("codespell is missing: the package of this name has it")
        files = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "course", ROOT / "CMakeLists.txt"]
        for folder in ("chapters", "common", "docs", "tests"):
            files += [file for file in sorted((ROOT / folder).rglob("*")) if file.suffix in WRITTEN and "results" not in file.parts]
        done = subprocess.run(["codespell", "--builtin", "clear,rare", "--ignore-words", ROOT / "docs" / "lists" / "spelling.txt", *files],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, ""))


class Snippets(unittest.TestCase):
    def setUp(self):
        self.shown = {(path, marker): name(page) for page in PAGES
                      for path, marker in SNIPPET.findall(page.read_text(encoding="utf-8"))}
        self.marked = {(name(file), marker): MARKER.findall(file.read_text(encoding="utf-8")).count(marker)
                       for file in [*SOURCES, *sorted((ROOT / "common" / "measure").glob("*.cpp"))]
                       for marker in MARKER.findall(file.read_text(encoding="utf-8"))}

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
        for spec in sorted(ROOT.glob("chapters/*/experiment/figures/*.vl.json")):
            chapter = re.sub(r"^\d+-", "", spec.parents[2].name)
            if not (spec.parents[2] / "lesson.md").exists():
                continue
            self.assertIn(f"{chapter}-{spec.name.removesuffix('.vl.json')}.html", shown, "drawn, and on no page")

    def test_every_claim_leads_to_its_experiment(self):
        leads = json.loads((ROOT / "docs" / "lists" / "claims.json").read_text(encoding="utf-8"))
        for file in ROOT.glob("*/*/experiment/results/reference.json"):
            results = json.loads(file.read_text(encoding="utf-8"))
            led = leads.get(results["chapter"], {})
            self.assertEqual([claim["id"] for claim in results["claims"] if claim["id"] not in led], [])
            code = "".join(source.read_text(encoding="utf-8") for source in file.parents[1].glob("*.cpp"))
            self.assertEqual([one for one in led if f'"{one}"' not in code], [], "no experiment decides it")

    def test_every_claim_of_the_reference_has_a_headline_of_at_most_40_characters(self):
        for file in ROOT.glob("*/*/experiment/results/reference.json"):
            for claim in json.loads(file.read_text(encoding="utf-8"))["claims"]:
                self.assertRegex(claim["headline"], r"^.{1,40}$(?<!\.\.)", claim["id"])

    def test_every_chapter_shows_its_claims(self):
        for folder, files in CHAPTERS.items():
            self.assertEqual(included(files).count(f"{places.name_of(folder)}-ledger.html"), 1, folder.name)


class Exercises(unittest.TestCase):
    def test_every_chapter_shows_its_exercises(self):
        for folder, files in CHAPTERS.items():
            if list((folder / "practice" / "exercises").glob("*.md")):
                self.assertEqual(included(files).count(f"{places.name_of(folder)}-exercises.html"), 1, folder.name)


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


    def test_every_error_that_the_sources_name_is_in_it(self):
        known = self.text + (ROOT / "docs" / "lists" / "error-codes.txt").read_text(encoding="utf-8")
        known += " too_many_files_open too_many_files_open_in_system no_buffer_space not_enough_memory"  # EMFILE, ENFILE, ENOBUFS, ENOMEM
        known += " bad_file_descriptor not_a_socket operation_not_supported"  # EBADF, ENOTSOCK, EOPNOTSUPP: a listener that is broken, which no test can bring about
        known += " EHOSTUNREACH ENETDOWN EPROTO"  # of an accept, which goes on: a reader meets them in a log at most
        known += " ENOSYS EEXIST EWOULDBLOCK"  # met inside the file server, and never told
        for file in [*CODE, *ROOT.glob("chapters/*/python/*.py"), *OF_CHAPTERS, *ROOT.glob("chapters/*/practice/questions.md")]:
            text = file.read_text(encoding="utf-8")
            named = set(re.findall(r"(?:asio::error|std::errc)::(\w+)\b(?!\()", text))
            named |= {word for word in re.findall(r"\bE[A-Z0-9]{2,}\b", text) if hasattr(errno, word)}
            self.assertEqual([word for word in sorted(named) if not re.search(rf"\b{word}\b", known)], [], name(file))

    def test_every_code_of_the_courses_own_is_in_it(self):
        self.assertGreater(len(list(codes.checked(ROOT))), 20)


class Readme(unittest.TestCase):
    def test_its_numbers_and_figures_are_those_of_the_results(self):
        done = subprocess.run([sys.executable, "-B", ROOT / "docs" / "make" / "readme.py", "--check"], stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_every_link_of_it_leads_to_a_file(self):
        text = (ROOT / "README.md").read_text(encoding="utf-8")
        for link in re.findall(r'\]\(([^)#]+)|(?:src|srcset)="([^"]+)"', text):
            self.assertTrue((ROOT / (link[0] or link[1])).exists(), link)


class References(unittest.TestCase):
    """The pages that lead from one thing to another."""

    def test_every_fault_has_a_test_or_a_reason(self):
        listed = {identity for _, identity, *_ in faults.classes(ROOT)}
        self.assertEqual(listed, {f"F{number:02}" for number in range(1, 53) if number != 4})
        self.assertEqual(sorted(set(faults.tests()) - listed), [], "a test names a fault that is not in the table")
        self.assertEqual([one for one in sorted(listed) if "no test" in faults.held_by(one)], [])

    def test_every_technique_of_the_readme_is_in_the_index(self):
        text = (ROOT / "README.md").read_text(encoding="utf-8").split("## Technique to file", 1)[1]
        indexed = {(technique, file) for _, technique, file, *_ in techniques.entries(ROOT)}
        rows = re.findall(r"^\| ([^|]+) \| \[[^]]+\]\(([^)]+)\) \|$", text, re.MULTILINE)
        self.assertGreater(len(rows), 10)
        self.assertEqual([row for row in rows if row not in indexed], [])

    def test_every_construct_that_is_looked_for_is_explained_with_its_python_and_its_line(self):
        text = (ROOT / "docs" / "cpp-you-will-meet.md").read_text(encoding="utf-8")
        entries = re.findall(r"^### .+? \{#(cpp-[\w-]+)\}\n(.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL)
        known = constructs.Constructs(ROOT)
        self.assertEqual(sorted(anchor for anchor, _ in entries), sorted(map(constructs.anchor_of, known.patterns)))
        for name in known.patterns:
            entry = dict(entries)[constructs.anchor_of(name)]
            self.assertIn("*In Python*", entry)
            self.assertIn(f"{{{{met {name}}}}}", entry)
            self.assertIn("Met first in", known.first(name))

    def test_a_term_is_linked_where_a_page_first_uses_it(self):
        glossary = terms.Glossary((ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"))
        for file in OF_CHAPTERS:
            text = glossary.with_first_uses(file.read_text(encoding="utf-8"))
            self.assertEqual([text[start:end] for start, end in glossary.first_uses(text)], [], name(file))
            if file in LESSONS:
                self.assertGreater(len(terms.TERM.findall(prose.LITERAL.sub("", text))), 15, name(file))


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

    def test_the_pages_of_the_chapters_lead_from_one_to_the_next(self):
        pages = [page.address for page in places.pages(ROOT)]
        for before, after in zip(pages, pages[1:]):
            for page, rel, other in ((before, "next", after), (after, "prev", before)):
                self.assertIn(f'<a rel="{rel}" href="{other}">', (SITE / page).read_text(encoding="utf-8"), page)

    def test_every_man_page_and_rfc_that_a_page_names_is_a_link(self):
        for file in [SITE / page for page in TEXT_PAGES]:
            text = file.read_text(encoding="utf-8").split("<!--header-->", 1)[-1].split("<!-- contents -->", 1)[0]
            text = re.sub(r"<(a|script|style|svg|pre|code|form|button|h[1-6])\b.*?</\1>|<div class=\"line\">.*?</div>|<[^>]*>", " ", text, flags=re.DOTALL)
            self.assertEqual(re.findall(r"\b[a-z_][\w.+-]*\([1-8]\)|\bRFC\W{1,6}\d+", text), [], file.name)

    def test_no_tag_of_a_link_stands_there_as_text(self):
        for page in TEXT_PAGES:
            self.assertNotIn("&lt;a ", (SITE / page).read_text(encoding="utf-8"), page)

    def test_nothing_is_fetched_from_elsewhere(self):
        for page in sorted(SITE.glob("*.html")):
            found = re.findall(r'<(?:script|img|iframe)[^>]+src="(?:https?:)?//[^"]*"|<link[^>]+href="(?:https?:)?//[^"]*"',
                               page.read_text(encoding="utf-8"))
            self.assertEqual(found, [], page.name)

    def test_every_anchor_is_the_only_one_of_its_name(self):
        for page in TEXT_PAGES:
            found = re.findall(r'\sid="([^"]+)"', (SITE / page).read_text(encoding="utf-8"))
            self.assertEqual(sorted({anchor for anchor in found if found.count(anchor) > 1}), [], page)


if __name__ == "__main__":
    sys.exit(unittest.main())
