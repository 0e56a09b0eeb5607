/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void bench_fail(const char *format, ...)
{
	va_list arguments;

	fprintf(stderr, "%s: ", program_invocation_short_name);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(BENCH_TROUBLE);
}

void bench_fail_errno(const char *what)
{
	bench_fail("%s: %s", what, strerror(errno));
}

unsigned long bench_parse_count(const char *text, const char *what, unsigned long max)
{
	char *end;
	unsigned long count;

	errno = 0;
	count = strtoul(text, &end, 10);
	/* strtoul() itself would take "-1", "+1" and " 1". */
	if (!isdigit((unsigned char)text[0]) || *end != '\0')
		bench_fail("%s: not a number: '%s'", what, text);
	if (errno != 0 || count > max)
		bench_fail("%s: %s is more than %lu", what, text, max);
	return count;
}

double bench_parse_ratio(const char *text, const char *what)
{
	char *end;
	double ratio;

	ratio = strtod(text, &end);
	if (!isdigit((unsigned char)text[0]) || *end != '\0' || !isfinite(ratio) || ratio <= 0)
		bench_fail("%s: not a positive number: '%s'", what, text);
	return ratio;
}
