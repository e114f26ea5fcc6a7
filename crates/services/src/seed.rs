//! What an empty installation starts with: a tenant, its admin, sample packages. Doing it twice changes nothing.

use auth::NewPassword;
use domain::{
    Change, Clock, Input, NewUser, PackageId, PackageInput, Role, Tenant, TenantId, UserId,
    UserProfile,
};
use repositories::{Database, ListQuery, Packages, RepositoryError, Sessions, Tenants, Users};
use secrecy::{ExposeSecret, SecretString};

use crate::{FieldError, ServiceError, session::PasswordWork};

const DEFAULT_SLUG: &str = "default";
const DEFAULT_NAME: &str = "Aksara Travel";
const ADMIN: &str = "admin";
const ADMIN_EMAIL: &str = "admin@aksara.ai";
/// Who made a row that no user made.
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

/// What was there or made.
#[derive(Debug, Clone)]
pub struct Seeded {
    /// The default tenant.
    pub tenant: Tenant,
    /// Whether the tenant, the admin or a package was made.
    pub is_new: bool,
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

/// Makes the default tenant, the user `admin` (`admin@aksara.ai`) and three packages, each where it is missing.
///
/// # Errors
/// [`ServiceError::InvalidFields`] for a bad password, or a failure.
pub async fn seed(
    database: &Database,
    clock: &dyn Clock,
    admin_password: &SecretString,
) -> Result<Seeded, ServiceError> {
    let mut is_new = false;
    let tenants = Tenants::new(database);
    let tenant = if let Some(tenant) = tenants.find_by_slug(DEFAULT_SLUG).await? {
        tenant
    } else {
        is_new = true;
        insert_tenant(&tenants, clock, DEFAULT_NAME, DEFAULT_SLUG).await?
    };
    if Sessions::new(database).user_by_name(ADMIN).await?.is_none() {
        is_new = true;
        insert_admin(
            database,
            clock,
            &tenant,
            ADMIN,
            Some(ADMIN_EMAIL),
            admin_password,
        )
        .await?;
    }
    is_new |= insert_packages(database, clock, tenant.id).await?;
    Ok(Seeded { tenant, is_new })
}

/// Makes a tenant and its admin. What an interrupted call left, a tenant without users, is taken up again.
///
/// # Errors
/// [`ServiceError::InvalidFields`], [`ServiceError::Duplicate`] for a taken slug or username, or a failure.
pub async fn create_tenant(
    database: &Database,
    clock: &dyn Clock,
    new: &NewTenant,
) -> Result<Tenant, ServiceError> {
    check_names(new)?;
    parse_password(&new.admin_password)?;
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
    NewPassword::parse(password.expose_secret()).map_err(|_| {
        let expected = format!(
            "{} sampai {} karakter",
            auth::MIN_PASSWORD_CHARS,
            auth::MAX_PASSWORD_CHARS
        );
        ServiceError::InvalidFields(vec![FieldError {
            field: "password".to_owned(),
            code: "invalid_format",
            message: format!("Password harus {expected}"),
            expected: Some(expected),
        }])
    })
}

/// Whether any was made.
async fn insert_packages(
    database: &Database,
    clock: &dyn Clock,
    tenant: TenantId,
) -> Result<bool, ServiceError> {
    let packages = Packages::new(database);
    let mut any = false;
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
            Ok(_) => any = true,
            Err(RepositoryError::Duplicate { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(any)
}
