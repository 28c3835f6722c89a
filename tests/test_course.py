"""./course as a reader meets it: help, wrong arguments, the README's commands, the set-up."""

import fcntl
import os
import pty
import re
import select
import shutil
import socket
import stat
import struct
import subprocess
import tempfile
import termios
import time
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
        self.assertLess(max(map(len, done.stdout.splitlines())), 80)

    def test_a_wrong_argument_is_exit_code_2_and_says_what(self):
        for wrong, word in ((["fly"], "fly"), (["run", "99"], "99"), (["test", "nope"], "nope"),
                            (["run", "--fast"], "--fast"), (["test", "--fast"], "--fast"), (["docs", "--fast"], "--fast"),
                            (["docs", "--serve", "99999"], "99999"), (["hint", "1.99"], "1.99"), (["hint", "x"], "x")):
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


# A cmake that builds nothing: it says what ninja would, and lays out experiments that tell what they were asked.
CMAKE = """#!/usr/bin/env python3
import os, pathlib, sys, time
words = sys.argv[1:]
log = open("cmake.log", "a")
def note(text): log.write(text + "\\n"); log.flush()
preset = words[words.index("--preset") + 1]
note(" ".join(words))
if words[0] == "--preset":
    print("-- The CXX compiler identification is unknown")
if "--workflow" in words:
    sys.exit(3 if preset == os.environ.get("FAILS") else 0)
if words[0] == "--build":
    for target in words[words.index("--target") + 1:]:
        print(f"[1/2] Building CXX object chapters/01-one/CMakeFiles/one-lib.dir/frame/{'long_' * 30}{target}.cpp.o", flush=True)
        wait = os.environ.get("WAITS_FOR")
        end = time.monotonic() + 40
        while wait and not os.path.exists(wait) and time.monotonic() < end: time.sleep(0.01)
        if target == os.environ.get("FAILS"):
            sys.exit(print("FAILED: x.o\\nx.cpp:1: error: no") or 1)
        for folder in pathlib.Path("chapters").glob("*-" + target):
            program = pathlib.Path("build/release/bin", folder.name, "experiment")
            program.parent.mkdir(parents=True, exist_ok=True)
            program.write_text('#!/bin/sh\\necho "ledger of ' + target + ' $1"\\necho "measured ' + target + '" >>cmake.log\\n'
                               '[ "${2:-}" != --tally ] || echo 2 0 1 5 >>"$3"\\n')
            program.chmod(0o755)
        print(f"[2/2] Linking CXX executable bin/{target}", flush=True)
"""


