/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs commands in turns (A B C, B A C, ...) and compares the medians of what they took.
 *
 * In turns, because a machine's speed drifts: whatever slows it down for a while hits all of them.
 * Each turn has an order of its own, because a program is faster behind one that resembles it.
 * The first command is the subject; the ratios are "how many times the subject's".
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <spawn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define MAX_COMMANDS 8
#define MAX_BOUNDS 8
#define MAX_RUNS 100000

struct run {
	double wall_ms;
	double cpu_ms; /* user and system time */
	double peak_kib;
};

struct command {
	char **argv;
	const char *label;
	struct run *runs;
	struct run median;
	double wall_min_ms;
	double wall_max_ms;
	off_t output_bytes; /* of one run */
};

enum bound_kind {
	AT_MOST,  /* the subject takes at most `limit` times as long as the other command */
	AT_LEAST, /* the subject is at least `limit` times faster than the other command */
	PEAK,	  /* the subject's peak memory is under `limit` MiB */
	WITHIN,	  /* the subject takes under `limit` ms */
};

/* getopt_long()'s answers, beside the kinds of bounds. */
enum { OPTION_RUNS = 'r', OPTION_WARM_UP = 'w', OPTION_NO_JUDGE = 'n', OPTION_HELP = 'h' };

struct bound {
	enum bound_kind kind;
	double limit;
	unsigned int other; /* index of the other command */
};

struct settings {
	unsigned int runs;
	unsigned int warm_up;
	bool judge;
	int time_pipe; /* to read from, without waiting */
	struct bound bounds[MAX_BOUNDS];
	unsigned int bound_count;
	struct command commands[MAX_COMMANDS];
	unsigned int command_count;
};

extern char **environ;

static double milliseconds(struct timeval time)
{
	return (double)time.tv_sec * 1e3 + (double)time.tv_usec / 1e3;
}

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/*
 * posix_spawn() shares the memory until exec, so that starting costs the same whatever this program
 * holds. For the same reason a command's peak memory can't read lower than this program's own at
 * that moment, which is about that of the smallest program.
 */
static pid_t start(const struct command *command, int output)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int error;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	error = posix_spawnp(&pid, command->argv[0], &actions, NULL, command->argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (error != 0)
		bench_fail("%s: %s", command->argv[0], strerror(error));
	return pid;
}

/* A command that measured itself says so in the pipe; else what was measured here counts. */
static double own_time(int pipe, double otherwise_ms)
{
	double own_ms;

	return read(pipe, &own_ms, sizeof(own_ms)) == sizeof(own_ms) ? own_ms : otherwise_ms;
}

/* A command that fails has not done the work, so that its time means nothing. */
static void run_once(const struct command *command, int time_pipe, int output, struct run *ret_run)
{
	struct rusage usage;
	int status;
	double begin = now_ms();
	pid_t pid = start(command, output);

	while (wait4(pid, &status, 0, &usage) < 0) {
		if (errno != EINTR)
			bench_fail_errno("wait4");
	}
	ret_run->wall_ms = own_time(time_pipe, now_ms() - begin);
	ret_run->cpu_ms = milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime);
	ret_run->peak_kib = (double)usage.ru_maxrss;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		bench_fail("%s: failed (wait status %#x)", command->label, (unsigned int)status);
}

/* Warm-up runs write to memory, to learn how much there is: all of them should say something. */
static void warm_up(struct command *command, int time_pipe, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		struct run ignored;
		struct stat about;
		int memory = memfd_create("output", MFD_CLOEXEC);

		if (memory < 0)
			bench_fail_errno("memfd_create");
		run_once(command, time_pipe, memory, &ignored);
		if (fstat(memory, &about) < 0)
			bench_fail_errno("fstat");
		command->output_bytes = about.st_size;
		close(memory);
	}
}

