/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipclens graph: processes and objects and how they are joined, for Graphviz, for Mermaid, or as
 * JSON.
 */
#include <errno.h>

#include "base/parse_number.h"
#include "cli/find.h"
#include "model/record_json.h"
#include "query/check.h"
#include "query/graph.h"
#include "render/graph_picture.h"

/* What the graph is to be drawn around. */
struct centre {
	struct graph_options options;
	VECTOR(struct ref) refs;
	VECTOR(const char *) words;  /* of the REFs */
	VECTOR(uint64_t) namespaces; /* that these name */
	VECTOR(const struct object *) objects;
	VECTOR(int64_t) pids;
};

static void centre_deinit(struct centre *centre)
{
	vector_deinit(&centre->refs);
	vector_deinit(&centre->words);
	vector_deinit(&centre->namespaces);
	vector_deinit(&centre->objects);
	vector_deinit(&centre->pids);
}
#define _cleanup_centre_ __attribute__((cleanup(centre_deinit)))

/* "812", or "pid:812" as nodes are called. */
static bool is_pid(const char *word, int64_t *ret_pid)
{
	uint64_t pid;

	if (strncmp(word, "pid:", 4) == 0)
		word += 4;
	if (parse_unsigned(text_of(word), 10, INT32_MAX, &pid) < 0 || !pid)
		return false;
	*ret_pid = (int64_t)pid;
	return true;
}

static enum exit_status add_pid(struct centre *centre, int64_t pid)
{
	int64_t *place = vector_add(&centre->pids);

	if (!place)
		return view_no_memory();
	*place = pid;
	return STATUS_DONE;
}

static enum exit_status add_namespace(struct centre *centre, uint64_t number)
{
	uint64_t *place = vector_add(&centre->namespaces);

	if (!place)
		return view_no_memory();
	*place = number;
	return STATUS_DONE;
}

#define NEITHER "neither a PID nor a REF, which has its kind in front: shm:0"

static enum exit_status add_ref(struct centre *centre, const char *word)
{
	struct ipclens_error error;
	struct ref *ref = vector_add(&centre->refs);
	const char **place = vector_add(&centre->words);

	if (!ref || !place)
		return view_no_memory();
	*place = word;
	if (ref_parse(text_of(word), ref, &error) < 0) {
		if (strchr(word, ':'))
			complain_about(word, "%s", error.text);
		else
			complain_about(word, NEITHER);
		return STATUS_USAGE;
	}
	/* A number without a kind is a PID, but not each can be one. */
	if (ref->form == REF_BY_ID && !strchr(word, ':')) {
		complain_about(word, NEITHER);
		return STATUS_USAGE;
	}
	return ref->has_namespace ? add_namespace(centre, ref->namespace) : STATUS_DONE;
}

static enum exit_status add_word(struct centre *centre, const char *word)
{
	int64_t pid;

	return is_pid(word, &pid) ? add_pid(centre, pid) : add_ref(centre, word);
}

static enum exit_status read_depth(const char *argument, struct centre *centre)
{
	uint64_t depth;

	centre->options.depth = GRAPH_USUAL_DEPTH;
	if (!argument)
		return STATUS_DONE;
	if (!centre->refs.count && !centre->pids.count) {
		complain("graph: --depth counts from a REF or PID; name one");
		return STATUS_USAGE;
	}
	if (parse_unsigned(text_of(argument), 10, INT32_MAX, &depth) < 0) {
		complain_about(argument, "--depth takes a number of steps, from 0");
		return STATUS_USAGE;
	}
	centre->options.depth = depth;
	return STATUS_DONE;
}

static enum exit_status read_words(const struct invocation *invocation, struct centre *centre)
{
	const struct settings *settings = &invocation->settings;
	enum exit_status status = STATUS_DONE;

