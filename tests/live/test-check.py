#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""check: each scene that raises a finding, and the nearest one that must not."""

import contextlib
import ctypes
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from live import (NOBODY, Tap, accessible_copy, enter, expect, id_of, problem, run,
                  why_no_other_user)

# Findings of objects that have just been made.
NOW = ["--older-than", "0", "--stuck", "0", "--long-wait", "0"]
INCOMPLETE = rb"(ipclens: incomplete: [^\n]*\n)*"


def document(words, **options):
    return json.loads(run(["check", *words, "--json"], **options).stdout)


def check(condition, *lines):
    return [] if condition else [[str(line) for line in lines]]


def codes_of(answer, ref):
    return {finding["code"]: finding["certainty"] for finding in answer["findings"]
            if finding["object"] == ref}


def findings(words=(), **options):
    answer = document([*NOW, *words], **options)
    return lambda ref: codes_of(answer, ref)


def make(*words):
    """The id of an object that a child has made, which has ended since."""
    done = subprocess.run(["ipcmk", *words], capture_output=True, text=True, check=True)
    return done.stdout.split()[-1]


def remove(letter, number):
    subprocess.run(["ipcrm", "-" + letter, number], check=True)


def test_segments(tap):
    segment = make("-M", "4096")
    tap.say("a segment whose creator has ended, which has a key, is likely an orphan",
            check(findings()("shm:" + segment).get("orphan-shm") == "likely", segment))
    answer = document([])
    tap.say("but not within the hour", check("orphan-shm" not in codes_of(answer, "shm:" + segment)))
    tap.say("the command that is given removes it", check(
        [finding["fix"] for finding in document(NOW)["findings"]
         if finding["code"] == "orphan-shm"] == [f"ipclens remove shm:{segment}"]))
    attacher = os.path.join(os.environ["IPCLENS_BUILD"], "tests", "live", "attacher")
    with subprocess.Popen([attacher, "hold", segment], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        child.stdout.readline()
        tap.say("nor while somebody has it attached",
                check("orphan-shm" not in findings()("shm:" + segment)))
        remove("m", segment)
        seen = findings()("shm:" + segment)
        tap.say("removed, it is held", check(seen.get("removed-but-held") == "certain", seen))
        child.stdin.close()
    tap.say("and gone with its last user", check(not findings()("shm:" + segment)))


def test_arrays(tap):
    array, queue = make("-S", "3"), make("-Q")
    seen = findings()
    tap.say("arrays and queues that nobody ever used are not called orphans", check(
        not seen("sem:" + array) and not seen("msg:" + queue), seen("sem:" + array)))
    with using(array, queue) as user:
        tap.say("nor those whose last user lives", check(
            "orphan-sem" not in findings()("sem:" + array)
            and "orphan-msg" not in findings()("msg:" + queue)))
        tap.say("they are not young for ever", check(user.poll() is None))
    seen = findings()
    # In a PID namespace nobody sees every process, so that it is not even likely.
    tap.say("those whose last user has ended are", check(
        seen("sem:" + array).get("orphan-sem") in ("unknown", "likely")
        and seen("msg:" + queue).get("orphan-msg") in ("unknown", "likely"), seen("sem:" + array)))
    tap.say("but not within the hour", check(
        not codes_of(document([]), "sem:" + array) and not codes_of(document([]), "msg:" + queue)))
    waiter = subprocess.Popen([sys.executable, "-c", f"import ctypes\n"
                               f"ctypes.CDLL(None).msgrcv({queue}, bytes(64), 56, 77, 0)"])
    for _ in range(500):
        seen = findings()("msg:" + queue)
        if "orphan-msg" not in seen:
            break
        time.sleep(0.01)
    tap.say("nor a queue for which somebody waits", check("orphan-msg" not in seen, seen))
    waiter.kill()
    waiter.wait()
    remove("s", array)
    remove("q", queue)


@contextlib.contextmanager
def using(array, queue):
    """A process that has operated on the array and sent to the queue, and lives."""
    script = (f"import ctypes, sys\nlibc = ctypes.CDLL(None)\n"
              f"assert libc.semop({array}, bytes([0, 0, 1, 0, 0, 0]), 1) == 0\n"
              f"assert libc.msgsnd({queue}, bytes([1] + 15 * [0]), 8, 0) == 0\n"
              f"print(flush=True)\nsys.stdin.read()")
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as user:
        user.stdout.readline()
        yield user
        user.stdin.close()
        user.wait()


def test_owner(tap):
    segment = make("-M", "4096")
    tap.say("one that its creator owns", check("foreign-owner" not in findings()("shm:" + segment)))
    if give_away(int(segment), 54321):
        seen = findings()("shm:" + segment)
        tap.say("one that was given away", check(seen.get("foreign-owner") == "certain", seen))
    else:
        tap.skip("one that was given away", "there is no other user in this namespace")
    remove("m", segment)


def give_away(segment, uid):
    """By shmctl(IPC_SET), with struct shmid_ds as large as it may be; uid is behind the key."""
    libc, state = ctypes.CDLL(None), (ctypes.c_uint32 * 64)()
    assert libc.shmctl(segment, 2, state) == 0
    state[1] = uid
    return libc.shmctl(segment, 1, state) == 0


def test_files(tap):
    path = pathlib.Path("/dev/shm/unused")
    path.write_bytes(b"1234")
    seen = findings()("pshm:/unused")
    # In a PID namespace nobody sees every process.
    tap.say("a file that nobody has open is told", check(
        seen.get("orphan-posix") in ("likely", "unknown"), seen))
    with path.open("rb"):
        tap.say("one that is open is not", check("orphan-posix" not in findings()("pshm:/unused")))
    path.chmod(0o666)
    tap.say("and who may write to it", check(
        findings()("pshm:/unused").get("open-to-all") == "certain"))
    path.unlink()
    odd = pathlib.Path("/dev/shm/a b; true '")
    odd.write_bytes(b"")
    fixes = [finding["fix"] for finding in document(NOW)["findings"]
             if finding["code"] == "orphan-posix"]
    # In a PID namespace the verdict is unknown, for which no command is given.
    tap.say("no command is made of a name that a shell takes apart",
            check(len(fixes) == 1 and "a b" not in fixes[0], fixes))
    odd.unlink()


def test_pipes(tap):
    reader, writer = os.pipe()
    ref = f"pipe:{os.fstat(reader).st_ino}"
    child = subprocess.Popen([sys.executable, "-c",
                              f"import os; os.write({writer}, b'x' * 1000000)"], pass_fds=[writer])
    for _ in range(500):
        seen = findings()(ref)
        if seen:
            break
        time.sleep(0.01)
    tap.say("who cannot write into a pipe is stalled", check(seen == {"pipe-stalled": "likely"}, seen))
    tap.say("but not before its time", check("pipe-stalled" not in codes_of(document([]), ref)))
    child.kill()
    child.wait()
    with tempfile.TemporaryDirectory() as folder:
        path = folder + "/fifo"
        os.mkfifo(path)
        child = subprocess.Popen(["sh", "-c", 'exec 3<"$0"', path])
        for _ in range(500):
            seen = findings()("fifo:" + path)
            if seen:
                break
            time.sleep(0.01)
        tap.say("a FIFO without a partner", check(seen == {"fifo-no-partner": "likely"}, seen))
        child.kill()
        child.wait()
    os.close(reader)
    os.close(writer)


def test_limits(tap):
    sysctl = pathlib.Path("/proc/sys/kernel/msgmni")
    try:
        before = sysctl.read_text(encoding="ascii")
        sysctl.write_text("10", encoding="ascii")
    except OSError as error:
        tap.skip("limits that are nearly reached", str(error))
        return
    queues = [make("-Q") for _ in range(9)]
    near = [finding for finding in document([])["findings"] if finding["code"] == "near-limit"]
    tap.say("a limit that is nearly reached, and what to set it to", check(
        [finding["fix"] for finding in near] == ["sysctl -w kernel.msgmni=20"], near))
    tap.say("that is a warning", expect(["check"], 1, INCOMPLETE, rb".*\n1 warning(, \d+ notes?)?\n"))
    queues.append(make("-Q"))
    tap.say("one that is reached is critical, and in one line for plugins", expect(
        ["check", "--format=plugin"], 2, INCOMPLETE,
        rb"IPC CRITICAL - 1 critical: msgmni is reached: msgget fails with ENOSPC \| "
        rb"critical=1 warnings=0 notes=0 .* msgmni=10;9;10;0;10 .*\n"))
    tap.say("what is ignored is no part of the verdict", expect(
        ["check", "--ignore", "limit-explains"], 0, INCOMPLETE, rb"nothing found\n"))
    for queue in queues:
        remove("q", queue)
    sysctl.write_text(before, encoding="ascii")


def mount_memory(options):
    """Over /dev/shm; None, or why not."""
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", "/dev/shm"],
                          capture_output=True, text=True, check=False)
    return None if done.returncode == 0 else done.stderr.strip() or "mount failed"


