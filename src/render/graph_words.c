/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "render/graph_words.h"

#include "base/time_text.h"
#include "base/utf8.h"
#include "render/wait_words.h"

#define TIMES " \xc3\x97" /* a multiplication sign */
#define MORE "\xe2\x80\xa6"

/* What is longer is cut in its middle: paths differ at their end. In code points. */
#define NAME_MAX_WIDTH 56

static size_t code_points(struct text text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.length; i++)
		count += ((unsigned char)text.bytes[i] & 0xc0) != 0x80;
	return count;
}

/* How many bytes the first count code points are. */
static size_t bytes_of(struct text text, size_t count)
{
	size_t i = 0;

	while (i < text.length && (count || ((unsigned char)text.bytes[i] & 0xc0) == 0x80)) {
		count -= ((unsigned char)text.bytes[i] & 0xc0) != 0x80;
		i++;
	}
	return i;
}

static void add_foreign(struct buffer *buffer, struct text text)
{
	size_t width = code_points(text), head, tail;

	if (width <= NAME_MAX_WIDTH) {
		utf8_add_for_terminal(buffer, text);
		return;
	}
	head = bytes_of(text, NAME_MAX_WIDTH / 2 - 1);
	tail = bytes_of(text, width - NAME_MAX_WIDTH / 2);
	utf8_add_for_terminal(buffer, (struct text){text.bytes, head});
	buffer_add_string(buffer, MORE);
	utf8_add_for_terminal(buffer, (struct text){text.bytes + tail, text.length - tail});
}

/* Members of a node that are named; of more, how many there are tells. */
#define MEMBERS_MAX 3

static void add_pids(struct buffer *buffer, const struct graph_node *node)
{
	const int64_t *pids = node->pids.items;

	buffer_add_string(buffer, "\nPIDs");
	for (size_t i = 0; i < node->pids.count && i < MEMBERS_MAX; i++)
		buffer_add_format(buffer, "%s %lld", i ? "," : "", (long long)pids[i]);
	if (node->pids.count > MEMBERS_MAX)
		buffer_add_string(buffer, ", " MORE);
}

static void add_refs(struct buffer *buffer, const struct graph_node *node)
{
	const struct text *refs = node->refs.items;

	for (size_t i = 0; i < node->refs.count && i < MEMBERS_MAX; i++) {
		buffer_add_string(buffer, i ? ",\n" : "\n");
		add_foreign(buffer, refs[i]);
	}
	if (node->refs.count > MEMBERS_MAX)
		buffer_add_string(buffer, ", " MORE);
}

static void add_user(struct buffer *buffer, const struct graph_node *node)
{
	if (graph_node_has(node, GRAPH_NODE_USER))
		add_foreign(buffer, node->user);
	else if (graph_node_has(node, GRAPH_NODE_UID))
		buffer_add_format(buffer, "uid %llu", (unsigned long long)node->uid);
	else
		buffer_add_string(buffer, "user " STYLE_HIDDEN);
}

/* Of a process that is only on record the user is not known. */
bool graph_has_users(const struct graph *graph)
{
	const struct graph_node *first = NULL;

	vector_for_each (&graph->nodes, node) {
		if (node->type != GRAPH_PROCESS || graph_node_has(node, GRAPH_NODE_STATE))
			continue;
		if (!graph_node_has(node, GRAPH_NODE_UID) || (first && first->uid != node->uid))
			return true;
		first = node;
	}
	return false;
}

static void add_process(struct buffer *buffer, const struct graph_node *node, bool has_user)
{
	const int64_t *pids = node->pids.items;

	if (graph_node_has(node, GRAPH_NODE_STATE)) {
		buffer_add_format(buffer, node->count > 1 ? "%s process" : "%s",
				  link_state_names[node->state]);
	} else if (graph_node_has(node, GRAPH_NODE_COMMAND)) {
		add_foreign(buffer, node->command);
	} else {
		buffer_add_string(buffer, STYLE_HIDDEN);
	}
	if (node->count > 1)
		buffer_add_format(buffer, TIMES "%llu", (unsigned long long)node->count);
	else
		buffer_add_format(buffer, " %lld", (long long)*pids);
	if (has_user && !graph_node_has(node, GRAPH_NODE_STATE)) {
		buffer_add_char(buffer, '\n');
		add_user(buffer, node);
	}
	if (node->count > 1)
		add_pids(buffer, node);
}

