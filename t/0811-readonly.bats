#!/usr/bin/env bats
# A queue that can be read and not written: by its owner, who is an
# unprivileged user when the tests run as root.

load lib

setup() {
	iq_setup
	# A place that the user can reach, with programs that he can run
	place=$(mktemp -d /tmp/iq-readonly.XXXXXX)
	export HOME=$place TMPDIR=$place IQ_QUEUE=$place/own/queue.db
	mkdir "$place"/{bin,own,to}
	cp "$IQ_BUILD"/iq-* "$place/bin"
	chmod 700 "$place"/{own,to}
	chmod 755 "$place" "$place/bin"
	((EUID != 0)) || chown -R "$USER_ID" "$place"
	PATH=$place/bin:$PATH
	cd "$place" || return
	as_user iq-enqueue -t notes --raw first second
	as_user iq-work -n1 -- true
}

teardown() {
	local status=0
	iq_teardown || status=$?
	chmod -R u+w "$place"
	rm -rf "$place"
	return $status
}

# Everything that reads does so, and leaves no file.
assert_readable() {
	local before
	before=$(ls -A own)
	run_split as_user iq-list
	assert_status 0
	assert_json '[.id, .path] | tojson' '[2,"second"]'
	run_split as_user iq-list --why 2
	assert_status 0
	run_split as_user iq-stats
	assert_json '.depth | [.ready, .succeeded] | tojson' '[1,1]'
	run_split as_user iq-tune get grace
	assert_ran 0 10s ""
	run_split as_user iq-ctl wait 1
	assert_status 0
	run_split as_user iq-db info
	assert_json .jobs 1
	run_split as_user iq-db check --text
	assert_ran 0 "$IQ_QUEUE: ok" ""
	run_split as_user iq-db backup to/copy.db
	assert_ran 0 "" ""
	run_split as_user iq-list -q to/copy.db
	assert_json .id 2
	run ls -A own
	assert_output "$before"
}

# Everything that writes is refused, with this message.
assert_unwritable() {
	local line words
	for line in "iq-enqueue --raw x" "iq-work -- true" "iq-ctl cancel 2" \
		"iq-tune set grace=1s" "iq-db init"; do
		read -ra words <<<"$line"
		run_split as_user "${words[@]}"
		assert_ran 77 "" "${words[0]}: change $IQ_QUEUE: $1"
	done
}

# The log goes back into the file, and away.
without_log() {
	as_user sqlite3 own/queue.db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
	rm -f own/queue.db-*
}

@test "a file that may not be written" {
	chmod a-w own/*
	assert_readable
	assert_unwritable "it may not be written; chmod 600 it"
}

@test "a directory that may not be written" {
	chmod a-w own
	assert_readable
	assert_unwritable "its directory may not be written; chmod 700 that"
}

@test "neither of them" {
	chmod -R a-w own
	assert_readable
}

@test "without a log and its index, as a backup is" {
	without_log
	chmod -R a-w own
	assert_readable
	mv own '?immutable=0&#%41'
	IQ_QUEUE=$place/'?immutable=0&#%41/queue.db'
	run_split as_user iq-list
	assert_json .id 2
}

@test "a log without its index cannot be read there" {
	rm own/queue.db-shm
	chmod -R a-w own
	local line
	for line in iq-list iq-stats "iq-db check" "iq-db backup copy.db"; do
		# shellcheck disable=SC2086
		run_split as_user $line
		assert_status 77
		assert_stdout ""
		assert_stderr_like "${line%% *}: read $IQ_QUEUE: nothing can be\
 written where it is, and its log * has no index; copy both *"
	done
	cp -r own copy
	chmod -R u+w copy
	((EUID != 0)) || chown -R "$USER_ID" copy
	run_split as_user iq-list -q copy/queue.db
	assert_json .id 2
}

@test "who only reads makes no sidecar" {
	rm own/queue.db-lock
	run_split as_user iq-list
	assert_json .id 2
	run_split as_user iq-db check --text
	assert_ran 0 "$IQ_QUEUE: ok" ""
	assert_file_not_exists own/queue.db-lock
}
