#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What bash completes, with the completion that the build makes.

setup() {
	PATH=$(dirname "$IPCLENS"):$PATH
	# shellcheck source=/dev/null
	source <(ipclens __completion)
}

compopt() { # outside of a completion bash refuses it
	asked_for=$*
}

# complete_words WORD...: what the last one can become, in COMPREPLY.
complete_words() {
	COMP_WORDS=(ipclens "$@")
	COMP_CWORD=$#
	COMPREPLY=()
	_ipclens
}

offers() { # offers WORD
	local word
	for word in "${COMPREPLY[@]}"; do
		[ "$word" != "$1" ] || return 0
	done
	echo "no $1 among: ${COMPREPLY[*]}"
	return 1
}

@test "each option of each command, of the drop-ins, too" {
	local kind command option
	while IFS=$'\t' read -r kind command option; do
		[ "$kind" = option ] || continue
		complete_words "$command" --
		offers "$option"
	done < <(ipclens __commands)
	complete_words ipcs --sem
	offers --semaphores
}

@test "commands come first, and options without one are those of status" {
	complete_words sh
	[ "${COMPREPLY[*]}" = show ]
	complete_words --js
	[ "${COMPREPLY[*]}" = --json ]
	complete_words --json --no-h
	[ "${COMPREPLY[*]}" = --no-header ]
}

@test "values of options, with = and without" {
	complete_words list --color al
	[ "${COMPREPLY[*]}" = always ]
	complete_words list --color = al
	[ "${COMPREPLY[*]}" = always ]
	complete_words list --sort nat
	[ "${COMPREPLY[*]}" = nattch ]
}

@test "kinds, terms and files" {
	complete_words limits ms
	[ "${COMPREPLY[*]}" = msg ]
	complete_words explain ncou
	[ "${COMPREPLY[*]}" = ncount ]
	complete_words status --from ''
	[ "$asked_for" = '-o default' ]
}
