#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""semop: semaphores raised and lowered, waited for, and held for the time of a command."""

import json
import os
import signal
import subprocess
import sys
import time

from actions import LIBC, action_of, check, semaphores
from live import (ENVIRONMENT, IPCLENS, NOBODY, Tap, accessible_copy, enter, expect, run,
                  why_no_other_user)

GETVAL, GETPID = 12, 11
WAITS = ("do_semtimedop", "__do_semtimedop")


def values(array):
    count = len(json.loads(run(["show", f"sem:{array}", "--json"]).stdout)
                ["objects"][0]["semaphores"])
    return [LIBC.semctl(array, number, GETVAL) for number in range(count)]


def started(words, **options):
    return subprocess.Popen([IPCLENS, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, env=ENVIRONMENT, **options)


def await_block(child):
    """Until it sleeps in semop()."""
    for _ in range(300):
        with open(f"/proc/{child.pid}/wchan", encoding="ascii") as file:
            if file.read() in WAITS:
                return
        time.sleep(0.001)


def test_steps(tap):
    array = semaphores([1, 0, 5])
    ref = f"sem:{array}"
    for steps, after in ((["0-1"], [0, 0, 5]), (["0+1"], [1, 0, 5]),
                         (["0-1", "1+3", "2-5"], [0, 3, 0]), (["2=0", "2+1"], [0, 3, 1]),
                         (["1-1", "1-2", "0=0"], [0, 0, 1]), (["0+32767"], [32767, 0, 1])):
        tap.say(f"{' '.join(steps)}", expect(["semop", ref, *steps], 0, stdout=b"")
                + check(values(array) == after, values(array)))
    for steps, why in ((["0+1"], rb"above 32767"), (["3+1"], rb"it has 3 semaphores.*"),
                       (["1-1", "--timeout=0"], rb"it would have to wait"),
                       (["2+1", "1-1", "--timeout=0"], rb"it would have to wait"),
                       (["2=0", "--timeout=0.1"], rb"timed out after 0.1 seconds"),
                       (["2+1"] * 501, rb"these are more operations than kernel.sem.*")):
        tap.say(f"{' '.join(steps[:3])}: fails, and changes nothing", expect(
            ["semop", ref, *steps], 1, rb"ipclens: sem:\d+: not done: [^\n]*" + why + rb"\n")
                + check(values(array) == [32767, 0, 1], values(array)))
    tap.say("what would be done", expect(["semop", ref, "1-1", "--dry-run"], 0,
                                         stdout=rb"would be done on sem:\d+\n")
            + check(values(array) == [32767, 0, 1]))
    tap.say("a semaphore that is not there would fail, too", expect(
        ["semop", ref, "3-1", "--dry-run"], 1, rb"ipclens: .*\n"))
    outcomes = [action_of(["semop", ref, step, "--timeout=0"]) for step in ("2-1", "2-1")]
    tap.say("the same in JSON", check(
        [(action["action"], action["outcome"], status) for action, status in outcomes]
        == [("semop", "done", 0), ("semop", "failed", 1)], outcomes))
    run(["remove", "--force", ref])


def test_waiting(tap):
    array = semaphores([0, 1])
    ref = f"sem:{array}"
    child = started(["semop", ref, "0-1"])
    await_block(child)
    run(["semop", ref, "0+1"])
    tap.say("it waits until it can lower", check(child.wait() == 0 and values(array) == [0, 1]))
    child = started(["semop", ref, "1=0", "0+7"])
    await_block(child)
    run(["semop", ref, "1-1"])
    tap.say("and for zero", check(child.wait() == 0 and values(array) == [7, 0]))
    start = time.monotonic()
    run(["semop", ref, "1-1", "--timeout=0.3"])
    tap.say("as long as it was told", check(0.3 <= time.monotonic() - start < 3))
    for number in (signal.SIGINT, signal.SIGTERM):
        child = started(["semop", ref, "1-1"])
        await_block(child)
        child.send_signal(number)
        tap.say(f"{number.name} ends it as a signal does", check(child.wait() == -number))
    child = started(["semop", ref, "1-1"])
    await_block(child)
    child.send_signal(signal.SIGSTOP)
    child.send_signal(signal.SIGCONT)
    await_block(child)
    run(["semop", ref, "1+1"])
    tap.say("a stop does not", check(child.wait() == 0 and values(array) == [7, 0]))
    child = started(["semop", ref, "1-1"])
    await_block(child)
    run(["remove", "--force", ref])
    output = child.communicate()
    tap.say("an array that is removed meanwhile", check(
        child.returncode == 1 and b"it was removed meanwhile" in output[1], output))


def held(array):
    """Whether the array is held, by somebody else's word: the value is below what was given."""
    return LIBC.semctl(array, 0, GETVAL) == 0


def test_hold(tap):
    array = semaphores([1, 0])
    ref = f"sem:{array}"
    script = f"import ctypes; print(ctypes.CDLL(None).semctl({array}, 0, {GETVAL}))"
    tap.say("a command holds what was taken", expect(
        ["semop", ref, "0-1", "--hold", sys.executable, "-c", script], 0, stdout=b"0\n")
            + check(values(array) == [1, 0], values(array)))
    tap.say("its options are its own, and its exit status is the result", expect(
        ["semop", ref, "0-1", "--timeout=3", "--hold", "sh", "-c", "echo --json $0; exit 37",
         "--help"], 37, stdout=b"--json --help\n") + check(values(array) == [1, 0]))
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT):
        child = started(["semop", ref, "0-1", "1+2", "--hold", "sleep", "1000"])
        await_held(child, array)
        pid = LIBC.semctl(array, 0, GETPID)
        child.send_signal(number)
        tap.say(f"the same process is the command, which {number.name} ends; all is given back",
                check(pid == child.pid and child.wait() == -number and values(array) == [1, 0],
                      pid, child.pid, child.returncode, values(array)))
    with started(["semop", ref, "0-1", "--hold", "sleep", "1000"]) as child:
        await_held(child, array)
        tap.say("meanwhile nobody else can have it", expect(
            ["semop", ref, "0-1", "--timeout=0", "--hold", "true"], 1,
            rb"ipclens: .*it would have to wait\n"))
        child.kill()
    tap.say("a command that is not there", expect(
        ["semop", ref, "0-1", "--hold", "/nosuch"], 1, rb"ipclens: /nosuch: No such file.*\n")
            + check(values(array) == [1, 0]))
    tap.say("a command that would be run is not", expect(
        ["semop", ref, "0-1", "--dry-run", "--hold", "touch", "/dev/shm/touched"], 0,
        stdout=rb"would be done on .*\n") + check(not os.path.exists("/dev/shm/touched")))
    signals = "grep -E 'Sig(Blk|Ign|Cgt)' /proc/self/status; cat /proc/self/timers"
    plain = run(["-c", signals], program="/bin/sh")
    tap.say("the command finds signals and timers as they were", check(
        run(["semop", ref, "0-1", "--timeout=5", "--hold", "sh", "-c", signals]).stdout
        == plain.stdout, plain))
    result = run(["semop", ref, "0-1", "--timeout=0.2", "--hold", "sleep", "0.6"])
    tap.say("and the timeout is not its own", check(result.status == 0, result))
    run(["remove", ref])


