#!/usr/bin/env bats
# A queue of which only the log is left: its file was emptied, or has gone.

load lib

setup() {
	iq_setup
	iq-enqueue --raw a b
	iq-db backup good.db
	iq-enqueue --raw c
}

readers_and_writers=("iq-db check" "iq-db info" "iq-list" "iq-enqueue --raw x"
	"iq-work --drain -- true" "iq-tune set grace=1s")

# refused STATUS WHY - by all of them, and the log is as it was
refused() {
	local line words log
	log=$(sha256sum queue.db-wal)
	for line in "${readers_and_writers[@]}"; do
		read -ra words <<<"$line"
		run_split "${words[@]}"
		assert_ran "$1" "" "${words[0]}: use $IQ_QUEUE: $2"
		assert_equal "$(sha256sum queue.db-wal)" "$log"
	done
}

# What came in since the backup is in what was kept.
restored() {
	run_split iq-db restore --json good.db
	assert_status 0
	assert_equal "$(iq-list | jq -r .path)" "a
b"
}

@test "a queue that was emptied is damaged, and can be restored" {
	: >queue.db
	refused 74 "it is damaged: somebody has emptied it, but not its log\
 $IQ_QUEUE-wal; restore a backup with iq-db restore FILE, and see Damage in\
 iq-db(1)"
	run_split iq-db init
	assert_status 74
	local log
	log=$(sha256sum <queue.db-wal)
	restored
	assert_equal "$(sha256sum <"$(jq -r .kept <<<"$output")-wal")" "$log"
}

@test "a queue that has gone is not made anew in silence" {
	mv queue.db away.db
	refused 66 "the queue has gone, but its log $IQ_QUEUE-wal is there; put\
 it back, or restore a backup with iq-db restore FILE, or make a new one with:\
 iq-db init -q $IQ_QUEUE"
	assert_not_exist queue.db
	mv away.db queue.db
	assert_equal "$(iq-list | jq -r .path)" "a
b
c"
}

@test "a queue that has gone can be restored, or made anew with init" {
	rm queue.db
	restored
	rm queue.db
	run_split iq-db init --text
	assert_ran 0 "made $IQ_QUEUE" ""
	run_split iq-list
	assert_ran 0 "" ""
}
