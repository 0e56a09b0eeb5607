#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# ./dev on systems that are not this one: package managers, meson and ninja are stand-ins that write
# down how they were called. The real thing, on Debian, is in tests/fresh.

setup() {
	checkout=$BATS_TEST_TMPDIR/checkout
	stubs=$BATS_TEST_TMPDIR/stubs
	calls=$BATS_TEST_TMPDIR/calls
	mkdir "$checkout" "$stubs"
	cp "$IPCLENS_SOURCE/dev" "$checkout/"
	: >"$calls"
	stub meson 'for last; do :; done; mkdir -p build; : >build/build.ninja'
	stub ninja 'printf "#!/bin/sh\necho runs with: \$*\n" >build/ipclens; chmod +x build/ipclens'
	stub id 'echo 0'
}

# stub NAME BODY: a program in front of the real one, which also writes down its call.
stub() {
	printf '#!/bin/sh\necho "%s $*" >>"%s"\n%s\n' "$1" "$calls" "$2" >"$stubs/$1"
	chmod +x "$stubs/$1"
}

# on SYSTEM-ID COMMAND...: in a mount namespace where the machine is that system.
on() {
	printf 'ID=%s\nID_LIKE="%s"\nPRETTY_NAME="System %s"\n' "$1" "${like:-}" "$1" \
		>"$BATS_TEST_TMPDIR/os-release"
	shift
	run unshare --map-root-user --mount sh -c '
		mount --bind "$1/os-release" "$(readlink -f /etc/os-release)" || exit 99
		cd "$1/checkout" && PATH=$1/stubs:$PATH && shift && "$@"' \
		sh "$BATS_TEST_TMPDIR" "$@"
}

was_called() {
	grep -qE -- "^$1" "$calls" || { cat "$calls" && return 1; }
}

was_not_called() {
	if grep -qE -- "^$1" "$calls"; then
		cat "$calls"
		return 1
	fi
}

@test "Fedora: what is missing is installed with dnf, shown, and then ipclens runs" {
	stub rpm 'case $* in *scdoc*) exit 1 ;; esac'
	stub dnf ''
	on fedora ./dev run list shm
	[ "$status" -eq 0 ]
	[[ $output == *'installing with dnf: scdoc'* ]]
	[[ $output == *'runs with: list shm' ]]
	was_called 'dnf install --assumeyes --quiet scdoc$'
}

@test "a system like Fedora is taken for one" {
	stub rpm ''
	stub dnf ''
	like='rhel centos fedora' on rocky ./dev run
	[ "$status" -eq 0 ]
	was_not_called dnf
}

@test "Arch: pacman, with its names" {
	stub pacman 'case $* in -T*) exit 127 ;; esac'
	on arch ./dev run --minimal
	[ "$status" -eq 0 ]
	was_called 'pacman -S --needed --noconfirm gcc meson ninja pkgconf json-c util-linux-libs$'
}

@test "Alpine: apk, with its names, and again with new lists where the first try fails" {
	stub apk 'case $* in *--update-cache*) ;; *) exit 1 ;; esac'
	on alpine ./dev run --minimal
	[ "$status" -eq 0 ]
	was_called 'apk add --quiet --update-cache gcc musl-dev linux-headers meson .*json-c-dev'
}

@test "what is there is not installed again" {
	stub apk ''
	on alpine ./dev run
	[ "$status" -eq 0 ]
	[[ $output != *installing* ]]
	was_not_called 'apk add'
}

@test "what the tests need is installed, PostgreSQL without a database that would run from then on" {
	stub dpkg-query 'case $* in *postgresql* | *util-linux-extra*) ;; *) echo installed ;; esac'
	stub apt-get ''
	stub python3 ''
	on debian ./dev test
	[ "$status" -eq 0 ]
	[[ $output == *'installing with apt: util-linux-extra postgresql'* ]]
	was_called 'apt-get install .*--config-file=.*/tests/tools/apt.conf util-linux-extra postgresql$'
	was_called 'python3 .*/run-suites'
}

@test "without PostgreSQL among them, packages are installed as usual" {
	stub dpkg-query 'case $* in *scdoc*) ;; *) echo installed ;; esac'
	stub apt-get ''
	on debian ./dev run
	was_called 'apt-get install .* scdoc$'
	was_not_called 'apt-get .*--config-file'
}

@test "a failed installation shows what the package manager said" {
	stub rpm 'exit 1'
	stub dnf 'echo "no such mirror"; exit 1'
	on fedora ./dev run
	[ "$status" -eq 1 ]
	[[ $output == *'no such mirror'* ]]
	[[ $output == *'could not install: gcc'* ]]
	was_not_called meson
}

@test "who is not root goes through sudo" {
	stub id 'echo 1000'
	stub sudo '"$@"'
	stub rpm 'exit 1'
	stub dnf ''
	on fedora ./dev run
	[ "$status" -eq 0 ]
	was_called 'sudo dnf install'
}

@test "an unknown system is told what is needed, and nothing happens" {
	on plan9 ./dev run
	[ "$status" -eq 1 ]
	[[ $output == *'System plan9'*'not known'* ]]
	[[ $output == *'json-c'* ]]
	[ ! -s "$calls" ]
}

@test "on an unknown system --no-install goes on with what is there" {
	on plan9 ./dev --no-install run
	[ "$status" -eq 0 ]
	[[ $output == *'runs with:'* ]]
}

@test "the optional parts are on, unless --minimal" {
	on plan9 ./dev --no-install run
	was_called 'meson setup .*-Dauto_features=auto'
	rm -rf "$checkout/build"
	on plan9 ./dev --no-install run --minimal
	was_called 'meson setup .*-Dauto_features=disabled'
}

@test "run passes on the exit status of ipclens" {
	stub ninja 'printf "#!/bin/sh\nexit 42\n" >build/ipclens; chmod +x build/ipclens'
	on plan9 ./dev --no-install run
	[ "$status" -eq 42 ]
}

@test "a build that fails is shown, without what went well, and nothing runs" {
	stub ninja 'echo "[1/2] Compiling good.c"; echo "bad.c: error"; exit 1'
	on plan9 ./dev --no-install run
	[ "$status" -eq 1 ]
	[[ $output == *'bad.c: error'* ]]
	[[ $output != *'good.c'* ]]
	[[ $output != *'runs with'* ]]
}

@test "unknown commands and options are usage errors" {
	on debian ./dev fly
	[ "$status" -eq 2 ]
	on debian ./dev format --nicely
	[ "$status" -eq 2 ]
	on debian ./dev build tcc
	[ "$status" -eq 2 ]
}

@test "help names every command" {
	on plan9 ./dev help
	[ "$status" -eq 0 ]
	for command in run test build bench format help; do
		[[ $output == *"  $command "* ]]
	done
}
