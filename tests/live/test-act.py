#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The commands that change something: what they do, and what they refuse."""

import json
import os
import re
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


def test_key_zero(tap):
    """The first id of a new namespace is 0, as is the key of all private objects."""
    first, other = segment(), segment()
    run(["remove", f"shm:{first}"])
    tap.say("an id of 0 that does not exist is no key of others", check(first == 0, first) + expect(
        ["show", "shm:0"], 1, rb"ipclens: shm:0: not found; \"ipclens list\" [^\n]*\n", b""))
    run(["remove", f"shm:{other}"])


def test_full(tap):
    ref = f"shm:{segment()}"
    for words in (["make", "msg"], ["make", "msg", "--json"], ["remove", "--dry-run", ref],
                  ["remove", "--dry-run", ref, "shm:77"], ["remove", ref], ["clean"]):
        with open("/dev/full", "wb") as full:
            result = run(words, stdout=full)
        done = {"make": rb"ipclens: msg:\d+: it was made all the same\n",
                "remove": rb"ipclens: %s: it was removed all the same\n" % ref.encode()}
        complaint = rb"(ipclens: shm:77: [^\n]*\n)?ipclens: standard output: No space left on " \
                    rb"device\n" + (b"" if "--dry-run" in words else done.get(words[0], b""))
        tap.say(f"a full disk is a failure, with its reason: {' '.join(words)}", check(
            result.status == 1 and re.fullmatch(complaint, result.stderr), result))
        if words[0] == "make":
            made = result.stderr.splitlines()[-1].split()[1][:-1].decode()
            tap.say(f"and what was made is known: {' '.join(words)}",
                    expect(["remove", made], 0, stdout=rb"removed %s\n" % made.encode()))


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
    refs = [run(["make", *words]).stdout.decode().rstrip("\n")
            for words in (["psem", "/one"], ["mq", "/one"]) if words[0] != "mq"
            or os.path.exists("/proc/sys/fs/mqueue")]
    with open("/dev/shm/one", "w", encoding="ascii"):
        tap.say("objects of one name are different ones", expect(
            ["remove", *refs], 0, stdout="".join(f"removed {ref}\n" for ref in refs).encode())
                + check(os.path.exists("/dev/shm/one")))
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


MADE = {
    "shm --size 10K --key 0x77": {"size": 10240, "key": "0x00000077", "mode": "0600"},
    "sem --values 1,0,32767 -m 0666": {"nsems": 3, "mode": "0666", "values": [1, 0, 32767]},
    "sem --nsems 3 --values 2": {"nsems": 3, "values": [2, 2, 2]},
    "sem --nsems 2 -k 5": {"nsems": 2, "values": [0, 0], "key": "0x00000005"},
    "msg -m 0": {"mode": "0000"},
    "pshm /made -s 1M -m 640": {"size": 1048576, "mode": "0640"},
    "psem /made --values 2147483647 -m 622": {"value": 2147483647, "mode": "0622",
                                              "layout": "glibc"},
    "fifo /dev/shm/a-fifo -m 777": {"mode": "0777"},
    "mq /made": {"max_messages": 10, "max_message_bytes": 8192},
    "mq /small --max-messages 3 --message-size 16 -m 611": {
        "max_messages": 3, "max_message_bytes": 16, "mode": "0611"},
}


def test_make(tap):
    for call, wanted in MADE.items():
        words = ["make", *call.split()]
        if call.startswith("mq") and not os.path.exists("/proc/sys/fs/mqueue"):
            tap.skip(call, "there are no POSIX queues here")
            continue
        tap.say(f"{call}: would be made", expect([*words, "--dry-run"], 0,
                                                 stdout=rb"would make [^\n]+\n"))
        made = run(words)
        ref = made.stdout.decode().rstrip("\n")
        shown, = json.loads(run(["show", ref, "--json"]).stdout)["objects"]
        if "values" in wanted:
            shown["values"] = [each["value"] for each in shown["semaphores"]]
        tap.say(f"{call}: made, and its REF printed", check(
            made.status == 0 and not made.stderr
            and {name: shown[name] for name in wanted} == wanted, made, shown))
        if shown.get("key") == "0x00000000":
            continue
        for again in (words, [*words, "--dry-run"]):
            tap.say(f"{' '.join(again[1:])}: what exists is left as it is", expect(
                again, 1, rb"ipclens: .*: not made: it exists already\n"))
        tap.say(f"{call}: it is removed again", expect(["remove", "--force", ref], 0,
                                                       stdout=rb"removed .*"))
    if os.path.exists("/proc/sys/fs/mqueue"):
        ref = run(["make", "mq", "/x@4026532000"]).stdout.decode().rstrip("\n")
        tap.say("a name like one with a namespace has its own in the REF", expect(
            ["remove", ref], 0, stdout=rb"removed mq:/x@4026532000@\d+\n"))
    os.chdir("/dev/shm")
    tap.say("a FIFO by a relative path", expect(["make", "fifo", "here"], 0,
                                                stdout=b"fifo:/dev/shm/here\n"))
    action, status = action_of(["make", "fifo", "here"])
    tap.say("a failure in JSON", check(
        (status, action["outcome"], action["object"]) == (1, "failed", "fifo:/dev/shm/here"),
        action))


