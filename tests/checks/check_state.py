# SPDX-License-Identifier: GPL-2.0-or-later
"""check_state.py LIBRARY COMPILER...: the library has no variables that outlive a call."""

import pathlib
import subprocess
import sys

from checklist import Checklist, Tree

# Constant tables of pointers are in .data.rel.ro: written once, by the loader.
WRITABLE = (".data", ".bss", ".tdata", ".tbss", "*COM*", ".sdata", ".sbss")


# libbpf registers how programs are loaded once for all of a process, and calls back without a word
# of which load it is about: src/collect/bpf/bpf_programs.c.
NEEDED = ("registration", "loading")


def lasting_variables(file):
    output = subprocess.check_output(["nm", "--format=sysv", "--defined-only", file], text=True)
    for line in output.splitlines():
        columns = [column.strip() for column in line.split("|")]
        if len(columns) != 7:
            continue
        name, section = columns[0], columns[6].split(".rel.ro")
        base = section[0]
        if len(section) == 1 and any(base == one or base.startswith(one + ".") for one in WRITABLE):
            yield f"{name} ({columns[6]})"


def faulty_object(root, compiler):
    subprocess.check_call([*compiler, "-fPIC", "-c", root / "a.c", "-o", root / "a.o"])
    return root / "a.o"


def main():
    library, compiler = pathlib.Path(sys.argv[1]), sys.argv[2:]
    checklist = Checklist()
    source = "int counter = 1;\nstatic int calls;\nint next(void) { return calls++; }\n" \
             'const char *const names[] = {"constant"};\n'
    with Tree({"a.c": source}) as root:
        found = list(lasting_variables(faulty_object(root, compiler)))
        checklist.expect_problem("a variable", found, "counter")
        checklist.expect_problem("a static variable", found, "calls")
        checklist.expect_none("a constant table is none", [one for one in found if "names" in one])
    checklist.expect_none("the library keeps no state", (
        one for one in lasting_variables(library) if one.split()[0] not in NEEDED))
    checklist.report()


main()
