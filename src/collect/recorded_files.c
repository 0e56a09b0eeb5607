/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What stat() and other calls tell of files and descriptors, told by side files of a recorded tree:
 * ipclens/files, ipclens/file_systems, ipclens/descriptors and ipclens/dev_shm, in the shape of
 * /proc/sysvipc.
 */
#include "collect/recorded.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/sysmacros.h>

#include "base/id_map.h"
#include "collect/files.h"

#define ANY_NUMBER 0, UINT64_MAX
#define SMALL_NUMBER 0, UINT32_MAX
#define OR_ABSENT -1, INT64_MAX

enum file_column {
	KIND,
	MAJOR,
	MINOR,
	INODE,
	UID,
	GID,
	MODE,
	SIZE,
	ALLOCATED,
	CHANGED,
	CREATED,
	LAYOUT,
	VALUE,
	WAITERS,
	MESSAGES,
	MAX_MESSAGES,
	MAX_MESSAGE_BYTES,
	FILE_COLUMNS,
};

static const struct proc_column file_columns[FILE_COLUMNS] = {
	[KIND] = {"kind", false, KIND_PSHM, KIND_MAP},
	[MAJOR] = {"major", false, SMALL_NUMBER},
	[MINOR] = {"minor", false, SMALL_NUMBER},
	[INODE] = {"inode", false, ANY_NUMBER},
	[UID] = {"uid", false, SMALL_NUMBER},
	[GID] = {"gid", false, SMALL_NUMBER},
	[MODE] = {"mode", true, 0, 07777},
	[SIZE] = {"size", false, 0, INT64_MAX},
	[ALLOCATED] = {"allocated", false, 0, INT64_MAX},
	[CHANGED] = {"changed", false, 0, INT64_MAX},
	[CREATED] = {"created", false, 0, INT64_MAX},
	[LAYOUT] = {"layout", false, -1, PSEM_MUSL},
	[VALUE] = {"value", false, OR_ABSENT},
	[WAITERS] = {"waiters", false, OR_ABSENT},
	[MESSAGES] = {"messages", false, OR_ABSENT},
	[MAX_MESSAGES] = {"max_messages", false, OR_ABSENT},
	[MAX_MESSAGE_BYTES] = {"max_message_bytes", false, OR_ABSENT},
};

static const struct proc_table_layout file_layout = {file_columns, FILE_COLUMNS, FILE_COLUMNS,
						     "name"};

static const struct proc_column system_columns[] = {
	{"kind", false, KIND_PSHM, KIND_MQ},
	{"major", false, SMALL_NUMBER},
	{"minor", false, SMALL_NUMBER},
};

static const struct proc_table_layout system_layout = {system_columns, 3, 3, NULL};

static const struct proc_column dev_shm_columns[] = {
	{"bytes", false, ANY_NUMBER},
	{"used_bytes", false, ANY_NUMBER},
	{"files", false, ANY_NUMBER},
	{"used_files", false, ANY_NUMBER},
};

static const struct proc_table_layout dev_shm_layout = {dev_shm_columns, 4, 4, NULL};

struct listing {
	struct collector *collector;
	unsigned int kinds;
};

/* A number that is there unless it is -1. */
static void set_number(struct object *object, enum object_field field, uint64_t *place,
		       uint64_t number)
{
	if ((int64_t)number < 0)
		return;
	*place = number;
	object_mark(object, field);
}

static void tell_file(struct object *object, const uint64_t *values)
{
	if (object->kind == KIND_PSHM)
		set_number(object, OBJECT_SIZE, &object->size, values[SIZE]);
	set_number(object, OBJECT_ALLOCATED, &object->file.allocated, values[ALLOCATED]);
	collector_set_time(object, OBJECT_CREATED_AT, &object->file.created_at, values[CREATED]);
	if (object->kind != KIND_PSEM)
		return;
	set_number(object, OBJECT_LAYOUT, &object->file.layout, values[LAYOUT]);
	set_number(object, OBJECT_VALUE, &object->file.value, values[VALUE]);
	set_number(object, OBJECT_WAITERS, &object->file.waiters, values[WAITERS]);
}

static void tell_queue(struct object *object, const uint64_t *values)
{
	set_number(object, OBJECT_MESSAGES, &object->messages, values[MESSAGES]);
	set_number(object, OBJECT_MAX_MESSAGES, &object->mq.max_messages, values[MAX_MESSAGES]);
	set_number(object, OBJECT_MAX_MESSAGE_BYTES, &object->mq.max_message_bytes,
		   values[MAX_MESSAGE_BYTES]);
}

