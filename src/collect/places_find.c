/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect/places_find.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/parallel.h"
#include "collect/bpf_use.h"
#include "collect/proc_fd.h"
#include "collect/proc_pids.h"

#define MOUNTINFO_MAX ((size_t)8 << 20)

/* Fewer are not worth a thread. */
#define PROCESSES_PER_WORKER 64

/* A descriptor of an IPC namespace. */
struct open_namespace {
	uint64_t number, fd;
};

/* What the links of a process tell. */
struct seen {
	int result; /* of the look at its IPC namespace */
	bool has_mount, has_threads;
	uint64_t ipc, mount;
	VECTOR(struct open_namespace) open;
};

/* One look at the processes. */
struct look {
	struct collector *collector;
	struct places *places;
	const struct pid_list *list;
	struct seen *seen; /* of each of them */
	size_t unreadable;
};

/* The place with that number, new or known; NULL where there is no memory. */
static struct place *find_place(struct places *places, uint64_t number)
{
	struct place *place;
	size_t slot;

	if (places_slot(places, number, &slot))
		return &places->items.items[slot];
	place = vector_add(&places->items);
	if (!place || id_map_put(&places->slots, number, (void *)places->items.count) < 0)
		return NULL;
	place->record.number = number;
	record_mark(&place->record.record, NAMESPACE_NUMBER);
	record_mark(&place->record.record, NAMESPACE_IS_VIEWERS);
	record_mark(&place->record.record, NAMESPACE_KEPT_BY);
	record_mark(&place->record.record, NAMESPACE_PROCESSES);
	return place;
}

static void set_pid(struct place *place, int64_t pid)
{
	if (record_has(&place->record.record, NAMESPACE_PID))
		return;
	place->record.pid = pid;
	record_mark(&place->record.record, NAMESPACE_PID);
}

/* A way to the place that is not a process's own. 0 or -ENOMEM. */
static int set_other(struct look *look, struct place *place, const char *root, const char *path)
{
	if (place->other.length)
		return 0;
	snprintf(place->other_root, sizeof(place->other_root), "%s", root);
	/* With its end, so that it can be opened. */
	if (snapshot_copy_text(look->collector->snapshot, (struct text){path, strlen(path) + 1},
			       &place->other) < 0)
		return -ENOMEM;
	place->other.length--;
	return 0;
}

static int add_mount_namespace(struct look *look, int64_t pid, const struct seen *seen)
{
	struct places *places = look->places;
	uint64_t number = seen->mount, ipc = seen->ipc;
	struct mount_place *mount;
	void *known;

	if (!seen->has_mount)
		return 0;
	if (id_map_find(&places->mount_pairs, number << 32 | ipc, &known))
		return 0;
	mount = vector_add(&places->mounts);
	if (!mount || id_map_put(&places->mount_pairs, number << 32 | ipc, NULL) < 0)
		return -ENOMEM;
	*mount = (struct mount_place){.number = number,
				      .ipc = ipc,
				      .pid = pid,
				      .is_first =
					      !id_map_find(&places->mount_slots, number, &known)};
	return id_map_put(&places->mount_slots, number, NULL);
}

static int add_process(struct look *look, int64_t pid, const struct seen *seen)
{
	struct place *place = find_place(look->places, seen->ipc);

	if (!place)
		return -ENOMEM;
	place->record.kept_by |= KEPT_BY_PROCESSES;
	place->record.processes++;
	set_pid(place, pid);
	if (place->candidate_count < PLACE_CANDIDATES)
		place->candidates[place->candidate_count++] = pid;
	return add_mount_namespace(look, pid, seen);
}

/* A thread that has gone elsewhere. 0 or -ENOMEM. */
static int add_thread(struct look *look, int64_t pid, const char *path, uint64_t number)
{
	struct place *place = find_place(look->places, number);

	if (!place)
		return -ENOMEM;
	place->record.kept_by |= KEPT_BY_THREADS;
	set_pid(place, pid);
	return set_other(look, place, "", path);
}

/* One link for each thread beside the usual two. */
static bool has_threads(const struct collector *collector, const char *path)
{
	struct stat status;

	return rooted_stat(&collector->root, path, 0, &status) != 0 || status.st_nlink > 3;
}

