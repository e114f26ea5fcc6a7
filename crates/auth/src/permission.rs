//! What a role may do. One marker type per permission, so that a signature can require it.

use domain::Role;

/// A permission and the roles that carry it.
///
/// The markers have no values: they exist as the parameter of an [`Actor`](crate::Actor).
pub trait Permission: Send + Sync + 'static {
    /// Roles that carry the permission.
    const ROLES: &'static [Role];
    /// The marker's name, for errors and logs.
    const NAME: &'static str;
    /// The permission's word, for clients.
    const WORD: &'static str;
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident $word:literal: $($role:ident)|+;)+) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            pub enum $name {}

            impl Permission for $name {
                const ROLES: &'static [Role] = &[$(Role::$role),+];
                const NAME: &'static str = stringify!($name);
                const WORD: &'static str = $word;
            }
        )+

        /// The word of each permission and the roles that carry it.
        const WORDS: &[(&str, &[Role])] = &[$(($word, <$name as Permission>::ROLES)),+];
    };
}

permissions! {
    /// Upload, validate, start, roll back and delete imports, and read their error reports.
    ManageImports "manage_imports": Admin | Owner;
    /// See the status and the list of imports; an agent sees only its own, see
    /// [`Actor::own_jobs_of`](crate::Actor::own_jobs_of).
    ViewImports "view_imports": Admin | Owner | Agent;
    /// Download the CSV templates.
    DownloadTemplates "download_templates": Admin | Owner | Agent;
    /// Read and change packages, jamaah and payments.
    ManageResources "manage_resources": Admin | Owner;
    /// Read and change the users of the tenant.
    ManageUsers "manage_users": Admin;
    /// Read and change the settings of the tenant.
    ManageTenant "manage_tenant": Admin | Owner;
    /// Read and change the webhooks of the tenant, which send data to other systems.
    ManageWebhooks "manage_webhooks": Admin;
}

/// Be logged in, with any role. Every caller has it, so it is not reported to clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authenticated {}

impl Permission for Authenticated {
    const ROLES: &'static [Role] = Role::ALL;
    const NAME: &'static str = "Authenticated";
    const WORD: &'static str = "authenticated";
}

/// Change the own password and end the own sessions: allowed to every person and to no API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnAccount {}

impl Permission for OwnAccount {
    const ROLES: &'static [Role] = Role::ALL;
    const NAME: &'static str = "OwnAccount";
    const WORD: &'static str = "own_account";
}

/// The words of the permissions that a role carries, for clients that show what may be done.
pub fn permissions_of(role: Role) -> impl Iterator<Item = &'static str> {
    WORDS
        .iter()
        .filter(move |(_, roles)| roles.contains(&role))
        .map(|(word, _)| *word)
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
        check::<ManageTenant>(true, true, false);
        check::<ManageWebhooks>(true, false, false);
        check::<Authenticated>(true, true, true);
    }

    #[test]
    fn a_client_is_told_the_permissions_of_its_role() {
        let of = |role| permissions_of(role).collect::<Vec<_>>();
        assert_eq!(of(Role::Admin).len(), WORDS.len());
        assert_eq!(of(Role::Agent), ["view_imports", "download_templates"]);
    }
}
