/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Groups of objects that only accumulate. The same objects can be put together by several things
 * that they have in common; each leak is told once, under what explains most.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "model/finding.h"
#include "query/leaks_parts.h"

/* What tells more is preferred where it explains three quarters of what another one does. */
#define SHARE_NUMERATOR 3
#define SHARE_DENOMINATOR 4

/* What is known of a cell now. */
struct standing {
	bool is_explained;
	size_t alive;
	size_t kept;	   /* came after the first point, and were seen again */
	size_t unattached; /* of segments */
};

struct judgement {
	const struct leaks *leaks;
	struct leak_list *list;
	struct standing *standings; /* of each cell */
	size_t *members;	    /* places of cells, in groups */
	uint64_t *counts;	    /* of each point, and behind them the amounts */
};

/* Cells with a word in common, one behind the other in members. */
struct group {
	enum leak_by by;
	size_t first, count;
	struct leak_course course;
	uint64_t gone;
	size_t kept;
	bool is_leak, is_clean; /* clean: nothing of it ever went away */
};

static const struct leak_cell *cell_of(const struct judgement *judgement, size_t member)
{
	return &judgement->leaks->cells.items[judgement->members[member]];
}

static size_t alive_of(const struct judgement *judgement, size_t member)
{
	return judgement->standings[judgement->members[member]].alive;
}

/* In one family: what they have in common comes first, then where they are. */
struct order {
	const struct leaks *leaks;
	enum leak_by by;
};

static int compare_places(const void *first, const void *second, void *context)
{
	const struct order *order = context;
	const struct leak_cell *a = &order->leaks->cells.items[*(const size_t *)first];
	const struct leak_cell *b = &order->leaks->cells.items[*(const size_t *)second];

	if (a->words[order->by] != b->words[order->by])
		return a->words[order->by] < b->words[order->by] ? -1 : 1;
	return *(const size_t *)first < *(const size_t *)second ? -1 : 1;
}

static void add_up(const struct judgement *judgement, const struct group *group)
{
	size_t points = judgement->leaks->times.count;

	memset(judgement->counts, 0, 2 * (points + 1) * sizeof(*judgement->counts));
	for (size_t i = 0; i < group->count; i++)
		leak_track_add_to(&cell_of(judgement, group->first + i)->track, points,
				  judgement->counts, judgement->counts + points);
}

/*
 * Where some went away, only what came and was seen again counts: a number that grows by itself can
 * be that of a pool whose members come and go.
 */
static void judge_group(const struct judgement *judgement, struct group *group)
{
	const struct leaks *leaks = judgement->leaks;
	const struct leak_course *course = &group->course;
	size_t alive = 0;

	for (size_t i = 0; i < group->count; i++) {
		alive += alive_of(judgement, group->first + i);
		group->gone += cell_of(judgement, group->first + i)->gone;
		group->kept += judgement->standings[judgement->members[group->first + i]].kept;
	}
	/* There cannot be more than there are; most groups are of this sort. */
	if (alive < leaks->options.min_growth)
		return;
	add_up(judgement, group);
	group->course = leaks_course(leaks, cell_of(judgement, group->first)->kind, 0,
				     judgement->counts, judgement->counts + leaks->times.count);
	group->is_clean = !group->gone;
	group->is_leak = course->points >= 2 && !course->has_fallen &&
			 course->last > course->first &&
			 course->last - course->first >= leaks->options.min_growth &&
			 (course->points < 3 || course->grown >= 2) &&
			 (group->is_clean || group->kept >= leaks->options.min_growth);
}

/* Puts the cells of one kind and namespace that are not explained yet into groups. */
static void sort_members(const struct judgement *judgement, size_t *members, size_t count,
			 enum leak_by by)
{
	struct order order = {judgement->leaks, by};

	qsort_r(members, count, sizeof(*members), compare_places, &order);
}

typedef int use_group(struct judgement *judgement, struct group *group, void *context);

/* Calls for each group of the members that is a leak. 0, or what the call returned. */
static int for_each_leak(struct judgement *judgement, size_t count, enum leak_by by, use_group *use,
			 void *context)
{
	int r = 0;

	sort_members(judgement, judgement->members, count, by);
	for (size_t first = 0, end; r == 0 && first < count; first = end) {
		struct group group = {.by = by, .first = first};
		size_t word = cell_of(judgement, first)->words[by];

		for (end = first; end < count && cell_of(judgement, end)->words[by] == word; end++)
			group.count++;
		if (!word)
			continue;
		judge_group(judgement, &group);
		if (group.is_leak)
			r = use(judgement, &group, context);
	}
	return r;
}

