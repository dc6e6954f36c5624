#!/usr/bin/env bats
# share/setup on a machine that we make up: PATH has what we put there, and
# apt-get, sudo and id are ours.

load lib

setup() {
	iq_setup
	local tool
	SETUP=$IQ_SOURCE/share/setup
	OLD_PATH=$PATH
	mkdir machine
	for tool in sh cat env mv ln true cc make pkg-config sqlite3 jq \
		inotifywait; do
		ln -s "$(type -P "$tool")" "machine/$tool"
	done
	fake id 'echo "${FAKE_UID:-0}"'
	# What apt-get installs is there afterwards, unless the lists are old
	fake apt-get '
		echo "$@" >>apt.log
		for last; do :; done
		case " $* " in
		*" update "*) mv stale fresh ;;
		*" install "*)
			[ ! -e stale ] || exit 100
			[ -e broken ] || ln -s "$(PATH=$OLD_PATH
				command -v "$last")" machine/ ;;
		esac'
	export OLD_PATH
}

fake() {
	printf '#!/bin/sh\n%s\n' "$2" >"machine/$1"
	chmod +x "machine/$1"
}

run_setup() {
	run_split env "PATH=$IQ_TEST/machine" "$SETUP" "$@"
}

OPTIONS="-qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0"
INSTALL="install -y --no-install-recommends"

@test "setup does and says nothing when everything is there" {
	run_setup demo
	assert_ran 0 "" ""
	assert_not_exist apt.log
}

@test "setup says what it will install, and installs it as root" {
	rm machine/jq
	run_setup demo
	assert_ran 0 "" "\
setup: missing for 'demo': jq
setup: installing with apt-get: jq
setup: done"
	assert_equal "$(<apt.log)" "$OPTIONS $INSTALL jq"
}

@test "setup looks only at what the purpose needs" {
	rm machine/jq
	run_setup build
	assert_ran 0 "" ""
}

@test "setup calls a command by the name of its package" {
	rm machine/cc
	fake gcc :
	run_setup build
	assert_stderr_like '*installing with apt-get: gcc*'
}

@test "setup refreshes the package lists only when the first try fails" {
	rm machine/jq
	: >stale
	run_setup demo
	assert_ran 0 "" "\
setup: missing for 'demo': jq
setup: installing with apt-get: jq
setup: refreshing the package lists (apt-get update)
setup: done"
	assert_equal "$(<apt.log)" "$OPTIONS $INSTALL jq
$OPTIONS update
$OPTIONS $INSTALL jq"
}

@test "setup goes through sudo when it is not root" {
	rm machine/jq
	fake sudo '[ "$1" != -n ] || exit 0
		echo "$@" >>sudo.log; exec "$@"'
	FAKE_UID=1000 run_setup demo
	assert_status 0
	assert_stderr_like '*installing with sudo apt-get: jq*'
	assert_equal "$(<sudo.log)" \
		"env DEBIAN_FRONTEND=noninteractive apt-get $OPTIONS $INSTALL jq"
}

@test "setup without root and sudo is 69 with the command to run" {
	rm machine/jq machine/sqlite3
	FAKE_UID=1000 run_setup demo
	assert_ran 69 "" "\
setup: missing for 'demo': sqlite3 jq
setup: neither root nor sudo; as root, run:
apt-get update && apt-get $INSTALL sqlite3 jq"
	assert_not_exist apt.log
}

@test "setup is 69 when the installation brought nothing" {
	rm machine/jq
	: >broken
	run_setup demo
	assert_status 69
	assert_stderr_like '*still missing: command jq jq'
}

@test "setup on another system says what is needed" {
	rm machine/jq machine/apt-get
	run_setup demo
	assert_ran 69 "" "\
setup: missing for 'demo': jq
setup: this is not a Debian: install what Debian calls: jq"
}

@test "setup on another system goes on when the tools are there" {
	rm machine/apt-get
	run_setup demo
	assert_ran 0 "" ""
}

# A clang 15, with its runtime or without
fake_clang() {
	mkdir -p resources/lib/linux
	ln -s "$(type -P ls)" machine/ls
	fake clang 'case $1 in
		-dumpversion) echo 15.0.7 ;;
		-print-resource-dir) echo resources ;;
		esac'
}

@test "setup for the model brings spin, and looks for nothing else" {
	rm machine/jq
	run_setup model
	assert_stderr_like "setup: missing for 'model': spin
*installing with apt-get: spin*"
	assert_equal "$(<apt.log)" "$OPTIONS $INSTALL spin"
}

@test "setup for fuzzing is content with a clang that has its runtime" {
	fake_clang
	: >resources/lib/linux/libclang_rt.fuzzer-x86_64.a
	run_setup fuzz
	assert_ran 0 "" ""
}

@test "setup for fuzzing brings the runtime of the clang that is there" {
	fake_clang
	fake apt-get 'echo "$@" >>apt.log
		: >resources/lib/linux/libclang_rt.fuzzer-x86_64.a'
	run_setup fuzz
	assert_ran 0 "" "\
setup: missing for 'fuzz': libFuzzer
setup: installing with apt-get: libclang-rt-15-dev
setup: done"
	assert_equal "$(<apt.log)" "$OPTIONS $INSTALL libclang-rt-15-dev"
}

@test "setup for fuzzing asks for the runtime of the clang that would come" {
	ln -s "$(type -P sed)" machine/
	fake apt-cache 'printf "clang\n  Depends: clang-16\n  Breaks: x\n"'
	FAKE_UID=1000 run_setup fuzz
	assert_status 69
	assert_stderr_like "*install -y --no-install-recommends clang \
libclang-rt-16-dev"
}

@test "setup for an unknown purpose is 64" {
	run_setup tea
	assert_ran 64 "" "usage: share/setup [build|demo|check|model|fuzz|bench]"
}