def limits_of_memory():
    answer = json.loads(run(["limits", "pshm", "--json"]).stdout)
    return {limit["name"]: (limit["value"], limit["used"]) for limit in answer["limits"]}


def test_files_in_memory(tap):
    """The folder itself takes one of the inodes."""
    reason = mount_memory("nr_inodes=3,mode=1777")
    if reason:
        tap.skip("the files in /dev/shm are counted", reason)
        return
    found = limits_of_memory()["dev_shm_files"]
    tap.say("of three inodes two are for files, and none is used", check(found == (2, 0), found))
    tap.say("status counts none", expect(["status"], 0, INCOMPLETE,
                                         rb".*\npshm +0 +0\.0% of dev_shm_\S+ .*"))
    for name in ("one", "two"):
        pathlib.Path("/dev/shm", name).touch()
    found = limits_of_memory()["dev_shm_files"]
    tap.say("both are used", check(found == (2, 2), found))
    fixes = [finding["fix"] for finding in document([])["findings"]
             if finding["code"] == "limit-explains"]
    tap.say("that is a limit that is reached, and what to do", check(
        fixes == ["mount -o remount,nr_inodes=6 /dev/shm"], fixes))
    subprocess.run(["umount", "/dev/shm"], check=True)
    if mount_memory("nr_inodes=0,size=0"):
        return
    pathlib.Path("/dev/shm/three").touch()
    found = limits_of_memory()
    subprocess.run(["umount", "/dev/shm"], check=True)
    tap.say("without a limit nothing is counted, which is not none", check(
        found == {"dev_shm_files": (2 ** 64 - 1, None), "dev_shm_bytes": (2 ** 64 - 1, None)},
        found))


