/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Errors, options and snapshots of the public library.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collect/collect.h"
#include "lib/lib.h"
#include "store/store.h"

const char *ipclens_version(void)
{
	return IPCLENS_VERSION;
}

struct ipclens_error *ipclens_error_new(void)
{
	return calloc(1, sizeof(struct ipclens_error));
}

struct ipclens_error *ipclens_error_free(struct ipclens_error *error)
{
	free(error);
	return NULL;
}

const char *ipclens_error_get_text(const struct ipclens_error *error)
{
	return error->text;
}

struct ipclens_options {
	char *root;  /* NULL: the running machine */
	char *place; /* "all", or as scope.place; NULL: this process's own IPC namespace */
	enum backend backend;
	unsigned int kinds;
};

struct ipclens_options *ipclens_options_new(void)
{
	struct ipclens_options *options = calloc(1, sizeof(*options));

	if (options)
		options->kinds = KINDS_ALL;
	return options;
}

struct ipclens_options *ipclens_options_free(struct ipclens_options *options)
{
	if (options) {
		free(options->root);
		free(options->place);
	}
	free(options);
	return NULL;
}

/* 0 or -ENOMEM. */
static int replace(char **place, const char *word)
{
	char *copy = word ? strdup(word) : NULL;

	if (word && !copy)
		return -ENOMEM;
	free(*place);
	*place = copy;
	return 0;
}

int ipclens_options_set_root(struct ipclens_options *options, const char *path)
{
	return replace(&options->root, path);
}

int ipclens_options_set_namespace(struct ipclens_options *options, const char *word)
{
	return replace(&options->place, word);
}

int ipclens_options_set_backend(struct ipclens_options *options, const char *name)
{
	if (strcmp(name, "auto") == 0)
		options->backend = BACKEND_AUTO;
	else if (strcmp(name, "procfs") == 0)
		options->backend = BACKEND_PROCFS;
	else if (strcmp(name, "syscall") == 0)
		options->backend = BACKEND_SYSCALL;
	else
		return -EINVAL;
	return 0;
}

int ipclens_options_set_kinds(struct ipclens_options *options, const char *kinds)
{
	unsigned int bits = 0;

	for (;;) {
		size_t length = strcspn(kinds, ",");
		enum kind kind;

		if (!kind_find((struct text){kinds, length}, &kind))
			return -EINVAL;
		bits |= KIND_BIT(kind);
		if (!kinds[length])
			break;
		kinds += length + 1;
	}
	options->kinds = bits;
	return 0;
}

int ipclens_snapshot_take(const struct ipclens_options *options,
			  struct ipclens_snapshot **ret_snapshot, struct ipclens_error *ret_error)
{
	struct collect_options collect = {.scope = scope_everything};
	struct snapshot *snapshot;
	int r;

	if (options) {
		collect.root = options->root;
		collect.backend = options->backend;
		collect.scope.kinds = collect.scope.limit_kinds = options->kinds;
		collect.scope.has_all_namespaces =
			options->place && strcmp(options->place, "all") == 0;
		if (!collect.scope.has_all_namespaces)
			collect.scope.place = options->place;
	}
	r = collect_snapshot(&collect, &snapshot, ret_error);
	if (r == 0)
		*ret_snapshot = lib_snapshot(snapshot);
	return r;
}

int ipclens_snapshot_load(const char *path, struct ipclens_snapshot **ret_snapshot,
			  struct ipclens_error *ret_error)
{
	struct snapshot *snapshot;
	int r = store_load(path, &snapshot, ret_error);

	if (r == 0)
		*ret_snapshot = lib_snapshot(snapshot);
	return r;
}

int ipclens_snapshot_save(const struct ipclens_snapshot *snapshot, const char *path,
			  struct ipclens_error *ret_error)
{
	return store_save(lib_model(snapshot), path, ret_error);
}

struct ipclens_snapshot *ipclens_snapshot_free(struct ipclens_snapshot *snapshot)
{
	snapshot_free((struct snapshot *)snapshot);
	return NULL;
}

int64_t ipclens_snapshot_get_time(const struct ipclens_snapshot *snapshot)
{
	return lib_model(snapshot)->taken_at;
}
