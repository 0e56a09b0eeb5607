/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How something went on over the points of a series, and when a limit ends it.
 */
#include <errno.h>

#include "base/time_text.h"
#include "query/leaks_parts.h"

/* Nobody plans for longer, and by then the numbers would not fit a calendar. */
#define FAR ((uint64_t)100 * 365 * 86400)

struct leak_course leaks_course(const struct leaks *leaks, enum kind kind, size_t first,
				const uint64_t *counts, const uint64_t *amounts)
{
	struct leak_course course = {0};

	for (size_t i = first; i < leaks->times.count; i++) {
		const struct leak_time *time = &leaks->times.items[i];

		if (time->unlisted & KIND_BIT(kind)) {
			course.unlisted++;
			continue;
		}
		if (!course.points++) {
			course.first = counts[i];
			course.first_amount = amounts[i];
			course.first_at = time->at;
		} else if (counts[i] > course.last) {
			course.grown++;
			course.last_grown = course.points;
		} else if (counts[i] < course.last) {
			course.has_fallen = true;
		}
		course.last = counts[i];
		course.last_amount = amounts[i];
		course.last_at = time->at;
	}
	return course;
}

bool leak_course_is_steady(const struct leak_course *course)
{
	return course->points >= 3 && course->grown >= 2 &&
	       course->last_grown * 2 > course->points + 1;
}

bool leak_estimate(int64_t at, uint64_t used, uint64_t value, uint64_t growth, uint64_t seconds,
		   int64_t *ret_at)
{
	__extension__ unsigned __int128 left;

	if (used >= value) {
		*ret_at = at;
		return true;
	}
	if (!growth)
		return false;
	left = value - used;
	left = (left * seconds + growth - 1) / growth;
	if (left > FAR || at > INT64_MAX - (int64_t)FAR)
		return false;
	*ret_at = at + (int64_t)left;
	return true;
}

static uint64_t seconds_of(const struct leak_course *course)
{
	return course->last_at > course->first_at
		       ? (uint64_t)course->last_at - (uint64_t)course->first_at
		       : 0;
}

/* Whether the other bound tells more: it is hit before, or is the first that is hit at all. */
static bool is_better(const struct leak *leak, bool is_hit, int64_t at)
{
	if (!record_has(&leak->record, LEAK_LIMIT))
		return true;
	if (!record_has(&leak->record, LEAK_HITS_LIMIT_AT))
		return is_hit;
	return is_hit && at < leak->hits_limit_at;
}

void leak_offer_bound(struct leak *leak, const struct leak_course *course,
		      const struct leak_bound *bound)
{
	int64_t at = 0;
	bool is_hit = leak_estimate(course->last_at, bound->used, bound->value, bound->growth,
				    seconds_of(course), &at);

	if (!is_better(leak, is_hit, at))
		return;
	leak->limit = text_of(limit_info(bound->id)->name);
	leak->sysctl = text_of(limit_info(bound->id)->sysctl);
	leak->limit_value = bound->value;
	leak->limit_used = bound->used;
	leak->hits_limit_at = at;
	record_mark(&leak->record, LEAK_LIMIT);
	record_mark(&leak->record, LEAK_SYSCTL);
	record_mark(&leak->record, LEAK_LIMIT_VALUE);
	record_mark(&leak->record, LEAK_LIMIT_USED);
	if (is_hit)
		record_mark(&leak->record, LEAK_HITS_LIMIT_AT);
}

/* Limits on all objects of a kind together: on their number, and on what they take. */
static const struct {
	enum kind kind;
	enum limit_id id;
	bool is_of_amount;
} bounds[] = {
	{KIND_SHM, LIMIT_SHMMNI, false},	 {KIND_SHM, LIMIT_SHMALL, true},
	{KIND_SEM, LIMIT_SEMMNI, false},	 {KIND_SEM, LIMIT_SEMMNS, true},
	{KIND_MSG, LIMIT_MSGMNI, false},	 {KIND_MQ, LIMIT_QUEUES_MAX, false},
	{KIND_PSHM, LIMIT_DEV_SHM_FILES, false}, {KIND_PSHM, LIMIT_DEV_SHM_BYTES, true},
	{KIND_PSEM, LIMIT_DEV_SHM_FILES, false}, {KIND_PSEM, LIMIT_DEV_SHM_BYTES, true},
};

/* Those that do not tell their namespace are of the viewer's own, or of file systems that it sees.
 */
