# Completes tw in fish. The first line of the answer says what the other lines are.
function __tw_complete
    set -l words (commandline --current-process --tokenize --cut-at-cursor)
    set -l word (commandline --current-token --cut-at-cursor)
    set -l tw tw
    command -q -- $words[1]; and set tw $words[1]
    set -l answer (command $tw __complete fish -- $words "$word" 2>/dev/null)
    switch "$answer[1]"
        case values
            string join \n -- $answer[2..]
        case files folders
            # The answer has the beginning of the word, such as `--file=`, and the path after it. fish completes files for a command that nobody completes. A tilde in front stays without quotes.
            set -l line "__tw_files "(string escape --no-quoted -- "$answer[3]" | string replace -r '^\\\\~' '~')
            set -l paths (complete --do-complete="$line")
            test $answer[1] = folders; and set paths (string match -r '.*/(?=\t|$)' -- $paths)
            for path in $paths
                echo -- "$answer[2]$path"
            end
    end
end
complete --command tw --erase
complete --command tw --no-files --keep-order --arguments '(__tw_complete)'
