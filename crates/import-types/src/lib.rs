//! Jamaah, payment and package as schemas of the import engine.