static bool is_of_leak(const struct leaks *leaks, const struct leak *leak,
		       const struct limit *limit)
{
	if (!record_has(&leak->record, LEAK_NAMESPACE))
		return !record_has(&limit->record, LIMIT_NAMESPACE);
	if (record_has(&limit->record, LIMIT_NAMESPACE))
		return limit->namespace == leak->namespace;
	return !record_has(&leaks->host.record, HOST_IPC_NAMESPACE) ||
	       leak->namespace == leaks->host.ipc_namespace;
}

static const struct limit *find_limit(const struct leaks *leaks, const struct leak *leak,
				      enum limit_id id)
{
	vector_for_each (&leaks->limits, limit)
		if (limit->id == id && is_of_leak(leaks, leak, limit))
			return limit;
	return NULL;
}

void leaks_offer_limits(const struct leaks *leaks, struct leak *leak,
			const struct leak_course *course)
{
	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
		const struct limit *limit = find_limit(leaks, leak, bounds[i].id);
		uint64_t before = bounds[i].is_of_amount ? course->first_amount : course->first;
		uint64_t now = bounds[i].is_of_amount ? course->last_amount : course->last;

		/* The number of bytes in one file is no number of files. */
		if (bounds[i].kind != (enum kind)leak->kind || !limit || limit->is_unlimited ||
		    !record_has(&limit->record, LIMIT_VALUE) ||
		    !record_has(&limit->record, LIMIT_USED) ||
		    (leak->what == LEAK_BYTES && !bounds[i].is_of_amount))
			continue;
		leak_offer_bound(leak, course,
				 &(struct leak_bound){bounds[i].id, limit->used, limit->value,
						      now > before ? now - before : 0});
	}
}

/* Thousandths, rounded down. */
static uint64_t rate(uint64_t growth, uint64_t seconds)
{
	__extension__ unsigned __int128 thousandths =
		(__extension__(unsigned __int128) growth) * 3600 * 1000 / seconds;

	return thousandths > UINT64_MAX ? UINT64_MAX : (uint64_t)thousandths;
}

static int set_points(const struct leaks *leaks, struct leak_list *list, struct leak *leak,
		      const uint64_t *counts, size_t first)
{
	size_t room = leaks->times.count - first + 1;
	struct leak_point *points = arena_alloc_array(&list->arena, room, sizeof(*points));

	if (!points)
		return -ENOMEM;
	leak->points = (struct record_list){points, 0};
	for (size_t i = first; i < leaks->times.count; i++) {
		const struct leak_time *time = &leaks->times.items[i];
		struct leak_point *point = &points[leak->points.count];

		if (time->unlisted & KIND_BIT(leak->kind))
			continue;
		point->at = time->at;
		point->count = counts[i];
		record_mark(&point->record, LEAK_POINT_AT);
		record_mark(&point->record, LEAK_POINT_COUNT);
		leak->points.count++;
	}
	record_mark(&leak->record, LEAK_POINTS);
	return 0;
}

static int say_unlisted(struct leak_list *list, struct leak *leak, size_t unlisted)
{
	if (!unlisted)
		return 0;
	return leak_say(list, leak, "in %zu of the snapshots not all %s could be listed", unlisted,
			kind_info((enum kind)leak->kind)->plural);
}

static int say_growth(const struct leaks *leaks, struct leak_list *list, struct leak *leak,
		      const struct leak_course *course)
{
	_cleanup_buffer_ struct buffer line = {0};

	buffer_add_format(&line, "grew in %zu of %zu step%s, over ", course->grown,
			  course->points - 1, course->points == 2 ? "" : "s");
	time_add_span(&line, seconds_of(course));
	if (course->points >= 3 && course->last_grown * 2 <= course->points + 1)
		buffer_add_string(&line, "; of late it has not");
	if (leaks->is_thinned)
		buffer_add_format(&line,
				  " (only some of the points are kept: there were more than %d)",
				  LEAKS_POINTS_MAX);
	if (line.error)
		return line.error;
	return leak_say(list, leak, "%.*s", (int)line.length, line.bytes);
}

int leaks_set_course(const struct leaks *leaks, struct leak_list *list, struct leak *leak,
		     const struct leak_course *course, const uint64_t *counts, size_t first)
{
	uint64_t seconds = seconds_of(course);
	int r;

	leak->first = course->first;
	leak->last = course->last;
	record_mark(&leak->record, LEAK_FIRST);
	record_mark(&leak->record, LEAK_LAST);
	if (seconds) {
		leak->per_hour = rate(course->last - course->first, seconds);
		record_mark(&leak->record, LEAK_PER_HOUR);
	}
	r = set_points(leaks, list, leak, counts, first);
	if (r == 0)
		r = say_growth(leaks, list, leak, course);
	return r ? r : say_unlisted(list, leak, course->unlisted);
}
