"""Each rule of the structure, broken once in a small course, is reported once and says what to do."""

import unittest

import includes
import links
import rooms
from tree import Tree

FIRST, SECOND, LAST = "chapters/01-blocking-echo", "chapters/02-buffer-size", "chapters/06-file-transfer"
SOUND = {
    f"{FIRST}/CMakeLists.txt": "course_library(socket/stream.cpp)\n",
    f"{FIRST}/lesson.md": "",
    f"{FIRST}/socket/descriptor.hpp": "#include <unistd.h>\n",
    f"{FIRST}/socket/stream.hpp": "#include <string>\n",
    f"{FIRST}/socket/stream.cpp": '#include "stream.hpp"\n',
    f"{FIRST}/programs/echo.cpp": '#include "socket/stream.hpp"\n',
    f"{FIRST}/practice/exercises/1-lines.hpp": "",
    f"{FIRST}/practice/exercises/1-lines.cpp": '#include "practice/exercises/1-lines.hpp"\n',
    f"{FIRST}/practice/exercises/1-lines_test.cpp": '#include "1-lines.hpp"\n',
    f"{FIRST}/practice/solutions/1-lines.cpp": '#include "practice/exercises/1-lines.hpp"\n',
    f"{FIRST}/tests/support.hpp": "",
    f"{SECOND}/CMakeLists.txt": "course_library(send.cpp)\ncourse_uses(blocking-echo)\n",
    f"{SECOND}/send.hpp": "",
    f"{SECOND}/send.cpp": f'#include "send.hpp"\n\n#include "{FIRST}/socket/stream.hpp"\n',
    f"{SECOND}/programs/packet_ladder.cpp": '#include "send.hpp"\n',
    f"{SECOND}/experiment/experiment.cpp": '#include "send.hpp"\n\n#include "common/measure/ledger.hpp"\n',
    f"{LAST}/CMakeLists.txt": "course_library(disk/store.cpp)\n",
    **{f"{LAST}/{layer}/{layer}.hpp": "" for layer in ("disk", "wire", "line", "server", "client")},
    f"{LAST}/client/get.cpp": '#include "client.hpp"\n#include "disk/disk.hpp"\n#include "line/line.hpp"\n',
    "common/measure/ledger.hpp": "",
    "common/measure/ledger.cpp": '#include "ledger.hpp"\n',
    "common/netlab/library/network.cpp": f'#include "{FIRST}/socket/descriptor.hpp"\n',
    "docs/glossary.md": "",
    "tests/test_course.py": "",
}


def course(**changes):
    """The sound course with files replaced or added."""
    files = {**SOUND, **changes}
    return Tree(files, files.__getitem__)


