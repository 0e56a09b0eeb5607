/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Field tables of graphs.
 */
#include "model/graph.h"

static const char *const type_names[] = {"process", "object", NULL};
static const char *const kind_names[] = {"shm", "sem",	"msg",	"pshm", "psem",
					 "mq",	"pipe", "fifo", "map",	NULL};
static const char *const severity_names[] = {"note", "warning", "critical", NULL};
static const char *const how_names[] = {"mapped",      "open",	  "opening", "holds",
					"takes-back",  "created", "last-op", "waits",
					"released-by", NULL};
static const char *const rests_on_names[] = {"history", "memory", "pipe-end", "undo", NULL};
static const char *const cluster_type_names[] = {"namespace", "unit", NULL};

/* clang-format off */
#define AT(member) offsetof(struct graph_node, member)

static const struct field node[GRAPH_NODE_FIELD_COUNT] = {
	[GRAPH_NODE_ID] = {
		.name = "id", .heading = "ID", .type = VALUE_TEXT, .offset = AT(id),
		.help = "by which edges name it: a REF, or pid:812",
		.explain = "The REF of an object, or pid: and the number of a process. A process that is only "
			   "on record has dead:, reused: or unknown: in front of its number. Of "
			   "several that are alike, the first one's.",
		.source = "the object, or the process",
	},
	[GRAPH_NODE_TYPE] = {
		.name = "type", .heading = "TYPE", .type = VALUE_CHOICE, .offset = AT(type),
		.names = type_names, .help = "process or object",
		.explain = "What the node stands for.", .source = "the snapshot",
	},
	[GRAPH_NODE_COUNT] = {
		.name = "count", .heading = "COUNT", .type = VALUE_UNSIGNED, .offset = AT(count),
		.help = "how many processes or objects it stands for",
		.explain = "Processes of the same command and user that use the same objects in the "
			   "same way are one node, also where each has an object of its own beside them; "
			   "so are objects of one kind that the same processes use in the same way.",
		.source = "the snapshot",
	},
	[GRAPH_NODE_CLUSTER] = {
		.name = "cluster", .heading = "CLUSTER", .type = VALUE_TEXT, .offset = AT(cluster),
		.help = "id of the cluster in which it stands",
		.explain = "The IPC namespace or unit to which a process belongs, where there is more than "
			   "one. An object stands in its namespace, or with the one unit whose processes "
			   "alone were found to use it.",
		.source = "the object, or the process",
	},
	[GRAPH_NODE_COMMAND] = {
		.name = "command", .heading = "COMMAND", .type = VALUE_TEXT, .offset = AT(command),
		.help = "of processes: the command",
		.explain = "The name of the program, which the process may have changed.",
		.source = "the process",
	},
	[GRAPH_NODE_UID] = {
		.name = "uid", .heading = "UID", .type = VALUE_ID, .offset = AT(uid),
		.help = "of processes: the effective user id",
		.explain = "The user with whose rights the processes act.", .source = "the process",
	},
	[GRAPH_NODE_USER] = {
		.name = "user", .heading = "USER", .type = VALUE_TEXT, .offset = AT(user),
		.help = "its name", .explain = "The name of the effective user id.",
		.source = "the process",
	},
	[GRAPH_NODE_STATE] = {
		.name = "state", .heading = "STATE", .type = VALUE_CHOICE, .offset = AT(state),
		.names = link_state_names,
		.help = "of a process that is only on record: what became of it",
		.explain = "dead, reused (the PID is another process's by now) or unknown.",
		.source = "the link",
	},
	[GRAPH_NODE_PIDS] = {
		.name = "pids", .heading = "PIDS", .type = VALUE_PIDS, .offset = AT(pids),
		.help = "the processes for which it stands",
		.explain = "All of them, in ascending order.", .source = "the processes",
	},
	[GRAPH_NODE_KIND] = {
		.name = "kind", .heading = "KIND", .type = VALUE_CHOICE, .offset = AT(kind),
		.names = kind_names, .help = "of objects: the kind",
		.explain = "The kind of the objects.", .source = "the object",
	},
	[GRAPH_NODE_NAME] = {
		.name = "name", .heading = "NAME", .type = VALUE_TEXT, .offset = AT(name),
		.help = "of one object: its name", .explain = "The name, where it has one.",
		.source = "the object",
	},
	[GRAPH_NODE_SIZE] = {
		.name = "size", .heading = "SIZE", .type = VALUE_SIZE, .offset = AT(size),
		.help = "of memory: bytes of all of them", .explain = "The sum of the sizes.",
		.source = "the objects",
	},
	[GRAPH_NODE_REFS] = {
		.name = "refs", .heading = "REFS", .type = VALUE_TEXTS, .offset = AT(refs),
		.help = "the objects for which it stands",
		.explain = "The REFs of all of them, in the order of the snapshot.",
		.source = "the objects",
	},
	[GRAPH_NODE_PER_PROCESS] = {
		.name = "per_process", .heading = "PER-PROCESS", .type = VALUE_UNSIGNED,
		.offset = AT(per_process), .help = "how many of them each process has of its own",
		.explain = "Absent where all of the processes use all of the objects.",
		.source = "the links",
	},
	[GRAPH_NODE_NAMED] = {
		.name = "named", .heading = "NAMED", .type = VALUE_BOOL, .offset = AT(is_named),
		.help = "whether it was asked for",
		.explain = "Whether it is one of those around which the graph was drawn.",
		.source = "the call",
	},
	[GRAPH_NODE_IN_CYCLE] = {
		.name = "in_cycle", .heading = "CYCLE", .type = VALUE_BOOL, .offset = AT(is_in_cycle),
		.help = "whether it is part of a ring of waits",
		.explain = "Whether it is part of a deadlock, or of a suspected one.",
		.source = "the waits",
	},
	[GRAPH_NODE_SEVERITY] = {
		.name = "severity", .heading = "SEVERITY", .type = VALUE_CHOICE, .offset = AT(severity),
		.names = severity_names, .help = "of its worst finding",
		.explain = "note, warning or critical; absent where nothing was found.",
		.source = "the findings",
	},
	[GRAPH_NODE_CODES] = {
		.name = "codes", .heading = "CODES", .type = VALUE_TEXTS, .offset = AT(codes),
		.help = "what was found", .explain = "The codes of its findings, each once.",
		.source = "the findings",
	},
	[GRAPH_NODE_FINDINGS] = {
		.name = "findings", .heading = "FINDINGS", .type = VALUE_TEXTS, .offset = AT(findings),
		.help = "where its findings stand in this document",
		.explain = "JSON pointers (RFC 6901), such as /findings/0.", .source = "the findings",
	},
};

