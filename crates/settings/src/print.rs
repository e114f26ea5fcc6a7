//! Lines for people on the standard streams. A reader that closes the stream early, as `… | head -1` does, does not stop a program
//! half-way: unread output is not an error of the program's work, and the exit code stays that of the work.

use std::fmt::Arguments;
use std::io::{Write, stderr, stdout};

/// Writes a line to the standard output, with the arguments of [`println!`].
#[macro_export]
macro_rules! say {
    ($($argument:tt)*) => { $crate::say_line(::core::format_args!($($argument)*)) };
}

/// Writes a line to the standard error, with the arguments of [`println!`].
#[macro_export]
macro_rules! complain {
    ($($argument:tt)*) => { $crate::complain_line(::core::format_args!($($argument)*)) };
}

/// The implementation of [`say!`](crate::say).
pub fn say_line(line: Arguments<'_>) {
    // See the module: the reader may have closed the stream.
    let _ = writeln!(stdout(), "{line}");
}

/// The implementation of [`complain!`](crate::complain).
pub fn complain_line(line: Arguments<'_>) {
    let _ = writeln!(stderr(), "{line}");
}
