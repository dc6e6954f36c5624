# shellcheck shell=bash
# What every bats file starts with: `load lib`.
#
# A test gets a directory of its own ($IQ_TEST, which is also where it runs),
# a home and a queue inside, and the built programs in PATH.  A file that needs
# more says so in a setup() that calls iq_setup first; teardown() is ours.

bats_require_minimum_version 1.7.0
# What their load.bash does, at a tenth of the cost: it is paid for each test.
for IQ_LIBRARY in /usr/lib/bats/bats-{support,assert,file}/src/*.bash; do
	# shellcheck source=/dev/null
	source "$IQ_LIBRARY"
done
bats_add_debug_exclude_path /usr/lib/bats/

IQ_SOURCE=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd)
IQ_BUILD=${IQ_BUILD:-$IQ_SOURCE/build}

setup() {
	iq_setup
}

teardown() {
	iq_teardown
}

iq_setup() {
	local name
	umask 022
	for name in "${!IQ_SET_@}" "${!XDG_@}" "${!IQ_JOB_@}"; do
		unset "$name"
	done
	# Each process of this test, however far it went, carries this name
	export IQ_TEST=$BATS_TEST_TMPDIR
	export HOME=$IQ_TEST/home TMPDIR=$IQ_TEST/tmp IQ_QUEUE=$IQ_TEST/queue.db
	export TZ=UTC LC_ALL=C.UTF-8
	export PATH=$IQ_BUILD:$PATH
	chmod 700 "$IQ_TEST"
	mkdir -p "$HOME" "$TMPDIR"
	[[ -z ${IQ_VALGRIND-} ]] || iq_valgrind
	cd "$IQ_TEST" || return
}

# Kills what the test left running and fails for it, because a test that
# leaves processes behind has not seen how they end.
iq_teardown() {
	local status=0
	cd / || return
	export -n IQ_TEST	# what looks for the others must not find itself
	if ! wait_until '[[ -z $(leftovers) ]]' 2>/dev/null; then
		echo "# left running:"
		ps -o pid,ppid,stat,args -p "$(leftovers | paste -sd,)"
		leftovers | xargs -r kill -KILL 2>/dev/null || :
		status=1
	fi
	if [[ ${IQ_VALGRIND-} ]] && cat "$IQ_TEST"/valgrind.* 2>/dev/null |
			grep .; then
		echo "# said valgrind"
		status=1
	fi
	[[ -z $theirs ]] || rm -r "$theirs"
	return $status
}

leftovers() {
	"$IQ_BUILD/tools/leftovers" "$IQ_TEST" || echo "(not known)"
}

# sqlite3 ARGUMENT ... - beside programs that write, for which it waits
sqlite3() {
	command sqlite3 -cmd '.timeout 20000' "$@"
}

# The columns, indexes and triggers that a database has, whatever the text
shape() {
	sqlite3 "$1" "SELECT type, name, tbl_name FROM sqlite_schema ORDER BY 2;
		SELECT m.name, p.* FROM sqlite_schema m,
			pragma_table_xinfo(m.name) p ORDER BY 1, 2;
		SELECT m.name, p.* FROM sqlite_schema m,
			pragma_index_xinfo(m.name) p ORDER BY 1, 2;"
}

# A queue of the oldest version
old_queue() {
	(umask 077 && sqlite3 queue.db \
		<"$IQ_SOURCE/t/fixtures/queue-1000.sql" >/dev/null)
}

# age DAYS [SQL] - what is in the history, or the part of it of which the SQL
# condition holds, becomes older by that; so does all of the telemetry
age() {
	sqlite3 queue.db "
		UPDATE history SET created_at = created_at - $1 * 86400000000000,
			started_at = started_at - $1 * 86400000000000,
			finished_at = finished_at - $1 * 86400000000000
			WHERE ${2-true};
		UPDATE metric SET minute = minute - $1 * 1440;
		UPDATE hist SET minute = minute - $1 * 1440;
		UPDATE sample SET at = at - $1 * 86400000000000;
		UPDATE average SET updated_at = updated_at - $1 * 86400000000000;
		UPDATE failure SET minute = minute - $1 * 1440"
}

# Whether the built programs are linked statically
iq_static() {
	ldd "$IQ_BUILD/iq" 2>&1 | grep -qE 'statically|not a dynamic'
}

# Programs in PATH run under valgrind; what it says is in valgrind.PID.
iq_valgrind() {
	local program
	if iq_static; then
		echo "valgrind sees too little of statically linked programs:" \
			"build with STATIC=0" >&2
		return 1
	fi
	mkdir -p "$IQ_TEST/bin"
	for program in "$IQ_BUILD"/iq "$IQ_BUILD"/iq-*; do
		[[ -x $program && ! -d $program ]] || continue
		cat >"$IQ_TEST/bin/${program##*/}" <<-END
		#!/bin/sh
		exec valgrind -q --leak-check=full --show-leak-kinds=definite \\
			--log-file="$IQ_TEST/valgrind.%p" "$program" "\$@"
		END
		chmod +x "$IQ_TEST/bin/${program##*/}"
	done
	PATH=$IQ_TEST/bin:$PATH
}

