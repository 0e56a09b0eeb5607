#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The scene "posix" for viewers who cannot see everything, and for other tools; and that no look
leaves a trace."""

import os
import re
import shutil
import subprocess
import tempfile
import time

from live import (ENVIRONMENT, Tap, accessible_copy, enter, expect, has_succeeded, id_of,
                  is_permitted, run, why_no_other_user)
from compat import why_no_strace
from posix_scene import (BOTH, DIRECTORY, READ, check, document, expected_links, found_links,
                         inode_ref, looks, mapped, opened, pid)

TEN_LETTERS = 54322


def times_of(paths):
    return {path: (os.stat(path).st_atime_ns, os.stat(path).st_ctime_ns) for path in paths}


def test_times(tap, expected, folder):
    name = "no look changes the times of semaphores and queues"
    reason = is_permitted(["mount", "-t", "mqueue", "none", folder])
    if reason:
        tap.skip(name, reason)
        return
    # Each reading is to be seen.
    subprocess.run(["mount", "-o", "remount,bind,strictatime", DIRECTORY], check=True)
    paths = [*(f"{DIRECTORY}/{entry}" for entry in os.listdir(DIRECTORY)
               if os.path.isfile(f"{DIRECTORY}/{entry}")),
             *(f"{folder}/{entry}" for entry in os.listdir(folder))]
    before = times_of(paths)
    time.sleep(0.05)
    problems = check(len(paths) > 15, paths)
    for words in looks(expected):
        result = run(words)
        after = times_of(paths)
        changed = [path for path in paths if before[path] != after[path]]
        problems += check(has_succeeded(words, result) and not changed, words, changed, result)
        before = after
    tap.say(name, problems)
    filled = run(["list", "mq", "--fill"])
    with open(f"{DIRECTORY}/sem.value", "rb") as file:
        file.read()
    changed = {path for path in paths if before[path] != times_of([path])[path]}
    tap.say("reading them would", check(
        {f"{DIRECTORY}/sem.value", f"{folder}/messages"} <= changed, changed, filled))
    subprocess.run(["umount", folder], check=True)


def test_calls(tap, expected, folder):
    """Nothing is made, opened as a client would, attached, or copied from a process."""
    reason = why_no_strace()
    calls = "shmget,semget,msgget,shmat,shmdt,mq_open,mq_unlink,mq_timedsend,mq_timedreceive," \
            "mq_notify,pidfd_getfd,ptrace,process_vm_writev,semop,semtimedop,msgsnd,msgrcv,kill," \
            "unlink,unlinkat,mknod,mknodat,mkdir,mkdirat,mount,setns,unshare"
    path = os.path.join(folder, "trace")
    for words in (*looks(expected), ["list", "pipe", "--fill"]):
        name = f"{' '.join(words)[:50]} touches nothing"
        if reason:
            tap.skip(name, reason)
            continue
        result = run(words, before=["strace", "-f", "-qq", "-e", f"trace={calls}", "-o", path])
        with open(path, encoding="ascii", errors="replace") as file:
            lines = [line for line in file if "exited with" not in line and " +++" not in line]
        if "--fill" in words:
            tap.say("such a call would be found: that of --fill",
                    check(any("pidfd_getfd(" in line for line in lines), result, *lines))
        else:
            tap.say(name, check(has_succeeded(words, result) and not lines, result, *lines))


def test_other_user(tap):
    """pid_theirs is another user's, pid_theirs_root has the other end and mapping."""
    reason = why_no_other_user()
    if reason:
        tap.skip("an ordinary user's answers", reason)
        return
    mixed = inode_ref("pipe", "pipe_mixed")
    unread = rb"ipclens: incomplete: /proc/PID: \d+ process(es)? may not be inspected by this " \
             rb"viewer \(denied\)\n"
    queues = rb"ipclens: incomplete: fsopen: it takes CAP_SYS_ADMIN [^\n]*\(denied\)\n"
    semaphores = rb"ipclens: incomplete: psem:/%s[^\n]*: to read another user's semaphore would " \
                 rb"change its access time \(denied\)\n"
    own = str(pid("theirs")).encode()
    with accessible_copy() as program:
        user = {"program": program, "user": TEN_LETTERS}
        answer = document(["who", "pshm:/theirs", "psem:/theirs", mixed], **user)
        for ref, links in (("pshm:/theirs", [mapped("theirs", BOTH)]),
                           ("psem:/theirs", [mapped("theirs", BOTH)]),
                           (mixed, [opened("theirs", READ)])):
            tap.say(f"an ordinary user sees its own of {ref}",
                    check(found_links(answer, ref) == links, answer["links"]))
        tap.say("and is told that there may be others", check(
            {issue["code"] for issue in answer["issues"]} == {"denied"}, answer["issues"])
            + expect(["who", "pshm:/theirs"], 0, unread, rb".* %s cast .*" % own, **user))
        tap.say("list marks what it may lack", expect(
            ["list", "pshm", "-o", "ref,processes", "--filter", "ref=pshm:/theirs"], 0, unread,
            rb"REF .*\npshm:/theirs +cast %s, \?\n" % own, **user))
        tap.say("a pipe's other end may be hidden, too", expect(
            ["list", "pipe", "-o", "ref,readers,writers", "--filter", f"ref={mixed}"], 0, unread,
            rb"REF .*\n%s +cast %s, \? +\?\n" % (mixed.encode(), own), **user))
        tap.say("queues are denied, with the reason", expect(
            ["list", "mq"], 0, queues + unread, rb".*could not all be listed\n", **user))
        tap.say("so is the value of another's semaphore", expect(
            ["list", "psem"], 0, semaphores % rb"strange and 3 more" + unread,
            rb".*\npsem:/theirs +\S+ +0644 +1 +0 +glibc .*\npsem:/value +root +0644 +- +- +-.*",
            **user))
        tap.say("ps has its own alone", check(
            {link["pid"] for link in document(["ps"], **user)["links"]
             if link["object"] in ("pshm:/theirs", "psem:/theirs", mixed, "pshm:/shared")}
            == {pid("theirs")}))
        tap.say("ps of another's process says why there is nothing", expect(
            ["ps", str(pid("shm_writer"))], 0,
            rb"ipclens: %d: what it uses may not be seen by you: try as root\n.*"
            rb"ipclens: incomplete: /proc/%d: it may not be inspected by this viewer \(denied\)\n.*"
            % (pid("shm_writer"), pid("shm_writer")), **user))
        tap.say("and marks that a pipe's other end may be hidden", expect(
            ["ps", str(pid("theirs"))], 0, rb".*may not be inspected by this viewer.*",
            rb"PID .* PEERS\n[^\n]* \?\n\n.*\n%s +open +r- [^\n]* \?\n.*" % mixed.encode(), **user))
        test_hidepid(tap, program, mixed)