static int look_at_threads(struct look *look, int64_t pid, uint64_t own)
{
	struct pid_list threads = {0};
	uint64_t number;
	char path[96];
	int r = 0;

	snprintf(path, sizeof(path), "proc/%lld/task", (long long)pid);
	if (proc_list_pids(&look->collector->root, path, &threads) == -ENOMEM)
		r = -ENOMEM;
	vector_for_each (&threads.pids, thread) {
		snprintf(path, sizeof(path), "proc/%lld/task/%lld/ns/ipc", (long long)pid,
			 (long long)*thread);
		if (r == 0 && sight_read_namespace(&look->collector->root, path, &number) == 0 &&
		    number != own)
			r = add_thread(look, pid, path, number);
	}
	vector_deinit(&threads.pids);
	return r;
}

/* For one of several threads. */
static int handle_descriptor(const struct descriptor *descriptor, void *context)
{
	const struct text start = TEXT_LITERAL("ipc:[");
	struct seen *seen = context;
	struct open_namespace *found;
	uint64_t number;

	if (descriptor->link.length < start.length ||
	    memcmp(descriptor->link.bytes, start.bytes, start.length) != 0 ||
	    sight_parse_namespace(descriptor->link, &number) < 0)
		return 0;
	found = vector_add(&seen->open);
	if (!found)
		return -ENOMEM;
	*found = (struct open_namespace){number, descriptor->fd};
	return 0;
}

static int add_descriptor(struct look *look, int64_t pid, const struct open_namespace *found)
{
	struct place *place = find_place(look->places, found->number);
	char path[96];

	if (!place)
		return -ENOMEM;
	place->record.kept_by |= KEPT_BY_DESCRIPTOR;
	set_pid(place, pid);
	snprintf(path, sizeof(path), "proc/%lld/fd/%llu", (long long)pid,
		 (unsigned long long)found->fd);
	return set_other(look, place, "", path);
}

/* The links of one process, for one of several threads. */
static int see_process(size_t worker, size_t item, void *context)
{
	struct look *look = context;
	const struct rooted *root = &look->collector->root;
	struct seen *seen = &look->seen[item];
	char path[64];
	char *end =
		path + snprintf(path, 32, "proc/%lld/", (long long)look->list->pids.items[item]);
	int r = 0;

	(void)worker;
	strcpy(end, "ns/ipc");
	seen->result = sight_read_namespace(root, path, &seen->ipc);
	strcpy(end, "ns/mnt");
	if (seen->result == 0)
		seen->has_mount = sight_read_namespace(root, path, &seen->mount) == 0;
	strcpy(end, "task");
	seen->has_threads = has_threads(look->collector, path);
	strcpy(end, "fd");
	if (look->collector->scope.has_namespace_keepers)
		r = proc_fd_read(root, path, handle_descriptor, seen);
	return r == -ENOMEM ? r : 0;
}

static void note_empty(struct place *place, const struct bpf_place *found)
{
	place->empty_kinds =
		(found->shm ? 0U : KIND_BIT(KIND_SHM)) | (found->sem ? 0U : KIND_BIT(KIND_SEM)) |
		(found->msg ? 0U : KIND_BIT(KIND_MSG)) | (found->mq ? 0U : KIND_BIT(KIND_MQ));
}

/* What bpf tells of a process or a thread, in place of its links. */
static int hand_place(const struct bpf_place *found, void *context)
{
	const struct seen seen = {
		.has_mount = found->mount, .ipc = found->ipc, .mount = found->mount};
	struct look *look = context;
	struct place *place;
	char path[96];
	int r;

	if (!found->pid)
		return 0;
	if (found->tid == found->pid) {
		r = add_process(look, found->pid, &seen);
	} else {
		snprintf(path, sizeof(path), "proc/%lld/task/%lld/ns/ipc", (long long)found->pid,
			 (long long)found->tid);
		r = add_thread(look, found->pid, path, found->ipc);
	}
	place = r == 0 ? find_place(look->places, found->ipc) : NULL;
	if (place)
		note_empty(place, found);
	return r ? r : place ? 0 : -ENOMEM;
}

