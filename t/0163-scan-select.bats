#!/usr/bin/env bats
# iq-scan: where it looks, what it passes over, and where it goes on.

load lib
load scan

setup() {
	scan_setup
}

# names [OPTION ...] - of the files that are found, in one line
names() {
	scan --all -0 "$@" | tr '\0' '\n' | sed "s|^$PWD/||" | paste -sd' '
}

plant() {
	mkdir -p dir/{drafts,src/build}
	touch dir/{a.md,b.txt,keep.tmp,x.tmp} dir/drafts/{c.md,d.txt} \
		dir/src/{main.c,main.o,.iqrc} dir/src/build/out.o
}

@test "--exclude, --include: the last match wins" {
	plant
	run_split names dir --exclude '*.tmp' --exclude '*.o' --include keep.tmp
	assert_stdout "dir/a.md dir/b.txt dir/keep.tmp dir/drafts/c.md\
 dir/drafts/d.txt dir/src/.iqrc dir/src/main.c"
	run_split names dir --exclude drafts/ --exclude /src/build
	assert_stdout "dir/a.md dir/b.txt dir/keep.tmp dir/x.tmp dir/src/.iqrc\
 dir/src/main.c dir/src/main.o"
	run_split names dir --include keep.tmp --exclude '*.tmp'
	assert_stdout ""
}

@test "--include alone, or first: only these" {
	plant
	run_split names dir --include '*.md'
	assert_stdout "dir/a.md dir/drafts/c.md"
	run_split names dir --include '*.md' --exclude drafts
	assert_stdout "dir/a.md"
	run_split names dir --exclude drafts --include '*.md'
	assert_stdout "dir/a.md dir/b.txt dir/keep.tmp dir/x.tmp\
 dir/src/.iqrc dir/src/main.c dir/src/main.o dir/src/build/out.o"
}

@test "--exclude-from reads patterns as gitignore has them" {
	plant
	printf '%s\n' '# no objects' '*.o' '' '*.tmp' '!keep.tmp' '/drafts/' >rules
	run_split names dir --exclude-from rules
	assert_stdout "dir/a.md dir/b.txt dir/keep.tmp dir/src/.iqrc\
 dir/src/main.c"
	run_split scan dir --exclude-from nowhere
	assert_ran 66 "" "iq-scan: read nowhere: No such file or directory"
}

@test ".iqignore holds for its directory and below, and is no file itself" {
	plant
	printf '%s\n' '*.tmp' '*.o' '/b.txt' >dir/.iqignore
	printf '%s\n' '!main.o' >dir/src/.iqignore
	run_split names dir
	assert_stdout "dir/a.md dir/drafts/c.md dir/drafts/d.txt\
 dir/src/.iqrc dir/src/main.c dir/src/main.o"
	# options come before
	run_split names dir --exclude '*.md' --include x.tmp
	assert_stdout "dir/x.tmp dir/drafts/d.txt dir/src/.iqrc\
 dir/src/main.c dir/src/main.o"
	mkdir dir/odd
	mkfifo dir/odd/.iqignore
	touch dir/odd/f
	run_split names dir/odd
	assert_stdout dir/odd/f
	# nor is a link, as with git
	ln -sf ../.iqignore dir/odd/.iqignore
	touch dir/odd/main.o
	run_split names dir/odd
	assert_stdout "dir/odd/f dir/odd/main.o"
}

@test "the same patterns as git" {
	local files=(a.md b.txt x.tmp keep.tmp d/x.tmp d/e/keep.tmp d/e/f.md
		build/out.o lib/build/out.o lib/a.o '#x' '!y' 'tail ' a/b/c/d
		a/x/c/d abc/1 abc/d/2 foo/bar/baz q1 q2 qx) file
	git init -q dir
	for file in "${files[@]}"; do
		mkdir -p "dir/$(dirname "$file")"
		: >"dir/$file"
	done
	printf '%s\n' '*.tmp' '!keep.tmp' 'build/' '/lib/*.o' '\#x' '\!y' \
		'tail\ ' 'a/**/d' '!a/x/c/d' 'abc/**' '**/bar' 'q[0-9]' \
		>dir/.gitignore
	cp dir/.gitignore dir/.iqignore
	(cd dir && git ls-files -z --others --exclude-standard) |
		tr '\0' '\n' | grep -v ignore | sort >want
	iq-scan --settle 0 -0 --exclude .git/ --exclude .gitignore "$PWD/dir" |
		tr '\0' '\n' | sed "s|^$PWD/dir/||" | sort >got
	run diff want got
	assert_ran 0 "" ""
}

@test "what comes to be excluded is forgotten, and not said to be deleted" {
	plant
	scan dir >/dev/null
	run_split scan --deleted dir --exclude '*.md' --exclude src
	assert_ran 0 "" ""
	run_split bash -c 'iq-scan --status dir | jq .files'
	assert_stdout 4
	run_split bash -c 'iq-scan --settle 0 --new -J dir | jq -r .event |
		sort | uniq -c | tr -s " "'
	assert_stdout " 10 created"
}

