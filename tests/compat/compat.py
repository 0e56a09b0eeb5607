# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of the drop-ins share: the judge, the namespaces, running and comparing, TAP.

A test is a script that calls enter(SCENE) and then lives inside of tests/tools/in-namespace, as
the command of tests/tools/cast.
"""

import contextlib
import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor

JUDGE_FOLDER = "/usr/bin"
JUDGE_VERSION = r"util-linux 2\.38\b"
# See in-namespace --names.
OTHER_USER = 54321

IPCLENS = os.environ["IPCLENS"]
IS_SANITIZED = bool(os.environ.get("IPCLENS_SANITIZED"))
CAST = os.environ["IPCLENS_CAST"]
IN_NAMESPACE = os.environ["IPCLENS_IN_NAMESPACE"]
_INSIDE = "COMPAT_INSIDE"

# The tests are about the C locale; times are local, and not those of UTC.
ENVIRONMENT = dict(os.environ, LC_ALL="C", TZ="HERE-5:30")


def judge(name):
    return os.path.join(JUDGE_FOLDER, name)


def _skip_all(reason):
    print(f"1..0 # SKIP {reason}")
    sys.exit(0)


def _why_no_judge(name):
    try:
        version = subprocess.run([judge(name), "-V"], capture_output=True, text=True).stdout
    except OSError as error:
        return f"{judge(name)}: {error.strerror}"
    if not re.search(JUDGE_VERSION, version):
        return f"{judge(name)} is not util-linux 2.38 but {version.strip() or 'nameless'}"
    return None


def enter(scene, *judges, options=("--names",)):
    """Goes on in the scene, or skips the whole test with its reason. options: of in-namespace."""
    if os.environ.get(_INSIDE):
        return
    for name in judges:
        reason = _why_no_judge(name)
        if reason:
            _skip_all(reason)
    probe = subprocess.run([IN_NAMESPACE, *options, "true"], capture_output=True, text=True)
    if probe.returncode == 77:
        _skip_all(probe.stderr.strip())
    os.environ[_INSIDE] = "yes"
    command = [IN_NAMESPACE, *options, CAST, scene, sys.executable, *sys.argv]
    sys.stdout.flush()
    os.execv(command[0], command)


def id_of(name):
    """The id that the cast gave to the object."""
    return os.environ["CAST_" + name]


class Result:
    """What can be seen of a command that was run."""

    def __init__(self, status, stdout, stderr):
        self.status = status
        self.stdout = stdout
        self.stderr = stderr


_files = threading.local()


def _scratch():
    """Two empty files of this thread; they are faster than pipes."""
    if not hasattr(_files, "pair"):
        _files.pair = tempfile.TemporaryFile(), tempfile.TemporaryFile()
    for file in _files.pair:
        file.seek(0)
        file.truncate()
    return _files.pair


def _content(file):
    file.seek(0)
    return file.read().decode("utf-8", "backslashreplace")


def run(command, user=None, environment=None):
    stdout, stderr = _scratch()
    identity = {} if user is None else {"user": user, "group": user, "extra_groups": []}
    child = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr,
        close_fds=False, env=environment or ENVIRONMENT, **identity)
    return Result(child.wait(), _content(stdout), _content(stderr))


def why_no_strace():
    """None where answers of the kernel can be made up."""
    if IS_SANITIZED:
        return "strace cannot look into a sanitized program"
    return None if shutil.which("strace") else "strace is not installed"


@contextlib.contextmanager
def accessible_copy():
    """A copy of the program that each user can run; the build folder may be private."""
    with tempfile.TemporaryDirectory(prefix="ipclens-compat-") as folder:
        os.chmod(folder, 0o755)
        yield shutil.copy(IPCLENS, folder)


@contextlib.contextmanager
def link_named(name):
    """The program under the name of a drop-in."""
    with tempfile.TemporaryDirectory(prefix="ipclens-compat-") as folder:
        link = os.path.join(folder, name)
        os.symlink(IPCLENS, link)
        yield link


def why_no_other_user():
    """None where there are other users; a user namespace may have a single one."""
    with open("/proc/self/uid_map", encoding="ascii") as file:
        counts = [int(line.split()[2]) for line in file]
    return "this user namespace has one user only" if counts == [1] else None


def differences(theirs, ours, has_own_words=False):
    """Lines that say how the results differ; none where they are the same.

    has_own_words: help and version, which only have to be there.
    """
    lines = []
    if theirs.status != ours.status:
        lines.append(f"exit status {ours.status} instead of {theirs.status}: {ours.stderr.strip()}")
    if bool(theirs.stderr) != bool(ours.stderr):
        lines.append(f"stderr is {ours.stderr!r} instead of {theirs.stderr!r}")
    if has_own_words:
        if bool(theirs.stdout) != bool(ours.stdout):
            lines.append(f"stdout is {ours.stdout!r} instead of {theirs.stdout!r}")
    elif theirs.stdout != ours.stdout:
        lines += difflib.unified_diff(
            theirs.stdout.split("\n"), ours.stdout.split("\n"), "theirs", "ours", lineterm="")
    return lines


def run_changing(program, arguments, scene="empty", user=None, tail="ipcs"):
    """Runs "PROGRAM ARGUMENTS" (for the shell) in an IPC namespace of its own with the scene.

    stdout ends with the exit status and with what is left of the scene according to the judge.
    """
    script = f"""
        said=$({program} {arguments} 2>&1 >&3)
        echo "status $?"
        [ -z "$said" ] || echo complained
        {judge(tail) if tail == "ipcs" else tail}
    """
    identity = [] if user is None else [
        "setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
    command = ["unshare", "--ipc", CAST, scene, *identity, "sh", "-c", f"exec 3>&1; {script}"]
    return run(command)


def in_parallel(function, items):
    with ThreadPoolExecutor(max_workers=2) as pool:
        return list(pool.map(function, items))


class Tap:
    """Says ok or not ok for each test, and why."""

    def __init__(self):
        self.count = 0
        self.has_failures = False

    def say(self, name, problems):
        """One test; it passes where there are no problems (lists of lines)."""
        self.count += 1
        print(f"{'not ok' if problems else 'ok'} {self.count} - {name}")
        for problem in problems[:5]:
            print("# " + "\n# ".join(problem))
        if len(problems) > 5:
            print(f"# and {len(problems) - 5} more")
        self.has_failures |= bool(problems)
        sys.stdout.flush()

    def skip(self, name, reason):
        self.count += 1
        print(f"ok {self.count} - {name} # SKIP {reason}")

    def finish(self):
        print(f"1..{self.count}")
        sys.exit(1 if self.has_failures else 0)
