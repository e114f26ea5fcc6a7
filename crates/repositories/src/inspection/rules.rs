//! The rules about rows, each as the SQL that selects `id` of every row that breaks it, and the statements that repair.

use std::time::Duration;

use domain::ImportType;

use crate::{
    Database,
    table::{TABLES, imported},
};

use super::Repair;

/// A rule about rows.
pub(super) struct Rule<S = &'static str> {
    pub(super) check: &'static str,
    pub(super) what: S,
    pub(super) remedy: &'static str,
    pub(super) sql: S,
}

pub(super) const BY_HAND: &str = "look at the row, and correct it or restore it from a backup";
const REPAIR: &str = "`validate --repair`";
/// Compared as text, because damaged metadata is not JSON. If a header or a file name contains the same text, no object follows it.
const KEPT_WHOLE: &str =
    r#"replace(coalesce(CAST(metadata AS TEXT), ''), ' ', '') NOT LIKE '%"leftOut":{%'"#;

/// `IMPORTED` stands for the rows of all importable tables, `NOW` for the database's clock in UTC, `KEPT_WHOLE` for jobs all of whose
/// errors were kept, `REPORTED` for jobs whose errors have not been deleted for their age.
const RULES: &[Rule] = &[
    Rule {
        check: "counters of jobs",
        what: "completed jobs whose counters do not add up: valid and invalid rows, and imported, skipped and failed ones, are all rows",
        remedy: REPAIR,
        sql: "SELECT j.id FROM migration_jobs j WHERE j.status = 'completed' AND \
            (j.imported_rows + j.skipped_rows + j.failed_rows <> j.total_rows OR j.valid_rows + j.invalid_rows <> j.total_rows \
             OR j.processed_rows <> j.total_rows)",
    },
    Rule {
        check: "counters of jobs",
        what: "jobs with a counter below zero or above the number of rows",
        remedy: REPAIR,
        sql: "SELECT j.id FROM migration_jobs j WHERE j.total_rows < 0 OR j.processed_rows < 0 OR j.valid_rows < 0 \
            OR j.invalid_rows < 0 OR j.imported_rows < 0 OR j.failed_rows < 0 OR j.processed_rows > j.total_rows \
            OR j.valid_rows + j.invalid_rows > j.total_rows OR j.imported_rows + j.skipped_rows + j.failed_rows > j.total_rows \
            OR j.update_rows < 0 OR j.skip_rows < 0 OR j.updated_rows < 0 OR j.skipped_rows < 0 \
            OR j.update_rows + j.skip_rows > j.valid_rows OR j.updated_rows > j.imported_rows",
    },
    Rule {
        check: "counters of jobs",
        what: "validated jobs whose valid and invalid rows are not all rows",
        remedy: "validate the job again",
        sql: "SELECT j.id FROM migration_jobs j WHERE j.status = 'pending' AND j.validated_at IS NOT NULL \
            AND j.valid_rows + j.invalid_rows <> j.total_rows",
    },
    Rule {
        check: "counters of jobs",
        what: "jobs with more rows than they count as created",
        remedy: REPAIR,
        sql: "SELECT j.id FROM migration_jobs j JOIN (SELECT tenant_id, migration_job_id, count(*) AS n FROM IMPORTED i \
            GROUP BY tenant_id, migration_job_id) r ON r.tenant_id = j.tenant_id AND r.migration_job_id = j.id \
            WHERE r.n + j.deleted_rows > j.imported_rows - j.updated_rows",
    },
    Rule {
        check: "rows of jobs",
        what: "jobs of which rows are missing that no user has deleted",
        remedy: "restore them from a backup",
        sql: "SELECT j.id FROM migration_jobs j LEFT JOIN (SELECT tenant_id, migration_job_id, count(*) AS n FROM IMPORTED i \
            GROUP BY tenant_id, migration_job_id) r ON r.tenant_id = j.tenant_id AND r.migration_job_id = j.id \
            WHERE j.status = 'completed' AND coalesce(r.n, 0) + j.deleted_rows < j.imported_rows - j.updated_rows",
    },
    Rule {
        check: "changed records",
        what: "jobs that keep more earlier states of records than they count as changed",
        remedy: BY_HAND,
        sql: "SELECT j.id FROM migration_jobs j JOIN (SELECT tenant_id, migration_job_id, count(*) AS n FROM migration_updates \
            GROUP BY tenant_id, migration_job_id) u ON u.tenant_id = j.tenant_id AND u.migration_job_id = j.id \
            WHERE u.n > j.updated_rows",
    },
    Rule {
        check: "changed records",
        what: "jobs that still keep earlier states of records two hours after the time in which they can be rolled back",
        remedy: "start a server, whose housekeeping deletes them",
        sql: "SELECT j.id FROM migration_jobs j WHERE j.status = 'completed' AND j.completed_at < DAY_AGO \
            AND EXISTS (SELECT 1 FROM migration_updates u WHERE u.tenant_id = j.tenant_id AND u.migration_job_id = j.id)",
    },
    Rule {
        check: "rows of jobs",
        what: "rows of a job that imported nothing yet",
        remedy: BY_HAND,
        sql: "SELECT r.id FROM IMPORTED r JOIN migration_jobs j ON j.tenant_id = r.tenant_id AND j.id = r.migration_job_id \
            WHERE j.status IN ('pending', 'validating')",
    },
    Rule {
        check: "rows of jobs",
        what: "rows with a job but without their number in its file, or the reverse",
        remedy: BY_HAND,
        // When a job is deleted its link is cleared and the number stays.
        sql: "SELECT r.id FROM IMPORTED r WHERE r.migration_job_id IS NOT NULL AND r.import_row_number IS NULL OR r.import_row_number < 1",
    },
    Rule {
        check: "errors of jobs",
        what: "completed jobs with another number of rows that have errors than they count as failed",
        remedy: REPAIR,
        sql: "SELECT j.id FROM migration_jobs j LEFT JOIN (SELECT tenant_id, migration_job_id, count(DISTINCT row_number) AS n \
            FROM migration_errors WHERE severity = 'error' GROUP BY tenant_id, migration_job_id) e ON e.tenant_id = j.tenant_id AND e.migration_job_id = j.id \
            WHERE j.status = 'completed' AND REPORTED AND KEPT_WHOLE AND coalesce(e.n, 0) <> j.failed_rows",
    },
    Rule {
        check: "leases",
        what: "jobs at rest that still have a worker's lease",
        remedy: REPAIR,
        sql: "SELECT j.id FROM migration_jobs j WHERE j.status NOT IN ('validating', 'importing') \
            AND (j.lease_owner IS NOT NULL OR j.lease_expires_at IS NOT NULL)",
    },
    Rule {
        check: "leases",
        what: "jobs at work with an owner without a lease, or with a lease that lasts longer than any",
        remedy: REPAIR,
        // The longest lease that can be set is an hour. A job that is put off has a moment and no owner.
        sql: "SELECT j.id FROM migration_jobs j WHERE j.status IN ('validating', 'importing') \
            AND (j.lease_owner IS NOT NULL AND j.lease_expires_at IS NULL OR j.lease_expires_at > HOURS_AHEAD)",
    },
    Rule {
        check: "stuck jobs",
        what: "jobs at work that no worker has touched for a quarter of an hour",
        remedy: "start a server with WORKER_CONCURRENCY above 0, which takes them over",
        sql: "SELECT j.id FROM migration_jobs j WHERE j.status IN ('validating', 'importing') AND j.updated_at < MINUTES_AGO \
            AND (j.lease_expires_at IS NULL OR j.lease_expires_at < NOW)",
    },
    Rule {
        check: "states of jobs",
        what: "jobs whose times contradict their state",
        remedy: BY_HAND,
        sql: "SELECT j.id FROM migration_jobs j WHERE (j.status IN ('completed', 'rolled_back') AND j.completed_at IS NULL) \
            OR (j.status = 'rolled_back' AND j.rollback_at IS NULL) OR (j.status <> 'rolled_back' AND j.rollback_at IS NOT NULL) \
            OR (j.status IN ('pending', 'validating', 'importing') AND j.completed_at IS NOT NULL) \
            OR (j.status IN ('importing', 'completed') AND (j.started_at IS NULL OR j.validated_at IS NULL)) \
            OR (j.status = 'failed' AND (j.completed_at IS NULL OR coalesce(j.error_message, '') = '')) \
            OR (j.cancelled_at IS NULL AND j.cancelled_by IS NOT NULL)",
    },
    Rule {
        check: "states of jobs",
        what: "jobs with a state or a type that does not exist",
        remedy: BY_HAND,
        sql: "SELECT j.id FROM migration_jobs j WHERE j.status NOT IN ('pending', 'validating', 'importing', 'completed', 'failed', \
            'rolled_back') OR j.import_type NOT IN ('jamaah', 'payment', 'package') OR j.attempt < 0",
    },
    Rule {
        check: "errors of jobs",
        what: "errors whose row is not kept with them",
        remedy: BY_HAND,
        sql: "SELECT e.id FROM migration_errors e JOIN migration_jobs j ON j.tenant_id = e.tenant_id AND j.id = e.migration_job_id \
            WHERE e.severity = 'error' AND REPORTED AND NOT EXISTS (SELECT 1 FROM migration_rows r WHERE r.tenant_id = e.tenant_id \
            AND r.migration_job_id = e.migration_job_id AND r.row_number = e.row_number)",
    },
    Rule {
        check: "errors of jobs",
        what: "jobs with failed rows that have no error",
        remedy: "validate the job again, or delete the rows from migration_rows",
        sql: "SELECT j.id FROM migration_rows r JOIN migration_jobs j ON j.tenant_id = r.tenant_id AND j.id = r.migration_job_id \
            WHERE REPORTED AND NOT EXISTS (SELECT 1 FROM migration_errors e WHERE e.tenant_id = r.tenant_id \
            AND e.migration_job_id = r.migration_job_id AND e.row_number = r.row_number AND e.severity = 'error')",
    },
    Rule {
        check: "errors of jobs",
        what: "completed jobs with another number of rows that have warnings than they count",
        remedy: BY_HAND,
        // Of more warnings than this not all are kept.
        sql: "SELECT j.id FROM migration_jobs j LEFT JOIN (SELECT tenant_id, migration_job_id, count(*) AS warnings, \
            count(DISTINCT row_number) AS n FROM migration_errors WHERE severity = 'warning' GROUP BY tenant_id, migration_job_id) w \
            ON w.tenant_id = j.tenant_id AND w.migration_job_id = j.id \
            WHERE j.status = 'completed' AND REPORTED AND coalesce(w.warnings, 0) < 10000 AND coalesce(w.n, 0) <> j.warning_rows",
    },
    Rule {
        check: "errors of jobs",
        what: "errors with a type or a severity that does not exist, or of a row that no file has",
        remedy: BY_HAND,
        sql: "SELECT e.id FROM migration_errors e WHERE e.error_type NOT IN ('missing_required', 'invalid_format', 'duplicate', \
            'constraint_violation') OR e.severity NOT IN ('error', 'warning') OR e.row_number < 1 OR e.column_index < 0",
    },
    Rule {
        check: "errors of jobs",
        what: "jobs with failed rows of another size than is noted",
        remedy: "UPDATE migration_rows SET bytes = octet_length(cells)",
        sql: "SELECT r.migration_job_id AS id FROM migration_rows r WHERE r.bytes <> octet_length(r.cells) OR r.row_number < 1",
    },
    Rule {
        check: "files of jobs",
        what: "jobs whose file has no name, no bytes or no SHA-256",
        remedy: BY_HAND,
        sql: "SELECT j.id FROM migration_jobs j WHERE j.file_size <= 0 OR trim(j.file_name) = '' \
            OR length(j.file_sha256) <> 64 OR rtrim(j.file_sha256, '0123456789abcdef') <> ''",
    },
    Rule {
        check: "files of jobs",
        what: "jobs that share a stored file with another one, which deletes it",
        remedy: "upload the file again for all but one",
        sql: "SELECT j.id FROM migration_jobs j JOIN (SELECT file_url FROM migration_jobs WHERE file_url <> '' GROUP BY file_url \
            HAVING count(*) > 1) f ON f.file_url = j.file_url",
    },
    Rule {
        check: "tenants",
        what: "tenants without a name, or with a slug that another one has or that no address can have",
        remedy: BY_HAND,
        sql: "SELECT t.id FROM tenants t WHERE trim(t.name) = '' OR t.slug = '' OR rtrim(t.slug, 'abcdefghijklmnopqrstuvwxyz0123456789-') <> '' \
            OR EXISTS (SELECT 1 FROM tenants o WHERE o.slug = t.slug AND o.id <> t.id)",
    },
    Rule {
        check: "administrators",
        what: "tenants without an active administrator",
        remedy: "make one with the role admin, or activate one, in `user` and `user_profile`",
        sql: "SELECT t.id FROM tenants t WHERE NOT EXISTS (SELECT 1 FROM \"user\" u JOIN user_profile p ON p.id_user = u.id \
            WHERE u.tenant_id = t.id AND p.role = 'admin' AND u.is_active AND NOT u.deleted AND NOT p.deleted)",
    },
    Rule {
        check: "profiles",
        what: "users without a profile, who cannot log in",
        remedy: BY_HAND,
        sql: "SELECT u.id FROM \"user\" u WHERE NOT EXISTS (SELECT 1 FROM user_profile p WHERE p.id_user = u.id)",
    },
    Rule {
        check: "profiles",
        what: "users whose profile is deleted and they are not, or the reverse, or who have several",
        remedy: BY_HAND,
        sql: "SELECT u.id FROM \"user\" u JOIN user_profile p ON p.id_user = u.id WHERE u.deleted <> p.deleted \
            OR EXISTS (SELECT 1 FROM user_profile o WHERE o.id_user = u.id AND o.id <> p.id)",
    },
    Rule {
        check: "profiles",
        what: "users with a role that does not exist",
        remedy: BY_HAND,
        sql: "SELECT u.id FROM \"user\" u JOIN user_profile p ON p.id_user = u.id WHERE p.role NOT IN ('admin', 'owner', 'agent')",
    },
    Rule {
        check: "names of users",
        what: "users whose names are equal but for the case of their letters",
        remedy: "rename all but one",
        sql: "SELECT u.id FROM \"user\" u WHERE EXISTS (SELECT 1 FROM \"user\" o WHERE lower(o.username) = lower(u.username) AND o.id <> u.id)",
    },
    Rule {
        check: "names of users",
        what: "users with a name that cannot be typed: empty, or with spaces around it",
        remedy: "UPDATE \"user\" SET username",
        sql: "SELECT u.id FROM \"user\" u WHERE u.username = '' OR trim(u.username) <> u.username",
    },
    Rule {
        check: "refresh tokens",
        what: "sessions whose token is not stored as a hash",
        remedy: "delete them; their users log in again",
        sql: "SELECT r.id FROM refresh_tokens r WHERE length(r.token) <> 64 OR rtrim(r.token, '0123456789abcdef') <> ''",
    },
    Rule {
        check: "refresh tokens",
        what: "tokens that outlive their session, or that succeed one of another session",
        remedy: "delete them; their users log in again",
        sql: "SELECT r.id FROM refresh_tokens r LEFT JOIN refresh_tokens p ON p.id = r.parent_id \
            WHERE r.expires_at > r.absolute_expires_at OR p.family_id <> r.family_id OR p.user_id <> r.user_id",
    },
    Rule {
        check: "counters of callers",
        what: "logins or requests that are counted as if they were to come, so that their callers are refused",
        remedy: "delete them from login_attempts and rate_budgets",
        // A budget is full again within a minute, and clocks are set right by less than an hour.
        sql: "SELECT l.key AS id FROM login_attempts l WHERE l.failures < 0 OR l.touched_at > NOW_MICROS + 3600000000 \
            OR l.succeeded_at > NOW_MICROS + 3600000000",
    },
    Rule {
        check: "counters of callers",
        what: "request budgets that are full again in an hour or later, so that their users are refused until then",
        remedy: "delete them from rate_budgets",
        sql: "SELECT b.user_id AS id FROM rate_budgets b WHERE b.full_at > NOW_MICROS + 3600000000",
    },
    Rule {
        check: "amounts",
        what: "payments or packages with an amount below zero",
        remedy: BY_HAND,
        sql: "SELECT id FROM payments WHERE jumlah < 0 UNION ALL SELECT id FROM packages WHERE harga_retail < 0 OR harga_wholesale < 0 \
            OR kapasitas < 0 OR durasi_hari < 0",
    },
    Rule {
        check: "versions",
        what: "rows with a version below 1",
        remedy: BY_HAND,
        sql: "SELECT r.id FROM IMPORTED r WHERE r.version < 1",
    },
    Rule {
        check: "moments",
        what: "rows that were made or changed in the future",
        remedy: "set the clock of the machine right, and correct the rows",
        sql: "SELECT r.id FROM IMPORTED r WHERE r.created_at > DAY_AHEAD OR r.updated_at > DAY_AHEAD \
            UNION ALL SELECT j.id FROM migration_jobs j WHERE j.created_at > DAY_AHEAD OR j.updated_at > DAY_AHEAD OR j.completed_at > DAY_AHEAD",
    },
    Rule {
        check: "natural keys",
        what: "pilgrims or packages with an empty name or without the form in which names are compared",
        remedy: BY_HAND,
        sql: "SELECT id FROM jamaah WHERE trim(nama) = '' OR nama_key = '' UNION ALL SELECT id FROM packages WHERE trim(nama) = '' OR nama_key = ''",
    },
    Rule {
        check: "imported twice",
        what: "rows of a file that are there more than once",
        remedy: "delete all but one",
        sql: "SELECT r.id FROM IMPORTED r JOIN (SELECT migration_job_id, import_row_number FROM IMPORTED i \
            WHERE migration_job_id IS NOT NULL GROUP BY migration_job_id, import_row_number HAVING count(*) > 1) d \
            ON d.migration_job_id = r.migration_job_id AND d.import_row_number = r.import_row_number",
    },
];

