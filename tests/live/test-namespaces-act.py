#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What is done in other IPC namespaces: there, to the object that was named, and only with --yes. Each
has a segment, an array and a queue with the id 0 and the same key; so has this one."""

import json
import os
import signal
import subprocess
import tempfile
import time

from inhabitants import Inhabitant, check, document, home
from live import ENVIRONMENT, IPCLENS, Tap, enter, expect, run

TAKES_YES = rb"ipclens: [^\n]*it is in another IPC namespace[^\n]*: that takes --yes\n"
ANYTHING = rb".*"


def ids(kind, number):
    return sorted(item["ref"] for item in document(["list", kind, f"--namespace={number}"])["objects"])


def messages(number):
    return [item["messages"] for item in
            document(["list", "msg", f"--namespace={number}"])["objects"]]


def test_needs_yes(tap, number):
    before = document(["list", f"--namespace={number}"])["objects"]
    for words, status in ((["remove", f"msg:0@{number}"], 1), (["send", f"msg:0@{number}", "x"], 2),
                          (["receive", f"msg:0@{number}"], 2),
                          (["semop", f"sem:0@{number}", "1+1"], 2),
                          (["make", "msg", f"--namespace={number}"], 2)):
        words = [*words, *(["--force"] if words[0] == "remove" else [])]
        tap.say(f"{words[0]}: not without --yes", expect(words, status, rb".*" + TAKES_YES + rb".*",
                                                         ANYTHING))
    for words in (["remove", f"msg:0@{number}", "--dry-run", "--force"],
                  ["send", f"msg:0@{number}", "x", "--dry-run"],
                  ["receive", f"msg:0@{number}", "--dry-run"],
                  ["semop", f"sem:0@{number}", "1+1", "--dry-run"],
                  ["make", "msg", f"--namespace={number}", "--dry-run"],
                  ["clean", f"--namespace={number}", "--older-than=0"]):
        tap.say(f"{words[0]}: what would be done is said without", expect(words, 0, ANYTHING,
                                                                         ANYTHING))
    tap.say("and nothing was done", check(
        document(["list", f"--namespace={number}"])["objects"] == before, before))


def test_messages(tap, number, other):
    tap.say("peek looks into the queue there", check(
        [item["body"] for item in document(["peek", f"msg:0@{number}"])["messages"]] == ["one"]))
    answer = document(["peek", f"msg:0@{number}"])
    tap.say("and says where", check(
        {answer["objects"][0]["ref"], answer["messages"][0]["object"]} == {f"msg:0@{number}"},
        answer))
    tap.say("send puts it there", expect(["send", f"msg:0@{number}", "two", "--yes"], 0, b"",
                                         ANYTHING))
    tap.say("and nowhere else", check((messages(number), messages(other)) == ([2], [1]),
                                      messages(number), messages(other)))
    for body in (b"one", b"two"):
        tap.say("receive takes it from there", expect(
            ["receive", f"msg:0@{number}", "--yes"], 0, b"", body))
    tap.say("what is not there is told beside what is", expect(
        ["show", f"shm:0x4d3@{number}", f"msg:1234@{number}", f"sem:{0x4d2}@{number}"], 1,
        rb".*not found; there is shm:0@%d with key 0x000004d2\n.*" % number, ANYTHING))
    tap.say("an end of waiting is the command's", expect(
        ["receive", f"msg:0@{number}", "--yes", "--timeout=0.1"], 1, ANYTHING))
    tap.say("queues of POSIX, too", expect(
        ["send", f"mq:/jobs@{number}", "job", "--yes"], 0, b"", ANYTHING))
    tap.say("are of their namespace", expect(
        ["receive", f"mq:/jobs@{other}", "--yes", "--timeout=0"], 1, ANYTHING))
    tap.say("and none other's", expect(
        ["receive", f"mq:/jobs@{number}", "--yes", "--timeout=0"], 0, b"", b"job"))


def test_signals(tap, number):
    """Whoever waits in the child ends as it would here, and its message is not lost."""
    for number_of_signal in (signal.SIGTERM, signal.SIGINT):
        waiting = subprocess.Popen([IPCLENS, "receive", f"msg:0@{number}", "--yes"],
                                   env=ENVIRONMENT, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        for _ in range(200):
            if any(wait["object"] == f"msg:0@{number}" for wait in
                   document(["blocked", f"--namespace={number}"])["waits"]):
                break
            time.sleep(0.02)
        waiting.send_signal(number_of_signal)
        status = waiting.wait(20)
        tap.say(f"it ends by {number_of_signal.name}, as the child does", check(
            status == -number_of_signal, status, waiting.stderr.read()))
        left = document(["blocked", f"--namespace={number}"])["waits"]
        tap.say("and nobody waits on", check(
            not any(wait["object"] == f"msg:0@{number}" for wait in left), left))


def test_ignored_ends(tap, number):
    """Whoever started it can have had it ignore the ends of children, as some shells and daemons."""
    for words, status in ((["receive", f"msg:0@{number}", "--yes", "--timeout=0.1"], 1),
                          (["semop", f"sem:0@{number}", "1+1", "--yes", "--hold", "sh", "-c",
                            "exit 7"], 7)):
        done = subprocess.run([IPCLENS, *words], env=ENVIRONMENT, capture_output=True, timeout=20,
                              preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
        tap.say(f"the end of the child of {words[0]} is not missed", check(
            done.returncode == status, done))


def test_semaphores(tap, number, other):
    def value(where):
        found = document(["list", "sem", f"--namespace={where}"])["objects"]
        return found[0]["semaphores"][1]["value"]

    tap.say("semop raises the semaphore there", expect(
        ["semop", f"sem:0@{number}", "1+2", "--yes"], 0, b"", ANYTHING))
    tap.say("and nowhere else", check((value(number), value(other)) == (2, 0)))
    result = run(["semop", f"sem:0@{number}", "1-2", "--yes", "--hold",
                  "stat", "-L", "-c", "%i", "/proc/self/ns/ipc"])
    tap.say("--hold executes the command there", check(
        result.status == 0 and result.stdout == b"%d\n" % number, result))
    tap.say("and its end gives back", check(value(number) == 2, value(number)))
    tap.say("its status is the command's", expect(
        ["semop", f"sem:0@{number}", "1-1", "--yes", "--hold", "sh", "-c", "exit 7"], 7))


def test_make_and_remove(tap, number, other):
    here = ids("shm", home())
    tap.say("make makes it there", expect(
        ["make", "shm", "--size=4096", "--key=0x77", f"--namespace={number}", "--yes"], 0, b"",
        rb"shm:\d+@%d\n" % number))
    tap.say("and nowhere else", check(
        len(ids("shm", number)) == 2 and len(ids("shm", other)) == 1 and
        ids("shm", home()) == here))
    tap.say("what exists is not joined", expect(
        ["make", "shm", "--size=4096", "--key=0x77", f"--namespace={number}", "--yes"], 1,
        ANYTHING))
    tap.say("files are not made by namespace", expect(
        ["make", "pshm", "/x", "--size=1", f"--namespace={number}", "--yes"], 1,
        rb".*it is a file, which belongs to no IPC namespace.*", ANYTHING))
    tap.say("remove refuses what is in use there", expect(
        ["remove", f"shm:0@{number}", "--yes"], 1, rb".*it is in use.*", ANYTHING))
    tap.say("remove removes it there", expect(
        ["remove", f"shm:0x77@{number}", "--yes"], 0, b"", rb"removed shm:\d+@%d\n.*" % number))
    tap.say("of several namespaces at once", expect(
        ["remove", f"mq:/jobs@{number}", f"mq:/jobs@{other}", "--yes", "--force"], 0, ANYTHING,
        rb".*removed mq:/jobs@%d\n.*removed mq:/jobs@%d\n.*" % (number, other)))
    tap.say("and nothing else is gone", check(
        (ids("shm", number), ids("shm", other), ids("shm", home())) ==
        ([f"shm:0@{number}"], [f"shm:0@{other}"], here)))


def test_memory(tap, mounted):
    ref = f"pshm:/own@{mounted.number}"
    tap.say("memory of POSIX is removed where its processes see it", expect(
        ["remove", ref, "--yes", "--force"], 0, ANYTHING, rb".*removed " + ref.encode() + rb"\n.*"))
    tap.say("and is gone there", check(
        not os.path.exists(f"/proc/{mounted.pid}/root/dev/shm/own")))
    second = subprocess.Popen(
        ["nsenter", "-t", str(mounted.pid), "-i", "unshare", "-m", "sh", "-c",
         "mount -t tmpfs none /dev/shm && cd /dev/shm && echo x > second && echo x > third && "
         "echo done && read line"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    second.stdout.readline()
    refs = [f"pshm:/{name}@{mounted.number}" for name in ("second", "third")]
    tap.say("in whichever mount namespace that is", expect(
        ["remove", *refs, "--yes", "--force"], 0, ANYTHING,
        b"".join(rb".*removed " + ref.encode() + rb"\n.*" for ref in refs)))
    second.communicate()


def test_own_memory(tap, number):
    """Another namespace's processes see our /dev/shm, which does not make it theirs."""
    with tempfile.NamedTemporaryFile(dir="/dev/shm", prefix="ours-") as file:
        answer = document(["list", "pshm", f"--namespace={number}"])
        tap.say("what is ours is nobody else's", check(answer["objects"] == [], answer))
        plan = document(["clean", "pshm", f"--namespace={number}", "--older-than=0",
                         "--include-likely"])
        tap.say("and not cleaned with theirs", check(plan["actions"] == [], plan))
        tap.say("but listed with all", check(
            [item["namespace"] for item in document(["list", "pshm", "-A"])["objects"]
             if item["name"] == "/" + os.path.basename(file.name)] == [home()]))