/* 0, -ENOMEM, or a positive result where it is not to be had. */
static int look_by_bpf(struct look *look)
{
	struct bpf_source *source;
	int r = OUTCOME_UNSUPPORTED;

	if (bpf_use_is_worth_it_for_places(look->collector))
		r = bpf_use_open_for_places(look->collector, &source);
	if (r != 0)
		return r;
	r = bpf_source_places(source, hand_place, look);
	if (r == 0 || r == -ENOMEM)
		return r;
	/* What was found until then is there all the same, and is found once more. */
	vector_for_each (&look->places->items, place)
		place->record.processes = 0;
	return OUTCOME_UNSUPPORTED;
}

static int look_at_process(struct look *look, int64_t pid, const struct seen *seen)
{
	int r = seen->result;

	/* A leader that has exited has none; what it has in its threads is found below. */
	if (r == OUTCOME_DENIED)
		look->unreadable++;
	if (r != 0 && r != OUTCOME_GONE)
		return r == -ENOMEM ? r : 0;
	r = r == 0 ? add_process(look, pid, seen) : 0;
	return r == 0 && seen->has_threads ? look_at_threads(look, pid, seen->ipc) : r;
}

static int look_at_processes(struct look *look)
{
	size_t count = look->list->pids.count;
	_cleanup_free_ struct seen *seen = calloc(count + 1, sizeof(*seen));
	int r = seen ? 0 : -ENOMEM;

	look->seen = seen;
	if (r == 0)
		r = parallel_run(parallel_workers(count, PROCESSES_PER_WORKER), count, see_process,
				 look);
	for (size_t i = 0; r == 0 && i < count; i++) {
		int64_t pid = look->list->pids.items[i];

		r = look_at_process(look, pid, &seen[i]);
		vector_for_each (&seen[i].open, found)
			r = r ? r : add_descriptor(look, pid, found);
	}
	for (size_t i = 0; seen && i < count; i++)
		vector_deinit(&seen[i].open);
	return r;
}

static bool is_octal(struct text text)
{
	for (size_t i = 0; i < 3; i++)
		if (i >= text.length || text.bytes[i] < '0' || text.bytes[i] > '7')
			return false;
	return true;
}

/* Blanks and the like are written as \040 (fs/proc_namespace.c: mangle). */
static size_t unescape(struct text text, char *room, size_t size)
{
	size_t length = 0;

	for (size_t i = 0; i < text.length && length + 1 < size; i++) {
		struct text digits = {text.bytes + i + 1, text.length - i - 1};

		if (text.bytes[i] == '\\' && is_octal(digits)) {
			room[length++] =
				(char)((digits.bytes[0] - '0') << 6 | (digits.bytes[1] - '0') << 3 |
				       (digits.bytes[2] - '0'));
			i += 3;
		} else {
			room[length++] = text.bytes[i];
		}
	}
	room[length] = '\0';
	return length;
}

/* "ID PARENT MAJOR:MINOR ROOT POINT OPTIONS … - TYPE …", see proc(5). */
bool places_parse_mount(struct text line, char *room, size_t size, uint64_t *ret_number,
			struct text *ret_path)
{
	const struct text start = TEXT_LITERAL("ipc:[");
	struct text root, point, word;

	for (unsigned int i = 0; i < 3; i++)
		text_take_part(&line, ' ');
	root = text_take_part(&line, ' ');
	point = text_take_part(&line, ' ');
	if (root.length < start.length || memcmp(root.bytes, start.bytes, start.length) != 0 ||
	    sight_parse_namespace(root, ret_number) < 0 || point.length >= size)
		return false;
	do {
		if (!line.length)
			return false;
		word = text_take_part(&line, ' ');
	} while (!text_equals(word, TEXT_LITERAL("-")));
	if (!text_equals(text_take_part(&line, ' '), TEXT_LITERAL("nsfs")))
		return false;
	*ret_path = (struct text){room, unescape(point, room, size)};
	return true;
}

static int add_mount(struct look *look, int64_t pid, uint64_t number, struct text path)
{
	struct place *place = find_place(look->places, number);
	char root[32];
	int r = 0;

	if (!place)
		return -ENOMEM;
	place->record.kept_by |= KEPT_BY_MOUNT;
	if (!record_has(&place->record.record, NAMESPACE_PATH)) {
		record_mark(&place->record.record, NAMESPACE_PATH);
		r = snapshot_copy_text(look->collector->snapshot, path, &place->record.path);
	}
	snprintf(root, sizeof(root), "proc/%lld/root", (long long)pid);
	return r ? r : set_other(look, place, root, path.bytes);
}

