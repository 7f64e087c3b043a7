# Completes tw in bash. Runs the tw of PATH, and never the program that was typed: Tab after `./tw` must not run a file that only lies there.
# tw reads the line from standard input, because every user can read the arguments of a process. The first line of the answer says what the others are.
_tw_complete() {
    local kind= line
    COMPREPLY=()
    type -P tw >/dev/null || return 0
    {
        IFS= read -r kind || :
        while IFS= read -r line; do COMPREPLY+=("$line"); done
    } < <(builtin printf '%s\0' "${COMP_LINE:0:COMP_POINT}" "${2-}" | command tw __complete bash 2>/dev/null)
    # bash 3 has no compopt, and `set -e` ends the shell at any failure.
    case $kind in
        files) compopt -o default ;;
        folders) compopt +o default -o dirnames ;;
        *) compopt +o default ;;
    esac 2>/dev/null || :
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=:/] ]]; then
        compopt -o nospace 2>/dev/null || :
    fi
}
# Without an answer, `default` completes file names. bash 3 can't turn that off, and bash 4.4 keeps the order of an answer.
complete -o default -o nosort -F _tw_complete tw 2>/dev/null || complete -o default -F _tw_complete tw
