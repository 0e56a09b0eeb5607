# SPDX-License-Identifier: GPL-2.0-or-later
"""check_schema.py IPCLENS SOURCE_ROOT

docs/ipclens-1.schema.json is what "ipclens __schema" prints: each field that is added is in it.
"""

import difflib
import json
import pathlib
import subprocess
import sys

from checklist import Checklist


def differences(printed, document):
    """The lines in which the two differ, without what surrounds them."""
    for line in difflib.unified_diff(document.splitlines(), printed.splitlines(), n=0,
                                     lineterm=""):
        if line[0] in "+-" and line[:3] not in ("+++", "---"):
            yield f"{'missing' if line[0] == '+' else 'too much'}: {line[1:].strip()}"


def why_no_json(text):
    try:
        json.loads(text)
    except ValueError as error:
        yield str(error)


def main():
    ipclens, root = sys.argv[1:3]
    printed = subprocess.run([ipclens, "__schema"], stdout=subprocess.PIPE, text=True,
                             encoding="utf-8", check=True).stdout
    document = (pathlib.Path(root) / "docs" / "ipclens-1.schema.json").read_text(encoding="utf-8")
    checklist = Checklist()
    first = printed.splitlines()[1]
    checklist.expect_problem("a line that is missing",
                             differences(printed, document.replace(first + "\n", "", 1)), "missing")
    checklist.expect_problem("a line too much",
                             differences(printed.replace(first + "\n", "", 1), document),
                             "too much")
    checklist.expect_problem("what is no JSON", why_no_json(document[1:]), "")
    checklist.expect_none("what is printed is JSON", why_no_json(printed))
    checklist.expect_none("docs/ipclens-1.schema.json is what \"ipclens __schema\" prints",
                          differences(printed, document))
    checklist.report()


main()
