/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree.h"

#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

#include "base/cleanup.h"

void tree_init(struct tree *tree)
{
	strcpy(tree->path, "/tmp/ipclens-unit-XXXXXX");
	assert_non_null(mkdtemp(tree->path));
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
	(void)status;
	(void)type;
	(void)where;
	return remove(path);
}

void tree_deinit(struct tree *tree)
{
	nftw(tree->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

#define PLACE_MAX 1024

/* Writes the whole path to place and makes the folders above it. */
static void prepare(const struct tree *tree, const char *path, char place[static PLACE_MAX])
{
	int length = snprintf(place, PLACE_MAX, "%s/%s", tree->path, path);

	assert_in_range(length, 1, PLACE_MAX - 1);
	for (char *slash = place + strlen(tree->path) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		if (mkdir(place, 0755) < 0)
			assert_int_equal(errno, EEXIST);
		*slash = '/';
	}
}

void tree_write_text(const struct tree *tree, const char *path, struct text text)
{
	_cleanup_fclose_ FILE *file = NULL;
	char place[PLACE_MAX];

	prepare(tree, path, place);
	file = fopen(place, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text.bytes, 1, text.length, file), text.length);
}

void tree_write(const struct tree *tree, const char *path, const char *string)
{
	tree_write_text(tree, path, text_of(string));
}

void tree_link(const struct tree *tree, const char *path, const char *target)
{
	char place[PLACE_MAX];

	prepare(tree, path, place);
	assert_int_equal(symlink(target, place), 0);
}

void tree_make_folder(const struct tree *tree, const char *path)
{
	char place[PLACE_MAX];

	prepare(tree, path, place);
	assert_int_equal(mkdir(place, 0755), 0);
}

struct snapshot *tree_collect(const struct tree *tree, struct scope scope)
{
	const struct collect_options options = {.root = tree->path, .scope = scope};
	struct snapshot *snapshot = NULL;
	struct ipclens_error error;

	if (collect_snapshot(&options, &snapshot, &error) != 0)
		fail_msg("%s", error.text);
	return snapshot;
}

struct snapshot *tree_collect_file(const char *path, const char *string)
{
	_cleanup_tree_ struct tree tree;

	tree_init(&tree);
	tree_write(&tree, path, string);
	/* Without it there is no tree. */
	if (strncmp(path, "proc/", strlen("proc/")) != 0)
		tree_make_folder(&tree, "proc");
	return tree_collect(&tree, scope_everything);
}

const struct issue *find_issue(const struct snapshot *snapshot, const char *subject)
{
	const struct issue *found = NULL;

	vector_for_each (&snapshot->issues, issue) {
		if (!text_equals(issue->subject, text_of(subject)))
			continue;
		assert_null(found);
		found = issue;
	}
	return found;
}
