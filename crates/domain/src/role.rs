//! The three roles of a tenant. `auth` defines what each may do.

use crate::word::words;

words! {
    /// The role of a user within their tenant.
    pub enum Role {
        /// May do everything; only admins manage users.
        Admin => "admin",
        /// May do everything except managing users.
        Owner => "owner",
        /// Sees their own jobs and downloads templates.
        Agent => "agent",
    }
}
