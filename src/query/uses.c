/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "query/uses.h"

#include <errno.h>

/* A field of a use is one of its link or of its process: compute functions look it up there. */
static struct value of_link(const void *record, enum link_field field,
			    struct value_scratch *scratch)
{
	return field_value(&link_fields, field, ((const struct use *)record)->link, scratch);
}

static struct value of_process(const void *record, enum process_field field,
			       struct value_scratch *scratch)
{
	const struct use *use = record;

	if (!use->process)
		return (struct value){.type = process_fields.fields[field].type};
	return field_value(&process_fields, field, use->process, scratch);
}

#define DEFINE_GETTER(name, source, field)                                                    \
	static struct value compute_##name(const void *record, struct value_scratch *scratch) \
	{                                                                                     \
		return source(record, field, scratch);                                        \
	}

DEFINE_GETTER(pid, of_link, LINK_PID)
DEFINE_GETTER(command, of_process, PROCESS_COMMAND)
DEFINE_GETTER(user, of_process, PROCESS_USER)
DEFINE_GETTER(uid, of_process, PROCESS_UID)
DEFINE_GETTER(started_at, of_process, PROCESS_STARTED_AT)
DEFINE_GETTER(ref, of_link, LINK_OBJECT)
DEFINE_GETTER(how, of_link, LINK_HOW)
DEFINE_GETTER(access, of_link, LINK_ACCESS)
DEFINE_GETTER(address, of_link, LINK_ADDRESS)
DEFINE_GETTER(length, of_link, LINK_LENGTH)
DEFINE_GETTER(fd, of_link, LINK_FD)
DEFINE_GETTER(amount, of_link, LINK_AMOUNT)
DEFINE_GETTER(shared_by, of_link, LINK_SHARED_BY)
DEFINE_GETTER(operation, of_link, LINK_OPERATION)
DEFINE_GETTER(semnum, of_link, LINK_SEMNUM)
DEFINE_GETTER(at, of_link, LINK_AT)
DEFINE_GETTER(state, of_link, LINK_STATE)

static struct value compute_partners(const void *record, struct value_scratch *scratch)
{
	(void)record;
	(void)scratch;
	return (struct value){.type = VALUE_TEXT};
}

/* clang-format off */
static const struct field fields[USE_FIELD_COUNT] = {
	[USE_PID] = {.name = "pid", .heading = "PID", .type = VALUE_PID,
		.compute = compute_pid},
	[USE_COMMAND] = {.name = "command", .heading = "COMMAND", .type = VALUE_TEXT,
		.can_be_cut = true, .compute = compute_command},
	[USE_USER] = {.name = "user", .heading = "USER", .type = VALUE_TEXT,
		.can_be_cut = true, .fallback = USE_UID, .compute = compute_user},
	[USE_UID] = {.name = "uid", .heading = "UID", .type = VALUE_ID,
		.compute = compute_uid},
	[USE_STARTED_AT] = {.name = "started_at", .heading = "STARTED", .type = VALUE_TIME,
		.compute = compute_started_at},
	[USE_REF] = {.name = "ref", .heading = "REF", .type = VALUE_TEXT,
		.compute = compute_ref},
	[USE_HOW] = {.name = "how", .heading = "HOW", .type = VALUE_CHOICE,
		.names = link_how_names, .compute = compute_how},
	[USE_ACCESS] = {.name = "access", .heading = "ACCESS", .type = VALUE_FLAGS,
		.names = link_access_names, .compute = compute_access},
	[USE_ADDRESS] = {.name = "address", .heading = "ADDRESS", .type = VALUE_ADDRESS,
		.compute = compute_address},
	[USE_LENGTH] = {.name = "length", .heading = "LENGTH", .type = VALUE_SIZE,
		.compute = compute_length},
	[USE_FD] = {.name = "fd", .heading = "FD", .type = VALUE_ID, .compute = compute_fd},
	[USE_AMOUNT] = {.name = "amount", .heading = "AMOUNT", .type = VALUE_UNSIGNED,
		.compute = compute_amount},
	[USE_SHARED_BY] = {.name = "shared_by", .heading = "SHARED", .type = VALUE_PIDS,
		.compute = compute_shared_by},
	[USE_PARTNERS] = {.name = "partners", .heading = "OTHER-END", .type = VALUE_TEXT,
		.can_be_cut = true, .compute = compute_partners},
	[USE_OPERATION] = {.name = "operation", .heading = "OPERATION", .type = VALUE_CHOICE,
		.names = link_operation_names, .compute = compute_operation},
	[USE_SEMNUM] = {.name = "semnum", .heading = "NUM", .type = VALUE_ID,
		.compute = compute_semnum},
	[USE_AT] = {.name = "at", .heading = "AT", .type = VALUE_TIME,
		.compute = compute_at},
	[USE_STATE] = {.name = "state", .heading = "STATE", .type = VALUE_CHOICE,
		.names = link_state_names, .compute = compute_state},
};
/* clang-format on */

const struct field_table use_fields = {"uses", fields, USE_FIELD_COUNT, sizeof(struct use), false};

void uses_deinit(struct uses *uses)
{
	vector_deinit(&uses->items);
}

/* A PID that was given away since means nobody who is there now. */
static bool is_the_process(const struct link *link)
{
	return link_is_proof((enum link_how)link->how) || !record_has(&link->record, LINK_STATE) ||
	       link->state == LINK_ALIVE || link->state == LINK_UNKNOWN;
}

static int add(const struct snapshot *snapshot, const struct link *link, struct uses *uses)
{
	struct use *use = vector_add(&uses->items);

	if (!use)
		return -ENOMEM;
	use->link = link;
	use->process = is_the_process(link) ? snapshot_process(snapshot, link->pid) : NULL;
	return 0;
}

int uses_of_object(const struct snapshot *snapshot, const struct object *object, enum use_sort sort,
		   struct uses *uses)
{
	size_t index = (size_t)(object - snapshot->objects.items);

	vector_for_each (&snapshot->links, link)
		if (link->object == index &&
		    link_is_proof((enum link_how)link->how) == (sort == USE_PROOF) &&
		    add(snapshot, link, uses) < 0)
			return -ENOMEM;
	return 0;
}

int uses_of_process(const struct snapshot *snapshot, int64_t pid, struct uses *uses)
{
	vector_for_each (&snapshot->links, link)
		if (link_is_proof((enum link_how)link->how) && link_names(link, pid) &&
		    add(snapshot, link, uses) < 0)
			return -ENOMEM;
	return 0;
}
