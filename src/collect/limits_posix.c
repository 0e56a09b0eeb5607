/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Limits of POSIX objects that no sysctl tells: the file system in /dev/shm, and what a user's
 * queues may take up.
 */
#include "collect/collector.h"

#include <errno.h>
#include <sys/vfs.h>

#include "base/cleanup.h"
#include "base/id_map.h"
#include "base/parse_number.h"
#include "collect/recorded.h"

/* linux/magic.h */
#define TMPFS_MAGIC 0x01021994
#define RAMFS_MAGIC 0x858458f6

/*
 * What the kernel adds for each message, and for each priority in use, of which it takes as many as
 * there are messages (ipc/mqueue.c: mqueue_get_inode; man 2 getrlimit): sizes of its structures on
 * machines of 64 bits.
 */
#define MESSAGE_OVERHEAD 48
#define PRIORITY_OVERHEAD 48
#define PRIORITIES_MAX 32768

static int report(struct collector *collector, enum limit_id id, int outcome, const char *subject,
		  const char *reason)
{
	return collector_add_issue(collector, ISSUE_ABOUT_LIMITS, outcome, limit_info(id)->kind,
				   NULL, subject, reason);
}

/* UINT64_MAX is no limit; then the kernel does not count, either. */
static int add_with_use(struct collector *collector, enum limit_id id, uint64_t value,
			uint64_t used)
{
	struct limit *limit;

	if (limits_add(collector->snapshot, id, value) < 0)
		return -ENOMEM;
	if (value == UINT64_MAX)
		return 0;
	limit = &collector->snapshot->limits.items[collector->snapshot->limits.count - 1];
	limit->used = used;
	record_mark(&limit->record, LIMIT_USED);
	return 0;
}

static int add_of_file_system(struct collector *collector, const struct dev_shm_use *use)
{
	int r = add_with_use(collector, LIMIT_DEV_SHM_BYTES, use->bytes, use->used_bytes);

	return r ? r : add_with_use(collector, LIMIT_DEV_SHM_FILES, use->files, use->used_files);
}

static int collect_recorded(struct collector *collector)
{
	struct dev_shm_use use;
	int r = recorded_dev_shm(collector, &use);

	if (r <= 0)
		return r ? r : add_of_file_system(collector, &use);
	return report(collector, LIMIT_DEV_SHM_BYTES, r, "ipclens/dev_shm",
		      r == OUTCOME_MALFORMED ? "it is not the line of numbers that it should be"
		      : r == OUTCOME_DENIED  ? "permission denied"
					     : "the recorded tree does not have it");
}

static struct dev_shm_use tell_use(const struct statfs *status)
{
	uint64_t block = (uint64_t)status->f_bsize;
	struct dev_shm_use use = {.bytes = UINT64_MAX, .files = UINT64_MAX};

	if (status->f_blocks) {
		use.bytes = status->f_blocks * block;
		use.used_bytes = (status->f_blocks - status->f_bfree) * block;
	}
	/* One of the inodes is the folder itself, and never a file's. */
	if (status->f_files) {
		use.files = status->f_files - 1;
		use.used_files = use.files - status->f_ffree;
	}
	return use;
}

static int collect_file_system(struct collector *collector)
{
	_cleanup_close_ int fd = -1;
	struct dev_shm_use use;
	struct statfs status;
	int r;

	if (!collector->root.is_live)
		return collect_recorded(collector);
	r = rooted_open_directory(&collector->root, "dev/shm", &fd);
	if (r != 0 || fstatfs(fd, &status) < 0)
		return report(collector, LIMIT_DEV_SHM_BYTES,
			      r == OUTCOME_DENIED ? OUTCOME_DENIED : OUTCOME_UNSUPPORTED,
			      "/dev/shm", "it cannot be looked at");
	if ((unsigned long)status.f_type != TMPFS_MAGIC &&
	    (unsigned long)status.f_type != RAMFS_MAGIC)
		return report(collector, LIMIT_DEV_SHM_BYTES, OUTCOME_UNSUPPORTED, "/dev/shm",
			      "no file system in memory is mounted there");
	use = tell_use(&status);
	return add_of_file_system(collector, &use);
}

