//! Counts the open sockets of each user.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};

use domain::UserId;

/// Open sockets by user. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Slots {
    open: Arc<Mutex<HashMap<UserId, usize>>>,
    per_user: usize,
}

/// The slot of one open socket; dropping it frees the slot.
#[derive(Debug)]
pub(crate) struct Slot {
    slots: Slots,
    user: UserId,
}

impl Slots {
    pub(crate) fn new(per_user: usize) -> Self {
        Self {
            open: Arc::default(),
            per_user,
        }
    }

    /// Takes a slot for one more socket of the user; `None` if all are taken.
    pub(crate) fn take(&self, user: UserId) -> Option<Slot> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(user).or_insert(0);
        if *count >= self.per_user {
            return None;
        }
        *count += 1;
        metrics::gauge!("live_sockets").increment(1);
        Some(Slot {
            slots: self.clone(),
            user,
        })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut open = self
            .slots
            .open
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut count) = open.entry(self.user) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
        metrics::gauge!("live_sockets").decrement(1);
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_user_has_no_more_places_than_allowed_and_gets_them_back() {
        let slots = Slots::new(2);
        let user = UserId::from_uuid(Uuid::from_u128(1));
        let held = [slots.take(user).unwrap(), slots.take(user).unwrap()];
        assert!(slots.take(user).is_none());
        assert!(slots.take(UserId::from_uuid(Uuid::from_u128(2))).is_some());
        drop(held);
        assert!(slots.take(user).is_some());
        assert!(slots.open.lock().unwrap().is_empty());
    }
}
