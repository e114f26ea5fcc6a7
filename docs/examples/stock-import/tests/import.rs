//! What a supplier sends and what the warehouse says.

use stock_import::{Articles, Delivery, import};
use time::macros::date;
use uuid::Uuid;

fn articles() -> Articles {
    let mut articles = Articles::default();
    articles
        .0
        .insert("AB-1001".to_owned(), vec![Uuid::from_u128(1)]);
    articles
        .0
        .insert("4006381333931".to_owned(), vec![Uuid::from_u128(1)]);
    articles.0.insert(
        "TWICE".to_owned(),
        vec![Uuid::from_u128(2), Uuid::from_u128(3)],
    );
    articles
}

#[test]
fn takes_the_good_rows_and_tells_the_supplier_of_the_others() {
    let file = "SKU;Qty;Unit price;ETA\n\
                ab-1001;12 pcs;4,50;01/03/2027\n\
                AB-1001;5;4,50;1 March 2027\n\
                twice;1;1,00;2027-03-02\n\
                AB-1001;40;0;2027-03-03\n";
    let import = import(file.as_bytes(), &[], &mut articles(), date!(2026 - 11 - 20)).unwrap();
    assert_eq!(
        import.deliveries,
        [Delivery {
            row: 2,
            article: Uuid::from_u128(1),
            pieces: 12,
            price_cents: 450,
            on: date!(2027 - 03 - 01)
        }]
    );
    assert_eq!(
        import.errors,
        "row_number,error_type,field_name,error_message,received_value\r\n\
         3,duplicate,article,The value of 'article' is in row 2 already,AB-1001\r\n\
         4,constraint_violation,article,article 'twice' matches 2 records; give the id,twice\r\n\
         5,constraint_violation,price,40 pieces for nothing: is the price missing?,0\r\n"
    );
    assert!(import.failed.starts_with(
        "SKU,Qty,Unit price,ETA,_row_number,_errors\r\nAB-1001,5,\"4,50\",1 March 2027,3,"
    ));
}

#[test]
fn a_barcode_is_as_good_as_a_number() {
    let file = "Barcode,Pieces,Price,On\n4006381333931,1,4.50,2027-03-01\n4006381333931,2,4.50,2027-03-02\n";
    let import = import(file.as_bytes(), &[], &mut articles(), date!(2026 - 11 - 20)).unwrap();
    assert_eq!(import.deliveries.len(), 2);
}

#[test]
fn a_missing_column_is_told_with_a_suggestion_and_may_be_given() {
    let file = b"SKU,How many,Price,On\nAB-1001,1,4.50,2027-03-01\nAB-1001,2,4.50,2027-03-02\n";
    let error = import(file, &[], &mut articles(), date!(2026 - 11 - 20)).unwrap_err();
    assert_eq!(
        format!("{error:#}"),
        "this is no list: This column is missing: pieces"
    );
    let mapping = [("How many".to_owned(), "pieces".to_owned())];
    let import = import(file, &mapping, &mut articles(), date!(2026 - 11 - 20)).unwrap();
    assert_eq!(import.deliveries.len(), 2);
}
