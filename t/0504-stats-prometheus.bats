#!/usr/bin/env bats
# iq-stats --prometheus: what a Prometheus parser reads in it.

load lib

setup() {
	iq_setup
	PATH=$IQ_BUILD/chaos:$PATH
}

# metrics [ARGUMENT ...] - as lines "NAME LABEL=VALUE ... VALUE", labels sorted
# and the queue's left out; what breaks the format fails
metrics() {
	iq-stats --prometheus "$@" >metrics
	iq_python prometheus_client - metrics <<-'END' >parsed
	import sys
	from prometheus_client.parser import text_string_to_metric_families

	names = set()
	with open(sys.argv[1], encoding="utf-8") as f:
	    text = f.read()
	assert text.endswith("\n")
	for family in text_string_to_metric_families(text):
	    assert family.name not in names, family.name + " twice"
	    names.add(family.name)
	    assert family.documentation, family.name + " has no help"
	    assert family.type in ("gauge", "counter", "histogram"), family.type
	    assert family.name.startswith("iq_")
	    series = set()
	    for s in family.samples:
	        labels = dict(s.labels)
	        assert "queue" in labels
	        del labels["queue"]
	        key = s.name, tuple(sorted(labels.items()))
	        assert key not in series, key
	        series.add(key)
	        assert (family.type == "counter") == s.name.endswith("_total")
	        print(s.name, *(f"{k}={v}" for k, v in key[1]), f"{s.value:.15g}")
	END
}

# is LINE ... - these are among them
is() {
	local line
	for line; do
		grep -qxF -- "$line" parsed || {
			grep -F "${line%% *}" parsed
			fail "no $line"
		}
	done
}

some_jobs() {
	head -c 1000 /dev/zero >file
	iq-enqueue -t notes file /b /c
	iq-enqueue -t mail --raw --delay 1h x
	iq-enqueue -t mail --raw --delay 1h x
	iq-tune set retry_base=1h
	iq-work -t notes -j1 --drain -- sh -c '
		case $1 in /b) exit 65 ;; /c) exit 75 ;; esac' sh 2>/dev/null || :
}

@test "the parser takes an empty queue, and one with all that there is" {
	iq-db init >/dev/null
	metrics
	is "iq_paused 0" "iq_slots 0" 'iq_workers state=dead 0'
	some_jobs
	iq-ctl pause -t mail >/dev/null
	metrics
	is "iq_jobs state=ready type=notes 0" \
		"iq_jobs state=quarantined type=notes 1" \
		"iq_jobs state=delayed type=mail 1" "iq_type_paused type=mail 1" \
		"iq_type_paused type=notes 0" "iq_breaker_open type=notes 0" \
		"iq_enqueued_total type=notes 3" \
		"iq_merged_total type=mail 1" "iq_started_total type=notes 3" \
		"iq_succeeded_total type=notes 1" "iq_failed_total type=notes 2" \
		"iq_retried_total type=notes 1" \
		"iq_quarantined_total type=notes 1" \
		"iq_duration_seconds_count type=notes 3" \
		"iq_target_bytes_per_second 5000000"
	grep -q "^iq_info version=$(<"$IQ_SOURCE/VERSION") 1\$" parsed
}

@test "what a parent pauses is paused" {
	iq-enqueue -t p/c --raw 1
	iq-ctl pause -t p >/dev/null
	metrics
	is "iq_type_paused type=p 1" "iq_type_paused type=p/c 1" "iq_paused 0"
}

@test "its numbers are those of the JSON" {
	some_jobs
	metrics
	iq-stats | jq -r '
		.types[] | .type as $t |
		(.depth | to_entries[] | select(.key | test("ready$|delayed|waiting|running|quarantined")) |
			"iq_jobs state=\(.key) type=\($t) \(.value)"),
		(.intake, (.outcomes | del(.success_percent)) | to_entries[] |
			"iq_\(.key)_total type=\($t) \(.value)"),
		(to_entries[] | select(.value | type == "object" and has("p50")) |
			"iq_\(.key)_count type=\($t) \(.value.count)")' >want
	(($(wc -l <want) == 40))
	mapfile -t lines <want
	is "${lines[@]}"
}

