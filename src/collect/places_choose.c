/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which of the IPC namespaces are asked for, by number, PID or name.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/parse_number.h"
#include "collect/places_find.h"
#include "collect/proc_cgroup.h"
#include "collect/proc_pids.h"

/* Smaller numbers after --namespace are PIDs: see NAMESPACE_LEAST in model/ref.c. */
#define NUMBER_LEAST UINT64_C(0xEFFFFFF0)

static int compare_places(const void *first, const void *second)
{
	const struct place *a = first, *b = second;

	if (a->record.is_viewers != b->record.is_viewers)
		return a->record.is_viewers ? -1 : 1;
	return a->record.number < b->record.number ? -1 : a->record.number > b->record.number;
}

static bool is_listed(const struct scope *scope, uint64_t number)
{
	for (size_t i = 0; i < scope->namespace_count; i++)
		if (scope->namespaces[i] == number)
			return true;
	return false;
}

/* Keeps those that are asked for, in order, and finds them by number. 0 or -ENOMEM. */
static int choose(struct collector *collector, const uint64_t *only)
{
	struct places *places = &collector->places;
	const struct scope *scope = &collector->scope;
	size_t kept = 0;

	vector_for_each (&places->items, place) {
		uint64_t number = place->record.number;
		bool is_own = collector->has_namespace && number == collector->namespace;

		place->record.is_viewers = is_own;
		if (only ? number == *only
			 : scope->has_all_namespaces || is_own || is_listed(scope, number))
			places->items.items[kept++] = *place;
	}
	places->items.count = kept;
	if (kept)
		qsort(places->items.items, kept, sizeof(*places->items.items), compare_places);
	id_map_deinit(&places->slots);
	places->slots = (struct id_map){0};
	for (size_t slot = 0; slot < kept; slot++)
		if (id_map_put(&places->slots, places->items.items[slot].record.number,
			       (void *)(slot + 1)) < 0)
			return -ENOMEM;
	return 0;
}

/* What is shown of the id of a container (proc_cgroup.c). */
#define ID_SHOWN 12

static bool is_id(struct text text)
{
	for (size_t i = 0; i < text.length; i++)
		if (!memchr("0123456789abcdef", text.bytes[i], 16))
			return false;
	return text.length >= ID_SHOWN;
}

/* Whether the word means the unit: in whole, by what follows the colon, or by an id in full. */
static bool is_unit(struct text unit, struct text word)
{
	const char *colon = unit.bytes ? memrchr(unit.bytes, ':', unit.length) : NULL;
	struct text name;

	if (text_equals(unit, word))
		return true;
	if (!colon)
		return false;
	name = (struct text){colon + 1, unit.length - (size_t)(colon + 1 - unit.bytes)};
	/* An id in full is longer than what is shown of it. */
	if (name.length == ID_SHOWN && is_id(word))
		word.length = ID_SHOWN;
	return text_equals(name, word);
}

/* The namespace that processes of the unit are in. */
static int find_by_name(struct collector *collector, struct text word, uint64_t *ret_number,
			struct ipclens_error *ret_error)
{
	struct pid_list list = {0};
	uint64_t found = 0, number;
	int r = proc_list_pids(&collector->root, "proc", &list);

	vector_for_each (&list.pids, pid) {
		char path[64], room[PROC_CGROUP_NAME_MAX];
		struct text unit;

		snprintf(path, sizeof(path), "proc/%lld/cgroup", (long long)*pid);
		unit = proc_cgroup_read(&collector->root, path, room);
		snprintf(path, sizeof(path), "proc/%lld/ns/ipc", (long long)*pid);
		if (r != 0 || !is_unit(unit, word) ||
		    sight_read_namespace(&collector->root, path, &number) != 0)
			continue;
		if (found && found != number)
			r = error_set(ret_error, -ENOENT,
				      "namespace %.*s: its processes are in several IPC "
				      "namespaces, %llu and %llu: say which",
				      (int)word.length, word.bytes, (unsigned long long)found,
				      (unsigned long long)number);
		found = number;
	}
	vector_deinit(&list.pids);
	if (r == 0 && !found)
		r = error_set(ret_error, -ENOENT,
			      "namespace %.*s: no container or unit of that name has a process "
			      "that you may see; \"ipclens namespaces\" lists what there is",
			      (int)word.length, word.bytes);
	*ret_number = found;
	return r > 0 ? 0 : r;
}

/* The number, the PID of a process in it, or the name of a container or unit. */
static int resolve(struct collector *collector, const char *word, uint64_t *ret_number,
		   struct ipclens_error *ret_error)
{
	uint64_t number;
	char path[64];
	int r;

	if (parse_unsigned(text_of(word), 10, UINT32_MAX, &number) < 0)
		return find_by_name(collector, text_of(word), ret_number, ret_error);
	*ret_number = number;
	if (number >= NUMBER_LEAST)
		return 0;
	snprintf(path, sizeof(path), "proc/%llu/ns/ipc", (unsigned long long)number);
	r = sight_read_namespace(&collector->root, path, ret_number);
	if (r == 0 || r == -ENOMEM)
		return r;
	return error_set(ret_error, -ENOENT, "namespace %s: %s", word,
			 r == OUTCOME_DENIED
				 ? "you may not see in which IPC namespace that process "
				   "is"
				 : "there is no process with that PID");
}

bool places_are_wanted(const struct collector *collector)
{
	const struct scope *scope = &collector->scope;

	if (scope->has_all_namespaces || scope->place)
		return true;
	for (size_t i = 0; i < scope->namespace_count; i++)
		if (!collector->has_namespace || scope->namespaces[i] != collector->namespace)
			return true;
	return false;
}

int places_find(struct collector *collector, struct ipclens_error *ret_error)
{
	const struct scope *scope = &collector->scope;
	uint64_t only = 0;
	int r = 0;

	if (!places_are_wanted(collector))
		return 0;
	if (!collector->root.is_live)
		return error_set(ret_error, -EOPNOTSUPP,
				 "a recorded tree has the objects of one IPC namespace alone");
	if (scope->place)
		r = resolve(collector, scope->place, &only, ret_error);
	if (r == 0)
		r = places_look(collector);
	if (r == 0)
		r = choose(collector, scope->place ? &only : NULL);
	if (r == 0 && scope->place && !collector->places.items.count)
		r = error_set(ret_error, -ENOENT,
			      "namespace %s: no process, mount or descriptor that you may see "
			      "leads to an IPC namespace of that number",
			      scope->place);
	return r;
}
