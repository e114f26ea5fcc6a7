//! The numbers with which recognition weighs its evidence: each has a name, and a case that sets it.
//!
//! A weight is worth keeping as long as recognition is wrong in some case without it. The tests switch off each weight
//! and check the case that is kept for it (`tests/weights.tsv`), and print what the corpus loses: see `sniff/weighed.rs`.

/// A number with a name, and its replacement if it is switched off: 0 for what is added, 1 for what is multiplied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weight<T> {
    worth: T,
    #[cfg(test)]
    pub(crate) name: &'static str,
    #[cfg(test)]
    off: T,
}

impl<T: Copy> Weight<T> {
    #[cfg(not(test))]
    pub(crate) const fn new(_: &'static str, worth: T, _: T) -> Self {
        Self { worth }
    }

    #[cfg(test)]
    pub(crate) const fn new(name: &'static str, worth: T, off: T) -> Self {
        Self { worth, name, off }
    }

    /// Its value as a summand or as a factor.
    #[inline]
    pub(crate) fn worth(self) -> T {
        #[cfg(test)]
        if OFF.get() == self.name {
            return self.off;
        }
        self.worth
    }
}

#[cfg(test)]
thread_local! {
    /// The weight that is switched off.
    pub(crate) static OFF: std::cell::Cell<&'static str> = const { std::cell::Cell::new("") };
}

/// Defines the weights of a file, and lists them for the tests.
macro_rules! weights {
    ($type:ty; $($(#[$doc:meta])+ $name:ident = $worth:expr, off $off:expr;)+) => {
        $($(#[$doc])+ const $name: crate::text::weight::Weight<$type> =
            crate::text::weight::Weight::new(stringify!($name), $worth, $off);)+

        #[cfg(test)]
        pub(crate) const WEIGHTS: &[&str] = &[$(stringify!($name)),+];
    };
}

pub(crate) use weights;
