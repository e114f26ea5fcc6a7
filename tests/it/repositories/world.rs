//! A migrated database with one tenant and its administrator, and what a test needs to fill it. Serves repository tests alone.

use std::path::PathBuf;
use std::pin::Pin;
use std::time::Duration;

use anyhow::{Context, Result};
use domain::{
    Change, Clock, ErrorSummary, ImportJob, ImportType, Input, JamaahInput, JobCounts, JobId,
    JobMetadata, JobStatus, LeftOut, NewJamaah, NewPackage, NewUser, OnDuplicate, PackageId,
    PackageInput, Role, Tenant, TenantId, TimeZone, Timestamp, Upload, UserId, UserProfile,
    ValidationEnd,
};
use migration::{Patience, Runner};
use repositories::{
    Claim, Database, DatabaseConfig, FailureMessages, ImportJobs, ImportQueue, Lease, Packages,
    TenantScope, Tenants, Users,
};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::harness::{Backend, Direct, PostgresDatabase, run_directory};

/// Longer than any test.
pub(super) const TTL: Duration = Duration::from_mins(1);

/// The messages of jobs that these tests end.
pub(super) const FAILURE_MESSAGES: FailureMessages<'static> = FailureMessages {
    gave_up: "menyerah",
    disturbed: "terganggu",
    unreadable: "tidak terbaca",
};

/// The system's clock.
pub(super) struct Now;

impl Clock for Now {
    fn now(&self) -> Timestamp {
        OffsetDateTime::now_utc().into()
    }

    fn mint_uuid(&self) -> Uuid {
        Uuid::now_v7()
    }
}

/// A database of one test.
pub(super) struct World {
    pub(super) config: DatabaseConfig,
    pub(super) db: Database,
    pub(super) scope: TenantScope,
    pub(super) user: UserId,
    place: Place,
}

enum Place {
    Sqlite(PathBuf),
    Postgres(PostgresDatabase),
}

impl World {
    pub(super) async fn new(backend: Backend) -> Result<Self> {
        let (url, place) = match backend {
            Backend::Sqlite => {
                let folder = run_directory().join(format!("repositories-{}", Uuid::now_v7()));
                let url = format!("sqlite://{}/hijrah.db?mode=rwc", folder.display());
                (url, Place::Sqlite(folder))
            }
            Backend::Postgres => {
                let database = PostgresDatabase::create().await?;
                (database.url.clone(), Place::Postgres(database))
            }
        };
        let config = DatabaseConfig {
            url,
            owner_url: None,
            max_connections: 16,
            lease: TTL,
        };
        if let Place::Sqlite(folder) = &place {
            std::fs::create_dir_all(folder)?;
        }
        let connection = migration::connect(&config.url).await?;
        Runner::new(&connection, Patience::default())
            .up(None)
            .await?;
        connection.close().await?;
        let db = Database::connect(&config).await?;
        let (scope, user) = tenant(&db, "utama").await?;
        Ok(Self {
            config,
            db,
            scope,
            user,
            place,
        })
    }

    pub(super) async fn close(self) -> Result<()> {
        self.db.close().await;
        match self.place {
            Place::Sqlite(folder) => Ok(std::fs::remove_dir_all(folder)?),
            Place::Postgres(database) => database.remove().await,
        }
    }

    /// Executes statements that no repository executes.
    pub(super) async fn execute(&self, sql: &str) -> Result<()> {
        let mut direct = Direct::connect(&self.config.url).await?;
        direct.execute(sql).await
    }

    /// Lets the pauses of all jobs be over.
    pub(super) async fn end_pause(&self) -> Result<()> {
        self.execute("UPDATE migration_jobs SET lease_expires_at = NULL WHERE lease_owner IS NULL")
            .await
    }

    /// Another tenant with its administrator.
    pub(super) async fn other_tenant(&self) -> Result<(TenantScope, UserId)> {
        tenant(&self.db, "lain").await
    }

    /// A new package of a tenant.
    pub(super) async fn package(&self, scope: TenantScope, nama: &str) -> Result<PackageId> {
        let id = PackageId::mint(&Now);
        let packages = Packages::new(&self.db);
        packages
            .insert(scope, id, &package(nama), Now.now())
            .await?;
        Ok(id)
    }

    /// A job that waits for its user.
    pub(super) async fn job(&self, kind: ImportType) -> Result<JobId> {
        self.job_of(self.scope, self.user, kind).await
    }

    pub(super) async fn job_of(
        &self,
        scope: TenantScope,
        user: UserId,
        kind: ImportType,
    ) -> Result<JobId> {
        let job = job(scope.tenant_id(), user, kind);
        ImportJobs::new(&self.db).insert(&job, None).await?;
        Ok(job.id)
    }

    /// Claims the next job, which must be there.
    pub(super) async fn claim(&self) -> Result<(ImportJob, Lease)> {
        self.claim_for(TTL).await
    }

    pub(super) async fn claim_for(&self, ttl: Duration) -> Result<(ImportJob, Lease)> {
        let owner = Uuid::now_v7().to_string();
        let queue = ImportQueue::new(&self.db);
        match queue.claim(&owner, ttl, FAILURE_MESSAGES, None).await? {
            Some(Claim::Job(job, lease)) => Ok((*job, lease)),
            other => anyhow::bail!("no job, but {other:?}"),
        }
    }

