/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"

#include <errno.h>
#include <stdio.h>

int error_set(struct ipclens_error *ret_error, int number, const char *format, ...)
{
	va_list arguments;

	if (!ret_error)
		return number;
	ret_error->number = number;
	va_start(arguments, format);
	vsnprintf(ret_error->text, sizeof(ret_error->text), format, arguments);
	va_end(arguments);
	return number;
}

int outcome_from_errno(int number)
{
	switch (number) {
	case EACCES:
	case EPERM:
		return OUTCOME_DENIED;
	case ENOENT:
	case ESRCH:
	case EIDRM:
		return OUTCOME_GONE;
	case ENOSYS:
	case EOPNOTSUPP:
	case ENOTTY:
		return OUTCOME_UNSUPPORTED;
	default:
		return 0;
	}
}
