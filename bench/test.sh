#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Do the benchmark programs do what they say? No verdict depends on how long anything takes.
# Usage: bench/test.sh FOLDER-OF-THE-PROGRAMS; prints TAP.
set -u

population=$1/bench-population
compare=$1/bench-compare
floor=$1/bench-floor
floor_users=$1/bench-floor-users
floor_pipes=$1/bench-floor-pipes
floor_blocked=$1/bench-floor-blocked
floor_namespaces=$1/bench-floor-namespaces
bpf=$1/bench-bpf
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
count=0
failures=0

# expect WHAT EXPECTED ACTUAL
expect() {
	count=$((count + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $count - $1"
		return
	fi
	failures=$((failures + 1))
	echo "not ok $count - $1"
	printf 'expected: %s\nactual:   %s\n' "$2" "$3" | sed 's/^/# /'
}

# status COMMAND...: prints its exit status; what it says goes to $scratch/said
status() {
	"$@" >"$scratch/said" 2>&1 </dev/null
	echo $?
}

# finish: the plan, and how it went
finish() {
	echo "1..$count"
	[ "$failures" -eq 0 ]
	exit
}

expect 'floor: reads' 0 "$(status "$floor" /proc/self/maps)"
expect 'floor: no such file' 2 "$(status "$floor" "$scratch/absent")"

# No delay makes a command a million times slower than another one.
expect 'compare: bounds that are met' 0 \
	"$(status "$compare" --runs=3 --at-most=1000000:sleep --peak=1000 true : sleep 0)"
expect 'compare: says so' 2 "$(grep -c '^met  .*  *true: ' "$scratch/said")"
expect 'compare: a bound that is not' 1 \
	"$(status "$compare" --runs=3 --at-least=1000000:sleep true : sleep 0)"
expect 'compare: says so' 1 "$(grep -c '^NOT MET  true: ' "$scratch/said")"
expect 'compare: too much memory' 1 "$(status "$compare" --runs=1 --peak=0.001 true)"
expect 'compare: too much time' 1 "$(status "$compare" --runs=1 --within=0.000001 true)"
# shellcheck disable=SC2016 # the inner shell's variable
expect 'compare: the time that a command tells itself' 0 \
	"$(status "$compare" --runs=1 --within=0.001 \
		bash -c 'printf "\0\0\0\0\0\0\0\0" >&"$BENCH_TIME_FD"')"
expect 'compare: not judged' 0 \
	"$(status "$compare" --runs=1 --no-judge --at-least=1000000:sleep true : sleep 0)"

# However long they took: the verdicts follow from the numbers in the table.
status "$compare" --runs=3 --at-least=2:sleep --at-most=0.5:sleep true : sleep 0.02 >/dev/null
expect 'compare: ratios and verdicts agree' 'slower agrees, faster agrees' "$(awk '
	$1 == "sleep" { ratio = $3 + 0 }
	/ x faster than / { faster = $0; sub(/.*: /, "", faster); faster += 0; is_met = /^met/ }
	/ x the time of / { slower = $0; sub(/.*: /, "", slower); slower += 0 }
	END {
		least = 1 / (ratio + 0.005) - 0.0051
		most = 1 / (ratio - 0.005) + 0.0051
		print (slower >= least && slower <= most ? "slower agrees" : "slower " slower) ", " \
		      (faster == ratio && is_met == (ratio >= 2) ? "faster agrees" : "faster " faster)
	}' "$scratch/said")"

expect 'compare: a command that fails' 2 "$(status "$compare" false : true)"
expect 'compare: a command that is absent' 2 "$(status "$compare" "$scratch/absent")"
expect 'compare: a bound on nobody' 2 "$(status "$compare" --at-most=1:nobody true : true)"
expect 'compare: an empty command' 2 "$(status "$compare" true : : true)"
expect 'compare: runs that are no number' 2 "$(status "$compare" --runs=1x true)"
expect 'compare: no run' 2 "$(status "$compare" --runs=0 true)"
expect 'compare: no command' 2 "$(status "$compare")"

expect 'population: no command' 2 "$(status "$population")"
expect 'population: segments to attach' 2 "$(status "$population" --segments=0 true)"
expect 'population: room for the pipe ends' 2 "$(status "$population" --descriptors=8 true)"
expect 'population: no more arrays to hold' 2 "$(status "$population" --arrays=1 --held=2 true)"
expect 'population: nothing to sleep on' 2 "$(status "$population" --blocked=1 true)"
expect 'population: attached segments in each namespace' 2 \
	"$(status "$population" --segments=1 --namespaces=2 true)"
expect 'population: nobody sleeps in several namespaces' 2 \
	"$(status "$population" --namespaces=2 --blocked=1 true)"
expect 'population: all together where they are apart' 2 "$(status "$population" --together=1 true)"
expect 'floor of namespaces: no command' 2 "$(status "$floor_namespaces" 9)"
expect 'bpf: an unknown list' 2 "$(status "$bpf" unknown)"
expect 'population: an unknown option' 2 "$(status "$population" --unknown true)"

if [ "$(id -u)" -ne 0 ]; then
	count=$((count + 1))
	echo "ok $count - populations # SKIP their namespaces need root"
	finish
fi

cat >"$scratch/count" <<'END'
for kind in shm sem msg; do
	echo "$kind $(($(wc -l </proc/sysvipc/$kind) - 1))"
done
echo "nsems $(awk 'NR > 1 { n += $4 } END { print n }' /proc/sysvipc/sem)"
echo "nattch $(awk 'NR > 1 { n += $7 } END { print n }' /proc/sysvipc/shm)"
echo "processes $(pgrep -c -P 1 bench-populatio)"
for pid in $(pgrep -P 1 bench-populatio); do
	echo "mappings $(wc -l </proc/"$pid"/maps)"
	echo "descriptors $(find /proc/"$pid"/fd -type l | wc -l)"
	echo "pipe ends $(find /proc/"$pid"/fd -type l -lname 'pipe:*' | wc -l)"
done | sort | uniq -c | sed 's/^ *//'
END

tiny='--processes=5 --segments=6 --attach=2 --arrays=3 --semaphores=4 --queues=2 --mappings=70
	--descriptors=12 --pipe-ends=6'

# tiny COMMAND...
tiny() {
	# shellcheck disable=SC2086 # several options
	"$population" $tiny "$@"
}

expect 'population: is what was asked for' 'ready
shm 6
sem 3
msg 2
nsems 12
nattch 10
processes 5
5 descriptors 12
5 mappings 70
5 pipe ends 6' "$(tiny sh "$scratch/count" 2>&1 </dev/null)"
# Old kernels do not tell which processes have none, so that all of them are read.
few=$(tiny "$floor_users" 2>/dev/null)
more=$(tiny --processes=9 "$floor_users" 2>/dev/null)
expect 'floor of users: reads each process that maps segments' 4 "$((more - few))"
# Beside those of the population there are those that the floor itself has.
few=$(tiny "$floor_pipes" 2>/dev/null)
more=$(tiny --processes=9 "$floor_pipes" 2>/dev/null)
expect 'floor of pipes: reads each end' 24 "$((more - few))"

# blocked_threads ARGS...: how many threads of the population it reads, where 8 are blocked. Anybody
# else on this machine may begin to wait in between: tried again.
blocked_threads() {
	for _ in 1 2 3 4 5; do
		few=$(tiny "$floor_blocked" "$@" 2>/dev/null)
		more=$(tiny --blocked=8 --held=3 "$floor_blocked" "$@" 2>/dev/null)
		[ "$((more - few))" != 8 ] || break
	done
	echo $((more - few))
}
expect 'floor of blocked threads: reads each' 8 "$(blocked_threads)"
expect 'floor of blocked threads: reads nothing else' 8 "$(blocked_threads --threads)"
# All of the machine are counted.
holders() {
	for _ in 1 2 3 4 5; do
		few=$(tiny "$bpf" holders 2>/dev/null)
		more=$(tiny --blocked=8 --held=3 "$bpf" holders 2>/dev/null)
		[ "$((more - few))" != 3 ] || break
	done
	echo $((more - few))
}
if tiny "$bpf" load >/dev/null 2>&1; then
	expect 'bpf: finds each holder' 3 "$(holders)"
fi

cat >"$scratch/spread" <<'END'
echo "here $(($(wc -l </proc/sysvipc/shm) - 1))"
for pid in $(pgrep -P 1 bench-populatio); do
	readlink "/proc/$pid/ns/ipc"
done | sort | uniq -c | awk '{ print "processes", $1 }' | sort
for pid in $(pgrep -P 1 bench-populatio); do
	nsenter --ipc="/proc/$pid/ns/ipc" sh -c 'echo $(cat /proc/sysvipc/* | wc -l)'
done | sort | uniq -c | awk '{ print "objects", $2 - 3, $1 }'
"$1" 9 sh -c 'echo together $(($(cat /proc/sysvipc/* | wc -l) - 3))'
END
expect 'population: is spread over namespaces, and is together in another one' 'ready
here 0
processes 2
processes 3
objects 5 2
objects 6 3
together 11' "$(tiny --namespaces=2 --together=1 sh "$scratch/spread" "$floor_namespaces" \
	2>&1 </dev/null)"
cat >"$scratch/apart" <<'END'
BENCH_ENTRANCES="$$ $$"
export BENCH_ENTRANCES
"$1" --apart 9 sh -c 'echo together $(($(cat /proc/sysvipc/* | wc -l) - 3))'
END
expect 'floor of namespaces: the same by a child for each' 'together 11' \
	"$(tiny --namespaces=2 --together=1 sh "$scratch/apart" "$floor_namespaces" 2>/dev/null </dev/null)"
expect 'floor of namespaces: one that cannot be entered' 2 \
	"$(BENCH_ENTRANCES=4194304 status "$floor_namespaces" --apart)"
few=$(tiny "$floor_namespaces" --find 2>/dev/null)
more=$(tiny --processes=9 --namespaces=3 "$floor_namespaces" --find 2>/dev/null)
expect 'floor of namespaces: looks at each process' 4 "$((more - few))"

expect 'population: one process' 0 "$(status "$population" --processes=1 --segments=4 true)"
expect 'population: nothing at all' 0 \
	"$(status "$population" --processes=0 --segments=0 --arrays=0 --queues=0 true)"
expect "population: the command's status" 7 "$(status tiny sh -c 'exit 7')"
# shellcheck disable=SC2016 # the inner shell's number
expect "population: the command's signal" 143 "$(status tiny sh -c 'kill $$')"
expect 'population: a command that is absent' 2 "$(status tiny "$scratch/absent")"

# However it dies, what it started dies too. Not SIGINT: a shell's background jobs ignore it.
for signal in HUP TERM KILL; do
	mkfifo "$scratch/$signal"
	# Not the function, which would be a shell of its own, with the number that $! has.
	# shellcheck disable=SC2086 # several options
	"$population" $tiny sh -c 'echo up; exec sleep 1000' >"$scratch/$signal" 2>/dev/null &
	pid=$!
	exec 3<"$scratch/$signal"
	read -r line <&3
	expect "population: up before SIG$signal" up "$line"
	kill -s "$signal" "$pid"
	# Ends when the last holder of the other end is dead; one that lives on sleeps 1000 s.
	timeout 60 cat <&3
	expect "population: all of it dies with SIG$signal" 0 $?
	exec 3<&-
	kill -s KILL "$pid" 2>/dev/null
	wait "$pid"
done

finish
