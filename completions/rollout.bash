# Completion of `rollout` for bash. Either in ~/.bashrc:
#     eval "$(rollout completion bash)"
# or once, where bash-completion finds it:
#     rollout completion bash > ~/.local/share/bash-completion/completions/rollout

_rollout() {
    local line
    COMPREPLY=()
    {
        read -r line
        if [[ $line == files ]]; then
            compopt -o default 2>/dev/null
        else
            while IFS= read -r line; do COMPREPLY+=("$line"); done
        fi
    } < <(_ROLLOUT_COMPLETE=complete_bash _ROLLOUT_LINE=${COMP_LINE:0:COMP_POINT} _ROLLOUT_WORD=$2 \
        "${1/#\~\//$HOME/}" 2>/dev/null </dev/null)
}

complete -o nosort -F _rollout rollout 2>/dev/null || complete -F _rollout rollout
