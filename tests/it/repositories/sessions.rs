//! Users and their sessions: rotation, replay, and what ends them.

use anyhow::{Context, Result};
use domain::{
    Change, Clock, RefreshTokenId, RefreshTokenRecord, Role, SessionId, Timestamp, UserId,
    UserPatch,
};
use repositories::{ListQuery, RepositoryError, Rotation, Sessions, Users};
use time::Duration;

use super::world::{Now, World, on_both_databases, user};

on_both_databases! {
    a_token_rotates_and_a_replay_ends_the_session,
    two_tabs_at_once_are_one_rotation,
    a_session_that_rotates_while_it_is_ended_is_over,
    changes_of_a_user_end_their_sessions,
    the_last_administrator_stays_when_several_leave_at_once,
    users_are_found_listed_and_softly_deleted,
}

const GRACE: Duration = Duration::seconds(10);

fn token(user_id: UserId, hash: &str, now: Timestamp) -> RefreshTokenRecord {
    RefreshTokenRecord {
        id: RefreshTokenId::mint(&Now),
        session_id: SessionId::mint(&Now),
        user_id,
        parent_id: None,
        token_hash: hash.to_owned(),
        used_at: None,
        expires_at: now + Duration::days(7),
        absolute_expires_at: now + Duration::days(30),
        is_revoked: false,
        created_date: now,
        user_agent: None,
    }
}

async fn a_token_rotates_and_a_replay_ends_the_session(world: &World) -> Result<()> {
    let sessions = Sessions::new(&world.db);
    let now = Now.now();
    let first = token(world.user, "satu", now);
    sessions.open(&first).await?;
    let second = token(world.user, "dua", now);
    let Rotation::Rotated(user, stored) = sessions.rotate("satu", &second, now, GRACE).await?
    else {
        anyhow::bail!("not rotated");
    };
    assert_eq!(user.id, world.user);
    assert_eq!(
        (stored.session_id, stored.parent_id),
        (first.session_id, Some(first.id))
    );
    assert_eq!(stored.absolute_expires_at, first.absolute_expires_at);

    let third = token(world.user, "tiga", now);
    let soon = now + Duration::seconds(5);
    let repeated = sessions.rotate("satu", &third, soon, GRACE).await?;
    assert_eq!(repeated, Rotation::Repeated(user, stored));
    let late = now + Duration::seconds(11);
    assert!(
        sessions.user_of(first.session_id, late).await?.is_some(),
        "still open"
    );
    let reused = sessions.rotate("satu", &third, late, GRACE).await?;
    assert_eq!(reused, Rotation::Reused(first.session_id));
    assert_eq!(
        sessions.rotate("dua", &third, late, GRACE).await?,
        Rotation::Refused
    );
    assert_eq!(sessions.user_of(first.session_id, late).await?, None);

    let old = token(world.user, "usang", now);
    sessions.open(&old).await?;
    let end = old.absolute_expires_at;
    let expired = sessions
        .rotate("usang", &third, old.expires_at, GRACE)
        .await?;
    assert_eq!(expired, Rotation::Refused);
    assert_eq!(sessions.sweep(end).await?, 3);
    Ok(())
}

async fn two_tabs_at_once_are_one_rotation(world: &World) -> Result<()> {
    let sessions = Sessions::new(&world.db);
    let now = Now.now();
    sessions.open(&token(world.user, "satu", now)).await?;
    let tabs = (0..8).map(|tab| {
        let sessions = sessions.clone();
        let successor = token(world.user, &format!("tab-{tab}"), now);
        tokio::spawn(async move { sessions.rotate("satu", &successor, now, GRACE).await })
    });
    let mut rotated = Vec::new();
    let mut repeated = Vec::new();
    for tab in tabs.collect::<Vec<_>>() {
        match tab.await?? {
            Rotation::Rotated(_, stored) => rotated.push(stored.token_hash),
            Rotation::Repeated(_, stored) => repeated.push(stored.token_hash),
            other => anyhow::bail!("{other:?}"),
        }
    }
    assert_eq!((rotated.len(), repeated.len()), (1, 7));
    assert!(repeated.iter().all(|hash| *hash == rotated[0]));
    Ok(())
}

async fn a_session_that_rotates_while_it_is_ended_is_over(world: &World) -> Result<()> {
    let now = Now.now();
    let password = UserPatch {
        password_hash: Some("lain".to_owned()),
        ..UserPatch::default()
    };
    for round in 0..24 {
        let sessions = Sessions::new(&world.db);
        let users = Users::new(&world.db);
        let first = token(world.user, &format!("lama-{round}"), now);
        sessions.open(&first).await?;
        let rotation = tokio::spawn({
            let (sessions, spent) = (sessions.clone(), first.token_hash.clone());
            let successor = token(world.user, &format!("baru-{round}"), now);
            async move { sessions.rotate(&spent, &successor, now, GRACE).await }
        });
        if round % 2 == 0 {
            assert!(sessions.close(&first.token_hash, now).await?);
        } else {
            let changed = users.update(world.scope, world.user, &password, "admin", now);
            changed.await?.context("is there")?;
        }
        rotation.await??;
        let open = sessions.user_of(first.session_id, now).await?;
        assert_eq!(open, None, "round {round}");
    }
    Ok(())
}

