#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Objects that change while they are looked at, and looking, which changes nothing."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import time

from live import (IPCLENS, IS_SANITIZED, LOOKS, LOOKS_INTO_PROCESSES, PLANS, Tap, enter,
                  has_ended_well, has_succeeded, id_of, look_words, problem, run)

CHURN = os.path.join(os.environ["IPCLENS_BUILD"], "tests", "live", "churn")
BACKENDS = ("procfs", "syscall")
ALL_LOOKS = tuple(dict.fromkeys((*LOOKS, *LOOKS_INTO_PROCESSES, *PLANS, "save -")))
SECONDS_FOR_EACH = 0.4
STRESS_SECONDS = 10
STRESS = ["stress-ng", "--quiet", "--timeout", str(STRESS_SECONDS), "--shm-sysv", "1",
          "--shm-sysv-bytes", "1M", "--sem-sysv", "1", "--msg", "1"]
# What a vanished object may leave behind on stderr.
GONE = re.compile(rb"(ipclens: incomplete: [^\n]+ \(gone\)\n)*"
                  rb"(ipclens: incomplete: bpf: /proc alone was asked for \(unsupported\)\n)?")
FORBIDDEN = {"shmget", "semget", "msgget", "shmat", "shmdt", "msgsnd", "msgrcv", "semop",
             "semtimedop", "mq_open", "mq_unlink", "mq_timedsend", "mq_timedreceive",
             "pidfd_getfd", "ptrace", "process_vm_writev", "kill", "tgkill", "mount", "setns",
             "unshare", "unlink", "unlinkat", "rename", "renameat", "renameat2", "mkdir"}
# Of the control calls, those that only ask.
ASKING = {"IPC_INFO", "IPC_STAT", "SHM_INFO", "SHM_STAT", "SHM_STAT_ANY", "SEM_INFO", "SEM_STAT",
          "SEM_STAT_ANY", "MSG_INFO", "MSG_STAT", "MSG_STAT_ANY", "GETVAL", "GETPID", "GETNCNT",
          "GETZCNT"}


@contextlib.contextmanager
def running(command):
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        yield child
        child.kill()


def check_look(words, result):
    """Problems of one look at what changes."""
    is_refusal = words[0] == "remove" and result.status == 1
    if not has_succeeded(words, result) or not (is_refusal or GONE.fullmatch(result.stderr)):
        return [problem(" ".join(words), result)]
    if "--json" in words or "save" in words:
        try:
            json.loads(result.stdout)
        except ValueError as error:
            return [[" ".join(words), str(error)]]
    return []


def test_churn(tap):
    with running([CHURN]) as churn:
        churn.stdout.readline()
        for backend in BACKENDS:
            for look in ALL_LOOKS:
                words = [*look_words(look), f"--backend={backend}"]
                end, problems, times = time.monotonic() + SECONDS_FOR_EACH, [], 0
                while time.monotonic() < end or times < 5:
                    problems += check_look(words, run(words))
                    times += 1
                tap.say(f"while objects come and go: {look}, by {backend}", problems)
        tap.say("they came and went all the time",
                [] if churn.poll() is None else [["it ended too early"]])


def test_vanished(tap):
    """What is shown, and what is not found any more, are the only two answers."""
    problems = []
    with running([CHURN]) as churn:
        churn.stdout.readline()
        for _ in range(40):
            for kind in ("shm", "sem", "msg"):
                ids = run(["list", kind, "-n", "-o", "ref", "--sort", "id:desc"]).stdout.split()
                result = run(["show", ids[0].decode()])
                if result.status == 0:
                    problems += check_look(["show"], result)
                elif result.status != 1 or b": not found; " not in result.stderr:
                    problems.append(problem("show", result))
    tap.say("while objects come and go: show of the newest", problems)


SWAPPER = """
import os
own, other = os.pipe(), os.pipe()
child = os.fork()
if child == 0:
    place = os.dup(own[0])
    while True:
        os.dup2(other[1], place)
        os.dup2(own[0], place)
print(os.fstat(own[0]).st_ino, os.fstat(other[0]).st_ino, child, flush=True)
os.close(own[0])
os.close(other[1])
input()
os.kill(child, 9)
"""