@test "histograms are cumulative, and their bounds are exact" {
	some_jobs
	iq-stats --prometheus >metrics
	iq_python prometheus_client - metrics <<-'END'
	import sys
	from prometheus_client.parser import text_string_to_metric_families

	with open(sys.argv[1], encoding="utf-8") as f:
	    families = list(text_string_to_metric_families(f.read()))
	for family in families:
	    if family.type != "histogram":
	        continue
	    last = {}
	    for s in family.samples:
	        t = s.labels["type"]
	        if s.name.endswith("_bucket"):
	            le = float(s.labels["le"])
	            bound, count = last.get(t, (-1, 0))
	            assert le > bound and s.value >= count, s
	            last[t] = le, s.value
	        elif s.name.endswith("_count"):
	            assert last[t] == (float("inf"), s.value), s
	assert sum(f.type == "histogram" for f in families) == 6
	END
	# values of 2^20 - 1, 2^20 and 2^20 + 1 ns
	sqlite3 queue.db "UPDATE metric SET buckets = NULL WHERE metric = 2;
		INSERT INTO hist VALUES(29000000, 1, 2, 511, 1),
		(29000000, 1, 2, 512, 2)"
	metrics
	is "iq_duration_seconds_bucket le=0.001048575 type=$(sqlite3 queue.db \
		'SELECT name FROM type WHERE id = 1') 1"
}

