# Completes tw in bash. The first line of the answer says what the other lines are.
_tw_complete() {
    local tw=${COMP_WORDS[0]/#\~\//$HOME/} kind line
    type -P -- "$tw" >/dev/null || tw=tw
    COMPREPLY=()
    {
        IFS= read -r kind
        while IFS= read -r line; do COMPREPLY+=("$line"); done
    } < <("$tw" __complete bash "$COMP_LINE" "$2" -- "${COMP_WORDS[@]:0:COMP_CWORD+1}" 2>/dev/null)
    case $kind in
        files) compopt -o default ;;
        folders) compopt +o default -o dirnames ;;
        *) compopt +o default ;;
    esac 2>/dev/null
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=:/] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
# Without an answer, `default` completes file names. bash 3 can't turn that off, and bash 4.4 keeps the order of an answer.
complete -o default -o nosort -F _tw_complete tw 2>/dev/null || complete -o default -F _tw_complete tw
