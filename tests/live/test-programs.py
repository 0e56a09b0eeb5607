#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Users of real programs' segments: PostgreSQL, whose processes all have its segment attached."""

import glob
import json
import os
import shutil
import subprocess
import tempfile
import time

from live import Tap, enter, run, why_no_other_user

SERVER = 54321
CLIENTS = 4
TYPES = ("sysv", "mmap")


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

    def __init__(self, folder, shared_memory_type):
        self.folder = f"{folder}/{shared_memory_type}"
        self.type = shared_memory_type
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
                 "-c", f"dynamic_shared_memory_type={'sysv' if self.type == 'sysv' else 'mmap'}"],
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


def test_type(tap, folder, shared_memory_type):
    with Server(folder, shared_memory_type) as server:
        name = f"PostgreSQL, shared_memory_type={shared_memory_type}"
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
            answer["accounting"] == [{"object": segment["ref"], "found": len(pids),
                                      "expected": len(pids), "complete": True, "doubts": []}],
            answer["accounting"]))
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


def main():
    missing = [name for name in ("postgres", "initdb", "psql", "pgrep") if not find_program(name)]
    if missing:
        print(f"1..0 # SKIP there is no {', '.join(missing)}")
        return
    enter("empty")
    tap = Tap()
    if why_no_other_user():
        tap.skip("PostgreSQL", why_no_other_user())
    else:
        with tempfile.TemporaryDirectory(prefix="ipclens-postgres-") as folder:
            os.chmod(folder, 0o755)
            for shared_memory_type in TYPES:
                test_type(tap, folder, shared_memory_type)
    tap.finish()


main()
