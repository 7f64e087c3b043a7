# Completes tw in PowerShell.
Register-ArgumentCompleter -Native -CommandName tw -ScriptBlock {
    param($word, $ast, $cursor)
    $words = @(foreach ($element in $ast.CommandElements) {
        if ($element.Extent.EndOffset -ge $cursor) { break }
        if ($element -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $element.Value } else { $element.Extent.Text }
    })
    # Old versions of PowerShell drop an empty argument, so the current word begins with a dot.
    $current = '.' + ([string]$word).TrimStart([char[]]@('"', "'"))
    & tw __complete powershell -- @words $current 2>$null | ForEach-Object {
        $value, $help = $_ -split "`t", 2
        $text = $value
        if ($value -notmatch '^[\w./:%+=-]+$') { $text = "'" + ($value -replace "'", "''") + "'" }
        if (-not $help) { $help = $value }
        [System.Management.Automation.CompletionResult]::new($text, $value, 'ParameterValue', $help)
    }
}
