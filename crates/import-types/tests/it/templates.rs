//! A template, filled in as it comes, is valid.

use import_types::{
    ImportType,
    engine::{
        Plan,
        recognise::Sniffer,
        report::{CsvWriter, write_template},
    },
    schema,
};
use time::macros::date;

#[test]
fn every_template_validates_as_it_comes() {
    for import_type in ImportType::ALL {
        for delimiter in [b',', b';'] {
            let schema = schema(*import_type);
            let writer = CsvWriter::new(Vec::new())
                .delimiter(delimiter)
                .byte_order_mark();
            let bytes = write_template(schema, writer, |_| None).unwrap();
            let dialect = Sniffer::new()
                .with_known_headers(schema.known_headers())
                .sniff(&bytes)
                .unwrap();
            assert_eq!(
                (dialect.delimiter, dialect.header_row, dialect.bom),
                (delimiter, Some(1), true),
                "{import_type}"
            );
            let mapping = schema.map_headers(&dialect.headers).unwrap();
            assert_eq!(
                mapping.pairs().count(),
                schema
                    .fields()
                    .iter()
                    .filter(|field| !field.is_auxiliary())
                    .count()
            );
            let importer = Plan::new(schema.clone(), dialect, mapping).today(date!(2026 - 11 - 20));
            let (batches, summary) = importer.import(&bytes[..]).collect().unwrap();
            assert_eq!(
                (summary.records, summary.valid),
                (1, 1),
                "{import_type}: {:?}",
                batches[0].issues()
            );
        }
    }
}
