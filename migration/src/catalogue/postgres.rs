//! PostgreSQL's description of a schema, from its system catalogue, and the roles that use it.

use sea_orm_migration::sea_orm::{ConnectionTrait, DbErr};

use super::{Difference, Item, KINDS, Kind, quoted, tables, texts};

/// Each query answers `table`, `name` and `definition`. `t` is one of our tables; `%I.` of the schema is cut out of definitions,
/// so that the schema's name does not matter.
const QUERIES: [(Kind, &str); 9] = [
    (
        Kind::Table,
        "SELECT t.relname::text AS tab, ''::text AS name, \
            CASE t.relkind WHEN 'r' THEN 'ordinary' ELSE 'kind ' || t.relkind::text END \
            || CASE t.relpersistence WHEN 'p' THEN ' permanent' WHEN 'u' THEN ' unlogged' ELSE ' temporary' END \
            || coalesce((SELECT ' inherits ' || string_agg(i.inhparent::regclass::text, ', ') FROM pg_inherits i WHERE i.inhrelid = t.oid), '') \
            || coalesce((SELECT ' inherited by ' || string_agg(i.inhrelid::regclass::text, ', ') FROM pg_inherits i WHERE i.inhparent = t.oid), '') \
            || CASE WHEN 'autovacuum_enabled=false' = ANY (coalesce(t.reloptions, '{}')) THEN ' without autovacuum' ELSE '' END \
            AS definition FROM ours t ORDER BY t.oid",
    ),
    (
        Kind::Column,
        "SELECT t.relname::text AS tab, a.attname::text AS name, format_type(a.atttypid, a.atttypmod) \
            || CASE WHEN a.attcollation <> ty.typcollation THEN ' COLLATE ' || quote_ident(co.collname) ELSE '' END \
            || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END \
            || CASE WHEN a.attidentity <> '' THEN ' GENERATED AS IDENTITY' WHEN a.attgenerated <> '' THEN ' GENERATED ALWAYS AS (' || pg_get_expr(d.adbin, d.adrelid) || ') STORED' \
               WHEN d.adbin IS NOT NULL THEN ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid) ELSE '' END AS definition \
            FROM ours t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped \
            JOIN pg_type ty ON ty.oid = a.atttypid LEFT JOIN pg_collation co ON co.oid = a.attcollation \
            LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum ORDER BY t.oid, a.attnum",
    ),
    (
        Kind::Constraint,
        "SELECT t.relname::text AS tab, c.conname::text AS name, pg_get_constraintdef(c.oid) \
            || CASE WHEN x.indexrelid IS NOT NULL AND NOT (x.indisvalid AND x.indisready AND x.indislive) THEN ' (its index is invalid)' ELSE '' END \
            || CASE WHEN EXISTS (SELECT 1 FROM pg_trigger g WHERE g.tgconstraint = c.oid AND g.tgenabled <> 'O') THEN ' (not enforced: its triggers are disabled)' ELSE '' END \
            AS definition FROM ours t JOIN pg_constraint c ON c.conrelid = t.oid AND c.contype IN ('p', 'u', 'f', 'c', 'x') \
            LEFT JOIN pg_index x ON x.indexrelid = c.conindid AND c.contype IN ('p', 'u', 'x') ORDER BY t.oid, c.conname",
    ),
    (
        Kind::Index,
        "SELECT t.relname::text AS tab, i.relname::text AS name, \
            replace(pg_get_indexdef(x.indexrelid), format(' ON %I.', current_schema()), ' ON ') \
            || CASE WHEN x.indisvalid AND x.indisready AND x.indislive THEN '' ELSE ' (invalid)' END AS definition \
            FROM ours t JOIN pg_index x ON x.indrelid = t.oid JOIN pg_class i ON i.oid = x.indexrelid \
            WHERE NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = x.indexrelid AND c.contype IN ('p', 'u', 'x')) \
            ORDER BY t.oid, i.relname",
    ),
    (
        Kind::Security,
        "SELECT t.relname::text AS tab, ''::text AS name, CASE WHEN t.relrowsecurity THEN 'enabled' ELSE 'disabled' END \
            || CASE WHEN t.relforcerowsecurity THEN ' and forced on the owner' ELSE '' END AS definition FROM ours t ORDER BY t.oid",
    ),
    (
        Kind::Policy,
        "SELECT t.relname::text AS tab, p.polname::text AS name, \
            CASE WHEN p.polpermissive THEN 'AS PERMISSIVE' ELSE 'AS RESTRICTIVE' END \
            || CASE p.polcmd WHEN '*' THEN ' FOR ALL' WHEN 'r' THEN ' FOR SELECT' WHEN 'a' THEN ' FOR INSERT' WHEN 'w' THEN ' FOR UPDATE' ELSE ' FOR DELETE' END \
            || ' TO ' || (SELECT string_agg(CASE r WHEN 0 THEN 'public' ELSE quote_ident(pg_get_userbyid(r)) END, ', ' ORDER BY r) FROM unnest(p.polroles) AS r) \
            || coalesce(' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', '') \
            || coalesce(' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', '') AS definition \
            FROM ours t JOIN pg_policy p ON p.polrelid = t.oid ORDER BY t.oid, p.polname",
    ),
    (
        Kind::Trigger,
        "SELECT t.relname::text AS tab, g.tgname::text AS name, \
            replace(pg_get_triggerdef(g.oid), format(' ON %I.', current_schema()), ' ON ') \
            || CASE g.tgenabled WHEN 'O' THEN '' ELSE ' (enabled: ' || g.tgenabled::text || ')' END AS definition \
            FROM ours t JOIN pg_trigger g ON g.tgrelid = t.oid AND NOT g.tgisinternal ORDER BY t.oid, g.tgname",
    ),
    (
        Kind::Rule,
        "SELECT t.relname::text AS tab, r.rulename::text AS name, pg_get_ruledef(r.oid) AS definition \
            FROM ours t JOIN pg_rewrite r ON r.ev_class = t.oid AND r.rulename <> '_RETURN' ORDER BY t.oid, r.rulename",
    ),
    (
        Kind::View,
        "SELECT min(t.relname)::text AS tab, quote_ident(n.nspname) || '.' || quote_ident(v.relname) AS name, \
            CASE v.relkind WHEN 'm' THEN 'materialized view ' ELSE '' END || pg_get_viewdef(v.oid) AS definition \
            FROM ours t JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid AND d.classid = 'pg_rewrite'::regclass \
            JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class v ON v.oid = r.ev_class AND v.relkind IN ('v', 'm') \
            JOIN pg_namespace n ON n.oid = v.relnamespace GROUP BY v.oid, v.relname, v.relkind, n.nspname ORDER BY 1, 2",
    ),
];