def test_clean(tap, number, other):
    made = [json.loads(run(["make", "shm", "--size=4096", f"--namespace={where}", "--yes",
                            "--json"]).stdout)["actions"][0]["object"]
            for where in (number, other)]
    kept = ids("shm", home())
    log = os.path.join(os.environ.get("TMPDIR", "/tmp"), f"journal-{os.getpid()}")
    words = ["clean", "shm", "--older-than=0", "--include-likely", "--json"]
    plan = json.loads(run([*words, "--all-namespaces"]).stdout)["actions"]
    planned = {item["object"] for item in plan if item["outcome"] == "planned"}
    tap.say("clean plans what is unused in all", check(set(made) <= planned, planned))
    tap.say("and nothing that is attached in any", check(
        not planned & {f"shm:0@{number}", f"shm:0@{other}"}, planned))
    done = json.loads(run([*words, "--yes", f"--namespace={number}", f"--log={log}"]).stdout)
    outcomes = {item["object"]: item["outcome"] for item in done["actions"]}
    tap.say("clean --yes removes it in the one that is asked for", check(
        outcomes == {made[0]: "done"} and ids("shm", number) == [f"shm:0@{number}"] and
        ids("shm", other) == sorted([f"shm:0@{other}", made[1]]) and ids("shm", home()) == kept,
        outcomes))
    with open(log, encoding="utf-8") as journal:
        tap.say("the journal tells the namespace", check(made[0] in journal.read()))
    os.unlink(log)
    done = json.loads(run([*words, "--yes", "--all-namespaces", f"--keep=shm:0x4d2@{home()}"]).stdout)
    tap.say("and then in all", check(
        ids("shm", other) == [f"shm:0@{other}"] and ids("shm", number) == [f"shm:0@{number}"],
        done["actions"]))


