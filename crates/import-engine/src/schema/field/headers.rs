//! The headers a field goes by.

use std::sync::Arc;

use super::Field;
use crate::value::empty::EmptyWords;

/// # Headers
///
/// Headers and aliases are compared exactly after [normalisation](crate::recognise::normalise_header).
impl Field {
    /// A header the field goes by. Of several columns the field's own name wins, then the alias that was added first.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let name = Field::text("name").alias("nama");
    /// ```
    #[must_use]
    pub fn alias(self, alias: impl AsRef<str>) -> Self {
        self.aliases([alias])
    }

    /// Headers the field goes by, the likeliest first.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let phone = Field::text("phone").aliases(["no hp", "telepon"]);
    /// ```
    #[must_use]
    pub fn aliases<I>(mut self, aliases: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.aliases
            .extend(aliases.into_iter().map(|alias| Box::from(alias.as_ref())));
        self
    }

    /// Headers of columns that hold another key of what a reference points at (`nama paket` for `paket_id`). After the aliases.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let package = Field::reference("package_id", "package").natural_keys(["nama paket"]);
    /// ```
    #[must_use]
    pub fn natural_keys<I>(mut self, headers: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.natural_keys
            .extend(headers.into_iter().map(|header| Box::from(header.as_ref())));
        self
    }

    /// Headers that are taken only when no better column is there.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let name = Field::text("name").risky(["nama paspor"]);
    /// ```
    #[must_use]
    pub fn risky<I>(mut self, headers: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.risky
            .extend(headers.into_iter().map(|header| Box::from(header.as_ref())));
        self
    }

    /// Headers that are never taken for this field nor suggested for it.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let name = Field::text("name").never(["nama ayah"]);
    /// ```
    #[must_use]
    pub fn never<I>(mut self, headers: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.never
            .extend(headers.into_iter().map(|header| Box::from(header.as_ref())));
        self
    }

    /// Headers that may mean the field, so often that it is worth a question, and so often something else that they are never
    /// matched.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let price = Field::money("price").perhaps(["harga quad", "harga double"]);
    /// ```
    #[must_use]
    pub fn perhaps<I>(mut self, headers: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.perhaps
            .extend(headers.into_iter().map(|header| Box::from(header.as_ref())));
        self
    }

    /// Words and phrases that change nothing beside a name of this field: `Jumlah (Rp)`, `Nama Peserta`. Those that change
    /// nothing anywhere belong to the schema's [`HeaderWords`](crate::fields::HeaderWords).
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let price = Field::money("price").header_tails(["rp", "per pax"]);
    /// ```
    #[must_use]
    pub fn header_tails<I>(mut self, phrases: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.tails
            .extend(phrases.into_iter().map(|phrase| Box::from(phrase.as_ref())));
        self
    }

    /// Headers of which a file that has two leaves open which one is the field, as `Debit` and `Kredit`: neither is taken, both are
    /// suggested.
    ///
    /// ```
    /// use import_engine::{Field, Schema};
    ///
    /// let paid = Field::money("paid").required().risky(["credit"]).either(["debit", "credit"]);
    /// let schema = Schema::builder("payments").field(paid).build()?;
    /// assert!(schema.map_headers(&["Credit"])?.missing().is_empty());
    /// assert_eq!(schema.map_headers(&["Debit", "Credit"])?.missing(), ["paid"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn either<I>(mut self, headers: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.either
            .extend(headers.into_iter().map(|header| Box::from(header.as_ref())));
        self
    }

    /// Phrases beside a name of this field that say in which power of ten the column counts: the numbers of `Price (million)` are
    /// multiplied, exactly. A cell that is a whole amount, or says its unit itself, is refused; a column of them is not taken.
    ///
    /// ```
    /// use import_engine::{Field, Plan, Schema};
    ///
    /// let price = Field::integer("price").header_scales([("million", 6), ("in thousands", 3)]).likely(1_000_000, 1_000_000_000);
    /// let schema = Schema::builder("tours").field(price).build()?;
    /// let (batches, _) = Plan::of(&schema, "Price (million)\n25.5\n26\n")?.import("Price (million)\n25.5\n26\n").collect()?;
    /// let prices: Vec<_> = batches[0].rows().map(|row| row.value(0).to_string()).collect();
    /// assert_eq!(prices, ["25500000", "26000000"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn header_scales<I, T>(mut self, phrases: I) -> Self
    where
        I: IntoIterator<Item = (T, u8)>,
        T: AsRef<str>,
    {
        let phrases: Vec<(Box<str>, u8)> = phrases
            .into_iter()
            .map(|(phrase, power)| (phrase.as_ref().into(), power))
            .collect();
        self.numbers("header_scales", |_| ());
        self.scales.extend(phrases);
        self
    }

    /// Says that a file may have several columns of this field, of which the first is the one to take: `HP 1` is the field, and
    /// `HP 2` is only where nothing in the first can be. Never for what stands there in parts, nor for what tells records apart.
    ///
    /// ```
    /// use import_engine::{Field, Schema};
    ///
    /// let phone = Field::phone("phone").numbered();
    /// let schema = Schema::builder("contacts").field(phone).build()?;
    /// let mapping = schema.map_headers(&["Phone 2", "Phone 1"])?;
    /// assert_eq!(mapping.column_of(0), Some(1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn numbered(mut self) -> Self {
        self.numbered = true;
        self
    }

    /// Words by which a column is known whatever its header says, if it holds nothing else: `DB` and `CR` beside the amounts of
    /// a bank's statement. Meant for auxiliary fields, as such a column is taken without asking.
    ///
    /// ```
    /// use import_engine::Field;
    ///
    /// let direction = Field::text("direction").auxiliary().known_by_cells(["db", "cr"]);
    /// ```
    #[must_use]
    pub fn known_by_cells<I>(mut self, words: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.cell_words = Some(Arc::new(EmptyWords::new(words)));
        self
    }

    /// Headers of columns that hold the field in parts; `#` is any number. Where a file has two of them, no column is taken for
    /// the field unless the caller says so: it would be their sum.
    ///
    /// ```
    /// use import_engine::{Field, Schema};
    ///
    /// let paid = Field::money("paid").required().alias("total").parts(["deposit", "instalment #"]);
    /// let schema = Schema::builder("payments").field(paid).build()?;
    /// assert_eq!(schema.map_headers(&["Total", "Instalment 1", "Instalment 2"])?.missing(), ["paid"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn parts<I>(mut self, headers: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.parts
            .extend(headers.into_iter().map(|header| Box::from(header.as_ref())));
        self
    }
}
