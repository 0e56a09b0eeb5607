/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "render/smartcols.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>

#include "render/table.h"

static bool find(void *library, const char *name, void *ret_function)
{
	void *address = dlsym(library, name);

	/* POSIX has it so; C knows no conversion from an object's address to a function's. */
	*(void **)ret_function = address;
	return address;
}

int smartcols_load(struct smartcols *ret_smartcols)
{
	void *library = dlopen(TABLE_LIBRARY, RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);
	bool is_complete = library;

#define FIND(name) is_complete = is_complete && find(library, "scols_" #name, &ret_smartcols->name);
	SMARTCOLS_FUNCTIONS(FIND)
#undef FIND
	if (library)
		dlclose(library);
	return is_complete ? 0 : -ELIBACC;
}
