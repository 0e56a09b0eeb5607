/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bodies of messages: any bytes, read from and written to files.
 */
#ifndef IPCLENS_CLI_BODY_H
#define IPCLENS_CLI_BODY_H

#include "base/text.h"
#include "cli/complain.h"

/* Adds all that the file has; "-" is standard input. STATUS_FAILED after a complaint. */
enum exit_status body_read(const char *file, struct buffer *body);

/*
 * Writes all of it to a descriptor. 0, or a negative errno; -EINTR where a signal wants the program
 * to end.
 */
int body_write(int fd, struct text text);

/*
 * Saves what could not be written for this reason, so that it is not lost, into a new file, whose
 * name is said: in the folder that is the current one, or for temporary files. Where that is not
 * possible either, it is printed in hexadecimal on standard error.
 */
void body_save(struct text body, int reason);

#endif
