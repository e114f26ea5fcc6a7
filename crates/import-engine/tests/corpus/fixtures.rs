//! Files written by hand after what people really send, with their truth: delimiter, quote (`-` none), header row (0 none).

use import_engine::recognise::{Encoding, Sniffer};

use super::file::File;

/// Name, delimiter, quote, header row, text.
type Fixture = (&'static str, char, char, u64, &'static str);

#[rustfmt::skip]
const FIXTURES: &[Fixture] = &[
    ("hashes", '#', '-', 1, "name#street#town#postcode\nTown Hall#1 High St, Floor 2#Leeds#LS1 1AA\nLibrary#Mill Lane, 5#York#YO1 7HH\nDepot#Canal Rd#Hull#HU1 1AA\n"),
    ("stars", '*', '-', 1, "id*title*year*rating\n1*The Long Road*1999*7.5\n2*Silent, Cold*2004*6.1\n3*Up: the story*2009*8.2\n"),
    ("notes above and below", ',', '"', 5, "Ministry of Transport\n\"Road accidents by region, 2010-2012\"\nUpdated 5 May 2013\n\nRegion,2010,2011,2012\nNorth,120,133,98\nSouth,340,310,299\n\"East, coastal\",88,91,77\nWest,45,52,61\n\nNote: provisional figures\nSource: police records\n"),
    ("years as header", ',', '-', 1, "Country,1990,1991,1992\nChile,12.1,12.4,12.9\nPeru,9.3,9.1,8.8\nBolivia,5.5,5.9,6.2\n"),
    ("groups over names", ',', '-', 2, ",2019,,2020,\nRegion,Men,Women,Men,Women\nNorth,12,14,15,11\nSouth,22,24,25,21\nEast,10,9,8,12\n"),
    ("thousands in quotes", ',', '"', 1, "city,population,area\nJakarta,\"10,562,088\",\"661.5\"\nBandung,\"2,444,160\",\"167.7\"\nMedan,\"2,435,252\",\"265.1\"\n"),
    ("prose with tabs", '\t', '-', 1, "code\ttext\n1\tFirst, do no harm; then, heal.\n2\tWell: it depends, mostly.\n3\tNo, never; not once.\n"),
    ("commas in the header", ';', '-', 1, "Name, Vorname;Ort;Betrag, netto\nMeier, Anna;Köln;12,50\nSchulz, Jan;Bonn;9,90\nWolf, Tim;Ulm;100,00\n"),
    ("delimiter at every end", ',', '-', 1, "id,lat,lon,\n1,-6.2,106.8,\n2,-6.9,107.6,\n3,-7.8,110.4,\n"),
    ("settings", '=', '-', 0, "timeout=30\nretries=5\nport=8080\nworkers=12\nlimit=1000\n"),
    ("numbers only", ',', '-', 0, "1,2,3\n4,5,6\n7,8,9\n10,11,12\n"),
    ("numbered names", ',', '-', 1, "V1,V2,V3\n0,1,1\n1,1,0\n0,0,1\n1,0,0\n"),
    ("flowers", ',', '-', 0, "5.1,3.5,1.4,0.2,Iris-setosa\n4.9,3.0,1.4,0.2,Iris-setosa\n7.0,3.2,4.7,1.4,Iris-versicolor\n6.3,3.3,6.0,2.5,Iris-virginica\n"),
    ("passengers", ',', '"', 1, "PassengerId,Survived,Pclass,Name,Sex,Age\n1,0,3,\"Braund, Mr. Owen\",male,22\n2,1,1,\"Cumings, Mrs. John (Florence)\",female,38\n3,1,3,\"Heikkinen, Miss. Laina\",female,26\n"),
    ("census without header", ',', '-', 0, "39, State-gov, 77516, Bachelors, 13, Never-married, <=50K\n50, Self-emp, 83311, Bachelors, 13, Married, <=50K\n38, Private, 215646, HS-grad, 9, Divorced, >50K\n53, Private, 234721, 11th, 7, Married, <=50K\n"),
    ("accounts", ':', '-', 0, "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\nbin:x:2:2:bin:/bin:/usr/sbin/nologin\nwww-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\n"),
    ("satellites", ',', '-', 0, "$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M\n$GPGGA,123520,4807.040,N,01131.002,E,1,08,0.9,545.5,M\n$GPGGA,123521,4807.041,N,01131.005,E,1,07,1.0,545.9,M\n"),
    ("contacts, mostly empty", ',', '-', 1, "First Name,Last Name,Company,Mobile Phone,Home Phone,E-mail,Notes\nAna,Silva,,+351 912,,,\nRui,,,,,rui@example.com,\n,Costa,Costa Lda,,21 355,,\n"),
    ("space before quotes", ',', '"', 1, "\"Date\", \"Time\", \"Name\", \"Gross\"\n\"1/2/2020\", \"10:00:01\", \"Smith, J\", \"-12.50\"\n\"1/3/2020\", \"11:30:00\", \"Lee, K\", \"99.00\"\n"),
    ("apostrophe before numbers", ';', '-', 1, "NIK;Nama;HP\n'3175010505909001;Budi;'0812345678\n'3204014704859002;Siti;'0813456789\n'3578011212789003;Agus;'0857123456\n"),
    ("apostrophes round numbers", ',', '-', 1, "NO_URUT,NIK,NAMA_LENGKAP,NO_HP\n1,'3175010505909001',BUDI SANTOSO,'081234567890'\n2,'3204014704859002',SITI NURHALIZA,'081234567891'\n3,'3578011212789003',AGUS SALIM,'081234567892'\n"),
    ("sensor, decimal comma", ';', '-', 1, "Zeit;Temp;Feuchte\n2024-01-01 00:00:00;1,5;80,1\n2024-01-01 00:10:00;1,4;80,5\n2024-01-01 00:20:00;1,2;81,0\n"),
    ("header alone", ',', '-', 1, "id,name,email,created_at\n"),
    ("one record alone", ',', '-', 0, "17,-6.2,106.81,2024-01-01\n"),
    ("old Macintosh", ',', '-', 1, "name,age\rAnn,30\rBob,41\rCid,25\r"),
    ("apostrophes quote everything", ',', '\'', 1, "'id','title','price'\n'1','Nuts, bolts','5.00'\n'2','O''Ring','0.40'\n'3','Washer','0.10'\n"),
    ("long letters in cells", ',', '"', 1, "id,letter,stars\n1,\"Dear all,\n\nthank you, and goodbye;\nsee you: soon\n\nA.\",5\n2,\"Hi,\nok\",4\n3,\"None\",1\n"),
    ("stray inches", '\t', '-', 1, "item\tsize\tqty\ndisk\t5\" floppy\t3\ndisk\t3.5\" floppy\t10\nscreen\t17\" wide\t2\n"),
    ("psql", '|', '-', 1, " id |  name  | amount\n----+--------+--------\n  1 | Budi   |  10.50\n  2 | Siti   |   7.25\n  3 | Agus   | 120.00\n(3 rows)\n"),
    ("empty columns", ',', '-', 1, "a,b,c,d,e,f\n1,,,,,x\n2,,,,,y\n3,,,,,z\n4,,,,,w\n"),
    ("json in cells", ',', '"', 1, "id,payload\n1,\"{\"\"a\"\":1,\"\"b\"\":[1,2]}\"\n2,\"{\"\"a\"\":2,\"\"b\"\":[]}\"\n3,\"{}\"\n"),
    ("prices", ',', '-', 1, "Date,Open,High,Low,Close,Volume\n2020-01-02,74.06,75.15,73.80,75.09,135480400\n2020-01-03,74.29,75.14,74.13,74.36,146322800\n"),
    ("questions", ',', '"', 1, "Timestamp,\"How old are you, roughly?\",\"Which city, if any, do you live in?\"\n2020/01/01 10:00:00,20-30,Bandung\n2020/01/01 10:05:00,30-40,Medan\n2020/01/01 10:09:00,20-30,Solo\n"),
    ("numbered questions", ';', '-', 1, "Q1;Q2;Q3;Q4\n5;4;4;3\n2;1;5;5\n3;3;4;1\n"),
    ("months as header", ';', '-', 1, "Produk;2020-01;2020-02;2020-03\nBeras;120;130;110\nGula;80;75;90\nKopi;33;41;39\n"),
    ("songs", ',', '-', 0, "Rhoma Irama,Begadang\nIwan Fals,Bento\nChrisye,Kala Cinta Menggoda\nNike Ardilla,Seberkas Sinar\nGombloh,Kebyar Kebyar\n"),
    ("places with geometry", ',', '"', 1, "id,wkt,name\n1,\"POLYGON((1 2, 3 4, 5 6, 1 2))\",A\n2,\"POLYGON((2 2, 3 4, 5 6, 2 2))\",B\n"),
    ("name and phone", ';', '-', 0, "Budi Santoso;081234567890\nSiti Aminah;081234567891\nAgus Salim;085712345678\n"),
    ("key and value", '\t', '-', 0, "host\texample.com\nport\t8080\nuser\tadmin\npath\t/var/www\nmode\tfast\n"),
    ("one record over many lines", ',', '"', 1, "name,bio\n\"Ann\",\"a\nb\nc\nd\ne\nf\ng\nh\"\n"),
    ("vertical bars at both ends", '|', '-', 1, "|id|name|qty|\n|1|Bolt|5|\n|2|Nut|7|\n|3|Gear|1|\n"),
    ("coordinates by space", ' ', '-', 0, "1.25 3.50 -0.75\n2.10 4.00 -0.50\n0.90 2.75 -1.00\n1.75 3.25 -0.25\n"),
    ("quoted by space", ' ', '"', 1, "\"carat\" \"cut\" \"color\"\n\"1\" 0.23 \"Ideal\" \"E\"\n\"2\" 0.21 \"Premium\" \"E\"\n\"3\" 0.23 \"Good\" \"E\"\n"),
    ("ratios", ',', '-', 1, "match,score,minute\nA-B,2:1,90:00\nC-D,0:0,90:00\nE-F,3:2,120:00\n"),
    ("paths", ';', '-', 1, "file;size;owner\nC:\\data\\a,b.txt;120;anna\nC:\\data\\c.txt;99;budi\nD:\\x\\y, z.doc;5000;citra\n"),
    ("comments first", ',', '-', 3, "# exported 2024-05-01\n# by: admin, station 4\nts,level,msg\n1714521600,3,start\n1714521660,2,tick\n1714521720,2,tick\n"),
    ("units under names", ',', '-', 1, "time,speed,depth\n[s],[m/s],[m]\n0.0,1.2,10\n0.1,1.3,11\n0.2,1.5,12\n"),
    ("tweets", ',', '"', 1, "id,user,text\n1,@ann,\"wow, really? #yes\"\n2,@bob,\"no; way: http://t.co/x\"\n3,@cid,ok\n"),
    ("amounts with cents", ';', '"', 1, "\"Tanggal\";\"Keterangan\";\"Debet\";\"Kredit\"\n\"01/02/2027\";\"TRSF E-BANKING CR 0102/FTSCY/WS95031\";\"\";\"5.000.000,00\"\n\"02/02/2027\";\"BIAYA ADM\";\"15.000,00\";\"\"\n"),
    ("languages", ',', '-', 0, "aa,Afar\nab,Abkhazian\naf,Afrikaans\nam,Amharic\nar,Arabic\nas,Assamese\n"),
    ("airports", ',', '"', 0, "1,\"Goroka\",\"Goroka\",\"Papua New Guinea\",\"GKA\",\"AYGA\",-6.081689,145.391881\n2,\"Madang\",\"Madang\",\"Papua New Guinea\",\"MAG\",\"AYMD\",-5.207083,145.7887\n3,\"Nadzab\",\"Nadzab\",\"Papua New Guinea\",\"LAE\",\"AYNZ\",-6.569828,146.726242\n"),
    ("codes and names, headed", ',', '-', 1, "LAD23CD,LAD23NM\nE06000001,Hartlepool\nE06000002,Middlesbrough\nE06000003,Redcar and Cleveland\n"),
    ("spaces as padding", ',', '-', 1, "name      ,  qty ,  price\nbolt      ,   10 ,   0.50\nnut       ,    5 ,   0.10\nlong gear ,    1 ,  12.00\n"),
];

