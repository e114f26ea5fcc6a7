//! Damaged files: what is whole is taken, and the owner gets a list of what is wrong and the rows to correct; a file that is not a table
//! is answered in their language.

use import_engine::{
    Language, Plan, RunError,
    report::{ErrorReport, FailedRows},
};

use crate::{Failure, contacts::schema};

/// What the owner of a file is sent.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// The names that were taken, what is wrong with the other rows, and these rows to correct; both are CSV.
    Taken {
        names: Vec<String>,
        errors: String,
        to_correct: String,
    },
    /// Why nothing can be taken of it, as a code for programs and a sentence for people.
    Refused { code: String, message: String },
}

/// Takes what is whole of a file.
///
/// # Errors
///
/// Never for the sake of the file.
pub fn answer(file: &[u8], language: Language) -> Result<Answer, Failure> {
    let schema = schema()?;
    let plan = match Plan::of(&schema, file) {
        Ok(plan) => plan,
        Err(RunError::File(error)) => {
            return Ok(Answer::Refused {
                code: error.code().as_str().to_owned(),
                message: error.message(language),
            });
        }
        Err(error) => return Err(error.into()),
    };
    let messages = schema.messages(language);
    let headers: Vec<&str> = plan.mapping().headers().collect();
    let mut names = Vec::new();
    let mut errors = ErrorReport::new(Vec::new())?;
    let mut to_correct = FailedRows::new(Vec::new(), &headers)?;
    plan.import(file).each(|batch| -> std::io::Result<()> {
        names.extend(batch.rows().map(|row| row.get("name").to_string()));
        for issue in batch.issues() {
            errors.write_issue(issue, &messages)?;
        }
        to_correct.write_batch(&batch, &messages)
    })?;
    Ok(Answer::Taken {
        names,
        errors: String::from_utf8(errors.finish()?)?,
        to_correct: String::from_utf8(to_correct.finish()?)?,
    })
}
