#!/usr/bin/env bats
# The examples of the manual pages do what the pages show: all of a page run
# from top to bottom in one home and one shell, at a terminal.  The convention
# is at the head of examples.awk.  The home of the pages is /home/anna; times
# and how long something took may differ, and so may the width of columns.

load lib

# What separates one command's output from the next one's, and its status
mark=$'\036'

# run_examples PAGE - what its commands print, in the file out
run_examples() {
	{
		cat <<-END
		stty cols 132 rows 50
		cd
		ended() { local s=\$?; printf '$mark%d$mark' "\$s"; return \$s; }
		END
		awk -v want=script -f "$IQ_SOURCE/t/examples.awk" "$1"
	} >script
	script -qec "bash --norc script" /dev/null |
		sed -e 's/\r$//' -e 's/\x1b\[[0-9;]*[mK]//g' >out
}

# level TEXT - without what differs from run to run
level() {
	sed -E -e "s|$HOME|/home/anna|g" -e "s|$IQ_TEST/|/home/anna/|g" \
		-e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z/TIME/g' \
		-e 's/\<(Mon|Tue|Wed|Thu|Fri|Sat|Sun)\>/DAY/g' \
		-e 's/[0-9.]+ (us|ms|s)\>/SPAN/g' \
		-e 's/[0-9]+[hm][0-9]{2}[ms]\>/SPAN/g' \
		-e 's/[0-9]\.[0-9]{3,}/FRACTION/g' -e 's/ +/ /g' <<<"$1"
}

# as_pattern TEXT - a glob that matches TEXT, with "..." for anything
as_pattern() {
	# shellcheck disable=SC2001
	sed -e 's/[][\\*?(){}|!@+]/\\&/g' -e 's/\.\.\./*/g' <<<"$1"
}

# matches COMMAND SHOWN PRINTED - jobs that run side by side end in any order
matches() {
	local shown printed
	shown=$(level "$2") printed=$(level "$3")
	if [[ $1 == *iq[-\ ]work\ * ]]; then
		shown=$(sort <<<"$shown") printed=$(sort <<<"$printed")
	fi
	# shellcheck disable=SC2053
	[[ -z $shown || $printed == $(as_pattern "$shown") ]]
}

# compare COMMAND NEXT SHOWN PRINTED STATUS - complains when they differ
compare() {
	if (($5 != 0)) && [[ $2 != 'echo $?' ]]; then
		printf '%s\n' "$ $1" "exit status $5, and printed:" "$4"
		return 1
	fi
	matches "$1" "$3" "$4" || {
		printf '%s\n' "$ $1" "-- shown --" "$3" "-- printed --" "$4"
		return 1
	}
}

# check_page PAGE
check_page() {
	local page=$IQ_SOURCE/man/$1 line i bad=0
	local commands=() shown=() printed=() statuses=()
	while IFS= read -r line; do
		case $line in
		'$ '*)
			commands+=("${line:2}")
			shown+=("")
			;;
		*)
			i=$((${#shown[@]} - 1))
			shown[i]+=${shown[i]:+$'\n'}${line:2}
			;;
		esac
	done < <(awk -v want=shown -f "$IQ_SOURCE/t/examples.awk" "$page")
	((${#commands[@]} > 0))
	run_examples "$page"
	while IFS= read -r -d "$mark" line; do
		printed+=("${line%$'\n'}")
		IFS= read -r -d "$mark" line
		statuses+=("$line")
	done <out
	for i in "${!commands[@]}"; do
		compare "${commands[i]}" "${commands[i + 1]-}" "${shown[i]}" \
			"${printed[i]-}" "${statuses[i]-999}" || bad=1
	done
	if ((bad)); then
		echo "-- all of it --"
		tr "$mark" '#' <out
	fi
	return $bad
}

@test "examples of iq(1)" {
	check_page iq.1
}

@test "examples of iq-ctl(1)" {
	check_page iq-ctl.1
}

@test "examples of iq-db(1)" {
	check_page iq-db.1
}

@test "examples of iq-debounce(1)" {
	check_page iq-debounce.1
}

@test "examples of iq-enqueue(1)" {
	check_page iq-enqueue.1
}

@test "examples of iq-file(5)" {
	check_page iq-file.5
}

@test "examples of iq-handler(7)" {
	check_page iq-handler.7
}

@test "examples of iq-list(1)" {
	check_page iq-list.1
}

@test "examples of iq-log(1)" {
	check_page iq-log.1
}

@test "examples of iq-scan(1)" {
	check_page iq-scan.1
}

@test "examples of iq-stats(1)" {
	check_page iq-stats.1
}

@test "examples of iq-top(1)" {
	check_page iq-top.1
}

@test "examples of iq-tune(1)" {
	check_page iq-tune.1
}

@test "examples of iq-watch(1)" {
	check_page iq-watch.1
}

@test "examples of iq-work(1)" {
	check_page iq-work.1
}

@test "the tour of iq(7), from top to bottom" {
	check_page iq.7
}

@test "the tour hides no step, not even a pause" {
	run awk -v want=shown -f "$IQ_SOURCE/t/examples.awk" \
		<(grep -v '^\.\\" ' "$IQ_SOURCE/man/iq.7")
	assert_equal "$(awk -v want=shown -f "$IQ_SOURCE/t/examples.awk" \
		"$IQ_SOURCE/man/iq.7")" "$output"
}

@test "each page with examples is run by a test" {
	local page
	for page in "$IQ_SOURCE"/man/*.[1-8]; do
		grep -qE '^\.Sh (EXAMPLES|TOUR)' "$page" || continue
		grep -q "check_page ${page##*/}\$" \
			"$IQ_SOURCE/t/0900-examples.bats" ||
			fail "nobody runs the examples of ${page##*/}"
	done
}

@test "a wrong example is noticed" {
	mkdir -p source/man source/t
	cp "$IQ_SOURCE/t/examples.awk" source/t
	IQ_SOURCE=$PWD/source
	cat >source/man/x.1 <<-'END'
	.Sh EXAMPLES
	.Bd -literal
	$ echo a b c
	a ... c
	$ echo "took 12 ms, at $HOME/x"
	took  3.1 s, at /home/anna/x
	$ false
	$ echo $?
	1
	$ printf 'x\en'
	x
	.Ed
	END
	run check_page x.1
	assert_success
	sed 's/a \.\.\. c/a ... d/' source/man/x.1 >source/man/y.1
	run check_page y.1
	assert_failure
	sed 's/^\$ echo \$?/$ :/; s/^1$//' source/man/x.1 >source/man/z.1
	run check_page z.1
	assert_failure
}
