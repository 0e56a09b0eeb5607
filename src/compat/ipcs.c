/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/compat.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>

#include "act/sysv.h"
#include "base/parse_number.h"
#include "collect/collect.h"
#include "compat/ipcs_print.h"
#include "compat/number.h"
#include "compat/program.h"

struct request {
	unsigned int kinds; /* KIND_BIT()s, 0: all */
	enum ipcs_view view;
	enum ipcs_unit unit;
	bool has_id;
	struct ref only; /* the one object that is asked for, by id or key */
};

enum { OPTION_HUMAN = 256 };

/* In the order of util-linux, which decides what abbreviations are ambiguous. */
const struct option compat_ipcs_options[] = {
	{"id", required_argument, NULL, 'i'},
	{"queues", no_argument, NULL, 'q'},
	{"shmems", no_argument, NULL, 'm'},
	{"semaphores", no_argument, NULL, 's'},
	{"all", no_argument, NULL, 'a'},
	{"time", no_argument, NULL, 't'},
	{"pid", no_argument, NULL, 'p'},
	{"creator", no_argument, NULL, 'c'},
	{"limits", no_argument, NULL, 'l'},
	{"summary", no_argument, NULL, 'u'},
	{"human", no_argument, NULL, OPTION_HUMAN},
	{"bytes", no_argument, NULL, 'b'},
	{"version", no_argument, NULL, 'V'},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

static void add_help(struct program *program)
{
	buffer_add_format(&program->out, "Usage: %s [-mqsa] [-t|-p|-c|-l|-u] [-b|--human]\n",
			  program->name);
	buffer_add_format(&program->out, "       %s -m|-q|-s -i ID|0xKEY [-b|--human]\n",
			  program->name);
	buffer_add_string(
		&program->out,
		"Shows System V shared memory segments, message queues and semaphore arrays.\n"
		"\n"
		"What to show (all of it, unless named):\n"
		"  -m, --shmems      segments\n"
		"  -q, --queues      queues\n"
		"  -s, --semaphores  arrays\n"
		"  -a, --all         all three\n"
		"  -i, --id ID       everything about the one with this id, or this key\n"
		"\n"
		"Which side of it (the last one counts):\n"
		"  -t, --time        times of last use and change\n"
		"  -p, --pid         processes that created it and used it last\n"
		"  -c, --creator     creators and owners\n"
		"  -l, --limits      the system's limits\n"
		"  -u, --summary     totals\n"
		"\n"
		"Sizes:\n"
		"  -b, --bytes       in bytes\n"
		"      --human       as 1.5K, 20M\n"
		"\n"
		"  -h, --help        this text\n"
		"  -V, --version     the version\n"
		"\n"
		"This is ipclens in place of util-linux's ipcs. See also: ipclens --help\n");
}

/* The argument of -i: an id, or a key with 0x in front. */
static enum step take_id(const struct program *program, const char *argument,
			 struct request *request)
{
	int64_t id;
	int r;

	request->has_id = true;
	request->only.form =
		argument[0] == '0' && (argument[1] | 0x20) == 'x' ? REF_BY_KEY : REF_BY_ID;
	if (request->only.form == REF_BY_KEY) {
		r = parse_unsigned_prefixed(text_of(argument), UINT32_MAX, &request->only.number);
		if (r == 0 && request->only.number)
			return STEP_NEXT;
		program_complain(program, "-i %s: %s", argument,
				 r == 0		? "key 0 is the key of all private objects"
				 : r == -ERANGE ? "a key has at most 32 bits"
						: "not a key");
		return STEP_REFUSE;
	}
	r = number_parse(argument, 10, 0, INT32_MAX, &id);
	if (r < 0) {
		program_complain(program, "-i %s: %s", argument,
				 r == -ERANGE ? "no object can have this id" : "not an id");
		return STEP_REFUSE;
	}
	request->only.number = (uint64_t)id;
	return STEP_NEXT;
}

static enum step take_option(struct program *program, int option, struct request *request)
{
	switch (option) {
	case 'i':
		return take_id(program, optarg, request);
	case 'a':
		request->kinds |= KINDS_SYSV;
		break;
	case 'q':
		request->kinds |= KIND_BIT(KIND_MSG);
		break;
	case 'm':
		request->kinds |= KIND_BIT(KIND_SHM);
		break;
	case 's':
		request->kinds |= KIND_BIT(KIND_SEM);
		break;
	case 't':
		request->view = IPCS_TIMES;
		break;
	case 'c':
		request->view = IPCS_CREATORS;
		break;
	case 'p':
		request->view = IPCS_PIDS;
		break;
	case 'l':
		request->view = IPCS_LIMITS;
		break;
	case 'u':
		request->view = IPCS_SUMMARY;
		break;
	case OPTION_HUMAN:
		request->unit = IPCS_UNIT_HUMAN;
		break;
	case 'b':
		request->unit = IPCS_UNIT_BYTES;
		break;
	case 'h':
		add_help(program);
		return STEP_DONE;
	case 'V':
		program_add_version(program);
		return STEP_DONE;
	default:
		return STEP_REFUSE_USAGE;
	}
	return STEP_NEXT;
}

static enum step take_options(struct program *program, int argc, char **argv,
			      struct request *request)
{
	enum step step = STEP_NEXT;
	int option;

	while (step == STEP_NEXT && (option = getopt_long(argc, argv, "i:qmsatpclubVh",
							  compat_ipcs_options, NULL)) != -1)
		step = take_option(program, option, request);
	if (step != STEP_NEXT)
		return step;
	if (request->has_id && __builtin_popcount(request->kinds) != 1) {
		program_complain(program, "-i wants exactly one of -m, -q and -s");
		return STEP_REFUSE;
	}
	if (!request->kinds)
		request->kinds = KINDS_SYSV;
	request->only.kinds = request->kinds;
	return STEP_NEXT;
}

/* Looks at no more than what will be printed. */
static struct scope scope_of(const struct request *request)
{
	struct scope scope = {.kinds = request->kinds};

	if (request->has_id) {
		scope.only = &request->only;
		scope.has_semaphores = true;
		scope.has_queue_limits = true;
		return scope;
	}
	scope.has_no_residence = true;
	scope.has_no_past = request->view != IPCS_PIDS;
	switch (request->view) {
	case IPCS_LIST:
	case IPCS_TIMES:
	case IPCS_PIDS:
		scope.names = SCOPE_USER;
		break;
	case IPCS_CREATORS:
		scope.names = SCOPE_ALL_NAMES;
		break;
	case IPCS_LIMITS:
		scope.kinds = 0;
		scope.limit_kinds = request->kinds;
		break;
	case IPCS_SUMMARY:
		break;
	}
	return scope;
}

static void complain_of_issues(const struct program *program, const struct snapshot *snapshot)
{
	vector_for_each (&snapshot->issues, issue)
		if (issue->aspect == ISSUE_ABOUT_OBJECTS || issue->aspect == ISSUE_ABOUT_SEMAPHORES)
			program_complain(program, "%.*s: %.*s", (int)issue->subject.length,
					 issue->subject.bytes, (int)issue->reason.length,
					 issue->reason.bytes);
}

static int collect(const struct program *program, const struct scope *scope,
		   struct snapshot **ret_snapshot)
{
	struct collect_options options = {.scope = *scope};
	struct ipclens_error error;
	int r = collect_snapshot(&options, ret_snapshot, &error);

	if (r < 0)
		program_complain(program, "%s", error.text);
	return r;
}

/*
 * An id that nothing has is no failure to util-linux, a key always was one. Where the kernel does
 * not tell the caller about a queue, util-linux says that it can hold 0 bytes.
 */
static enum step print_one(struct program *program, const struct request *request)
{
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;
	struct scope scope = scope_of(request);
	struct object *object;

	if (collect(program, &scope, &snapshot) < 0)
		return STEP_REFUSE;
	complain_of_issues(program, snapshot);
	if (!snapshot->objects.count) {
		program_complain(program,
				 request->only.form == REF_BY_KEY ? "key 0x%08" PRIx64 ": not found"
								  : "id %" PRIu64 ": not found",
				 request->only.number);
		return request->only.form == REF_BY_KEY ? STEP_REFUSE : STEP_DONE;
	}
	object = &snapshot->objects.items[0];
	if (object->kind == KIND_MSG &&
	    act_sysv_check_read(object->kind, (int)object->id, NULL) != 0)
		object->max_bytes = 0;
	ipcs_add_details(&program->out, object, request->unit);
	return STEP_DONE;
}

static void print_kind(struct program *program, const struct request *request,
		       const struct snapshot *snapshot, enum kind kind)
{
	if (request->view == IPCS_LIMITS)
		ipcs_add_limits(&program->out, snapshot, kind, request->unit);
	else if (request->view == IPCS_SUMMARY)
		ipcs_add_summary(&program->out, snapshot, kind, request->unit);
	else
		ipcs_add_table(&program->out, snapshot, kind, request->view, request->unit);
	buffer_add_char(&program->out, '\n');
}

static enum step print_all(struct program *program, const struct request *request)
{
	static const enum kind order[] = {KIND_MSG, KIND_SHM, KIND_SEM};
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;
	struct scope scope = scope_of(request);

	if (collect(program, &scope, &snapshot) < 0)
		return STEP_REFUSE;
	complain_of_issues(program, snapshot);
	buffer_add_char(&program->out, '\n');
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (request->kinds & KIND_BIT(order[i]))
			print_kind(program, request, snapshot, order[i]);
	return STEP_DONE;
}

int compat_ipcs_main(int argc, char **argv)
{
	struct request request = {.view = IPCS_LIST};
	struct program program;
	enum step step;

	program_init(&program, argv);
	step = take_options(&program, argc, argv, &request);
	if (step == STEP_NEXT)
		step = request.has_id ? print_one(&program, &request)
				      : print_all(&program, &request);
	return program_finish(&program, step, false);
}
