//! Invented people, real places and everyday words in the languages whose encodings are tested, and names of columns.

/// Texts of one language and the legacy encodings its files come in.
pub(crate) struct Language {
    pub(crate) code: &'static str,
    pub(crate) given: &'static [&'static str],
    pub(crate) family: &'static [&'static str],
    pub(crate) places: &'static [&'static str],
    pub(crate) words: &'static [&'static str],
    /// Labels; UTF-8 and UTF-16 come on top.
    pub(crate) encodings: &'static [&'static str],
}

macro_rules! languages {
    ($($code:literal: $given:literal; $family:literal; $places:literal; $words:literal; $encodings:literal)*) => {
        pub(crate) static LANGUAGES: std::sync::LazyLock<Vec<Language>> = std::sync::LazyLock::new(|| vec![$(Language {
            code: $code,
            given: split($given),
            family: split($family),
            places: split($places),
            words: split($words),
            encodings: split($encodings),
        }),*]);
    };
}

/// Items are separated by `, `; leaked once per run.
fn split(list: &'static str) -> &'static [&'static str] {
    Vec::leak(list.split(", ").collect())
}

pub(crate) fn language(code: &str) -> &'static Language {
    LANGUAGES.iter().find(|l| l.code == code).unwrap()
}

#[rustfmt::skip]
languages! {
"id": "Ahmad, Siti, Budi, Dewi, Nurhayati, Slamet, Agus, Rina, Joko, Fatimah, Muhammad, Kartini, Wahyu, Indah"; "Rizki, Santoso, Lestari, Susilo, Wati, Salim, Hidayat, Pratama, Nasution, Siregar, Saputra, Kusuma"; "Jakarta, Bandung, Surabaya, Yogyakarta, Medan, Makassar, Banda Aceh, Kab. Bogor, Palembang, Semarang"; "kursi roda, alergi obat, sudah lunas, belum bayar, kamar berdua, paspor menyusul, vaksin lengkap, minta kursi depan"; "windows-1252"
"en": "James, Mary, Robert, Patricia, John, Jennifer, Zoë, Linda, William, Susan, Chloé, Joseph"; "Smith, Johnson, Brown, O'Brien, Miller, Davis, Wilson, Taylor, Anderson, Thomas, Jackson, White"; "London, New York, Springfield, Boston, San José, Chicago, Leeds, Bristol, Seattle, Portland"; "sold out, on hold, back order, ready to ship, café corner, no comment, first class, left early"; "windows-1252, macintosh"
"de": "Jürgen, Käthe, Björn, Anna, Günther, Sören, Heike, Thomas, Jörg, Ursula, Matthias, Lutz"; "Müller, Schröder, Weiß, Großmann, Schäfer, Köhler, Krüger, Bauer, Hofmann, Jäger, Löwe, Vogel"; "München, Köln, Düsseldorf, Görlitz, Nürnberg, Hamburg, Lübeck, Würzburg, Berlin, Gießen"; "fällig, bezahlt, über Konto, geändert, größer, später, Rückgabe, prüfen, Straße gesperrt, übergeben"; "windows-1252, macintosh, ibm850, iso-8859-15"
"fr": "Hélène, François, Amélie, Jérôme, Zoé, Benoît, Chloë, Loïc, Agnès, Marie, Geneviève, Thérèse"; "Lefèvre, Müller, Gérard, Dupré, Bécaud, Crépin, Noël, Durand, Hébert, Lemaître, Béranger, Petit"; "Orléans, Besançon, Nîmes, Évreux, Béziers, Saint-Étienne, Alès, Angoulême, Paris, Lyon"; "payé à l'avance, déjà réglé, reçu, élève, forêt, hôtel complet, été, où, prêt, très élevé"; "windows-1252, macintosh, ibm850, iso-8859-15"
"es": "José, María, Ángel, Begoña, Íñigo, Lucía, Andrés, Óscar, Concepción, Raúl, Sofía, Jesús"; "Muñoz, Pérez, García, Núñez, Ibáñez, Gómez, Rodríguez, Sánchez, López, Peña, Martín, Díaz"; "Málaga, León, Cádiz, A Coruña, Córdoba, Bogotá, Asunción, Medellín, Almería, Logroño"; "mañana, año nuevo, teléfono, dirección, número, niños, según, educación, también, último día"; "windows-1252, ibm850, macintosh"
"pt": "João, Conceição, Antônio, Inês, Luís, Márcia, Estêvão, Júlia, Sebastião, Cláudia, Fábio, Vitória"; "Gonçalves, Simões, Magalhães, Araújo, Falcão, Conceição, Brandão, Corrêa, Guimarães, Leitão"; "São Paulo, Brasília, Maceió, Goiânia, Belém, Évora, Setúbal, Cuiabá, Florianópolis, Vitória"; "não pago, observação, endereço, atenção, já enviado, manhã, preço, três, avião, opção"; "windows-1252, ibm850"
"sv": "Åsa, Björn, Märta, Göran, Sören, Anna, Håkan, Örjan, Lars, Bäcka, Östen, Karin"; "Ångström, Sjöberg, Öberg, Lindqvist, Hägglund, Åkesson, Björk, Nyström, Sandström, Ekström"; "Malmö, Göteborg, Umeå, Örebro, Västerås, Linköping, Gävle, Luleå, Jönköping, Växjö"; "på väg, återbud, ändrad, över gränsen, nästa år, förskott, två stycken, välkommen, öppet, avgång"; "windows-1252, ibm850, macintosh"
"pl": "Łukasz, Małgorzata, Michał, Żaneta, Paweł, Bożena, Stanisław, Święcisława, Grażyna, Józef"; "Wójcik, Kowalczyk, Zieliński, Wiśniewski, Dąbrowska, Kozłowski, Piątek, Żak, Sławiński, Błaszczyk"; "Łódź, Kraków, Gdańsk, Wrocław, Białystok, Poznań, Częstochowa, Toruń, Kielce, Rzeszów"; "zapłacono, wysyłka, później, należność, źródło, opłata, część, miesiąc, będzie, większość"; "windows-1250, iso-8859-2, ibm852"
"cs": "Jiří, Zdeněk, Růžena, Věra, Tomáš, Kateřina, Šárka, Ondřej, Lukáš, Božena, Žofie, Čeněk"; "Novák, Dvořák, Černý, Procházka, Kučera, Veselý, Horák, Němec, Růžička, Šťastný, Kříž"; "Plzeň, Liberec, České Budějovice, Ústí nad Labem, Hradec Králové, Zlín, Kroměříž, Třebíč"; "zaplaceno, vyřízeno, příjem, účet, dlužník, žádost, čeká, měsíc, příští týden, nízké napětí"; "windows-1250, iso-8859-2, ibm852"
"hu": "László, Erzsébet, Győző, Zsófia, István, Csilla, Béla, Gergő, Ágnes, Fülöp, Örs, Etelka"; "Szabó, Kovács, Tóth, Horváth, Erdős, Fekete, Kőműves, Lőrincz, Szűcs, Bíró, Győri, Hegedűs"; "Győr, Pécs, Szeged, Debrecen, Hódmezővásárhely, Érd, Székesfehérvár, Kőszeg, Gödöllő"; "fizetve, később, előleg, különböző, közös költség, határidő, bőrönd, szükséges, hétfő, erdő"; "windows-1250"
"ro": "Ştefan, Ioană, Răzvan, Mihăiţă, Gheorghe, Ţincuţa, Cătălin, Mădălina, Vasile, Ileană"; "Ionescu, Popă, Drăgan, Stănescu, Ţepeş, Şerban, Câmpeanu, Brâncuşi, Ardeleanu, Mureşan"; "Bucureşti, Iaşi, Braşov, Timişoara, Constanţa, Galaţi, Ploieşti, Bacău, Sfântu Gheorghe"; "plătit, în aşteptare, înregistrat, ţară, mâine, cumpărare, fără, după, şase, întâi"; "windows-1250, iso-8859-2"
"tr": "Çağla, Şule, Gökhan, Ömer, İbrahim, Ayşe, Uğur, Ümit, Işıl, Doğan, Tuğba, Yiğit"; "Yılmaz, Şahin, Çelik, Öztürk, Aydın, Kılıç, Doğan, Güneş, Erdoğan, Çetin, Koç, Özdemir"; "İstanbul, Muğla, Şanlıurfa, Eskişehir, Balıkesir, Diyarbakır, Iğdır, Çanakkale, Kırşehir"; "ödendi, açıklama, yarın, sipariş, şube, bağış, çalışıyor, ürün, değişiklik, hazır değil"; "windows-1254"
"lt": "Žydrūnas, Eglė, Rūta, Šarūnas, Gražina, Mindaugas, Aušra, Birutė, Kęstutis, Ąžuolas"; "Kazlauskas, Žukauskienė, Petraitė, Jankauskas, Stankevičius, Balčiūnas, Šimkus, Grigaitė"; "Vilnius, Šiauliai, Panevėžys, Klaipėda, Alytus, Marijampolė, Utena, Kėdainiai, Telšiai"; "apmokėta, laukiama, sąskaita, mėnuo, užsakymas, grąžinimas, gatvė, žmonės, didžiausias, įmonė"; "windows-1257"
"ru": "Александр, Мария, Сергей, Наталья, Дмитрий, Ольга, Юлия, Николай, Екатерина, Пётр"; "Иванов, Смирнова, Кузнецов, Попова, Васильев, Петрова, Соколов, Михайлова, Щербаков, Жуков"; "Москва, Санкт-Петербург, Новосибирск, Казань, Челябинск, Уфа, Омск, Самара, Пермь, Воронеж"; "оплачено, в ожидании, отгружено, счёт, заказ выполнен, возврат, наличный расчёт, адрес доставки, срочно"; "windows-1251, koi8-r, ibm866, iso-8859-5, x-mac-cyrillic"
"uk": "Олександр, Марія, Сергій, Наталія, Дмитро, Юлія, Микола, Катерина, Ірина, Євген"; "Шевченко, Коваленко, Бондаренко, Ткаченко, Кравченко, Олійник, Поліщук, Мельник, Гриценко"; "Київ, Харків, Одеса, Дніпро, Львів, Запоріжжя, Вінниця, Чернівці, Житомир, Їздець"; "сплачено, очікується, рахунок, замовлення виконано, повернення, готівка, адреса доставки, терміново"; "windows-1251, koi8-u"
"el": "Γιώργος, Μαρία, Δημήτρης, Ελένη, Κώστας, Αικατερίνη, Νίκος, Σοφία, Ιωάννης, Άννα"; "Παπαδόπουλος, Γεωργίου, Νικολάου, Οικονόμου, Βασιλείου, Αλεξίου, Ιωαννίδης, Αγγελόπουλος"; "Αθήνα, Θεσσαλονίκη, Πάτρα, Ηράκλειο, Λάρισα, Βόλος, Ιωάννινα, Χανιά, Καβάλα, Σέρρες"; "πληρώθηκε, σε αναμονή, παραγγελία, επιστροφή, διεύθυνση, τηλέφωνο, μετρητά, επείγον, άδεια"; "windows-1253, iso-8859-7"
"he": "משה, שרה, דוד, רחל, יוסף, לאה, אברהם, מרים, יעקב, חנה"; "כהן, לוי, מזרחי, פרץ, ביטון, דהן, אברהם, פרידמן, מלכה, אזולאי"; "ירושלים, תל אביב, חיפה, באר שבע, אשדוד, נתניה, רמת גן, אילת, טבריה, עכו"; "שולם, ממתין, הזמנה, החזר, כתובת, טלפון, מזומן, דחוף, חשבון"; "windows-1255"
"ar": "محمد, فاطمة, أحمد, عائشة, علي, خديجة, حسن, مريم, يوسف, زينب"; "الحسن, العلي, الأحمد, السيد, الخطيب, المصري, الشامي, القاسم, النجار, الحداد"; "الرياض, جدة, مكة المكرمة, المدينة المنورة, القاهرة, دمشق, بغداد, عمان, بيروت, الدوحة"; "تم الدفع, قيد الانتظار, طلب جديد, إرجاع, العنوان, الهاتف, نقدا, عاجل, الحساب"; "windows-1256"
"th": "สมชาย, สมหญิง, ประเสริฐ, มาลี, วิชัย, สุดา, อนุชา, กาญจนา, ธนา, พรทิพย์"; "ใจดี, รักไทย, ศรีสุข, ทองคำ, แสงทอง, บุญมา, วงศ์สวัสดิ์, สุขใจ, พงษ์ไพร"; "กรุงเทพ, เชียงใหม่, ภูเก็ต, ขอนแก่น, นครราชสีมา, อุดรธานี, สงขลา, ชลบุรี, ระยอง"; "ชำระแล้ว, รอดำเนินการ, คำสั่งซื้อ, คืนสินค้า, ที่อยู่, โทรศัพท์, เงินสด, ด่วน"; "windows-874"
"ja": "太郎, 花子, 健一, 美咲, 翔太, さくら, 大輔, 陽子, 拓也, ゆかり"; "佐藤, 鈴木, 高橋, 田中, 伊藤, 渡辺, 山本, 中村, 小林, 加藤"; "東京都千代田区, 大阪市北区, 名古屋市中区, 札幌市, 福岡県福岡市, 京都市左京区, 横浜市, 神戸市"; "支払済み, 確認中です, 注文番号, 返品, ご住所, 電話番号, 現金払い, お急ぎ, メモ, キャンセル, サンプルデータ"; "shift_jis, euc-jp, iso-2022-jp"
"zh": "伟, 芳, 娜, 秀英, 敏, 静, 丽, 强, 磊, 建国, 志明"; "王, 李, 张, 刘, 陈, 杨, 黄, 赵, 吴, 周, 徐, 孙"; "北京市朝阳区, 上海市浦东新区, 广州市天河区, 深圳市, 成都市武侯区, 杭州市, 武汉市, 西安市"; "已付款, 等待中, 订单编号, 退货, 联系地址, 手机号码, 现金, 加急, 备注, 产品名称"; "gbk"
"zht": "志明, 淑芬, 俊傑, 雅婷, 建宏, 美玲, 家豪, 怡君, 承翰, 佩珊"; "陳, 林, 黃, 張, 李, 王, 吳, 劉, 蔡, 楊, 許, 鄭"; "臺北市信義區, 新北市板橋區, 桃園市, 臺中市西屯區, 臺南市, 高雄市苓雅區, 新竹市, 嘉義縣"; "已付款, 等待中, 訂單編號, 退貨, 聯絡地址, 電話號碼, 現金, 急件, 備註, 產品名稱"; "big5"
"ko": "민준, 서연, 지훈, 수빈, 현우, 지영, 성민, 은지, 동현, 미경"; "김, 이, 박, 최, 정, 강, 조, 윤, 장, 임"; "서울특별시 강남구, 부산광역시, 대구광역시, 인천광역시, 광주광역시, 대전광역시, 수원시, 제주시"; "결제완료, 대기중, 주문번호, 반품, 배송주소, 전화번호, 현금, 긴급, 비고, 상품명"; "euc-kr"
}

