//! The numbers by which recognition weighs what it sees: each has a name, and a case that sets it. Weighs nothing itself.
//!
//! A weight is worth keeping as long as recognition gets something wrong without it. The tests switch each off and look at the case
//! that is kept for it (`tests/weights.tsv`), and print what the corpus loses: see `sniff/weighed.rs`.

/// A number with a name, and what stands for it where it is left out: 0 for what is added, 1 for what is multiplied.
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

    /// What it adds, or what it multiplies with.
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
    /// The weight that is left out.
    pub(crate) static OFF: std::cell::Cell<&'static str> = const { std::cell::Cell::new("") };
}

/// Names weights of a file, and lists them for the tests.
macro_rules! weights {
    ($type:ty; $($(#[$doc:meta])+ $name:ident = $worth:expr, off $off:expr;)+) => {
        $($(#[$doc])+ const $name: crate::text::weight::Weight<$type> =
            crate::text::weight::Weight::new(stringify!($name), $worth, $off);)+

        #[cfg(test)]
        pub(crate) const WEIGHTS: &[&str] = &[$(stringify!($name)),+];
    };
}

pub(crate) use weights;
