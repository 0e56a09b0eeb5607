/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/process_names.h"

#include "base/utf8.h"
#include "render/style.h"

static struct text command_of(const struct snapshot *snapshot, int64_t pid)
{
	const struct process *process = snapshot_process(snapshot, pid);

	if (!process || !record_has(&process->record, PROCESS_COMMAND))
		return TEXT_LITERAL(STYLE_HIDDEN);
	return process->command;
}

static bool is_stopped(const struct snapshot *snapshot, int64_t pid)
{
	const struct process *process = snapshot_process(snapshot, pid);

	return process && process->stopped;
}

/* Whether others may use it, too: so also where nothing could be counted. */
static bool are_others_missing(const struct snapshot *snapshot, const struct object *object)
{
	const struct accounting *accounting = snapshot_accounting(snapshot, object);

	if (object->kind != KIND_SHM)
		return snapshot_has_unseen_processes(snapshot, KIND_BIT(object->kind));
	return !accounting || !accounting->is_complete;
}

void process_names_add_list(struct buffer *buffer, const struct snapshot *snapshot,
			    struct record_list pids)
{
	struct text last = TEXT_NONE;
	const int64_t *items = pids.items;

	for (size_t i = 0; i < pids.count; i++) {
		struct text command = command_of(snapshot, items[i]);

		if (!i || !text_equals(command, last)) {
			if (i)
				buffer_add_string(buffer, ", ");
			utf8_add_for_terminal(buffer, command);
		}
		last = command;
		buffer_add_char(buffer, ' ');
		buffer_add_signed(buffer, items[i], 0);
		/* It will do nothing of what others may wait for. */
		if (is_stopped(snapshot, items[i]))
			buffer_add_string(buffer, " (stopped)");
	}
}

void process_names_add(struct buffer *buffer, const struct snapshot *snapshot,
		       const struct object *object, enum object_field field)
{
	struct value_scratch scratch;
	struct record_list pids = field_value(&object_fields, field, object, &scratch).records;

	process_names_add_list(buffer, snapshot, pids);
	if (are_others_missing(snapshot, object))
		buffer_add_string(buffer, pids.count ? ", " STYLE_HIDDEN : STYLE_HIDDEN);
	else if (!pids.count)
		buffer_add_string(buffer, STYLE_ABSENT);
}
