//! What a role may do. One marker type per permission, so that a signature can demand it.

use domain::Role;

/// A permission and the roles that carry it.
///
/// The markers have no values: they exist as the parameter of an [`Actor`](crate::Actor).
pub trait Permission: Send + Sync + 'static {
    /// Roles that carry the permission.
    const ROLES: &'static [Role];
    /// The marker's name, for errors and logs.
    const NAME: &'static str;
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident: $($role:ident)|+;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {}

        impl Permission for $name {
            const ROLES: &'static [Role] = &[$(Role::$role),+];
            const NAME: &'static str = stringify!($name);
        }
    )+};
}

permissions! {
    /// Upload, validate, start, roll back and delete imports, and read their error reports.
    ManageImports: Admin | Owner;
    /// See the status and the list of imports; an agent sees only its own, see
    /// [`Actor::own_jobs_of`](crate::Actor::own_jobs_of).
    ViewImports: Admin | Owner | Agent;
    /// Download the CSV templates.
    DownloadTemplates: Admin | Owner | Agent;
    /// Read and change packages, jamaah and payments.
    ManageResources: Admin | Owner;
    /// Read and change the users of the tenant.
    ManageUsers: Admin;
    /// Be logged in, with any role.
    Authenticated: Admin | Owner | Agent;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<P: Permission>(admin: bool, owner: bool, agent: bool) {
        let may = [Role::Admin, Role::Owner, Role::Agent].map(|role| P::ROLES.contains(&role));
        assert_eq!(may, [admin, owner, agent], "{}", P::NAME);
    }

    #[test]
    fn each_permission_belongs_to_the_roles_of_the_contract() {
        check::<ManageImports>(true, true, false);
        check::<ViewImports>(true, true, true);
        check::<DownloadTemplates>(true, true, true);
        check::<ManageResources>(true, true, false);
        check::<ManageUsers>(true, false, false);
        check::<Authenticated>(true, true, true);
    }
}
