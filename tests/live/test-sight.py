#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Viewers that see less: ordinary users, a hidden /proc, no System V IPC, no names."""

import json
import os
import tempfile

from live import (NOBODY, Tap, accessible_copy, enter, expect, id_of, is_permitted, run,
                  why_no_other_user, why_no_strace)

WITHOUT_SYSV = os.path.join(os.environ["IPCLENS_BUILD"], "tests", "live", "without-sysv")
DENIED = rb"(ipclens: incomplete: sem:\d+( and \d+ more)?: semctl\(GETVAL\): Permission denied " \
         rb"\(denied\)\n)"
# What the private namespace keeps apart.
SYSV = ("shm", "sem", "msg")
QUEUES = rb"ipclens: incomplete: fsopen: it takes CAP_SYS_ADMIN [^\n]+ \(denied\)\n"
CALLS = rb"ipclens: incomplete: /proc/PID/task/TID/syscall: of \d+ threads? it may not be read " \
        rb"[^\n]+ \(denied\)\n"
UNREADABLE = rb"ipclens: incomplete: /proc/PID: \d+ process(es)? may not be inspected by this " \
             rb"viewer \(denied\)\n"
NO_CALL = rb"ipclens: incomplete: \w+ctl\(\w+_INFO\): this kernel has no System V IPC " \
          rb"\(unsupported\)\n"


def mounted(script):
    """What to put before a command, so that it runs after the script's mounts."""
    return ["unshare", "--mount", "sh", "-c", f'set -e; {script}; exec "$0" "$@"']


HIDDEN = mounted("mount -t tmpfs none /proc/sysvipc")
NO_SYSV = [*mounted("mount -t tmpfs none /proc/sysvipc; mount -t tmpfs none /proc/sys"),
           WITHOUT_SYSV]


def bound(*pairs):
    """Files over those of /etc, in the place of those that in-namespace has bound there."""
    return mounted("; ".join(
        f"umount {place} 2>/dev/null || :; mount --bind {file} {place}"
        for file, place in pairs))


