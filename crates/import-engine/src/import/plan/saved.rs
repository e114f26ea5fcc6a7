//! A plan as a value to be stored: fields by their names, so that a schema may be built again in another order. It does
//! not contain the schema, because rules are code.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Choices, Plan};
use crate::{
    csv::{Dialect, Limits},
    error::SetupError,
    import::{
        amend::Corrections,
        survey::{SavedSurvey, Survey},
    },
    mapping::{Mapping, SavedMapping},
    schema::{Schema, cell::Decision},
};

/// The version of the format. A plan of another version is refused instead of misread.
const VERSION: u32 = 1;

/// A [`Plan`] without its schema, which can be stored and turned into a plan again. With `serde_json` it is
/// human-readable text.
///
/// ```
/// use import_engine::{Field, Plan, Schema, plans::SavedPlan};
///
/// let schema = || Schema::builder("contacts").field(Field::text("name")).field(Field::date("born")).build();
/// let file = "name;born\nAda;10/12/1815\nAlan;23/06/1912\n";
/// let json = serde_json::to_string(&Plan::of(&schema()?, file)?.save())?;
///
/// // In another program, another day.
/// let plan = serde_json::from_str::<SavedPlan>(&json)?.plan(&schema()?)?;
/// let (batches, _) = plan.import(file).collect()?;
/// assert_eq!(batches[0].value(0, 1).to_string(), "1815-12-10");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedPlan {
    version: u32,
    schema: String,
    dialect: Dialect,
    mapping: SavedMapping,
    limits: Limits,
    survey: Option<SavedSurvey>,
    choices: Choices,
}

impl Plan {
    /// All of the plan except the schema and today's date.
    #[must_use]
    pub fn save(&self) -> SavedPlan {
        let by_name = |decisions: &[Decision]| -> BTreeMap<String, Decision> {
            let fields = self.schema.fields().iter().zip(decisions);
            fields
                .filter(|(_, decision)| **decision != Decision::default())
                .map(|(field, decision)| (field.name().to_owned(), *decision))
                .collect()
        };
        SavedPlan {
            version: VERSION,
            schema: self.schema.name().to_owned(),
            dialect: self.dialect.clone(),
            mapping: self.mapping.save(&self.schema),
            limits: self.limits,
            survey: self
                .survey
                .as_ref()
                .map(|survey| survey.save(&self.schema, by_name(survey.decisions()))),
            choices: self.choices.clone(),
        }
    }
}

impl SavedPlan {
    /// The plan, for the schema that it was made for. Set [`today`](Plan::today) if the schema compares dates with it.
    ///
    /// # Errors
    ///
    /// [`SetupError::Plan`] if it was made for a schema of another name, uses a field that the schema no longer has, or
    /// was saved by a version of this crate with another format.
    pub fn plan(self, schema: &Schema) -> Result<Plan, SetupError> {
        let refused = |reason: String| SetupError::Plan {
            schema: schema.name().to_owned(),
            reason,
        };
        if self.version != VERSION {
            return Err(refused(format!(
                "it is of version {} of the format, and this is version {VERSION}",
                self.version
            )));
        }
        if self.schema != schema.name() {
            return Err(refused(format!("it is of the schema '{}'", self.schema)));
        }
        let mapping = Mapping::restore(schema, self.mapping).map_err(refused)?;
        let survey = self.survey.map(|survey| Survey::restore(schema, survey));
        let corrections = Corrections::clone(&self.choices.corrections);
        let plan = Plan {
            limits: self.limits,
            survey: survey.transpose().map_err(refused)?,
            choices: self.choices,
            ..Plan::new(schema.clone(), self.dialect, mapping)
        };
        // The schema may have lost a field since.
        plan.correct(corrections)
    }
}
