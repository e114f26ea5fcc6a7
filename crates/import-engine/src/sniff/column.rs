//! Evidence of a single column that the first row is a header: its cell in that row, the cells below it, and words that
//! name columns in the languages of users' files. This is evidence, never proof.

use std::{collections::HashSet, sync::LazyLock};

use super::{header::Row, judge::ratio, kind::Kind};
use crate::text::weights;

weights! { f32;
    /// A column other than the first, with cells below an empty one.
    UNNAMED = -0.6, off 0.0;
    /// A single row below is weaker evidence than several.
    ONE_ROW = 0.7, off 1.0;
    /// A year above numbers that are not years.
    YEARS_AS_NAMES = 0.3, off 0.0;
    /// A number above numbers, a date above dates, an address above addresses.
    SAME_KIND = -2.2, off 0.0;
    /// A dash or the like above values.
    NOTHING_ABOVE = 0.2, off 0.0;
    /// A word above numbers, dates or addresses.
    OTHER_KIND = 2.4, off 0.0;
    /// A number, date or address above words.
    NUMBER_ABOVE_TEXT = -1.6, off 0.0;
    /// A code above another code that is the same in every row.
    ANOTHER_CODE = 0.9, off 0.0;
    /// A code above codes of its length or shape.
    CODE_ALIKE = -1.6, off 0.0;
    /// A code above codes that all have another shape.
    CODE_OF_ANOTHER_SHAPE = 0.6, off 0.0;
    /// A code above codes of many shapes.
    CODE_AMONG_CODES = -0.9, off 0.0;
    /// A word above codes.
    WORD_ABOVE_CODES = 1.3, off 0.0;
    /// A text that occurs again below.
    COMES_AGAIN = -1.6, off 0.0;
    /// A path above paths, a setting above settings.
    MARK_SHARED = -1.2, off 0.0;
    /// A name above paths or settings.
    MARK_MISSING = 0.6, off 0.0;
    /// A text above another text that is the same in every row.
    CONSTANT_BELOW = 0.8, off 0.0;
    /// A text above texts that are repeated, but never this one.
    REPEATS_BELOW = 0.9, off 0.0;
    /// How often they are repeated.
    REPEATS_OFTEN = 0.6, off 0.0;
    /// A word above phrases.
    WORD_ABOVE_PHRASES = 0.5, off 0.0;
    /// A phrase above single words.
    PHRASE_ABOVE_WORDS = 0.2, off 0.0;
    /// A yes or no.
    TRUTH_ABOVE = -0.6, off 0.0;
    /// Numbers that count up, above numbers that do not.
    COUNTING = 2.5, off 0.0;
    /// The same for a numbered word: each cell looks like a code, but rows of codes do not count up.
    NUMBERED = 4.5, off 0.0;
    /// The share of a row that is numbers, dates and addresses.
    VALUES_AMONG_NAMES = -1.2, off 0.0;
    /// The share of a row that names columns in many files.
    KNOWN_NAMES = 2.2, off 0.0;
    /// The share of a row that is names made for machines.
    MADE_NAMES = 1.2, off 0.0;
    /// The share of a row that repeats an earlier cell of it.
    REPEATED_NAMES = -2.0, off 0.0;
    /// The share of a row that is long, has digits or commas, or says yes or no.
    UNLIKE_NAMES = -1.2, off 0.0;
    /// The share of a row without a letter or digit.
    WORDLESS = -2.5, off 0.0;
}

/// The share of cells of one kind from which a column counts as one of this kind.
const MOST: f32 = 0.7;
/// The share of codes with one shape from which all count as having it.
const NEARLY_ALL: f32 = 0.9;
/// The share of cells of a kind below which a column has none of them.
const HARDLY_ANY: f32 = 0.1;

