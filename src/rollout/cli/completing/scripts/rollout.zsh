#compdef rollout
# Completion of `rollout` for zsh. Either in ~/.zshrc, behind compinit:
#     eval "$(rollout completion zsh)"
# or once, in a folder of $fpath:
#     rollout completion zsh > ~/.zfunc/_rollout

_rollout() {
    local program=${${(Q)words[1]}/#\~\//$HOME/}
    local typed="${(j: :)${(@)words[1,CURRENT-1]}} $QIPREFIX$PREFIX"
    local -a values
    values=("${(@f)$(_ROLLOUT_COMPLETE=complete_zsh _ROLLOUT_LINE=$typed $program 2>/dev/null </dev/null)}")
    if [[ $values[1] == files ]]; then
        _files
        return
    fi
    shift values
    (( $#values )) || return 1
    [[ $PREFIX == -*=* ]] && compset -P 1 '*='
    _describe -V rollout values
}

if [[ $funcstack[1] == _rollout ]]; then
    _rollout "$@" # the first time that zsh loads it from $fpath
else
    compdef _rollout rollout
fi
