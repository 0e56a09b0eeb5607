/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef IPCLENS_BASE_PERCENT_H
#define IPCLENS_BASE_PERCENT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * How many tenths of a percent used is of maximum, rounded down; false where that is no number: a
 * maximum of 0. Saturates at UINT64_MAX.
 */
static inline bool percent_of(uint64_t used, uint64_t maximum, uint64_t *ret_tenths)
{
	__extension__ unsigned __int128 tenths;

	if (!maximum)
		return false;
	tenths = (__extension__(unsigned __int128) used) * 1000 / maximum;
	*ret_tenths = tenths > UINT64_MAX ? UINT64_MAX : (uint64_t)tenths;
	return true;
}

#endif
