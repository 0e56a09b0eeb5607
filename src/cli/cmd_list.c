/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipclens list: objects, one table for each kind.
 */
#include <errno.h>

#include "base/parse_number.h"
#include "cli/list_log.h"
#include "cli/repeat.h"
#include "cli/view.h"
#include "model/record_json.h"
#include "render/table.h"

/* What is worth 80 columns of each kind. */
static const size_t shm_columns[] = {
	OBJECT_REF, OBJECT_KEY,	   OBJECT_USER,	       OBJECT_MODE,	OBJECT_SIZE,
	OBJECT_RSS, OBJECT_NATTCH, OBJECT_CREATOR_PID, OBJECT_LAST_PID, OBJECT_STATUS};
static const size_t sem_columns[] = {OBJECT_REF,       OBJECT_KEY,   OBJECT_USER,
				     OBJECT_MODE,      OBJECT_NSEMS, OBJECT_OPERATED_AT,
				     OBJECT_CHANGED_AT};
static const size_t msg_columns[] = {OBJECT_REF,	   OBJECT_KEY,
				     OBJECT_USER,	   OBJECT_MODE,
				     OBJECT_USED_BYTES,	   OBJECT_MAX_BYTES,
				     OBJECT_USED_PERCENT,  OBJECT_MESSAGES,
				     OBJECT_LAST_SEND_PID, OBJECT_LAST_RECEIVE_PID};

static const size_t pshm_columns[] = {OBJECT_REF,   OBJECT_USER,      OBJECT_MODE,
				      OBJECT_SIZE,  OBJECT_ALLOCATED, OBJECT_CREATED_AT,
				      OBJECT_STATUS};
static const size_t psem_columns[] = {OBJECT_REF,	 OBJECT_USER,	 OBJECT_MODE,
				      OBJECT_VALUE,	 OBJECT_WAITERS, OBJECT_LAYOUT,
				      OBJECT_CREATED_AT, OBJECT_STATUS};
static const size_t mq_columns[] = {OBJECT_REF,
				    OBJECT_USER,
				    OBJECT_MODE,
				    OBJECT_MESSAGES,
				    OBJECT_MAX_MESSAGES,
				    OBJECT_USED_PERCENT,
				    OBJECT_MAX_MESSAGE_BYTES,
				    OBJECT_STATUS};
static const size_t pipe_columns[] = {OBJECT_REF, OBJECT_READERS, OBJECT_WRITERS};
static const size_t fifo_columns[] = {OBJECT_REF, OBJECT_USER, OBJECT_MODE, OBJECT_READERS,
				      OBJECT_WRITERS};
static const size_t map_columns[] = {OBJECT_REF, OBJECT_NAME, OBJECT_SIZE, OBJECT_ALLOCATED,
				     OBJECT_PROCESSES};
/* What --fill adds. */
static const size_t fill_columns[] = {OBJECT_USED_BYTES, OBJECT_MAX_BYTES, OBJECT_USED_PERCENT};

#define COLUMNS(array)                                    \
	{                                                 \
		array, sizeof(array) / sizeof((array)[0]) \
	}

static const struct {
	const size_t *columns;
	size_t count;
} usual[KIND_COUNT] = {
	[KIND_SHM] = COLUMNS(shm_columns),   [KIND_SEM] = COLUMNS(sem_columns),
	[KIND_MSG] = COLUMNS(msg_columns),   [KIND_PSHM] = COLUMNS(pshm_columns),
	[KIND_PSEM] = COLUMNS(psem_columns), [KIND_MQ] = COLUMNS(mq_columns),
	[KIND_PIPE] = COLUMNS(pipe_columns), [KIND_FIFO] = COLUMNS(fifo_columns),
	[KIND_MAP] = COLUMNS(map_columns),
};

/* One call of the command, understood. */
struct listing {
	unsigned int kinds;
	unsigned int nameless_kinds; /* of which objects without a name are listed, too */
	bool has_fill;
	bool has_columns; /* otherwise the usual ones of each kind */
	bool adds_columns;
	bool is_narrowed; /* by conditions or an owner */
	VECTOR(size_t) columns;
	struct filters filters;
	struct sort_keys sort;
	struct scope scope;
	struct list_log *log; /* of looks that are repeated; NULL: there is one */
};

static void listing_deinit(struct listing *listing)
{
	vector_deinit(&listing->columns);
	vector_deinit(&listing->sort.keys);
	filters_deinit(&listing->filters);
}
#define _cleanup_listing_ __attribute__((cleanup(listing_deinit)))

