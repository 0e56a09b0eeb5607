# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads what a test program printed (TAP), and how it ended, into one result for each test.

Strict: a program that dies, runs fewer or more tests than it planned, or prints no plan, has
failed, whatever its tests said.
"""

import re
from dataclasses import dataclass

PLAN = re.compile(r"1\.\.(\d+)\s*(?:#\s*skip\w*\s*(.*))?$", re.IGNORECASE)
POINT = re.compile(r"(not )?ok\b\s*(\d*)\s*(?:-\s*)?(.*)$")
DIRECTIVE = re.compile(r"(.*?)#\s*(skip|todo)\w*:?\s*(.*)$", re.IGNORECASE)
MOST_LINES = 60


@dataclass
class Result:
    name: str
    outcome: str  # "passed", "failed" or "skipped"
    detail: str  # why skipped, or what a failed test printed


def indented(text):
    """The last lines of text, set off from the lines around them."""
    lines = text.rstrip("\n").split("\n")
    if len(lines) > MOST_LINES:
        lines = [f"[{len(lines) - MOST_LINES} lines left out]"] + lines[-MOST_LINES:]
    return "\n".join("    " + line for line in lines)


def read_point(match, remarks):
    """One "ok" or "not ok" line; remarks are the lines since the one before."""
    has_failed, _, description = match.groups()
    directive = DIRECTIVE.match(description)
    if directive:
        name, kind, reason = (part.strip() for part in directive.groups())
        if kind.lower() == "skip":
            # cmocka prints the test's name after the word, and the reason before the line.
            if not name:
                name, reason = reason, "; ".join(line.lstrip("# ") for line in remarks)
            return Result(name, "skipped", reason)
        has_failed = has_failed or "to do: "
        description = f"{name} # TODO {reason}"
    return Result(description, "failed" if has_failed else "passed", "")


def read_tap(text):
    """Returns the results, the planned number (None: no plan), and whether the program gave up.

    cmocka explains a failure before its "not ok" line, bats after it in lines with "#".
    """
    results, planned, remarks, has_bailed_out = [], None, [], False
    for line in text.splitlines():
        plan, point = PLAN.match(line), POINT.match(line)
        if plan:
            planned = int(plan.group(1))
            if planned == 0:
                results.append(Result("", "skipped", plan.group(2) or ""))
        elif point:
            results.append(read_point(point, remarks))
            if results[-1].outcome == "failed":
                results[-1].detail = "\n".join(remarks)
            remarks = []
        else:
            has_bailed_out = has_bailed_out or line.startswith("Bail out!")
            if line.startswith("#") and results and results[-1].outcome == "failed":
                results[-1].detail += "\n" + line
            elif not line.startswith("TAP version"):
                remarks.append(line)
    return results, planned, has_bailed_out


def what_went_wrong(record, results, planned, has_bailed_out):
    """Returns why the program as a whole has failed, or None."""
    ran = sum(1 for result in results if planned != 0)
    if has_bailed_out:
        return "gave up (Bail out!)"
    if record.get("result") == "TIMEOUT":
        return "took too long"
    if planned is None:
        return "printed no plan"
    if ran != planned:
        return f"ran {ran} of {planned} planned tests"
    has_failure = any(result.outcome == "failed" for result in results)
    if record["returncode"] != 0 and not has_failure:
        return f"ended with status {record['returncode']} though no test failed"
    return None


def read_record(record, protocol):
    """A record has stdout, stderr, returncode and, from meson, result."""
    output = (record.get("stdout") or "") + (record.get("stderr") or "")
    if protocol != "tap":
        outcome = {0: "passed", 77: "skipped"}.get(record["returncode"], "failed")
        return [Result("", outcome, output)]
    results, planned, has_bailed_out = read_tap(record.get("stdout") or "")
    for result in results:
        if result.outcome == "failed" and not result.detail.strip():
            result.detail = record.get("stderr") or "(it printed nothing)"
    wrong = what_went_wrong(record, results, planned, has_bailed_out)
    if wrong:
        results.append(Result(wrong, "failed", output))
    return results
