#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A recorded tree is anyone's: what is no file in it is told, and nothing waits for it."""

import os
import pathlib
import shutil
import socket
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PLACES = ("proc/sysvipc/shm", "proc/sys/kernel/shmmax", "proc/self/status", "etc/passwd",
          "ipclens/semaphores", "ipclens/page_size", "ipclens/taken_at")
# Where nothing says that it is missing: a database without names, a clock.
SILENT = {"etc/passwd", "proc/self/status", "ipclens/page_size", "ipclens/taken_at"}


def make_socket(path):
    with socket.socket(socket.AF_UNIX) as one:
        # A path that is not too long for an address.
        here = os.open(os.path.dirname(path), os.O_PATH)
        one.bind(f"/proc/self/fd/{here}/{os.path.basename(path)}")
        os.close(here)


ODD_THINGS = {
    "a folder": os.mkdir,
    "a FIFO": os.mkfifo,
    "a link to itself": lambda path: os.symlink(os.path.basename(path), path),
    "a link to nowhere": lambda path: os.symlink("/nowhere/at/all", path),
    "a socket": make_socket,
    "a link to an empty device": lambda path: os.symlink("/dev/null", path),
}

# What is said of it, and that is what to do.
REASONS = {
    "a folder": "it is a folder: put the file that was recorded in its place",
    "a FIFO": "it is a FIFO, a device or a socket, and was not opened: put the file that was "
              "recorded in its place",
}
REASONS["a socket"] = REASONS["a link to an empty device"] = REASONS["a FIFO"]


def check(tree, place, reason):
    try:
        done = subprocess.run([os.environ["IPCLENS"], "save", "-", "--root", tree],
                              capture_output=True, check=False, timeout=20)
    except subprocess.TimeoutExpired:
        return ["it waits"]
    is_silent = place in SILENT and not (reason and place == "etc/passwd")
    is_told = is_silent or f"{place}: {reason}".encode() in done.stderr
    if done.returncode != 0 or not done.stdout or not is_told:
        return [f"exit status {done.returncode}", *done.stderr.decode().splitlines()]
    return []


def main():
    count, has_failures = 0, False
    for name, make in ODD_THINGS.items():
        for place in PLACES:
            with tempfile.TemporaryDirectory() as folder:
                tree = os.path.join(folder, "root")
                shutil.copytree(HERE / "old-kernel" / "root", tree, symlinks=True)
                os.unlink(os.path.join(tree, place))
                make(os.path.join(tree, place))
                problems = check(tree, place, REASONS.get(name, ""))
            count += 1
            has_failures |= bool(problems)
            print(f"{'not ok' if problems else 'ok'} {count} - {place} is {name}")
            for line in problems:
                print("# " + line)
    print(f"1..{count}")
    raise SystemExit(1 if has_failures else 0)


main()
