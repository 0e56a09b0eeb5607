#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""who, ps and the processes of list, in the scene "users": segments that are attached in every way,
and things that could pass for attachments."""

import functools
import json
import os
import re
import shutil
import subprocess
import tempfile

from live import (ENVIRONMENT, IPCLENS, Tap, accessible_copy, enter, expect, id_of, is_permitted,
                  problem, run, why_no_other_user)
from compat import why_no_strace

TEN_LETTERS = 54322
ATTACHER = os.path.join(os.environ["IPCLENS_BUILD"], "tests", "live", "attacher")
# Segment: processes that are named, of which those in () share the space of the one before;
# attachments that the kernel counts; doubts.
EXPECTED = {
    "first": (["first"], 1, []),
    "two": (["two_a", "two_b"], 2, []),
    "twice": (["twice", "twice"], 2, []),
    "split": (["split", "split", "split"], 3, []),
    "readonly": (["readonly"], 1, []),
    "space": (["space"], 1, []),
    "vfork": (["vfork"], 1, []),
    "leaderless": (["leaderless"], 1, []),
    "moved": ([], 1, ["other-namespace"]),
    "dest": (["dest"], 1, []),
    "keyed": (["keyed"], 1, []),
    "same": (["same", "same_elsewhere"], 1, ["more-found"]),
    "unused": ([], 0, []),
}
# What bpf tells of those that have changed their namespace.
PLACED = {"moved": (["moved"], 1, []), "same": (["same"], 1, [])}
SHARERS = {"space": "space_sharer", "vfork": "vfork_child"}
# How long ago things were, and when the snapshot was taken.
VOLATILE = re.compile(rb'\(\d+s ago\)|"taken_at":"[^"]*"')
HISTORY_TITLE = rb"\non record, which is history and no proof of use:\n"


def ref(name):
    return "shm:" + id_of("shm_" + name)


def pid(name):
    return int(id_of("pid_" + name))


def document(words, **options):
    return json.loads(run([*words, "--json"], **options).stdout)


def check(condition, *lines):
    return [] if condition else [[str(line) for line in lines]]


def mapped(answer, name):
    return [link for link in answer["links"]
            if link["object"] == ref(name) and link["how"] == "mapped"]


def accounting(answer, name):
    return next(one for one in answer["accounting"] if one["object"] == ref(name))


def expected_of(name):
    return PLACED[name] if name in PLACED and has_bpf() else EXPECTED[name]


@functools.cache
def has_bpf():
    """Whether programs inside of the kernel are permitted here."""
    answer = document(["blocked", "--backend=bpf"])
    return not any(issue["subject"] == "bpf" for issue in answer["issues"])


def check_segment(answer, name, wanted=None):
    users, expected, doubts = wanted or expected_of(name)
    links, count = mapped(answer, name), accounting(answer, name)
    pids = [pid(user) for user in users]
    sharers = [pid(SHARERS[name])] if name in SHARERS else []
    problems = check([link["pid"] for link in links] == pids, f"{pids} expected", links)
    problems += check(all(link["shared_by"] == sharers for link in links), f"{sharers} expected",
                      links)
    wanted = {"object": ref(name), "what": "attachments", "semnum": None, "found": len(users), "expected": expected,
              "complete": len(users) == expected and not doubts, "doubts": doubts}
    return problems + check(count == wanted, f"{wanted} expected", count)


def test_all(tap):
    answer = document(["who", *(ref(name) for name in EXPECTED)])
    listed = {thing["ref"]: thing["processes"]
              for thing in document(["list", "shm", "-o", "ref,processes"])["objects"]}
    saved = json.loads(run(["save", "-"]).stdout)
    for name in EXPECTED:
        users = expected_of(name)[0]
        tap.say(f"who names the users of shm_{name}", check_segment(answer, name))
        tap.say(f"so does a snapshot, of shm_{name}", check_segment(saved, name))
        pids = sorted({pid(user) for user in [*users, *filter(None, [SHARERS.get(name)])]})
        tap.say(f"list has the processes of shm_{name}",
                check(listed[ref(name)] == pids, pids, listed[ref(name)]))
    everyone = {link["pid"] for link in saved["links"] if link["how"] == "mapped"}
    strangers = {pid(name) for name in ("elsewhere", "moved", "same_elsewhere", "other_key")}
    strangers -= {pid(user) for name in ("moved", "same") for user in expected_of(name)[0]}
    tap.say("nobody is named who uses other namespaces' segments",
            check(not everyone & strangers, everyone, strangers))
    links = mapped(answer, "readonly")
    tap.say("an attachment for reading is one", check(links[0]["access"] == ["read"], links))
    split = mapped(answer, "split")
    page = os.sysconf("SC_PAGESIZE")
    tap.say("the parts of a split attachment are where they are", check(
        [(link["address"] - split[0]["address"], link["length"], link["access"])
         for link in split]
        == [(0, page, ["read", "write"]), (page, page, ["read"]),
            (2 * page, 2 * page, ["read", "write"])], split))
    thing = next(thing for thing in answer["objects"] if thing["ref"] == ref("dest"))
    tap.say("a removed segment has lost its key, and not its users",
            check(thing["status"] == ["dest"] and thing["key"] == "0x00000000", thing))


def test_without_bpf(tap):
    """Then /proc alone tells, and what it cannot tell is in doubt."""
    words = ["--backend=procfs", *(ref(name) for name in PLACED)]
    answer = document(["who", *words])
    for name in PLACED:
        tap.say(f"without bpf, of shm_{name}", check_segment(answer, name, EXPECTED[name]))
    tap.say("that bpf could tell is said", expect(
        ["who", "--backend=procfs", ref("moved")], 0, rb"",
        rb".*\n0 of 1 attachments found\n  a process elsewhere maps a segment of that id, maybe "
        rb"this: bpf could tell\n.*"))


def test_single(tap):
    """Who asks about one segment is answered without a look at everybody."""
    for name in ("first", "two", "twice", "split", "readonly", "leaderless", "moved", "dest",
                 "keyed", "unused"):
        tap.say(f"who of shm_{name} alone", check_segment(document(["who", ref(name)]), name))
    for name in SHARERS:
        answer = document(["who", ref(name)])
        tap.say(f"who of shm_{name} alone counts once", check(
            [link["pid"] for link in mapped(answer, name)] == [pid(EXPECTED[name][0][0])]
            and accounting(answer, name)["complete"], answer["links"]))


def test_namespaces(tap):
    """The same id in two namespaces is two segments, each with its own users."""
    there = ["nsenter", f"--target={pid('elsewhere')}", "--ipc"]
    reason = is_permitted([*there, "true"])
    if reason:
        tap.skip("the same id in another IPC namespace", reason)
        return
    for name, answer in (("who", document(["who", ref("first")], before=there)),
                         ("save", json.loads(run(["save", "-"], before=there).stdout))):
        tap.say(f"{name} in another namespace has that one's users", check(
            [link["pid"] for link in mapped(answer, "first")] == [pid("elsewhere")]
            and accounting(answer, "first")["complete"], answer["links"]))


def test_memfd(tap):
    name = "a memfd whose inode is the id of a segment is no attachment"
    if "CAST_shm_as_memfd" not in os.environ:
        tap.skip(name, "no segment can be given the id of a memfd's inode here")
        return
    # Of a segment that nobody has attached, who asks nobody: a snapshot looks at all.
    answer = json.loads(run(["save", "-"]).stdout)
    with open(f"/proc/{pid('memfd')}/maps", encoding="ascii") as file:
        maps = [line for line in file if line.split()[4] == id_of("shm_as_memfd")]
    tap.say(name, check(len(maps) == 1, maps) + check(
        not mapped(answer, "as_memfd") and accounting(answer, "as_memfd")["complete"], answer))


def test_huge(tap):
    name = "a segment of huge pages"
    if "CAST_shm_huge" not in os.environ:
        tap.skip(name, "no huge pages are set aside (vm.nr_hugepages)")
        return
    answer = document(["who", ref("huge")])
    tap.say(name, check([link["pid"] for link in mapped(answer, "huge")] == [pid("huge")]
                        and accounting(answer, "huge")["complete"], answer))


def test_file(tap, folder):
    """A regular file named as attachments are, whose inode is the id of a segment."""
    name = "a file called /SYSV00000000 is no attachment"
    script = "; ".join((
        "set -e", f"mount -t tmpfs none {folder}", f"cd {folder}", "mkdir -p proc tmp",
        "for place in usr lib lib64 bin etc; do [ -e /$place ] || continue; mkdir $place; "
        "mount --bind /$place $place; done", "mount --rbind /proc proc",
        f"cp {IPCLENS} ipclens"))
    mounted = ["unshare", "--mount", "sh", "-c", script + '; exec "$0" "$@"']
    reason = is_permitted([*mounted, "chroot", folder, "/ipclens", "--version"])
    if reason:
        tap.skip(name, reason)
        return
    code = f"""
