/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What nobody uses any more, as far as that can be known, and what is used but has been removed.
 */
#include <errno.h>

#include "query/check_parts.h"

/* "last used 3 hours ago (shm_atime, shm_dtime, shm_ctime)" */
static int say_age(struct judge *judge, struct finding *finding, const struct object *object,
		   const char *source)
{
	_cleanup_buffer_ struct buffer age = {0};
	int64_t last;

	if (!check_last_time(object, &last))
		return 0;
	check_add_age(&age, judge, last);
	return check_say(judge, finding, "last used or changed %s ago (%s)",
			 buffer_string(&age) ? age.bytes : "?", source);
}

/* Why a verdict is less certain than it could be. */
static int say_sight(struct judge *judge, struct finding *finding)
{
	return judge->snapshot->sight.is_full
		       ? 0
		       : check_say(judge, finding,
				   "this viewer does not see everything (ipclens explain sight)");
}

/* Who is on record, and that it is history. */
static int say_record(struct judge *judge, struct finding *finding, const struct check_facts *facts)
{
	if (facts->unknown)
		return check_say(judge, finding,
				 "what became of a process on record could not be seen");
	return check_say(judge, finding,
			 "each process on record is dead, or its PID another one's");
}

/* No command is given for what may be in use. */
static int advise_removal(struct judge *judge, struct finding *finding, const struct object *object)
{
	if (finding->certainty == FINDING_UNKNOWN)
		return check_advise(judge, finding,
				    "nothing yet: somebody who may see everything has to look");
	return check_advise(judge, finding, "ipclens remove %s:%llu", kind_info(object->kind)->word,
			    (unsigned long long)object->id);
}

static bool is_left_alone(const struct judge *judge, const struct object *object)
{
	const struct check_facts *facts = check_facts_of(judge, object);

	return !facts->alive && (facts->dead || facts->unknown) && !check_is_young(judge, object);
}

/* Certain is at most that nobody has it attached now. */
static enum finding_certainty certainty_of_segment(const struct judge *judge,
						   const struct object *segment)
{
	if (check_facts_of(judge, segment)->unknown)
		return FINDING_UNKNOWN;
	return segment->key || !judge->snapshot->sight.is_full ? FINDING_LIKELY : FINDING_CERTAIN;
}

static int judge_segment(struct judge *judge, const struct object *segment)
{
	const struct accounting *accounting = snapshot_accounting(judge->snapshot, segment);
	struct finding *finding;
	int r;

	if (segment->shm.nattch || !object_has(segment, OBJECT_NATTCH) || !accounting ||
	    !accounting->is_complete || !is_left_alone(judge, segment))
		return 0;
	finding =
		check_add(judge, FINDING_ORPHAN_SHM, certainty_of_segment(judge, segment), segment,
			  "nobody has it attached, and nobody on record is known to live");
	r = check_say(judge, finding, "0 attachments (nattch), and no mapping was found");
	if (r == 0)
		r = say_record(judge, finding, check_facts_of(judge, segment));
	if (r == 0)
		r = say_age(judge, finding, segment, "shm_atime, shm_dtime, shm_ctime");
	if (r == 0 && segment->key)
		r = check_say(judge, finding,
			      "by its key 0x%08llx any program can find it again at any time",
			      (unsigned long long)segment->key);
	if (r == 0)
		r = say_sight(judge, finding);
	return r ? r : advise_removal(judge, finding, segment);
}

static bool has_counted_waiters(const struct object *array)
{
	const struct semaphore *semaphores = array->sem.semaphores.items;

	for (size_t i = 0; i < array->sem.semaphores.count; i++)
		if (semaphores[i].ncount || semaphores[i].zcount)
			return true;
	return false;
}

static int judge_array(struct judge *judge, const struct object *array)
{
	const struct check_facts *facts = check_facts_of(judge, array);
	bool is_seen = object_has(array, OBJECT_SEMAPHORES) && judge->snapshot->knows_holders &&
		       judge->snapshot->sight.is_full && !facts->unknown;
	struct finding *finding;
	int r;

	if (facts->waits || facts->holders || has_counted_waiters(array) ||
	    !is_left_alone(judge, array))
		return 0;
	finding = check_add(judge, FINDING_ORPHAN_SEM, is_seen ? FINDING_LIKELY : FINDING_UNKNOWN,
			    array, "nobody waits for it, and nobody on record is known to live");
	r = check_say(judge, finding,
		      object_has(array, OBJECT_SEMAPHORES)
			      ? "nobody waits (semncnt, semzcnt)"
			      : "nobody was seen waiting; its values may not be read");
	if (r == 0)
		r = check_say(judge, finding,
			      judge->snapshot->knows_holders
				      ? "no process holds it with undo"
				      : "who holds it with undo could not be seen");
	if (r == 0)
		r = say_record(judge, finding, facts);
	if (r == 0)
		r = say_age(judge, finding, array, "sem_otime, sem_ctime");
	if (r == 0)
		r = check_say(judge, finding, "who will use an array is on record nowhere");
	if (r == 0)
		r = say_sight(judge, finding);
	return r ? r : advise_removal(judge, finding, array);
}

