#!/usr/bin/env bats
# Processes that find the turn taken put their records in for each other:
# what each of them asked for happens once, whoever dies.

load lib

setup() {
	iq_setup
	needs_linux "each waits for a turn of its own"
	iq-db init
	exec {turn}<>"$IQ_QUEUE-lock"
	flock "$turn"
}

# how many have posted (1) or were taken (2): lib/store/mailbox.h
slots() {
	tail -c +67585 "$IQ_QUEUE-lock" | od -An -v -tu4 -w2048 |
		awk -v state="$1" '$1 % 8 == state { n++ } END { print n + 0 }'
}

# post NAME COMMAND ... - starts it, until it waits for somebody
post() {
	local before
	before=$(slots 1)
	start "$@"
	wait_until "((\$(slots 1) == $before + 1))"
}

go() {
	flock -u "$turn"
}

# ends NAME STATUS - it ends by itself, so
ends() {
	local pid=${1}_pid
	wait_until "! kill -0 ${!pid} 2>/dev/null"
	status=0
	wait "${!pid}" || status=$?
	((status == $2)) || fail "$1 ended with $status: $(cat "$1.err")"
}

# the program itself, also when strace runs it
program() {
	local pid=${1}_pid
	pgrep -P "${!pid}" || echo "${!pid}"
}

# lead_for NAME ... - the turn is free, and lead gets it: these are stopped
# until followers_go
lead_for() {
	followers=()
	for name; do
		followers+=("$(program "$name")")
	done
	kill -STOP "${followers[@]}"
	for pid in "${followers[@]}"; do
		wait_until "grep -q '^State:.*[Tt]' /proc/$pid/status"
	done
	go
}

followers_go() {
	kill -CONT "${followers[@]}"
}

# outlive_lead - two and three, whom it was to put in, end well when it is killed
outlive_lead() {
	lead_for two three
	ends lead 137
	followers_go
	ends two 0
	ends three 0
}

# hit CALL:WHAT COMMAND ... - calls fail, or kill, as strace(1) says it
hit() {
	exec strace -qq -o /dev/null -e "trace=${1%%:*}" -e "inject=$1" "${@:2}"
}

# events since the queue was made, each with who made which kind
events() {
	sqlite3 queue.db 'SELECT actor, kind FROM event WHERE seq > 1
		ORDER BY seq'
}

paths() {
	iq-list "$@" | jq -r .path | sort | paste -sd ' '
}

whole() {
	run_split iq-db check --text
	assert_status 0
}

@test "those that wait for the turn share a transaction and its sync" {
	post lead strace -o trace -e trace=fdatasync iq-enqueue -I --raw a
	post two strace -o trace.two -e trace=fdatasync iq-enqueue -I --raw b
	post three strace -o trace.three -e trace=fdatasync \
		iq-enqueue --raw --batch 1 --ack c
	go
	ends lead 0
	ends two 0
	ends three 0
	run cat three.out
	assert_output --partial '"enqueued":1,'
	run bash -c 'cat trace* | grep -c fdatasync'
	assert_output 1
	run paths
	assert_output "a b c"
	run bash -c 'sqlite3 queue.db "SELECT count(DISTINCT at), count(*)
		FROM event WHERE kind = 3"'
	assert_output "1|3"
	whole
}

