/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/find.h"

#include <stdlib.h>

#include "model/record_json.h"

void found_deinit(struct found *found)
{
	free(found->refs);
	free(found->namespaces);
	selection_deinit(&found->objects);
	found->snapshot = snapshot_free(found->snapshot);
}

#define KINDS_OF_MEMORY (KIND_BIT(KIND_SHM) | KIND_BIT(KIND_PSHM) | KIND_BIT(KIND_MAP))

void find_narrow(const struct found *found, struct scope *scope)
{
	scope->kinds = KINDS_SYSV | found->wanted_kinds;
	scope->limit_kinds &= scope->kinds;
	scope->nameless_kinds = found->wanted_kinds & KINDS_IN_PROCESSES;
	/* Locks in memory are left to "blocked": to find them takes a look at every thread. */
	scope->wait_kinds = found->wanted_kinds & ~KINDS_OF_MEMORY;
	scope->has_holders = found->wanted_kinds & KIND_BIT(KIND_SEM);
}

/* The first object that has the number in another way: as the id of another kind, or as a key. */
static const struct object *find_nearest(const struct snapshot *snapshot, const struct ref *ref)
{
	if (ref->form != REF_BY_ID && ref->form != REF_BY_KEY)
		return NULL;
	vector_for_each (&snapshot->objects, object)
		if (KIND_BIT(object->kind) & KINDS_SYSV &&
		    (!ref->has_namespace || object->namespace == ref->namespace) &&
		    /* Key 0 is no key. */
		    (object->id == ref->number || (object->key == ref->number && ref->number)))
			return object;
	return NULL;
}

static bool has_all(const struct snapshot *snapshot, unsigned int kinds)
{
	for (enum kind kind = 0; kind < KIND_COUNT; kind++)
		if (kinds & KIND_BIT(kind) && !snapshot_has_all(snapshot, kind))
			return false;
	return true;
}

/* Whether the REF names a namespace that was not looked at. */
static bool is_elsewhere(const struct snapshot *snapshot, const struct ref *ref)
{
	const struct host *host = &snapshot->host;

	vector_for_each (&snapshot->namespaces, namespace)
		if (ref->has_namespace && namespace->number == ref->namespace)
			return false;
	return ref->has_namespace &&
	       (snapshot->namespaces.count || !record_has(&host->record, HOST_IPC_NAMESPACE) ||
		host->ipc_namespace != ref->namespace);
}

/* What the REF would name if it said no namespace, or another one. */
static const struct object *find_here(const struct snapshot *snapshot, const struct ref *ref)
{
	struct ref here = *ref;

	here.has_namespace = false;
	vector_for_each (&snapshot->objects, object)
		if (ref_matches(&here, object))
			return object;
	return NULL;
}

static void complain_elsewhere(const struct snapshot *snapshot, const char *operand,
			       const struct ref *ref)
{
	const struct object *here = find_here(snapshot, ref);
	char bytes[REF_MAX], looked[64] = "an unknown IPC namespace was looked at";
	struct text name = here ? ref_of_object(here, bytes) : TEXT_LITERAL("");

	if (snapshot->namespaces.count)
		snprintf(looked, sizeof(looked), "it names an IPC namespace that you do not see");
	else if (record_has(&snapshot->host.record, HOST_IPC_NAMESPACE))
		snprintf(looked, sizeof(looked), "only IPC namespace %llu was looked at",
			 (unsigned long long)snapshot->host.ipc_namespace);
	complain_about(operand, "not found; %s%s%.*s", looked, here ? ", where there is " : "",
		       (int)name.length, name.bytes);
}

/* " pipe": what "ipclens list" shows only where it is named. */
static const char *word_of_unlisted(const struct ref *ref)
{
	static const char *const words[KIND_COUNT] = {
		[KIND_PSHM] = " pshm", [KIND_PSEM] = " psem", [KIND_MQ] = " mq",
		[KIND_PIPE] = " pipe", [KIND_FIFO] = " fifo", [KIND_MAP] = " map"};

	for (enum kind kind = 0; kind < KIND_COUNT; kind++)
		if (ref->kinds == KIND_BIT(kind) && words[kind])
			return words[kind];
	return "";
}