/* How much of the growth is explained: by what never loses any, and in all. */
struct coverage {
	uint64_t clean, all;
};

static int cover(struct judgement *judgement, struct group *group, void *context)
{
	struct coverage *coverage = context;
	uint64_t growth = group->course.last - group->course.first;

	(void)judgement;
	coverage->all += growth;
	if (group->is_clean)
		coverage->clean += growth;
	return 0;
}

static bool explains_as_much(uint64_t a, uint64_t best)
{
	return a / SHARE_NUMERATOR >= best / SHARE_DENOMINATOR &&
	       (__extension__(unsigned __int128) a) * SHARE_DENOMINATOR >=
		       (__extension__(unsigned __int128) best) * SHARE_NUMERATOR;
}

/* By what these cells are best put together; false where nothing of them accumulates. */
static bool choose(struct judgement *judgement, size_t count, enum leak_by *ret_by)
{
	enum leak_by wanted = judgement->leaks->options.by;
	struct coverage coverages[LEAK_BY_COUNT] = {0}, best = {0};

	for (enum leak_by by = 0; by < LEAK_BY_COUNT; by++) {
		if (wanted != LEAK_BY_COUNT && wanted != by)
			continue;
		for_each_leak(judgement, count, by, cover, &coverages[by]);
		if (coverages[by].clean > best.clean)
			best.clean = coverages[by].clean;
		if (coverages[by].all > best.all)
			best.all = coverages[by].all;
	}
	for (enum leak_by by = 0; best.all && by < LEAK_BY_COUNT; by++) {
		if (!coverages[by].all ||
		    !(best.clean ? explains_as_much(coverages[by].clean, best.clean)
				 : explains_as_much(coverages[by].all, best.all)))
			continue;
		*ret_by = by;
		return true;
	}
	return false;
}

static bool is_likely(const struct leaks *leaks, const struct leak *leak, const struct group *group)
{
	return group->is_clean && leak_course_is_steady(&group->course) &&
	       !group->course.unlisted && !(leaks->doubtful & KIND_BIT(leak->kind));
}

/* What is known only where the process is. */
static bool is_of_process(enum leak_by by)
{
	return by == LEAK_BY_COMMAND || by == LEAK_BY_UNIT;
}

/* A word that all members have; of processes, all of which one is known. */
static void set_word(const struct judgement *judgement, const struct group *group,
		     struct leak *leak, enum leak_by by)
{
	size_t word = 0;

	for (size_t i = 0; i < group->count; i++) {
		const struct leak_cell *cell = cell_of(judgement, group->first + i);

		if (!alive_of(judgement, group->first + i) ||
		    (cell->source == LEAK_SOURCE_NONE && is_of_process(by)))
			continue;
		if (!cell->words[by] || (word && word != cell->words[by]))
			return;
		word = cell->words[by];
	}
	if (!word)
		return;
	leak->words[by] = judgement->leaks->words.items[word].shown;
	record_mark(&leak->record, leak_field_of(by));
}

static const char *const source_words[] = {
	[LEAK_SOURCE_CREATED] =
		"%zu created by %.*s, as long as it lived (creator_pid, started_at)",
	[LEAK_SOURCE_USES] = "%zu open or mapped by %.*s; who created them is on no record",
	[LEAK_SOURCE_LAST_OP] = "%zu used last by %.*s; who created them is on no record",
};

/* How many commands are told of. */
#define COMMANDS_TOLD 4

/* Where the members end that have the same word as this one. */
static size_t end_of_word(const struct judgement *judgement, size_t first, size_t end,
			  enum leak_by by)
{
	size_t word = cell_of(judgement, first)->words[by];

	while (first < end && cell_of(judgement, first)->words[by] == word)
		first++;
	return first;
}

/* Adds up what is known of members with one command, each source by itself. */
static int say_command(struct judgement *judgement, struct leak *leak, size_t first, size_t end)
{
	size_t alive[LEAK_SOURCE_NONE] = {0};
	size_t word = cell_of(judgement, first)->words[LEAK_BY_COMMAND];
	struct text command = judgement->leaks->words.items[word].shown;
	int r = 0;

	for (; first < end; first++)
		alive[cell_of(judgement, first)->source] += alive_of(judgement, first);
	for (enum leak_source source = 0; r == 0 && source < LEAK_SOURCE_NONE; source++)
		if (alive[source])
			r = leak_say(judgement->list, leak, source_words[source], alive[source],
				     (int)command.length, command.bytes);
	return r;
}

