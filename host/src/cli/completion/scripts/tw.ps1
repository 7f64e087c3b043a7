# Completes tw in PowerShell. Runs the tw of PATH, and never what was typed: Tab after `./tw` must not run a file that only lies there.
Register-ArgumentCompleter -Native -CommandName tw -ScriptBlock {
    param($word, $ast, $cursor)
    $tw = Get-Command tw -CommandType Application -ErrorAction Ignore | Select-Object -First 1
    if (-not $tw) { return }
    $words = @(foreach ($element in $ast.CommandElements) {
        if ($element.Extent.EndOffset -ge $cursor) { break }
        if ($element -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $element.Value } else { $element.Extent.Text }
    })
    # PowerShell takes the typographic quotes as quotes too.
    $words += ([string]$word).TrimStart([char[]]@(0x22, 0x27, 0x2018, 0x2019, 0x201A, 0x201B, 0x201C, 0x201D, 0x201E))
    $exit = Get-Variable LASTEXITCODE -Scope Global -ValueOnly -ErrorAction Ignore
    $encoding = [Console]::OutputEncoding
    # tw reads and writes UTF-8. This variable is one of this block only.
    $OutputEncoding = New-Object System.Text.UTF8Encoding $false
    $answer = @()
    try {
        [Console]::OutputEncoding = $OutputEncoding
        # A zero ends each word. They go through standard input: others can read the arguments of a process, and old versions of PowerShell break them.
        $answer = @((($words | ForEach-Object { "$_`0" }) -join '') | & $tw __complete powershell 2>$null)
    } catch {
    } finally {
        [Console]::OutputEncoding = $encoding
        $global:LASTEXITCODE = $exit
    }
    $answer | ForEach-Object {
        $value, $help = $_ -split "`t", 2
        $text = $value
        if ($value -notmatch '^[\w./:%+=-]+$') {
            $text = "'" + [System.Management.Automation.Language.CodeGeneration]::EscapeSingleQuotedStringContent($value) + "'"
        }
        if (-not $help) { $help = $value }
        [System.Management.Automation.CompletionResult]::new($text, $value, 'ParameterValue', $help)
    }
}