static void add_number(struct buffer *buffer, uint64_t number, const char *word)
{
	buffer_add_format(buffer, "%llu %s%s", (unsigned long long)number, word,
			  number == 1 ? "" : "s");
}

/* How full it is, or of what value; nothing where that is not known. */
static void add_contents(struct buffer *buffer, const struct object *object,
			 const struct style *style)
{
	if (object->kind == KIND_SEM && object_has(object, OBJECT_NSEMS)) {
		buffer_add_char(buffer, '\n');
		add_number(buffer, object->sem.nsems, "semaphore");
	}
	if (object->kind == KIND_PSEM && object_has(object, OBJECT_VALUE))
		buffer_add_format(buffer, "\nvalue %llu", (unsigned long long)object->file.value);
	if (object_has(object, OBJECT_MESSAGES)) {
		buffer_add_char(buffer, '\n');
		add_number(buffer, object->messages, "message");
	}
	if (object_has(object, OBJECT_USED_BYTES) && object_has(object, OBJECT_MAX_BYTES)) {
		buffer_add_string(buffer, object_has(object, OBJECT_MESSAGES) ? ", " : "\n");
		style_add_field(buffer, &object_fields, OBJECT_USED_PERCENT, object, style);
		buffer_add_string(buffer, " full");
	}
}

static void add_status(struct buffer *buffer, const struct object *object)
{
	if (!object_has(object, OBJECT_STATUS))
		return;
	if (object->status & SHM_STATUS_DEST)
		buffer_add_string(buffer, "\nremoved, lives on in its users");
	if (object->status & STATUS_UNLINKED)
		buffer_add_string(buffer, "\nits name is gone");
	if (object->status & STATUS_ELSEWHERE)
		buffer_add_string(buffer, "\nits name is elsewhere");
}

/* A name that the REF does not have: of a memfd. */
static void add_name(struct buffer *buffer, const struct graph_node *node)
{
	if (!graph_node_has(node, GRAPH_NODE_NAME) || !node->name.length ||
	    memmem(node->id.bytes, node->id.length, node->name.bytes, node->name.length))
		return;
	buffer_add_char(buffer, '\n');
	add_foreign(buffer, node->name);
}

static void add_each(struct buffer *buffer, uint64_t count)
{
	if (count == 1)
		buffer_add_string(buffer, ", one each");
	else
		buffer_add_format(buffer, ", %llu each", (unsigned long long)count);
}

static void add_object(struct buffer *buffer, const struct graph_node *node,
		       const struct style *style)
{
	if (node->count > 1)
		buffer_add_format(buffer, "%s" TIMES "%llu", kind_info((enum kind)node->kind)->word,
				  (unsigned long long)node->count);
	else
		add_foreign(buffer, node->id);
	if (graph_node_has(node, GRAPH_NODE_SIZE)) {
		buffer_add_string(buffer, node->count > 1 ? " (" : "\n");
		style_add_size(buffer, node->size, style);
		buffer_add_string(buffer, node->count > 1 ? " in all)" : "");
	}
	if (graph_node_has(node, GRAPH_NODE_PER_PROCESS))
		add_each(buffer, node->per_process);
	if (node->count > 1) {
		add_refs(buffer, node);
	} else {
		add_name(buffer, node);
		add_contents(buffer, node->object, style);
	}
	add_status(buffer, node->object);
}

void graph_add_node_words(struct buffer *buffer, const struct graph_picture *picture,
			  const struct graph_node *node)
{
	const struct text *codes = node->codes.items;

	if (node->type == GRAPH_PROCESS)
		add_process(buffer, node, picture->has_users);
	else
		add_object(buffer, node, picture->style);
	for (size_t i = 0; i < node->codes.count; i++) {
		buffer_add_string(buffer, "\n! ");
		buffer_add_text(buffer, codes[i]);
	}
}

static void add_access(struct buffer *buffer, const struct graph_edge *edge)
{
	static const char *const words[] = {"no access", "ro", "wo", "rw"};

	if (!graph_edge_has(edge, GRAPH_EDGE_ACCESS))
		return;
	buffer_add_string(buffer, words[edge->access & (LINK_READ | LINK_WRITE)]);
	if (edge->access & LINK_EXECUTE)
		buffer_add_string(buffer, "x");
	if (edge->access & LINK_PRIVATE)
		buffer_add_string(buffer, " private");
}

