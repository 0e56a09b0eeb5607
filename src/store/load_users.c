/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Processes, links and accountings. What names an object in a file is its REF; here it is found
 * again.
 */
#include <errno.h>

#include "store/load_record.h"

/* FNV-1a: spreads REFs over the map's numbers. */
static uint64_t hash_of(struct text text)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < text.length; i++)
		hash = (hash ^ (unsigned char)text.bytes[i]) * UINT64_C(0x100000001b3);
	return hash;
}

/*
 * The object of that REF, or NULL; *ret_number is its place in the map, or where it belongs. Of two
 * with the same hash the second has the next number.
 */
static struct object *look_up(const struct loader *loader, struct text name, uint64_t *ret_number)
{
	char bytes[REF_MAX];
	void *object;

	for (*ret_number = hash_of(name); id_map_find(&loader->objects, *ret_number, &object);
	     ++*ret_number)
		if (text_equals(name, ref_of_object(object, bytes)))
			return object;
	return NULL;
}

static int map_objects(struct loader *loader)
{
	vector_for_each (&loader->snapshot->objects, object) {
		char bytes[REF_MAX];
		uint64_t number;

		if (look_up(loader, ref_of_object(object, bytes), &number))
			continue;
		if (id_map_put(&loader->objects, number, object) < 0)
			return load_error_memory(loader);
	}
	return 0;
}

/*
 * The index of the object that the REF names; -EINVAL where the file does not have it, OUTCOME_GONE
 * where it can be one of those that were left out.
 */
static int find_object(struct loader *loader, struct text name, size_t *ret_index)
{
	const struct object *object;
	uint64_t number;
	int r = loader->objects.count ? 0 : map_objects(loader);

	if (r < 0)
		return r;
	object = look_up(loader, name, &number);
	if (!object)
		return loader->has_later_objects
			       ? OUTCOME_GONE
			       : load_error(loader, "object", "the file has no such object");
	*ret_index = (size_t)(object - loader->snapshot->objects.items);
	return 0;
}

static bool has_all(const struct record *record, uint64_t fields)
{
	return (record->present & fields) == fields;
}

#define FIELD(number) (UINT64_C(1) << (number))

int load_process(struct loader *loader, struct json_object *element)
{
	struct process *process = vector_add(&loader->snapshot->processes);
	int r;

	if (!process)
		return load_error_memory(loader);
	r = load_record(loader, element, &process_fields, process, 0);
	if (r == 0 && !has_all(&process->record, FIELD(PROCESS_PID)))
		r = load_error(loader, "pid", "missing");
	/* They are looked up by halving. */
	if (r == 0 && loader->index && process[-1].pid >= process->pid)
		r = load_error(loader, "pid", "not greater than the one before");
	return r;
}

int load_link(struct loader *loader, struct json_object *element)
{
	struct link *link = vector_add(&loader->snapshot->links);
	int r;

	if (!link)
		return load_error_memory(loader);
	r = load_record(loader, element, &link_fields, link, 0);
	if (r == 0 &&
	    !has_all(&link->record, FIELD(LINK_OBJECT) | FIELD(LINK_PID) | FIELD(LINK_HOW)))
		r = load_error(loader, NULL, "object, pid or how is missing");
	if (r == 0)
		r = find_object(loader, link->object_ref, &link->object);
	if (r == OUTCOME_GONE)
		loader->snapshot->links.count--;
	return r < 0 ? r : 0;
}

int load_wait(struct loader *loader, struct json_object *element)
{
	struct wait *wait = vector_add(&loader->snapshot->waits);
	int r;

	if (!wait)
		return load_error_memory(loader);
	r = load_record(loader, element, &wait_fields, wait, 0);
	if (r == 0 && !has_all(&wait->record, FIELD(WAIT_OBJECT) | FIELD(WAIT_PID) |
						      FIELD(WAIT_TID) | FIELD(WAIT_OPERATION)))
		r = load_error(loader, NULL, "object, pid, tid or operation is missing");
	if (r == 0)
		r = find_object(loader, wait->object_ref, &wait->object);
	if (r == OUTCOME_GONE)
		loader->snapshot->waits.count--;
	return r < 0 ? r : 0;
}

int load_accounting(struct loader *loader, struct json_object *element)
{
	struct accounting *accounting = vector_add(&loader->snapshot->accountings);
	int r;

	if (!accounting)
		return load_error_memory(loader);
	r = load_record(loader, element, &accounting_fields, accounting, 0);
	if (r == 0 && !has_all(&accounting->record,
			       FIELD(ACCOUNTING_OBJECT) | FIELD(ACCOUNTING_FOUND) |
				       FIELD(ACCOUNTING_EXPECTED) | FIELD(ACCOUNTING_COMPLETE)))
		r = load_error(loader, NULL, "object, found, expected or complete is missing");
	if (r == 0)
		r = find_object(loader, accounting->object_ref, &accounting->object);
	if (r == OUTCOME_GONE)
		loader->snapshot->accountings.count--;
	return r < 0 ? r : 0;
}