# wait_until CONDITION [SECONDS] - until the shell code CONDITION holds, at
# most 10 s; the only place of the tests that sleeps.
wait_until() {
	local seconds=${2:-10} end pause=20 interval
	[[ -z ${IQ_VALGRIND-} ]] || seconds=$((seconds * 10))
	end=$((${EPOCHREALTIME/./} + seconds * 1000000))
	until eval "$1"; do
		if ((${EPOCHREALTIME/./} > end)); then
			echo "not within $seconds s: $1" >&2
			return 1
		fi
		# others wait as well: who asks seldom leaves them the processor
		printf -v interval 0.%03d "$pause"
		sleep "$interval"
		((pause >= 160)) || ((pause *= 2))
	done
}

# hears_usr2 PID - it does not end that process, or not any more
hears_usr2() {
	local key mask
	while read -r key mask; do
		if [[ $key == Sig@(Blk|Cgt): ]] && ((0x$mask & 1 << 11)); then
			return
		fi
	done <"/proc/$1/status"
	return 1
}

# iq_python MODULE ARGUMENT ... - runs a Python that has this module
iq_python() {
	local module=$1 python
	shift
	for python in /usr/bin/python3 python3; do
		if "$python" -c "import $module" 2>/dev/null; then
			"$python" "$@"
			return
		fi
	done
	echo "no Python has $module" >&2
	return 69
}

# How often a process has slept
sleeps() {
	sed -n 's/^voluntary_ctxt_switches:[[:space:]]*//p' "/proc/$1/status"
}

# run_split COMMAND ... - as bats' run, with $output and $stderr apart
run_split() {
	run --separate-stderr -- "$@"
}

# script ARG ... - script(1), on whose terminal $keys are typed.  What it reads
# them from stays open: where that ends, it waits for two seconds.
script() {
	local fd status=0
	[[ -p $IQ_TEST/keys ]] || mkfifo "$IQ_TEST/keys"
	exec {fd}<>"$IQ_TEST/keys"
	printf %s "${keys-}" >&"$fd"
	command script "$@" <&"$fd" {fd}>&- || status=$?
	exec {fd}>&-
	return "$status"
}

# stats_say FILTER - iq-stats has it that it is true.  (What jq -e says of no
# input at all depends on its version.)
stats_say() {
	[[ $(iq-stats --json 2>/dev/null | jq "$1") == true ]]
}

# start NAME COMMAND ... - in the background: its output goes to NAME.out and
# NAME.err, its process id into $NAME_pid.
start() {
	local name=$1
	shift
	# else what an earlier one said may be read for a moment
	: >"$name.out"
	: >"$name.err"
	# <&0, or the shell gives what is in the background /dev/null
	"$@" <&0 >"$name.out" 2>"$name.err" 3>&- &
	printf -v "${name}_pid" %s $!
}

# stop NAME [SIGNAL] - ends what was started; its status is in $status
stop() {
	local pid=${1}_pid
	# in a process of its own: what one sends twice in a moment is one
	(kill -s "${2:-TERM}" "${!pid}")
	status=0
	wait "${!pid}" || status=$?
}

# make_holder NAME - a handler ./NAME that says "ID PATH" in NAME.started when
# it starts and lasts until release_holder NAME, which lets all of them end.
make_holder() {
	local -n gate=${1}_gate
	cat >"$1" <<-END
	#!/bin/sh
	echo "\$IQ_JOB_ID \$IQ_JOB_PATH" >>"$PWD/$1.started"
	exec flock -s "$PWD/$1.gate" true
	END
	chmod +x "$1"
	: >"$1.started"
	exec {gate}>"$1.gate"
	flock "$gate"
}

release_holder() {
	local gate=${1}_gate
	flock -u "${!gate}"
}

