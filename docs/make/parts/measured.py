"""Numbers in the text: what stands between {{ and }} becomes a figure from the results.

    {{round_trip/asio median_us .1f}}                                  the median over all repetitions
    {{round_trip/asio median_us / round_trip/posix median_us .2f}}     a ratio of two medians
    {{one_send/interrupted asked_bytes - one_send/interrupted taken_bytes .0f}}   a difference of two
    {{paired cost/callback/50 cost/epoll/50 cpu_us_per_message .2f}}   the median of the ratios of paired runs
    {{low A B counter .2f}}  {{high A B counter *1.05 .2f}}            the ends of that median's interval, which may be multiplied
    {{low A B counter best-of-6 .2f}}                                  the same, further out since B was chosen as the best of six
    {{stream/back_to_back bytes *0.001 ,.0f}}                          a median times a constant
    {{least round_trip/asio median_us .1f}}  {{most ...}}              the extremes over the repetitions, and {{count ...}}
    {{verdicts}}                                                       how many of a chapter's claims hold
    {{headline ID}}  {{verdict ID}}  {{context cpu}}                   what the results say in words
    {{claim ID}}                                                       all figures of a claim, for a ledger
    {{other-chapter:...}}                                              the same, from another chapter
"""

import json
import statistics
from math import comb

from parts import places


EXTREMES = {"least": min, "most": max, "count": len}
OF_CLAIMS = {"headline": "headline", "claim": "figure", "verdict": "verdict"}


class UnknownFigure(Exception):
    """The text names a figure that no results hold."""


class Measured:
    """The committed results of the chapters, read when first asked for."""

    def __init__(self, root=places.ROOT):
        self.folders = {places.name_of(folder): folder for folder in places.measured(root)}
        self.read = {}

    def results(self, chapter):
        if chapter not in self.folders:
            raise UnknownFigure(f"no chapter is named {chapter!r}")
        if chapter not in self.read:
            file = places.experiment(self.folders[chapter]) / "results" / "reference.json"
            if not file.exists():
                raise UnknownFigure(f"{chapter} has no results/reference.json")
            self.read[chapter] = json.loads(file.read_text(encoding="utf-8"))
        return self.read[chapter]

    def text(self, expression, chapter):
        """The text that stands for an expression on the page of a chapter (None: on no chapter's)."""
        before, colon, after = expression.strip().partition(":")
        if colon and "/" not in before and " " not in before:
            chapter, expression = before, after
        words = expression.split()
        if chapter is None:
            raise UnknownFigure("outside a chapter's page, write {{chapter:...}}")
        results = self.results(chapter)
        if len(words) == 2 and words[0] in OF_CLAIMS:
            return claim_of(results, words[1])[OF_CLAIMS[words[0]]]
        if len(words) == 2 and words[0] == "context":
            return context_of(results, words[1])
        if words == ["verdicts"]:
            return verdicts_of(results)
        if words[0] in EXTREMES and len(words) == 4:
            return formatted(EXTREMES[words[0]](values_of(results, words[1], words[2])), words[3])
        return number(results, words)


def claim_of(results, identity):
    for claim in results.get("claims", []):
        if claim["id"] == identity:
            return claim
    raise UnknownFigure(f"no claim has the id {identity!r}")


def verdicts_of(results):
    """How the claims of a chapter were decided, in words."""
    found = [claim["verdict"] for claim in results.get("claims", [])]
    words = {"holds": ("holds", "hold"), "holds in part": ("in part", "in part"),
             "does not hold": ("does not", "do not"), "inconclusive": ("inconclusive", "inconclusive")}
    counts = ((found.count(verdict), forms) for verdict, forms in words.items())
    return f"{len(found)} claims: " + ", ".join(f"{number} {forms[number > 1]}" for number, forms in counts if number)


def context_of(results, key):
    if key not in results.get("context", {}):
        raise UnknownFigure(f"the context has no {key!r}")
    return str(results["context"][key])


def number(results, words):
    if words[0] == "paired" and len(words) == 5:
        return formatted(statistics.median(paired(results, *words[1:4])), words[4])
    if words[0] in ("low", "high") and len(words) in (5, 6):
        option = words[4] if len(words) == 6 else "*1"
        choices = int(option.removeprefix("best-of-")) if option.startswith("best-of-") else 1
        factor = float(option.lstrip("*")) if choices == 1 else 1
        return formatted(factor * interval(paired(results, *words[1:4]), choices)[words[0] == "high"], words[-1])
    if len(words) < 3:
        raise UnknownFigure("expected: benchmark counter format")
    *terms, form = words
    value = median(results, terms[0], terms[1])
    rest = terms[2:]
    if len(rest) >= 3 and rest[0] in ("/", "-"):
        other = median(results, rest[1], rest[2])
        value = value / other if rest[0] == "/" else value - other
        rest = rest[3:]
    if len(rest) == 1 and rest[0].startswith("*"):
        value *= float(rest[0][1:])
        rest = []
    if rest:
        raise UnknownFigure(f"cannot read {' '.join(rest)!r}")
    return formatted(value, form)


def formatted(value, form):
    try:
        return format(value, form)
    except ValueError as error:
        raise UnknownFigure(f"format {form!r}: {error}") from None


def median(results, benchmark, counter):
    return statistics.median(values_of(results, benchmark, counter))


def paired(results, benchmark, base, counter):
    """How many times as much as its base a benchmark has, run by run: the two of a pair ran one after the other."""
    of, of_base = ({row["repetition_index"]: row[counter] for row in rows_of(results, name, counter)} for name in (benchmark, base))
    ratios = [value / of_base[index] for index, value in of.items() if index in of_base]
    if not ratios:
        raise UnknownFigure(f"{benchmark} and {base} have no runs in common")
    return ratios


def interval(values, choices=1):
    """The ends of a median's interval, as common/measure/statistics.cpp has it."""
    values, count, fewer = sorted(values), len(values), 0
    for left_out in range(count):  # the chance that so few of them, or fewer, lie below the median
        fewer += comb(count, left_out) / 2**count
        if fewer > 0.025 / choices:
            break
    if left_out == 0:
        raise UnknownFigure(f"{count} pairs have no interval")
    return values[left_out - 1], values[count - left_out]


def values_of(results, benchmark, counter):
    """A counter of all repetitions of a benchmark that have it."""
    return [row[counter] for row in rows_of(results, benchmark, counter)]


def rows_of(results, benchmark, counter):
    rows = [row for row in results["benchmarks"] if row["name"] == benchmark]
    if not rows:
        raise UnknownFigure(f"no benchmark is named {benchmark!r}")
    rows = [row for row in rows if counter in row]
    if not rows:
        raise UnknownFigure(f"{benchmark} has no counter {counter!r}")
    return rows
