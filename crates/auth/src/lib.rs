//! Passwords, tokens and permissions as pure computation.
