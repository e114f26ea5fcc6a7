//! A file of pilgrims like those that agencies send, made from nothing: one row in twenty is wrong. The same bytes every time.

use std::{
    fmt::Write as _,
    io::{self, Read},
};

const FIRST: [&str; 16] = [
    "Ahmad",
    "Siti",
    "Budi",
    "Dewi",
    "Slamet",
    "Nurhayati",
    "Renée",
    "Fatimah",
    "Muhammad",
    "Aisyah",
    "Joko",
    "Sri",
    "Taufik",
    "Khadijah",
    "Hendra",
    "Wulan",
];
const LAST: [&str; 16] = [
    "Santoso",
    "Wijaya",
    "Rahmawati",
    "Hidayat",
    "Lestari",
    "Kurniawan",
    "Siregar",
    "Nasution",
    "D'Souza",
    "Simatupang",
    "Abdullah",
    "Harahap",
    "Puspita",
    "Maulana",
    "Hasibuan",
    "Utami",
];
const STATUS: [&str; 8] = [
    "lead",
    "lead",
    "interested",
    "registered",
    "active",
    "",
    "completed",
    "cancelled",
];
const PROVINCES: [u8; 8] = [11, 12, 31, 32, 33, 35, 51, 73];
const NOTE: [&str; 4] = [
    "Kursi roda",
    "\"Lansia, perlu pendamping\"",
    "\"Minta kamar \"\"quad\"\"\"",
    "Café au lait",
];

/// The header and this many rows, about 130 bytes each, made as they are read.
pub(crate) struct Rows {
    next: u64,
    end: u64,
    ready: String,
    given: usize,
}

impl Rows {
    pub(crate) fn new(rows: u64) -> Self {
        let header =
            "nama,email,telepon,alamat,ktp,tanggal_lahir,jenis_kelamin,paket_id,status,catatan\n";
        Self {
            next: 0,
            end: rows,
            ready: header.to_owned(),
            given: 0,
        }
    }
}

impl Read for Rows {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.given == self.ready.len() {
            self.ready.clear();
            self.given = 0;
            while self.ready.len() < 32 << 10 && self.next < self.end {
                push(&mut self.ready, self.next);
                self.next += 1;
            }
        }
        let mut rest = &self.ready.as_bytes()[self.given..];
        let read = rest.read(out)?;
        self.given += read;
        Ok(read)
    }
}

fn push(out: &mut String, row: u64) {
    let chance = mix(row);
    let pick = |shift: u32, of: u64| chance.rotate_right(shift) % of;
    let word = |words: &[&'static str], shift| {
        words[usize::try_from(pick(shift, words.len() as u64)).unwrap_or(0)]
    };
    let wrong = pick(3, 20) == 0;
    let (first, last) = (word(&FIRST, 7), word(&LAST, 13));
    let _ = write!(out, "{first} {last},");
    if pick(17, 100) < 58 {
        let at = if wrong && pick(19, 2) == 0 { "" } else { "@" };
        let _ = write!(
            out,
            "{}.{row}{at}example.com",
            word(&FIRST, 23).to_lowercase().replace('é', "e")
        );
    }
    let _ = write!(out, ",08{}{:08},", 11 + pick(29, 3), pick(31, 100_000_000));
    match pick(37, 100) {
        0..42 => {
            let _ = write!(
                out,
                "\"Jl. Merdeka No. {}, RT 0{}/RW 02, Bandung\"",
                pick(41, 180),
                pick(43, 9)
            );
        }
        42..46 => out.push_str("Bandung"),
        _ => {}
    }
    let (year, month, day) = (1945 + pick(47, 60), 1 + pick(53, 12), 1 + pick(59, 28));
    let female = pick(61, 2) == 1;
    // Region and serial count up, so that no two are alike; the date within is that of the row.
    let (region, serial) = (row / 9_998, 1 + row % 9_998);
    let _ = write!(
        out,
        ",{}{:02}{:02}{:02}{month:02}{:02}{serial:04},",
        PROVINCES[usize::try_from(region % 8).unwrap_or(0)],
        1 + region / 8 % 70,
        1 + region / 560 % 99,
        if female { day + 40 } else { day },
        year % 100,
    );
    let month = if wrong && pick(19, 2) == 1 { 13 } else { month };
    let _ = write!(
        out,
        "{year}-{month:02}-{day:02},{},",
        if female { "P" } else { "L" }
    );
    let _ = write!(
        out,
        "550e8400-e29b-41d4-a716-4466554400{:02x},{},",
        pick(5, 50),
        word(&STATUS, 11)
    );
    match pick(15, 1000) {
        0 => out.push_str("\"Alergi obat\nhubungi keluarga\""),
        1..60 => out.push_str(word(&NOTE, 21)),
        _ => {}
    }
    out.push('\n');
}

fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30))
        .wrapping_mul(0xBF58_476D_1CE4_E5B9)
        .wrapping_add(0x9E37_79B9_7F4A_7C15);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}
