#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Other IPC namespaces: each has a segment, an array and a queue with the id 0 and the same key, and
nothing but their sizes tells them apart."""

import functools
import json
import os
import pathlib
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time

from inhabitants import INHABITANT, Inhabitant, check, document, home
from live import (ENVIRONMENT, IPCLENS, NOBODY, Tap, accessible_copy, enter, expect, is_permitted, problem, run,
                  why_no_other_user)

# They are elsewhere now, and have lost what they held.
MOVERS = ("moved", "twice", "met")
NO_PID_1 = rb"(ipclens: incomplete: [^\n]*\n)*"


def by_number(answer):
    return {one["number"]: one for one in answer["namespaces"]}


def test_namespaces(tap, scene):
    found = by_number(document(["namespaces"]))
    tap.say("every namespace is found", check(
        {one.number for one in scene.values()} | {home(), scene["moved"].now} <= set(found),
        found.keys()))
    for name in ("plain", "twin", "user", "other user", "mounted"):
        one = found[scene[name].number]
        tap.say(f"{name}: what is in it", check(
            (one["shm"], one["shm_bytes"], one["sem"], one["semaphores"], one["msg"],
             one["msg_bytes"], one["mq"]) == (1, scene[name].size, 1, 2, 1, 3, 1), one))
    tap.say("who is in it", check(
        found[scene["plain"].number]["processes"] == 2 and
        found[scene["plain"].number]["pid"] == scene["plain"].pid and
        found[scene["plain"].number]["command"] == "inhabitant" and
        found[scene["plain"].number]["kept_by"] == ["processes"], found[scene["plain"].number]))
    bound = found[scene["bound"].number]
    tap.say("one that a mount keeps alone", check(
        bound["kept_by"] == ["mount"] and bound["processes"] == 0 and bound["shm"] == 1 and
        bound["path"] == scene["bound"].path, bound))
    threaded = found[scene["thread"].number]
    tap.say("one that a single thread is in", check(
        threaded["kept_by"][-1] == "threads" and threaded["shm"] == 1 and
        threaded["pid"] == scene["thread"].pid, threaded))
    own = {found[scene[name].number]["user_namespace"] for name in ("user", "other user")}
    tap.say("which user namespace owns it", check(
        len(own) == 2 and found[home()]["user_namespace"] not in own and
        found[scene["plain"].number]["user_namespace"] ==
        found[home()]["user_namespace"], found))
    tap.say("the viewer's own is said to be it", check(
        [number for number, one in found.items() if one["viewer"]] == [home()], found))


def test_descriptor(tap):
    """A namespace that nothing but an open descriptor keeps."""
    gone = Inhabitant(4096)
    kept = os.open(f"/proc/{gone.pid}/ns/ipc", os.O_RDONLY)
    gone.end()
    # Who waits ends with it, but not in the same moment.
    for _ in range(200):
        if not os.path.exists(f"/proc/{gone.waiter}/ns/ipc"):
            break
        time.sleep(0.01)
    one = by_number(document(["namespaces"])).get(gone.number)
    tap.say("one that a descriptor keeps alone", check(
        one and one["kept_by"] == ["descriptor"] and one["shm"] == 1 and
        one["pid"] == os.getpid(), one))
    os.close(kept)
    tap.say("and is gone with it", check(
        gone.number not in by_number(document(["namespaces"]))))


def test_lists(tap, scene):
    answer = document(["list", "shm", "sem", "msg", "mq", "--all-namespaces"])
    sizes = {one["ref"]: one["size"] for one in answer["objects"] if one["kind"] == "shm"}
    tap.say("each has its own segment 0", check(
        all(sizes.get(f"shm:0@{one.number}") == one.size for one in scene.values()), sizes))
    refs = [one["ref"] for one in answer["objects"]]
    tap.say("no REF is there twice", check(len(refs) == len(set(refs)), refs))
    for one in scene.values():
        wanted = {f"shm:0@{one.number}", f"sem:0@{one.number}", f"msg:0@{one.number}",
                  f"mq:/jobs@{one.number}"}
        only = document(["list", "shm", "sem", "msg", "mq", f"--namespace={one.number}"])
        tap.say(f"--namespace={one.number}", check(
            {item["ref"] for item in only["objects"]} == wanted and wanted <= set(refs) and
            [item["number"] for item in only["namespaces"]] == [one.number], only))
    plain = scene["plain"]
    tap.say("status says which one it counts", check(
        f", IPC namespace {plain.number}, ".encode() in
        run(["status", f"--namespace={plain.number}"]).stdout.splitlines()[0]))
    tap.say("or how many", check(re.search(
        rb", \d\d IPC namespaces, ", run(["status", "--all-namespaces"]).stdout.splitlines()[0])))
    by_pid = document(["list", "shm", f"--namespace={plain.pid}"])
    tap.say("--namespace takes a PID, too", check(
        [item["ref"] for item in by_pid["objects"]] == [f"shm:0@{plain.number}"], by_pid))
    own = document(["list", "pshm", "--all-namespaces"])
    mounted = scene["mounted"].number
    tap.say("a /dev/shm of a mount namespace is found", check(
        [item["size"] for item in own["objects"]
         if item["ref"] == f"pshm:/own@{mounted}"] == [8192], own))
    values = document(["list", "sem", "--all-namespaces"])
    tap.say("the semaphores are those of each", check(
        {item["namespace"]: [one["value"] for one in item["semaphores"]]
         for item in values["objects"] if item["namespace"] != home()} ==
        {one.number: [1 if name in MOVERS else 0, 0] for name, one in scene.items()
         if name != "bound"} | {scene["bound"].number: [1, 0]}, values["objects"]))


def test_backends(tap):
    """Both find the same namespaces with the same in them."""
    looks = [document(["list", "shm", "sem", "msg", "pshm", "psem", "mq", "--all-namespaces",
                       f"--backend={name}"]) for name in ("procfs", "bpf")]
    namespaces = [by_number(look) for look in looks]
    for look in namespaces:
        # Processes come and go, and one that may not be inspected is seen by bpf alone.
        for one in look.values():
            del one["processes"], one["pid"], one["command"], one["unit"]
    tap.say("both backends find the same namespaces", check(
        namespaces[0] == namespaces[1], *namespaces))
    tap.say("both backends find the same objects", check(
        looks[0]["objects"] == looks[1]["objects"] and looks[0]["objects"],
        [one for one in looks[0]["objects"] if one not in looks[1]["objects"]],
        [one for one in looks[1]["objects"] if one not in looks[0]["objects"]]))
    empty = Inhabitant(4096)
    # What is attached stays until it is detached.
    subprocess.run(["nsenter", f"--target={empty.pid}", "--ipc", "ipcrm", "--all"], check=True)
    seen = [by_number(document(["list", "shm", "sem", "msg", "--all-namespaces",
                                f"--backend={name}"]))[empty.number] for name in ("procfs", "bpf")]
    tap.say("both see what has become empty", check(
        [(one["shm"], one["sem"], one["msg"]) for one in seen] == [(1, 0, 0)] * 2, seen))
    empty.end()


MAKE_MANY = """
import ctypes, sys
libc = ctypes.CDLL(None)
for i in range(int(sys.argv[1])):
    libc.shmget(i + 1, 4096 * (i + 1), 0o1600)
    libc.semget(-i - 1, i % 7 + 1, 0o1640)
    libc.msgget(i + 1, 0o1666)
