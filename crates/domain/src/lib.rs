//! What an umroh agency's data is: value types, records and the life of an import job. No IO, no clock, no randomness.