pub(super) async fn read(
    db: &impl ConnectionTrait,
    only: Option<&[String]>,
) -> Result<Vec<Item>, DbErr> {
    let only = only.map_or_else(String::new, |only| {
        format!("AND c.relname IN ({})", literals(only))
    });
    let ours = format!(
        "WITH ours AS (SELECT c.* FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'f') {only}) "
    );
    let mut items = Vec::new();
    for (kind, query) in QUERIES {
        let rows = texts(
            db,
            &format!("{ours}{query}"),
            &["tab", "name", "definition"],
        )
        .await?;
        items.extend(rows.iter().filter_map(|row| match row.as_slice() {
            [table, name, definition] => Some(Item::new(kind, table, name, definition)),
            _ => None,
        }));
    }
    Ok(items)
}

fn literals(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| literal(name)).collect();
    names.join(", ")
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The statements that make `found` into `wanted`.
pub(super) fn repair(golden: &[Item], wanted: Option<&Item>, found: Option<&Item>) -> Vec<String> {
    let Some(item) = wanted.or(found) else {
        return Vec::new();
    };
    match (item.kind, wanted, found) {
        (Kind::Table, Some(_), None) => create(golden, &item.table),
        (Kind::Table, _, _) => vec![storage(item, found)],
        (Kind::Column, Some(wanted), Some(found)) => column(wanted, found),
        (Kind::Security, Some(_), _) => vec![
            format!(
                "ALTER TABLE {} ENABLE ROW LEVEL SECURITY;",
                quoted(&item.table)
            ),
            format!(
                "ALTER TABLE {} NO FORCE ROW LEVEL SECURITY;",
                quoted(&item.table)
            ),
        ],
        (Kind::Constraint, _, Some(found))
            if found.definition.contains("triggers are disabled") =>
        {
            vec![format!(
                "ALTER TABLE {} ENABLE TRIGGER ALL;",
                quoted(&item.table)
            )]
        }
        _ => found
            .map(dropped)
            .into_iter()
            .chain(wanted.map(added))
            .collect(),
    }
}

