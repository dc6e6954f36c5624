#!/usr/bin/env bats
# iq-watch: a directory that is in the tree under two names.  What happens in it
# is told under one of them.

load lib
load watch

setup() {
	iq_setup
	mkdir r
}

# mounted MOUNT ... - a watch in the background for which these are done, seen by
# nobody else
mounted() {
	printf '%s\n' "$@" >mounts
	rm -f status
	start w unshare -m sh -c '. ./mounts && exec "$@"' sh iq-watch -0 \
		--status-fd 9 --debounce 20ms --settle 100ms --deletions off \
		--fallback-interval 300ms r 9>status
	wait_until 'status_is .healthy' 20
}

# said NAME ... - each of them has been printed
said() {
	local name
	for name; do
		grep -qzxF "$PWD/$name" w.out || return
	done
}

# each_once - has been
each_once() {
	assert_equal "$(sort -z w.out | uniq -zd | tr '\0' ' ')" ""
}

@test "a directory that is mounted twice" {
	needs_mounts
	needs_list
	mkdir -p r/{one,two} share/sub
	echo 1 >share/a
	mounted 'mount --bind share r/one' 'mount --bind share r/two'
	wait_until 'said r/{one,two}/a && status_is ".coverage == \"partial\""'
	echo 1 >share/b
	mkdir share/sub/new
	echo 1 >share/sub/new/c
	wait_until 'said r/{one,two}/{b,sub/new/c}'
	stop w
	each_once
}

@test "a part of the tree, mounted before and behind it" {
	needs_mounts
	needs_list
	mkdir -p r/{a,m/sub/x,z}
	mounted 'mount --bind r/m/sub r/a' 'mount --bind r/m/sub/x r/z'
	wait_until 'status_is ".coverage == \"partial\""'
	echo 1 >r/m/sub/b
	echo 1 >r/m/sub/x/c
	wait_until 'said r/{a,m/sub}/{b,x/c} r/z/c'
	stop w
	each_once
}

@test "the tree, mounted below itself" {
	needs_mounts
	needs_list
	mkdir -p r/{a/up,b}
	mounted 'mount --rbind r r/a/up'
	wait_until 'status_is ".coverage == \"partial\""'
	echo 1 >r/f
	echo 1 >r/b/g
	mkdir r/new
	echo 1 >r/new/h
	wait_until 'said r/{f,b/g,new/h}'
	stop w
	each_once
	refute grep -qz /a/up/ w.out
}

@test "a directory, and a link to it" {
	needs_list
	ln -s r link
	covered --fallback-interval 300ms r link
	echo 1 >r/a
	mkdir r/d
	echo 1 >r/d/b
	wait_until 'said {r,link}/{a,d/b}'
	stop w
	each_once
}