def test_swapped(tap):
    """A descriptor that is now the reading end of one pipe, now the writing end of another one, in a
    process that never has the ends that these leave over."""
    script = SWAPPER.replace("    place =", "    os.close(own[1]); os.close(other[0])\n    place =")
    with subprocess.Popen(["/usr/bin/python3", "-c", script], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as swapper:
        own, other, child = (int(word) for word in swapper.stdout.readline().split())
        wrong, end, times, found = [], time.monotonic() + 3, 0, 0
        while time.monotonic() < end or times < 10:
            for words in (["who", f"pipe:{own}", f"pipe:{other}", "--json"],
                          ["ps", str(child), "--json"]):
                links = json.loads(run(words).stdout)["links"]
                links = [(link["object"], link["access"]) for link in links
                         if link["pid"] == child]
                never = [(f"pipe:{own}", ["write"]), (f"pipe:{other}", ["read"])]
                wrong += [[str(words), str(link)] for link in links if link in never]
                found += (f"pipe:{own}", ["read"]) in links
                times += 1
        swapper.communicate(b"\n")
    tap.say("a descriptor that changes is never shown with what another one permits", wrong[:9])
    tap.say("and its pipes are found", [] if found > times // 2 else [[f"{found} of {times}"]])


def test_stress(tap):
    name = "under stress-ng"
    if not shutil.which(STRESS[0]):
        tap.skip(name, "there is no stress-ng")
        return
    problems, times, rounds = [], 0, 0
    # A slow machine, or program, needs more than one round to look in each way.
    while times < len(ALL_LOOKS) and rounds < 6:
        rounds += 1
        with tempfile.TemporaryDirectory() as folder, \
                running([*STRESS, "--temp-path", folder]) as stress:
            while stress.poll() is None:
                words = look_words(ALL_LOOKS[times % len(ALL_LOOKS)])
                problems += check_look(words, run(words))
                times += 1
            if not has_ended_well(stress):
                problems.append([f"stress-ng ended with {stress.returncode}"])
    if times < len(ALL_LOOKS):
        problems.append([f"only {times} looks in {rounds} rounds"])
    tap.say(name, problems)


def state():
    """All that the kernel tells of the objects."""
    tables = [open("/proc/sysvipc/" + kind, encoding="ascii").read()
              for kind in ("shm", "sem", "msg")]
    semaphores = subprocess.run(["ipcs", "-s", "-i", id_of("sem_keyed")], capture_output=True,
                                text=True, check=False).stdout
    return tables + [semaphores]


def test_unchanged(tap):
    before = state()
    # Times are whole seconds: one that was set now would not differ otherwise.
    time.sleep(1.1)
    for look in ALL_LOOKS:
        for backend in BACKENDS:
            run([*look_words(look), f"--backend={backend}"])
    after = state()
    tap.say("looking changes no field of any object",
            [] if before == after else [[*before, *after]])


def is_copying(call, line):
    """Whether it reads a message that stays in its queue."""
    return call == "msgrcv" and re.search(r", [A-Z_|]*\bMSG_COPY\b[A-Z_|]*\) += ", line)


def check_trace(trace, command):
    """Problems: lines of calls that change something; of the commands only peek reads messages."""
    problems = []
    for line in trace.splitlines():
        match = re.match(r"\d+ +(\w+)\((.*)", line)
        if not match:
            continue
        call, arguments = match.groups()
        place = {"shmctl": 1, "msgctl": 1, "semctl": 2}.get(call)
        if call in FORBIDDEN and not (command == "peek" and is_copying(call, line)):
            problems.append([line])
        elif place and arguments.split(", ")[place].rstrip(")").split("|")[-1] not in ASKING:
            problems.append([line])
        elif call in ("open", "openat", "creat") and re.search("O_(WRONLY|RDWR|CREAT|TRUNC)", line):
            problems.append([line])
    return problems


def test_traced(tap):
    reason = None
    if IS_SANITIZED:
        reason = "the leak sanitizer cannot be traced"
    elif not shutil.which("strace"):
        reason = "there is no strace"
    with tempfile.NamedTemporaryFile("r", errors="replace") as trace:
        command = ["strace", "-f", "-o", trace.name]
        if not reason and subprocess.run([*command, "true"], capture_output=True,
                                         check=False).returncode:
            reason = "strace is not permitted here"
        for backend in BACKENDS:
            for look in ALL_LOOKS:
                name = f"makes no call that changes: {look}, by {backend}"
                if reason:
                    tap.skip(name, reason)
                    continue
                words = [*look_words(look), f"--backend={backend}"]
                result = run(words, before=command)
                trace.seek(0)
                text = trace.read()
                problems = check_trace(text, words[0])
                if not has_succeeded(words, result) or IPCLENS not in text:
                    problems.append(problem("strace", result))
                tap.say(name, problems)
        if not reason:
            bad = ["1 shmget(0x1, 1, 0) = 3", "1 semctl(3, 0, SETVAL, 1) = 0",
                   "1 shmctl(3, IPC_RMID, NULL) = 0", '1 openat(3, "a", O_RDWR) = 3',
                   '1 msgrcv(3, {mtype=1, mtext=", MSG_COPY"...}, 99, 0, IPC_NOWAIT) = 9']
            tap.say("such calls would be found",
                    [[line] for line in bad if not check_trace(line, "peek")])
            copy = '1 msgrcv(3, {mtype=1, mtext="a"}, 99, 0, MSG_COPY|IPC_NOWAIT) = 9'
            tap.say("of those that read messages peek's own alone are none", [
                [copy] for command, count in (("peek", 0), ("list", 1))
                if len(check_trace(copy, command)) != count])


def main():
    enter("compat")
    tap = Tap()
    test_unchanged(tap)
    test_traced(tap)
    test_churn(tap)
    test_vanished(tap)
    test_swapped(tap)
    test_stress(tap)
    tap.finish()


main()
