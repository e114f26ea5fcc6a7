//! A realistic agency for demonstrations: packages, pilgrims and payments, created by importing generated files, some rows of which are
//! wrong. Everything comes from one fixed seed, so all demonstrations are equal.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use auth::{Actor, ManageImports, ViewImports};
use bytes::Bytes;
use domain::{Clock, ImportJob, ImportType, JobStatus, TenantId};
use repositories::{Database, JamaahRecords, ListQuery, Packages, SortKey, Tenants};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    Device, NewTenant, ObjectStorage, ServiceError, Services, UploadRequest, Worker, WorkerConfig,
    create_tenant,
};

const SLUG: &str = "demo";
const NAME: &str = "Safar Barokah Travel (Demo)";
const ADMIN: &str = "demo";

/// Pilgrims in the file, and how many of them have a mistake.
const PILGRIMS: usize = 206;
const WRONG: [usize; 6] = [17, 43, 88, 121, 160, 199];
/// Payments in the file with one mistake each.
const WRONG_PAYMENTS: [usize; 3] = [9, 76, 140];

const PACKAGES: &str = "nama,deskripsi,durasi_hari,harga_retail,harga_wholesale,tanggal_keberangkatan,kapasitas,status\n\
    Umroh Syawal 9 Hari,Hotel dekat Masjidil Haram,9,29500000,27500000,2027-04-12,90,published\n\
    Umroh Plus Istanbul 12 Hari,Tiga malam di Istanbul,12,38900000,36500000,2027-06-03,80,published\n\
    Umroh Akhir Ramadhan 16 Hari,Iktikaf sepuluh malam terakhir,16,47500000,45000000,2027-02-20,60,published\n";

const FIRST: [&str; 24] = [
    "Ahmad", "Aisyah", "Budi", "Citra", "Dewi", "Eko", "Fatimah", "Gilang", "Hasan", "Indah",
    "Joko", "Kartika", "Lukman", "Maryam", "Nurul", "Oki", "Putri", "Rahmat", "Siti", "Taufik",
    "Umar", "Wahyu", "Yusuf", "Zahra",
];
const LAST: [&str; 20] = [
    "Abdullah",
    "Anggraini",
    "Basri",
    "Fauzi",
    "Gunawan",
    "Hakim",
    "Hidayat",
    "Kurniawan",
    "Lestari",
    "Maulana",
    "Nasution",
    "Permata",
    "Pratama",
    "Rahmawati",
    "Ramadhani",
    "Santoso",
    "Siregar",
    "Susanti",
    "Utami",
    "Wibowo",
];
const STREETS: [&str; 8] = [
    "Jl. Merdeka",
    "Jl. Diponegoro",
    "Jl. Sudirman",
    "Jl. Gatot Subroto",
    "Jl. Ahmad Yani",
    "Jl. Kartini",
    "Jl. Pahlawan",
    "Jl. Veteran",
];
const CITIES: [&str; 6] = [
    "Bandung", "Bekasi", "Bogor", "Jakarta", "Semarang", "Surabaya",
];
const METHODS: [&str; 4] = ["transfer_bank", "cash", "qris", "debit_card"];

/// How often the demonstration checks whether an import has ended, and for how long.
const PAUSE: Duration = Duration::from_millis(100);
const LOOKS: usize = 3_000;

/// The data of a demonstration.
#[derive(Debug, Clone)]
pub struct Demo {
    /// Whether it was created by this call.
    pub is_new: bool,
    /// The agency's name.
    pub tenant: &'static str,
    /// The name that its admin logs in with.
    pub username: &'static str,
    /// Imported rows and rows with errors of each file.
    pub imports: Vec<(ImportType, u64, u64)>,
}

/// `SplitMix64`: the same numbers on every machine and with every version of every library.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        let index = self.below(words.len() as u64);
        words
            .get(usize::try_from(index).unwrap_or(0))
            .copied()
            .unwrap_or_default()
    }
}

/// Creates the agency with its data, unless it is there.
///
/// # Errors
/// [`ServiceError`]; what an interrupted call left is removed by [`remove_demo`].
pub async fn make_demo(
    services: &Services,
    database: &Database,
    clock: &dyn Clock,
    password: &SecretString,
) -> Result<Demo, ServiceError> {
    let mut demo = Demo {
        is_new: false,
        tenant: NAME,
        username: ADMIN,
        imports: Vec::new(),
    };
    if Tenants::new(database).find_by_slug(SLUG).await?.is_some() {
        return Ok(demo);
    }
    let new = NewTenant {
        name: NAME.to_owned(),
        slug: SLUG.to_owned(),
        admin_username: ADMIN.to_owned(),
        admin_password: password.clone(),
    };
    let tenant = create_tenant(database, clock, &new, false).await?;
    let session = services
        .sessions
        .log_in(
            ADMIN,
            password.expose_secret(),
            &Device {
                address: IpAddr::V4(Ipv4Addr::LOCALHOST),
                user_agent: None,
            },
        )
        .await?;
    let identity = services
        .sessions
        .authenticate(session.access_token.expose_secret())?
        .identity;
    let actor: Actor<ManageImports> = identity.authorize()?;
    let watcher: Actor<ViewImports> = identity.authorize()?;
    let worker = Worker::spawn(services, WorkerConfig::default());
    let mut dice = Dice(2027);
    demo.is_new = true;
    for kind in [ImportType::Package, ImportType::Jamaah, ImportType::Payment] {
        let (name, file) = match kind {
            ImportType::Package => ("paket.csv", PACKAGES.to_owned()),
            ImportType::Jamaah => (
                "jamaah.csv",
                pilgrims(&mut dice, &packages(database, tenant.id).await?),
            ),
            ImportType::Payment => (
                "pembayaran.csv",
                payments(&mut dice, &people(database, tenant.id).await?),
            ),
        };
        let job = Box::pin(import(services, &actor, &watcher, name, file, kind)).await?;
        demo.imports
            .push((kind, job.counts.imported_rows, job.counts.failed_rows));
    }
    worker.shut_down().await;
    services
        .sessions
        .log_out(session.refresh_token.expose_secret())
        .await?;
    Ok(demo)
}

