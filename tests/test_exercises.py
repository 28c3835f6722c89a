"""Exercises as a reader meets them: check, hint, progress; and what holds for the files of each."""

import contextlib
import io
import os
import re
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "common" / "exercises"))

import answers
import catalogue
import exercises
import explain
import mutate
import trial

EXERCISES = catalogue.all_of()
STORY = """Note: Google Test filter = lines.*
[ RUN      ] lines.first
stuck: Is there a loop?
step: sent "a"
[       OK ] lines.first (0 ms)
[ RUN      ] lines.a_second_one
stuck: Does it wait for more?
step: sent "hel"
step: receive_line returned "he"
"""


class Files(unittest.TestCase):
    def test_each_exercise_is_whole(self):
        for exercise in EXERCISES:
            with self.subTest(exercise=exercise.key):
                self.assertTrue(exercise.title and exercise.task)
                self.assertEqual(len(exercise.hints), 3)
                self.assertTrue((exercise.fault or exercise.declaration.exists()) and exercise.solution.exists())
                if "COURSE_CI" in os.environ:  # a reader may edit it in its place
                    self.assertTrue(exercise.fault or "TODO" in exercise.starter)
                test = exercise.practice / "exercises" / f"{exercise.name}_test.cpp"
                suites = set(re.findall(r"^TEST(?:_F)?\(\s*(\w+)", test.read_text(encoding="utf-8"), re.MULTILINE))
                self.assertEqual(suites, {exercise.suite})
                command = "mutant" if exercise.fault else "exercise"
                self.assertIn(f"course_{command}({exercise.number} {exercise.slug}", (exercise.folder / "CMakeLists.txt").read_text(encoding="utf-8"))

    def test_each_fault_fits_its_file(self):
        for exercise in EXERCISES:
            if exercise.fault:
                self.assertNotEqual(exercise.starter, exercise.fault.source.read_text(encoding="utf-8"))

    def test_a_fault_whose_text_has_gone_is_an_error_that_shows_it(self):
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder, "a.cpp")
            source.write_text("int a;\n", encoding="utf-8")
            with self.assertRaisesRegex(SystemExit, r"0 times:\nint b;"):
                mutate.Fault(source, "b", (("int b;\n", "int c;\n"),)).text()

    def test_each_task_is_told_in_three_lines_of_whole_sentences(self):
        for exercise in EXERCISES:
            with self.subTest(exercise=exercise.key):
                self.assertLessEqual(len(explain.paragraph(exercise.brief).splitlines()), 3)
                self.assertRegex(exercise.brief, r"[.?]$")
                self.assertNotIn("[[", exercise.brief)

    def test_a_chapter_is_named_by_its_number(self):
        self.assertEqual(catalogue.find("01.3").key, catalogue.find("1.3").key)
        with self.assertRaisesRegex(catalogue.Unknown, "there is no exercise 1.99; there are 1.1, "):
            catalogue.find("1.99")


