#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""list --every: looks that follow each other, how they end, and that they leave nothing behind."""

import json
import os
import pathlib
import re
import signal
import subprocess
import time

from actions import check
from live import ENVIRONMENT, IPCLENS, IS_SANITIZED, Tap, enter, expect, problem, run

TIME = rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"


def start(*words, **options):
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.Popen([IPCLENS, "list", *words], env=ENVIRONMENT, **options)


def do(*words):
    result = run(list(words))
    assert result.status == 0, result
    return result.stdout.decode().strip()


def test_rows(tap):
    queue = do("make", "msg")
    tap.say("a heading, and a row of each look", expect(
        ["list", "msg", "--every", "0.05", "--count", "3"], 0, b"",
        rb"TIME +REF +KEY [^\n]*\n(" + TIME + rb" msg:\d+ +0x[^\n]*\n){3}"))
    tap.say("without a heading", expect(
        ["list", "msg", "--every", "0.05", "--count", "2", "-n", "-o", "ref,messages"], 0, b"",
        rb"(" + TIME + rb" msg:\d+ +0\n){2}"))
    tap.say("the format of times is that of the others", expect(
        ["list", "msg", "--every", "0.05", "--count", "1", "-n", "-o", "ref", "--time-format=epoch"],
        0, b"", rb"\d{10} msg:\d+\n"))
    with start("msg", "--every", "0.1", "-o", "ref,messages") as child:
        heading, first = child.stdout.readline(), child.stdout.readline()
        do("send", queue, "hello")
        rows = read_until(child, b" 1\n")
        do("remove", queue)
        rest = read_until(child, b"no message queues")
        child.terminate()
    tap.say("each look is written at once, and is a new one", check(
        heading.split() == [b"TIME", b"REF", b"MESSAGES"] and first.split()[-1] == b"0"
        and rows[-1].endswith(b" 1\n"), heading, first, rows))
    tap.say("columns stay where they are", check(
        len({len(row) for row in [first, *rows]}) == 1, first, rows))
    tap.say("that there is none any more is said once", check(
        re.fullmatch(TIME + rb" no message queues\n", rest[-1]), rest))


def read_until(child, words):
    lines = []
    while not lines or (lines[-1] and words not in lines[-1]):
        lines.append(child.stdout.readline())
    return lines


def test_json(tap):
    queue = do("make", "msg")
    result = run(["list", "msg", "--every", "0.05", "--count", "3", "--json"])
    documents = [json.loads(line) for line in result.stdout.splitlines()]
    once = json.loads(run(["list", "msg", "--json"]).stdout)
    tap.say("a document on each line", check(
        result.status == 0 and len(documents) == 3, result))
    tap.say("is the document of one look", check(
        all(one["objects"] == once["objects"] and list(one) == list(once) for one in documents)))
    do("remove", queue)


def test_schedule(tap):
    """Looks are due at multiples of the interval after the first, however long each takes."""
    begin = time.monotonic()
    result = run(["list", "msg", "--every", "0.1", "--count", "11", "-n"])
    took = time.monotonic() - begin
    tap.say("ten intervals take no less than ten times as long", check(
        result.status == 0 and took >= 1.0, took))


def test_end(tap):
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        with start("msg", "--every", "0.05", "--json") as child:
            child.stdout.readline()
            child.send_signal(number)
            output, complaints = child.communicate()
        tap.say(f"{number.name} ends it, between two looks", check(
            child.returncode == -number and not complaints
            and (not output or output.endswith(b"}\n")), child.returncode, output, complaints))
    with start("msg", "--every", "0.02", "--json") as child:
        child.stdout.readline()
        child.stdout.close()
        complaints = child.stderr.read()
    tap.say("who reads no more ends it silently", check(
        child.returncode == -signal.SIGPIPE and not complaints, child.returncode, complaints))
    result = run(["list", "msg", "--every", "0.02"], stdout=open("/dev/full", "wb"))
    tap.say("a full disk is an error", check(
        result.status == 1 and b"No space left" in result.stderr, result))


def resident(child):
    """Kilobytes of its own, and not of files."""
    status = pathlib.Path(f"/proc/{child.pid}/status").read_text(encoding="ascii")
    return int(re.search(r"RssAnon:\s+(\d+)", status)[1])


def test_memory(tap):
    if IS_SANITIZED:
        tap.skip("it does not grow", "the sanitizers keep what was freed")
        return
    for _ in range(50):
        do("make", "sem", "--nsems", "20")
    for words in (["-o", "all"], ["--json"], ["shm", "sem", "pshm", "pipe", "-o", "+processes"]):
        with start(*words, "--every", "0.01", stdout=subprocess.PIPE) as child:
            early = late = 0
            for look in range(400):
                read_look(child, words)
                if look == 50:
                    early = resident(child)
            late = resident(child)
            child.terminate()
            child.stdout.close()
        tap.say(f"it does not grow: {' '.join(words)}", check(late <= early + 64, early, late))


def read_look(child, words):
    """One line of JSON, or fifty rows of arrays."""
    count = 1 if "--json" in words else 50
    while count:
        line = child.stdout.readline()
        assert line, child.stderr.read()
        count -= "--json" in words or b" sem:" in line


def test_usage(tap):
    for words, said in (
            (["--every", "0"], rb"0: --every takes 0.01 seconds at least, and 365d at most"),
            (["--every", "-1"], rb"-1: --every takes an age: .*"),
            (["--every", "soon"], rb"soon: --every takes an age: .*"),
            (["--every", "366d"], rb"366d: --every takes 0.01 seconds at least, and 365d at most"),
            (["--every", "99999999999999999999"], rb"9*: --every takes 0.01 seconds at least, .*"),
            (["--every", "1", "--count", "0"], rb"0: --count takes a number, from 1"),
            (["--every", "1", "--count", "x"], rb"x: --count takes a number, from 1"),
            (["--count", "3"], rb"--count is how often to look: it goes with --every"),
            (["--every", "1", "--from", "x"], rb"--every looks at this machine again and again: .*"),
            (["--every", "1", "--root", "x"], rb"--every looks at this machine again and again: .*")):
        tap.say(f"exit status 2, and why: {' '.join(words)}",
                expect(["list", *words], 2, b"ipclens: " + said + b"\n", b""))


def main():
    enter("empty")
    tap = Tap()
    for test in (test_usage, test_rows, test_json, test_schedule, test_end, test_memory):
        test(tap)
    tap.finish()


main()