/// The rows of all tables that can be imported.
fn all_imported() -> String {
    let select = "SELECT id, tenant_id, migration_job_id, import_row_number, version, created_at, updated_at FROM";
    let tables: Vec<String> = TABLES
        .iter()
        .map(|table| format!("{select} {}", table.name))
        .collect();
    format!("({})", tables.join(" UNION ALL "))
}

/// All rules: those above, and those that follow from what is known of the tables.
pub(super) fn rules() -> Vec<Rule<String>> {
    let known = RULES.iter().map(|rule| Rule {
        check: rule.check,
        what: rule.what.to_owned(),
        remedy: rule.remedy,
        sql: rule.sql.to_owned(),
    });
    known
        .chain(unique_keys())
        .chain(ImportType::ALL.iter().copied().map(of_another_kind))
        .collect()
}

/// Rows that have a natural key together, which its unique index would have prevented.
fn unique_keys() -> impl Iterator<Item = Rule<String>> {
    let keys = TABLES
        .iter()
        .flat_map(|table| table.keys.iter().map(move |key| (table.name, key)));
    keys.map(|(table, key)| Rule {
        check: "natural keys",
        what: format!(
            "rows of {table} of one tenant that are equal in {}",
            key.columns.join(" and ")
        ),
        remedy: "change or delete all but one",
        sql: format!(
            "SELECT t.id FROM {table} t WHERE EXISTS (SELECT 1 FROM {table} s WHERE {} AND s.id <> t.id)",
            key.matches()
        ),
    })
}

