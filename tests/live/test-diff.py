#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""diff: what is done between two looks is what it shows, and nothing else."""

import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from actions import check, document
from live import (IPCLENS, NOBODY, Tap, accessible_copy, enter, expect, problem, run,
                  why_no_other_user)

ATTACHER = os.path.join(os.environ["IPCLENS_BUILD"], "tests", "live", "attacher")
INCOMPLETE = rb"(ipclens: incomplete: [^\n]*\n)*"


def do(*words, **options):
    """What the command prints; it must succeed."""
    result = run(list(words), **options)
    assert result.status == 0, result
    return result.stdout.decode().strip()


class Look:
    """A saved snapshot."""

    def __init__(self, folder, name="look.json"):
        self.path = os.path.join(folder, name)
        do("save", self.path)

    def changes(self, *words, **options):
        """What has changed since, as {REF: (change, names of fields, users, waits)}."""
        answer, status = document(["diff", self.path, *words], **options)
        assert status == 0
        return answer["changes"]


def told(changes):
    return sorted((item["change"], item["object"],
                   *(field["name"] for field in item["fields"]),
                   *("user" for _ in item["users"]), *("wait" for _ in item["waits"]))
                  for item in changes)


def expect_changes(changes, *expected):
    return check(told(changes) == sorted(expected), f"told {told(changes)}",
                 f"expected {sorted(expected)}")


def field(changes, ref, name):
    return next(one for item in changes if item["object"] == ref
                for one in item["fields"] if one["name"] == name)


def next_second():
    """Times of objects are whole seconds: what happens now has another one than before."""
    time.sleep(1.05 - time.time() % 1)


def test_nothing(tap, folder):
    look = Look(folder)
    tap.say("where nothing is, nothing changes", expect_changes(look.changes()))
    refs = [do("make", "shm", "--size", "64K"), do("make", "sem", "--values", "1,2"),
            do("make", "msg"), do("make", "pshm", "/x", "--size", "1K"),
            do("make", "mq", "/q", "--max-messages", "5", "--message-size", "10")]
    tap.say("what is made has appeared",
            expect_changes(look.changes(), *(("appeared", ref) for ref in refs)))
    look = Look(folder)
    tap.say("and then nothing changes", expect_changes(look.changes()))
    tap.say("in words", expect(["diff", look.path], 0, INCOMPLETE, rb"[^\n]*: no change\n"))
    for ref in refs:
        do("remove", ref)
    tap.say("what is removed is gone",
            expect_changes(look.changes(), *(("gone", ref) for ref in refs)))


def test_queue(tap, folder):
    ref = do("make", "msg")
    do("send", ref, "abc")
    look = Look(folder)
    next_second()
    do("send", ref, "defgh")
    changes = look.changes()
    tap.say("a message more", expect_changes(
        changes, ("changed", ref, "used_bytes", "messages", "last_send_pid", "sent_at")))
    messages, used = field(changes, ref, "messages"), field(changes, ref, "used_bytes")
    tap.say("is one of so many bytes", check(
        (messages["before"], messages["after"], messages["delta"]) == (1, 2, 1)
        and (used["before"], used["after"], used["delta"]) == (3, 8, 5)
        and used["rate"] > 0, messages, used))
    do("receive", ref)
    changes = look.changes()
    tap.say("one less", expect_changes(changes, (
        "changed", ref, "used_bytes", "last_send_pid", "last_receive_pid", "sent_at",
        "received_at")))
    tap.say("a first receive has nothing before it", check(
        field(changes, ref, "received_at")["before"] is None
        and field(changes, ref, "received_at")["after"] is not None))
    do("remove", ref)


