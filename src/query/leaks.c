/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "query/leaks.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "model/identity.h"
#include "query/leaks_parts.h"
#include "query/select.h"

struct leaks *leaks_new(const struct leaks_options *options)
{
	struct leaks *leaks = calloc(1, sizeof(*leaks));

	if (leaks)
		leaks->options = *options;
	return leaks;
}

void leaks_gauge_free(struct leak_gauge *gauge)
{
	if (!gauge)
		return;
	vector_deinit(&gauge->track.changes);
	free(gauge->ref);
	free(gauge);
}

/* What was counted; the words stay. */
static void forget(struct leaks *leaks)
{
	vector_for_each (&leaks->objects, object)
		leaks_gauge_free(object->gauge);
	vector_for_each (&leaks->cells, cell)
		vector_deinit(&cell->track.changes);
	vector_deinit(&leaks->objects);
	vector_deinit(&leaks->cells);
	vector_deinit(&leaks->times);
	id_map_deinit(&leaks->cell_places);
	leaks->doubtful = 0;
	leaks->is_thinned = false;
}

struct leaks *leaks_free(struct leaks *leaks)
{
	if (!leaks)
		return NULL;
	forget(leaks);
	vector_deinit(&leaks->words);
	vector_deinit(&leaks->looks);
	vector_deinit(&leaks->marks);
	vector_deinit(&leaks->limits);
	id_map_deinit(&leaks->word_places);
	arena_deinit(&leaks->arena);
	free(leaks);
	return NULL;
}

const struct leak_look *leaks_looks(const struct leaks *leaks, size_t *ret_count)
{
	*ret_count = leaks->looks.count;
	return leaks->looks.items;
}

size_t leaks_point_count(const struct leaks *leaks)
{
	return leaks->times.count;
}

static bool is_elsewhere(const struct leaks *leaks, const struct snapshot *snapshot)
{
	const struct host *before = &leaks->host, *now = &snapshot->host;

	return record_has(&before->record, HOST_IPC_NAMESPACE) &&
	       record_has(&now->record, HOST_IPC_NAMESPACE) &&
	       before->ipc_namespace != now->ipc_namespace;
}

enum leaks_fit leaks_fit(const struct leaks *leaks, const struct snapshot *snapshot)
{
	int64_t last;

	if (!leaks->looks.count)
		return LEAKS_FITS;
	last = leaks->looks.items[leaks->looks.count - 1].at;
	if (identity_is_other_machine(&leaks->host, &snapshot->host))
		return LEAKS_OTHER_HOST;
	if (snapshot->taken_at < last)
		return LEAKS_EARLIER;
	if (snapshot->taken_at == last)
		return LEAKS_SAME_TIME;
	return is_elsewhere(leaks, snapshot) ? LEAKS_OTHER_NAMESPACE : LEAKS_FITS;
}

static int keep_text(struct leaks *leaks, struct text *text)
{
	size_t place = 0;
	int r = leaks_word(leaks, LEAK_BY_COUNT, *text, &place);

	if (r == 0)
		*text = leaks->words.items[place].text;
	return r;
}

static int remember_host(struct leaks *leaks, const struct snapshot *snapshot)
{
	struct host host = snapshot->host;

	if (keep_text(leaks, &host.name) < 0 || keep_text(leaks, &host.kernel) < 0 ||
	    keep_text(leaks, &host.boot_id) < 0)
		return -ENOMEM;
	leaks->host = host;
	leaks->limits.count = 0;
	vector_for_each (&snapshot->limits, limit) {
		struct limit *kept = vector_add(&leaks->limits);

		if (!kept)
			return -ENOMEM;
		*kept = *limit;
	}
	return leaks_mark_boot(leaks, snapshot);
}

/* Every second point is left out, but not the first. */
static void thin(struct leaks *leaks)
{
	for (size_t i = 0; 2 * i < leaks->times.count; i++)
		leaks->times.items[i] = leaks->times.items[2 * i];
	leaks->times.count = (leaks->times.count + 1) / 2;
	vector_for_each (&leaks->cells, cell)
		leak_track_thin(&cell->track);
	vector_for_each (&leaks->objects, object) {
		object->first = leak_thinned(object->first);
		object->seen = leak_thinned(object->seen);
		if (!object->gauge)
			continue;
		leak_track_thin(&object->gauge->track);
		object->gauge->first = leak_thinned(object->gauge->first);
	}
	leaks->is_thinned = true;
}

