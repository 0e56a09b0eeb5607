#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""blocked, and the waits in show, who, ps, list and status, in the scene "blocked": threads that sleep
in IPC in every way, in rings, and in what could pass for a ring."""

import json
import os
import re
import subprocess
import tempfile
import threading
import time

from live import (IPCLENS, Tap, accessible_copy, enter, expect, id_of, problem, run,
                  why_no_other_user)

TEN_LETTERS = 54322
NARROW = os.path.join(os.environ["IPCLENS_BUILD"], "tests", "live", "narrow")
# Ages, and the width that they give to a column.
VOLATILE = re.compile(rb"\(\d+s ago\)|\b\d+(\.\d)?[smh]\b|\s+")
# Array: what the ring on it is, where it is known who holds semaphores.
RINGS = {"two": "deadlock", "three": "deadlock", "self": "deadlock", "alarm": "deadlock",
         "free_thread": "suspected-deadlock", "timeout": "suspected-deadlock",
         "two_holders": "suspected-deadlock"}


def pid(name):
    return int(id_of("pid_" + name))


def document(words, **options):
    return json.loads(run([*words, "--json"], **options).stdout)


def check(condition, *lines):
    return [] if condition else [[str(line) for line in lines]]


def waits_of(answer, name):
    return [wait for wait in answer["waits"] if wait["pid"] == pid(name)]


def sem(name):
    return "sem:" + id_of("sem_" + name)


def msg(name):
    return "msg:" + id_of("msg_" + name)


def why_holders_unknown(answer):
    """None where it is known who holds semaphores."""
    reasons = [issue["reason"] for issue in answer["issues"] if issue["aspect"] == "holders"]
    return reasons[0] if reasons else None


def test_waits(tap, answer):
    wanted = {
        "many_2": (sem("many"), "take", 0, 2, None), "many_3": (sem("many"), "take", 0, 3, None),
        "many_4": (sem("many"), "take", 0, 4, None),
        "many_several": (sem("many"), "take", 1, 5, None),
        "zero_a": (sem("many"), "await-zero", 3, None, None),
        "zero_b": (sem("many"), "await-zero", 3, None, None),
        "abandoned": (sem("abandoned"), "take", 0, 1, None),
        "bytes": (msg("bytes"), "send", None, 1000, None),
        "count": (msg("count"), "send", None, 0, None),
        "type": (msg("type"), "receive", None, None, 7),
        "type_below": (msg("below"), "receive", None, None, -3),
        "type_except": (msg("type"), "receive", None, None, 1),
    }
    for name, (ref, operation, semnum, amount, kind) in wanted.items():
        found = [(wait["object"], wait["operation"], wait["semnum"], wait["amount"], wait["type"])
                 for wait in waits_of(answer, name)]
        tap.say(f"what pid_{name} waits for",
                check(found == [(ref, operation, semnum, amount, kind)], found))
    flags = {name: waits_of(answer, name)[0]["flags"]
             for name in ("many_2", "many_several", "count", "bytes", "type_except", "type")}
    tap.say("what is special about a call", check(
        flags == {"many_2": [], "many_several": ["undo"], "count": ["full-by-count"], "bytes": [],
                  "type_except": ["except"], "type": []}, flags))
    timeouts = {wait["timeout"] for wait in waits_of(answer, "timeout_0")}
    tap.say("a timeout is told", check(timeouts == {1000000}, timeouts))
    tap.say("and its absence", check(waits_of(answer, "two_0")[0]["timeout"] is None))
    if "CAST_pid_elsewhere" in os.environ:
        wait, = waits_of(answer, "elsewhere")
        tap.say("who waits in another PID namespace has the PID that it has here", check(
            (wait["object"], wait["tid"]) == (sem("elsewhere"), pid("elsewhere")), wait))
    tap.say("a stopped process does not wait", check(not waits_of(answer, "stopped"),
                                                     waits_of(answer, "stopped")))


def test_files(tap, answer):
    reader, = waits_of(answer, "pipe_reader")
    tap.say("the reader of a pipe, and who could write", check(
        reader["operation"] == "read" and reader["object"].startswith("pipe:")
        and reader["released_by"] == [pid("pipe_writer")], reader))
    stopped = {process["pid"] for process in answer["processes"] if process["stopped"]}
    tap.say("which is stopped", check(stopped == {pid("pipe_writer")}, stopped))
    tap.say("as a person is told, too", expect(
        ["blocked"], 0, rb"(ipclens: incomplete: .*\n)*",
        rb".* %d cast +pipe:\d+ +- read +- cast %d \(stopped\)\n.*\ncast %d \(stopped\)\n  cast %d "
        rb"wants to read.*" % (pid("pipe_reader"), *2 * [pid("pipe_writer")], pid("pipe_reader"))))
    poller = waits_of(answer, "pipe_poller")
    tap.say("poll is for each of its pipes", check(
        len(poller) == 2 and all(wait["flags"] == ["alternative"] and wait["timeout"] == 1000000
                                 and wait["operation"] == "read" for wait in poller)
        and reader["object"] in {wait["object"] for wait in poller}, poller))
    for name in ("selector", "epoller"):
        waits = waits_of(answer, name)
        tap.say(f"so is the call of the {name}", check(
            len(waits) == 2 and all(wait["operation"] == "read" and wait["timeout"] is None
                                    and wait["flags"] == ["alternative"] for wait in waits)
            and len({wait["object"] for wait in waits}) == 2, waits))
    for name in ("not_only_ipc", "not_only_select", "not_only_epoll", "interrupted_sleeper"):
        tap.say(f"who can be woken by what is no IPC waits for none: {name}",
                check(not waits_of(answer, name), waits_of(answer, name)))
    tap.say("nor who watches a number that is another pipe's by now",
            check(not waits_of(answer, "closed"), waits_of(answer, "closed")))
    tap.say("a call that copies from pipe to pipe sleeps at one of both", check(
        sorted((wait["operation"], wait["flags"]) for wait in waits_of(answer, "splicer"))
        == [("read", ["alternative"]), ("write", ["alternative"])], waits_of(answer, "splicer")))
    if "CAST_pid_select_timed" in os.environ:
        tap.say("a timeout in microseconds is one", check(
            [wait["timeout"] for wait in waits_of(answer, "select_timed")] == [1000500],
            waits_of(answer, "select_timed")))
    wait, = waits_of(answer, "interrupted_poller")
    tap.say("a call that was interrupted is told by where it sleeps", check(
        (wait["operation"], wait["timeout"]) == ("read", 1000000)
        and wait["object"].startswith("pipe:"), wait))
    tap.say("and none is left that is not understood", check(
        not any("not understood" in issue["reason"] for issue in answer["issues"]),
        answer["issues"]))
    opener, = waits_of(answer, "fifo")
    path = f"/dev/shm/cast-fifo-{id_of('fifo_owner')}"
    tap.say("a FIFO that is opened without a partner", check(
        (opener["operation"], opener["object"]) == ("open", "fifo:" + path), opener))
    tap.say("who shows the FIFO with its waiter", expect(
        ["who", "fifo:" + path], 0, rb"(ipclens: incomplete: .*\n)*",
        rb"fifo:.*  FIFO\n.*\n +%d cast +root +opening +-w .*no reader was found.*"
        rb"waiting for it now:\n.* open .*" % pid("fifo")))
    if "CAST_pid_mq" not in os.environ:
        tap.skip("the receiver of a POSIX queue", "there are no POSIX queues here")
    else:
        wait, = waits_of(answer, "mq")
        tap.say("the receiver of a POSIX queue", check(
            (wait["operation"], wait["object"]) == ("receive", "mq:/cast-blocked"), wait))
        wait, = waits_of(answer, "mq_full")
        tap.say("the sender of a POSIX queue that is full, and until when", check(
            (wait["operation"], wait["object"], wait["amount"])
            == ("send", "mq:/cast-full", 7) and 9999000 < wait["timeout"] < 10001000, wait))
    wait, = waits_of(answer, "pipe_full")
    tap.say("the writer of a pipe that is full, and who could read", check(
        (wait["operation"], wait["object"].partition(":")[0]) == ("write", "pipe")
        and wait["released_by"] and pid("pipe_full") not in wait["released_by"], wait))
    wait, = waits_of(answer, "psem")
    tap.say("a POSIX semaphore by its name", check(
        (wait["operation"], wait["object"], wait["flags"])
        == ("futex", "psem:/cast-blocked", ["semaphore"]), wait))
    wait, = waits_of(answer, "unnamed")
    tap.say("and one without, by segment and offset", check(
        (wait["operation"], wait["object"], wait["offset"], wait["flags"])
        == ("futex", "shm:" + id_of("shm_sem"), 512, ["semaphore"]), wait))
    lock, = waits_of(answer, "lock_waiter")
    tap.say("a lock in a segment, and its owner", check(
        (lock["operation"], lock["object"], lock["offset"], lock["flags"], lock["owner_tid"],
         lock["released_by"])
        == ("futex", "shm:" + id_of("shm_lock"), 256, ["mutex"], pid("lock_owner"),
            [pid("lock_owner")]), lock))


def test_accounting(tap, answer):
    counts = {(count["object"], count["semnum"], count["what"]): count
              for count in answer["accounting"]}
    wanted = {(sem("many"), 0, "ncount"): 3, (sem("many"), 1, "ncount"): 1,
              (sem("many"), 3, "zcount"): 2, (sem("crowd"), 0, "ncount"): 500,
              (sem("elsewhere"), 0, "ncount"): 1, (sem("two"), 0, "ncount"): 1}
    for key, expected in wanted.items():
        if key[0] == sem("elsewhere") and "CAST_pid_elsewhere" not in os.environ:
            continue
        count = counts.get(key)
        tap.say(f"{key[2]} {expected} of {key[0]} num {key[1]}", check(
            count and (count["found"], count["expected"], count["complete"], count["doubts"])
            == (expected, expected, True, []), count))
    tap.say("nothing is counted where nobody waits",
            check((sem("stopped"), 0, "ncount") not in counts, counts))
    crowd = waits_of(answer, "crowd")
    tap.say("each thread of a crowd is one", check(
        len({wait["tid"] for wait in crowd}) == 500, len(crowd)))


def findings_about(answer, ref):
    return [finding for finding in answer["findings"] if finding["object"] == ref]


def test_rings(tap, answer):
    reason = why_holders_unknown(answer)
    for name, code in RINGS.items():
        label = f"the ring on {name} is a {code}"
        if reason:
            tap.skip(label, f"holders unknown: {reason}")
            continue
        found = findings_about(answer, sem(name))
        tap.say(label, check([finding["code"] for finding in found] == [code], found))
    for name, certainty in (("two", "certain"), ("self", "certain"), ("alarm", "likely")):
        label = f"the deadlock on {name} is {certainty}"
        if reason or not answer["sight"]["full"]:
            tap.skip(label, "holders, or not all processes, could not be seen")
            continue
        finding, = findings_about(answer, sem(name))
        told = [line for line in finding["evidence"] if "SIGALRM" in line]
        tap.say(label, check(
            finding["certainty"] == certainty and told == (
                [f"cast {pid('alarm')} catches SIGALRM: it may have set itself a time, which is "
                 "on record nowhere"] if name == "alarm" else []), finding))
    weakest = {
        "free_thread": f"cast {pid('free_thread_0')} holds it, but has threads that may be free",
        "timeout": f"cast {pid('timeout_1')} holds it, but the wait has a timeout",
        "two_holders": f"cast {pid('two_holders_1')} holds it, but so does "
                       f"cast {pid('two_holders_free')}"}
    for name, words in weakest.items():
        label = f"the weakest step of the ring on {name}"
        if reason:
            tap.skip(label, f"holders unknown: {reason}")
            continue
        finding, = findings_about(answer, sem(name))
        tap.say(label, check(finding["evidence"][-1] == "weakest step: " + words, finding))
    label = "a ring through a queue is suspected, and its weakest step named"
    if reason:
        tap.skip(label, f"holders unknown: {reason}")
    else:
        found = [finding for finding in answer["findings"]
                 if any(sem("mixed") in line for line in finding["evidence"])]
        tap.say(label, check(
            [finding["code"] for finding in found] == ["suspected-deadlock"]
            and any("weakest step" in line and "last to use" in line
                    for line in found[0]["evidence"]), found))
    if reason:
        tap.say("without holders nothing is called a deadlock",
                check(not any("deadlock" in finding["code"] for finding in answer["findings"]),
                      answer["findings"]))
    label = "in the tree of who holds up whom each is drawn once"
    if reason:
        tap.skip(label, f"holders unknown: {reason}")
    else:
        free, first, second = (f"cast {pid(f'two_holders_{who}')}" for who in ("free", 0, 1))
        tree = run(["blocked"]).stdout.decode().partition("who holds up whom:\n")[2]
        drawn = [line.split(" wants ")[0] + line[line.index(" (see"):] if " (see" in line
                 else line.split(" wants ")[0] for line in tree.splitlines()
                 if any(line.split(" wants ")[0].endswith(who) for who in (free, first, second))]
        tap.say(label, check(drawn == [free, f"  {first}", f"    {second}",
                                       f"      {first} (see above)"], drawn, tree))
    found = findings_about(answer, sem("abandoned"))
    tap.say("a semaphore whose user was killed is abandoned, which is never certain", check(
        [(finding["code"], finding["certainty"]) for finding in found]
        == [("abandoned-sem", "unknown" if reason else "likely")], found))
    order = [finding["code"] for finding in answer["findings"]]
    tap.say("the worst come first", check(order == sorted(
        order, key=["deadlock", "suspected-deadlock", "abandoned-sem"].index), order))


def test_holders(tap, answer):
    reason = why_holders_unknown(answer)
    if reason:
        tap.skip("who holds a semaphore", f"holders unknown: {reason}")
        tap.say("that holders are unknown is said with its reason", expect(
            ["who", sem("undo")], 0, rb"(ipclens: incomplete: .*\n)+",
            rb".*\nholders unknown: .+\n.*"))
        return
    links = [(link["pid"], link["shared_by"], link["semnum"], link["amount"])
             for link in document(["who", sem("undo")])["links"] if link["how"] == "holds"]
    both = (min(pid("undo"), pid("undo_sharer")), [max(pid("undo"), pid("undo_sharer"))])
    tap.say("a shared list is one, and all who share it are named; a thread's own is another",
            check(sorted(links) == sorted([(*both, 0, 3), (pid("undo"), [], 1, 2)]), links))
    tap.say("who names the holders", expect(
        ["who", sem("two")], 0, rb"(ipclens: incomplete: .*\n)*",
        rb".*\n +%d cast +root +holds +0 +1 .*" % pid("two_0")))
    tap.say("show has holders and waiters of each semaphore", expect(
        ["show", sem("two")], 0, rb"(ipclens: incomplete: .*\n)*",
        rb".*NUM VALUE NCOUNT ZCOUNT +PID HELD-BY +WAITING\n"
        rb" +0 +0 +1 +0 +\d+ cast %d \(1\) +cast %d \(1\)\n.*" % (pid("two_0"), pid("two_1"))))


def test_pid_namespace(tap, answer):
    """A viewer that shares the IPC namespace, and not the PIDs, sees none of those who hold."""
    nested = ["unshare", "--pid", "--fork", "--mount-proc"]
    hidden = rb"(ipclens: incomplete: [^\n]+\n)*ipclens: incomplete: /proc: processes outside of " \
             rb"this PID namespace [^\n]+ \(denied\)\n(ipclens: incomplete: [^\n]+\n)*"
    known = why_holders_unknown(answer)
    tap.say("behind a PID namespace holders are unknown, and not nobody", expect(
        ["who", sem("two")], 0, hidden, rb"sem:\d+  semaphore array\nholders unknown: %s.*" % (
            rb"" if known else rb"those outside of this PID namespace are not shown\n"),
        before=nested))
    tap.say("and other threads may be blocked", expect(
        ["status"], 0, hidden, rb".*\nblocked: at least 0 threads\n.*", before=nested))


# Two who wait for each other, each with the other's semaphore in its hands before it asks.
RING = """
"$0" semop -y $1 0-1 --hold sh -c 'touch $2/a; until [ -e $2/b ]; do sleep 0.01; done;
  exec "$0" semop -y $1 1-1' "$0" $1 $2 >/dev/null &
