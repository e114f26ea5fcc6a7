//! What people and schemas put in place of what the file has: corrections of cells, and defaults of empty ones.

use import_engine::{
    Field, IssueCode, Plan, Planner, RunError, Schema, SetupError, Value,
    fields::UniqueKey,
    plans::{Amend, Cells, Corrections},
    rules::Row,
};

use super::support::{issues, outcome, rows, run};

fn orders() -> Schema {
    Schema::builder("orders")
        .field(Field::text("article").required())
        .field(Field::integer("pieces").min(1).default("1"))
        .field(Field::choice("state", ["open", "paid"]).default("open"))
        .field(Field::decimal("weight").default("2.5"))
        .field(Field::date("day").default("2027-01-31"))
        .field(Field::uuid("batch").default("2f1a4e0c-0000-4000-8000-000000000007"))
        .field(Field::text("note").default("Ω"))
        .unique(UniqueKey::on(["article", "state"]))
        .build()
        .expect("sound")
}

#[test]
fn a_default_is_for_empty_cells_and_missing_columns_and_never_for_refused_ones() {
    let found = run(
        &orders(),
        "article;pieces;weight;state\nchair;4;1,5;paid\ntable;;-;\nlamp;none;;OPEN\nshelf;0;x;open\n",
    );
    assert_eq!(
        rows(&found),
        ["chair|4|1.5|paid", "table|1|2.5|open", "lamp|1|2.5|open"].map(|row| {
            let cells: Vec<_> = row.split('|').collect();
            let id = "2f1a4e0c-0000-4000-8000-000000000007";
            format!(
                "{}|{}|{}|{}|2027-01-31|{id}|Ω",
                cells[0], cells[1], cells[3], cells[2]
            )
        })
    );
    assert_eq!(issues(&found), ["5 pieces below_min", "5 weight number"]);
}

#[test]
fn keys_and_rules_see_defaults() {
    fn paid_needs_a_note(row: &mut Row<'_>) {
        if row.get("state") == Value::Choice("open") {
            row.warn("state", IssueCode::CONTRADICTED);
        }
    }
    let schema = Schema::builder("orders")
        .field(Field::text("article"))
        .field(Field::choice("state", ["open", "paid"]).default("open"))
        .unique(UniqueKey::on(["article", "state"]))
        .row_rule(["state"], paid_needs_a_note)
        .build()
        .expect("sound");
    let found = run(&schema, "article,state\nchair,open\nchair,paid\nchair,\n");
    assert_eq!(
        issues(&found),
        [
            "2 state contradicted",
            "4 state contradicted",
            "4 state duplicate_in_file"
        ]
    );
}

#[test]
fn a_default_that_no_cell_could_be_is_refused_when_the_schema_is_built() {
    let refused = |field: Field, word: &str| {
        let built = Schema::builder("wrong").field(field).build();
        assert!(
            matches!(&built, Err(SetupError::Schema { reason, .. }) if reason.contains(word)),
            "{word}: {built:?}"
        );
    };
    refused(Field::integer("a").default("x"), "'number'");
    refused(Field::integer("a").min(2).default("1"), "below_min");
    refused(Field::choice("a", ["x"]).default("y"), "'choice'");
    refused(Field::text("a").max_chars(2).default("abc"), "long");
    refused(Field::text("a").default(""), "empty");
    refused(Field::text("a").default("n/a"), "empty");
    refused(Field::text("a").required().default("x"), "required");
    refused(Field::text("a").unique().default("x"), "unique");
    refused(Field::date("a").default("2027-01-31 10:15"), "time");
}

/// Two columns and what is wrong in them.
const FILE: &str = "name,size,pieces\nAda,Large,4\nAlan,LARGE ,x\nGrace,S,y\n";

fn sizes() -> Schema {
    Schema::builder("sizes")
        .field(Field::text("name").required())
        .field(Field::choice("size", ["S", "L"]))
        .field(Field::integer("pieces"))
        .build()
        .expect("sound")
}

fn corrections() -> Corrections {
    let mut corrections = Corrections::new();
    corrections
        .read_as("size", "large", "L")
        .set(3, 2, "5")
        .set(4, 1, "large")
        .set(4, 2, "6");
    corrections
}

#[test]
fn corrections_mend_cells_and_are_kept_by_saving_and_by_changing_the_plan() {
    let schema = sizes();
    let plan = Plan::of(&schema, FILE).expect("a table");
    let plan = plan.correct(corrections()).expect("of known fields");
    let json = serde_json::to_string(&plan.save()).expect("plain data");
    let saved: import_engine::plans::SavedPlan = serde_json::from_str(&json).expect("its own");
    assert_eq!(saved, plan.save());
    let again = saved.plan(&schema).expect("the same schema");
    assert_eq!(again.corrections(), &corrections());
    let changed = plan.change().delimiter(b',').plan(FILE).expect("as it is");
    for plan in [plan, again, changed] {
        let (batches, summary) = plan.import(FILE).collect().expect("readable");
        let found = outcome(&schema, &batches, summary);
        assert_eq!(rows(&found), ["Ada|L|4", "Alan|L|5", "Grace|L|6"]);
    }
}

#[test]
fn code_has_the_last_say_over_what_was_corrected_and_values_are_read_of_what_it_says() {
    #[derive(Debug)]
    struct Code;

    impl Amend for Code {
        fn amend(&self, row: u64, cells: &mut Cells<'_>) {
            match row {
                2 => cells.set(1, "large"),
                3 => cells.read_as(1, "S"),
                _ => cells.set(2, "7"),
            }
        }
    }
    let schema = sizes();
    let plan = Plan::of(&schema, FILE).expect("a table");
    let plan = plan
        .correct(corrections())
        .expect("of known fields")
        .amend(Code);
    let (batches, summary) = plan.import(FILE).collect().expect("readable");
    let found = outcome(&schema, &batches, summary);
    assert_eq!(rows(&found), ["Ada|L|4", "Alan|S|5", "Grace|L|7"]);
}

#[test]
fn corrections_of_a_field_that_there_is_not_are_refused_also_of_a_saved_plan() {
    let plan = Plan::of(&sizes(), FILE).expect("a table");
    let mut unknown = Corrections::new();
    unknown.read_as("sizes", "large", "L");
    assert!(matches!(
        plan.clone().correct(unknown),
        Err(SetupError::Plan { reason, .. }) if reason.contains("'sizes'")
    ));
    let saved = plan.correct(corrections()).expect("of known fields").save();
    let without = Schema::builder("sizes")
        .field(Field::text("name").required())
        .build()
        .expect("sound");
    assert!(matches!(saved.plan(&without), Err(SetupError::Plan { .. })));
}

#[test]
fn a_sign_that_can_be_no_delimiter_is_refused_where_it_is_said() {
    let schema = sizes();
    let refused = |planner: Planner<'static>| {
        let plan = planner.plan(FILE);
        assert!(
            matches!(plan, Err(RunError::Setup(SetupError::Dialect { .. }))),
            "{plan:?}"
        );
    };
    for sign in [b'\n', b'\r', 0, 0xE4, b'"'] {
        refused(Planner::new(&schema).delimiter(sign));
        refused(Planner::new(&schema).without_survey().delimiter(sign));
    }
    refused(Planner::new(&schema).delimiter(b';').quote(Some(b';')));
    refused(Planner::new(&schema).quote(Some(b'\n')));
    assert!(
        Planner::new(&schema)
            .delimiter(b',')
            .quote(Some(b'\''))
            .plan(FILE)
            .is_ok()
    );
}