/* Any order is as likely as the others, and every run of this program has the same ones. */
static void shuffle(unsigned int *order, unsigned int count, unsigned int *seed)
{
	for (unsigned int i = count; i > 1; i--) {
		unsigned int other = (unsigned int)rand_r(seed) % i;
		unsigned int taken = order[i - 1];

		order[i - 1] = order[other];
		order[other] = taken;
	}
}

/*
 * Timed runs write to /dev/null: a pipe would measure the reader too, and a file the file system.
 * A program that finds out where its output goes and saves itself the work would win unfairly; of
 * those compared here none does.
 */
static void run_in_turns(struct settings *settings)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	unsigned int order[MAX_COMMANDS];
	unsigned int seed = 1;

	if (null < 0)
		bench_fail_errno("/dev/null");
	for (unsigned int i = 0; i < settings->command_count; i++)
		order[i] = i;
	for (unsigned int run = 0; run < settings->runs; run++) {
		shuffle(order, settings->command_count, &seed);
		for (unsigned int i = 0; i < settings->command_count; i++) {
			struct command *command = &settings->commands[order[i]];

			run_once(command, settings->time_pipe, null, &command->runs[run]);
		}
	}
	close(null);
}

/* Commands inherit the other end, whose number is in BENCH_TIME_FD. */
static int open_time_pipe(void)
{
	char number[16];
	int ends[2];

	if (pipe2(ends, O_NONBLOCK) < 0 || fcntl(ends[0], F_SETFD, FD_CLOEXEC) < 0)
		bench_fail_errno("pipe");
	snprintf(number, sizeof(number), "%d", ends[1]);
	setenv("BENCH_TIME_FD", number, 1);
	return ends[0];
}

static int compare_doubles(const void *left, const void *right)
{
	double a = *(const double *)left;
	double b = *(const double *)right;

	return (a > b) - (a < b);
}

/* The median of one number of each run; the smallest and largest too, where they are asked for. */
static double median_of(const struct command *command, unsigned int count, size_t offset,
			double *ret_min, double *ret_max)
{
	double *values = calloc(count, sizeof(*values));
	double median;

	if (!values)
		bench_fail_errno("summary");
	for (unsigned int i = 0; i < count; i++)
		values[i] = *(const double *)((const char *)&command->runs[i] + offset);
	qsort(values, count, sizeof(*values), compare_doubles);
	median = (values[(count - 1) / 2] + values[count / 2]) / 2;
	if (ret_min)
		*ret_min = values[0];
	if (ret_max)
		*ret_max = values[count - 1];
	free(values);
	return median;
}

static void summarise(struct command *command, unsigned int count)
{
	command->median = (struct run){
		.wall_ms = median_of(command, count, offsetof(struct run, wall_ms),
				     &command->wall_min_ms, &command->wall_max_ms),
		.cpu_ms = median_of(command, count, offsetof(struct run, cpu_ms), NULL, NULL),
		.peak_kib = median_of(command, count, offsetof(struct run, peak_kib), NULL, NULL),
	};
}

static int widest_label(const struct settings *settings)
{
	size_t widest = strlen("COMMAND");

	for (unsigned int i = 0; i < settings->command_count; i++) {
		size_t length = strlen(settings->commands[i].label);

		if (length > widest)
			widest = length;
	}
	return (int)widest;
}

static void print_table(const struct settings *settings)
{
	int width = widest_label(settings);
	const struct command *subject = &settings->commands[0];

	printf("%-*s %8s %9s %19s %9s %9s %9s\n", width, "COMMAND", "RATIO", "MEDIAN", "MIN..MAX",
	       "CPU", "PEAK", "OUTPUT");
	for (unsigned int i = 0; i < settings->command_count; i++) {
		const struct command *command = &settings->commands[i];

		printf("%-*s %7.2fx %6.2f ms %7.2f..%7.2f ms %6.2f ms %5.1f MiB %7jd B\n", width,
		       command->label, command->median.wall_ms / subject->median.wall_ms,
		       command->median.wall_ms, command->wall_min_ms, command->wall_max_ms,
		       command->median.cpu_ms, command->median.peak_kib / 1024,
		       (intmax_t)command->output_bytes);
	}
}

