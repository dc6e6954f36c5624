#!/usr/bin/env bats
# The helpers of the other tests, and the runner that counts them.

load lib

# nested TEXT - bats with a file of these lines, as a user would run it
nested() {
	printf '%s\n' "load '$IQ_SOURCE/t/lib.bash'" "$1" >nested.bats
	run env -u BATS_TEST_TIMEOUT bats --formatter tap nested.bats
}

@test "a test that leaves a process behind fails, and the process ends" {
	nested '@test "leaves" { setsid sleep 987 3>&- >/dev/null 2>&1 & }'
	assert_failure
	assert_line --partial 'not ok 1 leaves'
	assert_line --partial 'sleep 987'
	wait_until '! pgrep -fx "sleep 987" >/dev/null'
}

@test "a process that forgot its environment is found by where it is" {
	nested '@test "leaves" { env -i sleep 986 3>&- >/dev/null 2>&1 & }'
	assert_failure
	assert_line --partial 'sleep 986'
	wait_until '! pgrep -fx "sleep 986" >/dev/null'
}

@test "a test has a private home, queue and temporary directory" {
	[[ $HOME = "$IQ_TEST"/* && $IQ_QUEUE = "$IQ_TEST"/* ]]
	[[ $TMPDIR = "$IQ_TEST"/* && $PWD = "$IQ_TEST" ]]
	assert_equal "$(stat -c %a "$IQ_TEST")" 700
}

@test "wait_until gives up and says what did not come" {
	run_split wait_until false 0
	assert_ran 1 "" "not within 0 s: false"
}

@test "a holder starts, waits, and ends when it is let go" {
	make_holder hold
	start first env IQ_JOB_ID=1 IQ_JOB_PATH=/a ./hold
	wait_until 'grep -qx "1 /a" hold.started'
	kill -0 "$first_pid"
	release_holder hold
	wait "$first_pid"
	run_split env IQ_JOB_ID=2 IQ_JOB_PATH=/b ./hold
	assert_status 0
}

# valgrind can run neither what has a sanitizer in it nor, sensibly, what is
# linked statically: DIR/iq is iq with shared libraries.
link_shared() {
	mkdir -p "$1"
	ln -s "$IQ_BUILD/tools" "$1/tools"
	# shellcheck disable=SC2046
	cc -pie -o "$1/iq" "$IQ_BUILD/cmd/iq.o" "$IQ_BUILD/libcmd.a" \
		"$IQ_BUILD/libiq.a" $(pkg-config --libs sqlite3 libbsd libmd \
		jansson) -lm
}

@test "programs run under valgrind when asked" {
	if ! grep -qsa __asan_init "$IQ_BUILD/iq"; then
		link_shared shared
		IQ_BUILD=$PWD/shared IQ_VALGRIND=1 nested '@test "one" {
			[[ $(command -v iq) = "$IQ_TEST/bin/iq" ]]
			run_split iq --version
			assert_status 0
		}'
		assert_success
	fi
}

@test "statically linked programs are refused to valgrind" {
	if iq_static; then
		IQ_VALGRIND=1 nested '@test "one" { true; }'
		assert_failure
		assert_output --partial "build with STATIC=0"
	fi
}

# A copy of the runner above a tree with one test of each kind
make_tree() {
	mkdir -p tree/t/unit tree/t/lint tree/share tree/build/unit
	cp "$IQ_SOURCE/t/run" tree/t/run
	printf '#!/bin/sh\n' | tee tree/share/setup tree/t/lint/run \
		tree/make >/dev/null
	printf '#!/bin/sh\necho "ok - a"; echo 1..1\n' >tree/build/unit/a
	: >tree/t/unit/a.c
	printf '@test "b" { true; }\n' >tree/t/0001-b.bats
	chmod +x tree/share/setup tree/t/lint/run tree/make tree/build/unit/a
}

run_tree() {
	run env MAKE="$PWD/tree/make" IQ_BUILD="$PWD/tree/build" \
		tree/t/run "$@"
	end_clocks
}

# end_clocks - bats does not always end the clock of a test that was shorter
# than its start
end_clocks() {
	local pid
	for pid in $(pgrep -f "bats-exec-test .*$PWD/tree/t/"); do
		pkill -KILL -P "$pid" || :
		kill -KILL "$pid" 2>/dev/null || :
	done
}

@test "the runner counts, and the last line is the count" {
	make_tree
	run_tree
	assert_success
	# set-up and build are one each
	assert_line -n -1 "4 passed, 0 failed"
}

@test "the runner tells failures and exits 1" {
	make_tree
	printf '#!/bin/sh\necho "not ok - a"\nexit 1\n' >tree/build/unit/a
	printf '@test "c" { false; }\n@test "d" { skip; }\n' \
		>>tree/t/0001-b.bats
	run_tree
	assert_failure 1
	assert_line -n -1 "3 passed, 2 failed, 1 skipped"
	assert_line "FAILED unit a: a"
	assert_line "FAILED bats: c"
}

@test "a unit test that crashes is a failure" {
	make_tree
	printf '#!/bin/sh\necho "ok - a"\nkill -SEGV $$\n' >tree/build/unit/a
	run_tree
	assert_failure 1
	assert_line -n -1 "4 passed, 1 failed"
}

@test "a unit test that ends before its plan is a failure" {
	make_tree
	printf '#!/bin/sh\necho "ok - a"\n' >tree/build/unit/a
	run_tree
	assert_failure 1
	assert_line "FAILED unit a: no tests planned, 1 ran"
}

@test "a bats file that cannot be read is a failure" {
	make_tree
	printf '@test "c" {\n' >tree/t/0002-c.bats
	run_tree
	assert_failure 1
	assert_line -n -1 --regexp '^[0-9]+ passed, [1-9][0-9]* failed$'
}

@test "a build that fails is a failure, and nothing else runs" {
	make_tree
	printf '#!/bin/sh\nexit 2\n' >tree/make
	run_tree
	assert_failure 1
	assert_line -n -1 "1 passed, 1 failed"
}

@test "the runner runs what matches a pattern" {
	make_tree
	printf '@test "c" { true; }\n' >tree/t/0002-c.bats
	run_tree 0002
	assert_line -n -1 "3 passed, 0 failed"
}