class Checkout:
    """A course of two chapters that are built at once, in a path with a space."""

    def __init__(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.root = Path(self.temporary.name, "a check's out")
        (self.root / "common").mkdir(parents=True)
        for name in ("01-one", "02-two"):
            (self.root / "chapters" / name).mkdir(parents=True)
            (self.root / "chapters" / name / "lesson.md").write_text(f"# The title of {name} {{#x}}\n")
        shutil.copy(ROOT / "course", self.root)
        shutil.copy(ROOT / "CMakePresets.json", self.root)
        self.program("common/setup", "#!/bin/sh\n")
        self.program("bin/cmake", CMAKE)

    def program(self, name, text):
        file = self.root / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
        file.chmod(0o755)

    def environment(self, **more):
        mine = {**os.environ, "PATH": f"{self.root / 'bin'}:{os.environ['PATH']}", **more}
        for name in ("COURSE_HOLDS", "COURSE_CI", "COLUMNS"):
            if name not in more:
                mine.pop(name, None)
        return mine

    def run(self, *command, **environment):
        return subprocess.run(command, cwd=self.root, capture_output=True, text=True, timeout=50,
                              env=self.environment(**environment), stdin=subprocess.DEVNULL)

    def course(self, *arguments, **environment):
        return self.run(self.root / "course", *arguments, **environment)

    def on_terminal(self, columns, *arguments, **environment):
        """What a terminal of so many columns gets of standard error, and the exit code."""
        here, there = pty.openpty()
        fcntl.ioctl(there, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        process = subprocess.Popen([self.root / "course", *arguments], cwd=self.root, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=there, env=self.environment(**environment))
        os.close(there)
        said = b""
        try:
            while select.select([here], [], [], 50)[0] and (part := os.read(here, 4096)):
                said += part
        except OSError:  # the other end is closed
            pass
        os.close(here)
        return said.decode(), process.wait(timeout=50)

    @property
    def log(self):
        return (self.root / "cmake.log").read_text()

    def until(self, condition):
        end = time.monotonic() + 40
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError("it did not happen")
            time.sleep(0.01)


class InACheckout(unittest.TestCase):
    def setUp(self):
        self.checkout = Checkout()
        self.addCleanup(self.checkout.temporary.cleanup)


class Run(InACheckout):
    def test_the_tour_shows_each_ledger_before_the_next_chapter_is_built(self):
        done = self.checkout.course("run")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, "ledger of one --tour\nledger of two --tour\n"
                                      "6 claims decided: 4 hold, 0 in part, 2 do not; 10 more: ./course run N\n\n")
        order = [line.split()[-1] if "--build" in line else line for line in self.checkout.log.splitlines()]
        self.assertEqual(order, ["--preset release", "one", "measured one", "two", "measured two"])
        self.assertIn("./course docs --serve", done.stderr.splitlines()[-1])

    def test_the_sum_of_a_tour_counts_that_tour_alone(self):
        self.assertEqual(self.checkout.course("run").stdout, self.checkout.course("run").stdout)

    def test_cmake_says_nothing_unless_it_fails(self):
        self.assertNotIn("-- The CXX", self.checkout.course("run", "1").stderr)

    def test_a_smoke_run_does_not_lead_to_results_that_it_has_not_kept(self):
        done = self.checkout.course("run", "--smoke", "1")
        self.assertEqual((done.returncode, done.stdout), (0, "ledger of one --smoke\n"))
        self.assertNotIn("docs", done.stderr)

    def test_piped_the_steps_are_plain_lines(self):
        done = self.checkout.course("run", "1")
        self.assertNotRegex(done.stderr, r"[\r\x1b]")
        self.assertIn("[2/2] Linking CXX executable bin/one\n", done.stderr)

    def test_on_a_terminal_the_build_is_one_line_that_fits_and_goes(self):
        for columns, asked, most in ((80, {}, 80), (60, {}, 60), (80, {"COLUMNS": "50"}, 50), (60, {"COLUMNS": "200"}, 60)):
            said, code = self.checkout.on_terminal(columns, "run", "1", **asked)
            self.assertEqual(code, 0, said)
            rewritten = [line.split("\r\n")[0] for line in said.split("\r\x1b[K")[1:]]
            self.assertTrue(any(line.startswith("[1/2] chapters/01-one/frame/long_") for line in rewritten), said)
            self.assertLess(max(map(len, rewritten[:-1])), most)
            self.assertEqual(rewritten[-2 if rewritten[-1] else -1].strip(), "", said)

    def test_a_build_that_fails_shows_what_it_said_and_where_it_is_kept(self):
        said, code = self.checkout.on_terminal(80, "run", "1", FAILS="one")
        self.assertEqual(code, 1)
        self.assertIn("x.cpp:1: error: no", said)
        self.assertIn("error: no", (self.checkout.root / "build/release/course.log").read_text())
        self.assertIn("build/release/course.log", said.splitlines()[-1])
        done = self.checkout.course("run", "1", FAILS="one")
        self.assertEqual(done.returncode, 1)
        self.assertIn("x.cpp:1: error: no", done.stderr)

    def test_it_starts_through_a_symbolic_link_and_by_another_shell(self):
        link = Path(self.checkout.temporary.name, "link to it")
        link.symlink_to(self.checkout.root / "course")
        for command in ([link], ["sh", "course"], ["bash", "--posix", "course"]):
            done = self.checkout.run(*command, "run", "1")
            self.assertEqual((done.returncode, done.stdout), (0, "ledger of one \n"), done.stderr)

    def test_the_second_of_two_waits_and_says_so(self):
        go = self.checkout.root / "go"
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "cwd": self.checkout.root,
                 "stdin": subprocess.DEVNULL, "env": self.checkout.environment(WAITS_FOR=str(go))}
        for second in ("run", "netlab"):  # which needs the build folder alone
            go.unlink(missing_ok=True)
            first = subprocess.Popen([self.checkout.root / "course", "run", "1"], **pipes)
            while "[1/2]" not in first.stderr.readline():
                self.assertIsNone(first.poll())
            other = subprocess.Popen([self.checkout.root / "course", second], **pipes)
            waits = other.stderr.readline()
            while waits.startswith("+"):
                waits = other.stderr.readline()
            self.assertRegex(waits, "another ./course .*; this one waits for its end")
            go.touch()
            self.assertEqual(first.wait(timeout=50), 0)
            other.communicate(timeout=50)
            first.communicate()
        before, _, after = self.checkout.log.partition("measured one\n")
        self.assertEqual(before.count("--build"), 1)  # the second's builds come after it
        self.assertIn("--build", after)

    def test_what_a_run_starts_does_not_keep_the_lock(self):
        self.checkout.course("run", "1")
        self.checkout.program("build/release/bin/01-one/experiment", "#!/bin/sh\nsleep 60 >&- 2>&- & echo $! >child\n")
        self.checkout.program("bin/cmake", "#!/bin/sh\n")
        self.assertEqual(self.checkout.course("run", "1").returncode, 0)
        done = self.checkout.course("run", "1")
        self.assertNotIn("waits", done.stderr)
        for child in self.checkout.root.glob("child"):
            os.kill(int(child.read_text()), 15)