static unsigned int unlisted_kinds(const struct leaks *leaks, const struct snapshot *snapshot)
{
	unsigned int kinds = 0;

	for (enum kind kind = 0; kind < KIND_COUNT; kind++)
		if (leaks->options.kinds & KIND_BIT(kind) && !snapshot_has_all(snapshot, kind))
			kinds |= KIND_BIT(kind);
	return kinds;
}

/* What has no name is seen in processes alone, so that one that is not seen may still be there. */
static unsigned int doubtful_kinds(const struct leaks *leaks, const struct snapshot *snapshot)
{
	unsigned int kinds =
		leaks->options.kinds & leaks->options.nameless_kinds & KINDS_IN_PROCESSES;

	return snapshot->sight.is_full && !snapshot_has_unseen_processes(snapshot, kinds) ? 0
											  : kinds;
}

/* Fields that tell objects apart, kept where this look did not show them. */
static void remember_identity(struct leak_object *mine, const struct object *object)
{
	struct leak_object now = {
		.kind = object->kind,
		.present = object->record.present,
		.namespace = object->namespace,
		.id = object->id,
		.key = object->key,
		.cuid = object->cuid,
		.cgid = object->cgid,
		.inode = object->inode,
		.device = object->device,
		.status = object->status,
		.creator_pid = object->kind == KIND_SHM ? object->shm.creator_pid : 0,
		.created_at = object->kind == KIND_PSHM || object->kind == KIND_PSEM
				      ? object->file.created_at
				      : 0,
	};

#define KEEP(field, member)                                                     \
	do {                                                                    \
		if (!object_has(object, field) && mine->present >> field & 1) { \
			now.present |= UINT64_C(1) << (field);                  \
			now.member = mine->member;                              \
		}                                                               \
	} while (0)
	KEEP(OBJECT_NAMESPACE, namespace);
	KEEP(OBJECT_CUID, cuid);
	KEEP(OBJECT_CGID, cgid);
	KEEP(OBJECT_DEVICE, device);
	KEEP(OBJECT_CREATOR_PID, creator_pid);
	KEEP(OBJECT_CREATED_AT, created_at);
#undef KEEP
	now.first = mine->first;
	now.seen = mine->seen;
	now.cell = mine->cell;
	now.source = mine->source;
	now.amount = mine->amount;
	now.gauge = mine->gauge;
	*mine = now;
	mine->is_unattached = object->kind == KIND_SHM && object_has(object, OBJECT_NATTCH) &&
			      !object->shm.nattch;
}

/* As far as it takes to compare. */
static struct object as_object(const struct leak_object *mine)
{
	struct object object = {.record = {.present = mine->present},
				.kind = mine->kind,
				.namespace = mine->namespace,
				.id = mine->id,
				.key = mine->key,
				.cuid = mine->cuid,
				.cgid = mine->cgid,
				.inode = mine->inode,
				.device = mine->device,
				.status = mine->status};

	if (mine->kind == KIND_SHM)
		object.shm.creator_pid = mine->creator_pid;
	else if (mine->kind == KIND_PSHM || mine->kind == KIND_PSEM)
		object.file.created_at = mine->created_at;
	return object;
}

/* The objects of the last snapshot, by hash. */
struct known {
	struct identity_gaps gaps;
	struct id_map first; /* place + 1 */
	size_t *next;	     /* of those with one hash, the same; 0 is the end */
};

static void known_deinit(struct known *known)
{
	id_map_deinit(&known->first);
	free(known->next);
}
#define _cleanup_known_ __attribute__((cleanup(known_deinit)))

static void note_gaps(const struct leaks *leaks, const struct selection *selection,
		      struct identity_gaps *gaps)
{
	vector_for_each (&leaks->objects, mine) {
		struct object object = as_object(mine);

		identity_note_gaps(gaps, &object);
	}
	vector_for_each (&selection->objects, object)
		identity_note_gaps(gaps, *object);
}

