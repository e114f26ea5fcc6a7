//! The one check beside the two that it replaces: whatever a request says, they agree on the record and on every error.

use proptest::prelude::*;
use time::macros::date;

use super::*;
use crate::{
    JamaahChanges, JamaahDraft, JamaahInput, PackageChanges, PackageDraft, PackageInput,
    PaymentChanges, PaymentDraft, PaymentInput,
};

const TODAY: Date = date!(2026 - 11 - 20);
const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

fn wish<T: std::fmt::Debug + Clone + 'static>(
    value: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Change<T>> {
    prop_oneof![
        2 => Just(Change::Keep),
        1 => Just(Change::Clear),
        5 => value.prop_map(Change::Set),
    ]
}

/// Texts that some field takes, that none takes, and blanks.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::sample::select(vec![
            "", " ", "\u{a0}", "\0", "Slamet", "A@B.com", "ahmad@email", "081234567890", "0812",
            "3175010505909001", "3,17501E+15", "####", "1990-05-05", "2030-01-01", "1800-01-01",
            "2027-03-15", "1979-12-31", "2100-01-01", "kemarin", "L", "Laki-laki", "x", "lead",
            "Aktif", "draft", "published", "full", "cash", "Tunai", "TRX-001", "123",
        ])
        .prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}

fn number() -> impl Strategy<Value = i64> {
    prop_oneof![
        prop::sample::select(vec![
            i64::MIN,
            -1,
            0,
            1,
            9,
            365,
            366,
            100_000,
            100_001,
            1_000_000_000_000_000
        ]),
        1..400_i64,
    ]
}

fn given<T>(wish: Change<T>) -> Option<T> {
    wish.into_column().flatten()
}

fn pilgrim() -> impl Strategy<Value = JamaahInput> {
    let texts = prop::array::uniform9(wish(text()));
    (texts, wish(Just(ID.parse().unwrap()))).prop_map(|(texts, paket_id)| {
        let [
            nama,
            email,
            telepon,
            alamat,
            ktp,
            tanggal_lahir,
            jenis_kelamin,
            status,
            catatan,
        ] = texts;
        JamaahInput {
            nama,
            email,
            telepon,
            alamat,
            ktp,
            tanggal_lahir,
            jenis_kelamin,
            paket_id,
            status,
            catatan,
        }
    })
}

fn journey() -> impl Strategy<Value = PackageInput> {
    (
        prop::array::uniform4(wish(text())),
        prop::array::uniform4(wish(number())),
    )
        .prop_map(|(texts, numbers)| {
            let [nama, deskripsi, tanggal_keberangkatan, status] = texts;
            let [durasi_hari, harga_retail, harga_wholesale, kapasitas] = numbers;
            PackageInput {
                nama,
                deskripsi,
                durasi_hari,
                harga_retail,
                harga_wholesale,
                tanggal_keberangkatan,
                kapasitas,
                status,
            }
        })
}

fn receipt() -> impl Strategy<Value = PaymentInput> {
    (
        prop::array::uniform4(wish(text())),
        wish(number()),
        wish(Just(ID.parse().unwrap())),
    )
        .prop_map(|(texts, jumlah, jamaah_id)| {
            let [tanggal_bayar, metode_pembayaran, nomor_referensi, catatan] = texts;
            PaymentInput {
                jamaah_id,
                jumlah,
                tanggal_bayar,
                metode_pembayaran,
                nomor_referensi,
                catatan,
            }
        })
}

fn pilgrim_draft(input: JamaahInput) -> JamaahDraft {
    JamaahDraft {
        nama: given(input.nama),
        email: given(input.email),
        telepon: given(input.telepon),
        alamat: given(input.alamat),
        ktp: given(input.ktp),
        tanggal_lahir: given(input.tanggal_lahir),
        jenis_kelamin: given(input.jenis_kelamin),
        paket_id: given(input.paket_id),
        status: given(input.status),
        catatan: given(input.catatan),
    }
}

fn pilgrim_changes(input: JamaahInput) -> JamaahChanges {
    JamaahChanges {
        nama: input.nama,
        email: input.email,
        telepon: input.telepon,
        alamat: input.alamat,
        ktp: input.ktp,
        tanggal_lahir: input.tanggal_lahir,
        jenis_kelamin: input.jenis_kelamin,
        paket_id: input.paket_id,
        status: input.status,
        catatan: input.catatan,
    }
}

