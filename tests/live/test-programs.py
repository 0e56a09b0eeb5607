#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Users of what real programs have: PostgreSQL, whose processes all have its memory, a log that is
written into a FIFO, and stress-ng, under which every look goes on."""

import glob
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

from live import IS_SANITIZED, Tap, enter, has_ended_well, problem, run, why_no_other_user

SERVER = 54321
CLIENTS = 4
# shared_memory_type, and the dynamic_shared_memory_type with it; the last are the usual ones.
TYPES = (("sysv", "sysv"), ("mmap", "mmap"), ("mmap", "posix"))
STRESS_SECONDS = 20
STRESS = ["stress-ng", "--quiet", "--timeout", str(STRESS_SECONDS), "--shm", "1", "--shm-sysv", "1",
          "--shm-sysv-bytes", "1M", "--sem-sysv", "1", "--msg", "1", "--mq", "1", "--pipe", "1"]
LEAST_LOOKS = 25 if IS_SANITIZED else 100
KINDS = ("shm", "sem", "msg", "pshm", "psem", "mq", "pipe", "fifo", "map")
# What comes and goes may be said to have gone.
GONE = re.compile(rb"(ipclens: incomplete: [^\n]+ \((gone|unsupported)\)\n)*")


def find_program(name):
    """Debian has the server's programs in a folder for each version."""
    of_debian = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"))
    return of_debian[-1] if of_debian else shutil.which(name)


def document(words, **options):
    return json.loads(run([*words, "--json"], **options).stdout)


def check(condition, *lines):
    return [] if condition else [[str(line) for line in lines]]


def wait_until(condition):
    for _ in range(1000):
        if condition():
            return
        time.sleep(0.02)
    raise TimeoutError(str(condition))


