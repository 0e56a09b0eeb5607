/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What stands in the picture of a graph, whatever draws it. Text that others chose is escaped as in
 * tables, so that nothing here has control characters but the ends of lines.
 */
#ifndef IPCLENS_RENDER_GRAPH_WORDS_H
#define IPCLENS_RENDER_GRAPH_WORDS_H

#include "model/graph.h"
#include "render/style.h"

/* What is drawn. */
struct graph_picture {
	const struct graph *graph;
	const struct style *style;
	const char *missing; /* what is not known, for the caption; NULL: nothing */
	bool has_users;	     /* processes are of several, so that each tells its own */
};

/* Whether processes are of several users, or it is not known of whom they are. */
bool graph_has_users(const struct graph *graph);

/* Lines, with '\n' between them. */
void graph_add_node_words(struct buffer *buffer, const struct graph_picture *picture,
			  const struct graph_node *node);
void graph_add_edge_words(struct buffer *buffer, const struct graph *graph,
			  const struct graph_edge *edge);
void graph_add_cluster_words(struct buffer *buffer, const struct graph_cluster *cluster);

/* Of what it is, and what is not in it. */
void graph_add_caption(struct buffer *buffer, const struct graph_picture *picture);

/* How an edge is drawn. */
enum graph_line {
	GRAPH_LINE_PLAIN,  /* a use; thin */
	GRAPH_LINE_BOLD,   /* a wait */
	GRAPH_LINE_STRONG, /* who has what is waited for */
	GRAPH_LINE_DASHED, /* history, or what rests on it */
};
enum graph_line graph_line_of(const struct graph_edge *edge);

/* Which ends have arrows. */
struct graph_arrows {
	bool at_start, at_end;
};
struct graph_arrows graph_arrows_of(const struct graph *graph, const struct graph_edge *edge);

#endif
