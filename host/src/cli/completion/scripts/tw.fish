# Completes tw in fish. Runs the tw of PATH, and never the program that was typed: Tab after `./tw` must not run a file that only lies there.
# tw reads the line from standard input, because every user can read the arguments of a process. The first line of the answer says what the others are.
function __tw_complete
    command -q tw; or return
    set -l line (commandline --current-process --cut-at-cursor | string collect)
    set -l answer (string join0 -- "$line" | command tw __complete fish 2>/dev/null)
    switch "$answer[1]"
        case values
            string join \n -- $answer[2..]
        case files folders
            # The answer has the beginning of the word, such as `--file=`, and the path after it as it was typed. fish completes files for a command that nobody completes.
            set -l paths (complete --do-complete="__tw_files $answer[3]")
            test $answer[1] = folders; and set paths (string match -r '.*/(?=\t|$)' -- $paths)
            for path in $paths
                echo -- "$answer[2]$path"
            end
    end
end
complete --command tw --erase
complete --command tw --no-files --keep-order --arguments '(__tw_complete)'
