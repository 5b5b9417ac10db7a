# Completion of `rollout` for PowerShell, in $PROFILE:
#     rollout completion powershell | Out-String | Invoke-Expression

Register-ArgumentCompleter -Native -CommandName rollout -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $length = [Math]::Max(0, $cursorPosition - $commandAst.Extent.StartOffset)
    $program = $commandAst.CommandElements[0].Extent.Text.Trim('"', "'")
    if ($program.StartsWith('~/')) { $program = $HOME + $program.Substring(1) }
    $option = if ($wordToComplete -match '^(-[^=]*=)') { $Matches[1] } else { '' }
    try {
        $env:_ROLLOUT_COMPLETE = 'complete_powershell'
        $env:_ROLLOUT_LINE = $commandAst.ToString().PadRight($length).Substring(0, $length)
        $kind, $values = & $program 2>$null
    } catch {
        return
    } finally {
        Remove-Item Env:_ROLLOUT_COMPLETE, Env:_ROLLOUT_LINE -ErrorAction SilentlyContinue
    }
    if ($kind -ne 'values') { return } # PowerShell then completes files
    foreach ($line in $values) {
        $value, $help = $line -split "`t", 2
        $word = if ($value -match '^[\w./:+-]+$') { $value } else { "'" + $value.Replace("'", "''") + "'" }
        if (-not $help) { $help = $value }
        [System.Management.Automation.CompletionResult]::new("$option$word", $value, 'ParameterValue', $help)
    }
}
