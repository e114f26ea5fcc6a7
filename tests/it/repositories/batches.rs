//! Batches of an import: each is one transaction; which rows are refused and why; concurrent imports of the same keys.

use std::collections::BTreeMap;

use anyhow::Result;
use domain::{
    Change, Checkpoint, Clock, ErrorType, FailedRow, Findings, ImportType, Input, JamaahId,
    JobCounts, LeftOut, NewJamaah, OnDuplicate, PackageId, PaymentInput, RowCells, RowError,
    RowErrorId, Severity,
};
use repositories::{
    BatchOutcome, ImportBatch, ImportJobs, ImportQueue, ImportRow, ImportRows, JamaahRecords,
    Lease, ListQuery, LoadedBatch, Packages, Payments, Refusal, RefusalReason, RepositoryError,
    RowErrors,
};

use super::world::{Now, World, jamaah, on_both_databases, package, set};

on_both_databases! {
    a_batch_is_stored_whole_and_advances_the_job,
    refused_rows_become_errors_and_the_others_are_stored,
    refused_rows_beyond_the_room_are_counted,
    wide_rows_are_read_in_parts_of_bounded_size,
    a_repeated_batch_stores_nothing_twice,
    a_batch_without_the_lease_stores_nothing,
    rivals_for_the_same_keys_each_win_some_and_none_fails,
    payments_and_packages_load_too,
    a_batch_of_thousands_is_stored,
}

pub(super) fn rows(people: Vec<NewJamaah>, first_row: u64) -> ImportRows {
    let rows = people.into_iter().zip(first_row..);
    ImportRows::Jamaah(
        rows.map(|(record, row_number)| ImportRow::new(Now.mint_uuid(), row_number, record))
            .collect(),
    )
}

/// Refused rows of a batch that are kept.
const ROOM: usize = 1_000;

fn refused_error(lease: &Lease, refusal: &Refusal) -> (RowError, FailedRow) {
    let error = RowError {
        id: RowErrorId::mint(&Now),
        job_id: lease.job_id,
        row_number: refusal.row_number,
        error_type: ErrorType::ConstraintViolation,
        code: "refused".into(),
        severity: Severity::Error,
        field_name: None,
        column_index: None,
        error_message: format!("{:?}", refusal.reason),
        expected_format: None,
        received_value: Some("nol \0".to_owned()),
        params: BTreeMap::new(),
        created_at: Now.now(),
    };
    let row = FailedRow {
        row_number: refusal.row_number,
        cells: RowCells::pack(["a\tb", "", "nol \0"]),
    };
    (error, row)
}

pub(super) async fn commit(
    world: &World,
    lease: &Lease,
    valid: &ImportRows,
    rows: (u64, u64),
    before: Checkpoint,
) -> Result<BatchOutcome, RepositoryError> {
    commit_loaded(world, lease, valid, rows, before, LoadedBatch::default()).await
}

pub(super) async fn commit_loaded(
    world: &World,
    lease: &Lease,
    valid: &ImportRows,
    rows: (u64, u64),
    before: Checkpoint,
    loaded: LoadedBatch,
) -> Result<BatchOutcome, RepositoryError> {
    let records = rows.1 - rows.0 + 1;
    let checkpoint = Checkpoint {
        last_row: rows.1,
        records: before.records + records,
        imported_rows: before.imported_rows + records,
        failed_rows: before.failed_rows,
        found: Some(before.found.unwrap_or_default()),
        ..before
    };
    let refused = |refusal: &Refusal| refused_error(lease, refusal);
    let batch = ImportBatch {
        corrected: &[],
        rows,
        valid,
        on_duplicate: OnDuplicate::Reject,
        errors: &[],
        failed: &[],
        counts: JobCounts {
            total_rows: 4,
            processed_rows: checkpoint.records,
            valid_rows: 4,
            invalid_rows: 0,
            imported_rows: checkpoint.imported_rows,
            failed_rows: checkpoint.failed_rows,
            ..JobCounts::default()
        },
        checkpoint,
        now: Now.now(),
        refused: &refused,
        refused_room: ROOM,
        committing: &|| {},
    };
    ImportQueue::new(&world.db)
        .commit_batch(lease, batch, loaded)
        .await
}

pub(super) async fn stored(world: &World) -> Result<u64> {
    let page = JamaahRecords::new(&world.db)
        .list(world.scope, &ListQuery::default())
        .await?;
    Ok(page.total)
}