def test_blocked(tap):
    """The rings of blocked are part of it."""
    # A file: the cast would keep a pipe open.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            [os.environ["IPCLENS_CAST"], "blocked", os.environ["IPCLENS"], "check", "--json"],
            stdout=output, stderr=subprocess.DEVNULL, check=False)
        output.seek(0)
        answer = json.load(output)
    found = {finding["code"] for finding in answer["findings"]}
    holders = [issue for issue in answer["issues"] if issue["aspect"] == "holders"]
    tap.say("an abandoned semaphore and a full queue", check(
        {"abandoned-sem", "full-queue"} <= found, found))
    if holders:
        tap.skip("deadlocks", f"holders unknown: {holders[0]['reason']}")
    else:
        tap.say("a deadlock is critical", check(
            done.returncode == 2 and answer["findings"][0]["code"] == "deadlock", found))


def since(path, *words):
    """Stuck queues, with their certainty and first evidence."""
    answer = document(["--since", path, "--only", "stuck-queue", *words])
    return {one["object"]: (one["certainty"], one["evidence"][0]) for one in answer["findings"]}


def test_since(tap):
    """A queue that grows is stuck; one that somebody receives from is not."""
    grows, moves, stays = ("msg:" + make("-Q") for _ in range(3))
    for queue in (grows, moves, stays):
        assert run(["send", queue, "first"]).status == 0
    with tempfile.TemporaryDirectory() as folder:
        path = folder + "/earlier.json"
        assert run(["save", path]).status == 0
        time.sleep(1.1)
        for _ in range(2):
            for words in (["send", grows, "more"], ["send", moves, "more"], ["receive", moves]):
                assert run(words).status == 0
        found = since(path)
        tap.say("a queue that grew while nobody received, and no other", check(
            list(found) == [grows] and found[grows][0] == "likely"
            and found[grows][1].startswith("from 1 to 3 messages in "), found))
        tap.say("is a warning", expect(["check", "--since", path, "--only", "stuck-queue"], 1,
                                       INCOMPLETE, rb"stuck-queue \(likely\): [^\n]* 2 more than "
                                       rb".*: it grows, and nobody received meanwhile\n.*"))
        tap.say("other findings are what they were", check(
            [one["code"] for one in document([*NOW, "--since", path])["findings"]]
            == [one["code"] for one in document(NOW)["findings"]]))
        assert run(["receive", grows]).status == 0
        tap.say("not while somebody receives, unless it lasts", check(
            not since(path) and grows in since(path, "--stuck", "1"), since(path)))
        assert run(["receive", grows]).status == 0
        tap.say("nor once it is as it was", check(grows not in since(path, "--stuck", "1")))
        later = folder + "/later.json"
        assert run(["save", later]).status == 0
        tap.say("the earlier one comes first", expect(
            ["check", "--since", later, "--from", path], 3,
            rb"ipclens: --since [^\n]*: it was taken later than what is judged\n", b""))
        tap.say("a file that is none", expect(
            ["check", "--since", folder + "/none"], 3, rb"ipclens: [^\n]*: No such file .*\n", b""))
    for queue in (grows, moves, stays):
        remove("q", queue.split(":")[1])


