/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Graphs as text that other programs draw.
 */
#ifndef IPCLENS_RENDER_GRAPH_PICTURE_H
#define IPCLENS_RENDER_GRAPH_PICTURE_H

#include "render/graph_words.h"

/* In the language of Graphviz. The buffer keeps an error. */
void graph_add_dot(struct buffer *buffer, const struct graph_picture *picture);

/* As a flowchart of Mermaid, which forges draw in their pages. The buffer keeps an error. */
void graph_add_mermaid(struct buffer *buffer, const struct graph_picture *picture);

/* From where on Mermaid refuses to draw, unless it is configured otherwise. */
#define GRAPH_MERMAID_EDGES_MAX 500
#define GRAPH_MERMAID_LENGTH_MAX 50000

#endif