async fn a_batch_is_stored_whole_and_advances_the_job(world: &World) -> Result<()> {
    let paket = world.package(world.scope, "Umroh Hemat").await?;
    let lease = world.importing(ImportType::Jamaah).await?;
    let people: Vec<_> = (1..=2).map(|number| jamaah(number, paket)).collect();
    let valid = rows(people.clone(), 2);
    let outcome = commit(world, &lease, &valid, (2, 3), Checkpoint::default()).await?;
    assert!(outcome.refused.is_empty() && outcome.errors.is_empty());
    let job = ImportJobs::new(&world.db)
        .find(world.scope, lease.job_id, None)
        .await?
        .expect("is there");
    assert_eq!(job.counts, outcome.counts);
    assert_eq!(job.checkpoint, Some(outcome.checkpoint));
    let ImportRows::Jamaah(valid) = valid else {
        anyhow::bail!("are pilgrims");
    };
    for (row, person) in valid.iter().zip(people) {
        let record = JamaahRecords::new(&world.db)
            .find(world.scope, JamaahId::from_uuid(row.id))
            .await?
            .expect("is stored");
        assert_eq!(record.fields, person, "every cell comes back unchanged");
        assert_eq!(record.migration_job_id, Some(lease.job_id));
        assert_eq!(record.import_row_number, i64::try_from(row.row_number).ok());
        assert_eq!((record.version, record.created_at), (1, record.updated_at));
    }
    Ok(())
}

async fn refused_rows_become_errors_and_the_others_are_stored(world: &World) -> Result<()> {
    let paket = world.package(world.scope, "Umroh Hemat").await?;
    let lease = world.importing(ImportType::Jamaah).await?;
    let records = JamaahRecords::new(&world.db);
    for number in [1, 2] {
        records
            .insert(
                world.scope,
                JamaahId::mint(&Now),
                &jamaah(number, paket),
                Now.now(),
            )
            .await?;
    }
    let mut same_ktp = jamaah(1, paket);
    same_ktp.email = None;
    let mut same_email = jamaah(12, paket);
    same_email.email = jamaah(2, paket).email;
    let mut same_in_batch = jamaah(14, paket);
    same_in_batch.ktp = jamaah(13, paket).ktp;
    let mut keyless = jamaah(15, paket);
    (keyless.ktp, keyless.email) = (None, None);
    let people = vec![
        jamaah(11, paket),
        same_ktp,
        same_email,
        jamaah(13, PackageId::mint(&Now)),
        jamaah(13, paket),
        same_in_batch,
        keyless.clone(),
        keyless,
    ];
    let outcome = commit(
        world,
        &lease,
        &rows(people, 2),
        (2, 9),
        Checkpoint::default(),
    )
    .await?;
    let reasons: Vec<_> = outcome
        .refused
        .iter()
        .map(|refusal| (refusal.index, refusal.row_number, refusal.reason))
        .collect();
    assert_eq!(
        reasons,
        [
            (1, 3, RefusalReason::Duplicate { field: "ktp" }),
            (2, 4, RefusalReason::Duplicate { field: "email" }),
            (3, 5, RefusalReason::MissingReference { field: "paket_id" }),
            (5, 7, RefusalReason::Duplicate { field: "ktp" }),
        ]
    );
    assert_eq!(stored(world).await?, 6);
    assert_eq!(
        (outcome.counts.imported_rows, outcome.counts.failed_rows),
        (4, 4)
    );
    assert_eq!(
        (
            outcome.checkpoint.imported_rows,
            outcome.checkpoint.failed_rows
        ),
        (4, 4)
    );
    let (errors, _) = RowErrors::new(&world.db)
        .next(world.scope, lease.job_id, None, 10)
        .await?;
    let numbers: Vec<u64> = errors.iter().map(|error| error.row_number).collect();
    assert_eq!(numbers, [3, 4, 5, 7]);
    let found = outcome.checkpoint.found.expect("is counted");
    assert_eq!(
        (found.errors.duplicate, found.errors.constraint_violation),
        (3, 1)
    );
    let rows = RowErrors::new(&world.db);
    let failed = rows.rows_after(world.scope, lease.job_id, 3, 2).await?;
    let numbers: Vec<u64> = failed.iter().map(|row| row.row_number).collect();
    assert_eq!(numbers, [4, 5]);
    let cells: Vec<_> = failed[0].cells.iter().collect();
    let stored_nul = cells[2].replace('\0', "\u{2400}");
    assert_eq!((&*cells[0], &*cells[1]), ("a\tb", ""));
    assert_eq!(stored_nul, "nol \u{2400}");
    Ok(())
}

