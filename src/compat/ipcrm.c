/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/compat.h"

#include <errno.h>
#include <getopt.h>

#include "act/sysv.h"
#include "collect/collect.h"
#include "compat/number.h"
#include "compat/program.h"

struct removal {
	struct program program;
	bool is_verbose;
	unsigned int all; /* KIND_BIT()s: remove every object of these, at the end */
	bool has_failures;
};

const struct option compat_ipcrm_options[] = {
	{"shmem-id", required_argument, NULL, 'm'},
	{"shmem-key", required_argument, NULL, 'M'},
	{"queue-id", required_argument, NULL, 'q'},
	{"queue-key", required_argument, NULL, 'Q'},
	{"semaphore-id", required_argument, NULL, 's'},
	{"semaphore-key", required_argument, NULL, 'S'},
	{"all", optional_argument, NULL, 'a'},
	{"verbose", no_argument, NULL, 'v'},
	{"version", no_argument, NULL, 'V'},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

static void add_help(struct program *program)
{
	buffer_add_format(&program->out,
			  "Usage: %s [OPTION]...\n"
			  "       %s shm|msg|sem ID...\n",
			  program->name, program->name);
	buffer_add_string(
		&program->out,
		"Removes System V shared memory segments, message queues and semaphore arrays.\n"
		"\n"
		"  -m, --shmem-id ID         the segment with this id\n"
		"  -M, --shmem-key KEY       the segment with this key (0x4d2, 1234)\n"
		"  -q, --queue-id ID         the queue with this id\n"
		"  -Q, --queue-key KEY       the queue with this key\n"
		"  -s, --semaphore-id ID     the array with this id\n"
		"  -S, --semaphore-key KEY   the array with this key\n"
		"  -a, --all[=shm|msg|sem]   everything (of one kind), in use or not\n"
		"  -v, --verbose             say what is being removed\n"
		"  -h, --help                this text\n"
		"  -V, --version             the version\n"
		"\n"
		"This is ipclens in place of util-linux's ipcrm. See also: ipclens --help\n");
}

static const char *verbose_name(enum kind kind)
{
	return kind == KIND_SEM ? "semaphore" : kind_info(kind)->singular;
}

/* What cannot be removed is complained about, and the rest removed; unless nothing can be. */
static enum step judge(struct removal *removal, int result, const struct ipclens_error *error)
{
	if (result == 0)
		return STEP_NEXT;
	program_complain(&removal->program, "%s", error->text);
	removal->has_failures = true;
	return result == OUTCOME_DENIED || result == OUTCOME_GONE ? STEP_NEXT : STEP_REFUSE;
}

static enum step remove_id(struct removal *removal, enum kind kind, int id)
{
	struct ipclens_error error;

	if (removal->is_verbose)
		buffer_add_format(&removal->program.out, "removing %s id `%d'\n",
				  verbose_name(kind), id);
	return judge(removal, act_sysv_remove(kind, id, &error), &error);
}

static enum step take_id(struct removal *removal, enum kind kind, const char *argument)
{
	int64_t id;

	if (number_parse(argument, 10, INT32_MIN, INT32_MAX, &id) < 0) {
		program_complain(&removal->program, "'%s' is not an id", argument);
		return STEP_REFUSE;
	}
	return remove_id(removal, kind, (int)id);
}

/* Keys have 32 bits; /proc/sysvipc shows them signed, and so they may come back. */
static enum step take_key(struct removal *removal, enum kind kind, const char *argument)
{
	struct ipclens_error error;
	int64_t key;
	int id;
	int r = number_parse(argument, 0, INT32_MIN, UINT32_MAX, &key);

	if (r < 0) {
		program_complain(&removal->program, "'%s' is not a key%s", argument,
				 r == -ERANGE ? ": it has more than 32 bits" : "");
		return STEP_REFUSE;
	}
	if (!key) {
		program_complain(&removal->program, "key 0 is the key of all private objects");
		removal->has_failures = true;
		return STEP_NEXT;
	}
	r = act_sysv_find_key(kind, (uint32_t)key, &id, &error);
	if (r != 0)
		return judge(removal, r, &error);
	return remove_id(removal, kind, id);
}

static enum step take_all(struct removal *removal, const char *argument)
{
	enum kind kind;

	if (!argument) {
		removal->all = KINDS_SYSV;
	} else if (kind_find(text_of(argument), &kind) && (KIND_BIT(kind) & KINDS_SYSV)) {
		removal->all = KIND_BIT(kind);
	} else {
		program_complain(&removal->program, "'%s' is none of shm, msg, sem", argument);
		return STEP_REFUSE;
	}
	return STEP_NEXT;
}

static enum step take_option(struct removal *removal, int option)
{
	switch (option) {
	case 'm':
		return take_id(removal, KIND_SHM, optarg);
	case 'M':
		return take_key(removal, KIND_SHM, optarg);
	case 'q':
		return take_id(removal, KIND_MSG, optarg);
	case 'Q':
		return take_key(removal, KIND_MSG, optarg);
	case 's':
		return take_id(removal, KIND_SEM, optarg);
	case 'S':
		return take_key(removal, KIND_SEM, optarg);
	case 'a':
		return take_all(removal, optarg);
	case 'v':
		removal->is_verbose = true;
		return STEP_NEXT;
	case 'h':
		add_help(&removal->program);
		return STEP_DONE;
	case 'V':
		program_add_version(&removal->program);
		return STEP_DONE;
	default:
		return STEP_REFUSE_USAGE;
	}
}

/* util-linux does not see objects that it may not read, and so leaves them without a word. */
static enum step remove_each(struct removal *removal, const struct snapshot *snapshot)
{
	enum step step = STEP_NEXT;

	vector_for_each (&snapshot->objects, object) {
		if (act_sysv_check_read(object->kind, (int)object->id, NULL) != 0)
			continue;
		step = remove_id(removal, object->kind, (int)object->id);
		if (step != STEP_NEXT)
			break;
	}
	return step;
}

static enum step remove_all(struct removal *removal)
{
	struct collect_options options = {.scope = {.kinds = removal->all}};
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;
	struct ipclens_error error;

	if (!removal->all)
		return STEP_NEXT;
	if (collect_snapshot(&options, &snapshot, &error) < 0) {
		program_complain(&removal->program, "%s", error.text);
		return STEP_REFUSE;
	}
	vector_for_each (&snapshot->issues, issue) {
		program_complain(&removal->program, "%.*s: %.*s", (int)issue->subject.length,
				 issue->subject.bytes, (int)issue->reason.length,
				 issue->reason.bytes);
		removal->has_failures = true;
	}
	return remove_each(removal, snapshot);
}

/* Each option does what it says before the next one is looked at. */
static enum step take_options(struct removal *removal, int argc, char **argv)
{
	enum step step = STEP_NEXT;
	int option;

	while (step == STEP_NEXT && (option = getopt_long(argc, argv, "q:m:s:Q:M:S:a::vhV",
							  compat_ipcrm_options, NULL)) != -1)
		step = take_option(removal, option);
	if (step == STEP_NEXT)
		step = remove_all(removal);
	if (step == STEP_NEXT && optind < argc) {
		program_complain(&removal->program, "'%s' is not expected here", argv[optind]);
		step = STEP_REFUSE_USAGE;
	}
	return step;
}

/* The syntax of old: a kind, and then ids. */
static enum step take_ids(struct removal *removal, enum kind kind, char **arguments)
{
	enum step step = STEP_NEXT;

	if (!*arguments) {
		program_complain(&removal->program, "which ids?");
		return STEP_REFUSE_USAGE;
	}
	for (; step == STEP_NEXT && *arguments; arguments++) {
		int64_t id;

		if (number_parse(*arguments, 10, 0, INT32_MAX, &id) == 0) {
			step = remove_id(removal, kind, (int)id);
			continue;
		}
		program_complain(&removal->program, "'%s' is not an id", *arguments);
		removal->has_failures = true;
	}
	if (step == STEP_NEXT && !removal->has_failures)
		buffer_add_string(&removal->program.out, "resource(s) deleted\n");
	return step;
}

int compat_ipcrm_main(int argc, char **argv)
{
	struct removal removal = {0};
	enum step step;
	enum kind kind;

	program_init(&removal.program, argv);
	if (argc > 1 && kind_find(text_of(argv[1]), &kind) && (KIND_BIT(kind) & KINDS_SYSV))
		step = take_ids(&removal, kind, argv + 2);
	else
		step = take_options(&removal, argc, argv);
	return program_finish(&removal.program, step, removal.has_failures);
}
