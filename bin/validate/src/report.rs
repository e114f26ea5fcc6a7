//! Prints the findings, as text or as one JSON document.

use serde::Serialize;

/// The kind of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Ok,
    /// Worth knowing, but no mistake.
    Note,
    Fail,
    /// It could not be checked.
    Unknown,
}

/// A line.
#[derive(Debug, Serialize)]
struct Finding {
    check: String,
    status: Status,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

/// All findings; in the form of lines they are printed at once.
#[derive(Debug)]
pub(crate) struct Report {
    is_json: bool,
    findings: Vec<Finding>,
}

impl Report {
    pub(crate) const fn new(is_json: bool) -> Self {
        Self {
            is_json,
            findings: Vec::new(),
        }
    }

    /// A check that found nothing wrong.
    pub(crate) fn good(&mut self, check: &str, text: &str) {
        self.add(check, Status::Ok, text, None);
    }

    /// Something worth knowing.
    pub(crate) fn note(&mut self, check: &str, text: &str, remedy: &str) {
        self.add(check, Status::Note, text, Some(remedy));
    }

    /// Something that is wrong.
    pub(crate) fn bad(&mut self, check: &str, text: &str, remedy: &str) {
        self.add(check, Status::Fail, text, Some(remedy));
    }

    /// The reason why nothing more could be checked.
    pub(crate) fn could_not(&mut self, error: &anyhow::Error) {
        self.add("access", Status::Unknown, &format!("{error:#}"), None);
    }

    /// Prints what is being done, apart from the findings.
    pub(crate) fn say(&self, text: &str) {
        if self.is_json {
            settings::complain!("{text}");
        } else {
            settings::say!("{text}");
        }
    }

    /// The number of failures so far.
    pub(crate) fn failures(&self) -> usize {
        let bad = |finding: &&Finding| finding.status == Status::Fail;
        self.findings.iter().filter(bad).count()
    }

    pub(crate) fn is_sound(&self) -> bool {
        self.findings
            .iter()
            .all(|finding| matches!(finding.status, Status::Ok | Status::Note))
    }

    /// Prints the verdict.
    pub(crate) fn finish(&self) {
        if self.is_json {
            let document = serde_json::json!({"sound": self.is_sound(), "checks": self.findings});
            settings::say!("{document}");
        } else if self
            .findings
            .iter()
            .any(|finding| finding.status == Status::Unknown)
        {
            settings::say!("the installation could not be looked at");
        } else if self.is_sound() {
            settings::say!("the installation is what this version expects");
        } else {
            settings::say!("the installation is not what this version expects");
        }
    }

    fn add(&mut self, check: &str, status: Status, text: &str, remedy: Option<&str>) {
        let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let finding = Finding {
            check: check.to_owned(),
            status,
            text: one_line(text),
            remedy: remedy.map(one_line),
        };
        if !self.is_json {
            let mark = match status {
                Status::Ok => "ok  ",
                Status::Note => "note",
                Status::Fail => "FAIL",
                Status::Unknown => "????",
            };
            let remedy = finding.remedy.as_deref();
            let remedy = remedy.map_or_else(String::new, |remedy| format!("; remedy: {remedy}"));
            settings::say!("{mark}  {}: {}{remedy}", finding.check, finding.text);
        }
        self.findings.push(finding);
    }
}