/// Deletes the agency with everything that belongs to it, including its files. Returns whether there was one.
///
/// # Errors
/// [`ServiceError`] when the database or the storage does not do it.
pub async fn remove_demo(
    database: &Database,
    storage: &ObjectStorage,
) -> Result<bool, ServiceError> {
    let tenants = Tenants::new(database);
    let Some(tenant) = tenants.find_by_slug(SLUG).await? else {
        return Ok(false);
    };
    let folder = format!("{}/", tenant.id);
    let files = database.stored_files().await?;
    tenants.remove(tenant.id).await?;
    for file in files.iter().filter(|file| file.key.starts_with(&folder)) {
        storage.delete(&file.key).await?;
    }
    Ok(true)
}

/// Uploads a file as a user would, starts it, and waits for its end.
async fn import(
    services: &Services,
    actor: &Actor<ManageImports>,
    watcher: &Actor<ViewImports>,
    name: &str,
    file: String,
    kind: ImportType,
) -> Result<ImportJob, ServiceError> {
    let imports = &services.imports;
    let content = futures_util::stream::iter([Ok::<_, std::io::Error>(Bytes::from(file))]);
    let received = imports.receive_file(actor, name, content).await?;
    let uploaded = imports
        .upload(actor, received, &UploadRequest::new(kind))
        .await?;
    imports.start(actor, uploaded.job.id).await?;
    for _ in 0..LOOKS {
        let job = imports.status(watcher, uploaded.job.id).await?.job;
        if matches!(job.status(), JobStatus::Completed | JobStatus::Failed) {
            return Ok(job);
        }
        tokio::time::sleep(PAUSE).await;
    }
    Err(ServiceError::Busy)
}

fn pilgrims(dice: &mut Dice, packages: &[String]) -> String {
    let mut file =
        String::from("nama,email,telepon,alamat,ktp,tanggal_lahir,jenis_kelamin,paket_id,status\n");
    let packages: Vec<&str> = packages.iter().map(String::as_str).collect();
    for number in 1..=PILGRIMS {
        let (first, last) = (dice.pick(&FIRST), dice.pick(&LAST));
        let (day, month, year) = (
            1 + dice.below(28),
            1 + dice.below(12),
            1950 + dice.below(50),
        );
        let is_woman = dice.below(2) == 1;
        // The KTP says the birthday too, with 40 added to a woman's day.
        let ktp_day = if is_woman { day + 40 } else { day };
        let ktp = format!(
            "3273{:02}{ktp_day:02}{month:02}{:02}{number:04}",
            1 + dice.below(30),
            year % 100
        );
        let mut email = format!(
            "{}.{}{number}@contoh.id",
            first.to_lowercase(),
            last.to_lowercase()
        );
        let mut package = dice.pick(&packages).to_owned();
        let mut name = format!("{first} {last}");
        if let Some(which) = WRONG.iter().position(|wrong| *wrong == number) {
            match which % 3 {
                0 => email = email.replace("@contoh.id", "@contoh"),
                1 => package.clear(),
                _ => name.clear(),
            }
        }
        let address = format!(
            "{} No. {} {}",
            dice.pick(&STREETS),
            1 + dice.below(200),
            dice.pick(&CITIES)
        );
        let phone = format!("0812{:08}", dice.below(100_000_000));
        let gender = if is_woman { "P" } else { "L" };
        file.push_str(&format_args!(
            "{name},{email},{phone},{address},{ktp},{year}-{month:02}-{day:02},{gender},{package},registered\n"
        ).to_string());
    }
    file
}

fn payments(dice: &mut Dice, people: &[String]) -> String {
    let mut file =
        String::from("jamaah_id,jumlah,tanggal_bayar,metode_pembayaran,nomor_referensi,catatan\n");
    for (index, person) in people
        .iter()
        .enumerate()
        .filter(|(index, _)| index % 4 != 3)
    {
        let mut amount = (5_000_000 + 500_000 * dice.below(30)).to_string();
        if WRONG_PAYMENTS.contains(&index) {
            amount = String::from("lunas");
        }
        let day = 1 + dice.below(28);
        let method = dice.pick(&METHODS);
        let line = format!(
            "{person},{amount},2026-11-{day:02},{method},DEMO-{:05},Uang muka\n",
            index + 1
        );
        file.push_str(&line);
    }
    file
}

/// The ids of the agency's packages by name.
async fn packages(database: &Database, tenant: TenantId) -> Result<Vec<String>, ServiceError> {
    let page = Packages::new(database)
        .list(tenant.into(), &by("nama"))
        .await?;
    Ok(page
        .items
        .iter()
        .map(|package| package.id.to_string())
        .collect())
}

/// The ids of the agency's pilgrims in the order of their KTP.
async fn people(database: &Database, tenant: TenantId) -> Result<Vec<String>, ServiceError> {
    let page = JamaahRecords::new(database)
        .list(tenant.into(), &by("email"))
        .await?;
    Ok(page
        .items
        .iter()
        .map(|person| person.id.to_string())
        .collect())
}

fn by(field: &str) -> ListQuery {
    ListQuery {
        sort: vec![SortKey {
            field: field.to_owned(),
            descending: false,
        }],
        limit: 1_000,
        ..ListQuery::default()
    }
}