/* Whose they are: a line for each command, and one for those of which none is known. */
static int say_commands(struct judgement *judgement, const struct group *group, struct leak *leak)
{
	size_t last = group->first + group->count;
	size_t unknown = 0, told = 0, others = 0;
	int r = 0;

	sort_members(judgement, judgement->members + group->first, group->count, LEAK_BY_COMMAND);
	for (size_t first = group->first, end; r == 0 && first < last; first = end) {
		bool is_known = cell_of(judgement, first)->words[LEAK_BY_COMMAND];
		size_t alive = 0;

		end = end_of_word(judgement, first, last, LEAK_BY_COMMAND);
		for (size_t i = first; i < end; i++)
			alive += alive_of(judgement, i);
		if (!is_known)
			unknown += alive;
		else if (told++ < COMMANDS_TOLD)
			r = say_command(judgement, leak, first, end);
		else
			others += alive;
	}
	if (r == 0 && others)
		r = leak_say(judgement->list, leak, "%zu by other commands", others);
	if (r == 0 && unknown)
		r = leak_say(judgement->list, leak,
			     leak->kind == KIND_SHM
				     ? "%zu whose creator was alive in no snapshot (creator_pid)"
				     : "%zu of which no snapshot tells whose they are",
			     unknown);
	return r;
}

static int say_fate(struct judgement *judgement, const struct group *group, struct leak *leak)
{
	size_t unattached = 0;
	int r;

	if (group->is_clean)
		r = leak_say(judgement->list, leak, "none of them ever went away");
	else
		r = leak_say(judgement->list, leak,
			     "%llu others went away meanwhile, so that these may go, too",
			     (unsigned long long)group->gone);
	for (size_t i = 0; i < group->count; i++)
		unattached += judgement->standings[judgement->members[group->first + i]].unattached;
	if (r == 0 && leak->kind == KIND_SHM)
		r = leak_say(judgement->list, leak, "%zu of %llu are attached by nobody (nattch)",
			     unattached, (unsigned long long)leak->last);
	if (r == 0 && judgement->leaks->doubtful & KIND_BIT(leak->kind))
		r = leak_say(
			judgement->list, leak,
			"not every process could be seen each time, so that some may have been "
			"missed");
	return r;
}

static void set_group(const struct judgement *judgement, const struct group *group,
		      struct leak *leak)
{
	const struct leak_cell *cell = cell_of(judgement, group->first);

	leak->what = LEAK_OBJECTS;
	leak->kind = cell->kind;
	leak->by = group->by;
	leak->group = judgement->leaks->words.items[cell->words[group->by]].shown;
	leak->gone = group->gone;
	leak->certainty =
		is_likely(judgement->leaks, leak, group) ? FINDING_LIKELY : FINDING_UNKNOWN;
	record_mark(&leak->record, LEAK_WHAT);
	record_mark(&leak->record, LEAK_CERTAINTY);
	record_mark(&leak->record, LEAK_KIND);
	record_mark(&leak->record, LEAK_BY);
	record_mark(&leak->record, LEAK_GROUP);
	record_mark(&leak->record, LEAK_GONE);
	record_mark(&leak->record, LEAK_EVIDENCE);
	if (cell->namespace) {
		leak->namespace = cell->namespace;
		record_mark(&leak->record, LEAK_NAMESPACE);
	}
	for (enum leak_by by = 0; by < LEAK_BY_COUNT; by++)
		set_word(judgement, group, leak, by);
}

static int add_group(struct judgement *judgement, struct group *group, void *context)
{
	struct leak *leak = vector_add(&judgement->list->items);
	int r;

	(void)context;
	if (!leak)
		return -ENOMEM;
	set_group(judgement, group, leak);
	for (size_t i = 0; i < group->count; i++)
		judgement->standings[judgement->members[group->first + i]].is_explained = true;
	r = leaks_set_course(judgement->leaks, judgement->list, leak, &group->course,
			     judgement->counts, 0);
	if (r == 0)
		r = say_fate(judgement, group, leak);
	if (r == 0)
		r = say_commands(judgement, group, leak);
	leaks_offer_limits(judgement->leaks, leak, &group->course);
	return r;
}

