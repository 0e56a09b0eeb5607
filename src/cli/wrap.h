/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPCLENS_CLI_WRAP_H
#define IPCLENS_CLI_WRAP_H

/* Prints our own text to standard output in lines of at most 78 columns behind the indent. */
void wrap_print(const char *text, const char *indent);

#endif
