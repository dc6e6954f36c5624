#!/usr/bin/env bats
# iq-stats: what it says of settings that do not do what they say.

load lib

setup() {
	iq_setup
	iq-db init >/dev/null
}

# warnings [ARGUMENT ...] - one a line
warnings() {
	run_split iq-stats --json "$@"
	assert_status 0
	assert_stderr ""
	output=$(jq -r '.settings_warnings[]' <<<"$output")
}

@test "no setting, a profile, and sound settings: nothing is wrong" {
	warnings
	assert_stdout ""
	iq-tune set retry_base=5m retry_max=5m workers=2 lease=1s
	iq-tune set -t notes profile=obsidian_vault max_workers=2
	iq-tune set -t notes/work max_workers=2 rate_limit=60/1m max_queue=5
	iq-tune set -t mail max_workers=7 handler='["/bin/cat","{}"]' \
		batch_files=9
	warnings --since -90d
	assert_stdout ""
}

@test "one above what bounds it, where it was set" {
	iq-tune set -t a retry_base=10m debounce=2m batch_files=100 \
		max_queue=10
	iq-tune set -t a/b retry_base=5m
	warnings
	assert_stdout "\
batch_files 100 of a is above max_queue 10: no more jobs than that wait to be \
taken together; raise max_queue, or lower batch_files
retry_base 10m of a is above retry_max 5m: each delay is cut to that; raise \
retry_max, or lower retry_base
debounce 2m of a is above max_delay 1m: iq-watch takes a file after that time, \
also while it changes; raise max_delay, or lower debounce"
}

@test "once, also where the higher one is what was set, or both were" {
	iq-tune set retry_max=10s
	warnings
	assert_stdout "retry_base 30s is above retry_max 10s: each delay is cut to \
that; raise retry_max, or lower retry_base"
	iq-tune set retry_base=20s
	iq-stats | jq -e '.settings_warnings | length == 1'
	iq-tune set retry_strategy=immediate
	warnings
	assert_stdout ""
}

@test "a bound above that of a parent" {
	iq-tune set -t a max_workers=2 max_queue=100 rate_limit=60/1m
	iq-tune set -t a/b/c max_workers=3 max_queue=0 rate_limit=5/1s
	warnings
	assert_stdout "max_workers 3 of a/b/c is above 2 of a, which holds for all \
types below it: raise that, or lower this"
	# as fast, and more at once than the parent lets through
	iq-tune set -t a/b/c max_workers=1 rate_limit=600/1m max_queue=101
	warnings
	assert_stdout "max_queue 101 of a/b/c is above 100 of a, which holds for all \
types below it: raise that, or lower this
rate_limit 600/1m of a/b/c is above 60/1m of a, which holds for all types below \
it: raise that, or lower this"
}

@test "a cap above the slots of those who serve the type" {
	iq-tune set -t a/b max_workers=4
	iq-tune set -t other max_workers=4
	make_holder hold
	iq-enqueue -t a/b --raw x
	start work iq-work -j3 -t a -- ./hold
	wait_until '[[ -s hold.started ]]'
	warnings
	assert_stdout "max_workers 4 of a/b is not reached: the workers that serve \
it have 3 slots; give iq-work a larger -j, or start another"
	iq-tune set -t a/b max_workers=3
	warnings
	assert_stdout ""
	release_holder hold
	stop work
}

@test "what the handler or the strategy makes useless" {
	iq-tune set handler='["/bin/cp","{}","/x/{id}"]'
	iq-tune set -t a batch_files=5
	iq-tune set -t b retry_strategy=none max_attempts=4
	iq-tune set -t c retry_strategy=none max_attempts=1
	iq-tune set -t c/d transient_max_attempts=5
	warnings
	assert_stdout "\
batch_files 5 of a does nothing with its handler, an argument of which holds \
what is said of one job: make it {} alone, or take batch_files back
max_attempts 4 of b does nothing with retry_strategy none, which tries nothing \
again: take one of them back
transient_max_attempts 5 of c/d does nothing with retry_strategy none, which \
tries nothing again: take one of them back"
}

@test "telemetry that is off, and a history larger than the disk" {
	iq-tune set telemetry=off retention_bytes=900000G
	warnings
	assert_stdout_like "\
telemetry off: of what ends now neither times nor sizes are recorded, nor the \
depth each minute; set telemetry=on to see them
retention_bytes 900000G is more than the disk has, *: it bounds nothing; lower it"
}

@test "a window longer than what is kept" {
	iq-tune set telemetry_retention=2d
	warnings --since -3d
	assert_stdout ""
	sqlite3 queue.db 'UPDATE queue SET created_at = 1000000000000000000'
	warnings --since -3d
	assert_stdout "telemetry_retention 2d is shorter than what --since asks for: \
what is older is not known; raise it to know that later"
	warnings --since -1d
	assert_stdout ""
}

@test "what is set for this process alone is not judged" {
	IQ_SET_RETRY_MAX=1s warnings
	assert_stdout ""
	iq-tune set -t a retry_base=10m
	IQ_SET_RETRY_MAX=1s warnings
	assert_stdout ""
}

@test "with a type, of that, its parents and its children" {
	iq-tune set -t a retry_base=10m
	iq-tune set -t a/b retry_base=11m
	iq-tune set -t a/b/c retry_base=12m
	iq-tune set -t b retry_base=13m
	iq-tune set retry_base=14m
	warnings -t a/b
	assert_equal "$(cut -d' ' -f2 <<<"$output" | sort | xargs)" \
		"10m 11m 12m 14m"
	run_split iq-stats --text
	assert_status 0
}

@test "text says how many there are, and nothing where there is none" {
	COLUMNS=80 LINES=24 run_split iq-stats --text
	assert_status 0
	refute_line --regexp '^settings'
	iq-tune set retry_max=10s
	COLUMNS=80 LINES=24 run_split iq-stats --text
	assert_stdout_like "*
settings   1 warning: iq-stats --json | jq .settings_warnings
*"
	iq-tune set -t a retry_base=10m debounce=2m
	local i
	for i in {1..30}; do
		iq-enqueue -t "a/number$i" --raw x
	done
	COLUMNS=80 LINES=24 run_split iq-stats --text -t a
	assert_stdout_like "*
settings   3 warnings: iq-stats -t a --json | jq .settings_warnings
*"
	(($(wc -l <<<"$output") <= 23))
	COLUMNS=60 LINES=24 run_split iq-stats --text
	assert_stdout_like "*
settings   3 warnings: see --json
*"
	(($(wc -l <<<"$output") <= 23))
}