static void take_stock(const struct judgement *judgement)
{
	size_t last = judgement->leaks->times.count - 1;

	vector_for_each (&judgement->leaks->objects, object) {
		struct standing *standing = &judgement->standings[object->cell];

		standing->alive++;
		standing->kept += object->first > 0 && object->first < last;
		standing->unattached += object->is_unattached;
	}
}

static int compare_families(const struct leak_cell *a, const struct leak_cell *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return a->namespace < b->namespace ? -1 : a->namespace > b->namespace;
}

static int compare_cells(const void *first, const void *second, void *context)
{
	const struct leaks *leaks = context;
	size_t a = *(const size_t *)first, b = *(const size_t *)second;
	int order = compare_families(&leaks->cells.items[a], &leaks->cells.items[b]);

	return order ? order : a < b ? -1 : a > b;
}

/* Those of a family that are not explained yet, as members. */
static size_t gather(struct judgement *judgement, const size_t *cells, size_t count)
{
	size_t members = 0;

	for (size_t i = 0; i < count; i++)
		if (!judgement->standings[cells[i]].is_explained)
			judgement->members[members++] = cells[i];
	return members;
}

/* The cells of one kind and namespace, until nothing of what is left accumulates. */
static int judge_family(struct judgement *judgement, const size_t *cells, size_t count)
{
	enum leak_by by;
	size_t members;
	int r = 0;

	while (r == 0 && (members = gather(judgement, cells, count)) &&
	       choose(judgement, members, &by))
		r = for_each_leak(judgement, members, by, add_group, NULL);
	return r;
}

/* Cells in the order of families, of which each is judged by itself. */
static int judge_groups(struct judgement *judgement)
{
	const struct leaks *leaks = judgement->leaks;
	size_t count = leaks->cells.count;
	_cleanup_free_ size_t *cells = calloc(count + 1, sizeof(*cells));
	int r = cells ? 0 : -ENOMEM;

	if (r < 0)
		return r;
	take_stock(judgement);
	for (size_t i = 0; i < count; i++)
		cells[i] = i;
	qsort_r(cells, count, sizeof(*cells), compare_cells, (void *)leaks);
	for (size_t first = 0, end; r == 0 && first < count; first = end) {
		const struct leak_cell *cell = &leaks->cells.items[cells[first]];

		for (end = first + 1; end < count; end++)
			if (compare_families(cell, &leaks->cells.items[cells[end]]))
				break;
		r = judge_family(judgement, cells + first, end - first);
	}
	return r;
}

/* What is likely comes first, then what hits its limit first, then what grows fastest. */
static int compare_leaks(const void *first, const void *second)
{
	const struct leak *a = first, *b = second;
	bool has_a = record_has(&a->record, LEAK_HITS_LIMIT_AT);
	bool has_b = record_has(&b->record, LEAK_HITS_LIMIT_AT);

	if (a->certainty != b->certainty)
		return a->certainty > b->certainty ? -1 : 1;
	if (has_a != has_b)
		return has_a ? -1 : 1;
	if (has_a && a->hits_limit_at != b->hits_limit_at)
		return a->hits_limit_at < b->hits_limit_at ? -1 : 1;
	if (a->per_hour != b->per_hour)
		return a->per_hour > b->per_hour ? -1 : 1;
	return a->kind < b->kind ? -1 : a->kind > b->kind;
}

int leaks_judge(const struct leaks *leaks, struct leak_list *list)
{
	size_t cells = leaks->cells.count + 1, points = leaks->times.count + 1;
	_cleanup_free_ struct standing *standings = calloc(cells, sizeof(*standings));
	_cleanup_free_ size_t *members = calloc(cells, sizeof(*members));
	_cleanup_free_ uint64_t *counts = calloc(points, 2 * sizeof(*counts));
	struct judgement judgement = {leaks, list, standings, members, counts};
	int r;

	if (!standings || !members || !counts)
		return -ENOMEM;
	if (leaks->times.count < 2)
		return 0;
	r = judge_groups(&judgement);
	if (r == 0)
		r = leaks_judge_gauges(leaks, list);
	if (list->items.count)
		qsort(list->items.items, list->items.count, sizeof(*list->items.items),
		      compare_leaks);
	return r;
}
