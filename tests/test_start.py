"""The ways to start, as far as they can be looked at without the editor and the services that read them."""

import json
import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def read(name):
    """JSON with comments."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return json.loads(re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE))


class Start(unittest.TestCase):
    def setUp(self):
        self.tasks = {task["label"]: task for task in read(".vscode/tasks.json")["tasks"]}
        self.launch = read(".vscode/launch.json")

    def test_every_command_exists(self):
        help_text = (ROOT / "course").read_text(encoding="utf-8")
        commands = [task["command"] for task in self.tasks.values()] + [read(".devcontainer/devcontainer.json")["postCreateCommand"]]
        for command in re.findall(r"\./course (\w+)", "\n".join(commands)):
            self.assertRegex(help_text, rf"(?m)^  {command}\b")

    def test_every_task_and_configuration_that_is_named_exists(self):
        named = [task["dependsOn"] for task in self.tasks.values() if "dependsOn" in task]
        named += [each["preLaunchTask"] for each in self.launch["configurations"] if "preLaunchTask" in each]
        self.assertLessEqual(set(named), set(self.tasks))
        configurations = {each["name"] for each in self.launch["configurations"]}
        for compound in self.launch["compounds"]:
            self.assertLessEqual(set(compound["configurations"]), configurations)

    def test_every_program_is_one_of_its_chapter(self):
        programs = [each["program"] for each in self.launch["configurations"]]
        programs += [task["command"] for task in self.tasks.values() if task["command"].startswith("build/")]
        for program in programs:
            chapter, name = re.search(r"build/dev/bin/([^/]+)/(.+)$", program).groups()
            if not name.startswith("answer-"):
                self.assertIn(f"course_program({name})", (ROOT / "chapters" / chapter / "CMakeLists.txt").read_text(encoding="utf-8"))

    def test_the_workflow_runs_what_ci_runs_in_each_system_and_publishes_what_it_builds(self):
        text = (ROOT / ".github/workflows/course.yml").read_text(encoding="utf-8")
        self.assertIn("./course setup && ${{ matrix.command }}'", text)
        self.assertEqual(re.findall(r'image: "([^"]+)", command: \.ci/run[,}]', text), ["debian:12", "debian:13", "ubuntu:24.04"])
        self.assertIn("if: matrix.image == 'debian:12' && matrix.command == '.ci/run'", text)
        self.assertIn("path: build/site", text)
        self.assertTrue((ROOT / ".ci/run").exists())

    def test_every_preset_is_run_by_the_workflow_or_by_ci(self):
        text = (ROOT / ".github/workflows/course.yml").read_text(encoding="utf-8")
        run = set(re.findall(r"--preset (\w+)", text)) | set(re.search(r"for \w+ in (dev [\w ]+);", (ROOT / "course").read_text())[1].split())
        self.assertEqual(run, {preset["name"] for preset in read("CMakePresets.json")["workflowPresets"]})

    def test_what_may_be_skipped_is_the_reason_that_the_tests_give(self):
        text = (ROOT / ".github/workflows/course.yml").read_text(encoding="utf-8")
        for reason in re.findall(r"skips: ([^}]+)}", text):
            self.assertIn(f"skipped: {reason}", (ROOT / "tests/site/browser.mjs").read_text(encoding="utf-8"))


if __name__ == "__main__":
    unittest.main()