class Thorough(InACheckout):
    def test_every_preset_runs_and_a_table_says_what_became_of_each(self):
        self.checkout.program("bin/clang++-19", "#!/bin/sh\n")
        done = self.checkout.course("test", "--thorough", FAILS="tsan")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(self.checkout.log.split(), "--workflow --preset dev --workflow --preset release "
                         "--workflow --preset tsan --workflow --preset clang".split())
        head, *table = done.stderr.splitlines()[-5:]
        self.assertRegex(head, "preset +seconds +outcome")
        for row, words in zip(table, (r"dev +\d+ +passed", r"release +\d+ +passed", r"tsan +\d+ +failed, exit code 3",
                                      r"clang +\d+ +passed")):
            self.assertRegex(row, f"^{words}$")

    def test_a_preset_without_its_compiler_is_skipped_by_name(self):
        presets = self.checkout.root / "CMakePresets.json"
        presets.write_text(presets.read_text().replace("clang++-19", "no-such-clang"))
        done = self.checkout.course("test", "--thorough")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stderr.splitlines()[-1], "^clang +- +skipped: there is no no-such-clang$")


class Serve(unittest.TestCase):
    def test_a_taken_port_is_one_line(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = str(taken.getsockname()[1])
            done = course("docs", "--serve", port)
        self.assertEqual((done.returncode, done.stderr), (1, f"docs: 127.0.0.1:{port}: Address already in use\n"))


class Experiment(unittest.TestCase):
    def test_chapter_6_measures_in_a_path_with_a_space_and_a_quote(self):
        built = ROOT / "build/release/bin/06-file-transfer"
        if not (built / "experiment").exists() or not Path("/dev/net/tun").exists():
            self.skipTest("it needs build/release/bin/06-file-transfer and /dev/net/tun")
        with tempfile.TemporaryDirectory() as folder:
            here = Path(folder, "a check's out")
            here.mkdir()
            for name in ("experiment", "file_server", "file_client"):
                shutil.copy(built / name, here)
            done = subprocess.run([here / "experiment", "--smoke", "--filter", "^mixed/home/with_all$|^attack/none"],
                                  capture_output=True, text=True, timeout=50, env={**os.environ, "TMPDIR": str(here)})
            self.assertEqual(done.returncode, 0, done.stderr)


class SetUp(unittest.TestCase):
    def simulate(self, removes="", lacks="zlib.h:", groups=("build",), has="Candidate: 1.0", policy=101):
        """Runs common/setup where something seems to be missing, with an apt-get, an apt-cache and a policy-rc.d of our own."""
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder, "log")
            apt = Path(folder, "apt-get")
            apt.write_text("#!/bin/sh\necho \"$@\" >> " + str(log) + "\n"
                           f"case \"$*\" in *--simulate*) echo '{removes}';; esac\n")
            apt.chmod(apt.stat().st_mode | stat.S_IXUSR)
            cache = Path(folder, "apt-cache")
            cache.write_text(f"#!/bin/sh\necho '  {has}'\n")
            cache.chmod(apt.stat().st_mode)
            services = Path(folder, "policy-rc.d")
            services.write_text(f"#!/bin/sh\nexit {policy}\n")
            services.chmod(apt.stat().st_mode)
            script = (ROOT / "common/setup").read_text().replace("/usr/sbin/policy-rc.d", str(services))
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

    def test_what_starts_a_service_is_installed_only_where_none_may_start(self):
        for policy, asked in ((101, True), (0, False)):
            done, log = self.simulate(lacks="/usr/sbin/sshd:", groups=["test"], policy=policy)
            self.assertEqual((done.returncode, "openssh-server" in log), (0, asked), done.stderr)

    def test_what_a_system_has_no_package_of_is_named_and_not_asked_for(self):
        needs = '${CHROMIUM:-chromium}|google-chrome|google-chrome-stable:'
        done, log = self.simulate(lacks=needs, groups=["test"], has="Candidate: (none)")
        self.assertEqual((done.returncode, log), (0, ""), done.stderr)
        self.assertIn("this system has no package chromium; the tests that need it skip", done.stderr)


if __name__ == "__main__":
    unittest.main()
