# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of judging and cleaning share: segments that nobody uses, processes that use them,
clean-ups that stand still between two removals, ids and PIDs that are made to come again."""

import contextlib
import ctypes
import errno
import json
import os
import pathlib
import subprocess
import sys
import time

from live import ENVIRONMENT, IPCLENS, Result, run

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.shmat.restype = ctypes.c_void_p
LIBC.shmdt.argtypes = [ctypes.c_void_p]
MAKE, IPC_RMID = 0o1600, 0
# Verdicts on what has just been made.
SOON = ["--older-than", "0"]
YES = [*SOON, "--include-likely", "--yes"]
NEXT_ID, LAST_PID = "/proc/sys/kernel/shm_next_id", "/proc/sys/kernel/ns_last_pid"

# Processes that use a segment, and then sleep: python3 -c USER ID.
ATTACH = """
import ctypes, sys, time
libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
memory = libc.shmat(int(sys.argv[1]), None, 0)
assert memory != ctypes.c_void_p(-1).value
"""
DETACH = ATTACH + "assert libc.shmdt(ctypes.c_void_p(memory)) == 0\n"
# One that no other process of its user may look into.
CLOSED = ATTACH + "assert libc.prctl(4, 0, 0, 0, 0) == 0\n"


def check(condition, *lines):
    return [] if condition else [[str(line) for line in lines]]


def in_child(work):
    """What the work gives, a small number, done by a process that has ended since; and its PID."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(writer, str(work()).encode())
        os._exit(0)
    os.close(writer)
    with open(reader, "rb") as file:
        said = file.read()
    os.waitpid(pid, 0)
    return int(said), pid


def segment(key=0, size=4096):
    return LIBC.shmget(key, size, MAKE)


def orphan(key=0):
    """The id of a segment of which nobody on record lives."""
    return in_child(lambda: segment(key))[0]


def segments():
    """By id, what the kernel tells of each."""
    names, *lines = [line.split() for line in pathlib.Path("/proc/sysvipc/shm").read_text(
        encoding="ascii").splitlines()]
    rows = [dict(zip(names, map(int, line))) for line in lines]
    return {row["shmid"]: row for row in rows}


def remove(number):
    return LIBC.shmctl(number, IPC_RMID, None)


def remove_all():
    subprocess.run(["ipcrm", "-a"], check=True)


@contextlib.contextmanager
def user(script, *arguments, before=(), **options):
    """A process that has done what the script says, and sleeps; its PID."""
    script += "\nprint(flush=True)\nsys.stdin.read()\n"
    with subprocess.Popen([*before, sys.executable, "-c", script, *map(str, arguments)],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options) as child:
        assert child.stdout.readline() == b"\n"
        yield child.pid
        child.stdin.close()
        child.wait()


def document(words, **options):
    return json.loads(run([*words, "--json"], **options).stdout)


def findings(ref, words=(), **options):
    """Of one object, by code."""
    answer = document(["check", *SOON, *words], **options)
    return {one["code"]: one for one in answer["findings"] if one["object"] == ref}


def certainty(number, **options):
    """Of the verdict that the segment is an orphan; None where it is called none."""
    found = findings(f"shm:{number}", **options).get("orphan-shm")
    return found and found["certainty"]


def outcomes(words, **options):
    """REF: (outcome, reason), and the exit status."""
    result = run([*words, "--json"], **options)
    return {one["object"]: (one["outcome"], one["reason"])
            for one in json.loads(result.stdout)["actions"]}, result.status


def fill(fifo):
    os.set_blocking(fifo, False)
    for size in (4096, 1):
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(fifo, bytes(size))


def clean_with_pause(folder, meanwhile, first, words=YES):
    """Outcomes as above of a clean-up of which the segment first is the first to go: its journal is
    a FIFO that is full, so that it cannot go on until the work meanwhile has been done."""
    path = os.path.join(folder, "journal")
    os.mkfifo(path)
    fifo = os.open(path, os.O_RDWR)
    fill(fifo)
    with subprocess.Popen([IPCLENS, "clean", *words, "--json", "--log", path], env=ENVIRONMENT,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        while first in segments() and child.poll() is None:
            time.sleep(0.001)
        assert child.poll() is None, child.communicate()
        meanwhile()
        # Nobody else reads, so that what is written from now on finds room.
        drain = subprocess.Popen(["cat", path], stdout=subprocess.DEVNULL)
        stdout, stderr = child.communicate()
    os.close(fifo)
    drain.wait()
    os.unlink(path)
    done = subprocess.CompletedProcess([], child.returncode, stdout, stderr)
    answer = json.loads(stdout)["actions"]
    return {one["object"]: (one["outcome"], one["reason"]) for one in answer}, Result(done)


def why_not_writable(path):
    """None where the kernel lets this be set; what is written is its own value."""
    try:
        value = pathlib.Path(path).read_text(encoding="ascii")
        pathlib.Path(path).write_text(value, encoding="ascii")
    except OSError as error:
        # It is there, and -1, where no id was asked for.
        return None if error.errno == errno.EINVAL else f"{path}: {error.strerror}"
    return None


def make_with_id(number, key=0):
    """A segment of that id, made by a process that has ended since."""
    def make():
        pathlib.Path(NEXT_ID).write_text(str(number), encoding="ascii")
        return segment(key)
    made, pid = in_child(make)
    assert made == number, (made, number)
    return pid


def fork_as(pid):
    """As os.fork(), of a child that has this PID; nobody else may start processes here."""
    pathlib.Path(LAST_PID).write_text(str(pid - 1), encoding="ascii")
    child = os.fork()
    assert child in (0, pid), (child, pid)
    return child
