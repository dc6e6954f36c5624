#!/usr/bin/env bats
# iq-watch: how it goes, in the queue.

load lib
load watch

setup() {
	iq_setup
	mkdir r
}

# watch_is FILTER - of what iq-stats knows of watches
watch_is() {
	stats_say ".watch | $1"
}

@test "how it goes is in iq-stats, as long as it runs" {
	iq-db init >/dev/null
	watch_is '.healthy == null and .pending_files == null and
		.processes == []'
	iq-tune set -t notes/work path="$PWD/r" debounce=1h >/dev/null
	watching -t notes/work -n 7
	wait_until 'watch_is .healthy'
	watch_is '.source == "inotifywait" and .coverage == "'"$(told_of)"'" and
		.pending_files == 0 and .debounce_seconds == 3600 and
		.batch_threshold == 7'
	watch_is '.processes[0] | .pid == '"$w_pid"' and .alive and
		.type == "notes/work" and .reason == null and
		.directories == [{"path": "'"$PWD/r"'"}]'
	echo 1 >r/a
	heard_of_it
	wait_until 'watch_is ".pending_files == 1"'
	run_split iq-stats --text
	assert_stdout_like '*watch      1 process  inotifywait  coverage '"$(told_of)"'  pending 1*'
	run_split iq-stats -t notes
	assert_json '.watch.processes | length' 1
	iq-enqueue -t mail --raw x
	run_split iq-stats -t mail
	assert_json '.watch.healthy' null
	stop w
	watch_is '.processes == []'
}

@test "two at once: the worst of both" {
	mkdir r2
	start two iq-watch --source scan --settle 0 --name two r2
	watching r
	wait_until 'watch_is "(.processes | length) == 2 and .healthy"'
	watch_is '.coverage == "none" and .source == null and
		.debounce_seconds == 0.5'
	stop w
	watch_is '.coverage == "none" and .source == "scan"'
	stop two
}

@test "what cannot be read is told, and nothing that anybody must mend" {
	mkdir r/shut
	go_to_user r "$IQ_BUILD/iq-watch"
	chmod 0 r/shut
	start w "${to_user[@]}" iq-watch r
	wait_until 'watch_is ".healthy and .processes[0].reason == \
		\"some of it cannot be read\""' 20
	run_split iq-stats --health
	assert_status 0
	assert_stdout_like "IQ OK - *; what is watched: some of it cannot be read | *"
	run_split iq-stats --text
	assert_stdout_like "*  coverage *: some of it cannot be read  *"
	stop w
	chmod 700 r/shut
}

# mounted_as TYPE - r, as far as statfs(2) says (in hex, its low byte first)
mounted_as() {
	rm -f status
	ASAN_OPTIONS=detect_leaks=0 start w strace -D -f -qq -o /dev/null \
		-P "$PWD/r" -e trace=fstatfs \
		-e inject=fstatfs:retval=0:poke_exit=@arg2="$1"00000000 \
		iq-watch --status-fd 9 --rescan 20s --fallback-interval 200ms \
		r 9>status
	wait_until 'status_is .healthy' 20
}

@test "what others change on a network file system is told by nobody" {
	needs_list
	# NFS
	mounted_as 69690000
	status_is '.coverage == "unverified" and .source == "inotifywait"'
	# in 2 s, then
	# shellcheck disable=SC2016
	wait_until 'kill -USR2 "$w_pid"
		tail -n 1 w.err | grep -q "\"scans\":[2-9]"'
	stop w
}

@test "nor what the others do that share a disk" {
	local type
	needs_list
	# Lustre, GPFS, OCFS2, GFS2, and the folders of VirtualBox
	for type in d00bd00b 53465047 6f636174 70191601 56426f78; do
		mounted_as "$type"
		status_is '.coverage == "unverified"'
		stop w
	done
}