static void complain_not_found(const struct snapshot *snapshot, const char *operand,
			       const struct ref *ref)
{
	const struct object *near = find_nearest(snapshot, ref);
	char bytes[REF_MAX];
	struct text name = near ? ref_of_object(near, bytes) : TEXT_LITERAL("");

	if (is_elsewhere(snapshot, ref))
		complain_elsewhere(snapshot, operand, ref);
	else if (ref->kinds & KINDS_SYSV && !has_all(snapshot, ref->kinds))
		complain_about(operand, "not found, but not all objects could be listed");
	else if (near)
		complain_about(operand, "not found; there is %.*s with key 0x%08llx",
			       (int)name.length, name.bytes, (unsigned long long)near->key);
	else if (ref->kinds & KIND_BIT(KIND_FIFO) && ref->name.length)
		complain_about(operand, "not found: no FIFO is there, or none that you may see");
	else if (ref->kinds & KINDS_IN_PROCESSES &&
		 snapshot_has_unseen_processes(snapshot, ref->kinds))
		complain_about(operand, "not found, but not all processes could be looked at");
	else if (!has_all(snapshot, ref->kinds))
		complain_about(operand, "not found, but not all objects could be listed");
	else
		complain_about(operand, "not found; \"ipclens list%s\" shows what there is",
			       word_of_unlisted(ref));
}

/* Each namespace can have one of them. */
#define MATCHES_SHOWN 8

static void complain_ambiguous(const char *operand, const struct selection *matches)
{
	_cleanup_buffer_ struct buffer list = {0};

	for (size_t i = 0; i < matches->objects.count && i < MATCHES_SHOWN; i++) {
		char bytes[REF_MAX];

		if (i)
			buffer_add_string(&list, ", ");
		buffer_add_text(&list, ref_of_object(matches->objects.items[i], bytes));
	}
	if (matches->objects.count > MATCHES_SHOWN)
		buffer_add_format(&list, " and %zu more", matches->objects.count - MATCHES_SHOWN);
	if (buffer_string(&list))
		complain_about(operand, "it names more than one object; say which: %s", list.bytes);
}

enum exit_status find_object(const struct snapshot *snapshot, const char *operand,
			     const struct ref *ref, const struct object **ret_object)
{
	_cleanup_selection_ struct selection matches = {0};

	if (select_by_ref(snapshot, ref, &matches) < 0)
		return view_no_memory();
	if (matches.objects.count == 0) {
		complain_not_found(snapshot, operand, ref);
		return STATUS_FAILED;
	}
	if (matches.objects.count > 1) {
		complain_ambiguous(operand, &matches);
		return STATUS_FAILED;
	}
	*ret_object = matches.objects.items[0];
	return STATUS_DONE;
}

/* Adds the one object that the REF names. */
static enum exit_status find(struct found *found, const char *operand, const struct ref *ref)
{
	const struct object *object = NULL, **place;
	enum exit_status status = find_object(found->snapshot, operand, ref, &object);

	if (status != STATUS_DONE)
		return status;
	place = vector_add(&found->objects.objects);
	if (!place)
		return view_no_memory();
	*place = object;
	found->kinds |= KIND_BIT(object->kind);
	return STATUS_DONE;
}

enum exit_status find_read(const struct invocation *invocation, struct found *ret_found)
{
	struct ipclens_error error;

	ret_found->refs = calloc((size_t)invocation->operand_count + 1, sizeof(*ret_found->refs));
	ret_found->namespaces =
		calloc((size_t)invocation->operand_count + 1, sizeof(*ret_found->namespaces));
	if (!ret_found->refs || !ret_found->namespaces)
		return view_no_memory();
	for (int i = 0; i < invocation->operand_count; i++) {
		if (ref_parse(text_of(invocation->operands[i]), &ret_found->refs[i], &error) < 0) {
			complain_about(invocation->operands[i], "%s", error.text);
			return STATUS_USAGE;
		}
		ret_found->wanted_kinds |= ret_found->refs[i].kinds;
		if (ret_found->refs[i].has_namespace)
			ret_found->namespaces[ret_found->namespace_count++] =
				ret_found->refs[i].namespace;
	}
	return STATUS_DONE;
}

static bool can_ask_for_only(const struct invocation *invocation, const struct found *found)
{
	const struct ref *ref = &found->refs[0];

	return invocation->operand_count == 1 && ref->form == REF_BY_ID &&
	       !invocation->settings.from && !(ref->kinds & (ref->kinds - 1));
}

/*
 * Of one object that is named by its id the kernel can be asked directly. Where it is not there,
 * all are listed after all, to tell what is.
 */
static enum exit_status open_snapshot(const struct invocation *invocation,
				      const struct scope *scope, struct found *found)
{
	struct scope only = *scope;
	enum exit_status status;

	if (scope->has_no_residence && can_ask_for_only(invocation, found)) {
		only.kinds = found->refs[0].kinds;
		only.only = &found->refs[0];
		status = view_open(&invocation->settings, &only, &found->snapshot);
		if (status != STATUS_DONE || found->snapshot->objects.count)
			return status;
		found->snapshot = snapshot_free(found->snapshot);
	}
	return view_open(&invocation->settings, scope, &found->snapshot);
}

bool find_can_look_elsewhere(const struct settings *settings)
{
	return !settings->from && !settings->root && !settings->arguments[OPTION_NAMESPACE];
}

