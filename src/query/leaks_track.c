/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "query/leaks_parts.h"

/* The first change that is not before the point. */
static size_t find_change(const struct leak_track *track, size_t point)
{
	size_t place = track->changes.count;

	/* Nearly always it is about the last one. */
	while (place && track->changes.items[place - 1].point >= point)
		place--;
	return place;
}

/* A change at the point, which so far changes nothing; NULL: no memory. */
static struct leak_change *change_at(struct leak_track *track, size_t point)
{
	size_t place = find_change(track, point);
	struct leak_change *changes = track->changes.items;

	if (place < track->changes.count && changes[place].point == point)
		return &changes[place];
	if (!vector_add(&track->changes))
		return NULL;
	changes = track->changes.items;
	memmove(changes + place + 1, changes + place,
		(track->changes.count - 1 - place) * sizeof(*changes));
	changes[place] = place ? changes[place - 1] : (struct leak_change){0};
	changes[place].point = point;
	return &changes[place];
}

int leak_track_shift(struct leak_track *track, size_t point, uint64_t count, uint64_t amount)
{
	struct leak_change *change;

	if (!count && !amount)
		return 0;
	change = change_at(track, point);
	if (!change)
		return -ENOMEM;
	for (; change < track->changes.items + track->changes.count; change++) {
		change->count += count;
		change->amount += amount;
	}
	return 0;
}

int leak_track_set(struct leak_track *track, size_t point, uint64_t count, uint64_t amount)
{
	const struct leak_change *last =
		track->changes.count ? &track->changes.items[track->changes.count - 1] : NULL;
	struct leak_change *change;

	if (last && last->count == count && last->amount == amount)
		return 0;
	change = change_at(track, point);
	if (!change)
		return -ENOMEM;
	change->count = count;
	change->amount = amount;
	return 0;
}

void leak_track_thin(struct leak_track *track)
{
	size_t kept = 0;

	vector_for_each (&track->changes, change) {
		size_t point = leak_thinned(change->point);

		if (kept && track->changes.items[kept - 1].point == point)
			kept--;
		track->changes.items[kept] = *change;
		track->changes.items[kept++].point = point;
	}
	track->changes.count = kept;
}

void leak_track_add_to(const struct leak_track *track, size_t points, uint64_t *counts,
		       uint64_t *amounts)
{
	vector_for_each (&track->changes, change) {
		bool is_last = change + 1 == track->changes.items + track->changes.count;
		size_t end = is_last ? points : change[1].point;

		for (size_t i = change->point; i < end && i < points; i++) {
			counts[i] += change->count;
			amounts[i] += change->amount;
		}
	}
}