static enum exit_status add_field(struct listing *listing, size_t field)
{
	size_t *place = vector_add(&listing->columns);

	if (!place)
		return view_no_memory();
	*place = field;
	return STATUS_DONE;
}

static enum exit_status add_all_fields(struct listing *listing)
{
	enum exit_status status = STATUS_DONE;

	for (size_t i = 0; status == STATUS_DONE && i < object_fields.count; i++)
		if (field_applies(&object_fields.fields[i], listing->kinds))
			status = add_field(listing, i);
	return status;
}

/* Whether anything that is listed has the field; false after a complaint. */
static bool is_listed(const struct listing *listing, const char *option, size_t index)
{
	const struct field *field = &object_fields.fields[index];
	_cleanup_buffer_ struct buffer kinds = {0};

	if (field_applies(field, listing->kinds))
		return true;
	for (enum kind kind = 0; kind < KIND_COUNT; kind++)
		if (field_applies(field, KIND_BIT(kind)))
			buffer_add_format(&kinds, "%s%s", kinds.length ? ", " : "",
					  kind_info(kind)->word);
	complain("--%s: %s is no field of what is listed; it is one of %s", option, field->name,
		 buffer_string(&kinds));
	return false;
}

static enum exit_status add_column(struct listing *listing, struct text name)
{
	struct ipclens_error error;
	size_t field;

	if (text_equals(name, TEXT_LITERAL("all")))
		return add_all_fields(listing);
	if (field_look_up(&object_fields, name, &field, &error) < 0) {
		complain("--columns: %s", error.text);
		return STATUS_USAGE;
	}
	if (!is_listed(listing, "columns", field))
		return STATUS_USAGE;
	return add_field(listing, field);
}

static enum exit_status read_columns(struct listing *listing, const char *columns)
{
	enum exit_status status = STATUS_DONE;

	if (!columns)
		return STATUS_DONE;
	listing->adds_columns = *columns == '+';
	listing->has_columns = !listing->adds_columns;
	columns += listing->adds_columns;
	while (status == STATUS_DONE) {
		size_t length = strcspn(columns, ",");

		status = add_column(listing, (struct text){columns, length});
		if (!columns[length])
			break;
		columns += length + 1;
	}
	return status;
}

static enum exit_status read_sort(struct listing *listing, const char *sort)
{
	struct ipclens_error error;
	int r = sort_parse(text_of(sort), &listing->sort, &error);

	if (r < 0) {
		complain("--sort: %s", error.text);
		return r == -ENOMEM ? STATUS_FAILED : STATUS_USAGE;
	}
	vector_for_each (&listing->sort.keys, key)
		if (!is_listed(listing, "sort", key->field))
			return STATUS_USAGE;
	return STATUS_DONE;
}

static enum exit_status read_conditions(struct listing *listing, const struct settings *settings)
{
	enum exit_status status = view_conditions(settings, &listing->filters);

	if (status != STATUS_DONE)
		return status;
	vector_for_each (&listing->filters.items, filter)
		if (!is_listed(listing, "filter", filter->field))
			return STATUS_USAGE;
	return settings->sort ? read_sort(listing, settings->sort) : STATUS_DONE;
}

static void find_scope(struct listing *listing, const struct settings *settings)
{
	struct scope *scope = &listing->scope;

	if (settings->is_json) {
		*scope = scope_everything;
		scope->limit_kinds = 0;
		/* Looking at every process takes time: only where the column is asked for. */
		scope->link_kinds = 0;
		scope->wait_kinds = 0;
		scope->has_holders = false;
		scope->has_history = false;
	}
	scope->kinds = listing->kinds;
	scope->nameless_kinds = listing->nameless_kinds;
	scope->has_no_links = true;
	scope->has_no_starts = true;
	/* In JSON all fields are shown; in a table those that are added below. */
	scope->has_no_residence = !settings->is_json;
	scope->has_no_past = !settings->is_json;
	for (enum kind kind = 0; kind < KIND_COUNT; kind++)
		for (size_t i = 0; listing->kinds & KIND_BIT(kind) && i < usual[kind].count; i++)
			if (!listing->has_columns)
				scope_add_field(scope, (enum object_field)usual[kind].columns[i]);
	vector_for_each (&listing->columns, column)
		scope_add_field(scope, (enum object_field) * column);
	vector_for_each (&listing->sort.keys, key)
		scope_add_field(scope, (enum object_field)key->field);
	vector_for_each (&listing->filters.items, filter)
		scope_add_field(scope, (enum object_field)filter->field);
	listing->is_narrowed = settings->owner || listing->filters.items.count;
	if (settings->owner)
		scope_add_field(scope, OBJECT_USER);
}

