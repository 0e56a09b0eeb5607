#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""graph, in the scene "blocked": what it draws is what there is, Graphviz and Mermaid take it, rings
are marked, what is alike is one node, and no name breaks out of its label."""

import contextlib
import json
import mmap
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

from live import SOURCE, Tap, enter, expect, id_of, is_permitted, problem, run

sys.path.insert(0, str(SOURCE / "tests" / "tools"))
# pylint: disable=wrong-import-position
import mermaid_subset

WORKERS = 200
# Of a process's name the kernel keeps 15 bytes.
HOSTILE_COMMANDS = (b'"]; }', b"a --> b", b"`md`", b"two\nlines", b"%%{init}%%", b"<script>", b"\\N\\G\\",
                    b"x&lt;y", b"{{x}} [(y)]", b"#quot;", b"style:x #1;", b"\xff\xfe\x1b[31m")
HOSTILE_NAMES = (b'"]; } --> `', b'x" -> "y" [label="z"];', b"%%{init: {}}%%", b"<script>alert(1)<br>",
                 b"end\nend", b"back\\", b"#quot;#35;&quot;&amp;", b"classDef:#x;", b"|", b"\xff\xfe")
NEEDS_DOT = None if shutil.which("dot") else "dot is not installed"


def pid(name):
    return "pid:" + id_of("pid_" + name)


def check(condition, *lines):
    return [] if condition else [[str(line) for line in lines]]


def graph(*words):
    return json.loads(run(["graph", "--json", *words]).stdout)


def dot(text, language):
    return subprocess.run(["dot", "-T" + language], input=text, capture_output=True, check=False)


def plain(text):
    """Nodes by their names with what they show, and edges, as Graphviz has them."""
    done = dot(text, "plain")
    if done.returncode or done.stderr:
        raise ValueError(done.stderr.decode("utf-8", "backslashreplace"))
    lines = done.stdout.decode().split("\n")
    lines = [shlex.split(line, posix=True) for line in lines
             if line.startswith("node ") or line.startswith("edge ")]
    return ({line[1]: line[6] for line in lines if line[0] == "node"},
            [(line[1], line[2]) for line in lines if line[0] == "edge"])


def test_pictures(tap, what, *words, save=()):
    """All three say the same."""
    with tempfile.NamedTemporaryFile() as file:
        run(["save", file.name, *save])
        document = graph("--from", file.name, *words)
        picture = run(["graph", "--from", file.name, *words])
        chart = run(["graph", "--from", file.name, "--format=mermaid", *words])
    nodes, edges = len(document["nodes"]), len(document["edges"])
    read = mermaid_subset.read(chart.stdout.decode())
    tap.say(f"{what}: Mermaid's is what the JSON has",
            check((len(read.nodes), len(read.edges)) == (nodes, edges), len(read.nodes), nodes,
                  len(read.edges), edges))
    if NEEDS_DOT:
        tap.skip(f"{what}: Graphviz takes it", NEEDS_DOT)
        return document, read
    svg = dot(picture.stdout, "svg")
    tap.say(f"{what}: Graphviz takes it", check(
        svg.returncode == 0 and not svg.stderr and b"</svg>" in svg.stdout, svg.stderr))
    drawn, joined = plain(picture.stdout)
    tap.say(f"{what}: Graphviz's is what the JSON has", check(
        (len(drawn), len(joined)) == (nodes, edges), len(drawn), nodes, len(joined), edges))
    return document, read


def nodes_of(document):
    return {node["id"]: node for node in document["nodes"]}


def edges_of(document):
    return {(edge["from"], edge["to"], edge["how"]): edge for edge in document["edges"]}


def test_ring(tap, document, chart):
    array = "sem:" + id_of("sem_two")
    wanted = [(pid("two_0"), array, "waits"), (pid("two_1"), array, "waits"),
              (array, pid("two_0"), "holds"), (array, pid("two_1"), "holds")]
    if any(issue["aspect"] == "holders" for issue in document["issues"]):
        tap.skip("a deadlock is a ring, and marked", "who holds semaphores cannot be seen here")
        return
    edges, nodes = edges_of(document), nodes_of(document)
    tap.say("a deadlock is a ring, and marked", check(
        all(edges.get(edge, {}).get("in_cycle") for edge in wanted), edges.keys()))
    members = [array, pid("two_0"), pid("two_1")]
    tap.say("so are its nodes, which point to the finding", check(all(
        nodes[name]["in_cycle"] and "deadlock" in nodes[name]["codes"]
        and document["findings"][int(nodes[name]["findings"][0].split("/")[2])]["code"] == "deadlock"
        for name in members), *(nodes[name] for name in members)))
    red = [edge for edge in document["edges"] if edge["in_cycle"]]
    tap.say("as many edges are red", check(len(chart.red) == len(red), chart.red, red))
    tap.say("who only waits is in no ring", check(not nodes[pid("abandoned")]["in_cycle"]))


def test_names_in_picture(tap):
    if NEEDS_DOT:
        tap.skip("dot -Tplain knows nodes by their REFs", NEEDS_DOT)
        return
    array = "sem:" + id_of("sem_two")
    drawn, joined = plain(run(["graph", array, "--depth", "1"]).stdout)
    tap.say("dot -Tplain knows nodes by their REFs", check(
        set(drawn) == {array, pid("two_0"), pid("two_1")} and (pid("two_0"), array) in joined,
        drawn, joined))


def timeless(document):
    for edge in document["edges"]:
        edge["waited"] = None
    return document["nodes"], document["edges"], document["clusters"]


def test_saved(tap):
    words = ["sem:" + id_of("sem_three"), "msg:" + id_of("msg_type"), "--depth", "1"]
    with tempfile.NamedTemporaryFile() as file:
        run(["save", file.name])
        saved = timeless(graph("--from", file.name, *words))
    live = timeless(graph(*words))
    tap.say("a file gives the same picture", check(saved == live, saved, live))


def test_without_holders(tap):
    document = graph("--backend=procfs")
    tap.say("without bpf nobody is known to hold anything", check(
        not [edge for edge in document["edges"] if edge["how"] in ("holds", "takes-back")]
        and not [node for node in document["nodes"] if "deadlock" in node["codes"]]))


@contextlib.contextmanager
def children(count, function, *arguments):
    """Processes that call the function and then sleep, until it is over; their PIDs."""
    pids = []
    for i in range(count):
        told, tell = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(told)
            function(i, *arguments)
            os.close(tell)
            if function is as_worker:
                os.execvp("sleep", ["sleep", "1000"])
            os.read(0, 1)
            os._exit(0)
        os.close(tell)
        os.read(told, 1)
        os.close(told)
        pids.append(child)
    try:
        yield pids
    finally:
        for child in pids:
            os.kill(child, 9)
            os.waitpid(child, 0)


def as_worker(_):
    """It has inherited the pipe."""


def await_command(pids, command):
    """A child that has forked is not yet what it will execute."""
    for child in pids:
        while pathlib.Path(f"/proc/{child}/comm").read_bytes() != command + b"\n":
            time.sleep(0.01)


def test_workers(tap):
    reading, writing = os.pipe()
    os.set_inheritable(reading, True)
    inode = os.fstat(reading).st_ino
    with children(WORKERS, as_worker) as pids:
        await_command(pids, b"sleep")
        document, _ = test_pictures(tap, "workers", f"pipe:{inode}", "--depth", "1")
        apart = graph(f"pipe:{inode}", "--depth", "1", "--no-aggregate")
    os.close(reading)
    os.close(writing)
    workers = [node for node in document["nodes"] if node["command"] == "sleep"]
    tap.say(f"{WORKERS} workers are one node", check(
        [(node["count"], node["pids"]) for node in workers] == [(WORKERS, sorted(pids))], workers))
    tap.say("--no-aggregate keeps them apart", check(
        len([node for node in apart["nodes"] if node["command"] == "sleep"]) == WORKERS))


def as_hostile(i, keep):
    pathlib.Path("/proc/self/comm").write_bytes(HOSTILE_COMMANDS[i % len(HOSTILE_COMMANDS)])
    with open(b"/dev/shm/" + HOSTILE_NAMES[i % len(HOSTILE_NAMES)], "w+b") as file:
        file.truncate(4096)
        keep.append(mmap.mmap(file.fileno(), 4096))


def test_hostile(tap):
    blocking, hold = os.pipe()
    stdin = os.dup(0)
    os.dup2(blocking, 0)
    keep = []
    with children(len(HOSTILE_COMMANDS), as_hostile, keep) as pids:
        document, chart = test_pictures(tap, "hostile names", *map(str, pids), "--depth", "1")
        inside = run(["graph", *map(str, pids), "--depth", "1"])
    os.dup2(stdin, 0)
    for number in (blocking, hold, stdin):
        os.close(number)
    for name in HOSTILE_NAMES:
        os.unlink(b"/dev/shm/" + name)
    commands = {node["command"].encode("utf-8") for node in document["nodes"] if node["command"]}
    tap.say("each of them is there", check(
        len(commands) == len(HOSTILE_COMMANDS), commands))
    tap.say("a reader of Mermaid's sees them", check(
        any('"]; }' in text for _, text, _ in chart.nodes.values())
        and any("%%{init}%%" in text for _, text, _ in chart.nodes.values()),
        *chart.nodes.values()))
    if NEEDS_DOT:
        tap.skip("so does one of Graphviz's", NEEDS_DOT)
        return
    drawn, _ = plain(inside.stdout)
    tap.say("so does one of Graphviz's", check(
        any(text.startswith('"]; } ') for text in drawn.values())
        and any("x&lt;y" in text for text in drawn.values()), *drawn.values()))


def test_namespaces(tap):
    """A second world beside this one: each is a cluster, and its objects and processes stand in it."""
    reason = is_permitted(["unshare", "--ipc", "true"])
    if reason:
        tap.skip("namespaces are clusters", reason)
        return
    with subprocess.Popen(["unshare", "--ipc", os.environ["IPCLENS_CAST"], "users"],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as cast:
        while cast.stdout.readline() not in (b"\n", b""):
            pass
        other = os.stat(f"/proc/{cast.pid}/ns/ipc").st_ino
        document, chart = test_pictures(tap, "namespaces", "--all-namespaces",
                                        save=["--all-namespaces"])
        cast.stdin.close()
    here = os.stat("/proc/self/ns/ipc").st_ino
    clusters = {cluster["id"] for cluster in document["clusters"]}
    wrong = [node["id"] for node in document["nodes"] if node["kind"] in ("shm", "sem", "msg")
             and not (node["cluster"] or "").endswith(node["id"].partition("@")[2])]
    tap.say("namespaces are clusters", check(
        {f"namespace:{here}", f"namespace:{other}"} <= clusters and not wrong, clusters, wrong))
    tap.say("of Mermaid's, too", check(f"IPC namespace {other}" in chart.clusters.values(),
                                       chart.clusters))


def test_words(tap):
    for what, words, status, stderr in (
            ("an object that is not there", ["shm:4711"], 1, rb"ipclens: shm:4711: not found; .*\n"),
            ("a process that is not there", ["4194303"], 1, rb"ipclens: 4194303: no process .*\n"),
            ("no operand", ["--depth", "2"], 2, rb"ipclens: graph: --depth .*\n"),
            ("no format", ["--format=png"], 2, rb"ipclens: png: not a value of --format, .*\n")):
        tap.say(what, expect(["graph", *words], status, stderr, rb""))
    result = run(["graph"], stdout=open("/dev/full", "wb"))
    tap.say("a full disk is an error", [] if result.status == 1 else problem("graph", result))


def main():
    enter("blocked")
    tap = Tap()
    document, chart = test_pictures(tap, "the scene")
    test_ring(tap, document, chart)
    test_names_in_picture(tap)
    test_saved(tap)
    test_without_holders(tap)
    test_workers(tap)
    test_hostile(tap)
    test_namespaces(tap)
    test_words(tap)
    tap.finish()


main()
