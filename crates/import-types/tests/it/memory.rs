//! A system in memory: the packages and pilgrims of one tenant, answering lookups as a database would.

use std::collections::{HashMap, HashSet};

use domain::{EmailAddress, JamaahRef, NewJamaah, NewPackage, NewPayment, Nik, PackageRef};
use import_types::{
    JAMAAH, PACKAGE,
    engine::{
        Lookup, Value,
        lookup::{BoxError, Found, Question, QuestionKind},
    },
};
use uuid::Uuid;

/// Everything the tenant has.
#[derive(Default)]
pub(crate) struct Memory {
    /// Ids of the packages.
    pub(crate) package_ids: HashSet<Uuid>,
    packages: HashMap<String, Vec<Uuid>>,
    jamaah_ids: HashSet<Uuid>,
    jamaah: HashMap<JamaahRef, Vec<Uuid>>,
    keys: HashSet<(String, String)>,
    next: u128,
}

impl Memory {
    /// Stores a package.
    pub(crate) fn add_package(&mut self, package: &NewPackage) {
        let id = self.mint();
        self.package_ids.insert(id);
        self.packages
            .entry(package.nama.match_key())
            .or_default()
            .push(id);
        self.claim(
            "nama+tanggal_keberangkatan",
            &[
                package.nama.as_str(),
                &package.tanggal_keberangkatan.to_string(),
            ],
        );
    }

    /// Stores a pilgrim.
    pub(crate) fn add_jamaah(&mut self, jamaah: &NewJamaah) {
        self.add_identity(jamaah.ktp, jamaah.email.clone());
        let id = Uuid::from_u128(self.next);
        self.jamaah
            .entry(JamaahRef::Name(jamaah.nama.match_key()))
            .or_default()
            .push(id);
        if let Some(telepon) = jamaah.telepon {
            self.jamaah
                .entry(JamaahRef::Phone(telepon))
                .or_default()
                .push(id);
        }
    }

    /// Stores a pilgrim of whom only the unique keys matter.
    pub(crate) fn add_identity(&mut self, ktp: Option<Nik>, email: Option<EmailAddress>) {
        let id = self.mint();
        self.jamaah_ids.insert(id);
        if let Some(ktp) = ktp {
            self.claim("ktp", &[ktp.as_str()]);
            self.jamaah.entry(JamaahRef::Ktp(ktp)).or_default().push(id);
        }
        if let Some(email) = email {
            self.claim("email", &[email.as_str()]);
            self.jamaah
                .entry(JamaahRef::Email(email))
                .or_default()
                .push(id);
        }
    }

    /// Stores a payment.
    pub(crate) fn add_payment(&mut self, payment: &NewPayment) {
        if let Some(reference) = &payment.nomor_referensi {
            self.claim(
                "jamaah_id+nomor_referensi",
                &[&payment.jamaah_id.to_string(), reference.as_str()],
            );
        }
    }

    fn mint(&mut self) -> Uuid {
        self.next += 1;
        Uuid::from_u128(self.next)
    }

    fn claim(&mut self, key: &str, values: &[&str]) {
        self.keys
            .insert((key.to_owned(), values.join("|").to_lowercase()));
    }

    fn package(&self, text: &str) -> Found {
        match PackageRef::parse(text) {
            Ok(PackageRef::Id(id)) => known(&self.package_ids, id.as_uuid()),
            Ok(PackageRef::Name(name)) => counted(self.packages.get(&name)),
            Err(_) => Found::Nothing,
        }
    }

    fn pilgrim(&self, text: &str) -> Found {
        match JamaahRef::parse(text) {
            Ok(JamaahRef::Id(id)) => known(&self.jamaah_ids, id.as_uuid()),
            Ok(reference) => counted(self.jamaah.get(&reference)),
            Err(_) => Found::Nothing,
        }
    }

    fn taken(&self, name: &str, key: &[Value<'_>]) -> Found {
        let values: Vec<String> = key.iter().map(ToString::to_string).collect();
        if self
            .keys
            .contains(&(name.to_owned(), values.join("|").to_lowercase()))
        {
            Found::Many(1)
        } else {
            Found::Nothing
        }
    }
}

fn known(ids: &HashSet<Uuid>, id: Uuid) -> Found {
    if ids.contains(&id) {
        Found::one(id)
    } else {
        Found::Nothing
    }
}

fn counted(ids: Option<&Vec<Uuid>>) -> Found {
    match ids.map(Vec::as_slice) {
        None | Some([]) => Found::Nothing,
        Some([id]) => Found::one(*id),
        Some(several) => Found::Many(several.len() as u64),
    }
}

impl Lookup for Memory {
    fn answer(&mut self, questions: &[Question<'_>]) -> Result<Vec<Vec<Found>>, BoxError> {
        Ok(questions
            .iter()
            .map(|question| match question.kind {
                QuestionKind::Reference { target: PACKAGE } => {
                    question.texts().map(|text| self.package(text)).collect()
                }
                QuestionKind::Reference { target: JAMAAH } => {
                    question.texts().map(|text| self.pilgrim(text)).collect()
                }
                QuestionKind::Reference { .. } => vec![Found::Nothing; question.len()],
                QuestionKind::Unique => question
                    .keys()
                    .map(|key| self.taken(question.name, key))
                    .collect(),
            })
            .collect())
    }
}

/// A system in which every package and every pilgrim exists.
pub(crate) struct Anybody;

impl Lookup for Anybody {
    fn answer(&mut self, questions: &[Question<'_>]) -> Result<Vec<Vec<Found>>, BoxError> {
        let one = |question: &Question<'_>| {
            let found = match question.kind {
                QuestionKind::Reference { .. } => Found::one(uuid::Uuid::from_u128(7)),
                QuestionKind::Unique => Found::Nothing,
            };
            vec![found; question.len()]
        };
        Ok(questions.iter().map(one).collect())
    }
}
