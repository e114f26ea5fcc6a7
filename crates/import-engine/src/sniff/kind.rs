//! What a cell looks like: number, date, e-mail, word, …, how much it looks like a whole cell rather than a part of one,
//! and whether it looks like the name of a column. Cells are not parsed: 31/02/1970 is a date here.

use std::{collections::HashSet, sync::LazyLock};

use crate::{text::weights, value::text::is_invisible};

/// What a cell looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Empty,
    Integer,
    Decimal,
    /// A number with a currency or percent sign.
    Amount,
    Date,
    Time,
    DateTime,
    Email,
    Url,
    /// A telephone number in its international form.
    Phone,
    /// IP address, UUID, or other machine-made identifier with digits.
    Code,
    Bool,
    /// Letters without a space.
    Word,
    /// Text with spaces.
    Phrase,
}

impl Kind {
    /// Whether the kind is strong evidence, because text does not match it by chance.
    pub(super) fn is_strong(self) -> bool {
        matches!(
            self,
            Self::Integer
                | Self::Decimal
                | Self::Amount
                | Self::Date
                | Self::Time
                | Self::DateTime
                | Self::Email
                | Self::Url
                | Self::Phone
        )
    }

    pub(super) fn is_numeric(self) -> bool {
        matches!(self, Self::Integer | Self::Decimal | Self::Amount)
    }

    pub(super) fn is_temporal(self) -> bool {
        matches!(self, Self::Date | Self::Time | Self::DateTime)
    }

    pub(super) fn is_text(self) -> bool {
        matches!(self, Self::Word | Self::Phrase)
    }

    /// The group of kinds that occur together in a column.
    pub(super) fn group(self) -> usize {
        match self {
            Self::Empty => 0,
            Self::Integer | Self::Decimal | Self::Amount => 1,
            Self::Date | Self::Time | Self::DateTime => 2,
            Self::Email | Self::Url | Self::Phone => 3,
            Self::Code => 4,
            Self::Bool | Self::Word => 5,
            Self::Phrase => 6,
        }
    }
}

/// Number of groups.
pub(super) const GROUPS: usize = 7;

/// Words for "no value" in exports of databases and statistical programs.
const NULLS: [&[u8]; 12] = [
    b"na", b"n/a", b"null", b"nan", b"-", b"--", b"\\n", b"none", b"?", b"#n/a", b"(null)", b"nil",
];
const BOOLS: [&[u8]; 14] = [
    b"true", b"false", b"yes", b"no", b"y", b"n", b"t", b"f", b"ya", b"tidak", b"ja", b"nein",
    b"oui", b"non",
];

/// What `cell` looks like; surrounding white space is ignored.
pub(super) fn kind(cell: &[u8]) -> Kind {
    let cell = cell.trim_ascii();
    let (Some(&first), Some(&last)) = (cell.first(), cell.last()) else {
        return Kind::Empty;
    };
    if cell.len() <= 6 {
        let lower = cell.to_ascii_lowercase();
        if NULLS.contains(&lower.as_slice()) {
            return Kind::Empty;
        }
        if BOOLS.contains(&lower.as_slice()) {
            return Kind::Bool;
        }
    }
    let (mut digits, mut letters, mut spaces, mut colons, mut at) =
        (0usize, 0usize, 0usize, 0usize, 0usize);
    for &b in cell {
        match b {
            b'0'..=b'9' => digits += 1,
            b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => letters += 1,
            b' ' | b'\n' | b'\r' | b'\t' => spaces += 1,
            b':' => colons += 1,
            b'@' => at += 1,
            _ => {}
        }
    }
    if digits > 0 {
        if let Some(number) = number(cell, letters) {
            return number;
        }
        if cell.len() <= 40 {
            if let Some(temporal) = temporal(cell) {
                return temporal;
            }
            if (letters > 0 || !first.is_ascii_digit() || !last.is_ascii_digit())
                && let Some(amount) = amount(cell)
            {
                return amount;
            }
        }
    }
    if at == 1 && spaces == 0 && is_email(cell) {
        return Kind::Email;
    }
    if spaces == 0 && (colons > 0 && has_scheme(cell) || cell.starts_with(b"www.")) {
        return Kind::Url;
    }
    if digits >= 6
        && letters <= 1
        && (matches!(first, b'+' | b'(' | b'0') || cell.len() - digits > 1)
        && !(spaces > 0 && cell.contains(&b'.'))
        && cell
            .iter()
            .all(|b| b.is_ascii_digit() || b"+-()./ x".contains(b))
    {
        // A telephone number: several groups of digits, or written without spaces.
        return if first == b'+' && digits >= 8 && letters == 0 {
            Kind::Phone
        } else {
            Kind::Code
        };
    }
    if spaces > 0 {
        return Kind::Phrase;
    }
    if digits == 0 && letters > 0 {
        return Kind::Word;
    }
    if digits > 0 { Kind::Code } else { Kind::Phrase }
}