pub(super) fn column_evidence(
    first: &Row<'_>,
    body: &[&Row<'_>],
    column: usize,
    shift: usize,
) -> f32 {
    let cell = first.cells[column].trim_ascii();
    let head = first.kinds[column];
    let kinds: Vec<(Kind, &[u8])> = body
        .iter()
        .filter_map(|r| {
            Some((
                *r.kinds.get(column + shift)?,
                r.cells[column + shift].trim_ascii(),
            ))
        })
        .filter(|(k, _)| *k != Kind::Empty)
        .collect();
    if kinds.is_empty() {
        return 0.0;
    }
    if cell.is_empty() {
        // Only the row numbers usually have no name.
        return if column == 0 { 0.0 } else { UNNAMED.worth() };
    }
    let n = kinds.len();
    let portion = |f: &dyn Fn(Kind) -> bool| ratio(kinds.iter().filter(|(k, _)| f(*k)).count(), n);
    let sure = if n == 1 { ONE_ROW.worth() } else { 1.0 };
    let numeric = portion(&Kind::is_numeric);
    let temporal = portion(&Kind::is_temporal);
    let linked = portion(&|k| matches!(k, Kind::Email | Kind::Url | Kind::Phone));
    let coded = portion(&|k| k == Kind::Code);
    for (part, same) in [
        (numeric, head.is_numeric()),
        (temporal, head.is_temporal()),
        (
            linked,
            matches!(head, Kind::Email | Kind::Url | Kind::Phone),
        ),
    ] {
        if part >= MOST {
            if same {
                // In many statistics, years are the headers of columns.
                return if head == Kind::Integer && is_year(cell) && !years(&kinds) {
                    YEARS_AS_NAMES.worth()
                } else {
                    SAME_KIND.worth() * sure * part
                };
            }
            return if head == Kind::Empty {
                NOTHING_ABOVE.worth()
            } else {
                OTHER_KIND.worth() * sure * part
            };
        }
    }
    if head.is_strong() {
        // Numbers above text are hardly a header, unless they are years.
        return if is_year(cell) {
            0.0
        } else {
            NUMBER_ABOVE_TEXT.worth()
        };
    }
    if coded >= MOST {
        return if head == Kind::Code {
            let other = kinds[0].1 != cell && (n >= 4 || n == 3 && kinds[0].1.len() != cell.len());
            if other && constant(&kinds) {
                // One code in every row, and another above it; only two equal codes below a third may be coincidence.
                return ANOTHER_CODE.worth();
            }
            let usual = pattern(kinds[0].1);
            let alike = ratio(kinds.iter().filter(|(_, c)| pattern(c) == usual).count(), n);
            if cell.len() == kinds[0].1.len() || pattern(cell) == usual {
                CODE_ALIKE.worth()
            } else if alike > NEARLY_ALL && n > 1 {
                // All codes have one shape and this cell another.
                CODE_OF_ANOTHER_SHAPE.worth()
            } else {
                CODE_AMONG_CODES.worth()
            }
        } else {
            WORD_ABOVE_CODES.worth() * sure
        };
    }
    text_evidence(cell, head, &kinds)
}

/// The evidence of a column of text below a cell of text.
fn text_evidence(cell: &[u8], head: Kind, kinds: &[(Kind, &[u8])]) -> f32 {
    let n = kinds.len();
    let mut odds = 0.0;
    let repeats = kinds
        .iter()
        .filter(|(_, c)| c.eq_ignore_ascii_case(cell))
        .count();
    if repeats > 0 {
        return COMES_AGAIN.worth();
    }
    let distinct: HashSet<&[u8]> = kinds.iter().map(|(_, c)| *c).collect();
    let shared = MARKS
        .iter()
        .filter(|mark| kinds.iter().filter(|(_, c)| c.contains(mark)).count() * 10 >= n * 9)
        .collect::<Vec<_>>();
    if n >= 4 && !shared.is_empty() {
        // Paths below a path, or paths below something else.
        odds += if shared.iter().all(|mark| cell.contains(mark)) {
            MARK_SHARED.worth()
        } else {
            MARK_MISSING.worth()
        };
    }
    if n >= 3 && distinct.len() == 1 {
        odds += CONSTANT_BELOW.worth();
    } else if n >= 6 && distinct.len() * 2 <= n {
        // The cells of the column are repeated, but never this one.
        odds += REPEATS_BELOW.worth() + (1.0 - ratio(distinct.len(), n)) * REPEATS_OFTEN.worth();
    }
    let phrases = ratio(kinds.iter().filter(|(k, _)| *k == Kind::Phrase).count(), n);
    match head {
        Kind::Word if phrases > MOST => odds += WORD_ABOVE_PHRASES.worth(),
        Kind::Phrase if phrases < HARDLY_ANY => odds += PHRASE_ABOVE_WORDS.worth(),
        Kind::Bool => odds += TRUTH_ABOVE.worth(),
        _ => {}
    }
    odds
}

/// Characters that names seldom contain and that the cells of a column share: those of paths, addresses, settings.
const MARKS: [u8; 5] = *b"/\\:=@";

fn constant(kinds: &[(Kind, &[u8])]) -> bool {
    kinds.iter().all(|(_, cell)| *cell == kinds[0].1)
}

/// The shape of a code: letters and digits as classes.
fn pattern(cell: &[u8]) -> Vec<u8> {
    let mut shape: Vec<u8> = cell
        .iter()
        .map(|b| match b {
            b'0'..=b'9' => b'9',
            b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => b'a',
            b => *b,
        })
        .collect();
    shape.dedup();
    shape
}

/// The log odds for numbers that count up from cell to cell in this row and not in those below: years, weeks, ages as the
/// names of columns, or `value1`, `value2`, `value3`.
pub(super) fn counts_up(first: &Row<'_>, body: &[&Row<'_>]) -> f32 {
    // `1;2;3;Total` counts up by its numbers alone, whatever its last cell ends with.
    let only_above = |counts: &dyn Fn(&Row<'_>) -> bool| {
        counts(first) && body.iter().filter(|row| counts(row)).count() * 10 <= body.len()
    };
    if !last_stem(first).is_empty() && only_above(&|row| counts(row, last_stem(row))) {
        NUMBERED.worth()
    } else if only_above(&|row| counts(row, b"")) {
        COUNTING.worth()
    } else {
        0.0
    }
}

