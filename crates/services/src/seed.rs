//! Creates the first data of an installation: a tenant, its admin, sample packages. Doing it twice changes nothing.

use auth::NewPassword;
use domain::{
    Change, Clock, Input, NewUser, PackageId, PackageInput, Role, Tenant, TenantId, TimeZone,
    UserId, UserPatch, UserProfile,
};
use repositories::{Database, ListQuery, Packages, RepositoryError, Sessions, Tenants, Users};
use secrecy::{ExposeSecret, SecretString};

use crate::{FieldError, ServiceError, check_for_production, session::PasswordWork};

const DEFAULT_SLUG: &str = "default";
const DEFAULT_NAME: &str = "Aksara Travel";
const ADMIN: &str = "admin";
const ADMIN_EMAIL: &str = "admin@aksara.ai";
/// The author of rows that no user created.
const SYSTEM: &str = "system";

/// Name, days, retail and wholesale price, departure, seats. The names say what they are, so that no agency's own package
/// clashes with them.
const SAMPLE_PACKAGES: [(&str, i64, i64, i64, &str, i64); 3] = [
    (
        "Contoh Umroh Reguler 9 Hari",
        9,
        28_500_000,
        26_500_000,
        "2027-03-15",
        45,
    ),
    (
        "Contoh Umroh Plus Turki 12 Hari",
        12,
        39_500_000,
        37_000_000,
        "2027-05-10",
        40,
    ),
    (
        "Contoh Umroh Ramadhan 15 Hari",
        15,
        45_000_000,
        42_500_000,
        "2027-02-08",
        30,
    ),
];

/// The parameters of a first seeding.
#[derive(Debug, Clone)]
pub struct SeedPlan {
    /// The default tenant's name, if it has to be created. `None`: a name that says that it is an example.
    pub tenant_name: Option<String>,
    /// Of the user `admin`, if it has to be created.
    pub admin_password: SecretString,
    /// Whether the sample packages are wanted.
    pub has_samples: bool,
    /// Whether the strict rules for passwords hold.
    pub is_production: bool,
}

/// What existed already, and what was created.
#[derive(Debug, Clone)]
pub struct Seeded {
    /// The default tenant.
    pub tenant: Tenant,
    /// Whether it was created.
    pub is_new_tenant: bool,
    /// Whether the user `admin` was created.
    pub is_new_admin: bool,
    /// How many sample packages were created.
    pub new_packages: usize,
}

/// Another tenant with its first admin.
#[derive(Debug, Clone)]
pub struct NewTenant {
    /// Name, as people write it.
    pub name: String,
    /// Lower-case letters, digits and hyphens.
    pub slug: String,
    /// Name the admin logs in with.
    pub admin_username: String,
    /// 8 to 128 characters.
    pub admin_password: SecretString,
}