	centre->options = (struct graph_options){.has_history = settings->has_history,
						 .has_all = settings->has_all,
						 .is_apart = settings->is_apart};
	if (settings->format == FORMAT_TEXT || settings->format == FORMAT_PLUGIN) {
		complain("graph: --format is dot or mermaid");
		return STATUS_USAGE;
	}
	if (settings->is_json && settings->format) {
		complain("graph: --json and --format exclude each other");
		return STATUS_USAGE;
	}
	for (int i = 0; status == STATUS_DONE && i < invocation->operand_count; i++)
		status = add_word(centre, invocation->operands[i]);
	vector_for_each (&settings->around, word)
		if (status == STATUS_DONE)
			status = add_word(centre, *word);
	return status == STATUS_DONE ? read_depth(settings->arguments[OPTION_DEPTH], centre)
				     : status;
}

static bool is_in_graph(const struct snapshot *snapshot, int64_t pid)
{
	if (snapshot_process(snapshot, pid))
		return true;
	vector_for_each (&snapshot->links, link)
		if (link_is_proof((enum link_how)link->how) && link_names(link, pid))
			return true;
	vector_for_each (&snapshot->waits, wait)
		if (wait->pid == pid)
			return true;
	return false;
}

/* A path that leads to no FIFO which a process uses: those are all that a graph has. */
static bool is_unused_fifo(const struct snapshot *snapshot, const struct ref *ref)
{
	if (ref->kinds != KIND_BIT(KIND_FIFO) || ref->form != REF_BY_NAME)
		return false;
	vector_for_each (&snapshot->objects, object)
		if (ref_matches(ref, object))
			return false;
	return true;
}

static enum exit_status find_one(const struct snapshot *snapshot, const struct centre *centre,
				 size_t place, const struct object **ret_object)
{
	const char *word = centre->words.items[place];
	const struct ref *ref = &centre->refs.items[place];

	if (!is_unused_fifo(snapshot, ref))
		return find_object(snapshot, word, ref, ret_object);
	complain_about(word, "no process was found that has it open");
	return STATUS_FAILED;
}

/* After complaints of what is not there STATUS_FAILED. */
static enum exit_status find_all(const struct snapshot *snapshot, struct centre *centre)
{
	enum exit_status status = STATUS_DONE;
	size_t kept = 0;

	for (size_t i = 0; i < centre->refs.count; i++) {
		const struct object *object = NULL, **place;

		if (find_one(snapshot, centre, i, &object) != STATUS_DONE) {
			status = STATUS_FAILED;
			continue;
		}
		place = vector_add(&centre->objects);
		if (!place)
			return view_no_memory();
		*place = object;
	}
	for (size_t i = 0; i < centre->pids.count; i++) {
		int64_t pid = centre->pids.items[i];

		if (is_in_graph(snapshot, pid)) {
			centre->pids.items[kept++] = pid;
			continue;
		}
		complain(
			"%lld: no process of this PID was found to use anything; an object takes its "
			"kind, as shm:%lld",
			(long long)pid, (long long)pid);
		status = STATUS_FAILED;
	}
	centre->pids.count = kept;
	centre->options.objects = centre->objects.items;
	centre->options.object_count = centre->objects.count;
	centre->options.pids = centre->pids.items;
	centre->options.pid_count = centre->pids.count;
	return status;
}

static int print_json(const struct graph *graph, const struct scope *scope)
{
	_cleanup_buffer_ struct buffer output = view_output();
	bool is_first = true;

	document_begin(&output, graph->snapshot, "graph");
	document_add_record(&output, &graph_summary_fields, &graph->summary);
	document_add_records(&output, &graph_node_fields, graph->nodes.items, graph->nodes.count);
	document_add_records(&output, &graph_edge_fields, graph->edges.items, graph->edges.count);
	document_add_records(&output, &graph_cluster_fields, graph->clusters.items,
			     graph->clusters.count);
	document_begin_list(&output, finding_fields.name);
	vector_for_each (&graph->findings, finding) {
		document_next(&output, is_first);
		is_first = false;
		record_add_json(&output, &finding_fields, *finding, 0);
	}
	document_end_list(&output);
	document_add_issues(&output, graph->snapshot, scope);
	document_end(&output);
	return buffer_flush(&output);
}

