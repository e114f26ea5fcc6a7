//! Has the crate compiled again when a page is added or removed; what stands in known ones cargo sees by itself.

fn main() {
    println!("cargo::rerun-if-changed=assets");
}
