//! A file like those that agencies send, and its schema: ten columns, one row in twenty wrong. The same bytes every time.

use std::fmt::Write as _;

use import_engine::{
    Field, IssueCode, Schema,
    fields::{DateBound, TwoDigitYears},
    rules::{Cell, Problem},
};
use time::{Date, macros::date};

pub(crate) const TODAY: Date = date!(2026 - 11 - 20);

const PHONE: IssueCode = IssueCode::new("phone");

/// A rule of the size of a real one: cleans a phone number into its international form.
fn phone(cell: &mut Cell<'_>) -> Result<(), Problem> {
    let text = cell.text();
    let digits = text.strip_prefix('+').unwrap_or(text);
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) || !(9..=14).contains(&digits.len()) {
        return Err(Problem::new(PHONE));
    }
    let national = digits
        .strip_prefix("62")
        .or_else(|| digits.strip_prefix('0'))
        .unwrap_or(digits);
    let skip = text.len() - national.len();
    cell.edit(|text| text.replace_range(..skip, "+62"));
    Ok(())
}

pub(crate) fn schema() -> Schema {
    Schema::builder("jamaah")
        .locale(import_engine::Locale::INDONESIAN)
        .field(
            Field::text("nama")
                .required()
                .max_chars(255)
                .aliases(["nama lengkap", "nama jamaah"]),
        )
        .field(Field::email("email").unique().max_chars(255))
        .field(Field::text("telepon").rule(phone))
        .field(Field::text("alamat").max_chars(500))
        .field(Field::digits("ktp", 16, 16).unique().sensitive())
        .field(
            Field::date("tanggal_lahir")
                .two_digit_years(TwoDigitYears::Past { max_age: 100 })
                .not_before(DateBound::YearsAgo(120))
                .not_after(DateBound::Today),
        )
        .field(
            Field::choice("jenis_kelamin", ["L", "P"])
                .choice_aliases("L", ["laki-laki", "pria", "male", "m", "tuan"])
                .choice_aliases(
                    "P",
                    ["perempuan", "wanita", "female", "f", "nyonya", "nona"],
                ),
        )
        .field(Field::reference("paket_id", "package").required())
        .field(Field::choice(
            "status",
            [
                "lead",
                "interested",
                "registered",
                "active",
                "completed",
                "cancelled",
            ],
        ))
        .field(Field::multiline("catatan").max_chars(1000))
        .build()
        .expect("the schema is sound")
}

/// A file of this many rows.
pub(crate) fn file(rows: u64) -> Vec<u8> {
    const FIRST: [&str; 8] = [
        "Ahmad",
        "Siti",
        "Budi",
        "Dewi",
        "Slamet",
        "Nurhayati",
        "Renée",
        "Fatimah",
    ];
    const LAST: [&str; 8] = [
        "Santoso",
        "Wijaya",
        "Rahmawati",
        "Hidayat",
        "Lestari",
        "Kurniawan",
        "Siregar",
        "Nasution",
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
    let mut out = String::from(
        "nama,email,telepon,alamat,ktp,tanggal_lahir,jenis_kelamin,paket_id,status,catatan\n",
    );
    for i in 0..rows {
        let h = mix(i);
        let pick = |shift: u32| (h >> shift) as usize & 7;
        let wrong = h.is_multiple_of(20);
        let _ = write!(out, "{} {},", FIRST[pick(8)], LAST[pick(11)]);
        if h % 100 < 58 {
            let _ = write!(
                out,
                "{}{i}{}example.com",
                FIRST[pick(14)].to_lowercase().replace('é', "e"),
                if wrong { "" } else { "@" }
            );
        }
        let _ = write!(out, ",08{}{:08},", 11 + pick(17), h % 100_000_000);
        if h % 128 < 52 {
            let _ = write!(out, "\"Jl. Merdeka No. {}, Bandung\"", h % 180);
        }
        let _ = write!(out, ",{:016},", 3_175_000_000_000_000 + i);
        let _ = write!(
            out,
            "{}-{:02}-{:02},",
            1945 + h % 60,
            1 + h % 12,
            1 + h % 28
        );
        let _ = write!(out, "{},", ["L", "P"][(h >> 20) as usize & 1]);
        let _ = write!(out, "550e8400-e29b-41d4-a716-4466554400{:02x},", h % 50);
        let _ = write!(out, "{},", STATUS[pick(23)]);
        match h % 1000 {
            0 => out.push_str("\"Alergi obat\nhubungi keluarga\""),
            1..40 => out.push_str("\"Minta kamar \"\"quad\"\"\""),
            _ => {}
        }
        out.push('\n');
    }
    out.into_bytes()
}

fn mix(x: u64) -> u64 {
    let x = (x ^ (x >> 30))
        .wrapping_mul(0xBF58_476D_1CE4_E5B9)
        .wrapping_add(0x9E37_79B9_7F4A_7C15);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}
