//! Which sessions are open, according to a recent answer of the database: an ended session is refused within seconds, without a query for
//! each request. A query renews all sessions that are due, so that a thousand open sockets cost one query, not a thousand.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use auth::Identity;
use domain::{SessionId, Timestamp};
use repositories::{LiveSession, RepositoryError};
use tokio::time::Instant;

/// How long an answer of the database is reused. Open sockets look once a second, so with this and a slow answer an ended
/// session receives nothing after five seconds.
const BELIEVED: Duration = Duration::from_secs(2);
/// Answers older than this are renewed together with one that has to be.
const DUE: Duration = Duration::from_secs(1);
/// Sessions that were not asked for in this time are not renewed, and are forgotten when there are many.
const IN_USE: Duration = Duration::from_secs(10);
/// Sessions asked for at once: a statement of a few kilobytes.
const AT_ONCE: usize = 500;
/// A map with fewer entries is not cleaned.
const WORTH_CLEANING: usize = 1024;

#[derive(Debug)]
pub(super) struct LivingSessions {
    rows: repositories::Sessions,
    known: Mutex<HashMap<SessionId, Known>>,
    asking: tokio::sync::Mutex<()>,
}

#[derive(Debug, Clone, Copy)]
struct Known {
    /// Whose session it is and in which role; `None` if it is over.
    living: Option<LiveSession>,
    /// When the database was asked; `None` if that has not happened yet.
    asked: Option<Instant>,
    used: Instant,
}

impl LivingSessions {
    pub(super) fn new(rows: repositories::Sessions) -> Self {
        Self {
            rows,
            known: Mutex::default(),
            asking: tokio::sync::Mutex::default(),
        }
    }

    /// The session, if it is alive and still the identity's.
    pub(super) async fn find(
        &self,
        identity: &Identity,
        now: Timestamp,
    ) -> Result<Option<LiveSession>, RepositoryError> {
        let theirs = |living: Option<LiveSession>| {
            living.filter(|live| live.user_id == identity.user_id && live.role == identity.role)
        };
        if let Some(known) = self.look_up(identity.session_id) {
            return Ok(theirs(known.living));
        }
        let _turn = self.asking.lock().await;
        // An earlier request may have renewed this one too.
        if let Some(known) = self.look_up(identity.session_id) {
            return Ok(theirs(known.living));
        }
        let asked = Instant::now();
        let due = self.due(identity.session_id, asked);
        let living = self.rows.living(&due, now).await?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        for session in due {
            if let Some(entry) = known.get_mut(&session) {
                entry.living = living.get(&session).copied();
                entry.asked = Some(asked);
            }
        }
        if known.len() > WORTH_CLEANING {
            known.retain(|_, entry| asked.saturating_duration_since(entry.used) < IN_USE);
        }
        Ok(theirs(living.get(&identity.session_id).copied()))
    }

    /// What is known of a session, if that is recent enough.
    fn look_up(&self, session: SessionId) -> Option<Known> {
        let now = Instant::now();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = known.entry(session).or_insert(Known {
            living: None,
            asked: None,
            used: now,
        });
        entry.used = now;
        let asked = entry.asked?;
        (now.saturating_duration_since(asked) < BELIEVED).then_some(*entry)
    }

    /// The session and others that are in use and will have to be asked for soon.
    fn due(&self, session: SessionId, now: Instant) -> Vec<SessionId> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = |entry: &Known| {
            let is_old = |asked| now.saturating_duration_since(asked) >= DUE;
            now.saturating_duration_since(entry.used) < IN_USE && entry.asked.is_none_or(is_old)
        };
        let others = known
            .iter()
            .filter(|(other, entry)| **other != session && is_due(entry))
            .map(|(other, _)| *other);
        std::iter::once(session)
            .chain(others.take(AT_ONCE - 1))
            .collect()
    }
}
