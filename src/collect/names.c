/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names of user and group ids, each looked up once: in the machine's databases, or in etc/passwd
 * and etc/group of a recorded tree.
 */
#include "collect/collector.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/id_map.h"
#include "collect/collect.h"

/* The databases' entries can be large (groups with many members), but not boundlessly so. */
#define ENTRY_MAX ((size_t)1 << 20)

struct database {
	const char *name;
	const char *path; /* in a recorded tree */
	/* As getpwuid_r(); *ret_name stays NULL where there is no such id. */
	int (*look_up)(uint64_t id, char *room, size_t size, const char **ret_name);
	/* The next entry of a file; false at its end. */
	bool (*next)(FILE *file, uint64_t *ret_id, const char **ret_name);
};

static int look_up_user(uint64_t id, char *room, size_t size, const char **ret_name)
{
	struct passwd entry, *found = NULL;
	int number = getpwuid_r((uid_t)id, &entry, room, size, &found);

	*ret_name = found ? found->pw_name : NULL;
	return number;
}

static int look_up_group(uint64_t id, char *room, size_t size, const char **ret_name)
{
	struct group entry, *found = NULL;
	int number = getgrgid_r((gid_t)id, &entry, room, size, &found);

	*ret_name = found ? found->gr_name : NULL;
	return number;
}

static bool next_user(FILE *file, uint64_t *ret_id, const char **ret_name)
{
	const struct passwd *entry = fgetpwent(file);

	if (!entry)
		return false;
	*ret_id = entry->pw_uid;
	*ret_name = entry->pw_name;
	return true;
}

static bool next_group(FILE *file, uint64_t *ret_id, const char **ret_name)
{
	const struct group *entry = fgetgrent(file);

	if (!entry)
		return false;
	*ret_id = entry->gr_gid;
	*ret_name = entry->gr_name;
	return true;
}

static const struct database users = {"user database", "etc/passwd", look_up_user, next_user};
static const struct database groups = {"group database", "etc/group", look_up_group, next_group};

/* The names of one database that were asked for so far. */
struct name_cache {
	struct collector *collector;
	const struct database *database;
	struct id_map names; /* to strings in the arena, NULL for ids without a name */
	bool has_failed;
};

/* The part of field names that concerns one database. */
struct name_field {
	enum scope_names wanted;
	const struct database *database;
	enum object_field field, id;
	size_t id_offset, name_offset;
};

static const struct name_field name_fields[] = {
	{SCOPE_USER, &users, OBJECT_USER, OBJECT_UID, offsetof(struct object, uid),
	 offsetof(struct object, user)},
	{SCOPE_CUSER, &users, OBJECT_CUSER, OBJECT_CUID, offsetof(struct object, cuid),
	 offsetof(struct object, cuser)},
	{SCOPE_GROUP, &groups, OBJECT_GROUP, OBJECT_GID, offsetof(struct object, gid),
	 offsetof(struct object, group)},
	{SCOPE_CGROUP, &groups, OBJECT_CGROUP, OBJECT_CGID, offsetof(struct object, cgid),
	 offsetof(struct object, cgroup)},
};

static int store(struct name_cache *cache, uint64_t id, const char *name, char **ret_copy)
{
	*ret_copy = NULL;
	if (name) {
		*ret_copy = arena_copy(&cache->collector->snapshot->arena, name, strlen(name));
		if (!*ret_copy)
			return -ENOMEM;
	}
	return id_map_put(&cache->names, id, *ret_copy);
}

/* "Not found" has many errnos, see getpwuid_r(3). */
static bool is_failure(int number)
{
	return number && number != ENOENT && number != ESRCH && number != EBADF && number != EPERM;
}

static int look_up(struct name_cache *cache, uint64_t id, char **ret_name)
{
	_cleanup_free_ char *room = NULL;
	const char *name = NULL;
	int number = ERANGE;

	for (size_t size = 1024; number == ERANGE && size <= ENTRY_MAX; size *= 4) {
		free(room);
		room = malloc(size);
		if (!room)
			return -ENOMEM;
		/* A missing name service answers with the errno of an earlier call. */
		errno = 0;
		number = cache->database->look_up(id, room, size, &name);
	}
	if (is_failure(number) && !cache->has_failed) {
		cache->has_failed = true;
		if (collector_add_issue(cache->collector, ISSUE_ABOUT_NAMES, OUTCOME_UNSUPPORTED,
					KIND_COUNT, NULL, cache->database->name,
					strerror(number)) < 0)
			return -ENOMEM;
	}
	return store(cache, id, number ? NULL : name, ret_name);
}

static int report_file(const struct name_cache *cache, int result)
{
	return collector_add_issue(cache->collector, ISSUE_ABOUT_NAMES,
				   result > 0 ? result : OUTCOME_UNSUPPORTED, KIND_COUNT, NULL,
				   cache->database->path, rooted_reason(result));
}