static void add_use(struct buffer *buffer, const struct graph_edge *edge)
{
	if (graph_edge_has(edge, GRAPH_EDGE_FD))
		buffer_add_format(buffer, "fd %llu ", (unsigned long long)edge->fd);
	else if (edge->how == GRAPH_OPEN)
		buffer_add_string(buffer, "open ");
	else if (edge->how == GRAPH_OPENING)
		buffer_add_string(buffer, "opens ");
	add_access(buffer, edge);
}

static void add_semnum(struct buffer *buffer, const struct graph_edge *edge)
{
	if (graph_edge_has(edge, GRAPH_EDGE_SEMNUM))
		buffer_add_format(buffer, " num %llu", (unsigned long long)edge->semnum);
}

static void add_hold(struct buffer *buffer, const struct graph_edge *edge)
{
	if (graph_edge_has(edge, GRAPH_EDGE_AMOUNT))
		buffer_add_format(buffer, "%llu of", (unsigned long long)edge->amount);
	add_semnum(buffer, edge);
	if (!graph_edge_has(edge, GRAPH_EDGE_SEMNUM))
		buffer_add_string(buffer, " several");
	buffer_add_string(buffer, edge->how == GRAPH_HOLDS ? " held by" : " taken back by");
}

static void add_wait(struct buffer *buffer, const struct graph_edge *edge)
{
	buffer_add_string(buffer, "waits");
	if (graph_edge_has(edge, GRAPH_EDGE_OPERATION)) {
		buffer_add_string(buffer, " to ");
		wait_add_wish(buffer, edge->wait);
	}
	if (graph_edge_has(edge, GRAPH_EDGE_SEMNUM))
		buffer_add_string(buffer, edge->wait->operation == WAIT_TAKE ? " of" : ":");
	add_semnum(buffer, edge);
}

static void add_last(struct buffer *buffer, const struct graph_edge *edge)
{
	buffer_add_string(buffer, "last");
	if (graph_edge_has(edge, GRAPH_EDGE_OPERATION)) {
		buffer_add_char(buffer, ' ');
		buffer_add_text(buffer, edge->operation);
	}
	add_semnum(buffer, edge);
}

static void add_releaser(struct buffer *buffer, const struct graph_edge *edge)
{
	static const char *const words[] = {"used last by", "lock owned by", "other end",
					    "held by"};

	buffer_add_string(buffer, words[edge->rests_on]);
}

static void add_words(struct buffer *buffer, const struct graph_edge *edge)
{
	switch ((enum graph_how)edge->how) {
	case GRAPH_MAPPED:
	case GRAPH_OPEN:
	case GRAPH_OPENING:
		add_use(buffer, edge);
		break;
	case GRAPH_HOLDS:
	case GRAPH_TAKES_BACK:
		add_hold(buffer, edge);
		break;
	case GRAPH_CREATED:
		buffer_add_string(buffer, "created");
		break;
	case GRAPH_LAST_OP:
		add_last(buffer, edge);
		break;
	case GRAPH_WAITS:
		add_wait(buffer, edge);
		break;
	case GRAPH_RELEASED_BY:
		add_releaser(buffer, edge);
		break;
	}
}

/* How many links there would be, if each process had one to each object of the other node. */
static uint64_t count_pairs(const struct graph *graph, const struct graph_edge *edge)
{
	const struct graph_node *from = &graph->nodes.items[edge->from];
	const struct graph_node *to = &graph->nodes.items[edge->to];

	if (graph_node_has(from, GRAPH_NODE_PER_PROCESS))
		return from->count;
	if (graph_node_has(to, GRAPH_NODE_PER_PROCESS))
		return to->count;
	return from->count * to->count;
}

/* Of a pipe, each with a descriptor of its own. */
static bool has_both_ends(const struct graph *graph, const struct graph_edge *edge, uint64_t pairs)
{
	const struct graph_node *node = &graph->nodes.items[edge->to];

	return edge->how == GRAPH_OPEN && (node->kind == KIND_PIPE || node->kind == KIND_FIFO) &&
	       edge->access == (LINK_READ | LINK_WRITE) && edge->count == 2 * pairs;
}

