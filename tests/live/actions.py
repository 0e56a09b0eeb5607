# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of commands that change something share: objects, users of them, answers."""

import contextlib
import ctypes
import json
import os
import subprocess
import sys
import time

from live import SOURCE, problem, run

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.shmat.restype = ctypes.c_void_p
IPC_CREAT, IPC_NOWAIT, IPC_EXCL, SEM_UNDO = 0o1000, 0o4000, 0o2000, 0o10000

# What a process does that uses an object: run by "python3 -c", with the numbers that it needs.
USERS = {
    "attach": "LIBC.shmat(N[0], None, 0)",
    "open": "os.open(S[0], os.O_RDWR)",
    "hold": "semop(N[0], 0, -1, 0o10000)",
    "wait": "READY(); semop(N[0], 0, -1, 0)",
    "receive": "READY(); LIBC.msgrcv(N[0], ctypes.create_string_buffer(9000), 8192, 0, 0)",
    "send": "READY(); LIBC.msgsnd(N[0], ctypes.create_string_buffer(bytes([1] + [0] * 8007)), "
            "8000, 0)",
}
PRELUDE = """
import ctypes, os, struct, sys, time
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.shmat.restype = ctypes.c_void_p
S = sys.argv[1:]
N = [int(word) for word in S if word.isdigit()]
def READY():
    os.write(1, b".")
def semop(array, number, amount, flags):
    LIBC.semop(array, struct.pack("Hhh", number, amount, flags), 1)
"""


@contextlib.contextmanager
def user(what, *arguments):
    """A process that uses an object, and sleeps; its PID."""
    script = PRELUDE + USERS[what] + "\nREADY()\ntime.sleep(1000)\n"
    with subprocess.Popen([sys.executable, "-c", script, *map(str, arguments)],
                          stdout=subprocess.PIPE) as child:
        try:
            child.stdout.read(1)
            await_sleep(child.pid)
            yield child.pid
        finally:
            child.kill()


def await_sleep(pid):
    """Until the process sleeps in a system call, and has done so for a moment."""
    last = None
    for _ in range(1000):
        with open(f"/proc/{pid}/syscall", encoding="ascii") as file:
            call = file.read()
        if call == last and not call.startswith("running"):
            return
        last = call
        time.sleep(0.003)


def semaphores(values):
    array = LIBC.semget(0, len(values), 0o600 | IPC_CREAT)
    for number, value in enumerate(values):
        LIBC.semctl(array, number, 16, value)
    return array


def segment(size=4096, key=0):
    return LIBC.shmget(key, size, 0o600 | IPC_CREAT)


def queue(key=0):
    return LIBC.msgget(key, 0o600 | IPC_CREAT)


def send(identifier, kind, body):
    message = ctypes.create_string_buffer(kind.to_bytes(8, sys.byteorder) + body, 8 + len(body))
    assert LIBC.msgsnd(identifier, message, len(body), IPC_NOWAIT) == 0, os.strerror(
        ctypes.get_errno())


def receive(identifier):
    """Type and body of the next message; None where there is none."""
    room = ctypes.create_string_buffer(70000)
    length = LIBC.msgrcv(identifier, room, 60000, 0, IPC_NOWAIT)
    if length < 0:
        return None
    return int.from_bytes(room.raw[:8], sys.byteorder), room.raw[8:8 + length]


def exists(ref):
    return run(["list", "shm", "sem", "msg", "pshm", "psem", "mq", "-n", "-o", "ref"]) \
        .stdout.decode().split().count(ref) == 1


def check(condition, *lines):
    return [] if condition else [[str(line) for line in lines]]


def why_no_schema():
    try:
        import jsonschema  # pylint: disable=unused-import,import-outside-toplevel
    except ImportError:
        return "Python has no module jsonschema"
    return None


def document(words, **options):
    """The answer as JSON, which is valid by the schema, and the exit status."""
    result = run([*words, "--json"], **options)
    answer = json.loads(result.stdout)
    if not why_no_schema():
        import jsonschema  # pylint: disable=import-outside-toplevel
        schema = json.loads((SOURCE / "docs" / "ipclens-1.schema.json").read_text())
        jsonschema.Draft202012Validator(schema).validate(answer)
    return answer, result.status


def action_of(words, **options):
    """The one action of the answer, and the exit status."""
    answer, status = document(words, **options)
    action, = answer["actions"]
    return action, status


def expect_action(words, outcome, status, **options):
    """Problems, where the one action has another outcome or the program another exit status."""
    result = run([*words, "--json"], **options)
    try:
        outcomes = [action["outcome"] for action in json.loads(result.stdout)["actions"]]
    except ValueError:
        outcomes = None
    if outcomes == [outcome] and result.status == status:
        return []
    return [problem(" ".join(words), result)]
