//! The whole system from outside, over HTTP: one test binary.