/* One for each process and object needs no words; nor do copies of a descriptor. */
static void add_count(struct buffer *buffer, const struct graph_edge *edge, uint64_t pairs)
{
	if (edge->count == pairs || edge->how == GRAPH_RELEASED_BY || edge->how == GRAPH_OPEN)
		return;
	if (edge->count % pairs == 0)
		buffer_add_format(buffer, TIMES "%llu", (unsigned long long)(edge->count / pairs));
	else
		buffer_add_format(buffer, TIMES "%llu in all", (unsigned long long)edge->count);
}

void graph_add_edge_words(struct buffer *buffer, const struct graph *graph,
			  const struct graph_edge *edge)
{
	uint64_t pairs = count_pairs(graph, edge);

	if (has_both_ends(graph, edge, pairs)) {
		buffer_add_string(buffer, "both ends");
		return;
	}
	add_words(buffer, edge);
	add_count(buffer, edge, pairs);
	if (graph_edge_has(edge, GRAPH_EDGE_WAITED)) {
		buffer_add_string(buffer, "\nfor ");
		style_add_duration(buffer, edge->waited);
	}
}

void graph_add_cluster_words(struct buffer *buffer, const struct graph_cluster *cluster)
{
	if (cluster->type == GRAPH_NAMESPACE)
		buffer_add_string(buffer, "IPC namespace ");
	add_foreign(buffer, cluster->name);
}

static void add_left_out(struct buffer *buffer, const struct graph_summary *summary)
{
	uint64_t alone = summary->without_links, farther = summary->farther_away;

	if (!alone && !farther)
		return;
	buffer_add_string(buffer, "\nleft out: ");
	if (alone) {
		add_number(buffer, alone, "object");
		buffer_add_string(buffer, " that nothing joins");
	}
	if (farther)
		buffer_add_format(buffer, "%s%llu farther away", alone ? ", " : "",
				  (unsigned long long)farther);
}

/* Whose they all are. */
static void add_common_user(struct buffer *buffer, const struct graph *graph)
{
	vector_for_each (&graph->nodes, node) {
		if (node->type != GRAPH_PROCESS || graph_node_has(node, GRAPH_NODE_STATE))
			continue;
		buffer_add_string(buffer, " of ");
		add_user(buffer, node);
		return;
	}
}

void graph_add_caption(struct buffer *buffer, const struct graph_picture *picture)
{
	const struct graph *graph = picture->graph;
	const struct graph_summary *summary = &graph->summary;
	const struct host *host = &graph->snapshot->host;

	if (record_has(&host->record, HOST_NAME)) {
		add_foreign(buffer, host->name);
		buffer_add_string(buffer, ", ");
	}
	time_add_rfc3339(buffer, graph->snapshot->taken_at);
	buffer_add_format(buffer, ": %llu process%s", (unsigned long long)summary->processes,
			  summary->processes == 1 ? "" : "es");
	if (!picture->has_users)
		add_common_user(buffer, graph);
	buffer_add_string(buffer, ", ");
	add_number(buffer, summary->objects, "object");
	add_left_out(buffer, summary);
	if (picture->missing)
		buffer_add_format(buffer, "\nincomplete: %s", picture->missing);
}

enum graph_line graph_line_of(const struct graph_edge *edge)
{
	switch ((enum graph_how)edge->how) {
	case GRAPH_WAITS:
		return GRAPH_LINE_BOLD;
	case GRAPH_HOLDS:
	case GRAPH_TAKES_BACK:
		return GRAPH_LINE_STRONG;
	case GRAPH_CREATED:
	case GRAPH_LAST_OP:
		return GRAPH_LINE_DASHED;
	case GRAPH_RELEASED_BY:
		return edge->rests_on == GRAPH_ON_HISTORY ? GRAPH_LINE_DASHED : GRAPH_LINE_STRONG;
	default:
		return GRAPH_LINE_PLAIN;
	}
}

struct graph_arrows graph_arrows_of(const struct graph *graph, const struct graph_edge *edge)
{
	bool is_use = edge->how == GRAPH_MAPPED || edge->how == GRAPH_OPEN;
	bool reads = edge->access & LINK_READ, writes = edge->access & LINK_WRITE;

	if (!is_use || graph->nodes.items[edge->from].type == GRAPH_OBJECT)
		return (struct graph_arrows){false, true};
	if (!graph_edge_has(edge, GRAPH_EDGE_ACCESS))
		return (struct graph_arrows){false, false};
	return (struct graph_arrows){reads, writes};
}