def test_make_contents(tap):
    """Nothing is written to what exists."""
    with open("/dev/shm/kept", "w", encoding="ascii") as file:
        file.write("content")
    os.symlink("/dev/shm/target", "/dev/shm/dangling")
    for name in ("/kept", "/dangling"):
        tap.say(f"{name} is not made anew", expect(
            ["make", "pshm", name, "-s", "3"], 1, rb"ipclens: .* exists already\n"))
    tap.say("and has what it had", check(
        open("/dev/shm/kept", encoding="ascii").read() == "content"
        and not os.path.exists("/dev/shm/target")))
    try:
        with open("/proc/sys/kernel/shm_rmid_forced", "w", encoding="ascii") as file:
            file.write("1")
    except OSError as error:
        tap.skip("no segment where it would vanish", str(error))
        return
    tap.say("no segment where it would vanish", expect(
        ["make", "shm", "-s", "1"], 1, rb"ipclens: .*kernel.shm_rmid_forced is 1: .*\n"))
    tap.say("nor would it be", expect(["make", "shm", "-s", "1", "--dry-run"], 1, rb".*\n"))


NOT_MADE = (
    "", "shm", "nosuch", "pipe", "map", "sem", "sem --nsems 0", "sem --nsems 65537",
    "sem --nsems 2 --values 1,2,3", "sem --values 1,,2", "sem --values 32768", "msg --size 3",
    "msg --values 1", "pshm", "pshm a -s1", "pshm /a", "pshm /a/b -s1", "pshm / -s1",
    "pshm /sem.x -s1", "pshm /.. -s1", "psem /" + 252 * "a", "psem /c --values 1,2",
    "psem /c --values 2147483648", "mq /x --max-messages 3", "mq /x --message-size 3",
    "shm --key 0 -s1", "shm -k 0x100000000 -s1", "shm -k -1 -s1", "shm -s 0", "shm -s 1x",
    "shm -s 16777216T", "shm -s 1 -m 9", "shm -s 1 -m 01000", "shm x -s 1", "fifo", "fifo a b")


def test_not_made(tap):
    before = run(["list", "shm", "sem", "msg", "pshm", "psem", "mq", "-n"]).stdout
    for call in NOT_MADE:
        tap.say(f"make {call[:40]}: usage", expect(["make", *call.split()], 2,
                                                   rb"ipclens: [^\n]*\n"))
    for call, why in (("fifo /nosuch/fifo", rb"No such file"),
                      ("sem --nsems 65536", rb"kernel.sem \(1st\)"),
                      ("mq /q --max-messages 9999999 --message-size 1", rb"fs.mqueue.msg_max"),
                      ("shm -s 8000000T", rb".*")):
        tap.say(f"make {call}: failed", expect(
            ["make", *call.split()], 1, rb"ipclens: [^\n]*: not made: [^\n]*" + why + rb".*\n"))
    after = run(["list", "shm", "sem", "msg", "pshm", "psem", "mq", "-n"]).stdout
    tap.say("and nothing is left of any of these", check(before == after, before, after))


def test_misuse(tap):
    for words in (["remove"], ["remove", "nosuch"], ["remove", "shm:"], ["remove", "shm:-1"],
                  ["remove", "0x0"], ["remove", "--nosuch", "shm:0"], ["remove", "-f"]):
        tap.say(f"{' '.join(words)}: usage", expect(words, 2, rb"ipclens: .*\n"))
    tap.say("a pipe has no name to be removed", expect(
        ["remove", f"pipe:{os.stat(0).st_ino}"], 1, rb"ipclens: .*\n"))


def main():
    enter("empty")
    tap = Tap()
    test_key_zero(tap)
    test_remove(tap)
    test_full(tap)
    test_users(tap)
    test_files(tap)
    test_make(tap)
    test_make_contents(tap)
    test_not_made(tap)
    test_misuse(tap)
    tap.finish()


main()
