#!/usr/bin/env bats
# iq-db backup, compact, restore: the copy that one of them leaves when it is
# killed goes with the next.

load lib

setup() {
	iq_setup
	seq 2000 | iq-enqueue --raw
	iq-db backup good.db
}

# killed CALL:WHEN VERB [FILE] - at such a call
killed() {
	run_split strace -f -qq -o /dev/null -e "trace=${1%%:*}" \
		-e "inject=${1%%:*}:signal=KILL:when=${1#*:}" iq-db "${@:2}"
	assert_status 137
}

copies() {
	find . -name 'iq-copy-*' | sort
}

uuid() {
	iq-db info | jq -r .uuid
}

@test "each of them takes away what each of them has left" {
	local dead next
	for dead in "pwrite64:9 backup other.db" "pwrite64:9 compact" \
		"pwrite64:9 restore good.db" "unlinkat:1 restore good.db"; do
		for next in "backup other.db" compact "restore good.db"; do
			# shellcheck disable=SC2086
			killed $dead
			[[ $(copies) ]] || iq_differs "nothing left" "$dead"
			# shellcheck disable=SC2086
			run_split iq-db $next
			assert_status 0
			assert_equal "$(copies)" ""
		done
	done
	run_split iq-db check --text
	assert_ran 0 "$IQ_TEST/queue.db: ok" ""
}

@test "what is in use stays, and so does what may be something else" {
	local name stay id
	id=$(uuid)
	killed pwrite64:9 backup other.db
	stay="./iq-copy-$id
./iq-copy-$id.abcdef.db
./iq-copy-$id.direct
./iq-copy-$id.linked
./iq-copy-$id.sym.ic
./iq-copy-$id.symlnk
./iq-copy-${id//[0-9]/a}.abcdef"
	touch linked "iq-copy-$id" "iq-copy-$id".{abcdef.db,sym.ic} \
		"iq-copy-${id//[0-9]/a}.abcdef"
	mkdir "iq-copy-$id.direct"
	ln linked "iq-copy-$id.linked"
	ln -s linked "iq-copy-$id.symlnk"
	iq-db compact
	assert_equal "$(copies)" "$stay"
	start backup strace -f -qq -o trace -e trace=pwrite64 \
		-e inject=pwrite64:signal=STOP:when=9 iq-db backup other.db
	# (not in ps: each call that is traced stops it for a moment)
	wait_until 'grep -q "stopped by SIGSTOP" trace'
	name=$(copies | grep -vxF "$stay" | head -n 1)
	iq-db compact
	assert_file_exists "$name"
	pkill -CONT -P "$backup_pid"
	wait "$backup_pid"
	assert_equal "$(copies)" "$stay"
	run_split iq-db check --text -q other.db
	assert_ran 0 "$IQ_TEST/other.db: ok" ""
}
