#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""clean against programs that use what it could remove, for ten thousand removals that it plans:
who had an object before its last look keeps it, and who takes one after that look, in the moment of
its removal, is told of. Takes minutes: ./dev test live-race."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile

from live import Tap, enter, problem, run
from orphans import LIBC, MAKE, YES, check, in_child, remove_all, segment

PLANNED = int(os.environ.get("IPCLENS_RACE_PLANNED", "10000"))
SEGMENTS, ARRAYS, QUEUES = 100, 1, 2
# Theirs alone have this size, so that nobody adopts what another living process uses.
ORPHAN_SIZE = 8191

PRELUDE = """
import ctypes, os, random, struct, sys, time
libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p
libc.shmdt.argtypes = [ctypes.c_void_p]
FAILED = ctypes.c_void_p(-1).value
def made(call, *arguments):
    # By a process that has ended since.
    reader, writer = os.pipe()
    if os.fork() == 0:
        number = getattr(libc, call)(*arguments)
        if call == "semget":
            libc.semop(number, struct.pack("Hhh", 0, 1, 0), 1)
        os.write(writer, str(number).encode())
        os._exit(0)
    os.wait()
    return int(os.read(reader, 20))
def check(result, what, number):
    if result in (-1, FAILED):
        sys.exit(f"{what} {number} is gone: {os.strerror(ctypes.get_errno())}")
    return result
def until_told(use):
    print(flush=True)
    os.set_blocking(0, False)
    while sys.stdin.buffer.raw.read(1) != b"":
        use()
        time.sleep(random.random() / 500)
"""
# Programs of which nothing may ever be removed: they fail where it is.
USERS = {
    "a segment that its creator detaches and attaches again": """
segment = libc.shmget(0, 4096, 0o1600)
until_told(lambda: libc.shmdt(check(libc.shmat(segment, None, 0), "segment", segment)))
""",
    "a segment of a creator that has ended": """
segment = made("shmget", 0, 4096, 0o1600)
libc.shmdt(check(libc.shmat(segment, None, 0), "segment", segment))
until_told(lambda: libc.shmdt(check(libc.shmat(segment, None, 0), "segment", segment)))
""",
    "an array of a creator that has ended": """
array = made("semget", 0, 1, 0o1600)
def operate():
    for amount in (1, -1):
        check(libc.semop(array, struct.pack("Hhh", 0, amount, 0o10000), 1), "array", array)
operate()
until_told(operate)
""",
    "a queue": """
queue, room = libc.msgget(0, 0o1600), ctypes.create_string_buffer(64)
def pass_on():
    check(libc.msgsnd(queue, struct.pack("l8s", 1, b"message"), 8, 0), "queue", queue)
    check(libc.msgrcv(queue, room, 8, 0, 0), "queue", queue)
pass_on()
until_told(pass_on)
""",
}
# Takes what nobody uses, as clean does: attaches it, and looks whether it stays. Prints a line for
# each segment that it got, "kept ID" or "dest ID"; what was kept goes by its own hand.
ADOPTER = f"""
SHM_DEST, SIZE, PARITY = 0o1000, {ORPHAN_SIZE}, int(sys.argv[1])
def rows():
    lines = open("/proc/sysvipc/shm").read().splitlines()
    names, *lines = [line.split() for line in lines]
    return [dict(zip(names, line)) for line in lines]
def is_dest(number):
    # The mode lies behind the key and four ids.
    state = (ctypes.c_uint32 * 64)()
    check(libc.shmctl(number, 2, state), "attached segment", number)
    return state[5] & SHM_DEST
def adopt():
    time.sleep(random.random() / 2)
    # None that the other adopter could have.
    free = [row for row in rows() if row["nattch"] == "0" and row["size"] == str(SIZE)
            and int(row["shmid"]) % 2 == PARITY]
    if not free:
        return
    number = int(random.choice(free)["shmid"])
    memory = libc.shmat(number, None, 0)
    if memory == FAILED:
        return
    time.sleep(random.random() / 100)
    if is_dest(number):
        # Not before it can have been noticed.
        time.sleep(0.1)
        print("dest", number, flush=True)
    else:
        check(libc.shmctl(number, 0, None), "attached segment", number)
        print("kept", number, flush=True)
    libc.shmdt(ctypes.c_void_p(memory))
until_told(adopt)
"""