async fn another_admin(world: &World) -> Result<UserId> {
    let id = UserId::mint(&Now);
    let admin = user(&format!("pengurus-{id}"), Role::Admin);
    Users::new(&world.db)
        .insert(
            world.scope,
            id,
            Now.mint_uuid(),
            &admin,
            "system",
            Now.now(),
        )
        .await?;
    Ok(id)
}

async fn the_last_administrator_stays_when_several_leave_at_once(world: &World) -> Result<()> {
    let users = Users::new(&world.db);
    let now = Now.now();
    let mut last = world.user;
    for round in 0..8 {
        let other = another_admin(world).await?;
        let leave = |id: UserId, deleted: bool| {
            let (users, scope) = (users.clone(), world.scope);
            tokio::spawn(async move {
                if deleted {
                    return users.delete(scope, id, "admin", now).await;
                }
                let patch = UserPatch {
                    role: Some(Role::Owner),
                    ..UserPatch::default()
                };
                let changed = users.update(scope, id, &patch, "admin", now).await?;
                Ok(changed.is_some())
            })
        };
        let (one, two) = (leave(last, round % 2 == 0), leave(other, round % 4 < 2));
        last = match (one.await?, two.await?) {
            (Ok(true), Err(RepositoryError::LastAdministrator)) => other,
            (Err(RepositoryError::LastAdministrator), Ok(true)) => last,
            both => anyhow::bail!("round {round}: {both:?}"),
        };
        let stays = users.find(world.scope, last).await?.context("is there")?;
        assert_eq!((stays.profile.role, stays.is_active), (Role::Admin, true));
    }
    Ok(())
}

async fn changes_of_a_user_end_their_sessions(world: &World) -> Result<()> {
    let sessions = Sessions::new(&world.db);
    let users = Users::new(&world.db);
    let now = Now.now();
    another_admin(world).await?;
    for (place, (patch, ends)) in [
        (
            UserPatch {
                nama_lengkap: Some("Nama Lain".to_owned()),
                email: Change::Clear,
                ..UserPatch::default()
            },
            false,
        ),
        (
            UserPatch {
                role: Some(Role::Admin),
                ..UserPatch::default()
            },
            false,
        ),
        (
            UserPatch {
                role: Some(Role::Agent),
                ..UserPatch::default()
            },
            true,
        ),
        (
            UserPatch {
                password_hash: Some("lain".to_owned()),
                ..UserPatch::default()
            },
            true,
        ),
        (
            UserPatch {
                is_active: Some(false),
                ..UserPatch::default()
            },
            true,
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let session = token(world.user, &format!("sesi-{place}"), now);
        sessions.open(&session).await?;
        users
            .update(world.scope, world.user, &patch, "admin", now)
            .await?
            .context("is there")?;
        let open = sessions.user_of(session.session_id, now).await?.is_some();
        assert_eq!(open, !ends, "case {place}");
    }
    Ok(())
}

async fn users_are_found_listed_and_softly_deleted(world: &World) -> Result<()> {
    let users = Users::new(&world.db);
    let sessions = Sessions::new(&world.db);
    let now = Now.now();
    let id = UserId::mint(&Now);
    let agent = user("Agen-Satu", Role::Agent);
    let stored = users
        .insert(world.scope, id, Now.mint_uuid(), &agent, "admin", now)
        .await?;
    assert_eq!(stored.profile, agent.profile);
    let found = sessions.user_by_name("AGEN-satu").await?;
    assert_eq!(found.as_ref(), Some(&stored));
    assert_eq!(sessions.user_by_name("agen\0").await?, None);
    let (other_tenant, _) = world.other_tenant().await?;
    let again = users
        .insert(
            other_tenant,
            UserId::mint(&Now),
            Now.mint_uuid(),
            &user("agen-SATU", Role::Owner),
            "admin",
            now,
        )
        .await;
    assert!(
        matches!(again, Err(RepositoryError::Duplicate { field: "username" })),
        "{again:?}"
    );
    let query = ListQuery {
        filter: vec!["role=agent".parse()?, "is_active=true".parse()?],
        sort: vec!["nama_lengkap:desc".parse()?],
        search: Some("agen".to_owned()),
        limit: 10,
        offset: 0,
    };
    let page = users.list(world.scope, &query).await?;
    assert_eq!((page.items, page.total), (vec![stored], 1));
    assert_eq!(users.find(other_tenant, id).await?, None);
    assert!(!users.delete(other_tenant, id, "admin", now).await?);
    assert!(users.delete(world.scope, id, "admin", now).await?);
    assert!(!users.delete(world.scope, id, "admin", now).await?);
    assert_eq!(users.find(world.scope, id).await?, None);
    let deleted = sessions.user_by_name("agen-satu").await?;
    assert!(deleted.is_some_and(|user| user.deleted && !user.may_log_in()));
    Ok(())
}
