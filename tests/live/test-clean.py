#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""clean: what it plans, what it keeps and why, what it removes, and what it must never remove. In a
PID namespace sight is not full, so that nothing here is certain: see the unit test for that."""

import ctypes
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

from live import Tap, enter, expect, has_ended_well, problem, run

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.shmat.restype = ctypes.c_void_p
LIBC.shmdt.argtypes = [ctypes.c_void_p]
SOON = ["--older-than", "0"]
LIKELY = [*SOON, "--include-likely"]
YES = [*LIKELY, "--yes"]
INCOMPLETE = rb"(ipclens: incomplete: [^\n]*\n)*"
IPC_CREAT, RACE_SECONDS = 0o1000, 6
# Makes a segment, and for as long as it may attaches and detaches it; fails where it is gone.
USER_OF_SEGMENT = f"""
import ctypes, sys, time
libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p
libc.shmdt.argtypes = [ctypes.c_void_p]
segment = libc.shmget(0, 4096, 0o1600)
end = time.monotonic() + {RACE_SECONDS}
while time.monotonic() < end:
    memory = libc.shmat(segment, None, 0)
    if memory == ctypes.c_void_p(-1).value:
        sys.exit(f"segment {{segment}} is gone: {{ctypes.get_errno()}}")
    libc.shmdt(memory)
    time.sleep(0.0005)
