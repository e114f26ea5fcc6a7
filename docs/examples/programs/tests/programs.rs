//! What the five programs do, from a file to the tables and back to its owner.

use import_engine::Language;
use import_programs::{
    Failure, contacts,
    damaged::{Answer, answer},
    database, prices, resume, upload,
};
use sqlx::SqlitePool;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

async fn names(pool: &SqlitePool) -> Result<Vec<String>, Failure> {
    let rows: Vec<(String,)> = sqlx::query_as("SELECT name FROM contacts ORDER BY id")
        .fetch_all(pool)
        .await?;
    Ok(rows.into_iter().map(|(name,)| name).collect())
}

const LIST: &str = "Nama Lengkap;E-mail;Tgl Lahir;Kind\n\
    Ahmad Rizki;ahmad@example.com;17/08/1990;teman\n\
    Siti;siti@;05/01/1985;\n\
    Rina;rina@example.com;;colleague\n\
    Budi;ahmad@example.com;;\n\
    Dewi;;31/02/1990;\n\
    Tono;;;\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_list_is_stored_and_who_is_known_is_not_stored_twice() -> Result<(), Failure> {
    let pool = database().await?;
    let summary = contacts::import(pool.clone(), LIST.into()).await?;
    assert_eq!((summary.valid, summary.invalid), (3, 3));
    let stored: Vec<(String, Option<String>, Option<String>, String)> =
        sqlx::query_as("SELECT name, email, born, kind FROM contacts ORDER BY id")
            .fetch_all(&pool)
            .await?;
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(
        stored,
        [
            (
                "Ahmad Rizki".to_owned(),
                text("ahmad@example.com"),
                text("1990-08-17"),
                "friend".to_owned()
            ),
            (
                "Rina".to_owned(),
                text("rina@example.com"),
                None,
                "colleague".to_owned()
            ),
            ("Tono".to_owned(), None, None, "friend".to_owned()),
        ]
    );
    // Only who has no address can come again.
    let summary = contacts::import(pool.clone(), LIST.into()).await?;
    assert_eq!(summary.valid, 1);
    Ok(())
}

/// The answer to a request, its head included, until the server closes the connection.
async fn ask(address: std::net::SocketAddr, request: &str, body: &[u8]) -> Result<String, Failure> {
    let mut stream = TcpStream::connect(address).await?;
    let length = body.len();
    let head = format!(
        "{request} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_is_answered_at_once_and_told_of_by_events() -> Result<(), Failure> {
    let pool = database().await?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let server = tokio::spawn(axum::serve(listener, upload::app(pool.clone())).into_future());

    let answer = ask(address, "POST /imports", LIST.as_bytes()).await?;
    assert!(
        answer.starts_with("HTTP/1.1 202") && answer.contains("\r\n\r\n1"),
        "{answer}"
    );
    let events = ask(address, "GET /imports/1/events", b"").await?;
    assert!(events.contains("text/event-stream"), "{events}");
    assert!(
        events.contains(r#""state":"done","valid":3,"invalid":3"#),
        "{events}"
    );
    assert!(events.contains("row 3: "), "{events}");
    assert_eq!(names(&pool).await?, ["Ahmad Rizki", "Rina", "Tono"]);

    ask(address, "POST /imports", b"%PDF-1.7\0\0\0\0").await?;
    let events = ask(address, "GET /imports/2/events", b"").await?;
    assert!(
        events.contains(r#""state":"refused","code":"not_text""#),
        "{events}"
    );
    assert!(
        ask(address, "GET /imports/3/events", b"")
            .await?
            .starts_with("HTTP/1.1 404")
    );
    server.abort();
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_list_changes_what_is_known_adds_what_is_not_and_can_be_tried_first()
-> Result<(), Failure> {
    let pool = database().await?;
    sqlx::raw_sql(
        "INSERT INTO suppliers VALUES (7, 'Miller'), (8, 'Smith');
         INSERT INTO articles VALUES (1, 'AB-1', 7, 100), (2, 'AB-2', 7, 200);",
    )
    .execute(&pool)
    .await?;
    let list = "Article,Vendor,Price\nAB-1,Smith,€12.50\nAB-3,Miller,\"1,300.00\"\nAB-4,Nobody,5.00\nAB-3,Miller,7.00\n";
    let expected = prices::Changes {
        created: 1,
        updated: 1,
        refused: 2,
    };
    assert_eq!(
        prices::import(pool.clone(), list.into(), true).await?,
        expected
    );
    let articles = || {
        sqlx::query_as::<_, (String, i64, i64)>(
            "SELECT sku, supplier, cents FROM articles ORDER BY id",
        )
    };
    assert_eq!(articles().fetch_all(&pool).await?.len(), 2);
    assert_eq!(
        prices::import(pool.clone(), list.into(), false).await?,
        expected
    );
    let row = |sku: &str, supplier, cents| (sku.to_owned(), supplier, cents);
    assert_eq!(
        articles().fetch_all(&pool).await?,
        [
            row("AB-1", 8, 1_250),
            row("AB-2", 7, 200),
            row("AB-3", 7, 130_000)
        ]
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_is_cancelled_or_fails_goes_on_without_losing_or_repeating_a_row()
-> Result<(), Failure> {
    let pool = database().await?;
    let people: Vec<String> = (0..20).map(|number| format!("P{number}")).collect();
    let lines = people
        .iter()
        .map(|name| format!("{name},{name}@example.org\n"));
    let file = format!("name,email\n{}", lines.collect::<String>());
    let import = |stop_at: u64, fail_at: u64| {
        resume::import(
            pool.clone(),
            "people.csv".to_owned(),
            file.clone().into_bytes(),
            move |progress| progress.records >= stop_at,
            move |progress| match progress.records >= fail_at {
                true => Err("the database is gone".into()),
                false => Ok(()),
            },
        )
    };
    let never = u64::MAX;
    let cancelled = import(6, never).await?;
    assert!(!cancelled.is_complete());
    let so_far = names(&pool).await?.len();
    assert!((1..20).contains(&so_far), "{so_far}");
    assert!(import(never, 13).await.is_err());
    let after_failure = names(&pool).await?.len();
    assert!((so_far..20).contains(&after_failure), "{after_failure}");
    assert!(import(never, never).await?.is_complete());
    assert_eq!(names(&pool).await?, people);
    // Once more changes nothing.
    assert!(import(never, never).await?.is_complete());
    assert_eq!(names(&pool).await?, people);
    Ok(())
}

#[test]
fn of_a_damaged_file_what_is_whole_is_taken_and_the_rest_comes_back() -> Result<(), Failure> {
    let file = b"name,email\nAda,ada@example.org\nAl\0an,alan@example.org\n\"Grace,grace@example.org\nEdsger,edsger@example.org\n";
    let Answer::Taken {
        names,
        errors,
        to_correct,
    } = answer(file, Language::ENGLISH)?
    else {
        return Err("it is a table".into());
    };
    assert_eq!(names, ["Ada", "Edsger"]);
    assert_eq!(errors.lines().count(), 3, "{errors}");
    assert!(to_correct.contains("grace@example.org"), "{to_correct}");

    let Answer::Refused { code, message } = answer(b"PK\x03\x04 something", Language::ENGLISH)?
    else {
        return Err("it is no table".into());
    };
    assert!(!code.is_empty() && !message.is_empty());
    let Answer::Refused { code, message } = answer(b"first,second\n1,2\n", Language::INDONESIAN)?
    else {
        return Err("it lacks a column".into());
    };
    assert_eq!(code, "missing_columns");
    assert!(message.contains("name"), "{message}");
    Ok(())
}
