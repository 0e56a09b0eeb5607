/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipclens show: everything about single objects.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "cli/limit_table.h"
#include "cli/view.h"
#include "model/record_json.h"
#include "render/table.h"

#define INDENT "  "

/* The objects that were found, and the kinds among them. */
struct findings {
	struct selection objects;
	unsigned int kinds;
};

static void findings_deinit(struct findings *findings)
{
	selection_deinit(&findings->objects);
}

static void print_field(struct buffer *output, const struct object *object, size_t index,
			const struct style *style)
{
	const struct field *field = &object_fields.fields[index];
	struct value_scratch scratch;
	struct value value = field_value(&object_fields, index, object, &scratch);

	buffer_add_string(output, INDENT);
	buffer_add_left(output, text_of(field->name), 18);
	style_add_field(output, &object_fields, index, object, style);
	if (value.is_hidden)
		buffer_add_string(output, " (a process that this PID namespace does not show)");
	if (value.is_present && index == OBJECT_KEY && !value.number)
		buffer_add_string(output, " (private)");
	if (value.is_present && value.type == VALUE_SIZE && !style->is_exact &&
	    value.number >= 1024)
		buffer_add_format(output, " (%llu bytes)", (unsigned long long)value.number);
	if (value.is_present && value.type == VALUE_TIME &&
	    style->time_format == TIME_FORMAT_SHORT) {
		buffer_add_string(output, " (");
		time_add_formatted(output, TIME_FORMAT_RELATIVE, value.signed_number, style->now);
		buffer_add_char(output, ')');
	}
	buffer_add_char(output, '\n');
}

/* What stands elsewhere in the answer, or cannot be for this object. */
static bool is_passed_over(const struct object *object, size_t index)
{
	const struct field *field = &object_fields.fields[index];

	return !field_applies(field, KIND_BIT(object->kind)) || field->type == VALUE_RECORDS ||
	       index == OBJECT_REF || index == OBJECT_KIND || index == OBJECT_NAME;
}

static void print_fields(struct buffer *output, const struct object *object,
			 const struct style *style)
{
	if (style->has_heading) {
		style_add_field(output, &object_fields, OBJECT_REF, object, style);
		buffer_add_format(output, "  %s\n", kind_info(object->kind)->singular);
	}
	for (size_t i = 0; i < OBJECT_FIELD_COUNT; i++)
		if (!is_passed_over(object, i))
			print_field(output, object, i, style);
}

/* The semaphores of an array, one after the other. */
struct cursor {
	const struct semaphore *next;
	size_t left;
};

static const void *next_semaphore(void *context)
{
	struct cursor *cursor = context;

	if (!cursor->left)
		return NULL;
	cursor->left--;
	return cursor->next++;
}

static int print_semaphores(const struct object *object, const struct style *style)
{
	static const size_t columns[] = {SEMAPHORE_NUM, SEMAPHORE_VALUE, SEMAPHORE_NCOUNT,
					 SEMAPHORE_ZCOUNT, SEMAPHORE_PID};
	const struct table_layout layout = {.fields = &semaphore_fields,
					    .columns = columns,
					    .count = SEMAPHORE_FIELD_COUNT,
					    .indent = INDENT};
	struct cursor cursor = {object->sem.semaphores.items, object->sem.semaphores.count};

	if (!object_has(object, OBJECT_SEMAPHORES)) {
		if (printf("\n" INDENT "the values of its semaphores could not be read\n") < 0)
			return -EIO;
		return 0;
	}
	putchar('\n');
	return table_print(&layout, style, next_semaphore, &cursor, stdout);
}

static int print_object(const struct snapshot *snapshot, const struct object *object,
			const struct style *style)
{
	_cleanup_buffer_ struct buffer output = view_output();
	int r;

	print_fields(&output, object, style);
	r = buffer_flush(&output);
	if (r == 0 && object->kind == KIND_SEM)
		r = print_semaphores(object, style);
	if (r < 0)
		return r;
	putchar('\n');
	return limit_table_print(snapshot, KIND_BIT(object->kind), INDENT, style);
}

static int print_all(const struct snapshot *snapshot, const struct findings *findings,
		     const struct style *style)
{
	vector_for_each (&findings->objects.objects, object) {
		int r;

		if (object != findings->objects.objects.items)
			putchar('\n');
		r = print_object(snapshot, *object, style);
		if (r < 0)
			return r;
	}
	return 0;
}

static int print_json(const struct snapshot *snapshot, const struct findings *findings,
		      const struct scope *scope)
{
	_cleanup_buffer_ struct buffer output = view_output();

	document_begin(&output, snapshot, "show");
	document_begin_list(&output, object_fields.name);
	vector_for_each (&findings->objects.objects, object) {
		document_next(&output, object == findings->objects.objects.items);
		object_add_json(&output, *object);
	}
	document_end_list(&output);
	document_add_limits(&output, snapshot, findings->kinds);
	document_add_issues(&output, snapshot, scope);
	document_end(&output);
	return buffer_flush(&output);
}

