//! Words that name columns, in the languages of the files that people have. Evidence for a header, never proof.

use std::{collections::HashSet, sync::LazyLock};

/// Whether `cell` reads like a column's name: short, and at least half of its words are of the list.
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
