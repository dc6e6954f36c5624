# Option tables in, zsh completion out: DIR/_iq, for all programs.

BEGIN { FS = "\t"; q = "\047" }

# Text inside a quoted specification of _arguments
function quoted(s) {
	gsub(/[\[\]:\\]/, "\\\\&", s)
	gsub(q, q "\\" q q, s)
	return s
}

function action(values) {
	if (values == "-")
		return " "
	if (values == "type")
		return "_iq_types"
	if (values == "file")
		return "_files"
	if (values == "dir")
		return "_files -/"
	return "(" values ")"
}

$1 == "program" {
	programs[++n] = program = $2
	purpose[program] = $3
}

$1 == "verb" { verbs[program] = verbs[program] " " $2 }

$1 == "after" {
	following[program] = following[program] "\t" $2 ") " \
		($3 == "file" ? "_files" : "compadd " $3) " ;;\n"
	follow[program] = follow[program] (follow[program] == "" ? "" : "|") $2
}

$1 == "option" && $8 != "-" {
	text = "[" quoted($8) "]"
	tail = ""
	if ($4 == "needed")
		tail = ":" quoted($5) ":" action($6)
	else if ($4 == "optional")
		tail = "::" quoted($5) ":" action($6)
	if ($2 != "-")
		specs[program] = specs[program] sprintf("\t\t%s*-%s%s%s%s%s \\\n",
			q, $2, $4 == "needed" ? "+" : "", text,
			$4 == "needed" ? tail : "", q)
	if ($3 != "-")
		specs[program] = specs[program] sprintf("\t\t%s*--%s%s%s%s%s \\\n",
			q, $3, $4 == "needed" ? "=" : $4 == "optional" ? "=-" : \
			"", text, tail, q)
}

END {
	file = dir "/_iq"
	printf "#compdef" >file
	for (i = 1; i <= n; i++)
		printf " %s", programs[i] >file
	print "\n# zsh completion of iq, made from the programs" >file
	print "# option tables.\n" >file
	print "_iq_types() {" >file
	print "\tlocal -a types" >file
	print "\ttypes=(${(f)\"$(iq-stats --json 2>/dev/null |" >file
	printf "\t\tgrep -o %s\"type\":\"[^\"]*\"%s | cut -d%s\"%s -f4)\"})\n",
		q, q, q, q >file
	print "\tcompadd -a types\n}\n" >file
	for (i = 1; i <= n; i++) {
		program = programs[i]
		printf "_%s() {\n", program >file
		if (program == "iq")
			print "\tlocal curcontext=$curcontext state line" >file
		printf "\t_arguments -s -S %s\\\n%s", program == "iq" ? \
			"-A " q "-*" q " -C " : "", specs[program] >file
		if (verbs[program] != "")
			printf "\t\t%s1:%s:(%s)%s \\\n", q, program == "iq" ? \
				"command" : "verb", substr(verbs[program], 2),
				q >file
		if (program != "iq") {
			printf "\t\t%s*:operand:%s%s\n}\n\n", q, \
				program in follow ? "_" program "_following" : \
				"_files", q >file
			if (program in follow)
				printf "_%s_following() {\n\tcase %s in\n%s" \
					"\t*) _files ;;\n\tesac\n}\n\n", \
					program, "${words[(r)(" follow[program] \
					")]}", following[program] >file
			continue
		}
		printf "\t\t%s*:: :->rest%s\n", q, q >file
		print "\t[[ $state = rest ]] || return" >file
		print "\tif [[ $words[1] = help ]]; then" >file
		printf "\t\tcase help in\n%s\t\tesac\n", following[program] >file
		print "\telif (( $+functions[_iq-$words[1]] )); then" >file
		print "\t\t_iq-$words[1]\n\tfi\n}\n" >file
	}
	print "_${service}" >file
}
