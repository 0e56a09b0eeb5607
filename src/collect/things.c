/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect/things.h"

#include <errno.h>

/* Spreads the three numbers over all 64 bits. */
static uint64_t mix(enum kind kind, uint64_t device, uint64_t inode)
{
	uint64_t mixed = inode * UINT64_C(0x9e3779b97f4a7c15);

	mixed ^= (device + UINT64_C(0x7f4a7c15)) * UINT64_C(0xbf58476d1ce4e5b9);
	return mixed ^ ((uint64_t)kind + 1) * UINT64_C(0x94d049bb133111eb);
}

static bool is_it(const struct thing *thing, enum kind kind, uint64_t device, uint64_t inode)
{
	return thing->kind == kind && thing->device == device && thing->inode == inode;
}

/* The place in the map of the thing, or the next free one. The map holds indexes, from 1. */
static bool look_up(const struct things *things, const struct thing *wanted, uint64_t *ret_place,
		    size_t *ret_index)
{
	void *known;

	for (*ret_place = mix(wanted->kind, wanted->device, wanted->inode);
	     id_map_find(&things->places, *ret_place, &known); ++*ret_place) {
		*ret_index = (size_t)known - 1;
		if (is_it(&things->items.items[*ret_index], wanted->kind, wanted->device,
			  wanted->inode))
			return true;
	}
	return false;
}

void things_deinit(struct things *things)
{
	vector_deinit(&things->items);
	id_map_deinit(&things->places);
	arena_deinit(&things->names);
}

bool things_find(const struct things *things, enum kind kind, uint64_t device, uint64_t inode,
		 size_t *ret_index)
{
	const struct thing wanted = {.kind = kind, .device = device, .inode = inode};
	uint64_t place;
	size_t index;

	if (!look_up(things, &wanted, &place, &index))
		return false;
	*ret_index = index;
	return true;
}

static int copy_name(struct things *things, struct text name, struct text *ret_name)
{
	char *copy = name.length ? arena_copy(&things->names, name.bytes, name.length) : NULL;

	if (name.length && !copy)
		return -ENOMEM;
	*ret_name = (struct text){copy, name.length};
	return 0;
}

int things_add(struct things *things, const struct thing *thing, size_t *ret_index)
{
	struct thing *added;
	uint64_t place;

	if (look_up(things, thing, &place, ret_index))
		return things_learn(things, *ret_index, thing);
	added = vector_add(&things->items);
	if (!added || id_map_put(&things->places, place, (void *)things->items.count) < 0)
		return -ENOMEM;
	*added = *thing;
	added->object = THING_NO_OBJECT;
	*ret_index = things->items.count - 1;
	return copy_name(things, thing->name, &added->name);
}

int things_learn(struct things *things, size_t index, const struct thing *other)
{
	struct thing *thing = &things->items.items[index];

	if (other->has_state && !thing->has_state) {
		thing->has_state = true;
		thing->state = other->state;
	}
	if (other->pid && !thing->pid) {
		thing->pid = other->pid;
		thing->fd = other->fd;
	}
	if (other->has_fill && !thing->has_fill) {
		thing->has_fill = true;
		thing->used_bytes = other->used_bytes;
		thing->max_bytes = other->max_bytes;
	}
	thing->is_unlinked |= other->is_unlinked;
	return thing->name.length ? 0 : copy_name(things, other->name, &thing->name);
}
