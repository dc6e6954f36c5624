#!/usr/bin/env bats
# What the manual pages list is what there is: settings and profiles, the
# tables of the queue, the numbers in it.

load lib

# page NAME - as plain text, a paragraph a line
page() {
	mandoc -T ascii -O width=1000 "$IQ_SOURCE/man/$1" |
		LC_ALL=C sed 's/.\x08//g'
}

# section HEADING - what stands below it, of a page on stdin
section() {
	awk -v heading="$1" '/^[A-Z]/ { on = $0 == heading; next } on'
}

# What iq-tune says of a setting, as the page has it
setting() {
	local key=$1 default range unit
	default=$(iq-tune get "$key") || default=none
	unit=$(iq-tune get "$key" --json | jq -r '.unit // empty')
	range=$(iq-tune set "$key=!" 2>&1) && fail "$key takes anything"
	case $range in
	*': not one of: '*)
		range=${range#*: not one of: }
		range=${range// /, }
		;;
	*' from '*)
		range=${range##* from }
		;;
	*)
		range=${range##*: neither }
		range=${range/ nor /, or }
		;;
	esac
	echo "$key ($default; $range${unit:+; $unit})"
}

@test "iq-tune(1) lists each setting with its default, range and unit" {
	local key
	iq-db init >/dev/null
	iq-tune --json | jq -r '.settings[].key' | while read -r key; do
		setting "$key"
	done | sort >have
	[[ -s have ]]
	page iq-tune.1 | section SETTINGS |
		grep -oE '^ {5}[a-z_]+ \(.*\)' | sed 's/^ *//' | sort >said
	run diff said have
	assert_ran_empty
}

assert_ran_empty() {
	[[ $status == 0 && -z $output ]] || {
		echo "< the page says, > there is:"
		echo "$output"
		return 1
	}
}

@test "iq-tune(1) lists which settings are of the whole queue" {
	iq-db init >/dev/null
	comm -23 <(iq-tune --json | jq -r '.settings[].key' | sort) \
		<(iq-tune -t x --json | jq -r '.settings[].key' | sort) >have
	page iq-tune.1 | section SETTINGS |
		awk '/^   [A-Z]/ { on = /whole queue only/ } on' |
		grep -oE '^ {5}[a-z_]+ \(' | tr -d ' (' | sort >said
	run diff said have
	assert_ran_empty
}

@test "iq-tune(1) says what is in the profiles" {
	local profile key
	iq-db init >/dev/null
	iq-tune set 'profile=!' 2>&1 | sed 's/.*: //' | tr ' ' '\n' |
		while read -r profile; do
			iq-tune set -t x "profile=$profile"
			iq-tune -t x --json | jq -r '.settings[] |
				select(.origin == "profile") | .key' |
				while read -r key; do
					echo "$profile $key=$(iq-tune get -t x "$key")"
				done
		done | sort >have
	[[ -s have ]]
	page iq-tune.1 | section SETTINGS |
		awk '/^   [A-Z]/ { on = /Profiles/ }
			on && NF == 1 { profile = $1 }
			on { for (i = 1; i <= NF; i++)
				if ($i ~ /=/) print profile, $i }' | sort >said
	run diff said have
	assert_ran_empty
}

@test "iq-file(5) lists each table and column" {
	iq-db init >/dev/null
	sqlite3 -readonly -separator ' ' "$IQ_QUEUE" 'SELECT t.name, c.name
		FROM pragma_table_list AS t, pragma_table_info(t.name) AS c
		WHERE t.schema = "main" AND t.type = "table"
		AND t.name NOT LIKE "sqlite_%"' | sort >have
	[[ -s have ]]
	awk '/^\.Sh / { on = $2 == "TABLES" }
		on && /^\.Ss / { table = $2 }
		on && /^\.It / {
			for (i = 3; i <= NF; i++)
				if ($i != ",")
					print table, $i
		}' "$IQ_SOURCE/man/iq-file.5" | sort >said
	run diff said have
	assert_ran_empty
}

@test "iq-file(5) has the version and the numbers of the header" {
	local name value
	iq-db init >/dev/null
	for name in user_version page_size auto_vacuum journal_mode; do
		value=$(sqlite3 -readonly "$IQ_QUEUE" "PRAGMA $name")
		page iq-file.5 | grep -qE "^ {5}$name +$value( |\$)" ||
			fail "$name is $value"
	done
	value=$(sqlite3 -readonly "$IQ_QUEUE" 'PRAGMA application_id')
	page iq-file.5 | grep -qE "^ {5}application_id .* $value\$" ||
		fail "application_id is $value"
}

# words_of FILE PATTERN - "NUMBER name" of the C array of names that begins in
# the line that matches
words_of() {
	awk -v from="$2" '
		$0 ~ from { on = 1 }
		on { text = text $0 }
		on && /};/ { exit }
		END {
			n = 0
			while (match(text, /NULL|"[a-z_]+"/)) {
				word = substr(text, RSTART, RLENGTH)
				gsub(/"/, "", word)
				print n++, word
				text = substr(text, RSTART + RLENGTH)
			}
		}' "$IQ_SOURCE/lib/rules/$1"
}

# said_of HEAD - "NUMBER name" that iq-file(5) says
said_of() {
	page iq-file.5 | section ENUMERATIONS |
		awk -v head="     $1" '$0 == head { on = 1; next }
			/^     [^ ]/ { on = 0 } index($0, head "  ") == 1 { on = 1 }
			on' | grep -oE '[0-9]+ [a-z_]+'
}

@test "iq-file(5) has the enumerations" {
	words_of state.c 'reasons\[' | sed 1d >have
	said_of reason >said
	run diff said have
	assert_ran_empty
	words_of retry.c 'names\[OUTCOME_COUNT' >have
	said_of outcome >said
	run diff said have
	assert_ran_empty
	words_of state.c 'events\[EVENT_COUNT' | sed 1d >have
	said_of 'event of a file' >said
	run diff said have
	assert_ran_empty
	words_of event.c 'names\[' | sed 1d >have
	said_of 'kind of an event' >said
	run diff said have
	assert_ran_empty
}

@test "iq-handler(7) and iq-work(1) agree on what an exit status means" {
	page iq-handler.7 | section DESCRIPTION | awk '
		/^     [0-9]+ +(success|permanent|transient) / {
			print $1, $2, $3 }' | sort >handler
	page iq-work.1 | section DESCRIPTION | awk '
		/^     [0-9][0-9 ]* +(success|permanent|transient) / {
			for (i = 1; $i ~ /^[0-9]+$/; i++)
				print $i, $NF, $i
		}' | sort >work
	run diff <(awk '{ print $1, $3 }' handler | sort) \
		<(awk '{ print $1, $2 }' work | sort)
	[[ -s handler ]]
	assert_ran_empty
}

@test "the exit status means what iq-handler(7) says" {
	local status class reason want
	IQ_SET_RETRY_STRATEGY=fixed
	export IQ_SET_RETRY_STRATEGY
	page iq-handler.7 | section DESCRIPTION | awk '
		/^     [0-9]+ +(success|permanent|transient) / {
			print $1, $2, $3 }' >table
	while read -r status class reason; do
		iq-enqueue --raw --payload "$status" "$status"
	done <table
	# shellcheck disable=SC2016
	iq-work --drain --json -- sh -c 'exit "$IQ_JOB_PAYLOAD"' >out \
		2>/dev/null || :
	jq -r '[.exit, .outcome, .reason, .state] | @tsv' out |
		tr '\t' ' ' | sort >have
	while read -r status class reason; do
		case $class in
		success) want=succeeded ;;
		permanent) want=quarantined ;;
		*) want=pending ;;
		esac
		echo "$status $class $reason $want"
	done <table | sort >said
	run diff said have
	assert_ran_empty
}

