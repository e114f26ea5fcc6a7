//! Which subscribers get which events, and what a slow one misses.

use domain::{Role, SessionId, UserId};
use futures_util::{FutureExt, StreamExt};

use super::*;
use crate::event::Progress;

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn listener(tenant: u128, user: u128, role: Role) -> Identity {
    Identity {
        user_id: UserId::from_uuid(id(user)),
        tenant_id: TenantId::from_uuid(id(tenant)),
        role,
        session_id: SessionId::from_uuid(id(9)),
        scopes: None,
    }
}

/// Progress of the job that user 1 of tenant 1 owns.
fn progress(processed: u64) -> Event {
    let job_id = JobId::from_uuid(id(7));
    Event {
        tenant_id: TenantId::from_uuid(id(1)),
        user_id: UserId::from_uuid(id(1)),
        job_id,
        moment: None,
        payload: Payload::Progress(Progress {
            job_id,
            processed,
            total: 1_000_000,
            progress_percentage: 0,
        }),
    }
}

/// Everything that is waiting.
fn drain(subscription: &mut Subscription) -> Vec<u64> {
    std::iter::from_fn(|| subscription.next().now_or_never().flatten())
        .filter_map(|event| match event.payload {
            Payload::Progress(progress) => Some(progress.processed),
            _ => None,
        })
        .collect()
}

#[test]
fn admins_and_owners_see_their_tenant_and_agents_their_own_jobs() {
    let events = Events::new(id(0));
    let heard = [
        (listener(1, 2, Role::Admin), true),
        (listener(1, 2, Role::Owner), true),
        (listener(1, 1, Role::Agent), true),
        (listener(1, 2, Role::Agent), false),
        (listener(2, 1, Role::Admin), false),
    ]
    .map(|(identity, hears)| (events.subscribe(identity), hears));
    events.publish(progress(100));
    for (mut subscription, hears) in heard {
        assert_eq!(drain(&mut subscription).len(), usize::from(hears));
    }
}

#[test]
fn a_reader_that_keeps_up_misses_nothing() {
    let events = Events::new(id(0));
    let mut subscription = events.subscribe(listener(1, 1, Role::Owner));
    let reported: Vec<u64> = (1..=500).map(|hundred| hundred * 100).collect();
    let mut heard = Vec::new();
    for batch in reported.chunks(50) {
        for processed in batch {
            events.publish(progress(*processed));
        }
        heard.extend(drain(&mut subscription));
    }
    assert_eq!(heard, reported);
}

#[test]
fn a_slow_reader_gets_the_newest_value_and_no_backlog() {
    let events = Events::new(id(0));
    let mut subscription = events.subscribe(listener(1, 1, Role::Owner));
    for hundred in 1..=10_000 {
        events.publish(progress(hundred * 100));
    }
    let heard = drain(&mut subscription);
    assert!(heard.len() <= PROGRESS_BACKLOG);
    assert_eq!(heard.last(), Some(&1_000_000));
    assert!(heard.is_sorted());
}

#[test]
fn subscriptions_end_when_the_bus_closes_and_dropped_ones_are_forgotten() {
    let events = Events::new(id(0));
    let left = events.subscribe(listener(1, 1, Role::Owner));
    drop(left);
    let tenant = TenantId::from_uuid(id(1));
    assert!(!events.has_listeners(tenant));
    let mut stays = events.subscribe(listener(1, 1, Role::Owner));
    events.publish(progress(100));
    events.close();
    assert!(stays.next().now_or_never().flatten().is_some());
    assert!(matches!(stays.next().now_or_never(), Some(None)));
}
