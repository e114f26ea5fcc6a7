//! Whether the rows of a database make sense together, for `validate`: what no constraint can say, or what a constraint would have
//! said if it had not been switched off. Reads the tables of all tenants, as their owner. Repairs what can be worked out again.

use sea_orm::{ConnectionTrait, Statement};

use crate::{Backend, Database, RepositoryError, table::TABLES};

/// Something that is wrong with the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// What it is about, in a few words that never change.
    pub check: &'static str,
    /// How many rows it is true of.
    pub rows: i64,
    /// The id of one of them.
    pub example: String,
    /// What is wrong, in words.
    pub what: &'static str,
    /// What to do about it.
    pub remedy: &'static str,
    /// Whether it is only worth knowing, because it can arise without a fault.
    pub is_note: bool,
}

/// What can be repaired from other rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repair {
    /// The counters of jobs that have ended, from their rows and errors.
    Counters,
    /// Leases of jobs that no worker runs.
    Leases,
}

/// A rule about rows: its SQL selects `id` of each row that breaks it.
struct Rule {
    check: &'static str,
    what: &'static str,
    remedy: &'static str,
    is_note: bool,
    sql: &'static str,
}

const BY_HAND: &str = "look at the row, and correct it or restore it from a backup";
const REPAIR: &str = "`validate --repair`";
/// As text, because damaged metadata is not JSON. A header or a file's name that reads the same is followed by no object.
const KEPT_WHOLE: &str =
    r#"replace(coalesce(CAST(metadata AS TEXT), ''), ' ', '') NOT LIKE '%"leftOut":{%'"#;

