//! Lines for people on the standard streams. A reader that leaves early, as `… | head -1` does, ends no program half-way: what
//! is not read is not an error of the work that it is about, and the exit code stays that of the work.

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

/// What [`say!`](crate::say) does.
pub fn say_line(line: Arguments<'_>) {
    // See the module: the reader may have left.
    let _ = writeln!(stdout(), "{line}");
}

/// What [`complain!`](crate::complain) does.
pub fn complain_line(line: Arguments<'_>) {
    let _ = writeln!(stderr(), "{line}");
}