class Rules(unittest.TestCase):
    def one(self, findings, *words):
        found = list(findings)
        self.assertEqual(len(found), 1, found)
        for word in words:
            self.assertIn(word, found[0])

    def include(self, path, line, *words):
        """One finding where the file's last line is this include."""
        text = SOUND.get(path, "") + line + "\n"
        self.one(includes.findings(course(**{path: text})), f"{path}:{text.count(chr(10))}: ", *words)

    def test_a_sound_course_has_no_finding(self):
        self.assertEqual([*rooms.findings(course()), *includes.findings(course())], [])

    def test_a_folder_shows_at_most_twenty_entries(self):
        for folder in (FIRST, "docs", "tests"):
            full = {f"{folder}/page-{number}.md": "" for number in range(20)}
            self.one(rooms.findings(course(**full)), f"{folder}: ", "at most 20", "make folders by subject")

    def test_more_than_eleven_files_of_code_at_a_chapters_top_go_into_folders(self):
        eleven = {f"{SECOND}/part-{number}.cpp": "" for number in range(9)}
        self.assertEqual(list(rooms.findings(course(**eleven))), [])
        self.one(rooms.findings(course(**eleven, **{f"{SECOND}/one-more.hpp": ""})), f"{SECOND}: 12 files")

    def test_code_outside_the_rooms_is_found(self):
        for inside in ("python/fast.cpp", "practice/lost.hpp", "practice/answers/1.cpp", "socket/deep/x.cpp",
                       "experiment/results/x.hpp", "tests/output/x.cpp"):
            self.one(rooms.findings(course(**{f"{FIRST}/{inside}": ""})), f"{FIRST}/{inside}: ", "move it there")

    def test_netlab_has_its_own_rooms(self):
        for inside in ("link.cpp", "practice/link.cpp", "library/deep/link.hpp"):
            self.one(rooms.findings(course(**{f"common/netlab/{inside}": ""})), f"common/netlab/{inside}: ")

    def test_an_include_leads_to_a_tracked_file(self):
        self.include(f"{FIRST}/socket/stream.cpp", '#include "lost.hpp"', '"lost.hpp"', "git add")
        self.include(f"{SECOND}/send.cpp", '#include "socket/stream.hpp"', "no file that git tracks")
        self.include("common/measure/ledger.cpp", '#  include "measure/ledger.hpp"', "no file that git tracks")

    def test_an_include_has_the_one_form_that_says_where_it_lies(self):
        for path, wrong, right in (
                (f"{FIRST}/socket/stream.cpp", "socket/descriptor.hpp", "descriptor.hpp"),
                (f"{FIRST}/programs/echo.cpp", f"{FIRST}/socket/stream.hpp", "socket/stream.hpp"),
                (f"{FIRST}/programs/echo.cpp", "../socket/stream.hpp", None),
                (f"{SECOND}/programs/packet_ladder.cpp", f"{SECOND}/send.hpp", "send.hpp"),
                (f"{FIRST}/practice/exercises/1-lines.cpp", "1-lines.hpp", "practice/exercises/1-lines.hpp"),
                (f"{FIRST}/practice/exercises/1-lines_test.cpp", "practice/exercises/1-lines.hpp", "1-lines.hpp"),
                ("common/measure/ledger.cpp", "common/measure/ledger.hpp", "ledger.hpp")):
            self.include(path, f'#include "{wrong}"', f'"{wrong}"', f'write "{right}"' if right else "correct the path")

    def test_the_courses_files_are_not_included_in_angles(self):
        for name in ("stream.hpp", "socket/descriptor.hpp", "common/measure/ledger.hpp", "common/lost.hpp"):
            self.include(f"{FIRST}/socket/stream.cpp", f"#include <{name}>", f"<{name}>", 'with ""')

    def test_a_name_that_two_linked_chapters_have_is_ambiguous(self):
        twin = {f"{SECOND}/socket/stream.hpp": ""}
        self.one(includes.findings(course(**twin)), f"{FIRST}/programs/echo.cpp:1: ", SECOND, "rename one file")
        apart = {**twin, f"{SECOND}/CMakeLists.txt": ""}
        self.assertEqual(list(includes.findings(course(**apart))), [])
        through = {f"{LAST}/socket/stream.hpp": "", f"{LAST}/CMakeLists.txt": "course_uses(buffer-size)\n"}
        self.one(includes.findings(course(**through)), f"{FIRST}/programs/echo.cpp:1: ", LAST)

    def test_the_lesson_and_its_programs_include_nothing_from_beside_them(self):
        for path in (f"{FIRST}/socket/stream.cpp", f"{FIRST}/programs/echo.cpp"):
            for name in ("tests/support.hpp", "practice/exercises/1-lines.hpp"):
                self.include(path, f'#include "{name}"', f"nothing from {name.split('/')[0]}/")
        path = f"{SECOND}/experiment/cost.hpp"
        wrong = {path: "", f"{SECOND}/send.cpp": '#include "send.hpp"\n#include "experiment/cost.hpp"\n'}
        self.one(includes.findings(course(**wrong)), f"{SECOND}/send.cpp:2: ", "nothing from experiment/")
        self.include(f"{SECOND}/send.cpp", f'#include "{FIRST}/tests/support.hpp"', "nothing from tests/")

    def test_so_do_common_s_files(self):
        for folder in ("testing", "measure/tests", "netlab/experiment"):
            files = {f"common/{folder}/x.hpp": "", f"{FIRST}/tests/x_test.cpp": f'#include "common/{folder}/x.hpp"\n'}
            self.assertEqual(list(includes.findings(course(**files))), [])
            for path in ("common/measure/facts.cpp", f"{SECOND}/programs/send.cpp"):
                wrong = {**files, path: f'#include "common/{folder}/x.hpp"\n'}
                self.one(includes.findings(course(**wrong)), f"{path}:1: ", f"nothing from {folder.split('/')[-1]}/")

    def test_common_uses_no_chapter_but_the_owner_of_a_descriptor(self):
        self.include("common/measure/ledger.cpp", f'#include "{FIRST}/socket/stream.hpp"', "common/ uses no chapter")

    def test_no_chapter_uses_a_later_one(self):
        self.include(f"{FIRST}/socket/stream.cpp", f'#include "{SECOND}/send.hpp"', "a later chapter")

    def test_a_layer_uses_only_those_below_it(self):
        for user, used in (("disk", "wire"), ("wire", "line"), ("line", "server"), ("server", "client"),
                           ("disk", "client"), ("client", "server")):
            self.include(f"{LAST}/{user}/{user}.hpp", f'#include "{used}/{used}.hpp"', f"not {used}/")

    def test_a_program_links_what_measures_only_if_it_measures(self):
        def linked(**libraries):
            return links.findings(course(), lambda file: libraries.get(file.split("/")[-1], "c++ lib.a"))
        self.assertEqual(list(linked(packet_ladder="c++ x.o libcourse_netlab.a")), [])
        self.one(linked(echo="c++ x.o libcourse_netlab.a"), f"{FIRST}/programs/echo.cpp: links netlab")
        self.one(linked(echo="c++ x.o libbenchmark.so"), "links Google Benchmark")
        self.one(linked(packet_ladder="c++ x.o libbenchmark.so"), "links Google Benchmark")

    def test_a_build_without_programs_proves_nothing(self):
        self.one(links.findings(course(), lambda file: None), "configure it first")


if __name__ == "__main__":
    unittest.main()
