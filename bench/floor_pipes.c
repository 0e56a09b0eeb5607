/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The floor of finding both ends of all pipes: reads the links of all descriptors of all processes,
 * with as many threads as there are processors, and does nothing with them. Prints how many are of
 * pipes. Which end each of these is would take one look more at the link.
 */
#include <stdio.h>

#include "floor_processes.h"

int main(void)
{
	printf("%u\n", floor_read_processes(floor_read_descriptors));
	return 0;
}
