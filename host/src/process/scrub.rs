//! Overwrites secrets in the memory that the system filled when it started the process: the strings of the environment and of the arguments.

use libc::c_char;

/// Returns the list of the environment's strings, which a null pointer ends.
fn environment() -> *mut *mut c_char {
    #[cfg(target_vendor = "apple")]
    // SAFETY: the function only returns an address, which is never null.
    unsafe {
        *libc::_NSGetEnviron()
    }
    #[cfg(not(target_vendor = "apple"))]
    {
        unsafe extern "C" {
            static mut environ: *mut *mut c_char;
        }
        // SAFETY: the C library defines the variable, and no other thread changes it.
        unsafe { environ }
    }
}

/// Overwrites the values of environment variables with zeros. The variables become empty. A name that stands in the environment several times is
/// overwritten each time.
///
/// Must be called before the process has a second thread.
pub(super) fn overwrite_variables(names: &[&str]) {
    let mut entry = environment();
    // SAFETY: the list is valid until its null pointer, and each string until its zero byte. Nobody else reads or changes them now, because there is no
    // second thread, and no value of Rust borrows them: `std::env` copies. The strings are writable: POSIX lets `putenv` and programs change them.
    unsafe {
        while !entry.is_null() && !(*entry).is_null() {
            let length = libc::strlen(*entry);
            let string = std::slice::from_raw_parts_mut((*entry).cast::<u8>(), length);
            let equals = string.iter().position(|byte| *byte == b'=');
            if let Some(equals) = equals
                && names
                    .iter()
                    .any(|name| name.as_bytes() == &string[..equals])
            {
                string[equals + 1..].fill(0);
            }
            entry = entry.add(1);
        }
    }
}

/// Overwrites a secret at the end of each argument with `*`: `--access-token=SECRET`, `-tSECRET`, and `SECRET` as an argument of its own.
///
/// Does nothing if the arguments can't be found, or if they aren't those of the process.
#[cfg(target_os = "linux")]
pub(super) fn overwrite_arguments(secret: &[u8]) {
    let Some((start, end)) = argument_range().filter(|(start, end)| start < end) else {
        return;
    };
    let mut expected = Vec::new();
    for argument in std::env::args_os() {
        expected.extend_from_slice(argument.as_encoded_bytes());
        expected.push(0);
    }
    // SAFETY: the kernel says that the arguments are in this range, which is on the stack of the first thread and so is mapped and writable for the
    // whole life of the process. No value of Rust borrows the range: `std::env` copies. A plugin isn't mapped yet, so no other thread reads it.
    let arguments = unsafe { std::slice::from_raw_parts_mut(start as *mut u8, end - start) };
    if arguments != expected || secret.is_empty() {
        return;
    }
    for argument in arguments.split_mut(|byte| *byte == 0) {
        if argument.ends_with(secret) {
            let begin = argument.len() - secret.len();
            argument[begin..].fill(b'*');
        }
    }
}

/// Returns the addresses of the first argument and behind the last one. `None` if the kernel doesn't tell.
#[cfg(target_os = "linux")]
fn argument_range() -> Option<(usize, usize)> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is the program's name in parentheses, which may have blanks. proc_pid_stat(5) numbers `arg_start` 48 and `arg_end` 49.
    let (_, behind) = text.rsplit_once(')')?;
    let mut fields = behind.split_ascii_whitespace().skip(48 - 3);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}