fn journey_draft(input: PackageInput) -> PackageDraft {
    PackageDraft {
        nama: given(input.nama),
        deskripsi: given(input.deskripsi),
        durasi_hari: given(input.durasi_hari),
        harga_retail: given(input.harga_retail),
        harga_wholesale: given(input.harga_wholesale),
        tanggal_keberangkatan: given(input.tanggal_keberangkatan),
        kapasitas: given(input.kapasitas),
        status: given(input.status),
    }
}

fn journey_changes(input: PackageInput) -> PackageChanges {
    PackageChanges {
        nama: input.nama,
        deskripsi: input.deskripsi,
        durasi_hari: input.durasi_hari,
        harga_retail: input.harga_retail,
        harga_wholesale: input.harga_wholesale,
        tanggal_keberangkatan: input.tanggal_keberangkatan,
        kapasitas: input.kapasitas,
        status: input.status,
    }
}

fn receipt_draft(input: PaymentInput) -> PaymentDraft {
    PaymentDraft {
        jamaah_id: given(input.jamaah_id),
        jumlah: given(input.jumlah),
        tanggal_bayar: given(input.tanggal_bayar),
        metode_pembayaran: given(input.metode_pembayaran),
        nomor_referensi: given(input.nomor_referensi),
        catatan: given(input.catatan),
    }
}

fn receipt_changes(input: PaymentInput) -> PaymentChanges {
    PaymentChanges {
        jamaah_id: input.jamaah_id,
        jumlah: input.jumlah,
        tanggal_bayar: input.tanggal_bayar,
        metode_pembayaran: input.metode_pembayaran,
        nomor_referensi: input.nomor_referensi,
        catatan: input.catatan,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn pilgrims_are_checked_as_before(input in pilgrim(), change in pilgrim()) {
        let new = input.clone().check(None, TODAY);
        prop_assert_eq!(&new, &pilgrim_draft(input).check(TODAY));
        let current = match new {
            Ok(new) => new,
            Err(_) => JamaahInput {
                nama: Change::Set("Slamet".to_owned()),
                email: Change::Set("a@b.com".to_owned()),
                paket_id: Change::Set(ID.parse().unwrap()),
                ..JamaahInput::default()
            }
            .check(None, TODAY)
            .unwrap(),
        };
        let changed = change.clone().check(Some(&current), TODAY);
        let before = pilgrim_changes(change).check(TODAY).map(|patch| {
            let mut fields = current;
            patch.apply(&mut fields);
            fields
        });
        prop_assert_eq!(changed, before);
    }

    #[test]
    fn packages_are_checked_as_before(input in journey(), change in journey()) {
        let new = input.clone().check(None, TODAY);
        prop_assert_eq!(&new, &journey_draft(input).check());
        let current = match new {
            Ok(new) => new,
            Err(_) => PackageInput {
                nama: Change::Set("Umroh".to_owned()),
                durasi_hari: Change::Set(9),
                harga_retail: Change::Set(25_000_000),
                tanggal_keberangkatan: Change::Set("2027-03-15".to_owned()),
                kapasitas: Change::Set(45),
                ..PackageInput::default()
            }
            .check(None, TODAY)
            .unwrap(),
        };
        let changed = change.clone().check(Some(&current), TODAY);
        let before = journey_changes(change).check().map(|patch| {
            let mut fields = current;
            patch.apply(&mut fields);
            fields
        });
        prop_assert_eq!(changed, before);
    }

    #[test]
    fn payments_are_checked_as_before(input in receipt(), change in receipt()) {
        let new = input.clone().check(None, TODAY);
        prop_assert_eq!(&new, &receipt_draft(input).check());
        let current = match new {
            Ok(new) => new,
            Err(_) => PaymentInput {
                jamaah_id: Change::Set(ID.parse().unwrap()),
                jumlah: Change::Set(5_000_000),
                tanggal_bayar: Change::Set("2027-01-05".to_owned()),
                metode_pembayaran: Change::Set("cash".to_owned()),
                ..PaymentInput::default()
            }
            .check(None, TODAY)
            .unwrap(),
        };
        let changed = change.clone().check(Some(&current), TODAY);
        let before = receipt_changes(change).check().map(|patch| {
            let mut fields = current;
            patch.apply(&mut fields);
            fields
        });
        prop_assert_eq!(changed, before);
    }
}
