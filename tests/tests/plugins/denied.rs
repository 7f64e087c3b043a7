//! A program that starts another one with system calls that fail, as in a sandbox.

use std::path::{Path, PathBuf};

use tw_tests::Tw;

use crate::{
    c::{Workshop, text},
    given::Given,
};

/// The system calls that start processes and threads.
pub(crate) const STARTS: [&str; 4] = ["clone3", "clone", "fork", "vfork"];

/// The compiled program.
#[derive(Debug)]
pub(crate) struct Denier {
    _workshop: Workshop,
    program: PathBuf,
}

impl Denier {
    /// Compiles the program. `None` if gcc is missing.
    pub(crate) fn build() -> Option<Self> {
        let workshop = Workshop::open()?;
        let program = workshop.program("deny", SOURCE);
        Some(Self {
            _workshop: workshop,
            program,
        })
    }

    /// Prepares a command line of `tw` in which these system calls fail with this error.
    pub(crate) fn command(&self, given: &Given, error: i32, calls: &[&str], line: &[&str]) -> Tw {
        let installation = &given.installation;
        let tw = Tw::new(&self.program, &installation.home());
        given.apply_variables(
            tw.args(self.words(&installation.tw(), error, calls))
                .args(line),
        )
    }

    /// Returns the arguments before those of `tw`.
    pub(crate) fn words(&self, tw: &Path, error: i32, calls: &[&str]) -> Vec<String> {
        let (error, tw) = (error.to_string(), text(tw));
        [&[&*error], calls, &["--", &tw]]
            .concat()
            .into_iter()
            .map(str::to_owned)
            .collect()
    }

    /// Returns the path of the program.
    pub(crate) fn path(&self) -> &Path {
        &self.program
    }
}

/// Makes system calls fail with an error number, and becomes another program: `deny ERROR CALL… -- PROGRAM ARGUMENT…`.
const SOURCE: &str = r#"
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct { const char *name; int number; } CALLS[] = {
    {"clone3", SYS_clone3}, {"clone", SYS_clone}, {"memfd_create", SYS_memfd_create},
#ifdef SYS_fork
    {"fork", SYS_fork}, {"vfork", SYS_vfork},
#endif
};

int main(int count, char **words) {
    struct sock_filter filter[32] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))};
    unsigned short length = 1;
    int at = 2;
    for (; at < count && strcmp(words[at], "--") != 0; at++)
        for (size_t call = 0; call < sizeof CALLS / sizeof *CALLS; call++)
            if (strcmp(words[at], CALLS[call].name) == 0) {
                struct sock_filter jump = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CALLS[call].number, 0, 1);
                struct sock_filter deny = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | atoi(words[1]));
                filter[length++] = jump;
                filter[length++] = deny;
            }
    struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    filter[length++] = allow;
    struct sock_fprog program = {length, filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        return 99;
    execv(words[at + 1], words + at + 1);
    return 98;
}
"#;
