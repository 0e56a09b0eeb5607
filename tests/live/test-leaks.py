#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""leaks: of a program that leaks segments and one that makes and removes its own, only the first is
named, also after its end; a queue that nobody reads; and what the series has to be like."""

import contextlib
import ctypes
import json
import os
import subprocess
import sys
import tempfile
import time

from live import ENVIRONMENT, Tap, enter, expect, run

LIBC = ctypes.CDLL(None)
LOOKS = 4
NAMED = "import ctypes, sys\nlibc = ctypes.CDLL(None)\nlibc.prctl(15, b'{name}')\n"
# For each line that it reads it makes three more, and keeps them all.
LEAKER = NAMED + """
for line in sys.stdin:
    for _ in range(3):
        assert libc.shmget(0, 12288, 0o1600) >= 0
    print(flush=True)
"""
# For each line it removes those it had, and makes one more than there were.
BREATHER = NAMED + """
segments = []
for line in sys.stdin:
    count = len(segments) + 1
    for segment in segments:
        libc.shmctl(segment, 0, None)
    segments = [libc.shmget(0, 4096, 0o1600) for _ in range(count)]
    print(flush=True)
"""


@contextlib.contextmanager
def program(script, name):
    with subprocess.Popen([sys.executable, "-c", script.format(name=name)], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as child:
        yield child
        child.stdin.close()
        child.wait()


def step(child):
    child.stdin.write(b"\n")
    child.stdin.flush()
    child.stdout.readline()


def save(path):
    """In a second of its own: more exactly no snapshot knows when it was taken."""
    time.sleep(1.01)
    return expect(["save", path], 0, stderr=rb".*", stdout=b"")


def record(folder):
    """The files, of which the last was saved after the leaker has ended; and problems."""
    queue = LIBC.msgget(0, 0o1600)
    paths = [f"{folder}/{number}" for number in range(LOOKS)]
    problems = []
    with program(BREATHER, "breather") as breather:
        with program(LEAKER, "leaker") as leaker:
            for path in paths[:-1]:
                step(leaker)
                step(breather)
                assert LIBC.msgsnd(queue, bytes([1] + 15 * [0]), 8, 0) == 0
                problems += save(path)
            step(leaker)
        step(breather)
        assert LIBC.msgsnd(queue, bytes([1] + 15 * [0]), 8, 0) == 0
        problems += save(paths[-1])
    return paths, queue, problems


def check(condition, *lines):
    return [] if condition else [[str(line) for line in lines]]


def test_leaks(tap, paths, queue):
    answer = json.loads(run(["leaks", *paths, "--json"]).stdout)
    by_kind = {leak["kind"]: leak for leak in answer["leaks"]}
    tap.say("two leaks are found, and no more",
            check(sorted(by_kind) == ["msg", "shm"] and len(answer["leaks"]) == 2, answer["leaks"]))
    leak = by_kind["shm"]
    tap.say("only the program that leaks is named, by its command", check(
        (leak["what"], leak["by"], leak["group"], leak["certainty"])
        == ("objects", "command", "leaker", "unknown" if leak["gone"] else "likely"), leak))
    # Those of the last step were made by it when no snapshot saw it any more.
    tap.say("its course is told",
            check([point["count"] for point in leak["points"]] == [3, 6, 9, 9], leak["points"]))
    leak = by_kind["msg"]
    tap.say("so is the queue that nobody reads", check(
        (leak["what"], leak["object"], leak["first"], leak["last"], leak["certainty"])
        == ("queue", f"msg:{queue}", 1, LOOKS, "likely"), leak))
    tap.say("with the limit that it runs into",
            check(leak["limit"] == "msgmnb" and leak["hits_limit_at"] > answer["taken_at"], leak))


def test_growth(tap, paths):
    tap.say("less growth than was asked for is no leak", expect(
        ["leaks", *paths, "--min-growth", "100"], 0, stdout=rb".*\nnothing accumulates\n"))
    result = run(["leaks", *paths, "--by", "user", "--kind", "shm"])
    tap.say("put together by user, those that come and go are among them",
            check(b" more shared memory segments of user " in result.stdout
                  or b"nothing accumulates" in result.stdout, result))


def test_locale(tap, paths):
    ascii_result = run(["leaks", *paths], environment=dict(ENVIRONMENT, LC_ALL="C"))
    tap.say("in an ASCII locale the bars are ASCII", check(
        ascii_result.stdout.isascii() and b" 3 6 9 9 .=##\n" in ascii_result.stdout, ascii_result))
    result = run(["leaks", *paths])
    tap.say("else they are blocks", check(" 3 6 9 9 ▁▄██\n".encode() in result.stdout, result))


def test_refused(tap, paths):
    first, second = paths[:2]
    tap.say("the order has to be that of time", expect(
        ["leaks", second, first], 1, rb"ipclens: .*: taken before the one in front of it; .*\n", b""))
    tap.say("--force sorts them", expect(
        ["leaks", *reversed(paths), "--force"], 0,
        rb"ipclens: leaks: the snapshots were put in the order of time\n", rb".*leaker.*"))
    with open(second, "rb") as file:
        result = run(["leaks", first, "-", *paths[2:], "--json"], stdin=file.read())
    tap.say("one of them can come from standard input",
            check(result == run(["leaks", *paths, "--json"]), result))
    cut = second + "-cut"
    with open(second, "rb") as whole, open(cut, "wb") as part:
        part.write(whole.read()[:200])
    tap.say("a file that is truncated is refused",
            expect(["leaks", first, cut], 1, rb"ipclens: .*-cut: .*truncated\n", b""))
    with open("/dev/full", "wb") as full:
        result = run(["leaks", *paths], stdout=full)
    tap.say("a full standard output is a failure",
            check(result.status == 1 and b"No space left on device" in result.stderr, result))


def main():
    enter("compat")
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="ipclens-leaks-") as folder:
        os.chmod(folder, 0o700)
        paths, queue, problems = record(folder)
        tap.say("a series is saved", problems)
        test_leaks(tap, paths, queue)
        test_growth(tap, paths)
        test_locale(tap, paths)
        test_refused(tap, paths)
    tap.finish()


main()