def test_hidepid(tap, program, mixed):
    hidden = ["unshare", "--mount", "sh", "-c",
              'mount -t proc -o hidepid=2 proc /proc && exec "$0" "$@"', "setpriv",
              f"--reuid={TEN_LETTERS}", f"--regid={TEN_LETTERS}", "--clear-groups"]
    reason = is_permitted([*hidden, "true"])
    if reason:
        tap.skip("hidepid=2", reason)
        return
    answer = document(["who", "pshm:/theirs", mixed], program=program, before=hidden)
    tap.say("hidepid=2: its own are seen, others are missed", check(
        found_links(answer, "pshm:/theirs") == [mapped("theirs", BOTH)]
        and found_links(answer, mixed) == [opened("theirs", READ)], answer["links"]))
    tap.say("hidepid=2: and the answer says that it cannot see all", check(
        not answer["sight"]["full"] and "hidepid" in answer["sight"]["reasons"]
        and [issue["aspect"] for issue in answer["issues"] if issue["subject"] == "/proc"]
        == ["processes", "waits"], answer["sight"], answer["issues"]))
    said = rb"ipclens: incomplete: /proc: it hides the processes of others \(hidepid\) \(denied\)\n"
    options = {"program": program, "before": hidden}
    tap.say("hidepid=2: that is said where nobody was found", expect(
        ["who", "pshm:/shared"], 0, said, rb".*found in no process.*", **options))
    tap.say("hidepid=2: pipes may have other ends", expect(
        ["list", "pipe", "-n", "-o", "readers,writers", "--filter", f"ref={mixed}"], 0, said,
        rb"cast %d, \? +\?\n" % pid("theirs"), **options))
    other = pid("shm_writer")
    tap.say("hidepid=2: a process that is hidden is told from one that is not there", expect(
        ["ps", str(other), "4194303"], 1,
        rb"ipclens: %d: what it uses may not be seen by you: try as root\n"
        rb"ipclens: 4194303: there is no such process, or none that you may see\n.*" % other,
        rb"", **options))
    tap.say("hidepid=2: and others may be in any namespace", expect(
        ["namespaces"], 0, said + rb"(ipclens: incomplete: .*\n)*", rb".*\n\d+ .*", **options))
    tap.say("hidepid=2: also those whose objects are not listed for that", expect(
        ["list", "shm", "--all-namespaces"], 0, said, rb".*", **options))
    tap.say("hidepid=2: and others may be blocked", expect(
        [], 0, rb"(ipclens: incomplete: .*\n)*" + said + rb"(ipclens: incomplete: .*\n)*",
        rb".*\nblocked: at least \d+ thread.*", **options))


