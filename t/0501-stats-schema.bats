#!/usr/bin/env bats
# The JSON of iq-stats is what share/iq-stats.schema.json says, member for
# member, as another program's validator has it.

load lib

setup() {
	iq_setup
	SCHEMA=$IQ_SOURCE/share/iq-stats.schema.json
}

# take [ARGUMENT ...] - one more report; the last one is in report
take() {
	iq-stats --json "$@" >report
	cat report >>reports
}

# conform - all that were taken: a validator is slow to start
conform() {
	run iq_python jsonschema "$IQ_SOURCE/t/schema.py" "$SCHEMA" <reports
	assert_success
	assert_output ""
}

@test "a queue that is empty, and one that does not know much" {
	iq-db init >/dev/null
	take
	take --by host
	take --failures
	take --since now
	conform
}

@test "a queue with something of everything" {
	make_holder hold
	echo some >file
	iq-enqueue -t notes file other
	iq-enqueue -t notes/more --raw --delay 1h a
	iq-enqueue -t mail --raw x y z
	iq-tune set -t mail breaker=1 rate_limit=100/1s
	iq-work -t mail -j1 --drain -- sh -c \
		'echo >&2 bad; case $1 in x) exit 65 ;; y) exit 75 ;; esac' sh \
		2>/dev/null || :
	iq-tune set -t notes max_queue=1 profile=obsidian_vault
	iq-tune set 'workers=3' 'handler=/bin/true'
	iq-ctl pause -t mail --reason why --for 1h >/dev/null
	start work iq-work -t notes -- ./hold
	wait_until '[[ -s hold.started ]]'
	take
	take -t mail
	assert_equal "$(jq -r '.types[].breaker_state' report)" open
	take --by host
	take --failures
	conform
	release_holder hold
	stop work
}

@test "a path that is not UTF-8, of the queue and in an error" {
	iq-enqueue -q $'q\xff.db' --raw a
	iq-work -q $'q\xff.db' -n 1 -- sh -c 'printf "%b" "a\\0377\n" >&2; exit 65' \
		2>/dev/null || :
	take -q $'q\xff.db'
	take -q $'q\xff.db' --failures
	conform
	output=$(<report)
	assert_json '.failures[0].error_base64' Yf8=
}

@test "the validator sees what is wrong" {
	iq-db init >/dev/null
	local change n=0
	for change in '.depth.ready = -1' '.schema = 2' 'del(.workers)' \
		'.other = 1' '.depth.other = 1' '.sampled_at = "now"' \
		'.duration_seconds.p50 = "1"' '.hosts = []' \
		'.settings.x = {}' '.system.cpu_percent = 101'; do
		iq-stats | jq -c "$change"
		n=$((n + 1))
	done >reports
	run iq_python jsonschema "$IQ_SOURCE/t/schema.py" "$SCHEMA" <reports
	assert_failure
	assert_equal "$(cut -d' ' -f1 <<<"$output" | sort -un | paste -sd' ')" \
		"$(seq "$n" | paste -sd' ')"
}

@test "the manual names each member of the schema" {
	local name page
	page=$(mandoc -T ascii "$IQ_SOURCE/man/iq-stats.1" | LC_ALL=C sed 's/.\x08//g')
	# what is null in this version
	jq -r 'del(."$defs".tokens, ."$defs".token) | .. | objects | select(has("properties")).properties | keys[]' \
		"$SCHEMA" | sort -u | while read -r name; do
		[[ $name = *_base64 ]] || grep -qw "$name" <<<"$page" ||
			fail "$name is not in iq-stats(1)"
	done
}

@test "watches that live and that died, of a path that is not UTF-8" {
	mkdir r $'q\xff'
	start w iq-watch -t notes r
	wait_until 'stats_say .watch.healthy' 20
	start more iq-watch --source scan $'q\xff'
	wait_until '[[ $(jq ".watch.processes | length" <(iq-stats)) = 2 ]]'
	stop more KILL
	take
	conform
	assert_equal "$(jq -r '.watch.processes[1].directories[0].path_base64' \
		report | base64 -d)" "$PWD/"$'q\xff'
	stop w
}