@test "each gets what it asked for, and its own name in the log" {
	go
	iq-enqueue --raw old
	flock "$turn"
	post lead iq-enqueue -I --raw -t notes/work -p high --payload '{"a":[1]}' lead
	post skip iq-enqueue -I --raw old
	post allow iq-enqueue -I --raw --on-duplicate allow old
	post replace iq-enqueue -I --raw --on-duplicate replace -k old new
	post fail iq-enqueue -I --raw --on-duplicate fail old
	post late iq-enqueue -I --raw --delay 1h --group g late
	printf '/x\ny\xff\0/z' >names
	post bytes iq-enqueue -I -0 --max-attempts 7 <names
	go
	ends lead 0
	ends skip 0
	ends allow 0
	ends replace 0
	ends fail 65
	ends late 0
	ends bytes 0
	run cat skip.out replace.out fail.out
	assert_output $'1\n1\n-'
	run cat fail.err
	assert_output "iq-enqueue: record 1: job 1 has its key already"
	run_split iq-list
	output=$(jq -s . <<<"$output")
	assert_json "[.[] | select(.path == \"lead\")] | length == 1 and
		(.[0] | .type == \"notes/work\" and .priority == 2 and
		.payload == {a: [1]} and .id == $(<lead.out))"
	assert_json "[.[] | select(.path == \"old\")] | length == 1 and
		.[0].id == $(<allow.out)"
	assert_json '.[] | select(.id == 1) | .path == "new"'
	assert_json ".[] | select(.id == $(<late.out)) | .group == \"g\""
	mapfile -t ids <bytes.out
	((${#ids[@]} == 2 && ids[1] == ids[0] + 1))
	assert_json "[.[] | select(.id == ${ids[1]})] | .[0].path == \"/z\""
	run events
	for name in lead allow late bytes; do
		pid=${name}_pid
		assert_output --regexp "@[^ ]* ${!pid} iq-enqueue\|3"
	done
	whole
}

@test "a bound of the queue holds for all of them together" {
	for i in 1 2 3 4 5; do
		post "p$i" iq-enqueue --raw --max-queue 3 --on-full fail "p$i"
	done
	go
	full=0
	for i in 1 2 3 4 5; do
		pid=p${i}_pid
		wait_until "! kill -0 ${!pid} 2>/dev/null"
		status=0
		wait "${!pid}" || status=$?
		((status == 0 || status == 75))
		full=$((full + (status == 75)))
	done
	((full == 2))
	run bash -c 'iq-list | wc -l'
	assert_output 3
}

@test "IQ_SET_ of one process is not in force for another" {
	IQ_SET_MAX_QUEUE=1 start own iq-enqueue --raw a
	post lead iq-enqueue --raw b
	post more iq-enqueue --raw c
	go
	ends lead 0
	ends more 0
	wait_until '[[ $(paths) = *b*c* ]]'
	kill "$own_pid" 2>/dev/null || :
	wait "$own_pid" || :
}

@test "TERM while a stopped leader has its records: outcome unknown, 75" {
	post lead hit pwrite64:signal=SIGSTOP:when=1 -P "$IQ_QUEUE-wal" \
		iq-enqueue -I --raw a
	post two iq-enqueue -I --raw b
	lead_for two
	wait_until '(($(slots 2) == 2))'
	followers_go
	wait_until "grep -q '^State:.*[Tt]' /proc/$(program lead)/status"
	kill -TERM "$two_pid"
	ends two 75
	run cat two.err
	assert_output "iq-enqueue: wait for the process that puts it into $IQ_QUEUE: outcome unknown, repeat with the same key"
	kill -CONT "$(program lead)"
	ends lead 0
	run paths
	assert_output "a b"
	whole
}

@test "a leader that dies before its commit: the others do it themselves" {
	post lead strace -qq -o /dev/null -P "$IQ_QUEUE-wal" \
		-e inject=pwrite64:signal=SIGKILL:when=3 iq-enqueue -I --raw a
	post two iq-enqueue -I --raw --on-duplicate allow b
	post three iq-enqueue -I --raw --on-duplicate allow c
	outlive_lead
	run paths
	assert_output "b c"
	whole
}

@test "a leader that dies after its commit: nobody does it twice" {
	post lead hit fdatasync:signal=SIGKILL iq-enqueue -I --raw a
	post two strace -qq -o trace -e trace=fdatasync \
		iq-enqueue -I --raw --on-duplicate allow b
	post three iq-enqueue -I --raw --on-duplicate allow c
	outlive_lead
	run paths
	assert_output "a b c"
	run bash -c 'sort two.out three.out'
	assert_output "$(iq-list | jq 'select(.path != "a") | .id')"
	# what it did not live to sync
	run grep -c fdatasync trace
	assert_output 1
	whole
}

@test "a leader that dies while it tells the others" {
	post lead hit futex:signal=SIGKILL:when=1 iq-enqueue -I --raw a
	post two iq-enqueue -I --raw --on-duplicate allow b
	post three iq-enqueue -I --raw --on-duplicate allow c
	outlive_lead
	run paths
	assert_output "a b c"
	whole
}

@test "a leader that is stopped after its commit holds nobody up" {
	post lead hit fdatasync:signal=SIGSTOP iq-enqueue -I --raw a
	post two iq-enqueue -I --raw --on-duplicate allow b
	lead_for two
	wait_until '(($(slots 2) == 2))'
	followers_go
	ends two 0
	run_split timeout 10 iq-enqueue -I --raw c
	assert_status 0
	run paths
	assert_output "a b c"
	pkill -CONT -P "$lead_pid"
	ends lead 0
	whole
}

@test "a leader whose sync fails: each of the others does its own" {
	post lead hit fdatasync:error=EIO iq-enqueue -I --raw a
	post two strace -qq -o trace -e trace=fdatasync iq-enqueue -I --raw b
	post three hit fdatasync:error=EIO iq-enqueue -I --raw c
	lead_for two three
	ends lead 74
	followers_go
	ends two 0
	ends three 74
	run cat lead.out two.out three.out
	assert_output $'-\n2\n-' || assert_output $'-\n1\n-' ||
		assert_output $'-\n3\n-'
	run grep -c fdatasync trace
	assert_output 1
	whole
}

@test "a leader with a full disk: the others try themselves" {
	post lead strace -qq -o /dev/null -P "$IQ_QUEUE-wal" \
		-e inject=pwrite64:error=ENOSPC iq-enqueue -I --raw a
	post two iq-enqueue -I --raw b
	post three iq-enqueue -I --raw c
	lead_for two three
	ends lead 74
	followers_go
	ends two 0
	ends three 0
	run cat lead.err
	assert_output --partial "nothing was half done"
	run paths
	assert_output "b c"
	whole
}

@test "what a process posted that died is not done, neither now nor later" {
	post lead iq-enqueue -I --raw a
	post dead iq-enqueue -I --raw b
	kill -KILL "$dead_pid"
	wait "$dead_pid" || :
	# one of them may be given its place
	start more iq-enqueue -I --raw c
	start most iq-enqueue -I --raw d
	wait_until "((\$(slots 1) >= 3))"
	go
	ends lead 0
	ends more 0
	ends most 0
	run paths
	assert_output "a c d"
	run slots 1
	assert_output 0
}

@test "when the one that waits at the door dies, another goes there" {
	post lead iq-enqueue -I --raw a
	post more iq-enqueue -I --raw b
	kill -KILL "$lead_pid"
	wait "$lead_pid" || :
	go
	ends more 0
	run paths
	assert_output "b"
}

@test "when the one that waits at the door is stopped, others go past it" {
	post lead iq-enqueue -I --raw a
	kill -STOP "$lead_pid"
	post more iq-enqueue -I --raw b
	go
	ends more 0
	run paths
	assert_output "a b"
	kill -CONT "$lead_pid"
	ends lead 0
	run paths
	assert_output "a b"
}

@test "rubbish in the mailbox harms nobody" {
	post lead iq-enqueue -I --raw a
	post more iq-enqueue -I --raw b
	for i in {0..63}; do
		head -c 1800 /dev/urandom | dd of="$IQ_QUEUE-lock" bs=1 conv=notrunc \
			oflag=seek_bytes seek=$((67584 + 2048 * i + 240)) status=none
	done
	go
	ends lead 0
	ends more 0
	run paths
	assert_output "a b"
	whole
}

@test "another version's mailbox is left alone, and each waits for a turn" {
	post lead iq-enqueue -I --raw a
	printf 'iq mailbox 0' | dd of="$IQ_QUEUE-lock" bs=1 conv=notrunc \
		oflag=seek_bytes seek=65536 status=none
	start more iq-enqueue -I --raw b
	go
	ends lead 0
	ends more 0
	run paths
	assert_output "a b"
}

has_no_mailbox() {
	run grep -c mailbox "$IQ_QUEUE-lock"
	assert_output 0
}

@test "where the sidecar cannot grow each waits for a turn" {
	start lead hit fallocate:error=ENOSPC iq-enqueue -I --raw a
	start more hit fallocate:error=ENOSPC iq-enqueue -I --raw b
	go
	ends lead 0
	ends more 0
	run paths
	assert_output "a b"
	has_no_mailbox
}

@test "a queue without contention has no mailbox" {
	go
	iq-enqueue --raw a
	seq 100 | iq-enqueue --raw --batch 1
	has_no_mailbox
}

@test "of 32 writers under 200 kills nothing acknowledged is lost, nothing twice" {
	go
	mkdir crowd
	cd crowd || return
	run_split "$IQ_BUILD/chaos/crowd" --writers 32 --kills 200
	assert_status 0
	assert_stdout_like 'crowd: *: 0 lost, none twice'
}
