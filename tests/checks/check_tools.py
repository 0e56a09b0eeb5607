# SPDX-License-Identifier: GPL-2.0-or-later
"""check_tools.py SOURCE_ROOT: what clang-format and shellcheck say of the sources."""

import pathlib
import re
import shutil
import subprocess
import sys

from checklist import Checklist, Tree, c_files, project_files

# Other versions lay out some lines otherwise; this is Debian 12's.
CLANG_FORMAT_VERSION = "14"
SHELL = re.compile(r"#!\s*(/usr)?/bin/(env\s+)?(sh|bash|dash)\b")


def complaints(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return []
    return (done.stdout + done.stderr).strip().splitlines() or [f"{command[0]} failed"]


def badly_formatted(root, style):
    files = c_files(root, *[name for name in ("src", "include", "tests", "bench")
                            if (root / name).is_dir()])
    return complaints(["clang-format", "--dry-run", "-Werror", f"--style=file:{style}", *files])


def shell_scripts(root):
    for path in project_files(root):
        if path.suffix in (".sh", ".bash"):
            yield path
        elif path.suffix == "":
            with open(path, "rb") as file:
                if SHELL.match(file.readline(80).decode("utf-8", "replace")):
                    yield path


def questionable_scripts(root):
    return complaints(["shellcheck", "--format=gcc", *shell_scripts(root)])


def clang_format_version():
    output = subprocess.check_output(["clang-format", "--version"], text=True)
    return re.search(r"version (\d+)", output).group(1)


def main():
    root = pathlib.Path(sys.argv[1])
    style = root / ".clang-format"
    for tool in ("clang-format", "shellcheck"):
        if not shutil.which(tool):
            sys.exit(f"{tool} is not installed; ./dev test installs it")
    version = clang_format_version()
    if version != CLANG_FORMAT_VERSION:
        print(f"1..0 # SKIP clang-format is {version}, the sources are laid out by "
              f"{CLANG_FORMAT_VERSION}")
        return
    checklist = Checklist()
    with Tree({"src/a.c": "int  main( void ){return 0;}\n", "go.sh": "#!/bin/sh\nrm $1\n"}) as faulty:
        checklist.expect_problem("a badly laid out file", badly_formatted(faulty, style), "src/a.c")
        checklist.expect_problem("an unquoted variable", questionable_scripts(faulty), "SC2086")
    checklist.expect_none("C sources are laid out as ./dev format does", badly_formatted(root, style))
    checklist.expect_none("shellcheck has nothing to say", questionable_scripts(root))
    checklist.report()


main()
