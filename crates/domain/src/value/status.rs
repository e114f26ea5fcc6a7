//! The words of the three resources' closed columns, with the aliases that agencies write.

use super::choice::choice;
use crate::word::words;

words! {
    /// How far a pilgrim is with the agency.
    pub enum JamaahStatus {
        /// Someone who may become a customer.
        Lead => "lead",
        /// Asked for more.
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
    /// What an empty cell or a missing key means.
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
        /// Otherwise.
        Other => "other",
    }
}

choice! {
    PaymentMethod {
        TransferBank: "transfer", "tf", "trf", "bank transfer", "transfer bca", "transfer bni", "transfer bri", "transfer bsi", "transfer mandiri";
        Cash: "tunai", "kas", "uang tunai";
        CreditCard: "kartu kredit", "cc";
        DebitCard: "kartu debit", "debit";
        Qris: "qr", "qr code";
        Other: "lainnya", "lain", "lain lain", "others";
    }
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
    /// What an empty cell or a missing key means.
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