fn storage(item: &Item, found: Option<&Item>) -> String {
    let table = quoted(&item.table);
    let found = found.map_or("", |found| found.definition.as_str());
    if found.contains("unlogged") {
        format!("ALTER TABLE {table} SET LOGGED;")
    } else if found.contains("autovacuum") {
        format!("ALTER TABLE {table} RESET (autovacuum_enabled);")
    } else if let Some((_, children)) = found.split_once(" inherited by ") {
        format!("ALTER TABLE {children} NO INHERIT {table};")
    } else if let Some((_, parent)) = found.split_once(" inherits ") {
        format!("ALTER TABLE {table} NO INHERIT {parent};")
    } else {
        format!("-- {table} has to be created again and filled from a backup")
    }
}

fn create(golden: &[Item], table: &str) -> Vec<String> {
    let columns: Vec<String> = golden
        .iter()
        .filter(|item| item.kind == Kind::Column)
        .map(|item| format!("{} {}", quoted(&item.name), item.definition))
        .collect();
    let mut statements = vec![format!(
        "CREATE TABLE {} ({});",
        quoted(table),
        columns.join(", ")
    )];
    for (kind, _) in &KINDS[2..] {
        let items = golden.iter().filter(|item| item.kind == *kind);
        statements.extend(items.map(added));
    }
    statements
}

fn added(item: &Item) -> String {
    let (table, name, definition) = (quoted(&item.table), quoted(&item.name), &item.definition);
    match item.kind {
        Kind::Column => format!("ALTER TABLE {table} ADD COLUMN {name} {definition};"),
        Kind::Constraint => format!("ALTER TABLE {table} ADD CONSTRAINT {name} {definition};"),
        Kind::Security if definition.starts_with("disabled") => {
            format!("ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;")
        }
        Kind::Security => format!("ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"),
        Kind::Policy => format!("CREATE POLICY {name} ON {table} {definition};"),
        Kind::Table | Kind::Index | Kind::Trigger | Kind::Rule | Kind::View => {
            format!("{definition};")
        }
    }
}

fn dropped(item: &Item) -> String {
    let (table, name) = (quoted(&item.table), quoted(&item.name));
    match item.kind {
        Kind::Column => format!("ALTER TABLE {table} DROP COLUMN {name};"),
        Kind::Constraint => format!("ALTER TABLE {table} DROP CONSTRAINT {name};"),
        Kind::Index => format!("DROP INDEX {name};"),
        Kind::Policy => format!("DROP POLICY {name} ON {table};"),
        Kind::Trigger => format!("DROP TRIGGER {name} ON {table};"),
        Kind::Rule => format!("DROP RULE {name} ON {table};"),
        Kind::View if item.definition.starts_with("materialized") => {
            format!("DROP MATERIALIZED VIEW {};", item.name)
        }
        Kind::View => format!("DROP VIEW {};", item.name),
        Kind::Table | Kind::Security => String::new(),
    }
}

/// A column's type, nullability and default, each where it differs.
fn column(wanted: &Item, found: &Item) -> Vec<String> {
    let alter = format!(
        "ALTER TABLE {} ALTER COLUMN {}",
        quoted(&wanted.table),
        quoted(&wanted.name)
    );
    let split = |definition: &str| {
        let (rest, default) = definition
            .split_once(" DEFAULT ")
            .map_or((definition, None), |(rest, default)| {
                (rest, Some(default.to_owned()))
            });
        let kind = rest.strip_suffix(" NOT NULL");
        (kind.unwrap_or(rest).to_owned(), kind.is_some(), default)
    };
    let (kind, is_required, default) = split(&wanted.definition);
    let (found_kind, was_required, found_default) = split(&found.definition);
    let mut statements = Vec::new();
    if kind != found_kind {
        let bare = kind.split(" COLLATE ").next().unwrap_or_default();
        let name = quoted(&wanted.name);
        statements.push(format!("{alter} TYPE {kind} USING {name}::{bare};"));
    }
    if default != found_default {
        statements.push(match default {
            Some(default) => format!("{alter} SET DEFAULT {default};"),
            None => format!("{alter} DROP DEFAULT;"),
        });
    }
    if is_required != was_required {
        let verb = if is_required { "SET" } else { "DROP" };
        statements.push(format!("{alter} {verb} NOT NULL;"));
    }
    statements
}

/// The role that a connection works as.
///
/// # Errors
/// When the database does not answer.
pub async fn role_of(db: &impl ConnectionTrait) -> Result<String, DbErr> {
    let rows = texts(db, "SELECT current_user::text AS role", &["role"]).await?;
    Ok(rows.into_iter().flatten().next().unwrap_or_default())
}

