#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""peek, send and receive: messages of queues of both sorts."""

import os
import pty
import signal
import subprocess
import sys
import time

from actions import PRELUDE, action_of, check, document, queue, send
from live import ENVIRONMENT, IPCLENS, NOBODY, Tap, accessible_copy, enter, expect, run, \
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


def has_posix():
    return os.path.exists("/proc/sys/fs/mqueue")


def make(*words):
    result = run(["make", *words])
    assert result.status == 0, result
    return result.stdout.decode().rstrip("\n")


BINARY = bytes(range(256)) * 16
# How a body is told: words, and standard input.
WAYS = (([BINARY.replace(b"\0", b"")], b""), ([], BINARY), (["--file=-"], BINARY),
        (["--file=/dev/shm/body"], b""), ([], b""), ([""], b"not read"))


def test_bodies(tap, ref):
    """Every body arrives as it was sent, byte by byte."""
    with open("/dev/shm/body", "wb") as file:
        file.write(BINARY[::-1])
    expected = (BINARY.replace(b"\0", b""), BINARY, BINARY, BINARY[::-1], b"", b"")
    for (words, stdin), body in zip(WAYS, expected):
        sent = run(["send", ref, *words], stdin=stdin)
        received = run(["receive", ref, "--timeout=0"])
        tap.say(f"{ref[:3]}: {len(body)} bytes by {words and words[0][:8]} and {len(stdin)} bytes of "
                "standard input", check(
                    (sent.status, sent.stdout, sent.stderr) == (0, b"", b"")
                    and (received.status, received.stdout, received.stderr) == (0, body, b""),
                    sent, received))
    run(["send", ref, "--dry-run", "x"])
    tap.say(f"{ref[:3]}: with --dry-run nothing is sent", expect(
        ["receive", ref, "--timeout=0"], 1, rb"ipclens: .*: not received: there is no .*\n"))
    run(["send", ref, "kept"])
    tap.say(f"{ref[:3]}: nor received", expect(
        ["receive", ref, "--dry-run"], 0, stdout=rb"would receive from .*\n")
            + expect(["receive", ref], 0, stdout=rb"kept"))
    action, _ = action_of(["send", ref, "\x1b[31m"])
    answer, status = document(["receive", ref])
    message, = answer["messages"]
    tap.say(f"{ref[:3]}: the same in JSON", check(
        (status, action["outcome"], answer["actions"][0]["outcome"]) == (0, "done", "done")
        and (message["hex"], message["body"], message["size"], message["object"])
        == (b"\x1b[31m".hex(), "\x1b[31m", 5, ref), action, answer))
    terminal, side = pty.openpty()
    run(["send", ref, "\x1b[31mred\\"])
    run(["receive", ref], stdout=side)
    tap.say(f"{ref[:3]}: to a terminal it is escaped",
            check(os.read(terminal, 100) == b"\\x1b[31mred\\\\\r\n"))
    os.close(terminal)
    os.close(side)


def test_order(tap):
    ref = make("msg")
    for kind, body in ((5, "a"), (3, "b"), (5, "c"), (9, "d"), (1, "e")):
        run(["send", ref, "-t", str(kind), body])
    order = [run(["receive", ref, *words, "--timeout=0"]).stdout
             for words in (["-t5"], ["--type=-4"], ["--type=-4"], ["-t7"], ["-t0"], [], [])]
    tap.say("messages are chosen by type", check(order == [b"a", b"e", b"b", b"", b"c", b"d", b""],
                                                 order))
    if not has_posix():
        tap.skip("the highest priority comes first", "there are no POSIX queues here")
        return
    ref = make("mq", "/order")
    for priority in (0, 7, 32767, 7):
        run(["send", ref, "-p", str(priority), str(priority)])
    order = [document(["receive", ref])[0]["messages"][0] for _ in range(4)]
    tap.say("the highest priority comes first", check(
        [each["priority"] for each in order] == [32767, 7, 7, 0]
        and all(each["body"] == str(each["priority"]) and each["type"] is None
                for each in order), order))