/// Rows in a table that their job does not fill.
fn of_another_kind(kind: ImportType) -> Rule<String> {
    let table = imported(kind).name;
    Rule {
        check: "rows of jobs",
        what: format!("rows of {table} of a job that imported something else"),
        remedy: BY_HAND,
        sql: format!(
            "SELECT r.id FROM {table} r JOIN migration_jobs j ON j.tenant_id = r.tenant_id AND j.id = r.migration_job_id \
             WHERE j.import_type <> '{kind}'"
        ),
    }
}

/// What the words in a rule's SQL stand for in this database.
pub(super) struct Words {
    all: Vec<(&'static str, String)>,
}

impl Words {
    /// `kept` is how long errors of a job are kept after its end.
    pub(super) fn new(db: &Database, kept: Duration) -> Self {
        // Housekeeping deletes by the hour, and a part at a time.
        let kept = kept.saturating_sub(Duration::from_hours(1));
        let since = db.now_minus(kept);
        Self {
            // Longer words before those that they begin with.
            all: vec![
                (
                    "REPORTED",
                    format!("(j.completed_at IS NULL OR j.completed_at > {since})"),
                ),
                ("KEPT_SINCE", since),
                ("KEPT_WHOLE", KEPT_WHOLE.to_owned()),
                ("IMPORTED", all_imported()),
                ("MINUTES_AGO", db.now_minus(Duration::from_mins(15))),
                ("HOURS_AHEAD", db.now_plus(Duration::from_hours(2))),
                ("DAY_AGO", db.now_minus(Duration::from_hours(26))),
                ("DAY_AHEAD", db.now_plus(Duration::from_hours(24))),
                ("NOW_MICROS", db.now_micros().to_owned()),
                ("NOW", db.now().to_owned()),
            ],
        }
    }