static int print_json(const struct snapshot *snapshot, const struct listing *listing,
		      const struct selection *selection)
{
	_cleanup_buffer_ struct buffer output = {.sink = listing->log ? NULL : stdout};

	document_begin(&output, snapshot, "list");
	document_begin_list(&output, object_fields.name);
	vector_for_each (&selection->objects, object) {
		document_next(&output, object == selection->objects.items);
		object_add_json(&output, *object);
	}
	document_end_list(&output);
	document_add_issues(&output, snapshot, &listing->scope);
	document_end(&output);
	return listing->log ? list_log_print_json(&output) : buffer_flush(&output);
}

static bool has_column(const size_t *columns, size_t count, size_t column)
{
	while (count)
		if (columns[--count] == column)
			return true;
	return false;
}

/* The columns of a kind's table, each once; room for them all. */
static size_t columns_of(const struct listing *listing, enum kind kind, size_t *columns)
{
	size_t count = 0;

	for (size_t i = 0; !listing->has_columns && i < usual[kind].count; i++)
		columns[count++] = usual[kind].columns[i];
	for (size_t i = 0; listing->has_fill && i < sizeof(fill_columns) / sizeof(fill_columns[0]);
	     i++)
		if (!listing->has_columns && !has_column(columns, count, fill_columns[i]) &&
		    field_applies(&object_fields.fields[fill_columns[i]],
				  KIND_BIT(kind) & ~KINDS_SYSV))
			columns[count++] = fill_columns[i];
	vector_for_each (&listing->columns, column)
		if (field_applies(&object_fields.fields[*column], KIND_BIT(kind)) &&
		    !has_column(columns, count, *column))
			columns[count++] = *column;
	return count;
}

/* Nothing to list has more than one reason. */
static int print_none(const struct listing *listing, const struct snapshot *snapshot,
		      const struct style *style, enum kind kind)
{
	const char *plural = kind_info(kind)->plural;
	int r = listing->log ? list_log_begin_none(listing->log, snapshot, style, kind) : 1;

	if (r <= 0)
		return r;
	if (!snapshot_has_all(snapshot, kind))
		printf("%s: could not all be listed\n", plural);
	else
		printf("no %s%s\n", listing->is_narrowed ? "matching " : "", plural);
	return 0;
}

static int print_kind(const struct listing *listing, const struct snapshot *snapshot,
		      const struct style *style, enum kind kind,
		      const struct object *const *objects, size_t count)
{
	size_t columns[OBJECT_FIELD_COUNT];
	struct table_layout layout = {.fields = &object_fields,
				      .columns = columns,
				      .add_cell = list_add_cell,
				      .context = snapshot};

	if (!count)
		return style->has_heading ? print_none(listing, snapshot, style, kind) : 0;
	layout.count = columns_of(listing, kind, columns);
	if (listing->log)
		return list_log_print(listing->log, snapshot, style, columns, layout.count, objects,
				      count);
	if (style->has_heading && (listing->kinds & (listing->kinds - 1)))
		printf("%zu %s\n", count,
		       count == 1 ? kind_info(kind)->singular : kind_info(kind)->plural);
	return table_print_array(&layout, style, (const void *const *)objects, count, stdout);
}

static int print_tables(const struct listing *listing, const struct snapshot *snapshot,
			const struct style *style, const struct selection *selection)
{
	const struct object *const *first = selection->objects.items;
	size_t left = selection->objects.count, columns[OBJECT_FIELD_COUNT];
	bool is_first = true;

	for (enum kind kind = 0; kind < KIND_COUNT; kind++) {
		size_t count = 0;
		int r = 0;

		if (!(listing->kinds & KIND_BIT(kind)))
			continue;
		while (count < left && first[count]->kind == kind)
			count++;
		/* A kind that has none of the columns has no table. */
		if (columns_of(listing, kind, columns)) {
			if (!is_first && style->has_heading && !listing->log)
				putchar('\n');
			is_first = false;
			r = print_kind(listing, snapshot, style, kind, first, count);
		}
		if (r < 0)
			return r;
		/* Without any objects there is nothing to point into. */
		if (count)
			first += count;
		left -= count;
	}
	return 0;
}

