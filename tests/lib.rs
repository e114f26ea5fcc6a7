//! Holds the integration tests in `it/`; there is no library here.
