/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/compat.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <sys/random.h>

#include "act/sysv.h"
#include "compat/number.h"
#include "compat/program.h"

struct creation {
	struct program program;
	unsigned int kinds; /* KIND_BIT()s */
	struct sysv_request request;
};

const struct option compat_ipcmk_options[] = {
	{"shmem", required_argument, NULL, 'M'},
	{"semaphore", required_argument, NULL, 'S'},
	{"queue", no_argument, NULL, 'Q'},
	{"mode", required_argument, NULL, 'p'},
	{"version", no_argument, NULL, 'V'},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

static void add_help(struct program *program)
{
	buffer_add_format(&program->out, "Usage: %s -M SIZE|-Q|-S NUMBER... [-p MODE]\n",
			  program->name);
	buffer_add_string(
		&program->out,
		"Creates System V IPC objects with keys made up at random, and prints their ids.\n"
		"\n"
		"  -M, --shmem SIZE         a shared memory segment; SIZE in bytes, or with a suffix:\n"
		"                           K, M, G… (of 1024; KiB too), KB, MB, GB… (of 1000)\n"
		"  -Q, --queue              a message queue\n"
		"  -S, --semaphore NUMBER   an array of that many semaphores\n"
		"  -p, --mode MODE          permissions, in octal (0644)\n"
		"  -h, --help               this text\n"
		"  -V, --version            the version\n"
		"\n"
		"This is ipclens in place of util-linux's ipcmk. See also: ipclens --help\n");
}

static enum step refuse_number(const struct program *program, const char *argument,
			       const char *what, int r)
{
	program_complain(program,
			 r == -ERANGE ? "'%s' is too large or too small for %s" : "'%s' is not %s",
			 argument, what);
	return STEP_REFUSE;
}

static enum step take_option(struct creation *creation, int option)
{
	struct program *program = &creation->program;
	int64_t number;
	int r;

	switch (option) {
	case 'M':
		creation->kinds |= KIND_BIT(KIND_SHM);
		r = number_parse_size(optarg, &creation->request.size);
		return r < 0 ? refuse_number(program, optarg, "a size", r) : STEP_NEXT;
	case 'Q':
		creation->kinds |= KIND_BIT(KIND_MSG);
		return STEP_NEXT;
	case 'S':
		creation->kinds |= KIND_BIT(KIND_SEM);
		r = number_parse(optarg, 10, INT32_MIN, INT32_MAX, &number);
		if (r < 0)
			return refuse_number(program, optarg, "a number of semaphores", r);
		creation->request.nsems = (int)number;
		return STEP_NEXT;
	case 'p':
		r = number_parse(optarg, 8, 0, INT_MAX, &number);
		if (r < 0)
			return refuse_number(program, optarg, "a mode in octal", r);
		creation->request.mode = (int)number;
		return STEP_NEXT;
	case 'h':
		add_help(program);
		return STEP_DONE;
	case 'V':
		program_add_version(program);
		return STEP_DONE;
	default:
		return STEP_REFUSE_USAGE;
	}
}

static enum step take_options(struct creation *creation, int argc, char **argv)
{
	enum step step = STEP_NEXT;
	int option;

	while (step == STEP_NEXT &&
	       (option = getopt_long(argc, argv, "hM:QS:p:V", compat_ipcmk_options, NULL)) != -1)
		step = take_option(creation, option);
	if (step == STEP_NEXT && !creation->kinds) {
		program_complain(&creation->program, "nothing to create");
		step = STEP_REFUSE_USAGE;
	}
	return step;
}

/* With a key that nobody has; another one is tried until there is one. */
static int create_with_random_key(struct sysv_request *request, int *ret_id,
				  struct ipclens_error *ret_error)
{
	int r;

	do {
		if (getrandom(&request->key, sizeof(request->key), 0) < 0)
			return error_set(ret_error, -errno, "no random key: %s", strerror(errno));
		r = request->key ? act_sysv_create(request, ret_id, ret_error) : -EEXIST;
	} while (r == -EEXIST);
	return r;
}

static enum step create_all(struct creation *creation)
{
	static const struct {
		enum kind kind;
		const char *label;
	} order[] = {
		{KIND_SHM, "Shared memory"}, {KIND_MSG, "Message queue"}, {KIND_SEM, "Semaphore"}};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		struct ipclens_error error;
		int id;

		if (!(creation->kinds & KIND_BIT(order[i].kind)))
			continue;
		creation->request.kind = order[i].kind;
		if (create_with_random_key(&creation->request, &id, &error) < 0) {
			program_complain(&creation->program, "%s", error.text);
			return STEP_REFUSE;
		}
		buffer_add_format(&creation->program.out, "%s id: %d\n", order[i].label, id);
	}
	return STEP_DONE;
}

int compat_ipcmk_main(int argc, char **argv)
{
	struct creation creation = {.request.mode = 0644};
	enum step step;

	program_init(&creation.program, argv);
	step = take_options(&creation, argc, argv);
	if (step == STEP_NEXT)
		step = create_all(&creation);
	return program_finish(&creation.program, step, false);
}
