/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/program.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>

void program_init(struct program *program, char **argv)
{
	const char *slash = strrchr(argv[0], '/');

	*program = (struct program){.name = slash ? slash + 1 : argv[0], .out.sink = stdout};
	/* program->out gathers it all; for a buffer of its own stdio would look where it goes. */
	setvbuf(stdout, NULL, _IONBF, 0);
	/* Not 1: that would keep what the C library remembers of an earlier scan. */
	optind = 0;
}

void program_complain(const struct program *program, const char *format, ...)
{
	va_list arguments;

	fprintf(stderr, "%s: ", program->name);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
}

void program_add_version(struct program *program)
{
	buffer_add_string(&program->out, program->name);
	buffer_add_string(&program->out, " (ipclens " IPCLENS_VERSION ")\n");
}

int program_finish(struct program *program, enum step step, bool has_failed)
{
	int r;

	if (step == STEP_REFUSE_USAGE)
		fprintf(stderr, "'%s --help' lists what can be asked for.\n", program->name);
	r = buffer_flush(&program->out);
	buffer_deinit(&program->out);
	if (r < 0 && r != -EPIPE && r != -EBADF) {
		program_complain(program, "cannot write the output: %s", strerror(-r));
		return 1;
	}
	return step == STEP_NEXT ? has_failed : step != STEP_DONE;
}