static int judge_queue(struct judge *judge, const struct object *queue)
{
	const struct check_facts *facts = check_facts_of(judge, queue);
	bool is_seen = judge->snapshot->sight.is_full && !facts->unknown &&
		       !snapshot_has_unseen_waits(judge->snapshot, KIND_BIT(KIND_MSG));
	struct finding *finding;
	int r;

	if (facts->waits || !is_left_alone(judge, queue))
		return 0;
	finding = check_add(judge, FINDING_ORPHAN_MSG, is_seen ? FINDING_LIKELY : FINDING_UNKNOWN,
			    queue, "nobody waits for it, and nobody on record is known to live");
	r = check_say(judge, finding, "no thread was found that waits for it");
	if (r == 0)
		r = say_record(judge, finding, facts);
	if (r == 0)
		r = say_age(judge, finding, queue, "msg_stime, msg_rtime, msg_ctime");
	if (r == 0 && queue->messages)
		r = check_say(judge, finding,
			      "it holds %llu message%s that would be lost (msg_qnum)",
			      (unsigned long long)queue->messages, queue->messages == 1 ? "" : "s");
	if (r == 0)
		r = check_say(judge, finding, "who will use a queue is on record nowhere");
	if (r == 0)
		r = say_sight(judge, finding);
	return r ? r : advise_removal(judge, finding, queue);
}

static bool is_named_file(const struct object *object)
{
	return KIND_BIT(object->kind) & KINDS_POSIX && object_has(object, OBJECT_NAME) &&
	       !(object->status & STATUS_UNLINKED);
}

/* Whether the name means itself in a shell, also as the only word of a careless person. */
static bool is_plain(struct text name)
{
	for (size_t i = 0; i < name.length; i++) {
		char c = name.bytes[i];
		bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

		if (!is_letter && !(c >= '0' && c <= '9') && !memchr("/._-+", c, 5))
			return false;
	}
	return name.length > 1;
}

static int advise_on_file(struct judge *judge, struct finding *finding, const struct object *object)
{
	if (finding->certainty == FINDING_UNKNOWN)
		return advise_removal(judge, finding, object);
	if (!is_plain(object->name))
		return check_advise(judge, finding, "ipclens remove, with its REF between quotes");
	return check_advise(judge, finding, "ipclens remove %s:%.*s", kind_info(object->kind)->word,
			    (int)object->name.length, object->name.bytes);
}

static int judge_file(struct judge *judge, const struct object *object)
{
	bool is_seen = !snapshot_has_unseen_processes(judge->snapshot, KIND_BIT(object->kind)) &&
		       judge->snapshot->sight.is_full;
	struct finding *finding;
	int r;

	if (!object_has(object, OBJECT_PROCESSES) || object->processes.count ||
	    check_facts_of(judge, object)->waits || check_is_young(judge, object))
		return 0;
	finding = check_add(judge, FINDING_ORPHAN_POSIX, is_seen ? FINDING_LIKELY : FINDING_UNKNOWN,
			    object, "nobody has it open or mapped");
	r = check_say(judge, finding,
		      is_seen ? "no process has it open or mapped"
			      : "no process that could be looked at has it open or mapped");
	if (r == 0)
		r = say_age(judge, finding, object, "st_ctime");
	if (r == 0)
		r = check_say(judge, finding, "by its name any program can open it again");
	if (r == 0)
		r = say_sight(judge, finding);
	return r ? r : advise_on_file(judge, finding, object);
}

int check_orphans(struct judge *judge)
{
	int r = 0;

	vector_for_each (&judge->snapshot->objects, object) {
		if (r == 0 && object->kind == KIND_SHM)
			r = judge_segment(judge, object);
		else if (r == 0 && object->kind == KIND_SEM)
			r = judge_array(judge, object);
		else if (r == 0 && object->kind == KIND_MSG)
			r = judge_queue(judge, object);
		else if (r == 0 && is_named_file(object))
			r = judge_file(judge, object);
	}
	return r;
}

static bool is_removed(const struct object *object)
{
	if (object->kind == KIND_SHM)
		return object->status & SHM_STATUS_DEST;
	return KIND_BIT(object->kind) & KINDS_POSIX && object->status & STATUS_UNLINKED;
}

static int judge_removed(struct judge *judge, const struct object *object)
{
	_cleanup_buffer_ struct buffer users = {0};
	struct finding *finding;
	int r = 0;

	check_add_processes(&users, judge, object->processes);
	finding = check_add(judge, FINDING_REMOVED_BUT_HELD, FINDING_CERTAIN, object,
			    "it has been removed, and stays until nobody uses it any more");
	if (!finding)
		return -ENOMEM;
	if (object_has(object, OBJECT_SIZE))
		r = check_say(judge, finding, "it is %llu bytes large (%s)",
			      (unsigned long long)object->size,
			      object->kind == KIND_SHM ? "shm_segsz" : "st_size");
	if (r == 0 && object->kind == KIND_SHM)
		r = check_say(judge, finding, "%llu attachment%s (nattch)",
			      (unsigned long long)object->shm.nattch,
			      object->shm.nattch == 1 ? "" : "s");
	if (r == 0 && object->processes.count)
		r = check_say(judge, finding, "used by %s",
			      buffer_string(&users) ? users.bytes : "?");
	else if (r == 0)
		r = check_say(judge, finding, "who uses it could not be seen");
	return r ? r
		 : check_advise(judge, finding,
				"it goes with its last user; many programs remove what they have "
				"opened at once, so that nothing is left behind");
}

int check_removed(struct judge *judge)
{
	int r = 0;

	vector_for_each (&judge->snapshot->objects, object)
		if (r == 0 && is_removed(object))
			r = judge_removed(judge, object);
	return r;
}
