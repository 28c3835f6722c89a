"""docs/make/filter.py: what becomes of a page's text before Doxygen reads it."""

import contextlib
import io
import json
import re
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "docs" / "make"), str(ROOT / "common" / "exercises")]

import catalogue
import filter as page_filter
from answers import Answers
from parts import exercise, figure, rows
from parts.constructs import Constructs, UnknownConstruct
from parts.measured import Measured
from parts.terms import Glossary

RESULTS = {
    "context": {"cpu": "A processor"},
    "benchmarks": [
        {"name": "round_trip/asio", "median_us": 20}, {"name": "round_trip/asio", "median_us": 30},
        {"name": "round_trip/asio", "median_us": 24}, {"name": "round_trip/posix", "median_us": 12},
        {"name": "stream", "bytes": 1234567},
        *({"name": f"pair/{name}", "repetition_index": index, "us": us}
          for name, all_us in (("a", (4, 6, 8)), ("b", (1, 4, 2)), ("nine", range(1, 10)), ("ones", [1] * 9)) for index, us in enumerate(all_us))],
    "claims": [{"id": "one", "claim": "One", "headline": "6 %", "figure": "6 % of receives", "verdict": "holds in part"}],
}
GLOSSARY = """# Glossary {#glossary}

### Segment {#term-segment}

What TCP puts into one packet, e.g. "data". More.

### Reset (RST), abort {#term-reset}

Ends a [[segment|connection]] at once.
"""

CONSTRUCTS = """# construct | pattern
lambda | \\[&\\]
move | std::move
"""
EXPLAINED = """### Lambda {#cpp-lambda}

A function without a name. More.

### Move {#cpp-move}

Gives away.

{{met move}}
"""
SOURCE = """//! [one]
f([&] {});
//! [one]
//! [two]
g([&] {}, std::move(x));
//! [two]
"""