@test "counters are of all that was ever counted, and only rise" {
	past queue.db 100d old 20
	past queue.db 10d old 20
	past queue.db 5h old 20
	iq-enqueue -t old --raw a
	metrics
	is "iq_enqueued_total type=old 41" "iq_merged_total type=old 20" \
		"iq_cancelled_total type=old 30"
	# rolled up, and the oldest forgotten
	iq-enqueue -t new --raw {1..40}
	iq-work -t new -j1 --drain -- true
	wait_until '[[ $(sqlite3 queue.db "SELECT count(*) FROM metric
		WHERE minute >= 10000000 AND minute < $(date +%s) / 60 - 200") = 0 ]] ||
		{ iq-enqueue -t new --raw x; iq-work -t new -n2 --drain -- true; false; }'
	(($(sqlite3 queue.db 'SELECT count(*) FROM metric WHERE minute < 100000
		AND minute > 0') > 0))
	metrics
	is "iq_enqueued_total type=old 41" "iq_merged_total type=old 20" \
		"iq_cancelled_total type=old 30"
	output=$(iq-stats --since -365d -t old)
	assert_json .intake.enqueued 21
}

@test "-t selects, and names are escaped" {
	iq-enqueue -q $'a"b\\c\nd\xff.db' -t a/b --raw 1
	iq-enqueue -q $'a"b\\c\nd\xff.db' -t c --raw 1
	metrics -q $'a"b\\c\nd\xff.db' -t a
	is "iq_enqueued_total type=a/b 1"
	run grep -q type=c parsed
	assert_failure
	grep -qF 'queue="'"$PWD"'/a\"b\\c\nd\ufffd.db"' <(sed 's/\xef\xbf\xbd/\\ufffd/' metrics)
	run_split iq-stats --prometheus -t nothing -q $'a"b\\c\nd\xff.db'
	assert_status 66
	assert_stderr "iq-stats: report on nothing: no such type"
}

# What --health says of the same moment: its status, and the worst of each cause
agrees() {
	metrics || :
	mapfile -t lines < <(iq-stats --health --json | jq -r '
		"iq_health_status \(.exit)", (.problems | group_by(.cause)[] |
		"iq_health cause=\(.[0].cause) \([.[].level | {WARNING: 1,
			CRITICAL: 2, UNKNOWN: 3}[.]] | max)")')
	is "${lines[@]}"
	(($(grep -c '^iq_health cause=.* [1-3]$' parsed) == ${#lines[@]} - 1))
}

@test "what --health finds is a gauge, each cause of the manual" {
	iq-db init >/dev/null
	agrees
	is "iq_up 1" "iq_health_status 0"
	sed -n '/^The causes are/,/^\.El/s/^\.It Cm //p' \
		"$IQ_SOURCE/man/iq-stats.1" | sort >causes
	(($(wc -l <causes) > 12))
	run diff causes <(sed -n 's/^iq_health cause=\(.*\) 0$/\1/p' parsed | sort)
	assert_output ""
	past queue.db 6m notes 1
	past queue.db 20m mail 1
	iq-tune set max_queue=1
	agrees
	is "iq_health cause=stalled 2" "iq_health cause=full 1" \
		"iq_health_status 2"
}

@test "stalled is what --health says: pauses of a parent, other busy types" {
	PATH=$IQ_BUILD/chaos:$PATH
	past queue.db 20m p/c 1
	iq-ctl pause -t p >/dev/null
	agrees
	is "iq_health_status 0"
	make_holder hold
	iq-enqueue -t other --raw x
	start work iq-work -t other -j1 -- ./hold
	wait_until '[[ -s hold.started ]]'
	iq-ctl resume -t p >/dev/null
	agrees
	is "iq_health cause=stalled 2" "iq_slots_in_use 1"
	release_holder hold
	stop work
}

@test "who is starved" {
	starve
	agrees
	is "iq_health cause=starved 1" "iq_type_starved type=late 1" \
		"iq_type_starved type=held 0"
	fed
}

@test "quarantine is of the last hour, not of all that was ever counted" {
	iq-enqueue --raw a
	iq-work -j1 --drain -- sh -c 'exit 65' 2>/dev/null || :
	agrees
	is "iq_health cause=quarantine 1"
	age 2
	agrees
	is "iq_health_status 0" "iq_quarantined_total type=default 1"
}

@test "a queue that cannot be read says so, and when" {
	local began
	began=$(date +%s)
	iq-enqueue --raw a b c
	metrics
	grep '^# TYPE iq_up' metrics
	tail -n 1 metrics | grep '^iq_sampled_timestamp_seconds{'
	sqlite3 queue.db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
	dd if=/dev/urandom of=queue.db bs=4096 seek=3 count=20 conv=notrunc \
		2>/dev/null
	agrees
	is "iq_up 0" "iq_health_status 2" "iq_health cause=damaged 2" \
		"iq_health cause=unknown 0"
	tail -n 1 metrics | grep -F 'iq_sampled_timestamp_seconds{queue="'"$PWD"'/queue.db"} '
	(($(sed -n 's/^iq_sampled_timestamp_seconds \([0-9]*\).*/\1/p' parsed) >= began))
	run_split iq-stats --prometheus
	assert_status 74
	assert_stderr_like "iq-stats: *"
	# nor can one that has gone, with its directory
	run_split iq-stats --prometheus -q /nowhere/q.db
	assert_status 66
	[[ $output = *'iq_up{queue="/nowhere/q.db"} 0'* ]]
	[[ $output = *'iq_health{queue="/nowhere/q.db",cause="unknown"} 3'* ]]
	run_split iq-stats --prometheus -q gone/q.db
	assert_status 66
	[[ $output = *"iq_up{queue=\"$PWD/gone/q.db\"} 0"* ]]
	run_split env -u IQ_QUEUE -u HOME iq-stats --prometheus
	assert_status 78
	[[ $output = *'iq_up{queue=""} 0'* ]]
}

@test "what does not go with it" {
	iq-db init >/dev/null
	for option in --since=-1h --json --text --health --failures; do
		run_split iq-stats --prometheus "$option"
		assert_status 64
		assert_stdout ""
	done
}

@test "the manual names each metric" {
	local name page
	page=$(mandoc -T ascii "$IQ_SOURCE/man/iq-stats.1" | LC_ALL=C sed 's/.\x08//g')
	some_jobs
	iq-stats --prometheus | awk '$2 == "TYPE" { print $3 }' >names
	(($(wc -l <names) > 30))
	while read -r name; do
		grep -qw "$name" <<<"$page" || fail "$name is not in iq-stats(1)"
	done <names
	# and no other
	grep -ow 'iq_[a-z][a-z_]*' <<<"$page" | sort -u >told
	run diff told <(sort names)
	assert_output ""
}

@test "watches: healthy, unwell, dead" {
	mkdir r
	start w iq-watch --source scan --settle 0 r
	wait_until 'stats_say .watch.healthy'
	metrics
	is "iq_watchers state=healthy 1" "iq_watchers state=unwell 0" \
		"iq_watchers state=dead 0" "iq_watch_pending_files 0"
	stop w KILL
	metrics
	is "iq_watchers state=healthy 0" "iq_watchers state=dead 1"
}