def test_visible_queues(tap):
    """What everybody sees at /dev/mqueue is believed where a queue proves that it is this namespace's.
    In a /dev of its own, as not each machine has that folder."""
    def before(*entering):
        script = "set -e; mount -t tmpfs -o mode=755 none /dev; mkdir /dev/mqueue; " \
                 "mknod -m 666 /dev/null c 1 3; mount -t mqueue none /dev/mqueue; exec \"$0\" \"$@\""
        return ["unshare", "--mount", "sh", "-c", script, *entering, "setpriv",
                f"--reuid={TEN_LETTERS}", f"--regid={TEN_LETTERS}", "--clear-groups"]

    reason = why_no_other_user() or is_permitted([*before(), "true"])
    if reason:
        tap.skip("queues at /dev/mqueue", reason)
        return
    unproven = rb".*ipclens: incomplete: fsopen: [^\n]* no queue that you may read proves that " \
               rb"/dev/mqueue has them \(denied\)\n.*"
    with accessible_copy() as program:
        names = [one["ref"] for one in document(["list", "mq"])["objects"] if "#" not in one["ref"]]
        answer = document(["list", "mq"], program=program, before=before())
        seen = {one["ref"]: one["messages"] for one in answer["objects"]}
        tap.say("an ordinary user sees the queues at /dev/mqueue", check(
            sorted(seen) == sorted(names) and seen["mq:/messages"] is not None, seen, names))
        tap.say("and no issue says that they could not be listed", check(
            not [issue for issue in answer["issues"] if issue["aspect"] == "objects"],
            answer["issues"]))
        for name, entering in (("is empty", ["unshare", "--ipc"]),
                               ("has a queue of that name", [
                                   "nsenter", f"--target={pid('mq_elsewhere')}", "--ipc"])):
            tap.say(f"but not from a namespace that {name}", expect(
                ["list", "mq"], 0, unproven, rb".*could not all be listed\n", program=program,
                before=before(*entering)))


def test_pid_namespace(tap):
    """A viewer that shares all but the PIDs."""
    nested = ["unshare", "--pid", "--fork", "--mount-proc"]
    answer = document(["who", "pshm:/shared", "psem:/value", "mq:/messages"], before=nested)
    tap.say("behind a PID namespace objects are seen, and their users missed", check(
        len(answer["objects"]) == 3 and not answer["links"]
        and [one["processes"] for one in answer["objects"]] == [[], [], []], answer["links"]))
    tap.say("and the answer says that it cannot see all", check(
        not answer["sight"]["full"] and "nested-pid-namespace" in answer["sight"]["reasons"],
        answer["sight"]))
    pipe = inode_ref("pipe", "pipe_two")
    tap.say("a pipe of hidden processes is not there", expect(
        ["who", pipe], 1, rb"ipclens: %s: not found.*\n" % pipe.encode(), rb"", before=nested))
    test_traces(tap, nested)