/* A name is written as it is in a REF, so that it fits on a line. */
static int handle_file(const struct proc_row *row, void *context)
{
	struct listing *listing = context;
	const uint64_t *values = row->values;
	const struct ref written = {.form = REF_BY_NAME, .name = row->name};
	enum kind kind = (enum kind)values[KIND];
	struct stat status = {
		.st_dev = makedev((unsigned int)values[MAJOR], (unsigned int)values[MINOR]),
		.st_ino = values[INODE],
		.st_uid = (uid_t)values[UID],
		.st_gid = (gid_t)values[GID],
		.st_mode = (mode_t)values[MODE],
		.st_ctime = (time_t)values[CHANGED]};
	char room[REF_NAME_MAX];
	struct object *object;
	struct text name;

	if (row->name.length < 2 || row->name.bytes[0] != '/' ||
	    ref_name(&written, room, sizeof(room), &name) < 0)
		return -EINVAL;
	if (!(listing->kinds & KIND_BIT(kind)))
		return 0;
	object = file_add(listing->collector, kind, name, &status);
	if (!object)
		return -ENOMEM;
	if (kind == KIND_PSHM || kind == KIND_PSEM)
		tell_file(object, values);
	else if (kind == KIND_MQ)
		tell_queue(object, values);
	return 0;
}

static int handle_system(const struct proc_row *row, void *context)
{
	struct collector *collector = context;

	if (row->values[0] == KIND_MQ) {
		collector->mq_device = device_number(row->values[1], row->values[2]);
		collector->has_mq_device = true;
	} else {
		collector->dev_shm =
			makedev((unsigned int)row->values[1], (unsigned int)row->values[2]);
		collector->has_dev_shm = true;
	}
	return 0;
}

static int report(struct collector *collector, unsigned int kinds, int outcome, const char *reason)
{
	int r = 0;

	for (enum kind kind = KIND_PSHM; r == 0 && kind <= KIND_MQ; kind++)
		if (kinds & KIND_BIT(kind))
			r = collector_add_issue(collector, ISSUE_ABOUT_OBJECTS, outcome, kind, NULL,
						"ipclens/files", reason);
	return r;
}

/*
 * Without their file system, objects that lost their names cannot be told; who recorded the tree
 * was not shown those that have one. 0 or -ENOMEM.
 */
static int report_no_systems(struct collector *collector, unsigned int kinds, int outcome)
{
	for (enum kind kind = KIND_PSHM; kind <= KIND_MQ; kind++) {
		bool is_known = kind == KIND_MQ ? collector->has_mq_device : collector->has_dev_shm;

		if (kinds & KIND_BIT(kind) && !is_known &&
		    collector_add_issue(collector, ISSUE_ABOUT_OBJECTS, outcome, kind, NULL,
					"ipclens/file_systems",
					"it does not tell the file system of such objects") < 0)
			return -ENOMEM;
	}
	return 0;
}

static int find_systems(struct collector *collector, unsigned int kinds)
{
	struct proc_table_parser parser = {
		.layout = &system_layout, .handler = handle_system, .context = collector};
	int r = proc_table_read(&parser, &collector->root, "ipclens/file_systems");

	if (r == -ENOMEM)
		return r;
	return report_no_systems(collector, kinds,
				 r == 0 && (parser.malformed || !parser.columns)
					 ? OUTCOME_MALFORMED
					 : OUTCOME_UNSUPPORTED);
}

int recorded_add_files(struct collector *collector, unsigned int kinds)
{
	struct listing listing = {collector, kinds};
	struct proc_table_parser files = {
		.layout = &file_layout, .handler = handle_file, .context = &listing};
	int r = find_systems(collector, kinds);

	if (r == 0)
		r = proc_table_read(&files, &collector->root, "ipclens/files");
	if (r == -ENOMEM)
		return r;
	if (r != 0)
		return report(collector, kinds, r > 0 ? r : OUTCOME_UNSUPPORTED,
			      r == OUTCOME_DENIED ? "permission denied"
						  : "the recorded tree does not have it");
	return files.malformed || !files.columns
		       ? report(collector, kinds, OUTCOME_MALFORMED, "lines of it cannot be read")
		       : 0;
}

enum descriptor_column {
	OF_PID,
	OF_FD,
	OF_MAJOR,
	OF_MINOR,
	OF_INODE,
	OF_MODE,
	OF_ACCESS,
	OF_NLINK,
	OF_UID,
	OF_GID,
	OF_SIZE,
	OF_ALLOCATED,
	OF_CHANGED,
	DESCRIPTOR_COLUMNS,
};

static const struct proc_column descriptor_columns[DESCRIPTOR_COLUMNS] = {
	[OF_PID] = {"pid", false, 0, INT32_MAX},
	[OF_FD] = {"fd", false, 0, INT32_MAX},
	[OF_MAJOR] = {"major", false, SMALL_NUMBER},
	[OF_MINOR] = {"minor", false, SMALL_NUMBER},
	[OF_INODE] = {"inode", false, ANY_NUMBER},
	[OF_MODE] = {"mode", true, 0, 0177777},
	[OF_ACCESS] = {"access", false, 0, LINK_READ | LINK_WRITE},
	[OF_NLINK] = {"nlink", false, SMALL_NUMBER},
	[OF_UID] = {"uid", false, SMALL_NUMBER},
	[OF_GID] = {"gid", false, SMALL_NUMBER},
	[OF_SIZE] = {"size", false, 0, INT64_MAX},
	[OF_ALLOCATED] = {"allocated", false, 0, INT64_MAX},
	[OF_CHANGED] = {"changed", false, 0, INT64_MAX},
};