@test "what a page says is not in this version is refused" {
	local file word program
	for file in "$IQ_SOURCE"/man/*.1; do
		program=$(basename "$file" .1)
		page "$program.1" | grep 'Not in this version, and refused' |
			grep -oE '(^|[^a-z])--?[a-z][a-z-]*' |
			sed 's/^[^-]*//' | sort -u |
			while read -r word; do
				run "$program" "$word" </dev/null
				echo "$output"
			done | grep -E "^$program: " |
			grep -v ': not in this version$' &&
			fail "$program takes what its page says it does not"
		page "$program.1" | grep -i 'in later versions' &&
			fail "$program($program.1) puts off what may be there"
	done
	true
}

@test "iq-log(1) has each kind of event, and so has --kind" {
	iq-log --kind '!' 2>&1 | sed -n 's/.*there are //p' | tr ' ' '\n' |
		sort >have
	awk 'match($0, /names\[KIND_COUNT\]/) { on = 1; next }
		on && /};/ { exit } on' "$IQ_SOURCE/lib/rules/event.c" |
		grep -oE '[a-z_]+' | grep -v unknown | sort >there
	run diff there have
	assert_ran_empty
	page iq-log.1 | sed -n 's/^ *kind  *\([^.]*\)\..*/\1/p' |
		tr -cs 'a-z_' '\n' | grep . | sort >said
	run diff said have
	assert_ran_empty
}

@test "the tables of the pages are as wide as what is in them" {
	awk '/^\.Bl -column/ {
			n = split($0, width, "\"")
			for (i = total = 0; 2 * i + 2 <= n; i++) {
				wide[i] = length(width[2 * i + 2])
				total += wide[i] + 4
			}
			if (total - 4 > 73)	# indented by 5, to 78
				print FILENAME ":" FNR ": wider than 80"
			on = 1
		}
		on && /^\.It / {
			cells = split(substr($0, 5), cell, / Ta /)
			for (i = 1; i < cells; i++) {
				gsub(/(^| )(Cm|Sy|Pa|Ql|Ev|Fl|No|Ns|Xr) /, " ",
					cell[i])
				sub(/^ /, "", cell[i])
				if (length(cell[i]) > wide[i - 1])
					print FILENAME ":" FNR ": " cell[i]
			}
		}
		/^\.El/ { on = 0 }' "$IQ_SOURCE"/man/*.? >wide
	run cat wide
	assert_output ""
}