class Server:
    """A new cluster in the folder, as an ordinary user."""

    def __init__(self, folder, shared_memory_type, dynamic_type):
        self.folder = f"{folder}/{shared_memory_type}-{dynamic_type}"
        self.type, self.dynamic_type = shared_memory_type, dynamic_type
        self.clients = []
        os.mkdir(self.folder)
        os.chown(self.folder, SERVER, SERVER)
        self.identity = {"user": SERVER, "group": SERVER, "extra_groups": [],
                         "cwd": self.folder, "env": {"PATH": os.environ["PATH"], "LC_ALL": "C"}}

    def __enter__(self):
        data = f"{self.folder}/data"
        subprocess.run([find_program("initdb"), "--no-sync", "--auth=trust", "--username=test",
                        data], check=True, capture_output=True, **self.identity)
        with open(f"{self.folder}/log", "wb") as log:
            self.process = subprocess.Popen(
                [find_program("postgres"), "-D", data, "-k", self.folder, "-c", "listen_addresses=",
                 "-c", f"shared_memory_type={self.type}", "-c", "fsync=off", "-c", "autovacuum=off",
                 "-c", f"dynamic_shared_memory_type={self.dynamic_type}"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, **self.identity)
        wait_until(lambda: self.ask("SELECT 1").returncode == 0)
        self.clients = [subprocess.Popen([*self.psql(), "-c", "SELECT pg_sleep(1000)"],
                                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                         stderr=subprocess.DEVNULL, **self.identity)
                        for _ in range(CLIENTS)]
        wait_until(lambda: self.count_sleepers() == CLIENTS)
        # The backends of those who asked end a little later than their clients.
        wait_until(lambda: self.pids() == (time.sleep(0.2), self.pids())[1])
        return self

    def __exit__(self, *_):
        self.process.kill()
        for child in (self.process, *self.clients):
            child.kill()
            child.wait()

    def psql(self):
        return [find_program("psql"), "-X", "-q", "-t", "-A", "-h", self.folder, "-U", "test",
                "postgres"]

    def ask(self, query):
        return subprocess.run([*self.psql(), "-c", query], capture_output=True, text=True,
                              check=False, **self.identity)

    def count_sleepers(self):
        answer = self.ask("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sl%'")
        return int(answer.stdout or 0)

    def pids(self):
        """The postmaster, and its children."""
        own = str(self.process.pid)
        children = subprocess.run(["pgrep", "-P", own], capture_output=True, text=True,
                                  check=False).stdout.split()
        return sorted(int(pid) for pid in (own, *children))


def test_type(tap, folder, shared_memory_type, dynamic_type):
    with Server(folder, shared_memory_type, dynamic_type) as server:
        name = f"PostgreSQL, shared memory {shared_memory_type}, dynamic {dynamic_type}"
        if dynamic_type == "posix":
            test_usual(tap, server, name)
        pids = server.pids()
        segments = [thing for thing in document(["list", "shm", "-o", "ref,processes"])["objects"]
                    if thing["uid"] == SERVER and thing["nattch"]]
        # Under load others come and go; the largest is the one that all have.
        segment = max(segments, key=lambda thing: thing["size"])
        tap.say(f"{name}: it has enough processes", check(len(pids) > CLIENTS + 4, pids))
        tap.say(f"{name}: list has them all", check(segment["processes"] == pids, segment, pids))
        answer = document(["who", segment["ref"]])
        mapped = [link["pid"] for link in answer["links"] if link["how"] == "mapped"]
        tap.say(f"{name}: who has them all", check(mapped == pids, mapped, pids))
        tap.say(f"{name}: and knows that", check(
            [(count["object"], count["found"], count["expected"], count["complete"],
              count["doubts"]) for count in answer["accounting"]]
            == [(segment["ref"], len(pids), len(pids), True, [])], answer["accounting"]))
        line = run(["list", "shm", "-n", "-o", "ref,processes"]).stdout.decode()
        wanted = f"{segment['ref']} postgres {' '.join(map(str, pids))}"
        tap.say(f"{name}: list names them",
                check(wanted in [" ".join(row.split()) for row in line.splitlines()], line, wanted))
        processes = {process["pid"]: process for process in document(["ps"])["processes"]}
        tap.say(f"{name}: ps has them all, with their user", check(
            all(processes.get(pid, {}).get("uid") == SERVER for pid in pids), processes))
        created = [link for link in answer["links"] if link["how"] == "created"]
        tap.say(f"{name}: the postmaster created it", check(
            [(link["pid"], link["state"]) for link in created]
            == [(server.process.pid, "alive")], created))
        if shared_memory_type == "sysv":
            test_crash(tap, server, name, segment["ref"])


def clean_outcome(ref, *words):
    answer = json.loads(run(["clean", "shm", "--older-than", "0", "--include-likely", *words,
                             "--json"]).stdout)
    return next((one["outcome"] for one in answer["actions"] if one["object"] == ref), None)


def has_ended(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rpartition(") ")[2][0] == "Z"
    except OSError:
        return True


def test_crash(tap, server, name, ref):
    """The postmaster is killed; one backend lives on, stopped, so that it does not notice."""
    pids = server.pids()
    backend = pids[-1]
    os.kill(backend, signal.SIGSTOP)
    server.process.kill()
    server.process.wait()
    wait_until(lambda: all(has_ended(pid) for pid in pids if pid != backend))
    tap.say(f"{name}: after a crash, while a backend lives, its segment is not called unused",
            check(clean_outcome(ref) is None, clean_outcome(ref)))
    os.kill(backend, signal.SIGKILL)
    wait_until(lambda: has_ended(backend))
    tap.say(f"{name}: when all have ended, it is likely unused", check(
        clean_outcome(ref) == "planned", clean_outcome(ref)))
    tap.say(f"{name}: and can be removed", check(
        clean_outcome(ref, "--yes") == "done" and clean_outcome(ref) is None))


def maps_file(pid, name):
    with open(f"/proc/{pid}/maps", encoding="utf-8", errors="replace") as file:
        return any(line.endswith(f" /dev/shm{name}\n") for line in file)


def test_usual(tap, server, name):
    """With its usual settings, its memory is inherited and has no name; more is in /dev/shm."""
    pids = server.pids()
    maps = [thing for thing in document(["list", "map"])["objects"]
            if thing["processes"] and thing["processes"][0] == server.process.pid]
    tap.say(f"{name}: its main memory has all its processes", check(
        len(maps) == 1 and maps[0]["processes"] == pids, pids, maps))
    links = document(["who", maps[0]["ref"]])["links"] if maps else []
    tap.say(f"{name}: each maps as much of it", check(
        [link["pid"] for link in links] == pids and len({link["length"] for link in links}) == 1
        and links[0]["length"] > 1 << 20, links))
    files = [thing for thing in document(["list", "pshm", "-o", "processes"])["objects"]
             if thing["uid"] == SERVER]
    truth = [[pid for pid in pids if maps_file(pid, thing["name"])] for thing in files]
    tap.say(f"{name}: its objects in /dev/shm have those that map them", check(
        pids in truth and [thing["processes"] for thing in files] == truth
        and all(thing["ref"].startswith("pshm:/PostgreSQL.") for thing in files), truth, files))
    row = run(["list", "map", "-n", "-o", "ref,processes"]).stdout.decode()
    wanted = f"postgres {' '.join(map(str, pids))}"
    tap.say(f"{name}: they are named together", check(wanted in row, row, wanted))


def test_log(tap, folder):
    """As a logger that reads what others write into its FIFO."""
    path = f"{folder}/log"
    os.mkfifo(path)
    script = 'exec 3>"$0"; while echo "a line of the log" >&3; do sleep 0.05; done'
    with subprocess.Popen(["cat", path], stdout=subprocess.DEVNULL) as reader:
        wait_until(lambda: run(["who", f"fifo:{path}"]).stdout.count(b"opening"))
        tap.say("a reader of a FIFO waits until there is a writer", check(
            [(link["pid"], link["how"], link["access"])
             for link in document(["who", f"fifo:{path}"])["links"]]
            == [(reader.pid, "opening", ["read"])]))
        with subprocess.Popen(["sh", "-c", script, path]) as writer:
            wait_until(lambda: all(ends_of(path)))
            # What it starts has inherited the end, for as long as it lives.
            readers, writers = ends_of(path)
            tap.say("then both are shown at their ends", check(
                readers == [reader.pid] and writers[0] == writer.pid, readers, writers))
            answer = document(["ps", str(reader.pid)])["process_totals"]
            tap.say("and ps knows who the other is", check(
                writer.pid in answer[0]["peers"], answer))
            writer.kill()
        # Without a writer, the reader has read all.
        reader.wait()
        tap.say("once they have ended nobody is", check(ends_of(path) == ([], []), ends_of(path)))


def ends_of(path):
    thing = document(["who", f"fifo:{path}"])["objects"][0]
    return thing["readers"], [pid for pid in thing["writers"] if command_of(pid) != "sleep"]


def command_of(pid):
    try:
        with open(f"/proc/{pid}/comm", encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return "sleep"


def untrue(answer):
    """Accountings that are said to be complete, and are not."""
    return [count for count in answer.get("accounting", [])
            if count["complete"] and (count["found"] != count["expected"] or count["doubts"])]


def stress_looks():
    looks = [["list"], ["list", "--json"], ["status"], ["status", "--json"], ["ps"],
             ["ps", "--json"], ["save", "-"], ["limits"], ["blocked"], ["blocked", "--json"]]
    for kind in KINDS:
        words = ["list", kind] if kind in ("sem", "msg") else ["list", kind, "-o", "+processes"]
        looks += [words, [*words, "--json"]]
    looks += [["list", "pipe", "fifo", "mq", "--fill"]]
    for kind in KINDS:
        refs = [thing["ref"] for thing in document(["list", kind])["objects"]
                if "\x00" not in thing["ref"]][:2]
        looks += [[command, ref, *words] for ref in refs for command in ("who", "show")
                  for words in ((), ("--json",))]
    pids = [process["pid"] for process in document(["ps"])["processes"]]
    return looks + [["ps", str(pid)] for pid in pids[-3:]]


def look_once(words):
    """Problems of one look while everything comes and goes; and how many accountings it has."""
    result = run(words)
    was_there = words[0] in ("who", "show") or (words[0] == "ps" and len(words) > 1)
    is_well = result.status == 0 or (result.status == 1 and was_there)
    if not is_well or (not was_there and not GONE.fullmatch(result.stderr)):
        return [problem(" ".join(words), result)], 0
    if result.status or not ("--json" in words or "save" in words):
        return [], 0
    answer = json.loads(result.stdout)
    return [[str(count)] for count in untrue(answer)], len(answer.get("accounting", []))


def test_stress(tap):
    name = "under stress-ng every look answers, and claims nothing that is not so"
    if not shutil.which(STRESS[0]):
        tap.skip(name, "there is no stress-ng")
        return
    problems, looked, counted = [], 0, 0
    with tempfile.TemporaryDirectory() as folder, \
            subprocess.Popen([*STRESS, "--temp-path", folder]) as stress:
        time.sleep(0.5)
        while stress.poll() is None:
            for words in stress_looks():
                found, count = look_once(words)
                problems, looked, counted = problems + found, looked + 1, counted + count
                if stress.poll() is not None:
                    break
        if not has_ended_well(stress) or looked < LEAST_LOOKS or not counted:
            problems.append([f"stress-ng: {stress.returncode}; {looked} looks, {counted} counts"])
    tap.say(name, problems)


def test_postgres(tap):
    missing = [name for name in ("postgres", "initdb", "psql", "pgrep") if not find_program(name)]
    reason = f"there is no {', '.join(missing)}" if missing else why_no_other_user()
    if reason:
        tap.skip("PostgreSQL", reason)
        return
    with tempfile.TemporaryDirectory(prefix="ipclens-postgres-") as folder:
        os.chmod(folder, 0o755)
        for types in TYPES:
            test_type(tap, folder, *types)


def main():
    enter("empty")
    tap = Tap()
    test_postgres(tap)
    with tempfile.TemporaryDirectory(prefix="ipclens-log-") as folder:
        test_log(tap, folder)
    test_stress(tap)
    tap.finish()


main()