    /// A job that imports, claimed.
    pub(super) async fn importing(&self, kind: ImportType) -> Result<Lease> {
        let jobs = ImportJobs::new(&self.db);
        let id = self.job(kind).await?;
        jobs.request_start(self.scope, id, 100, None)
            .await?
            .context("the job is there")?;
        let (_, lease) = self.claim().await?;
        let end = validation_end(JobCounts {
            total_rows: 4,
            valid_rows: 4,
            ..JobCounts::default()
        });
        let job = ImportQueue::new(&self.db)
            .finish_validation(&lease, end)
            .await?;
        assert_eq!(job.status(), JobStatus::Importing);
        assert_eq!(job.id, id, "claims what was started");
        Ok(lease)
    }
}

async fn tenant(db: &Database, slug: &str) -> Result<(TenantScope, UserId)> {
    let now = Now.now();
    let tenant = Tenant {
        id: TenantId::mint(&Now),
        name: slug.to_owned(),
        slug: slug.to_owned(),
        time_zone: TimeZone::Jakarta,
        created_at: now,
        updated_at: now,
    };
    Tenants::new(db).insert(&tenant).await?;
    let scope = TenantScope::new(tenant.id);
    let id = UserId::mint(&Now);
    let new = user(&format!("pengurus-{slug}"), Role::Admin);
    Users::new(db)
        .insert(scope, id, Now.mint_uuid(), &new, "system", now)
        .await?;
    Ok((scope, id))
}

pub(super) fn user(username: &str, role: Role) -> NewUser {
    NewUser {
        username: username.to_owned(),
        password_hash: "$argon2id$".to_owned(),
        profile: UserProfile {
            nama_lengkap: format!("Nama {username}"),
            email: Some(format!("{username}@contoh.id")),
            tipe_akun: "internal".to_owned(),
            role,
        },
        is_active: true,
        must_change_password: false,
    }
}

/// A text that a request gives.
pub(super) fn set(text: &str) -> Change<String> {
    Change::Set(text.to_owned())
}

pub(super) fn package(nama: &str) -> NewPackage {
    PackageInput {
        nama: Change::Set(nama.to_owned()),
        durasi_hari: Change::Set(9),
        harga_retail: Change::Set(25_000_000),
        tanggal_keberangkatan: set("2027-03-15"),
        kapasitas: Change::Set(45),
        ..PackageInput::default()
    }
    .check(None, Now.now().jakarta_date())
    .expect("a sound package")
}

/// A pilgrim whose keys follow from a number.
pub(super) fn jamaah(number: u32, paket_id: PackageId) -> NewJamaah {
    JamaahInput {
        nama: Change::Set(format!("Siti Ke-{number}")),
        email: Change::Set(format!("siti{number}@contoh.id")),
        telepon: set("081234567890"),
        ktp: Change::Set(format!("31750105{:04}{number:04}", 1190)),
        paket_id: Change::Set(paket_id),
        catatan: set("tab\there, \\ and\nnext line"),
        ..JamaahInput::default()
    }
    .check(None, Now.now().jakarta_date())
    .expect("a sound pilgrim")
}

/// The end of a validation that found nothing to report.
pub(super) fn validation_end(counts: JobCounts) -> ValidationEnd {
    ValidationEnd {
        counts,
        errors: ErrorSummary::default(),
        left_out: LeftOut::default(),
        notices: Vec::new(),
        nothing_to_import: "Tidak ada baris yang valid",
    }
}

/// A job for a file that was uploaded now.
pub(super) fn job(tenant_id: TenantId, user_id: UserId, import_type: ImportType) -> ImportJob {
    let upload = Upload {
        file_url: format!("uploads/{}", Uuid::now_v7()),
        file_sha256: "0".repeat(64),
        total_rows: 4,
        metadata: JobMetadata {
            encoding: "utf-8".to_owned(),
            delimiter: ",".to_owned(),
            quote: Some("\"".to_owned()),
            has_header: true,
            header_row: 1,
            columns: vec!["nama".to_owned()],
            ..JobMetadata::unread(import_type, "berkas.csv".to_owned(), 1_024)
        },
        on_duplicate: OnDuplicate::default(),
        created_by: None,
        corrects: None,
    };
    ImportJob::uploaded((tenant_id, JobId::mint(&Now)), user_id, upload, Now.now())
}

/// A claim about a database.
pub(super) type Claimed = for<'a> fn(&'a World) -> Pin<Box<dyn Future<Output = Result<()>> + 'a>>;

pub(super) fn prove(backend: Backend, claim: Claimed) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("builds a runtime");
    runtime.block_on(async {
        let world = World::new(backend).await.expect("makes a database");
        let done = tokio::time::timeout(Duration::from_mins(2), claim(&world))
            .await
            .unwrap_or_else(|_| Err(anyhow::anyhow!("the test took more than two minutes")));
        if let Err(error) = done {
            panic!("on {backend:?}: {error:?}");
        }
        world.close().await.expect("removes the database");
    });
}

/// Makes a test of each claim, once per engine.
macro_rules! on_both_databases {
    ($($claim:ident),+ $(,)?) => {$(
        mod $claim {
            use $crate::{harness::Backend, repositories::world::prove};

            #[test]
            fn sqlite() {
                prove(Backend::Sqlite, |world| Box::pin(super::$claim(world)));
            }

            #[test]
            fn postgres() {
                prove(Backend::Postgres, |world| Box::pin(super::$claim(world)));
            }
        }
    )+};
}

pub(super) use on_both_databases;