    pub(super) fn fill(&self, sql: &str) -> String {
        self.all
            .iter()
            .fold(sql.to_owned(), |sql, (word, meaning)| {
                sql.replace(word, meaning)
            })
    }
}

impl Repair {
    pub(super) const fn statements(self) -> &'static [&'static str] {
        match self {
            // What is imported is what is there; what has an error has failed; the file's rows are both together.
            Self::Counters => &[
                "UPDATE migration_jobs SET imported_rows = updated_rows + deleted_rows + (SELECT count(*) FROM IMPORTED r WHERE r.tenant_id = migration_jobs.tenant_id \
                    AND r.migration_job_id = migration_jobs.id) WHERE status = 'completed' AND imported_rows - updated_rows - deleted_rows < (SELECT count(*) FROM IMPORTED r \
                    WHERE r.tenant_id = migration_jobs.tenant_id AND r.migration_job_id = migration_jobs.id)",
                "UPDATE migration_jobs SET failed_rows = (SELECT count(DISTINCT e.row_number) FROM migration_errors e \
                    WHERE e.severity = 'error' AND e.tenant_id = migration_jobs.tenant_id AND e.migration_job_id = migration_jobs.id) \
                    WHERE status = 'completed' AND (completed_at IS NULL OR completed_at > KEPT_SINCE) AND KEPT_WHOLE AND failed_rows <> (SELECT count(DISTINCT e.row_number) \
                    FROM migration_errors e WHERE e.severity = 'error' AND e.tenant_id = migration_jobs.tenant_id AND e.migration_job_id = migration_jobs.id)",
                "UPDATE migration_jobs SET imported_rows = updated_rows + deleted_rows + (SELECT count(*) FROM IMPORTED r WHERE r.tenant_id = migration_jobs.tenant_id \
                    AND r.migration_job_id = migration_jobs.id) WHERE status = 'completed' AND imported_rows + skipped_rows + failed_rows <> total_rows \
                    AND imported_rows - updated_rows - deleted_rows <> (SELECT count(*) FROM IMPORTED r WHERE r.tenant_id = migration_jobs.tenant_id \
                    AND r.migration_job_id = migration_jobs.id)",
                "UPDATE migration_jobs SET total_rows = imported_rows + skipped_rows + failed_rows WHERE status = 'completed' AND imported_rows + skipped_rows + failed_rows <> total_rows",
                "UPDATE migration_jobs SET processed_rows = total_rows WHERE status = 'completed' AND processed_rows <> total_rows",
                "UPDATE migration_jobs SET valid_rows = imported_rows + skipped_rows, invalid_rows = failed_rows WHERE status = 'completed' \
                    AND valid_rows + invalid_rows <> total_rows",
            ],
            Self::Leases => &[
                "UPDATE migration_jobs SET lease_owner = NULL, lease_expires_at = NULL WHERE status NOT IN ('validating', 'importing') \
                    AND (lease_owner IS NOT NULL OR lease_expires_at IS NOT NULL)",
                "UPDATE migration_jobs SET lease_owner = NULL, lease_expires_at = NULL WHERE status IN ('validating', 'importing') \
                    AND (lease_owner IS NOT NULL AND lease_expires_at IS NULL OR lease_expires_at > HOURS_AHEAD)",
            ],
        }
    }
}