def await_held(child, array):
    for _ in range(3000):
        with open(f"/proc/{child.pid}/comm", encoding="ascii") as file:
            if file.read() == "sleep\n" and held(array):
                return
        time.sleep(0.001)


def test_refused(tap):
    ref = f"sem:{semaphores([1])}"
    for words in ([], [ref], ["shm:0", "0-1"], ["msg:0", "0-1"], [ref, "0"], [ref, "0+0"],
                  [ref, "0=1"], [ref, "0-1", "x"], [ref, "0+32768"], [ref, "65536+1"],
                  [ref, "0-1", "--undo"], [ref, "0-1", "--hold"],
                  [ref, "0=0", "--hold", "true"], [ref, "0-1", "--json", "--hold", "true"],
                  [ref, "0-1", "--hol", "true"], [ref, "0-1", "--timeout=x"],
                  [ref, "--hold", "0-1"]):
        tap.say(f"semop {' '.join(words)}: usage", expect(["semop", *words], 2,
                                                          rb"ipclens: .*\n"))
    tap.say("why undo is refused", expect(["semop", ref, "0-1", "--undo"], 2,
                                          rb"ipclens: semop: --undo .* --hold COMMAND\n"))
    tap.say("an array that is not there", expect(["semop", "sem:7777", "0+1"], 1,
                                                 rb"ipclens: sem:7777: not found.*\n"))
    reason = why_no_other_user()
    if reason:
        tap.skip("an array that may not be changed", reason)
        return
    with accessible_copy() as program:
        tap.say("an array that may not be changed", expect(
            ["semop", ref, "0+1"], 1, rb"ipclens: .*Permission denied\n", program=program,
            user=NOBODY))


def main():
    enter("empty")
    tap = Tap()
    test_steps(tap)
    test_waiting(tap)
    test_hold(tap)
    test_refused(tap)
    tap.finish()


main()