/// `IMPORTED` is replaced by the rows of all importable tables, `NOW` for the database's clock in UTC, `KEPT_WHOLE` for jobs all of whose
/// errors were kept.
const RULES: &[Rule] = &[
    Rule {
        check: "counters of jobs",
        what: "completed jobs whose counters do not add up: valid and invalid rows, and imported and failed ones, are all rows",
        remedy: REPAIR,
        is_note: false,
        sql: "SELECT j.id FROM migration_jobs j WHERE j.status IN ('completed', 'rolled_back') AND \
            (j.imported_rows + j.failed_rows <> j.total_rows OR j.valid_rows + j.invalid_rows <> j.total_rows \
             OR j.processed_rows <> j.total_rows)",
    },
    Rule {
        check: "counters of jobs",
        what: "jobs with a counter below zero or above the number of rows",
        remedy: REPAIR,
        is_note: false,
        sql: "SELECT j.id FROM migration_jobs j WHERE j.total_rows < 0 OR j.processed_rows < 0 OR j.valid_rows < 0 \
            OR j.invalid_rows < 0 OR j.imported_rows < 0 OR j.failed_rows < 0 OR j.processed_rows > j.total_rows \
            OR j.valid_rows + j.invalid_rows > j.total_rows OR j.imported_rows + j.failed_rows > j.total_rows",
    },
    Rule {
        check: "counters of jobs",
        what: "validated jobs whose valid and invalid rows are not all rows",
        remedy: "validate the job again",
        is_note: false,
        sql: "SELECT j.id FROM migration_jobs j WHERE j.status = 'pending' AND j.validated_at IS NOT NULL \
            AND j.valid_rows + j.invalid_rows <> j.total_rows",
    },
    Rule {
        check: "counters of jobs",
        what: "jobs with more rows than they count as imported",
        remedy: REPAIR,
        is_note: false,
        sql: "SELECT j.id FROM migration_jobs j JOIN (SELECT tenant_id, migration_job_id, count(*) AS n FROM IMPORTED i \
            GROUP BY tenant_id, migration_job_id) r ON r.tenant_id = j.tenant_id AND r.migration_job_id = j.id \
            WHERE r.n > j.imported_rows",
    },
    Rule {
        check: "rows of jobs",
        what: "jobs of which fewer rows are there than were imported; rows that users deleted are among them",
        remedy: "nothing, if users deleted them; else restore them from a backup",
        is_note: true,
        sql: "SELECT j.id FROM migration_jobs j LEFT JOIN (SELECT tenant_id, migration_job_id, count(*) AS n FROM IMPORTED i \
            GROUP BY tenant_id, migration_job_id) r ON r.tenant_id = j.tenant_id AND r.migration_job_id = j.id \
            WHERE j.status = 'completed' AND coalesce(r.n, 0) < j.imported_rows",
    },
    Rule {
        check: "rows of jobs",
        what: "rows of a job that imported nothing yet",
        remedy: BY_HAND,
        is_note: false,
        sql: "SELECT r.id FROM IMPORTED r JOIN migration_jobs j ON j.tenant_id = r.tenant_id AND j.id = r.migration_job_id \
            WHERE j.status IN ('pending', 'validating')",
    },
    Rule {
        check: "rows of jobs",
        what: "rows with a job but without their number in its file, or the reverse",
        remedy: BY_HAND,
        is_note: false,
        // The link to a deleted job is cleared, the number stays.
        sql: "SELECT r.id FROM IMPORTED r WHERE r.migration_job_id IS NOT NULL AND r.import_row_number IS NULL",
    },
    Rule {
        check: "errors of jobs",
        what: "jobs of this month with another number of rows that have errors than they count as failed",
        remedy: REPAIR,
        is_note: false,
        sql: "SELECT j.id FROM migration_jobs j LEFT JOIN (SELECT tenant_id, migration_job_id, count(DISTINCT row_number) AS n \
            FROM migration_errors WHERE severity = 'error' GROUP BY tenant_id, migration_job_id) e ON e.tenant_id = j.tenant_id AND e.migration_job_id = j.id \
            WHERE j.status = 'completed' AND j.completed_at > DAYS_AGO AND KEPT_WHOLE AND coalesce(e.n, 0) <> j.failed_rows",
    },
    Rule {
        check: "leases",
        what: "jobs at rest that still have a worker's lease",
        remedy: REPAIR,
        is_note: false,
        sql: "SELECT j.id FROM migration_jobs j WHERE j.status NOT IN ('validating', 'importing') \
            AND (j.lease_owner IS NOT NULL OR j.lease_expires_at IS NOT NULL)",
    },
    Rule {
        check: "leases",
        what: "jobs at work with half a lease, or with one that lasts longer than any",
        remedy: REPAIR,
        is_note: false,
        // The longest lease that can be set is an hour.
        sql: "SELECT j.id FROM migration_jobs j WHERE j.status IN ('validating', 'importing') \
            AND ((j.lease_owner IS NULL) <> (j.lease_expires_at IS NULL) OR j.lease_expires_at > HOURS_AHEAD)",
    },
    Rule {
        check: "stuck jobs",
        what: "jobs at work that no worker has touched for a quarter of an hour",
        remedy: "start a server with WORKER_CONCURRENCY above 0, which takes them over",
        is_note: false,
        sql: "SELECT j.id FROM migration_jobs j WHERE j.status IN ('validating', 'importing') AND j.updated_at < MINUTES_AGO \
            AND (j.lease_expires_at IS NULL OR j.lease_expires_at < NOW)",
    },
    Rule {
        check: "states of jobs",
        what: "jobs whose times contradict their state",
        remedy: BY_HAND,
        is_note: false,
        sql: "SELECT j.id FROM migration_jobs j WHERE (j.status IN ('completed', 'rolled_back') AND j.completed_at IS NULL) \
            OR (j.status = 'rolled_back' AND j.rollback_at IS NULL) OR (j.status <> 'rolled_back' AND j.rollback_at IS NOT NULL) \
            OR (j.status IN ('pending', 'validating', 'importing') AND j.completed_at IS NOT NULL) \
            OR (j.status IN ('importing', 'completed') AND j.started_at IS NULL)",
    },
    Rule {
        check: "states of jobs",
        what: "jobs with a state or a type that does not exist",
        remedy: BY_HAND,
        is_note: false,
        sql: "SELECT j.id FROM migration_jobs j WHERE j.status NOT IN ('pending', 'validating', 'importing', 'completed', 'failed', \
            'rolled_back') OR j.import_type NOT IN ('jamaah', 'payment', 'package') OR j.attempt < 0",
    },
    Rule {
        check: "administrators",
        what: "tenants without an active administrator",
        remedy: "make one with the role admin, or activate one, in `user` and `user_profile`",
        is_note: false,
        sql: "SELECT t.id FROM tenants t WHERE NOT EXISTS (SELECT 1 FROM \"user\" u JOIN user_profile p ON p.id_user = u.id \
            WHERE u.tenant_id = t.id AND p.role = 'admin' AND u.is_active AND NOT u.deleted AND NOT p.deleted)",
    },
    Rule {
        check: "profiles",
        what: "users without a profile, who cannot log in",
        remedy: BY_HAND,
        is_note: false,
        sql: "SELECT u.id FROM \"user\" u WHERE NOT EXISTS (SELECT 1 FROM user_profile p WHERE p.id_user = u.id)",
    },
    Rule {
        check: "profiles",
        what: "users with a role that does not exist",
        remedy: BY_HAND,
        is_note: false,
        sql: "SELECT u.id FROM \"user\" u JOIN user_profile p ON p.id_user = u.id WHERE p.role NOT IN ('admin', 'owner', 'agent')",
    },
    Rule {
        check: "names of users",
        what: "users whose names are equal but for the case of their letters",
        remedy: "rename all but one",
        is_note: false,
        sql: "SELECT u.id FROM \"user\" u WHERE EXISTS (SELECT 1 FROM \"user\" o WHERE lower(o.username) = lower(u.username) AND o.id <> u.id)",
    },
    Rule {
        check: "refresh tokens",
        what: "sessions whose token is not stored as a hash",
        remedy: "delete them; their users log in again",
        is_note: false,
        sql: "SELECT r.id FROM refresh_tokens r WHERE length(r.token) <> 64",
    },
    Rule {
        check: "amounts",
        what: "payments or packages with an amount below zero",
        remedy: BY_HAND,
        is_note: false,
        sql: "SELECT id FROM payments WHERE jumlah < 0 UNION ALL SELECT id FROM packages WHERE harga_retail < 0 OR harga_wholesale < 0 \
            OR kapasitas < 0 OR durasi_hari < 0",
    },
    Rule {
        check: "versions",
        what: "rows with a version below 1",
        remedy: BY_HAND,
        is_note: false,
        sql: "SELECT r.id FROM IMPORTED r WHERE r.version < 1",
    },
    Rule {
        check: "natural keys",
        what: "pilgrims or packages with an empty name or without the form in which names are compared",
        remedy: BY_HAND,
        is_note: false,
        sql: "SELECT id FROM jamaah WHERE trim(nama) = '' OR nama_key = '' UNION ALL SELECT id FROM packages WHERE trim(nama) = '' OR nama_key = ''",
    },
    Rule {
        check: "natural keys",
        what: "pilgrims of a tenant with the same KTP or e-mail address",
        remedy: "change or delete all but one",
        is_note: false,
        sql: "SELECT j.id FROM jamaah j JOIN (SELECT tenant_id, ktp FROM jamaah WHERE ktp IS NOT NULL GROUP BY tenant_id, ktp \
            HAVING count(*) > 1) d ON d.tenant_id = j.tenant_id AND d.ktp = j.ktp \
            UNION ALL SELECT j.id FROM jamaah j JOIN (SELECT tenant_id, lower(email) AS email FROM jamaah WHERE email IS NOT NULL \
            GROUP BY tenant_id, lower(email) HAVING count(*) > 1) d ON d.tenant_id = j.tenant_id AND d.email = lower(j.email)",
    },
    Rule {
        check: "imported twice",
        what: "rows of a file that are there more than once",
        remedy: "delete all but one",
        is_note: false,
        sql: "SELECT r.id FROM IMPORTED r JOIN (SELECT migration_job_id, import_row_number FROM IMPORTED i \
            WHERE migration_job_id IS NOT NULL GROUP BY migration_job_id, import_row_number HAVING count(*) > 1) d \
            ON d.migration_job_id = r.migration_job_id AND d.import_row_number = r.import_row_number",
    },
];