def as_user(command):
    """The same for an ordinary user, when the mounts are there."""
    return [*command, "setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]


def document(words, **options):
    return json.loads(run([*words, "--json"], **options).stdout)


def check(condition, *lines):
    return [] if condition else [[str(line) for line in lines]]


def arrays(things):
    return {thing["id"]: thing["semaphores"] for thing in things["objects"]
            if thing["kind"] == "sem"}


def test_ordinary_user(tap, program):
    user = {"program": program, "user": NOBODY}
    tap.say("the values of arrays are not asked for in vain",
            expect(["list", *SYSV], 0, rb"", **user))
    for words, denied in ((["status"], QUEUES + UNREADABLE + CALLS + DENIED),
                          (["list", "sem", "-o", "ref,semaphores"], DENIED),
                          (["list", "--json"], QUEUES + DENIED),
                          (["save", "-"], QUEUES + UNREADABLE + CALLS + DENIED)):
        tap.say(f"what is denied is said once: {' '.join(words)}",
                expect(words, 0, denied, rb".+", **user))
    seen = document(["list", "sem"], **user)
    readable = {number for number, semaphores in arrays(seen).items() if semaphores is not None}
    wanted = {int(id_of(name)) for name in ("sem_keyed", "sem_negative", "sem_long")}
    tap.say("values of arrays that may be read are there", check(readable == wanted, readable))
    issues = [issue for issue in seen["issues"] if issue["aspect"] == "semaphores"]
    unread = {f"sem:{number}" for number in arrays(seen)} - {f"sem:{one}" for one in readable}
    tap.say("each other array has its issue",
            check({issue["object"] for issue in issues} == unread, issues))
    ours, theirs = document(["list", *SYSV]), document(["list", *SYSV], **user)
    for thing in [*ours["objects"], *theirs["objects"]]:
        thing.pop("semaphores", None)
        thing["hidden"] = None
    tap.say("all else is what root sees", check(ours["objects"] == theirs["objects"],
                                                ours["objects"], theirs["objects"]))
    array = "sem:" + id_of("sem_mode_0")
    tap.say("show says that values could not be read",
            expect(["show", array], 0, CALLS + DENIED, rb".*could not be read\n.*", **user))
    keyed = "sem:" + id_of("sem_keyed")
    tap.say("show says that waiters may be missing, and which semaphores have them",
            expect(["show", keyed], 0, CALLS, rb".*\n  waiting +0\+\n.*\n +0 +0 +2 +0 +1 +\? +\?\n"
                   rb" +1 +1 +0 +0 +1 +\? +-\n.*", **user))
    tap.say("so does list",
            expect(["list", "sem", "-n", "-o", "waiting"], 0, CALLS, rb"( *0\+\n)+", **user))
    tap.say("who sees all of them has numbers",
            expect(["list", "sem", "-n", "-o", "waiting"], 0, rb"", rb"( *[03]\n)+"))
    tap.say("status counts what it could read",
            expect(["status"], 0, QUEUES + UNREADABLE + CALLS + DENIED,
                   rb".*, at least 3 threads wait\n.*", **user))
    reasons = document(["status"], **user)["sight"]["reasons"]
    tap.say("sight says so", check("missing-capabilities" in reasons, reasons))


def without_volatile(things):
    """Objects without what system calls do not tell."""
    return [{**thing, "rss": None, "swap": None} if thing["kind"] == "shm" else thing
            for thing in things["objects"]]


def test_backends(tap):
    procfs, syscall = (document(["list", *SYSV, f"--backend={name}"]) for name in ("procfs", "syscall"))
    tap.say("both ways to look see the same",
            check(without_volatile(procfs) == without_volatile(syscall), procfs, syscall))
    for name, answer in (("procfs", procfs), ("syscall", syscall)):
        sight = answer["sight"]
        tap.say(f"--backend={name} is what answered",
                check((sight["backend"], sight["backend_reason"]) == (name, "asked for"), sight))
    sight = document(["list"])["sight"]
    tap.say("by itself, it is procfs", check(sight["backend"] == "procfs", sight))


def test_hidden(tap):
    name = "without /proc/sysvipc"
    reason = is_permitted([*HIDDEN, "true"])
    if reason:
        tap.skip(name, reason)
        return
    answer = document(["status"], before=HIDDEN)
    sight = answer["sight"]
    tap.say(f"{name}, system calls answer", check(
        (sight["backend"], sight["backend_reason"]) == ("syscall", "/proc/sysvipc is missing")
        and not answer["issues"], sight, answer["issues"]))
    seen = without_volatile(document(["list", *SYSV], before=HIDDEN))
    usual = without_volatile(document(["list", *SYSV]))
    tap.say(f"{name}, the same is seen", check(seen == usual, seen, usual))
    tap.say(f"{name}, --backend=procfs says what is missing",
            expect(["list", *SYSV, "--backend=procfs"], 0,
                   rb"(ipclens: incomplete: /proc/sysvipc/\w+: no such file \(unsupported\)\n){3}",
                   rb"(.+: could not all be listed\n\n?){3}", before=HIDDEN))
    missing = mounted("mount -t tmpfs none /proc/sys; mount -t tmpfs none /proc/sysvipc")
    limits, usual = (document(["limits", *SYSV], before=before) for before in (missing, ()))
    names = [limit["name"] for limit in limits["limits"]]
    tap.say("without /proc/sys, system calls tell the limits", check(
        {limit["name"]: limit["value"] for limit in limits["limits"]}
        == {limit["name"]: limit["value"] for limit in usual["limits"] if limit["name"] in names}
        and len(names) == 10, limits))
    empty = mounted("mount --bind /dev/null /proc/sysvipc/shm")
    tap.say("an empty /proc/sysvipc/shm is malformed",
            expect(["list", "shm"], 0,
                   rb"ipclens: incomplete: /proc/sysvipc/shm: the file is empty.* \(malformed\)\n",
                   rb"shared memory segments: could not all be listed\n", before=empty))


def test_without_sysv(tap):
    name = "a kernel without System V IPC"
    reason = is_permitted([*NO_SYSV, "true"])
    if reason:
        tap.skip(name, reason)
        return
    options = {"before": NO_SYSV}
    tap.say(f"{name}: list says that nothing could be listed",
            expect(["list", *SYSV], 0, rb"(%s){3}(ipclens: incomplete: msgctl[^\n]*\n)?" % NO_CALL,
                   rb"(.+: could not all be listed\n\n?){3}", **options))
    tap.say(f"{name}: status, too",
            expect(["status"], 0, rb"(ipclens: incomplete: .* \(unsupported\)\n)+",
                   rb".*(\w+   could not all be listed, see below\n){3}.*", **options))
    answer = document(["status"], **options)
    tap.say(f"{name}: nothing is counted", check(
        all(total["objects"] is None for total in answer["totals"] if total["kind"] in SYSV)
        and not any(limit["kind"] in SYSV for limit in answer["limits"]), answer))
    # What limits are missing is said, too.
    tap.say(f"{name}: show finds nothing, and does not say that nothing exists",
            expect(["show", "shm:0"], 1, rb"ipclens: shm:0: not found, but not all objects could be "
                   rb"listed\n(ipclens: incomplete: .*\n)+", b"", **options))
    saved = run(["save", "-"], **options)
    loaded = run(["list", "--from", "-"], stdin=saved.stdout)
    tap.say(f"{name}: the snapshot says so", check(
        saved.status == 0 and loaded == run(["list"], **options), loaded))


def test_hidepid(tap, program):
    for option, number in (("1", 1), ("2", 2), ("ptraceable", 4)):
        name = f"/proc with hidepid={option}"
        command = mounted(f"mount -t proc -o hidepid={option} proc /proc")
        reason = is_permitted([*as_user(command), "true"])
        if reason:
            tap.skip(name, reason)
            continue
        options = {"program": program, "before": as_user(command)}
        sight = document(["status"], **options)["sight"]
        tap.say(f"{name}: an ordinary user's sight says so", check(
            sight["hidepid"] == number and "hidepid" in sight["reasons"], sight))
        tap.say(f"{name}: objects are listed all the same",
                expect(["list", *SYSV], 0, rb"", rb"16 shared memory segments\n.*", **options))
        sight = document(["status"], before=command)["sight"]
        tap.say(f"{name}: root is not limited by it", check(
            sight["hidepid"] == number and "hidepid" not in sight["reasons"], sight))
    name = "/proc with processes alone"
    command = mounted("mount -t proc -o subset=pid proc /proc")
    reason = is_permitted([*command, "true"])
    if reason:
        tap.skip(name, reason)
        return
    sight = document(["status"], before=command)["sight"]
    tap.say(f"{name}: system calls answer", check(sight["backend"] == "syscall", sight))


def test_names(tap, program, folder):
    def write(name, text):
        with open(os.path.join(folder, name), "w", encoding="ascii") as file:
            file.write(text)
        return os.path.join(folder, name)

    empty = write("empty", "")
    switch = write("nsswitch", "passwd: nosuchmodule\ngroup: nosuchmodule\n")
    hidden = write("hidden", "root:x:0:0::/:/bin/sh\n")
    os.chmod(hidden, 0)
    files = write("files", "passwd: files\ngroup: files\n")
    words = ["list", "shm", "-n", "-o", "user,group", "--filter", "uid=54321"]
    for name, before in (
            ("no users and no groups", bound((empty, "/etc/passwd"), (empty, "/etc/group"))),
            ("a name service that does not exist", bound((switch, "/etc/nsswitch.conf")))):
        reason = is_permitted([*before, "true"])
        if reason:
            tap.skip(name, reason)
        else:
            tap.say(f"{name}: numbers",
                    expect(words, 0, rb"", rb"(54321 +54321\n){2}", before=before))
    before = as_user(bound((hidden, "/etc/passwd"), (files, "/etc/nsswitch.conf")))
    reason = is_permitted([*before, "true"])
    if reason:
        tap.skip("a database that cannot be read", reason)
        return
    tap.say("a database that cannot be read: said once, and numbers",
            expect(words, 0, rb"ipclens: incomplete: user database: Permission denied \(\w+\)\n",
                   rb"(54321 +a-group-with-a-long-name\n){2}", program=program, before=before))
    tap.say("--owner by number needs no name",
            expect(["list", "shm", "-n", "-o", "ref", "--owner", "54321"], 0, rb".*",
                   rb"(shm:\d+\n){2}", program=program, before=before))


def test_looked_up_once(tap, folder):
    name = "each user and each group is looked up once"
    files, trace = os.path.join(folder, "files"), os.path.join(folder, "trace")
    before = bound((files, "/etc/nsswitch.conf"))
    reason = why_no_strace() or is_permitted([*before, "true"])
    if reason:
        tap.skip(name, reason)
        return
    things = document(["list", *SYSV], before=before)["objects"]
    run(["list", *SYSV, "-o", "user,cuser,group,cgroup"],
        before=[*before, "strace", "-o", trace, "-e", "trace=open,openat"])
    with open(trace, encoding="ascii") as file:
        opened = file.read()
    for path, ids in (("/etc/passwd", ("uid", "cuid")), ("/etc/group", ("gid", "cgid"))):
        wanted = len({thing[field] for thing in things for field in ids})
        found = opened.count(f'"{path}"')
        tap.say(f"{name}: {path}", check(1 < wanted < len(things) and found == wanted,
                                         f"{found} times for {wanted} ids"))


def main():
    enter("compat")
    tap = Tap()
    test_backends(tap)
    test_hidden(tap)
    test_without_sysv(tap)
    with tempfile.TemporaryDirectory() as folder, accessible_copy() as program:
        os.chmod(folder, 0o755)
        if why_no_other_user():
            for name in ("ordinary users", "hidepid", "names", "looked up once"):
                tap.skip(name, why_no_other_user())
        else:
            test_ordinary_user(tap, program)
            test_hidepid(tap, program)
            test_names(tap, program, folder)
            test_looked_up_once(tap, folder)
    tap.finish()


main()
