# SPDX-License-Identifier: GPL-2.0-or-later
"""The part of Mermaid's language that "ipclens graph --format=mermaid" prints, and nothing beyond it.

Much stricter than Mermaid: in a label nothing is taken but what means nothing to Mermaid, to Markdown
and to HTML. What is read here was compared with Mermaid's own parser (see CONTRIBUTING.md).
"""

import re

# A byte that could mean something stands there as its number.
LABEL = r'"((?:[A-Za-z0-9 ,.:/+=?!\-]|[^\x00-\x9f]|#[0-9]{1,3};|<br/>)*)"'
SHAPES = {("[", "]"): "process", ("[(", ")]"): "memory", ("{{", "}}"): "semaphore",
          ("[/", "/]"): "queue", ("([", "])"): "pipe"}
NODE = re.compile(r' {2,6}(n\d+)(\[\(|\[/|\[|\{\{|\(\[)' + LABEL + r'(\)\]|/\]|\]\)|\]|\}\})')
EDGE = re.compile(r'  (n\d+) (==>|-\.->|<-->|-->|---)(?:\|' + LABEL + r'\|)? (n\d+)')
BEGIN = re.compile(r' {2,4}subgraph (c\d+)\[' + LABEL + r'\]')
END = re.compile(r' {2,4}end')
COMMENT = re.compile(r'  %% (?:[A-Za-z0-9 ,.:/+=?!\-]|[^\x00-\x9f]|#[0-9]{1,3};)+')
CLASS_DEF = re.compile(r'  classDef ([a-z]+) [a-z\-]+:[#a-z0-9]+(?:,[a-z\-]+:[#a-z0-9]+)*')
CLASS = re.compile(r'  class (n\d+(?:,n\d+)*) ([a-z]+)')
LINK_STYLE = re.compile(r'  linkStyle (\d+(?:,\d+)*) stroke:#[0-9a-f]{6},stroke-width:\d+px')
# Mermaid takes the last semicolon of such a line for that of a style.
STYLE = re.compile(r'(?:style.*:\S*#.*;)|(?:classDef.*:\S*#.*;)')
# What is more than emphasis in Markdown: an item, a heading, code, an address.
MARKDOWN = re.compile(r"^[-+= ]|^[0-9]+\.|www\.|://", re.IGNORECASE)


def text_of(label):
    """What a reader sees."""
    for line in label.split("<br/>"):
        if MARKDOWN.search(line):
            raise ValueError(f"Markdown: {line!r}")
    return re.sub("#([0-9]+);", lambda match: chr(int(match[1])), label.replace("<br/>", "\n"))


class Chart:
    def __init__(self):
        self.nodes, self.edges, self.clusters = {}, [], {}
        self.classes, self.defined, self.red = {}, set(), set()
        self.open = []

    def add_node(self, name, opening, label, closing):
        if name != f"n{len(self.nodes)}" and name in self.nodes:
            raise ValueError(f"{name} is there twice")
        if (opening, closing) not in SHAPES:
            raise ValueError(f"{name}: {opening} and {closing} do not fit")
        self.nodes[name] = (SHAPES[opening, closing], text_of(label),
                            self.open[-1] if self.open else None)

    def add_edge(self, start, arrow, label, end):
        if not {start, end} <= set(self.nodes):
            raise ValueError(f"{start} {arrow} {end}: there is no such node")
        self.edges.append((start, arrow, text_of(label or ""), end))

    def begin(self, name, label):
        if name in self.clusters:
            raise ValueError(f"{name} is there twice")
        self.clusters[name] = text_of(label)
        self.open.append(name)

    def end(self):
        if not self.open:
            raise ValueError("an end of nothing")
        self.open.pop()

    def add_class(self, names, name):
        if name not in self.defined:
            raise ValueError(f"class {name} was not defined")
        for node in names.split(","):
            if node not in self.nodes:
                raise ValueError(f"class of {node}, which is no node")
            self.classes[node] = name

    def add_red(self, numbers):
        self.red |= {int(number) for number in numbers.split(",")}
        if max(self.red) >= len(self.edges):
            raise ValueError("a style of an edge that is not there")

    def add_line(self, line):
        for form, add in ((COMMENT, lambda: None), (NODE, self.add_node), (EDGE, self.add_edge),
                          (BEGIN, self.begin), (END, self.end), (CLASS_DEF, self.defined.add),
                          (CLASS, self.add_class), (LINK_STYLE, self.add_red)):
            match = form.fullmatch(line)
            if match:
                add(*match.groups())
                return
        raise ValueError(f"no line of a chart: {line!r}")


def read(text):
    """The chart; ValueError says what is wrong."""
    lines = text.split("\n")
    chart = Chart()
    if lines[0] != "flowchart LR" or lines[-1]:
        raise ValueError("it does not begin or end as a chart")
    for line in lines[1:-1]:
        if STYLE.search(line) and not line.startswith("  classDef "):
            raise ValueError(f"Mermaid would drop a semicolon: {line!r}")
        chart.add_line(line)
    if chart.open:
        raise ValueError("a cluster has no end")
    return chart