/* What is mounted in the mount namespace of a process. 0 or -ENOMEM. */
static int look_at_mounts(struct look *look, int64_t pid)
{
	_cleanup_buffer_ struct buffer buffer = {0};
	char path[64], room[PATH_MAX];
	struct text text;
	int r;

	snprintf(path, sizeof(path), "proc/%lld/mountinfo", (long long)pid);
	r = rooted_read(&look->collector->root, path, MOUNTINFO_MAX, &buffer);
	if (r != 0)
		return r == -ENOMEM ? r : 0;
	/* Nearly always there is none. */
	if (!memmem(buffer.bytes, buffer.length, "ipc:[", 5))
		return 0;
	for (text = buffer_text(&buffer); r == 0 && text.length;) {
		struct text point;
		uint64_t number;

		if (places_parse_mount(text_take_part(&text, '\n'), room, sizeof(room), &number,
				       &point))
			r = add_mount(look, pid, number, point);
	}
	return r;
}

static int report_unreadable(struct look *look)
{
	char reason[128];

	if (!look->unreadable)
		return 0;
	snprintf(reason, sizeof(reason),
		 "of %zu process%s it may not be seen in which IPC namespace they are",
		 look->unreadable, look->unreadable == 1 ? "" : "es");
	return collector_add_issue(look->collector, ISSUE_ABOUT_NAMESPACES, OUTCOME_DENIED,
				   KIND_COUNT, NULL, "/proc/PID/ns/ipc", reason);
}

/* Processes that /proc does not list can be in any namespace. */
static int report_missing(struct collector *collector)
{
	const char *reason = sight_why_processes_are_missing(collector);

	return reason ? collector_add_issue(collector, ISSUE_ABOUT_NAMESPACES, OUTCOME_DENIED,
					    KIND_COUNT, NULL, "/proc", reason)
		      : 0;
}

/* A namespace that nothing known leads to, unless the process has come there meanwhile. */
static int hand_mapping(const struct bpf_mapping *mapping, void *context)
{
	struct look *look = context;
	struct seen seen = {.result = 0};
	struct place *place;
	char path[64];
	size_t slot;

	if (places_slot(look->places, mapping->namespace, &slot))
		return 0;
	snprintf(path, sizeof(path), "proc/%lld/ns/ipc", (long long)mapping->pid);
	if (sight_read_namespace(&look->collector->root, path, &seen.ipc) == 0 &&
	    seen.ipc == mapping->namespace)
		return add_process(look, mapping->pid, &seen);
	place = find_place(look->places, mapping->namespace);
	if (!place)
		return -ENOMEM;
	place->record.kept_by |= KEPT_BY_MAPPING;
	set_pid(place, mapping->pid);
	return 0;
}

/* What processes have taken along from where nobody is any more; /proc does not tell. */
static int look_at_mappings(struct look *look)
{
	struct bpf_source *source;
	int r = OUTCOME_UNSUPPORTED;

	if (look->collector->scope.has_namespace_keepers)
		r = bpf_use_open_for_mappings(look->collector, &source);
	if (r == 0)
		r = bpf_source_mappings(source, 0, hand_mapping, look);
	return r == -ENOMEM ? r : 0;
}

/* By their links, one after the other. 0 or -ENOMEM. */
static int look_by_links(struct look *look)
{
	struct pid_list list = {0};
	int r = proc_list_pids(&look->collector->root, "proc", &list);

	if (r > 0)
		r = collector_add_issue(look->collector, ISSUE_ABOUT_NAMESPACES, r, KIND_COUNT,
					NULL, "/proc", "the processes could not be listed");
	look->list = &list;
	if (r == 0)
		r = look_at_processes(look);
	vector_deinit(&list.pids);
	return r ? r : report_missing(look->collector);
}

int places_look(struct collector *collector)
{
	struct look look = {.collector = collector, .places = &collector->places};
	int r = 0;

	if (collector->has_namespace && !find_place(look.places, collector->namespace))
		r = -ENOMEM;
	if (r == 0)
		r = look_by_bpf(&look);
	if (r > 0)
		r = look_by_links(&look);
	vector_for_each (&look.places->mounts, mount) {
		if (r == 0 && mount->is_first)
			r = look_at_mounts(&look, mount->pid);
	}
	if (r == 0)
		r = look_at_mappings(&look);
	return r ? r : report_unreadable(&look);
}
