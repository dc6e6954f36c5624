#!/usr/bin/env bats
# The front door.

load lib

setup() {
	iq_setup
	# An installation of its own, with two commands, and one only in PATH
	mkdir -p dist/bin elsewhere
	cp "$IQ_BUILD/iq" dist/bin/iq
	make_command dist/bin/iq-list
	make_command dist/bin/iq-enqueue
	make_command elsewhere/iq-extra
	PATH=$IQ_TEST/elsewhere:/usr/bin:/bin
}

make_command() {
	cat >"$1" <<-'END'
	#!/bin/sh
	echo "$0 ran with queue ${IQ_QUEUE##*/}:" "$@"
	exit 3
	END
	chmod +x "$1"
}

@test "iq alone lists the commands that are there, in their order" {
	run_split dist/bin/iq
	assert_ran 0 "\
  iq enqueue   put paths or records into the queue
  iq list      show jobs, and why one does not run

'iq help COMMAND' shows a command's manual; 'iq help 7' is the tour,
'iq help handler' how to write a handler, and 'iq help file' what the queue is." ""
}

@test "iq help without a command lists them too" {
	run_split dist/bin/iq help
	assert_status 0
	assert_stdout_like '  iq enqueue *'
}

@test "iq COMMAND runs the command beside it, with its arguments and status" {
	run_split dist/bin/iq list -t 'a b' --
	assert_ran 3 "$PWD/dist/bin/iq-list ran with queue queue.db: -t a b --" ""
}

@test "iq finds its commands through a link" {
	ln -s ../dist/bin/iq elsewhere/iq
	run_split iq list
	assert_ran 3 "$PWD/dist/bin/iq-list ran with queue queue.db:" ""
}

@test "iq runs a command from PATH that is not beside it" {
	run_split dist/bin/iq extra 1
	assert_ran 3 "$PWD/elsewhere/iq-extra ran with queue queue.db: 1" ""
}

@test "iq -q FILE is the queue of the command" {
	run_split dist/bin/iq -q other.db list -q x
	assert_ran 3 "$PWD/dist/bin/iq-list ran with queue other.db: -q x" ""
}

@test "an unknown command is 64, with the nearest name" {
	run_split dist/bin/iq lits
	assert_ran 64 "" "iq: no command 'lits'; did you mean 'list'?"
	run_split dist/bin/iq nonsense
	assert_ran 64 "" "iq: no command 'nonsense'; 'iq' alone lists them"
}

@test "a path is not a command" {
	run_split dist/bin/iq ../bin/iq-list
	assert_status 64
	run_split dist/bin/iq ''
	assert_status 64
}

@test "iq version prints the version, and so does iq --version" {
	run_split dist/bin/iq version
	assert_ran 0 "iq $(<"$IQ_SOURCE/VERSION")" ""
	run_split dist/bin/iq --version
	assert_ran 0 "iq $(<"$IQ_SOURCE/VERSION")" ""
}

# man(1) that says what it was given
make_man() {
	printf '#!/bin/sh\necho "man: $1"\n' >elsewhere/man
	chmod +x elsewhere/man
}

@test "iq help COMMAND shows --help when there is no page" {
	run_split dist/bin/iq help list
	assert_ran 3 "$PWD/dist/bin/iq-list ran with queue queue.db: --help" \
		"iq: iq-list.1 is not installed; it is in man/ of the source"
	run_split dist/bin/iq help iq-list
	assert_status 3
	run_split dist/bin/iq help 7
	assert_ran 69 "" \
		"iq: iq.7 is not installed; it is in man/ of the source"
}

@test "iq help shows the page of the same installation" {
	local page
	mkdir -p dist/share/man/man{1,5,7} dist/man
	: >dist/man/iq-list.1
	make_man
	for page in "list iq-list.1" "enqueue iq-enqueue.1" "7 iq.7" "iq iq.1" \
		"file iq-file.5" "handler iq-handler.7"; do
		: >"dist/share/man/man${page: -1}/${page#* }"
		run_split dist/bin/iq help "${page% *}"
		assert_ran 0 "man: $PWD/dist/bin/../share/man/man${page: -1}/${page#* }" ""
	done
	rm dist/share/man/man7/iq.7
	: >dist/share/man/man7/iq.7.gz
	run_split dist/bin/iq help 7
	assert_ran 0 "man: $PWD/dist/bin/../share/man/man7/iq.7.gz" ""
}

@test "iq help of a build shows the page of its source" {
	mkdir dist/man
	: >dist/man/iq-list.1
	: >dist/man/iq.7
	make_man
	run_split dist/bin/iq help list
	assert_ran 0 "man: $PWD/dist/bin/../man/iq-list.1" ""
	run_split dist/bin/iq help 7
	assert_ran 0 "man: $PWD/dist/bin/../man/iq.7" ""
}

@test "iq help without man(1) says where the page is" {
	mkdir dist/man
	: >dist/man/iq-list.1
	: >dist/man/iq.7
	run_split env PATH="$PWD/elsewhere" dist/bin/iq help 7
	assert_ran 69 "" "iq: run man: No such file or directory; the page is\
 $PWD/dist/bin/../man/iq.7"
}

@test "iq help of an unknown command is 64" {
	run_split dist/bin/iq help lits
	assert_ran 64 "" "iq: no command 'lits'; did you mean 'list'?"
	run_split dist/bin/iq help handlr
	assert_ran 64 "" "iq: no command 'handlr'; did you mean 'handler'?"
	run_split dist/bin/iq help foo
	assert_ran 64 "" "iq: no command 'foo'; 'iq' alone lists them"
}

@test "a build that is not installed works" {
	run_split "$IQ_BUILD/iq" --iq-dump-options
	assert_status 0
	while read -r command; do
		[[ $command = help || $command = version ]] ||
			assert_file_executable "$IQ_BUILD/iq-$command"
	done < <(sed -n 's/^verb\t//p' <<<"$output")
}
