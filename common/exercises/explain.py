"""Says in words what went wrong with an answer, the steps that led there, and what to look at."""

import re
import shutil
import signal
import textwrap

MOST = 90  # columns, however wide the terminal is
CRASHES = {
    signal.SIGSEGV: ("it used an address that is not its own", "Look for an index or a size beyond its buffer, and for "
                     "something that is used after it has gone."),
    signal.SIGPIPE: ("it wrote to a connection that the peer had closed, and the system ended it (SIGPIPE)",
                     "Bare send(2) and write(2) need MSG_NOSIGNAL; Asio's calls ask for it."),
    signal.SIGFPE: ("it divided by zero", "Look for a size that can be 0."),
    signal.SIGKILL: ("it was killed", "Does it run for ever, or take ever more memory?"),
    signal.SIGXFSZ: ("it wrote a file beyond the limit for files", "Look at how much you write."),
}
SANITIZED = {  # what AddressSanitizer and LeakSanitizer call it
    "SEGV on unknown address 0x000000000": "it used a pointer to nothing (a null pointer, or an element of an empty container)",
    "SEGV on unknown address": CRASHES[signal.SIGSEGV][0],
    "FPE on unknown address": CRASHES[signal.SIGFPE][0],
    "global-buffer-overflow": "it read or wrote beyond the end of a global array or a text",
    "double-free": "it gave the same memory back twice",
    "not malloc()-ed": "it gave back memory that was never asked for",
    "alloc-dealloc-mismatch": "it gave memory back by another way than it had asked for it (new and delete[], malloc and delete)",
    "param-overlap": "it copied between two places that overlap",
    "allocation-size-too-big": "it asked for more memory than there can be",
    "out-of-memory": "it asked for more memory than there is",
    "heap-buffer-overflow": "it read or wrote beyond the end of a buffer on the heap",
    "stack-buffer-overflow": "it read or wrote beyond the end of an array on the stack",
    "stack-buffer-underflow": "it read or wrote before the start of an array on the stack",
    "dynamic-stack-buffer-overflow": "it read or wrote beyond the end of an array on the stack",
    "container-overflow": "it used elements of a container beyond its size",
    "heap-use-after-free": "it used memory that was already given back",
    "stack-use-after-scope": "it used a local variable after its block had ended",
    "stack-use-after-return": "it used a local variable of a function that had returned",
    "negative-size-param": "it passed a negative size",
    "stack-overflow": "it ran out of stack: a function calls itself without end, or an array is too large",
}


def paragraph(text, indent=2, first=""):
    """Wrapped to the terminal; @p first stands in the room before its first line. No word is broken."""
    room = " " * indent
    width = max(20, min(MOST, shutil.get_terminal_size((MOST, 24)).columns))
    return textwrap.fill(text, width, initial_indent=first.ljust(indent), subsequent_indent=room,
                         break_long_words=False, break_on_hyphens=False)


def compiling(said, answer):
    """The first error of the compiler, with the lines that it shows, and a word about the usual ones."""
    lines = said.splitlines()
    first = next((i for i, line in enumerate(lines) if re.search(r": (fatal )?error: |undefined reference|multiple definition", line)), None)
    if first is None:
        return ["It does not build:", *("  " + line for line in lines[-15:])]
    shown = [lines[first]]
    for line in lines[first + 1:first + 4]:
        if not re.match(r"\s+(\d+ )?\|", line) and not line.startswith("    "):
            break
        shown.append(line)
    text = ["It does not compile yet. The first error:" if "error: " in shown[0] else "It compiles, but the linker refuses it:",
            *("  " + line.replace(str(answer.parent) + "/", "") for line in shown)]
    what = shown[0]
    if "undefined reference" in what:
        text.append(paragraph("The test calls a function that your file does not define: are its name, its namespace and its parameters "
                              "those of the declaration?"))
    elif "multiple definition" in what:
        text.append(paragraph("Two files define it: put helpers of your own into an unnamed namespace."))
    elif "ambiguating new declaration" in what:
        text.append(paragraph("The function's return type differs from its declaration."))
    elif str(answer) not in what:
        text.append(paragraph("The error is reported inside a library or the test: find in the lines below it the line of your file that led there "
                              "(cmake --build --preset dev shows all of it)."))
    return text


