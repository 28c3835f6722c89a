"""The house is in order: rooms, include lines, layers, and what programs link (CONTRIBUTING.md)."""

import os
import unittest

import includes
import links
import rooms
import tree

COURSE = tree.tracked()


class Structure(unittest.TestCase):
    def nothing(self, findings):
        found = list(findings)
        self.assertFalse(found, "\n" + "\n".join(found))

    def test_everything_lies_in_its_room(self):
        self.nothing(rooms.findings(COURSE))

    def test_each_include_says_where_its_file_lies_and_leads_where_it_may(self):
        self.nothing(includes.findings(COURSE))

    def test_no_program_links_what_only_measures(self):
        build = os.environ.get("COURSE_BUILD", tree.ROOT / "build/release")
        self.nothing(links.findings(COURSE, lambda file: links.link_command(build, file)))


if __name__ == "__main__":
    unittest.main()