import json, mmap, os, subprocess
os.chdir({folder!r})
for number in range(64):
    file = os.open(f"file{{number}}", os.O_CREAT | os.O_RDWR)
    os.ftruncate(file, 4096)
    if os.fstat(file).st_ino == {id_of("shm_unused")}:
        break
else:
    raise SystemExit("no file has this inode")
os.rename(f"file{{number}}", "SYSV00000000")
memory = mmap.mmap(file, 4096)
answer = subprocess.run(["chroot", ".", "/ipclens", "save", "-"], capture_output=True, check=False)
maps = subprocess.run(["chroot", ".", "/bin/grep", "SYSV", f"/proc/{{os.getpid()}}/maps"],
                      capture_output=True, text=True, check=False).stdout
print(json.dumps([maps, json.loads(answer.stdout)]))
"""
    done = subprocess.run([*mounted, "/usr/bin/python3", "-c", code], capture_output=True,
                          text=True, check=False)
    if done.returncode:
        tap.say(name, [[done.stderr]])
        return
    maps, answer = json.loads(done.stdout)
    tap.say(name, check(maps.rstrip().endswith(" /SYSV00000000"), maps) + check(
        not mapped(answer, "unused") and accounting(answer, "unused")["complete"], answer))


def test_past(tap):
    array, queue = "sem:" + id_of("sem_past"), "msg:" + id_of("msg_past")
    past = pid("past")
    for what, name, operation in (("the semaphore", array, "semaphore"),
                                  ("the queue", queue, "send")):
        links = [link for link in document(["who", name])["links"] if link["pid"] == past]
        tap.say(f"{what}'s last user has ended", check(
            [(link["how"], link["state"], link["operation"]) for link in links]
            == [("last-op", "dead", operation)], links))
    links = document(["who", array])["links"]
    tap.say("who operated last is known of each semaphore", check(
        [(link["semnum"], link["pid"], link["state"]) for link in links]
        == [(1, past, "dead"), (2, 1, "alive")], links))
    tap.say("in words, too", expect(
        ["who", queue], 0, rb"",
        rb"msg:\d+  message queue\nthe kernel keeps no record of who uses message queues\n"
        + HISTORY_TITLE + rb"PID +STATE .*\n +%d dead +- +- +last-op +send .*\n" % past))


def test_reused(tap, started):
    """started: the PID of a process of some seconds ago, which has operated and ended."""
    name = "a PID that another process has now is not taken for the one that operated"
    os.waitpid(started, 0)
    subprocess.run(["sleep", "4"], check=True)
    try:
        with open("/proc/sys/kernel/ns_last_pid", "w", encoding="ascii") as file:
            file.write(str(started - 1))
    except OSError as error:
        tap.skip(name, str(error))
        return
    with subprocess.Popen(["sleep", "1000"]) as other:
        if other.pid != started:
            tap.skip(name, f"the PID is {other.pid}, not {started}")
        else:
            queue = "msg:" + id_of("msg_past")
            links = [link for link in document(["who", queue])["links"]
                     if link["operation"] == "send"]
            tap.say(name, check([(link["pid"], link["state"]) for link in links]
                                == [(started, "reused")], links))
            tap.say("its command is not told", expect(
                ["who", queue], 0, rb"", rb"(?!.*sleep).* %d reused +- +- .*" % started))
        other.kill()


def send_and_end():
    """The PID of a child that has sent a message, and ended."""
    child = os.fork()
    if child == 0:
        done = subprocess.run(["true"], check=False).returncode
        libc = __import__("ctypes").CDLL(None)
        done |= libc.msgsnd(int(id_of("msg_past")), b"\1\0\0\0\0\0\0\0", 0, 0)
        os._exit(1 if done else 0)
    return child


def test_ps(tap):
    rows = run(["ps", "-n"]).stdout.decode().splitlines()
    by_pid = {int(row.split()[0]): row.split() for row in rows}
    page = os.sysconf("SC_PAGESIZE")
    wanted = {"first": ("1", "1"), "twice": ("1", "2"), "split": ("1", "3"),
              "space_sharer": ("1", "1"), "leaderless": ("1", "1")}
    for name, counts in wanted.items():
        row = by_pid.get(pid(name), [])
        tap.say(f"ps counts what pid_{name} has mapped", check(tuple(row[3:5]) == counts, row))
    tap.say("and how much", check(by_pid[pid("twice")][5] == f"{2 * 4 * page // 1024}K",
                                  by_pid[pid("twice")]))
    for name in ("elsewhere", "other_key", *([] if has_bpf() else ["moved"])):
        row = by_pid.get(pid(name), [])
        # A pipe of whoever runs the tests is not of this namespace or another.
        tap.say(f"ps has no segment of pid_{name}",
                check(tuple(row[3:6]) in ((), ("0", "0", "0")), row))
    thread = max(int(name) for name in os.listdir(f"/proc/{pid('leaderless')}/task"))
    tap.say("a thread is no process, and it is said of which it is", expect(
        ["ps", str(thread)], 1,
        rb"ipclens: %d: there is no such process, but a thread of one: see below\n"
        rb"ipclens: incomplete: /proc/%d: it is a thread of process %d: ask for that "
        rb"\(unsupported\)\n" % (thread, thread, pid("leaderless")), rb""))
    tap.say("nor is anybody missing for that", expect(
        ["ps", str(thread), str(pid("two_a"))], 1, rb"ipclens: %d: .*" % thread, rb"PID [^?]*"))
    answer = document(["ps", str(pid("two_a"))])
    tap.say("ps of one process", check(
        [(link["pid"], link["object"]) for link in answer["links"]
         if not link["object"].startswith("pipe:")] == [(pid("two_a"), ref("two"))]
        and [process["pid"] for process in answer["processes"]] == [pid("two_a")], answer))


def test_wrong(tap):
    for words, status, said in (
            (["ps", "4194303"], 1, rb"ipclens: 4194303: there is no such process.*\n"),
            (["ps", "0"], 2, rb"ipclens: 0: not a PID, which is a number from 1\n"),
            (["ps", "x"], 2, rb"ipclens: x: not a PID, .*\n"),
            (["ps", "99999999999999999999"], 2, rb"ipclens: 9+: not a PID, .*\n"),
            (["who"], 2, rb"ipclens: who: .*\n"),
            (["who", "nosuch:1"], 2, rb"ipclens: nosuch:1: .*\n"),
            (["who", "shm:77"], 1, rb"ipclens: shm:77: not found; .*\n"),
            (["who", "sem:77", "msg:77"], 1, rb"(ipclens: \w+:77: not found; .*\n){2}")):
        tap.say(f"{' '.join(words)}: exit status {status}, and says why",
                expect(words, status, said))
    nowhere = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL,
               "stderr": subprocess.DEVNULL}
    with subprocess.Popen(["sleep", "1000"], **nowhere) as idle:
        tap.say("ps of a process that uses nothing says so", expect(
            ["ps", str(idle.pid)], 0, rb"ipclens: \d+: no use of any object was found\n"))
        idle.kill()
    tap.say("one that does not exist does not hide the other", expect(
        ["who", "shm:77", ref("first")], 1, rb"ipclens: shm:77: not found; .*\n",
        rb"%s .*1 of 1 attachments found\n.*" % ref("first").encode()))


def test_other_user(tap):
    """The segment "mixed" is attached by two processes of root and two of another user."""
    reason = why_no_other_user()
    hidden = ["unshare", "--mount", "sh", "-c",
              'mount -t proc -o hidepid=2 proc /proc && exec "$0" "$@"', "setpriv",
              f"--reuid={TEN_LETTERS}", f"--regid={TEN_LETTERS}", "--clear-groups"]
    if reason:
        tap.skip("an ordinary user's answers", reason)
        return
    reason = is_permitted([*hidden, "true"])
    unread = rb"ipclens: incomplete: /proc/PID: \d+ process(es)? may not be inspected by " \
             rb"this viewer \(denied\)\n"
    with accessible_copy() as program:
        user = {"program": program, "user": TEN_LETTERS}
        tap.say("an ordinary user finds its own, and is told so", expect(
            ["who", ref("mixed")], 0, unread,
            rb".*\n2 of 4 attachments found\n  the others can be in processes that you may not "
            rb"inspect: try as root\n.*", **user))
        answer = document(["who", ref("mixed")], **user)
        tap.say("which is not complete", check(
            accounting(answer, "mixed") == {
                "object": ref("mixed"), "what": "attachments", "semnum": None, "found": 2, "expected": 4, "complete": False,
                "doubts": ["unreadable-processes"]}, answer["accounting"]))
        tap.say("of root's alone, it finds none", expect(
            ["who", ref("two")], 0, unread, rb".*\n0 of 2 attachments found\n.*", **user))
        tap.say("that nobody has one mapped is sure all the same", check(
            accounting(document(["who", ref("unused")], **user), "unused")["complete"]))
        tap.say("list marks what it may lack", expect(
            ["list", "shm", "-o", "ref,processes", "--filter", f"ref={ref('mixed')}"], 0, unread,
            rb"REF .*\n%s +cast \d+ \d+, \?\n" % ref("mixed").encode(), **user))
        if reason:
            tap.skip("hidepid=2", reason)
            return
        options = {"program": program, "before": hidden}
        answer = document(["who", ref("mixed")], **options)
        count = accounting(answer, "mixed")
        tap.say("hidepid=2: what is hidden is missed", check(
            (count["found"], count["expected"], count["complete"]) == (2, 4, False), count))
        states = {link["state"] for link in answer["links"] if link["pid"] == 1}
        tap.say("hidepid=2: a hidden creator is not called dead",
                check(states == {"unknown"}, answer["links"]))


def test_pid_namespace(tap):
    """A viewer that shares the IPC namespace, and not the PIDs."""
    nested = ["unshare", "--pid", "--fork", "--mount-proc"]
    for name in ("two", "mixed", "space"):
        count = accounting(document(["who", ref(name)], before=nested), name)
        tap.say(f"behind a PID namespace, the users of shm_{name} are missed", check(
            count["found"] == 0 and count["expected"] and not count["complete"], count))
    # Others have left their PIDs in the objects here, which this PID namespace does not show.
    hidden = rb"ipclens: incomplete: /proc: processes outside of this PID namespace [^\n]+ \(denied\)\n"
    tap.say("and it says so", expect(
        ["who", ref("two")], 0, hidden,
        rb".*0 of 2 attachments found\n  the others can be in processes hidden from you: try as root"
        rb", on the host\n", before=nested))
    tap.say("that others may use the rest, too, is said", expect(
        ["list", "pipe"], 0, hidden, rb"REF .*\?.*", before=nested))
    # One address space with two PIDs, and one attachment that is hidden: as many as are counted.
    segment = subprocess.check_output([ATTACHER, "make"], text=True).strip()
    with subprocess.Popen([ATTACHER, "hold", segment], stdout=subprocess.PIPE,
                          stdin=subprocess.PIPE) as hidden:
        hidden.stdout.readline()
        answer = document(["who", "shm:" + segment],
                          before=[*nested, ATTACHER, "share", segment])
        count = answer["accounting"][0]
        tap.say("two PIDs of one address space are not two attachments", check(
            (count["found"], count["expected"], count["complete"]) == (1, 2, False), answer))
        test_ending(tap, segment, nested)
        hidden.stdin.close()
    subprocess.run([ATTACHER, "remove", segment], check=True)


def test_ending(tap, segment, nested):
    """One of the two PIDs ends after it was looked at, and before the address spaces are compared:
    the kernel then takes them for two."""
    name = "nor are they while one of them ends"
    reason = why_no_strace()
    if reason:
        tap.skip(name, reason)
        return
    slowly = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=kcmp:delay_enter=600000"]
    count = document(["who", "shm:" + segment],
                     before=[*nested, ATTACHER, "outlive", segment, *slowly])["accounting"][0]
    tap.say(name, check(count["expected"] == 2 and not count["complete"], count))


def test_calls(tap, folder):
    """Nothing is attached, created or changed; address spaces are compared where they must be."""
    reason = why_no_strace()
    if reason:
        tap.skip("calls of who, ps and list", reason)
        return
    # ps reads the arguments of the calls in which threads sleep.
    calls = "shmget,shmat,shmdt,semget,semop,semtimedop,msgget,msgsnd,msgrcv,kcmp,ptrace," \
            "process_vm_readv,shmctl"
    # Here every process is behind a PID namespace, so that one at the same address in two of them
    # is looked at twice.
    for words, compares in ((["who", ref("first")], False), (["ps"], True),
                            (["who", ref("space"), ref("two")], True),
                            (["list", "shm", "-o", "processes"], True)):
        path = os.path.join(folder, "trace")
        result = run(words, before=["strace", "-f", "-qq", "-e", f"trace={calls}", "-o", path])
        with open(path, encoding="ascii") as file:
            lines = [line for line in file if "exited with" not in line]
        bad = [line for line in lines if "kcmp(" not in line and "STAT_ANY" not in line
               and "_INFO" not in line and "SHM_STAT," not in line
               and not (words == ["ps"] and "process_vm_readv(" in line)]
        tap.say(f"{' '.join(words)} touches nothing",
                check(result.status == 0 and not bad, result, *bad))
        has_compared = any("kcmp(" in line for line in lines)
        tap.say(f"{' '.join(words)}: kcmp is {'' if compares else 'not '}needed",
                check(has_compared == compares, *lines))


def lsof_users():
    """What lsof tells: PIDs by the number of the segment; of mappings, not of address spaces."""
    users = {}
    lines = subprocess.run(["lsof", "-n", "-w", "-F", "pni"], capture_output=True, text=True,
                           env=ENVIRONMENT, check=False).stdout.splitlines()
    number = inode = None
    for line in lines:
        if line[0] == "p":
            number = int(line[1:])
        elif line[0] == "f":
            inode = None
        elif line[0] == "i":
            inode = line[1:]
        elif line[0] == "n" and line.startswith("n/SYSV") and inode:
            users.setdefault("shm:" + inode, set()).add(number)
    return users


def test_lsof(tap):
    name = "the processes are those of lsof"
    if not shutil.which("lsof"):
        tap.skip(name, "there is no lsof")
        return
    theirs = lsof_users()
    ours = {thing["ref"]: set(thing["processes"])
            for thing in document(["list", "shm", "-o", "ref,processes", "--backend=procfs"])[
                "objects"] if thing["processes"]}
    # It does not know of namespaces, and sees no process whose leader has exited.
    strangers = {pid(other) for other in ("elsewhere", "moved", "other_key")}
    theirs = {key: pids - strangers for key, pids in theirs.items() if pids - strangers}
    ours.pop(ref("leaderless"), None)
    theirs.pop(ref("leaderless"), None)
    tap.say(name, check(theirs == ours and len(ours) > 8, f"ours: {ours}", f"theirs: {theirs}"))


def test_text(tap):
    shown = run(["show", ref("two")])
    tap.say("show has a section of users", check(
        shown.status == 0 and b"\n  2 of 2 attachments found\n" in shown.stdout
        and b"on record, which is history and no proof of use" in shown.stdout, shown))
    saved = run(["save", "-"]).stdout
    for words in (["who", *(ref(name) for name in EXPECTED)], ["ps", str(pid("two_a"))],
                  ["list", "shm", "-o", "ref,processes"], ["show", ref("two"), ref("split")]):
        live, loaded = run(words), run([*words, "--from", "-"], stdin=saved)
        for one in (live, loaded):
            one.stdout = VOLATILE.sub(b"", one.stdout)
        tap.say(f"live and loaded are the same: {words[0]} {words[-1]}",
                [] if live == loaded else [problem("live", live), problem("loaded", loaded)])
    live, loaded = (segments_of(run(words, stdin=saved).stdout)
                    for words in (["ps", "--json"], ["ps", "--json", "--from", "-"]))
    tap.say("live and loaded are the same: the segments of ps --json",
            check(live == loaded and len(live[0]) > 12 and len(live[1]) > 12, live, loaded))


def segments_of(data):
    """Who looks has pipes, and is not the same each time."""
    answer = json.loads(data)
    totals = [(one["pid"], one["command"], one["uid"], one["segments"], one["mappings"],
               one["bytes"]) for one in answer["process_totals"] if one["segments"]]
    return totals, [link for link in answer["links"] if link["object"].startswith("shm:")]


def main():
    enter("users")
    tap = Tap()
    started = None
    test_all(tap)
    test_single(tap)
    test_without_bpf(tap)
    test_namespaces(tap)
    test_memfd(tap)
    test_huge(tap)
    test_past(tap)
    started = send_and_end()
    test_ps(tap)
    test_wrong(tap)
    test_other_user(tap)
    test_pid_namespace(tap)
    test_lsof(tap)
    test_text(tap)
    with tempfile.TemporaryDirectory(prefix="ipclens-users-") as folder:
        test_calls(tap, folder)
        os.mkdir(folder + "/root")
        test_file(tap, folder + "/root")
    test_reused(tap, started)
    tap.finish()


main()
