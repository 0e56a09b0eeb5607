# SPDX-License-Identifier: GPL-2.0-or-later
"""check_symbols.py LIBRARY HEADER VERSION_SCRIPT

What the shared library exports, what its header declares and what its version script lists are
the same.
"""

import pathlib
import re
import subprocess
import sys

from checklist import Checklist, code_only

DECLARED = re.compile(r"\b(ipclens_\w+)\s*\(")


def exported(library):
    output = subprocess.check_output(["nm", "--dynamic", "--defined-only", library], text=True)
    symbols = (line.split() for line in output.splitlines())
    # "A" are the names of the versions themselves.
    return {words[-1].split("@")[0] for words in symbols if words[-2] != "A"}


def declared(header_text):
    """The functions of a header; those that are inline in it are no symbols of the library."""
    text = re.sub(r"^\s*#(?:.*\\\n)*.*$", "", code_only(header_text), flags=re.MULTILINE)
    text = re.sub(r'extern\s+"?\s*"?\s*\{', "", text)
    while re.search(r"\{[^{}]*\}", text):
        text = re.sub(r"\{[^{}]*\}", ";", text)
    names = set()
    for declaration in text.split(";"):
        found = DECLARED.search(declaration)
        if found and not re.search(r"\b(static|typedef)\b", declaration):
            names.add(found.group(1))
    return names


def listed(script_text):
    """The names under "global:"; a pattern stays as it is, and so is nobody's name."""
    text = code_only(re.sub(r"^\s*#.*$", "", script_text, flags=re.MULTILINE))
    names = set()
    for part in re.findall(r"global:(.*?)(?:local:|\})", text, re.DOTALL):
        names.update(name.strip() for name in part.split(";") if name.strip())
    return names


def differences(exports, declarations, listing):
    for name in sorted(exports | declarations | listing):
        missing = [where for where, names in (("exported by the library", exports),
                                              ("declared in the header", declarations),
                                              ("listed in the version script", listing))
                   if name not in names]
        if missing:
            yield f"{name}: not {', not '.join(missing)}"


HEADER = """
#define ipclens_macro(x) ipclens_other(x)
typedef int (*ipclens_callback)(void);
struct ipclens_thing;
/* ipclens_comment(x) */
int ipclens_a(struct ipclens_thing *thing,
              int (*each)(void *));
static inline int ipclens_inline(void) { return ipclens_b(1); }
"""
SCRIPT = """
IPCLENS_0 {
global:
	ipclens_a;
local:
	*;
};
IPCLENS_1 {
global:
	ipclens_b;
} IPCLENS_0;
"""


def check_the_check(checklist):
    checklist.expect_none("a header is read", [] if declared(HEADER) == {"ipclens_a"} else
                          [str(declared(HEADER))])
    checklist.expect_none("a version script is read",
                          [] if listed(SCRIPT) == {"ipclens_a", "ipclens_b"} else
                          [str(listed(SCRIPT))])
    three = {"a", "b", "c"}
    for what, problems, word in (
            ("an export that the header lacks", differences(three, {"a", "b"}, three), "c: not decl"),
            ("a declaration without a symbol", differences({"a", "b"}, three, three), "c: not exp"),
            ("an unlisted symbol", differences(three, three, {"a", "b"}), "c: not listed")):
        checklist.expect_problem(what, problems, word)


def main():
    library, header, script = (pathlib.Path(argument) for argument in sys.argv[1:4])
    checklist = Checklist()
    check_the_check(checklist)
    exports = exported(library)
    checklist.expect_none("something is exported", [] if exports else ["nothing"])
    checklist.expect_none("library, header and version script agree",
                          differences(exports, declared(header.read_text(encoding="utf-8")),
                                      listed(script.read_text(encoding="utf-8"))))
    checklist.report()


main()