def test_traces(tap, nested):
    """Whoever this PID namespace does not show is known by the PID that is left in an array."""
    hidden = rb"ipclens: incomplete: /proc: processes outside of this PID namespace [^\n]+\n"
    array = run(["make", "sem", "--nsems", "2"]).stdout.decode().strip()
    for operations, said, stdout in ((["1=0"], hidden, rb"?"), (["1+1"], hidden, rb"?"),
                                     ([], rb"", rb"-")):
        if operations:
            run(["semop", array, *operations, "--yes"])
        else:
            run(["remove", array, "--yes"])
        tap.say(f"behind a PID namespace, after {operations or 'its end'} of an array", expect(
            ["list", "pshm", "-n", "-o", "ref,processes", "--filter", "ref=pshm:/unused"], 0, said,
            rb"pshm:/unused +%s\n" % re.escape(stdout), before=nested))


def test_ipc_namespace(tap):
    there = ["nsenter", f"--target={pid('mq_elsewhere')}", "--ipc"]
    reason = is_permitted([*there, "true"])
    if reason:
        tap.skip("a queue of the same name in another IPC namespace", reason)
        return
    answer = document(["who", "mq:/messages"], before=there)
    tap.say("in another namespace the queue is that one's", check(
        found_links(answer, "mq:/messages") == [opened("mq_elsewhere", BOTH)]
        and answer["objects"][0]["messages"] == 1, answer))
    names = [one["ref"] for one in document(["list", "mq"], before=there)["objects"]]
    tap.say("and there is no other", check(names == ["mq:/messages"], names))


def scene_pipes():
    return {id_of(name): name for name in ("pipe_two", "pipe_data", "pipe_orphan", "pipe_both",
                                           "pipe_mixed")}


def lsof_pipes():
    """Inode: PIDs that have an end."""
    lines = subprocess.run(["lsof", "-n", "-w", "-F", "pfi"], capture_output=True, text=True,
                           env=ENVIRONMENT, check=False).stdout.splitlines()
    users, process = {}, None
    for line in lines:
        if line[0] == "p":
            process = int(line[1:])
        elif line[0] == "i":
            users.setdefault(line[1:], set()).add(process)
    return users


def lsfd_pipes():
    lines = subprocess.run(["lsfd", "-n", "--raw", "-o", "PID,INODE,TYPE"], capture_output=True,
                           text=True, env=ENVIRONMENT, check=False).stdout.splitlines()
    users = {}
    for line in lines:
        words = line.split()
        if len(words) == 3 and words[2] == "FIFO":
            users.setdefault(words[1], set()).add(int(words[0]))
    return users


def test_others(tap, expected):
    wanted = {inode: {link[0] for link in expected[f"pipe:{inode}"]} for inode in scene_pipes()}
    ours = {str(one["inode"]): set(one["processes"])
            for one in document(["list", "pipe", "-o", "processes"])["objects"]}
    for tool, pipes in (("lsof", lsof_pipes), ("lsfd", lsfd_pipes)):
        name = f"the processes of each pipe are those of {tool}"
        if not shutil.which(tool):
            tap.skip(name, f"there is no {tool}")
            continue
        theirs = pipes()
        tap.say(name, check(all(theirs.get(inode) == ours.get(inode) == users
                                for inode, users in wanted.items()), wanted, ours, theirs))


def main():
    enter("posix")
    tap = Tap()
    expected = expected_links()
    test_other_user(tap)
    test_visible_queues(tap)
    test_pid_namespace(tap)
    test_ipc_namespace(tap)
    test_others(tap, expected)
    with tempfile.TemporaryDirectory(prefix="ipclens-posix-") as folder:
        os.mkdir(folder + "/queues")
        test_calls(tap, expected, folder)
        # The last: reading changes what was not to change.
        test_times(tap, expected, folder + "/queues")
    tap.finish()


main()
