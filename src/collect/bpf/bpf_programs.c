/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect/bpf/bpf_programs.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "collect/bpf/programs_object.h"

static const struct {
	enum bpf_source_list list;
	const char *name;
} programs_of_lists[] = {
	{BPF_SOURCE_HOLDERS, "list_holders"},
	{BPF_SOURCE_BLOCKED, "list_blocked"},
	{BPF_SOURCE_ENDS, "list_ends"},
	{BPF_SOURCE_MAPPINGS, "list_mappings"},
};
#define LISTS (sizeof(programs_of_lists) / sizeof(programs_of_lists[0]))

static struct bpf_program *find_program(const struct bpf_programs *programs,
					enum bpf_source_list list)
{
	const char *name = NULL;

	for (size_t i = 0; i < LISTS; i++)
		if (programs_of_lists[i].list == list)
			name = programs_of_lists[i].name;
	return programs->library.bpf_object__find_program_by_name(programs->object, name);
}

/* What is not wanted would only take time. */
static int select_programs(const struct bpf_programs *programs)
{
	for (size_t i = 0; i < LISTS; i++) {
		enum bpf_source_list list = programs_of_lists[i].list;
		struct bpf_program *program = find_program(programs, list);

		if (!program)
			return -ENOENT;
		programs->library.bpf_program__set_autoload(program, programs->lists & list);
	}
	return 0;
}

static int map_records(struct bpf_programs *programs)
{
	const struct bpf_library *library = &programs->library;
	struct bpf_map *map =
		library->bpf_object__find_map_by_name(programs->object, BPF_RECORDS_MAP);
	size_t size = BPF_RECORDS_SLOTS * sizeof(union bpf_record);
	void *address;

	if (!map)
		return -ENOENT;
	address =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, library->bpf_map__fd(map), 0);
	if (address == MAP_FAILED)
		return -errno;
	programs->records = address;
	programs->records_size = size;
	return 0;
}

static int load(struct bpf_programs *programs)
{
	const struct bpf_library *library = &programs->library;
	int error;

	programs->object =
		library->bpf_object__open_mem(programs_object, sizeof(programs_object), NULL);
	if (!programs->object)
		return -errno;
	error = select_programs(programs);
	if (!error)
		error = library->bpf_object__load(programs->object);
	return error ? error : map_records(programs);
}

int bpf_programs_load(struct bpf_programs *programs, unsigned int lists)
{
	int error = bpf_library_load(&programs->library);
	libbpf_print_fn_t print;

	if (error)
		return error;
	/* It prints what goes wrong; whoever else uses it in this process may want that. */
	programs->lists = lists;
	print = programs->library.libbpf_set_print(NULL);
	error = load(programs);
	programs->library.libbpf_set_print(print);
	return error;
}

void bpf_programs_deinit(struct bpf_programs *programs)
{
	if (programs->records)
		munmap(programs->records, programs->records_size);
	if (programs->object)
		programs->library.bpf_object__close(programs->object);
	programs->records = NULL;
	programs->object = NULL;
}

/* Hands out what the program left, and makes room for more. */
static int empty_records(struct bpf_programs *programs,
			 int (*handler)(const union bpf_record *record, void *context),
			 void *context)
{
	struct bpf_records_header *header = &programs->records[0].header;
	uint32_t used = __atomic_load_n(&header->used, __ATOMIC_ACQUIRE);

	for (uint32_t i = 1; i <= used && i < BPF_RECORDS_SLOTS; i++) {
		int result = handler(&programs->records[i], context);

		if (result)
			return result;
	}
	__atomic_store_n(&header->used, 0, __ATOMIC_RELEASE);
	return 0;
}

/*
 * The programs write no text, so a read returns at the end, or with EAGAIN where a program stopped
 * because all slots are used (or after a million of things); the next read begins with the thing
 * at which it stopped (kernel/bpf/bpf_iter.c).
 */
static int read_to_the_end(struct bpf_programs *programs, int fd,
			   int (*handler)(const union bpf_record *record, void *context),
			   void *context)
{
	char unused[64];
	int result;

	memset(programs->records, 0, sizeof(programs->records[0]));
	for (;;) {
		ssize_t length = read(fd, unused, sizeof(unused));

		if (length < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		result = empty_records(programs, handler, context);
		if (result || length == 0)
			return result;
	}
}

/* The link is needed no longer than until the iterator is there. */
static int start(const struct bpf_programs *programs, enum bpf_source_list list)
{
	const struct bpf_library *library = &programs->library;
	struct bpf_link *link =
		library->bpf_program__attach_iter(find_program(programs, list), NULL);
	int fd, error;

	if (!link)
		return -errno;
	fd = library->bpf_iter_create(library->bpf_link__fd(link));
	error = fd < 0 ? -errno : 0;
	library->bpf_link__destroy(link);
	return error ? error : fd;
}

int bpf_programs_run(struct bpf_programs *programs, enum bpf_source_list list,
		     int (*handler)(const union bpf_record *record, void *context), void *context)
{
	_cleanup_close_ int fd = -1;
	libbpf_print_fn_t print;

	if (!(programs->lists & list))
		return -EINVAL;
	print = programs->library.libbpf_set_print(NULL);
	fd = start(programs, list);
	programs->library.libbpf_set_print(print);
	return fd < 0 ? fd : read_to_the_end(programs, fd, handler, context);
}
