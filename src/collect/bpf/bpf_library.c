/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect/bpf/bpf_library.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>

static bool find(void *library, const char *name, void *ret_function)
{
	void *address = dlsym(library, name);

	/* POSIX has it so; C knows no conversion from an object's address to a function's. */
	*(void **)ret_function = address;
	return address;
}

int bpf_library_load(struct bpf_library *ret_library)
{
	void *library = dlopen(BPF_LIBRARY, RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);
	bool is_complete = library;

#define FIND(name) is_complete = is_complete && find(library, #name, &ret_library->name);
	BPF_LIBRARY_FUNCTIONS(FIND)
#undef FIND
	if (library)
		dlclose(library);
	return is_complete ? 0 : -ELIBACC;
}