static const char *verdict(bool is_met)
{
	return is_met ? "met    " : "NOT MET";
}

/* Says what was promised and what was measured; true when the promise is kept. */
static bool judge(const struct settings *settings, const struct bound *bound)
{
	const struct command *subject = &settings->commands[0];
	const struct command *other = &settings->commands[bound->other];
	double measured;
	bool is_met;

	switch (bound->kind) {
	case AT_MOST:
		measured = subject->median.wall_ms / other->median.wall_ms;
		is_met = measured <= bound->limit;
		printf("%s  %s: %.2f x the time of %s (at most %.2f)\n", verdict(is_met),
		       subject->label, measured, other->label, bound->limit);
		break;
	case AT_LEAST:
		measured = other->median.wall_ms / subject->median.wall_ms;
		is_met = measured >= bound->limit;
		printf("%s  %s: %.2f x faster than %s (at least %.2f)\n", verdict(is_met),
		       subject->label, measured, other->label, bound->limit);
		break;
	case PEAK:
		measured = subject->median.peak_kib / 1024;
		is_met = measured < bound->limit;
		printf("%s  %s: peak memory %.1f MiB (under %.1f)\n", verdict(is_met),
		       subject->label, measured, bound->limit);
		break;
	case WITHIN:
		measured = subject->median.wall_ms;
		is_met = measured < bound->limit;
		printf("%s  %s: %.2f ms (under %.1f)\n", verdict(is_met), subject->label, measured,
		       bound->limit);
		break;
	default:
		abort();
	}
	return is_met;
}

