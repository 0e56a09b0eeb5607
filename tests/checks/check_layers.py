# SPDX-License-Identifier: GPL-2.0-or-later
"""check_layers.py SOURCE_ROOT: includes point only downward, and each layer keeps to its trade."""

import pathlib
import re
import sys

from checklist import Checklist, Tree, c_files, code_only

LIBRARY = {"base", "model", "enter", "collect", "store", "query", "act", "render", "lib"}
PARTS = {"collect", "store", "query", "act", "render"}
MAY_INCLUDE = {
    "base": set(),
    "model": {"base"},
    "enter": {"base", "model"},
    **{part: {"base", "model"} for part in PARTS},
    "collect": {"base", "model", "enter"},
    "act": {"base", "model", "enter"},
    "lib": {"base", "model"} | PARTS,
    "cli": LIBRARY | {"compat"},
    "compat": LIBRARY | {"cli"},
}
MAY_INCLUDE_PUBLIC_HEADER = {"lib", "cli", "compat"}

# Headers that only one trade has a use for.
RESERVED_HEADERS = [
    (re.compile(r"(sys/(shm|sem|msg|ptrace|mount)|mqueue|semaphore|linux/(mqueue|bpf|capability))\.h"),
     {"collect", "act"}, "touches the kernel"),
    (re.compile(r"json(-c/.*|)\.h|json-c"), {"store"}, "reads JSON"),
    (re.compile(r"libsmartcols.*"), {"render"}, "lays out tables"),
    (re.compile(r"bpf/.*"), {"collect"}, "loads programs into the kernel"),
    (re.compile(r"(pthread|threads)\.h"), {"base"}, "starts threads"),
]

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
ENDS_OR_PRINTS = re.compile(
    r"(?<![\w.>])(v?printf|puts|putchar|putc_unlocked|perror|psignal|exit|quick_exit|abort"
    r"|v?errx?|v?warnx?|error|stdout|stderr)(?=\s*\(|\s*[,;)])")
USED_AS_NAME = {"error", "err"}  # also the names of variables: only a call counts


def includes(path):
    """Yields (is a system header, name) of each include."""
    text = code_only(path.read_text(encoding="utf-8"), keep_strings=True)
    for match in INCLUDE.finditer(text):
        yield match.group(1) == "<", match.group(2)


def layer_of(root, path):
    return path.relative_to(root / "src").parts[0]


def upward_includes(root):
    for path in c_files(root, "src"):
        layer = layer_of(root, path)
        where = path.relative_to(root)
        if layer not in MAY_INCLUDE:
            yield f"{where}: {layer} is no layer that is known here"
            continue
        for is_system, name in includes(path):
            target = name.split("/")[0]
            if is_system:
                continue
            if name == "ipclens.h":
                if layer not in MAY_INCLUDE_PUBLIC_HEADER:
                    yield f"{where}: {layer} includes the public header"
            elif "/" in name:
                if target != layer and target not in MAY_INCLUDE[layer]:
                    yield f"{where}: {layer} includes {name}"
            elif not (path.parent / name).is_file():
                yield f"{where}: includes {name}, which is not beside it"


def misplaced_headers(root):
    for path in c_files(root, "src"):
        layer = layer_of(root, path)
        for is_system, name in includes(path):
            for pattern, allowed, trade in RESERVED_HEADERS:
                if is_system and pattern.fullmatch(name) and layer not in allowed:
                    yield (f"{path.relative_to(root)}: includes <{name}>, but only "
                           f"{' and '.join(sorted(allowed))} {trade}")


def prints_or_exits(root):
    for path in c_files(root, "src"):
        if layer_of(root, path) not in LIBRARY:
            continue
        text = code_only(path.read_text(encoding="utf-8"))
        for number, line in enumerate(text.splitlines(), 1):
            for match in ENDS_OR_PRINTS.finditer(line):
                word = match.group(1)
                is_call = line[match.end():].lstrip().startswith("(")
                if word in ("stdout", "stderr") or is_call:
                    yield f"{path.relative_to(root)}:{number}: the library uses {word}"


def fault(check, name, text):
    with Tree({name: text}) as root:
        return list(check(root))


def check_the_checks(checklist):
    checklist.expect_problem(
        "an upward include", fault(upward_includes, "src/base/a.c", '#include "model/kind.h"\n'),
        "base includes model/kind.h")
    checklist.expect_problem(
        "an include of a neighbour",
        fault(upward_includes, "src/query/a.c", '#include "store/store.h"\n'), "query includes")
    checklist.expect_problem(
        "the public header inside",
        fault(upward_includes, "src/store/a.c", '#include "ipclens.h"\n'), "public header")
    checklist.expect_problem(
        "a folder that is no layer", fault(upward_includes, "src/misc/a.c", ""), "no layer")
    checklist.expect_problem(
        "System V calls in a pure layer",
        fault(misplaced_headers, "src/query/a.c", "#include <sys/shm.h>\n"), "touches the kernel")
    checklist.expect_problem(
        "threads of a layer's own",
        fault(misplaced_headers, "src/collect/a.c", "#include <pthread.h>\n"), "starts threads")
    checklist.expect_problem(
        "a library that prints",
        fault(prints_or_exits, "src/model/a.c", "/* printf(x) */\nprintf(x);\n"), ":2:")
    checklist.expect_problem(
        "a library that exits", fault(prints_or_exits, "src/act/a.c", "\terr(1, x);\n"), "err")
    checklist.expect_problem(
        "a library that knows stderr",
        fault(prints_or_exits, "src/render/a.c", "\tfputs(x, stderr);\n"), "stderr")
    with Tree({"src/base/a.h": "", "src/base/a.c": '#include "a.h"\n',
               "src/cli/a.c": '#include "ipclens.h"\n#include "base/a.h"\nprintf(x);\n'
                              "exit(1);\n"}) as root:
        checklist.expect_none("a tidy tree passes",
                              [*upward_includes(root), *misplaced_headers(root),
                               *prints_or_exits(root)])


def main():
    root = pathlib.Path(sys.argv[1])
    checklist = Checklist()
    check_the_checks(checklist)
    checklist.expect_none("there are sources",
                          [] if len(c_files(root, "src")) > 20 else ["hardly any source found"])
    checklist.expect_none("includes point downward", upward_includes(root))
    checklist.expect_none("only collect and act touch the kernel, only base starts threads",
                          misplaced_headers(root))
    checklist.expect_none("the library neither prints nor exits", prints_or_exits(root))
    checklist.report()


main()
