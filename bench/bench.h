/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the benchmark programs share: ending with a message, and strict numbers.
 *
 * They stay apart from the code that they measure on purpose: nothing here comes from src/.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#define BENCH_TROUBLE 2

/* All of these end the program with BENCH_TROUBLE when something is wrong; nothing is returned. */
_Noreturn void bench_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void bench_fail_errno(const char *what);

/* A whole decimal number without a sign, at most `max`. `what` names it in the message. */
unsigned long bench_parse_count(const char *text, const char *what, unsigned long max);

/* A positive decimal fraction such as "1.6". */
double bench_parse_ratio(const char *text, const char *what);

#endif
