#!/usr/bin/env bats
# make install and uninstall.

load lib

setup() {
	iq_setup
	unset MAKEFLAGS MAKELEVEL MFLAGS
}

run_make() {
	run_split make -s -C "$IQ_SOURCE" "O=$IQ_BUILD" "DESTDIR=$IQ_TEST/root" \
		PREFIX=/usr "$@"
}

@test "an installation has programs, pages, completions and data" {
	local source name
	run_make install
	assert_status 0
	for source in "$IQ_SOURCE"/cmd/iq.c "$IQ_SOURCE"/cmd/iq-*.c; do
		name=$(basename "$source" .c)
		assert_file_executable "root/usr/bin/$name"
		assert_file_exist \
			"root/usr/share/bash-completion/completions/$name"
		assert_file_exist \
			"root/usr/share/fish/vendor_completions.d/$name.fish"
		assert_file_exist "root/usr/share/man/man1/$name.1"
	done
	assert_file_exist root/usr/share/zsh/site-functions/_iq
	assert_file_exist root/usr/share/iq/schema.sql
	run_split root/usr/bin/iq version
	assert_ran 0 "iq $(<"$IQ_SOURCE/VERSION")" ""
}

@test "uninstalling removes what was installed and nothing else" {
	mkdir -p root/usr/bin root/usr/share/iq root/usr/share/man/man1
	touch root/usr/bin/iq-other root/usr/share/iq/mine \
		root/usr/share/man/man1/iq-other.1
	run_make install
	assert_status 0
	run_make uninstall
	assert_status 0
	run bash -c "find root -type f | sort"
	assert_output "$(printf '%s\n' root/usr/bin/iq-other \
		root/usr/share/iq/mine root/usr/share/man/man1/iq-other.1)"
}

@test "uninstalling leaves no directory of ours" {
	run_make install
	run_make uninstall
	assert_not_exist root/usr/share/iq
}

@test "make says which script is missing" {
	mkdir tree
	cp "$IQ_SOURCE/Makefile" "$IQ_SOURCE/VERSION" tree
	mkdir -p tree/build
	run_split make -C tree -o all chaos
	assert_status 2
	assert_stderr_like 'make chaos: there is no t/chaos/run*'
}