def line_of(said, answer):
    """Where it was: the first line of the answer that a report names, which is the top of its stack that the reader wrote."""
    match = re.search(rf"(?:^|[\s/(]){re.escape(answer.name)}:(\d+)", said)
    return f" ({answer.name}, line {match[1]})" if match else ""


def sanitized(said, where):
    """(what, advice) when a sanitizer has found something; None otherwise."""
    if match := re.search(r"runtime error: (.*)", said):
        return f"Your program did something that C++ does not define{where}: {match[1]}.", "A number out of its range, or a pointer to nothing?"
    if "detected memory leaks" in said:
        return (f"Your program never gave back some memory{where}.",
                "Who owns what was asked for there, and what gives it back on each way out, an exception's too?")
    report = re.search(r"ERROR: \w+Sanitizer: (.*)", said)
    if report is None:
        return None
    kind = " ".join([report[1], *re.findall(r"SUMMARY: (.*)", said)])
    words = next((words for name, words in SANITIZED.items() if name in kind), None)
    return ("Your program broke a rule of memory" + (f": {words}{where}." if words else f"{where}: {report[1]}."),
            "Which size, which pointer or which lifetime is wrong there?")


def ended(trial, answer):
    """(what went wrong, what to look at) for a test that did not end by saying so itself."""
    where = line_of(trial.said, answer)
    if found := sanitized(trial.said, where):
        return found
    if "did not end within" in trial.said:
        last = "After the last step nothing happened" if trial.steps else "Nothing happened"
        limit = re.search(r"within (\d+ s)", trial.said)[1]
        return f"{last} for {limit}: your program hangs.", trial.when_stuck
    if match := re.search(r"what\(\): +(.*)", trial.said):
        return f"An exception left your program, and nothing caught it: {match[1]}{where}.", "Handle it where you know what it means."
    if match := re.search(r'C\+\+ exception with description "(.*?)" thrown', trial.rest, re.DOTALL):
        return f"An exception came out: {match[1]}.", "Is this end one that the task expects?"
    if trial.code < 0 and signal.Signals(-trial.code) in CRASHES:
        words, advice = CRASHES[signal.Signals(-trial.code)]
        return f"Your program crashed: {words}{where}.", advice
    if trial.code < 0:
        return f"Your program ended by {signal.Signals(-trial.code).name}{where}.", ""
    if re.search(r"Failure$", trial.rest, re.MULTILINE):
        return "The test compared, and found:\n" + trial.rest, ""
    return f"Your program ended the test with exit code {trial.code} before it was complete.", "Does it call exit or abort?"


def running(trial, answer):
    """The story of a failed test."""
    title = trial.failing.split(".", 1)[-1].replace("_", " ") or "the end of the program"
    what, advice = (trial.wrong, trial.advice) if trial.wrong else ended(trial, answer)
    if not re.match(r"\w+(_|\()", what):  # a name keeps its small letter
        what = what[:1].upper() + what[1:]
    what = what.rstrip(".") + "."
    text = [f"What was tried: {title}", ""]
    text += [paragraph(step, 6, f"  {number}.")
             for number, step in enumerate(trial.steps[-12:], max(1, len(trial.steps) - 11))]
    text += ["", "What went wrong:", *(paragraph(part) for part in what.split("\n"))]
    if advice:
        text += ["", "What to look at:", paragraph(advice)]
    if trial.passed:
        text += ["", f"{len(trial.passed)} {'test' if len(trial.passed) == 1 else 'tests'} of this exercise passed before."]
    return text


def words(trial, answer):
    """The lines that a reader gets for an answer that is not right yet."""
    return running(trial, answer) if trial.built else compiling(trial.said, answer)
