/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The public types seen from inside: a struct ipclens_snapshot is the model's struct snapshot under
 * a name that the header can keep.
 */
#ifndef IPCLENS_LIB_LIB_H
#define IPCLENS_LIB_LIB_H

#include <ipclens.h>

#include "model/snapshot.h"

static inline struct ipclens_snapshot *lib_snapshot(struct snapshot *snapshot)
{
	return (struct ipclens_snapshot *)snapshot;
}

static inline const struct snapshot *lib_model(const struct ipclens_snapshot *snapshot)
{
	return (const struct snapshot *)snapshot;
}

#endif
