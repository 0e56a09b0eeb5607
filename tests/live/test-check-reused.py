#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""check and clean, where a number means something else: a PID that another process has by now, an id
that another IPC namespace has, too."""

import contextlib
import os
import signal
import subprocess
import time

from live import Tap, enter, expect, is_permitted
from orphans import (ATTACH, LAST_PID, NEXT_ID, YES, certainty, check, document, findings,
                     fork_as, in_child, make_with_id, orphan, outcomes, remove, segment, segments,
                     user, why_not_writable)

# Makes a segment with this id in the namespace in which it runs; python3 -c MAKE_THERE ID.
MAKE_THERE = """
import ctypes, sys
libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
open("/proc/sys/kernel/shm_next_id", "w").write(sys.argv[1])
assert libc.shmget(0, 4096, 0o1600) == int(sys.argv[1])
"""
ATTACH_THERE = MAKE_THERE + "assert libc.shmat(int(sys.argv[1]), None, 0) != 2**64 - 1\n"
# Times of objects are whole seconds, and so is the margin of two that history allows for.
LONGER_THAN_MARGIN = 3.1


@contextlib.contextmanager
def sleeper_as(pid):
    """A process of this PID, which uses nothing."""
    if fork_as(pid) == 0:
        while True:
            signal.pause()
    try:
        yield
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def states(number):
    """What became of those on record, by what they did."""
    answer = document(["who", f"shm:{number}"])
    return {link["how"]: (link["pid"], link["state"]) for link in answer["links"]}


def test_reused_pid(tap):
    reason = why_not_writable(LAST_PID)
    if reason:
        tap.skip("a PID that another process has by now", reason)
        return
    number, creator = in_child(segment)
    tap.say("its creator has ended: likely an orphan", check(
        certainty(number) == "likely" and states(number) == {"created": (creator, "dead")},
        states(number)))
    with sleeper_as(creator):
        tap.say("a process that started within the margin can be the creator: no orphan", check(
            certainty(number) is None and states(number)["created"] == (creator, "alive"),
            states(number)))
    time.sleep(LONGER_THAN_MARGIN)
    with sleeper_as(creator):
        found = findings(f"shm:{number}")
        tap.say("one that started later is not: likely an orphan", check(
            found.get("orphan-shm", {}).get("certainty") == "likely"
            and states(number)["created"] == (creator, "reused"), found, states(number)))
        tap.say("its evidence says so, and blames nobody", check(
            "each process on record is dead, or its PID another one's"
            in found["orphan-shm"]["evidence"]
            and not any(str(creator) in line for line in found["orphan-shm"]["evidence"]), found))
        used = document(["ps", str(creator)])
        tap.say("ps of the process has nothing of it", check(
            not [link for link in used["links"] if link["object"] == f"shm:{number}"], used))
        actions, status = outcomes(["clean", *YES])
        tap.say("it is removed, and the process lives on", check(
            (actions, status) == ({f"shm:{number}": ("done", None)}, 0)
            and number not in segments() and os.path.exists(f"/proc/{creator}/comm"), actions))


def test_living_creator(tap):
    number = segment()
    time.sleep(LONGER_THAN_MARGIN)
    tap.say("the creator itself, which has lived on: no orphan", check(
        certainty(number) is None and states(number) == {"created": (os.getpid(), "alive")}
        and not outcomes(["clean", *YES])[0] and number in segments(), states(number)))
    remove(number)


def test_reused_last(tap):
    """Of the last who attached or detached the same is true as of the creator."""
    reason = why_not_writable(LAST_PID)
    if reason:
        tap.skip("the PID of the last user is another process's", reason)
        return
    number = orphan()
    with user(ATTACH, number) as last:
        pass
    time.sleep(LONGER_THAN_MARGIN)
    with sleeper_as(last):
        tap.say("the PID of the last user is another process's: likely an orphan", check(
            certainty(number) == "likely" and states(number)["last-op"] == (last, "reused"),
            states(number)))
    remove(number)


def elsewhere(script, number):
    """A process in an IPC namespace of its own."""
    return user(script, number, before=["unshare", "--ipc"])


def seen_by(pid):
    """By id, the attachments of the segments in its namespace."""
    done = subprocess.run(["nsenter", f"--target={pid}", "--ipc", "cat", "/proc/sysvipc/shm"],
                          capture_output=True, text=True, check=True)
    names, *lines = [line.split() for line in done.stdout.splitlines()]
    rows = [dict(zip(names, map(int, line))) for line in lines]
    return {row["shmid"]: row["nattch"] for row in rows}


def test_other_namespace(tap):
    reason = why_not_writable(NEXT_ID) or is_permitted(["unshare", "--ipc", "true"])
    if reason:
        tap.skip("the same id in another IPC namespace", reason)
        return
    number = orphan()
    with elsewhere(ATTACH_THERE, number) as pid:
        tap.say("one of the same id is attached in another namespace: that is there", check(
            seen_by(pid) == {number: 1}, seen_by(pid)))
        who = document(["who", f"shm:{number}"])
        tap.say("the one here is likely an orphan all the same", check(
            certainty(number) == "likely"
            and not [link for link in who["links"] if link["pid"] == pid], who))
        tap.say("it is removed", check(
            outcomes(["clean", *YES]) == ({f"shm:{number}": ("done", None)}, 0)
            and not segments(), segments()))
        tap.say("and the one there is untouched", check(seen_by(pid) == {number: 1}, seen_by(pid)))
    make_with_id(number)
    with elsewhere(ATTACH_THERE, number) as pid:
        tap.say("so it is with remove", expect(
            ["remove", f"shm:{number}"], 0, stdout=b"removed shm:%d\n" % number)
                + check(seen_by(pid) == {number: 1}, seen_by(pid)))
    make_with_id(number)
    with elsewhere(MAKE_THERE, number) as pid, user(ATTACH, number):
        tap.say("attached here and not there: no orphan here", check(
            seen_by(pid) == {number: 0} and certainty(number) is None, seen_by(pid)))
        actions, status = outcomes(["clean", *YES])
        tap.say("and nothing is removed, here or there", check(
            not actions and status == 0 and segments()[number]["nattch"] == 1
            and seen_by(pid) == {number: 0}, actions, seen_by(pid)))
    remove(number)


def main():
    enter("empty")
    tap = Tap()
    test_reused_pid(tap)
    test_living_creator(tap)
    test_reused_last(tap)
    test_other_namespace(tap)
    tap.finish()


main()
