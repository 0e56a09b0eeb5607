/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "query/select.h"

#include <errno.h>
#include <stdlib.h>

#include "base/parse_number.h"
#include "model/value_text.h"

void filters_deinit(struct filters *filters)
{
	vector_for_each (&filters->items, filter)
		filter_deinit(filter);
	vector_deinit(&filters->items);
}

void selection_deinit(struct selection *selection)
{
	vector_deinit(&selection->objects);
}

static int parse_key(struct text text, struct sort_key *key, struct ipclens_error *ret_error)
{
	const char *colon = text.length ? memchr(text.bytes, ':', text.length) : NULL;

	if (colon) {
		struct text direction = {colon + 1, text.length - (size_t)(colon - text.bytes) - 1};

		key->is_descending = text_equals(direction, TEXT_LITERAL("desc"));
		if (!key->is_descending && !text_equals(direction, TEXT_LITERAL("asc")))
			return error_set(ret_error, -EINVAL, "after the colon comes asc or desc");
		text.length = (size_t)(colon - text.bytes);
	}
	return field_look_up(&object_fields, text, &key->field, ret_error);
}

int sort_parse(struct text text, struct sort_keys *keys, struct ipclens_error *ret_error)
{
	for (;;) {
		const char *comma = text.length ? memchr(text.bytes, ',', text.length) : NULL;
		struct text part = {text.bytes, comma ? (size_t)(comma - text.bytes) : text.length};
		struct sort_key *key = vector_add(&keys->keys);
		int r;

		if (!key)
			return error_set(ret_error, -ENOMEM, "%s", strerror(ENOMEM));
		r = parse_key(part, key, ret_error);
		if (r < 0 || !comma)
			return r;
		text = (struct text){comma + 1, text.length - part.length - 1};
	}
}

static bool is_owner(const struct object *object, struct text owner)
{
	uint64_t uid;

	if (!owner.bytes)
		return true;
	if (object_has(object, OBJECT_USER) && text_equals(object->user, owner))
		return true;
	return parse_unsigned(owner, 10, UINT32_MAX, &uid) == 0 && object_has(object, OBJECT_UID) &&
	       object->uid == uid;
}

static bool is_nameless(const struct object *object)
{
	return KIND_BIT(object->kind) & KINDS_POSIX && object->status & STATUS_UNLINKED;
}

/* 1, 0 or -ENOMEM. */
static int is_selected(const struct object *object, const struct selection_options *options)
{
	if (!(options->kinds & KIND_BIT(object->kind)) || !is_owner(object, options->owner) ||
	    (is_nameless(object) && !(options->nameless_kinds & KIND_BIT(object->kind))))
		return 0;
	if (!options->filters)
		return 1;
	vector_for_each (&options->filters->items, filter) {
		int r = filter_matches(filter, &object_fields, object);

		if (r <= 0)
			return r;
	}
	return 1;
}

static int add(struct selection *selection, const struct object *object)
{
	const struct object **place = vector_add(&selection->objects);

	if (!place)
		return -ENOMEM;
	*place = object;
	return 0;
}

/* The field that puts the objects of a kind in order where nothing else is asked for. */
static size_t find_order(const struct object *object)
{
	if (KIND_BIT(object->kind) & KINDS_SYSV)
		return OBJECT_ID;
	return KIND_BIT(object->kind) & (KINDS_POSIX | KIND_BIT(KIND_FIFO)) ? OBJECT_NAME
									    : OBJECT_INODE;
}

static int compare_field(size_t field, const struct object *a, const struct object *b)
{
	struct value_scratch scratch_a, scratch_b;
	struct value value_a = field_value(&object_fields, field, a, &scratch_a);
	struct value value_b = field_value(&object_fields, field, b, &scratch_b);

	return value_compare(&value_a, &value_b);
}

static int compare_by_key(const struct sort_key *key, const struct object *a,
			  const struct object *b)
{
	/* Of one kind, REFs are in the order of their numbers and not of their digits. */
	size_t field = key->field != OBJECT_REF ? key->field : find_order(a);
	struct value_scratch scratch_a, scratch_b;
	struct value value_a = field_value(&object_fields, field, a, &scratch_a);
	struct value value_b = field_value(&object_fields, field, b, &scratch_b);
	int order = value_compare(&value_a, &value_b);

	if (!value_a.is_present || !value_b.is_present)
		return order;
	return key->is_descending ? -order : order;
}

static int compare_inodes(const struct object *a, const struct object *b)
{
	return a->inode < b->inode ? -1 : a->inode > b->inode;
}

/* Of two that are not of System V. */
static int compare_in_usual_order(const struct object *a, const struct object *b)
{
	size_t field = find_order(a);
	int order;

	/* There may be many pipes. */
	if (field == OBJECT_INODE && object_has(a, OBJECT_INODE) && object_has(b, OBJECT_INODE))
		return compare_inodes(a, b);
	order = compare_field(field, a, b);
	return order ? order : compare_inodes(a, b);
}

static int compare_namespaces(const struct object *a, const struct object *b)
{
	if (!object_has(a, OBJECT_NAMESPACE) || !object_has(b, OBJECT_NAMESPACE))
		return 0;
	return a->namespace < b->namespace ? -1 : a->namespace > b->namespace;
}

int select_compare(const struct object *a, const struct object *b)
{
	int order = compare_namespaces(a, b);

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (order)
		return order;
	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	return KIND_BIT(a->kind) & KINDS_SYSV ? 0 : compare_in_usual_order(a, b);
}

static int compare_objects(const void *first, const void *second, void *context)
{
	const struct object *a = *(const struct object *const *)first;
	const struct object *b = *(const struct object *const *)second;
	const struct sort_keys *sort = context;

	for (size_t i = 0; sort && a->kind == b->kind && i < sort->keys.count; i++) {
		int order = compare_by_key(&sort->keys.items[i], a, b);

		if (order)
			return order;
	}
	return select_compare(a, b);
}

int select_objects(const struct snapshot *snapshot, const struct selection_options *options,
		   struct selection *ret_selection)
{
	_cleanup_selection_ struct selection selection = {0};

	vector_for_each (&snapshot->objects, object) {
		int r = is_selected(object, options);

		if (r > 0)
			r = add(&selection, object);
		if (r < 0)
			return r;
	}
	if (selection.objects.count)
		qsort_r(selection.objects.items, selection.objects.count,
			sizeof(*selection.objects.items), compare_objects, (void *)options->sort);
	*ret_selection = selection;
	selection = (struct selection){0};
	return 0;
}

int select_by_ref(const struct snapshot *snapshot, const struct ref *ref,
		  struct selection *ret_selection)
{
	_cleanup_selection_ struct selection selection = {0};

	vector_for_each (&snapshot->objects, object)
		if (ref_matches(ref, object) && add(&selection, object) < 0)
			return -ENOMEM;
	*ret_selection = selection;
	selection = (struct selection){0};
	return 0;
}
