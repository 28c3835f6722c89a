"""What a page tells its reader to type runs from where the page says to stand, and shows what the page says.

Each block of commands is run by a shell of its own, in the course's folder and in a network namespace of its own, so that
port 1234 is free; what a block puts into /tmp goes with it. Every command in it must succeed in printing something. Before
a block stands what is special about it:

    <!-- shows: PATTERN ... PATTERN -->     its output holds each of these
    <!-- not run: REASON -->                why it is not run
"""

import os
import re
import shutil
import subprocess
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = ROOT / "build" / "release" / "bin"
CHAPTERS = sorted(ROOT.glob("chapters/0[1-6]-*"))
PAGES = [*(page for chapter in CHAPTERS for page in sorted(chapter.glob("*.md"))),
         ROOT / "docs" / "measuring.md", ROOT / "common" / "netlab" / "network-in-a-box.md"]
BLOCK = re.compile(r"(?:<!-- (?P<kind>shows|not run): (?P<says>[^\n]*) -->\n)?@verbatim\n(?P<text>.*?)@endverbatim", re.DOTALL)
SEPARATE = ["unshare", "--user", "--map-root-user", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
TOOLS = ("nc", "ss", "strace", "strings", "iperf3", "ip", "taskset")
# These have tests of their own; they build, and take minutes.
BUILDS = re.compile(r"\./course (?!netlab\b)")
SILENT = re.compile(r"(?:(?:kill|pkill|cd|sleep|wait|mkdir|rm)\b[^;|]*(?:;\s*|$))+$|\w+=|.*[^\d&]> ?/tmp/\S+$")
AWAITED = re.compile(r"server|receiver")  # what says that it listens
AT_A_TIME = 3  # most of them wait most of the time
SHELL = """
ip link set lo up
until_it_listens() { for _ in {1..400}; do grep -qs listening "$1" && return; sleep 0.02; done; }
"""
END = """
for _ in {1..20}; do [[ $(jobs -r) ]] || break; sleep 0.02; done # what ends by itself does
kill $(jobs -p) 2>/dev/null
wait
"""


def commands(text):
    """The commands of a block, each with the lines of its loop and without what a comment says; none when it is a drawing."""
    if not re.match(r"[\w./]", text):
        return []
    found, joined = [], re.sub(r"\\\n\s*", "", text)
    for line in (re.sub(r"\s+#.*", "", line).rstrip() for line in joined.splitlines()):
        if found and re.match(r"\s+\S|done\b", line):
            found[-1] += "\n" + line
        elif line and line[0] != "#":
            found.append(line)
    return found


def blocks(page):
    """(line, kind, what it says, commands) of each block."""
    text = page.read_text(encoding="utf-8")
    for block in BLOCK.finditer(text):
        lines = commands(block["text"])
        if lines:
            yield text.count("\n", 0, block.start("text")) + 1, block["kind"], block["says"], lines


def script(lines, folder):
    """A shell's script that keeps what each command prints in a file of its own."""
    parts = [SHELL]
    for number, line in enumerate(lines):
        file, silent = f"{folder}/{number:02}", SILENT.match(line)
        line = line.replace("/tmp/", f"{folder}/").replace("./course netlab", str(BIN / "netlab"))
        if silent:
            parts.append(line)
        elif line.endswith("&"):
            parts.append(f"{line[:-1]} >{file} 2>&1 &")
            if AWAITED.search(line):
                parts.append(f"until_it_listens {file}")
        else:
            parts.append(f"{{ {line}\n}} >{file} 2>&1 </dev/null")
    return "\n".join([*parts, END])


def printed(lines):
    """(command -> what it printed, what the shell said)"""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([*SEPARATE, "bash", "-c", script(lines, folder)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, timeout=60, check=False)
        found = {line: Path(folder, f"{number:02}") for number, line in enumerate(lines) if not SILENT.match(line)}
        return {line: file.read_text(errors="replace") if file.exists() else "" for line, file in found.items()}, done.stdout


def missing(lines):
    """The first tool that a block needs and the system lacks."""
    words = re.findall(r"[\w-]+", " ".join(lines))
    return next((tool for tool in TOOLS if tool in words and not shutil.which(tool)), None)


def to_run():
    """(page, line, what it says, the commands before it that say where programs lie, its commands) of each block that is run."""
    for page in PAGES:
        where = []  # what the page says once: where the shell finds the programs
        for line, kind, says, lines in blocks(page):
            where = [one for one in lines if one.startswith("PATH=")] or where
            if kind != "not run" and not any(BUILDS.match(one) for one in lines) and not missing(lines):
                yield page, line, says, where, lines


class Commands(unittest.TestCase):
    def setUp(self):
        if not all((BIN / name).exists() for name in (*(chapter.name for chapter in CHAPTERS), "netlab")):
            self.skipTest("build/release/bin lacks programs: cmake --build --preset release builds them")
        if subprocess.run([*SEPARATE, "true"], stderr=subprocess.DEVNULL, check=False).returncode:
            self.skipTest("this system allows no user namespaces")

    def test_each_shows_what_its_page_says(self):
        with ThreadPoolExecutor(AT_A_TIME) as shells:
            running = [(*block[:3], shells.submit(printed, [*block[3], *block[4]])) for block in to_run()]
        for page, line, says, run in running:
            with self.subTest(page=str(page.relative_to(ROOT)), line=line):
                shown, noise = run.result()
                silent = [one for one, text in shown.items() if not text.strip() and not one.endswith("&")]
                self.assertEqual(silent, [], f"printed nothing; the shell: {noise}")
                output = "\n".join(shown.values())
                for pattern in says.split(" ... ") if says else []:
                    self.assertRegex(output, re.compile(pattern, re.MULTILINE))
                self.assertNotRegex(output + noise, r"command not found|(?<!ENOENT \()No such file", "not from where the page stands")


if __name__ == "__main__":
    unittest.main()
