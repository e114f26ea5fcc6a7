//! The identity of a caller, and the proof of what they may do.

use std::marker::PhantomData;

use domain::{Role, SessionId, TenantId, UserId};

use crate::{Forbidden, Permission, Scopes, ViewImports};

/// A user as an access token identifies them: the user, the tenant, the role, and the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// The user.
    pub user_id: UserId,
    /// The one tenant the user belongs to.
    pub tenant_id: TenantId,
    /// The role the user had when the token was issued.
    pub role: Role,
    /// The session (refresh token family) that the token belongs to.
    /// For an API key it is the id of the key.
    pub session_id: SessionId,
    /// The permissions that an API key has of those of the role; `None` for a person, who has all of them.
    pub scopes: Option<Scopes>,
}

impl Identity {
    /// Proves that the role carries the permission `P`.
    ///
    /// ```
    /// use auth::{Identity, ManageImports, ManageUsers};
    /// use domain::{Role, SessionId, TenantId, UserId};
    /// # let id = uuid::Uuid::nil();
    /// let owner = Identity {
    ///     user_id: UserId::from_uuid(id),
    ///     tenant_id: TenantId::from_uuid(id),
    ///     role: Role::Owner,
    ///     session_id: SessionId::from_uuid(id),
    ///     scopes: None,
    /// };
    /// assert!(owner.authorize::<ManageImports>().is_ok());
    /// assert!(owner.authorize::<ManageUsers>().is_err());
    /// ```
    ///
    /// # Errors
    /// [`Forbidden`] when the role does not carry it, or the scopes of an API key do not.
    pub fn authorize<P: Permission>(self) -> Result<Actor<P>, Forbidden> {
        let is_in_reach = self.scopes.is_none_or(Scopes::contain::<P>);
        if is_in_reach && P::ROLES.contains(&self.role) {
            Ok(Actor {
                identity: self,
                permission: PhantomData,
            })
        } else {
            Err(Forbidden {
                permission: P::NAME,
            })
        }
    }
}

/// A caller who has the permission `P`. Only [`Identity::authorize`] creates one.
pub struct Actor<P> {
    identity: Identity,
    permission: PhantomData<fn() -> P>,
}

impl<P> Actor<P> {
    /// The identity.
    #[must_use]
    pub const fn identity(&self) -> Identity {
        self.identity
    }

    /// The tenant within which everything the actor does happens.
    #[must_use]
    pub const fn tenant_id(&self) -> TenantId {
        self.identity.tenant_id
    }

    /// The acting user.
    #[must_use]
    pub const fn user_id(&self) -> UserId {
        self.identity.user_id
    }

    /// The acting user's role.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.identity.role
    }

    /// The session through which the actor acts.
    #[must_use]
    pub const fn session_id(&self) -> SessionId {
        self.identity.session_id
    }
}

impl Actor<ViewImports> {
    /// The user to whose jobs the view is limited: an agent sees only their own; `None` means all jobs of the tenant.
    #[must_use]
    pub fn own_jobs_of(&self) -> Option<UserId> {
        match self.identity.role {
            Role::Agent => Some(self.identity.user_id),
            Role::Admin | Role::Owner => None,
        }
    }
}

// Derives would demand the same of `P`, which is only a marker.
impl<P> Clone for Actor<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Actor<P> {}

impl<P> std::fmt::Debug for Actor<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Actor").field(&self.identity).finish()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::ManageImports;

    fn identity(role: Role) -> Identity {
        Identity {
            user_id: UserId::from_uuid(Uuid::from_u128(1)),
            tenant_id: TenantId::from_uuid(Uuid::from_u128(2)),
            role,
            session_id: SessionId::from_uuid(Uuid::from_u128(3)),
            scopes: None,
        }
    }

    #[test]
    fn an_agent_is_no_actor_of_what_only_owners_may_do() {
        let refused = identity(Role::Agent).authorize::<ManageImports>();
        assert_eq!(
            refused.map(|_| ()),
            Err(Forbidden {
                permission: "ManageImports"
            })
        );
    }

    #[test]
    fn a_machine_may_what_both_its_scopes_and_its_role_carry() {
        let machine = |role| Identity {
            scopes: Scopes::parse(["manage_imports", "view_imports"]),
            ..identity(role)
        };
        assert!(machine(Role::Owner).authorize::<ManageImports>().is_ok());
        assert!(
            machine(Role::Owner)
                .authorize::<crate::Authenticated>()
                .is_ok()
        );
        assert!(
            machine(Role::Owner)
                .authorize::<crate::ManageResources>()
                .is_err()
        );
        assert!(
            machine(Role::Admin)
                .authorize::<crate::ManageUsers>()
                .is_err()
        );
        assert!(
            machine(Role::Admin)
                .authorize::<crate::OwnAccount>()
                .is_err()
        );
        assert!(machine(Role::Agent).authorize::<ManageImports>().is_err());
    }

    #[test]
    fn an_agent_sees_its_own_jobs_and_an_owner_all() -> Result<(), Forbidden> {
        let agent = identity(Role::Agent).authorize::<ViewImports>()?;
        let owner = identity(Role::Owner).authorize::<ViewImports>()?;
        assert_eq!(agent.own_jobs_of(), Some(agent.user_id()));
        assert_eq!(owner.own_jobs_of(), None);
        Ok(())
    }
}