@test "-t: directories and patterns of a type" {
	plant
	mkdir "odd [x]"
	touch "odd [x]/e.md"
	iq-tune set -t notes/work "path=[\"$PWD/dir\",\"$PWD/odd [x]\"]" \
		'include=*.md' 'exclude=["drafts/"]' >/dev/null
	run_split scan -t notes/work -J
	assert_status 0
	assert_json -s
	run_split jq -r '[.type, .path] | @tsv' <<<"$output"
	assert_stdout "notes/work	$PWD/dir/a.md
notes/work	$PWD/odd [x]/e.md"
	run_split scan -t notes
	assert_ran 78 "" "iq-scan: scan for notes: it has no path; name a directory, or: iq-tune set -t notes path=DIR"
	# a child has what its parent has; a directory that is named comes first
	run_split scan -t notes/work/deep "odd [x]"
	assert_ran 0 "$PWD/odd [x]/e.md" ""
	run_split bash -c 'iq-scan --status | jq -r .name'
	assert_stdout "notes/work
notes/work
notes/work/deep"
	run_split bash -c 'iq-scan -t notes/work --ack; iq-scan --status |
		jq -c "[.type, .offered]"'
	assert_stdout '["notes/work",0]
["notes/work",0]
["notes/work/deep",1]'
}

@test "settings of a source are checked" {
	local setting
	for setting in path= path=x 'path=["x"]' 'path=[]' 'path=[1]' include= \
		'include=#x' 'exclude=["a",""]' 'exclude=!'; do
		run_split iq-tune set -t n "$setting"
		assert_status 78
	done
	run_split iq-tune set -t n 'include=[a-z]*' 'exclude=["x","!y"]' path=/
	assert_status 0
}

@test "--limit: the next scan goes on, and the runs together say everything" {
	local runs=0
	mkdir -p dir/{a,b,c}/{d,e}
	touch dir/{1,2} dir/{a,b,c}/{3,4} dir/{a,b,c}/{d,e}/{5,6,7}
	scan dir | sort >want
	iq-scan --reset dir
	: >got
	while scan --limit 7 -v dir >>got 2>said; do
		runs=$((runs + 1))
		iq-scan --ack dir
		[[ $(jq .more said) == true ]] || break
	done
	assert_equal "$runs" 4
	sort got | diff - want
}

@test "--limit: what changes between the runs is seen in time" {
	mkdir dir/{b,d}
	touch dir/b/{1,2,3} dir/d/{1,2,3}
	run_split scan --limit 4 dir
	assert_equal "${#lines[@]}" 4
	iq-scan --ack dir
	mkdir dir/{a,e}
	touch dir/a/new dir/b/0 dir/e/new
	rm dir/d/3
	run_split bash -c "iq-scan --settle 0 --new --deleted dir | cut -c $((${#PWD} + 6))-"
	assert_ran 0 "d/2
e/new" ""
	run_split bash -c "iq-scan --settle 0 --new --deleted dir | cut -c $((${#PWD} + 6))-"
	assert_stdout "a/new
b/0
d/2
e/new"
}

@test "--limit counts deletions, and goes on behind them" {
	mkdir dir/{a,b}
	touch dir/{a,b}/{1,2,3}
	scan dir >/dev/null
	iq-scan --ack dir
	rm -r dir/a dir/b/2
	run_split scan --limit 2 --deleted dir
	assert_stdout "$PWD/dir/a/1
$PWD/dir/a/2"
	run_split scan --limit 2 --deleted dir
	assert_stdout "$PWD/dir/a/3
$PWD/dir/b/2"
	run_split scan --deleted -v dir
	assert_equal "$stderr" "$(jq -c '.more = false' <<<"$stderr")"
	run iq-db check
	assert_status 0
}

@test "--max-time: something is done in any time, and in the end everything" {
	local runs=0
	mkdir -p dir/{a,b,c}/{d,e}
	touch dir/{a,b,c}/{d,e}/{5,6,7}
	: >got
	while scan --max-time 0.000001 -v dir >>got 2>said; do
		runs=$((runs + 1))
		iq-scan --ack dir
		((runs < 50)) && [[ $(jq .more said) == true ]] || break
	done
	((runs > 5 && runs < 20))
	assert_equal "$(sort -u got | wc -l)" 18
	run_split scan --max-time 1h -v --new dir
	assert_status 0
	output=$stderr
	assert_json '.more == false'
}

@test "a limit is for all directories together" {
	mkdir x
	touch dir/{1,2} x/{1,2}
	run_split scan --limit 3 dir x
	assert_equal "${#lines[@]}" 3
	iq-scan --ack dir x
	run_split scan --new dir x
	assert_ran 0 "$PWD/x/2" ""
}