# as_user COMMAND ... - as somebody whom files can be kept from: root, who is
# not, is USER_ID meanwhile
USER_ID=65534
to_user=()
((EUID != 0)) ||
	to_user=(setpriv --reuid="$USER_ID" --regid="$USER_ID" --clear-groups)
as_user() {
	"${to_user[@]}" "$@"
}

# go_to_user FILE ... - what root may not be kept from is tried as_user, in a
# directory of his where these are, too (the build may be where he cannot look)
theirs=
go_to_user() {
	((EUID == 0)) || return 0
	theirs=$(mktemp -d /tmp/iq.XXXXXX)
	cp -r "$@" "$theirs"
	PATH=$theirs:$PATH
	chown -R "$USER_ID" "$theirs"
	cd "$theirs" || return
	export HOME=$theirs TMPDIR=$theirs IQ_QUEUE=$theirs/queue.db
}

# ---- what not every build and every system can ----

# needs_linux THEY - with the portable files too, which THEY; says so otherwise
needs_linux() {
	[[ ! -e $IQ_BUILD/lib/base/proc_posix.o ]] ||
		skip "with the portable files $1"
}

# needs_mounts - what is mounted by unshare -m is seen by nobody else
needs_mounts() {
	((EUID == 0)) || skip "only root may mount"
	unshare -m true 2>/dev/null ||
		skip "this system has no namespaces for mounts"
}

# on_small_disk KIB SCRIPT - runs the shell code in a file system of that size,
# mounted at ./disk, where it is the queue's directory; seen by nobody else,
# and gone with it.
on_small_disk() {
	needs_mounts
	mkdir -p disk
	IQ_QUEUE=$PWD/disk/queue.db run_split unshare -m bash -c '
		mount -t tmpfs -o "size=$1k,mode=700" none disk && cd disk &&
			eval "$2"' on_small_disk "$@"
}

# ---- assertions; each prints all three when it fails ----

iq_differs() {
	{
		echo "-- $1 --"
		echo "status: $status"
		echo "stdout: $output"
		echo "stderr: ${stderr-}"
		echo "wanted: $2"
		echo "--"
	} >&2
	return 1
}

assert_status() {
	((status == $1)) || iq_differs "the exit status differs" "$1"
}

assert_stdout() {
	[[ $output == "$1" ]] || iq_differs "stdout differs" "$1"
}

assert_stderr() {
	[[ $stderr == "$1" ]] || iq_differs "stderr differs" "$1"
}

# The pattern is a bash glob that must match all of it
assert_stdout_like() {
	# shellcheck disable=SC2053
	[[ $output == $1 ]] || iq_differs "stdout is not like that" "$1"
}

assert_stderr_like() {
	# shellcheck disable=SC2053
	[[ $stderr == $1 ]] || iq_differs "stderr is not like that" "$1"
}

# assert_ran STATUS STDOUT STDERR
assert_ran() {
	assert_status "$1" && assert_stdout "$2" && assert_stderr "$3"
}

# assert_json FILTER [VALUE] - the jq filter holds for $output, or gives VALUE
assert_json() {
	local got
	if (($# == 1)); then
		# jq 1.6 holds true what it was not asked about
		{ [[ $output ]] && jq -e "$1" <<<"$output" >/dev/null; } ||
			iq_differs "the JSON does not hold" "$1"
	else
		got=$(jq -r "$1" <<<"$output")
		[[ $got == "$2" ]] ||
			iq_differs "the JSON differs: $1 is $got" "$2"
	fi
}

# hours_ago N - what was recorded, and the queue, is so much older than it was
hours_ago() {
	sqlite3 "$IQ_QUEUE" "UPDATE metric SET minute = minute - 60 * $1;
		UPDATE failure SET minute = minute - 60 * $1;
		UPDATE sample SET at = at - 3600000000000 * $1;
		UPDATE queue SET created_at = created_at - 3600000000000 * $1"
}

# starve [OPTION ...] - a worker of these options whose slot is taken by type held,
# and a job of type late that has been ready for an hour; fed ends it
starve() {
	make_holder hold
	iq-enqueue -t held -p high /held
	start work iq-work -j1 "$@" -- ./hold
	wait_until '[[ -s hold.started ]]'
	iq-enqueue -t late -p batch /late
	sqlite3 "$IQ_QUEUE" 'UPDATE job SET eligible_at = eligible_at -
		3600000000000 WHERE id = (SELECT max(id) FROM job)'
}

fed() {
	release_holder hold
	stop work
}
