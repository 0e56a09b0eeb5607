#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Processes with very many mappings, or very long lines, in a tree that is made for the test."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
IPCLENS = os.environ.get("IPCLENS", str(HERE.parents[1] / "build" / "ipclens"))
LINES = 100_000
# Far from what it takes, and from reading a text again for each of its lines.
SECONDS = 20
SEGMENT = "/SYSV{:08x} (deleted)"


def line(number, inode=0, device="00:00", permissions="rw-p", name=""):
    start = 0x7F0000000000 + number * 0x2000
    return f"{start:x}-{start + 0x1000:x} {permissions} 00000000 {device} {inode} {name}\n"


def attachment(number, inode, key=0):
    return line(number, inode, "00:01", "rw-s", SEGMENT.format(key))


def run(tree, words):
    started = time.monotonic()
    done = subprocess.run([IPCLENS, *words, "--json", "--root", str(tree)], capture_output=True,
                          check=False)
    if time.monotonic() - started > SECONDS:
        raise SystemExit(f"{words}: it took {time.monotonic() - started} s")
    return json.loads(done.stdout), done.stderr.decode()


def segment(answer, ref):
    links = [link["pid"] for link in answer["links"]
             if link["object"] == ref and link["how"] == "mapped"]
    return links, next(one for one in answer["accounting"] if one["object"] == ref)


def test_many(tree):
    """The only attachment is the last of all lines; others lie between private mappings."""
    lines = [line(number, 1234, "fe:00", name="/usr/lib/x.so") for number in range(LINES)]
    (tree / "proc/101/maps").write_text("".join(lines) + attachment(LINES + 1, 0, 1234))
    answer, stderr = run(tree, ["who", "shm:0"])
    pids, count = segment(answer, "shm:0")
    yield "the last of 100,000 lines", pids == [101, 102] and count["complete"] and not stderr


def test_many_attachments(tree):
    lines = [attachment(number, 3) for number in range(LINES)]
    (tree / "proc/101/maps").write_text("".join(lines))
    answer, _ = run(tree, ["who", "shm:3"])
    pids, count = segment(answer, "shm:3")
    yield "100,000 attachments are counted, and are not proven", (
        pids == [101] * LINES and count["found"] == LINES and not count["complete"]
        and "more-found" in count["doubts"])
    answer, _ = run(tree, ["list", "shm", "-o", "ref,processes"])
    pids = next(one["processes"] for one in answer["objects"] if one["ref"] == "shm:3")
    yield "their process is listed once", pids == [101]


def test_long_lines(tree):
    """Longer than any line of the kernel: what can be read counts, and the rest is in doubt."""
    for length in (4000, 70_000, 2_000_000):
        text = line(1, 1, "fe:00", name="/" + "x" * length) + attachment(2, 3)
        (tree / "proc/101/maps").write_text(text)
        answer, stderr = run(tree, ["who", "shm:3"])
        pids, count = segment(answer, "shm:3")
        yield f"a line of {length} bytes", (
            pids == [101] and not count["complete"]
            and (length < 5000 or "unreadable-processes" in count["doubts"] and stderr))
    # A name that only begins as an attachment's does, and ends somewhere else.
    (tree / "proc/101/maps").write_text(line(1, 8, "00:01", "rw-s", "/SYSV00" + "0" * 70_000))
    answer, _ = run(tree, ["who", "shm:8"])
    yield "a long name like an attachment's", segment(answer, "shm:8")[0] == []


def main():
    results = []
    with tempfile.TemporaryDirectory(prefix="ipclens-maps-") as folder:
        for test in (test_many, test_many_attachments, test_long_lines):
            tree = pathlib.Path(folder) / test.__name__
            shutil.copytree(HERE / "users" / "root", tree, symlinks=True)
            results += test(tree)
    for number, (name, is_good) in enumerate(results, 1):
        print(f"{'ok' if is_good else 'not ok'} {number} - {name}")
    print(f"1..{len(results)}")
    sys.exit(0 if all(is_good for _, is_good in results) else 1)


main()
