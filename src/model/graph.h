/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A graph of processes and objects and of how they are joined. It is an answer, made from a
 * snapshot from which it borrows, and no part of it.
 *
 * An edge leads the way that data goes (out of a pipe to who reads it), or hope: from who waits to
 * the object, and from the object to who has it. So a deadlock is a ring.
 */
#ifndef IPCLENS_MODEL_GRAPH_H
#define IPCLENS_MODEL_GRAPH_H

#include "base/arena.h"
#include "base/vector.h"
#include "model/finding.h"
#include "model/snapshot.h"

enum graph_node_field {
	GRAPH_NODE_ID,
	GRAPH_NODE_TYPE,
	GRAPH_NODE_COUNT,
	GRAPH_NODE_CLUSTER,
	GRAPH_NODE_COMMAND,
	GRAPH_NODE_UID,
	GRAPH_NODE_USER,
	GRAPH_NODE_STATE,
	GRAPH_NODE_PIDS,
	GRAPH_NODE_KIND,
	GRAPH_NODE_NAME,
	GRAPH_NODE_SIZE,
	GRAPH_NODE_REFS,
	GRAPH_NODE_PER_PROCESS,
	GRAPH_NODE_NAMED,
	GRAPH_NODE_IN_CYCLE,
	GRAPH_NODE_SEVERITY,
	GRAPH_NODE_CODES,
	GRAPH_NODE_FINDINGS,
	GRAPH_NODE_FIELD_COUNT,
};

enum graph_type {
	GRAPH_PROCESS,
	GRAPH_OBJECT,
};

/* A process or an object, or several that are alike. */
struct graph_node {
	struct record record;
	const struct process *process; /* borrowed, the first of them; NULL: there is none, or it
					* is not known */
	const struct object *object;   /* borrowed, the first of them; NULL: of processes */
	struct text id;		       /* REF, or "pid:812"; the first one's */
	uint64_t type;		       /* enum graph_type */
	uint64_t count;		       /* how many it stands for */
	struct text cluster;	       /* its id */
	size_t cluster_place;	       /* from 1; 0: none */
	struct text command, user;
	uint64_t uid;
	uint64_t state;		 /* enum link_state, of a process that is only on record */
	struct record_list pids; /* int64_t, ascending */
	uint64_t kind;		 /* enum kind */
	struct text name;
	uint64_t size; /* of all of them */
	struct record_list refs;
	uint64_t per_process; /* each of the processes has so many of its own */
	uint64_t is_named;    /* it was asked for */
	uint64_t is_in_cycle;
	uint64_t severity;	     /* enum finding_severity, the worst one */
	uint64_t code_bits;	     /* of enum finding_code */
	struct record_list codes;    /* struct text */
	struct record_list findings; /* struct text: "/findings/0", JSON pointers */
};

enum graph_edge_field {
	GRAPH_EDGE_FROM,
	GRAPH_EDGE_TO,
	GRAPH_EDGE_HOW,
	GRAPH_EDGE_COUNT,
	GRAPH_EDGE_ACCESS,
	GRAPH_EDGE_FD,
	GRAPH_EDGE_OPERATION,
	GRAPH_EDGE_SEMNUM,
	GRAPH_EDGE_AMOUNT,
	GRAPH_EDGE_MESSAGE_TYPE,
	GRAPH_EDGE_WAITED,
	GRAPH_EDGE_RESTS_ON,
	GRAPH_EDGE_IN_CYCLE,
	GRAPH_EDGE_FIELD_COUNT,
};

/* Those of a link are numbered as in enum link_how. */
enum graph_how {
	GRAPH_MAPPED = LINK_MAPPED,
	GRAPH_OPEN = LINK_OPEN,
	GRAPH_OPENING = LINK_OPENING,
	GRAPH_HOLDS = LINK_HOLDS,
	GRAPH_TAKES_BACK = LINK_TAKES_BACK,
	GRAPH_CREATED = LINK_CREATED,
	GRAPH_LAST_OP = LINK_LAST_OP,
	GRAPH_WAITS,
	GRAPH_RELEASED_BY, /* who could end a wait, where nothing else says so */
};

/* On what it rests that a process could release an object; as enum blocked_strength. */
enum graph_rests_on {
	GRAPH_ON_HISTORY,
	GRAPH_ON_MEMORY,
	GRAPH_ON_PIPE_END,
	GRAPH_ON_UNDO,
};

/* Links or waits that are alike; of those which differ in a field, the field is absent. */
struct graph_edge {
	struct record record;
	size_t from, to; /* nodes */
	struct text from_id, to_id;
	uint64_t how;	 /* enum graph_how */
	uint64_t count;	 /* how many it stands for */
	uint64_t access; /* enum link_access */
	uint64_t fd;
	struct text operation; /* a word of wait_operation_names or link_operation_names */
	uint64_t semnum, amount;
	int64_t message_type;
	uint64_t waited;	 /* milliseconds, the longest */
	uint64_t rests_on;	 /* enum graph_rests_on */
	const struct wait *wait; /* borrowed, the first of them; NULL: they are links */
	uint64_t is_in_cycle;
};

enum graph_cluster_field {
	GRAPH_CLUSTER_ID,
	GRAPH_CLUSTER_PARENT,
	GRAPH_CLUSTER_TYPE,
	GRAPH_CLUSTER_NAME,
	GRAPH_CLUSTER_FIELD_COUNT,
};

enum graph_cluster_type {
	GRAPH_NAMESPACE, /* of IPC */
	GRAPH_UNIT,	 /* a container, pod or systemd's unit */
};

/* What stands together. */
struct graph_cluster {
	struct record record;
	struct text id;
	struct text parent;  /* its id */
	size_t parent_place; /* from 1; 0: none */
	uint64_t type;	     /* enum graph_cluster_type */
	struct text name;
};

enum graph_summary_field {
	GRAPH_SUMMARY_PROCESSES,
	GRAPH_SUMMARY_OBJECTS,
	GRAPH_SUMMARY_WITHOUT_LINKS,
	GRAPH_SUMMARY_FARTHER_AWAY,
	GRAPH_SUMMARY_FIELD_COUNT,
};

/* How much is in the graph, and how much is not. */
struct graph_summary {
	struct record record;
	uint64_t processes, objects;
	uint64_t without_links; /* objects that were left out for that */
	uint64_t farther_away;	/* processes and objects that were left out for that */
};

struct graph {
	struct arena arena;
	const struct snapshot *snapshot; /* borrowed, as the findings */
	VECTOR(struct graph_node) nodes; /* processes by PID, then objects as in the snapshot */
	VECTOR(struct graph_edge) edges; /* by from, to, how and what it is */
	VECTOR(struct graph_cluster) clusters;	 /* parents before what is in them */
	VECTOR(const struct finding *) findings; /* those to which nodes point */
	struct graph_summary summary;
};

extern const struct field_table graph_node_fields, graph_edge_fields, graph_cluster_fields,
	graph_summary_fields;

void graph_deinit(struct graph *graph);
#define _cleanup_graph_ __attribute__((cleanup(graph_deinit)))

static inline bool graph_edge_has(const struct graph_edge *edge, enum graph_edge_field field)
{
	return record_has(&edge->record, field);
}

static inline bool graph_node_has(const struct graph_node *node, enum graph_node_field field)
{
	return record_has(&node->record, field);
}

#endif
