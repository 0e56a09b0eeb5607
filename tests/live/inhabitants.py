# SPDX-License-Identifier: GPL-2.0-or-later
"""Processes in IPC namespaces of their own, for the tests that look and act there."""

import json
import os
import pathlib
import subprocess
import time

from live import run

INHABITANT = pathlib.Path(os.environ["IPCLENS_BUILD"], "tests", "live", "inhabitant")


class Inhabitant:
    """A process in a namespace of its own; number, pid and waiter are what it has said."""

    def __init__(self, size, *options):
        self.size = size
        self.process = subprocess.Popen([INHABITANT, str(size), *options], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(self.process.stderr.read())
        said = dict(word.split("=") for word in line.split())
        self.number, self.now = int(said["namespace"]), int(said["now"])
        self.pid, self.waiter = int(said["pid"]), int(said["waiter"])

    def end(self):
        self.process.stdin.close()
        self.process.wait()
        # Who waits is killed by that, a moment later.
        while self.waiter and self.waiter_lives():
            time.sleep(0.01)

    def waiter_lives(self):
        try:
            return bool(os.readlink(f"/proc/{self.waiter}/ns/ipc"))
        except OSError:
            return False


def document(words, **options):
    result = run([*words, "--json"], **options)
    return json.loads(result.stdout)


def check(condition, *lines):
    return [] if condition else [[str(line) for line in lines]]


def home():
    return os.stat("/proc/self/ns/ipc").st_ino
