#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Does the built program see what is there, on a machine that has little?

@test "a segment made in a private namespace is listed, and nothing else" {
	run unshare --map-root-user --ipc sh -c \
		'ipcmk --shmem 8192 >/dev/null && "$IPCLENS" list shm --json'
	[ "$status" -eq 0 ]
	jq -e '.objects | length == 1 and .[0].kind == "shm" and .[0].size == 8192' <<<"$output"
}

@test "ipcs prints what the system's own prints" {
	run unshare --map-root-user --ipc sh -c \
		'ipcmk --queue >/dev/null && ipcs >"$0/theirs" && "$IPCLENS" ipcs >"$0/ours"' \
		"$BATS_TEST_TMPDIR"
	[ "$status" -eq 0 ]
	diff "$BATS_TEST_TMPDIR/theirs" "$BATS_TEST_TMPDIR/ours"
}
