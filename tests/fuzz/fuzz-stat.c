/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A byte that chooses /proc/PID/stat, /proc/PID/status or /proc/stat, then its content. */
#include "fuzz.h"

#include <errno.h>

#include "collect/proc_stat.h"

/* What was read, written as the kernel does, is read again as the same. */
static void check_again(const struct proc_stat *stat)
{
	_cleanup_buffer_ struct buffer text = {0};
	struct proc_stat again;

	buffer_add_string(&text, "7 (");
	buffer_add(&text, stat->command, stat->command_length);
	buffer_add_format(&text, ") %c 1 2 3 0 -1 4 5 6 7 8 9 10 11 12 20 0 %llu 0 %llu 0\n",
			  stat->state, (unsigned long long)stat->threads,
			  (unsigned long long)stat->start_ticks);
	REQUIRE(proc_stat_parse(buffer_text(&text), &again) == 0);
	REQUIRE(again.command_length == stat->command_length);
	REQUIRE(memcmp(again.command, stat->command, sizeof(again.command)) == 0);
	REQUIRE(again.state == stat->state && again.threads == stat->threads);
	REQUIRE(again.start_ticks == stat->start_ticks);
}

static void check_stat(struct text text)
{
	struct proc_stat stat;
	int r = proc_stat_parse(text, &stat);

	REQUIRE(r == 0 || r == -EINVAL);
	if (r < 0)
		return;
	REQUIRE(stat.command_length < PROC_STAT_COMMAND_MAX);
	REQUIRE(stat.command[stat.command_length] == '\0');
	REQUIRE(stat.threads <= UINT32_MAX);
	check_again(&stat);
}

static void check_uid(struct text text)
{
	_cleanup_buffer_ struct buffer status = {0};
	uint64_t uid;
	int r = proc_status_parse_uid(text, &uid);

	REQUIRE(r == 0 ? uid <= UINT32_MAX : r == -EINVAL);
	/* The first one counts, whatever follows. */
	buffer_add_string(&status, "Name:\tx\nUid:\t1\t77\t1\t1\n");
	buffer_add_text(&status, text);
	REQUIRE(proc_status_parse_uid(buffer_text(&status), &uid) == 0 && uid == 77);
}

static void check_boot_time(struct text text)
{
	_cleanup_buffer_ struct buffer counters = {0};
	int64_t seconds;
	int r = proc_parse_boot_time(text, &seconds);

	REQUIRE(r == 0 || r == -EINVAL);
	buffer_add_string(&counters, "cpu 1\nbtime 1795425168\n");
	buffer_add_text(&counters, text);
	REQUIRE(proc_parse_boot_time(buffer_text(&counters), &seconds) == 0);
	REQUIRE(seconds == 1795425168);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text text = fuzz_input(data, size);

	switch (fuzz_choose(&text, 3)) {
	case 0:
		check_stat(text);
		break;
	case 1:
		check_uid(text);
		break;
	default:
		check_boot_time(text);
		break;
	}
	return 0;
}
