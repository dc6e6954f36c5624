# Option tables in, bash completion out: DIR/iq, and beside it a file for each
# program that reads it, because bash-completion loads by the command's name.

BEGIN { FS = "\t"; q = "\047" }

$1 == "program" {
	programs[++n] = program = $2
	if (program != "iq") {
		file = dir "/" program
		print "# shellcheck shell=bash" >file
		print ". \"${BASH_SOURCE[0]%/*}/iq\"" >file
		close(file)
	}
}

$1 == "verb" { verbs[program] = verbs[program] " " $2 }

$1 == "after" {
	after = after sprintf("\t%s%s %s%s) echo %s%s%s ;;\n", q, program, $2, q,
		q, $3, q)
}

$1 == "option" {
	short = $2 == "-" ? "" : "-" $2
	long = $3 == "-" ? "" : "--" $3
	if ($8 != "-")
		options[program] = options[program] (short == "" ? "" : \
			" " short) (long == "" ? "" : " " long \
			($4 == "optional" ? " " long "=" : ""))
	if ($4 == "none")
		next
	values = $6 == "-" ? "" : $6
	if ($4 == "needed" && short != "" && !((program, short) in seen))
		arguments = arguments sprintf("\t%s%s %s%s) echo %s%s%s ;;\n",
			q, program, short, q, q, values, q)
	seen[program, short] = 1
	# --name VALUE or, when its value is optional, only --name=VALUE
	arguments = arguments sprintf("\t%s%s %s%s%s) echo %s%s%s ;;\n", q,
		program, long, $4 == "optional" ? "=" : "", q, q, values, q)
}

END {
	file = dir "/iq"
	print "# shellcheck shell=bash" >file
	print "# bash completion of iq, made from the programs" >file
	print "# option tables.\n" >file
	print "_iq_verbs() {\n\tcase $1 in" >file
	for (i = 1; i <= n; i++)
		if (verbs[programs[i]] != "")
			printf "\t%s) echo %s%s%s ;;\n", programs[i], q,
				substr(verbs[programs[i]], 2), q >file
	print "\tesac\n}\n\n_iq_options() {\n\tcase $1 in" >file
	for (i = 1; i <= n; i++)
		printf "\t%s) echo %s%s%s ;;\n", programs[i], q,
			substr(options[programs[i]], 2), q >file
	print "\tesac\n}\n" >file
	print "# What may follow a verb" >file
	print "_iq_following() {\n\tcase \"$1 $2\" in" >file
	printf "%s", after >file
	print "\tesac\n}\n" >file
	print "# What the argument of an option may be; fails for an option" >file
	print "# that takes none." >file
	print "_iq_argument() {\n\tcase \"$1 $2\" in" >file
	printf "%s", arguments >file
	print "\t*) return 1 ;;\n\tesac\n}\n" >file
	while ((getline line < (here "/bash.in")) > 0)
		print line >file
	printf "complete -o default -F _iq" >file
	for (i = 1; i <= n; i++)
		printf " %s", programs[i] >file
	printf "\n" >file
}