/// Whether a cell is a number, perhaps with its currency or its unit: `8`, `Rp25.000.000`, `45 pax`.
pub(crate) fn is_quantity(cell: &str) -> bool {
    let mut words = cell.split_whitespace();
    let counted = match (words.next(), words.next(), words.next()) {
        (Some(number), Some(_), None) => kind(number.as_bytes()).is_numeric(),
        _ => false,
    };
    counted || kind(cell.as_bytes()).is_numeric()
}

/// Whether a cell is a number, a date, an address or a code: records contain these and titles do not.
pub(crate) fn looks_like_data(cell: &str) -> bool {
    let kind = kind(cell.as_bytes());
    kind.is_strong() || kind == Kind::Code
}

fn is_email(cell: &[u8]) -> bool {
    let mut parts = cell.split(|&b| b == b'@');
    let (Some(local), Some(host)) = (parts.next(), parts.next()) else {
        return false;
    };
    let plain = |b: &u8| b.is_ascii_alphanumeric() || *b >= 0x80 || b".-_+'".contains(b);
    !local.is_empty() && host.contains(&b'.') && local.iter().chain(host).all(plain)
}

fn has_scheme(cell: &[u8]) -> bool {
    memchr::memmem::find(cell, b"://")
        .is_some_and(|at| at > 1 && at < 10 && cell[..at].iter().all(u8::is_ascii_alphabetic))
}

weights! { f32;
    /// An empty cell.
    EMPTY = 0.75, off 1.0;
    /// A word, a yes or no.
    WORD = 0.9, off 1.0;
    /// A code.
    CODE = 0.85, off 1.0;
    /// Several words.
    PHRASE = 0.8, off 1.0;
    /// Quotes around any of these.
    QUOTED = 0.1, off 0.0;
    /// A leading space, as after punctuation.
    AFTER_A_SPACE = 0.08, off 0.0;
    /// Each comma inside.
    COMMA_IN_CELL = 0.12, off 0.0;
    /// Each semicolon, bar, tilde or caret inside.
    DELIMITER_IN_CELL = 0.25, off 0.0;
    /// Each colon inside a code.
    COLON_IN_CODE = 0.15, off 0.0;
    /// Each tab inside.
    TAB_IN_CELL = 0.7, off 0.0;
    /// Each quote inside.
    QUOTE_IN_CELL = 0.2, off 0.0;
    /// Each control character inside.
    CONTROL_IN_CELL = 0.3, off 0.0;
    /// Brackets that are not closed, or were not opened.
    BRACKET_OPEN = 0.25, off 0.0;
    /// A leading sign that normally follows something.
    BEGINS_LATE = 0.2, off 0.0;
    /// A trailing sign that normally precedes something.
    ENDS_EARLY = 0.2, off 0.0;
    /// Quotes at both ends that were not recognised as enclosing.
    QUOTES_AROUND = 0.6, off 0.0;
    /// A quote at one end.
    QUOTE_AT_ONE_END = 0.3, off 0.0;
}

