//! Strict parsing of query strings: an unknown, repeated or malformed parameter is rejected by name.

use std::future::{Ready, ready};
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use domain::value::shortened;
use services::LARGEST_PAGE;

use crate::error::{ApiError, LONGEST_NAME};

/// Items of a page without `limit`.
const DEFAULT_LIMIT: u64 = 20;
/// More parameters than any route has, and few enough to be cheap.
const MOST_PARAMETERS: usize = 64;

/// The parameters that have not been asked for yet. Handlers take them one by one and then call [`Query::finish`].
pub(crate) struct Query(Vec<(String, String)>);

impl FromRequest for Query {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::parse(request.query_string())))
    }
}

impl Query {
    fn parse(text: &str) -> Self {
        Self(
            form_urlencoded::parse(text.as_bytes())
                .take(MOST_PARAMETERS + 1)
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect(),
        )
    }

    /// The value of a parameter that may be given once.
    pub(crate) fn one(&mut self, name: &str) -> Result<Option<String>, ApiError> {
        let mut values = self.all(name);
        if values.len() > 1 {
            return Err(invalid(name, "hanya boleh diisi sekali"));
        }
        Ok(values.pop())
    }

    /// The values of a parameter that may be repeated.
    pub(crate) fn all(&mut self, name: &str) -> Vec<String> {
        self.0
            .extract_if(.., |(parameter, _)| parameter == name)
            .map(|(_, value)| value)
            .collect()
    }

    /// How many items a page has.
    pub(crate) fn limit(&mut self) -> Result<u64, ApiError> {
        self.limit_up_to(LARGEST_PAGE, "harus bilangan bulat dari 1 sampai 100")
    }

    /// The same for a list whose pages may be larger than usual.
    pub(crate) fn limit_up_to(
        &mut self,
        most: u64,
        expected: &'static str,
    ) -> Result<u64, ApiError> {
        let limit = self.number("limit", 1, most, expected)?;
        Ok(limit.unwrap_or(DEFAULT_LIMIT))
    }

    /// A parameter that is one of a set of words.
    pub(crate) fn word<T: FromStr>(
        &mut self,
        name: &str,
        expected: &'static str,
    ) -> Result<Option<T>, ApiError> {
        self.one(name)?
            .map(|value| value.parse().map_err(|_| invalid(name, expected)))
            .transpose()
    }

    /// A whole number between `least` and `most`.
    pub(crate) fn number(
        &mut self,
        name: &str,
        least: u64,
        most: u64,
        expected: &'static str,
    ) -> Result<Option<u64>, ApiError> {
        let number: Option<u64> = self.word(name, expected)?;
        match number {
            Some(number) if !(least..=most).contains(&number) => Err(invalid(name, expected)),
            number => Ok(number),
        }
    }

    /// Rejects parameters that no handler has taken.
    pub(crate) fn finish(mut self) -> Result<(), ApiError> {
        match self.0.pop() {
            Some((name, _)) => Err(invalid(&name, "tidak dikenal")),
            None => Ok(()),
        }
    }
}

/// The error for a parameter.
pub(crate) fn invalid(parameter: &str, reason: &'static str) -> ApiError {
    ApiError::InvalidQuery {
        parameter: shortened(parameter, LONGEST_NAME).into_owned(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused<T: std::fmt::Debug>(result: Result<T, ApiError>) -> String {
        result.unwrap_err().answer().message.into_owned()
    }

    #[test]
    fn parses_parameters() {
        let mut query = Query::parse("page=2&filter=a%3Db&filter=c&empty=");
        assert_eq!(query.number("page", 1, 9, "1 sampai 9").unwrap(), Some(2));
        assert_eq!(query.all("filter"), ["a=b", "c"]);
        assert_eq!(query.one("empty").unwrap().as_deref(), Some(""));
        assert_eq!(query.one("absent").unwrap(), None);
        query.finish().unwrap();
    }

    #[test]
    fn rejects_unknown_repeated_and_malformed_parameters() {
        assert_eq!(
            refused(Query::parse("pge=1").finish()),
            "Parameter 'pge' tidak valid: tidak dikenal"
        );
        assert_eq!(
            refused(Query::parse("page=1&page=2").one("page")),
            "Parameter 'page' tidak valid: hanya boleh diisi sekali"
        );
        for value in [
            "0",
            "101",
            "-1",
            "1.5",
            "x",
            "",
            "%00",
            "99999999999999999999",
        ] {
            let mut query = Query::parse(&format!("limit={value}"));
            assert_eq!(
                refused(query.number("limit", 1, 100, "1 sampai 100")),
                "Parameter 'limit' tidak valid: 1 sampai 100",
                "{value}"
            );
        }
    }
}