enum exit_status find_open(const struct invocation *invocation, const struct scope *scope,
			   struct found *found)
{
	struct scope detailed = *scope;
	enum exit_status status;

	detailed.details = found->refs;
	detailed.detail_count = (size_t)invocation->operand_count;
	if (find_can_look_elsewhere(&invocation->settings)) {
		detailed.namespaces = found->namespaces;
		detailed.namespace_count = found->namespace_count;
	}
	found->answer = detailed;
	found->answer.kinds = found->wanted_kinds;
	found->answer.limit_kinds &= found->wanted_kinds;
	status = open_snapshot(invocation, &detailed, found);
	for (int i = 0; found->snapshot && i < invocation->operand_count; i++)
		if (find(found, invocation->operands[i], &found->refs[i]) != STATUS_DONE)
			status = STATUS_FAILED;
	return status;
}

/* Whether the object with that index is among those that were found. */
static bool is_found(const struct found *found, size_t index)
{
	vector_for_each (&found->objects.objects, object)
		if ((size_t)(*object - found->snapshot->objects.items) == index)
			return true;
	return false;
}

static bool uses_found(const struct found *found, int64_t pid)
{
	vector_for_each (&found->snapshot->links, link)
		if (link_names(link, pid) && is_found(found, link->object))
			return true;
	vector_for_each (&found->snapshot->waits, wait)
		if (wait->pid == pid && is_found(found, wait->object))
			return true;
	return false;
}

static void add_processes(struct buffer *output, const struct found *found)
{
	bool is_first = true;

	document_begin_list(output, process_fields.name);
	vector_for_each (&found->snapshot->processes, process) {
		if (!uses_found(found, process->pid))
			continue;
		document_next(output, is_first);
		is_first = false;
		record_add_json(output, &process_fields, process, 0);
	}
	document_end_list(output);
}

static void add_links(struct buffer *output, const struct found *found)
{
	bool is_first = true;

	document_begin_list(output, link_fields.name);
	vector_for_each (&found->snapshot->links, link) {
		if (!is_found(found, link->object))
			continue;
		document_next(output, is_first);
		is_first = false;
		record_add_json(output, &link_fields, link, 0);
	}
	document_end_list(output);
}

static void add_waits(struct buffer *output, const struct found *found)
{
	bool is_first = true;

	document_begin_list(output, wait_fields.name);
	vector_for_each (&found->snapshot->waits, wait) {
		if (!is_found(found, wait->object))
			continue;
		document_next(output, is_first);
		is_first = false;
		record_add_json(output, &wait_fields, wait, 0);
	}
	document_end_list(output);
}

static void add_accountings(struct buffer *output, const struct found *found)
{
	bool is_first = true;

	document_begin_list(output, accounting_fields.name);
	vector_for_each (&found->snapshot->accountings, accounting) {
		if (!is_found(found, accounting->object))
			continue;
		document_next(output, is_first);
		is_first = false;
		record_add_json(output, &accounting_fields, accounting, 0);
	}
	document_end_list(output);
}

static void add_objects(struct buffer *output, const struct found *found)
{
	document_begin_list(output, object_fields.name);
	vector_for_each (&found->objects.objects, object) {
		document_next(output, object == found->objects.objects.items);
		object_add_json(output, *object);
	}
	document_end_list(output);
}

static int print_json(const struct found *found, const char *command, bool has_limits)
{
	_cleanup_buffer_ struct buffer output = view_output();

	document_begin(&output, found->snapshot, command);
	add_objects(&output, found);
	if (found->snapshot->has_users) {
		add_processes(&output, found);
		add_links(&output, found);
		add_accountings(&output, found);
		if (found->snapshot->has_waits)
			add_waits(&output, found);
	}
	if (has_limits)
		document_add_limits(&output, found->snapshot, found->kinds);
	document_add_issues(&output, found->snapshot, &found->answer);
	document_end(&output);
	return buffer_flush(&output);
}

static int print_all(const struct found *found, const struct style *style, find_printer *print)
{
	vector_for_each (&found->objects.objects, object) {
		int r;

		if (object != found->objects.objects.items)
			putchar('\n');
		r = print(found->snapshot, *object, style);
		if (r < 0)
			return r;
	}
	return 0;
}

enum exit_status find_answer(const struct invocation *invocation, const struct found *found,
			     enum exit_status status, bool has_limits, find_printer *print)
{
	struct style style = view_style(&invocation->settings, found->snapshot);
	enum exit_status closed;
	int r;

	if (invocation->settings.is_json)
		r = print_json(found, invocation->command->name, has_limits);
	else
		r = print_all(found, &style, print);
	closed = view_close(r, found->snapshot, &found->answer);
	return closed == STATUS_DONE ? status : closed;
}
