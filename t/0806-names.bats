#!/usr/bin/env bats
# Names that want to be something else: of queues, of files, of records.

load lib

# What a handler got, byte for byte
write_seen() {
	iq-work -j1 --drain -- sh -c 'printf "%s\0" "$1" >>seen' sh '{}' 2>/dev/null
}

# one_queue NAME - a file of this name is made, lasts, and is alone
one_queue() {
	mkdir q
	cd q || return
	IQ_QUEUE='' run_split iq-enqueue -I --raw a -q "$1"
	assert_ran 0 1 ""
	IQ_QUEUE=$1 run_split iq-enqueue -I --raw b
	assert_ran 0 2 ""
	run bash -c 'find . -type f ! -name "*-lock" ! -name "*-run" ! -name "*-wal" \
		! -name "*-shm" -print0 | tr "\0" "|"'
	assert_output "./$1|"
	cd .. || return
	rm -rf q
}

@test "the name of a queue is the name of a file, never a URI or an option" {
	one_queue 'file:x?mode=memory'
	one_queue ':memory:'
	one_queue 'queue?immutable=1&nolock=1&vfs=unix-none'
	one_queue '-x'
	one_queue '--queue'
	one_queue '%2e%2e'
	one_queue $'new\nline'
	one_queue "quote ' \" \\ \` \$HOME"
	one_queue $'\xff\xfe'
	one_queue "$(printf 'x%.0s' {1..240})"
}

@test "a name that can be no file is refused clearly" {
	local name
	for name in . .. ./ sub/; do
		run_split iq-enqueue --raw a -q "$name"
		assert_status 64
		assert_stderr_like "iq-enqueue: use $name as a queue: *directory"
	done
	run_split iq-enqueue --raw a -q "$(printf 'x%.0s' {1..256})"
	assert_status 77
	assert_stderr_like 'iq-enqueue: look at *: File name too long'
	run_split iq-enqueue --raw a -q ''
	assert_status 64
}

# The names that this file is about, NUL-separated
names() {
	printf '%s\0' /new$'\n'line /quote\"\'\` '/space  two ' '/$(exit 1)' \
		'-rf' '--' '-J' '@file' '{}' '%s%n' '*' '~' 'a;b|c&d>e' \
		$'/tab\tbell\a' $'/esc\e[31m' $'/\xff\xfe\x80' $'/\xc3\x28' \
		$'/\xe2\x80\xaebidi' '/..' "/$(printf 'n%.0s' {1..255})"
	printf '/%s\0' "$(printf 'd%.0s/' {1..2047})" \
		"$(printf 'e%.0s/' {1..2560})"
}

@test "hostile names through -0 reach the handler byte for byte" {
	names >in
	# shellcheck disable=SC2094 # it only looks
	run_split iq-enqueue -0 --raw in <in
	assert_status 0
	iq-list | jq -r .path | grep -qx in
	rm -f seen "$IQ_QUEUE"*
	iq-enqueue -0 --raw <in
	write_seen
	cmp in seen
}

@test "hostile names as operands reach the handler byte for byte" {
	names >in
	xargs -0 iq-enqueue --raw -- <in
	write_seen
	cmp in seen
}

@test "hostile names through -J reach the handler byte for byte" {
	names >in
	as_json <in >in.json
	iq-enqueue -J --raw <in.json
	write_seen
	cmp in seen
}

# JSON lines of NUL-separated names; what is no UTF-8 as base64
as_json() {
	local name
	while IFS= read -r -d '' name; do
		if printf %s "$name" | iconv -f UTF-8 -t UTF-8 \
			>/dev/null 2>&1; then
			printf %s "$name" | jq -Rsc '{path: .}'
		else
			printf '{"path_base64":"%s"}\n' \
				"$(printf %s "$name" | base64 -w 0)"
		fi
	done
}

@test "iq-list prints hostile names as valid JSON that leads back to the bytes" {
	names >in
	iq-enqueue -0 --raw <in
	iq-list >list
	jq -e . list >/dev/null
	iconv -f UTF-8 -t UTF-8 list >/dev/null
	while read -r line; do
		jq -j '.path_base64 // empty' <<<"$line" | base64 -d >bytes
		[[ -s bytes ]] || jq -j .path <<<"$line" >bytes
		cat bytes
		printf '\0'
	done <list >back
	cmp in back
}

@test "an empty name is refused and the others are taken" {
	run_split bash -c 'printf "a\0\0b\0" | iq-enqueue -0 -I --raw'
	assert_ran 0 $'1\n2' ""	# in a stream it is the end of a batch
	run_split iq-enqueue -I --raw c '' d
	assert_ran 65 $'3\n-\n4' 'iq-enqueue: record 2: the path is empty'
	run_split bash -c 'echo "{\"path\":\"\"}" | iq-enqueue -J -I'
	assert_ran 65 - 'iq-enqueue: record 1: path "": empty'
}

@test "a name that no program can be given ends in quarantine, not in a loop" {
	head -c 200000 /dev/zero | tr '\0' p | iq-enqueue -0 --raw
	run_split timeout 20 iq-work --drain -- true
	assert_status 1
	run_split iq-list
	assert_json .state quarantined
	assert_json '.error | contains("Argument list too long")'
}