def make_orphans():
    def work():
        for _ in range(SEGMENTS):
            segment(size=ORPHAN_SIZE)
        for _ in range(ARRAYS):
            LIBC.semop(LIBC.semget(0, 1, MAKE), bytes([0, 0, 1, 0, 0, 0]), 1)
        for _ in range(QUEUES):
            LIBC.msgsnd(LIBC.msgget(0, MAKE), bytes([1] + 15 * [0]), 8, 0)
        return 0
    in_child(work)


@contextlib.contextmanager
def program(script, arguments, output):
    with open(output, "wb") as file, subprocess.Popen(
            [sys.executable, "-c", PRELUDE + script, *arguments], stdin=subprocess.PIPE,
            stdout=file, stderr=subprocess.PIPE) as child:
        try:
            yield child
        finally:
            child.kill()


@contextlib.contextmanager
def stress(folder):
    """Runs until it is told to end."""
    if not shutil.which("stress-ng"):
        yield None
        return
    with subprocess.Popen(
            ["stress-ng", "--quiet", "--timeout", "1h", "--shm-sysv", "1", "--shm-sysv-bytes", "1M",
             "--sem-sysv", "1", "--msg", "1", "--temp-path", folder],
            stderr=subprocess.PIPE) as child:
        try:
            yield child
        finally:
            child.terminate()


class Count:
    """What the clean-ups said that they did."""

    def __init__(self):
        self.planned = self.runs = 0
        self.outcomes, self.became_used, self.problems = {}, set(), []

    def add(self, result):
        self.runs += 1
        try:
            actions = json.loads(result.stdout)["actions"]
        except ValueError:
            self.problems.append(problem("clean", result))
            return
        for action in actions:
            if action["outcome"] == "kept":
                continue
            self.planned += 1
            said = (action["outcome"], action["reason"])
            self.outcomes[said] = self.outcomes.get(said, 0) + 1
            if action["outcome"] == "failed" and action["reason"].startswith("became used"):
                self.became_used.add(action["object"])
            elif action["outcome"] not in ("done", "refused"):
                self.problems.append([f"{action}"])


def end_of(child):
    """Exit status and last words of a program that is told to end."""
    child.stdin.close()
    said = child.stderr.read()
    return child.wait(), said


def adopted(path):
    """REFs of the segments that the adopters got, by what became of them."""
    found = {"kept": set(), "dest": set()}
    with open(path, encoding="ascii") as file:
        for line in file:
            if line.strip():
                word, number = line.split()
                found[word].add("shm:" + number)
    return found


def race(tap, folder, programs):
    count, ends = Count(), {}
    with contextlib.ExitStack() as stack:
        children = {name: stack.enter_context(program(script, arguments, f"{folder}/{place}"))
                    for place, (name, (script, *arguments)) in enumerate(programs.items())}
        background = stack.enter_context(stress(folder))
        while count.planned < PLANNED and len(count.problems) < 5:
            make_orphans()
            count.add(run(["clean", *YES, "--json"]))
        is_stressed = background and background.poll() is None
        ends = {name: end_of(child) for name, child in children.items()}
    print(f"# {count.planned} removals planned in {count.runs} runs")
    for (outcome, reason), times in sorted(count.outcomes.items(), key=str):
        print(f"# {times} {outcome}{': ' + reason if reason else ''}")
    tap.say("removed, or not, for the reasons that there can be", count.problems)
    for name, end in ends.items():
        tap.say(f"nothing was removed of a living program: {name}", check(end == (0, b""), end))
    if background:
        tap.say("nor of stress-ng, which would have ended", check(is_stressed))
    else:
        tap.skip("nor of stress-ng", "there is no stress-ng")
    return count, {name: f"{folder}/{place}" for place, name in enumerate(programs)}


def main():
    enter("empty", options=("--seeing-all",) if os.geteuid() == 0 else ("--names",))
    tap = Tap()
    users = {name: (script,) for name, script in USERS.items()}
    adopters = {f"adopter of {what} ids": (ADOPTER, parity)
                for what, parity in (("even", "0"), ("odd", "1"))}
    with tempfile.TemporaryDirectory() as folder:
        count, outputs = race(tap, folder, {**users, **adopters})
        for name in adopters:
            got = adopted(outputs[name])
            print(f"# {name} got {len(got['kept'])} before the last look, "
                  f"{len(got['dest'])} after it")
            tap.say(f"{name}: it got some", check(got["kept"]))
            tap.say(f"{name}: what was removed nevertheless, clean has told",
                    check(got["dest"] <= count.became_used, got["dest"] - count.became_used))
    done = count.outcomes.get(("done", None), 0)
    tap.say("enough of what was planned is done", check(done > count.planned / 4, count.outcomes))
    remove_all()
    tap.finish()


main()