/// However damaged it looks, it may be a cell.
const LEAST_WHOLE: f32 = 0.05;

/// How much `cell` looks like a whole cell, from 0 to 1.
pub(super) fn wholeness(cell: &[u8], kind: Kind, quoted: bool) -> f32 {
    let base: f32 = match kind {
        Kind::Empty => return EMPTY.worth(),
        Kind::Word | Kind::Bool => WORD.worth(),
        Kind::Code => CODE.worth(),
        Kind::Phrase => PHRASE.worth(),
        _ => return 1.0,
    };
    if quoted {
        return base + QUOTED.worth();
    }
    // A space after a delimiter is typical of punctuation.
    let mut damage: f32 = if cell.first() == Some(&b' ') {
        AFTER_A_SPACE.worth()
    } else {
        0.0
    };
    let cell = cell.trim_ascii();
    let (mut round, mut square) = (0i32, 0i32);
    for &b in cell {
        match b {
            b',' => damage += COMMA_IN_CELL.worth(),
            b';' | b'|' | b'~' | b'^' => damage += DELIMITER_IN_CELL.worth(),
            b':' if kind == Kind::Code => damage += COLON_IN_CODE.worth(),
            b'\t' => damage += TAB_IN_CELL.worth(),
            b'"' => damage += QUOTE_IN_CELL.worth(),
            b'(' => round += 1,
            b')' => round -= 1,
            b'[' | b'{' => square += 1,
            b']' | b'}' => square -= 1,
            0..=0x1F => damage += CONTROL_IN_CELL.worth(),
            _ => {}
        }
    }
    if round != 0 || square != 0 {
        damage += BRACKET_OPEN.worth();
    }
    let (first, last) = (cell[0], cell[cell.len() - 1]);
    if matches!(
        first,
        b':' | b'/' | b'=' | b'&' | b')' | b']' | b'.' | b'!' | b'?' | b'%'
    ) {
        damage += BEGINS_LATE.worth();
    }
    if matches!(
        last,
        b':' | b'(' | b'[' | b'=' | b'&' | b'/' | b'-' | b'$' | b'@' | b',' | b';'
    ) {
        damage += ENDS_EARLY.worth();
    }
    if cell.len() > 1 && first == last && matches!(first, b'"' | b'\'') {
        damage += QUOTES_AROUND.worth();
    } else if matches!(first, b'"' | b'\'') || matches!(last, b'"' | b'\'') {
        damage += QUOTE_AT_ONE_END.worth();
    }
    (base - damage).max(LEAST_WHOLE)
}

// Whether a cell looks like a number or an amount of money, without parsing it.

