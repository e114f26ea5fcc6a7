//! How plans are written where serde's own way would lose something, or would not be read by a person.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An optional answer that may be "none": nothing, `[]`, or `[answer]`. As options in options all but the last would be `null`.
#[expect(clippy::option_option, reason = "both are real answers of a caller")]
pub(crate) mod nested {
    use super::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "serde hands on references")]
    pub(crate) fn serialize<T: Serialize, S: Serializer>(
        answer: &Option<Option<T>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        answer
            .as_ref()
            .map(|answer| answer.iter().collect::<Vec<_>>())
            .serialize(serializer)
    }

    pub(crate) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Option<T>>, D::Error> {
        let answer = Option::<Vec<T>>::deserialize(deserializer)?;
        Ok(answer.map(|answer| answer.into_iter().next()))
    }
}

/// A sign of a file as the character that it is.
pub(crate) mod sign {
    use serde::de::Error;

    use super::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde hands on references"
    )]
    pub(crate) fn serialize<S: Serializer>(sign: &u8, serializer: S) -> Result<S::Ok, S::Error> {
        char::from(*sign).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
        let sign = char::deserialize(deserializer)?;
        u8::try_from(sign).map_err(|_| D::Error::custom("not the character of one byte"))
    }
}

/// The same, where there may be none.
pub(crate) mod optional_sign {
    use super::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        clippy::ref_option,
        reason = "serde hands on references"
    )]
    pub(crate) fn serialize<S: Serializer>(
        sign: &Option<u8>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        sign.map(char::from).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<u8>, D::Error> {
        #[derive(Deserialize)]
        struct Sign(#[serde(with = "super::sign")] u8);
        Ok(Option::<Sign>::deserialize(deserializer)?.map(|Sign(sign)| sign))
    }
}