static bool is_space(char byte)
{
	return byte == ' ' || byte == '\t';
}

int limits_parse_msgqueue(struct text text, uint64_t *ret_bytes)
{
	static const char name[] = "Max msgqueue size";
	const char *line =
		text.bytes ? memmem(text.bytes, text.length, name, sizeof(name) - 1) : NULL;
	const char *end;
	struct text word;

	if (!line || (line != text.bytes && line[-1] != '\n'))
		return -EINVAL;
	end = text.bytes + text.length;
	for (line += sizeof(name) - 1; line < end && is_space(*line); line++)
		;
	for (word = (struct text){line, 0};
	     word.bytes + word.length < end && !is_space(word.bytes[word.length]) &&
	     word.bytes[word.length] != '\n';
	     word.length++)
		;
	if (text_equals(word, TEXT_LITERAL("unlimited"))) {
		*ret_bytes = UINT64_MAX;
		return 0;
	}
	return parse_unsigned(word, 10, UINT64_MAX, ret_bytes) < 0 ? -EINVAL : 0;
}

static int collect_msgqueue(struct collector *collector)
{
	_cleanup_buffer_ struct buffer text = {0};
	struct shown_path room;
	uint64_t bytes;
	int r = rooted_read(&collector->root, "proc/self/limits", 16384, &text);

	if (r == -ENOMEM)
		return r;
	if (r == 0 && limits_parse_msgqueue(buffer_text(&text), &bytes) == 0)
		return limits_add(collector->snapshot, LIMIT_RLIMIT_MSGQUEUE, bytes);
	return report(collector, LIMIT_RLIMIT_MSGQUEUE,
		      r == 0		    ? OUTCOME_MALFORMED
		      : r == OUTCOME_DENIED ? OUTCOME_DENIED
					    : OUTCOME_UNSUPPORTED,
		      collector_show_path(collector, "proc/self/limits", &room),
		      r == 0		    ? "it has no size of message queues"
		      : r == OUTCOME_DENIED ? "permission denied"
					    : "no such file");
}

int limits_collect_others(struct collector *collector)
{
	unsigned int kinds = collector->scope.limit_kinds;
	int r = 0;

	if (kinds & KIND_BIT(KIND_PSHM))
		r = collect_file_system(collector);
	if (r == 0 && kinds & KIND_BIT(KIND_MQ))
		r = collect_msgqueue(collector);
	return r;
}

static uint64_t bytes_of_queue(const struct object *queue)
{
	uint64_t messages = queue->mq.max_messages;
	uint64_t priorities = messages < PRIORITIES_MAX ? messages : PRIORITIES_MAX;
	uint64_t each, bytes;

	if (__builtin_add_overflow(queue->mq.max_message_bytes, MESSAGE_OVERHEAD, &each) ||
	    __builtin_mul_overflow(messages, each, &bytes) ||
	    __builtin_add_overflow(bytes, priorities * PRIORITY_OVERHEAD, &bytes))
		return UINT64_MAX;
	return bytes;
}

bool limits_use_of_queues(const struct snapshot *snapshot, uint64_t *ret_used)
{
	uint64_t most = 0;

	vector_for_each (&snapshot->objects, queue) {
		uint64_t sum = 0;

		if (queue->kind != KIND_MQ)
			continue;
		if (!object_has(queue, OBJECT_MAX_MESSAGES))
			return false;
		vector_for_each (&snapshot->objects, other)
			if (other->kind == KIND_MQ && other->uid == queue->uid &&
			    __builtin_add_overflow(sum, bytes_of_queue(other), &sum))
				sum = UINT64_MAX;
		most = sum > most ? sum : most;
	}
	*ret_used = most;
	return true;
}