static int print(const struct settings *settings, const struct listing *listing,
		 const struct snapshot *snapshot, const struct selection *selection)
{
	struct style style = view_style(settings, snapshot);

	return settings->is_json ? print_json(snapshot, listing, selection)
				 : print_tables(listing, snapshot, &style, selection);
}

/* One of several: what it prints is written as a whole, and at once. */
static enum exit_status print_for_log(const struct settings *settings,
				      const struct listing *listing,
				      const struct snapshot *snapshot,
				      const struct selection *selection)
{
	enum exit_status status;
	sigset_t signals;

	repeat_hold_signals(&signals);
	status = view_finish_output(print(settings, listing, snapshot, selection));
	repeat_release_signals(&signals);
	if (status == STATUS_DONE)
		list_log_complain(listing->log, snapshot, &listing->scope);
	return status;
}

static enum exit_status look(const struct settings *settings, const struct listing *listing)
{
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;
	_cleanup_selection_ struct selection selection = {0};
	const struct selection_options options = {.kinds = listing->kinds,
						  .nameless_kinds = listing->nameless_kinds,
						  .owner = text_of(settings->owner),
						  .filters = &listing->filters,
						  .sort = &listing->sort};
	enum exit_status status = view_open(settings, &listing->scope, &snapshot);

	if (status != STATUS_DONE)
		return status;
	if (select_objects(snapshot, &options, &selection) < 0)
		return view_no_memory();
	if (listing->log)
		return print_for_log(settings, listing, snapshot, &selection);
	return view_close(print(settings, listing, snapshot, &selection), snapshot,
			  &listing->scope);
}

static enum exit_status look_repeatedly(const struct settings *settings, struct listing *listing,
					const struct repeat *wanted)
{
	struct list_log log;
	struct repeat repeat;
	enum exit_status status;

	list_log_init(&log);
	listing->log = &log;
	repeat_begin(wanted->interval, &repeat);
	repeat.left = wanted->left;
	do
		status = look(settings, listing);
	while (status == STATUS_DONE && repeat_wait(&repeat));
	return status;
}

static bool read_count(const struct settings *settings, struct repeat *repeat)
{
	const char *count = settings->arguments[OPTION_LOOKS];

	repeat->left = UINT64_MAX;
	if (!count)
		return true;
	if (!settings->arguments[OPTION_EVERY])
		complain("--count is how often to look: it goes with --every");
	else if (parse_unsigned(text_of(count), 10, UINT64_MAX - 1, &repeat->left) < 0 ||
		 !repeat->left)
		complain_about(count, "--count takes a number, from 1");
	else
		return true;
	return false;
}

/* Whether to look again and again; then interval is above 0. False after a complaint. */
static bool read_repeat(const struct settings *settings, struct repeat *ret_repeat)
{
	const char *every = settings->arguments[OPTION_EVERY];
	int r;

	*ret_repeat = (struct repeat){0};
	if (!read_count(settings, ret_repeat))
		return false;
	if (!every)
		return true;
	if (settings->from || settings->root) {
		complain("--every looks at this machine again and again: %s does not change",
			 settings->from ? "a file (--from)" : "a recorded tree (--root)");
		return false;
	}
	r = repeat_parse(every, &ret_repeat->interval);
	if (r == -ERANGE)
		complain_about(every, "--every takes 0.01 seconds at least, and 365d at most");
	else if (r < 0)
		complain_about(every, "--every takes an age: 2, 0.5, 90s, 15m, 2h or 7d");
	return r == 0;
}

enum exit_status cmd_list(struct invocation *invocation)
{
	const struct settings *settings = &invocation->settings;
	_cleanup_listing_ struct listing listing = {0};
	struct repeat repeat;
	enum exit_status status = view_kinds(invocation, KINDS_LISTED, &listing.kinds);

	listing.has_fill = settings->has_fill;
	if (invocation->operand_count)
		listing.nameless_kinds = listing.kinds & KINDS_IN_PROCESSES;
	if (status == STATUS_DONE)
		status = read_columns(&listing, settings->columns);
	if (status == STATUS_DONE)
		status = read_conditions(&listing, settings);
	if (status == STATUS_DONE)
		status = view_check_owner(settings);
	if (status == STATUS_DONE && !read_repeat(settings, &repeat))
		status = STATUS_USAGE;
	if (status != STATUS_DONE)
		return status;
	find_scope(&listing, settings);
	/* They had to be looked for, and are told of, once all processes were looked at. */
	listing.nameless_kinds |= listing.scope.nameless_kinds;
	return repeat.interval ? look_repeatedly(settings, &listing, &repeat)
			       : look(settings, &listing);
}