def test_option(tap, number, other, pid):
    """--namespace is the same as @N behind each REF."""
    here = [f"--namespace={number}"]
    for words in (["send", "msg:0", "by option"], ["receive", "msg:0"], ["semop", "sem:0", "1+1"],
                  ["remove", "msg:0", "--force"]):
        status = 1 if words[0] == "remove" else 2
        tap.say(f"{words[0]} --namespace: not without --yes", expect(
            [*words, *here], status, rb".*" + TAKES_YES + rb".*", ANYTHING))
    made = run(["make", "msg", "--key=0x6100", *here, "--yes"])
    ref = made.stdout.decode().strip()
    for words, said in ((["send", "msg:0x6100", "by option"], ANYTHING),
                        (["peek", "msg:0x6100"], rb".*by option.*"),
                        (["receive", "msg:0x6100"], rb"by option\n?"),
                        (["remove", "msg:0x6100"], ANYTHING)):
        tap.say(f"{words[0]} --namespace: by the key", expect(
            [*words, f"--namespace={pid}", *(["--yes"] if words[0] != "peek" else [])], 0, b"",
            said))
    tap.say("then it is gone", check(ref not in ids("msg", number) and ref, made))
    for change in ("1+1", "1-1"):
        tap.say(f"semop --namespace: {change}", expect(["semop", "sem:0", change, *here, "--yes"], 0,
                                                       b"", ANYTHING))
    tap.say("a REF that says another one is refused", expect(
        ["remove", f"msg:0@{other}", *here, "--yes"], 2,
        rb"ipclens: msg:0@\d+: --namespace is another one, \d+: leave one of them out\n"))
    tap.say("one that is not there, too", expect(
        ["remove", "msg:0", "--namespace=nosuch", "--yes"], 1, rb"ipclens: namespace nosuch: .*\n"))
    tap.say("and an empty one", expect(["send", "msg:0", "x", "--namespace="], 2,
                                       rb"ipclens: --namespace takes a number, a PID or a name\n"))
    tap.say("all others are as before", check(
        messages(number) == [1] and messages(other) == [1], messages(number), messages(other)))


def main():
    enter("compat")
    tap = Tap()
    scene = [Inhabitant(4096), Inhabitant(8192), Inhabitant(12288, "--mount")]
    number, other = scene[0].number, scene[1].number
    test_needs_yes(tap, number)
    test_option(tap, number, other, scene[0].pid)
    test_messages(tap, number, other)
    test_signals(tap, number)
    test_ignored_ends(tap, number)
    test_semaphores(tap, number, other)
    test_make_and_remove(tap, number, other)
    test_memory(tap, scene[2])
    test_own_memory(tap, number)
    test_clean(tap, number, other)
    for one in scene:
        one.end()
    tap.finish()


main()