/// A plain number: sign, digits in groups, one decimal sign, exponent.
fn number(cell: &[u8], letters: usize) -> Option<Kind> {
    let mut rest = match cell {
        [b'+' | b'-', rest @ ..] | [b'(', rest @ .., b')'] => rest,
        _ => cell,
    };
    if letters > 0 {
        // An exponent is the one use of letters.
        let at = rest.iter().position(|b| matches!(b, b'e' | b'E'))?;
        let power = &rest[at + 1..];
        let power = power
            .strip_prefix(b"+")
            .or_else(|| power.strip_prefix(b"-"))
            .unwrap_or(power);
        if letters > 1 || power.is_empty() || !power.iter().all(u8::is_ascii_digit) {
            return None;
        }
        rest = &rest[..at];
        if rest.is_empty() {
            return None;
        }
        return rest
            .iter()
            .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b','))
            .then_some(Kind::Decimal);
    }
    let (mut points, mut commas, mut others) = (0usize, 0usize, 0usize);
    let mut group = 0usize;
    let mut last_separator = 0u8;
    for (i, &b) in rest.iter().enumerate() {
        match b {
            b'0'..=b'9' => group += 1,
            b'.' | b',' | b' ' | b'\'' => {
                if b == last_separator && group != 3
                    || group == 0 && i > 0
                    || b == b' ' && (group > 3 || group == 0)
                {
                    return None;
                }
                match b {
                    b'.' => points += 1,
                    b',' => commas += 1,
                    _ => others += 1,
                }
                (last_separator, group) = (b, 0);
            }
            _ => return None,
        }
    }
    if others > 0 && group != 3 && last_separator == b' ' {
        return None;
    }
    match (points, commas) {
        (0, 0) => Some(Kind::Integer),
        // `5.` is a number, `5,` the rest of a list.
        _ if group == 0 && last_separator == b',' => None,
        (2.., 2..) => None,
        // With both kinds, digits between the separators must be in groups of three.
        (1.., 1..) if !grouped(rest) => None,
        _ if group == 0 && points + commas > 1 => None,
        (2.., _) | (_, 2..) if points.min(commas) == 0 && group != 3 => None,
        _ => Some(Kind::Decimal),
    }
}

/// Whether all digits between the first and the last separator are in groups of three, after one to three leading digits.
fn grouped(digits: &[u8]) -> bool {
    let separator = |b: &u8| !b.is_ascii_digit();
    let (Some(first), Some(last)) = (
        digits.iter().position(separator),
        digits.iter().rposition(separator),
    ) else {
        return true;
    };
    first <= 3
        && digits[first + 1..last]
            .split(separator)
            .all(|group| group.len() == 3)
}

const CURRENCIES: [&str; 16] = [
    "rp.", "rp", "idr", "us$", "usd", "$", "€", "£", "¥", "eur", "gbp", "r$", "kr", "chf", "zł",
    "₹",
];

/// A number with a sign of currency, percent, or a unit directly after it.
fn amount(cell: &[u8]) -> Option<Kind> {
    let text = std::str::from_utf8(cell).ok()?;
    let lower = text.to_lowercase();
    let mut rest = lower
        .trim_start_matches(['-', '+', '('])
        .trim_end_matches(')')
        .trim_end_matches('%');
    for sign in CURRENCIES {
        if let Some(after) = rest.strip_prefix(sign) {
            rest = after;
            break;
        }
        if let Some(before) = rest.strip_suffix(sign) {
            rest = before;
            break;
        }
    }
    if rest.len() == lower.len() {
        return None;
    }
    let rest = rest
        .trim_matches([' ', '\u{A0}', '\u{202F}'])
        .trim_start_matches('-')
        .trim_end_matches(",-")
        .trim_end_matches('-');
    (!rest.is_empty() && number(rest.as_bytes(), 0).is_some()).then_some(Kind::Amount)
}

// Whether a cell looks like a date or a time, without parsing it: 31/02/1970 is a date here.

/// Dates, times, and both together.
fn temporal(cell: &[u8]) -> Option<Kind> {
    let mut parts = [0usize; 4];
    let mut count = 0;
    // The date's numbers and the signs between them, up to a space, `T`, or the end.
    let split = cell
        .iter()
        .position(|b| matches!(b, b' ' | b'T'))
        .unwrap_or(cell.len());
    let (head, tail) = cell.split_at(split);
    if head
        .iter()
        .all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'/' | b'.'))
    {
        let mut sign = 0u8;
        let mut same = true;
        let mut length = 0usize;
        for &b in head {
            if b.is_ascii_digit() {
                length += 1;
            } else {
                if count < 3 {
                    parts[count] = length;
                }
                same &= sign == 0 || sign == b;
                (sign, length, count) = (b, 0, count + 1);
            }
        }
        if count == 2 && same {
            let date = matches!(
                (parts[0], parts[1], length),
                (1..=2, 1..=2, 2 | 4) | (4, 1..=2, 1..=2)
            );
            if date {
                let tail = tail.strip_prefix(b"T").unwrap_or(tail).trim_ascii();
                return if tail.is_empty() {
                    Some(Kind::Date)
                } else {
                    time(tail).then_some(Kind::DateTime)
                };
            }
        }
    }
    if time(cell) {
        return Some(Kind::Time);
    }
    worded_date(cell)
}