/* What a picture says of what is not in it; NULL: nothing. */
static const char *what_is_missing(const struct snapshot *snapshot)
{
	if (!snapshot->has_waits)
		return "who waits is not known";
	if (check_sees_too_little(snapshot) || snapshot_has_unseen_processes(snapshot, KINDS_ALL))
		return "not everything could be seen";
	return NULL;
}

static void complain_of_size(const struct graph *graph, const struct buffer *chart)
{
	if (graph->edges.count <= GRAPH_MERMAID_EDGES_MAX &&
	    chart->length <= GRAPH_MERMAID_LENGTH_MAX)
		return;
	complain(
		"graph: %zu edges in %zu bytes; Mermaid takes %d and %d, unless it is configured to "
		"take more: name a REF or PID, or use --format=dot",
		graph->edges.count, chart->length, GRAPH_MERMAID_EDGES_MAX,
		GRAPH_MERMAID_LENGTH_MAX);
}

static int print_mermaid(const struct graph_picture *picture)
{
	_cleanup_buffer_ struct buffer output = view_output(), chart = {0};

	graph_add_mermaid(&chart, picture);
	if (chart.error)
		return chart.error;
	complain_of_size(picture->graph, &chart);
	buffer_add_text(&output, buffer_text(&chart));
	return buffer_flush(&output);
}

static int print_dot(const struct graph_picture *picture)
{
	_cleanup_buffer_ struct buffer output = view_output();

	graph_add_dot(&output, picture);
	return buffer_flush(&output);
}

static int print_picture(const struct graph *graph, const struct settings *settings)
{
	struct style style = view_style(settings, graph->snapshot);
	const struct graph_picture picture = {.graph = graph,
					      .style = &style,
					      .missing = what_is_missing(graph->snapshot),
					      .has_users = graph_has_users(graph)};

	return settings->format == FORMAT_MERMAID ? print_mermaid(&picture) : print_dot(&picture);
}

/* Nothing is drawn around what is not there. */
static bool has_centre(const struct centre *centre, bool is_asked_for)
{
	return !is_asked_for || centre->objects.count || centre->pids.count;
}

enum exit_status cmd_graph(struct invocation *invocation)
{
	const struct settings *settings = &invocation->settings;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;
	_cleanup_findings_ struct findings findings = {0};
	_cleanup_centre_ struct centre centre = {0};
	_cleanup_graph_ struct graph graph = {0};
	struct scope scope = scope_everything;
	enum exit_status status = read_words(invocation, &centre), found, closed;
	bool is_asked_for;

	if (status != STATUS_DONE)
		return status;
	scope.has_pipe_owners = false;
	if (find_can_look_elsewhere(settings)) {
		scope.namespaces = centre.namespaces.items;
		scope.namespace_count = centre.namespaces.count;
	}
	status = view_open(settings, &scope, &snapshot);
	if (status != STATUS_DONE)
		return status;
	is_asked_for = centre.refs.count || centre.pids.count;
	found = find_all(snapshot, &centre);
	if (!has_centre(&centre, is_asked_for))
		return found;
	if (check_judge(snapshot, &check_usual_bounds, &findings) < 0 ||
	    graph_make(snapshot, &findings, &centre.options, &graph) < 0)
		return view_no_memory();
	if (!snapshot->has_waits)
		complain("incomplete: %s does not tell who waits",
			 settings->from ? "this file" : "a recorded tree");
	closed = view_close(settings->is_json ? print_json(&graph, &scope)
					      : print_picture(&graph, settings),
			    snapshot, &scope);
	vector_for_each (&centre.pids, pid)
		if (closed == STATUS_DONE)
			complain_of_namespace(snapshot, *pid);
	return closed == STATUS_DONE ? found : closed;
}
