#compdef rollout

_rollout_completion() {
  eval $(env _TYPER_COMPLETE_ARGS="${words[1,$CURRENT]}" _ROLLOUT_COMPLETE=complete_zsh rollout)
}

compdef _rollout_completion rollout
