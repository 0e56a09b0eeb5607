# SPDX-License-Identifier: GPL-2.0-or-later
"""check_runner.py SOURCE_ROOT: the test runner counts right, and above all never too kindly."""

import pathlib
import sys

from checklist import Checklist

sys.path.insert(0, str(pathlib.Path(sys.argv[1]) / "tests" / "tools"))
import tap_results

# what, standard output, exit status, then passed, failed, skipped
CASES = [
    ("all pass", "1..2\nok 1 - a\nok 2 - b\n", 0, 2, 0, 0),
    ("the plan at the end", "ok 1 - a\nok 2 - b\n1..2\n", 0, 2, 0, 0),
    ("one fails", "1..2\nnot ok 1 - a\nok 2 - b\n", 1, 1, 1, 0),
    ("dies before the end", "1..3\nok 1 - a\n", -11, 1, 1, 0),
    ("runs fewer than planned", "1..3\nok 1 - a\nok 2 - b\n", 0, 2, 1, 0),
    ("runs more than planned", "1..1\nok 1 - a\nok 2 - b\n", 0, 2, 1, 0),
    ("no plan", "ok 1 - a\n", 0, 1, 1, 0),
    ("prints nothing", "", 0, 0, 1, 0),
    ("status 1 though all passed", "1..1\nok 1 - a\n", 1, 1, 1, 0),
    ("a sanitizer's status", "1..1\nok 1 - a\n", 86, 1, 1, 0),
    ("gives up", "1..2\nok 1 - a\nBail out! no root\n", 0, 1, 1, 0),
    ("a skip with its reason", "1..2\nok 1 a # skip no BTF\nok 2 - b\n", 0, 1, 0, 1),
    ("cmocka's skip", "1..1\nnot a terminal\nok 1 # SKIP a_test\n", 0, 0, 0, 1),
    ("all skipped", "1..0 # SKIP needs root\n", 0, 0, 0, 1),
    ("what is to do is not done", "1..1\nnot ok 1 - a # TODO later\n", 0, 0, 1, 0),
]


def counts(stdout, status):
    record = {"stdout": stdout, "stderr": "", "returncode": status}
    outcomes = [result.outcome for result in tap_results.read_record(record, "tap")]
    return tuple(outcomes.count(kind) for kind in ("passed", "failed", "skipped"))


def read_one(stdout):
    record = {"stdout": stdout, "stderr": "", "returncode": 1}
    return tap_results.read_record(record, "tap")[0]


def main():
    checklist = Checklist()
    for what, stdout, status, *expected in CASES:
        got = counts(stdout, status)
        checklist.expect_none(what, [] if got == tuple(expected) else [f"counted {got}"])
    timed_out = {"stdout": "1..1\nok 1 - a\n", "returncode": 0, "result": "TIMEOUT"}
    results = tap_results.read_record(timed_out, "tap")
    checklist.expect_none("a time-out fails", [] if results[-1].outcome == "failed" else ["no"])
    checklist.expect_problem("the reason of bats's skip",
                             [read_one("1..1\nok 1 a # skip no BTF\n").detail], "no BTF")
    checklist.expect_problem("the reason of cmocka's skip",
                             [read_one("1..1\nnot a terminal\nok 1 # SKIP a\n").detail], "terminal")
    checklist.expect_problem("what bats prints after a failure",
                             [read_one("1..1\nnot ok 1 a\n# 3 is not 4\n").detail], "3 is not 4")
    checklist.expect_problem("what cmocka prints before a failure",
                             [read_one("1..1\n3 != 4\nnot ok 1 - a\n").detail], "3 != 4")
    checklist.report()


main()
