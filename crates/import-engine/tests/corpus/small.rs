//! Small files, in which little decides: a few cells of many looks, signs where another delimiter might be, short texts in old encodings.
//! Cases of the weights are looked for among them; they have no score of their own.

use std::fmt::Write as _;

use import_engine::recognise::{Decoder, Encoding};

use super::{
    file::{EXCEL, File, Quoting, Writer},
    rng::Rng,
    table::{self, PLAIN},
    vocabulary::{LANGUAGES, language},
};

const SIGNS: &str = ",;\t|:~^#*!&=$%@`+</\\_ .'\"-\u{1}\u{2}\u{1e}\u{1f}";

const NAMES: &[&str] = &[
    "id",
    "name",
    "date",
    "total",
    "Nama",
    "kota",
    "city",
    "created_at",
    "userName",
    "value",
    "year",
    "status",
    "Phone",
    "e-mail",
    "No",
    "Code",
    "type",
    "price",
    "amount",
    "note",
    "host",
    "key",
    "Nama Lengkap",
    "Tanggal Lahir",
];

const WORDS: &[&str] = &[
    "Anna",
    "Bandung",
    "north",
    "Jakarta",
    "blue",
    "yes",
    "no",
    "Tea",
    "kopi",
    "Siti Aminah",
    "Old Town",
    "new york city",
    "done",
    "open",
    "N",
    "Y",
    "true",
    "-",
    "A",
    "x",
    "Total",
    "name",
    "city",
    "year",
];

fn pick(rng: &mut Rng, list: &[&str]) -> String {
    list[rng.size(0, list.len() - 1)].to_owned()
}

fn sign(rng: &mut Rng) -> char {
    let signs: Vec<char> = SIGNS.chars().collect();
    signs[rng.size(0, signs.len() - 1)]
}

/// A cell of a look; a column keeps to one.
fn cell(rng: &mut Rng, look: usize, sign: char) -> String {
    let n = rng.range(1, 99);
    match look {
        0 => n.to_string(),
        1 => pick(rng, WORDS),
        2 => format!("A{n:03}"),
        3 => format!("2024-0{}-1{}", 1 + n % 9, n % 10),
        4 => format!("{n}.5"),
        5 => format!("p{n}@example.com"),
        6 => ["K1", "K1", "K2"][rng.size(0, 2)].to_owned(),
        7 => ["red", "red", "blue"][rng.size(0, 2)].to_owned(),
        8 => format!("/home/u{n}/f.txt"),
        9 => format!("{}", 1990 + n % 30),
        10 => ["yes", "no"][rng.size(0, 1)].to_owned(),
        11 => String::new(),
        12 => format!("{}{sign}{}", pick(rng, WORDS), pick(rng, WORDS)),
        13 => format!("{n}{sign}{}", rng.range(1, 99)),
        14 => format!("({n}{sign}{n})"),
        15 => format!("{}{sign} {}", pick(rng, WORDS), pick(rng, WORDS)),
        16 => format!("{sign}{}", pick(rng, WORDS)),
        17 => format!("{}{sign}", pick(rng, WORDS)),
        18 => format!("'{}{sign}{}'", pick(rng, WORDS), pick(rng, WORDS)),
        19 => format!("A{n}{sign}B{n}"),
        20 => format!("{}: {}", pick(rng, WORDS), pick(rng, WORDS)),
        21 => format!("{n}:{:02}", rng.range(0, 59)),
        22 => format!("{}\" {}", n, pick(rng, WORDS)),
        23 => "same".to_owned(),
        24 => format!("{n}{}x", ["A", "BB", "C-D"][rng.size(0, 2)]),
        25 => format!("=[{n}{sign}{}]", pick(rng, WORDS)),
        27 => "X9".to_owned(),
        28 => format!("{n},{}", rng.range(1, 99)),
        26 => format!("{}\u{1}{}", pick(rng, WORDS), n),
        _ => format!("{n}"),
    }
}

fn name(rng: &mut Rng, at: usize) -> String {
    match rng.size(0, 13) {
        0..=5 => pick(rng, NAMES),
        6 => format!("V{}", at + 1),
        7 => (2000 + at).to_string(),
        8 => format!("some_{}", pick(rng, &["key", "part", "thing"])),
        9 => pick(rng, WORDS),
        10 => format!("Q{}", 7 * at + 3),
        11 => String::new(),
        12 => "-".to_owned(),
        _ => format!("{} {}", pick(rng, WORDS), pick(rng, WORDS)),
    }
}

/// Any small file.
pub(crate) fn small(rng: &mut Rng) -> Option<File> {
    match rng.size(0, 9) {
        0 | 1 => return short_text(rng),
        2 | 3 => return letters(rng),
        4 => return characters(rng),
        _ => {}
    }
    let writer = Writer {
        delimiter: rng.one(&[
            ',', ',', ',', ';', ';', '\t', '|', '~', '^', ':', ' ', '\u{1f}',
        ]),
        quoting: rng.one(&[
            Quoting::Needed,
            Quoting::Needed,
            Quoting::All,
            Quoting::Never,
        ]),
        quote: if rng.chance(10) { '\'' } else { '"' },
        end: "\n",
        ..EXCEL
    };
    let columns = rng.size(1, 4);
    let looks: Vec<usize> = (0..columns).map(|_| rng.size(0, 28)).collect();
    let sign = sign(rng);
    if sign == writer.delimiter {
        return None;
    }
    let count = rng.size(0, 12);
    let mut rows: Vec<Vec<String>> = (0..count)
        .map(|_| looks.iter().map(|look| cell(rng, *look, sign)).collect())
        .collect();
    if rng.chance(15) {
        // Rows that are too short, or end with a delimiter.
        for row in &mut rows {
            match rng.size(0, 4) {
                0 => {
                    row.pop();
                }
                1 => row.push(String::new()),
                _ => {}
            }
        }
    }
    let header: Option<Vec<String>> = rng
        .chance(60)
        .then(|| (0..columns).map(|at| name(rng, at)).collect());
    let above: &[&str] = match rng.size(0, 9) {
        0 => &["A title of it"],
        _ => &[],
    };
    let mut file = writer.file("small", above, header.as_deref(), &rows);
    if rng.chance(8) && columns > 2 && header.is_some() {
        // The numbers of the rows have no name.
        let (first, rest) = file.text.split_once('\n')?;
        let (_, short) = first.split_once(writer.delimiter)?;
        file.text = format!("{short}\n{rest}");
        file.bytes = file.text.clone().into_bytes();
    }
    Some(file)
}

