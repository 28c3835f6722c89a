"""The check that each file compiles by itself: it finds what only a precompiled header or another file brings."""

import contextlib
import io
import tempfile
import unittest
from pathlib import Path

import alone
import commands
from tree import Tree

ROOM = "chapters/01-blocking-echo/socket"
FLAGS = ("c++", "-std=c++20", "-Wall", "-Wextra")


class Alone(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def run_on(self, **files):
        """What the check prints for files of one folder, and its summary."""
        for name, text in files.items():
            path = self.root / ROOM / name.replace("_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        paths = [f"{ROOM}/{name.replace('_', '.')}" for name in files]
        course = Tree(paths, lambda path: (self.root / path).read_text())
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            alone.Check(course, self.root, self.root, lambda path: FLAGS).run()
        return out.getvalue(), err.getvalue()

    def test_a_header_that_another_must_precede_is_found(self):
        said, _ = self.run_on(part_hpp="#include <vector>\n", user_hpp="inline std::vector<int> numbers;\n",
                              whole_cpp='#include "part.hpp"\n#include "user.hpp"\n')
        self.assertRegex(said, rf"\A{ROOM}/user.hpp: does not compile by itself, .*user.hpp:1:\d+: error: .*\n\Z")

    def test_a_precompiled_header_brings_a_file_only_what_it_includes(self):
        sources = {f"number{number}_cpp": '#include <fmt/format.h>\nstd::string one() { return fmt::format("1"); }\n'
                   for number in range(7)}
        said, summary = self.run_on(**sources, without_cpp='auto one() { return fmt::format("1"); }\n')
        self.assertIn(f"{ROOM}/without.cpp: ", said)
        self.assertEqual(said.count("\n"), 1, said)
        self.assertIn("8 runs of the compiler, 1 findings", summary)

    def test_a_header_that_its_source_includes_first_is_proved_with_it(self):
        said, summary = self.run_on(one_hpp="#include <string>\ninline std::string one;\n",
                                    one_cpp='#include "one.hpp"\n', broken_hpp="inline std::string two;\n",
                                    broken_cpp='#include <string>\n#include "broken.hpp"\n')
        self.assertIn(f"{ROOM}/broken.hpp: ", said)
        self.assertIn("4 headers and sources, 3 runs", summary)

    def test_a_warning_is_a_finding(self):
        said, _ = self.run_on(warned_cpp="int one(int unused) { return 1; }\n")
        self.assertIn("warning: ", said)

    def test_what_passed_is_compiled_again_when_a_file_that_it_includes_changed(self):
        source, sound = '#include "one.hpp"\nint two() { return one; }\n', "inline int one = 1;\n"
        self.assertIn(" 1 runs of the compiler, 0 findings", self.run_on(one_hpp=sound, one_cpp=source)[1])
        self.assertIn(" 0 runs of the compiler, 0 findings", self.run_on(one_hpp=sound, one_cpp=source)[1])
        self.assertIn(" 1 runs of the compiler, 1 findings", self.run_on(one_hpp="", one_cpp=source)[1])


class Flags(unittest.TestCase):
    def test_of_a_command_the_build_s_precompiled_header_is_left_out(self):
        self.assertEqual(commands.plain("/usr/bin/c++ -DX=1 -I/a -Wall -Winvalid-pch -include /b/cmake_pch.hxx -o a.o -c a.cpp"),
                         ("/usr/bin/c++", "-DX=1", "-I/a", "-Wall"))


if __name__ == "__main__":
    unittest.main()