/* The first object that has the number in another way: as the id of another kind, or as a key. */
static const struct object *find_nearest(const struct snapshot *snapshot, const struct ref *ref)
{
	vector_for_each (&snapshot->objects, object)
		if (object->id == ref->number || object->key == ref->number)
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

static bool is_elsewhere(const struct snapshot *snapshot, const struct ref *ref)
{
	const struct host *host = &snapshot->host;

	return ref->has_namespace && !(record_has(&host->record, HOST_IPC_NAMESPACE) &&
				       host->ipc_namespace == ref->namespace);
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
	char name[REF_MAX] = "", looked[64] = "an unknown IPC namespace";

	if (here)
		(void)ref_of_object(here, name);
	if (record_has(&snapshot->host.record, HOST_IPC_NAMESPACE))
		snprintf(looked, sizeof(looked), "only IPC namespace %llu",
			 (unsigned long long)snapshot->host.ipc_namespace);
	complain_about(operand, "not found; %s was looked at%s%s", looked,
		       here ? ", where there is " : "", name);
}

static void complain_not_found(const struct snapshot *snapshot, const char *operand,
			       const struct ref *ref)
{
	const struct object *near = find_nearest(snapshot, ref);
	char bytes[REF_MAX];

	if (is_elsewhere(snapshot, ref))
		complain_elsewhere(snapshot, operand, ref);
	else if (near)
		complain_about(operand, "not found; there is %.*s with key 0x%08llx",
			       (int)ref_of_object(near, bytes).length, bytes,
			       (unsigned long long)near->key);
	else if (!has_all(snapshot, ref->kinds))
		complain_about(operand, "not found, but not all objects could be listed");
	else
		complain_about(operand, "not found; \"ipclens list\" shows what there is");
}

static void complain_ambiguous(const char *operand, const struct selection *matches)
{
	_cleanup_buffer_ struct buffer list = {0};

	vector_for_each (&matches->objects, object) {
		char bytes[REF_MAX];

		if (object != matches->objects.items)
			buffer_add_string(&list, ", ");
		buffer_add_text(&list, ref_of_object(*object, bytes));
	}
	if (buffer_string(&list))
		complain_about(operand, "it names more than one object; say which: %s", list.bytes);
}

/* Adds the one object that the REF names; complains of none and of many. */
static enum exit_status find(const struct snapshot *snapshot, const char *operand,
			     const struct ref *ref, struct findings *findings)
{
	_cleanup_selection_ struct selection matches = {0};
	const struct object **place;

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
	place = vector_add(&findings->objects.objects);
	if (!place)
		return view_no_memory();
	*place = matches.objects.items[0];
	findings->kinds |= KIND_BIT((*place)->kind);
	return STATUS_DONE;
}

static enum exit_status read_refs(const struct invocation *invocation, struct ref *refs)
{
	struct ipclens_error error;

	for (int i = 0; i < invocation->operand_count; i++) {
		if (ref_parse(text_of(invocation->operands[i]), &refs[i], &error) < 0) {
			complain_about(invocation->operands[i], "%s", error.text);
			return STATUS_USAGE;
		}
	}
	return STATUS_DONE;
}

/* What is found is shown, also where another REF names nothing. */
static enum exit_status show(const struct invocation *invocation, const struct ref *refs,
			     const struct snapshot *snapshot, const struct scope *scope)
{
	__attribute__((cleanup(findings_deinit))) struct findings findings = {0};
	const struct settings *settings = &invocation->settings;
	struct style style = view_style(settings, snapshot);
	enum exit_status status = STATUS_DONE, closed;

	for (int i = 0; i < invocation->operand_count; i++)
		if (find(snapshot, invocation->operands[i], &refs[i], &findings) != STATUS_DONE)
			status = STATUS_FAILED;
	closed = view_close(settings->is_json ? print_json(snapshot, &findings, scope)
					      : print_all(snapshot, &findings, &style),
			    snapshot, scope);
	return closed == STATUS_DONE ? status : closed;
}

enum exit_status cmd_show(struct invocation *invocation)
{
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;
	_cleanup_free_ struct ref *refs = NULL;
	struct scope scope = scope_everything, answer = scope_everything;
	enum exit_status status;

	refs = calloc((size_t)invocation->operand_count + 1, sizeof(*refs));
	if (!refs)
		return view_no_memory();
	status = read_refs(invocation, refs);
	if (status != STATUS_DONE)
		return status;
	answer.kinds = answer.limit_kinds = 0;
	for (int i = 0; i < invocation->operand_count; i++)
		answer.kinds = answer.limit_kinds |= refs[i].kinds;
	/* All kinds are listed, so that a REF of the wrong kind can be told what would be right. */
	scope.has_semaphores = answer.kinds & KIND_BIT(KIND_SEM);
	scope.has_queue_limits = answer.kinds & KIND_BIT(KIND_MSG);
	scope.details = answer.details = refs;
	scope.detail_count = answer.detail_count = (size_t)invocation->operand_count;
	status = view_open(&invocation->settings, &scope, &snapshot);
	return status == STATUS_DONE ? show(invocation, refs, snapshot, &answer) : status;
}
