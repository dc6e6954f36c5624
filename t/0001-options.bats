#!/usr/bin/env bats
# The options that all programs parse in the same way, seen through
# iq-sample, which has every kind of option (t/unit/opt.c tests what the parser
# gives to the program).

load lib

setup() {
	iq_setup
	ln -s "$IQ_BUILD/unit/opt" iq-sample
}

@test "--help goes to stdout, in 80 columns, and exits 0" {
	run_split ./iq-sample --help
	assert_ran 0 "\
usage: iq-sample [-vJ] [-j N] [-t TYPE] [PATH ...]
       iq-sample --wait D

shows every kind of option

verbs: add list rm

  -j, --max-workers, --jobs N  how many jobs at once, which needs a line of
                               help that is long enough to be wrapped
  -t, --type TYPE              type of the jobs
  -v, --verbose                say more
  -J, --json-lines             records are [JSON]: 'objects'
  -o, --output DIR             where results go
      --on-full HOW            what a full queue means
      --drain[=all]            end when nothing is left
      --wait D                 at most this long
  -q, --queue FILE             the queue (default: \$IQ_QUEUE, or the user's
                               own)
  -h, --help                   print this
  -V, --version                print the version" ""
}

@test "-h is --help, and wins over what follows" {
	run_split ./iq-sample -h --nonsense
	assert_status 0
	assert_stdout_like 'usage: iq-sample *'
}

@test "-V and --version name the program and the version" {
	run_split ./iq-sample -V
	assert_ran 0 "iq-sample (iq) $(<"$IQ_SOURCE/VERSION")" ""
	run_split ./iq-sample --version
	assert_ran 0 "iq-sample (iq) $(<"$IQ_SOURCE/VERSION")" ""
}

@test "an option that is nearly right is named" {
	run_split ./iq-sample --verbsoe=3
	assert_ran 64 "" "iq-sample: unknown option --verbsoe; did you mean\
 --verbose?
try 'iq-sample --help'"
	run_split iq-work --drian
	assert_ran 64 "" "iq-work: unknown option --drian; did you mean --drain?
try 'iq-work --help'"
	run_split iq-list --jsn
	assert_ran 64 "" "iq-list: unknown option --jsn; did you mean --json?
try 'iq-list --help'"
}

@test "an unknown option is 64 and points to --help" {
	run_split ./iq-sample --foo=bar
	assert_ran 64 "" "iq-sample: unknown option --foo
try 'iq-sample --help'"
	run_split ./iq-sample -vx
	assert_ran 64 "" "iq-sample: unknown option -x in '-vx'; an operand that\
 begins with a dash comes after --
try 'iq-sample --help'"
}

@test "what is said of an option is not said of a word that begins like it" {
	run_split iq-enqueue -d
	assert_ran 64 "" "iq-enqueue: unknown option -d: say -0 for what is\
 NUL-separated
try 'iq-enqueue --help'"
	run_split iq-enqueue -dash
	assert_ran 64 "" "iq-enqueue: unknown option -d in '-dash'; an operand\
 that begins with a dash comes after --
try 'iq-enqueue --help'"
	run_split iq-scan -print0
	assert_ran 64 "" "iq-scan: unknown option -print0: say -0
try 'iq-scan --help'"
}

@test "a file whose name begins with - is to come after --" {
	: >-xfile
	run_split ./iq-sample -xfile
	assert_ran 64 "" "iq-sample: unknown option -x; '-xfile' is a file: write\
 it after --
try 'iq-sample --help'"
	: >--foo
	run_split ./iq-sample list --foo
	assert_ran 64 "" "iq-sample: unknown option --foo; '--foo' is a file:\
 write it after --
try 'iq-sample --help'"
}

@test "a long option is not abbreviated" {
	run_split ./iq-sample --max 3
	assert_ran 64 "" "iq-sample: unknown option --max
try 'iq-sample --help'"
}

@test "an option of a later version is refused" {
	run_split ./iq-sample --future
	assert_ran 64 "" "iq-sample: --future: not in this version
try 'iq-sample --help'"
}

@test "a missing value is named" {
	run_split ./iq-sample -j
	assert_ran 64 "" "iq-sample: -j needs N
try 'iq-sample --help'"
	run_split ./iq-sample --type
	assert_ran 64 "" "iq-sample: --type needs TYPE
try 'iq-sample --help'"
}

@test "a value for an option without one is refused" {
	run_split ./iq-sample --verbose=yes
	assert_ran 64 "" "iq-sample: --verbose takes no value
try 'iq-sample --help'"
}

@test "numbers out of range name the option and the range" {
	run_split ./iq-sample -j 65
	assert_status 64
	assert_stdout ""
	assert_stderr_like 'iq-sample: --max-workers*65*1*64*'
	run_split ./iq-sample --wait 2z
	assert_status 64
	assert_stdout ""
	assert_stderr_like 'iq-sample: --wait*2z*'
}

@test "numbers in range arrive" {
	run_split ./iq-sample -j64 --wait=1m30s
	assert_ran 0 $'workers 64\nwait 90000000000' ""
}

@test "a message is one line without control characters" {
	run_split ./iq-sample $'a\nb\e[31m\xe2\x80\xae\xff'
	assert_ran 1 "" 'iq-sample: operand a\nb\x1b[31m\u202e\xff'
}

@test "an empty queue name is refused" {
	run_split ./iq-sample -q ''
	assert_ran 64 "" "iq-sample: --queue: empty file name
try 'iq-sample --help'"
}

@test "output that cannot be written is 74" {
	run_split sh -c './iq-sample --help >/dev/full'
	assert_ran 74 "" \
		"iq-sample: writing standard output: No space left on device"
}

@test "a reader that had enough ends it quietly" {
	run_split bash -c 'trap "" PIPE
		{ ./iq-sample --help; echo $? >status; } | true'
	assert_ran 0 "" ""
	assert_equal "$(<status)" 0
}

@test "descriptors that were closed do not become files" {
	run_split sh -c './iq-sample -j 1 <&-'
	assert_ran 0 "workers 1" ""
	run_split sh -c './iq-sample --foo 2>&-'
	assert_ran 64 "" ""
}

@test "a report to a closed stdout is 74" {
	iq-enqueue a
	run_split bash -c 'iq-list --json >&-'
	assert_status 74
}

@test "who reads a terminal says so, and how to end it" {
	local command
	export PATH=$IQ_BUILD:$PATH
	iq-enqueue --raw a
	while IFS='|' read -r command what; do
		keys=$'\004' script -qec "$command 2>err" /dev/null >/dev/null ||
			:
		run cat err
		assert_line --index 0 \
			"${command%% *}: reading $what from the terminal; ^D ends"
	done <<-'END'
	iq-enqueue|paths, one a line,
	iq-enqueue -0|paths, each ended by NUL,
	iq-enqueue -J|JSON objects, one a line,
	iq-debounce|paths, one a line,
	iq-ctl retry|ids, one a line,
	iq-tune import|settings as JSON
	iq-log --verify -|an export or anchors
	END
	run_split iq-enqueue </dev/null
	assert_ran 0 "" ""
}
