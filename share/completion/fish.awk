# Option tables in, fish completion out: DIR/PROGRAM.fish, because fish loads
# by the command's name; what `iq COMMAND` takes stands in iq.fish.

BEGIN { FS = "\t"; q = "\047" }

function quoted(s) {
	gsub(/\\/, "\\\\", s)
	gsub(q, "\\" q, s)
	return q s q
}

# One row for the program itself, and one for `iq COMMAND`
function row(text) {
	print "complete -c " program " " text >file
	if (program != "iq")
		front = front "complete -c iq -n " \
			quoted("__fish_seen_subcommand_from " \
			substr(program, 4)) " " text "\n"
}

$1 == "program" {
	if (file != "")
		close(file)
	program = $2
	purpose[program] = $3
	file = dir "/" program ".fish"
	print "# fish completion of " program ", made from its option table." \
		>file
}

# `iq db VERB` is offered a verb too, so this does not go through row()
$1 == "verb" && program != "iq" {
	print "complete -c " program " -n __fish_use_subcommand -f -a " $2 >file
	front = front "complete -c iq -n " \
		quoted("__fish_seen_subcommand_from " substr(program, 4)) \
		" -a " $2 "\n"
}

$1 == "after" && program == "iq" {
	front = front "complete -c iq -n " \
		quoted("__fish_seen_subcommand_from " $2) " -f -a " \
		quoted($3) "\n"
}

$1 == "after" && program != "iq" && $3 != "file" {
	print "complete -c " program " -n " \
		quoted("__fish_seen_subcommand_from " $2) " -f -a " \
		quoted($3) >file
	front = front "complete -c iq -n " \
		quoted("__fish_seen_subcommand_from " substr(program, 4) \
		"; and __fish_seen_subcommand_from " $2) " -f -a " \
		quoted($3) "\n"
}

$1 == "verb" && program == "iq" { commands[++ncommands] = $2 }

$1 == "option" && $8 != "-" {
	text = ($2 == "-" ? "" : "-s " $2 " ") ($3 == "-" ? "" : "-l " $3 " ")
	if ($4 == "needed") {
		if ($6 == "file")
			text = text "-r -F "
		else if ($6 == "dir")
			text = text "-x -a " \
				quoted("(__fish_complete_directories)") " "
		else if ($6 == "-")
			text = text "-x "
		else if ($6 == "type")
			text = text "-x -a " quoted("(iq-stats --json " \
				"2>/dev/null | string match -arg " \
				q "\"type\":\"([^\"]*)\"" q ")") " "
		else
			text = text "-x -a " quoted($6) " "
	}
	row(text "-d " quoted($8))
}

END {
	if (file != "")
		close(file)
	file = dir "/iq.fish"
	for (i = 1; i <= ncommands; i++)
		printf "complete -c iq -n __fish_use_subcommand -f -a %s%s\n",
			commands[i], ("iq-" commands[i]) in purpose ? \
			" -d " quoted(purpose["iq-" commands[i]]) : "" >>file
	printf "%s", front >>file
}