"$0" semop -y $1 1-1 --hold sh -c 'touch $2/b; until [ -e $2/a ]; do sleep 0.01; done;
  exec "$0" semop -y $1 0-1' "$0" $1 $2 >/dev/null &
until [ "$("$0" blocked --json 2>/dev/null | grep -o '"operation":"take"' | wc -l)" = 2 ]; do
  sleep 0.05
done
"$0" blocked --json
kill $(jobs -p)
"""


def test_held_outside(tap, answer):
    """One more holder, whom the viewer's PID namespace does not show, can end a ring."""
    label = "a ring that a process outside of this PID namespace could end is only suspected"
    if why_holders_unknown(answer):
        tap.skip(label, f"holders unknown: {why_holders_unknown(answer)}")
        return
    array = "sem:" + run(["ipcmk", "-S", "2"]).stdout.split()[-1].decode()
    run(["semop", "-y", array, "0+1", "1+2"])
    with subprocess.Popen([IPCLENS, "semop", "-y", array, "1-1", "--hold", "cat"],
                          stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as outsider, \
            tempfile.TemporaryDirectory() as folder:
        while not any(link["how"] == "holds" for link in document(["who", array])["links"]):
            time.sleep(0.01)
        done = subprocess.run(["unshare", "--pid", "--fork", "--mount-proc", "sh", "-c", RING,
                               IPCLENS, array, folder], capture_output=True, check=False)
        outsider.stdin.close()
    inside = json.loads(done.stdout)
    found = [(finding["code"], finding["evidence"][-1]) for finding in inside["findings"]]
    flags = {wait["semnum"]: wait["flags"] for wait in inside["waits"]}
    tap.say(label, check(
        len(found) == 1 and found[0][0] == "suspected-deadlock"
        and found[0][1].endswith("holds it, but so does a process outside of this PID namespace")
        and flags == {0: ["alarm"], 1: ["held-unseen", "alarm"]}, found, flags))
    run(["ipcrm", "-s", array.partition(":")[2]])


# Somebody inside took, too, and is the last one on record; one more waits.
WAITER = """
"$0" semop -y $1 0-1 >/dev/null
"$0" semop -y $1 0-1 >/dev/null &
until "$0" blocked --json 2>/dev/null | grep -q '"operation":"take"'; do sleep 0.05; done
"$0" blocked --json
echo ===
"$0" show $1 2>/dev/null
kill $(jobs -p)
"""


def test_held_only_outside(tap, answer):
    """The only holder left no trace in the array that the viewer could see."""
    label = "what only a process outside of this PID namespace holds is not held by nobody"
    if why_holders_unknown(answer):
        tap.skip(label, f"holders unknown: {why_holders_unknown(answer)}")
        return
    array = "sem:" + run(["ipcmk", "-S", "1"]).stdout.split()[-1].decode()
    run(["semop", "-y", array, "0+2"])
    with subprocess.Popen([IPCLENS, "semop", "-y", array, "0-1", "--hold", "cat"],
                          stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as outsider:
        while not any(link["how"] == "holds" for link in document(["who", array])["links"]):
            time.sleep(0.01)
        done = subprocess.run(["unshare", "--pid", "--fork", "--mount-proc", "sh", "-c", WAITER,
                               IPCLENS, array], capture_output=True, check=False)
        outsider.stdin.close()
    first, _, shown = done.stdout.partition(b"===\n")
    inside = json.loads(first)
    wait, = inside["waits"]
    row = [line.split()[5] for line in shown.decode().splitlines() if line.startswith("    0 ")]
    tap.say(label, check(
        (wait["released_by"], wait["flags"]) == (None, ["held-unseen"]) and not inside["findings"]
        and any("outside of this PID namespace" in issue["reason"] for issue in inside["issues"])
        and row[:1] == ["?"], done.stdout.decode()))
    run(["ipcrm", "-s", array.partition(":")[2]])


def why_no_narrow():
    """None, or why no program of 32 bits can be looked at."""
    if not os.path.exists(NARROW):
        return "the compiler makes no programs of 32 bits"
    try:
        with subprocess.Popen([NARROW, "nothing"], stdin=subprocess.DEVNULL) as narrow:
            narrow.wait()
    except OSError as error:
        return f"a program of 32 bits does not run here: {error}"
    return None


def narrow_waits(backend):
    answer = document(["blocked", f"--backend={backend}"])
    commands = {process["pid"]: process["command"] for process in answer["processes"]}
    return [(wait["operation"], wait["object"].partition(":")[0], wait["semnum"],
             wait["amount"], wait["type"], wait["timeout"], wait["call"], wait["offset"],
             wait["flags"], wait["owner_tid"] is not None
             and [wait["owner_tid"]] == wait["released_by"])
            for wait in answer["waits"] if commands[wait["pid"]] == "narrow"], answer["issues"]


def test_narrow(tap):
    reason = why_no_narrow()
    wanted = [(*call, None, [], False) for call in (
        ("take", "sem", 0, 1, None, None, "semop"),
        ("take", "sem", 0, 2, None, 1000500, "semtimedop"),
        ("take", "sem", 1, 3, None, 2000250, "semtimedop"),
        ("receive", "msg", None, None, -3, None, "msgrcv"),
        ("read", "pipe", None, None, None, None, "read"),
        ("read", "pipe", None, None, None, None, "read"),
        ("read", "pipe", None, None, None, None, "preadv2"),
        ("read", "pipe", None, None, None, 1000000, "poll"))]
    lock, semaphore = (0, ["mutex"], True), (20, ["semaphore"], False)
    wanted += [("futex", "shm", None, None, None, 1000500, "futex", *lock),
               ("futex", "shm", None, None, None, None, "futex", *semaphore)]
    # This kernel may have no such call.
    any_of_them = [("futex", "shm", None, None, None, None, "futex_waitv", offset,
                    ["alternative", *flags], is_owned)
                   for offset, flags, is_owned in (lock, semaphore)]
    wanted.sort(key=str)
    for backend in ("procfs", "auto"):
        label = f"programs of 32 bits are understood, by {backend}"
        if reason:
            tap.skip(label, reason)
            continue
        with subprocess.Popen([NARROW], stdin=subprocess.PIPE) as narrow:
            found, issues = [], []
            for _ in range(100):
                found, issues = narrow_waits(backend)
                if sum(wait[6] != "futex_waitv" for wait in found) >= len(wanted):
                    break
                time.sleep(0.05)
            narrow.stdin.close()
        several = [wait for wait in found if wait[6] == "futex_waitv"]
        found = sorted((wait for wait in found if wait[6] != "futex_waitv"), key=str)
        tap.say(label, check(found == wanted and several in ([], any_of_them) and not any(
            "not understood" in issue["reason"] for issue in issues), found, several, issues))


def essence(wait):
    """A wait without its age, which each look finds anew, and without the order of its members. How
    long it would wait until a point in time follows from the age, which is not exact."""
    if wait["timeout"]:
        wait = {**wait, "timeout": round(wait["timeout"], -4)}
    return tuple(sorted((key, str(value)) for key, value in wait.items()
                        if key not in ("since", "waited")))


def test_backends(tap):
    """Both ways of looking at threads tell the same, but for those that come and go by themselves."""
    began = time.monotonic()
    by_bpf = document(["blocked", "--backend=bpf"])
    if by_bpf["sight"]["backend"] != "procfs+bpf":
        reason = [issue["reason"] for issue in by_bpf["issues"] if issue["subject"] == "bpf"]
        tap.skip("procfs and bpf give the same waits", f"no bpf: {reason}")
        return
    by_proc = document(["blocked", "--backend=procfs"])
    apart = 1000 * (time.monotonic() - began)  # as long as both looks took, on a slow machine
    cast = {int(value) for key, value in os.environ.items() if key.startswith("CAST_pid_")}
    # What follows from who holds is not known to both.
    seen = [{essence({**wait, "released_by": None, "flags": set(wait["flags"]) - {"alarm"}})
             for wait in answer["waits"] if wait["pid"] in cast} for answer in (by_bpf, by_proc)]
    tap.say("procfs and bpf give the same waits", check(
        seen[0] == seen[1] and len(seen[0]) > 520, len(seen[0]), seen[0] ^ seen[1]))
    ends = [{(link["object"], link["pid"], link["fd"]) for link in answer["links"]
             if link["how"] == "open" and link["pid"] in cast} for answer in (by_bpf, by_proc)]
    tap.say("and the same ends of pipes", check(ends[0] == ends[1] and ends[0], ends))
    tap.say("ages are about the same", check(all(
        abs(one["waited"] - other["waited"]) < apart + 1000
        for one in by_bpf["waits"] for other in by_proc["waits"]
        if one["tid"] == other["tid"] in cast and one["waited"] is not None
        and other["waited"] is not None)))
    tap.say("and a person, too", expect(
        ["blocked", "--backend=procfs"], 0, rb"(ipclens: incomplete: .*\n)+",
        rb".*\nholders unknown: /proc alone was asked for\n.*"))
    tap.say("procfs alone says that holders are unknown", check(
        why_holders_unknown(by_proc) == "/proc alone was asked for"
        and not any(link["how"] == "holds" for link in by_proc["links"]), by_proc["issues"]))


def test_status(tap, answer):
    tap.say("status counts the blocked", expect(
        [], 0, rb"(ipclens: incomplete: .*\n)*", rb".*\nblocked: (at least )?54\d threads; .*"))
    if why_holders_unknown(answer):
        tap.skip("status counts deadlocks", f"holders unknown: {why_holders_unknown(answer)}")
        return
    tap.say("status counts deadlocks, suspected ones, and abandoned semaphores", expect(
        [], 0, rb"(ipclens: incomplete: .*\n)*",
        rb".*\n  deadlocks: 4; ipclens blocked\n  suspected deadlocks: 4; ipclens blocked\n"
        rb"  semaphores that were most likely abandoned: 1; ipclens blocked\n.*"))


def test_elsewhere(tap):
    """Answers of the other commands."""
    rows = {row.split()[0]: row.split()[-1]
            for row in run(["list", "sem", "-n", "-o", "ref,waiting"]).stdout.decode().splitlines()}
    tap.say("list counts who waits", check(
        (rows[sem("many")], rows[sem("crowd")], rows[sem("stopped")]) == ("6", "500", "0"), rows))
    tap.say("ps says what a process waits for", expect(
        ["ps", str(pid("type"))], 0, rb"(ipclens: incomplete: .*\n)*",
        rb".*waiting now:\n.*%d .* msg:\d+ +receive type 7 .*" % pid("type")))
    crowd = pid("crowd")
    tap.say("threads of a process that wait for the same are one row", expect(
        ["blocked"], 0, rb"(ipclens: incomplete: .*\n)*",
        rb".*\n *\S+ +%d +\d+ \+499 cast +%s +0 take 1 .*" % (crowd, sem("crowd").encode())))
    tap.say("of many who could end a wait some stand for all", expect(
        ["blocked"], 0, rb"(ipclens: incomplete: .*\n)*",
        rb".*\n *\S+ +%d +%d cast +pipe:\d+ +- read \(or others\) +- cast( \d+){8} \+\d+\n.*"
        % (pid("selector"), pid("selector"))))
    tap.say("and in show, too", expect(
        ["show", sem("crowd")], 0, rb"(ipclens: incomplete: .*\n)*",
        rb".*\n +0 +0 +500 .* cast %d \(1\) x500\n.* \d+ \+499 .*" % crowd))
    tap.say("show lists the waiters of an array", expect(
        ["show", sem("many")], 0, rb"(ipclens: incomplete: .*\n)*",
        rb".*\n  6 of 6 waiters found\n.*"))


def test_deadline(tap):
    if "CAST_pid_mq_full" not in os.environ:
        tap.skip("a timeout until a point in time", "there are no POSIX queues here")
        return
    time.sleep(1.5)
    wait, = waits_of(document(["blocked"]), "mq_full")
    tap.say("a timeout until a point in time is counted from the beginning, too", check(
        wait["waited"] is None or abs(wait["timeout"] - 10000000) < 500, wait))


def test_words(tap, answer):
    """Whatever stands in an answer can be asked for."""
    words = {wait[name] for wait in answer["waits"] for name in ("call", "wchan") if wait[name]}
    unknown = [word for word in sorted(words) if run(["explain", word]).status]
    tap.say("each call and each function that is shown is explained",
            check(words and not unknown, unknown, words))


def test_saved(tap):
    saved = run(["save", "-"]).stdout
    for words in (["show", sem("many"), msg("bytes")], ["who", sem("many"), sem("two")],
                  ["list", "sem", "-o", "ref,waiting"], ["ps", str(pid("type"))]):
        live, loaded = run(words), run([*words, "--from", "-"], stdin=saved)
        for one in (live, loaded):
            one.stdout = VOLATILE.sub(b" ", one.stdout)
            one.stderr = b""
        tap.say(f"live and loaded are the same: {' '.join(words[:2])}",
                [] if live == loaded else [problem("live", live), problem("loaded", loaded)])
    answer = json.loads(run(["blocked", "--json", "--from", "-"], stdin=saved).stdout)
    tap.say("a snapshot has the waits", check(len(waits_of(answer, "crowd")) == 500))
    tap.say("and is judged the same", check(
        findings_about(answer, sem("abandoned"))
        == findings_about(document(["blocked"]), sem("abandoned"))))


def test_changes(tap):
    """A queue that is removed takes its waiters with it."""
    done = subprocess.run(["ipcrm", "-q", id_of("msg_type")], capture_output=True, check=False)
    answer = document(["blocked"])
    tap.say("who waited for what was removed does not wait", check(
        done.returncode == 0 and not waits_of(answer, "type")
        and not waits_of(answer, "type_except"), waits_of(answer, "type")))


def come_and_go(arrays, pace, is_over):
    """Makes an array, has somebody wait for it, and removes it or lets the waiter go on: again and
    again. arrays: which process waits for which. pace: how long the longest of them waits."""
    turn = 0
    while not is_over.is_set():
        number = run(["ipcmk", "-S", "1"]).stdout.split()[-1].decode()
        with subprocess.Popen([IPCLENS, "semop", "-y", "sem:" + number, "0-1"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as waiter:
            arrays[waiter.pid] = "sem:" + number
            time.sleep(pace[0] * (turn % 5) / 4)
            if turn % 2:
                run(["semop", "-y", "sem:" + number, "0+1"])
                waiter.wait()
            run(["ipcrm", "-s", number])
        turn += 1


def test_coming_and_going(tap):
    """What dies or wakes while it is looked at is told rightly, or not at all."""
    for backend in ("procfs", "auto"):
        arrays, pace, is_over, wrong, seen = {}, [0.16], threading.Event(), [], 0
        worker = threading.Thread(target=come_and_go, args=(arrays, pace, is_over))
        worker.start()
        end = time.monotonic() + 3
        # On a busy machine a look can take longer than all of them would wait.
        while time.monotonic() < end or (not seen and time.monotonic() < end + 60):
            began = time.monotonic()
            answer = document(["blocked", f"--backend={backend}"])
            found = [wait for wait in answer["waits"] if wait["pid"] in arrays]
            refs = {thing["ref"] for thing in answer["objects"]}
            wrong += [wait for wait in found if wait["object"] != arrays[wait["pid"]]
                      or wait["object"] not in refs
                      or (wait["operation"], wait["semnum"], wait["amount"]) != ("take", 0, 1)]
            seen += len(found)
            pace[0] = max(pace[0], time.monotonic() - began)
        is_over.set()
        worker.join()
        tap.say(f"while arrays and waiters come and go no wait is wrong, by {backend}",
                check(not wrong and seen, wrong, seen, len(arrays)))


def test_other_user(tap):
    reason = why_no_other_user()
    if reason:
        tap.skip("an ordinary user's answers", reason)
        return
    with accessible_copy() as program:
        answer = document(["blocked"], program=program, user=TEN_LETTERS)
        tap.say("an ordinary user is told that calls may not be read", check(
            any(issue["aspect"] == "waits" and issue["code"] == "denied"
                for issue in answer["issues"]), answer["issues"]))
        tap.say("and gets no wait of others", check(not answer["waits"], answer["waits"]))
        tap.say("which is not the same as that nobody waits", expect(
            ["blocked"], 0, rb".*",
            rb"no thread is known to be blocked in IPC; not all could be looked at\n.*",
            program=program, user=TEN_LETTERS))


def main():
    enter("blocked")
    tap = Tap()
    answer = document(["blocked"])
    test_waits(tap, answer)
    test_files(tap, answer)
    test_accounting(tap, answer)
    test_rings(tap, answer)
    test_holders(tap, answer)
    test_pid_namespace(tap, answer)
    test_held_outside(tap, answer)
    test_held_only_outside(tap, answer)
    test_backends(tap)
    test_narrow(tap)
    test_status(tap, answer)
    test_elsewhere(tap)
    test_words(tap, answer)
    test_deadline(tap)
    test_saved(tap)
    test_other_user(tap)
    test_coming_and_going(tap)
    test_changes(tap)
    tap.finish()


main()
