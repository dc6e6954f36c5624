#!/usr/bin/env bats
# Whose queue it is: owner, mode, links and directories, as an unprivileged
# user when the tests run as root.  Who is not root has no files of another
# user to try with; everything else is the same.

load lib

readonly OTHER_ID=65533

setup() {
	iq_setup
	# A place that the user can reach, with programs that he can run
	place=$(mktemp -d /tmp/iq-trust.XXXXXX)
	export HOME=$place/home TMPDIR=$place/home IQ_QUEUE=$place/own/queue.db
	mkdir -p "$place"/{bin,home,own}
	cp "$IQ_BUILD"/iq-{enqueue,list,work,db} "$place/bin"
	chmod 755 "$place" "$place/bin"
	chmod 700 "$place"/{home,own}
	PATH=$place/bin:$PATH
	if ((EUID == 0)); then
		chown "$USER_ID" "$place" "$place"/{home,own}
	fi
	cd "$place" || return
	tried=0
}

teardown() {
	local status=0
	iq_teardown || status=$?
	rm -rf "$place"
	return $status
}

# others - owners to try: the user himself, and another one if that can be
owners() {
	echo self
	((EUID != 0)) || echo other
}

own() {	# self|other FILE
	[[ $1 = self ]] || chown "$OTHER_ID" "$2"
}

make_queue() {
	as_user iq-enqueue --raw first
}

# try yes|no WHAT - programs that write and that read take the queue or refuse
# it, whatever WHAT says
try() {
	local program args want=$1 what=$2
	for program in "iq-enqueue --raw second" "iq-list"; do
		read -ra args <<<"$program"
		run_split as_user "${args[@]}" -q "${queue:-$IQ_QUEUE}"
		tried=$((tried + 1))
		if [[ $want = yes ]]; then
			((status == 0)) || iq_differs "$what" 0
		else
			assert_status 77 || iq_differs "$what" 77
			[[ $output = "" ]] || iq_differs "$what" "no output"
			assert_stderr_like "${args[0]}: use * *" ||
				assert_stderr_like "${args[0]}: * *denied*"
		fi
	done
}

@test "owner, mode, links and symbolic links of the queue" {
	local mode owner links link want
	make_queue
	ln -s own/queue.db queue
	for owner in $(owners); do
		own "$owner" own/queue.db
		for mode in 600 700 640 604 620 602 610 601 660 606 666 644; do
			chmod $mode own/queue.db
			for links in 1 2; do
				rm -f own/two
				((links == 1)) || ln own/queue.db own/two
				for link in no yes; do
					queue=$IQ_QUEUE
					[[ $link = no ]] || queue=$place/queue
					want=no
					[[ $owner$links$link != self1no ||
						$mode != [67]00 ]] || want=yes
					try $want "$owner $mode $links $link"
				done
			done
		done
	done
	((tried >= 96))
}

@test "owner, mode and sticky bit of its directory and the one above" {
	local owner mode above want sealed
	mkdir -m 755 above
	((EUID != 0)) || chown "$USER_ID" above
	mkdir -m 700 above/dir
	((EUID != 0)) || chown "$USER_ID" above/dir
	queue=$place/above/dir/queue.db
	as_user iq-enqueue --raw first -q "$queue"
	for owner in $(owners); do
		own "$owner" above/dir
		for mode in 700 755 711 750 770 777 1777 1770 722; do
			chmod $mode above/dir
			for above in 700 755 777 1777 775; do
				chmod $above above
				# /tmp itself is one that others can change
				sealed=no want=no
				[[ $mode != 700 && $above != 700 ]] ||
					sealed=yes
				case $above in
				700 | 755) want=$sealed ;;
				1777) [[ $mode != 700 ]] || want=yes ;;
				esac
				[[ $mode = [0-7][0145][0145] &&
					$owner = self ]] || want=no
				try $want "$owner $mode below $above"
			done
		done
	done
	((tried >= 90))
}

@test "what is no regular file is no queue" {
	mkfifo own/queue.db
	chmod 600 own/queue.db
	((EUID != 0)) || chown "$USER_ID" own/queue.db
	try no "a fifo"
	rm own/queue.db
	mkdir own/queue.db
	try no "a directory"
	queue=/dev/null
	try no "a device"
}

@test "a sidecar that is a link, or another's, or has two names is refused" {
	local before file
	echo precious >victim
	chmod 600 victim
	((EUID != 0)) || chown "$USER_ID" victim
	before=$(stat -c '%i %s %a' victim)
	for file in own/queue.db-lock own/queue.db-run; do
		make_queue
		rm $file
		ln -s "$place/victim" $file
		run_split as_user iq-enqueue --raw second
		assert_status 77
		rm $file
		ln victim $file
		run_split as_user iq-enqueue --raw second
		assert_status 77
		rm $file
		if ((EUID == 0)); then
			install -m 600 -o $OTHER_ID /dev/null $file
			run_split as_user iq-enqueue --raw second
			assert_status 77
			rm $file
		fi
	done
	run stat -c '%i %s %a' victim
	assert_output "$before"
}

@test "a sidecar that others may read or write is refused" {
	local file mode
	make_queue
	for file in queue.db-lock queue.db-run; do
		for mode in 640 602; do
			chmod $mode own/$file
			run_split as_user iq-enqueue --raw second
			assert_status 77
			assert_stderr_like "*$file: others may read or write it; chmod 600 it"
		done
		chmod 600 own/$file
	done
}

@test "planted links in place of the log and its index are not followed" {
	local file before
	for file in wal shm journal; do
		rm -rf own/*
		make_queue
		echo precious >victim
		chmod 666 victim
		before=$(stat -c '%s' victim)
		rm -f own/queue.db-$file
		ln -s "$place/victim" own/queue.db-$file
		run_split as_user iq-enqueue --raw second
		if [[ $file != journal ]]; then
			((status == 73 || status == 74 || status == 77))
		fi
		run stat -c '%s' victim
		assert_output "$before"
		run cat victim
		assert_output precious
	done
}

@test "root may work on a user's queue without locking him out" {
	((EUID == 0)) || return 0	# he is not root: nothing to see
	make_queue
	rm own/queue.db-*
	run_split iq-enqueue -I --raw second -q "$IQ_QUEUE"
	assert_ran 0 1 ""	# (the log went with the first job)
	run_split as_user iq-enqueue --raw third
	assert_ran 0 "" ""
	run find own -not -uid "$USER_ID"
	assert_output ""
}

@test "what is made is for the owner alone, whatever the umask" {
	rm -rf own
	umask 0
	((EUID != 0)) || chown "$USER_ID" "$place"
	queue=$place/new/er/queue.db
	run_split as_user iq-enqueue --raw first -q "$queue"
	assert_ran 0 "" ""
	run bash -c "stat -c '%a' new new/er new/er/* | sort | uniq -c |
		tr -s ' '"
	assert_output " 5 600
 2 700"
}
