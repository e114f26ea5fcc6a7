//! What a user may be: the three roles of a tenant. What each may do is settled in `auth`.

use crate::word::words;

words! {
    /// The role of a user within their tenant.
    pub enum Role {
        /// Everything, and alone manages users.
        Admin => "admin",
        /// Everything but managing users.
        Owner => "owner",
        /// Sees their own jobs and downloads templates.
        Agent => "agent",
    }
}
