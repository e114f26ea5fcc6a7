//! Answers the engine's questions from the tenant's rows: keys as types of `domain`, one query per kind and batch.

use domain::{
    EmailAddress, ImportType, JamaahId, JamaahRef, Nik, OnDuplicate, PackageName, PackageRef,
    ReferenceNumber,
};
use import_types::engine::{
    Lookup, Value,
    lookup::{BoxError, Existing, Found, Question, QuestionKind},
};
use repositories::{Hits, Lookups, RepositoryError};
use time::Date;
use tokio::runtime::Handle;

/// The lookup of one run. Lives on the engine's blocking thread and waits there for the database.
pub(crate) struct TenantLookup {
    pub(crate) runtime: Handle,
    pub(crate) import_type: ImportType,
    pub(crate) rows: Lookups,
}

impl Lookup for TenantLookup {
    fn answer(&mut self, questions: &[Question<'_>]) -> Result<Vec<Vec<Found>>, BoxError> {
        let answers = self.runtime.block_on(async {
            let mut answers = Vec::with_capacity(questions.len());
            for question in questions {
                answers.push(self.answer_one(question).await?);
            }
            Ok::<_, RepositoryError>(answers)
        })?;
        Ok(answers)
    }

    fn sees_own_rows(&self) -> bool {
        false
    }
}

impl TenantLookup {
    async fn answer_one(&self, question: &Question<'_>) -> Result<Vec<Found>, RepositoryError> {
        let rows = &self.rows;
        match (question.kind, self.import_type, question.name) {
            (QuestionKind::Reference { target }, ..) if target == import_types::PACKAGE => {
                let (asked, keys) = keys(question, |key| PackageRef::parse(text(key)?).ok());
                Ok(spread(&asked, rows.packages(&keys).await?, found))
            }
            (QuestionKind::Reference { target }, ..) if target == import_types::JAMAAH => {
                let (asked, keys) = keys(question, |key| JamaahRef::parse(text(key)?).ok());
                Ok(spread(&asked, rows.jamaah(&keys).await?, found))
            }
            (QuestionKind::Unique, ImportType::Jamaah, "ktp") => {
                let (asked, keys) = keys(question, |key| Nik::parse(text(key)?).ok());
                Ok(spread(&asked, rows.taken_ktp(&keys).await?, found))
            }
            (QuestionKind::Unique, ImportType::Jamaah, "email") => {
                let (asked, keys) = keys(question, |key| EmailAddress::parse(text(key)?).ok());
                Ok(spread(&asked, rows.taken_email(&keys).await?, found))
            }
            (QuestionKind::Unique, ImportType::Package, _) => {
                let (asked, keys) = keys(question, package_key);
                Ok(spread(&asked, rows.taken_package(&keys).await?, found))
            }
            (QuestionKind::Unique, ImportType::Payment, _) => {
                let (asked, keys) = keys(question, payment_key);
                Ok(spread(&asked, rows.taken_payment(&keys).await?, found))
            }
            _ => Ok(vec![Found::Unchecked; question.len()]),
        }
    }
}

/// The keys as types of `domain`, and for each requested key whether it is among them.
fn keys<K>(
    question: &Question<'_>,
    read: impl Fn(&[Value<'_>]) -> Option<K>,
) -> (Vec<bool>, Vec<K>) {
    let mut keys = Vec::with_capacity(question.len());
    let asked = question
        .keys()
        .map(|key| {
            let key = read(key);
            let is_asked = key.is_some();
            keys.extend(key);
            is_asked
        })
        .collect();
    (asked, keys)
}

/// One answer per requested key; a text that is not a key of its kind refers to no record and is free.
fn spread<A>(asked: &[bool], answers: Vec<A>, found: impl Fn(A) -> Found) -> Vec<Found> {
    let mut answers = answers.into_iter();
    asked
        .iter()
        .map(|is_asked| match is_asked {
            true => answers.next().map_or(Found::Unchecked, &found),
            false => Found::Nothing,
        })
        .collect()
}

fn text<'v>(key: &[Value<'v>]) -> Option<&'v str> {
    key.first()?.as_text()
}

fn package_key(key: &[Value<'_>]) -> Option<(String, Date)> {
    let [name, departure] = key else { return None };
    let name = PackageName::parse(name.as_text()?).ok()?;
    Some((name.match_key(), departure.as_date()?))
}

fn payment_key(key: &[Value<'_>]) -> Option<(JamaahId, ReferenceNumber)> {
    let [jamaah, reference] = key else {
        return None;
    };
    Some((
        JamaahId::from_uuid(jamaah.as_uuid()?),
        ReferenceNumber::parse(reference.as_text()?).ok()?,
    ))
}

fn found(hits: Hits) -> Found {
    match hits {
        Hits::None => Found::Nothing,
        Hits::One(id) => Found::one(id),
        Hits::Many(count) => Found::Many(count),
    }
}

/// Translates the choice of a job into the engine's term.
pub(crate) const fn existing(on_duplicate: OnDuplicate) -> Existing {
    match on_duplicate {
        OnDuplicate::Reject => Existing::Refuse,
        OnDuplicate::Skip => Existing::Skip,
        OnDuplicate::Update => Existing::Update,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn puts_answers_beside_the_keys_that_were_asked() {
        let answers = spread(&[true, false, true], vec![Hits::Many(2), Hits::None], found);
        assert_eq!(answers, [Found::Many(2), Found::Nothing, Found::Nothing]);
    }
}