/// Findings about the owner and the rights of the tables, seen by their owner; `app` is the role that the application works as. If
/// it is the owner itself, nothing has to be granted.
///
/// # Errors
/// When the database does not answer.
pub async fn roles(db: &impl ConnectionTrait, app: &str) -> Result<Vec<Difference>, DbErr> {
    let owner = owner(db).await?;
    let mut differences = owners(db, &owner).await?;
    differences.extend(too_wide(db, app, &owner).await?);
    if app != owner && app != role_of(db).await? {
        differences.extend(missing(db, app).await?);
        differences.extend(privileged(db, app).await?);
    }
    Ok(differences)
}

/// The role that should own the tables: that of this connection, or the owner of most of them if this role may act for it.
async fn owner(db: &impl ConnectionTrait) -> Result<String, DbErr> {
    let sql = format!(
        "SELECT coalesce((SELECT CASE WHEN pg_has_role(current_user, o.oid, 'MEMBER') THEN pg_get_userbyid(o.oid)::text END \
         FROM (SELECT mode() WITHIN GROUP (ORDER BY t.relowner) AS oid FROM {}) AS o), current_user::text) AS role",
        ours()
    );
    let rows = texts(db, &sql, &["role"]).await?;
    Ok(rows.into_iter().flatten().next().unwrap_or_default())
}

/// Our tables, as `t`.
fn ours() -> String {
    format!(
        "pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname = current_schema() \
         AND t.relkind IN ('r', 'p') AND t.relname IN ({})",
        literals(&tables())
    )
}

async fn owners(db: &impl ConnectionTrait, owner: &str) -> Result<Vec<Difference>, DbErr> {
    let sql = format!(
        "SELECT t.relname::text AS tab, pg_get_userbyid(t.relowner)::text AS owner FROM {} WHERE pg_get_userbyid(t.relowner) <> {} ORDER BY t.oid",
        ours(),
        literal(owner)
    );
    let rows = texts(db, &sql, &["tab", "owner"]).await?;
    Ok(rows
        .iter()
        .map(|row| Difference {
            what: format!(
                "table {} belongs to role {} instead of {owner}",
                row[0], row[1]
            ),
            repair: vec![format!(
                "ALTER TABLE {} OWNER TO {};",
                quoted(&row[0]),
                quoted(owner)
            )],
        })
        .collect())
}

/// Rights that only the owner should have: any right of `PUBLIC`, and those of the application's role that it does not use.
async fn too_wide(
    db: &impl ConnectionTrait,
    app: &str,
    owner: &str,
) -> Result<Vec<Difference>, DbErr> {
    let (ours, app_name) = (ours(), literal(app));
    // A column's rights count like the table's.
    let sql = format!(
        "SELECT DISTINCT tab, r.role AS grantee, privilege, is_grantable FROM ( \
            SELECT t.relname::text AS tab, a.grantee, a.privilege_type AS privilege, a.is_grantable::text AS is_grantable FROM {ours} \
                CROSS JOIN LATERAL aclexplode(t.relacl) AS a \
            UNION ALL SELECT t.relname::text, a.grantee, a.privilege_type, a.is_grantable::text FROM {ours} \
                JOIN pg_attribute c ON c.attrelid = t.oid AND c.attacl IS NOT NULL CROSS JOIN LATERAL aclexplode(c.attacl) AS a \
         ) AS g CROSS JOIN LATERAL (SELECT CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(g.grantee)::text END) AS r(role) \
         WHERE r.role = 'PUBLIC' OR (r.role = {app_name} AND r.role <> {} \
            AND (g.privilege NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE') OR g.is_grantable = 'true')) ORDER BY 1, 3",
        literal(owner)
    );
    let rows = texts(db, &sql, &["tab", "grantee", "privilege", "is_grantable"]).await?;
    let mut differences: Vec<Difference> = rows
        .iter()
        .map(|row| {
            let role = if row[1] == "PUBLIC" {
                "PUBLIC".to_owned()
            } else {
                quoted(&row[1])
            };
            let option = if row[3] == "true" {
                ", which it may grant to others"
            } else {
                ""
            };
            let mut repair = vec![format!(
                "REVOKE {} ON {} FROM {role};",
                row[2],
                quoted(&row[0])
            )];
            if row[3] == "true"
                && ["SELECT", "INSERT", "UPDATE", "DELETE"].contains(&row[2].as_str())
            {
                repair = vec![format!(
                    "REVOKE GRANT OPTION FOR {} ON {} FROM {role};",
                    row[2],
                    quoted(&row[0])
                )];
            }
            Difference {
                what: format!(
                    "{} has the right {} on table {}{option}",
                    row[1], row[2], row[0]
                ),
                repair,
            }
        })
        .collect();
    let sql = format!(
        "SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee)::text END AS role, n.nspname::text AS name \
         FROM pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) AS a \
         WHERE n.nspname = current_schema() AND a.privilege_type = 'CREATE' AND a.grantee <> n.nspowner \
         AND (a.grantee = 0 OR (pg_get_userbyid(a.grantee) = {app_name} AND pg_get_userbyid(a.grantee) <> {}))",
        literal(owner)
    );
    for row in texts(db, &sql, &["role", "name"]).await? {
        let role = if row[0] == "PUBLIC" {
            "PUBLIC".to_owned()
        } else {
            quoted(&row[0])
        };
        differences.push(Difference {
            what: format!("{} may create objects in schema {}", row[0], row[1]),
            repair: vec![format!(
                "REVOKE CREATE ON SCHEMA {} FROM {role};",
                quoted(&row[1])
            )],
        });
    }
    Ok(differences)
}

