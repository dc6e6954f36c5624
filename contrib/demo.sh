#!/bin/sh
# make demo [DIR=...]: files of a real tree, into the queue, through capped
# workers, into a full-text index that answers a search; and a directory that is
# watched, so that its index follows what happens there.
#
# Environment: IQ_BUILD where the programs are (build), IQ_DEMO_HOME where the
# queue and an index for each tree are kept.  A second run takes what has
# changed since.
set -eu
umask 022

here=$(cd "$(dirname "$0")/.." && pwd)
build=$(cd "${IQ_BUILD:-$here/build}" && pwd)
dir=${1-}
PATH=$build:$PATH

home=${IQ_DEMO_HOME:-${XDG_STATE_HOME:-${HOME:?is not set; where is the\
 demo to keep its queue?}/.local/state}/iq-demo}
mkdir -p "${home%/*}"
[ -d "$home" ] || mkdir -m 700 "$home"
home=$(cd "$home" && pwd)

connector=$here/contrib/connectors/local-files
most=3000		# files, where DIR does not say what is wanted

step() {
	printf '\n== %s\n' "$*"
}

# The documentation and headers that are on the machine, or DIR
find_files() {
	if [ -n "$dir" ]; then
		find "$dir" -type f "$@" -print0
	else
		find /usr/share/doc /usr/include /usr/share/common-licenses \
			-type f -size -256k ! -name '*.gz' "$@" -print0 2>/dev/null |
			head -z -n "$most"
	fi
}

[ -z "$dir" ] || [ -d "$dir" ] || {
	echo "demo: $dir: no such directory" >&2
	exit 66
}
[ -z "$dir" ] || dir=$(cd "$dir" && pwd)

# A word that is in many of the files, and in nothing but letters
frequent_word() {
	sqlite3 -init /dev/null -batch "$LOCAL_FILES_INDEX" "
		CREATE VIRTUAL TABLE temp.word
		USING fts5vocab('main', 'words', 'col');
		SELECT term FROM temp.word WHERE col = 'body'
		AND length(term) BETWEEN 5 AND 16 AND term NOT GLOB '*[^a-z]*'
		ORDER BY doc DESC, length(term) DESC, term LIMIT 1"
}

# Of one tree: its index, and a mark: what is older than that was taken by an
# earlier run
tree=$(printf %s "${dir:-documentation}" | cksum | tr -d ' ')
mark=$home/mark.$tree
IQ_QUEUE=$home/queue.db
LOCAL_FILES_INDEX=$home/index.$tree.db
export IQ_QUEUE LOCAL_FILES_INDEX

: >"$mark.new"
what="Files of ${dir:-/usr/share/doc and /usr/include}"
if [ -e "$mark" ] && [ -e "$LOCAL_FILES_INDEX" ]; then
	set -- -newer "$mark"
	step "$what that changed since the last run"
else
	set --
	step "$what"
fi
[ -n "$dir" ] ||
	echo "   $most at most, not to take long; all of DIR: make demo DIR=..."
echo "   find ... -print0 | iq-enqueue -0 -t demo -v"
find_files "$@" | iq-enqueue -0 -t demo -v

step "Capped workers keep the index"
echo "   iq-tune set -t demo max_workers=4"
echo "   iq-work -t demo --drain --progress -- local-files {}"
iq-tune set -t demo max_workers=4
status=0
iq-work -t demo --drain --progress -- "$connector" '{}' || status=$?
mv "$mark.new" "$mark"

step "What happened"
echo "   iq-stats -t demo"
iq-stats --text -t demo

step "The index answers"
files=0 word=
if [ -e "$LOCAL_FILES_INDEX" ]; then
	files=$("$connector" -c)
	word=$(frequent_word)
fi
if [ -n "$word" ]; then
	printf '   %s files in it; search: "%s"\n' "$files" "$word"
	"$connector" -s "$word" | head -n 5
else
	printf '   %s files in it, and no words in them\n' "$files"
fi

# ---- what happens while it runs ----

notes=$home/notes source=notes index=$home/index.notes.db
watch='' enqueue='' work=''

# Whatever happens, nothing is left running.
stop_all() {
	trap - EXIT HUP INT TERM
	for pid in $watch $enqueue $work; do
		kill "$pid" 2>/dev/null || :
	done
	for pid in $watch $enqueue $work; do
		wait "$pid" 2>/dev/null || :
	done
	rm -f "$home/stream"
}

# in_time COMMAND ... - until it is so, for half a minute
in_time() {
	tries=300
	until "$@"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		sleep 0.1
	done
}

# shellcheck disable=SC2317
is_watched() {
	iq-stats --json -t "$source" |
		jq -e '.watch | .healthy == true and .pending_files == 0' >/dev/null
}

# shellcheck disable=SC2317
found() {
	[ -e "$index" ] && "$connector" -i "$index" -s "$1" | grep -q .
}

# shellcheck disable=SC2317
lost() {
	[ ! -e "$index" ] || ! "$connector" -i "$index" -s "$1" | grep -q .
}

# shows WHAT CONDITION WORD
shows() {
	if in_time "$2" "$3"; then
		printf '   %-26s search: "%s"  %s\n' "$1" "$3" "$2"
		[ "$2" = lost ] || "$connector" -i "$index" -s "$3"
	else
		printf '   %-26s search: "%s"  not %s in time\n' "$1" "$3" "$2"
		status=1
	fi
}

step "A directory is watched, and its index follows"
echo "   iq-watch -t $source -0 | iq-enqueue -0 -t $source"
echo "   iq-work -t $source -- local-files {}"
mkdir -p "$notes"
find "$notes" -mindepth 1 -delete
rm -f "$home/stream"
mkfifo "$home/stream"
iq-tune set -t "$source" debounce=50ms >/dev/null
trap stop_all EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
iq-watch -t "$source" -0 --fallback-interval 1s "$notes" >"$home/stream" &
watch=$!
iq-enqueue -0 -t "$source" <"$home/stream" &
enqueue=$!
LOCAL_FILES_INDEX=$index iq-work -t "$source" -- "$connector" '{}' &
work=$!
in_time is_watched || echo "   (nobody tells what happens: it is looked at)"
iq-stats --text -t "$source" | grep '^watch ' || :

echo "a heron by the lake" >"$notes/birds"
shows "added: birds" found heron
echo "a kingfisher by the river" >"$notes/birds"
shows "changed: birds" found kingfisher
shows "         and no more:" lost heron
mkdir "$notes/trees"
echo "an alder" >"$notes/trees/wet"
shows "added: trees/wet" found alder
rm -r "$notes/birds" "$notes/trees"
shows "deleted: birds" lost kingfisher
shows "deleted: trees" lost alder
stop_all

cat <<TXT

The queue is $home/queue.db
Three commands to try next (rm -r $home begins anew):

  $build/iq-list -q $home/queue.db -s succeeded -s quarantined --limit 5
  $build/iq-stats -q $home/queue.db | jq '.types[] | {type, p95: .duration_seconds.p95}'
  LOCAL_FILES_INDEX=$LOCAL_FILES_INDEX $connector -s '${word:-demo}'
TXT
exit "$status"