/// The rows of all tables that can be imported.
fn imported() -> String {
    let select = "SELECT id, tenant_id, migration_job_id, import_row_number, version FROM";
    let tables: Vec<String> = TABLES
        .iter()
        .map(|table| format!("{select} {}", table.name))
        .collect();
    format!("({})", tables.join(" UNION ALL "))
}

/// The fields of a user that a check of passwords needs.
#[derive(Clone)]
pub struct StoredPassword {
    /// Name to log in with.
    pub username: String,
    /// The hash.
    pub hash: String,
    /// Whether they may log in.
    pub is_active: bool,
}

/// A job's file.
#[derive(Debug, Clone)]
pub struct StoredFile {
    /// The job's id.
    pub job: String,
    /// The key in the storage.
    pub key: String,
    /// Bytes.
    pub size: i64,
    /// SHA-256 in hexadecimal digits.
    pub sha256: String,
}

impl Database {
    /// Every rule that rows break. A rule whose tables or columns are missing is passed over: that is a flaw of the schema.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn flaws(&self) -> Result<Vec<Flaw>, RepositoryError> {
        let id = match self.backend() {
            Backend::Postgres => "id::text",
            Backend::Sqlite => "lower(hex(id))",
        };
        let patient = self.patient();
        let owner = patient.owner();
        let mut flaws = Vec::new();
        for rule in RULES {
            let sql = self.filled(rule.sql);
            let sql =
                format!("SELECT count(*) AS number, min({id}) AS example FROM ({sql}) AS broken");
            let statement = Statement::from_string(owner.get_database_backend(), sql);
            let row = match owner.query_one_raw(statement).await {
                Ok(row) => row,
                Err(error) if is_schema(&error) => continue,
                Err(error) => return Err(error.into()),
            };
            let Some(row) = row else { continue };
            let rows: i64 = row.try_get("", "number")?;
            if rows > 0 {
                let example: Option<String> = row.try_get("", "example")?;
                flaws.push(Flaw {
                    check: rule.check,
                    rows,
                    example: example.unwrap_or_default(),
                    what: rule.what,
                    remedy: rule.remedy,
                    is_note: rule.is_note,
                });
            }
        }
        Ok(flaws)
    }

    /// A rule's SQL with its moments by the database's clock.
    fn filled(&self, sql: &str) -> String {
        use std::time::Duration;
        sql.replace("IMPORTED", &imported())
            .replace("DAYS_AGO", &self.now_minus(Duration::from_hours(29 * 24)))
            .replace("MINUTES_AGO", &self.now_minus(Duration::from_mins(15)))
            .replace("HOURS_AHEAD", &self.now_plus(Duration::from_hours(2)))
            .replace("NOW", self.now())
            .replace("KEPT_WHOLE", KEPT_WHOLE)
    }

    /// Repairs what [`Self::flaws`] finds of one kind; how many jobs were changed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn repair(&self, repair: Repair) -> Result<u64, RepositoryError> {
        let tx = self.begin_owner().await?;
        let mut changed = 0;
        for sql in repair.statements() {
            let sql = self.filled(sql);
            changed += tx.execute_unprepared(&sql).await?.rows_affected();
        }
        self.commit(tx).await?;
        Ok(changed)
    }

    /// The password hashes of all users who are not deleted.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn stored_passwords(&self) -> Result<Vec<StoredPassword>, RepositoryError> {
        let sql = "SELECT username, password, is_active FROM \"user\" WHERE NOT deleted ORDER BY username";
        let rows = self.owner().query_all_raw(self.statement(sql, [])).await?;
        rows.iter()
            .map(|row| {
                Ok(StoredPassword {
                    username: row.try_get("", "username")?,
                    hash: row.try_get("", "password")?,
                    is_active: row.try_get("", "is_active")?,
                })
            })
            .collect()
    }

    /// The files that jobs refer to.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn stored_files(&self) -> Result<Vec<StoredFile>, RepositoryError> {
        let id = match self.backend() {
            Backend::Postgres => "id::text",
            Backend::Sqlite => "lower(hex(id))",
        };
        let sql = format!(
            "SELECT {id} AS job, file_url, file_size, file_sha256 FROM migration_jobs WHERE file_url <> '' ORDER BY id"
        );
        let rows = self.owner().query_all_raw(self.statement(sql, [])).await?;
        rows.iter()
            .map(|row| {
                Ok(StoredFile {
                    job: row.try_get("", "job")?,
                    key: row.try_get("", "file_url")?,
                    size: row.try_get("", "file_size")?,
                    sha256: row.try_get("", "file_sha256")?,
                })
            })
            .collect()
    }
}