class Filter(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        for chapter in ("01-echo", "02-other"):
            (self.root / "chapters" / chapter / "experiment" / "results").mkdir(parents=True)
        (self.root / "chapters/01-echo/experiment/results/reference.json").write_text(json.dumps(RESULTS))

    def with_constructs(self):
        (self.root / "docs" / "lists").mkdir(parents=True)
        (self.root / "docs/lists/cpp.txt").write_text(CONSTRUCTS)
        (self.root / "docs/cpp-you-will-meet.md").write_text(EXPLAINED)
        (self.root / "chapters/01-echo/a.cpp").write_text(SOURCE)
        return Constructs(self.root)

    def page(self, text, chapter="01-echo"):
        file = self.root / "chapters" / chapter / "lesson.md"
        file.write_text(text)
        return page_filter.Page(file, Measured(self.root), Glossary(GLOSSARY))

    def filtered(self, text, chapter="01-echo"):
        page = self.page(text, chapter)
        result = page.prepared()
        self.assertEqual(page.errors, [])
        self.assertEqual(result.count("\n"), text.count("\n"), "the lines keep their numbers")
        return result

    def error(self, text):
        page = self.page(text)
        page.prepared()
        self.assertEqual(len(page.errors), 1, page.errors)
        return page.errors[0]

    def test_a_figure_is_the_median_over_the_repetitions(self):
        self.assertEqual(self.filtered("{{round_trip/asio median_us .1f}} µs"), "24.0\u00a0µs")

    def test_a_ratio_is_that_of_two_medians(self):
        self.assertEqual(self.filtered("{{round_trip/asio median_us / round_trip/posix median_us .2f}}"), "2.00")

    def test_a_paired_ratio_is_the_median_of_the_ratios_run_by_run(self):
        self.assertEqual(self.filtered("{{paired pair/a pair/b us .2f}}"), "4.00")  # of 4, 1.5 and 4; the medians' is 3
        self.assertRegex(self.error("{{paired pair/a stream us .2f}}"), "no counter")

    def test_an_interval_is_wider_where_the_base_is_the_best_of_several(self):
        self.assertEqual(self.filtered("{{low pair/nine pair/ones us .0f}} to {{high pair/nine pair/ones us *10 .0f}}"), "2 to 80")
        self.assertEqual(self.filtered("{{low pair/nine pair/ones us best-of-6 .0f}} to {{high pair/nine pair/ones us best-of-6 .0f}}"), "1 to 9")

    def test_a_figure_may_be_scaled(self):
        self.assertEqual(self.filtered("{{stream bytes *0.001 ,.0f}}"), "1,235")

    def test_a_figure_may_come_from_another_chapter(self):
        self.assertEqual(self.filtered("{{echo:round_trip/asio median_us .0f}}", "02-other"), "24")

    def test_a_claim_a_headline_a_verdict_and_the_machine(self):
        self.assertEqual(self.filtered("{{claim one}}, {{headline one}}, {{verdict one}}, {{context cpu}}, {{echo:claim one}}, {{echo:headline one}}"),
                         "6\u00a0% of receives, 6\u00a0%, holds in part, A processor, 6\u00a0% of receives, 6\u00a0%")

    def test_an_unknown_figure_is_named_with_its_file_and_line(self):
        self.assertRegex(self.error("\n\n{{round_trip/rust median_us .1f}}"), r"lesson\.md:3: .*no benchmark")
        self.assertRegex(self.error("{{round_trip/asio p99_us .1f}}"), "has no counter")
        self.assertRegex(self.error("{{round_trip/asio median_us .1q}}"), "format")
        self.assertRegex(self.error("{{round_trip/asio median_us}}"), "expected")
        self.assertRegex(self.error("{{claim two}}"), "no claim")
        self.assertRegex(self.error("{{headline two}}"), "no claim")
        self.assertRegex(self.error("{{nowhere:claim one}}"), "no chapter")
        self.assertRegex(self.error("{{other:claim one}}"), "has no results")

    def test_a_term_becomes_a_link_with_its_definition(self):
        self.assertEqual(self.filtered("a [[segment]]"), 'a <a class="term" href="glossary.html#term-segment" '
                         'title="What TCP puts into one packet, e.g. &quot;data&quot;.">segment</a>')

    def test_a_term_may_be_shown_as_another_word_or_in_the_plural(self):
        self.assertIn(">Segments</a>", self.filtered("[[segment|Segments]]"))
        self.assertIn("#term-segment", self.filtered("[[segments]]"))

    def test_a_term_has_all_the_names_of_its_heading(self):
        for name in ("reset", "RST", "abort"):
            self.assertIn("#term-reset", self.filtered(f"[[{name}]]"))

    def test_a_definition_in_a_title_holds_no_markup(self):
        self.assertIn('title="Ends a connection at once."', self.filtered("[[RST]]"))

    def test_the_first_use_of_a_term_becomes_a_link_by_itself(self):
        linked = self.filtered("A segment, then a segment. Segments.")
        self.assertEqual((linked.count("<a "), linked.index("A <a ")), (1, 0))
        self.assertIn(">Segments</a> are", self.filtered("Segments are"))
        self.assertEqual(self.filtered("a [[segment]], a segment").count("<a "), 1)
        self.assertEqual(self.filtered("a segment, a [[segment]]").count("<a "), 2)

    def test_it_does_so_in_prose_alone_and_not_for_words_of_every_day(self):
        for text in ("## A segment", "`segment`", "| segment |", "[a segment](x.html)", "*segment*", "segment.hpp",
                     "segment-wise", "to abort", "a reset"):
            self.assertEqual(self.filtered(text), text)

    def test_an_unknown_term_is_named_with_its_file_and_line(self):
        self.assertRegex(self.error("x\n[[segmant]]"), r"lesson\.md:2: .*no entry")

    def test_a_line_that_would_begin_a_list_is_refused(self):
        self.assertRegex(self.error("It took\n{{round_trip/asio median_us .0f}}. The other"), r"lesson\.md:2: .*begin a list")
        self.assertRegex(self.error("> It took\n> {{round_trip/asio median_us .0f}}. The other"), r"lesson\.md:2: ")
        for text in ("{{claim one}}. The verdict", "It took {{stream bytes .0f}}. The other", "{{stream bytes .0f}} B. The",
                     "`x` {{stream bytes .0f}}. The", "{{stream bytes .0f}}.\nThe other"):
            self.filtered(text)

    def test_a_quote_in_a_span_of_single_backticks_is_refused(self):
        self.assertRegex(self.error("x\n`ss 'sport = :1'` y"), r"lesson\.md:2: `ss 'sport = :1'`: .*double backticks")
        for text in ("``ss 'sport = :1'``", "the peer's `ss` and the server's `tc`", "```\n`a'b`\n```"):
            self.assertEqual(self.filtered(text), text)

    def test_under_a_listing_stands_the_cpp_that_its_page_has_not_met(self):
        page = self.page("@snippet chapters/01-echo/a.cpp one\n\n@snippet chapters/01-echo/a.cpp two\n\n@snippet chapters/01-echo/a.cpp one\n\n")
        page.constructs = self.with_constructs()
        first, second, third = page.prepared().split("@snippet")[1:]
        self.assertIn('a.cpp</p><p class="meets">C++ in it: <a class="term" href="cpp-you-will-meet.html#cpp-lambda" '
                      'title="A function without a name.">lambda</a></p>', first)
        self.assertIn('C++ in it: <a class="term" href="cpp-you-will-meet.html#cpp-move" title="Gives away.">move</a></p>', second)
        self.assertNotIn("meets", third)

    def test_a_construct_has_the_line_where_a_lesson_meets_it_first(self):
        self.page("# Echo {#echo}\n\n## Part {#part}\n\n@snippet chapters/01-echo/a.cpp one\n\n@snippet chapters/01-echo/a.cpp two\n")
        constructs = self.with_constructs()
        self.assertEqual(constructs.first("move"), '@htmlonly[block]<p class="met">Met first in <a href="echo.html#part">chapter 1, Part</a>, '
                         '<a data-file="chapters/01-echo/a.cpp" data-line="5">a.cpp</a>: <code>g([&amp;] {}, std::move(x));</code></p>@endhtmlonly')
        page = page_filter.Page(self.root / "docs/cpp-you-will-meet.md", Measured(self.root), Glossary(GLOSSARY), constructs)
        self.assertIn("Met first in", page.prepared())
        with self.assertRaises(UnknownConstruct):
            constructs.first("goto")

    def test_each_construct_is_told_from_what_looks_like_it(self):
        known = Constructs(ROOT)
        for name, code in {"lambda": "f([this] {", "lambda ": "[self = shared_from_this()](error_code", "lambda  ": "[=](bool smoke)",
                           "structured binding": "auto& [a, b]", "variable in a condition": "while (const std::size_t size =\n",
                           "designated initializer": "{.end = begin", "literal": "1'000", "leading colons": "= ::recv(socket",
                           "cast": "static_cast<int>(x)"}.items():
            self.assertIn(name.strip(), known.used(code))
        for name, code in {"lambda": "sizes[i](x)", "lambda ": "operator[](std::size_t", "structured binding": "auto a = b[i]",
                           "variable in a condition": "while (a == b)", "designated initializer": "x.end = 3", "literal": "100",
                           "leading colons": "std::min(a)", "auto": "auto& [a, b]"}.items():
            self.assertNotIn(name.strip(), known.used(code))

    def test_a_man_page_becomes_a_link(self):
        self.assertEqual(self.filtered("see accept(2)."), 'see <a href="https://man7.org/linux/man-pages/man2/'
                         'accept.2.html">accept(2)</a>.')

    def test_an_rfc_becomes_a_link_to_its_section(self):
        self.assertIn('rfc9293.html#section-3.6">RFC 9293 section 3.6</a>.', self.filtered("RFC 9293 section 3.6."))
        self.assertIn('rfc896.html">RFC 896</a>,', self.filtered("RFC 896, which"))
        self.assertIn('rfc9293.html">RFC\n9293</a>', self.filtered("RFC\n9293"))

    def test_what_is_no_prose_stays(self):
        for text in ("`{{x}} [[y]] accept(2)`", "``a ` accept(2)``", "```\n{{x}} accept(2)\n```",
                     "@verbatim\n[[y]] RFC 1\n@endverbatim", '<a title="accept(2) {{x}}">', "<!-- [[y]] -->",
                     "@verbinclude accept(2)"):
            self.assertEqual(self.filtered(text), text)

    def test_two_colons_in_front_of_a_name_are_not_left_to_doxygen(self):
        self.assertEqual(self.filtered("`::send` and ::ffff:127.0.0.1"), r"<code>\::send</code> and \::ffff:127.0.0.1")
        for text in ("`asio::write`", "std::move", "127.0.0.1 or ::1", "@verbatim\n::send\n@endverbatim"):
            self.assertEqual(self.filtered(text), text)

    def test_no_link_is_made_in_a_link_or_a_heading(self):
        for text in ("## About accept(2)", "[accept(2)](page.html)", '<a href="x">RFC 896</a>', '@ref x "accept(2)"'):
            self.assertEqual(self.filtered(text), text)

    def test_a_listing_is_followed_by_its_file(self):
        self.assertIn('@snippet a/b.cpp part\n@htmlonly[block]<p class="source-of" data-file="a/b.cpp">',
                      self.filtered("@snippet a/b.cpp part\n\nText"))

    def test_data_of_a_figure_are_the_references_and_once_there_are_any_the_readers(self):
        folder = self.root / "chapters" / "01-echo"
        here = folder / "experiment"
        meta = {"data": "results/ladder.json", "yours": "results/yours-ladder.json"}
        (here / meta["data"]).write_text('[{"n": 1}]')
        self.assertEqual(rows.rows(folder, meta), [{"n": 1, "source": "reference"}])
        (here / meta["yours"]).write_text('[{"n": 2}]')
        self.assertEqual(rows.rows(folder, meta), [{"n": 1, "source": "reference"}, {"n": 2, "source": "yours"}])

    def test_a_table_of_medians_tells_of_how_many_runs_they_are(self):
        data = [{"name": "a", "label": "A", "source": "reference", "s": value} for value in (1, 2, 9)]
        self.assertEqual(list(rows.medians(data, ["s", "runs"])), [{"name": "A", "label": "A", "source": "reference", "s": 2, "runs": 3}])

    def test_results_of_the_readers_own_that_are_none_are_set_aside_in_one_line(self):
        folder = self.root / "chapters" / "01-echo"
        file = folder / "experiment/results/yours.json"
        whole = json.dumps({"complete": True, "context": {}, "benchmarks": [{"name": "a"}], "claims": []})
        for text in ("{}", "", "[]", "null", whole[:-9], whole.replace('"a"', "1"), whole.replace('"claims": []', '"claims": [{"id": "x"}]')):
            file.write_text(text)
            said = io.StringIO()
            with contextlib.redirect_stderr(said):
                self.assertEqual(list(rows.results(folder)), ["reference"], text)
            self.assertEqual(said.getvalue(), f"docs: {file} is not a results file: set aside as yours.json.bad\n")
            self.assertFalse(file.exists())
        file.write_text(whole)
        self.assertEqual(list(rows.results(folder)), ["reference", "yours"])

    def test_ladders_of_the_readers_own_that_are_none_are_set_aside(self):
        folder = self.root / "chapters" / "01-echo"
        file = folder / "experiment/results/yours-ladder.json"
        for text in ("{}", "", "[1]"):
            file.write_text(text)
            with contextlib.redirect_stderr(io.StringIO()):
                self.assertEqual(rows.rows(folder, {"data": "results/none.json", "yours": "results/yours-ladder.json"}), [])
            self.assertTrue(file.with_name("yours-ladder.json.bad").exists())

    def test_a_term_in_a_quotation_is_not_linked_by_itself(self):
        self.assertEqual(Glossary(GLOSSARY).with_first_uses('"a segment is whole", and a segment'), '"a segment is whole", and a [[segment]]')

    def test_an_exercise_that_the_reader_has_solved_says_so(self):
        answers, exercises = Answers(self.root / "answers"), catalogue.of_chapter(ROOT / "chapters" / "01-blocking-echo")
        self.assertNotIn("\u2713 solved", exercise.page(exercises, Glossary(), answers))
        answers.note(exercises[1], solved=True)
        first, second, *rest = exercise.page(exercises, Glossary(), answers).split("</section>")
        self.assertIn("\u2713 solved", second)
        self.assertNotIn("\u2713 solved", first + "".join(rest))


class Tables(unittest.TestCase):
    def shown(self, benchmarks, **meta):
        """The rows' names and values of a figure's table."""
        names = meta.get("names", {})
        data = [{**row, "source": "reference", "label": names.get(row["name"], row["name"])} for row in benchmarks]
        columns = [{"field": "name", "title": "Case"}, {"field": "us", "title": "us", "format": ".0f"}]
        table = figure.table({"table": columns, **meta}, data)
        return re.findall(r'<th scope="row">(.*?)</th><td class="number">(.*?)</td>', table)

    def test_cases_of_one_label_are_rows_of_their_own(self):
        rows_of_two = [{"name": "far/1ms", "us": 1}, {"name": "far/9ms", "us": 9}]
        self.assertEqual(self.shown(rows_of_two, names={"far/1ms": "far", "far/9ms": "far"}), [("far", "1"), ("far", "9")])

    def test_rows_without_an_order_of_their_own_are_sorted_by_their_numbers(self):
        as_they_ran = [{"name": name, "us": 1} for name in ("link/100mbit", "link/8mbit", "link/20mbit")]
        self.assertEqual([name for name, _ in self.shown(as_they_ran)], ["link/8mbit", "link/20mbit", "link/100mbit"])

    def test_a_number_with_a_suffix_counts_as_many_as_it_says(self):
        as_they_ran = [{"name": name, "us": 1} for name in ("size/1M", "size/auto", "size/2K", "size/64", "size/16K")]
        self.assertEqual([name for name, _ in self.shown(as_they_ran)], ["size/64", "size/2K", "size/16K", "size/1M", "size/auto"])

    def test_a_row_that_has_no_value_is_left_out(self):
        self.assertEqual(self.shown([{"name": "a", "us": 1}, {"name": "b"}]), [("a", "1")])


if __name__ == "__main__":
    unittest.main()
