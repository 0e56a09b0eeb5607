/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect/bpf/bpf_programs.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "collect/bpf/bpf_types.h"
#include "collect/bpf/programs_object.h"

/* The programs, and the iterator that each is for: a function of the kernel and its type. */
static const struct {
	enum bpf_source_list list;
	const char *name;
	const char *iterator, *function;
} programs_of_lists[] = {
	{BPF_SOURCE_HOLDERS, "list_holders", "task", "bpf_iter_task"},
	{BPF_SOURCE_BLOCKED, "list_blocked", "task", "bpf_iter_task"},
	{BPF_SOURCE_ENDS, "list_ends", "task_file", "bpf_iter_task_file"},
	{BPF_SOURCE_MAPPINGS, "list_mappings", "task_vma", "bpf_iter_task_vma"},
	{BPF_SOURCE_PLACES, "list_places", "task", "bpf_iter_task"},
};
#define LISTS (sizeof(programs_of_lists) / sizeof(programs_of_lists[0]))

/* What is before the name of a program's section, after which libbpf chooses how to load it. */
#define SECTIONS "ipclens/"

/* Five times what the kernel of a distribution has. */
#define TYPES_MAX (32 << 20)

/* A load that is going on in this thread. */
struct loading {
	const struct bpf_library *library;
	struct bpf_target targets[LISTS]; /* in the order of programs_of_lists; id 0: not found */
};

/* libbpf hands a handler nothing else that leads to it. */
static _Thread_local const struct loading *loading;

enum { NOT_REGISTERED, REGISTERING, REGISTERED };
static atomic_int registration;

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

/*
 * The iterator is looked for in all types of the kernel by libbpf, too, where it loads a program
 * that it takes for one; so it learns only here that it is one. 0 or a negative errno.
 */
static int prepare(struct bpf_program *program, struct bpf_prog_load_opts *options, long cookie)
{
	const struct bpf_library *library = loading ? loading->library : NULL;
	int id = -ENOENT;

	(void)cookie;
	for (size_t i = 0; library && i < LISTS; i++) {
		if (strcmp(library->bpf_program__name(program), programs_of_lists[i].name) != 0)
			continue;
		id = loading->targets[i].id
			     ? (int)loading->targets[i].id
			     : library->libbpf_find_vmlinux_btf_id(programs_of_lists[i].iterator,
								   BPF_TRACE_ITER);
	}
	if (id < 0)
		return id;
	options->expected_attach_type = BPF_TRACE_ITER;
	options->attach_btf_id = (__u32)id;
	return library->bpf_program__set_type(program, BPF_PROG_TYPE_TRACING);
}

/*
 * Once for all of this process, as libbpf keeps it for all of it, and is not prepared for two
 * threads that register at once. 0 or a negative errno.
 */
static int register_sections(const struct bpf_library *library)
{
	LIBBPF_OPTS(libbpf_prog_handler_opts, options, .prog_prepare_load_fn = prepare);
	int none = NOT_REGISTERED, result;

	while (!atomic_compare_exchange_strong(&registration, &none, REGISTERING)) {
		if (none == REGISTERED)
			return 0;
		none = NOT_REGISTERED;
		sched_yield();
	}
	result = library->libbpf_register_prog_handler(SECTIONS, BPF_PROG_TYPE_RAW_TRACEPOINT, 0,
						       &options);
	atomic_store(&registration, result > 0 ? REGISTERED : NOT_REGISTERED);
	return result < 0 ? result : 0;
}

/* All of a file of the kernel; it can be mapped since Linux 6.16. */
static int read_types(const char *path, struct buffer *room, struct text *ret_mapped)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	ssize_t length;
	void *bytes;

	if (fd < 0 || fstat(fd, &status) < 0 || status.st_size <= 0 || status.st_size > TYPES_MAX)
		return -ENOENT;
	bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes != MAP_FAILED) {
		*ret_mapped = (struct text){bytes, (size_t)status.st_size};
		return 0;
	}
	while (room->length < (size_t)status.st_size) {
		size_t left = (size_t)status.st_size - room->length;
		char *place = buffer_reserve(room, left);

		length = place ? read(fd, place, left) : 0;
		if (length <= 0)
			return -EIO;
		buffer_advance(room, (size_t)length);
	}
	return 0;
}

/* What there is to load, in the file; empty where that cannot be told. 0 or -ENOMEM. */
static int cut_types(struct bpf_programs *programs, const char *path, int fd,
		     struct loading *ret_loading)
{
	const struct bpf_library *library = &programs->library;
	_cleanup_buffer_ struct buffer room = {0}, cut = {0};
	struct text mapped = {.length = 0}, own;
	__u32 size = 0;
	const char *bytes =
		library->btf__raw_data(library->bpf_object__btf(programs->object), &size);
	int result = bytes ? read_types(path, &room, &mapped) : -ENOENT;

