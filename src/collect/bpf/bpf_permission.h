/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether the kernel lets us use bpf, and why not.
 */
#ifndef IPCLENS_COLLECT_BPF_BPF_PERMISSION_H
#define IPCLENS_COLLECT_BPF_BPF_PERMISSION_H

/*
 * Loads the smallest program that takes the permissions of the real ones, which costs next to
 * nothing: most who may not find out here. 0; or OUTCOME_DENIED or OUTCOME_UNSUPPORTED and why.
 */
int bpf_permission_try(const char **ret_reason);

/*
 * The outcome of this errno (positive) from loading the real ones. *ret_reason is NULL where only
 * the errno tells why.
 */
int bpf_permission_explain(int number, const char **ret_reason);

#endif
