//! A file made of any bytes repeated is read in a time that grows with its size: four times the file, not sixteen times the time.
#![no_main]

use std::time::{Duration, Instant};

use import_engine::{Limits, raw::RecordReader, recognise::{Dialect, Sniffer}};
use libfuzzer_sys::fuzz_target;

const SMALL: usize = 256 << 10;

fn read(file: &[u8], escape: Option<u8>, width: usize) -> Duration {
    let started = Instant::now();
    let mut sniffer = Sniffer::new().with_known_headers(["nama", "paket_id"]);
    sniffer.feed(file);
    let _ = sniffer.finish();
    let dialect = Dialect { escape, ..Dialect::default() };
    let mut reader = RecordReader::new(&dialect, Limits::default());
    reader.expect_columns(width);
    for chunk in file.chunks(64 << 10) {
        reader.feed(chunk);
        while reader.next_record().is_some() {}
    }
    reader.finish();
    while reader.next_record().is_some() {}
    started.elapsed()
}

fuzz_target!(|data: &[u8]| {
    let [options, pattern @ ..] = data else { return };
    if pattern.is_empty() {
        return;
    }
    let escape = (options & 1 != 0).then_some(b'\\');
    let width = usize::from(options >> 1 & 3);
    let file = |size: usize| {
        let mut file = b"\"nama\",\"paket_id\"\n\"a\",\"b\"\n".to_vec();
        file.extend(pattern.iter().cycle().take(size));
        file
    };
    // What took long once is tried again: the machine may have been busy.
    let slow = (0..3).all(|_| {
        let small = read(&file(SMALL), escape, width);
        let large = read(&file(4 * SMALL), escape, width);
        large > small * 8 + Duration::from_millis(200)
    });
    assert!(!slow, "{:?}", String::from_utf8_lossy(pattern));
});