async fn refused_rows_beyond_the_room_are_counted(world: &World) -> Result<()> {
    let paket = world.package(world.scope, "Umroh Hemat").await?;
    let lease = world.importing(ImportType::Jamaah).await?;
    let many = u32::try_from(ROOM).expect("is small") + 7;
    let mut people = vec![jamaah(0, paket)];
    people.extend((0..many).map(|_| jamaah(0, paket)));
    let range = (2, u64::from(many) + 2);
    let outcome = commit(
        world,
        &lease,
        &rows(people, 2),
        range,
        Checkpoint::default(),
    )
    .await?;
    assert_eq!(outcome.counts.failed_rows, u64::from(many));
    assert_eq!((outcome.errors.len(), outcome.failed.len()), (ROOM, ROOM));
    let found = outcome.checkpoint.found.expect("is counted");
    assert_eq!(
        found.errors.duplicate,
        u64::from(many),
        "the count is exact"
    );
    assert_eq!(found.left_out, LeftOut { rows: 7, errors: 7 });
    let kept = ImportQueue::new(&world.db)
        .kept_findings(&lease, range.1)
        .await?;
    assert_eq!((kept.rows, kept.errors.total()), (ROOM as u64, ROOM as u64));
    assert_eq!(kept.by_code, [("refused".to_owned(), ROOM as u64)]);
    let job = ImportQueue::new(&world.db)
        .finish_import(&lease, found)
        .await?;
    assert_eq!(job.metadata.left_out, Some(found.left_out));
    Ok(())
}

async fn wide_rows_are_read_in_parts_of_bounded_size(world: &World) -> Result<()> {
    let lease = world.importing(ImportType::Jamaah).await?;
    let wide = "x".repeat(400_000);
    let failed: Vec<FailedRow> = (2..9)
        .map(|row_number| FailedRow {
            row_number,
            cells: RowCells::pack([wide.as_str(), "", ""]),
        })
        .collect();
    let no_rows = ImportRows::Jamaah(Vec::new());
    let batch = ImportBatch {
        corrected: &[],
        rows: (2, 8),
        valid: &no_rows,
        on_duplicate: OnDuplicate::Reject,
        errors: &[],
        failed: &failed,
        counts: JobCounts::default(),
        checkpoint: Checkpoint {
            found: Some(Findings::default()),
            ..Checkpoint::default()
        },
        now: Now.now(),
        refused: &|refusal| refused_error(&lease, refusal),
        refused_room: ROOM,
        committing: &|| {},
    };
    ImportQueue::new(&world.db)
        .commit_batch(&lease, batch, LoadedBatch::default())
        .await?;
    let reports = RowErrors::new(&world.db);
    let (mut read, mut parts) = (Vec::new(), 0);
    loop {
        let after = read.last().map_or(0, |row: &FailedRow| row.row_number);
        let part = reports
            .rows_after(world.scope, lease.job_id, after, 100)
            .await?;
        if part.is_empty() {
            break;
        }
        assert!(part.len() <= 2, "{} rows at once", part.len());
        parts += 1;
        read.extend(part);
    }
    assert!(read == failed, "all rows, in order");
    assert_eq!(parts, 4);
    let some = reports
        .rows_with(world.scope, lease.job_id, &[3, 8, 99])
        .await?;
    let numbers: Vec<u64> = some.iter().map(|row| row.row_number).collect();
    assert_eq!(numbers, [3, 8]);
    Ok(())
}

async fn a_repeated_batch_stores_nothing_twice(world: &World) -> Result<()> {
    let paket = world.package(world.scope, "Umroh Hemat").await?;
    let lease = world.importing(ImportType::Jamaah).await?;
    let valid = rows(vec![jamaah(1, paket), jamaah(2, paket)], 2);
    let again = rows(vec![jamaah(1, paket), jamaah(2, paket)], 2);
    for valid in [&valid, &again] {
        let outcome = commit(world, &lease, valid, (2, 3), Checkpoint::default()).await?;
        assert_eq!(outcome.refused, []);
        assert_eq!(outcome.counts.imported_rows, 2);
    }
    assert_eq!(stored(world).await?, 2);
    Ok(())
}

async fn a_batch_without_the_lease_stores_nothing(world: &World) -> Result<()> {
    let paket = world.package(world.scope, "Umroh Hemat").await?;
    let lease = world.importing(ImportType::Jamaah).await?;
    let zombie = Lease {
        attempt: lease.attempt + 1,
        ..lease
    };
    let valid = rows(vec![jamaah(1, paket)], 2);
    let refused = commit(world, &zombie, &valid, (2, 2), Checkpoint::default()).await;
    assert!(matches!(refused, Err(RepositoryError::LeaseLost)));
    assert_eq!(stored(world).await?, 0);
    Ok(())
}