/// `10:15`, `10:15:00.5`, `10:15 PM`, `10:15:00+07:00`.
fn time(cell: &[u8]) -> bool {
    let end = cell
        .iter()
        .position(|b| matches!(b, b' ' | b'+' | b'Z' | b'z' | b'a' | b'p' | b'A' | b'P'))
        .unwrap_or(cell.len());
    let end = cell
        .iter()
        .skip(5)
        .position(|&b| b == b'-')
        .map_or(end, |minus| end.min(minus + 5));
    let (clock, zone) = cell.split_at(end);
    let mut fields = clock.split(|&b| b == b':');
    let two = |f: Option<&[u8]>| {
        f.is_some_and(|f| matches!(f.len(), 1 | 2) && f.iter().all(u8::is_ascii_digit))
    };
    if !two(fields.next()) || !two(fields.next()) {
        return false;
    }
    let seconds = fields.next().is_none_or(|f| {
        f.len() >= 2
            && f[..2].iter().all(u8::is_ascii_digit)
            && f[2..]
                .iter()
                .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b','))
    });
    seconds && fields.next().is_none() && zone.len() <= 8
}

/// `5 Mei 1990`, `05-Jan-99`, `January 5, 2020`, `1 Juni 2027`.
fn worded_date(cell: &[u8]) -> Option<Kind> {
    if cell.len() < 6 {
        return None;
    }
    let (mut words, mut numbers, mut year) = (0, 0, false);
    for part in cell
        .split(|b| matches!(b, b' ' | b'-' | b'/' | b',' | b'.'))
        .filter(|p| !p.is_empty())
    {
        if part.iter().all(u8::is_ascii_digit) {
            numbers += 1;
            year |= part.len() == 4 || part.len() == 2;
            if part.len() > 4 {
                return None;
            }
        } else if part.len() >= 3 && part.len() <= 12 && is_month(part) {
            words += 1;
        } else {
            return None;
        }
    }
    (words == 1 && (numbers == 2 || numbers == 1) && year).then_some(Kind::Date)
}

fn is_month(word: &[u8]) -> bool {
    const MONTHS: [&[u8; 3]; 28] = [
        b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov",
        b"dec", b"mei", b"agu", b"ags", b"okt", b"des", b"nop", b"mrz", b"mai", b"dez", b"ene",
        b"abr", b"ago", b"dic", b"fev", b"avr", b"jui",
    ];
    word.get(..3)
        .is_some_and(|start| MONTHS.iter().any(|m| m.eq_ignore_ascii_case(start)))
}

// Whether a cell looks like the name of a column, by words in the languages of users' files: evidence, never proof.

/// A header cell in the form that schemas compare: lower case, without text in parentheses, separators as single spaces.
pub(super) fn normalise(cell: &[u8]) -> String {
    let mut plain = String::with_capacity(cell.len());
    let mut depth = 0u32;
    for c in String::from_utf8_lossy(cell).chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            '*' | '"' | '“' | '”' | '„' => {}
            _ if depth > 0 || is_invisible(c) => {}
            '.' | '_' | '/' | '-' | ':' | '\\' | '\u{A0}' => plain.push(' '),
            _ => plain.extend(c.to_lowercase()),
        }
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether `cell` looks like a column's name: it is short, and at least half of its words are in the list.
pub(super) fn names_a_column(cell: &[u8]) -> bool {
    if cell.len() > 60 {
        return false;
    }
    let Ok(text) = std::str::from_utf8(cell) else {
        return false;
    };
    let (mut words, mut known) = (0usize, 0usize);
    for word in parts(text) {
        words += 1;
        known += usize::from(WORDS.contains(word.as_str()));
    }
    known > 0 && known * 2 >= words && words <= 6
}