/// Creates the default tenant, the user `admin` (`admin@aksara.ai`) and three packages, each where it is missing. Several calls at once have the
/// same result as one.
///
/// # Errors
/// [`ServiceError::InvalidFields`] for a bad password, or a failure.
pub async fn seed(
    database: &Database,
    clock: &dyn Clock,
    plan: &SeedPlan,
) -> Result<Seeded, ServiceError> {
    let tenants = Tenants::new(database);
    let has_admin = Sessions::new(database).user_by_name(ADMIN).await?.is_some();
    if !has_admin {
        parse_password(&plan.admin_password)?;
        if plan.is_production {
            check_for_production(&plan.admin_password, ADMIN)?;
        }
    }
    let found = tenants.find_by_slug(DEFAULT_SLUG).await?;
    let (tenant, is_new_tenant) = if let Some(tenant) = found {
        (tenant, false)
    } else {
        let name = plan.tenant_name.as_deref().unwrap_or(DEFAULT_NAME);
        match insert_tenant(&tenants, clock, name, DEFAULT_SLUG).await {
            Ok(tenant) => (tenant, true),
            // Another process has created it in the meantime.
            Err(ServiceError::Duplicate { field }) => {
                let found = tenants.find_by_slug(DEFAULT_SLUG).await?;
                (found.ok_or(ServiceError::Duplicate { field })?, false)
            }
            Err(error) => return Err(error),
        }
    };
    // The admin is created last: if it exists, so does everything else.
    let new_packages = if plan.has_samples {
        insert_packages(database, clock, tenant.id).await?
    } else {
        0
    };
    let mut is_new_admin = false;
    if !has_admin {
        let email = Some(ADMIN_EMAIL);
        let password = &plan.admin_password;
        match insert_admin(database, clock, &tenant, ADMIN, email, password).await {
            Ok(()) => is_new_admin = true,
            Err(ServiceError::Duplicate { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Seeded {
        tenant,
        is_new_tenant,
        is_new_admin,
        new_packages,
    })
}

/// Whether the first seeding is complete, so that at least one account exists.
///
/// # Errors
/// When the database does not answer.
pub async fn is_seeded(database: &Database) -> Result<bool, ServiceError> {
    Ok(Tenants::new(database).has_users().await?)
}

/// Gives a user a new password and ends their sessions; whether there is such a user.
///
/// # Errors
/// [`ServiceError::InvalidFields`] for a bad password, or a failure.
pub async fn reset_password(
    database: &Database,
    clock: &dyn Clock,
    username: &str,
    password: &SecretString,
    is_production: bool,
) -> Result<bool, ServiceError> {
    let new = parse_password(password)?;
    if is_production {
        check_for_production(password, username)?;
    }
    let Some(user) = Sessions::new(database).user_by_name(username).await? else {
        return Ok(false);
    };
    let patch = UserPatch {
        password_hash: Some(PasswordWork::new().hash(new).await?),
        ..UserPatch::default()
    };
    let changed = Users::new(database)
        .update(user.tenant_id.into(), user.id, &patch, SYSTEM, clock.now())
        .await?;
    Ok(changed.is_some())
}

/// Creates a tenant and its admin. A tenant without users, which an interrupted call leaves, is completed.
///
/// # Errors
/// [`ServiceError::InvalidFields`], [`ServiceError::Duplicate`] for a taken slug or username, or a failure.
pub async fn create_tenant(
    database: &Database,
    clock: &dyn Clock,
    new: &NewTenant,
    is_production: bool,
) -> Result<Tenant, ServiceError> {
    check_names(new)?;
    parse_password(&new.admin_password)?;
    if is_production {
        check_for_production(&new.admin_password, &new.admin_username)?;
    }
    let taken = |field: &str| ServiceError::Duplicate {
        field: field.to_owned(),
    };
    let sessions = Sessions::new(database);
    if sessions.user_by_name(&new.admin_username).await?.is_some() {
        return Err(taken("username"));
    }
    let tenants = Tenants::new(database);
    let tenant = if let Some(tenant) = tenants.find_by_slug(&new.slug).await? {
        let one = ListQuery {
            limit: 1,
            ..ListQuery::default()
        };
        if Users::new(database)
            .list(tenant.id.into(), &one)
            .await?
            .total
            > 0
        {
            return Err(taken("slug"));
        }
        tenant
    } else {
        insert_tenant(&tenants, clock, &new.name, &new.slug).await?
    };
    insert_admin(
        database,
        clock,
        &tenant,
        &new.admin_username,
        None,
        &new.admin_password,
    )
    .await?;
    Ok(tenant)
}

fn check_names(new: &NewTenant) -> Result<(), ServiceError> {
    let mut errors = Vec::new();
    let mut refuse = |field: &str, expected: &str| {
        errors.push(FieldError {
            field: field.to_owned(),
            code: "invalid_format",
            message: format!("Field '{field}' tidak valid"),
            expected: Some(expected.to_owned()),
        });
    };
    if new.name.trim().is_empty() || new.name.chars().count() > 255 {
        refuse("name", "1 sampai 255 karakter");
    }
    let is_slug = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !(1..=63).contains(&new.slug.len()) || !new.slug.chars().all(is_slug) {
        refuse("slug", "huruf kecil, angka dan tanda hubung");
    }
    if !crate::resource::is_username(&new.admin_username) {
        refuse("admin_username", crate::resource::USERNAME_FORM);
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(ServiceError::InvalidFields(errors))
    }
}

async fn insert_tenant(
    tenants: &Tenants,
    clock: &dyn Clock,
    name: &str,
    slug: &str,
) -> Result<Tenant, ServiceError> {
    let now = clock.now();
    let tenant = Tenant {
        id: TenantId::mint(clock),
        name: name.to_owned(),
        slug: slug.to_owned(),
        time_zone: TimeZone::Jakarta,
        created_at: now,
        updated_at: now,
    };
    tenants.insert(&tenant).await?;
    Ok(tenant)
}

async fn insert_admin(
    database: &Database,
    clock: &dyn Clock,
    tenant: &Tenant,
    username: &str,
    email: Option<&str>,
    password: &SecretString,
) -> Result<(), ServiceError> {
    let password_hash = PasswordWork::new().hash(parse_password(password)?).await?;
    let user = NewUser {
        username: username.to_owned(),
        password_hash,
        profile: UserProfile {
            nama_lengkap: "Administrator".to_owned(),
            email: email.map(str::to_owned),
            tipe_akun: Role::Admin.to_string(),
            role: Role::Admin,
        },
        is_active: true,
        must_change_password: false,
    };
    Users::new(database)
        .insert(
            tenant.id.into(),
            UserId::mint(clock),
            clock.mint_uuid(),
            &user,
            SYSTEM,
            clock.now(),
        )
        .await?;
    Ok(())
}

/// The password, if it is one that may be set.
pub(crate) fn parse_password(password: &SecretString) -> Result<NewPassword, ServiceError> {
    parse_password_of("password", password)
}

/// The same for a field of another name.
pub(crate) fn parse_password_of(
    field: &str,
    password: &SecretString,
) -> Result<NewPassword, ServiceError> {
    NewPassword::parse(password.expose_secret()).map_err(|_| {
        let expected = format!(
            "{} sampai {} karakter",
            auth::MIN_PASSWORD_CHARS,
            auth::MAX_PASSWORD_CHARS
        );
        ServiceError::InvalidFields(vec![FieldError {
            field: field.to_owned(),
            code: "invalid_format",
            message: format!("Password harus {expected}"),
            expected: Some(expected),
        }])
    })
}

/// How many were created.
async fn insert_packages(
    database: &Database,
    clock: &dyn Clock,
    tenant: TenantId,
) -> Result<usize, ServiceError> {
    let packages = Packages::new(database);
    let mut created = 0;
    for (nama, days, retail, wholesale, departure, seats) in SAMPLE_PACKAGES {
        let new = PackageInput {
            nama: Change::Set(nama.to_owned()),
            deskripsi: Change::Set("Contoh paket".to_owned()),
            durasi_hari: Change::Set(days),
            harga_retail: Change::Set(retail),
            harga_wholesale: Change::Set(wholesale),
            tanggal_keberangkatan: Change::Set(departure.to_owned()),
            kapasitas: Change::Set(seats),
            status: Change::Set("published".to_owned()),
        }
        .check(None, clock.now().jakarta_date())?;
        let id = PackageId::mint(clock);
        match packages.insert(tenant.into(), id, &new, clock.now()).await {
            Ok(_) => created += 1,
            Err(RepositoryError::Duplicate { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(created)
}