async fn rivals_for_the_same_keys_each_win_some_and_none_fails(world: &World) -> Result<()> {
    const EACH: u32 = 400;
    let paket = world.package(world.scope, "Umroh Hemat").await?;
    let one = world.importing(ImportType::Jamaah).await?;
    let two = world.importing(ImportType::Jamaah).await?;
    let forward: Vec<_> = (1..=EACH).map(|number| jamaah(number, paket)).collect();
    let backward: Vec<_> = forward.iter().rev().cloned().collect();
    let (forward, backward) = (rows(forward, 2), rows(backward, 2));
    let range = (2, u64::from(EACH) + 1);
    let (left, right) = tokio::join!(
        commit(world, &one, &forward, range, Checkpoint::default()),
        commit(world, &two, &backward, range, Checkpoint::default()),
    );
    let (left, right) = (left?, right?);
    assert_eq!(
        left.counts.imported_rows + right.counts.imported_rows,
        u64::from(EACH),
        "one wins each key"
    );
    assert_eq!(stored(world).await?, u64::from(EACH));
    Ok(())
}

async fn payments_and_packages_load_too(world: &World) -> Result<()> {
    let lease = world.importing(ImportType::Package).await?;
    let id = Now.mint_uuid();
    let mut wholesale = package("Umroh Plus Turki");
    wholesale.harga_wholesale = Some(wholesale.harga_retail);
    let some = [
        (id, package("Umroh Hemat")),
        (Now.mint_uuid(), wholesale),
        (Now.mint_uuid(), package("umroh HEMAT")),
    ];
    let packages = ImportRows::Package(
        some.into_iter()
            .zip(2..)
            .map(|((id, record), row_number)| ImportRow::new(id, row_number, record))
            .collect(),
    );
    let outcome = commit(world, &lease, &packages, (2, 4), Checkpoint::default()).await?;
    assert_eq!(outcome.refused.len(), 1);
    assert_eq!(
        outcome.refused[0].reason,
        RefusalReason::Duplicate { field: "nama" }
    );
    let paket = PackageId::from_uuid(id);
    let record = Packages::new(&world.db).find(world.scope, paket).await?;
    assert_eq!(
        record.expect("is stored").fields,
        package("Umroh Hemat"),
        "every cell comes back unchanged"
    );

    let person = JamaahId::mint(&Now);
    JamaahRecords::new(&world.db)
        .insert(world.scope, person, &jamaah(1, paket), Now.now())
        .await?;
    let lease = world.importing(ImportType::Payment).await?;
    let payment = |jamaah_id, number: Option<&str>| {
        PaymentInput {
            jamaah_id: Change::Set(jamaah_id),
            jumlah: Change::Set(5_000_000),
            tanggal_bayar: set("2027-01-05"),
            metode_pembayaran: set("qris"),
            nomor_referensi: number.map_or(Change::Keep, set),
            ..PaymentInput::default()
        }
        .check(None, Now.now().jakarta_date())
        .expect("a sound payment")
    };
    let some = [
        payment(person, Some("KW-1")),
        payment(person, Some("KW-1")),
        payment(person, None),
        payment(person, None),
        payment(JamaahId::mint(&Now), Some("KW-1")),
    ];
    let some = ImportRows::Payment(
        some.into_iter()
            .zip(2..)
            .map(|(record, row_number)| ImportRow::new(Now.mint_uuid(), row_number, record))
            .collect(),
    );
    let outcome = commit(world, &lease, &some, (2, 6), Checkpoint::default()).await?;
    let reasons: Vec<_> = outcome
        .refused
        .iter()
        .map(|refusal| (refusal.row_number, refusal.reason))
        .collect();
    assert_eq!(
        reasons,
        [
            (
                3,
                RefusalReason::Duplicate {
                    field: "nomor_referensi"
                }
            ),
            (6, RefusalReason::MissingReference { field: "jamaah_id" }),
        ]
    );
    let page = Payments::new(&world.db)
        .list(world.scope, &ListQuery::default())
        .await?;
    assert_eq!(page.total, 3);
    Ok(())
}

async fn a_batch_of_thousands_is_stored(world: &World) -> Result<()> {
    let paket = world.package(world.scope, "Umroh Hemat").await?;
    let lease = world.importing(ImportType::Jamaah).await?;
    let people: Vec<_> = (1..=5_000).map(|number| jamaah(number, paket)).collect();
    let outcome = commit(
        world,
        &lease,
        &rows(people, 2),
        (2, 5_001),
        Checkpoint::default(),
    )
    .await?;
    assert_eq!(outcome.refused, []);
    assert_eq!(stored(world).await?, 5_000);
    Ok(())
}
