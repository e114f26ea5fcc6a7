//! No bytes make the sniffer panic, and chunks do not change its verdict.
#![no_main]

use import_engine::recognise::Sniffer;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((&first, file)) = data.split_first() else { return };
    let whole = Sniffer::new().sniff(file);
    let mut sniffer = Sniffer::new();
    for chunk in file.chunks(usize::from(first).max(1)) {
        sniffer.feed(chunk);
    }
    let parts = sniffer.finish();
    if let Ok(dialect) = &whole {
        assert!(dialect.delimiter.is_ascii());
        assert!((0.0..=1.0).contains(&dialect.overall_confidence()));
    }
    assert_eq!(whole.is_ok(), parts.is_ok());
});
