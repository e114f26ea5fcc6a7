//! Names in different spellings: a validation finds exactly the duplicates that the database would refuse.

use anyhow::{Result, ensure};

use crate::harness::{App, on_both_engines};

on_both_engines! {
    the_validation_counts_spellings_as_the_import_does,
}

/// Each line's names are one name; no two lines are.
const NAMES: [&[&str]; 6] = [
    &[
        "Umroh – Plus",
        "UMROH - PLUS",
        "umroh — plus",
        "Umroh ‐ Plus",
    ],
    &[
        "Nur ‘Aini",
        "nur 'aini",
        "Nur `Aini",
        "Nur ´Aini",
        "NUR ʼAINI",
        "Nur ‛Aini",
    ],
    &["Paket “Élok”", "paket „ÉLOK“", "Paket \"\"élok\"\""],
    &["Paket Élok", "PAKET ÉLOK"],
    &["Umroh Plus"],
    &["Nur Aini"],
];

async fn the_validation_counts_spellings_as_the_import_does(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let mut file =
        String::from("nama,durasi_hari,harga_retail,tanggal_keberangkatan,kapasitas\r\n");
    for name in NAMES.iter().flat_map(|names| names.iter()) {
        file.push_str(&format!("\"{name}\",9,25000000,2027-03-15,45\r\n"));
    }
    let spellings: usize = NAMES.iter().map(|names| names.len()).sum();
    let job = admin.job("package", "paket.csv", file.as_bytes()).await?;
    let checked = admin.validate(&job).await?;
    ensure!(checked["valid_rows"] == NAMES.len(), "{checked:#}");
    let done = admin.import(&job).await?;
    ensure!(done["imported_rows"] == NAMES.len(), "{done:#}");
    ensure!(done["failed_rows"] == spellings - NAMES.len(), "{done:#}");

    // Stored records are found by each spelling.
    let again = admin.job("package", "lagi.csv", file.as_bytes()).await?;
    let checked = admin.validate(&again).await?;
    ensure!(checked["valid_rows"] == 0, "{checked:#}");
    ensure!(
        checked["error_summary"]["duplicate"] == spellings,
        "{checked:#}"
    );
    let mut file = String::from("nama,paket_id\r\n");
    for name in NAMES.iter().flat_map(|names| names.iter()) {
        file.push_str(&format!("Budi,\"{name}\"\r\n"));
    }
    let job = admin.job("jamaah", "orang.csv", file.as_bytes()).await?;
    let checked = admin.validate(&job).await?;
    ensure!(checked["valid_rows"] == spellings, "{checked:#}");
    Ok(())
}