#undef AT
#define AT(member) offsetof(struct graph_edge, member)

static const struct field edge[GRAPH_EDGE_FIELD_COUNT] = {
	[GRAPH_EDGE_FROM] = {
		.name = "from", .heading = "FROM", .type = VALUE_TEXT, .offset = AT(from_id),
		.help = "id of the node where it begins",
		.explain = "An edge leads the way that data goes, or hope: from who writes to a pipe and "
			   "from there to who reads, from who waits to the object and from there to who has "
			   "it. Memory that is mapped stands behind the process.",
		.source = "the link, or the wait",
	},
	[GRAPH_EDGE_TO] = {
		.name = "to", .heading = "TO", .type = VALUE_TEXT, .offset = AT(to_id),
		.help = "id of the node where it ends", .explain = "See from.",
		.source = "the link, or the wait",
	},
	[GRAPH_EDGE_HOW] = {
		.name = "how", .heading = "HOW", .type = VALUE_CHOICE, .offset = AT(how),
		.names = how_names, .help = "how the process and the object are joined",
		.explain = "As of links; or waits: a thread sleeps on it; or released-by: that process "
			   "could end a wait, which no link shows.",
		.source = "the link, or the wait",
	},
	[GRAPH_EDGE_COUNT] = {
		.name = "count", .heading = "COUNT", .type = VALUE_UNSIGNED, .offset = AT(count),
		.help = "how many links or waits it stands for",
		.explain = "Links and waits between the same nodes that are alike are one edge.",
		.source = "the links and waits",
	},
	[GRAPH_EDGE_ACCESS] = {
		.name = "access", .heading = "ACCESS", .type = VALUE_FLAGS, .offset = AT(access),
		.names = link_access_names, .help = "what the mapping or descriptor permits",
		.explain = "As of links.", .source = "the link",
	},
	[GRAPH_EDGE_FD] = {
		.name = "fd", .heading = "FD", .type = VALUE_ID, .offset = AT(fd),
		.help = "number of the descriptor", .explain = "Absent where there are several.",
		.source = "the link",
	},
	[GRAPH_EDGE_OPERATION] = {
		.name = "operation", .heading = "OPERATION", .type = VALUE_TEXT, .offset = AT(operation),
		.help = "what the thread waits for, or what was done last",
		.explain = "As of waits and links.", .source = "the wait, or the link",
	},
	[GRAPH_EDGE_SEMNUM] = {
		.name = "semnum", .heading = "NUM", .type = VALUE_ID, .offset = AT(semnum),
		.help = "which semaphore of the array",
		.explain = "Absent where there are several: five or more of one array are one edge.",
		.source = "the link, or the wait",
	},
	[GRAPH_EDGE_AMOUNT] = {
		.name = "amount", .heading = "AMOUNT", .type = VALUE_UNSIGNED, .offset = AT(amount),
		.help = "how much is held or wanted", .explain = "As of links and waits.",
		.source = "the link, or the wait",
	},
	[GRAPH_EDGE_MESSAGE_TYPE] = {
		.name = "message_type", .heading = "TYPE", .type = VALUE_SIGNED, .offset = AT(message_type),
		.help = "the type of message that is waited for", .explain = "As of waits: type.",
		.source = "the wait",
	},
	[GRAPH_EDGE_WAITED] = {
		.name = "waited", .heading = "WAITED", .type = VALUE_DURATION, .offset = AT(waited),
		.help = "milliseconds since the wait began",
		.explain = "Of several the longest.", .source = "the wait",
	},
	[GRAPH_EDGE_RESTS_ON] = {
		.name = "rests_on", .heading = "RESTS-ON", .type = VALUE_CHOICE, .offset = AT(rests_on),
		.names = rests_on_names, .help = "of released-by: how that is known",
		.explain = "history: it used the object last. memory: it owns the lock, as shared memory "
			   "says. pipe-end: it has the other end. undo: it holds the semaphore, as the "
			   "kernel records.",
		.source = "the wait",
	},
	[GRAPH_EDGE_IN_CYCLE] = {
		.name = "in_cycle", .heading = "CYCLE", .type = VALUE_BOOL, .offset = AT(is_in_cycle),
		.help = "whether it is part of a ring of waits",
		.explain = "Whether it is part of a deadlock, or of a suspected one.",
		.source = "the waits",
	},
};

