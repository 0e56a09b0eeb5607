/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/rate.h"

#include <stddef.h>

struct rate rate_of(uint64_t amount, uint64_t seconds)
{
	static const struct {
		uint64_t seconds;
		const char *name, *in_full;
	} units[] = {{1, "s", "a second"},
		     {60, "min", "a minute"},
		     {3600, "h", "an hour"},
		     {86400, "d", "a day"}};
	__extension__ unsigned __int128 tenths;
	size_t unit = 0;

	do
		tenths = (__extension__(unsigned __int128) amount) * units[unit].seconds * 10 /
			 seconds;
	while (tenths < 10 && ++unit < sizeof(units) / sizeof(units[0]));
	unit -= unit == sizeof(units) / sizeof(units[0]);
	return (struct rate){(uint64_t)(tenths / 10), (unsigned int)(tenths % 10), units[unit].name,
			     units[unit].in_full};
}