/// Names of columns that the recognition may know, by kind of column.
pub(crate) const NAMES: &[(&str, &[&str])] = &[
    ("serial", &["No", "id", "ID", "Lfd. Nr.", "#"]),
    (
        "person",
        &[
            "Nama Lengkap",
            "name",
            "Kunde",
            "Full Name",
            "customer_name",
        ],
    ),
    ("given", &["Vorname", "first_name", "Prénom", "nama_depan"]),
    ("place", &["Kota", "city", "Ort", "Ville", "Tempat Lahir"]),
    (
        "words",
        &["Ket.", "comment", "Bemerkung", "catatan", "Notes"],
    ),
    ("address", &["Alamat", "address", "Anschrift", "street"]),
    ("integer", &["Jumlah", "count", "qty", "Anzahl", "Kuota"]),
    ("decimal", &["value", "price", "Betrag", "rate", "Montant"]),
    ("money", &["Harga Jual", "Total", "Nominal", "amount"]),
    (
        "date",
        &["Tgl Lahir", "date", "Datum", "birth_date", "Tanggal Bayar"],
    ),
    ("time", &["timestamp", "created_at", "Waktu", "datetime"]),
    ("email", &["Email", "e-mail", "mail"]),
    ("phone", &["No. HP", "phone", "Telefon", "telp"]),
    ("code", &["Kode Paket", "sku", "ref_no", "Artikel"]),
    ("choice", &["Status", "type", "L/P", "category"]),
    ("flag", &["active", "Lunas", "is_member"]),
    ("url", &["website", "url", "Link"]),
    ("percent", &["pct", "Share", "Persen"]),
];

/// Names that no list of common words has.
pub(crate) const ODD_NAMES: &[(&str, &[&str])] = &[
    ("serial", &["Lfd", "Pos", "k"]),
    ("person", &["Holder", "Chair", "Rombongan", "Ketua"]),
    ("given", &["Fore", "Rufname"]),
    ("place", &["Ward", "Halt", "LAD23NM"]),
    ("words", &["Narr", "Outcome", "Hinweis"]),
    ("address", &["Whereabouts", "Domisili Sekarang"]),
    ("integer", &["Beds", "n1", "Tally"]),
    ("decimal", &["kWh", "alpha", "Rainfall"]),
    ("money", &["Spend", "Outlay"]),
    ("date", &["Opened", "Raised On"]),
    ("time", &["Seen", "ts0"]),
    ("email", &["Reply To", "mbox"]),
    ("phone", &["Cell", "Call"]),
    ("code", &["LSOA11CD", "Plate"]),
    ("choice", &["Strand", "Band", "fuel"]),
    ("flag", &["Eligible", "dry"]),
    ("url", &["Page", "See"]),
    ("percent", &["Uptake", "Change"]),
];
