//! Makes cargo rebuild the crate when a page is added or removed; changes of known pages it notices itself.

fn main() {
    println!("cargo::rerun-if-changed=assets");
}