/// The same as files of the corpus.
pub(crate) fn files() -> impl Iterator<Item = File> {
    let sign = |sign: char| u8::try_from(sign).ok().filter(|sign| *sign != b'-');
    FIXTURES
        .iter()
        .map(move |(name, delimiter, quote, header, text)| File {
            name: (*name).to_owned(),
            bytes: text.as_bytes().to_vec(),
            text: (*text).to_owned(),
            encoding: Encoding::UTF_8,
            delimiter: sign(*delimiter),
            quote: sign(*quote),
            escape: None,
            header_row: (*header > 0).then_some(*header),
        })
}

#[test]
fn recognises_the_handwritten_files() {
    let mut misses = Vec::new();
    for file in files() {
        let found = Sniffer::new().sniff(&file.bytes).unwrap();
        let quote_right = match file.quote {
            None => matches!(found.quote, None | Some(b'"')),
            quote => found.quote == quote,
        };
        if Some(found.delimiter) != file.delimiter || !quote_right {
            misses.push(format!(
                "{}: {:?} {:?}",
                file.name,
                char::from(found.delimiter),
                found.quote.map(char::from)
            ));
        }
        if found.header_row != file.header_row {
            misses.push(format!(
                "{}: header {:?}, confidence {:?}",
                file.name, found.header_row, found.confidence.header
            ));
        }
    }
    println!(
        "{} of {} handwritten files missed: {misses:#?}",
        misses.len(),
        FIXTURES.len()
    );
    assert!(misses.len() * 20 <= FIXTURES.len(), "{misses:#?}");
}
