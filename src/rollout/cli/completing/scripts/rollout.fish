# Completion of `rollout` for fish:
#     rollout completion fish > ~/.config/fish/completions/rollout.fish

function __rollout_complete
    set -l program (string replace -r '^~/' "$HOME/" -- (commandline -opc)[1])
    set -l values (_ROLLOUT_COMPLETE=complete_fish _ROLLOUT_LINE=(commandline -cp | string collect) $program 2>/dev/null </dev/null)
    if test "$values[1]" = files
        __fish_complete_path (commandline -ct)
    else
        test (count $values) -gt 1; and printf "%s\n" $values[2..]
    end
end

complete --command rollout --no-files --keep-order --arguments '(__rollout_complete)'
