/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The parts of leaks.h.
 */
#ifndef IPCLENS_QUERY_LEAKS_PARTS_H
#define IPCLENS_QUERY_LEAKS_PARTS_H

#include "base/id_map.h"
#include "query/leaks.h"

/* From that point of the series on there are so many, and they take so much. */
struct leak_change {
	size_t point;
	uint64_t count, amount;
};

/* A course over the points of the series, of which only changes are kept. */
struct leak_track {
	VECTOR(struct leak_change) changes;
};

/*
 * Adds to all points from this one on, or takes off what is given as 0 - N: numbers wrap around. 0
 * or -ENOMEM.
 */
int leak_track_shift(struct leak_track *track, size_t point, uint64_t count, uint64_t amount);

/* The course is this from the point on, which is the last one; 0 or -ENOMEM. */
int leak_track_set(struct leak_track *track, size_t point, uint64_t count, uint64_t amount);

/* Where a point is after every second one was left out. */
static inline size_t leak_thinned(size_t point)
{
	return (point + 1) / 2;
}

void leak_track_thin(struct leak_track *track);

/* Adds the course to counts and amounts, one for each point, of which there are so many. */
void leak_track_add_to(const struct leak_track *track, size_t points, uint64_t *counts,
		       uint64_t *amounts);

/* From what it is known whose an object is; the better first. */
enum leak_source {
	LEAK_SOURCE_CREATED,
	LEAK_SOURCE_USES,
	LEAK_SOURCE_LAST_OP,
	LEAK_SOURCE_NONE,
};

/* A text that objects have in common, kept once; 0 is none. */
struct leak_word {
	enum leak_by by; /* the same text can be a command and a key */
	struct text text, shown;
};

/* Objects that have everything in common by which they can be put together. */
struct leak_cell {
	uint64_t namespace;
	enum kind kind;
	size_t words[LEAK_BY_COUNT]; /* places in leaks.words */
	enum leak_source source;
	struct leak_track track; /* objects; pages, semaphores or bytes that count against limits */
	uint64_t gone;
};

/* How much is in a queue, or how large a file is. */
struct leak_gauge {
	char *ref;
	struct leak_track track; /* messages and their bytes; size and allocated bytes of a file */
	size_t first;		 /* point */
	bool is_known;		 /* there is a point */
	bool has_fallen;
	bool was_unread;      /* at some point */
	bool was_received;    /* somebody took a message since */
	uint64_t max, length; /* what it can hold, and how many messages; 0: not known */
	int64_t received_at;
	bool has_received_at;
};

/* An object that is there, as far as it takes to know it again. */
struct leak_object {
	enum kind kind;
	uint64_t present; /* bits of object_field */
	uint64_t namespace, id, key, cuid, cgid, inode, device, status;
	int64_t creator_pid, created_at;
	size_t first, seen; /* points */
	size_t cell;
	enum leak_source source;
	uint64_t amount;
	bool is_unattached; /* a segment that nobody has attached, in the last snapshot */
	struct leak_gauge *gauge;
};

struct leak_time {
	int64_t at;
	unsigned int unlisted; /* KIND_BIT()s: not all objects could be listed */
};

/* PID and start of a process are the same only until the machine is started anew. */
struct leak_mark {
	int64_t pid;
	uint64_t start_ticks;
};

struct leaks {
	struct leaks_options options;
	struct arena arena;
	VECTOR(struct leak_word) words;
	struct id_map word_places;
	VECTOR(struct leak_time) times;
	VECTOR(struct leak_object) objects;
	VECTOR(struct leak_cell) cells;
	struct id_map cell_places;
	VECTOR(struct leak_look) looks;
	unsigned int doubtful; /* KIND_BIT()s: objects could be there unseen, in some snapshot */
	bool is_thinned;
	/* Of the last snapshot. */
	VECTOR(struct limit) limits;
	struct host host; /* with texts of our own */
	int64_t boot;	  /* seconds since 1970, by its processes */
	bool has_boot;
	VECTOR(struct leak_mark) marks;
};

/* The place of a text among the words; 0 or -ENOMEM. */
int leaks_word(struct leaks *leaks, enum leak_by by, struct text text, size_t *ret_place);

/* The place of the cell of these; 0 or -ENOMEM. */
int leaks_cell(struct leaks *leaks, const struct leak_cell *wanted, size_t *ret_place);

/* Gives back a gauge; NULL is none. */
void leaks_gauge_free(struct leak_gauge *gauge);

/* Makes or continues the gauge of an object that can have one. 0 or -ENOMEM. */
int leaks_measure(struct leaks *leaks, struct leak_object *mine, const struct object *object);

/* Whether the machine was started anew between the last snapshot and this one. */
bool leaks_was_booted(const struct leaks *leaks, const struct snapshot *snapshot);

/* Remembers what leaks_was_booted() compares. 0 or -ENOMEM. */
int leaks_mark_boot(struct leaks *leaks, const struct snapshot *snapshot);

/*
 * Of each object of the snapshot the process whose it is, and how that is known. The array is the
 * caller's; NULL: no memory.
 */
struct leak_origin {
	const struct process *process;
	enum leak_source source;
};

struct leak_origin *leaks_find_origins(const struct snapshot *snapshot);

/* The word for how the key or name begins; 0 or -ENOMEM. */
int leaks_key_word(struct leaks *leaks, const struct object *object, size_t *ret_place);

/* The word of its creator, or of the owner of a file; 0 or -ENOMEM. */
int leaks_user_word(struct leaks *leaks, const struct object *object, size_t *ret_place);

/* A course that was put together, and what is to be said of it. */
struct leak_course {
	uint64_t first, last, first_amount, last_amount;
	int64_t first_at, last_at;
	size_t points, unlisted;
	size_t grown;	   /* steps in which there came more */
	size_t last_grown; /* the last of these, counted in points */
	bool has_fallen;
};

/* Whether it was growing all the time: in more than one step, and not only long ago. */
bool leak_course_is_steady(const struct leak_course *course);

/*
 * When used reaches value, if it goes on to grow by so much in so many seconds. False where that is
 * never, or more than a hundred years away; at once where it is reached already.
 */
bool leak_estimate(int64_t at, uint64_t used, uint64_t value, uint64_t growth, uint64_t seconds,
		   int64_t *ret_at);

/* A limit against which a leak counts, and by how much it grew. */
struct leak_bound {
	enum limit_id id;
	uint64_t used, value, growth;
};

/* Has the leak name the limit, unless it names one already that is hit before. */
void leak_offer_bound(struct leak *leak, const struct leak_course *course,
		      const struct leak_bound *bound);

/* The limits on all objects of the kind together. */
void leaks_offer_limits(const struct leaks *leaks, struct leak *leak,
			const struct leak_course *course);

/* Adds the leaks among queues and files; 0 or -ENOMEM. */
int leaks_judge_gauges(const struct leaks *leaks, struct leak_list *list);

/* Sets what course and points tell. 0 or -ENOMEM. */
int leaks_set_course(const struct leaks *leaks, struct leak_list *list, struct leak *leak,
		     const struct leak_course *course, const uint64_t *counts, size_t first);

/* Looks at the counts and amounts of the points from first on, where the kind could be listed. */
struct leak_course leaks_course(const struct leaks *leaks, enum kind kind, size_t first,
				const uint64_t *counts, const uint64_t *amounts);

#endif
