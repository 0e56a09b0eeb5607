#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Verdicts of who sees everything: in an IPC namespace of its own, but among all processes of the
machine. Only there is anything certain, and only there are arrays, queues and files cleaned away.
Each with the nearest scene that must not be."""

import contextlib
import os
import pathlib
import subprocess
import tempfile

from live import Tap, enter, is_permitted, run
from orphans import (ATTACH, DETACH, LIBC, MAKE, SOON, YES, certainty, check, clean_with_pause,
                     document, findings, in_child, orphan, outcomes, remove, remove_all, segment,
                     segments, user)

NESTED = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
CHANGED = ("refused", "it has changed since it was judged; nothing was done")
KEY = 0x4d2
MAKE_SEGMENT = "import ctypes, sys; assert ctypes.CDLL(None).shmget(0, 4096, 0o1666) >= 0"
# Operate on an array, send to a queue; the number of the object is the first argument.
PRELUDE = "import ctypes, sys\nlibc, number = ctypes.CDLL(None), int(sys.argv[1])\n"
OPERATE = PRELUDE + "assert libc.semop(number, bytes([0, 0, 1, 0, 0, 0]), 1) == 0\n"
HOLD = PRELUDE + "assert libc.semop(number, bytes([0, 0, 1, 0, 0, 0x10]), 1) == 0\n"
SEND = PRELUDE + "assert libc.msgsnd(number, bytes([1] + 15 * [0]), 8, 0o4000) == 0\n"
OPEN = "import sys\nfile = open(sys.argv[1])\n"
PATH = "/dev/shm/forgotten"


def why_not_full():
    sight = document(["status"])["sight"]
    return None if sight["full"] else f"sight is not full: {', '.join(sight['reasons'])}"


def why_not_each(aspect):
    """Why even root does not see all of these here."""
    issues = document(["check"])["issues"]
    return next((f"{aspect}: {one['reason']}" for one in issues if one["aspect"] == aspect), None)


def test_segment(tap):
    number = orphan()
    evidence = findings(f"shm:{number}")["orphan-shm"]["evidence"]
    tap.say("private, unattached, and its creator has ended: certain", check(
        certainty(number) == "certain" and "0 attachments (nattch), and no mapping was found"
        in evidence and not any("does not see everything" in line for line in evidence), evidence))
    tap.say("within the hour it is no orphan", check(
        not [one for one in document(["check"])["findings"] if one["object"] == f"shm:{number}"]))
    with user(ATTACH, number):
        tap.say("attached: none", check(certainty(number) is None))
    with user(DETACH, number):
        tap.say("detached by a process that lives: none", check(certainty(number) is None))
    tap.say("after they have ended it is again", check(certainty(number) == "certain"))
    tap.say("it is removed without --include-likely", check(
        outcomes(["clean", *SOON, "--yes"]) == ({f"shm:{number}": ("done", None)}, 0)
        and number not in segments()))


def test_near_segment(tap):
    number = orphan(KEY)
    tap.say("with a key: likely, as any program may find it", check(certainty(number) == "likely"))
    actions, status = outcomes(["clean", *SOON, "--yes"])
    tap.say("with a key: kept", check(
        actions[f"shm:{number}"][0] == "kept" and status == 0 and number in segments(), actions))
    remove(number)
    number = segment()
    tap.say("with a creator that lives: none", check(
        certainty(number) is None and not outcomes(["clean", *SOON, "--yes"])[0]))
    remove(number)
    reason = is_permitted([*NESTED, "true"])
    if reason:
        tap.skip("with a creator in a PID namespace", reason)
        return
    with user(MAKE_SEGMENT, before=NESTED):
        number = max(segments())
        tap.say("with a creator that lives in a PID namespace: none", check(
            certainty(number) is None))
    tap.say("once that has ended: certain", check(certainty(number) == "certain"))
    remove(number)


def make_array():
    """One that was operated on by a process that has ended."""
    def work():
        number = LIBC.semget(KEY, 1, MAKE)
        return number if LIBC.semop(number, bytes([0, 0, 1, 0, 0, 0]), 1) == 0 else -1
    return in_child(work)[0]


def remove_array(number):
    assert LIBC.semctl(number, 0, 0, 0) == 0


def test_array(tap, folder):
    reason = why_not_each("holders")
    if reason:
        number = make_array()
        found = findings(f"sem:{number}").get("orphan-sem", {})
        tap.say("an array whose holders are unknown is not even likely an orphan", check(
            found.get("certainty") == "unknown", found))
        remove_array(number)
        tap.skip("arrays that are likely orphans", reason)
        return
    number = make_array()
    ref = f"sem:{number}"
    tap.say("an array whose users have ended: likely, never certain", check(
        findings(ref).get("orphan-sem", {}).get("certainty") == "likely", findings(ref)))
    for what, script in (("held", HOLD), ("operated on by a process that lives", OPERATE)):
        with user(script, number):
            tap.say(f"an array that is {what}: none", check("orphan-sem" not in findings(ref)))
    with contextlib.ExitStack() as users:
        def meanwhile():
            users.enter_context(user(HOLD, number))
        actions, result = clean_with_pause(folder, meanwhile, orphan())
        tap.say("held meanwhile: kept", check(
            actions.get(ref) == CHANGED and result.status == 1, actions, result))
    numbers = []

    def make_again():
        remove_array(number)
        pathlib.Path("/proc/sys/kernel/sem_next_id").write_text(str(number), encoding="ascii")
        numbers.append(LIBC.semget(KEY, 1, MAKE))

    if not os.path.exists("/proc/sys/kernel/sem_next_id"):
        tap.skip("made anew meanwhile", "there is no kernel.sem_next_id")
    else:
        actions, result = clean_with_pause(folder, make_again, orphan())
        tap.say("made anew meanwhile, with the same key and id: kept", check(
            actions.get(ref) == CHANGED and numbers == [number]
            and number in arrays(), actions, numbers))
        remove_array(number)
    number = make_array()
    actions, status = outcomes(["clean", *YES])
    tap.say("an orphan array is removed", check(
        (actions, status) == ({f"sem:{number}": ("done", None)}, 0), actions))


def arrays():
    lines = pathlib.Path("/proc/sysvipc/sem").read_text(encoding="ascii").splitlines()[1:]
    return [int(line.split()[1]) for line in lines]


def test_queue(tap, folder):
    with user("import ctypes, sys; assert ctypes.CDLL(None).msgget(0x4d2, 0o1666) >= 0"):
        number = LIBC.msgget(KEY, 0)
    ref = f"msg:{number}"
    with user(SEND, number):
        tap.say("a queue whose sender lives: none", check("orphan-msg" not in findings(ref)))
    found = findings(ref).get("orphan-msg", {})
    reason = why_not_each("waits")
    tap.say("a queue whose sender has ended: likely, where each thread was seen", check(
        found.get("certainty") == ("unknown" if reason else "likely")
        and "it holds 1 message that would be lost (msg_qnum)" in found["evidence"], found))
    if reason:
        tap.skip("a queue is used meanwhile", reason)
    else:
        with contextlib.ExitStack() as users:
            def meanwhile():
                users.enter_context(user(SEND, number))
            actions, result = clean_with_pause(folder, meanwhile, orphan())
            tap.say("a queue is used meanwhile: kept", check(
                actions.get(ref) == CHANGED and result.status == 1, actions, result))
    if why_not_each("holders"):
        assert LIBC.msgctl(number, 0, None) == 0
        tap.skip("a queue beside an array", why_not_each("holders"))
        return
    # For the array's sake the plan knows who sleeps from inside of the kernel.
    array = make_array()
    actions, status = outcomes(["clean", *YES])
    tap.say("a queue beside an array: both are removed, as both were judged", check(
        (actions, status) == ({f"sem:{array}": ("done", None), ref: ("done", None)}, 0), actions))


def test_file(tap, folder):
    path, ref = pathlib.Path(PATH), "pshm:/forgotten"
    path.write_bytes(b"1")
    found = findings(ref).get("orphan-posix", {})
    reason = why_not_each("processes")
    tap.say("a file that nobody has open: likely, where each process was seen", check(
        found.get("certainty") == ("unknown" if reason else "likely"), found))
    if reason:
        tap.skip("a file is opened, or another one comes in its place meanwhile", reason)
        path.unlink()
        return
    with contextlib.ExitStack() as users:
        def meanwhile():
            users.enter_context(user(OPEN, PATH))
        actions, result = clean_with_pause(folder, meanwhile, orphan())
        tap.say("a file is opened meanwhile: kept", check(
            actions.get(ref) == CHANGED and result.status == 1 and path.exists(), actions))

    def replace():
        other = pathlib.Path(PATH + ".new")
        other.write_bytes(b"2")
        other.rename(path)

    actions, result = clean_with_pause(folder, replace, orphan())
    tap.say("another one comes in its place meanwhile: kept", check(
        actions.get(ref) == CHANGED and path.read_bytes() == b"2", actions))
    path.unlink()


def main():
    enter("empty", options=("--seeing-all",))
    tap = Tap()
    reason = why_not_full()
    if reason:
        tap.skip("verdicts of who sees everything", reason)
        tap.finish()
    test_segment(tap)
    test_near_segment(tap)
    with tempfile.TemporaryDirectory() as folder:
        test_array(tap, folder)
        test_queue(tap, folder)
        test_file(tap, folder)
    remove_all()
    tap.say("and nothing is left", check(
        run(["list", "-n", "-o", "ref"]).stdout.split() == [],
        run(["list"]).stdout))
    tap.finish()


main()
