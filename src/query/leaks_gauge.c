/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Queues that get longer, and files in memory that get larger.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "model/finding.h"
#include "model/ref.h"
#include "query/leaks_parts.h"

/* So many bytes of a file stand for one message or object more. */
#define PAGE_USUAL 4096

/* What there is of it now. */
struct reading {
	bool is_known;
	uint64_t count, amount;
};

static bool is_queue(enum kind kind)
{
	return kind == KIND_MSG || kind == KIND_MQ;
}

static bool can_be_measured(enum kind kind)
{
	return is_queue(kind) || kind == KIND_PSHM || kind == KIND_MAP;
}

static struct reading read_object(const struct object *object)
{
	if (is_queue(object->kind))
		return (struct reading){object_has(object, OBJECT_MESSAGES), object->messages,
					object->used_bytes};
	return (struct reading){object_has(object, OBJECT_SIZE), object->size,
				object->file.allocated};
}

static struct leak_gauge *new_gauge(const struct object *object)
{
	struct leak_gauge *gauge = calloc(1, sizeof(*gauge));
	char bytes[REF_MAX];
	struct text ref = ref_of_object(object, bytes);

	if (!gauge)
		return NULL;
	gauge->ref = strndup(ref.bytes, ref.length);
	if (gauge->ref)
		return gauge;
	leaks_gauge_free(gauge);
	return NULL;
}

static void look_at_queue(struct leak_gauge *gauge, const struct object *object)
{
	bool has_time = object->kind == KIND_MSG && object_has(object, OBJECT_RECEIVED_AT);

	gauge->max = 0;
	if (object->kind == KIND_MSG && object_has(object, OBJECT_MAX_BYTES))
		gauge->max = object->max_bytes;
	else if (object->kind == KIND_MQ && object_has(object, OBJECT_MAX_MESSAGES))
		gauge->max = object->mq.max_messages;
	if (gauge->is_known && has_time &&
	    (!gauge->has_received_at || object->msg.received_at != gauge->received_at))
		gauge->was_received = true;
	gauge->has_received_at = has_time;
	gauge->received_at = has_time ? object->msg.received_at : 0;
}

int leaks_measure(struct leaks *leaks, struct leak_object *mine, const struct object *object)
{
	struct leak_gauge *gauge = mine->gauge;
	struct reading now;

	if (!can_be_measured(object->kind))
		return 0;
	if (!gauge)
		gauge = mine->gauge = new_gauge(object);
	if (!gauge)
		return -ENOMEM;
	now = read_object(object);
	if (is_queue(object->kind))
		look_at_queue(gauge, object);
	if (!now.is_known) {
		gauge->was_unread |= gauge->is_known;
		return 0;
	}
	if (!gauge->is_known)
		gauge->first = leaks->times.count - 1;
	gauge->has_fallen |= gauge->is_known && now.count < gauge->length;
	gauge->length = now.count;
	gauge->is_known = true;
	return leak_track_set(&gauge->track, leaks->times.count - 1, now.count, now.amount);
}

static bool has_grown_enough(const struct leaks *leaks, const struct leak_object *mine,
			     const struct leak_course *course)
{
	uint64_t page = leaks->host.page_size ? leaks->host.page_size : PAGE_USUAL;
	uint64_t least = leaks->options.min_growth, growth = course->last - course->first;

	if (!is_queue(mine->kind) && __builtin_mul_overflow(least, page, &least))
		least = UINT64_MAX;
	return !mine->gauge->has_fallen && course->points >= 2 && course->last > course->first &&
	       growth >= least && (course->points < 3 || course->grown >= 2);
}

static uint64_t grown_by(uint64_t first, uint64_t last)
{
	return last > first ? last - first : 0;
}

/* A queue of System V holds max_bytes of text, and no more messages than that either. */
static void offer_bounds_of_queue(const struct leak_object *mine, struct leak *leak,
				  const struct leak_course *course)
{
	enum limit_id id = mine->kind == KIND_MSG ? LIMIT_MSGMNB : LIMIT_MSG_MAX;
	uint64_t max = mine->gauge->max;

	if (!max)
		return;
	if (mine->kind == KIND_MSG)
		leak_offer_bound(
			leak, course,
			&(struct leak_bound){id, course->last_amount, max,
					     grown_by(course->first_amount, course->last_amount)});
	leak_offer_bound(
		leak, course,
		&(struct leak_bound){id, course->last, max, grown_by(course->first, course->last)});
}

