#!/usr/bin/env bats
# Completion files are made from the programs' own tables.

load lib

setup() {
	iq_setup
	mkdir programs dir sub
	touch 'file one'
	cp "$IQ_BUILD/unit/opt" programs/iq-sample
	cp "$IQ_BUILD/iq" programs/iq
	cat >programs/iq-stats <<-'END'
	#!/bin/sh
	echo '{"depth":{"ready":1},"types":[{"type":"mail"},{"type":"notes/work"}]}'
	END
	chmod +x programs/iq-stats
	PATH=$IQ_TEST/programs:$PATH
}

generate() {
	"$IQ_SOURCE/share/completion/generate" "$1" "$IQ_TEST/$1" \
		programs/iq programs/iq-sample
}

# complete_bash WORD ... - what bash offers for the last word, sorted
complete_bash() {
	generate bash
	bash --norc -c '
		. "$1"
		shift
		compopt() { :; }
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_iq
		printf "%s\n" "${COMPREPLY[@]}" | sort
	' bash bash/iq-sample "$@"
}

@test "bash: long options" {
	run_split complete_bash iq-sample --m
	assert_ran 0 "--max-workers" ""
}

@test "bash: all options, but no aliases and none of a later version" {
	run_split complete_bash iq-sample -
	assert_status 0
	assert_stdout_like '*--on-full*'
	refute_output --partial --jobs
	refute_output --partial --future
	refute_output --partial dump
}

@test "bash: values of an option, after a blank and after =" {
	run_split complete_bash iq-sample --on-full ''
	assert_ran 0 $'block\ndrop\nfail' ""
	run_split complete_bash iq-sample --on-full = b
	assert_ran 0 block ""
	run_split complete_bash iq-sample --on-full =
	assert_ran 0 $'block\ndrop\nfail' ""
}

@test "bash: an optional value only after =" {
	run_split complete_bash iq-sample --drain = ''
	assert_ran 0 all ""
	run_split complete_bash iq-sample --drain ''
	assert_ran 0 $'add\nlist\nrm' ""
}

@test "bash: types that the queue knows" {
	run_split complete_bash iq-sample -t n
	assert_ran 0 notes/work ""
}

@test "bash: directories where an option wants one" {
	run_split complete_bash iq-sample -o d
	assert_ran 0 dir ""
}

@test "bash: verbs as the first operand only" {
	run_split complete_bash iq-sample -j 4 l
	assert_ran 0 list ""
	run_split complete_bash iq-sample list l
	assert_ran 0 "" ""
	run_split complete_bash iq-sample -- l
	assert_ran 0 "" ""
}

@test "bash: what may follow a verb" {
	run_split complete_bash iq-sample add -j 4 ''
	assert_ran 0 $'one\ntwo' ""
	run_split complete_bash iq sample add t
	assert_ran 0 two ""
	run_split complete_bash iq help ha
	assert_ran 0 handler ""
}

@test "the words of settings, reasons and fields are offered" {
	run_split iq-tune --iq-dump-options
	assert_stdout_like $'*\nafter\tset\t*max_workers*'
	run_split iq-list --iq-dump-options
	assert_stdout_like $'*reason\tneeded\tR\t*parse_error*sort\tneeded\tFIELD\tid type *'
	run_split iq-ctl --iq-dump-options
	assert_stdout_like $'*after\tpriority\tcritical *'
}

@test "bash: iq COMMAND, and then what the command takes" {
	run_split complete_bash iq v
	assert_ran 0 version ""
	run_split complete_bash iq -q f sample --on-full = f
	assert_ran 0 fail ""
	run_split complete_bash iq sample r
	assert_ran 0 rm ""
	run_split complete_bash iq help v
	assert_ran 0 version ""
}

# Shells that are not everybody's are tested where they are.
@test "fish: options, values and verbs" {
	generate fish
	if command -v fish >/dev/null; then
		run_split fish --no-config -c '
			source fish/iq-sample.fish; source fish/iq.fish
			complete -C "iq-sample --max"
			complete -C "iq-sample --on-full "
			complete -C "iq-sample -t m"
			complete -C "iq-sample l" | string match "list*"
			complete -C "iq sample --on-full d"
			complete -C "iq-sample add tw"
			complete -C "iq sample add on"
			complete -C "iq help ha"'
		assert_status 0
		assert_line --partial --max-workers
		assert_line --partial $'block\t'
		assert_line --partial $'mail\t'
		assert_line list
		assert_line --partial $'drop\t'
		assert_line two
		assert_line one
		assert_line handler
	fi
}

@test "zsh: options, values and verbs" {
	generate zsh
	if command -v zsh >/dev/null; then
		run_split complete_zsh 'iq-sample --on-full '
		assert_ran 0 $'block\ndrop\nfail' ""
		run_split complete_zsh 'iq-sample --drain='
		assert_ran 0 all ""
		run_split complete_zsh 'iq-sample --max'
		assert_ran 0 --max-workers ""
		run_split complete_zsh 'iq-sample -t n'
		assert_ran 0 notes/work ""
		run_split complete_zsh 'iq sample r'
		assert_ran 0 rm ""
		run_split complete_zsh 'iq-sample add t'
		assert_ran 0 two ""
		run_split complete_zsh 'iq sample add t'
		assert_ran 0 two ""
		run_split complete_zsh 'iq help ha'
		assert_ran 0 handler ""
	fi
}

complete_zsh() {
	zsh -f "$IQ_SOURCE/t/complete.zsh" zsh "$1" | sort -u
}
