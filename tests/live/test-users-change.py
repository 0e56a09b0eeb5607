#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Processes that attach, end and start while they are looked at: never a crash, and never an answer
that says to be complete and is not."""

import itertools
import json
import os
import shutil
import subprocess
import tempfile
import time

from live import IS_SANITIZED, Tap, accessible_copy, enter, has_ended_well, id_of, problem, run, why_no_other_user

LIVE = os.path.join(os.environ["IPCLENS_BUILD"], "tests", "live")
CHURN, ATTACHER = os.path.join(LIVE, "attach-churn"), os.path.join(LIVE, "attacher")
TEN_LETTERS = 54322
SECONDS = 4
STRESS = ["stress-ng", "--quiet", "--timeout", str(SECONDS), "--shm-sysv", "1", "--sem-sysv", "1",
          "--msg", "1", "--temp-path", "/tmp"]
# Of each way to ask for users, this many answers have to be complete for the test to mean something.
# To save everything takes so long that the segment has changed most of the time.
LEAST_COMPLETE = 1 if IS_SANITIZED else 5


class Look:
    def __init__(self, words, **options):
        self.started = time.monotonic_ns()
        self.result = run(words, **options)
        self.ended = time.monotonic_ns()
        self.document = json.loads(self.result.stdout) if self.result.stdout else None


def shape_problems(document):
    """What has to be so in each document, whatever happened meanwhile."""
    problems = []
    named = {process["pid"] for process in document["processes"]}
    for count in document["accounting"]:
        if count["what"] != "attachments":
            continue
        links = [link for link in document["links"]
                 if link["object"] == count["object"] and link["how"] == "mapped"]
        is_whole = count["found"] == count["expected"] and not count["doubts"]
        if len(links) != count["found"] or count["complete"] != is_whole:
            problems.append([f"{count}", f"{links}"])
        # A process that shares an address space may have ended before it could be named.
        if not {link["pid"] for link in links} <= named:
            problems.append([f"{links}", f"only {named} are named"])
    return problems


class Truth:
    """What attach-churn wrote down."""

    def __init__(self, path):
        self.times, self.parents = {}, {}
        with open(path, encoding="ascii") as file:
            for line in file:
                event, pid, number = line.split()
                if event == "sharer":
                    self.parents[int(pid)] = int(number)
                else:
                    self.times.setdefault(int(pid), {})[event] = int(number)
        # A sharer has the segment from its first moment on, before it can write that down.
        for pid, parent in self.parents.items():
            self.times.setdefault(pid, {})["born"] = self.times[parent]["attached"]

    def space_of(self, pid):
        return self.parents.get(pid, pid)

    def problems(self, look, links):
        """links: those of an answer that says that it is complete."""
        spaces = [self.space_of(link["pid"]) for link in links]
        problems = [] if len(set(spaces)) == len(spaces) else [[f"a space twice: {links}"]]
        for link in links:
            for pid in (link["pid"], *link["shared_by"]):
                times = self.times.get(pid, {"born": look.ended + 1})
                if times["born"] > look.ended or times.get("gone", look.ended) < look.started:
                    problems.append([f"{pid} was not there", f"{times}"])
        for pid, times in self.times.items():
            was_attached = (times.get("attached", look.ended) < look.started
                            and times.get("leaving", look.ended + 1) > look.ended)
            if was_attached and self.space_of(pid) not in spaces:
                problems.append([f"{pid} is missing", f"{times}", f"{links}"])
        return problems


def links_of(look, ref):
    """None where the answer does not say that it is complete."""
    count = next(one for one in look.document["accounting"] if one["object"] == ref)
    if not count["complete"]:
        return None
    return [link for link in look.document["links"]
            if link["object"] == ref and link["how"] == "mapped"]


def test_churn(tap, folder, name, ways, **options):
    segment = subprocess.check_output([ATTACHER, "make"], text=True).strip()
    ref, log, looks = "shm:" + segment, f"{folder}/{name}", []
    os.chmod(folder, 0o755)
    with subprocess.Popen([CHURN, segment, log]) as churn:
        while not os.path.exists(log):
            time.sleep(0.01)
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            for way in ways:
                looks.append((way, Look([word.format(ref=ref) for word in way], **options)))
        churn.kill()
    subprocess.run([ATTACHER, "remove", segment], check=True)
    truth, problems, complete = Truth(log), [], {way: 0 for way in ways}
    for way, look in looks:
        if look.result.status != 0 or look.document is None:
            problems.append(problem(" ".join(way), look.result))
            continue
        problems += shape_problems(look.document)
        links = links_of(look, ref)
        if links is not None:
            complete[way] += 1
            problems += truth.problems(look, links)
    tap.say(f"{name}: what is said to be complete is true ({len(looks)} looks)", problems)
    if not options:
        tap.say(f"{name}: enough answers are complete", [
            [f"{' '.join(way)}: {count}"] for way, count in complete.items()
            if count < LEAST_COMPLETE and "who" in way])
    tap.say(f"{name}: there was something to see",
            [] if len(truth.times) > 20 and truth.parents else [[f"{len(truth.times)} processes"]])


def test_stress(tap):
    name = "under stress-ng"
    if not shutil.which("stress-ng"):
        tap.skip(name, "there is no stress-ng")
        return
    stress = subprocess.Popen(STRESS, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    problems, times = [], 0
    commands = (["ps"], ["ps", "--json"], ["list", "shm", "-o", "ref,nattch,processes"],
                ["save", "-"], ["who", "shm:" + id_of("shm_two"), "--json"],
                ["who", "shm:" + id_of("shm_two"), "sem:" + id_of("sem_past")])
    for words in itertools.cycle(commands):
        if stress.poll() is not None:
            break
        result = run(words)
        times += 1
        said = [line for line in result.stderr.splitlines()
                if not line.startswith(b"ipclens: incomplete: ")]
        if result.status != 0 or said or not result.stdout:
            problems.append(problem(" ".join(words), result))
        elif words[0] == "save":
            problems += shape_problems(json.loads(result.stdout))
        elif "--json" in words and words[0] == "who":
            document = json.loads(result.stdout)
            problems += shape_problems(document)
            if not document["accounting"][0]["complete"]:
                problems.append(["a segment that nobody else uses", f"{document['accounting']}"])
    if not has_ended_well(stress) or not times:
        problems.append([f"stress-ng ended with {stress.returncode}, after {times} answers"])
    tap.say(f"{name}: each command answers ({times} times)", problems)
    stress.stderr.close()


def main():
    enter("users")
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="ipclens-churn-") as folder:
        test_churn(tap, folder, "churn",
                   (("who", "{ref}", "--json"), ("save", "-"),
                    ("who", "{ref}", "shm:" + id_of("shm_moved"), "--json")))
        if why_no_other_user():
            tap.skip("churn, as an ordinary user", why_no_other_user())
        else:
            with accessible_copy() as program:
                test_churn(tap, folder, "churn, as an ordinary user", (("who", "{ref}", "--json"),),
                           program=program, user=TEN_LETTERS)
    test_stress(tap)
    tap.finish()


main()