"""


def check(condition, *lines):
    return [] if condition else [[str(line) for line in lines]]


def make(*words):
    """The id of an object whose creator has ended."""
    done = subprocess.run(["ipcmk", *words], capture_output=True, text=True, check=True)
    return done.stdout.split()[-1]


def orphan():
    """A private segment of which nobody on record lives."""
    pid = os.fork()
    if pid == 0:
        os._exit(0 if LIBC.shmget(0, 4096, 0o1600) >= 0 else 1)
    os.waitpid(pid, 0)
    return max(segments(), key=int)


def segments():
    lines = pathlib.Path("/proc/sysvipc/shm").read_text(encoding="ascii").splitlines()[1:]
    return [line.split()[1] for line in lines]


def remove(number):
    subprocess.run(["ipcrm", "-m", number], check=True)


def plan(*words):
    """REF: (outcome, reason)."""
    answer = json.loads(run(["clean", *words, "--json"]).stdout)
    return {one["object"]: (one["outcome"], one["reason"]) for one in answer["actions"]}


def test_plan(tap):
    tap.say("where nothing is, nothing is unused", expect(
        ["clean", *SOON], 0, INCOMPLETE, rb"nothing is unused, as far as that can be seen\n"))
    keyed = make("-M", "4096")
    ref = f"shm:{keyed}"
    tap.say("what is only likely unused is kept", expect(
        ["clean", *SOON], 0, INCOMPLETE,
        rb"kept %s: that nobody wants it is only likely: --include-likely\n(  .*\n)+"
        rb"0 would be removed, with --yes; 1 kept\n" % ref.encode()))
    tap.say("unless that is asked for", check(plan(*LIKELY)[ref] == ("planned", None), plan(*LIKELY)))
    tap.say("nothing was removed by planning", check(keyed in segments()))
    tap.say("what was used in the last hour is no part of it", check(not plan("--include-likely")))
    tap.say("--keep keeps", check(plan(*LIKELY, "--keep", ref)[ref][0] == "kept"))
    answer = json.loads(run(["list", "shm", "--json"]).stdout)
    tap.say("--key names one, another key none", check(
        ref in plan(*LIKELY, "--key", answer["objects"][0]["key"])
        and not plan(*LIKELY, "--key", "0x1"), answer["objects"]))
    tap.say("--owner names the owner's", check(
        ref in plan(*LIKELY, "--owner", "root") and not plan(*LIKELY, "--owner", "54321")))
    tap.say("of these kinds alone", check(
        not plan("sem", "msg", *LIKELY) and not plan("--kind", "sem,msg", *LIKELY)
        and ref in plan("--kind", "sem,shm", *LIKELY)))
    remove(keyed)


def test_software(tap):
    number = orphan()
    with subprocess.Popen(["sh", "-c", "printf postgres >/proc/self/comm; echo; read -r line"],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        server.stdout.readline()
        name = pathlib.Path(f"/proc/{server.pid}/comm").read_text(encoding="ascii").strip()
        kept = plan(*LIKELY)
        tap.say("what can be a living server's is kept, with a word on its own tool", check(
            name == "postgres" and kept[f"shm:{number}"][0] == "kept"
            and "PostgreSQL" in kept[f"shm:{number}"][1] and "pg_ctl" in kept[f"shm:{number}"][1],
            name, kept))
        server.stdin.close()
    tap.say("once it has ended it is judged as all others",
            check(plan(*LIKELY)[f"shm:{number}"][0] == "planned"))
    remove(number)


def test_removal(tap, folder):
    numbers, log = [orphan(), orphan()], folder + "/log"
    tap.say("with --yes it is removed", expect(
        ["clean", *YES, "--log", log], 0, INCOMPLETE, rb"removed shm:.*\n2 removed, 0 kept, 0 not removed\n"))
    tap.say("and gone", check(not set(numbers) & set(segments()), segments()))
    with open(log, encoding="utf-8") as file:
        lines = file.read().splitlines()
    tap.say("the journal tells what there was, and why it was removed", check(
        len(lines) == 2 and all(re.fullmatch(
            r"\d{4}-\S+ removed by uid 0: orphan-shm \(likely\) ref=shm:\d+ .*size=4096 .*rss=\d+ "
            r".*; 0 attachments .*", line) for line in lines), *lines))
    tap.say("and is for its owner alone", check(os.stat(log).st_mode & 0o777 == 0o600))
    number = orphan()
    tap.say("without a journal that can be written, nothing is done", expect(
        ["clean", *YES, "--log", folder + "/no/such"], 1, rb"ipclens: --log .*: No such file or directory; nothing was removed\n", b""))
    tap.say("and it is still there", check(number in segments()))
    path = pathlib.Path("/dev/shm/forgotten")
    path.write_bytes(b"x")
    make("-Q")
    result = run(["clean", *YES])
    queues = len(pathlib.Path("/proc/sysvipc/msg").read_text(encoding="ascii").splitlines()) - 1
    tap.say("what nobody on record ever used stays", check(
        number not in segments() and queues == 1, result))
    if path.exists():
        path.unlink()
    subprocess.run(["ipcrm", "-a"], check=True)


def test_use(tap):
    mine = LIBC.shmget(0, 4096, 0o1600)
    tap.say("what its living creator made is no orphan", check(f"shm:{mine}" not in plan(*LIKELY)))
    remove(str(mine))
    number = orphan()
    memory = LIBC.shmat(int(number), None, 0)
    tap.say("nor what is attached", check(f"shm:{number}" not in plan(*LIKELY)))
    LIBC.shmdt(memory)
    tap.say("nor what somebody detached who lives", check(f"shm:{number}" not in plan(*LIKELY)))
    remove(number)


def test_race(tap):
    """Living programs use their segments while everything unused is removed all the time."""
    users = [subprocess.Popen([sys.executable, "-c", USER_OF_SEGMENT], stderr=subprocess.PIPE)
             for _ in range(4)]
    stress = None
    if shutil.which("stress-ng"):
        stress = subprocess.Popen(["stress-ng", "--quiet", "--timeout", str(RACE_SECONDS),
                                   "--shm-sysv", "1", "--shm-sysv-bytes", "1M", "--sem-sysv", "1",
                                   "--msg", "1"], stderr=subprocess.PIPE)
    end, made, removed, problems = time.monotonic() + RACE_SECONDS - 1, 0, 0, []
    while time.monotonic() < end:
        for _ in range(5):
            orphan()
            made += 1
        result = run(["clean", "shm", *YES])
        found = re.search(rb"(\d+) removed, ", result.stdout)
        removed += int(found.group(1)) if found else 0
        if result.status not in (0, 1) or b"became used" in result.stderr:
            problems.append(problem("clean", result))
    for user in users:
        said = user.communicate()[1]
        problems += check(user.returncode == 0, said)
    if stress:
        stress.communicate()
        problems += check(has_ended_well(stress), f"stress-ng ended with {stress.returncode}")
    tap.say("no segment of a living program is removed", problems)
    tap.say("and the orphans are", check(removed >= made * 0.9 > 0, made, removed))


def test_usage(tap):
    for words, status, said in (
            (["--older-than", "x"], 2, rb"x: --older-than takes an age.*"),
            (["--yes", "--dry-run"], 2, rb"--yes and --dry-run are opposites"),
            (["--keep", "nonsense"], 2, rb"nonsense: .*"), (["--key", "5"], 2, rb"5: not a value of --key.*"),
            (["--kind", "shm,nonsense"], 2, rb"nonsense: no such kind.*"),
            (["--kind", "shm", "sem"], 2, rb"--kind: .*"), (["nonsense"], 2, rb"nonsense: no such kind.*")):
        tap.say(f"refused: clean {' '.join(words)}",
                expect(["clean", *words], status, b"ipclens: " + said + b"\n", b""))


def main():
    enter("empty")
    tap = Tap()
    test_usage(tap)
    test_plan(tap)
    test_software(tap)
    with tempfile.TemporaryDirectory() as folder:
        test_removal(tap, folder)
    test_use(tap)
    test_race(tap)
    tap.finish()


main()