/// Words of a cell: split at everything that is not a letter, and at the capitals of `camelCase`.
fn parts(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = vec![String::new()];
    let mut was_lower = false;
    for c in text.chars() {
        if !c.is_alphabetic() || was_lower && c.is_uppercase() {
            parts.push(String::new());
        }
        if c.is_alphabetic()
            && let Some(last) = parts.last_mut()
        {
            last.extend(c.to_lowercase());
        }
        was_lower = c.is_lowercase();
    }
    parts.retain(|p| !p.is_empty());
    parts
}

static WORDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| LIST.iter().copied().collect());

#[rustfmt::skip]
const LIST: &[&str] = &[
    "aantal", "abbr", "abbreviation", "account", "achternaam", "acronym", "action", "address", "adress", "adresse", "agama",
    "age", "alamat", "alias", "altitude", "amount", "annee", "anno", "année", "ano", "antal", "antall", "anzahl", "apellido",
    "apellidos", "area", "artikel", "at", "author", "average", "avg", "away", "año", "bairro", "balance", "bank", "barang",
    "bayar", "bedrag", "begin", "beginn", "belopp", "beløb", "bemerkung", "beschreibung", "betrag", "bezeichnung", "bic",
    "birth", "birthday", "body", "brand", "buchungstag", "bulan", "by", "bytes", "cabang", "cabin", "candidate", "cantidad",
    "carat", "carb", "case", "cases", "catatan", "category", "catégorie", "cena", "cep", "change", "cidade", "citta", "città",
    "city", "ciudad", "clarity", "class", "clicks", "client", "close", "code", "codepostal", "codice", "codigo", "cognome",
    "color", "colour", "column", "comment", "comments", "commune", "company", "comune", "confirmed", "content", "correo",
    "cost", "count", "country", "county", "courriel", "course", "created", "credit", "crédit", "currency", "current",
    "customer", "cut", "cyl", "código", "data", "date", "datetime", "dato", "datum", "day", "deaths", "debet", "debit",
    "deleted", "departement", "department", "depth", "desa", "desc", "descricao", "descripcion", "descripción", "description",
    "descrizione", "descrição", "designation", "deskripsi", "destination", "device", "dia", "diagnosis", "direccion",
    "dirección", "discount", "disp", "district", "division", "dob", "dose", "drat", "drug", "duration", "débit",
    "début", "département", "désignation", "día", "edad", "efternamn", "einheit", "elevation", "email", "embarked", "employee",
    "end", "ende", "endereco", "endereço", "energy", "estado", "etternavn", "età", "event", "exam", "exchange", "family",
    "fare", "fax", "fecha", "fee", "fid", "field", "file", "filename", "fin", "first", "firstname", "flag", "folder", "format",
    "fornavn", "from", "fullname", "förnamn", "games", "gdp", "gear", "geburtsdatum", "gemeente", "gemeinde", "gender", "genus",
    "geom", "geometry", "geschlecht", "geslacht", "gid", "giorno", "goals", "grade", "group", "guid", "harga", "hari",
    "hausnummer", "height", "heure", "high", "hora", "hospital", "host", "hour", "hp", "huisnummer", "humidity", "iban",
    "id", "ids", "idx", "ilosc", "ilość", "imie", "imię", "importe", "importo", "impressions", "income", "index", "indirizzo",
    "invoice", "ip", "isbn", "item", "jaar", "jahr", "jam", "jamaah", "jemaah", "jenis", "jk", "jmeno", "jméno", "jour",
    "jumlah", "kabupaten", "kategori", "kecamatan", "kelamin", "kelurahan", "ket", "keterangan", "key", "kind", "kod", "kode",
    "konto", "kota", "kredit", "kreis", "ktp", "kunde", "kundennummer", "kwota", "kön", "label", "labels", "lahir", "land",
    "language", "last", "lastname", "lat", "latency", "latitude", "leeftijd", "lengkap", "length", "level", "libelle",
    "libellé", "link", "lng", "logger", "login", "lokasi", "lon", "long", "longitude", "longname", "losses", "low", "lower",
    "luas", "maand", "mail", "marks", "match", "max", "mean", "median", "menge", "mes", "mese", "message", "mesto",
    "method", "metode", "miasto", "middle", "miesiąc", "min", "minute", "množství", "mobile", "model", "modified", "module",
    "mois", "monat", "montant", "month", "mpg", "municipio", "município", "månad", "mês", "město", "naam", "nachname",
    "naissance", "nama", "namalengkap", "name", "names", "namn", "nationality", "navn", "nazwisko", "negara", "nik", "nilai",
    "no", "nohp", "nom", "nombre", "nome", "nominal", "nomor", "note", "notes", "nr", "num", "number", "numero", "nummer",
    "numéro", "objectid", "omschrijving", "on", "open", "opis", "ora", "order", "orders", "organisation", "organization",
    "origin", "ort", "owner", "paese", "paid", "pais", "paket", "parameter", "party", "password", "path", "patient", "payment",
    "pays", "país", "pclass", "pct", "pekerjaan", "pelanggan", "pembayaran", "pendidikan", "percent", "percentage", "persen",
    "petal", "phone", "pid", "plaats", "player", "plz", "points", "popis", "population", "port", "position", "postal",
    "postcode", "postnummer", "power", "precinct", "precio", "preco", "preis", "prenom", "pressure", "prezzo", "preço", "price",
    "prijmeni", "prijs", "priority", "pris", "prix", "process", "product", "produk", "profit", "province", "provincia",
    "provinsi", "prénom", "publisher", "płeć", "příjmení", "qsec", "qty", "quantidade", "quantita", "quantite", "quantity",
    "quantità", "quantité", "rank", "rate", "ratio", "recovered", "ref", "reference", "region", "regione", "rekening",
    "release", "remark", "remarks", "request", "response", "result", "revenue", "rok", "row", "rowid", "rownum", "région",
    "salary", "saldo", "sales", "satuan", "school", "score", "sd", "season", "second", "segment", "semester", "sensor", "sepal",
    "seq", "serial", "server", "session", "sesso", "severity", "sex", "sexe", "sexo", "shape", "shell", "ship", "shipping",
    "shortname", "size", "sku", "sobrenome", "solde", "sort", "source", "species", "speed", "stadt", "start", "state", "status",
    "std", "stdev", "straat", "strasse", "straße", "street", "subject", "subtotal", "sum", "summe", "supplier",
    "surname", "survived", "symbol", "table", "tag", "tags", "tahun", "tanggal", "target", "tax", "team", "tel",
    "telefono", "telephone", "telepon", "telp", "teléfono", "temp", "tempat", "temperature", "territory", "text", "tgl",
    "the_geom", "thread", "ticker", "tijd", "time", "timestamp", "tipo", "title", "to", "total", "totale", "town", "treatment",
    "ts", "turnout", "type", "téléphone", "uf", "uhrzeit", "uid", "ulica", "ulice", "umur", "unit", "units", "until", "updated",
    "upper", "uraian", "uri", "url", "user", "username", "usia", "uuid", "valeur", "valor", "valore", "value", "values",
    "valuta", "variable", "variance", "vat", "vendor", "version", "verwendungszweck", "views", "ville", "visits", "voltage",
    "volume", "voornaam", "vorname", "votes", "waarde", "waehrung", "wage", "waktu", "ward", "wartość", "web", "website",
    "week", "weight", "wert", "width", "wilayah", "wins", "wkt", "woonplaats", "wt", "währung", "x", "y", "year", "z", "zip",
    "zipcode", "zone", "âge", "år", "адрес", "возраст", "время", "год", "город", "дата", "имя", "код", "количество", "месяц",
    "название", "наименование", "номер", "область", "описание", "отчество", "пол", "регион", "страна", "сумма", "телефон",
    "фамилия", "цена", "价格", "住所", "価格", "價格", "名前", "名称", "名稱", "商品", "商品名", "單價", "地址", "城市", "备注", "姓名", "市区町村", "年齢", "年龄",
    "序号", "性別", "性别", "数量", "日付", "日期", "氏名", "电话", "番号", "省份", "編號", "编号", "郵便番号", "都道府県", "金額", "金额", "電話", "電話番号", "가격",
    "금액", "나이", "날짜", "번호", "성별", "수량", "이름", "전화번호", "주소",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_cells_by_their_look() {
        let table: &[(Kind, &[&str])] = &[
            (Kind::Empty, &["", "  ", "NA", "null", "\\N", "-"]),
            (
                Kind::Integer,
                &["0", "-12", "3175010505909001", "+5", "007"],
            ),
            (
                Kind::Decimal,
                &[
                    "1.5",
                    "1,5",
                    "1.234.567,89",
                    "1,234,567.89",
                    "25.000.000",
                    "1e-5",
                    "3,17501E+15",
                    ".5",
                    "5.",
                ],
            ),
            (
                Kind::Amount,
                &[
                    "Rp25.000.000",
                    "Rp 5.000.000,-",
                    "$1,234.00",
                    "12%",
                    "12,5 %",
                    "€ 5,00",
                    "5,00 €",
                    "-$5",
                    "IDR 2000",
                ],
            ),
            (
                Kind::Date,
                &[
                    "2027-01-05",
                    "05/01/2027",
                    "5.1.27",
                    "12-12-1978",
                    "7 April 1985",
                    "05-Jan-99",
                    "January 5, 2020",
                    "1 Juni 2027",
                ],
            ),
            (
                Kind::Time,
                &["10:15", "9:05:03", "10:15 PM", "23:59:59.999"],
            ),
            (
                Kind::DateTime,
                &[
                    "2027-01-05 10:15",
                    "2027-01-05T10:15:00Z",
                    "05/01/2027 10:15:00",
                    "2020-01-01T00:00:00+07:00",
                ],
            ),
            (Kind::Email, &["a@b.co", "ahmad.rizki@example.com"]),
            (Kind::Url, &["https://example.com/a?b=c", "www.example.com"]),
            (
                Kind::Code,
                &[
                    "A-17",
                    "192.168.1.1",
                    "550e8400-e29b-41d4-a716-446655440000",
                    "KW-0001",
                    "1990-",
                ],
            ),
            (Kind::Bool, &["true", "Y", "tidak"]),
            (Kind::Word, &["Ahmad", "Nurhayé", "co-op", "nama_lengkap"]),
            (
                Kind::Phrase,
                &[
                    "Jl. Merdeka No. 12",
                    "Ahmad Rizki",
                    "10 apples",
                    "12:30:00:11 x",
                ],
            ),
        ];
        for (expected, cells) in table {
            for cell in *cells {
                assert_eq!(kind(cell.as_bytes()), *expected, "{cell:?}");
            }
        }
    }

    #[test]
    fn knows_names_of_columns_in_many_spellings() {
        for name in [
            "Nama Lengkap",
            "customer_id",
            "createdAt",
            "No. HP",
            "Geburtsdatum",
            "価格",
            "Total Amount (USD)",
        ] {
            assert!(names_a_column(name.as_bytes()), "{name}");
        }
        for value in [
            "Ahmad Rizki",
            "Jakarta",
            "",
            "the quick brown fox jumps over the lazy dog",
        ] {
            assert!(!names_a_column(value.as_bytes()), "{value}");
        }
    }
}
