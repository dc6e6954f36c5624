# complete.zsh DIR LINE - what zsh offers behind LINE, with the functions of
# DIR: an interactive zsh in a terminal of its own gets LINE and a Tab, and a
# compadd of ours writes down what would be shown.
zmodload zsh/zpty
zpty shell zsh -f -i

# say LINE; hear WORD: until WORD was printed, which no line spells out
say() { zpty -w shell "$1" }
hear() {
	local line
	while zpty -r shell line; do
		[[ $line = *$1* ]] && return
	done
	return 1
}

say "PS1= fpath=(${(q)1:a} \$fpath); autoload -Uz compinit; compinit -u -D"
say "offered=${(q)PWD}/offered; : >\$offered"
say 'compadd() {
	local -a hits
	builtin compadd -O hits "$@"
	(( $#hits )) && print -rl -- $hits >>$offered
	builtin compadd "$@"
}'
say 'done-now() { BUFFER=; print -r EN""D; }; zle -N done-now'
say 'bindkey "^I" complete-word; bindkey "^X" done-now; print REA""DY'
hear READY || exit
zpty -w -n shell "$2"$'\t\x18'
hear END
zpty -d shell
cat offered
