#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The commands that change something: what they do, and what they refuse."""

import os
import socket

from actions import (action_of, check, document, exists, expect_action, queue, segment, semaphores,
                     send, user)
from live import Tap, enter, expect, run

HOLDERS_UNKNOWN = "holders unknown"


def test_remove(tap):
    refs = [f"shm:{segment()}", f"sem:{semaphores([1])}", f"msg:{queue()}"]
    tap.say("what would be removed stays", expect(
        ["remove", "--dry-run", *refs], 0, stdout=rb"(would remove \w+:\d+\n){3}")
            + check(all(map(exists, refs))))
    tap.say("unused objects are removed, in the order of the operands", expect(
        ["remove", *refs], 0, stdout="".join(f"removed {ref}\n" for ref in refs).encode())
            + check(not any(map(exists, refs))))
    ref = f"shm:{segment(key=0x4d2)}"
    tap.say("a key is as good as an id, and what is not there does not stop the others", expect(
        ["remove", "shm:77", "shm:0x4d2", "sem:78"], 1,
        rb"ipclens: shm:77: not found; .*\nipclens: sem:78: not found; .*\n",
        f"removed {ref}\n".encode()))
    answer, status = document(["remove", "shm:77"])
    tap.say("which JSON tells, too", check(
        status == 1 and [(each["object"], each["outcome"], each["reason"])
                         for each in answer["actions"]] == [("shm:77", "failed", "not found")],
        answer))


def expect_refusal(ref, pid, evidence, kept=True):
    """Problems, where the object is removed, or the process that uses it not told."""
    action, status = action_of(["remove", ref])
    lines = [line for line in action["evidence"] if f" {pid}: " in line and evidence in line]
    return check((action["outcome"], status) == ("refused", 1) and lines, action) + (
        check(exists(ref), "it is gone") if kept else [])


def test_users(tap):
    identifier = segment()
    with user("attach", identifier) as pid:
        tap.say("a segment that is attached is not removed",
                expect_refusal(f"shm:{identifier}", pid, "has it mapped"))
        tap.say("and neither would it be",
                expect_action(["remove", "--dry-run", f"shm:{identifier}"], "refused", 1))
        tap.say("unless that is forced, and then it is said whom it hurts", expect(
            ["remove", "--force", f"shm:{identifier}"], 0,
            stdout=rb"removed shm:%d\n  \S+ %d: has it mapped\n" % (identifier, pid)))
        tap.say("what is removed already goes by itself", expect(
            ["remove", "-f", f"shm:{identifier}"], 1, rb"ipclens: .*it is removed already.*\n"))
    identifier = semaphores([0])
    with user("wait", identifier) as pid:
        tap.say("an array that is waited for is not removed",
                expect_refusal(f"sem:{identifier}", pid, "waits for it in thread"))
    run(["remove", "--force", f"sem:{identifier}"])
    identifier = semaphores([1])
    with user("hold", identifier) as pid:
        action, status = action_of(["remove", f"sem:{identifier}"])
        if any(HOLDERS_UNKNOWN in line for line in action["evidence"]):
            tap.say("an array whose holders are unknown is not removed",
                    check((action["outcome"], status) == ("refused", 1), action))
        else:
            tap.say("an array that is held is not removed",
                    expect_refusal(f"sem:{identifier}", pid, "holds 1 of num 0"))
    run(["remove", "--force", f"sem:{identifier}"])
    identifier = queue()
    with user("receive", identifier) as pid:
        tap.say("a queue that is waited for is not removed",
                expect_refusal(f"msg:{identifier}", pid, "receive"))
    send(identifier, 1, b"x")
    tap.say("what is lost with a queue is told", expect(
        ["remove", f"msg:{identifier}"], 0,
        stdout=rb"removed msg:%d\n  1 message in it would be lost\n" % identifier))


def test_files(tap):
    os.close(os.open("/dev/shm/one", os.O_CREAT | os.O_RDWR, 0o600))
    os.mkfifo("/dev/shm/a fifo")
    os.mkfifo("/dev/shm/other")
    for ref, path in (("pshm:/one", "/dev/shm/one"), ("fifo:/dev/shm/a fifo", "/dev/shm/a fifo")):
        with user("open", path) as pid:
            tap.say(f"{ref}: not removed while it is open",
                    expect_refusal(ref, pid, "has it open", False) + check(os.path.exists(path)))
            tap.say(f"{ref}: removed where that is forced", expect(
                ["remove", "--force", ref], 0, stdout=b"removed .* has it open\n")
                    + check(not os.path.exists(path)))
    tap.say("a FIFO that nobody has open is removed", expect(
        ["remove", "fifo:/dev/shm/other"], 0, stdout=b"removed fifo:/dev/shm/other\n")
            + check(not os.path.exists("/dev/shm/other")))
    with socket.socket(socket.AF_UNIX) as other, open("/dev/shm/hostile\x1b[31m", "w"):
        other.bind("/dev/shm/socket")
        tap.say("what is no FIFO is not removed as one", expect(
            ["remove", "fifo:/dev/shm/socket"], 1, rb"ipclens: .*: not found: no FIFO is there.*\n")
                + check(os.path.exists("/dev/shm/socket")))
        tap.say("no name reaches the terminal as it is", expect(
            ["remove", r"pshm:/hostile\x1b[31m"], 1, rb"[^\x1b]*in use[^\x1b]*"))


def test_misuse(tap):
    for words in (["remove"], ["remove", "nosuch"], ["remove", "shm:"], ["remove", "shm:-1"],
                  ["remove", "0x0"], ["remove", "--nosuch", "shm:0"], ["remove", "-f"]):
        tap.say(f"{' '.join(words)}: usage", expect(words, 2, rb"ipclens: .*\n"))
    tap.say("a pipe has no name to be removed", expect(
        ["remove", f"pipe:{os.stat(0).st_ino}"], 1, rb"ipclens: .*\n"))


def main():
    enter("empty")
    tap = Tap()
    test_remove(tap)
    test_users(tap)
    test_files(tap)
    test_misuse(tap)
    tap.finish()


main()