def test_lost_output(tap, ref):
    """What cannot be written is not lost."""
    os.makedirs("/dev/shm/saved", exist_ok=True)
    for name, command in (("a full disk", 'exec "$0" "$@" >/dev/full'),
                          ("a closed output", 'exec "$0" "$@" >&-'),
                          ("a reader that is gone", '{ sleep 0.3; "$0" "$@"; echo $? >status; } '
                                                    '| true; exit "$(cat status)"')):
        for words in ([], ["--json"]):
            body = os.urandom(100)
            run(["send", ref], stdin=body)
            result = run(["receive", ref, *words], before=["sh", "-c", command],
                         cwd="/dev/shm/saved")
            found = [word for word in result.stderr.decode().split()
                     if word.startswith("/dev/shm/saved/")]
            tap.say(f"{ref[:3]}: {name}: the body is in a file {' '.join(words)}", check(
                result.status == 1 and len(found) == 1
                and open(found[0], "rb").read() == body
                and os.stat(found[0]).st_mode & 0o777 == 0o600, result, found))
    body = os.urandom(100)
    run(["send", ref], stdin=body)
    command = ('mount -t tmpfs -o ro tmpfs /dev/shm; '
               'mount --bind /tmp /tmp; mount -o remount,bind,ro /tmp; cd /proc; '
               'export TMPDIR=/nosuch; exec "$0" "$@" >/dev/full')
    result = run(["receive", ref], before=["unshare", "--mount", "sh", "-c", command])
    if b"unshare" in result.stderr:
        tap.skip(f"{ref[:3]}: where no file can be made", result.stderr.decode())
    else:
        tap.say(f"{ref[:3]}: where no file can be made the body is on standard error", check(
            result.status == 1 and body.hex().encode() in result.stderr, result))


