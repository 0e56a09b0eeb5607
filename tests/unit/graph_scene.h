/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Snapshots that are made up, for tests of graphs. */
#ifndef UNIT_GRAPH_SCENE_H
#define UNIT_GRAPH_SCENE_H

#include "query/graph.h"

struct snapshot *scene_begin(void);

/* The index of a new object, which has an id of that number, or such an inode. */
size_t scene_add_object(struct snapshot *snapshot, enum kind kind, uint64_t number);

/* In the order of PIDs; root's. */
struct process *scene_add_process(struct snapshot *snapshot, int64_t pid, const char *command);

struct link *scene_add_link(struct snapshot *snapshot, size_t object, int64_t pid,
			    enum link_how how, uint64_t access);

/* To take 1 of its semaphore 0, which those have. */
struct wait *scene_add_wait(struct snapshot *snapshot, size_t object, int64_t pid,
			    const int64_t *holders, size_t count);
#define BY(...) (const int64_t[]){__VA_ARGS__}, sizeof((const int64_t[]){__VA_ARGS__}) / 8

#define READ_WRITE (LINK_READ | LINK_WRITE)

/* The graph of it, with what check finds in it. */
struct graph scene_graph(struct snapshot *snapshot, struct findings *findings,
			 const struct graph_options *options);

/* The node or edge; NULL: there is none. */
const struct graph_node *scene_node(const struct graph *graph, const char *id);
const struct graph_edge *scene_edge(const struct graph *graph, const char *from, const char *to,
				    enum graph_how how);

#endif