/// Rights that the application's role needs and lacks.
async fn missing(db: &impl ConnectionTrait, app: &str) -> Result<Vec<Difference>, DbErr> {
    let (ours, app_name) = (ours(), literal(app));
    let sql = format!(
        "SELECT t.relname::text AS tab, string_agg(p.name, ', ' ORDER BY p.name) AS rights FROM {ours} \
         CROSS JOIN (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE')) AS p(name) \
         WHERE NOT has_table_privilege({app_name}, t.oid, p.name) GROUP BY t.oid, t.relname ORDER BY t.oid"
    );
    let mut differences: Vec<Difference> = texts(db, &sql, &["tab", "rights"])
        .await?
        .iter()
        .map(|row| Difference {
            what: format!("role {app} lacks the right {} on table {}", row[1], row[0]),
            repair: vec![format!(
                "GRANT {} ON {} TO {};",
                row[1],
                quoted(&row[0]),
                quoted(app)
            )],
        })
        .collect();
    let sql = format!(
        "SELECT current_schema()::text AS name WHERE NOT has_schema_privilege({app_name}, current_schema(), 'USAGE')"
    );
    for row in texts(db, &sql, &["name"]).await? {
        differences.push(Difference {
            what: format!("role {app} lacks the right USAGE on schema {}", row[0]),
            repair: vec![format!(
                "GRANT USAGE ON SCHEMA {} TO {};",
                quoted(&row[0]),
                quoted(app)
            )],
        });
    }
    Ok(differences)
}

/// What makes the application's role pass row-level security.
async fn privileged(db: &impl ConnectionTrait, app: &str) -> Result<Vec<Difference>, DbErr> {
    let app_name = literal(app);
    let sql = format!(
        "SELECT w.what, w.repair FROM pg_roles r CROSS JOIN LATERAL (VALUES \
            (r.rolsuper, 'is a superuser', 'NOSUPERUSER'), (r.rolbypassrls, 'has BYPASSRLS', 'NOBYPASSRLS'), \
            (r.rolcreaterole, 'may create roles', 'NOCREATEROLE'), (r.rolreplication, 'may replicate', 'NOREPLICATION') \
         ) AS w(holds, what, repair) WHERE r.rolname = {app_name} AND w.holds"
    );
    let mut differences: Vec<Difference> = texts(db, &sql, &["what", "repair"])
        .await?
        .iter()
        .map(|row| Difference {
            what: format!(
                "the application's role {app} {}, so row-level security does not bind it",
                row[0]
            ),
            repair: vec![format!("ALTER ROLE {} {};", quoted(app), row[1])],
        })
        .collect();
    let sql = format!(
        "SELECT DISTINCT pg_get_userbyid(t.relowner)::text AS owner FROM {} WHERE pg_get_userbyid(t.relowner) <> {app_name} \
         AND pg_has_role({app_name}, t.relowner, 'MEMBER') AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = {app_name})",
        ours()
    );
    for row in texts(db, &sql, &["owner"]).await? {
        differences.push(Difference {
            what: format!(
                "the application's role {app} is a member of {}, which owns the tables",
                row[0]
            ),
            repair: vec![format!("REVOKE {} FROM {};", quoted(&row[0]), quoted(app))],
        });
    }
    Ok(differences)
}