def test_usage(tap):
    for words, said in (
            (["--older-than", "1w"], rb"1w: --older-than takes an age: 90, 90s, 15m, 2h or 7d"),
            (["--near", "101"], rb"101: --near takes a percentage: 0 to 100"),
            (["--only", "deadlock,nonsense"], rb"nonsense: no such finding; .*"),
            (["--only", ""], rb": no such finding; .*"),
            (["--min-severity", "bad"], rb"bad: not a value of --min-severity.*"),
            (["--format=plugin", "--json"], rb"--format=plugin is one line of text.*"),
            (["--nonsense"], rb"--nonsense: no such option.*"),
            (["operand"], rb"check: it takes no operands.*")):
        tap.say(f"exit status 3, and why: {' '.join(words)}",
                expect(["check", *words], 3, b"ipclens: " + said + b"\n", b""))
    result = run(["check"], stdout=open("/dev/full", "wb"))
    tap.say("a verdict that could not be written is none",
            check(result.status == 3 and b"No space left" in result.stderr, result))


def test_sight(tap):
    """Where little is seen, to find nothing proves nothing."""
    reason = why_no_other_user()
    if reason:
        tap.skip("an ordinary user's verdict", reason)
        return
    with accessible_copy() as program:
        tap.say("an ordinary user is told that too little was seen", expect(
            ["check", "--ignore", "orphan-shm"], 3, INCOMPLETE,
            rb"nothing found, but too little could be seen to judge\n", program=program, user=NOBODY))
        result = run(["check", "--format=plugin"], program=program, user=NOBODY)
        tap.say("and so is a plugin's reader", check(
            result.status == 3 and result.stdout.startswith(b"IPC UNKNOWN - nothing found, but"),
            result))


def test_saved(tap):
    make("-M", "100", "-p", "666")
    saved = run(["save", "-"]).stdout
    live, loaded = run(["check", *NOW]), run(["check", *NOW, "--from", "-"], stdin=saved)
    for result in (live, loaded):
        # Seconds have passed.
        result.stdout = b"\n".join(line for line in result.stdout.split(b"\n") if b" ago (" not in line)
        result.stderr = b""
    tap.say("a saved snapshot is judged the same",
            [] if live == loaded else [problem("live", live), problem("loaded", loaded)])


def main():
    enter("empty")
    tap = Tap()
    result = run(["check"])
    tap.say("nothing is wrong where nothing is", check(
        result.status == 0 and result.stdout == b"nothing found\n", result))
    for test in (test_usage, test_segments, test_arrays, test_since, test_owner, test_files, test_pipes, test_limits,
                 test_files_in_memory,
                 test_sight, test_saved, test_blocked):
        test(tap)
    tap.finish()


main()