def started(words):
    child = subprocess.Popen([IPCLENS, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, env=ENVIRONMENT)
    return child


def await_block(child):
    """Until it sleeps in a call of IPC."""
    for _ in range(300):
        with open(f"/proc/{child.pid}/wchan", encoding="ascii") as file:
            if file.read() in ("do_msgrcv", "do_msgsnd", "wq_sleep", "do_semtimedop",
                               "__do_semtimedop"):
                return
        time.sleep(0.001)


def test_waiting(tap, ref):
    start = time.monotonic()
    result = run(["receive", ref, "--timeout=0.3"])
    took = time.monotonic() - start
    tap.say(f"{ref[:3]}: a timeout", check(
        result.status == 1 and not result.stdout and b"timed out after 0.3 s" in result.stderr
        and 0.3 <= took < 3, result, took))
    child = started(["receive", ref])
    await_block(child)
    run(["send", ref, "late"])
    tap.say(f"{ref[:3]}: a message that comes late", check(child.communicate()[0] == b"late"))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        child = started(["receive", ref])
        await_block(child)
        child.send_signal(number)
        output = child.communicate()
        tap.say(f"{ref[:3]}: {number.name} ends it as a signal does", check(
            child.returncode == -number and not output[0], child.returncode, output))
    child = started(["receive", ref])
    await_block(child)
    child.send_signal(signal.SIGSTOP)
    child.send_signal(signal.SIGCONT)
    await_block(child)
    run(["send", ref, "after all"])
    tap.say(f"{ref[:3]}: a stop does not", check(child.communicate()[0] == b"after all"))
    while run(["send", ref, "--timeout=0"], stdin=bytes(4096)).status == 0:
        pass
    tap.say(f"{ref[:3]}: a queue that is full", expect(
        ["send", ref, "x" * 4096, "--timeout=0"], 1, rb"ipclens: .*: not sent: the queue is full\n"))
    tap.say(f"{ref[:3]}: and stays so", expect(
        ["send", ref, "x" * 4096, "--timeout=0.1"], 1,
        rb"ipclens: .*: not sent: timed out after 0.1 seconds\n"))
    child = started(["send", ref, "x" * 4096])
    await_block(child)
    run(["receive", ref])
    tap.say(f"{ref[:3]}: and then has room", check(child.wait() == 0))
    while run(["receive", ref, "--timeout=0"]).status == 0:
        pass


def test_no_loss(tap, ref):
    """Whenever a signal comes, the message is in the queue, or was written as a whole."""
    lost = []
    for number in range(60):
        child = started(["receive", ref])
        await_block(child)
        body = f"message {number}".encode()
        sender = started(["send", ref, body])
        time.sleep(number % 10 / 5000)
        child.send_signal(signal.SIGTERM)
        output = child.communicate()[0]
        sender.communicate()
        left = run(["receive", ref, "--timeout=0"]).stdout
        if sorted((output, left)) != [b"", body]:
            lost.append((output, left))
    tap.say(f"{ref[:3]}: no signal loses a message", check(not lost, lost))


def test_refused(tap):
    msg = make("msg")
    cases = [["send"], ["receive"], ["send", "shm:0", "x"], ["receive", "pipe:1"],
             ["send", msg, "a", "b"], ["send", msg, "a", "--file=x"], ["send", msg, "-t0", "x"],
             ["send", msg, "-t-1", "x"], ["send", msg, "-p1", "x"], ["send", msg, "-tx", "x"],
             ["send", "mq:/x", "-t1", "x"], ["receive", "mq:/x", "-t1"], ["receive", msg, "-tx"],
             ["send", "mq:/x", "-p32768", "x"], ["receive", msg, "--timeout=x"],
             ["receive", msg, "--timeout=-1"], ["receive", msg, "--timeout=0.0001"],
             ["receive", msg, "--timeout="], ["receive", msg, "x"], ["send", "mq:/a/b", "x"]]
    for words in cases:
        tap.say(f"{' '.join(words)}: usage", expect(words, 2, rb"ipclens: .*\n"))
    for words in (["send", "msg:7777", "x"], ["receive", "msg:7777"],
                  ["send", msg, "--file=/nosuch"], ["send", "mq:#4711", "x"]):
        tap.say(f"{' '.join(words)}: failed", expect(words, 1, rb"ipclens: .*\n"))
    tap.say("a message that is too large", expect(
        ["send", msg], 1, rb"ipclens: .*8193 bytes is larger than kernel.msgmax.*\n",
        stdin=bytes(8193)))
    if has_posix():
        small = make("mq", "/tiny", "--max-messages=1", "--message-size=4")
        tap.say("and one for a POSIX queue", expect(
            ["send", small, "12345"], 1, rb"ipclens: .*5 bytes is larger than the 4 that.*\n"))
        for words in (["send", "mq:/nosuch", "x"], ["receive", "mq:/nosuch"]):
            tap.say(f"{' '.join(words)}: failed", expect(
                words, 1, rb"ipclens: mq:/nosuch: not \w+: there is no such queue\n"))
    child = started(["receive", msg])
    await_block(child)
    run(["remove", "--force", msg])
    output = child.communicate()
    tap.say("a queue that is removed meanwhile", check(
        child.returncode == 1 and b"removed meanwhile" in output[1], output))


def test_both(tap):
    refs = [make("msg")]
    if has_posix():
        refs.append(make("mq", "/live"))
    else:
        tap.skip("the same of POSIX queues", "there are none here")
    for ref in refs:
        test_bodies(tap, ref)
        test_lost_output(tap, ref)
        test_waiting(tap, ref)
        test_no_loss(tap, ref)


def test_last_sender(tap):
    """Who waits is told who sent last: by name while that one lives, and else what became of it."""
    ref = make("msg")
    code = ("import ctypes, time\n"
            f"ctypes.CDLL(None).msgsnd({ref[4:]}, bytes([1] + 8 * [0]), 1, 0)\n"
            "print(flush=True)\ntime.sleep(1000)")
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as sender:
        sender.stdout.readline()
        run(["receive", ref])
        with subprocess.Popen([IPCLENS, "receive", ref], env=ENVIRONMENT,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as waiter:
            while not document(["blocked"])[0]["waits"]:
                time.sleep(0.02)
            line = rb".*who holds up whom:\n(.*\n)?%s\n  ipclens %d wants to receive any: %s, " \
                   rb"which that one used last\n.*"
            tap.say("who sent last is named", expect(
                ["blocked"], 0, rb".*",
                line % (rb"\S+ %d" % sender.pid, waiter.pid, ref.encode())))
            sender.kill()
            sender.wait()
            tap.say("once it is dead, that is said", expect(
                ["blocked"], 0, rb".*",
                line % (rb"PID %d \(dead\)" % sender.pid, waiter.pid, ref.encode())))
            run(["remove", "--force", ref])


def main():
    enter("empty")
    tap = Tap()
    test_peek(tap)
    test_peek_changing(tap)
    test_both(tap)
    test_order(tap)
    test_refused(tap)
    test_last_sender(tap)
    tap.finish()


main()
