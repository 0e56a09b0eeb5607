/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Objects by their REFs, for the commands that are about single objects.
 */
#ifndef IPCLENS_CLI_FIND_H
#define IPCLENS_CLI_FIND_H

#include "cli/view.h"

/* The objects that the operands name. All zero is empty. */
struct found {
	struct ref *refs;     /* one for each operand */
	uint64_t *namespaces; /* that they name */
	size_t namespace_count;
	unsigned int wanted_kinds; /* that the REFs can name */
	struct snapshot *snapshot;
	struct selection objects; /* those that were found */
	unsigned int kinds;	  /* theirs */
	struct scope answer;	  /* what the answer is about, for issues */
};

void found_deinit(struct found *found);
#define _cleanup_found_ __attribute__((cleanup(found_deinit)))

/* Reads the operands. STATUS_USAGE after a complaint. */
enum exit_status find_read(const struct invocation *invocation, struct found *ret_found);

/*
 * Leaves out of the scope the kinds that need a look at processes, or at files, and that no operand
 * names: those of System V stay, so that a REF of the wrong kind can be told what would be right.
 */
void find_narrow(const struct found *found, struct scope *scope);

/* A REF can lead into another namespace of this machine, unless one was asked for. */
bool find_can_look_elsewhere(const struct settings *settings);

/*
 * Opens the snapshot with the scope, narrowed to the details of these objects, and finds them.
 * After complaints of those that are not there STATUS_FAILED, with a snapshot and those that are.
 */
enum exit_status find_open(const struct invocation *invocation, const struct scope *scope,
			   struct found *found);

/* The one object of the snapshot that the REF names; complains of none and of many. */
enum exit_status find_object(const struct snapshot *snapshot, const char *operand,
			     const struct ref *ref, const struct object **ret_object);

/* Prints one object for a person. 0 or a negative errno. */
typedef int find_printer(const struct snapshot *snapshot, const struct object *object,
			 const struct style *style);

/*
 * Answers with the objects that were found: printed one after the other, or as JSON with their
 * processes, links and accountings, and with has_limits the limits of their kinds. status is what
 * find_open() returned; so is the result, unless printing failed.
 */
enum exit_status find_answer(const struct invocation *invocation, const struct found *found,
			     enum exit_status status, bool has_limits, find_printer *print);

#endif
