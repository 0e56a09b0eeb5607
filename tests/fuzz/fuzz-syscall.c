/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of /proc/PID/task/TID/syscall. */
#include "fuzz.h"

#include <errno.h>

#include "collect/proc_syscall.h"

static void write_call(struct buffer *text, const struct proc_syscall *call)
{
	if (call->is_running) {
		buffer_add_string(text, "running\n");
		return;
	}
	buffer_add_signed(text, call->number, 0);
	for (size_t i = 0; call->number != -1 && i < PROC_SYSCALL_ARGUMENTS; i++)
		buffer_add_format(text, " 0x%llx", (unsigned long long)call->arguments[i]);
	buffer_add_format(text, " 0x%llx 0x%llx\n", (unsigned long long)call->stack_pointer,
			  (unsigned long long)call->program_counter);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_buffer_ struct buffer text = {0};
	struct proc_syscall call = {.number = 77}, again;
	int r = proc_syscall_parse(fuzz_input(data, size), &call);

	REQUIRE(r == 0 || r == -EINVAL);
	if (r < 0) {
		REQUIRE(call.number == 77);
		return 0;
	}
	for (size_t i = 0; (call.is_running || call.number == -1) && i < PROC_SYSCALL_ARGUMENTS;
	     i++)
		REQUIRE(!call.arguments[i]);
	/* Written as the kernel does, it is read again as the same. */
	write_call(&text, &call);
	REQUIRE(proc_syscall_parse(buffer_text(&text), &again) == 0);
	REQUIRE(again.is_running == call.is_running && again.number == call.number);
	for (size_t i = 0; i < PROC_SYSCALL_ARGUMENTS; i++)
		REQUIRE(again.arguments[i] == call.arguments[i]);
	REQUIRE(again.stack_pointer == call.stack_pointer);
	REQUIRE(again.program_counter == call.program_counter);
	return 0;
}