def test_array(tap, folder):
    ref = do("make", "sem", "--values", "3,0")
    look = Look(folder)
    next_second()
    with subprocess.Popen([IPCLENS, "semop", ref, "1-1"]) as waiter:
        wait_for(lambda: any(one["ncount"] for item in document(["show", ref])[0]["objects"]
                             for one in item["semaphores"]))
        changes = look.changes()
        tap.say("a wait that began", expect_changes(
            changes, ("changed", ref, "semaphores[1].ncount", "wait")))
        wait = changes[0]["waits"][0]
        tap.say("is that of this thread", check(
            wait["before"] is None and wait["after"]["tid"] == waiter.pid
            and wait["process"]["pid"] == waiter.pid and wait["proven"], wait))
        during = Look(folder, "during.json")
        do("semop", ref, "1+1")
    changes = during.changes()
    tap.say("and that ended", check(
        [one["after"] for one in changes[0]["waits"]] == [None], changes[0]["waits"]))
    next_second()
    do("semop", ref, "0-2")
    changes = look.changes()
    tap.say("a value that was lowered", check(
        field(changes, ref, "semaphores[0].value")["delta"] == -2
        and "semaphores[1].value" not in told(changes)[0], changes))
    do("remove", ref)


def wait_for(condition):
    for _ in range(500):
        if condition():
            return
        time.sleep(0.01)
    sys.exit("it did not come about")


