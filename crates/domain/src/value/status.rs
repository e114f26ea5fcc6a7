//! The words of the three resources' columns with closed sets, with the aliases that agencies write.

use super::choice::choice;
use crate::word::words;

words! {
    /// The status of a pilgrim at the agency.
    pub enum JamaahStatus {
        /// Someone who may become a customer.
        Lead => "lead",
        /// Has asked for more information.
        Interested => "interested",
        /// Has registered.
        Registered => "registered",
        /// Is preparing or travelling.
        Active => "active",
        /// Has returned.
        Completed => "completed",
        /// Does not travel.
        Cancelled => "cancelled",
    }
}

choice! {
    JamaahStatus {
        Lead: "prospek", "prospect", "calon";
        Interested: "tertarik", "berminat", "minat";
        Registered: "terdaftar", "daftar", "mendaftar", "sudah daftar";
        Active: "aktif";
        Completed: "selesai", "complete", "done";
        Cancelled: "batal", "dibatalkan", "canceled", "cancel";
    }
}

impl JamaahStatus {
    /// The meaning of an empty cell or a missing key.
    pub const DEFAULT: Self = Self::Lead;
}

words! {
    /// How a payment was made.
    pub enum PaymentMethod {
        /// By bank transfer.
        TransferBank => "transfer_bank",
        /// In cash.
        Cash => "cash",
        /// By credit card.
        CreditCard => "credit_card",
        /// By debit card.
        DebitCard => "debit_card",
        /// By the national QR code.
        Qris => "qris",
        /// In another way.
        Other => "other",
    }
}

choice! {
    PaymentMethod {
        TransferBank: "transfer", "tf", "trf", "trsf", "bank transfer", "transferan", "va", "virtual account", "briva", "m banking", "mbanking",
            "mobile banking", "internet banking", "ibanking", "e banking", "atm", "transfer atm", "rtgs", "bi fast", "bifast", "llg", "skn", "livin",
            "brimo", "pemindahbukuan", "kliring";
        Cash: "tunai", "kas", "uang tunai", "setor tunai", "setoran tunai", "bayar tunai", "kontan", "cash tunai", "tunai cash",
            "cdm", "setor tunai cdm", "mesin setor tunai";
        CreditCard: "kartu kredit", "cc", "kredit card", "edc kredit", "edc kartu kredit";
        DebitCard: "kartu debit", "debit", "debet", "kartu debet", "edc", "edc debit", "gesek debit", "gpn";
        Qris: "qr", "qr code", "scan qris", "scan qr";
        Other: "lainnya", "lain", "lain lain", "others", "gopay", "ovo", "dana", "shopeepay", "linkaja", "e wallet", "ewallet", "dompet digital", "cek",
            "giro", "cek giro";
    } aside [
        "bank", "bca", "bni", "bri", "bsi", "mandiri", "btn", "cimb", "niaga", "danamon", "permata", "muamalat", "mega", "panin", "ocbc", "nisp",
        "maybank", "btpn", "jago", "seabank", "bjb", "bukopin", "sinarmas", "dki", "jateng", "jatim", "sumut", "aceh", "nagari", "syariah", "bsm",
        "via", "lewat", "melalui", "ke", "dari", "rek", "rekening", "teller", "loket", "counter", "konter",
        "indonesia", "jabar", "kantor", "di", "cabang"
    ] alone TransferBank
}

words! {
    /// Whether a package is on offer.
    pub enum PackageStatus {
        /// Being prepared.
        Draft => "draft",
        /// On offer.
        Published => "published",
        /// Past.
        Archived => "archived",
    }
}

choice! {
    PackageStatus {
        Draft: "draf", "konsep";
        Published: "publish", "publik", "terbit", "diterbitkan", "dipublikasikan", "tayang";
        Archived: "arsip", "diarsipkan", "archive";
    }
}

impl PackageStatus {
    /// The meaning of an empty cell or a missing key.
    pub const DEFAULT: Self = Self::Draft;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_documented_words_and_the_obvious_aliases() {
        for (raw, expected) in [
            ("registered", Some(JamaahStatus::Registered)),
            ("Terdaftar", Some(JamaahStatus::Registered)),
            (" BATAL ", Some(JamaahStatus::Cancelled)),
            ("Completed", Some(JamaahStatus::Completed)),
            ("aktip", None),
            ("ACTIV", None),
            ("deleted", None),
            ("1", None),
        ] {
            assert_eq!(JamaahStatus::parse(raw).ok(), expected, "{raw}");
        }
        for (raw, expected) in [
            ("transfer_bank", Some(PaymentMethod::TransferBank)),
            ("Transfer", Some(PaymentMethod::TransferBank)),
            ("TF", Some(PaymentMethod::TransferBank)),
            ("transfer bank", Some(PaymentMethod::TransferBank)),
            ("Tunai", Some(PaymentMethod::Cash)),
            ("Kartu Kredit", Some(PaymentMethod::CreditCard)),
            ("Credit-Card", Some(PaymentMethod::CreditCard)),
            ("QRIS", Some(PaymentMethod::Qris)),
            ("BCA", Some(PaymentMethod::TransferBank)),
            ("Bank Mandiri", Some(PaymentMethod::TransferBank)),
            ("TF BSI", Some(PaymentMethod::TransferBank)),
            ("Transfer ke rek. BCA", Some(PaymentMethod::TransferBank)),
            ("VA BNI", Some(PaymentMethod::TransferBank)),
            ("Setor Tunai", Some(PaymentMethod::Cash)),
            ("Setor Tunai BRI", Some(PaymentMethod::Cash)),
            ("Setor Tunai Teller", Some(PaymentMethod::Cash)),
            ("Transfer BSI 7123456789", Some(PaymentMethod::TransferBank)),
            ("BCA 1234567890", Some(PaymentMethod::TransferBank)),
            ("Tunai 5000000", None),
            ("7123456789", None),
            ("Kliring", Some(PaymentMethod::TransferBank)),
            ("Teller", Some(PaymentMethod::TransferBank)),
            ("Teller BSI", Some(PaymentMethod::TransferBank)),
            ("Transfer via teller", Some(PaymentMethod::TransferBank)),
            ("EDC Mandiri", Some(PaymentMethod::DebitCard)),
            ("Kartu Kredit (BCA)", Some(PaymentMethod::CreditCard)),
            ("QRIS BCA", Some(PaymentMethod::Qris)),
            ("Tunai/Transfer", None),
            ("Titipan BCA", None),
            ("Barter", None),
            ("DP", None),
            ("Cicilan", None),
            ("???", None),
        ] {
            assert_eq!(PaymentMethod::parse(raw).ok(), expected, "{raw}");
        }
        for (raw, expected) in [
            ("Published", Some(PackageStatus::Published)),
            ("Arsip", Some(PackageStatus::Archived)),
            ("full", None),
            ("ditérbitkan", None),
            ("a word that is far too long to be one of ours", None),
        ] {
            assert_eq!(PackageStatus::parse(raw).ok(), expected, "{raw}");
        }
    }
}
