"""./course as a reader meets it: help, wrong arguments, the README's commands, the set-up."""

import os
import re
import stat
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def course(*arguments, **environment):
    return subprocess.run([ROOT / "course", *arguments], capture_output=True, text=True, timeout=50,
                          env={**os.environ, **environment}, stdin=subprocess.DEVNULL)


class Course(unittest.TestCase):
    def test_help_names_every_command(self):
        done = course("--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for command in ("run", "test", "docs", "check", "hint", "progress", "netlab", "setup"):
            self.assertRegex(done.stdout, rf"(?m)^  {command}\b")

    def test_a_wrong_argument_is_exit_code_2_and_says_what(self):
        for wrong, word in ((["fly"], "fly"), (["run", "99"], "99"), (["test", "nope"], "nope"),
                            (["run", "--fast"], "--fast"), (["hint", "1.99"], "1.99"), (["hint", "x"], "x")):
            done = course(*wrong)
            self.assertEqual((done.returncode, done.stdout), (2, ""), wrong)
            self.assertIn(word, done.stderr.splitlines()[-1])

    def test_every_command_of_the_readme_exists(self):
        readme = (ROOT / "README.md").read_text()
        used = set(re.findall(r"\./course (\w+)", readme))
        self.assertLessEqual({"run", "test"}, used)
        known = set(re.findall(r"(?m)^  (\w+)", course("help").stdout))
        self.assertLessEqual(used, known)

    def test_every_path_of_the_readme_exists(self):
        readme = (ROOT / "README.md").read_text()
        paths = re.findall(r"\]\((?!https?:|#)([^)#]+)", readme)
        self.assertTrue(paths)
        for path in paths:
            self.assertTrue((ROOT / path).exists(), path)


class SetUp(unittest.TestCase):
    def simulate(self, removes="", lacks="zlib.h:", groups=("build",), has="Candidate: 1.0"):
        """Runs common/setup where something seems to be missing, with an apt-get and an apt-cache of our own."""
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder, "log")
            apt = Path(folder, "apt-get")
            apt.write_text("#!/bin/sh\necho \"$@\" >> " + str(log) + "\n"
                           f"case \"$*\" in *--simulate*) echo '{removes}';; esac\n")
            apt.chmod(apt.stat().st_mode | stat.S_IXUSR)
            cache = Path(folder, "apt-cache")
            cache.write_text(f"#!/bin/sh\necho '  {has}'\n")
            cache.chmod(apt.stat().st_mode)
            script = (ROOT / "common/setup").read_text()
            self.assertIn(lacks, script)
            script = script.replace(lacks, "no-such-header.h:").replace("/var/lib/apt/lists/*_Packages*", str(log) + "*")
            log.touch()
            copy = Path(folder, "setup")
            copy.write_text(script.replace("root=(sudo)", "root=()"))
            done = subprocess.run(["bash", copy, *groups], capture_output=True, text=True, timeout=50,
                                  env={**os.environ, "PATH": folder + ":" + os.environ["PATH"]})
            return done, log.read_text()

    def test_what_is_missing_is_named_simulated_and_installed(self):
        done, log = self.simulate()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("missing: zlib1g-dev", done.stderr)
        self.assertRegex(log, r"--simulate[^\n]*zlib1g-dev\ninstall -y [^\n]*zlib1g-dev")

    def test_nothing_is_installed_where_apt_would_remove_something(self):
        done, log = self.simulate("Remv libboost1.74-dev [1.74]")
        self.assertEqual(done.returncode, 1)
        self.assertIn("apt-get would remove libboost1.74-dev", done.stderr)
        self.assertNotIn("install -y", log)

    def test_what_a_system_has_no_package_of_is_named_and_not_asked_for(self):
        needs = '${CHROMIUM:-chromium}|google-chrome|google-chrome-stable:'
        done, log = self.simulate(lacks=needs, groups=["test"], has="Candidate: (none)")
        self.assertEqual((done.returncode, log), (0, ""), done.stderr)
        self.assertIn("this system has no package chromium; the tests that need it skip", done.stderr)


if __name__ == "__main__":
    unittest.main()