@contextlib.contextmanager
def attached(ref):
    with subprocess.Popen([ATTACHER, "hold", ref.split(":")[1]], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as user:
        user.stdout.readline()
        yield user
        user.stdin.close()


def test_segment(tap, folder):
    ref = do("make", "shm", "--size", "4K")
    look = Look(folder)
    with attached(ref) as user:
        changes = look.changes()
        tap.say("a process that has attached it", check(
            [(one["before"], one["after"]["pid"]) for one in changes[0]["users"]]
            == [(None, user.pid)] and field(changes, ref, "nattch")["delta"] == 1, changes))
        during = Look(folder, "during.json")
        do("remove", ref, "--force")
        changes = during.changes("--only", "changed")
        tap.say("removed while it is attached, it is the same one", check(
            field(changes, ref, "status")["after"] == ["dest"], told(changes)))
    changes = during.changes()
    tap.say("gone with its last user, who is told", check(
        told(changes) == [("gone", ref, "user")]
        and changes[0]["users"][0]["process"]["pid"] == user.pid, changes))


def test_again(tap, folder):
    ref = do("make", "msg", "--key", "0x4d2")
    do("make", "pshm", "/again", "--size", "1K")
    look = Look(folder)
    do("remove", ref)
    do("remove", "pshm:/again")
    other = do("make", "msg", "--key", "0x4d2")
    do("make", "pshm", "/again", "--size", "2K")
    changes = look.changes()
    again = {(item["change"], item["object"]): (item["given_again"], item["other"])
             for item in changes}
    tap.say("a key and a name that were given out again are other objects", check(
        again == {("gone", ref): ("key", other), ("appeared", other): ("key", ref),
                  ("gone", "pshm:/again"): ("name", "pshm:/again"),
                  ("appeared", "pshm:/again"): ("name", "pshm:/again")}, again))
    do("remove", "pshm:/again")
    test_same_id(tap, folder, other)


def test_same_id(tap, folder, ref):
    """The kernel gives an id out again when it is asked to, as for a process that is restored."""
    switch = pathlib.Path("/proc/sys/kernel/msg_next_id")
    look = Look(folder)
    do("remove", ref)
    try:
        switch.write_text(ref.split(":")[1], encoding="ascii")
    except OSError as error:
        tap.skip("an id that was given out again", str(error))
        return
    assert do("make", "msg", "--key", "0x4d3") == ref
    changes = look.changes()
    tap.say("an id that was given out again is another object", check(
        sorted((item["change"], item["object"], item["given_again"]) for item in changes)
        == [("appeared", ref, "id"), ("gone", ref, "id")], changes))
    tap.say("in words", expect(["diff", look.path], 0, INCOMPLETE,
                               rb".*\ngone +msg:\d+ +id again +.*"))
    do("remove", ref)


def test_two_files(tap, folder):
    first = Look(folder, "first.json")
    next_second()
    ref = do("make", "msg")
    second = Look(folder, "second.json")
    do("remove", ref)
    tap.say("between two files", expect_changes(first.changes(second.path), ("appeared", ref)))
    saved = pathlib.Path(second.path).read_bytes()
    tap.say("one of them standard input", expect_changes(first.changes("-", stdin=saved),
                                                         ("appeared", ref)))
    tap.say("the other way round is refused, and why", expect(
        ["diff", second.path, first.path], 1, rb"ipclens: .*second.json was taken after "
        rb".*first.json: the earlier one comes first; --force [^\n]*\n", b""))
    result = run(["diff", second.path, first.path, "--force", "-n"])
    tap.say("unless it is forced, which is said", check(
        result.status == 0 and result.stdout.startswith(b"gone ")
        and b"was taken after" in result.stderr, result))
    result = run(["diff", first.path], stdout=open("/dev/full", "wb"))
    tap.say("a full disk is an error", check(
        result.status == 1 and b"No space left" in result.stderr, result))


def test_elsewhere(tap, folder):
    look = Look(folder)
    document_of = json.loads(pathlib.Path(look.path).read_bytes())
    document_of["host"]["ipc_namespace"] += 1
    path = os.path.join(folder, "elsewhere.json")
    pathlib.Path(path).write_text(json.dumps(document_of), encoding="utf-8")
    tap.say("another namespace is refused", expect(
        ["diff", path], 1, rb"ipclens: .*elsewhere.json and now: they are of different IPC "
        rb"namespaces \(\d+, \d+\); --force [^\n]*\n", b""))
    tap.say("unless it is forced", expect(
        ["diff", path, "--force"], 0,
        rb"ipclens: [^\n]*; what looks the same need not be\n" + INCOMPLETE, rb".*"))


def namespace(script):
    """A process in an IPC namespace of its own, once it has printed a line."""
    child = subprocess.Popen(["unshare", "--ipc", "sh", "-c", f"{script} && exec sleep 100"],
                             stdout=subprocess.PIPE)
    child.stdout.readline()
    return child


def end(child):
    child.kill()
    child.wait()
    child.stdout.close()


def test_namespaces(tap, folder):
    """What is in a namespace that one of both did not look into is neither gone nor new."""
    inner, other = namespace(f"{IPCLENS} make msg"), namespace("echo")
    alone = Look(folder, "alone.json")
    wide = os.path.join(folder, "wide.json")
    do("save", "--all-namespaces", wide)
    said = rb".*incomplete: msg:0@\d+ cannot be compared: %s does not tell of their IPC namespaces.*"
    tap.say("a look into all namespaces after one into this", expect(
        ["diff", alone.path, wide], 0, said % rb"[^\n]*", rb"[^\n]*: no change\n"))
    tap.say("and the other way round", expect(
        ["diff", wide], 0, said % b"now", rb"[^\n]*: no change\n"))
    tap.say("of two looks into all nothing has changed", expect_changes(
        document(["diff", wide, "--all-namespaces"])[0]["changes"]))
    end(inner)
    changes = document(["diff", wide, "--all-namespaces"])[0]["changes"]
    tap.say("a namespace that is gone takes its objects along", check(
        [item["change"] for item in changes] == ["gone"], told(changes)))
    end(other)


def test_sight(tap, folder):
    reason = why_no_other_user()
    if reason:
        tap.skip("an ordinary user's comparison", reason)
        return
    ref = do("make", "shm", "--size", "4K", "--mode", "0666")
    with accessible_copy() as program:
        saved = run(["save", "-"], program=program, user=NOBODY).stdout
        with attached(ref):
            changes, _ = document(["diff", "-"], stdin=saved)
            own, = (item for item in changes["changes"] if item["object"] == ref)
            tap.say("of a segment whose attachments were all counted, users are proven", check(
                [one["proven"] for one in own["users"]] == [True], own["users"]))
            saved = run(["save", "-"], program=program, user=NOBODY).stdout
        changes, _ = document(["diff", "-", "--kind", "shm"], stdin=saved)
        own, = changes["changes"]
        tap.say("who was not seen is not gone", check(
            not own["users"] and told([own])[0][:2] == ("changed", ref), own))
    do("remove", ref)


def main():
    enter("empty")
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        for test in (test_nothing, test_queue, test_array, test_segment, test_again,
                     test_two_files, test_elsewhere, test_namespaces, test_sight):
            test(tap, folder)
    tap.finish()


main()
