#compdef tw
# Completes tw in zsh. Runs the tw of PATH, and never the program that was typed: Tab after `./tw` must not run a file that only lies there.
# tw reads the words from standard input, because every user can read the arguments of a process. The first line of the answer says what the others are.
_tw_complete() {
    (( $+commands[tw] )) || return 1
    local kind
    local -a lines
    lines=("${(@f)$(builtin print -rN -- "${(@Q)words[1,CURRENT-1]}" "${(Q)PREFIX}" | command tw __complete zsh 2>/dev/null)}")
    kind=$lines[1]
    shift lines
    case $kind in
        files*) compset -p ${kind#files } && _files ;;
        folders*) compset -p ${kind#folders } && _files -/ ;;
        values) (( $#lines )) && _describe -V 'values' lines ;;
    esac
}
if [[ $funcstack[1] == _tw ]]; then
    # This file is `_tw` in a folder of fpath, and this is the first completion.
    compdef _tw_complete tw
    _tw_complete "$@"
else
    # `-i` leaves out folders that others can write. Without it, every new shell would ask about them.
    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }
    if (( $+functions[compdef] )); then compdef _tw_complete tw; fi
fi
