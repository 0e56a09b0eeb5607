/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipclens namespaces: the IPC namespaces of the machine, what keeps each, and what is in it.
 */
#include "cli/limit_table.h"
#include "cli/view.h"
#include "model/record_json.h"
#include "render/table.h"

static const size_t usual[] = {NAMESPACE_NUMBER,    NAMESPACE_PROCESSES, NAMESPACE_PID,
			       NAMESPACE_COMMAND,   NAMESPACE_UNIT,	 NAMESPACE_SHM,
			       NAMESPACE_SHM_BYTES, NAMESPACE_SEM,	 NAMESPACE_MSG,
			       NAMESPACE_MQ,	    NAMESPACE_PSHM,	 NAMESPACE_KEPT_BY};

#define KINDS_COUNTED KINDS_IN_NAMESPACES

struct columns {
	size_t items[NAMESPACE_FIELD_COUNT];
	size_t count;
};

static bool has_column(const struct columns *columns, size_t field)
{
	for (size_t i = 0; i < columns->count; i++)
		if (columns->items[i] == field)
			return true;
	return false;
}

static void add_column(struct columns *columns, size_t field)
{
	if (!has_column(columns, field))
		columns->items[columns->count++] = field;
}

static void add_all(struct columns *columns)
{
	for (size_t field = 0; field < NAMESPACE_FIELD_COUNT; field++)
		add_column(columns, field);
}

static enum exit_status read_columns(const char *words, struct columns *columns)
{
	if (!words || *words == '+')
		for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
			add_column(columns, usual[i]);
	if (!words)
		return STATUS_DONE;
	words += *words == '+';
	for (;;) {
		struct text word = {words, strcspn(words, ",")};
		struct ipclens_error error;
		size_t field;

		if (text_equals(word, TEXT_LITERAL("all"))) {
			add_all(columns);
		} else if (field_look_up(&namespace_fields, word, &field, &error) == 0) {
			add_column(columns, field);
		} else {
			complain("--columns: %s", error.text);
			return STATUS_USAGE;
		}
		words += word.length;
		if (!*words++)
			return STATUS_DONE;
	}
}

/* The namespaces, one after the other. */
struct cursor {
	const struct namespace *next;
	size_t left;
};

static const void *next_namespace(void *context)
{
	struct cursor *cursor = context;

	if (!cursor->left)
		return NULL;
	cursor->left--;
	return cursor->next++;
}

static int print_table(const struct snapshot *snapshot, const struct columns *columns,
		       const struct style *style)
{
	const struct table_layout layout = {
		.fields = &namespace_fields, .columns = columns->items, .count = columns->count};
	struct cursor cursor = {snapshot->namespaces.items, snapshot->namespaces.count};

	return table_print(&layout, style, next_namespace, &cursor, stdout);
}

/* One that was asked for is shown with its limits. */
static int print_all(const struct snapshot *snapshot, const struct columns *columns,
		     const struct style *style, bool has_limits)
{
	int r = print_table(snapshot, columns, style);

	if (r < 0 || !has_limits)
		return r;
	if (style->has_heading)
		putchar('\n');
	return limit_table_print(snapshot, KINDS_COUNTED, 0, NULL, style);
}

static int print_json(const struct snapshot *snapshot, const struct scope *scope)
{
	_cleanup_buffer_ struct buffer output = view_output();

	document_begin(&output, snapshot, "namespaces");
	document_add_limits(&output, snapshot, scope->limit_kinds);
	document_add_issues(&output, snapshot, scope);
	document_end(&output);
	return buffer_flush(&output);
}

enum exit_status cmd_namespaces(struct invocation *invocation)
{
	const struct settings *settings = &invocation->settings;
	const char *place = settings->arguments[OPTION_NAMESPACE];
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;
	struct scope scope = {.kinds = KINDS_COUNTED,
			      .has_all_namespaces = !place,
			      .has_namespace_keepers = true,
			      .has_no_residence = true,
			      .has_no_past = true,
			      .has_namespaces = true,
			      .has_sight = settings->is_json};
	struct columns columns = {.count = 0};
	enum exit_status status = read_columns(settings->columns, &columns);
	struct style style;

	if (place || settings->is_json) {
		scope.limit_kinds = KINDS_SYSV | KIND_BIT(KIND_MQ);
		scope.has_limit_use = true;
	}
	if (status == STATUS_DONE)
		status = view_open(settings, &scope, &snapshot);
	if (status != STATUS_DONE)
		return status;
	if (!snapshot->namespaces.count) {
		complain("namespaces: this file is of one namespace alone; \"ipclens save "
			 "--all-namespaces\" makes one of all");
		return STATUS_FAILED;
	}
	style = view_style(settings, snapshot);
	return view_close(settings->is_json ? print_json(snapshot, &scope)
					    : print_all(snapshot, &columns, &style, place),
			  snapshot, &scope);
}
