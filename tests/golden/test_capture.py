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
# A name that is nowhere in the record is not looked up in this machine's.
COMMANDS = {
    "compat": ("list", "list -o +group,cuser,cgroup", "show shm:1 sem:1 msg:1", "limits",
               "who shm:1 sem:1 msg:1", "ps", "list shm -o ref,processes"),
    # Not those in an address space of two processes: a record does not tell of such.
    "users": ("who " + " ".join(f"shm:{{shm_{name}}}" for name in (
        "first", "two", "twice", "split", "readonly", "leaderless", "moved", "mixed", "dest",
        "keyed", "same", "unused")) + " sem:{sem_past} msg:{msg_past}", "ps"),
}
SAVED = {"compat": None, "users": ("host", "objects", "processes", "limits", "issues")}


def print_answers(scene, folder):
    """Inside of the scene: records it, and prints what was answered of both."""
    ipclens = os.environ["IPCLENS"]
    ids = {name[5:]: value for name, value in os.environ.items() if name.startswith("CAST_")}
    tree = os.path.join(folder, "tree")
    recorded = subprocess.run([CAPTURE_ROOT, tree], capture_output=True, text=True, check=False)
    if recorded.returncode or recorded.stderr:
        print(json.dumps([["capture-root", recorded.stderr]]))
        return
    problems = []
    for look in COMMANDS[scene]:
        command = look.format(**ids)
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
                 for name in SAVED[scene] or set(live) - DIFFERENT if live[name] != record[name]]
    print(json.dumps(problems))


def check_capture(number, scene):
    command = [os.environ["IPCLENS_IN_NAMESPACE"], "--names", os.environ["IPCLENS_CAST"], scene]
    name = f"{number} - a record answers as the machine: {scene}"
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([*command, sys.executable, __file__, scene, folder],
                              capture_output=True, text=True, check=False)
    if done.returncode == 77:
        print(f"ok {name} # SKIP {done.stderr.strip()}")
        return True
    problems = json.loads(done.stdout) if done.returncode == 0 else [[done.stderr]]
    print(f"{'not ok' if problems else 'ok'} {name}")
    for problem in problems:
        for part in problem:
            print("# " + part.replace("\n", "\n# "))
    return not problems


def check_all_known():
    known = set(re.findall(r"^  '([^']+)',$", (HERE / "meson.build").read_text(), re.MULTILINE))
    cases = {path.parent.name for path in HERE.glob("*/commands")}
    print(f"{'ok' if known == cases else 'not ok'} 3 - meson runs every case")
    for name in sorted(known ^ cases):
        print(f"# {name}: in one of meson.build and the folder only")
    return known == cases


def main():
    if len(sys.argv) == 3:
        print_answers(*sys.argv[1:])
        return
    good = [check_capture(1, "compat"), check_capture(2, "users"), check_all_known()]
    print("1..3")
    sys.exit(0 if all(good) else 1)


main()