impl Repair {
    const fn statements(self) -> &'static [&'static str] {
        match self {
            // What is imported is what is there; what has an error has failed; the file's rows are both together.
            Self::Counters => &[
                "UPDATE migration_jobs SET imported_rows = (SELECT count(*) FROM IMPORTED r WHERE r.tenant_id = migration_jobs.tenant_id \
                    AND r.migration_job_id = migration_jobs.id) WHERE status = 'completed' AND imported_rows < (SELECT count(*) FROM IMPORTED r \
                    WHERE r.tenant_id = migration_jobs.tenant_id AND r.migration_job_id = migration_jobs.id)",
                "UPDATE migration_jobs SET failed_rows = (SELECT count(DISTINCT e.row_number) FROM migration_errors e \
                    WHERE e.severity = 'error' AND e.tenant_id = migration_jobs.tenant_id AND e.migration_job_id = migration_jobs.id) \
                    WHERE status = 'completed' AND completed_at > DAYS_AGO AND KEPT_WHOLE AND failed_rows <> (SELECT count(DISTINCT e.row_number) \
                    FROM migration_errors e WHERE e.severity = 'error' AND e.tenant_id = migration_jobs.tenant_id AND e.migration_job_id = migration_jobs.id)",
                "UPDATE migration_jobs SET imported_rows = (SELECT count(*) FROM IMPORTED r WHERE r.tenant_id = migration_jobs.tenant_id \
                    AND r.migration_job_id = migration_jobs.id) WHERE status = 'completed' AND imported_rows + failed_rows <> total_rows \
                    AND imported_rows <> (SELECT count(*) FROM IMPORTED r WHERE r.tenant_id = migration_jobs.tenant_id \
                    AND r.migration_job_id = migration_jobs.id)",
                "UPDATE migration_jobs SET total_rows = imported_rows + failed_rows WHERE status = 'completed' AND imported_rows + failed_rows <> total_rows",
                "UPDATE migration_jobs SET processed_rows = total_rows WHERE status = 'completed' AND processed_rows <> total_rows",
                "UPDATE migration_jobs SET valid_rows = imported_rows, invalid_rows = failed_rows WHERE status = 'completed' \
                    AND valid_rows + invalid_rows <> total_rows",
            ],
            Self::Leases => &[
                "UPDATE migration_jobs SET lease_owner = NULL, lease_expires_at = NULL WHERE status NOT IN ('validating', 'importing') \
                    AND (lease_owner IS NOT NULL OR lease_expires_at IS NOT NULL)",
                "UPDATE migration_jobs SET lease_owner = NULL, lease_expires_at = NULL WHERE status IN ('validating', 'importing') \
                    AND ((lease_owner IS NULL) <> (lease_expires_at IS NULL) OR lease_expires_at > HOURS_AHEAD)",
            ],
        }
    }
}

/// Whether a statement failed for a table or a column that is not there.
fn is_schema(error: &sea_orm::DbErr) -> bool {
    let text = error.to_string();
    text.contains("does not exist") || text.contains("no such")
}