static int say_queue(struct leak_list *list, struct leak *leak, const struct leak_object *mine,
		     const struct leak_course *course)
{
	const struct leak_gauge *gauge = mine->gauge;

	if (mine->kind != KIND_MSG)
		return 0;
	if (leak_say(list, leak, "%llu bytes in %llu messages (used_bytes, messages)",
		     (unsigned long long)course->last_amount, (unsigned long long)course->last) < 0)
		return -ENOMEM;
	if (gauge->was_received)
		return leak_say(list, leak,
				"messages were received meanwhile, but fewer than were "
				"sent (received_at)");
	return leak_say(list, leak,
			gauge->has_received_at ? "nobody received one meanwhile (received_at)"
					       : "nobody ever received one (received_at)");
}

static int say_file(struct leak_list *list, struct leak *leak, const struct leak_course *course)
{
	return leak_say(list, leak, "%llu of %llu bytes take up memory, at first %llu (allocated)",
			(unsigned long long)course->last_amount, (unsigned long long)course->last,
			(unsigned long long)course->first_amount);
}

static void set_words(const struct leaks *leaks, const struct leak_object *mine, struct leak *leak)
{
	const struct leak_cell *cell = &leaks->cells.items[mine->cell];

	for (enum leak_by by = 0; by < LEAK_BY_COUNT; by++) {
		/* How a key begins tells nothing of a single object. */
		if (!cell->words[by] || by == LEAK_BY_KEY)
			continue;
		leak->words[by] = leaks->words.items[cell->words[by]].shown;
		record_mark(&leak->record, leak_field_of(by));
	}
	if (mine->present >> OBJECT_NAMESPACE & 1) {
		leak->namespace = mine->namespace;
		record_mark(&leak->record, LEAK_NAMESPACE);
	}
}

static bool is_likely(const struct leaks *leaks, const struct leak_object *mine,
		      const struct leak_course *course)
{
	return leak_course_is_steady(course) && !mine->gauge->was_unread && !course->unlisted &&
	       !(leaks->doubtful & KIND_BIT(mine->kind));
}

static int add_gauge(const struct leaks *leaks, struct leak_list *list,
		     const struct leak_object *mine, const struct leak_course *course,
		     const uint64_t *counts)
{
	struct leak *leak = vector_add(&list->items);
	int r;

	if (!leak)
		return -ENOMEM;
	leak->what = is_queue(mine->kind) ? LEAK_QUEUE : LEAK_BYTES;
	leak->certainty = is_likely(leaks, mine, course) ? FINDING_LIKELY : FINDING_UNKNOWN;
	leak->kind = mine->kind;
	leak->by = LEAK_BY_OBJECT;
	leak->object = leak->group = text_of(mine->gauge->ref);
	record_mark(&leak->record, LEAK_WHAT);
	record_mark(&leak->record, LEAK_CERTAINTY);
	record_mark(&leak->record, LEAK_KIND);
	record_mark(&leak->record, LEAK_BY);
	record_mark(&leak->record, LEAK_GROUP);
	record_mark(&leak->record, LEAK_OBJECT);
	record_mark(&leak->record, LEAK_EVIDENCE);
	set_words(leaks, mine, leak);
	r = leaks_set_course(leaks, list, leak, course, counts, mine->gauge->first);
	if (r == 0)
		r = is_queue(mine->kind) ? say_queue(list, leak, mine, course)
					 : say_file(list, leak, course);
	if (is_queue(mine->kind))
		offer_bounds_of_queue(mine, leak, course);
	else
		leaks_offer_limits(leaks, leak, course);
	return r;
}

int leaks_judge_gauges(const struct leaks *leaks, struct leak_list *list)
{
	size_t points = leaks->times.count;
	_cleanup_free_ uint64_t *counts = calloc(points + 1, 2 * sizeof(*counts));
	int r = counts ? 0 : -ENOMEM;

	vector_for_each (&leaks->objects, mine) {
		struct leak_course course;

		if (r < 0 || !mine->gauge || !mine->gauge->is_known || mine->gauge->has_fallen)
			continue;
		memset(counts, 0, 2 * (points + 1) * sizeof(*counts));
		leak_track_add_to(&mine->gauge->track, points, counts, counts + points);
		course = leaks_course(leaks, mine->kind, mine->gauge->first, counts,
				      counts + points);
		if (has_grown_enough(leaks, mine, &course))
			r = add_gauge(leaks, list, mine, &course, counts);
	}
	return r;
}