"""


def seen_within(number, pid, *words):
    """The objects of a namespace as its own, read from the files of /proc."""
    before = ["nsenter", f"--target={pid}", "--ipc"]
    objects = document(["list", "shm", "sem", "msg", "--backend=procfs", *words], before=before)
    for one in objects["objects"]:
        one["ref"] += f"@{number}"
    return objects["objects"]


def test_many(tap):
    """Few objects come in another way than many, with the same in them. 80 are what fits."""
    for count, what in ((20, "few objects"), (26, "as many as fit"), (27, "more than fit"),
                        (300, "many objects")):
        place = Inhabitant(4096)
        within = ["nsenter", f"--target={place.pid}", "--ipc"]
        subprocess.run([*within, "ipcrm", "--all"], check=True)
        subprocess.run([*within, sys.executable, "-c", MAKE_MANY, str(count)], check=True)
        wanted = seen_within(place.number, place.pid)
        seen = document(["list", "shm", "sem", "msg", f"--namespace={place.number}"])["objects"]
        # The segment that stays attached is one more.
        tap.say(f"{what} of another namespace are what they are in it", check(
            seen == wanted and len(seen) == 3 * count + 1, len(seen), len(wanted),
            [one for one in seen if one not in wanted][:3],
            [one for one in wanted if one not in seen][:3]))
        columns = ["-o", "ref,key,user,mode,size,nattch,nsems,used_bytes,max_bytes,changed_at"]
        table = run(["list", "shm", "sem", "msg", f"--namespace={place.number}", *columns])
        inside = run(["list", "shm", "sem", "msg", "--backend=procfs", *columns], before=within)
        tap.say(f"{what} by calls, too", check(
            words_of(table) == words_of(inside, f"@{place.number}"), table, inside))
        place.end()


def words_of(result, end=""):
    """The words of a table, its REFs with the end."""
    return re.sub(r"\b(shm|sem|msg):\d+", r"\g<0>" + end, result.stdout.decode()).split()


def users_of(ref, **options):
    answer = document(["who", ref], **options)
    return ({link["pid"] for link in answer["links"] if link["how"] == "mapped"},
            answer["accounting"])


def test_users(tap, scene):
    for name in ("plain", "twin", "user", "other user", "mounted"):
        one = scene[name]
        pids, accounting = users_of(f"shm:0@{one.number}")
        # The waiter is a child, and has inherited the attachment.
        tap.say(f"{name}: who has its segment", check(
            pids == {one.pid, one.waiter} and accounting[0]["found"] == 2 and
            accounting[0]["complete"], pids, accounting))
    everybody = document(["list", "shm", "-o", "+processes", "--all-namespaces"])
    tap.say("the same of all at once", check(
        all(sorted(item["processes"]) == sorted([scene[name].pid, scene[name].waiter])
            for item in everybody["objects"] for name in ("plain", "twin", "user")
            if item["ref"] == f"shm:0@{scene[name].number}"), everybody))
    queue = document(["who", f"mq:/jobs@{scene['twin'].number}"])
    tap.say("who has the queue of POSIX open", check(
        {link["pid"] for link in queue["links"]} ==
        {scene["twin"].pid, scene["twin"].waiter}, queue))


@functools.cache
def why_no_bpf():
    """Why programs inside of the kernel are not permitted here; empty where they are."""
    answer = document(["blocked", "--backend=bpf"])
    return "".join(issue["reason"] for issue in answer["issues"] if issue["subject"] == "bpf")


def attachments(answer, ref):
    """Who has it mapped, and what is said of the count."""
    count = next(one for one in answer["accounting"]
                 if one["object"] == ref and one["what"] == "attachments")
    pids = sorted(link["pid"] for link in answer["links"]
                  if link["object"] == ref and link["how"] == "mapped")
    return pids, count["found"], count["expected"], count["complete"], count["doubts"]


def test_moved(tap, scene):
    """Who has gone into another namespace, and has taken an attachment along."""
    for name in ("moved", "thread", "twice", "met"):
        one = scene[name]
        pids = sorted([one.pid, one.waiter])
        ref = f"shm:0@{one.number}"
        if why_no_bpf():
            tap.skip(f"{name}: it is found where it has gone", why_no_bpf())
        else:
            for words in (["who", ref], ["save", "--all-namespaces", "-"]):
                result = run([*words, *([] if "save" in words else ["--json"])])
                seen = attachments(json.loads(result.stdout), ref)
                tap.say(f"{name}: it is found where it has gone, by {words[0]}", check(
                    seen == (pids, 2, 2, True, []), pids, seen))
    ref = f"shm:0@{scene['moved'].number}"
    seen = attachments(document(["who", ref, "--backend=procfs"]), ref)
    tap.say("without bpf it is not said to be nobody", check(
        seen == ([scene["moved"].waiter], 1, 2, False, ["other-namespace"]), seen))
    answer = document(["list", "shm", "--all-namespaces", "--backend=procfs", "-o", "+processes"])
    tap.say("and bpf is not asked where it is not wanted", check(
        {one["ref"]: one["processes"] for one in answer["objects"]}.get(ref) ==
        [scene["moved"].waiter], answer))


def test_doubles(tap, scene):
    """Segments of the same id and key: each has those who attached it, and nobody else."""
    if why_no_bpf():
        tap.skip("doubles are told apart", why_no_bpf())
        return
    twice, met, visited = scene["twice"], scene["met"], scene["visited"]
    saved = json.loads(run(["save", "--all-namespaces", "-"]).stdout)
    for name, number, pids in (
            ("the one it came from", twice.number, [twice.pid, twice.waiter]),
            ("the one it has gone to", twice.now, [twice.pid]),
            ("one that another came to", visited.number, [visited.pid, visited.waiter]),
            ("the one of who came", met.number, [met.pid, met.waiter])):
        ref = f"shm:0@{number}"
        wanted = (sorted(pids), len(pids), len(pids), True, [])
        for way, answer in (("save", saved), ("who", document(["who", ref])),
                            ("who, in it", document(["who", "shm:0"], before=[
                                "nsenter", f"--target={met.pid}", "--ipc"]))):
            if way == "who, in it" and number != visited.number:
                continue
            seen = attachments(answer, "shm:0" if "in it" in way else ref)
            tap.say(f"{name} has its own, says {way}", check(seen == wanted, wanted, seen))
    counted = document(["ps", str(twice.pid), "--all-namespaces"])
    tap.say("ps has both of one process", check(
        {link["object"] for link in counted["links"] if link["how"] == "mapped"} ==
        {f"shm:0@{twice.number}", f"shm:0@{twice.now}"}, counted["links"]))


def test_waits(tap, scene):
    answer = document(["blocked", "--all-namespaces"])
    for name in ("plain", "twin", "user", "other user", "mounted"):
        one = scene[name]
        waits = [wait for wait in answer["waits"] if wait["pid"] == one.waiter]
        tap.say(f"{name}: who waits", check(
            [wait["object"] for wait in waits] == [f"sem:0@{one.number}"] and
            waits[0]["operation"] == "take", waits))
        holders = {link["pid"] for link in answer["links"]
                   if link["how"] == "holds" and link["object"] == f"sem:0@{one.number}"}
        unknown = [issue for issue in answer["issues"] if issue["aspect"] == "holders"]
        tap.say(f"{name}: who holds it", check(
            holders == {one.pid} or (unknown and not holders), holders, unknown))


def test_mapping(tap):
    """A namespace that nothing keeps but a segment which a process has taken along from there."""
    if why_no_bpf():
        tap.skip("one that a mapping keeps alone", why_no_bpf())
        return
    one = Inhabitant(53248, "--move")
    os.kill(one.waiter, signal.SIGKILL)
    while one.waiter_lives():
        time.sleep(0.01)
    answer = document(["namespaces"])
    found = by_number(answer).get(one.number, {})
    tap.say("one that a mapping keeps alone", check(
        (found.get("kept_by"), found.get("pid"), found.get("processes"), found.get("shm")) ==
        (["mapping"], one.pid, 0, None), answer["namespaces"]))
    tap.say("and that it cannot be looked at is said", expect(
        ["namespaces"], 0, rb".*IPC namespace %d.*no way leads there.*" % one.number))
    tap.say("the others are not said to be kept by mappings", check(
        [number for number, item in by_number(answer).items() if "mapping" in item["kept_by"]] ==
        [one.number], answer["namespaces"]))
    one.end()
    tap.say("it ends with the process", check(one.number not in by_number(document(["namespaces"]))))


def test_locks(tap):
    """Who has moved waits for a lock in the memory that was taken along, which one has who has not."""
    for way in ("--move", "--twice"):
        one = Inhabitant(49152, way, "--lock")
        ref = f"shm:0@{one.number}"
        deadline = time.monotonic() + 10
        while not (waits := [wait for wait in document(["blocked", "-A"])["waits"]
                             if wait["pid"] == one.pid and wait["operation"] == "futex"]) and \
                not why_no_bpf() and time.monotonic() < deadline:
            time.sleep(0.05)
        told = [(wait["object"], wait["released_by"], wait["flags"]) for wait in waits]
        if why_no_bpf():
            tap.skip(f"{way}: who waits for a lock elsewhere", why_no_bpf())
        else:
            tap.say(f"{way}: who waits for a lock elsewhere", check(
                told == [(ref, [one.waiter], ["mutex"])], ref, one.waiter, waits))
        if way == "--twice":
            one.end()
            continue
        answer = document(["blocked", "-A", "--backend=procfs"])
        unplaced = [issue["reason"] for issue in answer["issues"] if issue["aspect"] == "waits"]
        tap.say(f"{way}: without bpf that is an issue, and no wait", check(
            unplaced and not any(wait["pid"] == one.pid and wait["operation"] == "futex"
                                 for wait in answer["waits"]), answer["issues"]))
        one.end()


def test_limits(tap, scene):
    plain = scene["plain"]
    subprocess.run(["nsenter", f"--target={plain.pid}", "--ipc", "sh", "-c",
                    "echo 77 >/proc/sys/kernel/shmmni"], check=True)
    limits = {(one["namespace"], one["name"]): one
              for one in document(["limits", "--all-namespaces"])["limits"]}
    tap.say("each has its own limits", check(
        limits[plain.number, "shmmni"]["value"] == 77 and
        limits[scene["twin"].number, "shmmni"]["value"] != 77, limits))
    tap.say("and its own use of them", check(
        limits[plain.number, "shmmni"]["used"] == 1 and
        limits[home(), "shmmni"]["used"] > 1, limits))
    one = document(["namespaces", f"--namespace={plain.number}"])
    tap.say("a namespace is shown with them", check(
        {limit["namespace"] for limit in one["limits"] if limit["name"] != "rlimit_msgqueue"} ==
        {plain.number}, one["limits"]))


def test_saved(tap, scene):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "all")
        tap.say("a snapshot of all can be saved", expect(
            ["save", "--all-namespaces", path], 0, NO_PID_1))
        for words in (["list", "shm"], ["namespaces"],
                      ["show", f"shm:0@{scene['twin'].number}"]):
            live = run([*words, *([] if "show" in words or "namespaces" in words
                                  else ["--all-namespaces"])])
            saved = run([*words, "--from", path])
            tap.say(" ".join(words[:1]) + " from it is the same", check(
                saved.status == 0 and
                [line.split()[:3] for line in saved.stdout.splitlines()] ==
                [line.split()[:3] for line in live.stdout.splitlines()], live, saved))
        tap.say("--namespace does not go with a file", expect(
            ["list", "--from", path, "--namespace=5"], 2, rb"ipclens: --namespace: a file .*\n"))


def test_trace(tap, scene):
    """This program stays where it is, and makes nothing where it looks."""
    reason = is_permitted(["strace", "-e", "trace=setns", "true"])
    if reason or os.environ.get("IPCLENS_SANITIZED"):
        tap.skip("it never changes its own namespace",
                 reason or "strace cannot look into sanitized programs")
        return
    with tempfile.NamedTemporaryFile() as trace:
        done = run(["list", "--all-namespaces"], before=[
            "strace", "-f", "-qq", "-o", trace.name,
            "-e", "trace=setns,unshare,shmget,semget,msgget,mq_open,shmat,shmctl,clone,clone3,"
            "fork,vfork"])
        lines = trace.read().decode().splitlines()
    first = lines[0].split()[0]
    entered = [line for line in lines if "setns(" in line and " = 0" in line]
    tap.say("it never changes its own namespace", check(
        done.status == 0 and len(entered) >= len(scene) and
        not any(line.split()[0] == first for line in entered), lines))
    tap.say("nobody makes or attaches anything", check(
        not any(call in line for line in lines
                for call in ("unshare(", "get(", "mq_open(", "shmat(")), lines))


def test_permission(tap, scene):
    reason = why_no_other_user()
    if reason:
        tap.skip("what may not be entered is said", reason)
        return
    with accessible_copy() as program:
        result = run(["list", "shm", "--all-namespaces"], program=program, user=NOBODY)
        tap.say("what may not be seen is said", check(
            result.status == 0 and
            b"it may not be seen in which IPC namespace they are (denied)" in result.stderr,
            result))
        number = scene["plain"].number
        result = run(["list", "shm", f"--namespace={number}"], program=program, user=NOBODY)
        tap.say("one that is asked for and not seen is an error", check(
            result.status == 1 and str(number).encode() in result.stderr, result))
        mine = subprocess.Popen(["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}",
                                 "--clear-groups", accessible(INHABITANT, program), "12288",
                                 "--user"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                text=True)
        said = dict(word.split("=") for word in mine.stdout.readline().split())
        answer = document(["list", "shm", f"--namespace={said['namespace']}"], program=program,
                          user=NOBODY)
        tap.say("a user may enter what is his, and ids are those that he knows", check(
            [(one["size"], one["uid"], one["cuid"]) for one in answer["objects"]] ==
            [(12288, NOBODY, NOBODY)], answer))
        test_acts_of_owner(tap, program, said["namespace"])
        mine.stdin.close()
        mine.wait()


def test_few_descriptors(tap, number):
    """Where there are too few descriptors nothing is left out in silence."""
    wrong = []
    for most in range(4, 20):
        words = [IPCLENS, "list", "shm", "--json", f"--namespace={number}"]
        done = subprocess.run(words, env=ENVIRONMENT, capture_output=True, timeout=60, preexec_fn=lambda:
                              resource.setrlimit(resource.RLIMIT_NOFILE, (most, most)))
        answer = json.loads(done.stdout) if done.returncode == 0 else None
        if answer and not answer["objects"] and not answer["issues"]:
            wrong += [[f"limit {most}", str(done)]]
    tap.say("too few descriptors are told of", wrong)


def test_acts_of_owner(tap, program, number):
    """In a user namespace, where users have other numbers, objects are still told apart."""
    for kind in ("shm", "sem", "msg"):
        size = {"shm": ["--size=4096"], "sem": ["--nsems=1"], "msg": []}[kind]
        for words in (["make", kind, *size, "--key=0x77", f"--namespace={number}"],
                      ["remove", f"{kind}:0x77@{number}", "--force"]):
            result = run([*words, "--yes"], program=program, user=NOBODY)
            tap.say(f"{words[0]} {kind} in it", check(
                result.status == 0 and f"{kind}:".encode() in result.stdout, result))
    waiting = subprocess.Popen(["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}",
                                "--clear-groups", program, "receive", f"msg:0@{number}",
                                "--type=77", "--yes"])
    child = first_child(waiting.pid)
    waiting.kill()
    waiting.wait()
    tap.say("who waits in it ends with whom it serves", check(child and ends(child), child))


def first_child(pid):
    """The child that it has in a while; 0: none."""
    for _ in range(200):
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as children:
            found = children.read().split()
        if found and os.readlink(f"/proc/{found[0]}/ns/ipc") != os.readlink("/proc/self/ns/ipc"):
            return int(found[0])
        time.sleep(0.02)
    return 0


def ends(pid):
    """Whoever adopts it may leave a zombie of it, which has no namespaces."""
    for _ in range(200):
        try:
            os.readlink(f"/proc/{pid}/ns/ipc")
        except OSError:
            return True
        time.sleep(0.02)
    return False


def accessible(tool, program):
    """A copy of the tool beside that of the program, which other users may execute."""
    copy = pathlib.Path(program).parent / "inhabitant"
    copy.write_bytes(pathlib.Path(tool).read_bytes())
    copy.chmod(0o755)
    return str(copy)


def test_words(tap, scene):
    for words, status, said in (
            (["list", "--namespace=4026539999"], 1, rb"namespace 4026539999: no process, "),
            (["list", "--namespace=999999"], 1, rb"namespace 999999: there is no process with"),
            (["list", "--namespace=no-such.service"], 1, rb"namespace no-such.service: no con"),
            (["list", "--namespace="], 2, rb"--namespace takes a number, a PID or a name"),
            (["list", "--namespace=1", "-A"], 2, rb"--namespace is one, --all-namespaces are"),
            (["list", "--root=/", "-A"], 2, rb"--root: a recorded tree has the objects"),
            (["namespaces", "-o", "nonsense"], 2, rb'--columns: there is no field "nonsense"'),
            (["who", "shm:0@4026539999"], 1, rb"shm:0@4026539999: not found; it names an IPC"),
            (["show", "shm:0", "-A"], 1, rb"shm:0: it names more than one object; say which: "
             rb"(shm:0(@\d+)?, ){7}shm:0@\d+ and \d+ more\n"),
            (["who", f"shm:9@{scene['plain'].number}"], 1, rb"shm:9@\d+: not found")):
        tap.say(" ".join(words), expect(words, status, rb"ipclens: " + said + rb".*"))


def test_pids(tap, scene):
    """What a process has in a namespace that is not looked at is not said to be nothing."""
    plain = scene["plain"]
    said = (rb".*ipclens: incomplete: %d is in another IPC namespace, %d, whose objects were not "
            rb"looked at \(--namespace=%d\)\n" % (plain.pid, plain.number, plain.number))
    for words in (["ps", str(plain.pid)], ["ps", str(plain.pid), "--json"],
                  ["graph", str(plain.pid)]):
        tap.say(f"{' '.join(words)} in another namespace", expect(words, 0, said))
        tap.say("and not where that was looked at", expect(
            [*words, f"--namespace={plain.number}"], 0,
            rb"(?!.*in another IPC namespace).*"))


def test_graph(tap, scene):
    """A REF leads a graph into its namespace, as it leads the other looks."""
    plain, twin = scene["plain"], scene["twin"]
    answer = document(["graph", f"shm:0@{plain.number}", "--around", f"sem:0@{twin.number}",
                       "--depth=1"])
    nodes = {node["id"] for node in answer["nodes"]}
    tap.say("graph goes where its REFs are", check(
        {f"shm:0@{plain.number}", f"pid:{plain.pid}", f"sem:0@{twin.number}"} <= nodes and
        f"shm:0@{twin.number}" not in nodes, nodes))


def test_links(tap, folder):
    """Who makes a container chooses the links in it: they lead nowhere else."""
    victims, root = pathlib.Path(folder, "victims"), pathlib.Path(folder, "root")
    victims.mkdir()
    (root / "dev").mkdir(parents=True)
    (root / "dev" / "shm").symlink_to(victims)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", victims], check=True)
    (victims / "victim").write_bytes(b"not the container's")
    hostile = Inhabitant(4096, "--chroot", str(root))
    answer = document(["list", "shm", "pshm", "--all-namespaces"])
    refs = [item["ref"] for item in answer["objects"]]
    tap.say("a link of a container leads to nothing of ours", check(
        f"shm:0@{hostile.number}" in refs and not any("victim" in ref for ref in refs), refs))
    own = root / "shm of its own"
    own.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", own], check=True)
    hostile.end()
    (own / "inner").write_bytes(b"inner")
    (root / "dev" / "shm").unlink()
    (root / "dev" / "shm").symlink_to("/shm of its own")
    honest = Inhabitant(8192, "--chroot", str(root))
    answer = document(["list", "pshm", "--all-namespaces"])
    tap.say("but to what is its own", check(
        any(item["ref"] == f"pshm:/inner@{honest.number}" for item in answer["objects"]), answer))
    honest.end()
    subprocess.run(["umount", own, victims], check=True)


def test_vanishing(tap):
    """Namespaces that end while they are looked at are no error."""
    maker = subprocess.Popen(
        ["sh", "-c", "while :; do unshare --ipc ipcmk -M 4096 >/dev/null; done"],
        stdout=subprocess.DEVNULL)
    results = [run(["list", "shm", "--all-namespaces"]) for _ in range(40)]
    results += [run(["namespaces"]) for _ in range(20)]
    maker.kill()
    maker.wait()
    wrong = [result for result in results
             if result.status != 0 or b"enter" in result.stderr]
    tap.say("namespaces that end meanwhile are no error", check(not wrong, *wrong[:3]))


def main():
    enter("compat")
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "bound namespace")
        file.touch()
        scene = {"plain": Inhabitant(4096), "twin": Inhabitant(8192),
                 "user": Inhabitant(12288, "--user"),
                 "other user": Inhabitant(16384, "--user"),
                 "mounted": Inhabitant(20480, "--mount"),
                 "bound": Inhabitant(24576, "--bind", str(file)),
                 "moved": Inhabitant(28672, "--move"),
                 "thread": Inhabitant(32768, "--thread"),
                 "twice": Inhabitant(36864, "--twice"),
                 "visited": Inhabitant(45056)}
        scene["met"] = Inhabitant(40960, "--meet", str(scene["visited"].pid))
        scene["bound"].path = str(file)
        for test in (test_namespaces, test_lists, test_users, test_moved, test_doubles, test_waits, test_limits, test_saved,
                     test_trace, test_permission, test_words,
                     test_pids, test_graph):
            test(tap, scene)
        test_backends(tap)
        test_many(tap)
        test_descriptor(tap)
        test_mapping(tap)
        test_locks(tap)
        test_few_descriptors(tap, scene["plain"].number)
        test_links(tap, folder)
        test_vanishing(tap)
        for one in scene.values():
            one.end()
        subprocess.run(["umount", str(file)], check=True)
    tap.finish()


main()