static const struct proc_table_layout descriptor_layout = {descriptor_columns, DESCRIPTOR_COLUMNS,
							   DESCRIPTOR_COLUMNS, NULL};

struct recorded_descriptor {
	struct stat status;
	uint64_t access;
};

struct recorded_descriptors {
	struct id_map places;
	struct arena arena;
};

static uint64_t key_of(int64_t pid, uint64_t fd)
{
	return (uint64_t)pid << 32 | fd;
}

static int handle_descriptor(const struct proc_row *row, void *context)
{
	struct recorded_descriptors *descriptors = context;
	const uint64_t *values = row->values;
	struct recorded_descriptor *descriptor =
		arena_alloc(&descriptors->arena, sizeof(*descriptor));

	if (!descriptor)
		return -ENOMEM;
	descriptor->access = values[OF_ACCESS];
	descriptor->status = (struct stat){
		.st_dev = makedev((unsigned int)values[OF_MAJOR], (unsigned int)values[OF_MINOR]),
		.st_ino = values[OF_INODE],
		.st_mode = (mode_t)values[OF_MODE],
		.st_nlink = values[OF_NLINK],
		.st_uid = (uid_t)values[OF_UID],
		.st_gid = (gid_t)values[OF_GID],
		.st_size = (off_t)values[OF_SIZE],
		.st_blocks = (blkcnt_t)(values[OF_ALLOCATED] / 512),
		.st_ctime = (time_t)values[OF_CHANGED]};
	return id_map_put(&descriptors->places, key_of((int64_t)values[OF_PID], values[OF_FD]),
			  descriptor);
}

/* Of each kind that is looked for among descriptors: nobody has a segment open. 0 or -ENOMEM. */
static int report_descriptors(struct collector *collector, int outcome, const char *reason)
{
	unsigned int kinds = scope_process_kinds(&collector->scope) & KINDS_IN_PROCESSES;

	for (enum kind kind = 0; kind < KIND_COUNT; kind++)
		if (kinds & KIND_BIT(kind) &&
		    collector_add_issue(collector, ISSUE_ABOUT_PROCESSES, outcome, kind, NULL,
					"ipclens/descriptors", reason) < 0)
			return -ENOMEM;
	return 0;
}

int recorded_descriptors_load(struct collector *collector,
			      struct recorded_descriptors **ret_descriptors)
{
	struct recorded_descriptors *descriptors = calloc(1, sizeof(*descriptors));
	struct proc_table_parser parser = {
		.layout = &descriptor_layout, .handler = handle_descriptor, .context = descriptors};
	int r = descriptors ? proc_table_read(&parser, &collector->root, "ipclens/descriptors")
			    : -ENOMEM;

	*ret_descriptors = descriptors;
	if (r == -ENOMEM)
		return r;
	if (r != 0)
		return report_descriptors(collector, r > 0 ? r : OUTCOME_UNSUPPORTED,
					  "the recorded tree does not tell what processes have "
					  "open");
	if (parser.malformed || !parser.columns)
		return report_descriptors(collector, OUTCOME_MALFORMED,
					  "lines of it cannot be read");
	return 0;
}

void recorded_descriptors_free(struct recorded_descriptors *descriptors)
{
	if (!descriptors)
		return;
	id_map_deinit(&descriptors->places);
	arena_deinit(&descriptors->arena);
	free(descriptors);
}

bool recorded_descriptor(const struct recorded_descriptors *descriptors, int64_t pid, uint64_t fd,
			 struct stat *ret_status, uint64_t *ret_access)
{
	const struct recorded_descriptor *descriptor;
	void *found;

	if (!descriptors || !id_map_find(&descriptors->places, key_of(pid, fd), &found))
		return false;
	descriptor = found;
	if (ret_status)
		*ret_status = descriptor->status;
	if (ret_access)
		*ret_access = descriptor->access;
	return true;
}

static int handle_dev_shm(const struct proc_row *row, void *context)
{
	struct dev_shm_use *use = context;

	*use = (struct dev_shm_use){row->values[0], row->values[1], row->values[2], row->values[3]};
	/* A record has 0 for no limit. */
	use->bytes = use->bytes ? use->bytes : UINT64_MAX;
	use->files = use->files ? use->files : UINT64_MAX;
	return 0;
}

int recorded_dev_shm(const struct collector *collector, struct dev_shm_use *ret_use)
{
	struct dev_shm_use use;
	struct proc_table_parser parser = {
		.layout = &dev_shm_layout, .handler = handle_dev_shm, .context = &use};

	int r = proc_table_read(&parser, &collector->root, "ipclens/dev_shm");

	if (r != 0)
		return r == -ENOMEM || r == OUTCOME_DENIED ? r : OUTCOME_UNSUPPORTED;
	if (parser.malformed || parser.lines != 2)
		return OUTCOME_MALFORMED;
	*ret_use = use;
	return 0;
}
