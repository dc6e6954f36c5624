#!/usr/bin/env bats
# The small part of t/fuzz: each target over its seeds and 20,000 mutants of
# them, the same ones each time.  `make fuzz` is the large part.

load lib

# mutants TARGET
mutants() {
	local seeds=$IQ_SOURCE/t/fuzz/seeds/$1 count=20000 n
	[[ -z ${IQ_VALGRIND-} ]] || count=200
	n=$(find "$seeds" -type f | wc -l)
	run_split "$IQ_BUILD/fuzz/$1" -n "$count" "$seeds"
	assert_ran 0 "$1: $((n + count)) inputs" ""
}

@test "fuzz: answers of handlers mean the same however they are split" {
	mutants answer
}

@test "fuzz: base64 has one text for each run of bytes" {
	mutants base64
}

@test "fuzz: commands are an absolute program or refused" {
	mutants command
}

@test "fuzz: moves of events are read as they were said" {
	mutants event
}

@test "fuzz: exported lines of the audit log" {
	mutants export
}

@test "fuzz: streams are cut as by a reader who sees all" {
	mutants framing
}

@test "fuzz: lines that name a job" {
	mutants job_ref
}

@test "fuzz: durations, sizes, times and numbers read back" {
	mutants num
}

@test "fuzz: paths are made absolute and plain" {
	mutants path
}

@test "fuzz: payloads are kept as written" {
	mutants payload
}

@test "fuzz: JSON records are written as they were read" {
	mutants record
}

@test "fuzz: every setting reads or refuses every text" {
	mutants setting
}

@test "fuzz: settings in a file read back" {
	mutants settings_file
}

@test "fuzz: a terminal is shown only what it may see" {
	mutants text
}

@test "fuzz: names of types follow their grammar" {
	mutants type
}

@test "fuzz: what watchers print is taken or doubted" {
	mutants watch_record
}

@test "fuzz: every target is run here" {
	local source name
	for source in "$IQ_SOURCE"/t/fuzz/*.c; do
		name=$(basename "$source" .c)
		grep -q "mutants $name\$" "$BATS_TEST_FILENAME" ||
			fail "no test runs $name"
	done
}

# A target that does not bear an X
fragile() {
	cat >fragile.c <<-'END'
	#include <stdint.h>
	#include <stdlib.h>
	#include <string.h>
	int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
	{
		if (n > 0 && memchr(p, 'X', n))
			abort();
		return 0;
	}
	END
	cc -std=c11 -D_GNU_SOURCE -o fragile fragile.c \
		"$IQ_SOURCE/t/fuzz/lib/driver.c"
	mkdir -p found
}

@test "fuzz: a finding is kept, and is found again" {
	fragile
	printf Y >seed
	run_split ./fragile -o found seed
	assert_status 134
	assert_stdout ""
	assert_stderr_like "finding kept: found/fragile-1-*"
	grep -q X found/*
	run_split ./fragile -n 0 -o found found/*
	assert_status 134
}

@test "fuzz: the same seed makes the same mutants" {
	fragile
	printf Y >seed
	run ./fragile -o found seed
	mv found first
	mkdir found
	run ./fragile -o found seed
	cmp first/* found/*
}

@test "fuzz: make knows the targets by the names that run gives it" {
	local build
	# the tree, where nothing is installed and nothing is built
	mkdir tree
	ln -s "$IQ_SOURCE"/* tree
	rm -f tree/share tree/build
	mkdir tree/share
	ln -s "$IQ_SOURCE"/share/* tree/share
	rm tree/share/setup
	printf '#!/bin/sh\nexit 1\n' >tree/share/setup
	printf '#!/bin/sh\nexec make -n "$@"\n' >mk
	chmod +x tree/share/setup mk
	for build in "" "$PWD/tree/build" "$PWD/elsewhere"; do
		run env -u MAKEFLAGS T=answer MAKE="$PWD/mk" IQ_BUILD="$build" \
			tree/t/fuzz/run 1
		assert_output --partial "fuzz: 1 targets"
		refute_output --partial "No rule"
	done
}

@test "fuzz: a time that is none is 64" {
	run_split "$IQ_SOURCE/t/fuzz/run" soon
	assert_ran 64 "" "usage: t/fuzz/run [SECONDS]"
}
