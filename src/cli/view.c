/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/view.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/nearest.h"
#include "base/parse_number.h"
#include "render/table.h"
#include "store/store.h"

/* An option that takes a path, and was given ''. False after a complaint. */
static bool is_path(const char *path, const char *what)
{
	if (!path || *path)
		return true;
	complain("%s: an empty name names no file", what);
	return false;
}

/* Why one of the options that say what to look at has no meaning beside another one; NULL: none. */
static const char *find_contradiction(const struct settings *settings, const char *place)
{
	if (place && settings->has_all_namespaces)
		return "--namespace is one, --all-namespaces are all: say one of them";
	if (place && !*place)
		return "--namespace takes a number, a PID or a name";
	if (settings->from && place)
		return "--namespace: a file has what was looked at when it was saved; choose of that "
		       "by --filter namespace=N";
	if (settings->root && (place || settings->has_all_namespaces))
		return "--root: a recorded tree has the objects of one IPC namespace alone";
	if (settings->from &&
	    (settings->root || settings->has_fill || settings->backend != BACKEND_AUTO))
		return "--from answers from a file: --root, --fill and --backend have no meaning with it";
	if (settings->root && *settings->root && settings->backend == BACKEND_SYSCALL)
		return "--backend=syscall: a recorded tree cannot be asked by system calls";
	return NULL;
}

enum exit_status view_open(const struct settings *settings, const struct scope *scope,
			   struct snapshot **ret_snapshot)
{
	struct collect_options options = {
		.root = settings->root, .backend = settings->backend, .scope = *scope};
	const char *place = settings->arguments[OPTION_NAMESPACE];
	const char *contradiction = find_contradiction(settings, place);
	struct ipclens_error error;
	int r;

	if (contradiction) {
		complain("%s", contradiction);
		return STATUS_USAGE;
	}
	if (!is_path(settings->from, "--from") || !is_path(settings->root, "--root"))
		return STATUS_USAGE;
	options.scope.place = place;
	options.scope.has_fill = settings->has_fill;
	options.scope.has_all_namespaces |= settings->has_all_namespaces;
	r = settings->from ? store_load(settings->from, ret_snapshot, &error)
			   : collect_snapshot(&options, ret_snapshot, &error);
	if (r == 0) {
		snapshot_narrow(*ret_snapshot, scope);
		return STATUS_DONE;
	}
	complain("%s", error.text);
	return STATUS_FAILED;
}

enum exit_status view_load(const char *path, const struct scope *scope,
			   struct snapshot **ret_snapshot)
{
	struct settings settings = {.from = path};

	if (!*path) {
		complain_about(path, "an empty name names no file");
		return STATUS_USAGE;
	}
	return view_open(&settings, scope, ret_snapshot);
}

static bool wants_color(enum color_choice choice, bool is_terminal)
{
	const char *no_color = getenv("NO_COLOR");

	if (choice == COLOR_AUTO)
		return is_terminal && !(no_color && *no_color);
	return choice == COLOR_ALWAYS;
}

/* 0 where that is not known. */
static size_t terminal_columns(void)
{
	struct winsize size;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

struct style view_style(const struct settings *settings, const struct snapshot *snapshot)
{
	bool is_terminal = isatty(STDOUT_FILENO);

	return (struct style){.is_exact = settings->is_exact,
			      .time_format = settings->time_format,
			      .now = snapshot->taken_at,
			      .has_color = wants_color(settings->color, is_terminal),
			      .is_terminal = is_terminal,
			      .columns = is_terminal ? terminal_columns() : 0,
			      .has_heading = !settings->has_no_header};
}

enum exit_status view_finish_output(int r)
{
	errno = 0;
	if (r == 0 && (fflush(stdout) != 0 || ferror(stdout)))
		r = errno ? -errno : -EIO;
	if (r == 0)
		return STATUS_DONE;
	/* A reader that has seen enough is no failure to talk about. */
	if (r == -ELIBACC)
		complain(TABLE_LIBRARY
			 ", which lays out tables, cannot be loaded: install it (it comes with "
			 "util-linux), or use --json");
	else if (r != -EPIPE)
		complain("standard output: %s", strerror(-r));
	return STATUS_FAILED;
}

enum exit_status view_close(int r, const struct snapshot *snapshot, const struct scope *scope)
{
	enum exit_status status = view_finish_output(r);

	if (status == STATUS_DONE)
		complain_of_issues(snapshot, scope);
	return status;
}

static void complain_of_kind(const char *word)
{
	for (enum kind kind = 0; kind < KIND_COUNT; kind++) {
		if (!nearest_is_slip(word, kind_info(kind)->word))
			continue;
		complain_about(word, "no such kind; did you mean \"%s\"?", kind_info(kind)->word);
		return;
	}
	complain_about(word, "no such kind; kinds are %s", kind_words());
}

/* False after a complaint. */
static bool add_kind(const char *word, unsigned int *kinds)
{
	enum kind kind;

	if (!kind_find(text_of(word), &kind)) {
		complain_of_kind(word);
		return false;
	}
	*kinds |= KIND_BIT(kind);
	return true;
}

enum exit_status view_kinds(const struct invocation *invocation, unsigned int usual,
			    unsigned int *ret_kinds)
{
	unsigned int kinds = 0;

	for (int i = 0; i < invocation->operand_count; i++)
		if (!add_kind(invocation->operands[i], &kinds))
			return STATUS_USAGE;
	*ret_kinds = kinds ? kinds : usual;
	return STATUS_DONE;
}

enum exit_status view_kind_list(const char *list, unsigned int *ret_kinds)
{
	_cleanup_free_ char *words = strdup(list);
	unsigned int kinds = 0;

	if (!words)
		return view_no_memory();
	for (char *rest = words, *word; (word = strsep(&rest, ","));)
		if (!add_kind(word, &kinds))
			return STATUS_USAGE;
	*ret_kinds = kinds;
	return STATUS_DONE;
}

enum exit_status view_check_owner(const struct settings *settings)
{
	const char *owner = settings->owner;
	uint64_t uid;

	/* Whose names a file has is all that can be known of its users. */
	if (!owner || settings->from || parse_unsigned(text_of(owner), 10, UINT32_MAX, &uid) == 0 ||
	    !collect_lacks_user(settings->root, owner))
		return STATUS_DONE;
	complain("--owner %s: there is no such user%s; one without a name is told by the number",
		 owner, settings->root ? " in the recorded tree" : "");
	return STATUS_USAGE;
}

enum exit_status view_conditions(const struct settings *settings, struct filters *filters)
{
	vector_for_each (&settings->filters, text) {
		struct filter *filter = vector_add(&filters->items);
		struct ipclens_error error;

		if (!filter)
			return view_no_memory();
		if (filter_parse(&object_fields, text_of(*text), filter, &error) < 0) {
			complain("--filter %s: %s", *text, error.text);
			return STATUS_USAGE;
		}
	}
	return STATUS_DONE;
}

enum exit_status view_no_memory(void)
{
	complain("%s", strerror(ENOMEM));
	return STATUS_FAILED;
}