/// The text before the number that a row's last cell ends with.
fn last_stem<'t>(row: &Row<'t>) -> &'t [u8] {
    row.cells.last().map_or(&[], |cell| stem(cell))
}

/// Whether most of a row's cells are `stem` followed by a number, and count up.
fn counts(row: &Row<'_>, stem: &[u8]) -> bool {
    let numbers: Vec<Option<i64>> = row
        .cells
        .iter()
        .map(|cell| whole(cell.trim_ascii().strip_prefix(stem)?))
        .collect();
    let steps = numbers.windows(3).filter(|three| match three {
        [Some(a), Some(b), Some(c)] => b - a == c - b && (1..=10).contains(&(b - a).abs()),
        _ => false,
    });
    // A run of n cells has n − 2 such steps.
    let steps = steps.count();
    steps > 0 && (steps + 2) * 2 > row.filled()
}

/// The text before the number that a cell ends with.
fn stem(cell: &[u8]) -> &[u8] {
    let cell = cell.trim_ascii();
    let digits = cell.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    &cell[..cell.len() - digits]
}

/// A short whole number.
fn whole(cell: &[u8]) -> Option<i64> {
    std::str::from_utf8(cell.trim_ascii())
        .ok()
        .filter(|text| text.len() <= 6)?
        .parse()
        .ok()
}

fn is_year(cell: &[u8]) -> bool {
    cell.len() == 4
        && (cell.starts_with(b"19") || cell.starts_with(b"20"))
        && cell.iter().all(u8::is_ascii_digit)
}

fn years(kinds: &[(Kind, &[u8])]) -> bool {
    kinds.iter().filter(|(_, c)| is_year(c)).count() * 2 > kinds.len()
}

/// How much a row on its own looks like names of columns, from about −2 to 2.5.
pub(super) fn name_likeness(row: &Row<'_>) -> f32 {
    let filled = row.filled();
    if filled == 0 {
        return -2.0;
    }
    let mut odds = 0.0;
    let texts = row
        .kinds
        .iter()
        .filter(|k| !k.is_strong() && **k != Kind::Empty)
        .count();
    if texts < filled {
        odds += VALUES_AMONG_NAMES.worth() * ratio(filled - texts, filled);
    }
    let mut seen = HashSet::new();
    let (mut repeated, mut known, mut made, mut unlike, mut wordless) = (0, 0, 0, 0, 0);
    for (cell, kind) in row.cells.iter().zip(&row.kinds) {
        let cell = cell.trim_ascii();
        if cell.is_empty() || kind.is_strong() {
            continue;
        }
        repeated += usize::from(!seen.insert(cell.to_ascii_lowercase()));
        known += usize::from(names_a_column(cell));
        made += usize::from(looks_made(cell));
        let digits = cell.iter().filter(|b| b.is_ascii_digit()).count();
        unlike += usize::from(
            cell.len() > 60 || digits > 2 || cell.contains(&b',') || *kind == Kind::Bool,
        );
        wordless += usize::from(!has_word(cell));
    }
    let of = filled.max(1);
    odds += KNOWN_NAMES.worth() * ratio(known, of)
        + MADE_NAMES.worth() * ratio(made, of)
        + REPEATED_NAMES.worth() * ratio(repeated, of)
        + UNLIKE_NAMES.worth() * ratio(unlike, of)
        + WORDLESS.worth() * ratio(wordless, of);
    odds
}

/// Whether a cell has a letter or digit, or is one of the signs that may be the name of a column: `#`, `%`, `№`.
fn has_word(cell: &[u8]) -> bool {
    String::from_utf8_lossy(cell)
        .chars()
        .any(|c| c.is_alphanumeric() || matches!(c, '#' | '%' | '$' | '№' | '\u{FFFD}'))
}

/// The share of a row's filled cells that look like names of columns.
pub(super) fn names_in(row: &Row<'_>) -> f32 {
    let known = row
        .cells
        .iter()
        .zip(&row.kinds)
        .filter(|(c, k)| !k.is_strong() && names_a_column(c.trim_ascii()))
        .count();
    ratio(known, row.filled().max(1))
}

/// `snake_case`, `camelCase`, `dotted.name`: made for machines, and therefore a name.
fn looks_made(cell: &[u8]) -> bool {
    let plain = cell
        .iter()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'));
    let letters = cell.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let joined = cell
        .iter()
        .enumerate()
        .any(|(i, b)| matches!(b, b'_') && i > 0)
        || cell
            .windows(2)
            .any(|w| w[0].is_ascii_lowercase() && w[1].is_ascii_uppercase());
    plain && joined && letters * 2 > cell.len()
}

// Words that name columns in the languages of users' files: evidence for a header, never proof.

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
