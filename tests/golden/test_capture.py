#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A machine, and its record by tests/tools/capture-root, give the same answers; every case of the
golden tests is known to meson."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
CAPTURE_ROOT = HERE.parent / "tools" / "capture-root"
# What differs by nature: when it was taken, and what a recorded tree says of itself.
DIFFERENT = {"taken_at", "sight"}
FLOWING = re.compile(rb"\d+s ago")


def print_answers(folder):
    """Inside of the scene: records it, and prints what was answered of both."""
    ipclens = os.environ["IPCLENS"]
    tree = os.path.join(folder, "tree")
    recorded = subprocess.run([CAPTURE_ROOT, tree], capture_output=True, text=True, check=False)
    if recorded.returncode or recorded.stderr:
        print(json.dumps([["capture-root", recorded.stderr]]))
        return
    problems = []
    # A name that is nowhere in the record is not looked up in this machine's.
    for command in ("list", "list -o +group,cuser,cgroup", "show shm:1 sem:1 msg:1", "limits"):
        live = subprocess.run([ipclens, *command.split()], capture_output=True, check=False)
        record = subprocess.run([ipclens, *command.split(), "--root", tree],
                                capture_output=True, check=False)
        both = [FLOWING.sub(b"ago", done.stdout) + done.stderr for done in (live, record)]
        if both[0] != both[1] or live.returncode or record.returncode:
            problems.append([command, *(text.decode() for text in both)])
    live, record = (
        json.loads(subprocess.check_output([ipclens, "save", "-", *root]))
        for root in ([], ["--root", tree]))
    problems += [[name, json.dumps(live[name]), json.dumps(record[name])]
                 for name in live if name not in DIFFERENT and live[name] != record[name]]
    print(json.dumps(problems))


def check_capture():
    command = [os.environ["IPCLENS_IN_NAMESPACE"], "--names", os.environ["IPCLENS_CAST"], "compat"]
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([*command, sys.executable, __file__, folder], capture_output=True,
                              text=True, check=False)
    if done.returncode == 77:
        print(f"ok 1 - a record answers as the machine # SKIP {done.stderr.strip()}")
        return True
    problems = json.loads(done.stdout) if done.returncode == 0 else [[done.stderr]]
    print(f"{'not ok' if problems else 'ok'} 1 - a record answers as the machine")
    for problem in problems:
        for part in problem:
            print("# " + part.replace("\n", "\n# "))
    return not problems


def check_all_known():
    known = set(re.findall(r"^  '([^']+)',$", (HERE / "meson.build").read_text(), re.MULTILINE))
    cases = {path.parent.name for path in HERE.glob("*/commands")}
    print(f"{'ok' if known == cases else 'not ok'} 2 - meson runs every case")
    for name in sorted(known ^ cases):
        print(f"# {name}: in one of meson.build and the folder only")
    return known == cases


def main():
    if len(sys.argv) == 2:
        print_answers(sys.argv[1])
        return
    good = [check_capture(), check_all_known()]
    print("1..2")
    sys.exit(0 if all(good) else 1)


main()
