//! The only crate that speaks SQL: entities, queries, bulk loading.
