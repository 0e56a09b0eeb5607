#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""peek, send and receive: messages of queues of both sorts."""

import os
import pty
import subprocess
import sys

from actions import PRELUDE, check, document, queue, send
from live import NOBODY, Tap, accessible_copy, enter, expect, run, \
    why_no_other_user

BODIES = ((1, b"hello"), (7, b"\x1b[31mred\xff\0" + bytes(range(256))), (1, b""),
          (2**62, "héllo\n".encode()), (7, b"x" * 8192))
# Sends and receives without end.
CHURN = PRELUDE + """
room = ctypes.create_string_buffer(struct.pack("q", 5) + bytes(100))
READY()
while True:
    LIBC.msgsnd(N[0], room, 100, 0)
    LIBC.msgrcv(N[0], room, 100, 5, 0)
"""


def state():
    with open("/proc/sysvipc/msg", encoding="ascii") as file:
        return file.read()


def test_peek(tap):
    identifier = queue(0x99)
    ref = f"msg:{identifier}"
    tap.say("an empty queue", expect(["peek", ref], 0, stdout=rb"%s: 0 messages\n" % ref.encode()))
    for kind, body in BODIES:
        send(identifier, kind, body)
    before = state()
    answer, status = document(["peek", ref])
    tap.say("JSON has every message as it is", check(
        status == 0 and [(each["type"], each["size"], bytes.fromhex(each["hex"]), each["cut"])
                         for each in answer["messages"]]
        == [(kind, len(body), body, False) for kind, body in BODIES], answer))
    tap.say("text that is none is escaped, and what is UTF-8 is not", check(
        answer["messages"][1]["body"].startswith("\x1b[31mred\\xff\0")
        and answer["messages"][3]["body"] == "héllo\n", answer["messages"]))
    tap.say("and what there is of each type", check(
        answer["message_types"] == [
            {"type": 1, "messages": 2, "bytes": 5}, {"type": 7, "messages": 2, "bytes": 8458},
            {"type": 2**62, "messages": 1, "bytes": 7}], answer["message_types"]))
    answer = document(["peek", ref, "--body", "3"])[0]
    tap.say("as much of a body as was asked for", check(
        [(each["hex"], each["cut"]) for each in answer["messages"]]
        == [(body[:3].hex(), len(body) > 3) for _, body in BODIES], answer))
    tap.say("a table, of which nothing reaches the terminal as it is", expect(
        ["peek", ref], 0, stdout=rb"msg:\d+: 5 messages\nINDEX +TYPE SIZE HEX +BODY\n"
        rb" *0 +1 +5 68656c6c6f +hello\n *1 +7 +266 1b5b33316d726564ff00000102030405 "
        rb"\\x1b\[31mred\\xff\\x00[^\x00-\x09\x0b-\x1f]* TYPE MESSAGES BYTES\n.*"))
    tap.say("the bodies alone", expect(["peek", ref, "--raw"], 0,
                                       stdout=None) + check(
        run(["peek", "0x99", "--raw"]).stdout == b"".join(body for _, body in BODIES)))
    tap.say("peek changes nothing", check(before == state(), before, state()))
    tap.say("a number without a kind is that of a queue", expect(
        ["peek", str(identifier), "-n"], 0, stdout=rb" *0 +1 .*"))
    test_peek_refused(tap, ref)
    test_peek_msgmax(tap, ref)
    run(["remove", ref])


def test_peek_refused(tap, ref):
    for words in ([], ["msg:1", "msg:2"], ["shm:1"], ["fifo:/x"], [ref, "--body=-1"],
                  [ref, "--body=x"], [ref, "--raw", "--json"]):
        tap.say(f"peek {' '.join(words)}: usage", expect(["peek", *words], 2, rb"ipclens: .*\n"))
    tap.say("POSIX queues cannot be looked into", expect(
        ["peek", "mq:/x"], 1, rb"ipclens: mq:/x: .*without taking.*\n"))
    tap.say("a queue that is not there", expect(["peek", "msg:7777"], 1,
                                                rb"ipclens: msg:7777: not found.*\n"))
    terminal, side = pty.openpty()
    result = run(["peek", ref, "--raw"], stdout=side)
    tap.say("bodies do not go to a terminal as they are",
            check(result.status == 2 and b"terminal" in result.stderr, result))
    os.close(terminal)
    os.close(side)
    reason = why_no_other_user()
    if reason:
        tap.skip("a queue that may not be read", reason)
        return
    with accessible_copy() as program:
        tap.say("a queue that may not be read", expect(
            ["peek", ref], 1, rb"ipclens: msg:\d+: Permission denied\n", program=program,
            user=NOBODY))


def test_peek_msgmax(tap, ref):
    try:
        with open("/proc/sys/kernel/msgmax", "w", encoding="ascii") as file:
            file.write("100")
    except OSError as error:
        tap.skip("messages that are larger than msgmax", str(error))
        return
    answer, status = document(["peek", ref])
    with open("/proc/sys/kernel/msgmax", "w", encoding="ascii") as file:
        file.write("8192")
    tap.say("messages that are larger than msgmax are missing, which is said", check(
        status == 0 and [each["index"] for each in answer["messages"]] == [0, 2, 3]
        and [each["reason"][:2] for each in answer["issues"]] == ["2 "], answer))


def test_peek_changing(tap):
    identifier = queue()
    for number in range(100):
        send(identifier, 6, bytes(str(number), "ascii"))
    with subprocess.Popen([sys.executable, "-c", CHURN, str(identifier)],
                          stdout=subprocess.PIPE) as child:
        child.stdout.read(1)
        for _ in range(200):
            result = run(["peek", f"msg:{identifier}"])
            if result.status or result.stderr:
                break
        child.kill()
    tap.say("that a queue changed meanwhile is said", check(
        result.status == 0
        and b"the queue changed while it was read" in result.stderr, result))
    run(["remove", "--force", f"msg:{identifier}"])


def main():
    enter("empty")
    tap = Tap()
    test_peek(tap)
    test_peek_changing(tap)
    tap.finish()


main()