	own = (struct text){bytes, size};
	if (!result)
		result = bpf_types_cut(mapped.length ? mapped : buffer_text(&room), own,
				       ret_loading->targets, LISTS, &cut);
	if (mapped.length)
		munmap((void *)mapped.bytes, mapped.length);
	if (!result && write(fd, cut.bytes, cut.length) != (ssize_t)cut.length)
		result = -EIO;
	return result;
}

static int open_object(struct bpf_programs *programs, const char *types)
{
	LIBBPF_OPTS(bpf_object_open_opts, options, .btf_custom_path = types);

	programs->object = programs->library.bpf_object__open_mem(
		programs_object, sizeof(programs_object), &options);
	return programs->object ? select_programs(programs) : -errno;
}

static int load_object(struct bpf_programs *programs, const struct loading *what)
{
	int error;

	loading = what;
	error = programs->library.bpf_object__load(programs->object);
	loading = NULL;
	return error;
}

static void close_object(struct bpf_programs *programs)
{
	if (programs->object)
		programs->library.bpf_object__close(programs->object);
	programs->object = NULL;
}

/* By the few types that are needed. 0 or a negative errno. */
static int load_by_cut(struct bpf_programs *programs, const char *path)
{
	_cleanup_close_ int fd = memfd_create("types", MFD_CLOEXEC);
	struct loading what = {.library = &programs->library};
	char types[32];
	int error;

	if (fd < 0)
		return -errno;
	for (size_t i = 0; i < LISTS; i++)
		what.targets[i].name = programs_of_lists[i].function;
	snprintf(types, sizeof(types), "/proc/self/fd/%d", fd);
	/* It is read when the object is loaded, and the object tells what has to be in it. */
	error = open_object(programs, types);
	if (!error)
		error = cut_types(programs, path, fd, &what);
	return error ? error : load_object(programs, &what);
}

/* By all types of the kernel, wherever libbpf finds them. 0 or a negative errno. */
static int load_by_all(struct bpf_programs *programs)
{
	const struct loading what = {.library = &programs->library};
	int error = open_object(programs, NULL);

	return error ? error : load_object(programs, &what);
}

static int load(struct bpf_programs *programs, const char *path)
{
	int error = register_sections(&programs->library);

	if (error)
		return error;
	error = load_by_cut(programs, path);
	programs->is_by_cut = !error;
	/* After EPERM, too: it can be that only a file in memory is forbidden. */
	if (error && error != -ENOMEM) {
		close_object(programs);
		error = load_by_all(programs);
	}
	return error ? error : map_records(programs);
}

int bpf_programs_load_by(struct bpf_programs *programs, unsigned int lists, const char *path)
{
	int error = bpf_library_load(&programs->library);
	libbpf_print_fn_t print;

	if (error)
		return error;
	/* It prints what goes wrong; whoever else uses it in this process may want that. */
	programs->lists = lists;
	print = programs->library.libbpf_set_print(NULL);
	error = load(programs, path);
	programs->library.libbpf_set_print(print);
	return error;
}

int bpf_programs_load(struct bpf_programs *programs, unsigned int lists)
{
	return bpf_programs_load_by(programs, lists, BPF_TYPES_PATH);
}

void bpf_programs_deinit(struct bpf_programs *programs)
{
	if (programs->records)
		munmap(programs->records, programs->records_size);
	programs->records = NULL;
	close_object(programs);
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

/* include/uapi/linux/bpf.h: bpf_iter_link_info.task; Linux before 6.1 does not look at it. */
struct one_task {
	uint32_t tid, pid, pid_fd;
};

/* The link is needed no longer than until the iterator is there. */
static int start(const struct bpf_programs *programs, enum bpf_source_list list, int64_t pid)
{
	const struct bpf_library *library = &programs->library;
	struct one_task task = {.pid = (uint32_t)pid};
	LIBBPF_OPTS(bpf_iter_attach_opts, options, .link_info = (void *)&task,
		    .link_info_len = sizeof(task));
	struct bpf_link *link = library->bpf_program__attach_iter(find_program(programs, list),
								  pid ? &options : NULL);
	int fd, error;

	if (!link)
		return -errno;
	fd = library->bpf_iter_create(library->bpf_link__fd(link));
	error = fd < 0 ? -errno : 0;
	library->bpf_link__destroy(link);
	return error ? error : fd;
}

int bpf_programs_run(struct bpf_programs *programs, enum bpf_source_list list, int64_t pid,
		     int (*handler)(const union bpf_record *record, void *context), void *context)
{
	_cleanup_close_ int fd = -1;
	libbpf_print_fn_t print;

	if (!(programs->lists & list))
		return -EINVAL;
	print = programs->library.libbpf_set_print(NULL);
	fd = start(programs, list, pid);
	programs->library.libbpf_set_print(print);
	return fd < 0 ? fd : read_to_the_end(programs, fd, handler, context);
}
