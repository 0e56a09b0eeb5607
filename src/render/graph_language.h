/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Nodes and clusters of a graph, each where it stands: what the languages of pictures have in
 * common.
 */
#ifndef IPCLENS_RENDER_GRAPH_LANGUAGE_H
#define IPCLENS_RENDER_GRAPH_LANGUAGE_H

#include "render/graph_words.h"

/* How deep a node can stand: in a unit, which is in a namespace. */
#define GRAPH_DEPTH_MAX 2

/* How one language writes them. A place is in the graph's vector, from 0. */
struct graph_language {
	const char *indents[GRAPH_DEPTH_MAX + 1]; /* by how many clusters it stands in */
	void (*add_node)(struct buffer *buffer, const struct graph_picture *picture, size_t place,
			 const char *indent);
	/* What stands in it comes behind that, and then its end, which gets its indent. */
	void (*begin_cluster)(struct buffer *buffer, const struct graph *graph, size_t place,
			      const char *indent);
	const char *cluster_end;
};

/* Clusters with all that is in them, then the nodes that are in none. The buffer keeps an error. */
void graph_add_members(struct buffer *buffer, const struct graph_picture *picture,
		       const struct graph_language *language);

#endif
