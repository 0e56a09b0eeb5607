#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A machine, and its record by tests/tools/capture-root, give the same answers; every case of the
golden tests is known to meson."""

import difflib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
CAPTURE_ROOT = HERE.parent / "tools" / "capture-root"
TEN_LETTERS = 54322
# What is said of semaphores and processes that may not be looked at.
DENIED = re.compile(r"ipclens: incomplete: .*\(denied\)$")
FLOWING = re.compile(rb"\d+s ago")
# Arrays that may not be read are not in the record, which says so in its own words.
UNREAD_ARRAY = re.compile(rb"ipclens: incomplete: sem:.*\n")
# Who sleeps is not recorded.
WAITING = re.compile(rb"^  waiting .*\n", re.MULTILINE)
# Of queues that this viewer is not shown.
NO_QUEUES = re.compile(rb"ipclens: incomplete: (fsopen|ipclens/file_systems): .*\n")
# Who sleeps is not recorded, and so is not who could not be asked.
NO_CALLS = re.compile(rb"ipclens: incomplete: /proc/PID/task/TID/syscall: .*\n")
# A name that is nowhere in the record is not looked up in this machine's.
COMMANDS = {
    "compat": ("list", "list -o +group,cuser,cgroup", "show shm:1 msg:1", "limits",
               "who shm:1 msg:1", "list shm -o ref,processes"),
    # Not those in an address space of two processes: a record does not tell of such.
    "users": ("who " + " ".join(f"shm:{{shm_{name}}}" for name in (
        "first", "two", "twice", "split", "readonly", "leaderless", "moved", "mixed", "dest",
        "keyed", "same", "unused")) + " msg:{msg_past}",),
    "posix": ("list", "list pshm psem -o +processes", "limits pshm mq pipe",
              "who fifo:/dev/shm/one/fifo fifo:/dev/shm/two/fifo"),
}
# Who sleeps, and who has what the kernel gives back, is not recorded.
SAVED = {"compat": ("host", "objects", "processes", "links", "accounting", "limits", "issues"),
         "users": ("host", "objects", "processes", "limits", "issues"),
         "posix": ("host", "processes", "limits", "issues")}
# Who looks has pipes, too, and those of one look are not those of the next.
LOOKERS = {"ipclens", "python3", "capture-root", "sh", "jq"}


def difference(live, record):
    return difflib.unified_diff(live, record, "live", "record", lineterm="", n=0)


def without_lookers(saved):
    """What is left of a snapshot without the processes that took it and the pipes they have."""
    lookers = {one["pid"] for one in saved["processes"] if one["command"] in LOOKERS}
    pipes = {one["ref"] for one in saved["objects"]
             if one["kind"] == "pipe" and lookers & set(one["processes"])}
    saved["processes"] = [one for one in saved["processes"] if one["pid"] not in lookers]
    saved["objects"] = [{key: one[key] for key in one if key != "waiting"}
                        for one in saved["objects"] if one["ref"] not in pipes]
    saved["accounting"] = [one for one in saved["accounting"] if one["object"].startswith("shm:")]
    saved["links"] = [one for one in saved["links"] if one["object"] not in pipes]
    saved["issues"] = [one for one in saved["issues"]
                       if one["aspect"] not in ("semaphores", "holders", "waits")
                       and one["subject"] not in ("fsopen", "ipclens/file_systems")]
    return saved


def print_answers(scene, folder):
    """Inside of the scene: records it, and prints what was answered of both."""
    ipclens = os.environ["IPCLENS"] = os.path.join(folder, "ipclens")
    ids = {name[5:]: value for name, value in os.environ.items() if name.startswith("CAST_")}
    tree = os.path.join(folder, "tree")
    recorded = subprocess.run([os.path.join(folder, "capture-root"), tree], capture_output=True,
                              text=True, check=False)
    said = [line for line in recorded.stderr.splitlines() if not DENIED.match(line)]
    if recorded.returncode or said:
        print(json.dumps([["capture-root", recorded.stderr]]))
        return
    problems = []
    for look in COMMANDS[scene]:
        command = look.format(**ids)
        # A record has nothing from inside of the kernel.
        live = subprocess.run([ipclens, *command.split(), "--backend=procfs"],
                              capture_output=True, check=False)
        record = subprocess.run([ipclens, *command.split(), "--root", tree],
                                capture_output=True, check=False)
        both = [WAITING.sub(b"", FLOWING.sub(b"ago", done.stdout)) +
                NO_CALLS.sub(b"", NO_QUEUES.sub(b"", UNREAD_ARRAY.sub(b"", done.stderr)))
                for done in (live, record)]
        if both[0] != both[1] or live.returncode or record.returncode or not live.stdout:
            problems.append([command, *difference(*(text.decode().splitlines() for text in both))])
    live, record = (
        without_lookers(json.loads(subprocess.check_output([ipclens, "save", "-", *root])))
        for root in (["--backend=procfs"], ["--root", tree]))
    problems += [[name, *difference(*(list(map(json.dumps, saved[name])) for saved in (live, record)))]
                 for name in SAVED[scene] if live[name] != record[name]]
    print(json.dumps(problems))


def copy_tools(folder):
    """To where every user may go."""
    os.chmod(folder, 0o777)
    for path in (CAPTURE_ROOT, __file__, os.environ["IPCLENS"]):
        shutil.copy(path, folder)


def check_capture(number, scene, user=None):
    command = [os.environ["IPCLENS_IN_NAMESPACE"], "--names", os.environ["IPCLENS_CAST"], scene]
    name = f"{number} - a record answers as the machine: {scene}"
    if user:
        name += ", as an ordinary user"
        command += ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
        if os.geteuid() != 0:
            print(f"ok {name} # SKIP only root can be another user")
            return True
    with tempfile.TemporaryDirectory(prefix="ipclens-capture-") as folder:
        copy_tools(folder)
        script = os.path.join(folder, os.path.basename(__file__))
        done = subprocess.run([*command, sys.executable, script, scene, folder], cwd="/",
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
    print(f"{'ok' if known == cases else 'not ok'} 5 - meson runs every case")
    for name in sorted(known ^ cases):
        print(f"# {name}: in one of meson.build and the folder only")
    return known == cases


def main():
    if len(sys.argv) == 3:
        print_answers(*sys.argv[1:])
        return
    good = [check_capture(1, "compat"), check_capture(2, "users"),
            check_capture(3, "users", TEN_LETTERS), check_capture(4, "posix"), check_all_known()]
    print("1..5")
    sys.exit(0 if all(good) else 1)


main()