#undef AT
#define AT(member) offsetof(struct graph_cluster, member)

static const struct field cluster[GRAPH_CLUSTER_FIELD_COUNT] = {
	[GRAPH_CLUSTER_ID] = {
		.name = "id", .heading = "ID", .type = VALUE_TEXT, .offset = AT(id),
		.help = "by which nodes name it", .explain = "It is the same in each answer.",
		.source = "what it stands for",
	},
	[GRAPH_CLUSTER_PARENT] = {
		.name = "parent", .heading = "PARENT", .type = VALUE_TEXT, .offset = AT(parent),
		.help = "id of the cluster in which it stands",
		.explain = "A unit stands in its IPC namespace.", .source = "the processes",
	},
	[GRAPH_CLUSTER_TYPE] = {
		.name = "type", .heading = "TYPE", .type = VALUE_CHOICE, .offset = AT(type),
		.names = cluster_type_names, .help = "namespace or unit",
		.explain = "An IPC namespace; or a container, pod or unit of systemd.",
		.source = "the objects and processes",
	},
	[GRAPH_CLUSTER_NAME] = {
		.name = "name", .heading = "NAME", .type = VALUE_TEXT, .offset = AT(name),
		.help = "the namespace's number, or the unit's name", .explain = "What it stands for.",
		.source = "the objects and processes",
	},
};

#undef AT
#define AT(member) offsetof(struct graph_summary, member)

static const struct field summary[GRAPH_SUMMARY_FIELD_COUNT] = {
	[GRAPH_SUMMARY_PROCESSES] = {
		.name = "processes", .heading = "PROCESSES", .type = VALUE_UNSIGNED,
		.offset = AT(processes), .help = "how many processes the nodes stand for",
		.explain = "Each process counts, also where several are one node.",
		.source = "the nodes",
	},
	[GRAPH_SUMMARY_OBJECTS] = {
		.name = "objects", .heading = "OBJECTS", .type = VALUE_UNSIGNED, .offset = AT(objects),
		.help = "how many objects the nodes stand for",
		.explain = "Each object counts, also where several are one node.",
		.source = "the nodes",
	},
	[GRAPH_SUMMARY_WITHOUT_LINKS] = {
		.name = "without_links", .heading = "WITHOUT-LINKS", .type = VALUE_UNSIGNED,
		.offset = AT(without_links), .help = "objects left out, as nothing joins them",
		.explain = "Objects that no process was found to use, of which nothing was found, and that "
			   "were not asked for; --all shows them.",
		.source = "the snapshot",
	},
	[GRAPH_SUMMARY_FARTHER_AWAY] = {
		.name = "farther_away", .heading = "FARTHER-AWAY", .type = VALUE_UNSIGNED,
		.offset = AT(farther_away), .help = "processes and objects left out, as they are too far away",
		.explain = "What is joined to something, but not within --depth steps from what was asked for.",
		.source = "the snapshot",
	},
};
/* clang-format on */

const struct field_table graph_node_fields = {"nodes", node, GRAPH_NODE_FIELD_COUNT,
					      sizeof(struct graph_node), false};
const struct field_table graph_edge_fields = {"edges", edge, GRAPH_EDGE_FIELD_COUNT,
					      sizeof(struct graph_edge), false};
const struct field_table graph_cluster_fields = {"clusters", cluster, GRAPH_CLUSTER_FIELD_COUNT,
						 sizeof(struct graph_cluster), false};
const struct field_table graph_summary_fields = {"graph", summary, GRAPH_SUMMARY_FIELD_COUNT,
						 sizeof(struct graph_summary), false};

void graph_deinit(struct graph *graph)
{
	vector_deinit(&graph->nodes);
	vector_deinit(&graph->edges);
	vector_deinit(&graph->clusters);
	vector_deinit(&graph->findings);
	arena_deinit(&graph->arena);
	*graph = (struct graph){0};
}
