#compdef tw
# Completes tw in zsh. The first line of the answer says what the other lines are.
_tw_complete() {
    local tw=${(Q)words[1]} kind
    tw=${tw/#\~\//$HOME/}
    (( $+commands[$tw] )) || [[ $tw == */* && -x $tw ]] || tw=tw
    local -a lines
    lines=("${(@f)$(command "$tw" __complete zsh -- "${(@Q)words[1,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
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
    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
    compdef _tw_complete tw
fi