class Commands(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        patch = mock.patch.dict(os.environ, {"COURSE_ANSWERS": folder.name})
        patch.start()
        self.addCleanup(patch.stop)
        self.folder = Path(folder.name)

    def say(self, *arguments, outcome=None):
        """What a command prints, and its exit code; a check comes out as told."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), \
                mock.patch.object(trial, "attempt", lambda *_: outcome):
            code = exercises.main(list(arguments))
        return code, out.getvalue() + err.getvalue()

    def test_hints_come_one_by_one_and_the_last_names_the_solution(self):
        said = [self.say("hint", "1.2")[1] for _ in range(4)]
        for text, number in zip(said, (1, 2, 3, 3)):
            self.assertIn(f"hint {number} of 3", text)
            self.assertEqual("solutions/2-short-write.cpp" in text, number == 3)
        self.assertNotIn("[[", said[0])

    def test_check_lays_out_the_starter_once_and_keeps_what_the_reader_wrote(self):
        failed = trial.Trial(False, "x.cpp:1:1: error: no")
        code, said = self.say("check", "1.2", outcome=failed)
        answer = self.folder / "blocking-echo" / "2-short-write.cpp"
        self.assertEqual((code, answer.read_text(encoding="utf-8")), (1, catalogue.find("1.2").starter))
        self.assertIn("which has the starter in it", said)
        answer.write_text("mine", encoding="utf-8")
        self.assertNotIn("starter", self.say("check", "1.2", outcome=failed)[1])
        self.assertEqual(answer.read_text(encoding="utf-8"), "mine")

    def test_check_without_a_number_takes_the_next_unsolved_one(self):
        solved = trial.Trial(True, passed=["a.b"])
        self.assertIn("Solved", self.say("check", "1.1", outcome=solved)[1])
        code, said = self.say("check", outcome=solved)
        self.assertEqual(code, 0)
        self.assertTrue(said.startswith("1.2 "))

    def test_check_tells_the_task_and_which_file_to_edit(self):
        said = " ".join(self.say("check", "1.2", outcome=trial.Trial(False, ""))[1].split())
        self.assertIn(f"{catalogue.find('1.2').brief} Edit ", said)
        self.assertIn("2-short-write.cpp", said)

    def test_a_solved_one_is_followed_by_where_the_reader_stands_and_the_next_of_its_chapter(self):
        solved = trial.Trial(True, passed=["a.b"])
        chapter = [exercise for exercise in EXERCISES if exercise.label.startswith("2.")]
        self.say("check", "1.1", outcome=solved)
        said = self.say("check", "2.2", outcome=solved)[1]
        self.assertIn(f"1 of {len(chapter)} of this chapter are solved, 2 of {len(EXERCISES)} in all.\nNext: ./course check 2.3 ", said)
        for exercise in chapter[2:]:
            said = self.say("check", exercise.label, outcome=solved)[1]
        self.assertIn("Next: ./course check 2.1 ", said)
        self.assertIn("Next: ./course check 3.1 ", self.say("check", "2.1", outcome=solved)[1])

    def test_the_exercise_at_which_a_reader_stopped_is_the_next(self):
        self.say("check", "3.2", outcome=trial.Trial(False, ""))
        self.assertIn("Next: ./course check 3.2", self.say("progress")[1])
        self.assertTrue(self.say("check", outcome=trial.Trial(False, ""))[1].startswith("3.2 "))

    def test_a_damaged_progress_is_named_in_one_line_and_set_aside(self):
        for damage in (b"{", b"", b"[]", b'{"a": 1}', b'{"a": {"tries": "many"}}', b"\xff", b"[" * 100_000):
            with self.subTest(damage=damage[:20]):
                (self.folder / "progress.json").write_bytes(damage)
                code, said = self.say("progress")
                self.assertEqual(code, 0)
                self.assertRegex(said, r"(?m)^course: .*progress\.json is damaged: it is progress\.damaged now, and progress begins anew$")
                self.assertEqual((self.folder / "progress.damaged").read_bytes(), damage)
                self.assertNotIn("damaged", self.say("progress")[1])

    def test_answers_that_cannot_be_kept_are_one_line(self):
        (self.folder / "blocking-echo").write_text("in the way", encoding="utf-8")
        code, said = self.say("check", "1.2", outcome=trial.Trial(False, ""))
        self.assertEqual((code, said.splitlines()[-1]), (1, f"course: {self.folder.resolve()}/blocking-echo: File exists"))

    def test_lines_end_where_the_terminal_does_and_break_no_word(self):
        wrong = trial.Trial(True, code=1, failing="a.b", steps=["sent " + "much, " * 40], wrong="it was " + "too-long " * 30, advice="Look " * 50)
        for columns in (40, 80, 90, 200):
            with mock.patch.dict(os.environ, {"COLUMNS": str(columns)}):
                for said in (self.say("check", "1.2", outcome=wrong)[1], self.say("hint", "3.4")[1], self.say("progress")[1]):
                    long = [line for line in said.splitlines() if len(line) > min(columns, 90) and " " in line.strip() and str(self.folder) not in line]
                    self.assertEqual(long, [])
                    self.assertNotRegex(said, r"(?m)too-$")

    def test_progress_lists_what_is_solved_with_tries_and_hints(self):
        self.say("check", "1.1", outcome=trial.Trial(False, ""))
        self.say("check", "1.1", outcome=trial.Trial(True, passed=["a.b"]))
        self.say("hint", "1.2")
        code, said = self.say("progress")
        self.assertEqual(code, 0)
        self.assertRegex(said, r"(?m)^\[x\] 1\.1 .*, 2 tries$")
        self.assertRegex(said, r"(?m)^\[ \] 1\.2 .*, 1 hint$")
        self.assertIn(f"1 of {len(EXERCISES)} solved\nNext: ./course check 1.2", said)

    def test_a_solved_exercise_stays_solved(self):
        self.say("check", "1.1", outcome=trial.Trial(True, passed=["a.b"]))
        self.say("check", "1.1", outcome=trial.Trial(False, ""))
        self.assertIn("[x] 1.1", self.say("progress")[1])

    def test_a_wrong_argument_is_exit_code_2(self):
        for wrong in (["check", "9.9"], ["hint"], ["hint", "1"], ["progress", "1"], ["check", "--all"], []):
            self.assertEqual(self.say(*wrong)[0], 2, wrong)


class Explanations(unittest.TestCase):
    exercise = catalogue.find("1.3")
    answer = Path("/home/reader/answers/blocking-echo/3-lines.cpp")

    def words(self, output="", error="", code=1):
        return " ".join("\n".join(explain.words(trial.read(output, trial.Trial(True, error, code)), self.answer)).split())

    def test_a_wrong_answer_is_told_with_its_steps(self):
        said = self.words(STORY + "wrong: the line was \"hello\"\nadvice: Look for the end.\n")
        self.assertIn("What was tried: a second one", said)
        self.assertLess(said.index('1. sent "hel"'), said.index('2. receive_line returned "he"'))
        self.assertNotIn('sent "a"', said)
        self.assertIn('The line was "hello".', said)
        self.assertIn("Look for the end.", said)
        self.assertIn("1 test of this exercise passed before", said)

    def test_a_hang_is_told_with_what_it_may_wait_for(self):
        said = self.words(STORY, "lines.a_second_one did not end within 10 s\n", 1)
        self.assertIn("nothing happened for 10 s", said)
        self.assertIn("Does it wait for more?", said)

    def test_a_crash_is_told_in_words_with_the_line(self):
        self.assertIn("an address that is not its own", self.words(STORY, "", -11))
        self.assertIn("beyond the end of an array on the stack (3-lines.cpp, line 21)", self.words(
            STORY, "==1==ERROR: AddressSanitizer: stack-buffer-overflow on address 0x7\n"
            "    #1 0x5 in exercise::f() /home/reader/answers/blocking-echo/3-lines.cpp:21\n"))
        self.assertIn("does not define (3-lines.cpp, line 9): signed integer overflow",
                      self.words(STORY, "/home/reader/answers/blocking-echo/3-lines.cpp:9:4: runtime error: signed integer overflow\n"))
        self.assertIn("does not define (3-lines.cpp, line 5): signed integer overflow", self.words(
            STORY, "/usr/include/c++/12/bits/chrono.h:525:40: runtime error: signed integer overflow\n"
            "    #0 0x5 in std::chrono::operator* /usr/include/c++/12/bits/chrono.h:525\n"
            "    #1 0x6 in exercise::f() /home/reader/answers/blocking-echo/3-lines.cpp:5\n"))

    def test_a_null_pointer_is_told_by_the_line_of_the_reader_that_led_there(self):
        for address, words in (("0x000000000008", "a pointer to nothing"), ("0x7f0012345678", "an address that is not its own")):
            said = self.words(STORY, f"==7==ERROR: AddressSanitizer: SEGV on unknown address {address} (pc 0x5 bp 0x7 sp 0x7 T1)\n"
                              "    #0 0x1 in memcpy string.c:40\n    #1 0x2 in std::copy /usr/include/c++/12/stl.h:9\n"
                              "    #2 0x3 in exercise::f() /home/reader/answers/blocking-echo/3-lines.cpp:12\n"
                              "    #3 0x4 in exercise::g() /home/reader/answers/blocking-echo/3-lines.cpp:30\n")
            self.assertIn(f"{words}", said)
            self.assertIn("(3-lines.cpp, line 12)", said)
            self.assertNotIn("exit", said)

    def test_a_leak_is_told_with_the_line_that_asked_for_the_memory(self):
        said = self.words("[ RUN      ] lines.a\n[       OK ] lines.a (0 ms)\n", "==7==ERROR: LeakSanitizer: detected memory leaks\n"
                          "Direct leak of 7 byte(s) in 1 object(s) allocated from:\n    #0 0x1 in malloc\n"
                          "    #1 0x2 in exercise::f() answers/blocking-echo/3-lines.cpp:17\n")
        self.assertIn("never gave back some memory (3-lines.cpp, line 17)", said)

    def test_the_line_is_not_taken_from_another_file(self):
        self.assertNotIn("line 5", self.words(STORY, "==1==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x7\n"
                                              "    #1 0x5 in f() /home/reader/other-3-lines.cpp:5\n"))

    def test_a_sanitizers_word_of_its_own_is_shown_when_it_is_not_known(self):
        self.assertIn("broke a rule of memory: something-new on address 0x7", self.words(STORY, "==1==ERROR: AddressSanitizer: something-new on address 0x7\n"))

    def test_an_answer_that_ends_the_test_by_itself_has_not_passed_it(self):
        output = "[ RUN      ] lines.first\n[       OK ] lines.first (0 ms)\n[ RUN      ] lines.a_second_one\nstep: sent \"hel\"\n"
        self.assertFalse(trial.read(output, trial.Trial(True, "", 0)).solved)
        self.assertIn("Does it call exit", self.words(output, "", 0))

    def test_an_exception_is_told_by_its_text(self):
        self.assertIn("nothing caught it: send: Broken pipe", self.words(STORY, "terminate called\n  what():  send: Broken pipe\n", -6))
        self.assertIn("An exception came out: receive: reset", self.words(
            STORY + 'C++ exception with description "receive: reset" thrown in the test body.\n[  FAILED  ] lines.a_second_one (0 ms)\n'))

    def test_what_follows_the_first_failure_is_not_read(self):
        said = self.words(STORY + "wrong: this\n[  FAILED  ] lines.a_second_one\n[ RUN      ] lines.third\nstep: other\n")
        self.assertIn("a second one", said)

    def compiled(self, said):
        return "\n".join(explain.words(trial.Trial(False, said), self.answer))

    def test_a_compile_error_is_the_first_with_its_line(self):
        said = self.compiled(f"In file included from x.cpp:1:\n{self.answer}:28:16: error: expected ';'\n   28 |   return line\n"
                             f"      |              ^\n{self.answer}:30:1: error: other\n")
        self.assertIn("3-lines.cpp:28:16: error: expected ';'\n     28 |   return line", said)
        self.assertNotIn("other", said)

    def test_a_function_that_is_missing_is_named(self):
        self.assertIn("does not define", self.compiled("a.o: x_test.cpp:34: undefined reference to `exercise::f()'\n"))


if __name__ == "__main__":
    unittest.main()