static bool judge_all(const struct settings *settings)
{
	bool are_met = true;

	for (unsigned int i = 0; i < settings->bound_count; i++)
		are_met &= judge(settings, &settings->bounds[i]);
	return are_met;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* "ipclens list shm": without the folder of the program. Lives as long as this program. */
static const char *make_label(char **argv)
{
	char *label = strdup(base_name(argv[0]));

	for (unsigned int i = 1; label && argv[i]; i++) {
		char *longer;

		if (asprintf(&longer, "%s %s", label, argv[i]) < 0)
			longer = NULL;
		free(label);
		label = longer;
	}
	if (!label)
		bench_fail_errno("label");
	return label;
}

/* Cuts `argv` at every ":" argument, which it replaces by the NULL that ends a command. */
static void parse_commands(struct settings *settings, char **argv)
{
	while (*argv) {
		struct command *command = &settings->commands[settings->command_count++];

		if (settings->command_count > MAX_COMMANDS)
			bench_fail("more than %d commands", MAX_COMMANDS);
		command->argv = argv;
		while (*argv && strcmp(*argv, ":") != 0)
			argv++;
		if (argv == command->argv)
			bench_fail("an empty command; see --help");
		if (*argv)
			*argv++ = NULL;
		command->label = make_label(command->argv);
		command->runs = calloc(settings->runs, sizeof(*command->runs));
		if (!command->runs)
			bench_fail_errno("runs");
	}
	if (settings->command_count == 0)
		bench_fail("no command given; see --help");
}

static unsigned int find_other(const struct settings *settings, const char *program)
{
	for (unsigned int i = 1; i < settings->command_count; i++) {
		if (strcmp(base_name(settings->commands[i].argv[0]), program) == 0)
			return i;
	}
	bench_fail("no other command runs '%s'", program);
}

/* "1.6:floor" for the comparing kinds, "16" for a peak or a time. Needs the commands. */
static void parse_bound(struct settings *settings, enum bound_kind kind, char *text)
{
	struct bound *bound = &settings->bounds[settings->bound_count++];
	char *program = strchr(text, ':');

	bound->kind = kind;
	if (kind != PEAK && kind != WITHIN) {
		if (!program)
			bench_fail("not LIMIT:PROGRAM: '%s'", text);
		*program++ = '\0';
		bound->other = find_other(settings, program);
	}
	bound->limit = bench_parse_ratio(text, "limit");
}

static void print_help(void)
{
	puts("Usage: compare [OPTION]... COMMAND [ARGUMENT]... : COMMAND [ARGUMENT]... ...\n"
	     "Runs the commands in turns and compares the first one with the others, by medians.\n"
	     "\n"
	     "  --runs=N                 timed runs of each command (21)\n"
	     "  --warm-up=N              runs before that, at least one (2)\n"
	     "  --at-most=LIMIT:PROGRAM  the first takes at most LIMIT times as long as PROGRAM\n"
	     "  --at-least=LIMIT:PROGRAM the first is at least LIMIT times faster than PROGRAM\n"
	     "  --peak=MIB               the first stays under that much memory\n"
	     "  --within=MS              the first takes less time\n"
	     "  --no-judge               does not look at these four\n"
	     "  --help                   this text\n"
	     "\n"
	     "PROGRAM is the name of another command's program, without its folder.\n"
	     "Exit status: 0 done and all bounds met, 1 a bound is not met, 2 anything else.");
}

/* Bounds name commands, which come last, so that they are understood after them. */
struct bound_options {
	enum bound_kind kinds[MAX_BOUNDS];
	char *texts[MAX_BOUNDS];
	unsigned int count;
};

static void keep_bound(struct bound_options *bounds, enum bound_kind kind, char *text)
{
	if (bounds->count == MAX_BOUNDS)
		bench_fail("more than %d bounds", MAX_BOUNDS);
	bounds->kinds[bounds->count] = kind;
	bounds->texts[bounds->count++] = text;
}

static void take_option(struct settings *settings, struct bound_options *bounds, int option)
{
	switch (option) {
	case OPTION_RUNS:
		settings->runs = (unsigned int)bench_parse_count(optarg, "--runs", MAX_RUNS);
		break;
	case OPTION_WARM_UP:
		settings->warm_up = (unsigned int)bench_parse_count(optarg, "--warm-up", MAX_RUNS);
		break;
	case OPTION_NO_JUDGE:
		settings->judge = false;
		break;
	case OPTION_HELP:
		print_help();
		exit(EXIT_SUCCESS);
	case '?':
		exit(BENCH_TROUBLE);
	default:
		keep_bound(bounds, (enum bound_kind)option, optarg);
	}
}

static void take_arguments(struct settings *settings, int argc, char **argv)
{
	static const struct option options[] = {
		{"runs", required_argument, NULL, OPTION_RUNS},
		{"warm-up", required_argument, NULL, OPTION_WARM_UP},
		{"at-most", required_argument, NULL, AT_MOST},
		{"at-least", required_argument, NULL, AT_LEAST},
		{"peak", required_argument, NULL, PEAK},
		{"within", required_argument, NULL, WITHIN},
		{"no-judge", no_argument, NULL, OPTION_NO_JUDGE},
		{"help", no_argument, NULL, OPTION_HELP},
		{0},
	};
	struct bound_options bounds = {0};
	int option;

	while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1)
		take_option(settings, &bounds, option);
	if (settings->runs == 0 || settings->warm_up == 0)
		bench_fail("at least one run of each sort");
	parse_commands(settings, argv + optind);
	for (unsigned int i = 0; i < bounds.count; i++)
		parse_bound(settings, bounds.kinds[i], bounds.texts[i]);
}

int main(int argc, char **argv)
{
	struct settings settings = {.runs = 21, .warm_up = 2, .judge = true};

	take_arguments(&settings, argc, argv);
	settings.time_pipe = open_time_pipe();
	for (unsigned int i = 0; i < settings.command_count; i++)
		warm_up(&settings.commands[i], settings.time_pipe, settings.warm_up);
	run_in_turns(&settings);
	for (unsigned int i = 0; i < settings.command_count; i++)
		summarise(&settings.commands[i], settings.runs);
	print_table(&settings);
	if (!settings.judge)
		return EXIT_SUCCESS;
	return judge_all(&settings) ? EXIT_SUCCESS : EXIT_FAILURE;
}