/// A word or two beyond ASCII.
fn short_text(rng: &mut Rng) -> Option<File> {
    let language = match rng.size(0, 3) {
        0 => language(rng.one(&["ja", "zh", "zht", "ko"])),
        _ => &LANGUAGES[rng.size(0, LANGUAGES.len() - 1)],
    };
    let kinds = match rng.size(0, 2) {
        0 => &["serial", "person"][..],
        1 => &["serial", "place"],
        _ => &["words", "integer"],
    };
    let count = rng.size(1, 4);
    let rows = table::rows(rng, kinds, count, language, PLAIN);
    let header: Vec<String> = (0..kinds.len()).map(|at| NAMES[at].to_owned()).collect();
    let label = rng.pick(language.encodings);
    let file = EXCEL.file(language.code, &[], Some(&header), &rows);
    file.encoded(label, false)
}

/// A word of letters that an encoding has, whatever their language.
fn letters(rng: &mut Rng) -> Option<File> {
    let label = rng.pick(LABELS);
    let encoding: Encoding = label.parse().ok()?;
    let word = |rng: &mut Rng, small: bool| {
        let mut word = Vec::new();
        for at in 0..rng.size(1, 6) {
            let byte = if rng.chance(50) {
                rng.size(0x80, 0xFF)
            } else if small || at > 0 {
                rng.size(0x61, 0x7A)
            } else {
                rng.size(0x41, 0x5A)
            };
            word.push(u8::try_from(byte).unwrap_or(b'x'));
        }
        if rng.chance(20) {
            word.extend_from_slice(rng.pick(&[&b" 5"[..], b"7", b" x", b"'s", b"."]));
        }
        if rng.chance(5) {
            // Digits in groups.
            word = [&b"1"[..], &[byte_of(rng)], b"234", &[byte_of(rng)], b"500"].concat();
        }
        word
    };
    let mut bytes = b"id,name\n1,".to_vec();
    bytes.extend(word(rng, false));
    bytes.push(b'\n');
    if rng.chance(50) {
        bytes.extend_from_slice(b"2,");
        bytes.extend_from_slice(&word(rng, true));
        bytes.push(b'\n');
    }
    let (mut decoder, mut text) = (Decoder::new(encoding), String::new());
    decoder.feed(&bytes, &mut text);
    decoder.finish(&mut text);
    Some(File {
        name: label.to_owned(),
        bytes,
        text,
        encoding,
        delimiter: Some(b','),
        quote: None,
        escape: None,
        header_row: Some(1),
    })
}

fn byte_of(rng: &mut Rng) -> u8 {
    rng.one(&[0xA0, 0xCA, 0xFF, 0x9A])
}

/// A few characters of two bytes each.
fn characters(rng: &mut Rng) -> Option<File> {
    const ZONES: &[&str] = &[
        "のにはをたがでて",
        "カアイスルンタト",
        "、。・「」（）％：",
        "日本人大中国年月",
        "薔薇鬱龠鑑躊檸嘆",
        "민준서울시강남구",
        "ｱｲｳｶｷﾄﾗﾝ",
        "的一是不了在有和",
        "㈱①②ⅠⅡ№℡",
        "𠀀𠂉龥㐂鿿",
    ];
    let label = rng.pick(&["shift_jis", "euc-jp", "gbk", "gb18030", "big5", "euc-kr"]);
    let mut text = "id,name\n".to_owned();
    for row in 1..=rng.size(1, 3) {
        let _ = write!(text, "{row},");
        let zone: Vec<char> = rng.pick(ZONES).chars().collect();
        for _ in 0..rng.size(1, 4) {
            text.push(zone[rng.size(0, zone.len() - 1)]);
        }
        text.push('\n');
    }
    let file = File {
        name: label.to_owned(),
        bytes: Vec::new(),
        text,
        encoding: Encoding::UTF_8,
        delimiter: Some(b','),
        quote: None,
        escape: None,
        header_row: Some(1),
    };
    file.encoded(label, false)
}

const LABELS: &[&str] = &[
    "windows-1250",
    "windows-1251",
    "windows-1252",
    "windows-1253",
    "windows-1254",
    "windows-1255",
    "windows-1256",
    "windows-1257",
    "windows-1258",
    "windows-874",
    "iso-8859-2",
    "iso-8859-3",
    "iso-8859-4",
    "iso-8859-5",
    "iso-8859-6",
    "iso-8859-7",
    "iso-8859-8",
    "iso-8859-10",
    "iso-8859-13",
    "iso-8859-14",
    "iso-8859-15",
    "iso-8859-16",
    "koi8-r",
    "koi8-u",
    "macintosh",
    "x-mac-cyrillic",
    "ibm866",
    "ibm437",
    "ibm850",
    "ibm858",
    "ibm852",
    "ibm855",
    "ibm857",
    "ibm737",
    "ibm775",
    "ibm862",
    "ibm865",
    "ibm860",
];
