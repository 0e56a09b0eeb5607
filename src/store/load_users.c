/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Processes, links and accountings. What names an object in a file is its REF; here it is found
 * again.
 */
#include <errno.h>

#include "store/load_record.h"

static uint64_t key_of(enum kind kind, uint64_t id)
{
	return (uint64_t)kind << 32 | id;
}

/* No REF names an id beyond 32 bits; its key would be that of another kind. */
static int map_objects(struct loader *loader)
{
	vector_for_each (&loader->snapshot->objects, object)
		if (object->id <= UINT32_MAX &&
		    id_map_put(&loader->objects, key_of(object->kind, object->id), object) < 0)
			return load_error_memory(loader);
	return 0;
}

/*
 * The index of the object that the REF names; -EINVAL where the file does not have it, OUTCOME_GONE
 * where it can be one of those that were left out.
 */
static int find_object(struct loader *loader, struct text name, size_t *ret_index)
{
	struct ref ref;
	void *object;
	int r = loader->objects.count ? 0 : map_objects(loader);

	if (r < 0)
		return r;
	if (ref_parse(name, &ref, NULL) < 0 || ref.is_key)
		return loader->has_later_objects ? OUTCOME_GONE
						 : load_error(loader, "object", "not a REF");
	for (enum kind kind = 0; kind < KIND_COUNT; kind++) {
		if (ref.kinds != KIND_BIT(kind) ||
		    !id_map_find(&loader->objects, key_of(kind, ref.number), &object))
			continue;
		*ret_index = (size_t)((struct object *)object - loader->snapshot->objects.items);
		return 0;
	}
	return loader->has_later_objects
		       ? OUTCOME_GONE
		       : load_error(loader, "object", "the file has no such object");
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
