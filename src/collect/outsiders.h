/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef IPCLENS_COLLECT_OUTSIDERS_H
#define IPCLENS_COLLECT_OUTSIDERS_H

#include "collect/collector.h"

/*
 * Whether a process that this PID namespace does not show has used an object of System V of the
 * viewer's IPC namespace. false: none is known.
 */
bool outsiders_are_known(const struct collector *collector);

#endif