/* 0 or -ENOMEM; known_deinit() is due in either case. */
static int known_make(const struct leaks *leaks, const struct selection *selection,
		      struct known *known)
{
	size_t count = leaks->objects.count;

	known->next = calloc(count + 1, sizeof(*known->next));
	if (!known->next)
		return -ENOMEM;
	note_gaps(leaks, selection, &known->gaps);
	/* From the end, so that of several the first one is found first. */
	for (size_t i = count; i; i--) {
		struct object object = as_object(&leaks->objects.items[i - 1]);
		uint64_t hash = identity_hash(&object, &known->gaps);
		void *place;

		if (id_map_find(&known->first, hash, &place))
			known->next[i - 1] = (size_t)place;
		if (id_map_put(&known->first, hash, (void *)i) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* NULL: it was not there. */
static struct leak_object *find_object(const struct leaks *leaks, const struct known *known,
				       const struct object *object)
{
	void *first;

	if (!id_map_find(&known->first, identity_hash(object, &known->gaps), &first))
		return NULL;
	for (size_t place = (size_t)first; place; place = known->next[place - 1]) {
		struct leak_object *mine = &leaks->objects.items[place - 1];
		struct object before = as_object(mine);

		if (identity_is_same(&before, object))
			return mine;
	}
	return NULL;
}

/* What it takes of that which a limit bounds: pages, semaphores, or bytes of a file system. */
static uint64_t amount_of(const struct object *object, uint64_t page)
{
	switch (object->kind) {
	case KIND_SHM:
		return page ? object->size / page + (object->size % page != 0) : 0;
	case KIND_SEM:
		return object->sem.nsems;
	case KIND_PSHM:
	case KIND_PSEM:
		return object->file.allocated;
	default:
		return 0;
	}
}

/* A new one, or one of which it is now known better whose it is. */
static int put_into_cell(struct leaks *leaks, struct leak_object *mine, const struct object *object,
			 const struct leak_origin *origin, bool is_new)
{
	struct leak_cell wanted = {
		.namespace = object->namespace, .kind = object->kind, .source = origin->source};
	size_t old = mine->cell;
	int r = leaks_user_word(leaks, object, &wanted.words[LEAK_BY_USER]);

	if (r == 0 && origin->process)
		r = leaks_word(leaks, LEAK_BY_COMMAND, origin->process->command,
			       &wanted.words[LEAK_BY_COMMAND]);
	if (r == 0 && origin->process && record_has(&origin->process->record, PROCESS_UNIT))
		r = leaks_word(leaks, LEAK_BY_UNIT, origin->process->unit,
			       &wanted.words[LEAK_BY_UNIT]);
	if (r == 0 && is_new)
		r = leaks_key_word(leaks, object, &wanted.words[LEAK_BY_KEY]);
	else if (r == 0) /* a segment that was removed has lost its key */
		wanted.words[LEAK_BY_KEY] = leaks->cells.items[old].words[LEAK_BY_KEY];
	if (r == 0)
		r = leaks_cell(leaks, &wanted, &mine->cell);
	if (r == 0 && !is_new)
		r = leak_track_shift(&leaks->cells.items[old].track, mine->first, 0 - UINT64_C(1),
				     0 - mine->amount);
	if (r == 0)
		r = leak_track_shift(&leaks->cells.items[mine->cell].track, mine->first, 1,
				     mine->amount);
	mine->source = origin->source;
	return r;
}

static int see_object(struct leaks *leaks, struct leak_object *mine, const struct object *object,
		      const struct leak_origin *origin)
{
	size_t now = leaks->times.count - 1;
	uint64_t before = mine->amount;
	bool is_new = mine->seen == SIZE_MAX;
	int r = 0;

	remember_identity(mine, object);
	mine->seen = now;
	mine->amount = amount_of(object, leaks->host.page_size);
	if (is_new) {
		mine->first = now;
		r = put_into_cell(leaks, mine, object, origin, true);
	} else {
		r = leak_track_shift(&leaks->cells.items[mine->cell].track, now, 0,
				     mine->amount - before);
		if (r == 0 && origin->source < mine->source)
			r = put_into_cell(leaks, mine, object, origin, false);
	}
	return r ? r : leaks_measure(leaks, mine, object);
}

static int see_objects(struct leaks *leaks, const struct snapshot *snapshot,
		       const struct selection *selection, const struct known *known)
{
	_cleanup_free_ struct leak_origin *origins = leaks_find_origins(snapshot);
	int r = origins ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < selection->objects.count; i++) {
		const struct object *object = selection->objects.items[i];
		struct leak_object *mine = find_object(leaks, known, object);

		if (!mine) {
			mine = vector_add(&leaks->objects);
			if (!mine)
				return -ENOMEM;
			mine->seen = SIZE_MAX;
		}
		r = see_object(leaks, mine, object, &origins[object - snapshot->objects.items]);
	}
	return r;
}

/* Those that were not seen are gone, where all of their kind could be listed. */
static int drop_gone(struct leaks *leaks)
{
	const struct leak_time *now = &leaks->times.items[leaks->times.count - 1];
	size_t kept = 0;
	int r = 0;

	vector_for_each (&leaks->objects, object) {
		struct leak_cell *cell = &leaks->cells.items[object->cell];

		if (object->seen == leaks->times.count - 1 ||
		    now->unlisted & KIND_BIT(object->kind)) {
			leaks->objects.items[kept++] = *object;
			continue;
		}
		cell->gone++;
		if (r == 0)
			r = leak_track_shift(&cell->track, leaks->times.count - 1, 0 - UINT64_C(1),
					     0 - object->amount);
		leaks_gauge_free(object->gauge);
	}
	leaks->objects.count = kept;
	return r;
}

static int digest(struct leaks *leaks, const struct snapshot *snapshot,
		  const struct selection *selection)
{
	_cleanup_known_ struct known known = {0};
	int r = known_make(leaks, selection, &known);

	if (r == 0)
		r = see_objects(leaks, snapshot, selection, &known);
	return r ? r : drop_gone(leaks);
}

/* Notes that there was such a snapshot, and begins anew where that has to be. */
static int begin(struct leaks *leaks, const struct snapshot *snapshot, size_t objects)
{
	struct leak_look *look;
	struct leak_time *time;
	bool has_moved = is_elsewhere(leaks, snapshot);
	bool is_broken = has_moved || leaks_was_booted(leaks, snapshot);

	look = vector_add(&leaks->looks);
	if (!look)
		return -ENOMEM;
	*look = (struct leak_look){.at = snapshot->taken_at,
				   .objects = objects,
				   .unlisted = unlisted_kinds(leaks, snapshot),
				   .broken = has_moved ? LEAK_BREAK_NAMESPACE : LEAK_BREAK_BOOT};
	record_mark(&look->record, LEAK_LOOK_AT);
	record_mark(&look->record, LEAK_LOOK_OBJECTS);
	record_mark(&look->record, LEAK_LOOK_UNLISTED);
	if (is_broken) {
		record_mark(&look->record, LEAK_LOOK_BREAK);
		forget(leaks);
	}
	if (leaks->times.count >= LEAKS_POINTS_MAX)
		thin(leaks);
	time = vector_add(&leaks->times);
	if (!time)
		return -ENOMEM;
	*time = (struct leak_time){snapshot->taken_at, (unsigned int)look->unlisted};
	leaks->doubtful |= doubtful_kinds(leaks, snapshot);
	return remember_host(leaks, snapshot);
}

int leaks_add(struct leaks *leaks, const struct snapshot *snapshot)
{
	const struct selection_options options = {.kinds = leaks->options.kinds,
						  .nameless_kinds = leaks->options.nameless_kinds,
						  .owner = leaks->options.owner};
	_cleanup_selection_ struct selection selection = {0};
	int r = select_objects(snapshot, &options, &selection);

	if (r == 0)
		r = begin(leaks, snapshot, selection.objects.count);
	return r ? r : digest(leaks, snapshot, &selection);
}