/* Reads the whole file of a recorded tree; the first entry of an id counts, as it does live. */
static int load_file(struct name_cache *cache)
{
	_cleanup_fclose_ FILE *file = NULL;
	int fd, r = rooted_open(&cache->collector->root, cache->database->path, &fd);
	const char *name;
	uint64_t id;
	char *copy;

	/* A tree without a database simply has no names. */
	if (r == OUTCOME_GONE)
		return 0;
	if (r != 0)
		return report_file(cache, r);
	file = fdopen(fd, "re");
	if (!file) {
		close(fd);
		return -ENOMEM;
	}
	while (r == 0 && cache->database->next(file, &id, &name)) {
		void *known;

		if (!id_map_find(&cache->names, id, &known))
			r = store(cache, id, name, &copy);
	}
	/* A folder, for one, can be opened. */
	return r == 0 && ferror(file) ? report_file(cache, -errno) : r;
}

static int name_of(struct name_cache *cache, uint64_t id, char **ret_name)
{
	void *known = NULL;

	if (id_map_find(&cache->names, id, &known) || !cache->collector->root.is_live) {
		*ret_name = known;
		return 0;
	}
	return look_up(cache, id, ret_name);
}

static int name_field_of_all(struct name_cache *cache, const struct name_field *field)
{
	vector_for_each (&cache->collector->snapshot->objects, object) {
		const uint64_t *id = (const void *)((const char *)object + field->id_offset);
		struct text *place = (void *)((char *)object + field->name_offset);
		char *name;

		if (!object_has(object, field->id))
			continue;
		if (name_of(cache, *id, &name) < 0)
			return -ENOMEM;
		if (!name)
			continue;
		*place = text_of(name);
		object_mark(object, field->field);
	}
	return 0;
}

static int name_processes(struct name_cache *cache)
{
	vector_for_each (&cache->collector->snapshot->processes, process) {
		char *name;

		if (!record_has(&process->record, PROCESS_UID))
			continue;
		if (name_of(cache, process->uid, &name) < 0)
			return -ENOMEM;
		if (!name)
			continue;
		process->user = text_of(name);
		record_mark(&process->record, PROCESS_USER);
	}
	return 0;
}

static int collect_database(struct collector *collector, const struct database *database)
{
	struct name_cache cache = {.collector = collector, .database = database};
	int r = 0;

	if (!collector->root.is_live)
		r = load_file(&cache);
	for (size_t i = 0; r == 0 && i < sizeof(name_fields) / sizeof(name_fields[0]); i++)
		if (name_fields[i].database == database &&
		    (collector->scope.names & name_fields[i].wanted))
			r = name_field_of_all(&cache, &name_fields[i]);
	if (r == 0 && database == &users && (collector->scope.names & SCOPE_PROCESS_USER))
		r = name_processes(&cache);
	id_map_deinit(&cache.names);
	return r;
}

int names_collect(struct collector *collector)
{
	int r = 0;

	if (collector->scope.names & (SCOPE_USER | SCOPE_CUSER | SCOPE_PROCESS_USER))
		r = collect_database(collector, &users);
	if (r == 0 && (collector->scope.names & (SCOPE_GROUP | SCOPE_CGROUP)))
		r = collect_database(collector, &groups);
	return r;
}

static bool lacks_user_live(const char *name)
{
	_cleanup_free_ char *room = NULL;
	struct passwd entry, *found = NULL;
	int number = ERANGE;

	for (size_t size = 1024; number == ERANGE && size <= ENTRY_MAX; size *= 4) {
		free(room);
		room = malloc(size);
		if (!room)
			return false;
		errno = 0;
		number = getpwnam_r(name, &entry, room, size, &found);
	}
	return !found && number != ERANGE && !is_failure(number);
}

static bool lacks_user_recorded(const struct rooted *root, const char *name)
{
	_cleanup_fclose_ FILE *file = NULL;
	const char *user;
	uint64_t id;
	int fd;

	if (rooted_open(root, users.path, &fd) != 0)
		return false;
	file = fdopen(fd, "re");
	if (!file) {
		close(fd);
		return false;
	}
	while (users.next(file, &id, &user))
		if (strcmp(user, name) == 0)
			return false;
	return !ferror(file);
}

bool collect_lacks_user(const char *directory, const char *name)
{
	struct rooted root = ROOTED_NONE;
	bool lacks;

	if (!directory)
		return lacks_user_live(name);
	if (rooted_init(&root, directory, NULL) < 0)
		return false;
	lacks = lacks_user_recorded(&root, name);
	rooted_deinit(&root);
	return lacks;
}
