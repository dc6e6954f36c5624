#!/usr/bin/env bats
# How an attempt is judged by what its handler exits with, and each reason that
# there is.

load lib

# judged - each as path, exit, outcome, state and reason, by its path
judged() {
	jq -rs 'sort_by(.path | tonumber)[] |
		[.path, .exit, .outcome, .state, .reason] | join(" ")'
}

@test "each exit status has its class, its state and its reason" {
	IQ_SET_BREAKER=0 IQ_SET_RETRY_BASE=1h
	export IQ_SET_BREAKER IQ_SET_RETRY_BASE
	cat >wanted <<-'END'
	0 0 success succeeded succeeded
	1 1 unknown pending unknown
	2 2 unknown pending unknown
	63 63 unknown pending unknown
	64 64 permanent quarantined connector_error
	65 65 permanent quarantined parse_error
	66 66 permanent quarantined connector_error
	67 67 unknown pending unknown
	68 68 transient pending transient
	69 69 transient pending dependency_failure
	70 70 unknown pending unknown
	71 71 transient pending transient
	72 72 unknown pending unknown
	73 73 unknown pending unknown
	74 74 transient pending transient
	75 75 transient pending transient
	76 76 permanent quarantined connector_error
	77 77 permanent quarantined permission_denied
	78 78 permanent quarantined connector_error
	79 79 unknown pending unknown
	125 125 unknown pending unknown
	126 126 permanent quarantined permission_denied
	127 127 permanent quarantined connector_error
	128 128 unknown pending unknown
	137 137 transient pending resource_exhausted
	143 143 unknown pending unknown
	255 255 unknown pending unknown
	END
	cut -d' ' -f1 wanted | iq-enqueue --raw
	run_split iq-work -n "$(wc -l <wanted)" --json -- sh -c 'exit "$1"' sh
	assert_status 1
	run judged <<<"$output"
	assert_output "$(<wanted)"
	# the same of a co-process
	cut -d' ' -f1 wanted | iq-enqueue --raw -t co
	run_split iq-work -c -t co -n "$(wc -l <wanted)" --json -- sh -c \
		'while read -r n; do echo "$n"; done'
	assert_status 1
	run judged <<<"$output"
	assert_output "$(<wanted)"
}

# ends_as REASON ARG ... - of the only job of a new queue; iq-work ARG ...
ends_as() {
	rm -f "$IQ_QUEUE" "$IQ_QUEUE"-*
	iq-enqueue --max-attempts 2 --raw job
	run iq-work -j1 "${@:2}"
	is "$1"
}

# is REASON [ID] - the reason that the job has by now
is() {
	run_split iq-list --json "${2-1}"
	assert_json .reason "$1"
	seen+=("$1")
}

@test "there is no reason that nothing leads to" {
	local seen=()
	export IQ_SET_RETRY_STRATEGY=immediate
	ends_as succeeded -n1 -- true
	ends_as connector_error -n1 -- sh -c 'exit 64'
	ends_as parse_error -n1 -- sh -c 'exit 65'
	ends_as permission_denied -n1 -- sh -c 'exit 77'
	ends_as dependency_failure -n1 -- sh -c 'exit 69'
	ends_as resource_exhausted -n1 -- sh -c 'exit 137'
	ends_as rate_limited -n1 -- sh -c \
		'echo "{\"retry_after_seconds\":9}" >&3; exit 1'
	ends_as snoozed -n1 -- sh -c 'echo "{\"outcome\":\"snooze\"}" >&3; exit 1'
	ends_as timeout -n1 --timeout 50ms -- sh -c 'exec sleep 60'
	ends_as transient -n1 -- sh -c 'exit 75'
	ends_as unknown -n1 -- false
	ends_as max_attempts --drain -- false
	iq-ctl discard 1 >/dev/null
	is discarded
	IQ_SET_CRASH_LIMIT=1 ends_as unknown -n1 -- false
	# its keeper dies with it
	run iq-work -n1 -- sh -c 'kill -KILL "$PPID"'
	IQ_SET_CRASH_LIMIT=1 run iq-work --drain -- true
	is crash
	IQ_SET_RETRY_BASE=1h IQ_SET_RETRY_STRATEGY=fixed \
		ends_as unknown -n1 -- false
	iq-enqueue --raw job
	is superseded
	iq-ctl cancel 2 >/dev/null
	is operator 2
	rm -f "$IQ_QUEUE" "$IQ_QUEUE"-*
	iq-enqueue --raw job
	make_holder hold
	start work iq-work -n1 --json -- ./hold
	wait_until '[[ -s hold.started ]]'
	iq-ctl release 1 >/dev/null
	wait "$work_pid" || :
	assert_equal "$(jq -r .reason work.out)" released
	seen+=(released)
	# as the library has them
	assert_equal "$(printf '%s\n' "${seen[@]}" | sort -u)" \
		"$(sed -n '/^reason_name/,/^}/d
			/NULL, "succeeded"/,/};/{
				s/[^a-z_]\{1,\}/\n/g
				p
			}' "$IQ_SOURCE/lib/rules/state.c" | grep -E '^[a-z_]+$' |
			sort -u)"
}
